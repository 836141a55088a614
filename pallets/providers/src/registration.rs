// SPDX-License-Identifier: Apache-2.0
//! Coming, and changing what is published.

use crate::sp_runtime::DispatchResult;
use crate::{
    Config, Error, Event, HoldReason, Pallet, ProviderOf, Providers, frame_support, frame_system,
    types::{GenesisProvider, Provider},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, Hash,
    duty::{WorkerId, WorkerSignature},
    job::Endpoint,
    provider::Hardware,
};
use codec::Encode;
use frame_support::{
    ensure,
    traits::{Get, fungible::MutateHold},
};
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;

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
            !ProviderOf::<T>::contains_key(&worker),
            Error::<T>::WorkerTaken
        );
        ensure!(hardware.region.is_valid(), Error::<T>::BadRegion);
        let deposit = Self::deposit_for(&endpoint, &hardware);
        T::Currency::hold(&HoldReason::Stake.into(), &who, stake)?;
        T::Currency::hold(&HoldReason::Registration.into(), &who, deposit)?;
        let mut provider = Provider {
            worker: worker.clone(),
            endpoint,
            hardware,
            deposit,
            own: stake,
            locked: 0,
            unbonding: Default::default(),
            pool: Default::default(),
            slot: None,
            active: false,
            chilled: false,
            // Its worker has just shown itself.
            heartbeat: Self::period(),
            validator: false,
            since: frame_system::Pallet::<T>::block_number(),
        };
        Self::deposit_event(Event::Registered {
            provider: who.clone(),
            worker: worker.clone(),
            stake,
        });
        Self::follow(&who, &mut provider)?;
        ProviderOf::<T>::insert(&worker, &who);
        Providers::<T>::insert(&who, provider);
        Ok(())
    }

    /// Registers a provider of the first block.
    pub(crate) fn enroll_founder(founder: &GenesisProvider) -> DispatchResult {
        let machine = &founder.hardware;
        let device = machine.device.as_bytes().to_vec();
        let hardware = Hardware {
            device: device
                .try_into()
                .map_err(|_| "the name of the device is too long")?,
            class: machine.class,
            speed: machine.speed,
            memory: machine.memory,
            ..Hardware::default()
        };
        let stash = founder.stash.clone();
        let worker = founder.worker.into();
        Self::enroll(
            stash.clone(),
            founder.stake,
            worker,
            founder.endpoint,
            hardware,
        )?;
        if founder.validator {
            // Its session keys are registered later in the same genesis.
            Self::offer_candidacy(&stash)?;
        }
        Ok(())
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

    pub(crate) fn do_set_endpoint(signer: AccountId, endpoint: Endpoint) -> DispatchResult {
        let (who, by_stash) = Self::on_behalf_of(signer)?;
        Self::change(&who, |provider| {
            provider.endpoint = endpoint;
            Self::update_deposit(&who, provider, by_stash)
        })?;
        Self::deposit_event(Event::EndpointSet {
            provider: who,
            endpoint,
        });
        Ok(())
    }

    pub(crate) fn do_set_hardware(signer: AccountId, hardware: Hardware) -> DispatchResult {
        ensure!(hardware.region.is_valid(), Error::<T>::BadRegion);
        let (who, by_stash) = Self::on_behalf_of(signer)?;
        Self::change(&who, |provider| {
            provider.hardware = hardware.clone();
            Self::update_deposit(&who, provider, by_stash)
        })?;
        Self::deposit_event(Event::HardwareSet {
            provider: who,
            hardware,
        });
        Ok(())
    }
}
