// SPDX-License-Identifier: Apache-2.0
//! What is stored of a kernel, a job and a closed job.

use crate::{frame_support, terms};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    job::{AssetId, JobSpec, MAX_PANEL, PerPass, PriceRange},
    reason::Reason,
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
    /// How many of them the assurance samples; of a provider on probation more are drawn.
    pub samples: PerPass<u32>,
    /// Who verifies it, and for how much.
    pub fees: Fees,
    /// Held for verifiers, and not yet spent on enquiries.
    pub verification: Balance,
    /// Held for the storage.
    pub deposit: Balance,
    /// Held for whoever settles it, out of what those lost who missed a deadline.
    pub bounty: Balance,
    /// Who last had it and did not deliver.
    pub last: Option<AccountId>,
    /// How often it was put up for auction or rescue before.
    pub round: u32,
    /// Where it stands.
    pub stage: Stage,
    /// Under which block it is on the agenda.
    pub due: BlockNumber,
}

impl Job {
    /// All that is held in native tokens for provider, rescuer and verifiers.
    pub fn escrow(&self) -> Balance {
        let price = match self.spec.asset {
            None => self.spec.price.ceiling,
            Some(_) => 0,
        };
        price
            .saturating_add(self.verification)
            .saturating_add(self.bounty)
    }

    /// What is held in an asset for the provider.
    pub fn escrow_in_asset(&self) -> Option<(AssetId, Balance)> {
        Some((self.spec.asset?, self.spec.price.ceiling))
    }

    /// All its tiles.
    pub fn all_tiles(&self) -> u32 {
        sum(&self.tiles)
    }

    /// The samples that are drawn or, before a commitment, those that the assurance asks for.
    pub fn all_samples(&self) -> u32 {
        match &self.stage {
            Stage::Verifying { samples, .. } => sum(samples),
            _ => sum(&self.samples),
        }
    }

    /// What verifiers earn at most with the samples that the assurance asks for.
    pub fn verification_at_least(&self) -> Balance {
        self.fees
            .of_samples(sum(&self.samples))
            .unwrap_or(Balance::MAX)
    }

    /// What must be left for verifiers whatever enquiries cost.
    pub fn verification_reserved(&self) -> Balance {
        let samples = match self.spec.asset {
            None => sum(&self.samples),
            Some(_) => sum(&terms::most_samples(&self.samples, &self.tiles)),
        };
        self.fees.of_samples(samples).unwrap_or(Balance::MAX)
    }

    /// How many passes it has, without the checker.
    pub fn passes(&self) -> u32 {
        u32::try_from(self.spec.passes.len()).unwrap_or(u32::MAX)
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
            Stage::Auction { .. } | Stage::Rescue { .. } => None,
            Stage::Computing { contract, .. }
            | Stage::Enquiring { contract }
            | Stage::Verifying { contract, .. } => Some(contract),
        }
    }

    /// The price at a block, if it can be accepted then.
    pub fn price_at(&self, now: BlockNumber) -> Option<Balance> {
        let (from, opened, length) = match self.stage {
            Stage::Auction { opened } => (self.spec.price.floor, opened, self.spec.auction),
            Stage::Rescue { opened, from, .. } => {
                (from, opened, self.spec.auction.min(self.spec.compute))
            }
            _ => return None,
        };
        let range = PriceRange {
            floor: from,
            ceiling: self.spec.price.ceiling,
        };
        Some(terms::price(range, now.saturating_sub(opened), length))
    }

    /// The block with which an auction or a rescue ends, if it is up for one.
    pub fn open_until(&self) -> Option<BlockNumber> {
        match self.stage {
            Stage::Auction { opened } => Some(opened.saturating_add(self.spec.auction)),
            Stage::Rescue { opened, .. } => Some(opened.saturating_add(self.spec.compute)),
            _ => None,
        }
    }
}

/// Adds up counts of each pass.
pub(crate) fn sum(counts: &[u32]) -> u32 {
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
    /// Waiting for a provider after another one missed its deadline.
    Rescue {
        /// The block in which the price is what the other one was to get.
        opened: BlockNumber,
        /// What the other one was to get.
        from: Balance,
        /// What the other one did: missed its deadline, or reported falsely.
        reason: Reason,
    },
    /// Being computed.
    Computing {
        /// By whom, and for how much.
        contract: Contract,
        /// The block in which it was accepted.
        accepted: BlockNumber,
        /// The last block in which it may be committed or its inputs reported missing.
        deadline: BlockNumber,
    },
    /// The provider says that the inputs cannot be had; verifiers look.
    Enquiring {
        /// Who says so.
        contract: Contract,
    },
    /// Committed, being verified.
    Verifying {
        /// By whom, and for how much.
        contract: Contract,
        /// BLAKE3 hash of the output of each pass.
        roots: PerPass<Root>,
        /// How many tiles of each pass are drawn.
        samples: PerPass<u32>,
    },
}

/// Who computes a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Contract {
    /// The provider.
    pub provider: AccountId,
    /// What it gets, in what the job is paid in.
    pub price: Balance,
    /// What that was worth in native tokens when it accepted.
    pub worth: Balance,
    /// Locked of its stake.
    pub bond: Balance,
}

/// Who verifies a job, and what they earn, in native tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Fees {
    /// How many verifiers are drawn.
    pub panel: u32,
    /// How many of them check each sample.
    pub per_sample: u32,
    /// What each of those gets for it.
    pub sample: Balance,
    /// What each verifier of the panel gets for running the checker.
    pub checker: Balance,
}

impl Fees {
    /// What all verifiers together earn at most with so many samples. `None` when it does not fit the currency.
    pub fn of_samples(&self, samples: u32) -> Option<Balance> {
        let checks = Balance::from(samples).checked_mul(self.per_sample.into())?;
        let checking = self.checker.checked_mul(self.panel.into())?;
        self.sample.checked_mul(checks)?.checked_add(checking)
    }

    /// What all who look after inputs earn at most, each as if for so many samples.
    pub fn of_enquiry(&self, panel: u32, samples: u32) -> Option<Balance> {
        let looks = Balance::from(samples).checked_mul(panel.into())?;
        self.sample.checked_mul(looks)
    }

    /// What one more sample costs.
    pub fn of_one_more(&self) -> Balance {
        self.sample.saturating_mul(self.per_sample.into())
    }
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
    /// How many of them were drawn or, without a commitment, were to be.
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
    /// Checked samples of it, or looked for its inputs.
    Verifier,
    /// Computed it after somebody else had missed the deadline: the bounty.
    Rescuer,
}

/// Money that went from a job's escrow to somebody.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Payment {
    /// To whom.
    pub account: AccountId,
    /// How much: of a provider in what the job is paid in, of all others in native tokens.
    pub amount: Balance,
    /// For what.
    pub role: Role,
}

/// The most payments of one job: to its provider, twice if it rescued the job, and to its verifiers.
pub const MAX_PAYMENTS: u32 = MAX_PANEL.saturating_add(2);

/// All payments of one job.
pub type Payments = BoundedVec<Payment, ConstU32<MAX_PAYMENTS>>;
