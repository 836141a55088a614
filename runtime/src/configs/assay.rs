// SPDX-License-Identifier: Apache-2.0
//! Stakes, jobs, verification and slashing.

use super::{
    consensus::MAX_AUTHORITIES,
    system::{DAYS, HOURS},
};
use crate::{
    AccountId, AssetRate, AssetsHolder, Authorship, Babe, Balances, Jobs, Providers, Runtime,
    RuntimeHoldReason, Session, Slashing, Verifier, policy::Policy,
};
use assay_kernel::validate::Limits;
use assay_primitives::{Balance, BlockNumber, MILLI_UNIT, UNIT, verification::BlockRandomness};
use frame_support::{
    PalletId, parameter_types,
    traits::{ConstU32, ConstU128},
    weights::{Weight, constants::WEIGHT_REF_TIME_PER_MILLIS},
};
use frame_system::EnsureRoot;
use pallet_verifier::types::MAX_WINDOWS;
use polkadot_sdk::{frame_support, frame_system, pallet_babe, sp_runtime};
use sp_runtime::{Permill, traits::AccountIdConversion};

parameter_types! {
    pub KernelLimits: Limits = Limits::DEFAULT;
    /// Where the protocol's fee goes, until governance decides over it.
    pub TreasuryAccount: AccountId = PalletId(*b"assay/tr").into_account_truncating();
    pub const ProtocolFee: Permill = Permill::from_percent(1);
    /// The accounts of delegators' pools are derived from it.
    pub const PoolId: PalletId = PalletId(*b"assay/po");
    /// A commission rises by at most a quarter of a point a day.
    pub const CommissionRise: Permill = Permill::from_parts(2_500);
    pub const BountyShare: Permill = Permill::from_percent(50);
    pub const VerifiersPerSample: u32 = 2;
    /// Jobs that fell due in full blocks take up to a fifth of the next one.
    pub const PollWeight: Weight =
        Weight::from_parts(300 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);
}

/// The longest kernel.
const MAX_KERNEL_BYTES: u32 = 65_536;

/// Held for any record.
const DEPOSIT_BASE: Balance = 100 * MILLI_UNIT;

/// Held in addition for each of its bytes.
const DEPOSIT_PER_BYTE: Balance = MILLI_UNIT / 10;

/// The longest auction.
const MAX_AUCTION: BlockNumber = 2 * HOURS;

/// The longest time to compute.
const MAX_COMPUTE: BlockNumber = 7 * DAYS;

/// Stake stays slashable for longer than the longest dispute can take.
pub(super) const UNBONDING: BlockNumber = 21 * DAYS;

/// The longest that governance may look at a punishment before it is carried out.
pub(super) const MAX_DELAY: BlockNumber = 14 * DAYS;

impl pallet_providers::Config for Runtime {
    type CommissionPeriod = ConstU32<{ DAYS }>;
    type CommissionRise = CommissionRise;
    type Currency = Balances;
    type DepositBase = ConstU128<DEPOSIT_BASE>;
    type DepositPerByte = ConstU128<DEPOSIT_PER_BYTE>;
    type HeartbeatPeriod = ConstU32<HOURS>;
    type MaxCandidates = ConstU32<512>;
    // As many as the tree of stakes has places.
    type MaxProviders = ConstU32<65_536>;
    type MaxValidators = ConstU32<MAX_AUTHORITIES>;
    // With fewer, one that fails would stop finality.
    type MinValidators = ConstU32<4>;
    type MinimumDelegation = ConstU128<{ 10 * UNIT }>;
    type MinimumStake = ConstU128<{ 100 * UNIT }>;
    type PoolId = PoolId;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SessionKeys = Session;
    type UnbondingPeriod = ConstU32<UNBONDING>;
    type WeightInfo = ();
}

