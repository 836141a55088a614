// SPDX-License-Identifier: Apache-2.0
//! What is stored of a kernel, a job and a closed job.

use crate::{frame_support, terms};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    job::{JobSpec, MAX_PANEL, PerPass},
    reason::Reason,
    reputation::Deed,
};
use assay_verifier::Root;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// A registered kernel, without its code.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KernelRecord {
    /// Who registered it.
    pub owner: AccountId,
    /// Held from the owner.
    pub deposit: Balance,
    /// How many inputs it reads.
    pub inputs: u32,
    /// The words of one of its tiles.
    pub tile_words: u32,
    /// The most fuel that one of its tiles can burn.
    pub tile_fuel: u64,
    /// How many passes of jobs alive use it.
    pub users: u32,
}

/// A job alive.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Job {
    /// Who posted it.
    pub requester: AccountId,
    /// Its terms.
    pub spec: JobSpec<Balance, BlockNumber>,
    /// The tiles of each pass.
    pub tiles: PerPass<u32>,
    /// How many of them are sampled.
    pub samples: PerPass<u32>,
    /// How many verifiers check them.
    pub panel: u32,
    /// What a verifier gets for one sample.
    pub fee_per_sample: Balance,
    /// Held for all verifiers together.
    pub verification: Balance,
    /// Held for the storage.
    pub deposit: Balance,
    /// Which auction of it this is or was, from 0.
    pub round: u32,
    /// Where it stands.
    pub stage: Stage,
    /// Under which block it is on the agenda.
    pub due: BlockNumber,
}

impl Job {
    /// All that is held for the provider and the verifiers.
    pub fn escrow(&self) -> Balance {
        self.spec.price.ceiling.saturating_add(self.verification)
    }

    /// All its tiles.
    pub fn all_tiles(&self) -> u32 {
        sum(&self.tiles)
    }

    /// All its samples.
    pub fn all_samples(&self) -> u32 {
        sum(&self.samples)
    }

    /// The kernels that it uses.
    pub fn kernels(&self) -> impl Iterator<Item = &Root> {
        let checker = self.spec.checker.iter();
        self.spec
            .passes
            .iter()
            .chain(checker)
            .map(|pass| &pass.kernel)
    }

    /// Who computes it, if it was accepted.
    pub fn contract(&self) -> Option<&Contract> {
        match &self.stage {
            Stage::Auction { .. } => None,
            Stage::Computing { contract, .. } | Stage::Verifying { contract, .. } => Some(contract),
        }
    }

    /// The price at a block, if it is up for auction then.
    pub fn price_at(&self, now: BlockNumber) -> Option<Balance> {
        match self.stage {
            Stage::Auction { opened } => Some(terms::price(
                self.spec.price,
                now.saturating_sub(opened),
                self.spec.auction,
            )),
            _ => None,
        }
    }
}

fn sum(counts: &[u32]) -> u32 {
    counts
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count))
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Stage {
    /// Waiting for a provider.
    Auction {
        /// The block in which the price is the floor.
        opened: BlockNumber,
    },
    /// Being computed.
    Computing {
        /// By whom, and for how much.
        contract: Contract,
        /// The last block in which it may be committed.
        deadline: BlockNumber,
    },
    /// Committed, being verified.
    Verifying {
        /// By whom, and for how much.
        contract: Contract,
        /// BLAKE3 hash of the output of each pass.
        roots: PerPass<Root>,
    },
}

/// Who computes a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Contract {
    /// The provider.
    pub provider: AccountId,
    /// What it gets.
    pub price: Balance,
    /// Locked of its stake.
    pub bond: Balance,
}

/// What remains of a closed job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Receipt {
    /// Who posted it.
    pub requester: AccountId,
    /// Its terms.
    pub spec: JobSpec<Balance, BlockNumber>,
    /// Its tiles.
    pub tiles: u32,
    /// How many of them were to be sampled.
    pub samples: u32,
    /// Who computed it, or should have.
    pub provider: Option<AccountId>,
    /// BLAKE3 hash of the output of each pass; none without a commitment.
    pub roots: PerPass<Root>,
    /// Why it ended.
    pub reason: Reason,
    /// The block in which it ended.
    pub closed_at: BlockNumber,
}

/// What somebody did for a job.
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
pub enum Role {
    /// Computed it.
    Provider,
    /// Checked samples of it.
    Verifier,
}

impl Role {
    /// What is noted of who was paid for it when a job settles.
    pub fn deed(self) -> Deed {
        match self {
            Self::Provider => Deed::Settled,
            Self::Verifier => Deed::Verified,
        }
    }
}

/// Money that went from a job's escrow to somebody.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Payment {
    /// To whom.
    pub account: AccountId,
    /// How much.
    pub amount: Balance,
    /// For what.
    pub role: Role,
}

/// The most payments of one job: to its provider and to its verifiers.
pub const MAX_PAYMENTS: u32 = MAX_PANEL.saturating_add(1);

/// All payments of one job.
pub type Payments = BoundedVec<Payment, ConstU32<MAX_PAYMENTS>>;
