// SPDX-License-Identifier: Apache-2.0
//! Simplifies instructions: constants are computed by the virtual machine's own arithmetic, so that
//! compiling cannot change a result.

use super::{
    builder::Builder,
    ir::{Instruction, Slot, Value},
    range,
};
use crate::{
    float,
    machine::arithmetic,
    program::{Binary, Unary},
};

/// The bits of the float 1.
const ONE: u32 = 1.0f32.to_bits();

/// The bits of a float that are 0 in powers of two.
const FRACTION: u32 = 0x007f_ffff;

/// What an instruction comes to.
pub(super) enum Simple {
    Value(Value),
    Instruction(Instruction),
}

/// The word that a function of constants yields.
pub(super) fn unary(function: Unary, a: u32) -> u32 {
    let mut result = [0];
    arithmetic::unary(function, &[a], &mut result);
    result[0]
}

/// The word that a function of constants yields.
pub(super) fn binary(function: Binary, a: u32, b: u32) -> u32 {
    let mut result = [0];
    arithmetic::binary(function, &[a], &[b], &mut result);
    result[0]
}

/// Whether an instruction yields nothing but 0 and 1.
pub(super) fn is_boolean(
    instruction: Instruction,
    value: impl Fn(Value) -> bool,
    slot: impl Fn(Slot) -> bool,
) -> bool {
    match instruction {
        Instruction::Constant(word) => word <= 1,
        Instruction::Get(from) => slot(from),
        Instruction::Unary(Unary::LogicalNot, _) => true,
        Instruction::Binary(function, a, b) => match function {
            Binary::Equal
            | Binary::NotEqual
            | Binary::LessUnsigned
            | Binary::LessSigned
            | Binary::LessEqualUnsigned
            | Binary::LessEqualSigned
            | Binary::FloatEqual
            | Binary::FloatLess
            | Binary::FloatLessEqual => true,
            Binary::And => value(a) || value(b),
            Binary::Or | Binary::Xor => value(a) && value(b),
            _ => false,
        },
        Instruction::Select(_, a, b) => value(a) && value(b),
        _ => false,
    }
}

/// The simplest form of an instruction.
pub(super) fn simplify(builder: &mut Builder, instruction: Instruction) -> Simple {
    match instruction {
        Instruction::Unary(function, a) => simplify_unary(builder, function, a),
        Instruction::Binary(function, a, b) => simplify_binary(builder, function, a, b),
        Instruction::Select(condition, a, b) => simplify_select(builder, condition, a, b),
        other => Simple::Instruction(other),
    }
}

fn simplify_unary(builder: &mut Builder, function: Unary, a: Value) -> Simple {
    if let Some(word) = builder.word(a) {
        return Simple::Value(builder.constant(unary(function, word)));
    }
    let inverse = match (function, builder.instruction(a)) {
        (Unary::Not, Instruction::Unary(Unary::Not, inner))
        | (Unary::Negate, Instruction::Unary(Unary::Negate, inner))
        | (Unary::FloatNegate, Instruction::Unary(Unary::FloatNegate, inner)) => {
            return Simple::Value(inner);
        }
        (Unary::Canonical, _) if builder.is_float(a) => return Simple::Value(a),
        (Unary::FloatAbs, Instruction::Unary(Unary::FloatAbs, _)) => return Simple::Value(a),
        (Unary::FloatAbs, Instruction::Unary(Unary::FloatNegate, inner)) => {
            return Simple::Instruction(Instruction::Unary(Unary::FloatAbs, inner));
        }
        (Unary::LogicalNot, Instruction::Unary(Unary::LogicalNot, inner))
            if builder.is_boolean(inner) =>
        {
            return Simple::Value(inner);
        }
        (Unary::LogicalNot, Instruction::Binary(comparison, x, y)) => match comparison {
            Binary::Equal => Some((Binary::NotEqual, x, y)),
            Binary::NotEqual => Some((Binary::Equal, x, y)),
            Binary::LessUnsigned => Some((Binary::LessEqualUnsigned, y, x)),
            Binary::LessEqualUnsigned => Some((Binary::LessUnsigned, y, x)),
            Binary::LessSigned => Some((Binary::LessEqualSigned, y, x)),
            Binary::LessEqualSigned => Some((Binary::LessSigned, y, x)),
            _ => None,
        },
        _ => None,
    };
    Simple::Instruction(match inverse {
        Some((comparison, x, y)) => Instruction::Binary(comparison, x, y),
        None => Instruction::Unary(function, a),
    })
}

