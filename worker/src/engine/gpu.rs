// SPDX-License-Identifier: Apache-2.0
//! A GPU through wgpu: Vulkan, Metal or Direct3D 12.
//!
//! A job is computed in batches of tiles, sized so that each takes about [`batches::TARGET`]. Two are
//! under way at a time: while the device computes one, the caller takes the bytes of the one before.

mod adapters;
mod batches;
mod device;
mod program;

pub use adapters::{Adapter, adapters};

use super::{Engine, EngineError, Task, measure, probe};
use assay_kernel::Kernel;
use assay_primitives::provider::AdapterClass;
use batches::Batches;
use device::Device;
use probe::Class;
use program::Program;

/// A GPU that was found to be exact.
#[derive(Debug)]
pub struct GpuEngine {
    device: Device,
    fuel_per_second: u64,
    /// The kernels it was found not to be exact with.
    inexact: Vec<Class>,
}

impl GpuEngine {
    /// Opens the adapter whose name contains `name`, or the best one; refuses it when it does not compute
    /// what the virtual machine computes; measures how fast it is.
    pub fn new(name: Option<&str>) -> Result<Self, EngineError> {
        let mut engine = Self::untested(name)?;
        for class in Class::ALL {
            match probe::check(&engine, class) {
                Err(EngineError::Inexact { .. }) if class != Class::Integer => {
                    engine.inexact.push(class);
                }
                result => result?,
            }
        }
        engine.measure()?;
        Ok(engine)
    }

    /// Opens an adapter without finding out whether it is exact, for what does.
    pub fn untested(name: Option<&str>) -> Result<Self, EngineError> {
        Ok(Self {
            device: Device::open(name)?,
            fuel_per_second: 1,
            inexact: Vec::new(),
        })
    }

    /// Measures how fast it is.
    pub fn measure(&mut self) -> Result<(), EngineError> {
        self.fuel_per_second = measure::fuel_per_second(self)?;
        Ok(())
    }
}

impl Engine for GpuEngine {
    fn name(&self) -> String {
        self.device.name().into()
    }

    fn fuel_per_second(&self) -> u64 {
        self.fuel_per_second
    }

    fn class(&self) -> AdapterClass {
        if self.inexact.contains(&Class::Float) {
            AdapterClass::Integer
        } else {
            AdapterClass::Float
        }
    }

    fn largest_input(&self) -> u64 {
        self.device.most_bytes()
    }

    fn runs(&self, kernel: &Kernel) -> bool {
        !(self.inexact.iter()).any(|class| class.covers(kernel))
    }

    fn run(
        &self,
        task: &Task<'_>,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), EngineError> {
        let program = Program::new(&self.device, task.kernel)?;
        Batches::new(&self.device, &program, task)?.run(take)
    }
}
