// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{
    Config, HoldReason, Pallet, ProviderOf, Providers, frame_support, sp_runtime::TryRuntimeError,
};
use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::stake_is_held()?;
        Self::workers_are_known()?;
        Self::providers_are_bounded()
    }

    /// 1. What is held on a stash for `Stake` is its stake and its unbonding parts together.
    fn stake_is_held() -> Result<(), TryRuntimeError> {
        for (account, provider) in Providers::<T>::iter() {
            let held = T::Currency::balance_on_hold(&HoldReason::Stake.into(), &account);
            ensure!(
                held == provider.slashable(),
                "a stake is not what is held for it"
            );
        }
        Ok(())
    }

    /// 2. `ProviderOf` is the inverse of the providers' worker keys.
    fn workers_are_known() -> Result<(), TryRuntimeError> {
        for (account, provider) in Providers::<T>::iter() {
            let known = ProviderOf::<T>::get(&provider.worker);
            ensure!(
                known == Some(account),
                "a worker key leads to another provider"
            );
        }
        let keys = u32::try_from(ProviderOf::<T>::iter_keys().count()).unwrap_or(u32::MAX);
        ensure!(
            keys == Providers::<T>::count(),
            "a worker key belongs to nobody"
        );
        Ok(())
    }

    /// 3. There are no more providers than `MaxProviders`.
    fn providers_are_bounded() -> Result<(), TryRuntimeError> {
        ensure!(
            Providers::<T>::count() <= T::MaxProviders::get(),
            "there are too many providers"
        );
        Ok(())
    }
}
