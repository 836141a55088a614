// SPDX-License-Identifier: Apache-2.0
//! Random programs, compiled and run by the virtual machine, against an interpreter of their syntax trees:
//! what the compiler does to a program must not change its results.

mod interpreter;
mod shrink;
mod syntax;

use assay_kernel::{
    compiler::{Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};
use syntax::{Generator, Program};

const LANES: u32 = 64;

/// The chain's limits, but for the cost of a tile.
const UNLIMITED: Limits = Limits {
    tile_fuel: u64::MAX,
    ..Limits::DEFAULT
};

/// What the compiled program writes. `None` when the chain would refuse it as too large.
fn run(source: &str, input: &[u32]) -> Option<Vec<u32>> {
    let mut kernel = match compile(source, &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(diagnostics) => {
            let text = diagnostics.to_string();
            assert!(text.contains("error[limit]"), "{source}\n{text}");
            return None;
        }
    };
    // The interpreter knows no fuel, so none may run out here. The programs end by themselves.
    if kernel.loop_fuel > 0 {
        kernel.loop_fuel = u32::MAX;
    }
    let mut machine = Machine::new(&kernel, &UNLIMITED).expect("a valid kernel");
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
    Some(tile)
}

#[test]
fn results_equal_the_interpreters_when_programs_are_random() {
    let input: Vec<u32> = (0..LANES)
        .map(|lane| match lane % 4 {
            0 => lane / 4,
            1 => lane.wrapping_mul(2_654_435_761),
            2 => u32::MAX - lane,
            _ => 1 << (lane / 4),
        })
        .collect();
    let programs: u64 = std::env::var("PROGRAMS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(300);
    let expected = |program: &Program| -> Vec<u32> {
        (0..LANES)
            .map(|lane| interpreter::run(program, input[lane as usize], lane))
            .collect()
    };
    let fails = |program: &Program| {
        run(&program.to_string(), &input).is_some_and(|output| output != expected(program))
    };
    let mut compared = 0;
    for seed in 1..=programs {
        let program = Generator::new(seed).program();
        match run(&program.to_string(), &input) {
            Some(output) if output == expected(&program) => compared += 1,
            Some(_) => {
                let program = shrink::shrink(program, fails);
                let output = run(&program.to_string(), &input);
                let expected = expected(&program);
                panic!("seed {seed}:\n{program}\n{output:?}\n{expected:?}");
            }
            None => {}
        }
    }
    assert!(
        compared * 10 >= programs * 9,
        "only {compared} were small enough"
    );
}
