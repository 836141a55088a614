// SPDX-License-Identifier: Apache-2.0
//! What others add to a provider's stake.

use crate::{
    Config, Delegations, Error, Event, HoldReason, LOG_TARGET, Pallet, Providers, frame_support,
    frame_system, sp_runtime,
    types::{Delegation, Provider},
};
use assay_primitives::{AccountId, Balance, BlockNumber};
use frame_support::{
    Hashable, ensure,
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Preservation, Restriction},
    },
};
use sp_runtime::{DispatchError, DispatchResult, Permill, Saturating};

impl<T: Config> Pallet<T> {
    /// The account that holds what is delegated to a provider. Nobody has its key.
    pub fn pool_account(provider: &AccountId) -> AccountId {
        // Hashed, because a derived account's usual form has no room for a whole account in it.
        AccountId::new((*b"modl", T::PoolId::get(), provider.clone()).blake2_256())
    }

    pub(crate) fn do_accept_delegation(who: AccountId, accepts: bool) -> DispatchResult {
        Self::change(&who, |provider| {
            if accepts && !provider.pool.open {
                Self::open_pool(&who)?;
                provider.pool.open = true;
            }
            provider.pool.accepts = accepts;
            Ok(())
        })?;
        Self::deposit_event(Event::DelegationAccepted {
            provider: who,
            accepts,
        });
        Ok(())
    }

    pub(crate) fn do_set_commission(who: AccountId, commission: Permill) -> DispatchResult {
        let now = frame_system::Pallet::<T>::block_number();
        Self::change(&who, |provider| {
            let pool = &mut provider.pool;
            // While nobody can be surprised, any commission will do.
            let watched = pool.accepts || pool.delegated.shares > 0;
            if watched && commission > pool.commission {
                let rise = commission.saturating_sub(pool.commission);
                ensure!(
                    rise <= T::CommissionRise::get(),
                    Error::<T>::CommissionRiseTooLarge
                );
                ensure!(now >= pool.raise_from, Error::<T>::CommissionRaisedLately);
                pool.raise_from = now.saturating_add(T::CommissionPeriod::get());
            }
            pool.commission = commission;
            Ok(())
        })?;
        Self::deposit_event(Event::CommissionSet {
            provider: who,
            commission,
        });
        Ok(())
    }

    pub(crate) fn do_delegate(
        who: AccountId,
        to: AccountId,
        amount: Balance,
        commission_at_most: Permill,
    ) -> DispatchResult {
        ensure!(
            amount >= T::MinimumDelegation::get(),
            Error::<T>::DelegationTooSmall
        );
        ensure!(who != to, Error::<T>::OwnDelegation);
        Self::change(&to, |provider| {
            let pool = &mut provider.pool;
            ensure!(pool.accepts, Error::<T>::DelegationNotAccepted);
            ensure!(
                pool.commission <= commission_at_most,
                Error::<T>::CommissionTooHigh
            );
            let share = pool
                .delegated
                .enter_fairly(amount)
                .ok_or(Error::<T>::PoolWorn)?;
            let mut delegation = match Delegations::<T>::get(&who, &to) {
                Some(delegation) => delegation,
                None => {
                    pool.delegators = pool.delegators.saturating_add(1);
                    Delegation::default()
                }
            };
            delegation.add(share);
            Delegations::<T>::insert(&who, &to, delegation);
            ensure!(
                provider.is_leveraged_within_bounds(),
                Error::<T>::OwnShareTooSmall
            );
            T::Currency::transfer_and_hold(
                &HoldReason::Stake.into(),
                &who,
                &Self::pool_account(&to),
                amount,
                Precision::Exact,
                Preservation::Preserve,
                Fortitude::Polite,
            )?;
            Ok(())
        })?;
        Self::deposit_event(Event::Delegated {
            provider: to,
            delegator: who,
            amount,
        });
        Ok(())
    }

