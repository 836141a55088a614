// SPDX-License-Identifier: Apache-2.0
//! What follows a missed deadline.

use crate::{
    Assignments, Auctions, Error, Event, HoldReason, Jobs, Receipts, frame_support, frame_system,
    mock::{
        Asked, Balances, ENDOWMENT, JobsPallet, RuntimeOrigin, System, Test, TestExt, Trace,
        accepted, events, free, held, one, post, provider, requester, rival, run_to, signature,
        vault,
    },
    types::{Payment, Role, Stage},
};
use assay_primitives::{
    JobId,
    job::PerPass,
    reason::{Offence, Reason},
    slashing::{Charge, Penalty},
    verification::{JobBook, Verdict},
};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::Mutate,
        tokens::{Fortitude, Precision, Preservation},
    },
};

/// What the armed rule takes of a bond of 200.
const PENALTY: Penalty<u128> = Penalty {
    taken: 200,
    reporter: 0,
    requester: 100,
    treasury: 0,
    burned: 100,
};

/// A job that the provider took for 100 and let lie; at block 10.
fn missed() -> JobId {
    Trace::arm();
    let id = accepted();
    Trace::take();
    run_to(9);
    System::reset_events();
    run_to(10);
    id
}

fn rescue(id: JobId) {
    assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(rival()), id, 0));
}

#[test]
fn job_is_open_for_rescue_when_the_deadline_is_missed() {
    TestExt::execute(|| {
        let id = missed();
        let job = Jobs::<Test>::get(id).expect("alive");
        let stage = Stage::Rescue {
            opened: 10,
            from: 100,
            reason: Reason::MissedDeadline,
        };
        assert_eq!(job.stage, stage);
        assert!(Auctions::<Test>::contains_key(id));
        assert!(!Assignments::<Test>::contains_key(provider(), id));
        let charge = Charge {
            offence: Offence::MissedDeadline,
            job: Some(id),
            offender: provider(),
            bond: 200,
            price: 100,
            reporter: None,
            requester: Some(requester()),
        };
        assert_eq!(
            Trace::take(),
            [Asked::Unlock(provider(), 200), Asked::Punish(charge)]
        );
        assert_eq!(
            events(),
            [Event::RescueOpened {
                job: id,
                reason: Reason::MissedDeadline,
                provider: provider(),
                penalty: PENALTY,
                price: 100,
                bounty: 50,
                round: 1,
                until: 18,
            }]
        );
        // Half of the compensation is the rescuer's, half stays with the requester.
        assert_eq!(held(HoldReason::Escrow, &requester()), 1_460 + 50);
        let deposit = held(HoldReason::Deposit, &requester());
        assert_eq!(free(&requester()), ENDOWMENT - 1_460 - deposit + 50);
    });
}

#[test]
fn price_of_a_rescue_rises_from_what_was_agreed_to_the_ceiling() {
    TestExt::execute(|| {
        let id = missed();
        let price = |now| Jobs::<Test>::get(id).and_then(|job| job.price_at(now));
        // Over eight blocks: time to compute, which is shorter than the auction.
        assert_eq!(
            [10, 11, 14, 18, 99].map(price),
            [100, 225, 600, 1_100, 1_100].map(Some)
        );
    });
}

#[test]
fn rescuer_gets_its_price_and_the_bounty_when_it_settles() {
    TestExt::execute(|| {
        let id = missed();
        run_to(11);
        Trace::take();
        System::reset_events();
        rescue(id);
        assert_eq!(
            events(),
            [Event::JobAccepted {
                job: id,
                provider: rival(),
                price: 225,
                bounty: 50,
                bond: 450,
                deadline: 19,
            }]
        );
        let root = [1; 32];
        assert_ok!(JobsPallet::commit(
            frame_system::RawOrigin::Authorized.into(),
            id,
            one(root),
            signature(&rival(), id, root)
        ));
        assert_ok!(<JobsPallet as JobBook<_, _>>::conclude(
            id,
            Verdict::Upheld { verifiers: vec![] }
        ));
        assert_eq!(free(&rival()), ENDOWMENT + 223 + 50);
        assert_eq!(held(HoldReason::Escrow, &requester()), 0);
        assert_eq!(free(&requester()), ENDOWMENT - 225 + 50);
        let payment = |amount, role| Payment {
            account: rival(),
            amount,
            role,
        };
        let expected = [payment(223, Role::Provider), payment(50, Role::Rescuer)];
        assert!(matches!(
            events().last(),
            Some(Event::JobSettled { paid, refunded: 1_235, fee: 2, .. })
                if paid.as_slice() == expected
        ));
    });
}

