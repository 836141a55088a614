// SPDX-License-Identifier: Apache-2.0
//! Operators and built-in functions of floats.
//!
//! What WGSL leaves open (the order of a sum, whether a product and a sum are fused, which zero) has one
//! meaning here: operations are the bytecode's own, one after the other, from left to right.

use super::Lowering;
use crate::{
    compiler::{builder::Builder, ir::Value, library},
    float,
    program::{Binary, Unary},
};
use naga::{BinaryOperator, MathFunction, ScalarKind, TypeInner};

impl Lowering<'_, '_> {
    /// A constant.
    pub(super) fn float(&mut self, number: f32) -> Value {
        constant(&mut self.builder, number)
    }

    /// An operator, scalar by scalar.
    pub(super) fn float_operator(
        &mut self,
        operator: BinaryOperator,
        a: &[Value],
        b: &[Value],
    ) -> Vec<Value> {
        let (function, swapped) = match operator {
            BinaryOperator::Modulo => return self.library_of_both("rem", a, b),
            BinaryOperator::NotEqual => {
                return self.both(a, b, |f, x, y| {
                    let equal = f.binary(Binary::FloatEqual, x, y);
                    f.unary(Unary::LogicalNot, equal)
                });
            }
            BinaryOperator::Add => (Binary::FloatAdd, false),
            BinaryOperator::Subtract => (Binary::FloatSubtract, false),
            BinaryOperator::Divide => (Binary::FloatDivide, false),
            BinaryOperator::Equal => (Binary::FloatEqual, false),
            BinaryOperator::Less => (Binary::FloatLess, false),
            BinaryOperator::LessEqual => (Binary::FloatLessEqual, false),
            BinaryOperator::Greater => (Binary::FloatLess, true),
            BinaryOperator::GreaterEqual => (Binary::FloatLessEqual, true),
            // The front end lets no others take floats.
            _ => (Binary::FloatMultiply, false),
        };
        match swapped {
            false => self.both(a, b, |f, x, y| f.binary(function, x, y)),
            true => self.both(b, a, |f, x, y| f.binary(function, x, y)),
        }
    }

    /// A built-in function of floats, or to them. `None` where the function is none of these.
    pub(super) fn float_math(
        &mut self,
        function: MathFunction,
        kind: Option<ScalarKind>,
        inner: &TypeInner,
        arguments: &[Vec<Value>],
    ) -> Option<Vec<Value>> {
        let nothing = Vec::new();
        let argument = |index: usize| arguments.get(index).unwrap_or(&nothing);
        let (a, b, c) = (argument(0), argument(1), argument(2));
        if let Some(words) = self.packing(function, a) {
            return Some(words);
        }
        if kind != Some(ScalarKind::Float) {
            return None;
        }
        if let Some(words) = self.geometry(function, inner, arguments) {
            return Some(words);
        }
        Some(match function {
            MathFunction::Abs => self.each(a, |f, x| f.unary(Unary::FloatAbs, x)),
            MathFunction::Min => self.both(a, b, min),
            MathFunction::Max => self.both(a, b, max),
            MathFunction::Clamp => {
                let low = self.both(a, b, max);
                self.both(&low, c, min)
            }
            MathFunction::Saturate => self.each(a, |f, x| clamp(f, x, 0.0, 1.0)),
            MathFunction::Sign => self.each(a, sign),
            MathFunction::Radians => self.scale(a, (core::f64::consts::PI / 180.0) as f32),
            MathFunction::Degrees => self.scale(a, (180.0 / core::f64::consts::PI) as f32),
            MathFunction::Fma => {
                let products = self.both(a, b, multiply);
                self.both(&products, c, add)
            }
            MathFunction::Mix => {
                let one = self.float(1.0);
                let rest = self.each(c, |f, t| f.binary(Binary::FloatSubtract, one, t));
                let first = self.both(a, &rest, multiply);
                let second = self.both(b, c, multiply);
                self.both(&first, &second, add)
            }
            MathFunction::Step => {
                let (zero, one) = (self.float(0.0), self.float(1.0));
                self.both(a, b, |f, edge, x| {
                    let reached = f.binary(Binary::FloatLessEqual, edge, x);
                    f.select(reached, one, zero)
                })
            }
            MathFunction::Sqrt => self.each(a, |f, x| f.unary(Unary::FloatSqrt, x)),
            MathFunction::Modf => {
                let mut words = self.library_of_each("modf_fract", a);
                words.extend(self.library_of_each("modf_whole", a));
                words
            }
            MathFunction::Frexp => {
                let mut words = self.library_of_each("frexp_fract", a);
                words.extend(self.library_of_each("frexp_exp", a));
                words
            }
            MathFunction::Ldexp | MathFunction::Pow | MathFunction::Atan2 => {
                self.library_of_both(library::name(function)?, a, b)
            }
            MathFunction::SmoothStep => {
                let name = library::name(function)?;
                (a.iter().zip(b).zip(c))
                    .map(|((low, high), x)| self.library(name, &[*low, *high, *x]))
                    .collect()
            }
            _ => self.library_of_each(library::name(function)?, a),
        })
    }

    fn scale(&mut self, words: &[Value], factor: f32) -> Vec<Value> {
        let factor = self.float(factor);
        self.each(words, |f, x| f.binary(Binary::FloatMultiply, x, factor))
    }

    fn library_of_each(&mut self, name: &str, words: &[Value]) -> Vec<Value> {
        words
            .iter()
            .map(|word| self.library(name, &[*word]))
            .collect()
    }

