// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet with real money, over stakes that are kept as simply as can be.

mod stakes;

pub(crate) use stakes::{Pools, bond, chilled, delegate, noted, parts, set_failing, unbond};

use crate::{
    self as pallet_slashing, frame_support, frame_system,
    rules::{Mode, Rule},
    sp_runtime,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    reason::Offence,
    slashing::{Charge, Penalty, Slashing},
};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, ConstU128, OnIdle, OnPoll},
    weights::{Weight, WeightMeter},
};
use frame_system::EnsureRoot;
use polkadot_sdk::{pallet_balances, sp_io};
use sp_runtime::{BuildStorage, traits::IdentityLookup};

/// The least balance of an account.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10;

/// What every account of the tests has at the start.
pub(crate) const ENDOWMENT: Balance = 1_000_000;

/// What every provider of the tests has at stake at the start.
pub(crate) const STAKE: Balance = 10_000;

/// How long stake stays slashable.
pub(crate) const UNBONDING: BlockNumber = 50;

/// The delay of the default rules that have one.
pub(crate) const DELAY: BlockNumber = 40;

/// The blocks of an era.
pub(crate) const ERA: BlockNumber = 20;

/// The most punishments that wait.
pub(crate) const DEFERRALS: u32 = 6;

/// The most of one offender that wait.
pub(crate) const OF_ONE: u32 = 4;

#[frame_support::runtime]
mod runtime {
    use super::{frame_support, frame_system, pallet_balances, pallet_slashing};

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
    #[runtime::pallet_index(1)]
    pub(crate) type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub(crate) type SlashingPallet = pallet_slashing;
}

type Block = frame_system::mocking::MockBlockU32<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
}

parameter_types! {
    pub static Treasury: AccountId = account(9);
}

impl pallet_slashing::Config for Test {
    type CancelOrigin = EnsureRoot<AccountId>;
    type Era = ConstU32<ERA>;
    type MaxDeferrals = ConstU32<DEFERRALS>;
    type MaxDeferralsPerOffender = ConstU32<OF_ONE>;
    type MaxDelay = ConstU32<DELAY>;
    type MaxPerBlock = ConstU32<3>;
    type Reputation = Pools;
    type RuleOrigin = EnsureRoot<AccountId>;
    type Stakes = Pools;
    type Treasury = Treasury;
    type UnbondingPeriod = ConstU32<UNBONDING>;
    type WeightInfo = ();
}

/// An account of the tests.
pub(crate) fn account(seed: u8) -> AccountId {
    AccountId::new([seed; 32])
}

/// Accused in every test.
pub(crate) fn offender() -> AccountId {
    account(1)
}

/// Another provider, which reports.
pub(crate) fn reporter() -> AccountId {
    account(2)
}

/// Harmed, and no provider.
pub(crate) fn requester() -> AccountId {
    account(3)
}

/// A charge with a bond of 200 and a price of 100, reporter and requester included.
pub(crate) fn charge(offence: Offence) -> Charge<AccountId, Balance> {
    Charge {
        offence,
        job: Some(7),
        offender: offender(),
        bond: 200,
        price: 100,
        reporter: Some(reporter()),
        requester: Some(requester()),
    }
}

/// Punishes, and says what it came to.
pub(crate) fn punish(charge: Charge<AccountId, Balance>) -> Penalty<Balance> {
    SlashingPallet::punish(charge).expect("a punishment never fails")
}

/// The default rule for an offence in a mode, as this chain has it.
pub(crate) fn rule(offence: Offence, mode: Mode) -> Rule {
    let rule = Rule::default_for(offence);
    Rule {
        mode,
        delay: rule.delay.min(DELAY),
        ..rule
    }
}

/// This pallet's events since the last call.
pub(crate) fn events() -> Vec<crate::Event<Test>> {
    let events = System::read_events_for_pallet::<crate::Event<Test>>();
    System::reset_events();
    events
}

/// Runs whole blocks up to the start of the extrinsics of `block`.
pub(crate) fn run_to(block: BlockNumber) {
    while System::block_number() < block {
        let now = System::block_number();
        SlashingPallet::on_idle(now, Weight::MAX);
        System::set_block_number(now + 1);
        SlashingPallet::on_poll(now + 1, &mut WeightMeter::new());
    }
}

/// A chain whose rules start in a mode, with ten endowed accounts, of which 1 and 2 are providers with the same
/// stake, and 4 is one with twenty times as much.
pub(crate) fn chain_in(mode: Mode) -> sp_io::TestExternalities {
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: (0..10)
                .map(|seed| (account(seed), ENDOWMENT))
                .chain([(stakes::vault(), EXISTENTIAL_DEPOSIT)])
                .collect(),
            ..Default::default()
        },
        slashing_pallet: crate::GenesisConfig {
            mode,
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("the genesis is valid");
    let mut chain = sp_io::TestExternalities::new(storage);
    chain.execute_with(|| {
        stakes::reset();
        System::set_block_number(1);
        bond(&account(1), STAKE);
        bond(&account(2), STAKE);
        bond(&account(4), 20 * STAKE);
    });
    chain
}

/// A chain whose rules are armed.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn chain() -> sp_io::TestExternalities {
    chain_in(Mode::Armed)
}

/// Runs a test on a chain whose rules start in a mode, and checks all invariants after it.
pub(crate) fn run(mode: Mode, test: impl FnOnce()) {
    chain_in(mode).execute_with(|| {
        test();
        SlashingPallet::do_try_state().expect("every invariant of the rules holds");
    });
}
