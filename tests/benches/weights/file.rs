// SPDX-License-Identifier: Apache-2.0
//! What was measured, as a pallet's weights in Rust.

use anyhow::Result;
use polkadot_sdk::frame_benchmarking::{
    Analysis, BenchmarkParameter, BenchmarkResult, BenchmarkSelector,
};
use std::{collections::BTreeMap, fmt::Write, path::Path};

const PICOS_PER_NANO: u128 = 1_000;

/// A quantity as a linear function of a benchmark's components.
struct Fit {
    base: u128,
    slopes: Vec<u128>,
}

impl Fit {
    /// The greater of what two regressions find.
    fn new(results: &Vec<BenchmarkResult>, selector: BenchmarkSelector) -> Result<Self> {
        let has_components = (results.first()).is_some_and(|first| !first.components.is_empty());
        let analysis = match has_components {
            true => Analysis::max(results, selector)?,
            false => Analysis::median_slopes(results, selector)?,
        };
        Ok(Self {
            base: analysis.base,
            slopes: analysis.slopes,
        })
    }

    /// The same of times; but the regressions' base is far above anything measured where the components outweigh it, so it is
    /// no greater than what is needed for no measured point to cost more than is charged.
    fn of_times(results: &Vec<BenchmarkResult>) -> Result<Self> {
        let mut fit = Self::new(results, BenchmarkSelector::ExtrinsicTime)?;
        let mut points = BTreeMap::<_, Vec<u128>>::new();
        for result in results {
            let components = result.components.iter().map(|(_, value)| *value);
            let times = points.entry(components.collect::<Vec<_>>()).or_default();
            times.push(result.extrinsic_time * PICOS_PER_NANO);
        }
        let missing = points.into_iter().map(|(components, mut times)| {
            times.sort_unstable();
            let charged: u128 = (components.iter().zip(&fit.slopes))
                .map(|(component, slope)| u128::from(*component) * slope)
                .sum();
            times[times.len() / 2].saturating_sub(charged)
        });
        fit.base = fit.base.min(missing.max().unwrap_or_default());
        Ok(fit)
    }
}

/// A benchmark and what it took.
pub(crate) struct Measured {
    name: String,
    components: Vec<(String, u32, u32)>,
    /// In picoseconds.
    time: Fit,
    /// The fastest run, in nanoseconds.
    fastest: u128,
    reads: Fit,
    writes: Fit,
    /// In bytes.
    proof: Fit,
}

impl Measured {
    /// From timed runs, and from runs whose accesses to the storage were counted.
    pub(crate) fn new(
        name: String,
        components: &[(BenchmarkParameter, u32, u32)],
        times: &Vec<BenchmarkResult>,
        accesses: &Vec<BenchmarkResult>,
    ) -> Result<Self> {
        let fastest = times.iter().map(|result| result.extrinsic_time).min();
        Ok(Self {
            name,
            components: components
                .iter()
                .map(|(name, low, high)| (name.to_string(), *low, *high))
                .collect(),
            time: Fit::of_times(times)?,
            fastest: fastest.unwrap_or_default(),
            reads: Fit::new(accesses, BenchmarkSelector::Reads)?,
            writes: Fit::new(accesses, BenchmarkSelector::Writes)?,
            proof: Fit::new(accesses, BenchmarkSelector::ProofSize)?,
        })
    }

    /// In a line, for whoever waits.
    pub(crate) fn summary(&self) -> String {
        let micros = |picos: u128| picos as f64 / 1e6;
        let mut line = format!(
            "{}: {:.1} us, {} reads, {} writes",
            self.name,
            micros(self.time.base),
            self.reads.base,
            self.writes.base
        );
        for (place, (name, low, high)) in self.components.iter().enumerate() {
            let _ = write!(
                line,
                "; + {name} ({low} to {high}) x {:.4} us, {} reads, {} writes",
                micros(self.time.slopes[place]),
                self.reads.slopes[place],
                self.writes.slopes[place]
            );
        }
        line
    }

