// SPDX-License-Identifier: Apache-2.0
//! The pages of inputs that a tile reads, proven under the inputs' hashes.

pub use crate::paged::{MissingPage, PagedInputs};

use crate::{
    ChainingValue, Root,
    paged::PAGE_WORDS,
    tree::{self, ProofError},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The bytes of a page: a chunk.
const PAGE_BYTES: u64 = 1_024;

/// An input, by the BLAKE3 hash and the length of its bytes.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct InputRef {
    /// BLAKE3 hash of the bytes.
    pub hash: Root,
    /// How many bytes.
    pub length: u64,
}

impl InputRef {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            hash: *blake3::hash(bytes).as_bytes(),
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }

    /// Its words; the last one is padded with zero bytes. `None` for more than a `u32` counts.
    pub fn words(&self) -> Option<u32> {
        u32::try_from(self.length.div_ceil(4)).ok()
    }

    /// Its pages. `None` for an input whose words a `u32` does not count.
    fn pages(&self) -> Option<u32> {
        Some(self.words()?.div_ceil(PAGE_WORDS))
    }
}

/// A page of an input: 1,024 bytes, or what is left in the last one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Page {
    /// Its number in the input.
    pub index: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Some pages of one input, ascending, and what proves them under the input's hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct InputSlice {
    /// The pages.
    pub pages: Vec<Page>,
    /// The siblings that lead from them to the hash. See [`tree::prove`].
    pub siblings: Vec<ChainingValue>,
}

/// All that the re-execution of a tile reads: a slice of each input, in the inputs' order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Witness {
    /// The slices.
    pub inputs: Vec<InputSlice>,
}

/// Why a witness is none for the inputs of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// Another number of slices than of inputs.
    #[error("{given} slices for {inputs} inputs")]
    WrongNumber {
        /// The job's inputs.
        inputs: usize,
        /// The witness's slices.
        given: usize,
    },
    /// An input has more words than can be addressed.
    #[error("input {input} is too long")]
    InputTooLong {
        /// Which.
        input: usize,
    },
    /// A page has another length than it must have.
    #[error("page {page} of input {input} has the wrong length")]
    BadPage {
        /// Of which input.
        input: usize,
        /// Which.
        page: u32,
    },
    /// The pages do not belong to the input.
    #[error("input {input}: {error}")]
    Proof {
        /// Which.
        input: usize,
        /// Why.
        error: ProofError,
    },
}

impl Witness {
    /// Checks every page against the inputs' hashes.
    pub fn verify(&self, inputs: &[InputRef]) -> Result<PagedInputs, WitnessError> {
        if self.inputs.len() != inputs.len() {
            return Err(WitnessError::WrongNumber {
                inputs: inputs.len(),
                given: self.inputs.len(),
            });
        }
        let mut known = PagedInputs::of(inputs)?;
        for (input, (reference, slice)) in inputs.iter().zip(&self.inputs).enumerate() {
            slice.verify(input, reference)?;
            known.add_slice(input, slice);
        }
        Ok(known)
    }
}