    pub(crate) fn do_undelegate(
        who: AccountId,
        from: AccountId,
        amount: Balance,
    ) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let mut delegation = Delegations::<T>::get(&who, &from).ok_or(Error::<T>::NoDelegation)?;
        Self::change(&from, |provider| {
            Self::start_leaving(provider, &who, &from, &mut delegation, amount)?;
            Self::keep(provider, &who, &from, delegation);
            Ok(())
        })
    }

    /// Puts up to `amount` of a delegation on its way out.
    fn start_leaving(
        provider: &mut Provider,
        who: &AccountId,
        from: &AccountId,
        delegation: &mut Delegation,
        amount: Balance,
    ) -> DispatchResult {
        ensure!(delegation.share.shares > 0, Error::<T>::NoDelegation);
        let free = provider.free();
        let pool = &mut provider.pool;
        let part = pool.delegated.shares_for(amount, delegation.share);
        let value = pool.delegated.leave(part);
        ensure!(value <= free, Error::<T>::StakeLocked);
        delegation.share.shares = delegation.share.shares.saturating_sub(part.shares);
        ensure!(
            delegation.share.shares == 0
                || pool.delegated.worth(delegation.share) >= T::MinimumDelegation::get(),
            Error::<T>::DelegationTooSmall
        );
        let until =
            frame_system::Pallet::<T>::block_number().saturating_add(T::UnbondingPeriod::get());
        let leaving = pool.unbonding.enter(value).ok_or(Error::<T>::PoolWorn)?;
        if leaving.shares > 0 {
            delegation
                .unbond(leaving, until)
                .ok_or(Error::<T>::TooManyUnbonding)?;
        }
        Self::deposit_event(Event::Undelegated {
            provider: from.clone(),
            delegator: who.clone(),
            amount: value,
            until,
        });
        Ok(())
    }

    pub(crate) fn do_withdraw_delegation(who: AccountId, from: AccountId) -> DispatchResult {
        let now = frame_system::Pallet::<T>::block_number();
        let mut delegation = Delegations::<T>::get(&who, &from).ok_or(Error::<T>::NoDelegation)?;
        Self::change(&from, |provider| {
            let due = Self::take_due(provider, &mut delegation, now);
            ensure!(
                due.is_some() || delegation.is_empty(),
                Error::<T>::NothingToWithdraw
            );
            let amount = due.unwrap_or_default();
            Self::pay_out(&who, &from, amount)?;
            Self::keep(provider, &who, &from, delegation);
            Self::deposit_event(Event::DelegationWithdrawn {
                provider: from.clone(),
                delegator: who.clone(),
                amount,
            });
            Ok(())
        })
    }

    pub(crate) fn do_reap_delegation(from: AccountId, who: AccountId) -> DispatchResult {
        let now = frame_system::Pallet::<T>::block_number();
        let mut delegation = Delegations::<T>::get(&who, &from).ok_or(Error::<T>::NoDelegation)?;
        Self::change(&from, |provider| {
            ensure!(provider.own == 0, Error::<T>::StillAtStake);
            let due = Self::take_due(provider, &mut delegation, now);
            let leaves = delegation.share.shares > 0;
            ensure!(
                due.is_some() || leaves || delegation.is_empty(),
                Error::<T>::NothingToWithdraw
            );
            if leaves {
                Self::start_leaving(provider, &who, &from, &mut delegation, Balance::MAX)?;
            }
            let amount = due.unwrap_or_default();
            // Who cannot receive it keeps nobody's record alive.
            let paid = with_storage_layer(|| Self::pay_out(&who, &from, amount)).is_ok();
            if !paid {
                T::Currency::burn_held(
                    &HoldReason::Stake.into(),
                    &Self::pool_account(&from),
                    amount,
                    Precision::Exact,
                    Fortitude::Force,
                )?;
            }
            Self::keep(provider, &who, &from, delegation);
            Self::deposit_event(Event::DelegationWithdrawn {
                provider: from.clone(),
                delegator: who.clone(),
                amount: if paid { amount } else { 0 },
            });
            Ok(())
        })
    }

    /// Takes the parts that can be withdrawn and returns what they are worth; `None` when there are none.
    fn take_due(
        provider: &mut Provider,
        delegation: &mut Delegation,
        now: BlockNumber,
    ) -> Option<Balance> {
        let mut due = None;
        delegation.unbonding.retain(|part| {
            if part.until > now {
                return true;
            }
            let value = provider.pool.unbonding.leave(part.share);
            due = Some(due.unwrap_or(0u128).saturating_add(value));
            false
        });
        due
    }

    /// Pays a delegator out of a pool.
    fn pay_out(who: &AccountId, from: &AccountId, amount: Balance) -> DispatchResult {
        T::Currency::transfer_on_hold(
            &HoldReason::Stake.into(),
            &Self::pool_account(from),
            who,
            amount,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Force,
        )?;
        Ok(())
    }

    /// Stores a delegation, or forgets it when nothing is in it any more.
    fn keep(provider: &mut Provider, who: &AccountId, from: &AccountId, delegation: Delegation) {
        if delegation.is_empty() {
            Delegations::<T>::remove(who, from);
            provider.pool.delegators = provider.pool.delegators.saturating_sub(1);
        } else {
            Delegations::<T>::insert(who, from, delegation);
        }
    }

    /// See [`Stakes::earned`](assay_primitives::stake::Stakes::earned).
    pub(crate) fn share_earnings(who: &AccountId, earned: Balance) -> bool {
        let of_delegators = Providers::<T>::get(who)
            .map_or(0, |provider| provider.pool.part_of(earned, provider.own));
        if of_delegators == 0 {
            return false;
        }
        let shared: Result<(), DispatchError> = with_storage_layer(|| {
            Self::change(who, |provider| {
                T::Currency::transfer_and_hold(
                    &HoldReason::Stake.into(),
                    who,
                    &Self::pool_account(who),
                    of_delegators,
                    Precision::Exact,
                    Preservation::Preserve,
                    Fortitude::Polite,
                )?;
                provider.pool.delegated.gain(of_delegators);
                Ok(())
            })
        });
        match shared {
            Ok(()) => Self::deposit_event(Event::DelegatorsPaid {
                provider: who.clone(),
                amount: of_delegators,
            }),
            // The money never arrived on the stash, or was spent within the settlement.
            Err(error) => {
                log::error!(target: LOG_TARGET, "{who:?}: its delegators were not paid: {error:?}");
            }
        }
        true
    }
}
