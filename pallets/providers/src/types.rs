// SPDX-License-Identifier: Apache-2.0
//! What is stored of a provider.

use crate::frame_support;
use alloc::string::String;
use assay_primitives::{AccountId, Balance, BlockNumber, duty::WorkerId, job::Endpoint};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use polkadot_sdk::sp_core::sr25519;
use scale_info::TypeInfo;

/// The most bytes of what a provider says of its hardware.
pub const MAX_HARDWARE: u32 = 128;

/// The most parts of a stake that are unbonding at once.
pub const MAX_UNBONDING: u32 = 16;

/// What a provider says of its hardware, as text.
pub type Hardware = BoundedVec<u8, ConstU32<MAX_HARDWARE>>;

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Provider {
    /// The key that does its duties.
    pub worker: WorkerId,
    /// Where it serves blobs.
    pub endpoint: Endpoint,
    /// What it says of its hardware.
    pub hardware: Hardware,
    /// Its stake, without what is unbonding.
    pub stake: Balance,
    /// What jobs have locked of it. After a slash this may be more than there is: then nothing is free until the
    /// jobs are over or the stake is made up.
    pub locked: Balance,
    /// The parts on the way out, the oldest first.
    pub unbonding: BoundedVec<Unbonding, ConstU32<MAX_UNBONDING>>,
    /// The block in which it registered.
    pub since: BlockNumber,
}

/// A part of a stake on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Unbonding {
    /// How much.
    pub amount: Balance,
    /// The block from which on it can be withdrawn.
    pub until: BlockNumber,
}

/// A provider from the first block on. Its worker key is taken on trust: who writes a genesis can
/// write anything.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisProvider {
    /// The account that the stake is held on; it must be endowed with more than the stake.
    pub stash: AccountId,
    /// Its stake.
    pub stake: Balance,
    /// The key that does its duties.
    pub worker: sr25519::Public,
    /// Where it serves blobs.
    pub endpoint: Endpoint,
    /// What it says of its hardware, at most [`MAX_HARDWARE`] bytes.
    pub hardware: String,
}

impl Provider {
    /// Stake that backs no job.
    pub fn free(&self) -> Balance {
        self.stake.saturating_sub(self.locked)
    }

    /// All that is on the way out.
    pub fn unbonding_total(&self) -> Balance {
        self.unbonding
            .iter()
            .fold(0, |total, part| total.saturating_add(part.amount))
    }

    /// All that can be slashed, which is all that is held.
    pub fn slashable(&self) -> Balance {
        self.stake.saturating_add(self.unbonding_total())
    }

    /// Moves free stake onto its way out. `None`, and nothing moved, when less is free or too many
    /// parts are on their way. Parts that end in the same block are one.
    pub fn unbond(&mut self, amount: Balance, until: BlockNumber) -> Option<()> {
        let stake = self
            .stake
            .checked_sub(amount)
            .filter(|rest| *rest >= self.locked)?;
        match self.unbonding.last_mut() {
            Some(last) if last.until == until => last.amount = last.amount.checked_add(amount)?,
            _ => self.unbonding.try_push(Unbonding { amount, until }).ok()?,
        }
        self.stake = stake;
        Some(())
    }

    /// Takes up to `amount` and returns what was taken: of the free stake first, then of what is
    /// unbonding, the youngest part first, and only then of what backs jobs, so that one job's fault
    /// costs another its bond last.
    pub fn take(&mut self, amount: Balance) -> Balance {
        let from_free = amount.min(self.free());
        self.stake = self.stake.saturating_sub(from_free);
        let mut missing = amount.saturating_sub(from_free);
        for part in self.unbonding.iter_mut().rev() {
            let taken = missing.min(part.amount);
            part.amount = part.amount.saturating_sub(taken);
            missing = missing.saturating_sub(taken);
        }
        self.unbonding.retain(|part| part.amount > 0);
        let from_locked = missing.min(self.stake);
        self.stake = self.stake.saturating_sub(from_locked);
        missing = missing.saturating_sub(from_locked);
        amount.saturating_sub(missing)
    }

    /// Removes the parts that can be withdrawn and returns what they come to.
    pub fn release(&mut self, now: BlockNumber) -> Balance {
        let before = self.unbonding_total();
        self.unbonding.retain(|part| part.until > now);
        before.saturating_sub(self.unbonding_total())
    }

    /// Whether nothing of it can be slashed any more.
    pub fn is_empty(&self) -> bool {
        self.stake == 0 && self.unbonding.is_empty()
    }
}
