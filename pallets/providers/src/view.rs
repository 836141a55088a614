// SPDX-License-Identifier: Apache-2.0
//! What clients are shown.

use crate::{
    Config, Delegations, Pallet, ProviderOf, Providers, standing::scrutiny_of, types::Provider,
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId,
    api::{DelegationView, ProviderView},
    duty::WorkerId,
};

impl<T: Config> Pallet<T> {
    /// A provider.
    pub fn provider_view(account: &AccountId) -> Option<ProviderView> {
        let provider = Providers::<T>::get(account)?;
        Some(Self::view(account.clone(), provider))
    }

    /// Every provider.
    pub fn provider_views() -> Vec<ProviderView> {
        Providers::<T>::iter()
            .map(|(account, provider)| Self::view(account, provider))
            .collect()
    }

    /// The provider that a worker key belongs to.
    pub fn provider_of_worker(worker: &WorkerId) -> Option<AccountId> {
        ProviderOf::<T>::get(worker)
    }

    /// What somebody has delegated, to all providers.
    pub fn delegation_views(delegator: &AccountId) -> Vec<DelegationView> {
        Delegations::<T>::iter_prefix(delegator)
            .filter_map(|(provider, delegation)| {
                let pool = Providers::<T>::get(&provider)?.pool;
                let unbonding = delegation
                    .unbonding
                    .iter()
                    .map(|part| (pool.unbonding.worth(part.share), part.until))
                    .collect();
                Some(DelegationView {
                    provider,
                    value: pool.delegated.worth(delegation.share),
                    unbonding,
                })
            })
            .collect()
    }

    /// The number of the present period, in which a heartbeat is due.
    pub fn heartbeat_period() -> u32 {
        Self::period()
    }

    fn view(account: AccountId, provider: Provider) -> ProviderView {
        let standing = Self::standing_of(&account);
        ProviderView {
            deposit: provider.deposit,
            stake: provider.stake(),
            own: provider.own,
            delegated: provider.pool.delegated.value,
            locked: provider.locked,
            unbonding: provider.unbonding_total(),
            unbonding_delegated: provider.pool.unbonding.value,
            delegators: provider.pool.delegators,
            accepts_delegation: provider.pool.accepts,
            commission: provider.pool.commission,
            active: provider.active,
            chilled: provider.chilled,
            alive_until: Self::alive_until(provider.heartbeat),
            heartbeat: provider.heartbeat,
            validator: provider.validator,
            scrutiny: scrutiny_of(&standing),
            standing,
            since: provider.since,
            worker: provider.worker,
            endpoint: provider.endpoint,
            hardware: provider.hardware,
            account,
        }
    }
}
