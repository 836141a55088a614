// SPDX-License-Identifier: Apache-2.0
//! Built-in functions of integers.

use super::{Code, Lowering};
use crate::{
    compiler::{builder::Builder, ir::Value},
    program::{Binary, Unary},
};
use naga::{MathFunction, Span};

impl Lowering<'_, '_> {
    /// A function of each scalar.
    pub(super) fn each(
        &mut self,
        words: &[Value],
        mut function: impl FnMut(&mut Builder, Value) -> Value,
    ) -> Vec<Value> {
        (words.iter())
            .map(|word| function(&mut self.builder, *word))
            .collect()
    }

    /// A function of the scalars of two values, side by side; a single scalar goes with all of the other's.
    pub(super) fn both(
        &mut self,
        a: &[Value],
        b: &[Value],
        mut function: impl FnMut(&mut Builder, Value, Value) -> Value,
    ) -> Vec<Value> {
        (0..a.len().max(b.len()))
            .filter_map(|index| {
                let x = a.get(index).or(a.first())?;
                let y = b.get(index).or(b.first())?;
                Some(function(&mut self.builder, *x, *y))
            })
            .collect()
    }

    /// A built-in function.
    pub(super) fn math(
        &mut self,
        function: MathFunction,
        signed: bool,
        arguments: &[Vec<Value>],
        span: Span,
    ) -> Vec<Value> {
        let nothing = Vec::new();
        let argument = |index: usize| arguments.get(index).unwrap_or(&nothing);
        let (a, b, c) = (argument(0), argument(1), argument(2));
        let (min, max) = match signed {
            true => (Binary::MinSigned, Binary::MaxSigned),
            false => (Binary::MinUnsigned, Binary::MaxUnsigned),
        };
        match function {
            MathFunction::Abs if signed => self.each(a, |f, x| f.unary(Unary::Abs, x)),
            MathFunction::Abs => a.clone(),
            MathFunction::Min => self.both(a, b, |f, x, y| f.binary(min, x, y)),
            MathFunction::Max => self.both(a, b, |f, x, y| f.binary(max, x, y)),
            MathFunction::Clamp => {
                let low = self.both(a, b, |f, x, y| f.binary(max, x, y));
                self.both(&low, c, |f, x, y| f.binary(min, x, y))
            }
            MathFunction::Sign => self.each(a, |f, x| {
                let low = f.with(Binary::MaxSigned, x, u32::MAX);
                f.with(Binary::MinSigned, low, 1)
            }),
            MathFunction::Dot => {
                let products = self.both(a, b, |f, x, y| f.binary(Binary::Multiply, x, y));
                let sum = (products.into_iter())
                    .reduce(|sum, product| self.builder.binary(Binary::Add, sum, product));
                sum.into_iter().collect()
            }
            MathFunction::Dot4I8Packed => {
                self.both(a, b, |f, x, y| f.binary(Binary::DotSigned, x, y))
            }
            MathFunction::Dot4U8Packed => {
                self.both(a, b, |f, x, y| f.binary(Binary::DotUnsigned, x, y))
            }
            MathFunction::CountOneBits => self.each(a, |f, x| f.unary(Unary::CountOnes, x)),
            MathFunction::CountLeadingZeros => self.each(a, |f, x| f.unary(Unary::LeadingZeros, x)),
            MathFunction::CountTrailingZeros => {
                self.each(a, |f, x| f.unary(Unary::TrailingZeros, x))
            }
            MathFunction::ReverseBits => self.each(a, |f, x| f.unary(Unary::ReverseBits, x)),
            MathFunction::FirstLeadingBit => self.each(a, |f, x| first_leading_bit(f, x, signed)),
            MathFunction::FirstTrailingBit => self.each(a, first_trailing_bit),
            MathFunction::ExtractBits => {
                let (Some(offset), Some(count)) = (b.first(), c.first()) else {
                    return Vec::new();
                };
                self.each(a, |f, x| extract_bits(f, x, *offset, *count, signed))
            }
            MathFunction::InsertBits => {
                let (Some(offset), Some(count)) = (c.first(), argument(3).first()) else {
                    return Vec::new();
                };
                self.both(a, b, |f, x, y| insert_bits(f, x, y, *offset, *count))
            }
            MathFunction::Pack4xI8 | MathFunction::Pack4xU8 => vec![pack(&mut self.builder, a)],
            MathFunction::Pack4xI8Clamp => {
                let low = self.each(a, |f, x| f.with(Binary::MaxSigned, x, u32::MAX - 127));
                let clamped = self.each(&low, |f, x| f.with(Binary::MinSigned, x, 127));
                vec![pack(&mut self.builder, &clamped)]
            }
            MathFunction::Pack4xU8Clamp => {
                let clamped = self.each(a, |f, x| f.with(Binary::MinUnsigned, x, 255));
                vec![pack(&mut self.builder, &clamped)]
            }
            MathFunction::Unpack4xI8 => unpack(&mut self.builder, a, Binary::ShiftRightSigned),
            MathFunction::Unpack4xU8 => unpack(&mut self.builder, a, Binary::ShiftRightUnsigned),
            _ => {
                self.reports.refuse(
                    Code::Unsupported,
                    span,
                    format!("kernels have no function {function:?} of integers"),
                    "kernels have abs, clamp, min, max, sign, dot, the functions on bits,\n\
                     and the packing of bytes",
                );
                a.clone()
            }
        }
    }
}

