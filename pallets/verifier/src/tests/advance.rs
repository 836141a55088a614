// SPDX-License-Identifier: Apache-2.0
//! What the chain does by itself, and how often it may be asked.

use crate::{
    Cases,
    mock::{
        Output, Test, VerifierPallet, World, all_attested, all_opened, all_revealed, case, commit,
        drawn, is_forgotten, right_values, run, run_past, run_to,
    },
    types::Phase,
};
use assay_primitives::verification::{Progress, Verdict, Verification};

#[test]
fn case_waits_when_its_window_is_open() {
    run(|| {
        drawn(7, &Output::right());
        let before = case(7);
        for now in [0, 14, before.until - 1] {
            assert_eq!(
                VerifierPallet::advance(7, now),
                Progress::Wait(before.until)
            );
        }
        assert_eq!(case(7), before);
    });
}

#[test]
fn case_is_advanced_once_when_asked_twice_in_a_block() {
    run(|| {
        drawn(7, &Output::right());
        let now = case(7).until;
        let first = VerifierPallet::advance(7, now);
        let after = case(7);
        assert_eq!(VerifierPallet::advance(7, now), first);
        assert_eq!(case(7), after);
        assert_eq!(after.until, now + 20);
        assert_eq!(World::charges().len(), 2);
    });
}

#[test]
fn windows_count_from_when_they_start_when_the_chain_is_late() {
    run(|| {
        drawn(7, &Output::right());
        let late = case(7).until + 100;
        assert_eq!(VerifierPallet::advance(7, late), Progress::Wait(late + 20));
    });
}

#[test]
fn job_ends_in_every_phase_whatever_nobody_does() {
    run(|| {
        commit(7, &Output::right());
        run_to(14);
        run_past(7);
        assert_eq!((case(7).phase, case(7).round), (Phase::Attesting, 1));
        run_past(7);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert!(is_forgotten(7));
    });
    run(|| {
        all_attested(7, &Output::right(), &right_values());
        run_past(7);
        assert!(World::verdict(7).is_some());
        assert!(is_forgotten(7));
    });
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        // Nobody has shown that he computed anything; nor do those who are drawn then, nor who takes their places.
        for phase in [Phase::Drawing, Phase::Attesting] {
            run_past(7);
            assert_eq!(case(7).phase, phase);
        }
        run_to(200);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert_eq!(World::charges().len(), 4);
        assert!(is_forgotten(7));
    });
    run(|| {
        all_revealed(7, &Output::right(), &right_values());
        assert_eq!(case(7).phase, Phase::Challenge);
        run_past(7);
        assert!(World::verdict(7).is_some());
        assert!(is_forgotten(7));
    });
}

#[test]
fn cases_do_not_touch_each_other() {
    run(|| {
        all_attested(7, &Output::right(), &right_values());
        drawn(8, &Output::right());
        let other = case(8);
        run_past(7);
        assert!(World::verdict(7).is_some());
        assert_eq!(case(8), other);
        assert_eq!(Cases::<Test>::iter_keys().collect::<Vec<_>>(), [8]);
    });
}

#[test]
fn weight_of_a_step_is_not_nothing() {
    run(|| {
        drawn(7, &Output::right());
        let (going_on, over) = VerifierPallet::advance_weight(7, case(7).until);
        assert!(going_on.ref_time() > 100_000_000);
        assert!(over.all_gt(going_on));
        assert!(over.all_lte(VerifierPallet::most_advance_weight()));
    });
}
