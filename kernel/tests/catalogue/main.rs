// SPDX-License-Identifier: Apache-2.0
//! The kernels of the catalogue, run by the virtual machine, against independent references.

mod blake3_leaves;
mod collatz;
mod convolution;
mod digits;
mod float;
mod gaussian5x5;
mod heat;
mod mandelbrot;
mod matmul_f32;
mod matmul_int8;
mod median5x5;
mod nbody;
mod option_price;
mod prefix_sum;
mod reduction;
mod sha256;
mod smith_waterman;
mod sort;

use assay_kernel::{
    compiler::{Compiled, Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    races,
    validate::Limits,
};

fn kernel(source: &str) -> Compiled {
    compiled(source, &Options::default())
}

fn compiled(source: &str, options: &Options) -> Compiled {
    match compile(source, options) {
        Ok(compiled) => compiled,
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

/// The output of a kernel over a grid of workgroups in a row.
fn run(source: &str, input: &[u32], parameters: &[u32], groups: u32) -> Vec<u32> {
    run_on(source, &[input], parameters, groups)
}

/// The same of a kernel with any number of inputs.
fn run_on(source: &str, inputs: &[&[u32]], parameters: &[u32], groups: u32) -> Vec<u32> {
    Pass::new(kernel(source), parameters, [groups, 1, 1]).output(inputs)
}

/// A kernel with parameters and a grid, ready to run on any inputs.
struct Pass<'a> {
    compiled: Compiled,
    machine: Machine,
    parameters: &'a [u32],
    grid: [u32; 3],
}

impl<'a> Pass<'a> {
    fn new(compiled: Compiled, parameters: &'a [u32], grid: [u32; 3]) -> Self {
        Self {
            machine: Machine::new(&compiled.kernel, &Limits::DEFAULT).expect("a valid kernel"),
            compiled,
            parameters,
            grid,
        }
    }

    /// All tiles, each looked at for data races.
    fn output(&mut self, inputs: &[&[u32]]) -> Vec<u32> {
        let mut output = Vec::new();
        for group in 0..self.grid.iter().product() {
            output.extend(self.tile(inputs, group));
            let invocation = Invocation {
                grid: self.grid,
                group,
                parameters: self.parameters,
            };
            let race = races::find(&mut self.machine, &invocation, &mut SliceInputs(inputs));
            assert_eq!(race.expect("the inputs are there"), None);
        }
        output
    }

    /// One tile.
    fn tile(&mut self, inputs: &[&[u32]], group: u32) -> Vec<u32> {
        let mut tile = vec![0; self.compiled.kernel.tile_words as usize];
        let invocation = Invocation {
            grid: self.grid,
            group,
            parameters: self.parameters,
        };
        let fuel = self
            .machine
            .run(&invocation, &mut SliceInputs(inputs), &mut tile)
            .expect("the inputs are there");
        assert!(fuel <= self.compiled.report.tile_fuel);
        tile
    }
}

/// Numbers without a pattern.
fn numbers(count: usize) -> Vec<u32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// The words of a file, as a job's input has them.
fn words(bytes: &[u8]) -> Vec<u32> {
    let word = |bytes: &[u8]| {
        let mut word = [0; 4];
        word[..bytes.len()].copy_from_slice(bytes);
        u32::from_le_bytes(word)
    };
    bytes.chunks(4).map(word).collect()
}

/// The numbers that a key has in a job's file, in order.
fn in_job(job: &str, key: &str) -> Vec<u32> {
    job.split(&format!("\"{key}\": "))
        .skip(1)
        .map(|rest| {
            rest.split(|next: char| !next.is_ascii_digit())
                .next()
                .unwrap_or_default()
        })
        .map(|number| number.parse().expect("a number"))
        .collect()
}

/// A kernel compiled as a job's file says where it does so for the first, second ... time.
fn compiled_for(source: &str, job: &str, time: usize) -> Compiled {
    let options = Options {
        entry: None,
        tile_words: in_job(job, "tile_words").get(time).copied(),
        loop_fuel: in_job(job, "loop_fuel").get(time).copied(),
    };
    compiled(source, &options)
}
