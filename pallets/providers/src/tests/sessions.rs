// SPDX-License-Identifier: Apache-2.0
//! Elections on a chain with sessions: who validates, and what proofs of session keys say of them.

use crate::{
    self as pallet_providers, BackingOf, Elections, frame_support, frame_system,
    mock::{account, endpoint, worker},
    sp_runtime::{
        BuildStorage, KeyTypeId, Permill, impl_opaque_keys,
        testing::UintAuthorityId,
        traits::{ConvertInto, IdentityLookup, OpaqueKeys},
    },
    types::GenesisProvider,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    stake::{Backing, Stakes},
};
use frame_support::{
    PalletId, assert_ok, derive_impl, parameter_types,
    traits::{ConstU32, ConstU128, Hooks, KeyOwnerProofSystem},
};
use pallet_session::{PeriodicSessions, SessionHandler, historical};
use polkadot_sdk::{
    pallet_balances,
    sp_core::{Pair, crypto::key_types::DUMMY},
    sp_io,
};

/// The blocks of a session.
const SESSION: BlockNumber = 10;

#[frame_support::runtime]
mod runtime {
    use super::{frame_support, frame_system, historical, pallet_balances, pallet_providers};

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
    pub(crate) struct Chain;

    #[runtime::pallet_index(0)]
    pub(crate) type System = frame_system;
    #[runtime::pallet_index(1)]
    pub(crate) type Balances = pallet_balances;
    // Before the sessions, whose genesis asks it for the first validators.
    #[runtime::pallet_index(2)]
    pub(crate) type ProvidersPallet = pallet_providers;
    #[runtime::pallet_index(3)]
    pub(crate) type Session = pallet_session;
    #[runtime::pallet_index(4)]
    pub(crate) type Historical = historical;
}

