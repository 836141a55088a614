// SPDX-License-Identifier: Apache-2.0
//! Finds what a workgroup does with words of the output that are not there for it: words of other tiles, which are
//! not written and read as zeros, and words of its own that it reads before it writes them. On a GPU that runs the
//! source by itself, all of them would hold what a buffer holds.
//!
//! One workgroup on one input is looked at, exactly.

use crate::{
    machine::{Inputs, Invocation, Machine, Mask, RunError, Watch},
    program::{Kernel, Memory, MemoryIndex},
};
use alloc::{vec, vec::Vec};

/// How a workgroup uses the output. Words are counted from the output's beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The words of its tile that it writes.
    pub written: u32,
    /// The first word of another tile that it writes to: what it writes is lost.
    pub lost: Option<u32>,
    /// The first word of another tile that it reads, as zero.
    pub foreign: Option<u32>,
    /// The first word of its tile that it reads, as zero, before it writes to it.
    pub unwritten: Option<u32>,
}

/// Runs a workgroup and looks at what it does with the output.
pub fn find<I: Inputs>(
    machine: &mut Machine,
    invocation: &Invocation<'_>,
    inputs: &mut I,
) -> Result<Reach, RunError<I::Error>> {
    let kernel = machine.kernel();
    let words = usize::try_from(kernel.tile_words).unwrap_or_default();
    let mut observer = Observer::new(kernel, invocation);
    let mut output = vec![0; words];
    machine.run_watched(invocation, inputs, &mut output, &mut observer)?;
    Ok(observer.reach)
}

struct Observer {
    output: Option<MemoryIndex>,
    /// The address of the tile's first word.
    first: u32,
    /// The words of all tiles.
    words: u64,
    /// Which words of the tile are written.
    written: Vec<bool>,
    reach: Reach,
}

/// Where an address of the output leads.
enum Word {
    /// To this word of the tile.
    Own(usize),
    /// To another tile.
    Foreign,
    /// Past the end, where nobody has anything.
    Nowhere,
}

impl Observer {
    fn new(kernel: &Kernel, invocation: &Invocation<'_>) -> Self {
        let is_output = |memory: &Memory| *memory == Memory::Output;
        let output = kernel.memories.iter().position(is_output);
        let tile_words = kernel.tile_words;
        let words = (invocation.grid.iter()).fold(u64::from(tile_words), |words, size| {
            words.saturating_mul(u64::from(*size))
        });
        Self {
            output: output.and_then(|output| MemoryIndex::try_from(output).ok()),
            first: invocation.group.wrapping_mul(tile_words),
            words,
            written: vec![false; usize::try_from(tile_words).unwrap_or_default()],
            reach: Reach::default(),
        }
    }

    fn word(&self, address: u32) -> Word {
        let own = usize::try_from(address.wrapping_sub(self.first)).unwrap_or(usize::MAX);
        match own < self.written.len() {
            true => Word::Own(own),
            false if u64::from(address) < self.words => Word::Foreign,
            false => Word::Nowhere,
        }
    }

    /// The addresses of the lanes, if the memory is the output.
    fn addresses<'a>(
        &self,
        memory: MemoryIndex,
        addresses: &'a [u32],
        lanes: Mask,
    ) -> impl Iterator<Item = u32> + use<'a> {
        let is_output = self.output == Some(memory);
        lanes
            .lanes()
            .filter(move |_| is_output)
            .filter_map(|lane| addresses.get(lane).copied())
    }
}

impl Watch for Observer {
    fn read(&mut self, memory: MemoryIndex, addresses: &[u32], lanes: Mask) {
        for address in self.addresses(memory, addresses, lanes) {
            match self.word(address) {
                Word::Own(word) if self.written.get(word) == Some(&false) => {
                    self.reach.unwritten.get_or_insert(address);
                }
                Word::Foreign => {
                    self.reach.foreign.get_or_insert(address);
                }
                Word::Own(_) | Word::Nowhere => {}
            }
        }
    }

    fn write(&mut self, memory: MemoryIndex, addresses: &[u32], lanes: Mask) {
        for address in self.addresses(memory, addresses, lanes) {
            match self.word(address) {
                Word::Own(word) => {
                    if let Some(written) = self.written.get_mut(word).filter(|written| !**written) {
                        *written = true;
                        self.reach.written = self.reach.written.saturating_add(1);
                    }
                }
                Word::Foreign => {
                    self.reach.lost.get_or_insert(address);
                }
                Word::Nowhere => {}
            }
        }
    }
}
