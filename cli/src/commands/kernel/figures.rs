// SPDX-License-Identifier: Apache-2.0
//! What a trial found of each entry of a job, and its table.

use crate::{
    job_file::{Entry, LoadedPass, NamedJob},
    kernel_file,
    limits::MAX_WITNESS_BYTES,
    table::table,
    trial::{Engines, Samples, Trial, samples},
};
use anyhow::{Context, Result};
use assay_kernel::cost;
use comfy_table::Table;
use indicatif::HumanBytes;

/// What is known of a pass, of all its repetitions, or of the checker.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Which: `3`, `2-61`, or `checker`.
    pub(super) numbers: String,
    /// The name of its kernel's file.
    pub(super) kernel: String,
    /// Its tiles, each time.
    pub(super) tiles: u32,
    /// Bytes of a tile.
    pub(super) tile_bytes: u64,
    /// The most fuel that a tile can burn.
    pub(super) tile_fuel: u64,
    /// The most fuel that the chain needs to judge one.
    pub(super) judging_fuel: u64,
    /// What it reads and writes at a time.
    pub(super) device_bytes: u64,
    /// What the re-executed tiles showed, all together.
    pub(super) samples: Samples,
    /// Why there is nothing to compare with, although there is a GPU.
    pub(super) left_out: Option<String>,
}

/// What a trial found.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    /// Of each entry, the checker's last.
    pub(super) figures: Vec<Figures>,
    /// What must be put right before the job is posted.
    pub(super) faults: Vec<String>,
    /// What the requester should know.
    pub(super) notes: Vec<String>,
    /// With how many seeds the checker was run.
    pub(super) seeds: u32,
    /// With how many of them it did not yield zeros.
    pub(super) not_zeros: u32,
}

/// Computes a job and looks at up to `tiles` tiles of each entry.
pub(super) fn find(
    named: &NamedJob,
    engines: &Engines,
    tiles: u32,
    seeds: u32,
) -> Result<Findings> {
    let mut trial = Trial::new(named, engines, seeds)?;
    let mut findings = Findings::default();
    for entry in named.all_entries() {
        let is_checker = entry.passes.is_empty();
        let steps = match is_checker {
            true => entry.passes.start..trial.steps(),
            false => entry.passes.clone(),
        };
        let pass = (named.all_passes().nth(steps.start)).context("an entry stands for a pass")?;
        let mut figures = Figures::new(entry, pass)?;
        for step in steps.clone() {
            if let Some(failure) = trial.compute(step)? {
                figures.left_out = Some("not computed".into());
                let name = named.pass_name(step);
                findings.note(format!(
                    "{name} was computed on the virtual machine, for the GPU did not: {failure:#}"
                ));
            } else if engines.leaves_to_machine(&pass.kernel) {
                figures.left_out = Some("not exact with it".into());
            }
            figures.device_bytes = figures.device_bytes.max(trial.device_bytes(step)?);
            if is_checker {
                findings.judge_checker(&trial, step)?;
            }
            // Of what is repeated, the first time and the last.
            let last = step.saturating_add(1) == steps.end;
            if step == steps.start || (last && !is_checker) {
                let samples = trial.sample(step, &samples::choose(figures.tiles, tiles))?;
                findings.judge(&named.pass_name(step), &samples);
                figures.add(samples);
            }
            trial.forget(step);
        }
        if figures.samples.witness_bytes > MAX_WITNESS_BYTES {
            findings.note(format!(
                "{} {}: the chain could not judge a tile of it, which reads {}; what a tile reads must fit in {}",
                if is_checker { "the" } else { "pass" },
                figures.numbers,
                HumanBytes(figures.samples.witness_bytes as u64),
                HumanBytes(MAX_WITNESS_BYTES as u64),
            ));
        }
        // A checker has nothing to write as long as nothing is wrong.
        if figures.samples.reaches.is_idle() && !is_checker {
            findings.note(format!(
                "pass {}: nothing is written by the {} tiles that were looked at, so they are zeros: are its grid, its \
                 parameters and its inputs those that it is made for?",
                figures.numbers, figures.samples.tiles,
            ));
        }
        findings.figures.push(figures);
    }
    trial.finish();
    Ok(findings)
}

