// SPDX-License-Identifier: Apache-2.0
//! A provider's side: consider, compute, open, release.

use super::{DutyError, Worker, blocking, words};
use crate::{
    appraisal::{Appraisal, Offer, appraise},
    engine,
};
use assay_kernel::{Kernel, machine::Machine, races::Race, validate::Limits};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    job::{Endpoint, Work},
    mailbox::Reply,
};
use assay_verifier::{
    ChainingValue, Root, commit::Commitment, execution::Task, opening::Opening, sampling, spot,
};
use codec::Encode;
use std::{fs::File, io::Write};

impl Worker {
    /// Judges a job, and fetches its inputs before saying yes.
    pub(super) async fn consider(
        &self,
        work: &Work,
        fuel: u64,
        compute: BlockNumber,
        ceiling: Balance,
        sources: &[Endpoint],
    ) -> Result<Reply, DutyError> {
        let kernel = self.kernel(work)?;
        let offer = Offer {
            fuel,
            input_bytes: work
                .inputs
                .iter()
                .fold(0, |sum: u64, input| sum.saturating_add(input.length)),
            output_bytes: u64::from(work.tiles).saturating_mul(u64::from(kernel.tile_words) * 4),
            compute,
            ceiling,
        };
        match appraise(&offer, &self.config, self.engine.fuel_per_second()) {
            Appraisal::From(at_least) => {
                let inputs = self.inputs(work, sources).await?;
                if let Some((tile, race)) = find_race(kernel, work, inputs).await? {
                    log::info!(target: "assay::worker", "a job is left to others: in its tile {tile}, {race}");
                    return Ok(Reply::Unwilling);
                }
                Ok(Reply::Willing { at_least })
            }
            refusal => {
                log::info!(target: "assay::worker", "a job is left to others: {refusal:?}");
                Ok(Reply::Unwilling)
            }
        }
    }

    /// Computes a job, unless its output is here already. The answer is the root to commit to.
    pub(super) async fn compute(
        &self,
        job: JobId,
        provider: &AccountId,
        work: &Work,
        sources: &[Endpoint],
    ) -> Result<Root, DutyError> {
        let _alone = self.computing.lock().await;
        let root = match self.outputs.get(provider, job) {
            Some(output) => output.root,
            None => self.compute_afresh(job, provider, work, sources).await?,
        };
        self.guard.admit(
            &format!("commit-{job}-{}", hex::encode(provider.encode())),
            &root,
        )?;
        Ok(root)
    }

    async fn compute_afresh(
        &self,
        job: JobId,
        provider: &AccountId,
        work: &Work,
        sources: &[Endpoint],
    ) -> Result<Root, DutyError> {
        let kernel = self.kernel(work)?;
        self.activity.begin(job, "fetching inputs", work.tiles);
        let inputs = self.inputs(work, sources).await?;
        self.activity.begin(job, "computing", work.tiles);
        let path = self.outputs.bytes_path(provider, job);
        let (engine, activity) = (self.engine.clone(), self.activity.clone());
        let (work, checks) = (work.clone(), self.config.self_checks);
        let computed = blocking(move || {
            let dense = words(&inputs);
            let dense: Vec<&[u32]> = dense.iter().map(Vec::as_slice).collect();
            let tile_bytes = usize::try_from(kernel.tile_words).unwrap_or_default() * 4;
            let mut commitment = Commitment::new(work.tiles, tile_bytes);
            let mut file = File::create(path)?;
            let task = engine::Task {
                kernel: &kernel,
                grid: work.grid,
                tiles: work.tiles,
                parameters: &work.parameters,
                inputs: &dense,
            };
            let mut done = 0usize;
            engine.run(&task, &mut |bytes| {
                commitment.push(bytes).map_err(std::io::Error::other)?;
                file.write_all(bytes)?;
                done += bytes.len() / tile_bytes;
                activity.done(u32::try_from(done).unwrap_or(u32::MAX));
                Ok(())
            })?;
            file.sync_all()?;
            let (values, root) = commitment.finish().ok_or_else(|| {
                DutyError::Machine("the engine did not compute every tile".into())
            })?;
            self_check(engine.as_ref(), &task, &values, &root, checks)?;
            Ok((values, root))
        })
        .await;
        self.activity.end();
        let (values, root) = computed?;
        self.outputs.complete(provider, job, &values)?;
        Ok(root)
    }

    /// Opens tiles of an output.
    pub(super) fn open(
        &self,
        job: JobId,
        provider: &AccountId,
        tiles: &[u32],
    ) -> Result<Opening, DutyError> {
        let output = self
            .outputs
            .get(provider, job)
            .ok_or(DutyError::OutputMissing(job))?;
        Opening::new(&output.values, tiles).map_err(|error| DutyError::Machine(error.to_string()))
    }

    /// Serves an output from now on.
    pub(super) async fn release(&self, job: JobId, provider: &AccountId) -> Result<(), DutyError> {
        let output = self
            .outputs
            .get(provider, job)
            .ok_or(DutyError::OutputMissing(job))?;
        self.store.put_file(&output.path).await?;
        Ok(())
    }
}

/// Looks for a data race in the first tile and in one that the requester cannot know beforehand: a GPU need not
/// compute what the chain would.
async fn find_race(
    kernel: Kernel,
    work: &Work,
    inputs: Vec<Vec<u8>>,
) -> Result<Option<(u32, Race)>, DutyError> {
    let work = work.clone();
    blocking(move || {
        let machine = Machine::new(&kernel, &Limits::DEFAULT)
            .map_err(|error| DutyError::Machine(error.to_string()))?;
        let dense = words(&inputs);
        let dense: Vec<&[u32]> = dense.iter().map(Vec::as_slice).collect();
        let task = Task {
            grid: work.grid,
            parameters: &work.parameters,
            tiles: work.tiles,
        };
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
        let mut tiles = sampling::draw(&seed, work.tiles, 1);
        tiles.push(0);
        spot::race(&machine, &task, &tiles, &dense)
            .map_err(|error| DutyError::Machine(error.to_string()))
    })
    .await
}

/// Re-executes a few tiles on the virtual machine: a faulty engine must cost nothing but time.
fn self_check(
    engine: &dyn engine::Engine,
    task: &engine::Task<'_>,
    values: &[ChainingValue],
    root: &Root,
    checks: u32,
) -> Result<(), DutyError> {
    let machine = Machine::new(task.kernel, &Limits::DEFAULT).map_err(engine::EngineError::from)?;
    let tile_task = Task {
        grid: task.grid,
        parameters: task.parameters,
        tiles: task.tiles,
    };
    // Which tiles is nobody's to know before the result is there.
    let tiles = sampling::draw(root, task.tiles, checks);
    let own = spot::values(&machine, &tile_task, &tiles, task.inputs, || {})
        .map_err(|error| DutyError::Machine(error.to_string()))?;
    let wrong = tiles.iter().zip(own).find(|(tile, own)| {
        usize::try_from(**tile)
            .ok()
            .and_then(|tile| values.get(tile))
            != Some(own)
    });
    match wrong {
        None => Ok(()),
        Some((tile, _)) => Err(DutyError::Faulty {
            engine: engine.name(),
            tile: *tile,
        }),
    }
}
