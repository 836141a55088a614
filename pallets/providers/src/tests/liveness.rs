// SPDX-License-Identifier: Apache-2.0
//! Heartbeats, and being taken out of service.

use super::registration::{record, register, signed};
use crate::{
    Call, Error, Event, SweepCursor, frame_support,
    mock::{
        MINIMUM_STAKE, MaxProviders, PERIOD, ProvidersPallet, RuntimeOrigin, System, Test,
        UNBONDING, account, endow, go_to, heartbeat, proof, run, worker,
    },
    sp_runtime::{
        DispatchError, DispatchResult,
        transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    },
};
use assay_primitives::{
    duty::{PRIORITY, WorkerPair},
    stake::Stakes,
};
use frame_support::dispatch::RawOrigin;
use frame_support::{
    assert_noop, assert_ok,
    traits::{Authorize, OnIdle},
    weights::Weight,
};
use polkadot_sdk::sp_core::Pair;

/// A heartbeat as the pool sees it.
fn admit(key: &WorkerPair, seed: u8, period: u32) -> Result<(u64, u64), TransactionValidityError> {
    let call = Call::<Test>::heartbeat {
        provider: account(seed),
        period,
        signature: heartbeat(key, &account(seed), period),
    };
    call.authorize(TransactionSource::External)
        .expect("the call has an authorization")
        .map(|(valid, _)| (valid.priority, valid.longevity))
}

/// A heartbeat that was admitted.
pub(super) fn beat(seed: u8, period: u32) -> DispatchResult {
    ProvidersPallet::heartbeat(
        RawOrigin::Authorized.into(),
        account(seed),
        period,
        heartbeat(&worker(seed), &account(seed), period),
    )
}

fn refused<T>(reason: InvalidTransaction) -> Result<T, TransactionValidityError> {
    Err(reason.into())
}

#[test]
fn heartbeat_is_admitted_once_a_period_when_the_worker_signed_it() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        let key = worker(1);
        assert_eq!(
            admit(&key, 1, 0),
            refused(InvalidTransaction::Stale),
            "who registers has shown itself"
        );
        System::set_block_number(PERIOD + 10);
        assert_eq!(
            admit(&key, 1, 1),
            Ok((PRIORITY - 1, u64::from(PERIOD) - 10))
        );
        assert_eq!(admit(&key, 1, 0), refused(InvalidTransaction::Stale));
        assert_eq!(admit(&key, 1, 2), refused(InvalidTransaction::Future));
        assert_eq!(
            admit(&worker(2), 1, 1),
            refused(InvalidTransaction::BadProof)
        );
        assert_eq!(admit(&key, 2, 1), refused(InvalidTransaction::BadSigner));
        assert_ok!(beat(1, 1));
        assert_eq!(admit(&key, 1, 1), refused(InvalidTransaction::Stale));
        assert_noop!(beat(1, 1), Error::<Test>::HeartbeatKnown);
        assert_noop!(beat(1, 0), Error::<Test>::HeartbeatLate);
        assert_noop!(beat(1, 2), Error::<Test>::HeartbeatEarly);
        assert_noop!(beat(2, 1), Error::<Test>::NotProvider);
    });
}

#[test]
fn heartbeat_is_refused_when_the_origin_is_signed_root_or_none() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        System::set_block_number(PERIOD);
        for origin in [signed(1), RuntimeOrigin::root(), RuntimeOrigin::none()] {
            let signature = heartbeat(&worker(1), &account(1), 1);
            assert_noop!(
                ProvidersPallet::heartbeat(origin, account(1), 1, signature),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn heartbeat_is_refused_when_there_is_too_little_stake_to_be_active_with() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        System::set_block_number(PERIOD);
        assert_eq!(admit(&worker(1), 1, 1), refused(InvalidTransaction::Stale));
        assert_noop!(beat(1, 1), Error::<Test>::StakeTooSmall);
    });
}

#[test]
fn provider_is_inactive_after_two_periods_of_silence_and_active_with_the_next_heartbeat() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        let view = ProvidersPallet::provider_view(&account(1)).expect("registered");
        assert_eq!(view.alive_until, 3 * PERIOD - 1);
        go_to(3 * PERIOD);
        assert!(ProvidersPallet::is_active(&account(1)));
        go_to(3 * PERIOD + 1);
        assert!(!ProvidersPallet::is_active(&account(1)));
        assert_eq!(ProvidersPallet::active_stake(), 0);
        System::assert_last_event(
            Event::ActivitySet {
                provider: account(1),
                active: false,
            }
            .into(),
        );
        assert_ok!(beat(1, 3));
        assert!(ProvidersPallet::is_active(&account(1)));
        assert_eq!(ProvidersPallet::active_stake(), MINIMUM_STAKE);
    });
}

