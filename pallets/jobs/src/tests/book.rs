// SPDX-License-Identifier: Apache-2.0
//! The jobs as the verifier's pallet sees them.

use crate::{
    Error, Jobs, Kernels, Receipts, frame_support,
    mock::{
        Asked, JobsPallet, Test, TestExt, Trace, accepted, committed, due_at, kernel, post, rival,
        run_to, spec,
    },
};
use assay_kernel::cost;
use assay_primitives::{
    reason::{Offence, Reason},
    verification::{JobBook, Verdict},
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::OnIdle, weights::Weight};

#[test]
fn work_and_kernel_are_those_of_the_post() {
    TestExt::execute(|| {
        let id = post();
        let work = JobsPallet::work(id, 0).expect("alive");
        assert_eq!(
            (work.kernel, work.grid, work.tiles),
            (spec().passes[0].kernel, [5, 3, 2], 30)
        );
        assert_eq!(work.inputs, spec().inputs.to_vec());
        assert_eq!(
            <JobsPallet as JobBook<_, _>>::kernel(&work.kernel),
            Some(kernel())
        );
        assert_eq!(
            <JobsPallet as JobBook<_, _>>::judging_fuel(&work.kernel),
            Kernels::<Test>::get(work.kernel)
                .map(|record| record.tile_fuel + cost::ready(kernel().encoded_size()))
        );
    });
}

#[test]
fn nothing_is_known_of_jobs_and_kernels_that_are_not_there() {
    TestExt::execute(|| {
        assert_eq!(JobsPallet::work(0, 0), None);
        assert_eq!(<JobsPallet as JobBook<_, _>>::kernel(&[0; 32]), None);
        assert_eq!(<JobsPallet as JobBook<_, _>>::judging_fuel(&[0; 32]), None);
    });
}

#[test]
fn job_falls_due_earlier_when_hastened() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        assert_eq!(due_at(3), [id]);
        assert_ok!(<JobsPallet as JobBook<_, _>>::hasten(id, 1));
        assert!(due_at(3).is_empty());
        assert_eq!(due_at(1), [id]);
        Trace::take();
        run_to(2);
        assert_eq!(Trace::take(), [Asked::Advance(id, 1)]);
    });
}

#[test]
fn job_falls_due_in_this_block_when_hastened_into_the_past() {
    TestExt::execute(|| {
        run_to(5);
        let id = committed([1; 32]);
        assert_ok!(<JobsPallet as JobBook<_, _>>::hasten(id, 2));
        assert_eq!(due_at(5), [id]);
    });
}

#[test]
fn job_is_not_lost_when_hastened_into_the_past_of_the_first_block() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        assert_ok!(<JobsPallet as JobBook<_, _>>::hasten(id, 0));
        assert_eq!(due_at(1), [id]);
    });
}

#[test]
fn job_falls_due_in_the_next_block_when_hastened_after_this_one_is_done() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        JobsPallet::on_idle(1, Weight::MAX);
        assert_ok!(<JobsPallet as JobBook<_, _>>::hasten(id, 1));
        assert_eq!(due_at(2), [id]);
    });
}

#[test]
fn job_is_not_put_off_when_hastened_to_a_later_block() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        assert_ok!(<JobsPallet as JobBook<_, _>>::hasten(id, 9));
        assert_eq!(due_at(3), [id]);
    });
}

#[test]
fn hasten_is_refused_when_there_is_no_such_job() {
    TestExt::execute(|| {
        assert_noop!(
            <JobsPallet as JobBook<_, _>>::hasten(0, 9),
            Error::<Test>::UnknownJob
        );
    });
}

#[test]
fn job_is_closed_at_once_when_concluded() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        let verdict = Verdict::Convicted {
            offence: Offence::WrongResult,
            reporter: Some(rival()),
            verifiers: vec![],
        };
        assert_ok!(<JobsPallet as JobBook<_, _>>::conclude(id, verdict));
        assert!(!Jobs::<Test>::contains_key(id));
        assert!(due_at(3).is_empty());
        assert_eq!(
            Receipts::<Test>::get(id).map(|receipt| receipt.reason),
            Some(Reason::WrongResult)
        );
    });
}

#[test]
fn conclude_is_refused_when_the_job_is_not_being_verified() {
    TestExt::execute(|| {
        let verdict = || Verdict::Upheld { verifiers: vec![] };
        assert_noop!(
            <JobsPallet as JobBook<_, _>>::conclude(0, verdict()),
            Error::<Test>::UnknownJob
        );
        let id = accepted();
        assert_noop!(
            <JobsPallet as JobBook<_, _>>::conclude(id, verdict()),
            Error::<Test>::NotVerifying
        );
    });
}
