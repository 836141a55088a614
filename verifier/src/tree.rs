// SPDX-License-Identifier: Apache-2.0
//! BLAKE3's tree over equal leaves, and proofs that some of them belong to a root.
//!
//! A leaf is a run of chunks that forms a complete subtree: a tile of an output, or a 1 KiB page of an
//! input (of which the last may be shorter). Over its leaves the tree has BLAKE3's own shape: of `n`
//! leaves the largest power of two below `n` are on the left. Source: the BLAKE3 paper, section 2.1, and
//! `blake3::hazmat`. A tree of one leaf is that leaf, whose value then is the root itself.

use crate::{ChainingValue, Root};
use alloc::vec::Vec;
#[cfg(feature = "std")]
use blake3::hazmat::max_subtree_len;
use blake3::hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use core::ops::Range;

/// The bytes of a BLAKE3 chunk, which is the smallest leaf.
pub const CHUNK_BYTES: usize = 1_024;

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is nothing to prove.
    #[error("a tree has at least one leaf, and a proof proves at least one")]
    Empty,
    /// Leaves are not in ascending order, named twice, or not in the tree.
    #[error("leaf {0} is out of order or not in the tree")]
    BadLeaf(u32),
    /// Siblings end before the root is reached.
    #[error("siblings are missing")]
    MissingSibling,
    /// Siblings are left over.
    #[error("{0} siblings too many")]
    SurplusSiblings(usize),
    /// Another root comes out.
    #[error("the leaves do not lead to the root")]
    WrongRoot,
}

/// The value of the leaf at `index` of `leaves`, all of the length of this one except that the last may be shorter.
///
/// `None` when `bytes` cannot be a leaf there: empty, or neither a power of two of chunks nor a single
/// chunk, or so large that its offset does not fit.
pub fn leaf_value(index: u32, leaves: u32, bytes: &[u8]) -> Option<ChainingValue> {
    let chunks = bytes.len().div_ceil(CHUNK_BYTES);
    let whole = chunks == 1 || bytes.len().checked_rem(CHUNK_BYTES) == Some(0);
    if bytes.is_empty() || !whole || !chunks.is_power_of_two() || index >= leaves {
        return None;
    }
    if leaves == 1 {
        return Some(*blake3::hash(bytes).as_bytes());
    }
    let length = u64::try_from(chunks.checked_mul(CHUNK_BYTES)?).ok()?;
    let offset = u64::from(index).checked_mul(length)?;
    Some(
        blake3::Hasher::new()
            .set_input_offset(offset)
            .update(bytes)
            .finalize_non_root(),
    )
}

/// The value of a run of chunks, from chunk `first` on, that is a subtree but not the whole tree.
///
/// `None` when nothing can be a subtree there: no bytes, or more than the position of the first chunk allows.
#[cfg(feature = "std")]
pub(crate) fn value_of_bytes(first: u32, bytes: &[u8]) -> Option<ChainingValue> {
    let offset = u64::from(first).checked_mul(u64::try_from(CHUNK_BYTES).ok()?)?;
    let length = u64::try_from(bytes.len()).ok()?;
    let fits = max_subtree_len(offset).is_none_or(|most| length <= most);
    (fits && length > 0).then(|| {
        blake3::Hasher::new()
            .set_input_offset(offset)
            .update(bytes)
            .finalize_non_root()
    })
}

/// How many of `leaves` leaves, at least two, are on the left: the largest power of two below their number.
fn left_leaves(leaves: u32) -> u32 {
    leaves
        .checked_next_power_of_two()
        .map_or(1 << 31, |power| power >> 1)
}

/// The value of a subtree that is not the whole tree. `None` for no leaves.
pub(crate) fn subtree_value(values: &[ChainingValue]) -> Option<ChainingValue> {
    match values {
        [] => None,
        [value] => Some(*value),
        _ => {
            let left = usize::try_from(left_leaves(u32::try_from(values.len()).ok()?)).ok()?;
            let (left, right) = values.split_at_checked(left)?;
            Some(merge_subtrees_non_root(
                &subtree_value(left)?,
                &subtree_value(right)?,
                Mode::Hash,
            ))
        }
    }
}

