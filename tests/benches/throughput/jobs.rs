// SPDX-License-Identifier: Apache-2.0
//! Many jobs at once, from post to settlement.

use crate::{
    node::{Executed, Node, Transaction},
    setting::Parties,
};
use anyhow::{Context, Result, ensure};
use assay_primitives::{JobId, duty::Duty, job::PerPass, reason::Reason};
use assay_runtime::RuntimeEvent;
use assay_verifier::{ChainingValue, attestation, opening::Opening, sampling};
use codec::Encode;
use pallet_verifier::types::Case;
use std::collections::BTreeMap;

/// How many are posted for each block, as long as no more than [`IN_FLIGHT`] are under way.
const RATE: usize = 150;

/// As many at once.
const IN_FLIGHT: usize = 3_600;

/// For how many blocks jobs are posted.
const BLOCKS: u32 = 50;

/// After so many blocks as many are settled as posted.
const WARM_UP: u32 = 20;

/// In which all must be settled that were posted.
const PATIENCE: u32 = 150;

const SALT: [u8; 32] = [5; 32];

/// A job under way.
#[derive(Default)]
struct Job {
    provider: usize,
    panel: Vec<usize>,
    seed: [u8; 32],
    /// The sampled tiles.
    tiles: Vec<u32>,
    attested: usize,
}

/// All that is under way.
struct Run<'a> {
    node: &'a Node,
    parties: &'a mut Parties,
    jobs: BTreeMap<JobId, Job>,
    posted: usize,
    settled: usize,
}

/// Posts jobs for a while, does everybody's duties and waits until all are settled. The answer is the blocks in which as
/// many were settled as posted, each with their number.
pub(crate) async fn run(node: &Node, parties: &mut Parties) -> Result<Vec<(usize, Executed)>> {
    let mut run = Run {
        node,
        parties,
        jobs: BTreeMap::new(),
        posted: 0,
        settled: 0,
    };
    let first = node.best().await?;
    let mut window = Vec::new();
    for number in first..first + PATIENCE {
        let block = node.block(number).await?;
        let elapsed = number - first;
        let before = run.settled;
        let mut transactions = run.follow(&block).await?;
        if elapsed < BLOCKS {
            transactions.extend(run.post());
        }
        node.submit(transactions).await?;
        let settled = run.settled - before;
        eprintln!(
            "block {number}: {settled} settled, {} under way, {:.0} ms of weight",
            run.posted - run.settled,
            block.weight.total().ref_time() as f64 / 1e9
        );
        if (WARM_UP..BLOCKS).contains(&elapsed) {
            window.push((settled, block));
        }
        if elapsed >= BLOCKS && run.settled == run.posted {
            return Ok(window);
        }
    }
    anyhow::bail!("{} of {} jobs were settled", run.settled, run.posted)
}