#[test]
fn everything_comes_back_with_the_bounty_when_nobody_rescues() {
    TestExt::execute(|| {
        let id = missed();
        run_to(18);
        assert!(Jobs::<Test>::contains_key(id));
        run_to(19);
        let receipt = Receipts::<Test>::get(id).expect("closed");
        assert_eq!(receipt.reason, Reason::MissedDeadline);
        assert_eq!(receipt.provider, Some(provider()));
        assert_eq!(free(&requester()), ENDOWMENT + 100);
    });
}

#[test]
fn everything_comes_back_with_the_bounty_when_a_rescue_is_cancelled() {
    TestExt::execute(|| {
        let id = missed();
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));
        assert_eq!(free(&requester()), ENDOWMENT + 100);
    });
}

#[test]
fn who_missed_the_deadline_cannot_rescue() {
    TestExt::execute(|| {
        let id = missed();
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0),
            Error::<Test>::NotAgain
        );
    });
}

#[test]
fn rescuing_ones_own_default_loses_under_a_second_name() {
    TestExt::execute(|| {
        let id = missed();
        run_to(18);
        rescue(id);
        let root = [1; 32];
        assert_ok!(JobsPallet::commit(
            frame_system::RawOrigin::Authorized.into(),
            id,
            one(root),
            signature(&rival(), id, root)
        ));
        assert_ok!(<JobsPallet as JobBook<_, _>>::conclude(
            id,
            Verdict::Upheld { verifiers: vec![] }
        ));
        // Who waits for the same price without a default gets 1,089.
        let gained = free(&rival()) - ENDOWMENT;
        assert_eq!(gained, 1_089 + 50);
        assert!(gained - PENALTY.taken < 1_089);
    });
}

#[test]
fn bounty_grows_and_goes_back_when_the_rescuers_fail_too() {
    TestExt::execute(|| {
        let id = missed();
        rescue(id);
        run_to(19);
        let job = Jobs::<Test>::get(id).expect("alive");
        assert_eq!((job.round, job.bounty), (2, 100));
        assert_eq!(job.last, Some(rival()));
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0));
        run_to(28);
        let receipt = Receipts::<Test>::get(id).expect("closed");
        assert_eq!(receipt.reason, Reason::MissedDeadline);
        assert_eq!(receipt.roots, PerPass::new());
        assert_eq!(free(&requester()), ENDOWMENT + 300);
        assert_eq!(Trace::burned(), 300);
    });
}

#[test]
fn job_is_open_for_rescue_without_a_bounty_when_the_requester_is_not_paid() {
    TestExt::execute(|| {
        assert_ok!(<Balances as Mutate<_>>::burn_from(
            &vault(),
            u128::MAX,
            Preservation::Expendable,
            Precision::BestEffort,
            Fortitude::Force,
        ));
        let id = missed();
        let job = Jobs::<Test>::get(id).expect("alive");
        assert!(matches!(job.stage, Stage::Rescue { .. }));
        assert_eq!(job.bounty, 0);
    });
}

#[test]
fn bounty_is_what_the_requesters_account_can_spare() {
    TestExt::execute(|| {
        Trace::arm();
        accepted();
        assert_ok!(<Balances as Mutate<_>>::burn_from(
            &requester(),
            u128::MAX,
            Preservation::Preserve,
            Precision::BestEffort,
            Fortitude::Polite,
        ));
        let left = free(&requester());
        run_to(10);
        let job = Jobs::<Test>::get(0).expect("alive");
        assert_eq!(job.bounty, 50);
        assert_eq!(free(&requester()), left + 50);
    });
}

#[test]
fn no_clock_is_inherited_when_a_job_is_rescued() {
    TestExt::execute(|| {
        let id = missed();
        run_to(18);
        rescue(id);
        let job = Jobs::<Test>::get(id).expect("alive");
        assert!(matches!(
            job.stage,
            Stage::Computing {
                accepted: 18,
                deadline: 26,
                ..
            }
        ));
    });
}

#[test]
fn refund_follows_at_once_when_the_last_round_is_missed() {
    TestExt::execute(|| {
        Trace::arm();
        let id = post();
        run_to(23);
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0));
        run_to(32);
        assert!(Receipts::<Test>::contains_key(id));
        assert_eq!(free(&requester()), ENDOWMENT + 100);
    });
}