/// The number of the highest bit that differs from the sign; -1 where there is none.
fn first_leading_bit(f: &mut Builder, x: Value, signed: bool) -> Value {
    let magnitude = match signed {
        true => {
            let sign = f.with(Binary::ShiftRightSigned, x, 31);
            f.binary(Binary::Xor, x, sign)
        }
        false => x,
    };
    let above = f.unary(Unary::LeadingZeros, magnitude);
    let top = f.constant(31);
    f.binary(Binary::Subtract, top, above)
}

/// The number of the lowest bit set; -1 where there is none.
fn first_trailing_bit(f: &mut Builder, x: Value) -> Value {
    let below = f.unary(Unary::TrailingZeros, x);
    let none = f.constant(u32::MAX);
    f.select(x, below, none)
}

/// The position and the number of bits, cut to what a word has, as WGSL does.
fn bit_field(f: &mut Builder, offset: Value, count: Value) -> (Value, Value) {
    let offset = f.with(Binary::MinUnsigned, offset, 32);
    let width = f.constant(32);
    let room = f.binary(Binary::Subtract, width, offset);
    let count = f.binary(Binary::MinUnsigned, count, room);
    (offset, count)
}

fn extract_bits(f: &mut Builder, x: Value, offset: Value, count: Value, signed: bool) -> Value {
    let (offset, count) = bit_field(f, offset, count);
    let (zero, width) = (f.constant(0), f.constant(32));
    let unwanted = f.binary(Binary::Subtract, width, count);
    let shift = match signed {
        true => Binary::ShiftRightSigned,
        false => Binary::ShiftRightUnsigned,
    };
    let bits = if signed || f.word(count).is_none() {
        let above = f.binary(Binary::Subtract, unwanted, offset);
        let left = f.binary(Binary::ShiftLeft, x, above);
        f.binary(shift, left, unwanted)
    } else {
        // What is known when compiling needs a shift and a mask at most.
        let right = f.binary(shift, x, offset);
        let ones = f.constant(u32::MAX);
        let mask = f.binary(shift, ones, unwanted);
        f.binary(Binary::And, right, mask)
    };
    f.select(count, bits, zero)
}

fn insert_bits(f: &mut Builder, x: Value, bits: Value, offset: Value, count: Value) -> Value {
    let (offset, count) = bit_field(f, offset, count);
    let (zero, ones, width) = (f.constant(0), f.constant(u32::MAX), f.constant(32));
    let unwanted = f.binary(Binary::Subtract, width, count);
    let low = f.binary(Binary::ShiftRightUnsigned, ones, unwanted);
    let low = f.select(count, low, zero);
    let mask = f.binary(Binary::ShiftLeft, low, offset);
    let kept = f.unary(Unary::Not, mask);
    let kept = f.binary(Binary::And, x, kept);
    let new = f.binary(Binary::ShiftLeft, bits, offset);
    let new = f.binary(Binary::And, new, mask);
    f.binary(Binary::Or, kept, new)
}

fn pack(f: &mut Builder, bytes: &[Value]) -> Value {
    let mut word = f.constant(0);
    for (shift, byte) in (0..32).step_by(8).zip(bytes) {
        let byte = match shift {
            // The shift itself drops what is above the last byte.
            24 => *byte,
            _ => f.with(Binary::And, *byte, 255),
        };
        let byte = f.with(Binary::ShiftLeft, byte, shift);
        word = f.binary(Binary::Or, word, byte);
    }
    word
}

fn unpack(f: &mut Builder, words: &[Value], shift: Binary) -> Vec<Value> {
    let Some(word) = words.first() else {
        return Vec::new();
    };
    (0..32)
        .step_by(8)
        .map(|position| match shift {
            Binary::ShiftRightSigned => {
                let left = f.with(Binary::ShiftLeft, *word, 24 - position);
                f.with(shift, left, 24)
            }
            _ => {
                let right = f.with(shift, *word, position);
                f.with(Binary::And, right, 255)
            }
        })
        .collect()
}
