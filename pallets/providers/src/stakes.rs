// SPDX-License-Identifier: Apache-2.0
//! What the other pallets ask of stakes.

use crate::{
    Config, Error, Event, HoldReason, Pallet, ProviderOf, Providers, Slots, frame_support,
    sp_runtime,
    types::{Provider, Taken},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance,
    duty::WorkerId,
    job::Endpoint,
    provider::{Hardware, Requirements},
    stake::{Slashed, Stakes},
};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
};
use sp_runtime::{DispatchError, DispatchResult};

/// An account on which money is held, and how much of it is to be paid or burned.
type Source = (AccountId, Balance);

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
        Self::of(provider, Provider::free)
    }

    fn slashable(provider: &AccountId) -> Balance {
        Self::of(provider, Provider::slashable)
    }

    fn own(provider: &AccountId) -> Balance {
        Self::of(provider, Provider::own_slashable)
    }

    fn hardware(provider: &AccountId) -> Option<Hardware> {
        Some(Providers::<T>::get(provider)?.hardware)
    }

    fn is_active(provider: &AccountId) -> bool {
        Providers::<T>::get(provider).is_some_and(|provider| provider.active)
    }

    fn active_stake() -> Balance {
        Self::total_weight()
    }

    fn draw(seed: &[u8; 32], wanted: u32, excluded: &[AccountId]) -> Vec<AccountId> {
        Self::draw_active(seed, wanted, excluded)
    }

    fn capable(bond: Balance, requirements: &Requirements) -> u32 {
        let capable = (0..Slots::<T>::count())
            .filter_map(Slots::<T>::get)
            .filter(|account| {
                Providers::<T>::get(account).is_some_and(|provider| {
                    provider.active
                        && provider.free() >= bond
                        && requirements.admit(account, &provider.hardware)
                })
            })
            .count();
        u32::try_from(capable).unwrap_or(u32::MAX)
    }

    fn earned(provider: &AccountId, amount: Balance) -> bool {
        Self::share_earnings(provider, amount)
    }

    fn chill(provider: &AccountId) {
        Self::put_on_ice(provider);
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
        crate::benchmarking::leveraged::<T>(seed, stake)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_lone_provider(seed: u32, stake: Balance) -> AccountId {
        crate::benchmarking::provider::<T>(seed, stake)
    }
}

impl<T: Config> Pallet<T> {
    /// An amount of a provider; 0 for who is none.
    fn of(provider: &AccountId, amount: impl FnOnce(&Provider) -> Balance) -> Balance {
        Providers::<T>::get(provider).map_or(0, |provider| amount(&provider))
    }

    fn do_slash(
        provider: &AccountId,
        amount: Balance,
        beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError> {
        let Taken { own, delegated } = if Providers::<T>::contains_key(provider) {
            Self::change(provider, |record| Ok(record.take(amount)))?
        } else {
            Taken::default()
        };
        let mut sources = [
            (provider.clone(), own),
            (Self::pool_account(provider), delegated),
        ];
        let paid = beneficiaries
            .iter()
            .map(|(beneficiary, share)| Self::pay(provider, &mut sources, beneficiary, *share))
            .collect();
        let mut burned: Balance = 0;
        for (account, left) in sources {
            if left > 0 {
                T::Currency::burn_held(
                    &HoldReason::Stake.into(),
                    &account,
                    left,
                    Precision::Exact,
                    Fortitude::Force,
                )?;
            }
            burned = burned.saturating_add(left);
        }
        let taken = own.saturating_add(delegated);
        if taken > 0 {
            Self::deposit_event(Event::StakeSlashed {
                provider: provider.clone(),
                own,
                delegated,
                burned,
            });
        }
        Ok(Slashed {
            taken,
            paid,
            burned,
        })
    }

    /// Pays a share out of what is held, as far as that reaches, and says what arrived: nothing when the
    /// beneficiary cannot receive, being too poor to exist, or is the provider itself.
    fn pay(
        provider: &AccountId,
        sources: &mut [Source],
        beneficiary: &AccountId,
        share: Balance,
    ) -> Balance {
        if share == 0 || beneficiary == provider {
            return 0;
        }
        let mut unpaid = share;
        let parts: Vec<Balance> = sources
            .iter()
            .map(|(_, left)| {
                let part = unpaid.min(*left);
                unpaid = unpaid.saturating_sub(part);
                part
            })
            .collect();
        let paid: DispatchResult = with_storage_layer(|| {
            for ((account, _), part) in sources.iter().zip(&parts) {
                if *part > 0 {
                    T::Currency::transfer_on_hold(
                        &HoldReason::Stake.into(),
                        account,
                        beneficiary,
                        *part,
                        Precision::Exact,
                        Restriction::Free,
                        Fortitude::Force,
                    )?;
                }
            }
            Ok(())
        });
        if paid.is_err() {
            return 0;
        }
        for ((_, left), part) in sources.iter_mut().zip(&parts) {
            *left = left.saturating_sub(*part);
        }
        share.saturating_sub(unpaid)
    }
}
