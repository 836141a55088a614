// SPDX-License-Identifier: Apache-2.0
//! `cancel`.

use crate::{
    Agenda, Error, Event, HoldReason, Jobs, LiveJobs, frame_support,
    mock::{
        ENDOWMENT, JobsPallet, RuntimeOrigin, System, Test, TestExt, accepted, author, committed,
        events, free, held, post, requester, run_to,
    },
    sp_runtime,
};
use assay_primitives::{reason::Reason, slashing::Penalty};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn everything_comes_back_when_cancelled_in_auction() {
    TestExt::execute(|| {
        let id = post();
        let deposit = held(HoldReason::Deposit, &requester());
        events();
        System::reset_events();

        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));

        assert_eq!(free(&requester()), ENDOWMENT);
        assert_eq!(held(HoldReason::Escrow, &requester()), 0);
        assert_eq!(held(HoldReason::Deposit, &requester()), 0);
        assert!(!Jobs::<Test>::contains_key(id));
        assert!(!Agenda::<Test>::contains_key(11));
        assert!(!LiveJobs::<Test>::contains_key(requester()));
        assert_eq!(
            events(),
            [Event::JobSettled {
                job: id,
                reason: Reason::Cancelled,
                provider: None,
                root: None,
                asset: None,
                paid: Default::default(),
                fee: 0,
                refunded: 1_460,
                returned: 0,
                unclaimed: 0,
                deposit,
                penalty: Penalty::default(),
            }]
        );
    });
}

#[test]
fn cancel_is_accepted_when_the_auction_runs_again() {
    TestExt::execute(|| {
        let id = post();
        run_to(15);
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));
        assert_eq!(free(&requester()), ENDOWMENT);
    });
}

#[test]
fn cancel_is_refused_when_not_the_requester() {
    TestExt::execute(|| {
        let id = post();
        assert_noop!(
            JobsPallet::cancel(RuntimeOrigin::signed(author()), id),
            Error::<Test>::NotRequester
        );
        assert_noop!(
            JobsPallet::cancel(RuntimeOrigin::none(), id),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn cancel_is_refused_when_accepted() {
    TestExt::execute(|| {
        let id = accepted();
        assert_noop!(
            JobsPallet::cancel(RuntimeOrigin::signed(requester()), id),
            Error::<Test>::NotInAuction
        );
    });
}

#[test]
fn cancel_is_refused_when_committed() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        assert_noop!(
            JobsPallet::cancel(RuntimeOrigin::signed(requester()), id),
            Error::<Test>::NotInAuction
        );
    });
}

#[test]
fn cancel_is_refused_when_there_is_no_such_job() {
    TestExt::execute(|| {
        assert_noop!(
            JobsPallet::cancel(RuntimeOrigin::signed(requester()), 0),
            Error::<Test>::UnknownJob
        );
        let id = post();
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));
        assert_noop!(
            JobsPallet::cancel(RuntimeOrigin::signed(requester()), id),
            Error::<Test>::JobClosed
        );
    });
}
