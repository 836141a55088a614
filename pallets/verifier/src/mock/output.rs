// SPDX-License-Identifier: Apache-2.0
//! A real kernel, its input and its output.

use assay_kernel::{
    Kernel, cost,
    machine::Machine,
    program::{Binary, Builtin, Memory, Op, VERSION},
    validate::Limits,
};
use assay_primitives::job::Work;
use assay_verifier::{
    ChainingValue, Root,
    execution::Task,
    opening::Opening,
    spot,
    tree::root_of,
    witness::{InputRef, Witness},
};
use codec::Encode;

/// The tiles of a job.
pub(crate) const TILES: u32 = 20;

/// How many of them are sampled.
pub(crate) const SAMPLES: u32 = 8;

/// How far behind its own place a tile reads.
pub(crate) const SHIFT: u32 = 100;

/// `output[i] = 3 * input[i + parameter]`, by 256 invocations: a tile reads two pages.
pub(crate) fn kernel() -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [256, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![Memory::Input, Memory::Parameters(1), Memory::Output],
        variables: vec![],
        code: vec![
            Op::Builtin(Builtin::GroupX),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 0, 1),
            Op::Builtin(Builtin::LocalX),
            Op::Binary(Binary::Add, 2, 3),
            Op::Constant(0),
            Op::Load(1, 5),
            Op::Binary(Binary::Add, 4, 6),
            Op::Load(0, 7),
            Op::Constant(3),
            Op::Binary(Binary::Multiply, 8, 9),
            Op::Store(2, 4, 10),
        ],
    }
}

/// The hash of a kernel.
pub(crate) fn kernel_hash(kernel: &Kernel) -> Root {
    *blake3::hash(&kernel.encode()).as_bytes()
}

/// The input of every job: a little more than 20 pages, and no whole number of words.
pub(crate) fn input() -> Vec<u8> {
    (0..=250).cycle().take(20 * 1_024 + 402).collect()
}

/// What a job computes.
pub(crate) fn work() -> Work {
    Work {
        kernel: kernel_hash(&kernel()),
        parameters: vec![SHIFT],
        inputs: vec![InputRef::of(&input())],
        grid: [TILES, 1, 1],
        tiles: TILES,
    }
}

fn with_task<R>(run: impl FnOnce(&mut Machine, &Task<'_>) -> R) -> R {
    let mut machine = Machine::new(&kernel(), &Limits::DEFAULT).expect("the kernel is valid");
    let parameters = work().parameters;
    let task = Task {
        grid: work().grid,
        parameters: &parameters,
        tiles: TILES,
    };
    run(&mut machine, &task)
}

/// The fuel of making the kernel ready.
pub(crate) fn ready_fuel() -> u64 {
    cost::ready(kernel().encoded_size())
}

/// The most fuel that judging a tile can burn.
pub(crate) fn judging_fuel() -> u64 {
    with_task(|machine, _| machine.report().tile_fuel) + ready_fuel()
}

/// The fuel that a tile burns.
pub(crate) fn burned(tile: u32) -> u64 {
    with_task(|machine, task| spot::witness(machine, task, tile, &[&input()]))
        .expect("the input is there in full")
        .0
        .fuel
}

/// The right values of all tiles.
pub(crate) fn right_values() -> Vec<ChainingValue> {
    let words = spot::words(&input());
    let tiles: Vec<u32> = (0..TILES).collect();
    with_task(|machine, task| spot::values(machine, task, &tiles, &[&words], || {}))
        .expect("the input is there in full")
}

/// The right bytes of a tile.
pub(crate) fn right_bytes(tile: u32) -> Vec<u8> {
    with_task(|machine, task| spot::witness(machine, task, tile, &[&input()]))
        .expect("the input is there in full")
        .0
        .bytes
}

/// The witness of a tile.
pub(crate) fn witness(tile: u32) -> Witness {
    with_task(|machine, task| spot::witness(machine, task, tile, &[&input()]))
        .expect("the input is there in full")
        .1
}

/// The value of every tile that is wrong in the tests.
pub(crate) const WRONG: ChainingValue = [0xbd; 32];

/// What a provider commits to.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) values: Vec<ChainingValue>,
}

impl Output {
    /// The right one.
    pub(crate) fn right() -> Self {
        Self {
            values: right_values(),
        }
    }

    /// One with wrong tiles.
    pub(crate) fn wrong(tiles: &[u32]) -> Self {
        let mut output = Self::right();
        for tile in tiles {
            output.values[index(*tile)] = WRONG;
        }
        output
    }

    pub(crate) fn root(&self) -> Root {
        root_of(&self.values).expect("there are tiles")
    }

    pub(crate) fn opening(&self, tiles: &[u32]) -> Opening {
        Opening::new(&self.values, tiles).expect("the tiles are ascending")
    }
}

/// A number of a tile or a position as an index.
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).expect("small numbers")
}
