// SPDX-License-Identifier: Apache-2.0
//! A provider's side: consider, compute, open, release.

use super::{DutyError, Worker, blocking, running, words};
use crate::{
    appraisal::{Appraisal, Offer, appraise},
    engine,
    outputs::Output,
};
use assay_kernel::{Kernel, machine::Machine, races::Race, validate::Limits};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    job::{Endpoint, Plan, Source, Work},
    mailbox::Reply,
};
use assay_verifier::{ChainingValue, Root, execution::Task, opening::Opening, sampling, spot};
use codec::Encode;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
};

impl Worker {
    /// Judges a job, and fetches its inputs before saying yes.
    pub(super) async fn consider(
        &self,
        plan: &Plan,
        fuel: u64,
        compute: BlockNumber,
        ceiling: Balance,
        sources: &[Endpoint],
    ) -> Result<Reply, DutyError> {
        let offer = Offer {
            fuel,
            input_bytes: plan
                .inputs
                .iter()
                .fold(0, |sum: u64, input| sum.saturating_add(input.length)),
            output_bytes: plan
                .passes
                .iter()
                .fold(0, |sum: u64, pass| sum.saturating_add(pass.output_bytes())),
            compute,
            ceiling,
        };
        let at_least = match appraise(&offer, &self.config, self.engine.fuel_per_second()) {
            Appraisal::From(at_least) => at_least,
            refusal => {
                log::info!(target: "assay::worker", "a job is left to others: {refusal:?}");
                return Ok(Reply::Unwilling);
            }
        };
        for (number, pass) in plan.passes.iter().enumerate() {
            let kernel = self.kernel(&pass.kernel)?;
            if !self.engine.runs(&kernel) {
                log::info!(target: "assay::worker", "a job is left to others: this adapter is not exact with kernels like its own");
                return Ok(Reply::Unwilling);
            }
            // What later passes read is not there yet.
            let Some(work) = plan.work(number, &[]) else {
                continue;
            };
            let inputs = self.inputs(&work, sources).await?;
            if let Some((tile, race)) = find_race(kernel, &work, inputs).await? {
                log::info!(target: "assay::worker", "a job is left to others: in tile {tile} of pass {number}, {race}");
                return Ok(Reply::Unwilling);
            }
        }
        Ok(Reply::Willing { at_least })
    }

    /// Computes a job, pass by pass, but for those whose output is here already. The answer is the roots to
    /// commit to.
    pub(super) async fn compute(
        &self,
        job: JobId,
        provider: &AccountId,
        plan: &Plan,
        sources: &[Endpoint],
    ) -> Result<Vec<Root>, DutyError> {
        let _alone = self.computing.lock().await;
        let mut outputs: Vec<Output> = Vec::new();
        for number in 0..plan.passes.len() {
            let roots: Vec<Root> = outputs.iter().map(|output| output.root).collect();
            let work = (plan.work(number, &roots)).ok_or(DutyError::OutputMissing(job))?;
            let output = match self.outputs.of(&work) {
                Some(output) => output,
                None => {
                    self.compute_pass(job, plan, number, work, &outputs, sources)
                        .await?
                }
            };
            // Verifiers of later passes read it; the last one is nobody's before they have attested.
            if number + 1 < plan.passes.len() {
                self.store.put_file(&output.path).await?;
            }
            outputs.push(output);
        }
        let roots: Vec<Root> = outputs.iter().map(|output| output.root).collect();
        let plan = blake3::hash(&plan.encode());
        let provider = hex::encode(provider.encode());
        self.guard.admit(
            &format!("commit-{job}-{}-{provider}", &plan.to_hex()[..16]),
            blake3::hash(&roots.encode()).as_bytes(),
        )?;
        Ok(roots)
    }

    async fn compute_pass(
        &self,
        job: JobId,
        plan: &Plan,
        number: usize,
        work: Work,
        earlier: &[Output],
        sources: &[Endpoint],
    ) -> Result<Output, DutyError> {
        let missing = || DutyError::OutputMissing(job);
        let pass = plan.passes.get(number).ok_or_else(missing)?;
        let kernel = self.kernel(&work.kernel)?;
        self.activity.begin(job, "fetching inputs", work.tiles);
        let mut inputs = Vec::new();
        for (source, input) in pass.reads.iter().zip(&work.inputs) {
            inputs.push(match source {
                Source::Input(_) => self.input(input, sources).await?,
                Source::Pass(pass) => {
                    let output = earlier.get(usize::from(*pass)).ok_or_else(missing)?;
                    std::fs::read(&output.path)?
                }
            });
        }
        let what = match plan.passes.len() {
            1 => "computing".to_string(),
            passes => format!("computing pass {} of {passes}", number + 1),
        };
        self.activity.begin(job, &what, work.tiles);
        let path = self.outputs.draft(&work);
        let (engine, activity, own) = (self.engine.clone(), self.activity.clone(), work.clone());
        let checks = self.config.self_checks;
        let computed = blocking(move || {
            let dense = words(&inputs);
            let dense: Vec<&[u32]> = dense.iter().map(Vec::as_slice).collect();
            let mut file = File::create(path)?;
            let task = engine::Task::of(&kernel, &own, &dense);
            let (values, root) = running::run(engine.as_ref(), &task, &activity, &mut |bytes| {
                file.write_all(bytes)
            })?;
            file.sync_all()?;
            self_check(engine.as_ref(), &task, &values, &root, checks)?;
            Ok(values)
        })
        .await;
        self.activity.end();
        Ok(self.outputs.complete(&work, &computed?)?)
    }

    /// An output that was computed here.
    fn output(&self, job: JobId, root: &Root) -> Result<Output, DutyError> {
        (self.outputs.get(root)).ok_or(DutyError::OutputMissing(job))
    }

    /// Opens tiles of the outputs of all passes.
    pub(super) fn open(
        &self,
        job: JobId,
        roots: &[Root],
        tiles: &[Vec<u32>],
    ) -> Result<Vec<Opening>, DutyError> {
        (roots.iter().zip(tiles))
            .map(|(root, tiles)| {
                Opening::new(&self.output(job, root)?.values, tiles)
                    .map_err(|error| DutyError::Machine(error.to_string()))
            })
            .collect()
    }

    /// Shows a tile of an output: its value with the proof, and its bytes if they are wanted.
    pub(super) fn show(
        &self,
        job: JobId,
        root: &Root,
        tile: u32,
        bytes: bool,
    ) -> Result<(Opening, Option<Vec<u8>>), DutyError> {
        let failed = |error: &dyn std::fmt::Display| DutyError::Machine(error.to_string());
        let output = self.output(job, root)?;
        let opening = Opening::new(&output.values, &[tile]).map_err(|error| failed(&error))?;
        if !bytes {
            return Ok((opening, None));
        }
        let mut file = File::open(&output.path)?;
        let tiles = u64::try_from(output.values.len()).map_err(|error| failed(&error))?;
        let length = (file.metadata()?.len().checked_div(tiles))
            .ok_or_else(|| failed(&"an output has at least one tile"))?;
        file.seek(SeekFrom::Start(length.saturating_mul(tile.into())))?;
        let mut shown = vec![0; usize::try_from(length).map_err(|error| failed(&error))?];
        file.read_exact(&mut shown)?;
        Ok((opening, Some(shown)))
    }

    /// Serves the outputs from now on.
    pub(super) async fn release(&self, job: JobId, roots: &[Root]) -> Result<(), DutyError> {
        for root in roots {
            let output = self.output(job, root)?;
            self.store.put_file(&output.path).await?;
        }
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
        let task = work.task();
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
