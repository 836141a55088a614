// SPDX-License-Identifier: Apache-2.0
//! Functions of registers, for all lanes at once. The loops are written so that they vectorise.

use crate::{
    float,
    program::{Binary, Unary},
};
use core::ops::{Add, Div, Mul, Sub};

/// `result = function(a)` in every lane.
#[inline(always)]
pub(crate) fn unary(function: Unary, a: &[u32], result: &mut [u32]) {
    match function {
        Unary::Not => map(a, result, |a| !a),
        Unary::LogicalNot => map(a, result, |a| u32::from(a == 0)),
        Unary::Negate => map(a, result, u32::wrapping_neg),
        Unary::Abs => map(a, result, |a| {
            a.cast_signed().wrapping_abs().cast_unsigned()
        }),
        Unary::CountOnes => map(a, result, u32::count_ones),
        Unary::LeadingZeros => map(a, result, u32::leading_zeros),
        Unary::TrailingZeros => map(a, result, u32::trailing_zeros),
        Unary::ReverseBits => map(a, result, u32::reverse_bits),
        Unary::Canonical => map(a, result, float::canonical),
        Unary::FloatNegate => map(a, result, float::negate),
        Unary::FloatAbs => map(a, result, |a| a & float::MAGNITUDE),
        Unary::FloatSqrt => map(a, result, float::sqrt),
        Unary::FloatFromSigned => map(a, result, float::from_signed),
        Unary::FloatFromUnsigned => map(a, result, float::from_unsigned),
        Unary::SignedFromFloat => map(a, result, float::to_signed),
        Unary::UnsignedFromFloat => map(a, result, float::to_unsigned),
    }
}

/// `result = function(a, b)` in every lane.
#[inline(always)]
pub(crate) fn binary(function: Binary, a: &[u32], b: &[u32], result: &mut [u32]) {
    match function {
        Binary::Add => zip(a, b, result, u32::wrapping_add),
        Binary::Subtract => zip(a, b, result, u32::wrapping_sub),
        Binary::Multiply => zip(a, b, result, u32::wrapping_mul),
        Binary::DivideUnsigned => zip(a, b, result, |a, b| a.checked_div(b).unwrap_or(a)),
        Binary::DivideSigned => zip(a, b, result, |a, b| {
            let (a, b) = (a.cast_signed(), b.cast_signed());
            if b == 0 { a } else { a.wrapping_div(b) }.cast_unsigned()
        }),
        Binary::RemainderUnsigned => zip(a, b, result, |a, b| a.checked_rem(b).unwrap_or(0)),
        Binary::RemainderSigned => zip(a, b, result, |a, b| {
            let (a, b) = (a.cast_signed(), b.cast_signed());
            if b == 0 { 0 } else { a.wrapping_rem(b) }.cast_unsigned()
        }),
        Binary::And => zip(a, b, result, |a, b| a & b),
        Binary::Or => zip(a, b, result, |a, b| a | b),
        Binary::Xor => zip(a, b, result, |a, b| a ^ b),
        Binary::ShiftLeft => zip(a, b, result, u32::wrapping_shl),
        Binary::ShiftRightUnsigned => zip(a, b, result, u32::wrapping_shr),
        Binary::ShiftRightSigned => zip(a, b, result, |a, b| {
            a.cast_signed().wrapping_shr(b).cast_unsigned()
        }),
        Binary::Equal => zip(a, b, result, |a, b| u32::from(a == b)),
        Binary::NotEqual => zip(a, b, result, |a, b| u32::from(a != b)),
        Binary::LessUnsigned => zip(a, b, result, |a, b| u32::from(a < b)),
        Binary::LessSigned => zip(a, b, result, |a, b| {
            u32::from(a.cast_signed() < b.cast_signed())
        }),
        Binary::LessEqualUnsigned => zip(a, b, result, |a, b| u32::from(a <= b)),
        Binary::LessEqualSigned => zip(a, b, result, |a, b| {
            u32::from(a.cast_signed() <= b.cast_signed())
        }),
        Binary::MinUnsigned => zip(a, b, result, u32::min),
        Binary::MinSigned => zip(a, b, result, |a, b| {
            a.cast_signed().min(b.cast_signed()).cast_unsigned()
        }),
        Binary::MaxUnsigned => zip(a, b, result, |a, b| if a > b { a } else { b }),
        Binary::MaxSigned => zip(a, b, result, |a, b| {
            if a.cast_signed() > b.cast_signed() {
                a
            } else {
                b
            }
        }),
        Binary::DotSigned => zip(a, b, result, |a, b| {
            dot(a, b, |byte| {
                u32::from(byte)
                    .wrapping_shl(24)
                    .cast_signed()
                    .wrapping_shr(24)
                    .cast_unsigned()
            })
        }),
        Binary::DotUnsigned => zip(a, b, result, |a, b| dot(a, b, u32::from)),
        Binary::FloatAdd => zip(a, b, result, |a, b| float::combine(a, b, f64::add)),
        Binary::FloatSubtract => zip(a, b, result, |a, b| float::combine(a, b, f64::sub)),
        Binary::FloatMultiply => zip(a, b, result, |a, b| float::combine(a, b, f64::mul)),
        Binary::FloatDivide => zip(a, b, result, |a, b| float::combine(a, b, f64::div)),
        Binary::FloatEqual => zip(a, b, result, |a, b| float::compare(a, b, f32::eq)),
        Binary::FloatLess => zip(a, b, result, |a, b| float::compare(a, b, f32::lt)),
        Binary::FloatLessEqual => zip(a, b, result, |a, b| float::compare(a, b, f32::le)),
    }
}

/// `result = condition ? a : b` in every lane.
#[inline(always)]
pub(super) fn select(condition: &[u32], a: &[u32], b: &[u32], result: &mut [u32]) {
    for (((result, condition), a), b) in result.iter_mut().zip(condition).zip(a).zip(b) {
        *result = if *condition != 0 { *a } else { *b };
    }
}

#[inline(always)]
fn map(a: &[u32], result: &mut [u32], function: impl Fn(u32) -> u32) {
    for (result, a) in result.iter_mut().zip(a) {
        *result = function(*a);
    }
}

#[inline(always)]
fn zip(a: &[u32], b: &[u32], result: &mut [u32], function: impl Fn(u32, u32) -> u32) {
    for ((result, a), b) in result.iter_mut().zip(a).zip(b) {
        *result = function(*a, *b);
    }
}

/// The sum of the products of the bytes, each widened.
#[inline(always)]
fn dot(a: u32, b: u32, widen: impl Fn(u8) -> u32) -> u32 {
    a.to_le_bytes()
        .into_iter()
        .zip(b.to_le_bytes())
        .fold(0, |sum: u32, (a, b)| {
            sum.wrapping_add(widen(a).wrapping_mul(widen(b)))
        })
}
