// SPDX-License-Identifier: Apache-2.0
//! The chain used at random: no money appears or disappears, and every invariant holds after every act.

use crate::{
    Agenda, Event, HoldReason, Jobs, frame_support, frame_system,
    mock::{
        Balances, JobsPallet, RuntimeOrigin, System, Test, TestExt, Trace, account, held, one,
        provider, rival, run_to, run_with, signature, spec, worker_account,
    },
    types::Stage,
};
use assay_primitives::{
    AccountId, Balance, JobId,
    reason::Offence,
    verification::{JobBook, Progress, Verdict},
};
use frame_support::weights::Weight;
use proptest::prelude::*;

/// Something that somebody does, or time that passes. Jobs are named by their place among the first few.
#[derive(Clone, Debug)]
enum Act {
    Post {
        by: u8,
        floor: Balance,
        span: Balance,
        auction: u32,
        compute: u32,
    },
    Cancel {
        by: u8,
        job: JobId,
    },
    Accept {
        by: bool,
        job: JobId,
    },
    Commit {
        job: JobId,
        root: u8,
    },
    Conclude {
        job: JobId,
        verdict: Verdict<AccountId>,
    },
    Decide {
        job: JobId,
        verdict: Verdict<AccountId>,
    },
    Hasten {
        job: JobId,
        due: u32,
    },
    Wait {
        blocks: u32,
        idle: u64,
    },
}

fn verdict() -> impl Strategy<Value = Verdict<AccountId>> {
    let verifiers = || {
        prop::collection::vec((40u8..45, 0u32..40), 0..4).prop_map(|drawn| {
            drawn
                .into_iter()
                .map(|(seed, tiles)| (account(seed), tiles))
                .collect::<Vec<_>>()
        })
    };
    prop_oneof![
        verifiers().prop_map(|verifiers| Verdict::Upheld { verifiers }),
        (verifiers(), any::<bool>()).prop_map(|(verifiers, wrong)| Verdict::Convicted {
            offence: if wrong {
                Offence::WrongResult
            } else {
                Offence::Withheld
            },
            reporter: None,
            verifiers,
        }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let job = || 0..12u64;
    prop_oneof![
        3 => (1u8..7, 0u128..2_000, 0u128..200_000, 1u32..12, 1u32..12).prop_map(
            |(by, floor, span, auction, compute)| Act::Post { by, floor, span, auction, compute }
        ),
        1 => (1u8..7, job()).prop_map(|(by, job)| Act::Cancel { by, job }),
        3 => (any::<bool>(), job()).prop_map(|(by, job)| Act::Accept { by, job }),
        3 => (job(), any::<u8>()).prop_map(|(job, root)| Act::Commit { job, root }),
        1 => (job(), verdict()).prop_map(|(job, verdict)| Act::Conclude { job, verdict }),
        2 => (job(), verdict()).prop_map(|(job, verdict)| Act::Decide { job, verdict }),
        1 => (job(), 0u32..100).prop_map(|(job, due)| Act::Hasten { job, due }),
        3 => (1u32..12, 0u64..20_000_000_000).prop_map(|(blocks, idle)| Act::Wait { blocks, idle }),
    ]
}

/// Does it; a refusal is as good as an acceptance, as long as it leaves no trace.
fn perform(act: Act) {
    let before = (
        Balances::total_issuance(),
        System::read_events_for_pallet::<Event<Test>>().len(),
    );
    let done = match act {
        Act::Post {
            by,
            floor,
            span,
            auction,
            compute,
        } => {
            let mut spec = spec();
            spec.price.floor = floor;
            spec.price.ceiling = floor + span;
            spec.auction = auction;
            spec.compute = compute;
            JobsPallet::post(RuntimeOrigin::signed(account(by)), spec)
        }
        Act::Cancel { by, job } => JobsPallet::cancel(RuntimeOrigin::signed(account(by)), job),
        Act::Accept { by, job } => {
            let who = if by {
                provider()
            } else {
                worker_account(&rival())
            };
            JobsPallet::accept(RuntimeOrigin::signed(who), job, 0)
        }
        Act::Commit { job, root } => JobsPallet::commit(
            frame_system::RawOrigin::Authorized.into(),
            job,
            one([root; 32]),
            signature(&provider(), job, [root; 32]),
        ),
        Act::Conclude { job, verdict } => <JobsPallet as JobBook<_, _>>::conclude(job, verdict),
        Act::Decide { job, verdict } => {
            Trace::set_progress(job, Progress::Over(verdict));
            return;
        }
        Act::Hasten { job, due } => <JobsPallet as JobBook<_, _>>::hasten(job, due),
        Act::Wait { blocks, idle } => {
            let idle = Weight::from_parts(idle, u64::MAX);
            run_with(System::block_number() + blocks, idle);
            Ok(())
        }
    };
    if done.is_err() {
        assert_eq!(
            before.1,
            System::read_events_for_pallet::<Event<Test>>().len(),
            "a refused call leaves no event"
        );
    }
    assert_eq!(before.0, Balances::total_issuance());
    let bonds = |who: &AccountId| -> Balance {
        Jobs::<Test>::iter_values()
            .filter_map(|job| job.contract().cloned())
            .filter(|contract| contract.provider == *who)
            .map(|contract| contract.bond)
            .sum()
    };
    for who in [provider(), rival()] {
        assert_eq!(
            Trace::locked(&who),
            bonds(&who),
            "a bond is locked exactly while its job is alive"
        );
    }
    JobsPallet::do_try_state().expect("every invariant holds");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn invariants_hold_whatever_is_done(acts in prop::collection::vec(act(), 1..60)) {
        TestExt::execute(|| acts.into_iter().for_each(perform));
    }

    #[test]
    fn every_job_ends_by_itself(acts in prop::collection::vec(act(), 1..30)) {
        TestExt::execute(|| {
            acts.into_iter().for_each(perform);
            for (id, job) in Jobs::<Test>::iter() {
                if matches!(job.stage, Stage::Verifying { .. }) {
                    Trace::set_progress(id, Progress::Over(Verdict::Upheld { verifiers: vec![] }));
                }
            }
            run_to(System::block_number() + 100);
            assert_eq!(Jobs::<Test>::count(), 0);
            assert_eq!(Agenda::<Test>::iter().count(), 0);
            for seed in 1..7 {
                assert_eq!(held(HoldReason::Escrow, &account(seed)), 0);
                assert_eq!(held(HoldReason::Deposit, &account(seed)), 0);
            }
        });
    }
}
