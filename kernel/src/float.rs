// SPDX-License-Identifier: Apache-2.0
//! Canonical f32: binary32 of which every machine can be made to compute the same bits.
//!
//! A result is rounded to nearest, ties to even, as IEEE 754 says; then what has a magnitude of at most
//! 2^-126 becomes +0, so that it cannot show whether a machine keeps subnormals, when it flushes them, or
//! which sign a zero has; and every NaN becomes one. See `docs/kernel-spec.md`, "Floats".

/// All bits but the sign.
pub const MAGNITUDE: u32 = 0x7fff_ffff;

/// 2^-126, the smallest normal number; whatever is not greater becomes 0.
pub const SMALLEST: u32 = 0x0080_0000;

/// Infinity; whatever has a greater magnitude is NaN.
pub const INFINITY: u32 = 0x7f80_0000;

/// The one NaN.
pub const NAN: u32 = 0x7fc0_0000;

/// The greatest f32 that is an i32, 2^31 - 128.
const MOST_SIGNED: i32 = 2_147_483_520;

/// The greatest f32 that is a u32, 2^32 - 256.
const MOST_UNSIGNED: u32 = 4_294_967_040;

/// The canonical f32 of the bits of any f32.
#[inline(always)]
pub const fn canonical(bits: u32) -> u32 {
    let magnitude = bits & MAGNITUDE;
    let number = if magnitude > INFINITY { NAN } else { bits };
    if magnitude <= SMALLEST { 0 } else { number }
}

/// Whether the bits are those of a canonical f32.
pub const fn is_canonical(bits: u32) -> bool {
    canonical(bits) == bits
}

#[inline(always)]
pub(crate) fn negate(a: u32) -> u32 {
    canonical((-f32::from_bits(a)).to_bits())
}

/// The canonical root of a canonical f32. That of `std` is the compiler's own, which takes several at once; both are rounded
/// correctly.
#[inline(always)]
pub(crate) fn sqrt(a: u32) -> u32 {
    let a = f32::from_bits(a);
    #[cfg(feature = "std")]
    let root = a.sqrt();
    #[cfg(not(feature = "std"))]
    let root = libm::sqrtf(a);
    canonical(root.to_bits())
}

#[inline(always)]
pub(crate) fn from_signed(a: u32) -> u32 {
    (a.cast_signed() as f32).to_bits()
}

#[inline(always)]
pub(crate) fn from_unsigned(a: u32) -> u32 {
    (a as f32).to_bits()
}

#[inline(always)]
pub(crate) fn to_signed(a: u32) -> u32 {
    (f32::from_bits(a) as i32).min(MOST_SIGNED).cast_unsigned()
}

#[inline(always)]
pub(crate) fn to_unsigned(a: u32) -> u32 {
    (f32::from_bits(a) as u32).min(MOST_UNSIGNED)
}

/// The canonical f32 that an operator yields.
///
/// It is found in binary64: rounded to 53 bits and then to 24, a sum, product or quotient of canonical f32 is the same as
/// rounded once (Figueroa, "When is double rounding innocuous?", 1995). A processor may take forty times as long for a binary32
/// that underflows as for any other, and a kernel can have every result underflow.
#[inline(always)]
pub(crate) fn combine(a: u32, b: u32, operator: impl Fn(f64, f64) -> f64) -> u32 {
    let wide = |bits: u32| f64::from(f32::from_bits(bits));
    let found = operator(wide(a), wide(b));
    let kept = if found.abs() < wide(SMALLEST) {
        0.0
    } else {
        found
    };
    canonical((kept as f32).to_bits())
}

/// Whether two floats compare as the processor says.
#[inline(always)]
pub(crate) fn compare(a: u32, b: u32, comparison: impl Fn(&f32, &f32) -> bool) -> u32 {
    u32::from(comparison(&f32::from_bits(a), &f32::from_bits(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ops::{Add, Div, Mul, Sub};
    use proptest::prelude::*;

    /// Canonical floats, half of them with exponents of which the sums, differences and products lie at the edges of what is
    /// normal.
    fn floats() -> impl Strategy<Value = u32> {
        let edges = (
            any::<bool>(),
            prop::sample::select(vec![1_u32, 2, 24, 63, 64, 65, 190, 191, 254]),
            0..1_u32 << 23,
        );
        let at_an_edge = edges.prop_map(|(sign, exponent, fraction)| {
            u32::from(sign) << 31 | exponent << 23 | fraction
        });
        prop_oneof![any::<u32>(), at_an_edge].prop_map(canonical)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        #[test]
        fn operators_round_as_binary32_does(a in floats(), b in floats(), near in -3_i32..4) {
            let once = |b: u32, operator: fn(f32, f32) -> f32| {
                canonical(operator(f32::from_bits(a), f32::from_bits(b)).to_bits())
            };
            let close = a.wrapping_add_signed(near);
            for b in [b, close, close ^ 1 << 31] {
                let b = canonical(b);
                prop_assert_eq!(combine(a, b, f64::add), once(b, f32::add));
                prop_assert_eq!(combine(a, b, f64::sub), once(b, f32::sub));
                prop_assert_eq!(combine(a, b, f64::mul), once(b, f32::mul));
                prop_assert_eq!(combine(a, b, f64::div), once(b, f32::div));
            }
        }
    }

    #[test]
    fn edges_become_what_the_specification_says() {
        let cases = [
            (0x0000_0000, 0),
            (0x8000_0000, 0),
            (0x0000_0001, 0),
            (0x8000_0001, 0),
            (0x0080_0000, 0),
            (0x8080_0000, 0),
            (0x0080_0001, 0x0080_0001),
            (0x8080_0001, 0x8080_0001),
            (0x3f80_0000, 0x3f80_0000),
            (0x7f7f_ffff, 0x7f7f_ffff),
            (0x7f80_0000, 0x7f80_0000),
            (0xff80_0000, 0xff80_0000),
            (0x7f80_0001, NAN),
            (0xffff_ffff, NAN),
            (0xffc0_0000, NAN),
        ];
        for (bits, expected) in cases {
            assert_eq!(canonical(bits), expected, "{bits:#010x}");
        }
    }

    #[test]
    fn conversions_saturate_as_wgsl_says() {
        let bits = |number: f32| number.to_bits();
        assert_eq!(to_signed(bits(3e9)), 2_147_483_520);
        assert_eq!(to_signed(bits(-3e9)), 1 << 31);
        assert_eq!(to_signed(bits(-1.9)), u32::MAX);
        assert_eq!(to_unsigned(bits(5e9)), 4_294_967_040);
        assert_eq!(to_unsigned(bits(-1.0)), 0);
        assert_eq!(to_unsigned(bits(f32::INFINITY)), 4_294_967_040);
        assert_eq!(to_signed(NAN), 0);
        assert_eq!(to_unsigned(NAN), 0);
        assert_eq!(from_unsigned(u32::MAX), bits(4_294_967_296.0));
        assert_eq!(from_signed(0x8000_0000), bits(-2_147_483_648.0));
    }
}
