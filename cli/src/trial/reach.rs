// SPDX-License-Identifier: Apache-2.0
//! What tiles do with words of the output that are not there for them, and what to tell their author.

use assay_kernel::reach::Reach;

/// A word of the output that a tile uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Use {
    tile: u32,
    /// Counted from the beginning of the output.
    word: u32,
}

/// What some tiles of a pass do with its output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reaches {
    /// The words of a tile.
    tile_words: u32,
    /// The words that are written, of all tiles.
    written: u64,
    lost: Option<Use>,
    foreign: Option<Use>,
    unwritten: Option<Use>,
}

impl Reaches {
    /// Of these tiles, which have so many words each.
    pub(super) fn of(tile_words: u32, tiles: &[u32], found: &[Reach]) -> Self {
        let first = |word: fn(&Reach) -> Option<u32>| {
            let mut uses = tiles.iter().zip(found);
            uses.find_map(|(tile, reach)| word(reach).map(|word| Use { tile: *tile, word }))
        };
        Self {
            tile_words,
            written: found.iter().map(|reach| u64::from(reach.written)).sum(),
            lost: first(|reach| reach.lost),
            foreign: first(|reach| reach.foreign),
            unwritten: first(|reach| reach.unwritten),
        }
    }

    /// With what other tiles of the same kernel do.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self {
            tile_words: others.tile_words,
            written: self.written.saturating_add(others.written),
            lost: self.lost.or(others.lost),
            foreign: self.foreign.or(others.foreign),
            unwritten: self.unwritten.or(others.unwritten),
        }
    }

    /// Whether none of the tiles writes anything.
    pub fn is_idle(&self) -> bool {
        self.written == 0 && self.lost.is_none()
    }

    /// What is lost of what a pass writes.
    pub fn fault(&self, name: &str) -> Option<String> {
        let Use { tile, word } = self.lost?;
        Some(format!(
            "{name}: tile {tile} writes word {word} of the output, which lies in tile {}, and what is written outside \
             of a workgroup's own tile is lost. Tile g is the {} words from {} g on, so let workgroup g write these: for \
             an image in rows `@workgroup_size(256)` with `let x = id.x % width; let y = id.x / width;`; in a grid of \
             several rows, rows of the output as long as those of the grid",
            self.tile_of(word),
            self.tile_words,
            self.tile_words,
        ))
    }

    /// What a pass reads of its output that may not be what its author expects.
    pub fn notes(&self, name: &str) -> Vec<String> {
        let foreign = self.foreign.map(|Use { tile, word }| {
            format!(
                "{name}: tile {tile} reads word {word} of the output, which lies in tile {}, and reads 0: a workgroup sees \
                 nothing of what others write. What needs it belongs into a pass that reads this one",
                self.tile_of(word),
            )
        });
        let unwritten = self.unwritten.map(|Use { tile, word }| {
            format!(
                "{name}: tile {tile} reads word {word} of the output before it writes it, and reads 0. That is right for \
                 sums; what a buffer held before has to be an input"
            )
        });
        foreign.into_iter().chain(unwritten).collect()
    }

    fn tile_of(&self, word: u32) -> u32 {
        word.checked_div(self.tile_words).unwrap_or_default()
    }
}
