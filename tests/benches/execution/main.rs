// SPDX-License-Identifier: Apache-2.0
//! How fast tiles are re-executed: by the virtual machine compiled natively, and by the same inside the
//! runtime's wasm, where the whole of an adjudication's work is timed against the weight it is charged.
//!
//! Prints tables in Markdown; medians of [`ROUNDS`] rounds in which the two take turns.

mod cases;
mod chain;
mod operations;

use anyhow::{Result, bail, ensure};
use assay_kernel::{
    machine::{Machine, SliceInputs},
    validate::Limits,
};
use assay_verifier::{
    execution::{Task, compute_tile},
    spot,
};
use chain::{Chain, charged};
use codec::Encode;
use std::time::Instant;

/// Rounds of which the median counts.
const ROUNDS: usize = 15;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn time<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = run();
    (start.elapsed().as_secs_f64() * 1e3, result)
}

fn main() -> Result<()> {
    // Cargo passes `--bench` too.
    let wanted = std::env::args().skip(1).find(|word| word != "--bench");
    let chain = Chain::new()?;
    match wanted.as_deref() {
        None | Some("tiles") => tiles(&chain),
        Some("operations") => operations::print(&chain),
        Some(other) => bail!("`{other}` is not known: tiles, or operations"),
    }
}

fn tiles(chain: &Chain) -> Result<()> {
    println!(
        "| tile of | fuel burned | machine, native | G fuel/s | in wasm, all | G fuel/s | witness | charged | of it used |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: | --: |");
    for case in cases::all()? {
        let mut machine = Machine::new(&case.kernel, &Limits::DEFAULT)?;
        let task = Task {
            grid: case.work.grid,
            parameters: &case.work.parameters,
            tiles: case.work.tiles,
        };
        let bytes: Vec<&[u8]> = case.inputs.iter().map(Vec::as_slice).collect();
        let (expected, witness) = spot::witness(&mut machine, &task, case.tile, &bytes)?;
        let words: Vec<Vec<u32>> = bytes.iter().map(|bytes| spot::words(bytes)).collect();
        let words: Vec<&[u32]> = words.iter().map(Vec::as_slice).collect();
        let (mut native, mut inside) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let (own, _) = time(|| {
                // The tile alone: the machine is ready and the input at hand.
                compute_tile(&mut machine, &task, case.tile, &mut SliceInputs(&words))
            });
            let (chains, answer) = time(|| chain.execute(&case, &witness));
            let answer = answer?;
            ensure!(
                (answer.value, answer.fuel) == (expected.value, expected.fuel),
                "{}: the runtime finds another value",
                case.name
            );
            // The first round compiles the wasm.
            if round > 0 {
                native.push(own);
                inside.push(chains);
            }
        }
        let (native, inside) = (median(native), median(inside));
        let fuel = expected.fuel as f64;
        let bytes = witness.encoded_size();
        let charged = charged(expected.fuel, &case.kernel, bytes);
        println!(
            "| {} | {} | {native:.3} ms | {:.2} | {inside:.3} ms | {:.2} | {bytes} B | {charged:.1} ms | {:.0}% |",
            case.name,
            expected.fuel,
            fuel / native / 1e6,
            fuel / inside / 1e6,
            inside / charged * 100.0,
        );
    }
    Ok(())
}
