// SPDX-License-Identifier: Apache-2.0
//! The catalogue's jobs: every tile of every pass from the GPU is the virtual machine's, and checkers yield
//! zeros.

use assay_cli::{
    chain::types::Source,
    job_file::{JobFile, LoadedJob, LoadedPass, Output},
    kernel_file::{self, CompileOptions, KernelFile},
};
use assay_kernel::{machine::Machine, validate::Limits};
use assay_verifier::{commit::Commitment, execution::Task, spot};
use assay_worker::engine::{self, Engine};
use std::path::Path;

/// The seed that checkers are given, which on a chain is drawn.
const SEED: [u32; 8] = [
    0x243f_6a88,
    0x85a3_08d3,
    0x1319_8a2e,
    0x0370_7344,
    0xa409_3822,
    0x299f_31d0,
    0x082e_fa98,
    0xec4e_6c89,
];

/// How often a kernel runs in a job that has no other.
const TIMES: usize = 5;

fn numbers(count: u32, modulus: u32) -> Vec<u8> {
    (0..count)
        .map(|word| word.wrapping_mul(0x9e37_79b9).rotate_left(7) % modulus)
        .flat_map(u32::to_le_bytes)
        .collect()
}

/// The job of a folder: that of its job file, or one that reads numbers.
fn job(folder: &Path) -> LoadedJob {
    let file = folder.join("job.json");
    if file.exists() {
        return JobFile::load(&file).expect("the catalogue's jobs can be loaded");
    }
    let name = folder.file_name().and_then(|name| name.to_str());
    let (tiles, inputs) = match name {
        Some("blake3_leaves") => (16, vec![numbers(500 * 256, u32::MAX)]),
        Some("collatz") => (300, vec![numbers(300 * 256, 1_000_000)]),
        Some("prefix_sum") => (300, vec![numbers(300 * 256, u32::MAX)]),
        Some("smith_waterman") => (8, vec![numbers(30_000, 4), numbers(32, 4)]),
        _ => panic!(
            "{} has no job file: give it one, or a job here",
            folder.display()
        ),
    };
    let kernel = kernel_file::read(&folder.join("kernel.wgsl"), &CompileOptions::default());
    let KernelFile { kernel, groups, .. } = kernel.expect("the catalogue's kernels compile");
    let pass = LoadedPass {
        kernel,
        code: Vec::new(),
        parameters: Vec::new(),
        reads: (0..).map(Source::Input).take(inputs.len()).collect(),
        grid: [tiles, 1, 1],
        groups,
    };
    LoadedJob {
        passes: vec![pass],
        checker: None,
        inputs,
        output: Output::Bytes,
    }
}

/// Runs every job on the engine and on the machine, and compares the values of all tiles. The answer is how
/// many jobs there are.
pub(crate) fn every_tile_agrees(engine: &dyn Engine) -> usize {
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernels");
    let folders = kernels.read_dir().expect("the catalogue is there");
    let folders: Vec<_> = folders
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    for folder in &folders {
        let mut job = job(folder);
        // Of a job that does one thing over and over, the first times are enough.
        if job
            .passes
            .iter()
            .all(|pass| pass.kernel == job.passes[0].kernel)
        {
            job.passes.truncate(TIMES);
        }
        job_agrees(engine, &folder.display().to_string(), &job);
    }
    folders.len()
}

fn job_agrees(engine: &dyn Engine, name: &str, job: &LoadedJob) {
    let inputs: Vec<Vec<u32>> = job.inputs.iter().map(|bytes| spot::words(bytes)).collect();
    let mut outputs: Vec<Vec<u32>> = Vec::new();
    for (number, pass) in job.passes.iter().enumerate() {
        let output = output(engine, pass, &inputs, &outputs);
        outputs.push(output.unwrap_or_else(|wrong| panic!("{name}, pass {number}: {wrong}")));
    }
    if let Some(checker) = &job.checker {
        let mut checker = checker.clone();
        checker.parameters.splice(0..0, SEED);
        let found = output(engine, &checker, &inputs, &outputs);
        let found = found.unwrap_or_else(|wrong| panic!("{name}, checker: {wrong}"));
        assert!(
            found.iter().all(|word| *word == 0),
            "{name}: what the checker found"
        );
    }
}

/// What a pass yields on the engine, or which tiles are not the machine's.
fn output(
    engine: &dyn Engine,
    pass: &LoadedPass,
    inputs: &[Vec<u32>],
    outputs: &[Vec<u32>],
) -> Result<Vec<u32>, String> {
    let tiles = pass.tiles().expect("a grid that can be counted");
    let read: Vec<&[u32]> = pass
        .reads
        .iter()
        .map(|source| match source {
            Source::Input(number) => inputs[usize::from(*number)].as_slice(),
            Source::Pass(number) => outputs[usize::from(*number)].as_slice(),
        })
        .collect();
    let task = engine::Task {
        kernel: &pass.kernel,
        grid: pass.grid,
        tiles,
        parameters: &pass.parameters,
        inputs: &read,
    };
    let mut commitment = Commitment::new(tiles, pass.kernel.tile_words as usize * 4);
    let mut output = Vec::new();
    engine
        .run(&task, &mut |bytes| {
            output.extend(spot::words(bytes));
            commitment.push(bytes).map_err(std::io::Error::other)
        })
        .map_err(|error| error.to_string())?;
    let (values, _) = commitment.finish().ok_or("not every tile came")?;
    let machine = Machine::new(&pass.kernel, &Limits::DEFAULT).expect("a valid kernel");
    let task = Task {
        grid: pass.grid,
        parameters: &pass.parameters,
        tiles,
    };
    let all: Vec<u32> = (0..tiles).collect();
    let expected = spot::values(&machine, &task, &all, &read, || {}).expect("it runs");
    let wrong: Vec<_> = all
        .into_iter()
        .filter(|tile| values[*tile as usize] != expected[*tile as usize])
        .collect();
    match wrong.is_empty() {
        true => Ok(output),
        false => Err(format!("tiles {wrong:?} differ")),
    }
}
