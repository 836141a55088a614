// SPDX-License-Identifier: Apache-2.0
//! What is stored of providers and of those who delegate to them.

use crate::{
    frame_support,
    pool::{Share, SharePool, proportion},
    sp_runtime,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    duty::WorkerId,
    job::Endpoint,
    provider::{GenesisHardware, Hardware},
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use polkadot_sdk::sp_core::sr25519;
use scale_info::TypeInfo;
use sp_runtime::Permill;

/// The most parts of a stake that are unbonding at once.
pub const MAX_UNBONDING: u32 = 16;

/// The most parts of a delegation that are unbonding at once.
pub const MAX_UNDELEGATING: u32 = 8;

/// What others delegate is at most so many times what the provider has at stake itself.
pub const MAX_LEVERAGE: Balance = 9;

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Provider {
    /// The key that does its duties.
    pub worker: WorkerId,
    /// Where it serves blobs.
    pub endpoint: Endpoint,
    /// What it says of its machine.
    pub hardware: Hardware,
    /// Held on the stash for the storage that the record takes.
    pub deposit: Balance,
    /// Its own stake, without what is unbonding.
    pub own: Balance,
    /// What jobs have locked of the whole stake. After a slash this may be more than there is: then nothing is free
    /// until the jobs are over or the stake is made up.
    pub locked: Balance,
    /// The parts of its own on the way out, the oldest first.
    pub unbonding: BoundedVec<Unbonding, ConstU32<MAX_UNBONDING>>,
    /// What others add to the stake, and on which terms.
    pub pool: Pool,
    /// Its place among those with the least stake.
    pub slot: Option<u32>,
    /// Whether it takes part: has a place, shows that it is alive, and is not chilled.
    pub active: bool,
    /// Whether it is chilled, until it says that it is back.
    pub chilled: bool,
    /// The last period in which its worker has shown that it is alive.
    pub heartbeat: u32,
    /// Whether it offers to validate.
    pub validator: bool,
    /// The block in which it registered.
    pub since: BlockNumber,
}

/// What others have delegated to a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pool {
    /// What is part of the stake.
    pub delegated: SharePool,
    /// What is on its way out.
    pub unbonding: SharePool,
    /// Accounts that have a record of a delegation.
    pub delegators: u32,
    /// Whether the pool's account was endowed, so that it exists.
    pub open: bool,
    /// Whether more can be delegated.
    pub accepts: bool,
    /// What the provider keeps of its delegators' part of what it earns.
    pub commission: Permill,
    /// The block from which on the commission may be raised again.
    pub raise_from: BlockNumber,
}

/// A part of a stake on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Unbonding {
    /// How much.
    pub amount: Balance,
    /// The block from which on it can be withdrawn.
    pub until: BlockNumber,
}

/// What somebody has in the pool of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Delegation {
    /// Of what is delegated.
    pub share: Share,
    /// Of what is on its way out, the oldest first.
    pub unbonding: BoundedVec<Undelegating, ConstU32<MAX_UNDELEGATING>>,
}

/// A part of a delegation on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Undelegating {
    /// Of the pool of what is on its way out.
    pub share: Share,
    /// The block from which on it can be withdrawn.
    pub until: BlockNumber,
}

/// A provider from the first block on. Its worker key is taken on trust: who writes a genesis can
/// write anything.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisProvider {
    /// The account that the stake is held on; it must be endowed with more than stake and deposit.
    pub stash: AccountId,
    /// Its stake.
    pub stake: Balance,
    /// The key that does its duties.
    pub worker: sr25519::Public,
    /// Where it serves blobs.
    pub endpoint: Endpoint,
    /// Its machine.
    #[serde(default)]
    pub hardware: GenesisHardware,
    /// Whether it offers to validate.
    #[serde(default)]
    pub validator: bool,
}

/// What a slash takes, and from where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The provider's own, held on its stash.
    pub own: Balance,
    /// Its delegators', held on the pool's account.
    pub delegated: Balance,
}

impl Provider {
    /// The whole stake: its own and what is delegated.
    pub fn stake(&self) -> Balance {
        self.own.saturating_add(self.pool.delegated.value)
    }

    /// Stake that backs no job.
    pub fn free(&self) -> Balance {
        self.stake().saturating_sub(self.locked)
    }

    /// All of its own that is on the way out.
    pub fn unbonding_total(&self) -> Balance {
        self.unbonding
            .iter()
            .fold(0, |total, part| total.saturating_add(part.amount))
    }

