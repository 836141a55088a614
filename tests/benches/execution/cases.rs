// SPDX-License-Identifier: Apache-2.0
//! Tiles to re-execute.

use anyhow::{Context, Result};
use assay_cli::{
    chain::types::Source,
    job_file::JobFile,
    kernel_file::{self, CompileOptions},
};
use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
};
use assay_primitives::job::Work;
use assay_verifier::witness::InputRef;
use codec::Encode;
use std::path::{Path, PathBuf};

/// Long enough that what surrounds it does not count: shifts, exclusive or, multiplication, addition,
/// comparison and selection, in a loop of a thousand turns.
const MIXED: &str = "
@group(0) @binding(0) var<storage, read_write> output: array<u32>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var x = id.x + 1u;
    var sum = 0u;
    for (var turn = 0u; turn < 1000u; turn++) {
        x ^= x << 13u;
        x ^= x >> 17u;
        x ^= x << 5u;
        sum = sum * 3u + select(x, turn, x > 0x80000000u);
    }
    output[id.x] = sum;
}";

/// The kernels of the catalogue whose job's first pass is measured.
const JOBS: [&str; 12] = [
    "median5x5",
    "gaussian5x5",
    "mandelbrot",
    "sort",
    "reduction",
    "sha256",
    "digits",
    "convolution",
    "heat",
    "matmul_f32",
    "nbody",
    "option_price",
];

/// One tile of a job.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kernel: Kernel,
    pub(crate) work: Work,
    pub(crate) tile: u32,
    pub(crate) inputs: Vec<Vec<u8>>,
}

impl Case {
    /// The middle tile.
    pub(crate) fn new(
        name: &str,
        kernel: Kernel,
        grid: [u32; 3],
        parameters: Vec<u32>,
        inputs: Vec<Vec<u8>>,
    ) -> Result<Self> {
        let tiles: u32 = grid.iter().product();
        let work = Work {
            kernel: *blake3::hash(&kernel.encode()).as_bytes(),
            parameters,
            inputs: inputs.iter().map(|bytes| InputRef::of(bytes)).collect(),
            grid,
            tiles,
        };
        Ok(Self {
            name: name.into(),
            kernel,
            work,
            tile: tiles / 2,
            inputs,
        })
    }

    /// The first pass of a job of the catalogue.
    fn of_job(name: &str) -> Result<Self> {
        let job = JobFile::load(&catalogue().join(name).join("job.json"))?;
        let pass = job.passes.first().context("a job has a pass")?;
        let inputs = (pass.reads.iter())
            .map(|source| match source {
                Source::Input(number) => job.inputs.get(usize::from(*number)).cloned(),
                Source::Pass(_) => None,
            })
            .collect::<Option<_>>()
            .context("the first pass reads inputs")?;
        Self::new(
            name,
            pass.kernel.clone(),
            pass.grid,
            pass.parameters.clone(),
            inputs,
        )
    }
}

fn catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernels")
}

pub(crate) fn all() -> Result<Vec<Case>> {
    let kernel = |name: &str| {
        let path = catalogue().join(name).join("kernel.wgsl");
        Ok::<_, anyhow::Error>(kernel_file::read(&path, &CompileOptions::default())?.kernel)
    };
    let numbers = |count: u32, modulus: u32| -> Vec<u8> {
        (0..count)
            .map(|word| word.wrapping_mul(0x9e37_79b9).rotate_left(7) % modulus)
            .flat_map(u32::to_le_bytes)
            .collect()
    };
    let any = |count| numbers(count, u32::MAX);
    let mixed = compile(MIXED, &Options::default())?.kernel;
    let mut cases = vec![
        Case::new("mixed arithmetic", mixed, [1, 1, 1], vec![], vec![])?,
        Case::new(
            "matmul_int8, depth 4,096",
            kernel("matmul_int8")?,
            [64, 1, 1],
            vec![256, 1_024],
            vec![any(64 * 1_024), any(256 * 1_024)],
        )?,
        Case::new(
            "prefix_sum",
            kernel("prefix_sum")?,
            [64, 1, 1],
            vec![],
            vec![any(64 * 256)],
        )?,
        Case::new(
            "collatz",
            kernel("collatz")?,
            [64, 1, 1],
            vec![],
            vec![numbers(64 * 256, 100_000)],
        )?,
        Case::new(
            "blake3_leaves",
            kernel("blake3_leaves")?,
            [64, 1, 1],
            vec![],
            vec![any(64 * 32 * 256)],
        )?,
        Case::new(
            "smith_waterman",
            kernel("smith_waterman")?,
            [4, 1, 1],
            vec![],
            vec![numbers(20_000, 4), numbers(32, 4)],
        )?,
    ];
    for name in JOBS {
        cases.push(Case::of_job(name).with_context(|| format!("the job of {name}"))?);
    }
    Ok(cases)
}
