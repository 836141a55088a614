// SPDX-License-Identifier: Apache-2.0
//! The one function by which providers, verifiers and the chain compute the value of a tile.

use crate::{
    ChainingValue,
    paged::{MissingPage, PagedInputs},
    tree,
    witness::{InputRef, Witness, WitnessError},
};
use alloc::{vec, vec::Vec};
use assay_kernel::{
    Kernel,
    machine::{Inputs, Invocation, Machine, Mask, RunError},
    validate::{Invalid, Limits},
};

/// What is computed, besides the inputs.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// The job's parameters.
    pub parameters: &'a [u32],
    /// The number of tiles: the product of the grid.
    pub tiles: u32,
}

/// A tile that was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputedTile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its chaining value in the tree of the output.
    pub value: ChainingValue,
    /// The fuel it burned.
    pub fuel: u64,
}

/// Runs the workgroup of a tile on the virtual machine.
pub fn compute_tile<I: Inputs>(
    machine: &mut Machine,
    task: &Task<'_>,
    tile: u32,
    inputs: &mut I,
) -> Result<ComputedTile, RunError<I::Error>> {
    let words = usize::try_from(machine.kernel().tile_words).unwrap_or_default();
    let mut output = vec![0; words];
    let invocation = Invocation {
        grid: task.grid,
        group: tile,
        parameters: task.parameters,
    };
    let fuel = machine.run(&invocation, inputs, &mut output)?;
    let bytes: Vec<u8> = output.into_iter().flat_map(u32::to_le_bytes).collect();
    let value = tree::leaf_value(tile, task.tiles, &bytes).ok_or(RunError::NoSuchGroup(tile))?;
    Ok(ComputedTile { bytes, value, fuel })
}

/// Why a tile cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The kernel is not valid.
    #[error(transparent)]
    Kernel(#[from] Invalid),
    /// The witness does not belong to the inputs.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The tile cannot be run, or reads a page that the witness lacks.
    #[error(transparent)]
    Run(#[from] RunError<MissingPage>),
}

/// Judges a tile: proves the witness under the inputs' hashes and runs the kernel on nothing else.
///
/// This is what the chain does when it adjudicates.
pub fn replay(
    kernel: &Kernel,
    limits: &Limits,
    task: &Task<'_>,
    tile: u32,
    inputs: &[InputRef],
    witness: &Witness,
) -> Result<ComputedTile, ReplayError> {
    replay_with(kernel, limits, task, tile, inputs, witness, |_, _| None)
}

/// As [`replay`], with pages that were proven before: `supplied` answers an input and a page's number with its bytes,
/// and is asked at most once for each page that the tile reads and the witness lacks.
pub fn replay_with(
    kernel: &Kernel,
    limits: &Limits,
    task: &Task<'_>,
    tile: u32,
    inputs: &[InputRef],
    witness: &Witness,
    supplied: impl FnMut(usize, u32) -> Option<Vec<u8>>,
) -> Result<ComputedTile, ReplayError> {
    let mut inputs = SuppliedInputs {
        known: witness.verify(inputs)?,
        supplied,
    };
    let mut machine = Machine::new(kernel, limits)?;
    Ok(compute_tile(&mut machine, task, tile, &mut inputs)?)
}

/// Inputs of which some pages are known and others can be asked for.
struct SuppliedInputs<F> {
    known: PagedInputs,
    supplied: F,
}

impl<F: FnMut(usize, u32) -> Option<Vec<u8>>> SuppliedInputs<F> {
    /// Reads, and asks for what is missing until nothing is. Each turn makes another page known.
    fn read<R>(
        &mut self,
        mut read: impl FnMut(&mut PagedInputs) -> Result<R, MissingPage>,
    ) -> Result<R, MissingPage> {
        let mut last = None;
        loop {
            let missing = match read(&mut self.known) {
                Err(missing) if last != Some(missing) => missing,
                result => return result,
            };
            let bytes = (self.supplied)(missing.input, missing.page).ok_or(missing)?;
            self.known.add(missing.input, missing.page, &bytes);
            last = Some(missing);
        }
    }
}

impl<F: FnMut(usize, u32) -> Option<Vec<u8>>> Inputs for SuppliedInputs<F> {
    type Error = MissingPage;

    fn words(&self, input: usize) -> u32 {
        self.known.words_of(input)
    }

    fn load(&mut self, input: usize, word: u32) -> Result<u32, MissingPage> {
        self.read(|known| known.word(input, word))
    }

    fn gather(
        &mut self,
        input: usize,
        addresses: &[u32],
        active: Mask,
        result: &mut [u32],
    ) -> Result<(), MissingPage> {
        self.read(|known| known.gather(input, addresses, active, result))
    }
}
