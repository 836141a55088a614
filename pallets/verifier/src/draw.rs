// SPDX-License-Identifier: Apache-2.0
//! Randomness that nobody knew at the commitment, and the draw that follows from it.

use crate::{
    Author, Config, Draws, Duties, Event, Pallet, Seeds, frame_support,
    types::{Case, Seat, SeatState, Seed},
};
use alloc::vec::Vec;
use assay_primitives::{BlockNumber, JobId, stake::Stakes, verification::BlockRandomness};
use assay_verifier::sampling;
use frame_support::BoundedVec;

/// For how many blocks randomness is kept.
pub(crate) const KEPT: BlockNumber = 64;

/// After so many blocks the provider's own blocks serve as well: where it makes nearly all of them, it could else put
/// the draw off until the case ends unverified. What it gains is that it may then know a draw before it is made, and
/// withhold a block to have another.
const PATIENCE: BlockNumber = 16;

impl<T: Config> Pallet<T> {
    /// Records the parent's randomness, which is only readable from the block after it.
    pub(crate) fn record_seed(now: BlockNumber) {
        if let Some(vrf) = T::Randomness::of_parent() {
            let author = Author::<T>::get();
            Seeds::<T>::insert(now.saturating_sub(1), Seed { vrf, author });
        }
        Author::<T>::set(T::Randomness::author());
        Seeds::<T>::remove(now.saturating_sub(KEPT));
    }

    /// The seed of a case, once two consecutive blocks after its commitment give it, and the first of these.
    pub fn seed(job: JobId, case: &Case, now: BlockNumber) -> Option<(BlockNumber, [u8; 32])> {
        let first = case.committed.saturating_add(1);
        let patience = first.saturating_add(PATIENCE);
        let mut previous: Option<Seed> = None;
        for block in first.max(now.saturating_sub(KEPT))..now {
            let seed = Seeds::<T>::get(block)
                .filter(|seed| block >= patience || seed.author.as_ref() != Some(&case.provider));
            if let (Some(one), Some(two)) = (&previous, &seed) {
                let mut hasher = blake3::Hasher::new_derive_key("assay draw v1");
                hasher
                    .update(&T::Randomness::epoch())
                    .update(&job.to_le_bytes())
                    .update(&one.vrf)
                    .update(&two.vrf);
                let source = block.saturating_sub(1);
                return Some((source, *hasher.finalize().as_bytes()));
            }
            previous = seed;
        }
        None
    }

    /// Samples the tiles of a case.
    pub(crate) fn draw_tiles(job: JobId, case: &Case) {
        let passes = case.tiles.iter().copied().zip(case.shares.iter().copied());
        let tiles = sampling::draw_passes(&case.seed, passes);
        Draws::<T>::insert(job, BoundedVec::truncate_from(tiles));
    }

    /// The seed of a round's draw of verifiers.
    pub(crate) fn round_seed(case: &Case) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("assay draw round v1");
        hasher.update(&case.seed).update(&case.round.to_le_bytes());
        *hasher.finalize().as_bytes()
    }

    /// Draws verifiers for the vacant places of a case, by stake, in its present round: the first one drawn gets the
    /// first vacant place, and so on.
    pub(crate) fn draw_verifiers(job: JobId, case: &mut Case) {
        let vacant = case.vacant();
        let wanted = u32::try_from(vacant.len()).unwrap_or_default();
        let drawn = T::Stakes::draw(&Self::round_seed(case), wanted, &case.excluded());
        let mut verifiers = Vec::new();
        for (place, verifier) in vacant.into_iter().zip(drawn) {
            let seat = Seat {
                verifier: verifier.clone(),
                place,
                round: case.round,
                state: SeatState::Drawn,
            };
            if case.panel.try_push(seat).is_ok() {
                Duties::<T>::insert(&verifier, job, ());
                verifiers.push(verifier);
            }
        }
        if !verifiers.is_empty() {
            Self::deposit_event(Event::Drawn {
                job,
                round: case.round,
                samples: case.samples,
                verifiers,
            });
        }
    }
}
