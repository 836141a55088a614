// SPDX-License-Identifier: Apache-2.0
//! Whether an engine computes what the virtual machine computes, on operands that are hard.
//!
//! Every adapter is probed before it is offered any work: drivers have bugs, and a provider must not find
//! them in a dispute.

use super::{Engine, EngineError, Task};
use assay_kernel::{
    Kernel,
    machine::{Invocation, Machine, SliceInputs},
    program::{
        Atomic, Binary, Builtin, LoopKind, Memory, Op, Register, Unary, VERSION, VariableKind,
    },
    validate::Limits,
};

/// A kernel and what to run it with.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What it probes.
    pub name: &'static str,
    /// The kernel.
    pub kernel: Kernel,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// The parameters.
    pub parameters: Vec<u32>,
    /// The words of the inputs.
    pub inputs: Vec<Vec<u32>>,
}

/// Functions of one word, all of them.
pub const UNARY: [Unary; 8] = [
    Unary::Not,
    Unary::LogicalNot,
    Unary::Negate,
    Unary::Abs,
    Unary::CountOnes,
    Unary::LeadingZeros,
    Unary::TrailingZeros,
    Unary::ReverseBits,
];

/// Functions of two words, all of them.
pub const BINARY: [Binary; 25] = [
    Binary::Add,
    Binary::Subtract,
    Binary::Multiply,
    Binary::DivideUnsigned,
    Binary::DivideSigned,
    Binary::RemainderUnsigned,
    Binary::RemainderSigned,
    Binary::And,
    Binary::Or,
    Binary::Xor,
    Binary::ShiftLeft,
    Binary::ShiftRightUnsigned,
    Binary::ShiftRightSigned,
    Binary::Equal,
    Binary::NotEqual,
    Binary::LessUnsigned,
    Binary::LessSigned,
    Binary::LessEqualUnsigned,
    Binary::LessEqualSigned,
    Binary::MinUnsigned,
    Binary::MinSigned,
    Binary::MaxUnsigned,
    Binary::MaxSigned,
    Binary::DotSigned,
    Binary::DotUnsigned,
];

/// Ways to combine a word into workgroup memory, all of them.
pub const ATOMIC: [Atomic; 8] = [
    Atomic::Add,
    Atomic::MinSigned,
    Atomic::MinUnsigned,
    Atomic::MaxSigned,
    Atomic::MaxUnsigned,
    Atomic::And,
    Atomic::Or,
    Atomic::Xor,
];

/// Words on which implementations are known to differ.
pub const HARD: [u32; 32] = [
    0,
    1,
    2,
    3,
    5,
    7,
    30,
    31,
    32,
    33,
    63,
    64,
    127,
    128,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x00ff_00ff,
    0x7f80_7f80,
    0x7f7f_7f7f,
    0x8080_8080,
    0x7fff_fffe,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xdead_beef,
    0xffff_fff9,
    0xffff_fffe,
    0xffff_ffff,
];

/// Lanes of the probes' workgroups.
const LANES: u32 = 256;

/// Every probe.
pub fn probes() -> Vec<Probe> {
    vec![arithmetic(), bounds(), atomics(), control()]
}

/// Runs every probe and compares with the virtual machine, word for word.
pub fn check(engine: &dyn Engine) -> Result<(), EngineError> {
    probes().iter().try_for_each(|probe| probe.check(engine))
}

