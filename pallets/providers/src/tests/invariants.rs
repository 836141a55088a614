// SPDX-License-Identifier: Apache-2.0
//! Random lives of three providers, their delegators, workers and the jobs that lock and slash them.

use super::registration::{register, signed};
use crate::{
    Candidates, Delegations, HoldReason, ProviderOf, Providers, Slots, Standings, Sums,
    frame_support,
    mock::{
        Balances, ProvidersPallet, RuntimeOrigin, System, Test, UNBONDING, account, endpoint,
        hardware, proof, run, worker,
    },
    sp_runtime::{DispatchResult, Permill},
};
use assay_primitives::{
    Balance,
    provider::{Hardware, Region},
    reason::Offence,
    reputation::{Deed, HALF_LIFE, Reputation},
    stake::Stakes,
};
use frame_support::{
    storage::with_storage_layer,
    traits::{
        OnIdle,
        fungible::{InspectHold, Mutate},
        tokens::Preservation,
    },
    weights::Weight,
};
use pallet_session::SessionManager;
use polkadot_sdk::sp_core::Pair;
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Register(u8, u128),
    SetWorker(u8, u8),
    Publish(u8, bool),
    BondMore(u8, u128),
    Unbond(u8, u128),
    Withdraw(u8),
    Deregister(u8),
    Reap(u8),
    AcceptDelegation(u8, bool),
    SetCommission(u8, u32),
    Delegate(u8, u8, u128),
    Undelegate(u8, u8, u128),
    WithdrawDelegation(u8, u8),
    ReapDelegation(u8, u8),
    Heartbeat(u8),
    Chill(u8),
    Resume(u8),
    Validate(u8),
    StopValidating(u8),
    Forget(u8),
    Earn(u8, u128),
    Lock(u8, u128),
    Unlock(u8, u128),
    Slash(u8, u128, u128),
    Note(u8, bool),
    Wait(u32),
    Session,
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1u8..4;
    // Providers delegate to each other as well.
    let delegator = || 3u8..7;
    let amount = || prop_oneof![0u128..5_000, 0u128..50_000, Just(u128::MAX)];
    let stakes = prop_oneof![
        (who(), amount()).prop_map(|(who, amount)| Step::Register(who, amount)),
        (who(), 1u8..8).prop_map(|(who, key)| Step::SetWorker(who, key)),
        (who(), any::<bool>()).prop_map(|(who, long)| Step::Publish(who, long)),
        (who(), amount()).prop_map(|(who, amount)| Step::BondMore(who, amount)),
        (who(), amount()).prop_map(|(who, amount)| Step::Unbond(who, amount)),
        who().prop_map(Step::Withdraw),
        who().prop_map(Step::Deregister),
        who().prop_map(Step::Reap),
    ];
    let pools = prop_oneof![
        1 => (who(), any::<bool>()).prop_map(|(who, accepts)| Step::AcceptDelegation(who, accepts)),
        1 => (who(), 0u32..1_000_000).prop_map(|(who, parts)| Step::SetCommission(who, parts)),
        3 => (delegator(), who(), amount()).prop_map(|(from, to, amount)| Step::Delegate(from, to, amount)),
        2 => (delegator(), who(), amount()).prop_map(|(from, to, amount)| Step::Undelegate(from, to, amount)),
        1 => (delegator(), who()).prop_map(|(from, to)| Step::WithdrawDelegation(from, to)),
        1 => (delegator(), who()).prop_map(|(from, to)| Step::ReapDelegation(from, to)),
    ];
    let service = prop_oneof![
        who().prop_map(Step::Heartbeat),
        who().prop_map(Step::Chill),
        who().prop_map(Step::Resume),
        who().prop_map(Step::Validate),
        who().prop_map(Step::StopValidating),
        who().prop_map(Step::Forget),
        Just(Step::Session),
    ];
    let jobs = prop_oneof![
        1 => (who(), 0u128..20_000).prop_map(|(who, amount)| Step::Earn(who, amount)),
        1 => (who(), amount()).prop_map(|(who, amount)| Step::Lock(who, amount)),
        1 => (who(), 0u128..5_000).prop_map(|(who, amount)| Step::Unlock(who, amount)),
        1 => (who(), amount(), amount()).prop_map(|(who, amount, share)| Step::Slash(who, amount, share)),
        1 => (who(), any::<bool>()).prop_map(|(who, good)| Step::Note(who, good)),
        2 => prop_oneof![1u32..60, 100u32..400].prop_map(Step::Wait),
    ];
    prop_oneof![2 => stakes, 2 => pools, 1 => service, 2 => jobs]
}

