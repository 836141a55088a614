// SPDX-License-Identifier: Apache-2.0
//! Random programs, compiled and run by the virtual machine, against an interpreter of their syntax trees:
//! what the compiler does to a program must not change its results.

mod arithmetic;
mod floats;
mod generator;
mod interpreter;
mod shrink;
mod syntax;
mod writing;

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};
use generator::{Generator, HARD_FLOATS};
use syntax::Program;

const LANES: u32 = 64;

/// The chain's limits, but for the cost of a tile.
const UNLIMITED: Limits = Limits {
    tile_fuel: u64::MAX,
    ..Limits::DEFAULT
};

/// Compiles for as many turns as the program has.
fn compiled(source: &str) -> Result<Kernel, String> {
    let mut kernel = compile(source, &Options::default())
        .map_err(|diagnostics| diagnostics.to_string())?
        .kernel;
    // Invocations leave a loop when its fuel runs out, which no WGSL program does. The programs end by
    // themselves, so none may run out here.
    if kernel.loop_fuel > 0 {
        kernel.loop_fuel = u32::MAX;
    }
    Ok(kernel)
}

/// What a compiled program writes.
fn run(kernel: &Kernel, input: &[u32]) -> Vec<u32> {
    let mut machine = Machine::new(kernel, &UNLIMITED).expect("a valid kernel");
    let mut tile = vec![0; kernel.tile_words as usize];
    let invocation = Invocation {
        grid: [1; 3],
        group: 0,
        parameters: &[],
    };
    machine
        .run(&invocation, &mut SliceInputs(&[input]), &mut tile)
        .expect("the inputs are there");
    tile.truncate(LANES as usize);
    tile
}

/// How a program fared.
enum Outcome {
    Equal,
    Different {
        yielded: Vec<u32>,
        expected: Vec<u32>,
    },
    /// It runs for too long to be compared.
    TooLong,
    Refused(String),
}

fn compare(program: &Program, input: &[u32]) -> Outcome {
    let kernel = match compiled(&program.to_string()) {
        Ok(kernel) => kernel,
        Err(text) => return Outcome::Refused(text),
    };
    // The interpreter goes first: it is the one that notices.
    let expected = (0..)
        .zip(input)
        .map(|(lane, word)| interpreter::run(program, *word, lane))
        .collect();
    let Some(expected) = expected else {
        return Outcome::TooLong;
    };
    let yielded = run(&kernel, input);
    match yielded == expected {
        true => Outcome::Equal,
        false => Outcome::Different { yielded, expected },
    }
}

/// A number from the environment.
fn variable(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// `PROGRAMS` says how many programs, `SEED` which is the first.
#[test]
fn results_equal_the_interpreters_when_programs_are_random() {
    let input: Vec<u32> = (0..LANES)
        .map(|lane| match lane % 5 {
            0 => lane / 5,
            1 => lane.wrapping_mul(2_654_435_761),
            2 => u32::MAX - lane,
            3 => HARD_FLOATS[lane as usize % HARD_FLOATS.len()],
            _ => 1 << (lane / 2),
        })
        .collect();
    let (programs, first) = (variable("PROGRAMS", 300), variable("SEED", 1));
    let (mut equal, mut too_long, mut too_large) = (0, 0, 0);
    for seed in first..first + programs {
        let program = Generator::new(seed).program();
        match compare(&program, &input) {
            Outcome::Equal => equal += 1,
            Outcome::TooLong => too_long += 1,
            Outcome::Refused(text) => {
                assert!(text.contains("error[limit]"), "{seed}:\n{program}\n{text}");
                too_large += 1;
            }
            Outcome::Different { .. } => {
                let differs = |program: &Program| {
                    matches!(compare(program, &input), Outcome::Different { .. })
                };
                let program = shrink::shrink(program, differs);
                if let Outcome::Different { yielded, expected } = compare(&program, &input) {
                    panic!("seed {seed}:\n{program}\n{yielded:?}\n{expected:?}");
                }
            }
        }
    }
    println!("{equal} equal, {too_long} too long, {too_large} too large");
    assert!(equal * 10 >= programs * 8, "only {equal} were compared");
}

#[test]
fn loop_ends_by_itself_when_it_has_more_turns_than_the_default_fuel() {
    let source = "
        @group(0) @binding(0) var<storage, read> input: array<u32>;
        @group(0) @binding(1) var<storage, read_write> output: array<u32>;
        @compute @workgroup_size(64)
        fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            var turns = 0u;
            while turns < input[id.x] { turns++; }
            output[id.x] = turns;
        }";
    let input = [100_000; LANES as usize];
    assert_eq!(run(&compiled(source).expect("a kernel"), &input), input);
}
