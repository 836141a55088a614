// SPDX-License-Identifier: Apache-2.0
//! Probes that every adapter must pass: integers, memory, control flow.

use super::{Class, LANES, Probe, assembler::Assembler};
use assay_kernel::{
    Kernel,
    program::{
        Atomic, Binary, Builtin, Content, LoopKind, Memory, Op, Register, Unary, VERSION,
        VariableKind,
    },
};

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

/// Every function on every pair of hard words.
pub(super) fn arithmetic() -> Probe {
    let mut assembler = Assembler::new();
    let own = assembler.own(16_384);
    let (a, b) = assembler.pair(HARD.len());
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
        ..assembler.probe(
            Class::Integer,
            "arithmetic",
            16_384,
            vec![Memory::Output, Memory::Input],
        )
    }
}

/// Reads and writes of every kind of memory, within it and far outside.
pub(super) fn bounds() -> Probe {
    let memories = vec![
        Memory::Output,
        Memory::Input,
        Memory::Input,
        Memory::Parameters(3),
        Memory::Workgroup(77, Content::Words),
        Memory::Private(5, Content::Words),
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
        ..assembler.probe(Class::Integer, "bounds", 4_096, memories)
    }
}

/// Every combination into workgroup memory: alone, and together in one memory.
pub(super) fn atomics() -> Probe {
    let mut memories = vec![Memory::Output, Memory::Input];
    memories.extend(ATOMIC.map(|_| Memory::Workgroup(40, Content::Words)));
    memories.push(Memory::Workgroup(64, Content::Words));
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
        ..assembler.probe(Class::Integer, "atomics", 4_096, memories)
    }
}

/// Loops that are left in every way, by count, by condition and for want of fuel.
pub(super) fn control() -> Probe {
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
        class: Class::Integer,
        name: "control",
        kernel: Kernel {
            version: VERSION,
            workgroup: [LANES as u16, 1, 1],
            tile_words: LANES,
            loop_fuel: 1_000,
            memories: vec![Memory::Output, Memory::Workgroup(LANES, Content::Words)],
            variables: vec![
                VariableKind::VARYING,
                VariableKind::VARYING,
                VariableKind::UNIFORM,
            ],
            code,
        },
        grid: [3, 1, 1],
        parameters: Vec::new(),
        inputs: Vec::new(),
    }
}
