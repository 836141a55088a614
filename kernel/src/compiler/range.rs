// SPDX-License-Identifier: Apache-2.0
//! The most that a value can be, read as u32: what bounds the turns of a loop.

use super::{
    fold,
    ir::{Instruction, Slot, Value},
};
use crate::{
    float,
    program::{Binary, Builtin, MAX_LANES, Unary},
};

/// How far a search follows the operands of operands.
pub(super) const DEPTH: u32 = 12;

const SIGNED_MOST: u32 = i32::MAX.cast_unsigned();

/// The most that an instruction can yield, given the most that its operands can be and that slots can
/// hold, and which operands are constants. `Turn` is not known here.
pub(super) fn most(
    instruction: Instruction,
    constant: impl Fn(Value) -> Option<u32>,
    value: impl Fn(Value) -> u32,
    slot: impl Fn(Slot) -> u32,
) -> u32 {
    match instruction {
        Instruction::Constant(word) => word,
        Instruction::Get(from) => slot(from),
        Instruction::Builtin(
            Builtin::LocalX | Builtin::LocalY | Builtin::LocalZ | Builtin::LocalIndex,
        ) => MAX_LANES - 1,
        Instruction::Unary(Unary::LogicalNot, _) => 1,
        Instruction::Unary(Unary::CountOnes | Unary::LeadingZeros | Unary::TrailingZeros, _) => 32,
        // Of floats that are not negative, the bits are in the order of the numbers, and rounding keeps it.
        Instruction::Unary(function @ Unary::FloatFromUnsigned, a) => {
            fold::unary(function, value(a))
        }
        Instruction::Unary(Unary::FloatAbs, _) => float::NAN,
        Instruction::Select(_, a, b) => value(a).max(value(b)),
        Instruction::Binary(Binary::ShiftRightUnsigned, a, b) => match constant(b) {
            Some(count) => value(a) >> (count % u32::BITS),
            None => value(a),
        },
        Instruction::Binary(function, a, b) => binary(function, value(a), value(b)),
        Instruction::Builtin(_)
        | Instruction::Unary(..)
        | Instruction::Load(..)
        | Instruction::Length(_)
        | Instruction::Turn => u32::MAX,
    }
}

/// The most that a function can yield of operands that are at most these.
fn binary(function: Binary, a: u32, b: u32) -> u32 {
    let neither_negative = a.max(b) <= SIGNED_MOST;
    match function {
        Binary::Add => a.saturating_add(b),
        Binary::Multiply => a.saturating_mul(b),
        Binary::And | Binary::MinUnsigned => a.min(b),
        Binary::Or | Binary::Xor => match a.max(b).checked_ilog2() {
            Some(bit) => u32::MAX >> (31 - bit),
            None => 0,
        },
        Binary::MaxUnsigned => a.max(b),
        Binary::MinSigned if neither_negative => a.min(b),
        Binary::MaxSigned if neither_negative => a.max(b),
        Binary::MaxSigned if a.min(b) <= SIGNED_MOST => SIGNED_MOST,
        Binary::RemainderUnsigned => a.min(b.saturating_sub(1)),
        Binary::FloatAdd | Binary::FloatMultiply if a.max(b) < float::INFINITY => {
            fold::binary(function, a, b)
        }
        // Neither makes anything larger, whatever the other operand is.
        Binary::DivideUnsigned => a,
        Binary::Equal
        | Binary::NotEqual
        | Binary::LessUnsigned
        | Binary::LessSigned
        | Binary::LessEqualUnsigned
        | Binary::LessEqualSigned
        | Binary::FloatEqual
        | Binary::FloatLess
        | Binary::FloatLessEqual => 1,
        _ => u32::MAX,
    }
}
