// SPDX-License-Identifier: Apache-2.0
//! Random numbers, and words that are hard to compute with.

use assay_worker::engine::probe::{HARD, HARD_FLOATS};

/// A sequence of words that a seed determines (xorshift64*, Vigna 2016).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn word(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.word() % bound
    }

    pub(crate) fn one_in(&mut self, chances: u32) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }

    /// A word, often a hard one.
    pub(crate) fn operand(&mut self) -> u32 {
        match self.below(4) {
            0 => self.word(),
            1 => self.below(64),
            _ => self.of(&HARD),
        }
    }

    /// The bits of an f32, often a hard one.
    pub(crate) fn float(&mut self) -> u32 {
        match self.below(8) {
            0 => self.word(),
            1 => (self.below(64) as f32 * 0.5 - 16.0).to_bits(),
            // Next to a power of two.
            2 => (self.word() & 0xff80_0000)
                .wrapping_add(self.below(5))
                .wrapping_sub(2),
            // Of few digits, whose products and sums lie halfway between two floats.
            3 => self.word() & 0xffff_e000,
            // Next to a square.
            4 => {
                let root = f32::from_bits(0x3f80_0000 | (self.word() >> 8));
                (root * root)
                    .to_bits()
                    .wrapping_add(self.below(3))
                    .wrapping_sub(1)
            }
            _ => self.of(&HARD_FLOATS),
        }
    }

    /// Two words that are hard together.
    pub(crate) fn pair(&mut self) -> [u32; 2] {
        let a = self.float();
        let (sign, fraction) = (self.word() & 0x8000_0000, self.word() & 0x007f_ffff);
        let exponent = a >> 23 & 0xff;
        let of_exponent = |exponent: u32| sign | (exponent & 0xff) << 23 | fraction;
        let b = match self.below(9) {
            // Of which little is left when they are subtracted.
            0 => (a ^ sign).wrapping_add(self.below(9)).wrapping_sub(4),
            // So much smaller that its last digits decide how the sum is rounded.
            1 | 2 => {
                let smaller = of_exponent(exponent.wrapping_sub(22 + self.below(5)));
                let digits = self.below(24);
                smaller >> digits << digits
            }
            // With a product of about 2^-126, or a quotient.
            3 => of_exponent(128u32.wrapping_sub(exponent + self.below(3))),
            4 => of_exponent((exponent + 127).wrapping_sub(self.below(3))),
            // With a product that is too great, or just not.
            5 => of_exponent(382u32.wrapping_sub(exponent + self.below(3))),
            // With a quotient that is nearly a whole number.
            6 => (f32::from_bits(a) / (1 + self.below(1_000)) as f32)
                .to_bits()
                .wrapping_add(self.below(3))
                .wrapping_sub(1),
            7 => return [self.operand(), self.operand()],
            _ => self.float(),
        };
        match self.one_in(2) {
            true => [a, b],
            false => [b, a],
        }
    }

    /// A whole number that lies halfway between two floats, or next to that.
    pub(crate) fn halfway(&mut self) -> u32 {
        let digits = self.word() | 0x8000_0000;
        let kept = 0xffff_ff00 & digits | 0x80;
        let number = kept.wrapping_add(self.below(3)).wrapping_sub(1);
        match self.one_in(2) {
            true => number,
            // The same of an i32.
            false => (number >> 1).wrapping_neg(),
        }
    }
}
