// SPDX-License-Identifier: Apache-2.0
//! What every call costs, at its largest.

use crate::{
    Call, Config, Pallet, ProviderOf, Providers, frame_support, frame_system,
    types::{Hardware, MAX_HARDWARE, MAX_UNBONDING, Provider},
    worker_proof_payload,
};
use alloc::vec;
use assay_primitives::{
    AccountId, Balance,
    duty::{WorkerId, WorkerSignature},
    job::{Address, Endpoint},
};
use frame_support::traits::{
    Get,
    fungible::{Mutate, MutateHold},
};
use frame_system::RawOrigin;
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account, benchmarks, impl_test_function},
    sp_application_crypto::RuntimeAppPublic,
};

/// An endpoint.
const ENDPOINT: Endpoint = Endpoint {
    key: [1; 32],
    address: Address::V6 {
        ip: [1; 16],
        port: 1,
    },
};

/// An account with enough for any stake of the benchmarks.
fn stash<T: Config>(seed: u32) -> AccountId {
    let stash: AccountId = account("stash", seed, 0);
    T::Currency::set_balance(&stash, T::MinimumStake::get().saturating_mul(1_000_000));
    stash
}

/// A worker key of the keystore and its proof for a stash.
fn worker<T: Config>(stash: &AccountId) -> Result<(WorkerId, WorkerSignature), BenchmarkError> {
    let worker = WorkerId::generate_pair(None);
    let payload = worker_proof_payload(frame_system::Pallet::<T>::block_hash(0), stash);
    let proof = worker
        .sign(&payload)
        .ok_or(BenchmarkError::Stop("the keystore cannot sign"))?;
    Ok((worker, proof))
}

/// The longest description of hardware.
fn hardware() -> Hardware {
    Hardware::truncate_from(vec![
        b'h';
        usize::try_from(MAX_HARDWARE).unwrap_or_default()
    ])
}

/// Sets up a provider whose worker key is in the keystore.
pub(crate) fn provider<T: Config>(seed: u32, stake: Balance) -> AccountId {
    let stash: AccountId = account("stash", seed, 0);
    let worker = WorkerId::generate_pair(None);
    T::Currency::set_balance(
        &stash,
        stake
            .saturating_mul(2)
            .saturating_add(T::MinimumStake::get()),
    );
    // A failed hold shows in the benchmark that needs the stake.
    let held = T::Currency::hold(&crate::HoldReason::Stake.into(), &stash, stake);
    debug_assert!(held.is_ok());
    ProviderOf::<T>::insert(&worker, &stash);
    let record = Provider {
        worker,
        endpoint: ENDPOINT,
        hardware: hardware(),
        stake,
        locked: 0,
        unbonding: Default::default(),
        since: 0,
    };
    Providers::<T>::insert(&stash, record);
    stash
}

/// A provider that has left: its stake is in as many parts as it can be, all of them due.
fn leaver<T: Config>() -> AccountId {
    let stake = T::MinimumStake::get();
    let stash = provider::<T>(0, stake);
    Providers::<T>::mutate(&stash, |provider| {
        let Some(provider) = provider else { return };
        let part = stake
            .checked_div(Balance::from(MAX_UNBONDING))
            .unwrap_or_default();
        for until in 1..MAX_UNBONDING {
            let unbonded = provider.unbond(part, until);
            debug_assert!(unbonded.is_some());
        }
        let unbonded = provider.unbond(provider.stake, MAX_UNBONDING);
        debug_assert!(unbonded.is_some());
    });
    frame_system::Pallet::<T>::set_block_number(MAX_UNBONDING);
    stash
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() -> Result<(), BenchmarkError> {
        let stash = stash::<T>(0);
        let (worker, proof) = worker::<T>(&stash)?;

        #[extrinsic_call]
        _(
            RawOrigin::Signed(stash.clone()),
            T::MinimumStake::get(),
            worker,
            ENDPOINT,
            hardware(),
            proof,
        );

        assert!(Providers::<T>::contains_key(stash));
        Ok(())
    }

    #[benchmark]
    fn set_worker() -> Result<(), BenchmarkError> {
        let stash = provider::<T>(0, T::MinimumStake::get());
        let (worker, proof) = worker::<T>(&stash)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(stash), worker.clone(), proof);

        assert!(ProviderOf::<T>::contains_key(worker));
        Ok(())
    }

    #[benchmark]
    fn set_endpoint() {
        let stash = provider::<T>(0, T::MinimumStake::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(stash), ENDPOINT);
    }

    #[benchmark]
    fn set_hardware() {
        let stash = provider::<T>(0, T::MinimumStake::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(stash), hardware());
    }

    #[benchmark]
    fn bond_more() {
        let stash = provider::<T>(0, T::MinimumStake::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()), 1);

        assert!(
            Providers::<T>::get(stash)
                .is_some_and(|provider| provider.stake > T::MinimumStake::get())
        );
    }

    #[benchmark]
    fn unbond() {
        let stash = provider::<T>(0, T::MinimumStake::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()), T::MinimumStake::get());

        assert!(Providers::<T>::get(stash).is_some_and(|provider| provider.stake == 0));
    }

    #[benchmark]
    fn withdraw() {
        let stash = leaver::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()));

        assert!(!Providers::<T>::contains_key(stash));
    }

    #[benchmark]
    fn deregister() {
        let stash = provider::<T>(0, T::MinimumStake::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()));

        assert!(Providers::<T>::get(stash).is_some_and(|provider| provider.stake == 0));
    }

    #[benchmark]
    fn reap() {
        let stash = leaver::<T>();
        let anybody: AccountId = account("anybody", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(anybody), stash.clone());

        assert!(!Providers::<T>::contains_key(stash));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::chain(), crate::mock::Test);
}
