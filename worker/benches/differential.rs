// SPDX-License-Identifier: Apache-2.0
//! The test `differential` at length: every function of registers on hard words, and random kernels, on the
//! Vulkan driver that `VK_DRIVER_FILES` chooses and on the virtual machine. Does nothing where the driver has no
//! adapter.
//!
//! `PROGRAMS` says how many kernels, `SEED` which is the first. It ends with one line for the driver on the standard
//! output, and fails when anything differs.

use assay_worker::engine::{Engine, EngineError, GpuEngine};
use std::{
    env,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

#[path = "../tests/differential"]
mod differential {
    pub(crate) mod campaign;
    pub(crate) mod operations;
    mod random;
    mod shrink;
}

use differential::{campaign, operations};

/// Kernels of a run of which nothing is said.
const KERNELS: u64 = 100_000;

/// Kernels between two lines of progress.
const STEP: u64 = 2_000;

/// A number from the environment.
fn variable(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} has to be a number, and is {text}"))
    })
}

fn main() -> ExitCode {
    let (first, kernels) = (variable("SEED", 0), variable("PROGRAMS", KERNELS));
    let start = Instant::now();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let engines: Result<Vec<GpuEngine>, _> = (0..threads).map(|_| GpuEngine::new(None)).collect();
    let engines = match engines {
        Ok(engines) => engines,
        Err(EngineError::NoAdapter { .. }) => {
            eprintln!("the driver has no adapter here: left out");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let (operations, mut differences) = operations::run(&engines[0]);
    let driver = engines[0].name();
    let single = start.elapsed();
    eprintln!(
        "{driver}: {operations} single operations, {} differences",
        differences.len()
    );
    let findings = campaign::run(&engines, first..first + kernels, |so_far| {
        if so_far.kernels % STEP == 0 {
            let rate = so_far.kernels as f64 / (start.elapsed() - single).as_secs_f64();
            let left = Duration::from_secs_f64((kernels - so_far.kernels) as f64 / rate);
            eprintln!(
                "{driver}: {} kernels, {} differences, {} s left",
                so_far.kernels,
                so_far.differences.len(),
                left.as_secs()
            );
        }
    });
    differences.extend(findings.differences);
    for difference in &differences {
        println!("{difference}");
    }
    println!(
        "{driver}: {} random kernels of {} operations, {operations} single operations on hard words: {} differences, {} s",
        findings.kernels,
        findings.operations,
        differences.len(),
        start.elapsed().as_secs()
    );
    match differences.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
