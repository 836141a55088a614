// SPDX-License-Identifier: Apache-2.0
//! Every block of a job's life is dropped, and what it held comes again later, in another order.

use crate::{
    chain::{Chain, REQUESTERS, on_chain, spec},
    workers::{Script, Workers},
};
use assay_primitives::{
    AccountId, JobId,
    reason::{Offence, Reason},
};
use assay_runtime::{Runtime, RuntimeEvent};
use pallet_verifier::Windows;
use std::collections::BTreeSet;

/// Windows that are long enough for what a fork delays.
const WINDOWS: Windows = Windows {
    attest: 20,
    open: 10,
    reveal: 10,
    dispute: 20,
    challenge: 2,
    draw: 20,
    answer: 10,
};

/// The most blocks that a fork drops here.
const DEEPEST: u32 = 4;

/// The most blocks that two jobs take.
const PATIENCE: u32 = 80;

/// How jobs ended on this branch.
fn ends(chain: &Chain) -> Vec<(JobId, Reason)> {
    let ends = chain.events.iter().filter_map(|event| match event {
        RuntimeEvent::Jobs(pallet_jobs::Event::JobSettled { job, reason, .. }) => {
            Some((*job, *reason))
        }
        _ => None,
    });
    ends.collect()
}

/// Whom the chain has punished on this branch, and for what.
fn punished(chain: &Chain) -> Vec<Offence> {
    let faults = chain.events.iter().filter_map(|event| match event {
        RuntimeEvent::Slashing(
            pallet_slashing::Event::Slashed { offence, .. }
            | pallet_slashing::Event::Deferred { offence, .. },
        ) => Some(*offence),
        _ => None,
    });
    faults.collect()
}

/// Goes on until both jobs are closed; the answer is how many blocks that took.
fn until_closed(chain: &mut Chain, workers: &mut Workers) -> u32 {
    let before = chain.height();
    while ends(chain).len() < 2 {
        chain.step(workers);
        assert!(
            chain.height() - before < PATIENCE,
            "jobs do not end: {:?}",
            pallet_jobs::Jobs::<Runtime>::iter_values().collect::<Vec<_>>()
        );
    }
    chain.height() - before
}

/// Two jobs of two requesters live through every fork of their lives and end as they should.
fn live(script: Script, reason: Reason, offences: &[Offence]) {
    on_chain(WINDOWS, |chain, workers| {
        workers.usual = script;
        for (requester, tiles) in REQUESTERS.into_iter().zip([40, 50]) {
            let spec = spec(tiles, 20, 40);
            chain.submit(requester, pallet_jobs::Call::post { spec });
        }
        let length = chain.branch(|chain| until_closed(chain, workers));
        let mut draws = BTreeSet::new();
        for from in 0..length {
            for depth in 1..=DEEPEST.min(length - from) {
                chain.branch(|chain| {
                    for _ in 0..from {
                        chain.step(workers);
                    }
                    // GIVEN a branch on which the jobs go on for some blocks,
                    let dropped = chain.branch(|branch| {
                        let blocks = (0..depth).map(|_| branch.step(workers));
                        blocks.collect::<Vec<_>>().concat()
                    });
                    // WHEN another is best, whose first block knows nothing of it, and all that was on the first
                    // comes back, the last first,
                    chain.block(vec![]);
                    for transaction in dropped.into_iter().rev() {
                        chain.wait_for_block(transaction);
                    }
                    chain.work(workers);
                    until_closed(chain, workers);
                    // THEN each job ends once, in the same way, and nobody is punished for the fork.
                    let ends = ends(chain);
                    let place = format!("{depth} blocks from {from} of {length}: {ends:?}");
                    assert_eq!(ends.len(), 2, "{place}");
                    assert!(ends.iter().all(|end| end.1 == reason), "{place}");
                    assert!(ends[0].0 != ends[1].0, "{place}");
                    let faults = punished(chain);
                    let count =
                        |offence: &Offence| faults.iter().filter(|it| *it == offence).count();
                    assert_eq!(faults.len(), 2 * offences.len(), "{place}: {faults:?}");
                    assert!(
                        offences.iter().all(|offence| count(offence) == 2),
                        "{place}: {faults:?}"
                    );
                    draws.extend(drawn(chain));
                });
            }
        }
        // Draws do change with the fork: there were more than one for each of the two jobs.
        assert!(draws.len() > 2, "{draws:?}");
    });
}

/// Who was drawn for which job on this branch.
fn drawn(chain: &Chain) -> impl Iterator<Item = (JobId, Vec<AccountId>)> {
    chain.events.iter().filter_map(|event| match event {
        RuntimeEvent::Verifier(pallet_verifier::Event::Drawn { job, verifiers, .. }) => {
            Some((*job, verifiers.clone()))
        }
        _ => None,
    })
}

#[test]
fn honest_jobs_settle_whatever_blocks_a_fork_drops_and_reorders() {
    live(Script::default(), Reason::Settled, &[]);
}

#[test]
fn wrong_results_are_convicted_whatever_blocks_a_fork_drops_and_reorders() {
    let script = Script {
        wrong: true,
        ..Script::default()
    };
    live(script, Reason::WrongResult, &[Offence::WrongResult]);
}

#[test]
fn missing_inputs_are_nobodys_fault_whatever_blocks_a_fork_drops_and_reorders() {
    let script = Script {
        reports: true,
        finds: false,
        ..Script::default()
    };
    live(script, Reason::Unavailable, &[]);
}
