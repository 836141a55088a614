// SPDX-License-Identifier: Apache-2.0
//! Spot checks: many tiles at once on all cores, and the witness of one.

use crate::{
    ChainingValue,
    execution::{ComputedTile, Task, compute_tile},
    paged::{PAGE_WORDS, word_of},
    tree::ProofError,
    witness::Witness,
};
use assay_kernel::{
    machine::{Inputs, Invocation, Machine, RunError, SliceInputs},
    races::{self, Race},
    reach::{self, Reach},
};
use rayon::prelude::*;
use std::{collections::BTreeSet, convert::Infallible};

/// The bytes of an input as words, little-endian; the last one is padded with zero bytes.
pub fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.par_chunks(4).map(word_of).collect()
}

/// The chaining values of tiles, in their order. `progress` is called after each, in any order.
pub fn values(
    machine: &Machine,
    task: &Task<'_>,
    tiles: &[u32],
    inputs: &[&[u32]],
    progress: impl Fn() + Sync,
) -> Result<Vec<ChainingValue>, RunError<Infallible>> {
    tiles
        .par_iter()
        .map_init(
            || machine.clone(),
            |machine, tile| {
                let computed = compute_tile(machine, task, *tile, &mut SliceInputs(inputs))?;
                progress();
                Ok(computed.value)
            },
        )
        .collect()
}

/// The first data race in some tiles, with its tile. See [`races`].
pub fn race(
    machine: &Machine,
    task: &Task<'_>,
    tiles: &[u32],
    inputs: &[&[u32]],
) -> Result<Option<(u32, Race)>, RunError<Infallible>> {
    let found = each(machine, task, tiles, |machine, invocation| {
        races::find(machine, invocation, &mut SliceInputs(inputs))
    })?;
    let mut found = tiles.iter().zip(found);
    Ok(found.find_map(|(tile, race)| Some((*tile, race?))))
}

/// What tiles do with the output, in their order. See [`reach`](mod@reach).
pub fn reach(
    machine: &Machine,
    task: &Task<'_>,
    tiles: &[u32],
    inputs: &[&[u32]],
) -> Result<Vec<Reach>, RunError<Infallible>> {
    each(machine, task, tiles, |machine, invocation| {
        reach::find(machine, invocation, &mut SliceInputs(inputs))
    })
}

/// What is found in each of some tiles.
fn each<Found: Send>(
    machine: &Machine,
    task: &Task<'_>,
    tiles: &[u32],
    find: impl Fn(&mut Machine, &Invocation<'_>) -> Result<Found, RunError<Infallible>> + Sync,
) -> Result<Vec<Found>, RunError<Infallible>> {
    tiles
        .par_iter()
        .map_init(
            || machine.clone(),
            |machine, tile| {
                let invocation = Invocation {
                    grid: task.grid,
                    group: *tile,
                    parameters: task.parameters,
                };
                find(machine, &invocation)
            },
        )
        .collect()
}

/// Inputs that remember which pages of them were read.
struct Recorder<'a> {
    inputs: SliceInputs<'a>,
    pages: Vec<BTreeSet<u32>>,
}

impl Inputs for Recorder<'_> {
    type Error = Infallible;

    fn words(&self, input: usize) -> u32 {
        self.inputs.words(input)
    }

    fn load(&mut self, input: usize, word: u32) -> Result<u32, Infallible> {
        if let Some(pages) = self.pages.get_mut(input) {
            pages.insert(word / PAGE_WORDS);
        }
        self.inputs.load(input, word)
    }
}

