// SPDX-License-Identifier: Apache-2.0
//! What operations cost, in fuel.
//!
//! One unit is about one simple arithmetic operation of one invocation. Fuel is what a kernel's loops are
//! metered with, what the chain weighs a re-execution by, and what jobs are priced in.

use crate::program::{Binary, Op, Unary};

/// The fuel of one operation for one invocation, without what is inside a structure that it opens.
pub const fn of(op: &Op) -> u64 {
    match op {
        Op::Constant(_) | Op::Else | Op::Continuing | Op::End => 0,
        Op::Unary(
            Unary::CountOnes
            | Unary::LeadingZeros
            | Unary::TrailingZeros
            | Unary::ReverseBits
            | Unary::Canonical
            | Unary::FloatFromSigned
            | Unary::FloatFromUnsigned
            | Unary::SignedFromFloat
            | Unary::UnsignedFromFloat,
            _,
        )
        | Op::Binary(
            Binary::FloatAdd
            | Binary::FloatSubtract
            | Binary::FloatMultiply
            | Binary::FloatEqual
            | Binary::FloatLess
            | Binary::FloatLessEqual,
            ..,
        ) => 2,
        Op::Unary(Unary::FloatSqrt, _) | Op::Binary(Binary::FloatDivide, ..) => 8,
        Op::Binary(
            Binary::DivideUnsigned
            | Binary::DivideSigned
            | Binary::RemainderUnsigned
            | Binary::RemainderSigned
            | Binary::DotSigned
            | Binary::DotUnsigned,
            ..,
        ) => 4,
        Op::Load(..) | Op::Store(..) => 3,
        Op::Atomic(..) => 4,
        _ => 1,
    }
}

/// The lanes that a workgroup is charged for and the machine computes: its invocations in whole groups of 64.
/// Fuel below is for one lane.
pub const fn lanes(invocations: u32) -> u32 {
    invocations.next_multiple_of(LANE_GROUP)
}

/// The lanes that are computed together whether they are used or not.
const LANE_GROUP: u32 = 64;

/// The fuel of one turn of a loop, besides its body: the count and the branch.
pub const TURN: u64 = 1;
