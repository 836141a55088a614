// SPDX-License-Identifier: Apache-2.0
//! The arithmetic of kernels, for references that must have the same bits.

use std::ops::{Add, Div, Mul, Sub};

/// A canonical f32: results are rounded to nearest, and those of a magnitude of at most 2^-126 are +0.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub(crate) struct Float(pub(crate) f32);

impl Float {
    pub(crate) fn new(number: f32) -> Self {
        assert!(!number.is_nan(), "the references have no NaN");
        Self(if number.abs() <= f32::MIN_POSITIVE {
            0.0
        } else {
            number
        })
    }

    pub(crate) fn from_bits(word: u32) -> Self {
        Self::new(f32::from_bits(word))
    }

    pub(crate) fn bits(self) -> u32 {
        self.0.to_bits()
    }

    pub(crate) fn sqrt(self) -> Self {
        Self::new(self.0.sqrt())
    }
}

impl Add for Float {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.0 + other.0)
    }
}

impl Sub for Float {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.0 - other.0)
    }
}

impl Mul for Float {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::new(self.0 * other.0)
    }
}

impl Div for Float {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        Self::new(self.0 / other.0)
    }
}

/// Floats of a range without a pattern, as words.
pub(crate) fn floats(count: usize, least: f32, most: f32) -> Vec<u32> {
    let unit = |word: u32| (f64::from(word) / f64::from(u32::MAX)) as f32;
    crate::numbers(count)
        .into_iter()
        .map(|word| (least + (most - least) * unit(word)).to_bits())
        .collect()
}