/// The root over the values of all leaves. `None` for no leaves or more than 2^32 - 1.
pub fn root_of(values: &[ChainingValue]) -> Option<Root> {
    if let [only] = values {
        return Some(*only);
    }
    let left = usize::try_from(left_leaves(u32::try_from(values.len()).ok()?)).ok()?;
    let (left, right) = values.split_at_checked(left)?;
    let root = merge_subtrees_root(&subtree_value(left)?, &subtree_value(right)?, Mode::Hash);
    Some(*root.as_bytes())
}

/// The siblings that prove the `wanted` leaves: the values of the largest subtrees without any of them,
/// from left to right as the tree is walked from the root.
///
/// `wanted` must be ascending and within `values`.
pub fn prove(values: &[ChainingValue], wanted: &[u32]) -> Result<Vec<ChainingValue>, ProofError> {
    let leaves = u32::try_from(values.len()).map_err(|_| ProofError::Empty)?;
    prove_from(leaves, wanted, |subtree| {
        let start = usize::try_from(subtree.start).ok()?;
        let end = usize::try_from(subtree.end).ok()?;
        subtree_value(values.get(start..end)?)
    })
}

/// As [`prove`], for somebody who knows the values of subtrees, each named by its leaves, but not
/// those of all leaves. One that is not known is a [`ProofError::MissingSibling`].
pub fn prove_from(
    leaves: u32,
    wanted: &[u32],
    mut value_of: impl FnMut(Range<u32>) -> Option<ChainingValue>,
) -> Result<Vec<ChainingValue>, ProofError> {
    check_order(leaves, wanted.iter().copied())?;
    let mut siblings = Vec::new();
    collect_siblings(0..leaves, wanted, &mut value_of, &mut siblings)?;
    Ok(siblings)
}

fn collect_siblings(
    subtree: Range<u32>,
    wanted: &[u32],
    value_of: &mut impl FnMut(Range<u32>) -> Option<ChainingValue>,
    siblings: &mut Vec<ChainingValue>,
) -> Result<(), ProofError> {
    let leaves = subtree.end.saturating_sub(subtree.start);
    if wanted.is_empty() {
        siblings.push(value_of(subtree).ok_or(ProofError::MissingSibling)?);
    } else if leaves > 1 {
        let middle = subtree.start.saturating_add(left_leaves(leaves));
        let split = wanted.partition_point(|leaf| *leaf < middle);
        let (wanted_left, wanted_right) = wanted.split_at(split);
        collect_siblings(subtree.start..middle, wanted_left, value_of, siblings)?;
        collect_siblings(middle..subtree.end, wanted_right, value_of, siblings)?;
    }
    Ok(())
}

/// Checks that the `proven` leaves, each with its value, belong to the tree of so many `leaves` under `root`.
///
/// Linear in what it is given: at most 32 siblings a leaf are read.
pub fn verify(
    root: &Root,
    leaves: u32,
    proven: &[(u32, ChainingValue)],
    siblings: &[ChainingValue],
) -> Result<(), ProofError> {
    check_order(leaves, proven.iter().map(|(leaf, _)| *leaf))?;
    let mut siblings = siblings.iter();
    let found = if leaves == 1 {
        proven.first().map(|(_, value)| *value)
    } else {
        let left = left_leaves(leaves);
        let split = proven.partition_point(|(leaf, _)| *leaf < left);
        let (in_left, in_right) = proven.split_at(split);
        let left_value = climb(0, left, in_left, &mut siblings)?;
        let right_value = climb(left, leaves.saturating_sub(left), in_right, &mut siblings)?;
        Some(*merge_subtrees_root(&left_value, &right_value, Mode::Hash).as_bytes())
    };
    match siblings.len() {
        0 if found.as_ref() == Some(root) => Ok(()),
        0 => Err(ProofError::WrongRoot),
        surplus => Err(ProofError::SurplusSiblings(surplus)),
    }
}

