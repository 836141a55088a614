// SPDX-License-Identifier: Apache-2.0
//! What the chain does by itself.

use crate::{
    Auctions, Cursor, Event, ExpiryRange, HoldReason, Jobs, Receipts, WeightInfo, frame_support,
    mock::{
        Asked, ENDOWMENT, JobsPallet, RuntimeOrigin, System, Test, TestExt, Trace, accepted,
        account, committed, due_at, events, free, held, post, provider, requester, run_to,
        run_with, spec,
    },
};
use assay_primitives::{
    reason::Reason,
    reputation::Deed,
    slashing::Penalty,
    verification::{Progress, Verdict},
};
use frame_support::{
    assert_ok,
    traits::OffchainWorker,
    weights::{Weight, WeightMeter},
};

fn round(id: assay_primitives::JobId) -> Option<u32> {
    Jobs::<Test>::get(id).map(|job| job.round)
}

#[test]
fn auction_runs_again_when_nobody_accepts() {
    TestExt::execute(|| {
        let id = post();
        run_to(11);
        assert_eq!(round(id), Some(0));
        System::reset_events();
        run_to(12);
        assert_eq!(round(id), Some(1));
        assert!(Auctions::<Test>::contains_key(id));
        assert_eq!(
            events(),
            [Event::JobReopened {
                job: id,
                reason: Reason::NoBid,
                provider: None,
                round: 1,
                until: 22,
            }]
        );
    });
}

