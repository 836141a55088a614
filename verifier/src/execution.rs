// SPDX-License-Identifier: Apache-2.0
//! The one function by which providers, verifiers and the chain compute the value of a tile.

use crate::{
    ChainingValue,
    paged::MissingPage,
    tree,
    witness::{InputRef, Witness, WitnessError},
};
use alloc::{vec, vec::Vec};
use assay_kernel::{
    Kernel,
    machine::{Inputs, Invocation, Machine, RunError},
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
    let mut inputs = witness.verify(inputs)?;
    let mut machine = Machine::new(kernel, limits)?;
    Ok(compute_tile(&mut machine, task, tile, &mut inputs)?)
}
