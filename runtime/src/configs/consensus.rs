// SPDX-License-Identifier: Apache-2.0
//! Who makes and finalises blocks.

use super::system::{HOURS, MILLIS_PER_BLOCK};
use crate::{AccountId, Babe, Balances, Runtime, RuntimeCall, RuntimeEvent, SessionKeys};
use assay_primitives::{Balance, UNIT};
use frame_support::traits::{ConstU32, ConstU64, ConstU128};
use polkadot_sdk::{
    frame_support, pallet_authorship, pallet_babe, pallet_grandpa, pallet_session, pallet_sudo,
    sp_consensus_babe, sp_core, sp_runtime,
};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

/// Slots of an epoch, which is also a session.
pub const EPOCH_SLOTS: u64 = HOURS as u64;

/// The odds of BABE's lottery, and a VRF output in every block: the draw of verifiers feeds on it.
pub const BABE_EPOCH_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
    sp_consensus_babe::BabeEpochConfiguration {
        c: (1, 4),
        allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
    };

/// Most validators.
const MAX_AUTHORITIES: u32 = 100;

/// What a validator's keys hold on its account while they are registered.
const SESSION_KEY_DEPOSIT: Balance = UNIT;

impl pallet_babe::Config for Runtime {
    type DisabledValidators = crate::Session;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type EpochDuration = ConstU64<EPOCH_SLOTS>;
    type EquivocationReportSystem = ();
    type ExpectedBlockTime = ConstU64<MILLIS_PER_BLOCK>;
    type KeyOwnerProof = sp_core::Void;
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
    type EquivocationReportSystem = ();
    type KeyOwnerProof = sp_core::Void;
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
}

impl pallet_authorship::Config for Runtime {
    type EventHandler = ();
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
}

impl pallet_session::Config for Runtime {
    type Currency = Balances;
    type DisablingStrategy = ();
    type KeyDeposit = ConstU128<SESSION_KEY_DEPOSIT>;
    type Keys = SessionKeys;
    type NextSessionRotation = Babe;
    type RuntimeEvent = RuntimeEvent;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    // The validators are those of genesis until they are elected from the providers' stakes.
    type SessionManager = ();
    type ShouldEndSession = Babe;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}
