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
            Unary::CountOnes | Unary::LeadingZeros | Unary::TrailingZeros | Unary::ReverseBits,
            _,
        ) => 2,
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

/// The fuel of one turn of a loop, besides its body: the count and the branch.
pub const TURN: u64 = 1;
