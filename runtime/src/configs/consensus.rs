// SPDX-License-Identifier: Apache-2.0
//! Who makes and finalises blocks.

use super::{
    assay::{MAX_DELAY, UNBONDING},
    system::{HOURS, MILLIS_PER_BLOCK},
};
use crate::{
    AccountId, Babe, Balances, Historical, Offences, Providers, Runtime, RuntimeCall, RuntimeEvent,
    Session, SessionKeys, Slashing,
};
use assay_primitives::{Balance, UNIT};
use frame_support::traits::{ConstU32, ConstU64, ConstU128};
use polkadot_sdk::{
    frame_support, pallet_authority_discovery, pallet_authorship, pallet_babe, pallet_grandpa,
    pallet_offences, pallet_session, pallet_sudo, sp_consensus_babe, sp_runtime, sp_session,
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
pub(super) const MAX_AUTHORITIES: u32 = 100;

/// What a validator's keys hold on its account while they are registered.
const SESSION_KEY_DEPOSIT: Balance = UNIT;

/// How many sessions back an equivocation can be reported: the stake must still be there when its punishment, which
/// governance may look at first, is carried out.
const REPORTABLE_SESSIONS: u64 = ((UNBONDING - MAX_DELAY) / HOURS) as u64;

/// For how many blocks an equivocation can be reported.
type ReportLongevity = ConstU64<{ REPORTABLE_SESSIONS * EPOCH_SLOTS }>;

impl pallet_babe::Config for Runtime {
    type DisabledValidators = Session;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type EpochDuration = ConstU64<EPOCH_SLOTS>;
    type EquivocationReportSystem =
        pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
    type ExpectedBlockTime = ConstU64<MILLIS_PER_BLOCK>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<REPORTABLE_SESSIONS>;
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
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Providers>;
    type ShouldEndSession = Babe;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

impl pallet_session::historical::Config for Runtime {
    type FullIdentification = assay_primitives::stake::Backing;
    type FullIdentificationOf = pallet_providers::BackingOf<Self>;
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_offences::Config for Runtime {
    type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
    type OnOffenceHandler = Slashing;
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_authority_discovery::Config for Runtime {
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}
