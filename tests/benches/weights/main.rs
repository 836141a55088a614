// SPDX-License-Identifier: Apache-2.0
//! Measures the benchmarks of this project's pallets inside the runtime's wasm and writes their weights.
//!
//! What `frame-omni-bencher` does, with the same host functions, state and regression, but without compiling a second
//! node: its library asks of the codec what nothing else here does, and so everything would be compiled again.

mod chain;
mod file;

use anyhow::{Context, Result, ensure};
use chain::Chain;
use file::{Measured, write};
use polkadot_sdk::frame_benchmarking::{
    BenchmarkList, BenchmarkMetadata, BenchmarkParameter, BenchmarkResult,
};
use std::path::Path;

/// The pallets that are this project's own.
const PALLETS: [&str; 4] = ["jobs", "providers", "slashing", "verifier"];

/// Values of each component, evenly spread from the least to the most, the others being at their most.
const STEPS: u32 = 10;

/// Rounds through all benchmarks: what else the machine does comes and goes in minutes, so one is not measured after the other
/// but all by turns.
const ROUNDS: u32 = 4;

/// Runs of each in a round, in one instance of the runtime. Of all its runs the faster half counts, for what else the machine
/// does only ever makes it slower.
const REPEATS: u32 = 3;

fn main() -> Result<()> {
    // Cargo passes `--bench` too.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let wasm = words
        .next()
        .context("which wasm, built with `runtime-benchmarks`?")?;
    let wanted: Vec<String> = words.collect();
    let chain = Chain::new(std::fs::read(wasm)?)?;
    let mut pallets = Vec::new();
    for list in chain.benchmarks()? {
        let name = String::from_utf8(list.pallet.clone())?;
        let name = name.trim_start_matches("pallet_");
        if PALLETS.contains(&name) && (wanted.is_empty() || wanted.iter().any(|one| one == name)) {
            pallets.push((name.to_owned(), subjects(&chain, &list)?));
        }
    }
    println!("accesses to the storage are counted");
    for round in 1..=ROUNDS {
        println!("round {round} of {ROUNDS}");
        for subject in pallets.iter_mut().flat_map(|(_, subjects)| subjects) {
            subject.time(&chain)?;
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pallets");
    for (name, subjects) in pallets {
        ensure!(!subjects.is_empty(), "{name} has no benchmarks");
        let mut measured = Vec::new();
        for subject in subjects {
            let found = subject.measured()?;
            println!("{name} {}", found.summary());
            measured.push(found);
        }
        let path = folder.join(name).join("src/weights.rs");
        write(&path, &measured, (STEPS, ROUNDS * REPEATS))?;
    }
    Ok(())
}

/// The benchmarks of a pallet, with their accesses to the storage counted.
fn subjects(chain: &Chain, list: &BenchmarkList) -> Result<Vec<Subject>> {
    (list.benchmarks.iter())
        .map(|benchmark| {
            let points = points(&benchmark.components);
            let mut subject = Subject {
                pallet: list.pallet.clone(),
                instance: list.instance.clone(),
                benchmark: benchmark.clone(),
                times: vec![vec![]; points.len()],
                accesses: vec![],
                points,
            };
            for components in &subject.points {
                let counted = subject.run(chain, components, 0)?;
                subject.accesses.extend(counted);
            }
            Ok(subject)
        })
        .collect()
}

/// A benchmark that is being measured.
struct Subject {
    pallet: Vec<u8>,
    instance: Vec<u8>,
    benchmark: BenchmarkMetadata,
    /// What its components are set to.
    points: Vec<Vec<(BenchmarkParameter, u32)>>,
    /// The timed runs of each point.
    times: Vec<Vec<BenchmarkResult>>,
    accesses: Vec<BenchmarkResult>,
}

impl Subject {
    fn run(
        &self,
        chain: &Chain,
        components: &[(BenchmarkParameter, u32)],
        repeats: u32,
    ) -> Result<Vec<BenchmarkResult>> {
        let name = &self.benchmark.name;
        chain
            .run(&self.pallet, &self.instance, name, components, repeats)
            .with_context(|| format!("{} with {components:?}", String::from_utf8_lossy(name)))
    }

    /// One round through all points.
    fn time(&mut self, chain: &Chain) -> Result<()> {
        for place in 0..self.points.len() {
            let runs = self.run(chain, &self.points[place], REPEATS)?;
            self.times[place].extend(runs);
        }
        Ok(())
    }

    fn measured(self) -> Result<Measured> {
        let mut times = Vec::new();
        for mut runs in self.times {
            runs.sort_by_key(|result| result.extrinsic_time);
            runs.truncate(runs.len().div_ceil(2));
            times.extend(runs);
        }
        let name = String::from_utf8(self.benchmark.name)?;
        Measured::new(name, &self.benchmark.components, &times, &self.accesses)
    }
}

/// What the components are set to, one after the other.
fn points(components: &[(BenchmarkParameter, u32, u32)]) -> Vec<Vec<(BenchmarkParameter, u32)>> {
    if components.is_empty() {
        return vec![vec![]];
    }
    let most: Vec<_> = components
        .iter()
        .map(|(name, _, high)| (*name, *high))
        .collect();
    let mut points = Vec::new();
    for (place, (name, low, high)) in components.iter().enumerate() {
        let steps = STEPS.min(high - low + 1).max(2);
        for step in 0..steps {
            let share = u64::from(high - low) * u64::from(step) / u64::from(steps - 1);
            let mut point = most.clone();
            point[place] = (*name, low + share as u32);
            points.push(point);
        }
    }
    points
}