impl Run<'_> {
    /// The posts for the next block, of all requesters by turns.
    fn post(&mut self) -> Vec<Transaction> {
        let room = IN_FLIGHT.saturating_sub(self.posted - self.settled);
        let count = room.min(RATE);
        let posts = (0..count).map(|turn| {
            let requesters = &mut self.parties.requesters;
            let place = (self.posted + turn) % requesters.len();
            let spec = self.parties.spec.clone();
            requesters[place].sign(self.node, pallet_jobs::Call::post { spec })
        });
        let posts = posts.collect();
        self.posted += count;
        posts
    }

    /// What follows from a block: acceptances and duties.
    async fn follow(&mut self, block: &Executed) -> Result<Vec<Transaction>> {
        let mut transactions = Vec::new();
        let mut drawn = Vec::new();
        for event in &block.events {
            match event {
                RuntimeEvent::Jobs(event) => self.follow_job(event, &mut transactions)?,
                RuntimeEvent::Verifier(pallet_verifier::Event::Drawn { job, .. }) => {
                    drawn.push(*job);
                }
                RuntimeEvent::Verifier(pallet_verifier::Event::Attested { job, .. }) => {
                    let under_way = self.job(*job)?;
                    under_way.attested += 1;
                    if under_way.attested == under_way.panel.len() {
                        transactions.push(self.open(*job)?);
                    }
                }
                RuntimeEvent::Verifier(pallet_verifier::Event::Opened { job }) => {
                    transactions.extend(self.reveal(*job)?);
                }
                RuntimeEvent::Verifier(pallet_verifier::Event::SeatLost { job, .. }) => {
                    anyhow::bail!("job {job}: a verifier was too late");
                }
                _ => {}
            }
        }
        let cases = self.node.cases(&drawn, block.hash).await?;
        for (job, case) in drawn.into_iter().zip(cases) {
            transactions.extend(self.attest(job, &case)?);
        }
        Ok(transactions)
    }

    fn job(&mut self, job: JobId) -> Result<&mut Job> {
        self.jobs.get_mut(&job).context("a job that nobody posted")
    }

    fn follow_job(
        &mut self,
        event: &pallet_jobs::Event<assay_runtime::Runtime>,
        transactions: &mut Vec<Transaction>,
    ) -> Result<()> {
        match event {
            pallet_jobs::Event::JobPosted { job, .. } => {
                let provider = *job as usize % self.parties.providers.len();
                let accept = pallet_jobs::Call::accept {
                    job: *job,
                    at_least: 0,
                };
                let stash = &mut self.parties.providers[provider].stash;
                transactions.push(stash.sign(self.node, accept));
                let under_way = Job {
                    provider,
                    ..Job::default()
                };
                self.jobs.insert(*job, under_way);
            }
            pallet_jobs::Event::JobAccepted { job, .. } => {
                let provider = self.job(*job)?.provider;
                let roots = vec![self.parties.root];
                let duty = Duty::Commit {
                    terms: self.parties.spec.hash(),
                    roots: roots.clone(),
                };
                let (job, roots) = (*job, PerPass::truncate_from(roots));
                let commit = move |signature| pallet_jobs::Call::commit {
                    job,
                    roots: roots.clone(),
                    signature,
                };
                let provider = &self.parties.providers[provider];
                transactions.push(provider.fulfil(self.node, job, &duty, commit));
            }
            pallet_jobs::Event::JobSettled { job, reason, .. } => {
                ensure!(*reason == Reason::Settled, "job {job}: {reason:?}");
                self.jobs.remove(job).context("a job settled twice")?;
                self.settled += 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// The attestations of a panel.
    fn attest(&mut self, job: JobId, case: &Case) -> Result<Vec<Transaction>> {
        let passes = case.tiles.iter().copied().zip(case.shares.iter().copied());
        let panel = (case.panel.iter())
            .map(|seat| self.parties.provider(&seat.verifier))
            .collect::<Result<Vec<_>>>()?;
        ensure!(panel.len() == 2, "job {job} has {} verifiers", panel.len());
        let under_way = self.job(job)?;
        under_way.tiles = sampling::draw_passes(&case.seed, passes);
        under_way.seed = case.seed;
        under_way.panel = panel.clone();
        // Both check every sample.
        let tiles = under_way.tiles.clone();
        let values: Vec<ChainingValue> = (tiles.iter())
            .map(|tile| self.parties.values[*tile as usize])
            .collect();
        Ok(panel
            .into_iter()
            .map(|place| {
                let verifier = &self.parties.providers[place];
                let account = verifier.stash.account();
                let bytes: [u8; 32] = account.clone().into();
                let commitment =
                    attestation::commitment(&values, &SALT, &bytes, job, 0, &case.seed);
                let duty = Duty::Attest {
                    seed: case.seed,
                    round: 0,
                    commitment,
                };
                let attest = move |signature| pallet_verifier::Call::attest {
                    job,
                    verifier: account.clone(),
                    round: 0,
                    commitment,
                    signature,
                };
                verifier.fulfil(self.node, job, &duty, attest)
            })
            .collect())
    }

    /// The provider's opening.
    fn open(&self, job: JobId) -> Result<Transaction> {
        let under_way = self.jobs.get(&job).context("a job that nobody posted")?;
        let openings = vec![Opening::new(&self.parties.values, &under_way.tiles)?];
        let duty = Duty::Open {
            seed: under_way.seed,
            opening: *blake3::hash(&openings.encode()).as_bytes(),
        };
        let openings = PerPass::truncate_from(openings);
        let open = move |signature| pallet_verifier::Call::open {
            job,
            openings: openings.clone(),
            signature,
        };
        let provider = &self.parties.providers[under_way.provider];
        Ok(provider.fulfil(self.node, job, &duty, open))
    }

    /// The reveals of a panel that has nothing to object.
    fn reveal(&self, job: JobId) -> Result<Vec<Transaction>> {
        let under_way = self.jobs.get(&job).context("a job that nobody posted")?;
        let duty = Duty::Reveal {
            seed: under_way.seed,
            round: 0,
            salt: SALT,
            differing: vec![],
        };
        Ok((under_way.panel.iter())
            .map(|place| {
                let verifier = &self.parties.providers[*place];
                let account = verifier.stash.account();
                let reveal = move |signature| pallet_verifier::Call::reveal {
                    job,
                    verifier: account.clone(),
                    round: 0,
                    salt: SALT,
                    differing: Default::default(),
                    signature,
                };
                verifier.fulfil(self.node, job, &duty, reveal)
            })
            .collect())
    }
}
