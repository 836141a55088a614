// SPDX-License-Identifier: Apache-2.0
//! The opening of some tiles of a committed output.

use crate::{
    ChainingValue, Root,
    tree::{self, ProofError},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The values of some tiles and what proves them under the root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Opening {
    /// The chaining values of the tiles, in the tiles' order.
    pub values: Vec<ChainingValue>,
    /// The siblings that lead from them to the root. See [`tree::prove`].
    pub siblings: Vec<ChainingValue>,
}

/// Why an opening is no opening of the tiles asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// Another number of values than of tiles.
    #[error("{given} values for {asked} tiles")]
    WrongNumber {
        /// Tiles asked for.
        asked: usize,
        /// Values given.
        given: usize,
    },
    /// The values do not belong to the root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl Opening {
    /// Opens tiles of an output of which the values of all tiles are known. `tiles` must be ascending.
    pub fn new(values: &[ChainingValue], tiles: &[u32]) -> Result<Self, ProofError> {
        let siblings = tree::prove(values, tiles)?;
        let opened = tiles
            .iter()
            .filter_map(|tile| values.get(usize::try_from(*tile).ok()?))
            .copied()
            .collect();
        Ok(Self {
            values: opened,
            siblings,
        })
    }

    /// Checks the opening of these tiles, ascending, of an output of so many `leaves` tiles under `root`.
    pub fn verify(&self, root: &Root, leaves: u32, tiles: &[u32]) -> Result<(), OpeningError> {
        if self.values.len() != tiles.len() {
            return Err(OpeningError::WrongNumber {
                asked: tiles.len(),
                given: self.values.len(),
            });
        }
        let proven: Vec<_> = tiles
            .iter()
            .copied()
            .zip(self.values.iter().copied())
            .collect();
        Ok(tree::verify(root, leaves, &proven, &self.siblings)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output() -> (Vec<ChainingValue>, Root) {
        let bytes: Vec<u8> = (0..=255).cycle().take(100 * tree::CHUNK_BYTES).collect();
        let values = bytes
            .chunks(tree::CHUNK_BYTES)
            .zip(0..)
            .map(|(tile, index)| tree::leaf_value(index, 100, tile).expect("a tile"))
            .collect();
        (values, *blake3::hash(&bytes).as_bytes())
    }

    #[test]
    fn verify_accepts_the_tiles_that_were_opened() {
        let (values, root) = output();
        let tiles = [0, 1, 17, 63, 64, 99];
        let opening = Opening::new(&values, &tiles).expect("ascending");
        assert_eq!(opening.verify(&root, 100, &tiles), Ok(()));
    }

    #[test]
    fn verify_refuses_when_other_tiles_were_opened() {
        let (values, root) = output();
        let opening = Opening::new(&values, &[3, 4]).expect("ascending");
        assert!(matches!(
            opening.verify(&root, 100, &[3, 5]),
            Err(OpeningError::Proof(_))
        ));
    }

    #[test]
    fn verify_refuses_when_values_are_missing() {
        let (values, root) = output();
        let opening = Opening::new(&values, &[3, 4]).expect("ascending");
        assert_eq!(
            opening.verify(&root, 100, &[3, 4, 5]),
            Err(OpeningError::WrongNumber { asked: 3, given: 2 })
        );
    }
}
