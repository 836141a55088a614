// SPDX-License-Identifier: Apache-2.0
//! Writes the bytecode of a 5 x 5 median filter of RGBA pictures to the file named on the command line.
//!
//! One invocation makes one pixel. A channel's median is found by bisection over its eight bits: the
//! largest value that at most twelve of the 25 neighbours are below, edges clamped. Parameters: width, height.

use assay_kernel::{
    Kernel,
    machine::{Invocation, Machine, SliceInputs},
    program::{Binary, Builtin, LoopKind, Memory, Op, Register, VERSION, VariableKind},
    validate::Limits,
};
use codec::Encode;

/// Writes operations and counts registers.
#[derive(Default)]
struct Program {
    code: Vec<Op>,
    depth: Register,
    scopes: Vec<Register>,
}

impl Program {
    /// Appends an operation that defines a register.
    fn value(&mut self, op: Op) -> Register {
        self.code.push(op);
        self.depth += 1;
        self.depth - 1
    }

    fn constant(&mut self, word: u32) -> Register {
        self.value(Op::Constant(word))
    }

    fn binary(&mut self, function: Binary, a: Register, b: Register) -> Register {
        self.value(Op::Binary(function, a, b))
    }

    /// Opens a structure.
    fn open(&mut self, op: Op) {
        self.code.push(op);
        self.scopes.push(self.depth);
    }

    /// Closes the innermost structure.
    fn end(&mut self) {
        self.code.push(Op::End);
        self.depth = self.scopes.pop().unwrap_or_default();
    }
}

/// The numbers of the kernel's memories.
const INPUT: u8 = 0;
const PARAMETERS: u8 = 1;
const OUTPUT: u8 = 2;
const NEIGHBOURS: u8 = 3;

/// The numbers of the kernel's variables.
const PIXEL: u16 = 0;
const MEDIAN: u16 = 1;
const BELOW: u16 = 2;

