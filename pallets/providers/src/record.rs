// SPDX-License-Identifier: Apache-2.0
//! Changing a provider's record, and what follows from it.

use crate::{
    Config, Error, Event, HoldReason, Pallet, ProviderOf, Providers, Standings, frame_support,
    frame_system, sp_runtime, standing, types::Provider,
};
use assay_primitives::{AccountId, Balance, duty::WorkerId, job::Endpoint, provider::Hardware};
use codec::Encode;
use frame_support::{
    ensure,
    traits::{
        Get,
        fungible::{Inspect, InspectHold, Mutate, MutateHold},
        tokens::{Fortitude, Precision, Preservation, Restriction},
    },
};
use polkadot_sdk::sp_core::sr25519;
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Changes a provider's record and what follows from it: place, weight in the draw, candidacy. Nothing has
    /// changed if it fails.
    pub(crate) fn change<R>(
        who: &AccountId,
        change: impl FnOnce(&mut Provider) -> Result<R, DispatchError>,
    ) -> Result<R, DispatchError> {
        Providers::<T>::try_mutate(who, |provider| {
            let provider = provider.as_mut().ok_or(Error::<T>::NotProvider)?;
            let result = change(provider)?;
            Self::follow(who, provider)?;
            Ok(result)
        })
    }

    /// Brings place, weight and candidacy in step with a record. Fails only when somebody newly has the least stake
    /// and all places are taken.
    pub(crate) fn follow(who: &AccountId, provider: &mut Provider) -> DispatchResult {
        let has_least = provider.own >= T::MinimumStake::get();
        match provider.slot {
            None if has_least => provider.slot = Some(Self::take_slot(who)?),
            Some(slot) if !has_least => {
                provider.slot = None;
                Self::give_up_slot(slot);
                if core::mem::take(&mut provider.validator) {
                    Self::withdraw_candidacy(who);
                }
            }
            _ => (),
        }
        let active =
            provider.slot.is_some() && !provider.chilled && Self::is_alive(provider.heartbeat);
        if let Some(slot) = provider.slot {
            Self::set_weight(slot, if active { provider.stake() } else { 0 });
        }
        if active != provider.active {
            provider.active = active;
            Self::deposit_event(Event::ActivitySet {
                provider: who.clone(),
                active,
            });
        }
        Ok(())
    }

    /// The provider for which a signer may speak where no money is concerned: itself, or the one whose worker key
    /// it is. The second says whether it is the stash.
    pub(crate) fn on_behalf_of(signer: AccountId) -> Result<(AccountId, bool), Error<T>> {
        if Providers::<T>::contains_key(&signer) {
            return Ok((signer, true));
        }
        let key = WorkerId::from(sr25519::Public::from_raw(signer.into()));
        let provider = ProviderOf::<T>::get(key).ok_or(Error::<T>::NotProvider)?;
        Ok((provider, false))
    }

    /// The deposit for a record that publishes this.
    pub(crate) fn deposit_for(endpoint: &Endpoint, hardware: &Hardware) -> Balance {
        let size = (endpoint, hardware).encoded_size();
        let bytes = Balance::try_from(size).unwrap_or(Balance::MAX);
        T::DepositPerByte::get()
            .saturating_mul(bytes)
            .saturating_add(T::DepositBase::get())
    }

    /// Has the deposit follow what is published. Only the stash's own word moves its money: a worker key can
    /// publish what the deposit covers already.
    pub(crate) fn update_deposit(
        who: &AccountId,
        provider: &mut Provider,
        by_stash: bool,
    ) -> DispatchResult {
        let due = Self::deposit_for(&provider.endpoint, &provider.hardware);
        if !by_stash {
            ensure!(due <= provider.deposit, Error::<T>::DepositTooSmall);
            return Ok(());
        }
        let reason = HoldReason::Registration.into();
        if due > provider.deposit {
            T::Currency::hold(&reason, who, due.saturating_sub(provider.deposit))?;
        } else {
            let back = provider.deposit.saturating_sub(due);
            T::Currency::release(&reason, who, back, Precision::Exact)?;
        }
        provider.deposit = due;
        Ok(())
    }

    /// Ends an empty record: the deposit and what rounding left in the pool go to the stash.
    pub(crate) fn end_record(who: &AccountId, provider: Provider) -> DispatchResult {
        let reason = HoldReason::Registration.into();
        T::Currency::release(&reason, who, provider.deposit, Precision::Exact)?;
        if provider.pool.open {
            Self::close_pool(who)?;
        }
        ProviderOf::<T>::remove(&provider.worker);
        Providers::<T>::remove(who);
        if standing::is_forgotten(&Self::standing_of(who)) {
            Standings::<T>::remove(who);
        }
        Ok(())
    }

    /// Endows the account of a pool, so that any amount can be held on it.
    pub(crate) fn open_pool(who: &AccountId) -> DispatchResult {
        T::Currency::transfer(
            who,
            &Self::pool_account(who),
            T::Currency::minimum_balance(),
            Preservation::Preserve,
        )?;
        Ok(())
    }

    /// Empties the account of a pool that nobody owns any more.
    fn close_pool(who: &AccountId) -> DispatchResult {
        let account = Self::pool_account(who);
        let reason = HoldReason::Stake.into();
        let left = T::Currency::balance_on_hold(&reason, &account);
        T::Currency::transfer_on_hold(
            &reason,
            &account,
            who,
            left,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Force,
        )?;
        let free =
            T::Currency::reducible_balance(&account, Preservation::Expendable, Fortitude::Polite);
        T::Currency::transfer(&account, who, free, Preservation::Expendable)?;
        Ok(())
    }

    /// The number of the period that a block is in.
    pub(crate) fn period() -> u32 {
        frame_system::Pallet::<T>::block_number()
            .checked_div(T::HeartbeatPeriod::get())
            .unwrap_or_default()
    }

    /// Whether who has shown itself last in a period counts as alive: two whole periods may pass.
    pub(crate) fn is_alive(heartbeat: u32) -> bool {
        Self::period() <= heartbeat.saturating_add(crate::PATIENCE)
    }
}
