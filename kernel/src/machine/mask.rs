// SPDX-License-Identifier: Apache-2.0
//! Which invocations of a workgroup are here.

use super::LANES;
use core::{
    convert::Infallible,
    ops::{BitAnd, BitOr, BitOrAssign, Not},
};

/// The lanes of one word of a mask.
const WORD: usize = 64;

/// A set of lanes, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask([u64; LANES / WORD]);

impl Mask {
    /// No lane.
    pub(super) const NONE: Self = Self([0; LANES / WORD]);

    /// The first so many lanes.
    pub(super) fn first(lanes: u32) -> Self {
        let mut mask = Self::NONE;
        let mut left = lanes;
        for word in &mut mask.0 {
            *word = match left {
                0 => 0,
                1..64 => (1u64 << left).wrapping_sub(1),
                _ => u64::MAX,
            };
            left = left.saturating_sub(64);
        }
        mask
    }

    /// The lanes in which a word is not 0.
    #[inline(always)]
    pub(super) fn of(column: &[u32]) -> Self {
        let mut mask = Self::NONE;
        let (parts, _) = column.as_chunks::<WORD>();
        for (word, lanes) in mask.0.iter_mut().zip(parts) {
            for (bit, lane) in lanes.iter().enumerate() {
                *word |= u64::from(*lane != 0) << bit;
            }
        }
        mask
    }

    /// Whether no lane is in it.
    pub(super) fn is_empty(self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Writes the lanes that are in it from one column to another.
    #[inline(always)]
    pub(super) fn copy(self, from: &[u32], to: &mut [u32]) {
        let (from, _) = from.as_chunks::<WORD>();
        let (to, _) = to.as_chunks_mut::<WORD>();
        for ((word, from), to) in self.0.iter().zip(from).zip(to) {
            if *word == u64::MAX {
                *to = *from;
                continue;
            }
            for (bit, (from, to)) in from.iter().zip(to).enumerate() {
                *to = if word >> bit & 1 == 1 { *from } else { *to };
            }
        }
    }

    /// The lanes that are in it, ascending.
    pub fn lanes(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(index, word)| {
            let mut left = word;
            core::iter::from_fn(move || {
                let bit = usize::try_from(left.trailing_zeros())
                    .ok()
                    .filter(|bit| *bit < WORD)?;
                left &= left.wrapping_sub(1);
                Some(index * WORD + bit)
            })
        })
    }

    /// Does something for each lane that is in it, ascending, until it fails.
    ///
    /// Faster than [`Mask::lanes`] where many lanes are in it.
    #[inline(always)]
    pub fn try_each<E>(self, mut act: impl FnMut(usize) -> Result<(), E>) -> Result<(), E> {
        for (word, first) in self.0.into_iter().zip((0..LANES).step_by(WORD)) {
            if word == u64::MAX {
                for lane in first..first.saturating_add(WORD) {
                    act(lane)?;
                }
                continue;
            }
            let mut left = word;
            while left != 0 {
                act(first.saturating_add(usize::try_from(left.trailing_zeros()).unwrap_or(0)))?;
                left &= left.wrapping_sub(1);
            }
        }
        Ok(())
    }

    /// Does something for each lane that is in it, ascending.
    #[inline(always)]
    pub fn each(self, mut act: impl FnMut(usize)) {
        let done: Result<(), Infallible> = self.try_each(|lane| {
            act(lane);
            Ok(())
        });
        let Ok(()) = done;
    }

    /// Whether the first so many lanes are all in it.
    pub(super) fn covers(self, lanes: usize) -> bool {
        let first = u32::try_from(lanes).map_or(Self::NONE, Self::first);
        self & first == first
    }

    /// The lanes of it for which something holds.
    pub(super) fn filter(self, keep: impl FnMut(&usize) -> bool) -> Self {
        let mut mask = Self::NONE;
        for lane in self.lanes().filter(keep) {
            if let Some(word) = mask.0.get_mut(lane / WORD) {
                *word |= 1 << (lane % WORD);
            }
        }
        mask
    }
}

impl BitAnd for Mask {
    type Output = Self;

    fn bitand(mut self, other: Self) -> Self {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word &= other;
        }
        self
    }
}

impl BitOr for Mask {
    type Output = Self;

    fn bitor(mut self, other: Self) -> Self {
        self |= other;
        self
    }
}

impl BitOrAssign for Mask {
    fn bitor_assign(&mut self, other: Self) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word |= other;
        }
    }
}

impl Not for Mask {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}
