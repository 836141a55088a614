// SPDX-License-Identifier: Apache-2.0
//! What clients are shown.

use crate::{Config, Pallet, ProviderOf, Providers, types::Provider};
use alloc::vec::Vec;
use assay_primitives::{AccountId, api::ProviderView, duty::WorkerId};

impl<T: Config> Pallet<T> {
    /// A provider.
    pub fn provider_view(account: &AccountId) -> Option<ProviderView> {
        let provider = Providers::<T>::get(account)?;
        Some(view(account.clone(), provider))
    }

    /// Every provider.
    pub fn provider_views() -> Vec<ProviderView> {
        Providers::<T>::iter()
            .map(|(account, provider)| view(account, provider))
            .collect()
    }

    /// The provider that a worker key belongs to.
    pub fn provider_of_worker(worker: &WorkerId) -> Option<AccountId> {
        ProviderOf::<T>::get(worker)
    }
}

fn view(account: AccountId, provider: Provider) -> ProviderView {
    ProviderView {
        account,
        worker: provider.worker.clone(),
        endpoint: provider.endpoint,
        hardware: provider.hardware.to_vec(),
        stake: provider.stake,
        locked: provider.locked,
        unbonding: provider.unbonding_total(),
        since: provider.since,
    }
}
