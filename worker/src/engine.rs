// SPDX-License-Identifier: Apache-2.0
//! What computes a whole job.

mod gpu;
mod machine;
mod measure;
pub mod probe;

pub use gpu::{Adapter, GpuEngine, adapters};
pub use machine::MachineEngine;

use assay_kernel::Kernel;
use assay_primitives::{job::Work, provider::AdapterClass};

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

impl<'a> Task<'a> {
    /// Of some work.
    pub fn of(kernel: &'a Kernel, work: &'a Work, inputs: &'a [&'a [u32]]) -> Self {
        Self {
            kernel,
            grid: work.grid,
            tiles: work.tiles,
            parameters: &work.parameters,
            inputs,
        }
    }
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
    /// There is no adapter, or none with the wanted name.
    #[error(
        "no GPU adapter{}; {}",
        wanted.as_ref().map(|name| format!(" has `{name}` in its name")).unwrap_or_default(),
        if found.is_empty() {
            "there is no Vulkan driver: on Debian and Ubuntu, install the vendor's, or mesa-vulkan-drivers \
             with libvulkan1"
                .to_string()
        } else {
            format!("there are: {}", found.join(", "))
        }
    )]
    NoAdapter {
        /// The part of a name that was asked for.
        wanted: Option<String>,
        /// The names there are.
        found: Vec<String>,
    },
    /// The adapter cannot hold an input.
    #[error("input {input} has {bytes} bytes; the adapter takes {limit}")]
    InputTooLarge {
        /// Its number.
        input: usize,
        /// Its bytes.
        bytes: u64,
        /// The most it can have.
        limit: u64,
    },
    /// The adapter cannot bind so many inputs.
    #[error("{inputs} inputs; the adapter takes {limit}")]
    TooManyInputs {
        /// The kernel's.
        inputs: u32,
        /// The most it can have.
        limit: u32,
    },
    /// The device does not answer.
    #[error("the device has not finished {tiles} tiles within {seconds} s")]
    Stalled {
        /// The tiles it was given at once.
        tiles: u32,
        /// The time it had.
        seconds: u64,
    },
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(String),
    /// The device computes something else than the virtual machine.
    #[error(
        "the device is not exact: in probe `{probe}`, word {word} is {got:#x}, not {expected:#x}"
    )]
    Inexact {
        /// What was probed.
        probe: &'static str,
        /// The word of the output.
        word: usize,
        /// What the virtual machine computes.
        expected: u32,
        /// What the device computes.
        got: u32,
    },
}

/// Something that computes jobs.
pub trait Engine: Send + Sync {
    /// What people call it: an adapter's name.
    fn name(&self) -> String;

    /// The fuel it burns in a second, measured when it was made ready.
    fn fuel_per_second(&self) -> u64;

    /// Which kernels it was found to compute as the virtual machine does.
    fn class(&self) -> AdapterClass {
        AdapterClass::Float
    }

    /// The bytes of the largest input it takes.
    fn largest_input(&self) -> u64 {
        // A kernel counts an input's words in 32 bits.
        u64::from(u32::MAX) * 4
    }

    /// Whether it was found to compute this kernel as the virtual machine does.
    fn runs(&self, _kernel: &Kernel) -> bool {
        true
    }

    /// Computes all tiles and hands their bytes over in order, several at a time.
    fn run(
        &self,
        task: &Task<'_>,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), EngineError>;
}
