// SPDX-License-Identifier: Apache-2.0
//! The tiles of a job with several passes: numbered through, those of the first pass first.

use alloc::vec::Vec;

/// The pass that a tile belongs to, and its number there. `None` when there is no such tile.
///
/// `tiles` has the number of tiles of each pass.
pub fn locate(tiles: &[u32], tile: u32) -> Option<(usize, u32)> {
    let mut left = tile;
    for (pass, count) in tiles.iter().enumerate() {
        match left.checked_sub(*count) {
            None => return Some((pass, left)),
            Some(rest) => left = rest,
        }
    }
    None
}

/// Tiles in ascending order as, for each pass, their numbers there. What there is not is left out.
pub fn split(tiles: &[u32], numbers: &[u32]) -> Vec<Vec<u32>> {
    let mut parts: Vec<Vec<u32>> = tiles.iter().map(|_| Vec::new()).collect();
    for number in numbers {
        if let Some((pass, tile)) = locate(tiles, *number)
            && let Some(part) = parts.get_mut(pass)
        {
            part.push(tile);
        }
    }
    parts
}

/// The number of all tiles. `None` when a `u32` does not count them.
pub fn total(tiles: &[u32]) -> Option<u32> {
    tiles
        .iter()
        .try_fold(0u32, |total, count| total.checked_add(*count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_found_in_their_passes() {
        let tiles = [3, 1, 4];
        let found: Vec<_> = (0..9).map(|tile| locate(&tiles, tile)).collect();
        let expected = [
            Some((0, 0)),
            Some((0, 1)),
            Some((0, 2)),
            Some((1, 0)),
            Some((2, 0)),
            Some((2, 1)),
            Some((2, 2)),
            Some((2, 3)),
            None,
        ];
        assert_eq!(found, expected);
        assert_eq!(
            split(&tiles, &[0, 2, 4, 7, 8]),
            [vec![0, 2], vec![], vec![0, 3]]
        );
        assert_eq!(total(&tiles), Some(8));
        assert_eq!(total(&[u32::MAX, 1]), None);
    }
}
