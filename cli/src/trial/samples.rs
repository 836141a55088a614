// SPDX-License-Identifier: Apache-2.0
//! Some tiles of a step, re-executed on the virtual machine.

use super::{Reaches, Trial};
use crate::{chain::types::Source, job_file::LoadedPass};
use anyhow::{Context, Result};
use assay_kernel::{Kernel, machine::Machine, races::Race, validate::Limits};
use assay_verifier::{execution::Task, sampling, spot};
use codec::Encode;
use std::{borrow::Cow, collections::BTreeSet};

/// What tiles of a step showed.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// How many there are.
    pub tiles: usize,
    /// The most fuel that one of them burned.
    pub burned: u64,
    /// The bytes of the largest witness that one of them takes.
    pub witness_bytes: usize,
    /// The first data race, with its tile.
    pub race: Option<(u32, Race)>,
    /// What the tiles do with the output.
    pub reaches: Reaches,
    /// The first tile that comes out otherwise if metered loops may burn twice as much.
    pub cut_off: Option<u32>,
    /// Whether the GPU computed them, so that they were compared.
    pub compared: bool,
    /// Where the GPU's bytes first differ from the virtual machine's.
    pub difference: Option<Difference>,
}

/// A word that the GPU computes otherwise than the virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The tile.
    pub tile: u32,
    /// The word of the tile.
    pub word: usize,
    /// What the virtual machine computes.
    pub machine: u32,
    /// What the GPU computes.
    pub gpu: u32,
}

/// Up to so many of the tiles: the first, the middle and the last, then some that are drawn, always the same ones.
pub fn choose(tiles: u32, count: u32) -> Vec<u32> {
    let count = count.min(tiles);
    let seed = *blake3::hash(b"tiles of a trial").as_bytes();
    let drawn = sampling::draw(&seed, tiles, count);
    let mut chosen = BTreeSet::new();
    for tile in [0, tiles / 2, tiles.saturating_sub(1)]
        .into_iter()
        .chain(drawn)
    {
        if u32::try_from(chosen.len()).is_ok_and(|chosen| chosen < count) {
            chosen.insert(tile);
        }
    }
    chosen.into_iter().collect()
}

impl Trial<'_> {
    /// Looks for a data race in tiles of a step, which need not be computed, if what it reads is.
    pub fn race(&self, number: usize, tiles: &[u32]) -> Result<Option<(u32, Race)>> {
        let step = self.step(number)?;
        let inputs = self.inputs_of(step)?;
        Ok(spot::race(&machine(step)?, &task(step)?, tiles, &inputs)?)
    }

    /// Looks at what tiles of a step do with its output; the step need not be computed, if what it reads is.
    pub fn reaches(&self, number: usize, tiles: &[u32]) -> Result<Reaches> {
        let step = self.step(number)?;
        let inputs = self.inputs_of(step)?;
        let found = spot::reach(&machine(step)?, &task(step)?, tiles, &inputs)?;
        Ok(Reaches::of(step.kernel.tile_words, tiles, &found))
    }

    /// Re-executes tiles of a step that is computed.
    pub fn sample(&self, number: usize, tiles: &[u32]) -> Result<Samples> {
        let step = self.step(number)?;
        let output = self.output(number)?;
        let (mut machine, task) = (machine(step)?, task(step)?);
        let mut generous = generous(step)?;
        let inputs = self.bytes_of(step)?;
        let inputs: Vec<&[u8]> = inputs.iter().map(|bytes| bytes.as_ref()).collect();
        let mut samples = Samples {
            tiles: tiles.len(),
            race: self.race(number, tiles)?,
            reaches: self.reaches(number, tiles)?,
            compared: output.by_gpu,
            ..Samples::default()
        };
        let tile_words = usize::try_from(step.kernel.tile_words)?;
        for tile in tiles {
            let (computed, witness) = spot::witness(&mut machine, &task, *tile, &inputs)?;
            samples.burned = samples.burned.max(computed.fuel);
            samples.witness_bytes = samples.witness_bytes.max(witness.encoded_size());
            if let (Some(machine), None) = (&mut generous, samples.cut_off) {
                let (longer, _) = spot::witness(machine, &task, *tile, &inputs)?;
                samples.cut_off = (longer.value != computed.value).then_some(*tile);
            }
            if samples.difference.is_some() {
                continue;
            }
            let first = usize::try_from(*tile)?.saturating_mul(tile_words);
            let written = output.words.get(first..first.saturating_add(tile_words));
            let written = written.context("the engine did not compute every tile")?;
            let difference = |(word, (machine, gpu)): (usize, (u32, &u32))| Difference {
                tile: *tile,
                word,
                machine,
                gpu: *gpu,
            };
            samples.difference = (spot::words(&computed.bytes).into_iter().zip(written))
                .enumerate()
                .find(|(_, (machine, gpu))| machine != *gpu)
                .map(difference);
        }
        Ok(samples)
    }

    /// The bytes that a step reads.
    fn bytes_of(&self, step: &LoadedPass) -> Result<Vec<Cow<'_, [u8]>>> {
        let bytes = |source: &Source| match source {
            Source::Input(input) => (self.named.job.inputs.get(usize::from(*input)))
                .map(|input| Cow::Borrowed(input.as_slice()))
                .context("the job has no such input"),
            Source::Pass(pass) => {
                let words = &self.output(usize::from(*pass))?.words;
                Ok(words.iter().copied().flat_map(u32::to_le_bytes).collect())
            }
        };
        step.reads.iter().map(bytes).collect()
    }
}

fn machine(step: &LoadedPass) -> Result<Machine> {
    Machine::new(&step.kernel, &Limits::DEFAULT).context("the chain would refuse the kernel")
}

/// A machine on which metered loops may burn twice as much, if there are any.
fn generous(step: &LoadedPass) -> Result<Option<Machine>> {
    if step.kernel.loop_fuel == 0 {
        return Ok(None);
    }
    let kernel = Kernel {
        loop_fuel: step.kernel.loop_fuel.saturating_mul(2),
        ..step.kernel.clone()
    };
    let limits = Limits {
        tile_fuel: u64::MAX,
        ..Limits::DEFAULT
    };
    Ok(Some(Machine::new(&kernel, &limits)?))
}

fn task(step: &LoadedPass) -> Result<Task<'_>> {
    Ok(Task {
        grid: step.grid,
        parameters: &step.parameters,
        tiles: step.tiles()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choose_takes_the_ends_the_middle_and_others() {
        let chosen = choose(1_000, 8);
        assert_eq!(chosen.len(), 8);
        for tile in [0, 500, 999] {
            assert!(chosen.contains(&tile), "{chosen:?}");
        }
        assert!(chosen.is_sorted() && chosen.iter().all(|tile| *tile < 1_000));
    }

    #[test]
    fn choose_takes_each_tile_once_when_there_are_few() {
        assert_eq!(choose(1, 8), [0]);
        assert_eq!(choose(3, 8), [0, 1, 2]);
        assert_eq!(choose(5, 8), [0, 1, 2, 3, 4]);
        assert_eq!(choose(100, 1), [0]);
    }
}
