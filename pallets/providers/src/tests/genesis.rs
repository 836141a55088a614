// SPDX-License-Identifier: Apache-2.0
//! Providers of the first block.

use crate::{
    Providers,
    mock::{
        Balances, ENDOWMENT, MINIMUM_STAKE, ProvidersPallet, Test, account, chain_with, endpoint,
        run_with, worker,
    },
    types::GenesisProvider,
};
use assay_primitives::{Balance, stake::Stakes};
use polkadot_sdk::sp_core::Pair;

fn founder(seed: u8, stake: Balance) -> GenesisProvider {
    GenesisProvider {
        stash: account(seed),
        stake,
        worker: worker(seed).public().into(),
        endpoint: endpoint(1),
        hardware: "test adapter".into(),
    }
}

#[test]
fn genesis_holds_the_stake_of_its_providers() {
    run_with(vec![founder(1, 5_000), founder(2, MINIMUM_STAKE)], || {
        assert_eq!(Providers::<Test>::count(), 2);
        assert_eq!(
            Balances::free_balance(account(1)),
            ENDOWMENT - 5_000,
            "the stake is held"
        );
        assert_eq!(ProvidersPallet::free(&account(2)), MINIMUM_STAKE);
        assert_eq!(
            ProvidersPallet::provider_of(&worker(1).public()),
            Some(account(1))
        );
    });
}

#[test]
fn genesis_provider_survives_json() {
    let founder = founder(1, 5_000);
    let json = serde_json::to_string(&founder).expect("it is plain data");
    let back: GenesisProvider = serde_json::from_str(&json).expect("it was just written");
    assert_eq!(back, founder);
}

#[test]
#[should_panic(expected = "StakeTooSmall")]
fn genesis_is_refused_when_a_stake_is_too_small() {
    chain_with(vec![founder(1, MINIMUM_STAKE - 1)]);
}

#[test]
#[should_panic(expected = "WorkerTaken")]
fn genesis_is_refused_when_two_providers_share_a_worker_key() {
    let mut second = founder(2, MINIMUM_STAKE);
    second.worker = worker(1).public().into();
    chain_with(vec![founder(1, MINIMUM_STAKE), second]);
}

#[test]
#[should_panic(expected = "is too long")]
fn genesis_is_refused_when_the_hardware_is_described_at_length() {
    let mut founder = founder(1, MINIMUM_STAKE);
    founder.hardware = "x".repeat(129);
    chain_with(vec![founder]);
}
