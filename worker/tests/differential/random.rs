// SPDX-License-Identifier: Apache-2.0
//! Kernels that nobody would write: valid, free of races, and full of corners.
//!
//! Every value is used, so that every wrong bit reaches the output. What would make the result depend on
//! the order of invocations is left out: memory that others see is written at the lane's own place, and
//! read elsewhere only between two barriers.

mod generator;
mod statements;
mod structures;
pub(crate) mod words;

use assay_kernel::{
    Kernel,
    program::{Content, Memory, Op, VERSION, VariableKind},
    validate::{Invalid, Limits, validate},
};
use assay_worker::engine::probe::{ATOMIC, Class, Probe};
use generator::Generator;
use words::Random;

/// What a tile may burn: little, so that many kernels are tried.
const LIMITS: Limits = Limits {
    tile_fuel: 1_000_000,
    ..Limits::DEFAULT
};

const OUTPUT: u8 = 0;
const INPUT: u8 = 1;
const EMPTY_INPUT: u8 = 2;
const PARAMETERS: u8 = 3;
const SHARED: u8 = 4;
const PRIVATE: u8 = 5;
const COMBINED: u8 = 6;
const SHARED_FLOATS: u8 = 7;
const PRIVATE_FLOATS: u8 = 8;

const PARAMETER_WORDS: u32 = 5;
const PRIVATE_WORDS: u32 = 6;
const COMBINED_WORDS: u32 = 9;

const VARYING_FLOATS: VariableKind = VariableKind {
    uniform: false,
    content: Content::Floats,
};
const UNIFORM_FLOATS: VariableKind = VariableKind {
    uniform: true,
    content: Content::Floats,
};

/// Those of all kernels.
const VARIABLES: [VariableKind; 5] = [
    VariableKind::VARYING,
    VariableKind::VARYING,
    VariableKind::VARYING,
    VariableKind::UNIFORM,
    VariableKind::UNIFORM,
];

/// Those that kernels with floats have besides.
const FLOAT_VARIABLES: [VariableKind; 3] = [VARYING_FLOATS, VARYING_FLOATS, UNIFORM_FLOATS];

/// The kernel of a seed, with a job to run it in.
pub(crate) fn probe(seed: u64) -> Probe {
    // What is too expensive is drawn again, from a seed that belongs to the same one.
    (0..)
        .map(|attempt: u64| attempt_at(seed.wrapping_add(attempt << 32)))
        .find(|probe| match validate(&probe.kernel, &LIMITS) {
            Ok(_) => true,
            Err(Invalid::TooExpensive { .. }) => false,
            Err(error) => panic!("seed {seed}: {error}\n{}", probe.kernel),
        })
        .expect("most kernels are cheap")
}

fn attempt_at(seed: u64) -> Probe {
    let mut random = Random::new(seed);
    let workgroup = random.of(&[
        [64, 1, 1],
        [256, 1, 1],
        [8, 8, 1],
        [1, 1, 1],
        [5, 3, 7],
        [1, 1, 100],
        [3, 85, 1],
        [16, 4, 4],
    ]);
    let lanes = workgroup.iter().map(|size| u32::from(*size)).product();
    let tile_words = random.of(&[256, 256, 512, 1_024]);
    let grid = random.of(&[[5, 1, 1], [1, 1, 1], [2, 3, 1], [2, 2, 2], [1, 1, 4]]);
    let atomic = random.of(&ATOMIC);
    let floats = !random.one_in(4);
    let parameters = (0..random.below(PARAMETER_WORDS + 3))
        .map(|_| random.operand())
        .collect();
    let input = (0..1 + random.below(300))
        .map(|_| match floats && random.one_in(2) {
            true => random.float(),
            false => random.operand(),
        })
        .collect();
    let mut memories = vec![
        Memory::Output,
        Memory::Input,
        Memory::Input,
        Memory::Parameters(PARAMETER_WORDS),
        Memory::Workgroup(lanes, Content::Words),
        Memory::Private(PRIVATE_WORDS, Content::Words),
        Memory::Workgroup(COMBINED_WORDS, Content::Words),
    ];
    let mut variables = VARIABLES.to_vec();
    if floats {
        memories.push(Memory::Workgroup(lanes, Content::Floats));
        memories.push(Memory::Private(PRIVATE_WORDS, Content::Floats));
        variables.extend(FLOAT_VARIABLES);
    }
    let kernel = Kernel {
        version: VERSION,
        workgroup,
        tile_words,
        loop_fuel: 0,
        memories,
        variables,
        code: Vec::new(),
    };
    let (mut kernel, mut random) = Generator::new(random, kernel, atomic, floats).finish();
    if kernel.code.iter().any(|op| matches!(op, Op::Loop(_))) {
        kernel.loop_fuel = 1 + random.below(400);
    }
    Probe {
        class: if floats { Class::Float } else { Class::Integer },
        name: "random",
        kernel,
        grid,
        parameters,
        inputs: vec![input, Vec::new()],
    }
}