#[test]
fn provider_stays_active_while_it_shows_itself() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        for period in [1, 3, 5, 7] {
            go_to(period * PERIOD + 50);
            assert!(ProvidersPallet::is_active(&account(1)));
            assert_ok!(beat(1, period));
        }
    });
}

#[test]
fn sweep_goes_on_where_it_stopped_and_takes_no_more_than_it_is_given() {
    run(|| {
        MaxProviders::set(80);
        for seed in 100..180 {
            endow(&account(seed));
            assert_ok!(register(seed, MINIMUM_STAKE));
        }
        let active = || ProvidersPallet::active_stake() / MINIMUM_STAKE;
        System::set_block_number(3 * PERIOD);
        let nothing = Weight::from_parts(1, 0);
        assert_eq!(
            ProvidersPallet::on_idle(3 * PERIOD, nothing),
            Weight::zero()
        );
        assert_eq!(active(), 80);
        ProvidersPallet::on_idle(3 * PERIOD, Weight::MAX);
        assert_eq!((active(), SweepCursor::<Test>::get()), (48, 32));
        ProvidersPallet::on_idle(3 * PERIOD, Weight::MAX);
        ProvidersPallet::on_idle(3 * PERIOD, Weight::MAX);
        assert_eq!(active(), 0);
    });
}

#[test]
fn chill_lasts_until_resume_whatever_the_provider_does() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        ProvidersPallet::put_on_ice(&account(1));
        System::assert_has_event(
            Event::Chilled {
                provider: account(1),
            }
            .into(),
        );
        let still_out = || !ProvidersPallet::is_active(&account(1)) && record(&account(1)).chilled;
        System::set_block_number(PERIOD);
        assert_ok!(beat(1, 1));
        assert!(still_out(), "a heartbeat does not end it");
        let key = worker(8);
        assert_ok!(ProvidersPallet::set_worker(
            signed(1),
            key.public(),
            proof(&key, &account(1))
        ));
        assert!(still_out(), "another key does not end it");
        assert_ok!(ProvidersPallet::unbond(signed(1), MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::bond_more(signed(1), MINIMUM_STAKE));
        assert!(still_out(), "leaving and coming back does not end it");
        assert_ok!(ProvidersPallet::resume(signed(1)));
        assert!(ProvidersPallet::is_active(&account(1)));
    });
}

#[test]
fn resume_makes_nobody_active_that_has_not_shown_itself() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::chill(signed(1)));
        go_to(5 * PERIOD);
        assert_ok!(ProvidersPallet::resume(signed(1)));
        assert!(!ProvidersPallet::is_active(&account(1)));
        assert_ok!(beat(1, 5));
        assert!(ProvidersPallet::is_active(&account(1)));
    });
}

#[test]
fn chill_and_resume_are_the_stashs_and_the_workers() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        let by_worker = RuntimeOrigin::signed(worker(1).public().into_inner().into());
        assert_ok!(ProvidersPallet::chill(by_worker.clone()));
        assert_noop!(
            ProvidersPallet::chill(signed(1)),
            Error::<Test>::AlreadyChilled
        );
        assert_ok!(ProvidersPallet::resume(by_worker));
        assert_noop!(
            ProvidersPallet::resume(signed(1)),
            Error::<Test>::NotChilled
        );
        assert_noop!(
            ProvidersPallet::chill(signed(2)),
            Error::<Test>::NotProvider
        );
        assert_noop!(
            ProvidersPallet::resume(signed(2)),
            Error::<Test>::NotProvider
        );
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            assert_noop!(
                ProvidersPallet::chill(origin.clone()),
                DispatchError::BadOrigin
            );
            assert_noop!(ProvidersPallet::resume(origin), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn chill_of_who_is_no_provider_does_nothing() {
    run(|| {
        let events = System::events().len();
        <ProvidersPallet as Stakes<_, _>>::chill(&account(1));
        assert_eq!(System::events().len(), events);
    });
}

#[test]
fn locks_outlive_a_record_that_was_slashed_to_nothing() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::lock(&account(1), MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::slash(&account(1), MINIMUM_STAKE, &[]));
        System::set_block_number(1 + UNBONDING);
        assert_noop!(
            ProvidersPallet::reap(signed(9), account(1)),
            Error::<Test>::StillAtStake
        );
        assert_noop!(register(1, MINIMUM_STAKE), Error::<Test>::AlreadyProvider);
        ProvidersPallet::unlock(&account(1), MINIMUM_STAKE);
        assert_ok!(ProvidersPallet::reap(signed(9), account(1)));
        assert_ok!(register(1, MINIMUM_STAKE));
    });
}
