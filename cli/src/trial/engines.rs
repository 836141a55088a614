// SPDX-License-Identifier: Apache-2.0
//! What a trial is computed on.

use anyhow::{Context, Result};
use assay_kernel::Kernel;
use assay_worker::engine::{Engine, EngineError, GpuEngine, MachineEngine};

/// The virtual machine, and a GPU that was found to be exact.
#[derive(Debug)]
pub struct Engines {
    pub(super) gpu: Option<GpuEngine>,
    pub(super) machine: MachineEngine,
}

impl Engines {
    /// The virtual machine alone.
    pub fn machine() -> Result<Self> {
        let machine = MachineEngine::new().context("the virtual machine cannot be measured")?;
        Ok(Self { gpu: None, machine })
    }

    /// With the best GPU there is, if it is exact. The answer says why it is without, if it is.
    pub fn with_best_gpu() -> Result<(Self, Option<EngineError>)> {
        let mut engines = Self::machine()?;
        match GpuEngine::new(None) {
            Ok(gpu) => {
                engines.gpu = Some(gpu);
                Ok((engines, None))
            }
            Err(error) => Ok((engines, Some(error))),
        }
    }

    /// With the GPU whose name or driver contains this text.
    pub fn with_gpu(name: &str) -> Result<Self> {
        Ok(Self {
            gpu: Some(GpuEngine::new(Some(name))?),
            ..Self::machine()?
        })
    }

    /// The name of the GPU, if there is one.
    pub fn gpu_name(&self) -> Option<String> {
        self.gpu.as_ref().map(Engine::name)
    }

    /// Whether a kernel is left to the virtual machine for the GPU is not exact with floats.
    pub fn leaves_to_machine(&self, kernel: &Kernel) -> bool {
        self.gpu.as_ref().is_some_and(|gpu| !gpu.runs(kernel))
    }

    /// The fuel that the virtual machine burns in a second.
    pub fn machine_speed(&self) -> u64 {
        self.machine.fuel_per_second()
    }
}