fn simplify_binary(builder: &mut Builder, function: Binary, a: Value, b: Value) -> Simple {
    let commutes = matches!(
        function,
        Binary::Add
            | Binary::Multiply
            | Binary::And
            | Binary::Or
            | Binary::Xor
            | Binary::Equal
            | Binary::NotEqual
            | Binary::MinUnsigned
            | Binary::MinSigned
            | Binary::MaxUnsigned
            | Binary::MaxSigned
            | Binary::DotSigned
            | Binary::DotUnsigned
            | Binary::FloatAdd
            | Binary::FloatMultiply
            | Binary::FloatEqual
    );
    match (builder.word(a), builder.word(b)) {
        (Some(x), Some(y)) => Simple::Value(builder.constant(binary(function, x, y))),
        (Some(x), None) if commutes => with_constant(builder, function, b, x),
        (Some(x), None) => of_constant(builder, function, x, a, b),
        (None, Some(y)) => with_constant(builder, function, a, y),
        (None, None) if a == b => of_itself(builder, function, a),
        // One order for both ways of writing it.
        (None, None) if commutes && b < a => {
            Simple::Instruction(Instruction::Binary(function, b, a))
        }
        (None, None) => Simple::Instruction(Instruction::Binary(function, a, b)),
    }
}

/// A function of one value twice.
fn of_itself(builder: &mut Builder, function: Binary, a: Value) -> Simple {
    match function {
        Binary::Subtract
        | Binary::Xor
        | Binary::NotEqual
        | Binary::LessUnsigned
        | Binary::LessSigned => Simple::Value(builder.constant(0)),
        Binary::Equal | Binary::LessEqualUnsigned | Binary::LessEqualSigned => {
            Simple::Value(builder.constant(1))
        }
        Binary::And
        | Binary::Or
        | Binary::MinUnsigned
        | Binary::MinSigned
        | Binary::MaxUnsigned
        | Binary::MaxSigned => Simple::Value(a),
        _ => Simple::Instruction(Instruction::Binary(function, a, a)),
    }
}

/// A function, which does not commute, of a constant and a value.
fn of_constant(builder: &mut Builder, function: Binary, word: u32, a: Value, b: Value) -> Simple {
    match (function, word) {
        (Binary::Subtract, 0) => Simple::Instruction(Instruction::Unary(Unary::Negate, b)),
        (
            Binary::ShiftLeft
            | Binary::ShiftRightUnsigned
            | Binary::ShiftRightSigned
            | Binary::DivideUnsigned
            | Binary::DivideSigned
            | Binary::RemainderUnsigned
            | Binary::RemainderSigned,
            0,
        )
        | (Binary::LessUnsigned, u32::MAX) => Simple::Value(builder.constant(0)),
        (Binary::LessEqualUnsigned, 0) => Simple::Value(builder.constant(1)),
        _ => Simple::Instruction(Instruction::Binary(function, a, b)),
    }
}

/// A function of a value and a constant.
fn with_constant(builder: &mut Builder, function: Binary, a: Value, word: u32) -> Simple {
    let boolean = builder.is_boolean(a);
    match (function, word) {
        (
            Binary::Add
            | Binary::Subtract
            | Binary::Or
            | Binary::Xor
            | Binary::ShiftLeft
            | Binary::ShiftRightUnsigned
            | Binary::ShiftRightSigned
            | Binary::MaxUnsigned
            | Binary::FloatAdd
            | Binary::FloatSubtract,
            0,
        )
        | (Binary::FloatMultiply | Binary::FloatDivide, ONE)
        | (Binary::Multiply | Binary::DivideUnsigned | Binary::DivideSigned, 1)
        | (Binary::And | Binary::MinUnsigned, u32::MAX) => Simple::Value(a),
        // Division by zero yields the dividend.
        (Binary::DivideUnsigned | Binary::DivideSigned, 0) => Simple::Value(a),
        (
            Binary::Multiply
            | Binary::And
            | Binary::MinUnsigned
            | Binary::RemainderUnsigned
            | Binary::RemainderSigned
            | Binary::LessUnsigned
            | Binary::DotSigned
            | Binary::DotUnsigned,
            0,
        )
        | (Binary::RemainderUnsigned | Binary::RemainderSigned, 1) => {
            Simple::Value(builder.constant(0))
        }
        (Binary::LessEqualUnsigned, u32::MAX) => Simple::Value(builder.constant(1)),
        (Binary::Or | Binary::MaxUnsigned, u32::MAX) => Simple::Value(builder.constant(u32::MAX)),
        (Binary::And, 1) | (Binary::NotEqual, 0) | (Binary::Equal, 1) if boolean => {
            Simple::Value(a)
        }
        (Binary::Xor, 1) | (Binary::NotEqual, 1) | (Binary::Equal, 0) if boolean => {
            simplify_unary(builder, Unary::LogicalNot, a)
        }
        (Binary::Or, 1) if boolean => Simple::Value(builder.constant(1)),
        (Binary::Subtract, _) => with_constant(builder, Binary::Add, a, word.wrapping_neg()),
        (Binary::DivideUnsigned, _) if word.is_power_of_two() => {
            with_constant(builder, Binary::ShiftRightUnsigned, a, word.ilog2())
        }
        (Binary::RemainderUnsigned, _) if word.is_power_of_two() => {
            with_constant(builder, Binary::And, a, word - 1)
        }
        (Binary::FloatDivide, _) => match exact_reciprocal(word) {
            Some(reciprocal) => with_constant(builder, Binary::FloatMultiply, a, reciprocal),
            None => {
                let b = builder.constant(word);
                Simple::Instruction(Instruction::Binary(function, a, b))
            }
        },
        (Binary::ShiftLeft | Binary::ShiftRightUnsigned | Binary::ShiftRightSigned, 32..) => {
            with_constant(builder, function, a, word % 32)
        }
        (Binary::LessUnsigned, _) if is_at_least(builder, a, word) => {
            Simple::Value(builder.constant(0))
        }
        _ => match combine(builder, function, a, word) {
            Some((value, word)) if value != a => with_constant(builder, function, value, word),
            Some((value, _)) => Simple::Value(value),
            None => {
                let b = builder.constant(word);
                Simple::Instruction(Instruction::Binary(function, a, b))
            }
        },
    }
}