impl Probe {
    /// Runs it on an engine and compares with the virtual machine, word for word.
    pub fn check(&self, engine: &dyn Engine) -> Result<(), EngineError> {
        let expected = self.expected()?;
        let inputs: Vec<&[u32]> = self.inputs.iter().map(Vec::as_slice).collect();
        let task = Task {
            kernel: &self.kernel,
            grid: self.grid,
            tiles: self.grid.iter().product(),
            parameters: &self.parameters,
            inputs: &inputs,
        };
        let mut got = Vec::with_capacity(expected.len());
        engine.run(&task, &mut |bytes| {
            got.extend(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|word| u32::from_le_bytes(*word)),
            );
            Ok(())
        })?;
        let difference = expected
            .iter()
            .zip(got.iter())
            .position(|(expected, got)| expected != got);
        match difference {
            Some(word) => Err(EngineError::Inexact {
                probe: self.name,
                word,
                expected: expected[word],
                got: got[word],
            }),
            None if got.len() != expected.len() => Err(EngineError::Device(format!(
                "{} words of output, not {}",
                got.len(),
                expected.len()
            ))),
            None => Ok(()),
        }
    }

    /// What the virtual machine computes, in words.
    pub fn expected(&self) -> Result<Vec<u32>, EngineError> {
        let mut machine = Machine::new(&self.kernel, &Limits::DEFAULT)?;
        let inputs: Vec<&[u32]> = self.inputs.iter().map(Vec::as_slice).collect();
        let mut output = Vec::new();
        let mut tile = vec![0; self.kernel.tile_words as usize];
        for group in 0..self.grid.iter().product() {
            let invocation = Invocation {
                grid: self.grid,
                group,
                parameters: &self.parameters,
            };
            machine
                .run(&invocation, &mut SliceInputs(&inputs), &mut tile)
                .map_err(|error| EngineError::Tile {
                    tile: group,
                    reason: error.to_string(),
                })?;
            output.extend_from_slice(&tile);
        }
        Ok(output)
    }
}

/// Writes straight-line code and numbers its registers.
struct Assembler {
    code: Vec<Op>,
    /// The number of the next register.
    next: Register,
}

impl Assembler {
    fn new() -> Self {
        Self {
            code: Vec::new(),
            next: 0,
        }
    }

    /// Appends an operation that yields a value.
    fn value(&mut self, op: Op) -> Register {
        self.code.push(op);
        self.next += 1;
        self.next - 1
    }

    fn constant(&mut self, word: u32) -> Register {
        self.value(Op::Constant(word))
    }

    fn binary(&mut self, function: Binary, a: Register, b: Register) -> Register {
        self.value(Op::Binary(function, a, b))
    }

    /// Appends one that yields none.
    fn push(&mut self, op: Op) {
        self.code.push(op);
    }

    /// The workgroup's number times `factor`, plus the lane.
    fn own(&mut self, factor: u32) -> Register {
        let group = self.group();
        let factor = self.constant(factor);
        let base = self.binary(Binary::Multiply, group, factor);
        let lane = self.value(Op::Builtin(Builtin::LocalIndex));
        self.binary(Binary::Add, base, lane)
    }

    /// The workgroup's number, from its position.
    fn group(&mut self) -> Register {
        let [x, y, z, width, height] = [
            Builtin::GroupX,
            Builtin::GroupY,
            Builtin::GroupZ,
            Builtin::GridX,
            Builtin::GridY,
        ]
        .map(|builtin| self.value(Op::Builtin(builtin)));
        let plane = self.binary(Binary::Multiply, z, height);
        let row = self.binary(Binary::Add, plane, y);
        let rows = self.binary(Binary::Multiply, row, width);
        self.binary(Binary::Add, rows, x)
    }

    /// Stores into the `row`-th run of 256 words of the tile, one word for each lane.
    fn store_row(&mut self, output: u8, own: Register, row: u32, value: Register) {
        let offset = self.constant(row * LANES);
        let address = self.binary(Binary::Add, own, offset);
        self.push(Op::Store(output, address, value));
    }

    fn probe(self, name: &'static str, tile_words: u32, memories: Vec<Memory>) -> Probe {
        Probe {
            name,
            kernel: Kernel {
                version: VERSION,
                workgroup: [LANES as u16, 1, 1],
                tile_words,
                loop_fuel: 0,
                memories,
                variables: Vec::new(),
                code: self.code,
            },
            grid: [4, 1, 1],
            parameters: Vec::new(),
            inputs: Vec::new(),
        }
    }
}

