// SPDX-License-Identifier: Apache-2.0
//! What computes a whole job.

mod machine;

pub use machine::MachineEngine;

use assay_kernel::Kernel;

/// A job to compute.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The kernel, which is valid.
    pub kernel: &'a Kernel,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// The product of the grid.
    pub tiles: u32,
    /// The parameter words.
    pub parameters: &'a [u32],
    /// The words of the inputs.
    pub inputs: &'a [&'a [u32]],
}

/// Why a job could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The kernel is not valid.
    #[error("the kernel is not valid: {0}")]
    Kernel(#[from] assay_kernel::validate::Invalid),
    /// A tile could not be run.
    #[error("tile {tile} cannot be run: {reason}")]
    Tile {
        /// Which.
        tile: u32,
        /// Why.
        reason: String,
    },
    /// What takes the tiles refused them.
    #[error("the output cannot be kept: {0}")]
    Output(#[from] std::io::Error),
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(String),
}

/// Something that computes jobs.
pub trait Engine: Send + Sync {
    /// What people call it: an adapter's name.
    fn name(&self) -> String;

    /// The fuel it burns in a second, measured when it was made ready.
    fn fuel_per_second(&self) -> u64;

    /// Computes all tiles and hands their bytes over in order, several at a time.
    fn run(
        &self,
        task: &Task<'_>,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), EngineError>;
}
