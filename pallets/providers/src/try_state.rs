// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{
    Candidates, Config, Delegations, HoldReason, Pallet, ProviderOf, Providers, Slots, Sums,
    frame_support,
    pool::{Share, SharePool},
    sp_runtime::TryRuntimeError,
    tree::{DEPTH, sum},
};
use alloc::collections::{BTreeMap, BTreeSet};
use assay_primitives::{AccountId, Balance};
use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::stake_is_held()?;
        Self::deposits_are_held()?;
        Self::pools_are_held_and_owned()?;
        Self::workers_are_known()?;
        Self::places_have_no_gaps()?;
        Self::weights_add_up()?;
        Self::candidates_are_known()
    }

    /// 1. What is held on a stash for `Stake` is its own stake and its own unbonding parts together.
    fn stake_is_held() -> Result<(), TryRuntimeError> {
        for (account, provider) in Providers::<T>::iter() {
            let held = T::Currency::balance_on_hold(&HoldReason::Stake.into(), &account);
            ensure!(
                held == provider.own_slashable(),
                "a stake is not what is held for it"
            );
        }
        Ok(())
    }

    /// 2. What is held on a stash for `Registration` is its deposit, which covers what it publishes.
    fn deposits_are_held() -> Result<(), TryRuntimeError> {
        for (account, provider) in Providers::<T>::iter() {
            let held = T::Currency::balance_on_hold(&HoldReason::Registration.into(), &account);
            ensure!(
                held == provider.deposit,
                "a deposit is not what is held for it"
            );
            ensure!(
                held >= Self::deposit_for(&provider.endpoint, &provider.hardware),
                "a deposit does not cover the record"
            );
        }
        Ok(())
    }

    /// 3. What is held on the account of a pool is what the pool has, and its shares are its delegators'.
    fn pools_are_held_and_owned() -> Result<(), TryRuntimeError> {
        // By provider: delegators, their shares of what is delegated, and of what is on its way out.
        let mut owned: BTreeMap<AccountId, (u32, Balance, Balance)> = BTreeMap::new();
        for (_, provider, delegation) in Delegations::<T>::iter() {
            let pool = Providers::<T>::get(&provider)
                .ok_or("a delegation has no provider")?
                .pool;
            ensure!(!delegation.is_empty(), "an empty delegation is kept");
            let alive = |part: Share, of: &SharePool| {
                if part.generation == of.generation {
                    part.shares
                } else {
                    0
                }
            };
            let (delegators, delegated, unbonding) = owned.entry(provider).or_default();
            *delegators = delegators.saturating_add(1);
            *delegated = delegated.saturating_add(alive(delegation.share, &pool.delegated));
            for part in &delegation.unbonding {
                *unbonding = unbonding.saturating_add(alive(part.share, &pool.unbonding));
            }
        }
        for (account, provider) in Providers::<T>::iter() {
            let pool = provider.pool;
            let holder = Self::pool_account(&account);
            let held = T::Currency::balance_on_hold(&HoldReason::Stake.into(), &holder);
            ensure!(held == pool.total(), "a pool is not what is held for it");
            let expected = owned.get(&account).copied().unwrap_or_default();
            ensure!(
                expected
                    == (
                        pool.delegators,
                        pool.delegated.shares,
                        pool.unbonding.shares
                    ),
                "the shares of a pool are not its delegators'"
            );
            ensure!(
                !pool.delegated.is_worn() && !pool.unbonding.is_worn(),
                "a pool has more shares than its money is worth"
            );
        }
        Ok(())
    }

    /// 4. `ProviderOf` is the inverse of the providers' worker keys.
    fn workers_are_known() -> Result<(), TryRuntimeError> {
        for (account, provider) in Providers::<T>::iter() {
            let known = ProviderOf::<T>::get(&provider.worker);
            ensure!(
                known == Some(account),
                "a worker key leads to another provider"
            );
        }
        ensure!(
            ProviderOf::<T>::iter_keys().count() == Providers::<T>::iter_keys().count(),
            "a worker key belongs to nobody"
        );
        Ok(())
    }

    /// 5. Who has the least stake itself, and nobody else, has a place; places are numbered without gaps, up to
    ///    `MaxProviders`.
    fn places_have_no_gaps() -> Result<(), TryRuntimeError> {
        let places = Slots::<T>::count();
        ensure!(
            places <= T::MaxProviders::get(),
            "there are too many providers"
        );
        let mut taken = BTreeSet::new();
        for (account, provider) in Providers::<T>::iter() {
            ensure!(
                provider.slot.is_some() == (provider.own >= T::MinimumStake::get()),
                "a place does not follow the stake"
            );
            if let Some(slot) = provider.slot {
                ensure!(slot < places, "a place lies behind the last one");
                ensure!(
                    Slots::<T>::get(slot) == Some(account),
                    "a place belongs to another provider"
                );
                taken.insert(slot);
            }
        }
        ensure!(
            u32::try_from(taken.len()) == Ok(places),
            "a place belongs to nobody"
        );
        Ok(())
    }

    /// 6. The weight of a place is the whole stake of a provider that is active and 0 of one that is not; who is active
    ///    is not chilled; each node of the tree is the sum of what is below it.
    fn weights_add_up() -> Result<(), TryRuntimeError> {
        let mut weights: Balance = 0;
        for (_, provider) in Providers::<T>::iter() {
            ensure!(
                !provider.active || (provider.slot.is_some() && !provider.chilled),
                "who is active has a place and is not chilled"
            );
            let expected = if provider.active { provider.stake() } else { 0 };
            let weight = provider.slot.map_or(0, Self::weight_of);
            ensure!(weight == expected, "a weight is not the stake");
            weights = weights.saturating_add(weight);
        }
        ensure!(
            Self::total_weight() == weights,
            "the weights are not the stakes that are active"
        );
        for ((level, index), node) in Sums::<T>::iter() {
            ensure!(sum(&node) > 0, "a node without a weight is kept");
            let above = level.saturating_add(1);
            if above < DEPTH {
                let parent = Sums::<T>::get((above, index.div_euclid(16)));
                let branch = usize::try_from(index.rem_euclid(16)).unwrap_or_default();
                ensure!(
                    parent.get(branch) == Some(&sum(&node)),
                    "a node is not the sum of what is below it"
                );
            }
        }
        Ok(())
    }

    /// 7. The candidates are those providers that offer to validate, each once, and each has a place.
    fn candidates_are_known() -> Result<(), TryRuntimeError> {
        let candidates: BTreeSet<_> = Candidates::<T>::get().into_iter().collect();
        ensure!(
            candidates.len() == Candidates::<T>::get().len(),
            "somebody is a candidate twice"
        );
        let mut offering: usize = 0;
        for (account, provider) in Providers::<T>::iter() {
            if provider.validator {
                offering = offering.saturating_add(1);
                ensure!(
                    candidates.contains(&account) && provider.slot.is_some(),
                    "who offers to validate is no candidate"
                );
            }
        }
        ensure!(
            offering == candidates.len(),
            "a candidate does not offer to validate"
        );
        Ok(())
    }
}