/// Every function on every pair of hard words.
fn arithmetic() -> Probe {
    let mut assembler = Assembler::new();
    let own = assembler.own(16_384);
    let pair = assembler.own(LANES);
    let length = assembler.constant(HARD.len() as u32);
    let first = assembler.binary(Binary::DivideUnsigned, pair, length);
    let second = assembler.binary(Binary::RemainderUnsigned, pair, length);
    let a = assembler.value(Op::Load(1, first));
    let b = assembler.value(Op::Load(1, second));
    let mut results: Vec<Register> = Vec::new();
    results.extend(UNARY.map(|function| assembler.value(Op::Unary(function, a))));
    results.extend(BINARY.map(|function| assembler.binary(function, a, b)));
    let equal = assembler.binary(Binary::LessSigned, a, b);
    results.push(assembler.value(Op::Select(equal, a, b)));
    results.push(assembler.value(Op::Select(a, b, equal)));
    for (row, result) in (0..).zip(results) {
        assembler.store_row(0, own, row, result);
    }
    Probe {
        inputs: vec![HARD.to_vec()],
        // Two dimensions: the position takes a division.
        grid: [2, 2, 1],
        ..assembler.probe("arithmetic", 16_384, vec![Memory::Output, Memory::Input])
    }
}

/// Reads and writes of every kind of memory, within it and far outside.
fn bounds() -> Probe {
    let memories = vec![
        Memory::Output,
        Memory::Input,
        Memory::Input,
        Memory::Parameters(3),
        Memory::Workgroup(77),
        Memory::Private(5),
    ];
    let mut assembler = Assembler::new();
    let own = assembler.own(4_096);
    let lane = assembler.value(Op::Builtin(Builtin::LocalIndex));
    let length = assembler.constant(HARD.len() as u32);
    let hard = assembler.binary(Binary::RemainderUnsigned, lane, length);
    let far = assembler.value(Op::Load(1, hard));
    // Nothing that is written outside may show anywhere.
    for memory in [0, 4, 5] {
        let past = assembler.value(Op::Length(memory));
        let outside = assembler.binary(Binary::MaxUnsigned, past, far);
        assembler.push(Op::Store(memory, outside, own));
        assembler.push(Op::Store(memory, lane, own));
    }
    assembler.push(Op::Barrier);
    let mut row = 0;
    for memory in 1..6 {
        let near = assembler.value(Op::Load(memory, lane));
        let wild = assembler.value(Op::Load(memory, far));
        let words = assembler.value(Op::Length(memory));
        for value in [near, wild, words] {
            assembler.store_row(0, own, row, value);
            row += 1;
        }
    }
    let written = assembler.value(Op::Load(0, own));
    assembler.store_row(0, own, row, written);
    Probe {
        inputs: vec![HARD.to_vec(), Vec::new()],
        parameters: vec![7, 8],
        ..assembler.probe("bounds", 4_096, memories)
    }
}

/// Every combination into workgroup memory: alone, and together in one memory.
fn atomics() -> Probe {
    let mut memories = vec![Memory::Output, Memory::Input];
    memories.extend(ATOMIC.map(|_| Memory::Workgroup(40)));
    memories.push(Memory::Workgroup(64));
    let together = ATOMIC.len() as u8 + 2;
    let mut assembler = Assembler::new();
    let own = assembler.own(4_096);
    let lane = assembler.value(Op::Builtin(Builtin::LocalIndex));
    let length = assembler.constant(HARD.len() as u32);
    let hard = assembler.binary(Binary::RemainderUnsigned, lane, length);
    let word = assembler.value(Op::Load(1, hard));
    // Past the end of the memory too, where nothing must happen.
    let spread = assembler.constant(47);
    let place = assembler.binary(Binary::RemainderUnsigned, lane, spread);
    let alone = (2..).zip(ATOMIC);
    for (memory, _) in alone.clone() {
        assembler.push(Op::Store(memory, place, place));
    }
    assembler.push(Op::Barrier);
    let eight = assembler.constant(8);
    let seat = assembler.binary(Binary::RemainderUnsigned, lane, eight);
    for ((memory, atomic), part) in alone.zip(0..) {
        assembler.push(Op::Atomic(atomic, memory, place, word));
        let part = assembler.constant(part * 8);
        let seat = assembler.binary(Binary::Add, seat, part);
        assembler.push(Op::Atomic(atomic, together, seat, word));
    }
    assembler.push(Op::Barrier);
    for (row, memory) in (0..).zip(2..=together) {
        let result = assembler.value(Op::Load(memory, lane));
        assembler.store_row(0, own, row, result);
    }
    Probe {
        inputs: vec![HARD.to_vec()],
        ..assembler.probe("atomics", 4_096, memories)
    }
}

