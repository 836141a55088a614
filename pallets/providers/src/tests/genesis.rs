// SPDX-License-Identifier: Apache-2.0
//! Providers of the first block.

use super::registration::record;
use crate::{
    Candidates, Slots,
    mock::{
        Balances, ENDOWMENT, MINIMUM_STAKE, ProvidersPallet, Test, account, chain_with, endpoint,
        run_with, worker,
    },
    types::GenesisProvider,
};
use assay_primitives::{
    Balance,
    provider::{AdapterClass, GenesisHardware},
    stake::{Backing, Stakes},
};
use polkadot_sdk::sp_core::Pair;

fn founder(seed: u8, stake: Balance) -> GenesisProvider {
    GenesisProvider {
        stash: account(seed),
        stake,
        worker: worker(seed).public().into(),
        endpoint: endpoint(1),
        hardware: GenesisHardware {
            device: "test adapter".into(),
            class: AdapterClass::Float,
            speed: 7,
            memory: 9,
        },
        validator: false,
    }
}

#[test]
fn genesis_holds_the_stake_of_its_providers() {
    run_with(vec![founder(1, 5_000), founder(2, MINIMUM_STAKE)], || {
        assert_eq!(Slots::<Test>::count(), 2);
        assert_eq!(
            Balances::free_balance(account(1)),
            ENDOWMENT - 5_000 - record(&account(1)).deposit,
            "stake and deposit are held"
        );
        let hardware = record(&account(1)).hardware;
        assert_eq!(hardware.device.to_vec(), b"test adapter");
        assert_eq!((hardware.speed, hardware.memory), (7, 9));
        assert!(ProvidersPallet::is_active(&account(1)));
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
fn genesis_provider_needs_no_hardware_in_json() {
    let mut json = serde_json::to_value(founder(1, 5_000)).expect("it is plain data");
    let fields = json.as_object_mut().expect("it is an object");
    fields.remove("hardware");
    fields.remove("validator");
    let back: GenesisProvider = serde_json::from_value(json).expect("the rest is there");
    assert_eq!(back.hardware, GenesisHardware::default());
}

#[test]
fn genesis_makes_candidates_of_who_offers_to_validate() {
    let mut first = founder(1, 5_000);
    first.validator = true;
    run_with(vec![first, founder(2, 6_000)], || {
        assert_eq!(Candidates::<Test>::get().to_vec(), [account(1)]);
        let backing = Backing {
            own: 5_000,
            delegated: 0,
        };
        assert_eq!(ProvidersPallet::elect(), Some(vec![(account(1), backing)]));
    });
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
    founder.hardware.device = "x".repeat(129);
    chain_with(vec![founder]);
}