/// What a description of a machine is changed to.
fn machine(long: bool) -> Hardware {
    if long {
        Hardware {
            device: vec![b'x'; 128].try_into().expect("it fits"),
            region: Region(*b"NO"),
            ..hardware()
        }
    } else {
        Hardware::default()
    }
}

/// Has the chain do a call, whether it is refused or not; what counts is what is true after it.
fn take(step: Step) {
    let burned = |slashed: Balance, issuance: Balance| {
        assert_eq!(issuance - Balances::total_issuance(), slashed);
    };
    let issuance = Balances::total_issuance();
    let mut lost = 0;
    let _refused_or_not: DispatchResult = with_storage_layer(|| {
        match step {
            Step::Register(who, amount) => register(who, amount)?,
            Step::SetWorker(who, key) => {
                let key = worker(key);
                let proof = proof(&key, &account(who));
                ProvidersPallet::set_worker(signed(who), key.public(), proof)?;
            }
            Step::Publish(who, long) => {
                ProvidersPallet::set_endpoint(signed(who), endpoint(2))?;
                let worker = Providers::<Test>::get(account(who)).map(|provider| provider.worker);
                let by_worker = worker.map(|key| RuntimeOrigin::signed(key.into_inner().into()));
                let origin = by_worker.filter(|_| !long).unwrap_or(signed(who));
                ProvidersPallet::set_hardware(origin, machine(long))?;
            }
            Step::BondMore(who, amount) => ProvidersPallet::bond_more(signed(who), amount)?,
            Step::Unbond(who, amount) => ProvidersPallet::unbond(signed(who), amount)?,
            Step::Withdraw(who) => ProvidersPallet::withdraw(signed(who))?,
            Step::Deregister(who) => ProvidersPallet::deregister(signed(who))?,
            Step::Reap(who) => ProvidersPallet::reap(signed(9), account(who))?,
            Step::AcceptDelegation(who, accepts) => {
                ProvidersPallet::accept_delegation(signed(who), accepts)?;
            }
            Step::SetCommission(who, parts) => {
                ProvidersPallet::set_commission(signed(who), Permill::from_parts(parts))?;
            }
            Step::Delegate(from, to, amount) => {
                ProvidersPallet::delegate(signed(from), account(to), amount, Permill::one())?;
            }
            Step::Undelegate(from, to, amount) => {
                ProvidersPallet::undelegate(signed(from), account(to), amount)?;
            }
            Step::WithdrawDelegation(from, to) => {
                ProvidersPallet::withdraw_delegation(signed(from), account(to))?;
            }
            Step::ReapDelegation(from, to) => {
                ProvidersPallet::reap_delegation(signed(9), account(to), account(from))?;
            }
            Step::Heartbeat(who) => {
                super::liveness::beat(who, ProvidersPallet::heartbeat_period())?;
            }
            Step::Chill(who) => ProvidersPallet::chill(signed(who))?,
            Step::Resume(who) => ProvidersPallet::resume(signed(who))?,
            Step::Validate(who) => ProvidersPallet::validate(signed(who))?,
            Step::StopValidating(who) => ProvidersPallet::stop_validating(signed(who))?,
            Step::Forget(who) => ProvidersPallet::forget(signed(9), account(who))?,
            Step::Earn(who, amount) => {
                let (payer, payee) = (account(9), account(who));
                Balances::transfer(&payer, &payee, amount, Preservation::Preserve)?;
                ProvidersPallet::earned(&payee, amount);
            }
            Step::Lock(who, amount) => ProvidersPallet::lock(&account(who), amount)?,
            Step::Unlock(who, amount) => ProvidersPallet::unlock(&account(who), amount),
            Step::Slash(who, amount, share) => {
                let slashable = ProvidersPallet::slashable(&account(who));
                let own = ProvidersPallet::own(&account(who));
                let slashed =
                    ProvidersPallet::slash(&account(who), amount, &[(account(9), share)])?;
                // A slash takes what is there, the owner's before the delegators', and what is not paid is burned.
                assert_eq!(slashed.taken, amount.min(slashable));
                assert_eq!(
                    ProvidersPallet::own(&account(who)),
                    own.saturating_sub(slashed.taken)
                );
                assert_eq!(slashed.taken, slashed.paid[0] + slashed.burned);
                assert_eq!(slashed.paid[0], slashed.taken.min(share));
                lost = slashed.burned;
            }
            Step::Note(who, good) => {
                let fault = Deed::Fault(Offence::WrongResult);
                ProvidersPallet::note(&account(who), if good { Deed::Settled } else { fault });
            }
            Step::Wait(blocks) => {
                System::set_block_number(System::block_number() + blocks);
                ProvidersPallet::on_idle(System::block_number(), Weight::MAX);
            }
            Step::Session => {
                let session = crate::CurrentSession::<Test>::get();
                let _set = <ProvidersPallet as SessionManager<_>>::new_session(session + 2);
                <ProvidersPallet as SessionManager<_>>::end_session(session);
                <ProvidersPallet as SessionManager<_>>::start_session(session + 1);
            }
        }
        Ok(())
    });
    burned(lost, issuance);
}

