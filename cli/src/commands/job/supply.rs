// SPDX-License-Identifier: Apache-2.0
//! What a tile reads, in parts that the chain takes. See docs/decisions/0015.

use anyhow::Result;
use assay_verifier::{
    tree::ProofError,
    witness::{InputSlice, Witness},
};
use codec::Encode;
use std::collections::BTreeSet;

/// The pages of one call.
const CALL: usize = 256;

/// The pages that a tile reads.
#[derive(Debug)]
pub(super) struct Parts {
    /// What is given to the chain before, by the number of the input.
    pub(super) supplies: Vec<(u32, InputSlice)>,
    /// What goes with the proof.
    pub(super) witness: Witness,
}

impl Parts {
    /// How many pages are given before.
    pub(super) fn supplied_pages(&self) -> u32 {
        let pages = self.supplies.iter().map(|(_, slice)| slice.pages.len());
        u32::try_from(pages.sum::<usize>()).unwrap_or(u32::MAX)
    }
}

/// Leaves in a witness what fits so many bytes.
pub(super) fn split(inputs: &[&[u8]], witness: Witness, most_bytes: u32) -> Result<Parts> {
    let most = usize::try_from(most_bytes)?;
    let read: Vec<(usize, u32)> = (witness.inputs.iter().enumerate())
        .flat_map(|(input, slice)| slice.pages.iter().map(move |page| (input, page.index)))
        .collect();
    let mut parts = Parts {
        supplies: vec![],
        witness,
    };
    // How many hashes lead from some of the pages to the root depends on which, so the number that fits is tried.
    let mut kept = read.len();
    while parts.witness.encoded_size() > most && kept > 0 {
        kept -= kept.div_ceil(16);
        parts.witness = witness_of(inputs, &read[..kept])?;
    }
    for input in 0..inputs.len() {
        let rest: Vec<_> = (read[kept..].iter().copied())
            .filter(|(of, _)| *of == input)
            .collect();
        for some in rest.chunks(CALL) {
            let mut slices = witness_of(inputs, some)?.inputs;
            parts
                .supplies
                .push((u32::try_from(input)?, slices.swap_remove(input)));
        }
    }
    Ok(parts)
}

/// The witness of some pages, each with the number of its input.
fn witness_of(inputs: &[&[u8]], pages: &[(usize, u32)]) -> Result<Witness, ProofError> {
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
    use assay_verifier::witness::InputRef;

    fn bytes(pages: usize, seed: u32) -> Vec<u8> {
        let words = 0..u32::try_from(pages * 256).expect("a few");
        words
            .flat_map(|word| word.wrapping_mul(seed).to_le_bytes())
            .collect()
    }

    #[test]
    fn every_page_is_in_one_part_and_proven_when_they_do_not_fit_the_witness() {
        let inputs = [bytes(700, 3), bytes(9, 5), bytes(600, 7)];
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let read: Vec<(usize, u32)> = [(0, 700), (2, 600)]
            .into_iter()
            .flat_map(|(input, pages)| (0..pages).step_by(2).map(move |page| (input, page)))
            .collect();
        let whole = witness_of(&inputs, &read).expect("the pages are there");
        let parts = split(&inputs, whole, 100_000).expect("it can be split");

        assert!(parts.witness.encoded_size() <= 100_000);
        assert!(!parts.witness.inputs[0].pages.is_empty());
        let kept = parts.witness.inputs.iter().enumerate();
        let supplied = parts
            .supplies
            .iter()
            .map(|(input, slice)| (*input as usize, slice));
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
        assert!(
            parts
                .supplies
                .iter()
                .all(|(_, slice)| (1..=CALL).contains(&slice.pages.len()))
        );
    }

    #[test]
    fn nothing_is_supplied_when_everything_fits_the_witness() {
        let input = bytes(4, 3);
        let whole = witness_of(&[&input], &[(0, 1), (0, 3)]).expect("the pages are there");
        let parts = split(&[&input], whole.clone(), 100_000).expect("it fits");
        assert_eq!(parts.supplied_pages(), 0);
        assert_eq!(parts.witness.encode(), whole.encode());
    }
}