    /// A function of the scalars of two values, side by side; a single scalar goes with all of the other's.
    fn library_of_both(&mut self, name: &str, a: &[Value], b: &[Value]) -> Vec<Value> {
        (0..a.len().max(b.len()))
            .filter_map(|index| {
                let x = a.get(index).or(a.first())?;
                let y = b.get(index).or(b.first())?;
                Some(self.library(name, &[*x, *y]))
            })
            .collect()
    }

    /// Functions that put floats into the bits of a word, and take them out.
    fn packing(&mut self, function: MathFunction, a: &[Value]) -> Option<Vec<Value>> {
        let word = a.first().copied();
        Some(match function {
            MathFunction::Pack4x8snorm => vec![self.pack_norm(a, 8, -1.0)],
            MathFunction::Pack4x8unorm => vec![self.pack_norm(a, 8, 0.0)],
            MathFunction::Pack2x16snorm => vec![self.pack_norm(a, 16, -1.0)],
            MathFunction::Pack2x16unorm => vec![self.pack_norm(a, 16, 0.0)],
            MathFunction::Unpack4x8snorm => self.unpack_norm(word?, 8, Binary::ShiftRightSigned),
            MathFunction::Unpack4x8unorm => self.unpack_norm(word?, 8, Binary::ShiftRightUnsigned),
            MathFunction::Unpack2x16snorm => self.unpack_norm(word?, 16, Binary::ShiftRightSigned),
            MathFunction::Unpack2x16unorm => {
                self.unpack_norm(word?, 16, Binary::ShiftRightUnsigned)
            }
            MathFunction::Pack2x16float => {
                let halves = self.library_of_each("pack_half", a);
                let [low, high] = *halves.as_slice() else {
                    return None;
                };
                let high = self.builder.with(Binary::ShiftLeft, high, 16);
                vec![self.builder.binary(Binary::Or, low, high)]
            }
            MathFunction::Unpack2x16float => {
                let low = self.builder.with(Binary::And, word?, 0xffff);
                let high = self.builder.with(Binary::ShiftRightUnsigned, word?, 16);
                self.library_of_each("unpack_half", &[low, high])
            }
            _ => return None,
        })
    }

    /// Fractions from `least` to 1 as integers of some bits: the nearest, halves up.
    fn pack_norm(&mut self, fractions: &[Value], bits: u32, least: f32) -> Value {
        let (greatest, half) = (self.float(norm(bits, least < 0.0)), self.float(0.5));
        let mut word = self.builder.constant(0);
        for (position, fraction) in (0..).zip(fractions) {
            let f = &mut self.builder;
            let fraction = clamp(f, *fraction, least, 1.0);
            let scaled = f.binary(Binary::FloatMultiply, fraction, greatest);
            let raised = f.binary(Binary::FloatAdd, scaled, half);
            let whole = self.library("floor", &[raised]);
            let f = &mut self.builder;
            let integer = f.unary(Unary::SignedFromFloat, whole);
            let masked = f.with(Binary::And, integer, (1 << bits) - 1);
            let placed = f.with(Binary::ShiftLeft, masked, position * bits);
            word = f.binary(Binary::Or, word, placed);
        }
        word
    }

    /// The fractions that integers of some bits stand for.
    fn unpack_norm(&mut self, word: Value, bits: u32, shift: Binary) -> Vec<Value> {
        let signed = shift == Binary::ShiftRightSigned;
        let (greatest, least) = (self.float(norm(bits, signed)), self.float(-1.0));
        (0..32)
            .step_by(bits as usize)
            .map(|position| {
                let f = &mut self.builder;
                let left = f.with(Binary::ShiftLeft, word, 32 - bits - position);
                let integer = f.with(shift, left, 32 - bits);
                let number = match signed {
                    true => f.unary(Unary::FloatFromSigned, integer),
                    false => f.unary(Unary::FloatFromUnsigned, integer),
                };
                let fraction = f.binary(Binary::FloatDivide, number, greatest);
                match signed {
                    true => max(f, fraction, least),
                    false => fraction,
                }
            })
            .collect()
    }
}

/// The integer of some bits that stands for 1.
fn norm(bits: u32, signed: bool) -> f32 {
    let bits = if signed { bits - 1 } else { bits };
    ((1u32 << bits) - 1) as f32
}

pub(super) fn constant(f: &mut Builder, number: f32) -> Value {
    f.constant(float::canonical(number.to_bits()))
}

pub(super) fn add(f: &mut Builder, x: Value, y: Value) -> Value {
    f.binary(Binary::FloatAdd, x, y)
}

pub(super) fn multiply(f: &mut Builder, x: Value, y: Value) -> Value {
    f.binary(Binary::FloatMultiply, x, y)
}

/// The lesser; the first where they do not compare.
fn min(f: &mut Builder, x: Value, y: Value) -> Value {
    let less = f.binary(Binary::FloatLess, y, x);
    f.select(less, y, x)
}

/// The greater; the first where they do not compare.
fn max(f: &mut Builder, x: Value, y: Value) -> Value {
    let less = f.binary(Binary::FloatLess, x, y);
    f.select(less, y, x)
}

fn clamp(f: &mut Builder, x: Value, low: f32, high: f32) -> Value {
    let (low, high) = (constant(f, low), constant(f, high));
    let raised = max(f, x, low);
    min(f, raised, high)
}

/// -1, 0 or 1; 0 of NaN.
fn sign(f: &mut Builder, x: Value) -> Value {
    let (zero, one, minus_one) = (constant(f, 0.0), constant(f, 1.0), constant(f, -1.0));
    let positive = f.binary(Binary::FloatLess, zero, x);
    let negative = f.binary(Binary::FloatLess, x, zero);
    let rest = f.select(negative, minus_one, zero);
    f.select(positive, one, rest)
}
