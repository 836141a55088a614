// SPDX-License-Identifier: Apache-2.0
//! The values of many leaves at once, with the processor's vector instructions.
//!
//! BLAKE3 hashes several chunks side by side, but `blake3::hazmat` gives out only the value of a whole
//! subtree, so that leaves of one chunk would be hashed one after the other, ten times slower. The function
//! that hashes chunks side by side is public but hidden, which is why the version of blake3 is pinned; it
//! is used off chain only, and tested against [`tree::leaf_value`].

use crate::{
    ChainingValue,
    tree::{self, CHUNK_BYTES, leaf_value},
};
use blake3::{
    IncrementCounter,
    platform::{MAX_SIMD_DEGREE, Platform},
};
use rayon::prelude::*;

/// Leaves of so many bytes keep the vector instructions busy on their own.
const LARGE: usize = 16 * 1_024;

/// What one core takes at a time.
const SHARE: usize = 64 * 1_024;

/// The initial value of BLAKE3, that of SHA-256. Source: the BLAKE3 paper, table 1.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The flags of a chunk's first and last block. Source: the BLAKE3 paper, table 3.
const CHUNK_START: u8 = 1;
const CHUNK_END: u8 = 2;

/// The values of whole leaves, all of `leaf_bytes`, the first of which is number `first` of `leaves`.
///
/// `None` when the bytes are no such leaves. See [`tree::leaf_value`].
pub(crate) fn leaf_values(
    first: u32,
    leaves: u32,
    leaf_bytes: usize,
    bytes: &[u8],
) -> Option<Vec<ChainingValue>> {
    let count = bytes.len().checked_div(leaf_bytes)?;
    let end = first.checked_add(u32::try_from(count).ok()?)?;
    if end > leaves || !bytes.len().is_multiple_of(leaf_bytes) {
        return None;
    }
    if leaves == 1 || leaf_bytes >= LARGE {
        return bytes
            .par_chunks_exact(leaf_bytes)
            .zip(first..end)
            .map(|(leaf, index)| leaf_value(index, leaves, leaf))
            .collect();
    }
    let chunks_of_leaf = leaf_bytes.checked_div(CHUNK_BYTES)?;
    if !chunks_of_leaf.is_power_of_two() || !leaf_bytes.is_multiple_of(CHUNK_BYTES) {
        return None;
    }
    // A share is whole leaves: both are powers of two.
    let chunks_of_share = u64::try_from(SHARE.div_euclid(CHUNK_BYTES)).ok()?;
    let start = u64::from(first).checked_mul(u64::try_from(chunks_of_leaf).ok()?)?;
    let shares: Vec<Vec<ChainingValue>> = bytes
        .par_chunks(SHARE)
        .enumerate()
        .map(|(share, bytes)| {
            let before = u64::try_from(share).ok()?.checked_mul(chunks_of_share)?;
            chunk_values(start.checked_add(before)?, bytes)
                .chunks(chunks_of_leaf)
                .map(tree::subtree_value)
                .collect()
        })
        .collect::<Option<_>>()?;
    Some(shares.concat())
}

/// The values of whole chunks, none of which is a root.
fn chunk_values(first: u64, bytes: &[u8]) -> Vec<ChainingValue> {
    let platform = Platform::detect();
    let (chunks, _) = bytes.as_chunks::<CHUNK_BYTES>();
    let mut values = vec![[0; 32]; chunks.len()];
    let runs = chunks
        .chunks(MAX_SIMD_DEGREE)
        .zip(values.chunks_mut(MAX_SIMD_DEGREE))
        .zip((first..).step_by(MAX_SIMD_DEGREE));
    for ((chunks, values), counter) in runs {
        let chunks: Vec<&[u8; CHUNK_BYTES]> = chunks.iter().collect();
        platform.hash_many(
            &chunks,
            &INITIAL,
            counter,
            IncrementCounter::Yes,
            0,
            CHUNK_START,
            CHUNK_END,
            values.as_flattened_mut(),
        );
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaf_values_are_those_of_each_leaf() {
        for leaf_bytes in [1_024, 2_048, 8_192, 16_384, 65_536] {
            for count in [1, 2, 3, 17, 65, 200] {
                let bytes: Vec<u8> = (0..=250).cycle().take(count * leaf_bytes).collect();
                for (first, leaves) in [(0, count as u32), (5, 300), (100_000, 5_000_000)] {
                    let expected: Option<Vec<_>> = bytes
                        .chunks(leaf_bytes)
                        .zip(first..)
                        .map(|(leaf, index)| leaf_value(index, leaves, leaf))
                        .collect();
                    assert!(expected.is_some());
                    assert_eq!(leaf_values(first, leaves, leaf_bytes, &bytes), expected);
                }
            }
        }
    }

    #[test]
    fn leaf_values_are_refused_when_the_bytes_are_no_such_leaves() {
        assert_eq!(leaf_values(0, 4, 1_024, &[0; 1_500]), None);
        assert_eq!(leaf_values(0, 4, 0, &[0; 1_024]), None);
        assert_eq!(leaf_values(0, 4, 3_072, &[0; 3_072]), None);
        assert_eq!(leaf_values(0, 4, 1_500, &[0; 3_000]), None);
        assert_eq!(leaf_values(3, 4, 1_024, &[0; 2_048]), None);
    }
}
