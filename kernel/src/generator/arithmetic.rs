// SPDX-License-Identifier: Apache-2.0
//! Expressions of the functions of words.

use super::values::{Value, binary_range, either_range, unary_range};
use crate::{
    float,
    program::{Binary, Unary},
};

/// -1 as a word.
const MINUS_ONE: u32 = u32::MAX;

/// An expression for a function of one word, and what is known of its result.
pub(super) fn unary(function: Unary, a: &Value, result: u32) -> (String, Value) {
    let word = a.as_word();
    let text = match function {
        Unary::LogicalNot if a.is_boolean() => format!("!{}", a.name()),
        Unary::LogicalNot => format!("{word} == 0u"),
        Unary::Not => format!("~{word}"),
        Unary::Negate => format!("0u - {word}"),
        Unary::Abs => format!("select({word}, 0u - {word}, {} < 0i)", a.as_signed()),
        Unary::CountOnes => format!("countOneBits({word})"),
        Unary::LeadingZeros => format!("countLeadingZeros({word})"),
        Unary::TrailingZeros => format!("countTrailingZeros({word})"),
        Unary::ReverseBits => format!("reverseBits({word})"),
        Unary::Canonical => format!("settle_bits({word}, opaque)"),
        Unary::FloatNegate => format!("negate({}, opaque)", a.as_float()),
        Unary::FloatAbs => format!("magnitude({}, opaque)", a.as_float()),
        Unary::FloatSqrt => format!("square_root({}, opaque)", a.as_float()),
        Unary::FloatFromSigned | Unary::FloatFromUnsigned if a.is_narrow() => {
            format!("hide(f32({}), opaque)", a.as_signed())
        }
        Unary::FloatFromSigned => format!("from_signed({word}, opaque)"),
        Unary::FloatFromUnsigned => format!("from_unsigned({word}, opaque)"),
        Unary::SignedFromFloat => format!("to_signed({})", a.as_float()),
        Unary::UnsignedFromFloat => format!("to_unsigned({})", a.as_float()),
    };
    let value = match function {
        Unary::LogicalNot => Value::boolean(result),
        _ if function.yields_float() => Value::float(result),
        _ => {
            let (least, greatest) = unary_range(function, a);
            Value::within(result, least, greatest)
        }
    };
    (text, value)
}

/// An expression for a function of two words, and what is known of its result.
pub(super) fn binary(function: Binary, a: &Value, b: &Value, result: u32) -> (String, Value) {
    if let Some(text) = comparison(function, a, b).or_else(|| logic(function, a, b)) {
        return (text, Value::boolean(result));
    }
    if function.yields_float() {
        return (float_operation(function, a, b), Value::float(result));
    }
    let (x, y) = (a.as_word(), b.as_word());
    let (i, j) = (a.as_signed(), b.as_signed());
    let text = match function {
        Binary::Add => format!("{x} + {y}"),
        Binary::Subtract => format!("{x} - {y}"),
        Binary::Multiply => format!("{x} * {y}"),
        Binary::DivideUnsigned => format!("{x} / {}", unsigned_divisor(b)),
        Binary::RemainderUnsigned => format!("{x} % {}", unsigned_divisor(b)),
        Binary::DivideSigned => format!("bitcast<u32>({i} / {})", signed_divisor(a, b)),
        // Not with `%`, which SPIR-V leaves undefined for negative operands.
        Binary::RemainderSigned => {
            let divisor = signed_divisor(a, b);
            format!("bitcast<u32>({i} - ({i} / {divisor}) * {divisor})")
        }
        Binary::And => format!("{x} & {y}"),
        Binary::Or => format!("{x} | {y}"),
        Binary::Xor => format!("{x} ^ {y}"),
        Binary::ShiftLeft => format!("{x} << {}", shift_count(b)),
        Binary::ShiftRightUnsigned => format!("{x} >> {}", shift_count(b)),
        Binary::ShiftRightSigned => format!("bitcast<u32>({i} >> {})", shift_count(b)),
        Binary::MinUnsigned => format!("min({x}, {y})"),
        Binary::MaxUnsigned => format!("max({x}, {y})"),
        Binary::MinSigned => format!("bitcast<u32>(min({i}, {j}))"),
        Binary::MaxSigned => format!("bitcast<u32>(max({i}, {j}))"),
        Binary::DotUnsigned => format!("dot4U8Packed({x}, {y})"),
        Binary::DotSigned => format!("bitcast<u32>(dot4I8Packed({x}, {y}))"),
        Binary::Equal
        | Binary::NotEqual
        | Binary::LessUnsigned
        | Binary::LessSigned
        | Binary::LessEqualUnsigned
        | Binary::LessEqualSigned
        | Binary::FloatEqual
        | Binary::FloatLess
        | Binary::FloatLessEqual
        | Binary::FloatAdd
        | Binary::FloatSubtract
        | Binary::FloatMultiply
        | Binary::FloatDivide => String::new(),
    };
    let (least, greatest) = binary_range(function, a, b);
    let value = Value::within(result, least, greatest);
    // What is left of i32 has at most 24 bits and a sign.
    let is_short = |count: u32| (7..u32::BITS).contains(&count);
    match function {
        Binary::ShiftRightSigned if b.constant().is_some_and(is_short) => (text, value.narrow()),
        _ => (text, value),
    }
}

/// An expression that is one of two registers, and what is known of it.
pub(super) fn select(condition: &Value, a: &Value, b: &Value, result: u32) -> (String, Value) {
    let condition = condition.as_condition();
    if a.is_boolean() && b.is_boolean() {
        let text = format!("select({}, {}, {condition})", b.name(), a.name());
        return (text, Value::boolean(result));
    }
    if a.is_float() || b.is_float() {
        return float_select(&condition, a, b, result);
    }
    let (least, greatest) = either_range(a, b);
    (
        format!("select({}, {}, {condition})", b.as_word(), a.as_word()),
        Value::within(result, least, greatest),
    )
}

