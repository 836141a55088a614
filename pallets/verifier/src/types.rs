// SPDX-License-Identifier: Apache-2.0
//! What is stored of a verification.

use crate::frame_support;
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    job::{MAX_PANEL, MAX_SAMPLES},
};
use assay_verifier::{ChainingValue, Root};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// The sampled tiles, ascending.
pub type Tiles = BoundedVec<u32, ConstU32<MAX_SAMPLES>>;

/// Values of the sampled tiles, in their order.
pub type Values = BoundedVec<ChainingValue, ConstU32<MAX_SAMPLES>>;

/// Positions in the draw, ascending, each with a value.
pub type Differences = BoundedVec<(u32, ChainingValue), ConstU32<MAX_SAMPLES>>;

/// The most blocks of a window: a week of blocks of three seconds.
const MAX_WINDOW: BlockNumber = 7 * 24 * 60 * 20;

/// How many blocks each phase lasts at most.
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
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Windows {
    /// For verifiers to fetch inputs, re-execute and attest. Default 20: a minute.
    pub attest: BlockNumber,
    /// For the provider to open. Default 10.
    pub open: BlockNumber,
    /// For verifiers to reveal. Default 10.
    pub reveal: BlockNumber,
    /// For a proof after verifiers and provider differed. Default 200: ten minutes.
    pub dispute: BlockNumber,
    /// For anybody's objection after all agreed. Default 20.
    pub challenge: BlockNumber,
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            attest: 20,
            open: 10,
            reveal: 10,
            dispute: 200,
            challenge: 20,
        }
    }
}

impl Windows {
    /// Whether each lasts at least one block and none too long.
    pub fn are_valid(&self) -> bool {
        [
            self.attest,
            self.open,
            self.reveal,
            self.dispute,
            self.challenge,
        ]
        .iter()
        .all(|window| (1..=MAX_WINDOW).contains(window))
    }
}

/// The randomness of a block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Seed {
    /// The block's VRF output.
    pub vrf: [u8; 32],
    /// Who made the block.
    pub author: Option<AccountId>,
}

/// A verification under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Case {
    /// Who computed the job.
    pub provider: AccountId,
    /// Who asked for it.
    pub requester: AccountId,
    /// BLAKE3 hash of the output.
    pub root: Root,
    /// Tiles of the output.
    pub tiles: u32,
    /// How many of them are sampled.
    pub samples: u32,
    /// How many verifiers are drawn.
    pub verifiers: u32,
    /// The price of the computation.
    pub price: Balance,
    /// The block of the commitment.
    pub committed: BlockNumber,
    /// The seed of the draw; zeros before it.
    pub seed: [u8; 32],
    /// Which draw of verifiers was the last.
    pub round: u32,
    /// What is going on.
    pub phase: Phase,
    /// The last block of the phase.
    pub until: BlockNumber,
    /// The verifiers.
    pub panel: BoundedVec<Seat, ConstU32<MAX_PANEL>>,
}

/// What is going on in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
    /// Waiting for randomness.
    Drawing,
    /// Verifiers commit to their values.
    Attesting,
    /// The provider opens.
    Opening,
    /// Verifiers show their values.
    Revealing,
    /// A proof is awaited.
    Disputed,
    /// Anybody may object.
    Challenge,
}

/// A verifier of a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Seat {
    /// Who.
    pub verifier: AccountId,
    /// Its place in the panel, which decides its samples; a replacement takes the place over.
    pub place: u32,
    /// In which draw it was chosen.
    pub round: u32,
    /// What it has done.
    pub state: SeatState,
}

/// What a verifier has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum SeatState {
    /// Nothing yet.
    Drawn,
    /// Committed to its values.
    Attested([u8; 32]),
    /// Shown that its values are the provider's.
    Agreed,
    /// Shown that they are not.
    Differed,
}

impl Case {
    /// Whether the verifier of a place checks the sample at a position of the draw, if each sample is
    /// checked by so many: they take turns.
    pub fn is_assigned(&self, place: u32, position: u32, per_sample: u32) -> bool {
        if per_sample >= self.verifiers {
            return true;
        }
        let first = u64::from(position)
            .saturating_mul(per_sample.into())
            .checked_rem(self.verifiers.into())
            .unwrap_or_default();
        let distance = u64::from(place)
            .saturating_add(self.verifiers.into())
            .saturating_sub(first)
            .checked_rem(self.verifiers.into())
            .unwrap_or_default();
        distance < u64::from(per_sample)
    }

    /// The positions of the draw that a place checks.
    pub fn assigned(&self, place: u32, per_sample: u32) -> Vec<u32> {
        (0..self.samples)
            .filter(|position| self.is_assigned(place, *position, per_sample))
            .collect()
    }

    /// The seat of a verifier.
    pub fn seat(&self, verifier: &AccountId) -> Option<&Seat> {
        self.panel.iter().find(|seat| seat.verifier == *verifier)
    }

    /// Whether some seat is in a state.
    pub fn any(&self, state: impl Fn(&SeatState) -> bool) -> bool {
        self.panel.iter().any(|seat| state(&seat.state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(verifiers: u32, samples: u32) -> Case {
        Case {
            provider: AccountId::new([1; 32]),
            requester: AccountId::new([2; 32]),
            root: [0; 32],
            tiles: 1_000,
            samples,
            verifiers,
            price: 0,
            committed: 0,
            seed: [0; 32],
            round: 0,
            phase: Phase::Drawing,
            until: 0,
            panel: BoundedVec::new(),
        }
    }

    #[test]
    fn every_sample_has_its_verifiers_and_the_work_is_shared_evenly() {
        for verifiers in 1..=MAX_PANEL {
            for per_sample in 1..=4 {
                let case = case(verifiers, 48);
                let shares: Vec<_> = (0..verifiers)
                    .map(|place| case.assigned(place, per_sample))
                    .collect();
                for position in 0..48 {
                    let eyes = shares
                        .iter()
                        .filter(|share| share.contains(&position))
                        .count() as u32;
                    assert_eq!(
                        eyes,
                        per_sample.min(verifiers),
                        "{verifiers} {per_sample} {position}"
                    );
                }
                let most = shares.iter().map(Vec::len).max();
                let least = shares.iter().map(Vec::len).min();
                assert!(
                    most.zip(least)
                        .is_some_and(|(most, least)| most - least <= per_sample as usize)
                );
            }
        }
    }

    #[test]
    fn windows_are_refused_when_one_is_empty_or_too_long() {
        assert!(Windows::default().are_valid());
        assert!(
            !Windows {
                open: 0,
                ..Windows::default()
            }
            .are_valid()
        );
        assert!(
            !Windows {
                dispute: MAX_WINDOW + 1,
                ..Windows::default()
            }
            .are_valid()
        );
    }
}
