// SPDX-License-Identifier: Apache-2.0
//! Chance, repeatable from a seed.

use codec::DecodeAll;

/// A source of random numbers: SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u32) -> Self {
        Self(seed.into())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number less than `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    /// An index of a list of so many.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        let place = self.below(u32::try_from(length).unwrap_or(u32::MAX));
        usize::try_from(place).unwrap_or(0)
    }

    pub(crate) fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// Any word, more often one at which something changes.
    pub(crate) fn word(&mut self) -> u32 {
        let special = self.of(&[
            0,
            1,
            31,
            32,
            255,
            256,
            0x7fff_ffff,
            0x8000_0000,
            u32::MAX,
            // Floats: 1, -1, 2^-126, the least above it, the greatest, infinity, the NaN, another.
            0x3f80_0000,
            0xbf80_0000,
            0x0080_0000,
            0x0080_0001,
            0x7f7f_ffff,
            0x7f80_0000,
            0x7fc0_0000,
            0xffc0_0001,
        ]);
        match self.below(4) {
            0 => self.below(u32::MAX),
            1 => self.below(16),
            _ => special,
        }
    }

    /// Anything that is encoded as a variant of `0..variants` and bytes.
    pub(crate) fn decoded<T: DecodeAll>(&mut self, variant: u8) -> T {
        let mut bytes = [variant, 0, 0, 0, 0, 0, 0];
        loop {
            for byte in &mut bytes[1..] {
                // Functions are numbered up to 31, kinds up to 1.
                let end = self.of(&[2, 8, 32]);
                *byte = u8::try_from(self.below(end)).unwrap_or(0);
            }
            for length in 1..=bytes.len() {
                if let Ok(decoded) = T::decode_all(&mut &bytes[..length]) {
                    return decoded;
                }
            }
        }
    }
}
