// SPDX-License-Identifier: Apache-2.0
//! A trial: a job is computed here, pass by pass, before anybody is paid for it, and tiles of it are looked at.
//!
//! The whole job is computed by an engine ([`engines`]), for later passes read what earlier ones wrote. Some tiles
//! of it ([`samples`]) are re-executed on the virtual machine as the chain would.

pub mod engines;
mod reach;
pub mod samples;

pub use engines::Engines;
pub use reach::Reaches;
pub use samples::{Difference, Samples};

use crate::{
    chain::types::Source,
    job_file::{LoadedPass, NamedJob},
    limits::SEED_WORDS,
};
use anyhow::{Context, Result};
use assay_verifier::spot;
use assay_worker::engine::{Engine, Task};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// A job that is being tried. Its steps are its passes, in order, and then its checker once for each seed.
#[derive(Debug)]
pub struct Trial<'a> {
    named: &'a NamedJob,
    engines: &'a Engines,
    steps: Vec<LoadedPass>,
    inputs: Vec<Vec<u32>>,
    /// Of each step, as long as a later one reads it.
    outputs: Vec<Option<Output>>,
    bar: ProgressBar,
}

/// What a step wrote.
#[derive(Debug)]
struct Output {
    words: Vec<u32>,
    by_gpu: bool,
}

impl<'a> Trial<'a> {
    /// Of a job, with its checker run with so many seeds.
    pub fn new(named: &'a NamedJob, engines: &'a Engines, seeds: u32) -> Result<Self> {
        let checkers = (0..seeds).filter_map(|number| {
            let mut checker = named.job.checker.clone()?;
            checker.parameters.splice(0..0, seed(number));
            Some(checker)
        });
        let steps: Vec<LoadedPass> = named.job.passes.iter().cloned().chain(checkers).collect();
        let tiles = steps.iter().try_fold(0u64, |sum, step| {
            anyhow::Ok(sum.saturating_add(step.tiles()?.into()))
        })?;
        let bar = ProgressBar::with_draw_target(Some(tiles), ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template(
            "  {msg} [{bar:30}] {pos}/{len} tiles, {eta} left",
        )?);
        bar.enable_steady_tick(Duration::from_millis(120));
        Ok(Self {
            named,
            engines,
            outputs: steps.iter().map(|_| None).collect(),
            inputs: (named.job.inputs.iter())
                .map(|input| spot::words(input))
                .collect(),
            steps,
            bar,
        })
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Computes a step, after all before it. The answer is why the GPU did not, if there is one that could not.
    pub fn compute(&mut self, number: usize) -> Result<Option<anyhow::Error>> {
        let step = self.step(number)?;
        let gpu = self.engines.gpu.as_ref();
        let computed = gpu
            .filter(|gpu| gpu.runs(&step.kernel))
            .map(|gpu| self.run(number, gpu));
        let (words, by_gpu, failure) = match computed {
            Some(Ok(words)) => (words, true, None),
            failed => {
                let words = self.run(number, &self.engines.machine);
                let words = words.with_context(|| self.named.pass_name(number))?;
                (words, false, failed.and_then(Result::err))
            }
        };
        if let Some(output) = self.outputs.get_mut(number) {
            *output = Some(Output { words, by_gpu });
        }
        Ok(failure)
    }

    /// All words that a step writes on an engine.
    fn run(&self, number: usize, engine: &dyn Engine) -> Result<Vec<u32>> {
        let step = self.step(number)?;
        let inputs = self.inputs_of(step)?;
        let task = Task {
            kernel: &step.kernel,
            grid: step.grid,
            tiles: step.tiles()?,
            parameters: &step.parameters,
            inputs: &inputs,
        };
        let name = self.named.pass_name(number);
        self.bar.set_message(format!("{name} on {}", engine.name()));
        let before = self.bar.position();
        let tile_bytes = u64::from(step.kernel.tile_words).saturating_mul(4);
        let mut words = Vec::new();
        let result = engine.run(&task, &mut |bytes| {
            words.extend(spot::words(bytes));
            let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            self.bar
                .inc(bytes.checked_div(tile_bytes).unwrap_or_default());
            Ok(())
        });
        if let Err(error) = result {
            self.bar.set_position(before);
            return Err(error.into());
        }
        Ok(words)
    }

    /// The first tile that a step wrote with something else than zeros.
    pub fn first_not_zero(&self, number: usize) -> Result<Option<usize>> {
        let tile_words = usize::try_from(self.step(number)?.kernel.tile_words)?;
        let output = self.output(number)?;
        let word = output.words.iter().position(|word| *word != 0);
        Ok(word.and_then(|word| word.checked_div(tile_words)))
    }

    /// The bytes that a step reads and writes, which a device holds at a time.
    pub fn device_bytes(&self, number: usize) -> Result<u64> {
        let step = self.step(number)?;
        let words = self
            .inputs_of(step)?
            .into_iter()
            .map(<[u32]>::len)
            .sum::<usize>();
        let read = u64::try_from(words)?.saturating_mul(4);
        Ok(read.saturating_add(step.output_bytes()?))
    }

    /// Drops what no step after this one reads.
    pub fn forget(&mut self, number: usize) {
        let later = self.steps.get(number.saturating_add(1)..);
        let read = |earlier: usize| {
            later.unwrap_or_default().iter().any(|step| {
                (step.reads.iter()).any(
                    |source| matches!(source, Source::Pass(pass) if usize::from(*pass) == earlier),
                )
            })
        };
        for (earlier, output) in self.outputs.iter_mut().enumerate() {
            if earlier <= number && !read(earlier) {
                *output = None;
            }
        }
    }

    /// Whether a step reads nothing that has to be computed.
    pub fn reads_inputs_only(&self, number: usize) -> bool {
        let is_input = |source: &Source| matches!(source, Source::Input(_));
        self.step(number)
            .is_ok_and(|step| step.reads.iter().all(is_input))
    }

    /// Takes the progress bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn step(&self, number: usize) -> Result<&LoadedPass> {
        self.steps.get(number).context("the job has no such pass")
    }

    fn output(&self, number: usize) -> Result<&Output> {
        let output = self.outputs.get(number).and_then(Option::as_ref);
        output.with_context(|| format!("{} is not computed", self.named.pass_name(number)))
    }

    /// The words that a step reads.
    fn inputs_of(&self, step: &LoadedPass) -> Result<Vec<&[u32]>> {
        step.reads
            .iter()
            .map(|source| match source {
                Source::Input(input) => (self.inputs.get(usize::from(*input)))
                    .map(Vec::as_slice)
                    .context("the job has no such input"),
                Source::Pass(pass) => Ok(self.output(usize::from(*pass))?.words.as_slice()),
            })
            .collect()
    }
}

/// A seed for a checker. On the chain it is drawn; here it is the same each time, so that a trial can be repeated.
fn seed(number: u32) -> [u32; SEED_WORDS] {
    let hash = blake3::hash(format!("seed {number} of a trial").as_bytes());
    let (words, _) = hash.as_bytes().as_chunks();
    std::array::from_fn(|word| words.get(word).map_or(0, |word| u32::from_le_bytes(*word)))
}
