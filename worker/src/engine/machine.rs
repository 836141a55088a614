// SPDX-License-Identifier: Apache-2.0
//! The virtual machine as an engine, on all cores: slower than a GPU, and there everywhere.

use super::{Engine, EngineError, Task, measure};
use assay_kernel::{
    machine::{Machine, SliceInputs},
    validate::Limits,
};
use assay_verifier::execution::{self, compute_tile};
use rayon::prelude::*;

/// How many tiles are computed before they are handed over.
const BATCH: u32 = 256;

/// The virtual machine on all cores.
#[derive(Clone, Copy, Debug)]
pub struct MachineEngine {
    fuel_per_second: u64,
}

impl MachineEngine {
    /// Measures how fast this machine is.
    pub fn new() -> Result<Self, EngineError> {
        let fuel_per_second = measure::fuel_per_second(&Self { fuel_per_second: 1 })?;
        Ok(Self { fuel_per_second })
    }
}

impl Engine for MachineEngine {
    fn name(&self) -> String {
        format!(
            "the virtual machine on {} cores",
            rayon::current_num_threads()
        )
    }

    fn fuel_per_second(&self) -> u64 {
        self.fuel_per_second
    }

    fn run(
        &self,
        task: &Task<'_>,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), EngineError> {
        let machine = Machine::new(task.kernel, &Limits::DEFAULT)?;
        let tile_task = execution::Task {
            grid: task.grid,
            parameters: task.parameters,
            tiles: task.tiles,
        };
        let mut first = 0;
        while first < task.tiles {
            let end = first.saturating_add(BATCH).min(task.tiles);
            let batch = (first..end)
                .into_par_iter()
                .map_init(
                    || machine.clone(),
                    |machine, tile| {
                        compute_tile(machine, &tile_task, tile, &mut SliceInputs(task.inputs))
                            .map(|computed| computed.bytes)
                            .map_err(|error| EngineError::Tile {
                                tile,
                                reason: error.to_string(),
                            })
                    },
                )
                .collect::<Result<Vec<_>, _>>()?;
            take(&batch.concat())?;
            first = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_hands_over_every_tile_in_order() {
        let kernel = measure::kernel();
        let tiles = BATCH + 3;
        let task = Task {
            kernel: &kernel,
            grid: [tiles, 1, 1],
            tiles,
            parameters: &[],
            inputs: &[],
        };
        let engine = MachineEngine::new().expect("the kernel is valid");
        assert!(engine.fuel_per_second() > 0);
        let mut output = Vec::new();
        engine
            .run(&task, &mut |bytes| {
                output.extend_from_slice(bytes);
                Ok(())
            })
            .expect("runs");
        assert_eq!(output.len(), tiles as usize * 1024);
        // Every tile of this kernel is the same, as its values follow from the lane alone.
        assert!(output.chunks(1024).all(|tile| tile == &output[..1024]));
        assert_ne!(output[..4], output[4..8]);
    }
}
