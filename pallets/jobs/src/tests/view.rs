// SPDX-License-Identifier: Apache-2.0
//! What the runtime APIs answer.

use crate::{
    frame_support,
    mock::{
        JobsPallet, RuntimeOrigin, TestExt, Trace, accepted, committed, kernel, post, provider,
        requester, rival, run_to, spec,
    },
};
use assay_primitives::{
    JobId,
    api::{JobStatus, PhaseView, SeatView, VerificationView},
    reason::Reason,
};
use codec::Encode;
use frame_support::assert_ok;

fn status(id: JobId) -> Option<JobStatus> {
    JobsPallet::job_view(id).map(|view| view.status)
}

#[test]
fn job_is_shown_with_its_terms() {
    TestExt::execute(|| {
        let id = post();
        let view = JobsPallet::job_view(id).expect("alive");
        assert_eq!(
            (view.id, view.requester, view.spec),
            (id, requester(), spec())
        );
        assert_eq!((view.tiles, view.samples), (30, 30));
    });
}

#[test]
fn job_is_shown_with_this_blocks_price_when_in_auction() {
    TestExt::execute(|| {
        let id = post();
        run_to(4);
        assert_eq!(
            status(id),
            Some(JobStatus::Auction {
                price: 400,
                until: 11
            })
        );
    });
}

#[test]
fn job_is_shown_with_its_deadline_when_computing() {
    TestExt::execute(|| {
        let id = accepted();
        assert_eq!(
            status(id),
            Some(JobStatus::Computing {
                provider: provider(),
                price: 100,
                deadline: 9,
                extended: 0
            })
        );
    });
}

#[test]
fn job_is_shown_as_the_verification_stands_when_verifying() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        let panel = vec![SeatView {
            verifier: rival(),
            attested: true,
            missing: None,
            agrees: None,
        }];
        Trace::set_view(
            id,
            VerificationView {
                phase: PhaseView::Opening,
                until: 17,
                panel: panel.clone(),
                tiles: vec![3, 4],
            },
        );
        assert_eq!(
            status(id),
            Some(JobStatus::Verifying {
                provider: provider(),
                price: 100,
                roots: vec![[1; 32]],
                phase: PhaseView::Opening,
                until: 17,
                panel,
                tiles: vec![3, 4],
            })
        );
    });
}

#[test]
fn job_is_shown_closed_until_its_receipt_is_gone() {
    TestExt::execute(|| {
        let id = post();
        run_to(5);
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));
        let closed = Some(JobStatus::Closed {
            reason: Reason::Cancelled,
            provider: None,
            roots: vec![],
            at: 5,
        });
        assert_eq!(status(id), closed);
        run_to(25);
        assert_eq!(status(id), closed);
        run_to(26);
        assert_eq!(status(id), None);
    });
}

#[test]
fn jobs_are_listed_newest_first_from_below_a_number_up_to_a_limit() {
    TestExt::execute(|| {
        for _ in 0..4 {
            post();
        }
        let list = |before, limit| {
            let jobs = JobsPallet::job_views(before, limit);
            jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
        };
        assert_eq!(list(None, 100), [3, 2, 1, 0]);
        assert_eq!(list(None, u32::MAX), [3, 2, 1, 0]);
        assert_eq!(list(Some(3), 2), [2, 1]);
        assert_eq!(list(Some(u64::MAX), 1), [3]);
        assert_eq!(list(Some(0), 100), Vec::<JobId>::new());
        assert_eq!(list(None, 0), Vec::<JobId>::new());
    });
}

#[test]
fn kernel_view_is_what_was_registered() {
    TestExt::execute(|| {
        assert_eq!(
            JobsPallet::kernel_view(&spec().passes[0].kernel).map(|view| view.code),
            Some(kernel().encode())
        );
        assert_eq!(JobsPallet::kernel_view(&[0; 32]), None);
    });
}

#[test]
fn job_is_shown_with_what_was_added_to_its_time() {
    TestExt::execute(|| {
        let id = accepted();
        assert_ok!(JobsPallet::extend(
            RuntimeOrigin::signed(requester()),
            id,
            20
        ));
        assert_eq!(
            status(id),
            Some(JobStatus::Computing {
                provider: provider(),
                price: 100,
                deadline: 21,
                extended: 12
            })
        );
    });
}

#[test]
fn job_is_shown_with_its_bounty_when_up_for_rescue() {
    TestExt::execute(|| {
        Trace::arm();
        let id = accepted();
        run_to(12);
        let view = JobsPallet::job_view(id).expect("alive");
        assert_eq!((view.bounty, view.round), (50, 1));
        assert_eq!(
            view.status,
            JobStatus::Rescue {
                price: 350,
                until: 18,
                reason: Reason::MissedDeadline,
                defaulter: Some(provider()),
            }
        );
    });
}

#[test]
fn job_is_shown_with_those_who_look_when_its_inputs_are_missed() {
    TestExt::execute(|| {
        let id = accepted();
        let origin = RuntimeOrigin::signed(provider());
        assert_ok!(JobsPallet::report(origin, id, None));
        let shown = |until, panel| {
            Some(JobStatus::Enquiring {
                provider: provider(),
                price: 100,
                until,
                panel,
            })
        };
        assert_eq!(status(id), shown(3, vec![]));
        let panel = vec![SeatView {
            verifier: rival(),
            attested: false,
            missing: None,
            agrees: None,
        }];
        Trace::set_view(
            id,
            VerificationView {
                phase: PhaseView::Attesting,
                until: 17,
                panel: panel.clone(),
                tiles: vec![],
            },
        );
        assert_eq!(status(id), shown(17, panel));
    });
}
