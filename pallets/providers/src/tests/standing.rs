// SPDX-License-Identifier: Apache-2.0
//! What is remembered of a provider.

use super::registration::{register, signed};
use crate::{
    Error, Event, Standings, frame_support,
    mock::{MINIMUM_STAKE, ProvidersPallet, RuntimeOrigin, System, Test, UNBONDING, account, run},
    sp_runtime::DispatchError,
    standing::{faded, scrutiny_of},
};
use assay_primitives::{
    reason::Offence,
    reputation::{Deed, HALF_LIFE, Reputation, SCRUTINY, Standing},
};
use frame_support::{assert_noop, assert_ok};
use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

const FAULT: fn(Offence) -> Deed = Deed::Fault;

#[test]
fn newcomer_is_looked_at_twice_as_close_and_ten_settled_jobs_end_it() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_eq!(ProvidersPallet::scrutiny(&account(1)), 200);
        for settled in 1..=10 {
            ProvidersPallet::note(&account(1), Deed::Settled);
            assert_eq!(ProvidersPallet::scrutiny(&account(1)), 200 - 10 * settled);
        }
        ProvidersPallet::note(&account(1), Deed::Settled);
        assert_eq!(ProvidersPallet::scrutiny(&account(1)), 100);
    });
}

#[test]
fn faults_raise_the_scrutiny_by_their_weight() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        for _ in 0..10 {
            ProvidersPallet::note(&account(1), Deed::Settled);
        }
        ProvidersPallet::note(&account(1), FAULT(Offence::NoAttestation));
        assert_eq!(ProvidersPallet::scrutiny(&account(1)), 105);
        ProvidersPallet::note(&account(1), FAULT(Offence::MissedDeadline));
        assert_eq!(ProvidersPallet::scrutiny(&account(1)), 125);
        ProvidersPallet::note(&account(1), FAULT(Offence::WrongResult));
        assert_eq!(ProvidersPallet::scrutiny(&account(1)), 200);
    });
}

#[test]
fn each_deed_is_counted_where_it_belongs() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        ProvidersPallet::note(&account(1), Deed::Settled);
        ProvidersPallet::note(&account(1), Deed::Verified);
        for offence in Offence::ALL {
            ProvidersPallet::note(&account(1), FAULT(offence));
        }
        let expected = Standing {
            settled: 1_000,
            verified: 1_000,
            late: 1_000,
            wrong: 4_000,
            silent: 5_000,
            as_of: 1,
        };
        assert_eq!(ProvidersPallet::standing(&account(1)), expected);
        let view = ProvidersPallet::provider_view(&account(1)).expect("registered");
        assert_eq!((view.standing, view.scrutiny), (expected, 200));
    });
}

#[test]
fn nothing_is_noted_of_who_is_no_provider() {
    run(|| {
        ProvidersPallet::note(&account(1), Deed::Settled);
        assert!(!Standings::<Test>::contains_key(account(1)));
        assert_eq!(ProvidersPallet::scrutiny(&account(1)), 200);
    });
}

#[test]
fn standing_is_halved_with_each_half_life() {
    let past = Standing {
        settled: 8_000,
        late: 1_000,
        as_of: 7,
        ..Standing::default()
    };
    assert_eq!(faded(past, 7), past);
    let later = faded(past, 7 + HALF_LIFE);
    assert_eq!((later.settled, later.late), (4_000, 500));
    let later = faded(past, 7 + HALF_LIFE / 2);
    assert_eq!(later.settled, 5_656, "by the root of two");
    let later = faded(past, u32::MAX);
    assert_eq!((later.settled, later.late), (0, 0));
}

#[test]
fn record_is_not_shed_by_leaving_and_coming_back() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        ProvidersPallet::note(&account(1), FAULT(Offence::WrongResult));
        let past = ProvidersPallet::standing(&account(1));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw(signed(1)));
        assert_eq!(ProvidersPallet::standing(&account(1)), past);
        assert_noop!(
            ProvidersPallet::forget(signed(9), account(1)),
            Error::<Test>::StandingRemembered
        );
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_eq!(ProvidersPallet::standing(&account(1)), past);
    });
}

#[test]
fn forget_removes_what_has_faded() {
    run(|| {
        assert_noop!(
            ProvidersPallet::forget(signed(9), account(1)),
            Error::<Test>::NoStanding
        );
        assert_ok!(register(1, MINIMUM_STAKE));
        ProvidersPallet::note(&account(1), Deed::Settled);
        System::set_block_number(1 + 5 * HALF_LIFE);
        assert_noop!(
            ProvidersPallet::forget(RuntimeOrigin::root(), account(1)),
            DispatchError::BadOrigin
        );
        assert_ok!(ProvidersPallet::forget(signed(9), account(1)));
        System::assert_last_event(
            Event::Forgotten {
                account: account(1),
            }
            .into(),
        );
        assert!(!Standings::<Test>::contains_key(account(1)));
    });
}

#[test]
fn faded_record_goes_with_the_provider() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        ProvidersPallet::note(&account(1), Deed::Settled);
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        System::set_block_number(1 + 6 * HALF_LIFE);
        assert_ok!(ProvidersPallet::withdraw(signed(1)));
        assert!(!Standings::<Test>::contains_key(account(1)));
    });
}

proptest! {
    #[test]
    fn how_often_a_past_is_looked_at_changes_next_to_nothing(
        settled in 0u32..1_000_000,
        waits in prop::collection::vec(1u32..HALF_LIFE / 4, 1..20),
    ) {
        let start = Standing { settled, ..Standing::default() };
        let (mut often, mut now) = (start, 0);
        for wait in &waits {
            now += wait;
            often = faded(often, now);
        }
        let once = faded(start, now);
        prop_assert_eq!(often.as_of, once.as_of);
        prop_assert!(often.settled.abs_diff(once.settled) <= waits.len() as u32);
        prop_assert!(once.settled <= settled);
    }

    #[test]
    fn scrutiny_keeps_its_bounds(counts in prop::array::uniform5(0u32..)) {
        let [settled, verified, late, wrong, silent] = counts;
        let past = Standing { settled, verified, late, wrong, silent, as_of: 0 };
        prop_assert!(SCRUTINY.contains(&scrutiny_of(&past)));
    }
}
