// SPDX-License-Identifier: Apache-2.0
//! What is stored of a verification.

use crate::frame_support;
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    duty::Missing,
    job::{MAX_PANEL, MAX_SAMPLES, PerPass},
};
use assay_verifier::{ChainingValue, Root, opening::Opening};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedBTreeMap, BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// The sampled tiles, numbered through all passes, ascending.
pub type Tiles = BoundedVec<u32, ConstU32<MAX_SAMPLES>>;

/// Values of the sampled tiles, in their order.
pub type Values = BoundedVec<ChainingValue, ConstU32<MAX_SAMPLES>>;

/// The openings of the sampled tiles, one for each pass.
pub type Openings = PerPass<Opening>;

/// Positions in the draw, ascending, each with a value.
pub type Differences = BoundedVec<(u32, ChainingValue), ConstU32<MAX_SAMPLES>>;

/// The most demands that are open in one case; half of them for others than the requester.
pub const MAX_DEMANDS: u32 = 8;

/// The most tiles that are shown in answer to demands in one case; the second half only for the requester.
pub const MAX_SHOWN: u32 = 256;

/// The most bytes of a tile: 64 chunks.
pub const MAX_TILE_BYTES: u32 = 64 * 1_024;

/// The bytes of a tile.
pub type TileBytes = BoundedVec<u8, ConstU32<MAX_TILE_BYTES>>;

/// The open demands of a case, in the order in which they were made.
pub type OpenDemands = BoundedVec<Demand, ConstU32<MAX_DEMANDS>>;

/// The tiles that were shown in answer to demands.
pub type ShownTiles = BoundedBTreeMap<u32, ShownTile, ConstU32<MAX_SHOWN>>;

pub use assay_verifier::parts::MAX_SUPPLY;

/// The most accounts that supply pages for a case without being a party to it.
pub const MAX_STRANGERS: u32 = 8;

/// The most accounts that supply pages for a case: strangers, a whole panel and its successors, provider, requester.
pub const MAX_SUPPLIERS: u32 = MAX_STRANGERS + 2 * MAX_PANEL + 2;

/// The bytes of a page.
pub type PageBytes = BoundedVec<u8, ConstU32<1_024>>;

/// Who has supplied pages for a case.
pub type Suppliers = BoundedVec<Supplier, ConstU32<MAX_SUPPLIERS>>;

/// The most blocks of all windows together: a week of blocks of three seconds. Stake has to stay
/// slashable for longer.
pub const MAX_WINDOWS: BlockNumber = 7 * 24 * 60 * 20;

/// The most rounds of draws in one case, of all its panels together.
pub const MAX_ROUNDS: u32 = 8;

/// The most verifiers that can have left a case.
pub const MAX_FORMER: u32 = MAX_PANEL * MAX_ROUNDS;

/// How many blocks each phase lasts at most. What changes holds for phases that start from then on.
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
    /// For verifiers to fetch inputs, re-execute and attest, or to say whether inputs can be had. Default 20: a minute.
    pub attest: BlockNumber,
    /// For the provider to open. Default 10.
    pub open: BlockNumber,
    /// For verifiers to reveal. Default 10.
    pub reveal: BlockNumber,
    /// For a proof after verifiers and provider differed, or after the checker found something. Default 200: ten minutes.
    pub dispute: BlockNumber,
    /// For anybody's objection after all agreed. Default 20.
    pub challenge: BlockNumber,
    /// To find randomness and verifiers before a case ends unverified. Default 100: five minutes.
    pub draw: BlockNumber,
    /// For the provider to answer a demand. Default 100: five minutes, for a provider that has to restart first.
    pub answer: BlockNumber,
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            attest: 20,
            open: 10,
            reveal: 10,
            dispute: 200,
            challenge: 20,
            draw: 100,
            answer: 100,
        }
    }
}

