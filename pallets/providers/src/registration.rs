// SPDX-License-Identifier: Apache-2.0
//! Coming, changing and leaving.

use crate::{
    Config, Error, Event, HoldReason, Pallet, ProviderOf, Providers, frame_support, frame_system,
    sp_runtime,
    types::{Hardware, Provider},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, Hash,
    duty::{WorkerId, WorkerSignature},
    job::Endpoint,
};
use codec::Encode;
use frame_support::{
    ensure,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use sp_runtime::DispatchResult;

/// The bytes that a worker key signs to show that it may work for a stash on the chain of a genesis.
pub fn worker_proof_payload(genesis: Hash, stash: &AccountId) -> Vec<u8> {
    (b"assay worker v1", genesis, stash).encode()
}

impl<T: Config> Pallet<T> {
    fn check_proof(who: &AccountId, worker: &WorkerId, proof: &WorkerSignature) -> DispatchResult {
        let genesis = frame_system::Pallet::<T>::block_hash(0);
        let payload = worker_proof_payload(genesis, who);
        ensure!(worker.verify(&payload, proof), Error::<T>::BadProof);
        Ok(())
    }

    pub(crate) fn do_register(
        who: AccountId,
        stake: Balance,
        worker: WorkerId,
        endpoint: Endpoint,
        hardware: Hardware,
        proof: &WorkerSignature,
    ) -> DispatchResult {
        Self::check_proof(&who, &worker, proof)?;
        Self::enroll(who, stake, worker, endpoint, hardware)
    }

    /// Registers a provider whose worker key is known to be its own.
    pub(crate) fn enroll(
        who: AccountId,
        stake: Balance,
        worker: WorkerId,
        endpoint: Endpoint,
        hardware: Hardware,
    ) -> DispatchResult {
        ensure!(
            !Providers::<T>::contains_key(&who),
            Error::<T>::AlreadyProvider
        );
        ensure!(stake >= T::MinimumStake::get(), Error::<T>::StakeTooSmall);
        ensure!(
            Providers::<T>::count() < T::MaxProviders::get(),
            Error::<T>::TooManyProviders
        );
        ensure!(
            !ProviderOf::<T>::contains_key(&worker),
            Error::<T>::WorkerTaken
        );
        T::Currency::hold(&HoldReason::Stake.into(), &who, stake)?;
        let provider = Provider {
            worker: worker.clone(),
            endpoint,
            hardware,
            stake,
            locked: 0,
            unbonding: Default::default(),
            since: frame_system::Pallet::<T>::block_number(),
        };
        ProviderOf::<T>::insert(&worker, &who);
        Providers::<T>::insert(&who, provider);
        Self::deposit_event(Event::Registered {
            provider: who,
            worker,
            stake,
        });
        Ok(())
    }

    /// Changes the record of a provider, or leaves it as it was if that fails.
    fn change<R>(
        who: &AccountId,
        change: impl FnOnce(&mut Provider) -> Result<R, sp_runtime::DispatchError>,
    ) -> Result<R, sp_runtime::DispatchError> {
        Providers::<T>::try_mutate(who, |provider| {
            change(provider.as_mut().ok_or(Error::<T>::NotProvider)?)
        })
    }

    pub(crate) fn do_set_worker(
        who: AccountId,
        worker: WorkerId,
        proof: &WorkerSignature,
    ) -> DispatchResult {
        Self::change(&who, |provider| {
            ensure!(
                !ProviderOf::<T>::contains_key(&worker),
                Error::<T>::WorkerTaken
            );
            Self::check_proof(&who, &worker, proof)?;
            ProviderOf::<T>::remove(&provider.worker);
            ProviderOf::<T>::insert(&worker, &who);
            provider.worker = worker.clone();
            Ok(())
        })?;
        Self::deposit_event(Event::WorkerSet {
            provider: who,
            worker,
        });
        Ok(())
    }

    pub(crate) fn do_set_endpoint(who: AccountId, endpoint: Endpoint) -> DispatchResult {
        Self::change(&who, |provider| {
            provider.endpoint = endpoint;
            Ok(())
        })?;
        Self::deposit_event(Event::EndpointSet {
            provider: who,
            endpoint,
        });
        Ok(())
    }

    pub(crate) fn do_set_hardware(who: AccountId, hardware: Hardware) -> DispatchResult {
        Self::change(&who, |provider| {
            provider.hardware = hardware;
            Ok(())
        })?;
        Self::deposit_event(Event::HardwareSet { provider: who });
        Ok(())
    }

    pub(crate) fn do_bond_more(who: AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        Self::change(&who, |provider| {
            T::Currency::hold(&HoldReason::Stake.into(), &who, amount)?;
            provider.stake = provider.stake.saturating_add(amount);
            ensure!(
                provider.stake >= T::MinimumStake::get(),
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
            ensure!(amount <= provider.free(), Error::<T>::StakeLocked);
            provider
                .unbond(amount, until)
                .ok_or(Error::<T>::TooManyUnbonding)?;
            ensure!(
                provider.stake == 0 || provider.stake >= T::MinimumStake::get(),
                Error::<T>::StakeTooSmall
            );
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
        ensure!(provider.stake > 0, Error::<T>::AlreadyLeaving);
        Self::do_unbond(who, provider.stake)
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
            ProviderOf::<T>::remove(&provider.worker);
            Providers::<T>::remove(&who);
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