/// One of two registers of which one is held as a float, and the other may be any word.
fn float_select(condition: &str, a: &Value, b: &Value, result: u32) -> (String, Value) {
    let is_float =
        |value: &Value| value.is_float() || value.constant().is_some_and(float::is_canonical);
    if is_float(a) && is_float(b) {
        let text = format!("select({}, {}, {condition})", b.as_float(), a.as_float());
        return (text, Value::float(result));
    }
    let text = format!("select({}, {}, {condition})", b.as_word(), a.as_word());
    (text, Value::word(result))
}

/// A function of floats that yields one.
fn float_operation(function: Binary, a: &Value, b: &Value) -> String {
    let (x, y) = (a.as_float(), b.as_float());
    match function {
        Binary::FloatAdd => format!("settle({x} + {y}, opaque)"),
        Binary::FloatMultiply => format!("settle({x} * {y}, opaque)"),
        Binary::FloatDivide => format!("divide({x}, {y}, opaque)"),
        _ if is_at_most(a, float::INFINITY - 1) || is_at_most(b, float::INFINITY - 1) => {
            format!("settle({x} - {y}, opaque)")
        }
        // Two that a compiler knows to be equal would be 0 to it, infinite or not.
        _ => format!("settle({x} - hide({y}, opaque_too), opaque)"),
    }
}

/// Whether it is a constant of at most this magnitude.
fn is_at_most(value: &Value, most: u32) -> bool {
    value
        .constant()
        .is_some_and(|word| word & float::MAGNITUDE <= most)
}

/// A comparison of floats: where one is NaN, no machine is asked.
fn float_comparison(operator: &str, a: &Value, b: &Value) -> String {
    let numbers = [a, b]
        .iter()
        .filter(|value| !is_at_most(value, float::INFINITY))
        .map(|value| format!(" & is_number({})", value.as_float()))
        .collect::<String>();
    format!("({} {operator} {}){numbers}", a.as_float(), b.as_float())
}

/// A comparison, as a `bool`.
fn comparison(function: Binary, a: &Value, b: &Value) -> Option<String> {
    match function {
        Binary::FloatLess => return Some(float_comparison("<", a, b)),
        Binary::FloatLessEqual => return Some(float_comparison("<=", a, b)),
        Binary::FloatEqual => return Some(float_equality(a, b)),
        _ => {}
    }
    let (x, y) = (a.as_word(), b.as_word());
    let (i, j) = (a.as_signed(), b.as_signed());
    Some(match function {
        Binary::NotEqual if a.is_boolean() && b.constant() == Some(0) => a.name(),
        Binary::Equal if a.is_boolean() && b.constant() == Some(0) => format!("!{}", a.name()),
        Binary::Equal if a.is_boolean() && b.is_boolean() => {
            format!("{} == {}", a.name(), b.name())
        }
        Binary::NotEqual if a.is_boolean() && b.is_boolean() => {
            format!("{} != {}", a.name(), b.name())
        }
        Binary::Equal => format!("{x} == {y}"),
        Binary::NotEqual => format!("{x} != {y}"),
        Binary::LessUnsigned => format!("{x} < {y}"),
        Binary::LessEqualUnsigned => format!("{x} <= {y}"),
        Binary::LessSigned => format!("{i} < {j}"),
        Binary::LessEqualSigned => format!("{i} <= {j}"),
        _ => return None,
    })
}

/// Whether two floats are the same bits, and no NaN.
fn float_equality(a: &Value, b: &Value) -> String {
    let (x, y) = (a.as_float(), b.as_float());
    format!("(bitcast<u32>({x}) == bitcast<u32>({y})) & is_number({x})")
}

/// A function of two `bool`s that is one itself.
fn logic(function: Binary, a: &Value, b: &Value) -> Option<String> {
    if !(a.is_boolean() && b.is_boolean()) {
        return None;
    }
    let operator = match function {
        Binary::And => "&",
        Binary::Or => "|",
        Binary::Xor => "!=",
        _ => return None,
    };
    Some(format!("{} {operator} {}", a.name(), b.name()))
}

/// 1 in place of 0: by 1 the quotient is the dividend and the remainder is 0, as they must be by 0.
fn unsigned_divisor(b: &Value) -> String {
    if b.is_never(0) {
        b.as_word()
    } else {
        format!("max({}, 1u)", b.as_word())
    }
}

/// 1 in place of 0, and in place of -1 where the dividend is -2^31, whose quotient is itself too.
fn signed_divisor(a: &Value, b: &Value) -> String {
    let signed = b.as_signed();
    let zero = (!b.is_never(0)).then(|| format!("({} == 0u)", b.as_word()));
    let overflow = (!b.is_never(MINUS_ONE) && !a.is_never(1 << 31)).then(|| {
        format!(
            "(({} == {MINUS_ONE}u) & ({} == {}u))",
            b.as_word(),
            a.as_word(),
            1u32 << 31
        )
    });
    match (zero, overflow) {
        (None, None) => signed,
        (Some(case), None) | (None, Some(case)) => format!("select({signed}, 1i, {case})"),
        (Some(zero), Some(overflow)) => format!("select({signed}, 1i, {zero} | {overflow})"),
    }
}

/// The count modulo 32.
fn shift_count(count: &Value) -> String {
    match count.constant() {
        Some(count) => format!("{}u", count % 32),
        None if count.greatest() < 32 => count.as_word(),
        None => format!("({} & 31u)", count.as_word()),
    }
}