fn median5x5() -> Kernel {
    let mut program = Program::default();
    let group = program.value(Op::Builtin(Builtin::GroupX));
    let size = program.constant(256);
    let first = program.binary(Binary::Multiply, group, size);
    let lane = program.value(Op::Builtin(Builtin::LocalX));
    let index = program.binary(Binary::Add, first, lane);
    let zero = program.constant(0);
    let one = program.constant(1);
    let width = program.value(Op::Load(PARAMETERS, zero));
    let height = program.value(Op::Load(PARAMETERS, one));
    let pixels = program.binary(Binary::Multiply, width, height);
    let inside = program.binary(Binary::LessUnsigned, index, pixels);
    program.open(Op::If(inside));

    let x = program.binary(Binary::RemainderUnsigned, index, width);
    let y = program.binary(Binary::DivideUnsigned, index, width);
    let last_x = program.binary(Binary::Subtract, width, one);
    let last_y = program.binary(Binary::Subtract, height, one);
    let two = program.constant(2);
    let five = program.constant(5);
    program.open(Op::Repeat(LoopKind::Uniform, 25));
    let turn = program.depth;
    program.depth += 1;
    let clamped = |program: &mut Program, at: Register, step: Register, last: Register| {
        let ahead = program.binary(Binary::Add, at, step);
        let moved = program.binary(Binary::Subtract, ahead, two);
        let low = program.binary(Binary::MaxSigned, moved, zero);
        program.binary(Binary::MinSigned, low, last)
    };
    let column = program.binary(Binary::RemainderUnsigned, turn, five);
    let row = program.binary(Binary::DivideUnsigned, turn, five);
    let column = clamped(&mut program, x, column, last_x);
    let row = clamped(&mut program, y, row, last_y);
    let start = program.binary(Binary::Multiply, row, width);
    let address = program.binary(Binary::Add, start, column);
    let neighbour = program.value(Op::Load(INPUT, address));
    program.code.push(Op::Store(NEIGHBOURS, turn, neighbour));
    program.end();

    program.code.push(Op::Set(PIXEL, zero));
    let byte = program.constant(255);
    let eight = program.constant(8);
    let thirteen = program.constant(13);
    let top = program.constant(128);
    program.open(Op::Repeat(LoopKind::Uniform, 4));
    let channel = program.depth;
    program.depth += 1;
    let shift = program.binary(Binary::Multiply, channel, eight);
    program.code.push(Op::Set(MEDIAN, zero));
    program.open(Op::Repeat(LoopKind::Uniform, 8));
    let bit = program.depth;
    program.depth += 1;
    let step = program.binary(Binary::ShiftRightUnsigned, top, bit);
    let median = program.value(Op::Get(MEDIAN));
    let guess = program.binary(Binary::Or, median, step);
    program.code.push(Op::Set(BELOW, zero));
    program.open(Op::Repeat(LoopKind::Uniform, 25));
    let turn = program.depth;
    program.depth += 1;
    let neighbour = program.value(Op::Load(NEIGHBOURS, turn));
    let moved = program.binary(Binary::ShiftRightUnsigned, neighbour, shift);
    let value = program.binary(Binary::And, moved, byte);
    let less = program.binary(Binary::LessUnsigned, value, guess);
    let below = program.value(Op::Get(BELOW));
    let count = program.binary(Binary::Add, below, less);
    program.code.push(Op::Set(BELOW, count));
    program.end();
    let below = program.value(Op::Get(BELOW));
    let fits = program.binary(Binary::LessUnsigned, below, thirteen);
    let next = program.value(Op::Select(fits, guess, median));
    program.code.push(Op::Set(MEDIAN, next));
    program.end();
    let median = program.value(Op::Get(MEDIAN));
    let placed = program.binary(Binary::ShiftLeft, median, shift);
    let pixel = program.value(Op::Get(PIXEL));
    let pixel = program.binary(Binary::Or, pixel, placed);
    program.code.push(Op::Set(PIXEL, pixel));
    program.end();
    let pixel = program.value(Op::Get(PIXEL));
    program.code.push(Op::Store(OUTPUT, index, pixel));
    program.end();

    Kernel {
        version: VERSION,
        workgroup: [256, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![
            Memory::Input,
            Memory::Parameters(2),
            Memory::Output,
            Memory::Private(25),
        ],
        variables: vec![VariableKind::Varying; 3],
        code: program.code,
    }
}

/// The filter in plain Rust: sorts.
fn reference(picture: &[u32], width: u32, height: u32, x: u32, y: u32) -> u32 {
    (0..4).fold(0, |pixel, channel| {
        let mut values: Vec<u32> = (0..25)
            .map(|turn| {
                let column = (x + turn % 5).saturating_sub(2).min(width - 1);
                let row = (y + turn / 5).saturating_sub(2).min(height - 1);
                picture[(row * width + column) as usize] >> (channel * 8) & 255
            })
            .collect();
        values.sort_unstable();
        pixel | values[12] << (channel * 8)
    })
}

/// Compares the kernel with plain Rust on a small picture.
fn check(kernel: &Kernel) {
    let (width, height) = (37, 23);
    let picture: Vec<u32> = (0..width * height)
        .map(|i: u32| i.wrapping_mul(2_654_435_761))
        .collect();
    let mut machine = Machine::new(kernel, &Limits::DEFAULT).expect("the kernel is valid");
    let tiles = (width * height).div_ceil(256);
    for group in 0..tiles {
        let mut tile = [0; 256];
        let invocation = Invocation {
            grid: [tiles, 1, 1],
            group,
            parameters: &[width, height],
        };
        machine
            .run(&invocation, &mut SliceInputs(&[&picture]), &mut tile)
            .expect("the input is there in full");
        for (pixel, index) in tile.into_iter().zip(group * 256..) {
            let expected = if index < width * height {
                reference(&picture, width, height, index % width, index / width)
            } else {
                0
            };
            assert_eq!(pixel, expected, "pixel {index}");
        }
    }
}

fn main() {
    let kernel = median5x5();
    check(&kernel);
    let path = std::env::args()
        .nth(1)
        .expect("name the file to write the bytecode to");
    std::fs::write(&path, kernel.encode()).expect("the file can be written");
}
