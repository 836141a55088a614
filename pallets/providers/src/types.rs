// SPDX-License-Identifier: Apache-2.0
//! What is stored of a provider.

use crate::frame_support;
use assay_primitives::{Balance, BlockNumber, duty::WorkerId, job::Endpoint};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
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
    /// Of the stake, what backs jobs.
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

    /// Takes up to `amount`: of the stake first, then of what is unbonding, the youngest part first.
    /// Returns what was taken. Locks that the stake no longer covers shrink with it.
    pub fn take(&mut self, amount: Balance) -> Balance {
        let from_stake = amount.min(self.stake);
        self.stake = self.stake.saturating_sub(from_stake);
        self.locked = self.locked.min(self.stake);
        let mut missing = amount.saturating_sub(from_stake);
        for part in self.unbonding.iter_mut().rev() {
            let taken = missing.min(part.amount);
            part.amount = part.amount.saturating_sub(taken);
            missing = missing.saturating_sub(taken);
        }
        self.unbonding.retain(|part| part.amount > 0);
        amount.saturating_sub(missing)
    }

    /// Removes the parts that can be withdrawn and returns what they come to.
    pub fn release(&mut self, now: BlockNumber) -> Balance {
        let before = self.unbonding_total();
        self.unbonding.retain(|part| part.until > now);
        before.saturating_sub(self.unbonding_total())
    }

    /// Whether nothing of it is left on chain but its record.
    pub fn is_empty(&self) -> bool {
        self.stake == 0 && self.unbonding.is_empty()
    }
}