impl Findings {
    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What is wrong with tiles of a step.
    fn judge(&mut self, name: &str, samples: &Samples) {
        if let Some((tile, race)) = &samples.race {
            self.faults.push(format!(
                "{name} has a data race: in tile {tile}, {race}. A GPU may compute anything then: give each invocation \
                 words of its own, or put a barrier between"
            ));
        }
        if let Some(fault) = samples.reaches.fault(name) {
            self.faults.push(fault);
        }
        for note in samples.reaches.notes(name) {
            self.note(note);
        }
        if let Some(tile) = samples.cut_off {
            self.note(format!(
                "{name}: in tile {tile}, a loop is left because its fuel runs out, and the result is another with more. \
                 If that is not meant, give it more by `loop_fuel` (--loop-fuel), or make the loop shorter"
            ));
        }
        if let Some(difference) = &samples.difference {
            self.faults.push(format!(
                "{name} comes out otherwise on the GPU: word {} of tile {} is {:#x}, and {:#x} on the virtual machine. \
                 Without a data race it is a fault of the adapter or its driver: `assay gpu probe`",
                difference.word, difference.tile, difference.gpu, difference.machine,
            ));
        }
    }

    /// Whether a run of the checker yielded zeros.
    fn judge_checker(&mut self, trial: &Trial<'_>, step: usize) -> Result<()> {
        self.seeds = self.seeds.saturating_add(1);
        if let Some(tile) = trial.first_not_zero(step)? {
            self.not_zeros = self.not_zeros.saturating_add(1);
            self.faults.push(format!(
                "the checker does not yield zeros for seed {} of this trial: tile {tile} is not. Verifiers would \
                 compute every right result once more, for nothing",
                self.seeds
            ));
        }
        Ok(())
    }
}

impl Figures {
    fn new(entry: &Entry, pass: &LoadedPass) -> Result<Self> {
        let (report, _) = kernel_file::validate(&pass.kernel)?;
        Ok(Self {
            numbers: match entry.passes.is_empty() {
                true => "checker".into(),
                false => entry.numbers(),
            },
            kernel: entry.kernel_name(),
            tiles: pass.tiles()?,
            tile_bytes: u64::from(pass.kernel.tile_words) * 4,
            tile_fuel: report.tile_fuel,
            judging_fuel: report
                .tile_fuel
                .saturating_add(cost::ready(pass.code.len())),
            device_bytes: 0,
            samples: Samples::default(),
            left_out: None,
        })
    }

    fn add(&mut self, samples: Samples) {
        let own = &mut self.samples;
        own.tiles = own.tiles.saturating_add(samples.tiles);
        own.burned = own.burned.max(samples.burned);
        own.witness_bytes = own.witness_bytes.max(samples.witness_bytes);
        own.race = own.race.or(samples.race);
        own.reaches = own.reaches.and(samples.reaches);
        own.cut_off = own.cut_off.or(samples.cut_off);
        own.compared |= samples.compared;
        own.difference = own.difference.or(samples.difference);
    }

    fn agreement(&self) -> String {
        match (&self.samples.difference, &self.left_out) {
            (Some(_), _) => "DIFFERS".into(),
            (None, Some(reason)) => reason.clone(),
            (None, None) if self.samples.compared => "agrees".into(),
            (None, None) => "-".into(),
        }
    }
}

/// The findings, an entry a row.
pub(super) fn figures_table(figures: &[Figures]) -> Table {
    let header = [
        "pass",
        "kernel",
        "tiles",
        "tile",
        "fuel burned",
        "at most",
        "memory",
        "re-executed",
        "witness",
        "chain can judge",
        "races",
        "GPU",
    ];
    let mut table = table(&header, &[2, 3, 4, 5, 6, 7, 8]);
    for row in figures {
        let samples = &row.samples;
        let bytes = |bytes: usize| HumanBytes(bytes as u64).to_string();
        table.add_row([
            row.numbers.clone(),
            row.kernel.clone(),
            row.tiles.to_string(),
            HumanBytes(row.tile_bytes).to_string(),
            samples.burned.to_string(),
            row.tile_fuel.to_string(),
            HumanBytes(row.device_bytes).to_string(),
            samples.tiles.to_string(),
            bytes(samples.witness_bytes),
            match samples.witness_bytes > MAX_WITNESS_BYTES {
                true => "NO".into(),
                false => "yes".into(),
            },
            match samples.race {
                Some(_) => "YES".into(),
                None => "none".into(),
            },
            row.agreement(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests;
