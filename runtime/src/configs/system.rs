// SPDX-License-Identifier: Apache-2.0
//! Blocks: how long, how heavy, how large.

use crate::{
    AccountId, Babe, Block, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
    RuntimeTask, VERSION,
};
use assay_primitives::{BlockNumber, Hash, SS58_PREFIX};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU16, ConstU64},
    weights::{
        Weight,
        constants::{ParityDbWeight, WEIGHT_REF_TIME_PER_MILLIS},
    },
};
use frame_system::limits::{BlockLength, BlockWeights};
use polkadot_sdk::{
    frame_support, frame_system, pallet_balances, pallet_timestamp, pallet_utility, sp_runtime,
    sp_version,
};
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// The time between two blocks, in milliseconds. Half of Substrate's customary six seconds: a job's
/// life is a dozen blocks, and a tile's re-execution still fits one with room to spare.
pub const MILLIS_PER_BLOCK: u64 = 3_000;

/// Blocks in a minute.
pub const MINUTES: BlockNumber = (60_000 / MILLIS_PER_BLOCK) as BlockNumber;

/// Blocks in an hour.
pub const HOURS: BlockNumber = MINUTES * 60;

/// Blocks in a day.
pub const DAYS: BlockNumber = HOURS * 24;

/// The share of a block that ordinary extrinsics may fill; the rest is for what must not be crowded out.
const NORMAL_SHARE: Perbill = Perbill::from_percent(75);

/// Execution time of one block: half of the time between two.
const BLOCK_MILLIS: u64 = MILLIS_PER_BLOCK / 2;

parameter_types! {
    pub const BlockHashCount: BlockNumber = 4_096;
    pub const Version: RuntimeVersion = VERSION;
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::with_sensible_defaults(
        // A chain of its own proves no state to anybody, so proof size is not limited.
        Weight::from_parts(BLOCK_MILLIS * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX),
        NORMAL_SHARE,
    );
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(5 * 1024 * 1024)
        .modify_max_length_for_class(frame_support::dispatch::DispatchClass::Normal, |length| {
            *length = NORMAL_SHARE * *length
        })
        .build();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountData = pallet_balances::AccountData<assay_primitives::Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type BlockHashCount = BlockHashCount;
    type BlockLength = RuntimeBlockLength;
    type BlockWeights = RuntimeBlockWeights;
    type DbWeight = ParityDbWeight;
    type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
    type Hash = Hash;
    type MaxConsumers = frame_support::traits::ConstU32<64>;
    type Nonce = Nonce;
    type SS58Prefix = ConstU16<SS58_PREFIX>;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
    type MinimumPeriod = ConstU64<{ MILLIS_PER_BLOCK / 2 }>;
    type Moment = u64;
    type OnTimestampSet = Babe;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type PalletsOrigin = crate::OriginCaller;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}