impl PagedInputs {
    /// Inputs of which nothing is known yet.
    pub(crate) fn of(inputs: &[InputRef]) -> Result<Self, WitnessError> {
        let words = inputs
            .iter()
            .enumerate()
            .map(|(input, reference)| {
                reference
                    .words()
                    .ok_or(WitnessError::InputTooLong { input })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self::new(words.into_iter()))
    }

    /// Makes the pages of a slice known, which must have been verified.
    pub(crate) fn add_slice(&mut self, input: usize, slice: &InputSlice) {
        for page in &slice.pages {
            self.add(input, page.index, &page.bytes);
        }
    }
}

impl InputSlice {
    /// Checks the pages of an input. Its number is only named in errors.
    pub fn verify(&self, input: usize, reference: &InputRef) -> Result<(), WitnessError> {
        let leaves = reference
            .pages()
            .ok_or(WitnessError::InputTooLong { input })?;
        if self.pages.is_empty() && self.siblings.is_empty() {
            return Ok(());
        }
        let proven = self
            .pages
            .iter()
            .map(|page| {
                let value = (u64::try_from(page.bytes.len())
                    == Ok(page_length(reference, page.index)))
                .then(|| tree::leaf_value(page.index, leaves, &page.bytes))
                .flatten();
                Ok((
                    page.index,
                    value.ok_or(WitnessError::BadPage {
                        input,
                        page: page.index,
                    })?,
                ))
            })
            .collect::<Result<Vec<_>, _>>()?;
        tree::verify(&reference.hash, leaves, &proven, &self.siblings)
            .map_err(|error| WitnessError::Proof { input, error })
    }
}

/// The bytes of a page of an input; 0 behind its end.
fn page_length(input: &InputRef, page: u32) -> u64 {
    let start = u64::from(page).saturating_mul(PAGE_BYTES);
    input.length.saturating_sub(start).min(PAGE_BYTES)
}

#[cfg(feature = "std")]
impl Witness {
    /// The witness of these pages (ascending, for each input) of inputs that are there in full.
    pub fn build(
        inputs: &[&[u8]],
        pages: &[alloc::collections::BTreeSet<u32>],
    ) -> Result<Self, ProofError> {
        let inputs = inputs
            .iter()
            .zip(pages)
            .map(|(bytes, pages)| InputSlice::build(bytes, pages))
            .collect::<Result<_, _>>()?;
        Ok(Self { inputs })
    }
}

#[cfg(feature = "std")]
impl InputSlice {
    fn build(bytes: &[u8], pages: &alloc::collections::BTreeSet<u32>) -> Result<Self, ProofError> {
        if pages.is_empty() {
            return Ok(Self::default());
        }
        let chunks: Vec<&[u8]> = bytes.chunks(tree::CHUNK_BYTES).collect();
        let leaves = u32::try_from(chunks.len()).map_err(|_| ProofError::Empty)?;
        let wanted: Vec<u32> = pages.iter().copied().collect();
        let siblings = tree::prove_from(leaves, &wanted, |subtree| {
            let start = usize::try_from(subtree.start).ok()?;
            let end = usize::try_from(subtree.end).ok()?;
            let end = end.checked_mul(tree::CHUNK_BYTES)?.min(bytes.len());
            let run = bytes.get(start.checked_mul(tree::CHUNK_BYTES)?..end)?;
            tree::value_of_bytes(subtree.start, run)
        })?;
        let pages = wanted
            .into_iter()
            .filter_map(|index| {
                let bytes = chunks.get(usize::try_from(index).ok()?)?;
                Some(Page {
                    index,
                    bytes: bytes.to_vec(),
                })
            })
            .collect();
        Ok(Self { pages, siblings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use assay_kernel::machine::Inputs;
    use proptest::{
        prelude::{any, prop, prop_assert_eq, proptest},
        sample::Index,
    };

    fn bytes(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    fn witness(input: &[u8], pages: &[u32]) -> (Witness, [InputRef; 1]) {
        let pages: BTreeSet<u32> = pages.iter().copied().collect();
        let witness = Witness::build(&[input], &[pages]).expect("pages of the input");
        (witness, [InputRef::of(input)])
    }

    proptest! {
        #[test]
        fn load_reads_the_input_when_its_page_is_proven(
            length in 1usize..20_000,
            words in prop::collection::vec(any::<Index>(), 1..20),
        ) {
            let input = bytes(length);
            let total = length.div_ceil(4);
            let words: Vec<u32> = words.iter().map(|word| word.index(total) as u32).collect();
            let pages: Vec<u32> = words.iter().map(|word| word / PAGE_WORDS).collect();
            let (witness, inputs) = witness(&input, &pages);
            let mut paged = witness.verify(&inputs).expect("built from the input");
            prop_assert_eq!(paged.words(0) as usize, total);
            let mut padded = input;
            padded.resize(total * 4, 0);
            for word in words {
                let at = word as usize * 4;
                let expected = u32::from_le_bytes(padded[at..at + 4].try_into().expect("four bytes"));
                prop_assert_eq!(paged.load(0, word), Ok(expected));
            }
        }
    }

    #[test]
    fn load_names_the_page_when_it_is_missing() {
        let (witness, inputs) = witness(&bytes(5_000), &[0, 2]);
        let mut paged = witness.verify(&inputs).expect("proven");
        assert_eq!(paged.load(0, 256), Err(MissingPage { input: 0, page: 1 }));
        assert_eq!(paged.load(1, 0), Err(MissingPage { input: 1, page: 0 }));
    }

    #[test]
    fn verify_refuses_when_a_page_is_forged() {
        let (mut witness, inputs) = witness(&bytes(5_000), &[1]);
        witness.inputs[0].pages[0].bytes[7] ^= 1;
        assert_eq!(
            witness.verify(&inputs).err(),
            Some(WitnessError::Proof {
                input: 0,
                error: ProofError::WrongRoot
            })
        );
    }

    #[test]
    fn verify_refuses_when_a_page_has_the_wrong_length() {
        let (mut witness, inputs) = witness(&bytes(5_000), &[1]);
        witness.inputs[0].pages[0].bytes.truncate(1_000);
        let expected = Some(WitnessError::BadPage { input: 0, page: 1 });
        assert_eq!(witness.verify(&inputs).err(), expected);
        witness.inputs[0].pages[0].bytes.resize(2_048, 0);
        assert_eq!(witness.verify(&inputs).err(), expected);
    }

    #[test]
    fn verify_refuses_when_slices_are_missing() {
        let (witness, [input]) = witness(&bytes(5_000), &[1]);
        assert_eq!(
            witness.verify(&[input, input]).err(),
            Some(WitnessError::WrongNumber {
                inputs: 2,
                given: 1
            })
        );
    }

    #[test]
    fn verify_refuses_when_the_input_is_too_long_to_address() {
        let input = InputRef {
            hash: [0; 32],
            length: u64::MAX,
        };
        let witness = Witness {
            inputs: vec![InputSlice::default()],
        };
        assert_eq!(
            witness.verify(&[input]).err(),
            Some(WitnessError::InputTooLong { input: 0 })
        );
    }

    #[test]
    fn verify_accepts_no_pages_when_nothing_is_read() {
        let witness = Witness {
            inputs: vec![InputSlice::default()],
        };
        let input = InputRef::of(&[]);
        let verified = witness.verify(&[input]);
        assert_eq!(verified.expect("nothing to prove").words(0), 0);
    }
}