    /// All of its own that can be slashed, which is all that is held on the stash for it.
    pub fn own_slashable(&self) -> Balance {
        self.own.saturating_add(self.unbonding_total())
    }

    /// All that can be slashed.
    pub fn slashable(&self) -> Balance {
        self.own_slashable().saturating_add(self.pool.total())
    }

    /// Whether what others delegate is not too much for what it has at stake itself.
    pub fn is_leveraged_within_bounds(&self) -> bool {
        self.pool.delegated.value <= self.own.saturating_mul(MAX_LEVERAGE)
    }

    /// Moves its own free stake onto its way out. `None`, and nothing moved, when less is there or too many parts
    /// are on their way. Parts that end in the same block are one.
    pub fn unbond(&mut self, amount: Balance, until: BlockNumber) -> Option<()> {
        let own = self.own.checked_sub(amount)?;
        match self.unbonding.last_mut() {
            Some(last) if last.until == until => last.amount = last.amount.checked_add(amount)?,
            _ => self.unbonding.try_push(Unbonding { amount, until }).ok()?,
        }
        self.own = own;
        Some(())
    }

    /// Takes up to `amount`: of the provider's own free stake first, then of its own on the way out, the youngest
    /// part first, then of its own that backs jobs, so that one job's fault costs another its bond last; and only
    /// then of its delegators', who have not done it, what is unbonding and what is not in proportion.
    pub fn take(&mut self, amount: Balance) -> Taken {
        let from_free = amount.min(self.own).min(self.free());
        self.own = self.own.saturating_sub(from_free);
        let mut missing = amount.saturating_sub(from_free);
        for part in self.unbonding.iter_mut().rev() {
            let taken = missing.min(part.amount);
            part.amount = part.amount.saturating_sub(taken);
            missing = missing.saturating_sub(taken);
        }
        self.unbonding.retain(|part| part.amount > 0);
        let from_locked = missing.min(self.own);
        self.own = self.own.saturating_sub(from_locked);
        missing = missing.saturating_sub(from_locked);
        Taken {
            own: amount.saturating_sub(missing),
            delegated: self.pool.take(missing),
        }
    }

    /// Removes the parts that can be withdrawn and returns what they come to.
    pub fn release(&mut self, now: BlockNumber) -> Balance {
        let before = self.unbonding_total();
        self.unbonding.retain(|part| part.until > now);
        before.saturating_sub(self.unbonding_total())
    }

    /// Whether the record is of no more use: nothing can be slashed, no job is under way, and no delegator has
    /// anything to withdraw.
    pub fn is_empty(&self) -> bool {
        self.own == 0 && self.unbonding.is_empty() && self.locked == 0 && self.pool.delegators == 0
    }
}

impl Pool {
    /// All that is in it, which is all that is held on its account.
    pub fn total(&self) -> Balance {
        self.delegated.value.saturating_add(self.unbonding.value)
    }

    /// Takes up to `amount`, and returns what was taken.
    fn take(&mut self, amount: Balance) -> Balance {
        let taken = amount.min(self.total());
        let of_delegated = proportion(taken, self.delegated.value, self.total());
        self.delegated.lose(of_delegated);
        self.unbonding.lose(taken.saturating_sub(of_delegated));
        taken
    }

    /// What of an amount that the provider has earned is its delegators', given its own stake.
    pub fn part_of(&self, earned: Balance, own: Balance) -> Balance {
        if self.delegated.shares == 0 {
            return 0;
        }
        let kept = self.commission.mul_ceil(earned);
        proportion(
            earned.saturating_sub(kept),
            self.delegated.value,
            own.saturating_add(self.delegated.value),
        )
    }
}

impl Delegation {
    /// Whether nothing is in it any more.
    pub fn is_empty(&self) -> bool {
        self.share.shares == 0 && self.unbonding.is_empty()
    }

    /// Adds shares; those of an earlier generation, being worthless, are forgotten.
    pub fn add(&mut self, share: Share) {
        let kept = if self.share.generation == share.generation {
            self.share.shares
        } else {
            0
        };
        self.share = Share {
            shares: kept.saturating_add(share.shares),
            ..share
        };
    }

    /// Puts a part on its way out. `None` when too many are. Parts that end in the same block are one.
    pub fn unbond(&mut self, share: Share, until: BlockNumber) -> Option<()> {
        match self.unbonding.last_mut() {
            Some(last) if last.until == until && last.share.generation == share.generation => {
                last.share.shares = last.share.shares.checked_add(share.shares)?;
            }
            _ => self
                .unbonding
                .try_push(Undelegating { share, until })
                .ok()?,
        }
        Some(())
    }
}
