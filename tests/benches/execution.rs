// SPDX-License-Identifier: Apache-2.0
//! How fast tiles are re-executed: by the virtual machine compiled natively, and by the same inside the
//! runtime's wasm, where the whole of an adjudication's work is timed against the weight it is charged.
//!
//! Prints tables in Markdown; medians of [`ROUNDS`] rounds in which the two take turns.

use anyhow::{Context, Result, ensure};
use assay_cli::{
    job_file::JobFile,
    kernel_file::{self, CompileOptions},
};
use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    machine::{Machine, SliceInputs},
    validate::Limits,
};
use assay_primitives::{
    api::{Execution, ExecutionError},
    job::Work,
};
use assay_runtime::{Runtime, WASM_BINARY};
use assay_verifier::{
    execution::{Task, compute_tile},
    spot,
    witness::{InputRef, Witness},
};
use codec::{Decode, Encode};
use pallet_verifier::WeightInfo;
use polkadot_sdk::{
    frame_support::weights::constants::WEIGHT_REF_TIME_PER_MILLIS,
    sc_executor::WasmExecutor,
    sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
    sp_io::{SubstrateHostFunctions, TestExternalities},
};
use std::{path::Path, time::Instant};

/// Rounds of which the median counts.
const ROUNDS: usize = 15;

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

/// One tile of a job.
struct Case {
    name: &'static str,
    kernel: Kernel,
    work: Work,
    tile: u32,
    inputs: Vec<Vec<u8>>,
}

impl Case {
    fn new(
        name: &'static str,
        kernel: Kernel,
        grid: [u32; 3],
        parameters: Vec<u32>,
        inputs: Vec<Vec<u8>>,
    ) -> Result<Self> {
        let tiles = grid.iter().product();
        let work = Work {
            kernel: *blake3::hash(&kernel.encode()).as_bytes(),
            parameters: parameters.try_into().ok().context("few parameters")?,
            inputs: inputs
                .iter()
                .map(|bytes| InputRef::of(bytes))
                .collect::<Vec<_>>()
                .try_into()
                .ok()
                .context("few inputs")?,
            grid,
            tiles,
        };
        Ok(Self {
            name,
            kernel,
            work,
            tile: tiles / 2,
            inputs,
        })
    }
}

fn cases() -> Result<Vec<Case>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernels");
    let kernel = |name: &str| {
        let path = root.join(name).join("kernel.wgsl");
        kernel_file::read(&path, &CompileOptions::default())
    };
    let numbers = |count: u32, modulus: u32| -> Vec<u8> {
        (0..count)
            .map(|word| word.wrapping_mul(0x9e37_79b9).rotate_left(7) % modulus)
            .flat_map(u32::to_le_bytes)
            .collect()
    };
    let mixed = compile(MIXED, &Options::default())?.kernel;
    let job = JobFile::load(&root.join("median5x5/job.json"))?;
    let blocks = [64, 1, 1];
    Ok(vec![
        Case::new("mixed arithmetic", mixed, [1, 1, 1], vec![], vec![])?,
        Case::new(
            "median5x5",
            job.kernel,
            job.grid,
            job.parameters.clone(),
            job.inputs.clone(),
        )?,
        Case::new(
            "prefix_sum",
            kernel("prefix_sum")?,
            blocks,
            vec![],
            vec![numbers(64 * 256, u32::MAX)],
        )?,
        Case::new(
            "sort",
            kernel("sort")?,
            blocks,
            vec![],
            vec![numbers(64 * 256, u32::MAX)],
        )?,
        Case::new(
            "collatz",
            kernel("collatz")?,
            blocks,
            vec![],
            vec![numbers(64 * 256, 100_000)],
        )?,
        Case::new(
            "gaussian5x5",
            kernel("gaussian5x5")?,
            job.grid,
            job.parameters.clone(),
            job.inputs.clone(),
        )?,
        Case::new(
            "mandelbrot",
            kernel("mandelbrot")?,
            [1_875, 1, 1],
            vec![800, 4_288_675_840, 0, 31_457, 600],
            vec![],
        )?,
        Case::new(
            "matmul_int8, depth 4,096",
            kernel("matmul_int8")?,
            [64, 1, 1],
            vec![256, 1_024],
            vec![
                numbers(64 * 1_024, u32::MAX),
                numbers(256 * 1_024, u32::MAX),
            ],
        )?,
        Case::new(
            "blake3_leaves",
            kernel("blake3_leaves")?,
            [64, 1, 1],
            vec![],
            vec![numbers(64 * 32 * 256, u32::MAX)],
        )?,
        Case::new(
            "smith_waterman",
            kernel("smith_waterman")?,
            [4, 1, 1],
            vec![],
            vec![numbers(20_000, 4), numbers(32, 4)],
        )?,
    ])
}

/// The runtime's wasm, ready to be called.
struct Chain {
    executor: WasmExecutor<SubstrateHostFunctions>,
    code: WrappedRuntimeCode<'static>,
    hash: Vec<u8>,
}

impl Chain {
    fn execute(&self, case: &Case, witness: &Witness) -> Result<Execution> {
        let arguments = (case.kernel.encode(), &case.work, case.tile, witness).encode();
        let code = RuntimeCode {
            code_fetcher: &self.code,
            heap_pages: None,
            hash: self.hash.clone(),
        };
        let mut state = TestExternalities::default();
        let (answer, _) = self.executor.call(
            &mut state.ext(),
            &code,
            "ExecutionApi_execute",
            &arguments,
            CallContext::Offchain,
        );
        let answer: Result<Execution, ExecutionError> = Decode::decode(&mut answer?.as_slice())?;
        answer.map_err(|error| anyhow::anyhow!("{error:?}"))
    }
}

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
    let wasm = WASM_BINARY.context("the runtime was built without its wasm")?;
    let chain = Chain {
        executor: WasmExecutor::builder().build(),
        code: WrappedRuntimeCode(wasm.into()),
        hash: blake3::hash(wasm).as_bytes().to_vec(),
    };
    println!(
        "| tile of | fuel burned | machine, native | G fuel/s | in wasm, all | G fuel/s | witness | charged | of it used |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: | --: |");
    for case in cases()? {
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
        let weight = <Runtime as pallet_verifier::Config>::WeightInfo::adjudicate(
            u32::try_from(expected.fuel)?,
            u32::try_from(bytes)?,
        );
        let charged = weight.ref_time() as f64 / WEIGHT_REF_TIME_PER_MILLIS as f64;
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