#[test]
fn everything_comes_back_when_nobody_accepts_in_any_round() {
    TestExt::execute(|| {
        let id = post();
        let deposit = held(HoldReason::Deposit, &requester());
        run_to(33);
        assert_eq!(round(id), Some(2));
        System::reset_events();
        run_to(34);
        assert_eq!(round(id), None);
        assert_eq!(free(&requester()), ENDOWMENT);
        assert_eq!(
            events(),
            [Event::JobSettled {
                job: id,
                reason: Reason::NoBid,
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
fn everything_comes_back_when_the_deadline_is_missed_in_the_last_round() {
    TestExt::execute(|| {
        let id = post();
        run_to(23);
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0));
        let deposit = held(HoldReason::Deposit, &requester());
        run_to(31);
        System::reset_events();
        run_to(32);
        assert_eq!(free(&requester()), ENDOWMENT);
        assert_eq!(
            events(),
            [Event::JobSettled {
                job: id,
                reason: Reason::MissedDeadline,
                provider: Some(provider()),
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
fn job_goes_on_when_the_punishment_fails() {
    TestExt::execute(|| {
        Trace::set_penalty(None);
        let id = accepted();
        run_to(10);
        assert_eq!(round(id), Some(1));
        assert_eq!(Trace::locked(&provider()), 0);
    });
}

#[test]
fn verification_is_advanced_when_due_and_put_off_while_it_waits() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        Trace::take();
        Trace::set_progress(id, Progress::Wait(6));
        run_to(4);
        assert_eq!(Trace::take(), [Asked::Advance(id, 3)]);
        assert_eq!(due_at(6), [id]);
        run_to(6);
        assert_eq!(Trace::take(), []);
        Trace::set_progress(id, Progress::Over(Verdict::Upheld { verifiers: vec![] }));
        run_to(7);
        assert_eq!(
            Trace::take(),
            [
                Asked::Advance(id, 6),
                Asked::Unlock(provider(), 200),
                Asked::Earned(provider(), 99),
                Asked::Note(provider(), Deed::Settled),
            ]
        );
        assert_eq!(round(id), None);
    });
}

#[test]
fn verification_is_not_advanced_twice_in_a_block_when_it_asks_for_the_past() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        Trace::take();
        Trace::set_progress(id, Progress::Wait(0));
        run_to(5);
        assert_eq!(
            Trace::take(),
            [Asked::Advance(id, 3), Asked::Advance(id, 4)]
        );
    });
}

#[test]
fn job_falls_due_in_the_next_block_when_the_block_is_full() {
    TestExt::execute(|| {
        let ids = [post(), post(), post()];
        assert_eq!(due_at(11), ids[..2]);
        assert_eq!(due_at(12), ids[2..]);
        run_to(12);
        assert_eq!(ids.map(round), [Some(1), Some(1), Some(0)]);
        run_to(13);
        assert_eq!(ids.map(round), [Some(1), Some(1), Some(1)]);
    });
}

#[test]
fn every_job_finds_room_when_as_many_are_alive_as_allowed() {
    TestExt::execute(|| {
        for seed in [1, 5] {
            for _ in 0..4 {
                assert_ok!(JobsPallet::post(
                    RuntimeOrigin::signed(account(seed)),
                    spec()
                ));
            }
        }
        let slots: Vec<_> = (11..=14).map(|slot| due_at(slot).len()).collect();
        assert_eq!(slots, [2, 2, 2, 2]);
    });
}

#[test]
fn job_is_advanced_before_the_next_extrinsics_when_the_block_was_full() {
    TestExt::execute(|| {
        let id = post();
        run_with(12, Weight::zero());
        assert_eq!(round(id), Some(1));
    });
}

#[test]
fn jobs_are_advanced_one_by_one_when_the_weight_reaches_for_one() {
    TestExt::execute(|| {
        let ids = [post(), post(), post()];
        System::set_block_number(13);
        let one = <() as WeightInfo>::progress()
            .saturating_add(<() as WeightInfo>::take_slot())
            .saturating_add(<() as WeightInfo>::next_due())
            .saturating_add(<() as WeightInfo>::auction_over());
        Cursor::<Test>::put(11);
        for (rounds, cursor) in [
            ([Some(1), Some(0), Some(0)], 11),
            ([Some(1), Some(1), Some(0)], 12),
        ] {
            let mut meter = WeightMeter::with_limit(one);
            JobsPallet::progress(13, &mut meter);
            assert!(meter.consumed().all_lte(one));
            assert_eq!(ids.map(round), rounds);
            assert_eq!(Cursor::<Test>::get(), Some(cursor));
            assert_ok!(JobsPallet::do_try_state());
        }
        JobsPallet::progress(13, &mut WeightMeter::new());
        assert_eq!(ids.map(round), [Some(1), Some(1), Some(1)]);
        assert_eq!(Cursor::<Test>::get(), Some(14));
    });
}

#[test]
fn settlement_weighs_by_the_payments_that_are_shared_with_delegators() {
    let settled = |shares: bool| {
        let mut weights = Default::default();
        TestExt::execute(|| {
            let id = committed([7; 32]);
            if shares {
                Trace::set_sharing(provider());
            }
            Trace::set_progress(id, Progress::Over(Verdict::Upheld { verifiers: vec![] }));
            let job = Jobs::<Test>::get(id).expect("the job is alive");
            let mut meter = WeightMeter::new();
            JobsPallet::progress(job.due, &mut meter);
            assert!(Receipts::<Test>::contains_key(id));
            let shared = u32::from(shares);
            let charged = <() as WeightInfo>::settled(job.fees.panel - shared, shared, 1, 0);
            weights = (meter.consumed(), charged);
        });
        weights
    };
    let ((alone, charged_alone), (sharing, charged_sharing)) = (settled(false), settled(true));
    assert!(sharing.ref_time() > alone.ref_time());
    assert_eq!(sharing - alone, charged_sharing - charged_alone);
}

#[test]
fn nothing_happens_when_there_is_no_weight() {
    TestExt::execute(|| {
        let id = post();
        System::set_block_number(50);
        let mut meter = WeightMeter::with_limit(Weight::zero());
        JobsPallet::progress(50, &mut meter);
        assert_eq!(meter.consumed(), Weight::zero());
        assert_eq!(round(id), Some(0));
    });
}

#[test]
fn receipt_is_kept_for_the_period_and_then_removed() {
    TestExt::execute(|| {
        let id = post();
        run_to(5);
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));
        run_to(25);
        assert!(Receipts::<Test>::contains_key(id));
        run_to(26);
        assert!(!Receipts::<Test>::contains_key(id));
        assert_eq!(ExpiryRange::<Test>::get(), (1, 1));
    });
}

#[test]
fn off_chain_policy_runs_after_a_block() {
    TestExt::execute(|| {
        Trace::take();
        <JobsPallet as OffchainWorker<u32>>::offchain_worker(9);
        assert_eq!(Trace::take(), [Asked::Offchain(9)]);
    });
}

#[test]
fn constants_agree_with_each_other() {
    use frame_support::traits::Hooks;
    TestExt::execute(<JobsPallet as Hooks<u32>>::integrity_test);
}