impl_opaque_keys! {
    pub struct Keys {
        pub dummy: UintAuthorityId,
    }
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Chain {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = frame_system::mocking::MockBlockU32<Chain>;
    type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Chain {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<10>;
    type FreezeIdentifier = u8;
    type MaxFreezes = ConstU32<1>;
}

/// Sessions that nobody listens to.
#[derive(Debug)]
pub struct Unheard;

impl SessionHandler<AccountId> for Unheard {
    const KEY_TYPE_IDS: &'static [KeyTypeId] = &[DUMMY];

    fn on_genesis_session<Ks: OpaqueKeys>(_validators: &[(AccountId, Ks)]) {}

    fn on_new_session<Ks: OpaqueKeys>(
        _changed: bool,
        _validators: &[(AccountId, Ks)],
        _queued: &[(AccountId, Ks)],
    ) {
    }

    fn on_disabled(_validator: u32) {}
}

impl pallet_session::Config for Chain {
    type Currency = Balances;
    type DisablingStrategy = ();
    type KeyDeposit = ConstU128<0>;
    type Keys = Keys;
    type NextSessionRotation = PeriodicSessions<ConstU32<SESSION>, ConstU32<0>>;
    type RuntimeEvent = RuntimeEvent;
    type SessionHandler = Unheard;
    type SessionManager = historical::NoteHistoricalRoot<Self, ProvidersPallet>;
    type ShouldEndSession = PeriodicSessions<ConstU32<SESSION>, ConstU32<0>>;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type WeightInfo = ();
}

impl historical::Config for Chain {
    type FullIdentification = Backing;
    type FullIdentificationOf = BackingOf<Self>;
    type RuntimeEvent = RuntimeEvent;
}

parameter_types! {
    pub const PoolId: PalletId = PalletId(*b"assay/po");
    pub const CommissionRise: Permill = Permill::from_percent(5);
}

impl pallet_providers::Config for Chain {
    type CommissionPeriod = ConstU32<20>;
    type CommissionRise = CommissionRise;
    type Currency = Balances;
    type DepositBase = ConstU128<500>;
    type DepositPerByte = ConstU128<1>;
    type HeartbeatPeriod = ConstU32<100>;
    type MaxCandidates = ConstU32<4>;
    type MaxProviders = ConstU32<8>;
    type MaxValidators = ConstU32<2>;
    type MinValidators = ConstU32<1>;
    type MinimumDelegation = ConstU128<100>;
    type MinimumStake = ConstU128<1_000>;
    type PoolId = PoolId;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SessionKeys = Session;
    type UnbondingPeriod = ConstU32<50>;
    type WeightInfo = ();
}

/// A chain whose providers 1 to 3 offer to validate, with 1,000, 2,000 and 3,000 at stake.
fn chain() -> sp_io::TestExternalities {
    let founder = |seed: u8| GenesisProvider {
        stash: account(seed),
        stake: 1_000 * Balance::from(seed),
        worker: worker(seed).public().into(),
        endpoint: endpoint(1),
        hardware: Default::default(),
        validator: true,
    };
    let keys = |seed: u8| {
        let dummy = UintAuthorityId(seed.into());
        (account(seed), account(seed), Keys { dummy })
    };
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: (0..10).map(|seed| (account(seed), 1_000_000)).collect(),
            ..Default::default()
        },
        providers_pallet: crate::GenesisConfig {
            providers: (1..=3).map(founder).collect(),
            ..Default::default()
        },
        session: pallet_session::GenesisConfig {
            keys: (1..=3).map(keys).collect(),
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("the genesis is valid");
    sp_io::TestExternalities::new(storage)
}

/// Goes to the first block of a session.
fn go_to_session(session: u32) {
    while Session::current_index() < session {
        System::set_block_number(System::block_number() + 1);
        Session::on_initialize(System::block_number());
    }
}

/// Shows that a validator's key was its own in the present session, as its equivocation report would.
fn prove(seed: u8) -> <Historical as KeyOwnerProofSystem<(KeyTypeId, Vec<u8>)>>::Proof {
    Historical::prove(key(seed)).expect("it validates")
}

fn key(seed: u8) -> (KeyTypeId, Vec<u8>) {
    let keys = Keys {
        dummy: UintAuthorityId(seed.into()),
    };
    (DUMMY, keys.get_raw(DUMMY).to_vec())
}

#[test]
fn genesis_elects_the_first_validators() {
    chain().execute_with(|| {
        assert_eq!(Session::validators(), [account(3), account(2)]);
        ProvidersPallet::do_try_state().expect("every invariant holds");
    });
}

#[test]
fn chilled_validator_leaves_the_set_after_the_next() {
    chain().execute_with(|| {
        go_to_session(1);
        ProvidersPallet::chill(RuntimeOrigin::signed(account(3))).expect("it serves");
        // The next set is planned already.
        go_to_session(2);
        assert_eq!(Session::validators(), [account(3), account(2)]);
        go_to_session(3);
        assert_eq!(Session::validators(), [account(2), account(1)]);
        assert_ok!(ProvidersPallet::resume(RuntimeOrigin::signed(account(3))));
        go_to_session(5);
        assert_eq!(Session::validators(), [account(3), account(2)]);
    });
}

#[test]
fn set_stays_when_there_are_too_few_candidates() {
    chain().execute_with(|| {
        for seed in 1..=3 {
            assert_ok!(ProvidersPallet::stop_validating(RuntimeOrigin::signed(
                account(seed)
            )));
        }
        go_to_session(6);
        assert_eq!(Session::validators(), [account(3), account(2)]);
        assert!(Historical::check_proof(key(3), prove(3)).is_some());
    });
}

#[test]
fn proof_of_a_key_holds_when_the_stake_and_the_set_have_changed() {
    chain().execute_with(|| {
        go_to_session(2);
        let backing = Backing {
            own: 3_000,
            delegated: 0,
        };
        let known = Some((account(3), backing));
        let origin = || RuntimeOrigin::signed(account(3));
        assert_ok!(ProvidersPallet::bond_more(origin(), 500));
        let proof = prove(3);
        assert_eq!(Historical::check_proof(key(3), proof.clone()), known);
        assert_ok!(ProvidersPallet::deregister(origin()));
        go_to_session(4);
        assert_eq!(Session::validators(), [account(2), account(1)]);
        // Offences of an earlier session are still reported, and what it unbonds can be slashed.
        assert_eq!(Historical::check_proof(key(3), proof), known);
        assert_eq!(ProvidersPallet::slashable(&account(3)), 3_500);
        // Nothing is kept of sessions that are over.
        assert_eq!(Elections::<Chain>::iter_keys().count(), 2);
    });
}
