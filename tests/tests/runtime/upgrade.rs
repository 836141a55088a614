// SPDX-License-Identifier: Apache-2.0
//! The code under jobs in every state is replaced, and they go on to their end.

use crate::{
    chain::{Chain, REQUESTERS, STAKE, STASHES, on_chain, spec},
    workers::{Script, Workers},
};
use assay_primitives::{
    BlockNumber, JobId, UNIT,
    mailbox::{Order, Step},
    reason::{Offence, Reason},
};
use assay_runtime::{
    Jobs, Providers, Runtime, RuntimeEvent, Slashing, VERSION, Verifier,
    configs::system::{DAYS, HOURS},
};
use assay_tests::kernel;
use assay_verifier::witness::Witness;
use pallet_jobs::types::Stage;
use pallet_verifier::{Windows, types::Phase};
use polkadot_sdk::{
    frame_support::traits::{GetStorageVersion, StorageVersion},
    frame_system::{LastRuntimeUpgrade, LastRuntimeUpgradeInfo},
    sp_runtime::Permill,
};
use std::collections::BTreeSet;

/// Windows so long that jobs can be kept where they are.
const WINDOWS: Windows = Windows {
    attest: 120,
    open: 120,
    reveal: 120,
    dispute: 120,
    challenge: 12,
    draw: 120,
    answer: 120,
};

/// A state that a job is brought into, and what becomes of it.
struct Life {
    /// What workers do until the upgrade.
    before: Script,
    /// And what after it.
    after: Script,
    /// Blocks to compute.
    compute: BlockNumber,
    /// How many blocks before the upgrade it is posted.
    early: BlockNumber,
    /// Where it stands at the upgrade.
    state: &'static str,
    /// How it ends.
    end: Reason,
}

impl Life {
    /// A job whose parties stop before some of their duties.
    fn stopped(state: &'static str, unanswered: fn(&Order) -> bool) -> Self {
        Self {
            before: Script {
                unanswered,
                ..Script::default()
            },
            after: Script::default(),
            compute: 100,
            early: 30,
            state,
            end: Reason::Settled,
        }
    }
}

fn lives() -> Vec<Life> {
    let wrong = Script {
        wrong: true,
        ..Script::default()
    };
    let missing = Script {
        reports: true,
        finds: false,
        ..Script::default()
    };
    let lying = Script {
        reports: true,
        ..Script::default()
    };
    vec![
        Life::stopped("auction", |order| {
            matches!(order.step, Step::Consider { .. })
        }),
        Life::stopped("computing", |order| {
            matches!(order.step, Step::Compute { .. })
        }),
        Life {
            // Posted, taken, committed: randomness comes only after the upgrade.
            early: 3,
            ..Life::stopped("Drawing", |_| false)
        },
        Life::stopped("Attesting", |order| {
            matches!(order.step, Step::Attest { .. })
        }),
        Life {
            before: Script {
                unanswered: |order| matches!(order.step, Step::Look { .. }),
                ..missing
            },
            after: missing,
            end: Reason::Unavailable,
            ..Life::stopped("Enquiring", |_| false)
        },
        Life::stopped("Opening", |order| matches!(order.step, Step::Open { .. })),
        Life::stopped("Revealing", |order| {
            matches!(order.step, Step::Reveal { .. })
        }),
        Life {
            before: Script {
                unanswered: |order| matches!(order.step, Step::Witness { .. }),
                ..wrong
            },
            after: wrong,
            end: Reason::WrongResult,
            ..Life::stopped("Disputed", |_| false)
        },
        Life {
            early: 12,
            ..Life::stopped("Challenge", |_| false)
        },
        Life {
            // A demand keeps it there.
            early: 20,
            ..Life::stopped("Challenge", |order| matches!(order.step, Step::Show { .. }))
        },
        Life {
            compute: 20,
            ..Life::stopped("rescue", |order| {
                is_for_others(order) || matches!(order.step, Step::Compute { .. })
            })
        },
        Life {
            before: Script {
                unanswered: is_for_others,
                ..lying
            },
            early: 12,
            ..Life::stopped("rescue", |_| false)
        },
        Life::stopped("closed", |_| false),
    ]
}

