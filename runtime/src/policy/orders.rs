// SPDX-License-Identifier: Apache-2.0
//! The orders that follow from the chain's state for one provider.

use super::{Party, replies};
use crate::{AccountId, Jobs, Providers, Runtime, System, Verifier};
use alloc::{vec, vec::Vec};
use assay_primitives::{
    BlockNumber, JobId,
    job::Endpoint,
    mailbox::{Order, Reply, Step},
    stake::Stakes,
};
use assay_verifier::Root;
use pallet_jobs::types::{Job, Stage};
use pallet_verifier::VerifierDuty;
use polkadot_sdk::frame_support::traits::Get;

/// The most auctions that are looked at after one block.
const MOST_AUCTIONS: usize = 64;

/// All orders for a provider: duties first, what it may choose last.
pub(super) fn of(party: &Party) -> Vec<Order> {
    let provider = &party.provider;
    let mut orders = Vec::new();
    let mut push = |job: JobId, step: Option<Step>| {
        orders.extend(step.map(|step| Order {
            job,
            provider: provider.clone(),
            step,
        }));
    };
    for id in Verifier::cases_of(provider) {
        let Some(job) = pallet_jobs::Jobs::<Runtime>::get(id) else {
            continue;
        };
        push(id, verifying(id, &job, provider));
        push(id, proving(id, &job));
        for step in checking(id, &job, provider) {
            push(id, Some(step));
        }
    }
    for id in pallet_jobs::Assignments::<Runtime>::iter_key_prefix(provider) {
        let Some(job) = pallet_jobs::Jobs::<Runtime>::get(id) else {
            continue;
        };
        for step in providing(id, &job) {
            push(id, Some(step));
        }
    }
    for id in auctions() {
        let Some(job) = pallet_jobs::Jobs::<Runtime>::get(id) else {
            continue;
        };
        push(id, considering(&job, provider));
    }
    orders
}

/// The auctions to look at after this block: all of them or, where there are too many, the next ones in turn, so
/// that nobody can hide a job behind others.
fn auctions() -> Vec<JobId> {
    let mut all: Vec<JobId> = pallet_jobs::Auctions::<Runtime>::iter_keys().collect();
    let before = usize::try_from(System::block_number())
        .unwrap_or_default()
        .saturating_mul(MOST_AUCTIONS);
    let first = before.checked_rem(all.len()).unwrap_or_default();
    all.rotate_left(first);
    all.truncate(MOST_AUCTIONS);
    all
}

/// Where the inputs of a job are: with the requester and, once it has them, with the provider.
fn sources(job: &Job) -> Vec<Endpoint> {
    let provider = job
        .contract()
        .and_then(|contract| <Providers as Stakes<_, _>>::endpoint(&contract.provider));
    let mut sources = vec![job.spec.source];
    sources.extend(provider);
    sources
}

/// The bytes that the chain takes of a witness.
fn room() -> u32 {
    <Runtime as pallet_verifier::Config>::MaxWitnessBytes::get()
}

/// The block from which on it is said that something cannot be fetched: two thirds of the time have passed.
fn give_up(until: BlockNumber, window: BlockNumber) -> BlockNumber {
    until.saturating_sub(window.div_ceil(3))
}

/// What a drawn verifier has to do.
fn verifying(id: JobId, job: &Job, provider: &AccountId) -> Option<Step> {
    let attest = pallet_verifier::CurrentWindows::<Runtime>::get().attest;
    let give_up = give_up(pallet_verifier::Cases::<Runtime>::get(id)?.until, attest);
    let inputs = job.spec.inputs.to_vec();
    let sources = sources(job);
    match Verifier::verifier_duty(id, provider)? {
        VerifierDuty::Attest { seed, round, tiles } => {
            let plan = Jobs::plan(job)?;
            let parts = (tiles.into_iter().enumerate())
                .filter(|(_, tiles)| !tiles.is_empty())
                .map(|(pass, tiles)| Some((plan.work(pass, job.roots())?, tiles)))
                .collect::<Option<_>>()?;
            Some(Step::Attest {
                seed,
                round,
                parts,
                inputs,
                give_up,
                sources,
            })
        }
        VerifierDuty::Look { seed, round } => Some(Step::Look {
            seed,
            round,
            inputs,
            give_up,
            sources,
        }),
        VerifierDuty::Reveal {
            seed,
            round,
            positions,
            opened,
        } => Some(Step::Reveal {
            seed,
            round,
            positions,
            opened,
        }),
    }
}

