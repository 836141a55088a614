// SPDX-License-Identifier: Apache-2.0
//! A verifier whose checker found something: computes the whole job and looks for the tile that is wrong.

use super::{DutyError, Worker, blocking, endpoint, words};
use crate::engine;
use assay_kernel::{machine::Machine, validate::Limits};
use assay_primitives::{
    JobId,
    job::{Endpoint, Plan, Work},
    mailbox::Finding,
};
use assay_verifier::{
    ChainingValue, Root, commit::Commitment, execution::Task, opening::Opening, spot,
};

impl Worker {
    /// Computes each pass from what was committed to for those before it, and finds the first tile that is not what
    /// the provider committed to, with the proof of it.
    ///
    /// Takes as long as computing the job does: the checker said that it is worth it.
    pub(super) async fn audit(
        &self,
        job: JobId,
        plan: &Plan,
        roots: &[Root],
        sources: &[Endpoint],
    ) -> Result<Option<Finding>, DutyError> {
        let _alone = self.computing.lock().await;
        for (pass, root) in roots.iter().enumerate() {
            let missing = || DutyError::Machine(format!("the job has no pass {pass}"));
            let work = plan.work(pass, roots).ok_or_else(missing)?;
            let bytes = plan.passes.get(pass).ok_or_else(missing)?.output_bytes();
            let inputs = self.inputs(&work, sources).await?;
            let (values, own) = self.recompute(job, &work, inputs.clone()).await?;
            if own == *root {
                continue;
            }
            let endpoints: Vec<_> = sources.iter().map(endpoint).collect();
            let output = self.store.fetch(*root, bytes, &endpoints).await?;
            let finding = self.compare(work, pass, values, inputs, output).await?;
            return Ok(Some(finding));
        }
        Ok(None)
    }

    /// The values of all tiles and their root, computed by the engine.
    async fn recompute(
        &self,
        job: JobId,
        work: &Work,
        inputs: Vec<Vec<u8>>,
    ) -> Result<(Vec<ChainingValue>, Root), DutyError> {
        let kernel = self.kernel(&work.kernel)?;
        self.activity.begin(job, "auditing", work.tiles);
        let (engine, activity, work) = (self.engine.clone(), self.activity.clone(), work.clone());
        let computed = blocking(move || {
            let dense = words(&inputs);
            let dense: Vec<&[u32]> = dense.iter().map(Vec::as_slice).collect();
            let tile_bytes = usize::try_from(kernel.tile_words).unwrap_or_default() * 4;
            let task = engine::Task {
                kernel: &kernel,
                grid: work.grid,
                tiles: work.tiles,
                parameters: &work.parameters,
                inputs: &dense,
            };
            let mut commitment = Commitment::new(work.tiles, tile_bytes);
            let mut done = 0;
            engine.run(&task, &mut |bytes| {
                commitment.push(bytes).map_err(std::io::Error::other)?;
                done += bytes.len() / tile_bytes;
                activity.done(u32::try_from(done).unwrap_or(u32::MAX));
                Ok(())
            })?;
            commitment
                .finish()
                .ok_or_else(|| DutyError::Machine("the engine did not compute every tile".into()))
        })
        .await;
        self.activity.end();
        computed
    }

    /// The first tile of a provider's output whose value is another, proven on the virtual machine.
    async fn compare(
        &self,
        work: Work,
        pass: usize,
        own: Vec<ChainingValue>,
        inputs: Vec<Vec<u8>>,
        output: Vec<u8>,
    ) -> Result<Finding, DutyError> {
        let kernel = self.kernel(&work.kernel)?;
        let engine = self.engine.name();
        blocking(move || {
            let failed = |reason: &dyn std::fmt::Display| DutyError::Machine(reason.to_string());
            let tile_bytes = usize::try_from(kernel.tile_words).unwrap_or_default() * 4;
            let mut commitment = Commitment::new(work.tiles, tile_bytes);
            commitment.push(&output).map_err(|error| failed(&error))?;
            let (committed, _) = commitment
                .finish()
                .ok_or_else(|| failed(&"the output lacks tiles"))?;
            let differing = (0..).zip(committed.iter().zip(&own));
            let (tile, (claimed, _)) = differing
                .into_iter()
                .find(|(_, (claimed, own))| claimed != own)
                .ok_or_else(|| failed(&"an output of another hash has the same tiles"))?;
            let mut machine =
                Machine::new(&kernel, &Limits::DEFAULT).map_err(|error| failed(&error))?;
            let task = Task {
                grid: work.grid,
                parameters: &work.parameters,
                tiles: work.tiles,
            };
            let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
            let (computed, witness) = spot::witness(&mut machine, &task, tile, &inputs)
                .map_err(|error| failed(&error))?;
            if computed.value == *claimed {
                return Err(DutyError::Faulty { engine, tile });
            }
            Ok(Finding {
                pass: u8::try_from(pass).unwrap_or(u8::MAX),
                tile,
                opening: Opening::new(&committed, &[tile]).map_err(|error| failed(&error))?,
                witness,
            })
        })
        .await
    }
}