/// Why a witness could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The tile could not be run.
    #[error(transparent)]
    Run(#[from] RunError<Infallible>),
    /// The pages could not be proven.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// Runs a tile and makes the witness with which the chain can run it too.
pub fn witness(
    machine: &mut Machine,
    task: &Task<'_>,
    tile: u32,
    inputs: &[&[u8]],
) -> Result<(ComputedTile, Witness), BuildError> {
    let dense: Vec<Vec<u32>> = inputs.iter().map(|bytes| words(bytes)).collect();
    let dense: Vec<&[u32]> = dense.iter().map(Vec::as_slice).collect();
    let mut recorder = Recorder {
        inputs: SliceInputs(&dense),
        pages: vec![BTreeSet::new(); inputs.len()],
    };
    let computed = compute_tile(machine, task, tile, &mut recorder)?;
    Ok((computed, Witness::build(inputs, &recorder.pages)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        execution::{compute_tile, replay_with},
        tree,
        witness::{InputRef, MissingPage},
    };
    use assay_kernel::{
        program::{Binary, Builtin, Kernel, Memory, Op, VERSION},
        validate::Limits,
    };

    /// `output[i] = 3 * input[i + 100]`, 256 invocations.
    fn kernel() -> Kernel {
        Kernel {
            version: VERSION,
            workgroup: [256, 1, 1],
            tile_words: 256,
            loop_fuel: 0,
            memories: vec![Memory::Input, Memory::Output],
            variables: vec![],
            code: vec![
                Op::Builtin(Builtin::GroupX),
                Op::Constant(256),
                Op::Binary(Binary::Multiply, 0, 1),
                Op::Builtin(Builtin::LocalX),
                Op::Binary(Binary::Add, 2, 3),
                Op::Constant(100),
                Op::Binary(Binary::Add, 4, 5),
                Op::Load(0, 6),
                Op::Constant(3),
                Op::Binary(Binary::Multiply, 7, 8),
                Op::Store(1, 4, 9),
            ],
        }
    }

    fn input() -> Vec<u8> {
        (0..=250).cycle().take(5 * 1_024 + 2).collect()
    }

    fn machine() -> Machine {
        Machine::new(&kernel(), &Limits::DEFAULT).expect("a valid kernel")
    }

    const TASK: Task<'_> = Task {
        grid: [6, 1, 1],
        parameters: &[],
        tiles: 6,
    };

    #[test]
    fn values_are_those_of_the_tiles_of_the_output() {
        let dense = words(&input());
        let tiles: Vec<u32> = (0..6).collect();
        let values = values(&machine(), &TASK, &tiles, &[&dense], || {}).expect("runs");
        let output: Vec<u8> = (0..6 * 256)
            .flat_map(|word: usize| {
                (dense.get(word + 100).copied().unwrap_or(0).wrapping_mul(3)).to_le_bytes()
            })
            .collect();
        assert_eq!(
            tree::root_of(&values),
            Some(*blake3::hash(&output).as_bytes())
        );
    }

    #[test]
    fn compute_tile_is_the_same_when_it_reads_a_witness() {
        let input = input();
        for tile in 0..6 {
            let (dense, witness) = witness(&mut machine(), &TASK, tile, &[&input]).expect("runs");
            let inputs = [InputRef::of(&input)];
            let mut paged = witness.verify(&inputs).expect("built from the input");
            let proven = compute_tile(&mut machine(), &TASK, tile, &mut paged).expect("complete");
            assert_eq!(dense, proven);
            assert!(witness.inputs[0].pages.len() <= 2);
        }
    }

    #[test]
    fn compute_tile_names_the_page_when_the_witness_lacks_it() {
        let input = input();
        let (_, witness) = witness(&mut machine(), &TASK, 0, &[&input]).expect("runs");
        let inputs = [InputRef::of(&input)];
        let mut paged = witness.verify(&inputs).expect("built from the input");
        let missing = MissingPage { input: 0, page: 3 };
        assert_eq!(
            compute_tile(&mut machine(), &TASK, 3, &mut paged),
            Err(RunError::Input(missing))
        );
    }

    #[test]
    fn replay_is_the_same_whichever_pages_were_supplied_before() {
        let input = input();
        let inputs = [InputRef::of(&input)];
        let chunks: Vec<&[u8]> = input.chunks(1_024).collect();
        for tile in 0..6 {
            let (dense, witness) = witness(&mut machine(), &TASK, tile, &[&input]).expect("runs");
            let pages: Vec<u32> = witness.inputs[0]
                .pages
                .iter()
                .map(|page| page.index)
                .collect();
            // Every subset of what it reads is in the witness, and the rest supplied.
            for subset in 0..1u32 << pages.len() {
                let held = (pages.iter().enumerate())
                    .filter(|(bit, _)| subset >> bit & 1 == 1)
                    .map(|(_, page)| *page)
                    .collect::<BTreeSet<_>>();
                let part =
                    Witness::build(&[&input], std::slice::from_ref(&held)).expect("pages of it");
                let mut asked = Vec::new();
                let limits = Limits::DEFAULT;
                let supplied = |input: usize, page: u32| {
                    asked.push((input, page));
                    chunks.get(page as usize).map(|bytes| bytes.to_vec())
                };
                let kernel = kernel();
                let done = replay_with(&kernel, &limits, &TASK, tile, &inputs, &part, supplied);
                assert_eq!(done, Ok(dense.clone()));
                // Each once, and none that the witness has.
                let missing = pages.iter().filter(|page| !held.contains(page));
                assert_eq!(asked, missing.map(|page| (0, *page)).collect::<Vec<_>>());
                let refused =
                    replay_with(&kernel, &limits, &TASK, tile, &inputs, &part, |_, _| None);
                assert_eq!(refused.is_ok(), asked.is_empty());
            }
        }
    }
}