/// What a party to a dispute has to do: have the chain judge.
fn proving(id: JobId, job: &Job) -> Option<Step> {
    let (tile, pass, number) = Verifier::disputed_tile(id)?;
    Some(Step::Witness {
        work: Jobs::plan(job)?.work(pass, job.roots())?,
        tile,
        pass: u32::try_from(pass).ok()?,
        number,
        room: room(),
        sources: sources(job),
    })
}

/// What a verifier does about a job's checker: run it and, where it found a tile that is not zeros, show that to
/// the chain, which then waits for the tile of the output that is wrong, and look for it.
fn checking(id: JobId, job: &Job, provider: &AccountId) -> Vec<Step> {
    let Some((plan, seed)) = Jobs::plan(job).zip(Verifier::checking_seed(id)) else {
        return vec![];
    };
    let Some(work) = plan.checking(job.roots(), &seed) else {
        return vec![];
    };
    let check = Order {
        job: id,
        provider: provider.clone(),
        step: Step::Check {
            work: work.clone(),
            sources: sources(job),
        },
    };
    let number = match replies::given(&check) {
        Some(Reply::Checked { wrong: None }) => return vec![],
        Some(Reply::Checked {
            wrong: Some(number),
        }) => number,
        _ => return vec![check.step],
    };
    let tile = Verifier::first_checked(id).and_then(|first| first.checked_add(number));
    let shown = tile.filter(|_| !Verifier::is_suspected(id));
    let show = shown.map(|tile| Step::Witness {
        work,
        tile,
        pass: u32::try_from(job.roots().len()).unwrap_or(u32::MAX),
        number,
        room: room(),
        sources: sources(job),
    });
    let audit = Step::Audit {
        plan,
        roots: job.roots().to_vec(),
        room: room(),
        sources: sources(job),
    };
    show.into_iter().chain([audit]).collect()
}

/// What the provider of a job has to do.
fn providing(id: JobId, job: &Job) -> Vec<Step> {
    let Some(plan) = Jobs::plan(job) else {
        return vec![];
    };
    match &job.stage {
        Stage::Auction { .. } | Stage::Rescue { .. } | Stage::Enquiring { .. } => vec![],
        Stage::Computing {
            accepted, deadline, ..
        } => vec![Step::Compute {
            plan,
            deadline: *deadline,
            give_up: accepted.midpoint(*deadline),
            sources: sources(job),
        }],
        Stage::Verifying { roots, .. } => {
            let open = Verifier::tiles_to_open(id).map(|tiles| Step::Open {
                roots: roots.to_vec(),
                tiles,
            });
            let release = Verifier::may_serve(id).then(|| Step::Release {
                roots: roots.to_vec(),
            });
            [open, release, proving(id, job)]
                .into_iter()
                .flatten()
                .chain(showing(id, roots))
                .collect()
        }
    }
}

/// The tiles that somebody demands of the provider.
fn showing(id: JobId, roots: &[Root]) -> Vec<Step> {
    Verifier::demands_of(id)
        .into_iter()
        .filter_map(|demand| {
            let root = roots.get(usize::try_from(demand.pass).ok()?)?;
            Some(Step::Show {
                root: *root,
                tile: demand.tile,
                number: demand.number,
                bytes: demand.bytes,
            })
        })
        .collect()
}

/// A job that the provider could take: not its own, nor one that it had last without delivering, with enough free
/// stake for the bond, and if it is what the requester asks for.
fn considering(job: &Job, provider: &AccountId) -> Option<Step> {
    let hardware = <Providers as Stakes<_, _>>::hardware(provider)?;
    let may = job.requester != *provider
        && job.last.as_ref() != Some(provider)
        && <Providers as Stakes<_, _>>::is_active(provider)
        && job.spec.requirements.admit(provider, &hardware);
    if !may {
        return None;
    }
    let quote = Jobs::quote(&job.spec).ok()?;
    let affordable = <Providers as Stakes<_, _>>::free(provider) >= quote.bond;
    affordable.then_some(Step::Consider {
        plan: Jobs::plan(job)?,
        fuel: quote.fuel,
        compute: job.spec.compute,
        ceiling: quote.worth,
        sources: sources(job),
    })
}