/// Whether a value is certain to be at least a word: a sum with a constant that is, and that cannot wrap around.
fn is_at_least(builder: &Builder, value: Value, word: u32) -> bool {
    let Instruction::Binary(Binary::Add, inner, constant) = builder.instruction(value) else {
        return false;
    };
    builder.word(constant).is_some_and(|constant| {
        let most = builder.most(inner, range::DEPTH);
        constant >= word && most.checked_add(constant).is_some()
    })
}

/// The reciprocal of a power of two, by which multiplying is dividing.
fn exact_reciprocal(word: u32) -> Option<u32> {
    let reciprocal = binary(Binary::FloatDivide, ONE, word);
    let is_power = word & FRACTION == 0 && reciprocal & FRACTION == 0;
    let is_finite = reciprocal != 0 && reciprocal & float::MAGNITUDE < float::INFINITY;
    (is_power && is_finite).then_some(reciprocal)
}

/// A function of a value and a constant, of a value that is itself one of another and a constant: the
/// other value and one constant, or the value itself where the constant changes nothing.
fn combine(builder: &Builder, function: Binary, a: Value, word: u32) -> Option<(Value, u32)> {
    let Instruction::Binary(inner, value, constant) = builder.instruction(a) else {
        return None;
    };
    let first = builder.word(constant)?;
    match (inner, function) {
        (Binary::Add, Binary::Add) => Some((value, first.wrapping_add(word))),
        (Binary::And, Binary::And) => Some((value, first & word)),
        (Binary::Or, Binary::Or) => Some((value, first | word)),
        (Binary::Xor, Binary::Xor) => Some((value, first ^ word)),
        (Binary::ShiftLeft, Binary::ShiftLeft)
        | (Binary::ShiftRightUnsigned, Binary::ShiftRightUnsigned)
            if first + word < 32 =>
        {
            Some((value, first + word))
        }
        // The bits that the mask removes are not there.
        (Binary::ShiftRightUnsigned, Binary::And) if (u32::MAX >> first) & !word == 0 => {
            Some((a, word))
        }
        _ => None,
    }
}

fn simplify_select(builder: &mut Builder, condition: Value, a: Value, b: Value) -> Simple {
    if let Some(word) = builder.word(condition) {
        return Simple::Value(if word != 0 { a } else { b });
    }
    if a == b {
        return Simple::Value(a);
    }
    if let Instruction::Unary(Unary::LogicalNot, inner) = builder.instruction(condition) {
        return simplify_select(builder, inner, b, a);
    }
    let booleans = [condition, a, b]
        .iter()
        .all(|value| builder.is_boolean(*value));
    if booleans {
        let (function, inverted, other) = match (builder.word(a), builder.word(b)) {
            (Some(1), Some(_)) => return Simple::Value(condition),
            (Some(_), Some(_)) => return simplify_unary(builder, Unary::LogicalNot, condition),
            (None, Some(0)) => (Binary::And, false, a),
            (Some(1), None) => (Binary::Or, false, b),
            (Some(_), None) => (Binary::And, true, b),
            (None, Some(_)) => (Binary::Or, true, a),
            (None, None) => return Simple::Instruction(Instruction::Select(condition, a, b)),
        };
        let condition = match inverted {
            true => builder.unary(Unary::LogicalNot, condition),
            false => condition,
        };
        return simplify_binary(builder, function, condition, other);
    }
    Simple::Instruction(Instruction::Select(condition, a, b))
}
