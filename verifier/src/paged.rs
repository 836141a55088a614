// SPDX-License-Identifier: Apache-2.0
//! Inputs of which some pages are known.
//!
//! A kernel may read any word at any time, and the chain pays for it by the fuel: finding a word takes
//! the same few steps whatever pages there are.

use crate::tree::CHUNK_BYTES;
use alloc::{vec, vec::Vec};
pub(crate) use assay_kernel::cost::PAGE_WORDS;
use assay_kernel::machine::{Inputs, Mask};

/// The pages that one block of the directory covers.
const BLOCK_PAGES: u32 = 256;

/// A tile reads a page that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("page {page} of input {input} is not in the witness")]
pub struct MissingPage {
    /// Of which input.
    pub input: usize,
    /// Which.
    pub page: u32,
}

/// Inputs of which some pages are known, and those are proven. See [`crate::witness`].
#[derive(Clone, Debug)]
pub struct PagedInputs {
    inputs: Vec<PagedInput>,
}

/// One input: a directory of blocks, which are tables of pages. In both, 0 is what is not there and
/// others count from 1.
#[derive(Clone, Debug)]
struct PagedInput {
    words: u32,
    directory: Vec<u32>,
    blocks: Vec<u32>,
    pages: Vec<u32>,
}

impl PagedInputs {
    /// Inputs of so many words each, of which nothing is known.
    pub(crate) fn new(words: impl Iterator<Item = u32>) -> Self {
        let inputs = words.map(PagedInput::new).collect();
        Self { inputs }
    }

    /// Makes a page known. Does nothing for an input or a page that there is not.
    pub(crate) fn add(&mut self, input: usize, page: u32, bytes: &[u8]) {
        if let Some(input) = self.inputs.get_mut(input) {
            // What there is not is read by nobody.
            let _added = input.add(page, bytes);
        }
    }

    /// A word of an input.
    pub(crate) fn word(&self, input: usize, word: u32) -> Result<u32, MissingPage> {
        self.inputs
            .get(input)
            .and_then(|pages| pages.word(word))
            .ok_or(MissingPage {
                input,
                page: word / PAGE_WORDS,
            })
    }

    /// How many words an input has; 0 for one that there is not.
    pub(crate) fn words_of(&self, input: usize) -> u32 {
        self.inputs.get(input).map_or(0, |input| input.words)
    }
}

impl PagedInput {
    fn new(words: u32) -> Self {
        let blocks = words.div_ceil(PAGE_WORDS).div_ceil(BLOCK_PAGES);
        Self {
            words,
            directory: vec![0; usize::try_from(blocks).unwrap_or_default()],
            blocks: Vec::new(),
            pages: Vec::new(),
        }
    }

    fn add(&mut self, page: u32, bytes: &[u8]) -> Option<()> {
        let block = self
            .directory
            .get_mut(usize::try_from(page / BLOCK_PAGES).ok()?)?;
        if *block == 0 {
            *block = append(&mut self.blocks, BLOCK_PAGES, core::iter::empty())?;
        }
        let entry = self
            .blocks
            .get_mut(position(*block, BLOCK_PAGES, page % BLOCK_PAGES)?)?;
        if *entry == 0 {
            let bytes = bytes.get(..CHUNK_BYTES).unwrap_or(bytes);
            *entry = append(&mut self.pages, PAGE_WORDS, bytes.chunks(4).map(word_of))?;
        }
        Some(())
    }

    fn word(&self, word: u32) -> Option<u32> {
        let page = self.page(word / PAGE_WORDS)?;
        page.get(usize::try_from(word % PAGE_WORDS).ok()?).copied()
    }

    /// The words of a page.
    fn page(&self, page: u32) -> Option<&[u32]> {
        let block = self
            .directory
            .get(usize::try_from(page / BLOCK_PAGES).ok()?)?;
        let entry = self
            .blocks
            .get(position(*block, BLOCK_PAGES, page % BLOCK_PAGES)?)?;
        let start = position(*entry, PAGE_WORDS, 0)?;
        self.pages
            .get(start..start.checked_add(usize::try_from(PAGE_WORDS).ok()?)?)
    }
}

