// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet and balances alone.

use crate::{
    self as pallet_providers, frame_support, frame_system, sp_runtime, types::GenesisProvider,
    worker_proof_payload,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    duty::{WorkerPair, WorkerSignature, heartbeat_payload},
    job::{Address, Endpoint},
    provider::{AdapterClass, Energy, Hardware, Region},
};
use frame_support::{
    PalletId, derive_impl, parameter_types,
    traits::{ConstU32, ConstU128, OnIdle, ValidatorRegistration, fungible::Mutate},
    weights::Weight,
};
use polkadot_sdk::{
    pallet_balances,
    sp_core::Pair,
    sp_io,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
};
use sp_runtime::{BuildStorage, Permill, traits::IdentityLookup};
use std::{cell::RefCell, collections::BTreeSet};

/// The least balance of an account.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10;

/// What every account of the tests has at the start.
pub(crate) const ENDOWMENT: Balance = 1_000_000;

/// The least stake.
pub(crate) const MINIMUM_STAKE: Balance = 1_000;

/// How long stake stays slashable.
pub(crate) const UNBONDING: BlockNumber = 50;

/// The least delegation.
pub(crate) const MINIMUM_DELEGATION: Balance = 100;

/// The blocks of a period of heartbeats.
pub(crate) const PERIOD: BlockNumber = 100;

/// The deposit for a provider of the tests.
pub(crate) const DEPOSIT: Balance = 500 + BYTES;

/// The bytes that a provider of the tests publishes.
const BYTES: Balance = 100;

#[frame_support::runtime]
mod runtime {
    use super::{frame_support, frame_system, pallet_balances, pallet_providers};

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
    pub(crate) type ProvidersPallet = pallet_providers;
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

parameter_types! {
    pub static MaxProviders: u32 = 3;
    pub const PoolId: PalletId = PalletId(*b"assay/po");
    pub const CommissionRise: Permill = Permill::from_percent(5);
}

impl pallet_providers::Config for Test {
    type CommissionPeriod = ConstU32<20>;
    type CommissionRise = CommissionRise;
    type Currency = Balances;
    type DepositBase = ConstU128<500>;
    type DepositPerByte = ConstU128<1>;
    type HeartbeatPeriod = ConstU32<PERIOD>;
    type MaxCandidates = ConstU32<2>;
    type MaxProviders = MaxProviders;
    type MaxValidators = ConstU32<2>;
    type MinValidators = ConstU32<1>;
    type MinimumDelegation = ConstU128<MINIMUM_DELEGATION>;
    type MinimumStake = ConstU128<MINIMUM_STAKE>;
    type PoolId = PoolId;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SessionKeys = KeyHolders;
    type UnbondingPeriod = ConstU32<UNBONDING>;
    type WeightInfo = ();
}

thread_local! {
    static KEYLESS: RefCell<BTreeSet<AccountId>> = RefCell::default();
}

/// Who has session keys: everybody but those who are said to have none.
#[derive(Debug)]
pub struct KeyHolders;

impl KeyHolders {
    /// From now on an account has no session keys, or has some again.
    pub(crate) fn set(who: AccountId, has_keys: bool) {
        KEYLESS.with_borrow_mut(|keyless| {
            if has_keys {
                keyless.remove(&who);
            } else {
                keyless.insert(who);
            }
        });
    }
}

impl ValidatorRegistration<AccountId> for KeyHolders {
    fn is_registered(who: &AccountId) -> bool {
        KEYLESS.with_borrow(|keyless| !keyless.contains(who))
    }
}

/// An account of the tests.
pub(crate) fn account(seed: u8) -> AccountId {
    AccountId::new([seed; 32])
}

/// Gives an account as much as those of the tests have from the start.
pub(crate) fn endow(who: &AccountId) {
    Balances::set_balance(who, ENDOWMENT);
}

/// The worker key of an account.
pub(crate) fn worker(seed: u8) -> WorkerPair {
    WorkerPair::from_seed(&[seed; 32])
}

/// A worker key's proof for a stash.
pub(crate) fn proof(key: &WorkerPair, stash: &AccountId) -> WorkerSignature {
    key.sign(&worker_proof_payload(System::block_hash(0), stash))
}

/// Some endpoint.
pub(crate) fn endpoint(port: u16) -> Endpoint {
    Endpoint {
        key: [7; 32],
        address: Address::V4 {
            ip: [127, 0, 0, 1],
            port,
        },
    }
}

/// Some machine.
pub(crate) fn hardware() -> Hardware {
    Hardware {
        device: b"test adapter".to_vec().try_into().expect("it is short"),
        class: AdapterClass::Float,
        probe: [3; 32],
        speed: 1_000_000,
        memory: 8_192,
        region: Region(*b"CH"),
        energy: Energy::Renewable,
    }
}

/// A worker's signature of a heartbeat.
pub(crate) fn heartbeat(key: &WorkerPair, provider: &AccountId, period: u32) -> WorkerSignature {
    key.sign(&heartbeat_payload(System::block_hash(0), provider, period))
}

/// Goes to a block, with the sweeps of the blocks between.
pub(crate) fn go_to(block: BlockNumber) {
    while System::block_number() < block {
        ProvidersPallet::on_idle(System::block_number(), Weight::MAX);
        System::set_block_number(System::block_number() + 1);
    }
}

/// A fresh chain with ten endowed accounts, these providers and a keystore.
pub(crate) fn chain_with(providers: Vec<GenesisProvider>) -> sp_io::TestExternalities {
    KEYLESS.with_borrow_mut(BTreeSet::clear);
    MaxProviders::set(3);
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: (0..10).map(|seed| (account(seed), ENDOWMENT)).collect(),
            ..Default::default()
        },
        providers_pallet: crate::GenesisConfig {
            providers,
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("the genesis is valid");
    let mut chain = sp_io::TestExternalities::new(storage);
    chain.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    chain.execute_with(|| System::set_block_number(1));
    chain
}

/// A fresh chain with ten endowed accounts, no provider and a keystore.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn chain() -> sp_io::TestExternalities {
    chain_with(Vec::new())
}

/// Runs a test on a fresh chain without providers, and checks all invariants after it.
pub(crate) fn run(test: impl FnOnce()) {
    run_with(Vec::new(), test);
}

/// Runs a test on a fresh chain with these providers, and checks all invariants after it.
pub(crate) fn run_with(providers: Vec<GenesisProvider>, test: impl FnOnce()) {
    chain_with(providers).execute_with(|| {
        test();
        ProvidersPallet::do_try_state().expect("every invariant holds");
    });
}
