// SPDX-License-Identifier: Apache-2.0
//! What a tile reads, in parts that the chain takes: a witness, and what is supplied before because it does not fit
//! that. See docs/decisions/0015.

use crate::witness::{InputSlice, Witness};
use alloc::vec::Vec;
use codec::{Decode, Encode};

/// The most pages that are supplied at once.
pub const MAX_SUPPLY: u32 = 256;

/// Pages that are given to the chain before a judgement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Supply {
    /// The number of the input among those that the pass reads.
    pub input: u32,
    /// Its pages, proven.
    pub slice: InputSlice,
}

/// All pages that a tile reads.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Parts {
    /// What is given to the chain before.
    pub supplies: Vec<Supply>,
    /// What goes with the proof.
    pub witness: Witness,
}

impl Parts {
    /// How many pages are given before.
    pub fn supplied_pages(&self) -> u32 {
        self.supplies
            .iter()
            .map(Supply::pages)
            .fold(0, u32::saturating_add)
    }
}

impl Supply {
    /// How many pages it has.
    pub fn pages(&self) -> u32 {
        u32::try_from(self.slice.pages.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(feature = "std")]
mod splitting {
    use super::{MAX_SUPPLY, Parts, Supply};
    use crate::{tree::ProofError, witness::Witness};
    use alloc::{collections::BTreeSet, vec, vec::Vec};
    use codec::Encode;

    /// The number of an input, and of a page of it.
    type Place = (usize, u32);

    impl Parts {
        /// Leaves in a witness of these inputs what fits so many bytes.
        pub fn split(
            inputs: &[&[u8]],
            witness: Witness,
            most_bytes: u32,
        ) -> Result<Self, ProofError> {
            let most = usize::try_from(most_bytes).unwrap_or(usize::MAX);
            let read: Vec<Place> = (witness.inputs.iter().enumerate())
                .flat_map(|(input, slice)| slice.pages.iter().map(move |page| (input, page.index)))
                .collect();
            // How many hashes lead from some of the pages to the root depends on which, so what fits is tried.
            let (mut kept, mut witness) = (read.len(), witness);
            while witness.encoded_size() > most && kept > 0 {
                kept = kept.saturating_sub(kept.div_ceil(16));
                witness = witness_of(inputs, read.get(..kept).unwrap_or_default())?;
            }
            let at_once = usize::try_from(MAX_SUPPLY).unwrap_or(1);
            let rest = read.get(kept..).unwrap_or_default();
            let mut supplies = vec![];
            for some in rest
                .chunk_by(|(one, _), (other, _)| one == other)
                .flat_map(|of_one| of_one.chunks(at_once))
            {
                let input = some.first().map_or(0, |(input, _)| *input);
                let slices = witness_of(inputs, some)?.inputs;
                if let (Some(slice), Ok(input)) =
                    (slices.into_iter().nth(input), u32::try_from(input))
                {
                    supplies.push(Supply { input, slice });
                }
            }
            Ok(Self { supplies, witness })
        }
    }

    /// The witness of some pages.
    fn witness_of(inputs: &[&[u8]], pages: &[Place]) -> Result<Witness, ProofError> {
        let mut of_each = vec![BTreeSet::new(); inputs.len()];
        for (input, page) in pages {
            if let Some(pages) = of_each.get_mut(*input) {
                pages.insert(*page);
            }
        }
        Witness::build(inputs, &of_each)
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::witness::InputRef;

        fn bytes(pages: u32, seed: u32) -> Vec<u8> {
            (0..pages * 256)
                .flat_map(|word| word.wrapping_mul(seed).to_le_bytes())
                .collect()
        }

        #[test]
        fn every_page_is_in_one_part_and_proven_when_they_do_not_fit_the_witness() {
            let inputs = [bytes(700, 3), bytes(9, 5), bytes(600, 7)];
            let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
            let read: Vec<Place> = [(0, 700), (2, 600)]
                .into_iter()
                .flat_map(|(input, pages)| (0..pages).step_by(2).map(move |page| (input, page)))
                .collect();
            let whole = witness_of(&inputs, &read).expect("the pages are there");
            let parts = Parts::split(&inputs, whole, 100_000).expect("it can be split");

            assert!(parts.witness.encoded_size() <= 100_000);
            assert!(!parts.witness.inputs[0].pages.is_empty());
            let kept = parts.witness.inputs.iter().enumerate();
            let supplied = (parts.supplies.iter()).map(|one| (one.input as usize, &one.slice));
            let mut found = vec![];
            for (input, slice) in kept.chain(supplied) {
                if slice.pages.is_empty() {
                    continue;
                }
                slice
                    .verify(input, &InputRef::of(inputs[input]))
                    .expect("it is proven");
                found.extend(slice.pages.iter().map(|page| (input, page.index)));
            }
            found.sort_unstable();
            assert_eq!(found, read);
            assert!((parts.supplies.iter()).all(|one| (1..=MAX_SUPPLY).contains(&one.pages())));
        }

        #[test]
        fn nothing_is_supplied_when_everything_fits_the_witness() {
            let input = bytes(4, 3);
            let whole = witness_of(&[&input], &[(0, 1), (0, 3)]).expect("the pages are there");
            let parts = Parts::split(&[&input], whole.clone(), 100_000).expect("it fits");
            assert_eq!(parts.supplied_pages(), 0);
            assert_eq!(parts.witness, whole);
        }
    }
}