impl Windows {
    /// Whether each lasts at least one block and all together, with so many panels, of each so many rounds of
    /// attestations, and a second dispute and answer, no longer than [`MAX_WINDOWS`].
    pub fn are_valid(&self, rounds: u32, panels: u32) -> bool {
        let each = [
            self.attest,
            self.open,
            self.reveal,
            self.dispute,
            self.challenge,
            self.draw,
            self.answer,
        ];
        let panel = (self.attest.saturating_mul(rounds))
            .saturating_add(self.draw)
            .saturating_add(self.open)
            .saturating_add(self.reveal);
        let all = (panel.saturating_mul(panels))
            .saturating_add(self.challenge)
            // A checker may be found to fail while nothing but the last answer is awaited.
            .saturating_add(self.dispute.saturating_mul(2))
            .saturating_add(self.answer.saturating_mul(2));
        !each.contains(&0) && all <= MAX_WINDOWS
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
    /// BLAKE3 hash of the output of each pass; none where only the inputs are looked for.
    pub roots: PerPass<Root>,
    /// Tiles of each pass.
    pub tiles: PerPass<u32>,
    /// How many of them are sampled.
    pub shares: PerPass<u32>,
    /// How many are sampled of all passes together; where only the inputs are looked for, for how many a verifier is
    /// paid.
    pub samples: u32,
    /// How many verifiers are drawn: what the requester pays for, or as many candidates as there were.
    pub verifiers: u32,
    /// The price of the computation.
    pub price: Balance,
    /// The block of the commitment or of the enquiry, or in which the panel before this one was given up: later blocks
    /// make the seed.
    pub committed: BlockNumber,
    /// The seed of the draw; zeros before it.
    pub seed: [u8; 32],
    /// The first of the two blocks whose randomness is in the seed; 0 before the draw.
    pub source: BlockNumber,
    /// Whether the chain has found a tile of the job's checker that is not zeros.
    pub suspected: bool,
    /// Whether a proof of the provider's was broken, so that it may bring no more without paying for them.
    pub barred: bool,
    /// Whether any verifier has shown its values.
    pub revealed: bool,
    /// Which draw of verifiers is the last: those of the first panel are numbered from 0, of the second from `MaxRounds`
    /// on, and so forth.
    pub round: u32,
    /// What is going on.
    pub phase: Phase,
    /// The last block of the phase; in `Drawing`, when to look for randomness next.
    pub until: BlockNumber,
    /// The verifiers.
    pub panel: BoundedVec<Seat, ConstU32<MAX_PANEL>>,
    /// Who had a seat and has left it, in that order. Together with the panel they are all who were ever drawn, and
    /// so whom a later draw excludes.
    pub former: BoundedVec<Former, ConstU32<MAX_FORMER>>,
}

/// What is going on in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
    /// Waiting for randomness.
    Drawing,
    /// Verifiers commit to their values, or say that they cannot fetch what they need.
    Attesting,
    /// Verifiers say whether they can fetch the inputs.
    Enquiring,
    /// The provider opens.
    Opening,
    /// Verifiers show their values.
    Revealing,
    /// A proof is awaited.
    Disputed,
    /// Anybody may object.
    Challenge,
}

/// A demand that the provider has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Demand {
    /// The tile, numbered through all passes.
    pub tile: u32,
    /// Who wants to see it.
    pub by: AccountId,
    /// Whether that is the requester.
    pub is_requester: bool,
    /// Whether its bytes are wanted as well.
    pub bytes: bool,
    /// What is held for it.
    pub fee: Balance,
    /// The last block in which it can be answered.
    pub until: BlockNumber,
}

/// Pages that were supplied for a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Supply {
    /// The number that its pages are kept under: a job may be verified again while those of an earlier case are removed.
    pub id: u64,
    /// Who has supplied them.
    pub suppliers: Suppliers,
}

/// Who has supplied pages.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Supplier {
    /// Who.
    pub who: AccountId,
    /// Whether it is neither on the panel nor provider nor requester.
    pub is_stranger: bool,
    /// How many pages.
    pub pages: u32,
    /// What is held for them.
    pub deposit: Balance,
}

/// A tile that was shown in answer to a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ShownTile {
    /// Its value.
    pub value: ChainingValue,
    /// Whether its bytes were shown too.
    pub bytes: bool,
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

/// Who had a seat in a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Former {
    /// Who.
    pub verifier: AccountId,
    /// Its place in the panel.
    pub place: u32,
    /// In which draw it was chosen.
    pub round: u32,
    /// What it could not fetch, if it left for saying so when there was no majority: it still counts.
    pub missed: Option<Missing>,
}

/// What a verifier has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum SeatState {
    /// Nothing yet.
    Drawn,
    /// Committed to its values.
    Attested([u8; 32]),
    /// Said that it could not fetch something.
    Missed(Missing),
    /// Said that it has the inputs.
    Had,
    /// Shown that its values are the provider's.
    Agreed,
    /// Shown that they are not.
    Differed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_refused_when_one_is_empty() {
        let valid = Windows::default();
        assert!(valid.are_valid(2, 2));
        for broken in [
            Windows { attest: 0, ..valid },
            Windows { open: 0, ..valid },
            Windows { reveal: 0, ..valid },
            Windows {
                dispute: 0,
                ..valid
            },
            Windows {
                challenge: 0,
                ..valid
            },
            Windows { draw: 0, ..valid },
            Windows { answer: 0, ..valid },
        ] {
            assert!(!broken.are_valid(2, 2), "{broken:?}");
        }
    }

    #[test]
    fn windows_are_refused_when_together_they_last_too_long() {
        let longest = Windows {
            attest: 10,
            open: 1,
            reveal: 1,
            dispute: (MAX_WINDOWS - 2 * 23 - 3) / 2,
            challenge: 1,
            draw: 1,
            answer: 1,
        };
        assert!(longest.are_valid(2, 2));
        assert!(!longest.are_valid(3, 2));
        assert!(!longest.are_valid(2, 3));
        assert!(!Windows { open: 3, ..longest }.are_valid(2, 2));
        assert!(
            !Windows {
                dispute: BlockNumber::MAX,
                ..longest
            }
            .are_valid(u32::MAX, u32::MAX)
        );
    }
}
