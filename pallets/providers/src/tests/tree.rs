// SPDX-License-Identifier: Apache-2.0
//! Places, weights and draws.

use super::registration::{record, register, signed};
use crate::{
    Pallet, Slots, Sums, frame_support,
    mock::{
        MINIMUM_STAKE, MaxProviders, ProvidersPallet, Test, account, chain_with, endow, endpoint,
        hardware, run, worker,
    },
    tree::{PLACES, sum},
};
use assay_primitives::{
    AccountId,
    provider::{AdapterClass, Requirements},
    stake::Stakes,
};
use assay_verifier::sampling::draw_weighted;
use frame_support::{assert_noop, assert_ok};
use polkadot_sdk::sp_core::Pair;
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

#[test]
fn weights_are_the_stakes_of_who_is_active_in_the_order_of_the_places() {
    run(|| {
        for (seed, stake) in [(1, 2_000), (2, 3_000), (3, 1_000)] {
            assert_ok!(register(seed, stake));
        }
        assert_ok!(ProvidersPallet::chill(signed(2)));
        assert_eq!(
            ProvidersPallet::weights(),
            [(account(1), 2_000), (account(2), 0), (account(3), 1_000)]
        );
        assert_eq!(ProvidersPallet::active_stake(), 3_000);
        // The last one moves to the place that is given up.
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        assert_eq!(
            ProvidersPallet::weights(),
            [(account(3), 1_000), (account(2), 0)]
        );
        assert_eq!(ProvidersPallet::active_stake(), 1_000);
    });
}

#[test]
fn place_is_lost_below_the_least_stake_and_refused_when_all_are_taken() {
    run(|| {
        for seed in 1..=3 {
            assert_ok!(register(seed, MINIMUM_STAKE));
        }
        assert_noop!(
            register(4, MINIMUM_STAKE),
            crate::Error::<Test>::TooManyProviders
        );
        assert_ok!(ProvidersPallet::slash(&account(2), 1, &[]));
        assert_eq!(record(&account(2)).slot, None);
        assert!(!ProvidersPallet::is_active(&account(2)));
        assert_ok!(register(4, MINIMUM_STAKE));
        assert_noop!(
            ProvidersPallet::bond_more(signed(2), 1),
            crate::Error::<Test>::TooManyProviders
        );
        assert_ok!(ProvidersPallet::deregister(signed(4)));
        assert_ok!(ProvidersPallet::bond_more(signed(2), 1));
        assert!(ProvidersPallet::is_active(&account(2)));
    });
}

#[test]
fn tree_is_gone_when_nobody_is_left() {
    run(|| {
        for seed in 1..=3 {
            assert_ok!(register(seed, MINIMUM_STAKE));
        }
        for seed in 1..=3 {
            assert_ok!(ProvidersPallet::deregister(signed(seed)));
        }
        assert_eq!(Slots::<Test>::count(), 0);
        assert_eq!(Sums::<Test>::iter().count(), 0);
        assert_eq!(ProvidersPallet::draw(&[1; 32], 3, &[]), []);
    });
}

#[test]
fn tree_reaches_from_the_first_to_the_last_place() {
    chain_with(Vec::new()).execute_with(|| {
        for slot in [0, 15, 16, 4_095, 4_096, PLACES - 1] {
            Pallet::<Test>::set_weight(slot, u128::from(slot) + 1);
        }
        let total = 1 + 16 + 17 + 4_096 + 4_097 + u128::from(PLACES);
        assert_eq!(Pallet::<Test>::total_weight(), total);
        assert_eq!(Pallet::<Test>::weight_of(PLACES - 1), u128::from(PLACES));
        for slot in [0, 15, 16, 4_095, 4_096, PLACES - 1] {
            Pallet::<Test>::set_weight(slot, 0);
        }
        assert_eq!(Sums::<Test>::iter().count(), 0);
    });
}

#[test]
fn draw_leaves_out_who_is_excluded_or_inactive() {
    run(|| {
        for seed in 1..=3 {
            assert_ok!(register(seed, MINIMUM_STAKE));
        }
        assert_ok!(ProvidersPallet::chill(signed(2)));
        let excluded = [account(1), account(1), account(9)];
        assert_eq!(
            ProvidersPallet::draw(&[5; 32], 9, &excluded),
            [account(3)],
            "one is excluded, twice, and one chilled"
        );
        assert_eq!(ProvidersPallet::draw(&[5; 32], 0, &[]), []);
    });
}

#[test]
fn capable_counts_who_is_active_admitted_and_has_as_much_free() {
    run(|| {
        for seed in 1..=3 {
            assert_ok!(register(seed, 2_000));
        }
        let asked = Requirements {
            class: AdapterClass::Float,
            ..Requirements::default()
        };
        assert_eq!(ProvidersPallet::capable(2_000, &asked), 3);
        assert_ok!(ProvidersPallet::lock(&account(1), 1));
        assert_ok!(ProvidersPallet::chill(signed(2)));
        assert_eq!(ProvidersPallet::capable(2_000, &asked), 1);
        assert_eq!(ProvidersPallet::capable(1_999, &asked), 2);
        let faster = Requirements {
            speed: u64::MAX,
            ..asked
        };
        assert_eq!(ProvidersPallet::capable(0, &faster), 0);
    });
}

proptest! {
    #[test]
    fn draw_is_replayed_from_the_weights(
        stakes in prop::collection::vec(1_000u128..20_000, 1..40),
        leavers in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        excluded in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        seed in any::<[u8; 32]>(),
        wanted in 0u32..24,
    ) {
        chain_with(Vec::new()).execute_with(|| {
            MaxProviders::set(64);
            let all: Vec<AccountId> = (0u8..).zip(&stakes).map(|(seed, stake)| {
                let who = account(100 + seed);
                endow(&who);
                ProvidersPallet::enroll(who.clone(), *stake, worker(100 + seed).public(), endpoint(1), hardware())
                    .expect("it has enough");
                who
            }).collect();
            for leaver in &leavers {
                let who = leaver.index(all.len());
                // Every other one of them leaves its place, the rest keep it without weight.
                let _again_or_not = if who % 2 == 0 {
                    ProvidersPallet::deregister(signed(100 + who as u8))
                } else {
                    ProvidersPallet::chill(signed(100 + who as u8))
                };
            }
            let excluded: Vec<_> = excluded.iter().map(|who| all[who.index(all.len())].clone()).collect();
            let drawn = ProvidersPallet::draw(&seed, wanted, &excluded);

            let listed: Vec<_> = ProvidersPallet::weights()
                .into_iter()
                .filter(|(who, _)| !excluded.contains(who))
                .collect();
            let weights: Vec<_> = listed.iter().map(|(_, weight)| *weight).collect();
            let replayed: Vec<_> = draw_weighted(&seed, &weights, wanted)
                .into_iter()
                .map(|position| listed[position].0.clone())
                .collect();
            prop_assert_eq!(drawn, replayed);
            ProvidersPallet::do_try_state().expect("every invariant holds");
            for (_, node) in Sums::<Test>::iter() {
                assert!(sum(&node) > 0);
            }
            Ok(())
        })?;
    }
}
