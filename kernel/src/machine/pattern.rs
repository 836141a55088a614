// SPDX-License-Identifier: Apache-2.0
//! How the addresses of a column follow from each other: most often all are the same, or each is one more than
//! that of the lane before, and then a column is read or written at once.

/// What the addresses of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// All this one.
    Same(u32),
    /// Ascending by one from this one, without a wrap.
    Ascending(u32),
    /// Anything else.
    Scattered,
}

impl Pattern {
    /// Of a column.
    #[inline(always)]
    pub(super) fn of(addresses: &[u32]) -> Self {
        let (first, second) = match addresses {
            [] => return Self::Scattered,
            [only] => return Self::Same(*only),
            [first, second, ..] => (*first, *second),
        };
        // Without a branch for each lane, so that the loops vectorise.
        if second == first {
            let differing = (addresses.iter()).fold(0, |bits, address| bits | (address ^ first));
            if differing == 0 {
                return Self::Same(first);
            }
        } else if second == first.wrapping_add(1) {
            let differing = (addresses.iter().zip(0u32..)).fold(0, |bits, (address, lane)| {
                bits | (address ^ first.wrapping_add(lane))
            });
            let last = addresses.last().copied().unwrap_or_default();
            if differing == 0 && last > first {
                return Self::Ascending(first);
            }
        }
        Self::Scattered
    }
}

/// The words at the addresses; 0 past the end.
#[inline(always)]
pub(super) fn gather(words: &[u32], addresses: &[u32], result: &mut [u32]) {
    match Pattern::of(addresses) {
        Pattern::Same(address) => result.fill(word_at(words, address)),
        Pattern::Ascending(first) => {
            let there = usize::try_from(first)
                .ok()
                .and_then(|first| words.get(first..))
                .unwrap_or_default();
            let common = there.len().min(result.len());
            let (read, past) = result.split_at_mut(common);
            read.copy_from_slice(there.get(..common).unwrap_or_default());
            past.fill(0);
        }
        Pattern::Scattered => {
            for (result, address) in result.iter_mut().zip(addresses) {
                *result = word_at(words, *address);
            }
        }
    }
}

/// A word of a memory; 0 past its end.
#[inline(always)]
pub(super) fn word_at(words: &[u32], address: u32) -> u32 {
    usize::try_from(address)
        .ok()
        .and_then(|address| words.get(address).copied())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};
    use proptest::{
        prelude::{prop_assert_eq, proptest},
        sample::select,
    };

    #[test]
    fn pattern_is_found_only_when_every_address_follows_it() {
        assert_eq!(Pattern::of(&[7, 7, 7]), Pattern::Same(7));
        assert_eq!(Pattern::of(&[7, 7, 8]), Pattern::Scattered);
        assert_eq!(Pattern::of(&[7, 8, 9]), Pattern::Ascending(7));
        assert_eq!(Pattern::of(&[7, 8, 8]), Pattern::Scattered);
        assert_eq!(Pattern::of(&[u32::MAX, 0, 1]), Pattern::Scattered);
        assert_eq!(Pattern::of(&[3, 2]), Pattern::Scattered);
    }

    proptest! {
        #[test]
        fn gather_reads_as_one_word_at_a_time_does(
            first in select(vec![0u32, 1, 40, 90, 99, 100, 101, u32::MAX - 3]),
            step in select(vec![0u32, 1, 2, 3]),
        ) {
            let words: Vec<u32> = (500..600).collect();
            let addresses: Vec<u32> = (0..64u32)
                .map(|lane| first.wrapping_add(lane.wrapping_mul(step)))
                .collect();
            let mut result = vec![7; 64];
            gather(&words, &addresses, &mut result);
            let expected: Vec<u32> = addresses.iter().map(|address| word_at(&words, *address)).collect();
            prop_assert_eq!(result, expected);
        }
    }
}
