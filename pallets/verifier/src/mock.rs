// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet alone, with a real kernel and a real machine; stakes, slashing and jobs only
//! record what they are asked.

mod acts;
mod output;
mod world;

pub(crate) use acts::{
    PRICE, adjudicate, all_attested, all_opened, all_revealed, answer, answering, attest,
    attestation, attested, commit, commit_for, commitment_to, demand, differing, drawn, enquire,
    had, have, miss, missed, one, open, opening, proof, prove, reveal, revelation, salt, sign,
};
pub(crate) use output::{
    Output, SAMPLES, TILES, WRONG, burned, index, input, judging_fuel, kernel, kernel_hash,
    ready_fuel, right_bytes, right_values, witness, work,
};
pub(crate) use world::{
    EPOCH, HALF_DONE, World, account, pair, provider, requester, vrf, worker_account,
};

use crate::{
    self as pallet_verifier, Call, Cases, Claims, Demands, Draws, Duties, Event, Opened, Shown,
    Supplies, frame_support, frame_system, sp_runtime, types::Case,
};
use assay_kernel::validate::Limits;
use assay_primitives::{AccountId, Balance, BlockNumber, Hash, JobId};
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        Authorize, ConstU32, ConstU128, OnIdle, OnInitialize, UnfilteredDispatchable, fungible,
    },
    weights::{Weight, constants::WEIGHT_REF_TIME_PER_MILLIS},
};
use frame_system::limits::BlockWeights;
use polkadot_sdk::{
    pallet_balances, sp_io,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
};
use sp_runtime::{
    BuildStorage, DispatchError, Perbill,
    traits::IdentityLookup,
    transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
};

#[frame_support::runtime]
mod runtime {
    use super::{frame_support, frame_system, pallet_balances, pallet_verifier};

    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub(crate) struct Test;

    #[runtime::pallet_index(0)]
    pub(crate) type System = frame_system;
    #[runtime::pallet_index(2)]
    pub(crate) type Balances = pallet_balances;
    #[runtime::pallet_index(1)]
    pub(crate) type VerifierPallet = pallet_verifier;
}

type Block = frame_system::mocking::MockBlockU32<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type BlockWeights = Weights;
    type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
}

/// What every account of the tests has at the start.
pub(crate) const ENDOWMENT: Balance = 1_000_000;

/// What a demand costs, and each byte of it.
pub(crate) const DEMAND_FEE: Balance = 1_001;
pub(crate) const BYTE_FEE: Balance = 3;

/// What is held for a supplied page.
pub(crate) const PAGE_DEPOSIT: Balance = 7;

parameter_types! {
    // As in the runtime: one and a half seconds, three quarters of them for ordinary extrinsics.
    pub Weights: BlockWeights = BlockWeights::with_sensible_defaults(
        Weight::from_parts(1_500 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX),
        Perbill::from_percent(75),
    );
    pub KernelLimits: Limits = Limits::DEFAULT;
    pub static MaxWitnessBytes: u32 = 2 * 1_024 * 1_024;
    pub static MaxRounds: u32 = 2;
    pub static MaxPanels: u32 = 2;
    /// The least balance of an account.
    pub static ExistentialDeposit: Balance = 10;
}

impl pallet_verifier::Config for Test {
    type Currency = Balances;
    type DemandFee = ConstU128<DEMAND_FEE>;
    type DemandFeePerByte = ConstU128<BYTE_FEE>;
    type MaxDemandsPerAccount = ConstU32<6>;
    type MaxKernelBytes = ConstU32<65_536>;
    type MaxSuppliedPages = ConstU32<8_192>;
    type PageDeposit = ConstU128<PAGE_DEPOSIT>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type JobBook = World;
    type KernelLimits = KernelLimits;
    type MaxPanels = MaxPanels;
    type MaxRounds = MaxRounds;
    type MaxWitnessBytes = MaxWitnessBytes;
    type Randomness = World;
    type Slashing = World;
    type Stakes = World;
    type VerifiersPerSample = ConstU32<2>;
    type WeightInfo = ();
    type WindowOrigin = frame_system::EnsureRoot<AccountId>;
}
/// The chain at block 10 with requester, provider and four more providers, all with the same stake.
pub(crate) fn run(test: impl FnOnce()) {
    externalities().execute_with(|| {
        run_to(10);
        World::set_providers((1..=6).map(|seed| (account(seed), 1_000)).collect());
        for seed in (1..=6).chain(77..=90) {
            <Balances as fungible::Mutate<_>>::set_balance(&account(seed), ENDOWMENT);
        }
        System::reset_events();
        test();
        VerifierPallet::do_try_state().expect("every invariant holds");
    });
}