/// Has everybody leave, and checks that nothing is left of them.
fn leave() {
    for seed in 1..=3 {
        ProvidersPallet::unlock(&account(seed), u128::MAX);
        let own = Providers::<Test>::get(account(seed)).map_or(0, |provider| provider.own);
        if own > 0 {
            // Room for one part more.
            System::set_block_number(System::block_number() + UNBONDING);
            let _nothing_due = ProvidersPallet::withdraw(signed(seed));
            ProvidersPallet::unbond(signed(seed), own).expect("nothing is locked");
        }
    }
    for _ in 0..2 {
        System::set_block_number(System::block_number() + UNBONDING);
        let delegations: Vec<_> = Delegations::<Test>::iter_keys().collect();
        for (delegator, provider) in delegations {
            ProvidersPallet::reap_delegation(signed(9), provider, delegator)
                .expect("the provider has left");
        }
    }
    System::set_block_number(System::block_number() + 40 * HALF_LIFE);
    for seed in 1..=3 {
        if Providers::<Test>::contains_key(account(seed)) {
            ProvidersPallet::reap(signed(9), account(seed)).expect("nothing is at stake");
        }
        let _nothing_known = ProvidersPallet::forget(signed(9), account(seed));
    }
    assert_eq!(Providers::<Test>::iter().count(), 0);
    assert_eq!(Delegations::<Test>::iter().count(), 0);
    assert_eq!(ProviderOf::<Test>::iter().count(), 0);
    assert_eq!(Slots::<Test>::iter().count(), 0);
    assert_eq!(Sums::<Test>::iter().count(), 0);
    assert_eq!(Standings::<Test>::iter().count(), 0);
    assert!(Candidates::<Test>::get().is_empty());
    for seed in 0..10 {
        for reason in [HoldReason::Stake, HoldReason::Registration] {
            assert_eq!(
                Balances::balance_on_hold(&reason.into(), &account(seed)),
                0,
                "a hold is left"
            );
        }
        let pool = ProvidersPallet::pool_account(&account(seed));
        assert!(!System::account_exists(&pool), "a pool's account is left");
    }
}

proptest! {
    #[test]
    fn invariants_hold_after_any_life(founded in any::<bool>(), steps in prop::collection::vec(step(), 1..80)) {
        run(|| {
            if founded {
                for seed in 1..=3 {
                    register(seed, 5_000).expect("it has enough");
                    ProvidersPallet::accept_delegation(signed(seed), true).expect("it has enough");
                }
            }
            for step in steps {
                take(step);
                ProvidersPallet::do_try_state().expect("every invariant holds");
            }
            leave();
        });
    }
}
