// SPDX-License-Identifier: Apache-2.0
//! Compute shaders that somebody else has written and published, unmodified.

#[path = "../../../kernel/tests/foreign/source.rs"]
mod source;

use assay_kernel::compiler::{Options, compile};
use assay_worker::engine::{
    GpuEngine,
    probe::{Class, Probe},
};

/// Runs all of them. What they compute, the kernel's own tests say.
pub(crate) fn every_shader_agrees(engine: &GpuEngine) {
    for path in [source::ARRAY_LENGTH, source::GENERAL] {
        let kernel = match compile(&source::encase(path), &Options::default()) {
            Ok(compiled) => compiled.kernel,
            Err(obstacles) => panic!("{path}: {obstacles}"),
        };
        let probe = Probe {
            class: Class::Integer,
            name: "a shader of encase",
            kernel,
            grid: [1; 3],
            parameters: Vec::new(),
            inputs: vec![(1..=94).collect()],
        };
        if let Err(error) = probe.check(engine) {
            panic!("{path}: {error}");
        }
    }
}
