// SPDX-License-Identifier: Apache-2.0
//! The block of numbers that comes with a batch of tiles.

use super::{BATCH_BINDING, Batch, parameter_words};
use crate::program::{Kernel, Memory};

/// Words before the lengths of the inputs: the grid, the first tile, the words of the whole output, and two
/// zeros that no compiler knows.
const HEADER: u32 = 7;

/// Where the numbers are. A uniform buffer is an array of vectors of four, so words are addressed as
/// `batch[word / 4][word % 4]`.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    inputs: u32,
    parameters: u32,
}

impl Layout {
    pub(super) fn new(kernel: &Kernel) -> Self {
        let inputs = kernel
            .memories
            .iter()
            .filter(|memory| matches!(memory, Memory::Input))
            .fold(0, |count: u32, _| count.saturating_add(1));
        Self {
            inputs,
            parameters: parameter_words(kernel),
        }
    }

    pub(super) fn inputs(&self) -> u32 {
        self.inputs
    }

    /// The vectors of the block. After the parameters is a zero: what a read past their end yields.
    fn vectors(&self) -> u32 {
        self.parameter_base()
            .saturating_add(self.parameters)
            .saturating_add(1)
            .div_ceil(4)
    }

    fn parameter_base(&self) -> u32 {
        HEADER.saturating_add(self.inputs)
    }

    pub(super) fn declaration(&self) -> String {
        format!(
            "@group(0) @binding({BATCH_BINDING}) var<uniform> batch: array<vec4<u32>, {}>;\n",
            self.vectors()
        )
    }

    /// The number of the grid's workgroups along an axis.
    pub(super) fn grid(&self, axis: u32) -> String {
        word(axis)
    }

    /// The first tile of the batch.
    pub(super) fn first(&self) -> String {
        word(3)
    }

    /// The words of the whole output.
    pub(super) fn output_words(&self) -> String {
        word(4)
    }

    /// Zeros that no compiler knows.
    pub(super) fn opaque(&self) -> [String; 2] {
        [word(5), word(6)]
    }

    /// The words of an input.
    pub(super) fn input_words(&self, input: u32) -> String {
        word(HEADER.saturating_add(input))
    }

    /// The parameter at an address that is known, within their number or not.
    pub(super) fn parameter(&self, address: u32) -> String {
        word(
            self.parameter_base()
                .saturating_add(address.min(self.parameters)),
        )
    }

    /// The parameter at the address in an expression.
    pub(super) fn parameter_at(&self, address: &str) -> String {
        let (base, last) = (self.parameter_base(), self.parameters);
        let at = format!("({base}u + min({address}, {last}u))");
        format!("batch[{at} >> 2u][{at} & 3u]")
    }

    /// The contents of the block.
    pub(super) fn fill(&self, batch: &Batch<'_>, tile_words: u32) -> Vec<u32> {
        let words = batch
            .grid
            .iter()
            .fold(u64::from(tile_words), |words, size| {
                words.saturating_mul(u64::from(*size))
            });
        let padded = |words: &[u32], count: u32| {
            let count = usize::try_from(count).unwrap_or_default();
            let mut words = words.to_vec();
            words.resize(count, 0);
            words
        };
        let mut block = batch.grid.to_vec();
        block.push(batch.first);
        block.push(u32::try_from(words).unwrap_or(u32::MAX));
        block.extend([0, 0]);
        block.extend(padded(batch.input_words, self.inputs));
        block.extend(padded(batch.parameters, self.parameters));
        padded(&block, self.vectors().saturating_mul(4))
    }
}

/// A word of the block whose address is known.
fn word(address: u32) -> String {
    let component = match address % 4 {
        0 => 'x',
        1 => 'y',
        2 => 'z',
        _ => 'w',
    };
    format!("batch[{}].{component}", address / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_has_its_words_where_the_text_reads_them() {
        let layout = Layout {
            inputs: 2,
            parameters: 3,
        };
        let block = layout.fill(
            &Batch {
                grid: [2, 3, 4],
                first: 5,
                input_words: &[7, 8],
                parameters: &[9, 10, 11, 12],
            },
            256,
        );
        assert_eq!(
            block,
            [2, 3, 4, 5, 6_144, 0, 0, 7, 8, 9, 10, 11, 0, 0, 0, 0]
        );
        assert_eq!(layout.input_words(1), "batch[2].x");
        assert_eq!(layout.parameter(0), "batch[2].y");
        // Past the end: the zero after the last one.
        assert_eq!(layout.parameter(100), "batch[3].x");
        assert_eq!(layout.declaration().matches(", 4>").count(), 1);
    }

    #[test]
    fn length_of_the_output_saturates_when_it_exceeds_a_word() {
        let layout = Layout {
            inputs: 0,
            parameters: 0,
        };
        let batch = Batch {
            grid: [u32::MAX; 3],
            first: 0,
            input_words: &[],
            parameters: &[],
        };
        assert_eq!(layout.fill(&batch, 256).get(4), Some(&u32::MAX));
    }
}
