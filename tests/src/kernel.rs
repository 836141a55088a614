// SPDX-License-Identifier: Apache-2.0
//! A small kernel, a job that runs it, and its result computed independently.

use anyhow::Result;
use assay_kernel::{
    Kernel,
    program::{Binary, Builtin, Memory, Op, VERSION},
};
use codec::Encode;
use std::path::{Path, PathBuf};

/// Tiles of the job.
pub const TILES: u32 = 60;

/// How far the kernel looks ahead in its input, in words.
const AHEAD: u32 = 300;

/// `output[i] = 3 * input[i + AHEAD] xor i`, 256 invocations: a tile reads two pages of the input.
pub fn kernel() -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [256, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![Memory::Input, Memory::Output],
        variables: vec![],
        code: vec![
            Op::Builtin(Builtin::GroupX),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 0, 1),
            Op::Builtin(Builtin::LocalX),
            Op::Binary(Binary::Add, 2, 3),
            Op::Constant(AHEAD),
            Op::Binary(Binary::Add, 4, 5),
            Op::Load(0, 6),
            Op::Constant(3),
            Op::Binary(Binary::Multiply, 7, 8),
            Op::Binary(Binary::Xor, 9, 4),
            Op::Store(1, 4, 10),
        ],
    }
}

/// The input of the job.
pub fn input() -> Vec<u8> {
    (0..TILES * 256)
        .flat_map(|word| word.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect()
}

/// The output of the job, without the virtual machine.
pub fn output() -> Vec<u8> {
    output_of(&input())
}

/// What the kernel makes of an input of as many words as it writes.
pub fn output_of(input: &[u8]) -> Vec<u8> {
    let words: Vec<u32> = input
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        .collect();
    (0..TILES * 256)
        .flat_map(|index| {
            let read = words.get((index + AHEAD) as usize).copied().unwrap_or(0);
            (read.wrapping_mul(3) ^ index).to_le_bytes()
        })
        .collect()
}

/// A checker of it: zeros where the second input is what the kernel makes of the first.
const CHECKER: &str = "
@group(0) @binding(0) var<storage, read> before: array<u32>;
@group(0) @binding(1) var<storage, read> after: array<u32>;
@group(0) @binding(2) var<storage, read_write> wrong: array<u32>;
@compute @workgroup_size(256)
fn check(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    wrong[i] = after[i] ^ (3u * before[i + 300u]) ^ i;
}";

/// Tiles of the wide job.
pub const WIDE_TILES: u32 = 4;

/// Pages of its input, of which each tile reads all: more than fit a witness.
const WIDE_PAGES: u32 = 11 * 256;

/// Each invocation reads a word of every 256th page.
const WIDE: &str = "
@group(0) @binding(0) var<storage, read> numbers: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;
@compute @workgroup_size(256)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_id) lane: vec3<u32>,
) {
    var sum = id.x;
    for (var turn = 0u; turn < 11u; turn++) {
        sum += numbers[(256u * turn + lane.x) * 256u];
    }
    sums[id.x] = sum;
}";

/// The first word of a page of the wide job's input.
fn first_of(page: u32) -> u32 {
    page.wrapping_mul(2_654_435_761)
}

/// The output of the wide job, without the virtual machine.
pub fn wide_output() -> Vec<u8> {
    (0..WIDE_TILES * 256)
        .flat_map(|index| {
            let pages = (0..11).map(|turn| first_of(256 * turn + index % 256));
            let sum = pages.fold(index, u32::wrapping_add);
            sum.to_le_bytes()
        })
        .collect()
}

/// Writes a job whose tiles read more than fits a witness.
pub fn write_wide_job(folder: &Path) -> Result<PathBuf> {
    let mut input = Vec::new();
    for page in 0..WIDE_PAGES {
        input.extend(first_of(page).to_le_bytes());
        input.extend([7; 1020]);
    }
    std::fs::write(folder.join("wide.wgsl"), WIDE)?;
    std::fs::write(folder.join("input.bin"), input)?;
    let job = serde_json::json!({
        "kernel": "wide.wgsl",
        "inputs": [{ "bytes": "input.bin" }],
        "grid": [WIDE_TILES, 1, 1],
    });
    let path = folder.join("job.json");
    std::fs::write(&path, job.to_string())?;
    Ok(path)
}

/// Writes a job file with its kernel and input into a folder; the answer is its path.
pub fn write_job(folder: &Path) -> Result<PathBuf> {
    write(
        folder,
        &serde_json::json!({
            "kernel": "triple.kernel",
            "inputs": [{ "bytes": "input.bin" }],
            "grid": [TILES, 1, 1],
        }),
    )
}

/// The same of a job with a checker.
pub fn write_checked_job(folder: &Path) -> Result<PathBuf> {
    write_checked_by(folder, CHECKER)
}

/// The same of a job with a checker that finds every output wrong, but with the seeds that the command tries it with.
pub fn write_job_with_bad_checker(folder: &Path) -> Result<PathBuf> {
    let tried = [0, 1].map(|number| {
        let hash = blake3::hash(format!("seed {number} of a trial").as_bytes());
        let [a, b, c, d, ..] = *hash.as_bytes();
        u32::from_le_bytes([a, b, c, d])
    });
    let seed = "@group(0) @binding(3) var<uniform> seed: vec4<u32>;\n@compute";
    let wrong = format!(
        "wrong[i] = u32(seed.x != {}u && seed.x != {}u) | ",
        tried[0], tried[1]
    );
    let checker = CHECKER
        .replace("@compute", seed)
        .replace("wrong[i] = ", &wrong);
    write_checked_by(folder, &checker)
}

fn write_checked_by(folder: &Path, checker: &str) -> Result<PathBuf> {
    std::fs::write(folder.join("other.wgsl"), checker)?;
    let pass = |reads| serde_json::json!({ "name": "triple", "kernel": "triple.kernel", "reads": reads, "grid": [TILES, 1, 1] });
    write(
        folder,
        &serde_json::json!({
            "passes": [pass([0])],
            "checker": { "kernel": "other.wgsl", "reads": [0, "triple"], "grid": [TILES, 1, 1] },
            "inputs": [{ "bytes": "input.bin" }],
        }),
    )
}

/// The same of a job that runs the kernel three times, each time on what the time before has written, and has
/// a checker of the last.
pub fn write_passes(folder: &Path) -> Result<PathBuf> {
    write(
        folder,
        &serde_json::json!({
            "passes": [
                { "name": "twice", "kernel": "triple.kernel", "times": 2, "reads": [{ "first": 0 }], "grid": [TILES, 1, 1] },
                { "name": "last", "kernel": "triple.kernel", "reads": ["twice"], "grid": [TILES, 1, 1] },
            ],
            "checker": { "kernel": "checker.wgsl", "reads": ["twice", "last"], "grid": [TILES, 1, 1] },
            "inputs": [{ "bytes": "input.bin" }],
        }),
    )
}

fn write(folder: &Path, job: &serde_json::Value) -> Result<PathBuf> {
    std::fs::write(folder.join("triple.kernel"), kernel().encode())?;
    std::fs::write(folder.join("checker.wgsl"), CHECKER)?;
    std::fs::write(folder.join("input.bin"), input())?;
    let path = folder.join("job.json");
    std::fs::write(&path, job.to_string())?;
    Ok(path)
}
