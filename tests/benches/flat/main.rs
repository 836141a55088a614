// SPDX-License-Identifier: Apache-2.0
//! What the steps of a job cost the chain, with few and with many jobs and providers: reads and writes of the storage,
//! bytes of their proof, and time, natively and in the same run.

mod world;

use anyhow::Result;
use world::{Cost, STEPS, measure};

/// Few, to compare with.
const FEW: u32 = 10;

/// As many jobs as may be alive, but for those that are measured.
const JOBS: u32 = 9_990;

const PROVIDERS: u32 = 5_000;

fn main() -> Result<()> {
    let few = measure(FEW, FEW)?;
    let jobs = measure(JOBS, FEW)?;
    let providers = measure(FEW, PROVIDERS)?;
    println!(
        "| step | {FEW} jobs and providers: reads, writes, proof | {JOBS} jobs | time | {PROVIDERS} providers | time |"
    );
    println!("| --- | --- | --- | --: | --- | --: |");
    for (place, step) in STEPS.iter().enumerate() {
        let [few, jobs, providers] = [&few, &jobs, &providers].map(|costs| &costs[place]);
        println!(
            "| {step} | {} | {} | {:.2} | {} | {:.2} |",
            counts(few),
            counts(jobs),
            jobs.time / few.time,
            counts(providers),
            providers.time / few.time,
        );
    }
    Ok(())
}

fn counts(cost: &Cost) -> String {
    format!("{}, {}, {} B", cost.reads, cost.writes, cost.proof)
}
