// SPDX-License-Identifier: Apache-2.0
//! What the other pallets ask of stakes.

use crate::{
    Config, Error, Event, HoldReason, Pallet, ProviderOf, Providers, frame_support, sp_runtime,
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance,
    duty::WorkerId,
    job::Endpoint,
    stake::{Slashed, Stakes},
};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Stakes<AccountId, Balance> for Pallet<T> {
    fn worker(provider: &AccountId) -> Option<WorkerId> {
        Some(Providers::<T>::get(provider)?.worker)
    }

    fn provider_of(worker: &WorkerId) -> Option<AccountId> {
        ProviderOf::<T>::get(worker)
    }

    fn endpoint(provider: &AccountId) -> Option<Endpoint> {
        Some(Providers::<T>::get(provider)?.endpoint)
    }

    fn free(provider: &AccountId) -> Balance {
        Providers::<T>::get(provider).map_or(0, |provider| provider.free())
    }

    fn slashable(provider: &AccountId) -> Balance {
        Providers::<T>::get(provider).map_or(0, |provider| provider.slashable())
    }

    fn eligible() -> Vec<(AccountId, Balance)> {
        let least = T::MinimumStake::get();
        Providers::<T>::iter()
            .filter(|(_, provider)| provider.stake >= least)
            .map(|(account, provider)| (account, provider.stake))
            .collect()
    }

    fn lock(provider: &AccountId, amount: Balance) -> DispatchResult {
        Providers::<T>::try_mutate(provider, |record| {
            let record = record.as_mut().ok_or(Error::<T>::NotProvider)?;
            ensure!(amount <= record.free(), Error::<T>::StakeLocked);
            record.locked = record.locked.saturating_add(amount);
            Ok(())
        })
    }

    fn unlock(provider: &AccountId, amount: Balance) {
        Providers::<T>::mutate(provider, |record| {
            if let Some(record) = record {
                record.locked = record.locked.saturating_sub(amount);
            }
        });
    }

    fn slash(
        provider: &AccountId,
        amount: Balance,
        beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError> {
        with_storage_layer(|| Self::do_slash(provider, amount, beneficiaries))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_provider(seed: u32, stake: Balance) -> AccountId {
        crate::benchmarking::provider::<T>(seed, stake)
    }
}

impl<T: Config> Pallet<T> {
    fn do_slash(
        provider: &AccountId,
        amount: Balance,
        beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError> {
        let taken = Providers::<T>::mutate(provider, |record| {
            record.as_mut().map_or(0, |record| record.take(amount))
        });
        let mut left = taken;
        let paid = beneficiaries
            .iter()
            .map(|(beneficiary, share)| {
                let paid = Self::pay_from_stake(provider, beneficiary, left.min(*share));
                left = left.saturating_sub(paid);
                paid
            })
            .collect();
        if taken > 0 {
            T::Currency::burn_held(
                &HoldReason::Stake.into(),
                provider,
                left,
                Precision::Exact,
                Fortitude::Force,
            )?;
            Self::deposit_event(Event::StakeSlashed {
                provider: provider.clone(),
                amount: taken,
                burned: left,
            });
        }
        Ok(Slashed {
            taken,
            paid,
            burned: left,
        })
    }

    /// Pays a share out of what is held, and says what arrived: nothing when the beneficiary cannot
    /// receive, being too poor to exist, or is the provider itself.
    fn pay_from_stake(provider: &AccountId, beneficiary: &AccountId, share: Balance) -> Balance {
        if share == 0 || beneficiary == provider {
            return 0;
        }
        with_storage_layer(|| {
            T::Currency::transfer_on_hold(
                &HoldReason::Stake.into(),
                provider,
                beneficiary,
                share,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Force,
            )
        })
        .unwrap_or(0)
    }
}
