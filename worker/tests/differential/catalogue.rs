// SPDX-License-Identifier: Apache-2.0
//! The catalogue's kernels on whole jobs: every tile from the GPU is the virtual machine's.

use assay_kernel::{
    compiler::{Options, compile},
    machine::Machine,
    validate::Limits,
};
use assay_verifier::{commit::Commitment, execution::Task, spot};
use assay_worker::engine::{self, Engine};

/// A job.
struct Job {
    name: &'static str,
    source: &'static str,
    tiles: u32,
    parameters: &'static [u32],
    inputs: Vec<Vec<u32>>,
}

/// The words of the photograph, one a pixel.
fn photograph() -> Vec<u32> {
    let bytes = include_bytes!("../../../kernels/median5x5/hubble_deep_field.jpg");
    let picture = image::load_from_memory(bytes).expect("a photograph");
    spot::words(picture.into_rgba8().as_raw())
}

fn numbers(count: u32, modulus: u32) -> Vec<u32> {
    (0..count)
        .map(|word| word.wrapping_mul(0x9e37_79b9).rotate_left(7) % modulus)
        .collect()
}

fn jobs() -> [Job; 9] {
    [
        // The main job: 1,000 x 872 pixels, the last tile partly empty.
        Job {
            name: "median5x5",
            source: include_str!("../../../kernels/median5x5/kernel.wgsl"),
            tiles: 3_407,
            parameters: &[1_000, 872],
            inputs: vec![photograph()],
        },
        Job {
            name: "prefix_sum",
            source: include_str!("../../../kernels/prefix_sum/kernel.wgsl"),
            tiles: 300,
            parameters: &[],
            inputs: vec![numbers(300 * 256, u32::MAX)],
        },
        Job {
            name: "sort",
            source: include_str!("../../../kernels/sort/kernel.wgsl"),
            tiles: 300,
            parameters: &[],
            inputs: vec![numbers(300 * 256, u32::MAX)],
        },
        Job {
            name: "collatz",
            source: include_str!("../../../kernels/collatz/kernel.wgsl"),
            tiles: 300,
            parameters: &[],
            inputs: vec![numbers(300 * 256, 1_000_000)],
        },
        Job {
            name: "gaussian5x5",
            source: include_str!("../../../kernels/gaussian5x5/kernel.wgsl"),
            tiles: 3_407,
            parameters: &[1_000, 872],
            inputs: vec![photograph()],
        },
        Job {
            name: "mandelbrot",
            source: include_str!("../../../kernels/mandelbrot/kernel.wgsl"),
            tiles: 1_875,
            parameters: &[800, 4_288_675_840, 0, 31_457, 600],
            inputs: vec![],
        },
        Job {
            name: "matmul_int8",
            source: include_str!("../../../kernels/matmul_int8/kernel.wgsl"),
            tiles: 256,
            parameters: &[256, 64],
            inputs: vec![numbers(256 * 64, u32::MAX), numbers(256 * 64, u32::MAX - 1)],
        },
        Job {
            name: "blake3_leaves",
            source: include_str!("../../../kernels/blake3_leaves/kernel.wgsl"),
            tiles: 16,
            parameters: &[],
            inputs: vec![numbers(500 * 256, u32::MAX)],
        },
        Job {
            name: "smith_waterman",
            source: include_str!("../../../kernels/smith_waterman/kernel.wgsl"),
            tiles: 8,
            parameters: &[],
            inputs: vec![numbers(30_000, 4), numbers(32, 4)],
        },
    ]
}

/// Runs every job on the engine and on the machine and compares the values of all tiles.
pub(crate) fn every_tile_agrees(engine: &dyn Engine) {
    for job in jobs() {
        let kernel = match compile(job.source, &Options::default()) {
            Ok(compiled) => compiled.kernel,
            Err(obstacles) => panic!("{obstacles}"),
        };
        let grid = [job.tiles, 1, 1];
        let inputs: Vec<&[u32]> = job.inputs.iter().map(Vec::as_slice).collect();
        let task = engine::Task {
            kernel: &kernel,
            grid,
            tiles: job.tiles,
            parameters: job.parameters,
            inputs: &inputs,
        };
        let mut commitment = Commitment::new(job.tiles, kernel.tile_words as usize * 4);
        engine
            .run(&task, &mut |bytes| {
                commitment.push(bytes).map_err(std::io::Error::other)
            })
            .expect("the engine computes the job");
        let (values, _) = commitment.finish().expect("every tile came");
        let machine = Machine::new(&kernel, &Limits::DEFAULT).expect("a valid kernel");
        let task = Task {
            grid,
            parameters: job.parameters,
            tiles: job.tiles,
        };
        let tiles: Vec<u32> = (0..job.tiles).collect();
        let expected = spot::values(&machine, &task, &tiles, &inputs, || {}).expect("it runs");
        let wrong: Vec<_> = tiles
            .into_iter()
            .filter(|tile| values[*tile as usize] != expected[*tile as usize])
            .collect();
        assert!(wrong.is_empty(), "{}: tiles {wrong:?} differ", job.name);
    }
}