/// The value of the subtree of `leaves` leaves from `start` on. Its depth, at most 32, bounds the recursion.
fn climb(
    start: u32,
    leaves: u32,
    proven: &[(u32, ChainingValue)],
    siblings: &mut core::slice::Iter<'_, ChainingValue>,
) -> Result<ChainingValue, ProofError> {
    match proven.first() {
        None => siblings.next().copied().ok_or(ProofError::MissingSibling),
        Some((_, value)) if leaves == 1 => Ok(*value),
        Some(_) => {
            let left = left_leaves(leaves);
            let middle = start.saturating_add(left);
            let split = proven.partition_point(|(leaf, _)| *leaf < middle);
            let (in_left, in_right) = proven.split_at(split);
            let left_value = climb(start, left, in_left, siblings)?;
            let right_value = climb(middle, leaves.saturating_sub(left), in_right, siblings)?;
            Ok(merge_subtrees_non_root(
                &left_value,
                &right_value,
                Mode::Hash,
            ))
        }
    }
}

/// Leaves must be named in ascending order, once each, and be in the tree.
fn check_order(leaves: u32, wanted: impl Iterator<Item = u32>) -> Result<(), ProofError> {
    let mut last = None;
    for leaf in wanted {
        if leaf >= leaves || last.is_some_and(|last| last >= leaf) {
            return Err(ProofError::BadLeaf(leaf));
        }
        last = Some(leaf);
    }
    last.map(|_| ()).ok_or(ProofError::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{
        prelude::{any, prop, prop_assert, prop_assert_eq, proptest},
        sample::Index,
    };

    /// The input of BLAKE3's published test vectors.
    fn pattern(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    fn leaf_values(bytes: &[u8], leaf: usize) -> Vec<ChainingValue> {
        let leaves = bytes.len().div_ceil(leaf) as u32;
        bytes
            .chunks(leaf)
            .zip(0..)
            .map(|(bytes, index)| leaf_value(index, leaves, bytes).expect("a leaf"))
            .collect()
    }

    #[test]
    fn root_is_the_published_hash() {
        // From the BLAKE3 repository, test_vectors/test_vectors.json, the first 32 bytes of `hash`.
        let published = [
            (
                1,
                "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
            ),
            (
                1024,
                "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
            ),
            (
                1025,
                "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
            ),
            (
                2048,
                "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
            ),
            (
                3072,
                "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2",
            ),
            (
                8192,
                "aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63",
            ),
            (
                31744,
                "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
            ),
        ];
        for (length, hash) in published {
            let root = root_of(&leaf_values(&pattern(length), CHUNK_BYTES)).expect("leaves");
            assert_eq!(hex::encode(root), hash, "{length} bytes");
        }
    }

    #[test]
    fn root_does_not_depend_on_the_size_of_leaves() {
        let bytes = pattern(48 * CHUNK_BYTES);
        for chunks in [1, 2, 4, 8, 16] {
            let values = leaf_values(&bytes, chunks * CHUNK_BYTES);
            assert_eq!(root_of(&values), Some(*blake3::hash(&bytes).as_bytes()));
        }
    }

    #[test]
    fn leaf_value_is_refused_when_the_bytes_cannot_be_a_leaf() {
        assert_eq!(leaf_value(0, 2, &[]), None);
        assert_eq!(leaf_value(0, 2, &[0; 1_500]), None);
        assert_eq!(leaf_value(0, 2, &[0; 3 * CHUNK_BYTES]), None);
        assert_eq!(leaf_value(2, 2, &[0; CHUNK_BYTES]), None);
    }

    #[test]
    fn verify_refuses_when_leaves_are_out_of_order_or_missing() {
        let values = leaf_values(&pattern(5 * CHUNK_BYTES), CHUNK_BYTES);
        let root = root_of(&values).expect("leaves");
        let proof = |leaves: &[u32]| {
            let proven: Vec<_> = leaves.iter().map(|leaf| (*leaf, [0; 32])).collect();
            verify(&root, 5, &proven, &[])
        };
        assert_eq!(proof(&[]), Err(ProofError::Empty));
        assert_eq!(proof(&[5]), Err(ProofError::BadLeaf(5)));
        assert_eq!(proof(&[2, 2]), Err(ProofError::BadLeaf(2)));
        assert_eq!(proof(&[3, 1]), Err(ProofError::BadLeaf(1)));
    }

    #[test]
    fn prove_from_is_refused_when_a_subtree_is_not_known() {
        let known = prove_from(4, &[1], |subtree| (subtree != (2..4)).then_some([0; 32]));
        assert_eq!(known, Err(ProofError::MissingSibling));
    }

    proptest! {
        #[test]
        fn verify_accepts_what_prove_made(
            leaves in 1usize..2_000,
            picks in prop::collection::vec(any::<Index>(), 1..60),
        ) {
            let bytes = pattern(leaves * CHUNK_BYTES);
            let values = leaf_values(&bytes, CHUNK_BYTES);
            let root = *blake3::hash(&bytes).as_bytes();
            prop_assert_eq!(root_of(&values), Some(root));
            let mut wanted: Vec<u32> = picks.iter().map(|pick| pick.index(leaves) as u32).collect();
            wanted.sort_unstable();
            wanted.dedup();
            let siblings = prove(&values, &wanted).expect("in order");
            let proven: Vec<_> = wanted.iter().map(|leaf| (*leaf, values[*leaf as usize])).collect();
            prop_assert_eq!(verify(&root, leaves as u32, &proven, &siblings), Ok(()));
        }

        #[test]
        fn verify_refuses_when_anything_is_tampered_with(
            leaves in 2usize..200,
            picks in prop::collection::vec(any::<Index>(), 1..12),
            victim in any::<Index>(),
            bit in 0usize..256,
        ) {
            let values = leaf_values(&pattern(leaves * CHUNK_BYTES), CHUNK_BYTES);
            let root = root_of(&values).expect("leaves");
            let total = leaves as u32;
            let mut wanted: Vec<u32> = picks.iter().map(|pick| pick.index(leaves) as u32).collect();
            wanted.sort_unstable();
            wanted.dedup();
            let siblings = prove(&values, &wanted).expect("in order");
            let proven: Vec<_> = wanted.iter().map(|leaf| (*leaf, values[*leaf as usize])).collect();
            prop_assert_eq!(verify(&root, total, &proven, &siblings), Ok(()));

            let mut wrong_root = root;
            wrong_root[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(
                verify(&wrong_root, total, &proven, &siblings),
                Err(ProofError::WrongRoot)
            );

            let mut wrong_value = proven.clone();
            wrong_value[victim.index(proven.len())].1[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(
                verify(&root, total, &wrong_value, &siblings),
                Err(ProofError::WrongRoot)
            );

            let mut surplus = siblings.clone();
            surplus.push([0; 32]);
            prop_assert_eq!(
                verify(&root, total, &proven, &surplus),
                Err(ProofError::SurplusSiblings(1))
            );

            if !siblings.is_empty() {
                let mut wrong_siblings = siblings.clone();
                wrong_siblings[victim.index(siblings.len())][bit / 8] ^= 1 << (bit % 8);
                prop_assert_eq!(
                    verify(&root, total, &proven, &wrong_siblings),
                    Err(ProofError::WrongRoot)
                );
                prop_assert_eq!(
                    verify(&root, total, &proven, &siblings[1..]),
                    Err(ProofError::MissingSibling)
                );
            }

            let mut elsewhere = proven.clone();
            let moved = victim.index(proven.len());
            elsewhere[moved].0 = (elsewhere[moved].0 + 1) % total;
            prop_assert!(verify(&root, total, &elsewhere, &siblings).is_err());

            let mut fewer = proven.clone();
            fewer.remove(victim.index(proven.len()));
            prop_assert!(verify(&root, total, &fewer, &siblings).is_err());
        }
    }
}
