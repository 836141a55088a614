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
use polkadot_sdk::frame_benchmarking::{BenchmarkMetadata, BenchmarkParameter, BenchmarkResult};
use std::path::{Path, PathBuf};

/// The pallets that are this project's own.
const PALLETS: [&str; 4] = ["jobs", "providers", "slashing", "verifier"];

/// Values of each component, evenly spread from the least to the most, the others being at their most.
const STEPS: u32 = 10;

/// Rounds through all these values: what else the machine does comes and goes, so one is not measured after the other but
/// all by turns.
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
    let pallets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pallets");
    for list in chain.benchmarks()? {
        let name = String::from_utf8(list.pallet.clone())?;
        let name = name.trim_start_matches("pallet_");
        if !PALLETS.contains(&name) || !(wanted.is_empty() || wanted.iter().any(|one| one == name))
        {
            continue;
        }
        let mut measured = Vec::new();
        for benchmark in &list.benchmarks {
            let found = measure(&chain, &list.pallet, &list.instance, benchmark)?;
            println!("{name} {}", found.summary());
            measured.push(found);
        }
        ensure!(!measured.is_empty(), "{name} has no benchmarks");
        let path: PathBuf = pallets.join(name).join("src/weights.rs");
        write(&path, &measured, (STEPS, ROUNDS * REPEATS))?;
    }
    Ok(())
}

/// Runs a benchmark with each of its components at each step.
fn measure(
    chain: &Chain,
    pallet: &[u8],
    instance: &[u8],
    benchmark: &BenchmarkMetadata,
) -> Result<Measured> {
    let name = String::from_utf8(benchmark.name.clone())?;
    let run = |components: &[(BenchmarkParameter, u32)], repeats: u32| {
        chain
            .run(pallet, instance, &benchmark.name, components, repeats)
            .with_context(|| format!("{name} with {components:?}"))
    };
    let points = points(&benchmark.components);
    let mut accesses: Vec<BenchmarkResult> = Vec::new();
    for components in &points {
        accesses.extend(run(components, 0)?);
    }
    let mut runs = vec![Vec::new(); points.len()];
    for _ in 0..ROUNDS {
        for (components, runs) in points.iter().zip(&mut runs) {
            runs.extend(run(components, REPEATS)?);
        }
    }
    let mut times = Vec::new();
    for mut runs in runs {
        runs.sort_by_key(|result| result.extrinsic_time);
        runs.truncate(runs.len().div_ceil(2));
        times.extend(runs);
    }
    Measured::new(name, &benchmark.components, &times, &accesses)
}

/// What the components are set to, one after the other: first all to the least.
fn points(components: &[(BenchmarkParameter, u32, u32)]) -> Vec<Vec<(BenchmarkParameter, u32)>> {
    if components.is_empty() {
        return vec![vec![]];
    }
    let most: Vec<_> = components
        .iter()
        .map(|(name, _, high)| (*name, *high))
        .collect();
    let least = components.iter().map(|(name, low, _)| (*name, *low));
    let mut points = vec![least.collect()];
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
