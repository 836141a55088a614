// SPDX-License-Identifier: Apache-2.0
//! Where the machine reads a job's inputs.

use super::{
    Mask,
    pattern::{gather, word_at},
};
use core::convert::Infallible;

/// A job's inputs, in words.
pub trait Inputs {
    /// Why a word cannot be read.
    type Error;

    /// The words of an input; 0 for one that there is not.
    fn words(&self, input: usize) -> u32;

    /// A word of an input. Only asked for words that there are.
    fn load(&mut self, input: usize, word: u32) -> Result<u32, Self::Error>;

    /// The words at the addresses of the lanes that are `active`; 0 past the end of the input, and
    /// anything for the other lanes.
    fn gather(
        &mut self,
        input: usize,
        addresses: &[u32],
        active: Mask,
        result: &mut [u32],
    ) -> Result<(), Self::Error> {
        let words = self.words(input);
        result.fill(0);
        active.try_each(|lane| {
            if let (Some(address), Some(result)) = (addresses.get(lane), result.get_mut(lane))
                && *address < words
            {
                *result = self.load(input, *address)?;
            }
            Ok(())
        })
    }
}

/// Inputs that are there in full.
#[derive(Clone, Copy, Debug)]
pub struct SliceInputs<'a>(
    /// The words of each.
    pub &'a [&'a [u32]],
);

impl Inputs for SliceInputs<'_> {
    type Error = Infallible;

    fn words(&self, input: usize) -> u32 {
        let words = self.0.get(input).map_or(0, |words| words.len());
        u32::try_from(words).unwrap_or(u32::MAX)
    }

    fn load(&mut self, input: usize, word: u32) -> Result<u32, Infallible> {
        Ok(word_at(
            self.0.get(input).copied().unwrap_or_default(),
            word,
        ))
    }

    #[inline(always)]
    fn gather(
        &mut self,
        input: usize,
        addresses: &[u32],
        _active: Mask,
        result: &mut [u32],
    ) -> Result<(), Infallible> {
        let words = self.0.get(input).copied().unwrap_or_default();
        gather(words, addresses, result);
        Ok(())
    }
}