/// Whether a job is offered to anybody but the first provider: nobody else takes it, nor rescues it.
pub(crate) fn is_for_others(order: &Order) -> bool {
    matches!(order.step, Step::Consider { .. }) && order.provider != STASHES[0].to_account_id()
}

/// The places in the list of the job that pages are supplied for, and of the one that a tile is demanded of.
const DISPUTED: usize = 7;
const DEMANDED: usize = 9;

/// Where a job stands.
fn state(job: JobId) -> String {
    let Some(job_record) = pallet_jobs::Jobs::<Runtime>::get(job) else {
        assert!(pallet_jobs::Receipts::<Runtime>::contains_key(job));
        return "closed".into();
    };
    match job_record.stage {
        Stage::Auction { .. } => "auction".into(),
        Stage::Computing { .. } => "computing".into(),
        Stage::Rescue { .. } => "rescue".into(),
        Stage::Enquiring { .. } | Stage::Verifying { .. } => {
            let case = pallet_verifier::Cases::<Runtime>::get(job).expect("it is looked at");
            format!("{:?}", case.phase)
        }
    }
}

/// How jobs have ended.
fn ends(chain: &Chain) -> Vec<(JobId, Reason)> {
    let ends = chain.events.iter().filter_map(|event| match event {
        RuntimeEvent::Jobs(pallet_jobs::Event::JobSettled { job, reason, .. }) => {
            Some((*job, *reason))
        }
        _ => None,
    });
    ends.collect()
}

/// Brings all jobs into their states, the last block before the upgrade included. The answer is their numbers.
fn bring_about(chain: &mut Chain, workers: &mut Workers, lives: &[Life]) -> Vec<JobId> {
    let [requester, other] = REQUESTERS;
    let [.., delegated, leaving] = STASHES;
    chain.submit(
        delegated,
        pallet_providers::Call::accept_delegation { accepts: true },
    );
    chain.submit(
        leaving,
        pallet_providers::Call::unbond { amount: STAKE / 2 },
    );
    chain.step(workers);
    let provider = delegated.to_account_id();
    let commission_at_most = Permill::one();
    chain.submit(
        other,
        pallet_providers::Call::delegate {
            provider: provider.clone(),
            amount: 100 * UNIT,
            commission_at_most,
        },
    );
    chain.step(workers);
    chain.submit(
        other,
        pallet_providers::Call::undelegate {
            provider,
            amount: 40 * UNIT,
        },
    );
    let mut jobs = vec![0; lives.len()];
    let mut next: JobId = 0;
    let first = lives.iter().map(|life| life.early).max().unwrap_or(0);
    for left in (0..=first).rev() {
        for (place, life) in lives
            .iter()
            .enumerate()
            .filter(|(_, life)| life.early == left)
        {
            jobs[place] = next;
            workers.scripts.insert(next, life.before);
            let tiles = 30 + u32::try_from(place).expect("few");
            let spec = spec(tiles, 200, life.compute);
            chain.submit(requester, pallet_jobs::Call::post { spec });
            next += 1;
        }
        if left == 1 {
            let demand = pallet_verifier::Call::demand {
                job: jobs[DEMANDED],
                tile: 1,
                bytes: true,
            };
            chain.submit(requester, demand);
            let slice = Witness::build(&[&kernel::input()[..]], &[BTreeSet::from([1])])
                .expect("the input has a second page")
                .inputs
                .remove(0);
            let supply = pallet_verifier::Call::supply {
                job: jobs[DISPUTED],
                pass: 0,
                input: 0,
                slice,
            };
            chain.submit(other, supply);
        }
        chain.step(workers);
    }
    jobs
}

/// The storage version of a pallet on chain, and that of its code.
fn versions<Pallet>() -> (StorageVersion, StorageVersion)
where
    Pallet: GetStorageVersion<InCodeStorageVersion = StorageVersion>,
{
    (
        Pallet::on_chain_storage_version(),
        Pallet::in_code_storage_version(),
    )
}

/// Every pallet of our own has on chain the version of its code.
fn assert_versions() {
    for (on_chain, in_code) in [
        versions::<Providers>(),
        versions::<Slashing>(),
        versions::<Verifier>(),
        versions::<Jobs>(),
    ] {
        assert_eq!(on_chain, in_code);
    }
}

