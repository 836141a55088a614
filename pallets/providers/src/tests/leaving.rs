// SPDX-License-Identifier: Apache-2.0
//! Leaving, and being removed after it.

use super::registration::{register, signed};
use crate::{
    Error, Event, Providers, frame_support,
    mock::{
        Balances, DEPOSIT, ENDOWMENT, MINIMUM_STAKE, ProvidersPallet, RuntimeOrigin, System, Test,
        UNBONDING, account, run, worker,
    },
    sp_runtime::DispatchError,
};
use assay_primitives::stake::Stakes;
use frame_support::{assert_noop, assert_ok};
use polkadot_sdk::sp_core::Pair;

#[test]
fn deregister_unbonds_the_whole_stake_and_keeps_the_record() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        System::assert_last_event(
            Event::Unbonding {
                provider: account(1),
                amount: 5_000,
                until: 1 + UNBONDING,
            }
            .into(),
        );
        assert_eq!(ProvidersPallet::weights(), []);
        assert_eq!(ProvidersPallet::free(&account(1)), 0);
        assert_eq!(ProvidersPallet::slashable(&account(1)), 5_000);
        assert_eq!(
            ProvidersPallet::provider_of(&worker(1).public()),
            Some(account(1)),
            "its duties are still its own"
        );
        assert_eq!(
            Balances::free_balance(account(1)),
            ENDOWMENT - 5_000 - DEPOSIT
        );
    });
}

#[test]
fn deregister_is_refused_when_stake_backs_a_job() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::lock(&account(1), 1));
        assert_noop!(
            ProvidersPallet::deregister(signed(1)),
            Error::<Test>::StakeLocked
        );
    });
}

#[test]
fn deregister_is_refused_when_nothing_is_at_stake_any_more() {
    run(|| {
        assert_noop!(
            ProvidersPallet::deregister(signed(1)),
            Error::<Test>::NotProvider
        );
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        assert_noop!(
            ProvidersPallet::deregister(signed(1)),
            Error::<Test>::AlreadyLeaving
        );
    });
}

#[test]
fn deregister_lets_go_of_a_stake_when_slashing_left_it_below_the_minimum() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::slash(&account(1), 1, &[]));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
    });
}

#[test]
fn leaving_and_reaping_are_refused_when_the_origin_is_root_or_none() {
    run(|| {
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            let refusal = DispatchError::BadOrigin;
            assert_noop!(ProvidersPallet::deregister(origin.clone()), refusal);
            assert_noop!(ProvidersPallet::reap(origin, account(1)), refusal);
        }
    });
}

#[test]
fn reap_releases_what_is_due_to_who_has_left() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::reap(signed(9), account(1)));
        System::assert_last_event(
            Event::Withdrawn {
                provider: account(1),
                amount: 5_000,
                gone: true,
            }
            .into(),
        );
        assert_eq!(Balances::free_balance(account(1)), ENDOWMENT);
        assert_eq!(Balances::free_balance(account(9)), ENDOWMENT);
        assert!(!Providers::<Test>::contains_key(account(1)));
    });
}

#[test]
fn reap_removes_the_record_when_all_of_a_stake_was_slashed() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::slash(&account(1), 5_000, &[]));
        assert_ok!(ProvidersPallet::reap(signed(9), account(1)));
        assert!(!Providers::<Test>::contains_key(account(1)));
    });
}

#[test]
fn reap_is_refused_when_something_can_still_be_slashed() {
    run(|| {
        assert_noop!(
            ProvidersPallet::reap(signed(9), account(1)),
            Error::<Test>::NotProvider
        );
        assert_ok!(register(1, 5_000));
        assert_noop!(
            ProvidersPallet::reap(signed(9), account(1)),
            Error::<Test>::StillAtStake
        );
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        System::set_block_number(UNBONDING);
        assert_noop!(
            ProvidersPallet::reap(signed(9), account(1)),
            Error::<Test>::StillAtStake
        );
    });
}