/// Loops that are left in every way, by count, by condition and for want of fuel.
fn control() -> Probe {
    let code = vec![
        Op::Builtin(Builtin::LocalIndex),
        Op::Set(0, 0),
        Op::Constant(1),
        Op::Constant(3),
        Op::Constant(7),
        Op::Repeat(LoopKind::Varying, 40),
        Op::Binary(Binary::RemainderUnsigned, 4, 3),
        Op::If(5),
        Op::Else,
        Op::Continue,
        Op::End,
        Op::Block,
        Op::Get(0),
        Op::Binary(Binary::And, 6, 2),
        Op::If(7),
        Op::Break,
        Op::End,
        Op::Binary(Binary::LessUnsigned, 0, 4),
        Op::If(8),
        Op::Continue,
        Op::End,
        Op::End,
        // Collatz' steps, until the fuel is burned or the word is 1.
        Op::Loop(LoopKind::Varying),
        Op::Get(0),
        Op::Binary(Binary::And, 6, 1),
        Op::If(7),
        Op::Binary(Binary::Multiply, 6, 2),
        Op::Binary(Binary::Add, 8, 1),
        Op::Set(0, 9),
        Op::Else,
        Op::Binary(Binary::ShiftRightUnsigned, 6, 1),
        Op::Set(0, 8),
        Op::End,
        Op::Continuing,
        Op::Get(1),
        Op::Binary(Binary::Add, 6, 1),
        Op::Set(1, 7),
        Op::Get(0),
        Op::Binary(Binary::LessEqualUnsigned, 8, 1),
        Op::BreakIf(9),
        Op::End,
        Op::Get(0),
        Op::Binary(Binary::Add, 6, 4),
        Op::Set(0, 7),
        Op::End,
        // All together, until the fuel is burned.
        Op::Loop(LoopKind::Uniform),
        Op::Get(2),
        Op::Binary(Binary::Add, 4, 1),
        Op::Set(2, 5),
        Op::Store(1, 0, 5),
        Op::Barrier,
        Op::Continuing,
        Op::End,
        Op::Builtin(Builtin::GroupX),
        Op::Constant(256),
        Op::Binary(Binary::Multiply, 4, 5),
        Op::Binary(Binary::Add, 6, 0),
        Op::Constant(255),
        Op::Binary(Binary::Subtract, 8, 0),
        Op::Load(1, 9),
        Op::Get(0),
        Op::Get(1),
        Op::Binary(Binary::Xor, 11, 12),
        Op::Binary(Binary::Multiply, 13, 10),
        Op::Store(0, 7, 14),
    ];
    Probe {
        name: "control",
        kernel: Kernel {
            version: VERSION,
            workgroup: [LANES as u16, 1, 1],
            tile_words: LANES,
            loop_fuel: 1_000,
            memories: vec![Memory::Output, Memory::Workgroup(LANES)],
            variables: vec![
                VariableKind::Varying,
                VariableKind::Varying,
                VariableKind::Uniform,
            ],
            code,
        },
        grid: [3, 1, 1],
        parameters: Vec::new(),
        inputs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::MachineEngine;

    /// An engine that gets one word wrong.
    #[derive(Debug)]
    struct Faulty(MachineEngine, usize);

    impl Engine for Faulty {
        fn name(&self) -> String {
            "faulty".into()
        }

        fn fuel_per_second(&self) -> u64 {
            self.0.fuel_per_second()
        }

        fn run(
            &self,
            task: &Task<'_>,
            take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
        ) -> Result<(), EngineError> {
            self.0.run(task, &mut |bytes| {
                let mut bytes = bytes.to_vec();
                bytes[self.1 * 4] ^= 1;
                take(&bytes)
            })
        }
    }

    #[test]
    fn probes_pass_on_the_machine_that_defines_them() {
        let engine = MachineEngine::new().expect("the kernel is valid");
        check(&engine).expect("the machine agrees with itself");
    }

    #[test]
    fn check_names_the_word_when_an_engine_gets_one_wrong() {
        let engine = Faulty(MachineEngine::new().expect("the kernel is valid"), 5);
        let error = check(&engine).expect_err("a word is wrong");
        assert!(
            matches!(
                error,
                EngineError::Inexact {
                    probe: "arithmetic",
                    word: 5,
                    expected,
                    got
                } if expected ^ got == 1
            ),
            "{error}"
        );
    }
}
