// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet over real stakes.

use crate::{
    self as pallet_slashing, frame_support, frame_system,
    rules::{Mode, Rule},
    sp_runtime,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    duty::WorkerPair,
    job::{Address, Endpoint},
    reason::Offence,
    slashing::Charge,
};
use frame_support::{
    derive_impl,
    traits::{ConstU32, ConstU128},
};
use frame_system::EnsureRoot;
use pallet_providers::types::GenesisProvider;
use polkadot_sdk::{pallet_balances, sp_core::Pair, sp_io};
use sp_runtime::{BuildStorage, traits::IdentityLookup};

/// The least balance of an account.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10;

/// What every account of the tests has at the start.
pub(crate) const ENDOWMENT: Balance = 1_000_000;

/// What every provider of the tests has at stake at the start.
pub(crate) const STAKE: Balance = 10_000;

/// How long stake stays slashable.
pub(crate) const UNBONDING: BlockNumber = 50;

#[frame_support::runtime]
mod runtime {
    use super::{frame_support, frame_system, pallet_balances, pallet_providers, pallet_slashing};

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
    pub(crate) type Providers = pallet_providers;
    #[runtime::pallet_index(3)]
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
    type FreezeIdentifier = u8;
    type MaxFreezes = ConstU32<1>;
}

impl pallet_providers::Config for Test {
    type Currency = Balances;
    type MaxProviders = ConstU32<4>;
    type MinimumStake = ConstU128<1_000>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type UnbondingPeriod = ConstU32<UNBONDING>;
    type WeightInfo = ();
}

impl pallet_slashing::Config for Test {
    type RuleOrigin = EnsureRoot<AccountId>;
    type Stakes = Providers;
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
        job: 7,
        offender: offender(),
        bond: 200,
        price: 100,
        reporter: Some(reporter()),
        requester: Some(requester()),
    }
}

/// The default rule for an offence in a mode.
pub(crate) fn rule(offence: Offence, mode: Mode) -> Rule {
    Rule {
        mode,
        ..Rule::default_for(offence)
    }
}

fn staked(seed: u8) -> GenesisProvider {
    GenesisProvider {
        stash: account(seed),
        stake: STAKE,
        worker: WorkerPair::from_seed(&[seed; 32]).public().into(),
        endpoint: Endpoint {
            key: [seed; 32],
            address: Address::V4 {
                ip: [127, 0, 0, 1],
                port: 1,
            },
        },
        hardware: String::new(),
    }
}

/// A chain whose rules start in a mode, with ten endowed accounts, of which 1 and 2 are providers.
pub(crate) fn chain_in(mode: Mode) -> sp_io::TestExternalities {
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: (0..10).map(|seed| (account(seed), ENDOWMENT)).collect(),
            ..Default::default()
        },
        providers: pallet_providers::GenesisConfig {
            providers: vec![staked(1), staked(2)],
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
    chain.execute_with(|| System::set_block_number(1));
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
        Providers::do_try_state().expect("every invariant of the stakes holds");
    });
}