/// The chain at its first block, with all that was recorded forgotten.
pub(crate) fn externalities() -> sp_io::TestExternalities {
    World::reset();
    MaxWitnessBytes::set(2 * 1_024 * 1_024);
    MaxRounds::set(2);
    MaxPanels::set(2);
    ExistentialDeposit::set(10);
    let storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .expect("the default genesis is sound");
    let mut externalities = sp_io::TestExternalities::from(storage);
    externalities.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    externalities.execute_with(|| {
        System::set_block_number(1);
        frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0x6e));
        crate::CurrentWindows::<Test>::put(crate::Windows::default());
    });
    externalities
}

/// Ends the present block, then runs whole blocks up to the start of the extrinsics of `block`.
pub(crate) fn run_to(block: BlockNumber) {
    while System::block_number() < block {
        let now = System::block_number();
        World::advance_due(now);
        <VerifierPallet as OnIdle<BlockNumber>>::on_idle(now, Weight::MAX);
        System::set_block_number(now + 1);
        <VerifierPallet as OnInitialize<BlockNumber>>::on_initialize(now + 1);
    }
}

/// Runs to the first block in which the job's present phase is over.
pub(crate) fn run_past(job: JobId) {
    run_to(case(job).until + 1);
}

/// A case under way.
pub(crate) fn case(job: JobId) -> Case {
    Cases::<Test>::get(job).expect("the job is being verified")
}

/// The sampled tiles of a job.
pub(crate) fn draw(job: JobId) -> Vec<u32> {
    Draws::<Test>::get(job).expect("tiles were drawn").to_vec()
}

/// The verifiers of a job.
pub(crate) fn panel(job: JobId) -> Vec<AccountId> {
    let panel = case(job).panel;
    panel.into_iter().map(|seat| seat.verifier).collect()
}

/// Asks whether a call is admitted, as the pool and the block author do.
pub(crate) fn admit(call: Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
    RuntimeCall::VerifierPallet(call)
        .authorize(TransactionSource::External)
        .expect("the call has an authorization")
        .map(|(valid, _)| valid)
}

/// Why a duty was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was not admitted.
    Invalid(TransactionValidityError),
    /// It was admitted and failed.
    Failed(DispatchError),
}

/// Puts a duty into the present block: it is admitted and then done.
pub(crate) fn submit(call: Call<Test>) -> Result<(), Refusal> {
    admit(call.clone()).map_err(Refusal::Invalid)?;
    dispatch(call)
}

/// Does a duty as if it had been admitted.
pub(crate) fn dispatch(call: Call<Test>) -> Result<(), Refusal> {
    weighed(call).map(|_| ())
}

/// The same; the answer is what it weighed, where that is not what is charged for it.
pub(crate) fn weighed(call: Call<Test>) -> Result<Option<Weight>, Refusal> {
    call.dispatch_bypass_filter(frame_system::RawOrigin::Authorized.into())
        .map(|done| done.actual_weight)
        .map_err(|error| Refusal::Failed(error.error))
}

/// This pallet's events since the last call.
pub(crate) fn events() -> Vec<Event<Test>> {
    System::read_events_for_pallet::<Event<Test>>()
}

/// Whether anything is stored for a job.
pub(crate) fn is_forgotten(job: JobId) -> bool {
    !Cases::<Test>::contains_key(job)
        && !Draws::<Test>::contains_key(job)
        && !Opened::<Test>::contains_key(job)
        && !Demands::<Test>::contains_key(job)
        && !Shown::<Test>::contains_key(job)
        && !Supplies::<Test>::contains_key(job)
        && Claims::<Test>::iter_prefix(job).count() == 0
        && Duties::<Test>::iter_keys().all(|(_, id)| id != job)
}
