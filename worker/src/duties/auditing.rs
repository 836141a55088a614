// SPDX-License-Identifier: Apache-2.0
//! A verifier whose checker found something: computes the whole job and looks for the tile that is wrong.

use super::{DutyError, Worker, blocking, endpoint, running, words};
use crate::engine::{self, EngineError};
use assay_kernel::{
    machine::Machine,
    validate::{Limits, validate},
};
use assay_primitives::{
    JobId,
    job::{Endpoint, Plan, Work},
    mailbox::Finding,
};
use assay_verifier::{
    ChainingValue, Root, commit::Commitment, opening::Opening, parts::Parts, spot,
};

/// A pass whose output is not what was computed here.
struct Found {
    /// Its number.
    pass: usize,
    /// The values that were computed here.
    own: Vec<ChainingValue>,
    inputs: Vec<Vec<u8>>,
    /// The provider's output.
    output: Vec<u8>,
}

impl Worker {
    /// Computes each pass from what was committed to for those before it, and finds the first tile that is not what
    /// the provider committed to, with the proof of it.
    ///
    /// Computing takes the engine from the provider's own jobs, and whoever wrote the checker decides that it is done: a
    /// job that takes longer than [`Config::max_audit_seconds`](crate::Config::max_audit_seconds) is left to others.
    pub(super) async fn audit(
        &self,
        job: JobId,
        plan: &Plan,
        roots: &[Root],
        room: u32,
        sources: &[Endpoint],
    ) -> Result<Option<Finding>, DutyError> {
        let mut fuel = 0u64;
        for pass in &plan.passes {
            let report = validate(&self.kernel(&pass.kernel)?, &Limits::DEFAULT)
                .map_err(EngineError::Kernel)?;
            fuel = fuel.saturating_add(report.tile_fuel.saturating_mul(pass.tiles.into()));
        }
        let speed = self.engine.fuel_per_second();
        if fuel > speed.saturating_mul(self.config.max_audit_seconds) {
            log::info!(target: "assay::worker", "job {job}: its checker found something; computing it to find out what takes too long");
            return Ok(None);
        }
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
            let found = Found {
                pass,
                own: values,
                inputs,
                output,
            };
            let finding = self.compare(work, found, room).await?;
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
            let task = engine::Task::of(&kernel, &work, &dense);
            running::run(engine.as_ref(), &task, &activity, &mut |_| Ok(()))
        })
        .await;
        self.activity.end();
        computed
    }

    /// The first tile of a provider's output whose value is another, proven on the virtual machine.
    async fn compare(&self, work: Work, found: Found, room: u32) -> Result<Finding, DutyError> {
        let Found {
            pass,
            own,
            inputs,
            output,
        } = found;
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
            let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
            let (computed, witness) = spot::witness(&mut machine, &work.task(), tile, &inputs)
                .map_err(|error| failed(&error))?;
            if computed.value == *claimed {
                return Err(DutyError::Faulty { engine, tile });
            }
            Ok(Finding {
                pass: u8::try_from(pass).unwrap_or(u8::MAX),
                tile,
                opening: Opening::new(&committed, &[tile]).map_err(|error| failed(&error))?,
                parts: Parts::split(&inputs, witness, room).map_err(|error| failed(&error))?,
            })
        })
        .await
    }
}
