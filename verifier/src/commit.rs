// SPDX-License-Identifier: Apache-2.0
//! The commitment to an output, built as its tiles come.

use crate::{ChainingValue, Root, leaves::leaf_values, tree};

/// The values of an output's tiles, so far.
#[derive(Clone, Debug)]
pub struct Commitment {
    tile_bytes: usize,
    tiles: u32,
    values: Vec<ChainingValue>,
}

/// Why bytes cannot be the next tiles of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given} bytes are no whole tiles of {tile_bytes} bytes, or more than the {tiles} tiles have left"
)]
pub struct NotTiles {
    given: usize,
    tile_bytes: usize,
    tiles: u32,
}

impl Commitment {
    /// Of an output of so many tiles, each of so many bytes.
    pub fn new(tiles: u32, tile_bytes: usize) -> Self {
        Self {
            tile_bytes,
            tiles,
            values: Vec::new(),
        }
    }

    /// Takes the next whole tiles and hashes them, on all cores.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), NotTiles> {
        let refusal = NotTiles {
            given: bytes.len(),
            tile_bytes: self.tile_bytes,
            tiles: self.tiles,
        };
        let first = u32::try_from(self.values.len()).map_err(|_| refusal)?;
        let values = leaf_values(first, self.tiles, self.tile_bytes, bytes).ok_or(refusal)?;
        self.values.extend(values);
        Ok(())
    }

    /// The values of all tiles and the root, once every tile is there.
    pub fn finish(self) -> Option<(Vec<ChainingValue>, Root)> {
        let complete = u32::try_from(self.values.len()) == Ok(self.tiles);
        let root = tree::root_of(&self.values).filter(|_| complete)?;
        Some((self.values, root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_the_hash_of_the_bytes_however_they_come() {
        for (tiles, tile_bytes) in [(1, 1024), (1, 65_536), (5, 1024), (37, 4096)] {
            let bytes: Vec<u8> = (0..=250).cycle().take(tiles * tile_bytes).collect();
            let mut commitment = Commitment::new(tiles as u32, tile_bytes);
            for part in bytes.chunks(3 * tile_bytes) {
                commitment.push(part).expect("whole tiles");
            }
            let (values, root) = commitment.finish().expect("complete");
            assert_eq!(values.len(), tiles);
            assert_eq!(root, *blake3::hash(&bytes).as_bytes());
        }
    }

    #[test]
    fn push_refuses_when_bytes_are_no_whole_tiles_or_too_many() {
        let mut commitment = Commitment::new(2, 1024);
        assert!(commitment.push(&[0; 1000]).is_err());
        assert!(commitment.push(&[0; 3072]).is_err());
        assert!(commitment.push(&[0; 2048]).is_ok());
        assert!(commitment.push(&[0; 1024]).is_err());
    }

    #[test]
    fn finish_is_nothing_when_tiles_are_missing() {
        let mut commitment = Commitment::new(2, 1024);
        commitment.push(&[0; 1024]).expect("a tile");
        assert_eq!(commitment.finish(), None);
    }
}
