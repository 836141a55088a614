// SPDX-License-Identifier: Apache-2.0
//! Many random kernels, on several devices at once.

use super::{random, shrink::shrink};
use assay_worker::engine::{Engine, EngineError, GpuEngine, probe::Probe};
use std::{
    fmt::Write,
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// After so many differences, more would say nothing new.
const ENOUGH: usize = 5;

/// What a run has found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Kernels that were run.
    pub(crate) kernels: u64,
    /// Their operations.
    pub(crate) operations: u64,
    /// Kernels whose words differ from the machine's, with their seeds.
    pub(crate) differences: Vec<String>,
}

/// Runs the kernels of the seeds, each on one of the engines, and on the virtual machine; those with floats
/// only on engines that are exact with them. `progress` is told what was found so far after each.
pub(crate) fn run(
    engines: &[GpuEngine],
    seeds: Range<u64>,
    progress: impl Fn(&Findings) + Sync,
) -> Findings {
    let next = AtomicU64::new(seeds.start);
    let findings = Mutex::new(Findings::default());
    thread::scope(|scope| {
        for engine in engines {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let probe = random::probe(seed);
                    if !engine.runs(&probe.kernel) {
                        continue;
                    }
                    let operations = probe.kernel.code.len() as u64;
                    let difference = difference(engine, seed, probe);
                    let mut findings = findings.lock().unwrap_or_else(PoisonError::into_inner);
                    findings.kernels += 1;
                    findings.operations += operations;
                    findings.differences.extend(difference);
                    progress(&findings);
                    if findings.differences.len() >= ENOUGH {
                        return;
                    }
                }
            });
        }
    });
    findings
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
}

/// How the kernel of a seed differs, if it does. A device that does not answer in time is asked once more:
/// somebody may have stopped the process for a while.
fn difference(engine: &GpuEngine, seed: u64, probe: Probe) -> Option<String> {
    let result = match probe.check(engine) {
        Err(EngineError::Stalled { .. }) => probe.check(engine),
        result => result,
    };
    let error = result.err()?;
    let shrunk = shrink(probe, |smaller| {
        matches!(smaller.check(engine), Err(EngineError::Inexact { .. }))
    });
    let mut text = format!("seed {seed}: {error}\n");
    if let Err(error) = shrunk.check(engine) {
        let _ = write!(text, "smaller: {error}\n{}", shrunk.kernel);
        let _ = write!(
            text,
            "grid {:?}, parameters {:x?}, inputs {:x?}",
            shrunk.grid, shrunk.parameters, shrunk.inputs
        );
    }
    Some(text)
}
