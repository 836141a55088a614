// SPDX-License-Identifier: Apache-2.0
//! Candidates and elections.

use super::registration::{record, register, signed};
use crate::{
    BackingOf, Candidates, Elections, Error, Event, frame_support,
    mock::{KeyHolders, MINIMUM_STAKE, ProvidersPallet, RuntimeOrigin, System, Test, account, run},
    sp_runtime::{DispatchError, traits::Convert},
};
use assay_primitives::{
    AccountId,
    stake::{Backing, Stakes},
};
use frame_support::{assert_noop, assert_ok, traits::OnIdle, weights::Weight};
use pallet_session::{SessionManager, historical};

/// Who would be elected now.
fn elected() -> Option<Vec<AccountId>> {
    let elected = ProvidersPallet::elect()?;
    Some(elected.into_iter().map(|(account, _)| account).collect())
}

/// Two candidates, and a provider that is none.
fn two_of_three() {
    for (seed, stake) in [(1, 3_000), (2, 5_000), (3, 4_000)] {
        assert_ok!(register(seed, stake));
    }
    assert_ok!(ProvidersPallet::validate(signed(1)));
    assert_ok!(ProvidersPallet::validate(signed(2)));
}

#[test]
fn election_takes_the_candidates_with_the_most_stake() {
    run(|| {
        two_of_three();
        assert_eq!(elected(), Some(vec![account(2), account(1)]));
        assert_ok!(ProvidersPallet::bond_more(signed(1), 3_000));
        assert_eq!(elected(), Some(vec![account(1), account(2)]));
    });
}

#[test]
fn election_leaves_out_who_is_chilled_or_has_no_keys_but_not_who_is_silent() {
    run(|| {
        two_of_three();
        System::set_block_number(100_000);
        ProvidersPallet::on_idle(100_000, Weight::MAX);
        assert!(!ProvidersPallet::is_active(&account(1)));
        assert_eq!(elected(), Some(vec![account(2), account(1)]));
        <ProvidersPallet as Stakes<_, _>>::chill(&account(2));
        assert_eq!(elected(), Some(vec![account(1)]));
        KeyHolders::set(account(1), false);
        assert_eq!(elected(), None, "with fewer than the least the set stays");
        assert_ok!(ProvidersPallet::resume(signed(2)));
        assert_eq!(elected(), Some(vec![account(2)]));
    });
}

#[test]
fn candidate_with_the_least_stake_makes_room_for_one_with_more() {
    run(|| {
        two_of_three();
        assert_ok!(ProvidersPallet::validate(signed(3)));
        assert!(!record(&account(1)).validator);
        System::assert_has_event(
            Event::CandidacyWithdrawn {
                provider: account(1),
            }
            .into(),
        );
        assert_eq!(elected(), Some(vec![account(2), account(3)]));
        assert_noop!(
            ProvidersPallet::validate(signed(1)),
            Error::<Test>::TooManyCandidates
        );
        // As much is not more.
        assert_ok!(ProvidersPallet::bond_more(signed(1), 1_000));
        assert_noop!(
            ProvidersPallet::validate(signed(1)),
            Error::<Test>::TooManyCandidates
        );
    });
}

#[test]
fn validate_is_refused_without_stake_keys_or_service() {
    run(|| {
        assert_noop!(
            ProvidersPallet::validate(signed(1)),
            Error::<Test>::NotProvider
        );
        assert_ok!(register(1, MINIMUM_STAKE));
        KeyHolders::set(account(1), false);
        assert_noop!(
            ProvidersPallet::validate(signed(1)),
            Error::<Test>::NoSessionKeys
        );
        KeyHolders::set(account(1), true);
        assert_ok!(ProvidersPallet::chill(signed(1)));
        assert_noop!(
            ProvidersPallet::validate(signed(1)),
            Error::<Test>::IsChilled
        );
        assert_ok!(ProvidersPallet::resume(signed(1)));
        assert_ok!(ProvidersPallet::slash(&account(1), 1, &[]));
        assert_noop!(
            ProvidersPallet::validate(signed(1)),
            Error::<Test>::StakeTooSmall
        );
        assert_ok!(ProvidersPallet::bond_more(signed(1), 1));
        assert_ok!(ProvidersPallet::validate(signed(1)));
        assert_noop!(
            ProvidersPallet::validate(signed(1)),
            Error::<Test>::AlreadyCandidate
        );
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            assert_noop!(
                ProvidersPallet::validate(origin.clone()),
                DispatchError::BadOrigin
            );
            assert_noop!(
                ProvidersPallet::stop_validating(origin),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn candidacy_ends_with_stopping_leaving_or_a_slash_below_the_least_stake() {
    run(|| {
        two_of_three();
        assert_ok!(ProvidersPallet::stop_validating(signed(1)));
        assert_eq!(elected(), Some(vec![account(2)]));
        assert_noop!(
            ProvidersPallet::stop_validating(signed(1)),
            Error::<Test>::NotCandidate
        );
        assert_ok!(ProvidersPallet::validate(signed(1)));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        assert_eq!(elected(), Some(vec![account(2)]));
        assert_ok!(ProvidersPallet::slash(&account(2), 4_001, &[]));
        assert_eq!(Candidates::<Test>::get().to_vec(), []);
    });
}

#[test]
fn sessions_are_planned_noted_and_forgotten() {
    run(|| {
        two_of_three();
        let backing = |own| Backing { own, delegated: 0 };
        let set = vec![(account(2), backing(5_000)), (account(1), backing(3_000))];
        let plan =
            |session| <ProvidersPallet as historical::SessionManager<_, _>>::new_session(session);
        assert_eq!(plan(1), Some(set.clone()));
        <ProvidersPallet as SessionManager<_>>::start_session(1);
        // What stood behind a validator at its election counts for the session.
        assert_ok!(ProvidersPallet::bond_more(signed(1), 1_000));
        assert_eq!(BackingOf::<Test>::convert(account(1)), Some(backing(3_000)));
        assert_eq!(
            BackingOf::<Test>::convert(account(9)),
            Some(Backing::default())
        );
        // Without candidates the set stays, and what is known of it.
        assert_ok!(ProvidersPallet::stop_validating(signed(1)));
        assert_ok!(ProvidersPallet::stop_validating(signed(2)));
        assert_eq!(plan(2), None);
        assert_eq!(
            <ProvidersPallet as SessionManager<AccountId>>::new_session(2),
            None
        );
        <ProvidersPallet as SessionManager<_>>::end_session(1);
        <ProvidersPallet as SessionManager<_>>::start_session(2);
        assert_eq!(BackingOf::<Test>::convert(account(1)), Some(backing(3_000)));
        assert_eq!(Elections::<Test>::iter_keys().collect::<Vec<_>>(), [2]);
    });
}
