// SPDX-License-Identifier: Apache-2.0
//! What every call costs, at its largest.

use crate::{
    Call, Candidates, Config, Delegations, Pallet, ProviderOf, Providers, Slots, Standings,
    frame_support, frame_system, sp_runtime,
    types::{MAX_LEVERAGE, MAX_UNBONDING, MAX_UNDELEGATING},
    worker_proof_payload,
};
use alloc::vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    duty::{WorkerId, WorkerSignature, heartbeat_payload},
    job::{Address, Endpoint},
    provider::{Hardware, MAX_DEVICE},
    reputation::{HALF_LIFE, Standing},
};
use frame_support::{
    traits::{
        Authorize, Get,
        fungible::{Inspect, Mutate},
    },
    weights::WeightMeter,
};
use frame_system::RawOrigin;
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account, benchmarks, impl_test_function},
    sp_application_crypto::RuntimeAppPublic,
};
use sp_runtime::{Permill, transaction_validity::TransactionSource};

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
    endow::<T>(&stash, T::MinimumStake::get().saturating_mul(1_000));
    stash
}

/// Gives an account so much beyond deposits and the least balance.
fn endow<T: Config>(who: &AccountId, amount: Balance) {
    let deposit = Pallet::<T>::deposit_for(&ENDPOINT, &hardware());
    T::Currency::set_balance(
        who,
        amount
            .saturating_add(deposit.saturating_mul(2))
            .saturating_add(T::Currency::minimum_balance().saturating_mul(10)),
    );
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

/// The longest description of a machine.
fn hardware() -> Hardware {
    let length = usize::try_from(MAX_DEVICE).unwrap_or_default();
    Hardware {
        device: vec![b'h'; length].try_into().unwrap_or_default(),
        ..Hardware::default()
    }
}

/// Sets up a provider whose worker key is in the keystore.
pub(crate) fn provider<T: Config>(seed: u32, stake: Balance) -> AccountId {
    let stash: AccountId = account("stash", seed, 0);
    endow::<T>(
        &stash,
        stake
            .saturating_mul(2)
            .saturating_add(T::MinimumStake::get()),
    );
    let worker = WorkerId::generate_pair(None);
    let own = stake.max(T::MinimumStake::get());
    // What fails here shows in the benchmark that needs the provider.
    let enrolled = Pallet::<T>::enroll(stash.clone(), own, worker, ENDPOINT, hardware());
    debug_assert!(enrolled.is_ok());
    stash
}

/// The same with as much of the stake as can be a delegator's.
pub(crate) fn leveraged<T: Config>(seed: u32, stake: Balance) -> AccountId {
    let parts = MAX_LEVERAGE.saturating_add(1);
    let own = stake.checked_div(parts).unwrap_or_default();
    let own = own.max(T::MinimumStake::get());
    let provider = provider::<T>(seed, own);
    let delegator: AccountId = account("delegator", seed, 0);
    let delegated = own.saturating_mul(MAX_LEVERAGE);
    endow::<T>(&delegator, delegated);
    // What fails here shows in the benchmark that needs the provider.
    let accepted = Pallet::<T>::do_accept_delegation(provider.clone(), true);
    debug_assert!(accepted.is_ok());
    let delegated =
        Pallet::<T>::do_delegate(delegator, provider.clone(), delegated, Permill::one());
    debug_assert!(delegated.is_ok());
    provider
}

/// A provider that will leave its place to the last one.
fn first_of_two<T: Config>() -> AccountId {
    let first = provider::<T>(0, T::MinimumStake::get());
    provider::<T>(1, T::MinimumStake::get());
    first
}

/// A provider that takes delegations, and an account with enough for many.
fn pool<T: Config>() -> Result<(AccountId, AccountId), BenchmarkError> {
    let stake = T::MinimumStake::get().saturating_add(T::MinimumDelegation::get());
    let provider = provider::<T>(0, stake.saturating_mul(10));
    Pallet::<T>::do_accept_delegation(provider.clone(), true)?;
    let delegator: AccountId = account("delegator", 0, 0);
    endow::<T>(&delegator, T::MinimumDelegation::get().saturating_mul(100));
    Ok((provider, delegator))
}

/// Delegates, and undelegates as many parts as can be on their way out, some delegation being left.
fn leaving_delegator<T: Config>() -> Result<(AccountId, AccountId), BenchmarkError> {
    let (provider, delegator) = pool::<T>()?;
    let least = T::MinimumDelegation::get();
    let parts = MAX_UNDELEGATING;
    let amount = least.saturating_mul(Balance::from(parts).saturating_add(2));
    Pallet::<T>::do_delegate(delegator.clone(), provider.clone(), amount, Permill::one())?;
    for block in 1..=parts {
        frame_system::Pallet::<T>::set_block_number(block);
        Pallet::<T>::do_undelegate(delegator.clone(), provider.clone(), least)?;
    }
    frame_system::Pallet::<T>::set_block_number(after_unbonding::<T>(parts));
    Ok((provider, delegator))
}

/// The block in which what was unbonded in a block can be withdrawn.
fn after_unbonding<T: Config>(block: BlockNumber) -> BlockNumber {
    block.saturating_add(T::UnbondingPeriod::get())
}

/// A provider that has left: its stake is in as many parts as it can be, all of them due; its pool was open.
fn leaver<T: Config>() -> Result<AccountId, BenchmarkError> {
    let stake = T::MinimumStake::get();
    let stash = provider::<T>(0, stake);
    Pallet::<T>::do_accept_delegation(stash.clone(), true)?;
    Pallet::<T>::change(&stash, |provider| {
        let part = stake
            .checked_div(Balance::from(MAX_UNBONDING))
            .unwrap_or_default();
        for until in 1..MAX_UNBONDING {
            let unbonded = provider.unbond(part, until);
            debug_assert!(unbonded.is_some());
        }
        let unbonded = provider.unbond(provider.own, MAX_UNBONDING);
        debug_assert!(unbonded.is_some());
        Ok(())
    })?;
    frame_system::Pallet::<T>::set_block_number(MAX_UNBONDING);
    Ok(stash)
}

/// Goes to a period, in which nobody has shown itself.
fn go_to_period<T: Config>(period: u32) {
    frame_system::Pallet::<T>::set_block_number(T::HeartbeatPeriod::get().saturating_mul(period));
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
                .is_some_and(|provider| provider.own > T::MinimumStake::get())
        );
    }

    #[benchmark]
    fn unbond() -> Result<(), BenchmarkError> {
        let stash = first_of_two::<T>();
        Pallet::<T>::offer_candidacy(&stash)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()), T::MinimumStake::get());

        assert!(Providers::<T>::get(stash).is_some_and(|provider| provider.own == 0));
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let stash = leaver::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()));

        assert!(!Providers::<T>::contains_key(stash));
        Ok(())
    }

    #[benchmark]
    fn deregister() -> Result<(), BenchmarkError> {
        let stash = first_of_two::<T>();
        Pallet::<T>::offer_candidacy(&stash)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()));

        assert!(Providers::<T>::get(stash).is_some_and(|provider| provider.own == 0));
        Ok(())
    }

    #[benchmark]
    fn reap() -> Result<(), BenchmarkError> {
        let stash = leaver::<T>()?;
        let anybody: AccountId = account("anybody", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(anybody), stash.clone());

        assert!(!Providers::<T>::contains_key(stash));
        Ok(())
    }

    #[benchmark]
    fn accept_delegation() {
        let stash = provider::<T>(0, T::MinimumStake::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()), true);

        assert!(Providers::<T>::get(stash).is_some_and(|provider| provider.pool.accepts));
    }

    #[benchmark]
    fn set_commission() -> Result<(), BenchmarkError> {
        let (provider, _) = pool::<T>()?;

        #[extrinsic_call]
        _(
            RawOrigin::Signed(provider.clone()),
            T::CommissionRise::get(),
        );

        assert!(
            Providers::<T>::get(provider)
                .is_some_and(|provider| provider.pool.commission == T::CommissionRise::get())
        );
        Ok(())
    }

    #[benchmark]
    fn delegate() -> Result<(), BenchmarkError> {
        let (provider, delegator) = pool::<T>()?;

        #[extrinsic_call]
        _(
            RawOrigin::Signed(delegator.clone()),
            provider.clone(),
            T::MinimumDelegation::get(),
            Permill::one(),
        );

        assert!(Delegations::<T>::contains_key(delegator, provider));
        Ok(())
    }

    #[benchmark]
    fn undelegate() -> Result<(), BenchmarkError> {
        let (provider, delegator) = pool::<T>()?;
        Pallet::<T>::do_delegate(
            delegator.clone(),
            provider.clone(),
            T::MinimumDelegation::get().saturating_mul(2),
            Permill::one(),
        )?;

        #[extrinsic_call]
        _(
            RawOrigin::Signed(delegator.clone()),
            provider.clone(),
            T::MinimumDelegation::get(),
        );

        assert!(
            Delegations::<T>::get(delegator, provider)
                .is_some_and(|delegation| delegation.unbonding.len() == 1)
        );
        Ok(())
    }

    #[benchmark]
    fn withdraw_delegation() -> Result<(), BenchmarkError> {
        let (provider, delegator) = leaving_delegator::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), provider.clone());

        assert!(
            Delegations::<T>::get(delegator, provider)
                .is_some_and(|delegation| delegation.unbonding.is_empty())
        );
        Ok(())
    }

    #[benchmark]
    fn reap_delegation() -> Result<(), BenchmarkError> {
        let (provider, delegator) = leaving_delegator::<T>()?;
        Pallet::<T>::do_deregister(provider.clone())?;
        let anybody: AccountId = account("anybody", 0, 0);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(anybody),
            provider.clone(),
            delegator.clone(),
        );

        assert!(
            Delegations::<T>::get(delegator, provider)
                .is_some_and(|delegation| delegation.share.shares == 0)
        );
        Ok(())
    }

    #[benchmark]
    fn authorize_heartbeat() -> Result<(), BenchmarkError> {
        let stash = provider::<T>(0, T::MinimumStake::get());
        go_to_period::<T>(5);
        let worker = Providers::<T>::get(&stash)
            .ok_or("the provider is registered")?
            .worker;
        let genesis = frame_system::Pallet::<T>::block_hash(0);
        let signature = worker
            .sign(&heartbeat_payload(genesis, &stash, 5))
            .ok_or("the worker key is in the keystore")?;
        let call = Call::<T>::heartbeat {
            provider: stash,
            period: 5,
            signature,
        };

        #[block]
        {
            call.authorize(TransactionSource::External)
                .ok_or("the call has an authorization")?
                .map_err(|_| "the heartbeat is due")?;
        }
        Ok(())
    }

    #[benchmark]
    fn heartbeat() -> Result<(), BenchmarkError> {
        let stash = provider::<T>(0, T::MinimumStake::get());
        let (_, signature) = worker::<T>(&stash)?;
        go_to_period::<T>(5);
        Pallet::<T>::sweep(&mut WeightMeter::new());

        #[extrinsic_call]
        _(RawOrigin::Authorized, stash.clone(), 5, signature);

        assert!(Providers::<T>::get(stash).is_some_and(|provider| provider.active));
        Ok(())
    }

    #[benchmark]
    fn chill() {
        let stash = provider::<T>(0, T::MinimumStake::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()));

        assert!(Providers::<T>::get(stash).is_some_and(|provider| !provider.active));
    }

    #[benchmark]
    fn resume() {
        let stash = provider::<T>(0, T::MinimumStake::get());
        Pallet::<T>::put_on_ice(&stash);

        #[extrinsic_call]
        _(RawOrigin::Signed(stash.clone()));

        assert!(Providers::<T>::get(stash).is_some_and(|provider| provider.active));
    }

    #[benchmark]
    fn validate() -> Result<(), BenchmarkError> {
        let places = T::MaxCandidates::get().min(T::MaxProviders::get().saturating_sub(1));
        for seed in 0..places {
            let candidate = provider::<T>(seed, T::MinimumStake::get());
            Pallet::<T>::offer_candidacy(&candidate)?;
        }
        let stash = provider::<T>(places, T::MinimumStake::get().saturating_mul(2));

        #[block]
        {
            Pallet::<T>::offer_candidacy(&stash)?;
        }

        assert!(Candidates::<T>::get().contains(&stash));
        Ok(())
    }

    #[benchmark]
    fn stop_validating() -> Result<(), BenchmarkError> {
        let stash = provider::<T>(0, T::MinimumStake::get());
        Pallet::<T>::offer_candidacy(&stash)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(stash));

        assert!(Candidates::<T>::get().is_empty());
        Ok(())
    }

    #[benchmark]
    fn forget() {
        let stash = provider::<T>(0, T::MinimumStake::get());
        let past = Standing {
            settled: 1_000,
            ..Standing::default()
        };
        Standings::<T>::insert(&stash, past);
        frame_system::Pallet::<T>::set_block_number(HALF_LIFE.saturating_mul(6));
        let anybody: AccountId = account("anybody", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(anybody), stash.clone());

        assert!(!Standings::<T>::contains_key(stash));
    }

    #[benchmark]
    fn sweep() {
        #[block]
        {
            Pallet::<T>::sweep(&mut WeightMeter::new());
        }

        assert_eq!(Slots::<T>::count(), 0);
    }

    #[benchmark]
    fn sweep_step() {
        let stash = provider::<T>(0, T::MinimumStake::get());
        go_to_period::<T>(5);

        #[block]
        {
            Pallet::<T>::look_at(&stash);
        }

        assert!(Providers::<T>::get(stash).is_some_and(|provider| !provider.active));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::chain(), crate::mock::Test);
}
