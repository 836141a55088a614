// SPDX-License-Identifier: Apache-2.0
//! What the other pallets ask of stakes.

use crate::{
    Config, Error, Event, HoldReason, Pallet, ProviderOf, Providers, frame_support, sp_runtime,
};
use alloc::vec::Vec;
use assay_primitives::{AccountId, Balance, duty::WorkerId, job::Endpoint, stake::Stakes};
use frame_support::{
    ensure,
    traits::{
        Get,
        fungible::{Inspect, MutateHold},
        tokens::{Fortitude, Precision, Provenance, Restriction},
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
    ) -> Result<Balance, DispatchError> {
        let mut record = Providers::<T>::get(provider).ok_or(Error::<T>::NotProvider)?;
        let taken = record.take(amount);
        Providers::<T>::insert(provider, record);
        let mut left = taken;
        for (beneficiary, share) in beneficiaries {
            let share = left.min(*share);
            // Who cannot receive, being too poor to exist, forgoes: a payout must never fail a verdict.
            let receives = T::Currency::can_deposit(beneficiary, share, Provenance::Extant)
                .into_result()
                .is_ok();
            if share == 0 || !receives || beneficiary == provider {
                continue;
            }
            T::Currency::transfer_on_hold(
                &HoldReason::Stake.into(),
                provider,
                beneficiary,
                share,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Force,
            )?;
            left = left.saturating_sub(share);
        }
        let burned = T::Currency::burn_held(
            &HoldReason::Stake.into(),
            provider,
            left,
            Precision::BestEffort,
            Fortitude::Force,
        )?;
        Self::deposit_event(Event::StakeSlashed {
            provider: provider.clone(),
            amount: taken,
            burned,
        });
        Ok(taken)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_provider(seed: u32, stake: Balance) -> AccountId {
        crate::benchmarking::provider::<T>(seed, stake)
    }
}
