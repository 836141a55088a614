// SPDX-License-Identifier: Apache-2.0
//! Whether an engine computes what the virtual machine computes, on operands that are hard.
//!
//! Every adapter is probed before it is offered any work: drivers have bugs, and a provider must not find
//! them in a dispute.

mod assembler;
mod float;
mod integer;
mod ragged;

pub use float::{FLOAT_BINARY, FLOAT_UNARY, HARD_FLOATS};
pub use integer::{ATOMIC, BINARY, HARD, UNARY};

use super::{Engine, EngineError, Task};
use assay_kernel::{
    Kernel,
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};
use assay_primitives::provider::AdapterClass;

/// Which kernels a probe speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// All.
    Integer,
    /// Those that compute with floats.
    Float,
}

impl Class {
    /// Every class; an adapter that is inexact in the first is of no use.
    pub const ALL: [Self; 2] = [Self::Integer, Self::Float];

    /// Whether a probe of this class speaks for a kernel.
    pub fn covers(self, kernel: &Kernel) -> bool {
        match self {
            Self::Integer => true,
            Self::Float => kernel.has_floats(),
        }
    }

    /// What an adapter cannot do that is inexact in it, in words.
    pub const fn lacking(self) -> &'static str {
        match self {
            Self::Integer => "any job",
            Self::Float => "jobs that compute with floats",
        }
    }
}

/// A kernel and what to run it with.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Which kernels it speaks for.
    pub class: Class,
    /// What it probes.
    pub name: &'static str,
    /// The kernel.
    pub kernel: Kernel,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// The parameters.
    pub parameters: Vec<u32>,
    /// The words of the inputs.
    pub inputs: Vec<Vec<u32>>,
}

/// Lanes of the probes' workgroups.
const LANES: u32 = 256;

/// Every probe.
pub fn probes() -> Vec<Probe> {
    vec![
        integer::arithmetic(),
        integer::bounds(),
        integer::atomics(),
        integer::control(),
        float::arithmetic(),
        float::rewrites(),
        float::edges(),
        float::memory(),
        ragged::barriers(),
    ]
}

/// Runs every probe of a class and compares with the virtual machine, word for word.
pub fn check(engine: &dyn Engine, class: Class) -> Result<(), EngineError> {
    let mut probes = probes();
    probes.retain(|probe| probe.class == class);
    probes.iter().try_for_each(|probe| probe.check(engine))
}

/// BLAKE3 hash of what an adapter of a class was found to compute: the outputs of the probes that speak for it.
pub fn digest(class: AdapterClass) -> Result<[u8; 32], EngineError> {
    let mut hasher = blake3::Hasher::new();
    for probe in probes() {
        if probe.class == Class::Integer || class == AdapterClass::Float {
            for word in probe.expected()? {
                hasher.update(&word.to_le_bytes());
            }
        }
    }
    Ok(*hasher.finalize().as_bytes())
}

impl Probe {
    /// Runs it on an engine and compares with the virtual machine, word for word.
    pub fn check(&self, engine: &dyn Engine) -> Result<(), EngineError> {
        let expected = self.expected()?;
        let inputs: Vec<&[u32]> = self.inputs.iter().map(Vec::as_slice).collect();
        let task = Task {
            kernel: &self.kernel,
            grid: self.grid,
            tiles: self.grid.iter().product(),
            parameters: &self.parameters,
            inputs: &inputs,
        };
        let mut got = Vec::with_capacity(expected.len());
        engine.run(&task, &mut |bytes| {
            got.extend(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|word| u32::from_le_bytes(*word)),
            );
            Ok(())
        })?;
        let difference = expected
            .iter()
            .zip(got.iter())
            .position(|(expected, got)| expected != got);
        match difference {
            Some(word) => Err(EngineError::Inexact {
                probe: self.name,
                word,
                expected: expected[word],
                got: got[word],
            }),
            None if got.len() != expected.len() => Err(EngineError::Device(format!(
                "{} words of output, not {}",
                got.len(),
                expected.len()
            ))),
            None => Ok(()),
        }
    }

    /// What the virtual machine computes, in words.
    pub fn expected(&self) -> Result<Vec<u32>, EngineError> {
        let mut machine = Machine::new(&self.kernel, &Limits::DEFAULT)?;
        let inputs: Vec<&[u32]> = self.inputs.iter().map(Vec::as_slice).collect();
        let mut output = Vec::new();
        let mut tile = vec![0; self.kernel.tile_words as usize];
        for group in 0..self.grid.iter().product() {
            let invocation = Invocation {
                grid: self.grid,
                group,
                parameters: &self.parameters,
            };
            machine
                .run(&invocation, &mut SliceInputs(&inputs), &mut tile)
                .map_err(|error| EngineError::Tile {
                    tile: group,
                    reason: error.to_string(),
                })?;
            output.extend_from_slice(&tile);
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::MachineEngine;

    #[test]
    fn digest_differs_by_class() {
        let of = |class| digest(class).expect("the probes run");
        assert_ne!(of(AdapterClass::Integer), of(AdapterClass::Float));
    }

    /// An engine that gets one word wrong.
    #[derive(Debug)]
    struct Faulty(MachineEngine, usize);

    impl Engine for Faulty {
        fn name(&self) -> String {
            "faulty".into()
        }

        fn fuel_per_second(&self) -> u64 {
            self.0.fuel_per_second()
        }

        fn run(
            &self,
            task: &Task<'_>,
            take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
        ) -> Result<(), EngineError> {
            self.0.run(task, &mut |bytes| {
                let mut bytes = bytes.to_vec();
                bytes[self.1 * 4] ^= 1;
                take(&bytes)
            })
        }
    }

    #[test]
    fn probes_pass_on_the_machine_that_defines_them() {
        let engine = MachineEngine::new().expect("the kernel is valid");
        for class in Class::ALL {
            check(&engine, class).expect("the machine agrees with itself");
        }
    }

    #[test]
    fn check_names_the_word_when_an_engine_gets_one_wrong() {
        let engine = Faulty(MachineEngine::new().expect("the kernel is valid"), 5);
        let error = check(&engine, Class::Integer).expect_err("a word is wrong");
        assert!(
            matches!(
                error,
                EngineError::Inexact {
                    probe: "arithmetic",
                    word: 5,
                    expected,
                    got
                } if expected ^ got == 1
            ),
            "{error}"
        );
    }
}