impl pallet_slashing::Config for Runtime {
    type CancelOrigin = EnsureRoot<AccountId>;
    type Era = ConstU32<{ DAYS }>;
    type MaxDeferrals = ConstU32<256>;
    type MaxDeferralsPerOffender = ConstU32<16>;
    type MaxDelay = ConstU32<MAX_DELAY>;
    type MaxPerBlock = ConstU32<16>;
    type Reputation = Providers;
    type RuleOrigin = EnsureRoot<AccountId>;
    type Stakes = Providers;
    type Treasury = TreasuryAccount;
    type UnbondingPeriod = ConstU32<UNBONDING>;
    type WeightInfo = ();
}

impl pallet_verifier::Config for Runtime {
    type Currency = Balances;
    type DemandFee = ConstU128<{ 100 * MILLI_UNIT }>;
    type DemandFeePerByte = ConstU128<{ MILLI_UNIT / 100 }>;
    type JobBook = Jobs;
    type KernelLimits = KernelLimits;
    type MaxDemandsPerAccount = ConstU32<64>;
    type MaxKernelBytes = ConstU32<MAX_KERNEL_BYTES>;
    type MaxPanels = ConstU32<3>;
    type MaxRounds = ConstU32<2>;
    type MaxSuppliedPages = ConstU32<8_192>;
    type MaxWitnessBytes = ConstU32<{ 2 * 1024 * 1024 }>;
    type PageDeposit = ConstU128<{ 100 * MILLI_UNIT }>;
    type Randomness = BabeRandomness;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Slashing = Slashing;
    type Stakes = Providers;
    type VerifiersPerSample = VerifiersPerSample;
    type WeightInfo = ();
    type WindowOrigin = EnsureRoot<AccountId>;
}

impl pallet_jobs::Config for Runtime {
    type AssetRate = AssetRate;
    type Assets = AssetsHolder;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = super::assets::Listing;
    type BondMultiple = ConstU32<2>;
    type BountyShare = BountyShare;
    type Currency = Balances;
    type DepositBase = ConstU128<DEPOSIT_BASE>;
    type DepositPerByte = ConstU128<DEPOSIT_PER_BYTE>;
    type EnquiryPanel = ConstU32<3>;
    type EnquirySamples = ConstU32<2>;
    type FeeDestination = TreasuryAccount;
    // A thousandth of a token for 10^9 fuel.
    type FuelPrice = ConstU128<{ MILLI_UNIT / 1_000_000_000 }>;
    type KernelLimits = KernelLimits;
    type MaxAuction = ConstU32<MAX_AUCTION>;
    type MaxCompute = ConstU32<MAX_COMPUTE>;
    type MaxJobs = ConstU32<10_000>;
    type MaxJobsPerAccount = ConstU32<256>;
    type MaxKernelBytes = ConstU32<MAX_KERNEL_BYTES>;
    // With 10,000 jobs at most, 5 slots are looked at for a free place, as the weights say.
    type MaxPerBlock = ConstU32<2_500>;
    type MaxRounds = ConstU32<3>;
    type OffchainPolicy = Policy;
    type PanelStep = ConstU128<PANEL_STEP>;
    type PollWeight = PollWeight;
    type ProtocolFee = ProtocolFee;
    type ReceiptPeriod = ConstU32<{ DAYS }>;
    type Reputation = Providers;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SampleFee = ConstU128<{ MILLI_UNIT / 10 }>;
    type Slashing = Slashing;
    type Stakes = Providers;
    type Verification = Verifier;
    type VerifiersPerSample = VerifiersPerSample;
    type WeightInfo = ();
}

/// Each such amount in the ceiling of a job's price adds a verifier to its panel.
const PANEL_STEP: Balance = 1_000 * UNIT;

const _: () = assert!(UNBONDING > MAX_COMPUTE + MAX_AUCTION + MAX_WINDOWS);

/// BABE's randomness: an output of a verifiable random function in every block.
#[derive(Debug)]
pub struct BabeRandomness;

impl BlockRandomness<AccountId> for BabeRandomness {
    fn of_parent() -> Option<[u8; 32]> {
        // Until it is finalised, a block still shows its parent's.
        pallet_babe::AuthorVrfRandomness::<Runtime>::get()
    }

    fn epoch() -> [u8; 32] {
        Babe::randomness()
    }

    fn author() -> Option<AccountId> {
        Authorship::author()
    }
}