/// Replaces the code: to the next block it is as if the chain had run the version before.
fn upgrade(chain: &mut Chain, workers: &mut Workers) {
    LastRuntimeUpgrade::<Runtime>::put(LastRuntimeUpgradeInfo {
        spec_version: (VERSION.spec_version - 1).into(),
        spec_name: VERSION.spec_name,
    });
    chain.step(workers);
    let last = LastRuntimeUpgrade::<Runtime>::get().expect("every block notes it");
    assert_eq!(last.spec_version.0, VERSION.spec_version);
    assert_versions();
}

#[test]
fn jobs_in_every_state_go_on_to_their_end_when_the_code_is_replaced() {
    on_chain(WINDOWS, |chain, workers| {
        assert_versions();
        let lives = lives();
        let jobs = bring_about(chain, workers, &lives);
        // GIVEN jobs in every state, pools with stake on its way out, pages, a demand and a deferral.
        let mut states = BTreeSet::new();
        for (job, life) in jobs.iter().zip(&lives) {
            assert_eq!(state(*job), life.state, "job {job}");
            states.insert(life.state);
        }
        let phases = [
            Phase::Drawing,
            Phase::Attesting,
            Phase::Enquiring,
            Phase::Opening,
            Phase::Revealing,
            Phase::Disputed,
            Phase::Challenge,
        ];
        assert!(
            phases
                .iter()
                .all(|phase| states.contains(format!("{phase:?}").as_str()))
        );
        assert!(pallet_verifier::Demands::<Runtime>::iter().next().is_some());
        assert!(
            pallet_verifier::Supplies::<Runtime>::iter()
                .next()
                .is_some()
        );
        let deferred: Vec<_> = pallet_slashing::Deferrals::<Runtime>::iter_values().collect();
        assert_eq!(deferred.len(), 1, "{deferred:?}");
        assert_eq!(deferred[0].offence, Offence::FalseReport);
        let pools = || pallet_providers::Providers::<Runtime>::iter_values();
        assert!(pools().any(|provider| !provider.unbonding.is_empty()));
        assert!(pools().any(|provider| provider.pool.unbonding.value > 0));

        // WHEN the code is replaced.
        upgrade(chain, workers);

        // THEN every job ends as it would have.
        for (job, life) in jobs.iter().zip(&lives) {
            workers.scripts.insert(*job, life.after);
        }
        for _ in 0..150 {
            chain.step(workers);
        }
        let ends = ends(chain);
        for (job, life) in jobs.iter().zip(&lives) {
            let own: Vec<_> = ends.iter().filter(|(ended, _)| ended == job).collect();
            assert_eq!(own, [&(*job, life.end)], "it was in {}", life.state);
        }
        assert_eq!(pallet_verifier::Cases::<Runtime>::iter().count(), 0);

        // And what takes weeks: the deferral is carried out, and stake on its way out is released.
        let [.., delegated, leaving] = STASHES;
        for days in 1..=22 {
            // The first ends a session and has no weight left for anything else; the second is in the middle of one.
            chain.block_at(days * DAYS + HOURS / 2, vec![]);
            chain.block(vec![]);
        }
        let waiting: Vec<_> = pallet_slashing::Deferrals::<Runtime>::iter_values().collect();
        assert!(waiting.is_empty(), "at {}: {waiting:?}", chain.height());
        assert!(chain.events.iter().any(|event| matches!(
            event,
            RuntimeEvent::Slashing(pallet_slashing::Event::Slashed {
                offence: Offence::FalseReport,
                deferral: Some(_),
                ..
            })
        )));
        let provider = delegated.to_account_id();
        chain.submit(leaving, pallet_providers::Call::withdraw {});
        chain.submit(
            REQUESTERS[1],
            pallet_providers::Call::withdraw_delegation { provider },
        );
        let waiting = chain.step(workers);
        assert!(waiting.len() >= 2, "{waiting:?}");
        let withdrawn = chain.events.iter().filter(|event| {
            matches!(
                event,
                RuntimeEvent::Providers(
                    pallet_providers::Event::Withdrawn { .. }
                        | pallet_providers::Event::DelegationWithdrawn { .. }
                )
            )
        });
        assert_eq!(withdrawn.count(), 2);
    });
}
