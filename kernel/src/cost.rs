// SPDX-License-Identifier: Apache-2.0
//! What operations cost, in fuel.
//!
//! One unit is about one simple arithmetic operation of one invocation in the runtime's wasm, where each of the others was
//! measured against it (`scripts/bench operations`). Fuel is what a kernel's loops are metered with, what the chain
//! weighs a re-execution by, and what jobs are priced in.

use crate::program::{Binary, Memory, Op, Unary};

/// The fuel of one operation for one invocation, without what is inside a structure that it opens.
///
/// It is the most it can cost: see [`PAGE`].
pub fn of(op: &Op, memories: &[Memory]) -> u64 {
    match op {
        Op::Else | Op::Continuing | Op::End => 0,
        Op::Unary(function, _) => unary(*function),
        Op::Binary(function, ..) => binary(*function),
        Op::Load(memory, _) => match memories.get(usize::from(*memory)) {
            Some(Memory::Input) => LOAD.saturating_add(PAGE),
            _ => LOAD,
        },
        Op::Store(..) => 3,
        Op::Atomic(..) => 4,
        _ => 1,
    }
}

/// The fuel of a function of one word.
pub const fn unary(function: Unary) -> u64 {
    match function {
        Unary::CountOnes
        | Unary::LeadingZeros
        | Unary::TrailingZeros
        | Unary::Canonical
        | Unary::FloatFromSigned
        | Unary::FloatFromUnsigned => 2,
        Unary::ReverseBits => 3,
        Unary::SignedFromFloat | Unary::UnsignedFromFloat => 4,
        Unary::FloatSqrt => 8,
        Unary::Not
        | Unary::LogicalNot
        | Unary::Negate
        | Unary::Abs
        | Unary::FloatNegate
        | Unary::FloatAbs => 1,
    }
}

/// The fuel of a function of two words.
pub const fn binary(function: Binary) -> u64 {
    match function {
        Binary::FloatAdd
        | Binary::FloatSubtract
        | Binary::FloatMultiply
        | Binary::FloatEqual
        | Binary::FloatLess
        | Binary::FloatLessEqual => 2,
        Binary::DivideUnsigned
        | Binary::DivideSigned
        | Binary::RemainderUnsigned
        | Binary::RemainderSigned
        | Binary::DotSigned
        | Binary::DotUnsigned
        | Binary::FloatDivide => 4,
        _ => 1,
    }
}

/// The fuel of a load.
const LOAD: u64 = 2;

/// The fuel of finding a page of an input, which a load burns for each invocation that reads in another page than
/// the one before it; the rest is given back. Loops are metered as if every invocation did.
pub const PAGE: u64 = 10;

/// The words of a page of an input.
pub const PAGE_WORDS: u32 = 256;

/// The lanes that a workgroup is charged for and the machine computes: its invocations in whole groups of 64.
/// Fuel above is for one lane.
pub const fn lanes(invocations: u32) -> u32 {
    invocations.next_multiple_of(LANE_GROUP)
}

/// The lanes that are computed together whether they are used or not.
const LANE_GROUP: u32 = 64;

/// The fuel of decoding, validating and making ready a kernel whose encoding has so many bytes.
pub fn ready(bytes: usize) -> u64 {
    u64::try_from(bytes)
        .unwrap_or(u64::MAX)
        .saturating_mul(READY)
}

/// The fuel of a byte of code: of the densest code, each byte is an operation.
const READY: u64 = 300;

/// The fuel of one turn of a loop, besides its body: the count and the branch.
pub const TURN: u64 = 1;