/// Where the item `index` of the `count`-th run of `length` items is. `None` for the 0th, which is not there.
fn position(count: u32, length: u32, index: u32) -> Option<usize> {
    let start = count.checked_sub(1)?.checked_mul(length)?;
    usize::try_from(start.checked_add(index)?).ok()
}

/// Appends a run of `length` items, the last ones zero, and counts the runs.
fn append(table: &mut Vec<u32>, length: u32, items: impl Iterator<Item = u32>) -> Option<u32> {
    let count = u32::try_from(table.len())
        .ok()?
        .checked_div(length)?
        .checked_add(1)?;
    table.extend(items);
    table.resize(position(count, length, length)?, 0);
    Some(count)
}

/// A word from up to four bytes, little-endian, padded with zero bytes.
pub(crate) fn word_of(bytes: &[u8]) -> u32 {
    let mut word = [0; 4];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    u32::from_le_bytes(word)
}

impl Inputs for PagedInputs {
    type Error = MissingPage;

    fn words(&self, input: usize) -> u32 {
        self.words_of(input)
    }

    fn load(&mut self, input: usize, word: u32) -> Result<u32, MissingPage> {
        self.word(input, word)
    }

    /// Looks a page up once for all lanes in a row that read in it.
    fn gather(
        &mut self,
        input: usize,
        addresses: &[u32],
        active: Mask,
        result: &mut [u32],
    ) -> Result<(), MissingPage> {
        result.fill(0);
        let Some(pages) = self.inputs.get(input) else {
            return Ok(());
        };
        let mut last: Option<(u32, &[u32])> = None;
        active.try_each(|lane| {
            let (Some(address), Some(result)) = (addresses.get(lane), result.get_mut(lane)) else {
                return Ok(());
            };
            if *address >= pages.words {
                return Ok(());
            }
            let page = *address / PAGE_WORDS;
            let words = match last {
                Some((number, words)) if number == page => words,
                _ => {
                    let words = pages.page(page).ok_or(MissingPage { input, page })?;
                    last = Some((page, words));
                    words
                }
            };
            let word = usize::try_from(*address % PAGE_WORDS).unwrap_or_default();
            *result = words.get(word).copied().unwrap_or_default();
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::{
        prelude::{any, prop, prop_assert_eq, proptest},
        sample::Index,
    };

    proptest! {
        #[test]
        fn word_is_that_of_the_page_when_it_is_known(
            words in 1u32..2_000_000,
            picks in prop::collection::vec((any::<Index>(), any::<u8>()), 1..60),
        ) {
            let count = words.div_ceil(PAGE_WORDS) as usize;
            let mut inputs = PagedInputs::new([7, words].into_iter());
            let mut known = BTreeMap::new();
            for (page, byte) in picks {
                let page = page.index(count) as u32;
                inputs.add(1, page, &[byte; CHUNK_BYTES]);
                // What is proven is the same whenever it comes; the first stays.
                known.entry(page).or_insert(u32::from_le_bytes([byte; 4]));
            }
            for page in 0..count as u32 {
                for word in [0, 255] {
                    let word = page * PAGE_WORDS + word;
                    let expected = known.get(&page).copied().ok_or(MissingPage { input: 1, page });
                    prop_assert_eq!(inputs.word(1, word), expected);
                }
            }
        }
    }

    #[test]
    fn add_does_nothing_when_there_is_no_such_page() {
        let mut inputs = PagedInputs::new([100].into_iter());
        inputs.add(0, 70_000, &[1; 4]);
        inputs.add(1, 0, &[1; 4]);
        assert_eq!(inputs.word(0, 0), Err(MissingPage { input: 0, page: 0 }));
        assert_eq!(inputs.words_of(1), 0);
    }
}
