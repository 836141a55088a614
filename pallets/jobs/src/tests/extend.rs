// SPDX-License-Identifier: Apache-2.0
//! `extend`.

use crate::{
    Error, Event, Jobs, frame_support, frame_system,
    mock::{
        JobsPallet, RuntimeOrigin, System, Test, TestExt, accepted, author, committed, due_at,
        events, one, post, provider, requester, rival, run_to, signature,
    },
    sp_runtime,
    types::Stage,
};
use assay_primitives::{BlockNumber, JobId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn deadline(id: JobId) -> Option<BlockNumber> {
    match Jobs::<Test>::get(id)?.stage {
        Stage::Computing { deadline, .. } => Some(deadline),
        _ => None,
    }
}

fn extend(id: JobId, blocks: BlockNumber) -> sp_runtime::DispatchResult {
    JobsPallet::extend(RuntimeOrigin::signed(requester()), id, blocks)
}

#[test]
fn provider_has_more_time_when_extended() {
    TestExt::execute(|| {
        let id = accepted();
        assert_eq!(deadline(id), Some(9));
        System::reset_events();
        assert_ok!(extend(id, 20));
        assert_eq!(deadline(id), Some(21));
        assert!(due_at(9).is_empty());
        assert_eq!(due_at(21), [id]);
        assert_eq!(
            events(),
            [Event::JobExtended {
                job: id,
                deadline: 21
            }]
        );
        run_to(21);
        let root = [1; 32];
        assert_ok!(JobsPallet::commit(
            frame_system::RawOrigin::Authorized.into(),
            id,
            one(root),
            signature(&provider(), id, root)
        ));
    });
}

#[test]
fn extend_changes_nothing_when_repeated() {
    TestExt::execute(|| {
        let id = accepted();
        assert_ok!(extend(id, 9));
        assert_noop!(extend(id, 9), Error::<Test>::NotLater);
        assert_noop!(extend(id, 8), Error::<Test>::NotLater);
        assert_noop!(extend(id, 0), Error::<Test>::NotLater);
        assert_eq!(deadline(id), Some(10));
    });
}

#[test]
fn extend_reaches_as_far_as_the_longest_time_to_compute() {
    TestExt::execute(|| {
        let id = accepted();
        for blocks in [101, u32::MAX] {
            assert_noop!(extend(id, blocks), Error::<Test>::BadWindow);
        }
        assert_ok!(extend(id, 100));
        assert_eq!(deadline(id), Some(101));
    });
}

#[test]
fn extend_is_refused_when_not_the_requester() {
    TestExt::execute(|| {
        let id = accepted();
        for who in [author(), provider()] {
            assert_noop!(
                JobsPallet::extend(RuntimeOrigin::signed(who), id, 20),
                Error::<Test>::NotRequester
            );
        }
        assert_noop!(
            JobsPallet::extend(RuntimeOrigin::none(), id, 20),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn extend_is_refused_when_nobody_computes() {
    TestExt::execute(|| {
        assert_noop!(extend(0, 20), Error::<Test>::UnknownJob);
        let open = post();
        assert_noop!(extend(open, 20), Error::<Test>::NotComputing);
        let done = committed([1; 32]);
        assert_noop!(extend(done, 20), Error::<Test>::NotComputing);
        let late = accepted();
        System::set_block_number(10);
        assert_noop!(extend(late, 20), Error::<Test>::DeadlinePassed);
    });
}

#[test]
fn next_provider_has_the_time_of_the_terms_when_the_last_one_had_more() {
    TestExt::execute(|| {
        let id = accepted();
        assert_ok!(extend(id, 20));
        run_to(22);
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(rival()), id, 0));
        assert_eq!(deadline(id), Some(30));
    });
}