    fn doc(&self) -> String {
        let ranges: Vec<_> = (self.components.iter())
            .map(|(name, low, high)| format!("`{name}` from {} to {}", digits(*low), digits(*high)))
            .collect();
        match ranges.is_empty() {
            true => format!("The benchmark `{}`.", self.name),
            false => format!("The benchmark `{}`, with {}.", self.name, ranges.join(", ")),
        }
    }

    fn signature(&self, is_used: impl Fn(usize) -> bool) -> String {
        let parameters: Vec<_> = (self.components.iter().enumerate())
            .map(|(place, (name, ..))| match is_used(place) {
                true => format!("{name}: u32"),
                false => format!("_{name}: u32"),
            })
            .collect();
        format!("fn {}({}) -> Weight", self.name, parameters.join(", "))
    }

    fn body(&self) -> String {
        let mut body = format!(
            "Weight::from_parts({}, {})",
            digits(self.time.base),
            digits(self.proof.base)
        );
        for (place, (name, ..)) in self.components.iter().enumerate() {
            let (time, proof) = (self.time.slopes[place], self.proof.slopes[place]);
            if time + proof > 0 {
                let _ = write!(
                    body,
                    ".saturating_add(Weight::from_parts({}, {}).saturating_mul({name}.into()))",
                    digits(time),
                    digits(proof)
                );
            }
        }
        if self.reads.base + self.writes.base > 0 {
            let (reads, writes) = (self.reads.base, self.writes.base);
            let _ = write!(
                body,
                ".saturating_add(ParityDbWeight::get().reads_writes({reads}, {writes}))"
            );
        }
        for (place, (name, ..)) in self.components.iter().enumerate() {
            let (reads, writes) = (self.reads.slopes[place], self.writes.slopes[place]);
            if reads + writes > 0 {
                let _ = write!(
                    body,
                    ".saturating_add(ParityDbWeight::get().reads_writes({reads}, {writes})\
                     .saturating_mul({name}.into()))"
                );
            }
        }
        body
    }

    fn is_used(&self, place: usize) -> bool {
        [&self.time, &self.proof, &self.reads, &self.writes]
            .iter()
            .any(|fit| fit.slopes[place] > 0)
    }
}

/// A number with its thousands apart.
fn digits(number: impl Into<u128>) -> String {
    let plain = number.into().to_string();
    let mut apart = String::new();
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place) % 3 == 0 {
            apart.push('_');
        }
        apart.push(digit);
    }
    apart
}

/// Writes the weights of a pallet; what rustfmt has to say is left to it.
pub(crate) fn write(
    path: &Path,
    measured: &[Measured],
    (steps, repeats): (u32, u32),
) -> Result<()> {
    let mut text = format!(
        "// SPDX-License-Identifier: Apache-2.0\n\
         //! What calls and steps cost: generated by `scripts/bench weights`, not written by hand.\n\
         //!\n\
         //! Time is measured in the runtime's wasm, {steps} steps of each component with {repeats} repeats of which the faster\n\
         //! half counts, on the machine that `docs/benchmarks.md` names; reads, writes and the bytes of their proof are\n\
         //! counted, and priced as parity-db's.\n\
         \n\
         use crate::frame_support;\n\
         use frame_support::weights::{{Weight, constants::ParityDbWeight}};\n\
         \n\
         /// The weights that this pallet needs.\n\
         pub trait WeightInfo {{\n"
    );
    for benchmark in measured {
        writeln!(text, "/// {}", benchmark.doc())?;
        writeln!(text, "{};", benchmark.signature(|_| true))?;
    }
    text.push_str("}\n\nimpl WeightInfo for () {\n");
    for (place, benchmark) in measured.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        let fastest = benchmark.fastest as f64 / 1e3;
        writeln!(text, "// At least {fastest:.1} microseconds.")?;
        let signature = benchmark.signature(|place| benchmark.is_used(place));
        writeln!(text, "{signature} {{\n{}\n}}", benchmark.body())?;
    }
    text.push_str("}\n");
    std::fs::write(path, text)?;
    Ok(())
}
