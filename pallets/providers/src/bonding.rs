// SPDX-License-Identifier: Apache-2.0
//! A provider's own stake: adding to it, and leaving with it.

use crate::{
    Config, Error, Event, HoldReason, Pallet, Providers, frame_support, frame_system, sp_runtime,
};
use assay_primitives::{AccountId, Balance};
use frame_support::{
    ensure,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_bond_more(who: AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        Self::change(&who, |provider| {
            T::Currency::hold(&HoldReason::Stake.into(), &who, amount)?;
            provider.own = provider.own.saturating_add(amount);
            ensure!(
                provider.own >= T::MinimumStake::get(),
                Error::<T>::StakeTooSmall
            );
            Ok(())
        })?;
        Self::deposit_event(Event::Bonded {
            provider: who,
            amount,
        });
        Ok(())
    }

    pub(crate) fn do_unbond(who: AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let now = frame_system::Pallet::<T>::block_number();
        let until = now.saturating_add(T::UnbondingPeriod::get());
        Self::change(&who, |provider| {
            ensure!(
                amount <= provider.free().min(provider.own),
                Error::<T>::StakeLocked
            );
            provider
                .unbond(amount, until)
                .ok_or(Error::<T>::TooManyUnbonding)?;
            if provider.own > 0 {
                ensure!(
                    provider.own >= T::MinimumStake::get(),
                    Error::<T>::StakeTooSmall
                );
                ensure!(
                    provider.is_leveraged_within_bounds(),
                    Error::<T>::OwnShareTooSmall
                );
            }
            Ok(())
        })?;
        Self::deposit_event(Event::Unbonding {
            provider: who,
            amount,
            until,
        });
        Ok(())
    }

    pub(crate) fn do_deregister(who: AccountId) -> DispatchResult {
        let provider = Providers::<T>::get(&who).ok_or(Error::<T>::NotProvider)?;
        ensure!(provider.locked == 0, Error::<T>::StakeLocked);
        ensure!(provider.own > 0, Error::<T>::AlreadyLeaving);
        Self::do_unbond(who, provider.own)
    }

    pub(crate) fn do_reap(who: AccountId) -> DispatchResult {
        let now = frame_system::Pallet::<T>::block_number();
        let mut provider = Providers::<T>::get(&who).ok_or(Error::<T>::NotProvider)?;
        provider.release(now);
        ensure!(provider.is_empty(), Error::<T>::StillAtStake);
        Self::do_withdraw(who)
    }

    pub(crate) fn do_withdraw(who: AccountId) -> DispatchResult {
        let now = frame_system::Pallet::<T>::block_number();
        let mut provider = Providers::<T>::get(&who).ok_or(Error::<T>::NotProvider)?;
        let amount = provider.release(now);
        let gone = provider.is_empty();
        ensure!(amount > 0 || gone, Error::<T>::NothingToWithdraw);
        T::Currency::release(&HoldReason::Stake.into(), &who, amount, Precision::Exact)?;
        if gone {
            Self::end_record(&who, provider)?;
        } else {
            Providers::<T>::insert(&who, provider);
        }
        Self::deposit_event(Event::Withdrawn {
            provider: who,
            amount,
            gone,
        });
        Ok(())
    }
}
