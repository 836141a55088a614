// SPDX-License-Identifier: Apache-2.0
//! Coming, changing and leaving.

use crate::{
    Error, Event, HoldReason, Providers, frame_support,
    mock::{
        Balances, DEPOSIT, ENDOWMENT, MINIMUM_STAKE, ProvidersPallet, RuntimeOrigin, System, Test,
        UNBONDING, account, endpoint, hardware, proof, run, worker,
    },
    sp_runtime::{DispatchResult, TokenError},
    types::Provider,
};
use assay_primitives::{
    AccountId, Balance,
    job::{Address, Endpoint},
    provider::{Hardware, Region},
    stake::Stakes,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use polkadot_sdk::sp_core::Pair;

/// The origin of an account of the tests.
pub(super) fn signed(seed: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(seed))
}

/// Registers an account with the worker key of its seed.
pub(super) fn register(seed: u8, stake: Balance) -> DispatchResult {
    let key = worker(seed);
    ProvidersPallet::register(
        signed(seed),
        stake,
        key.public(),
        endpoint(1),
        hardware(),
        proof(&key, &account(seed)),
    )
}

/// The record of a provider.
pub(super) fn record(who: &AccountId) -> Provider {
    Providers::<Test>::get(who).expect("it is registered")
}

fn free(who: &AccountId) -> Balance {
    Balances::free_balance(who)
}

#[test]
fn register_holds_the_stake() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_eq!(free(&account(1)), ENDOWMENT - 5_000 - DEPOSIT);
        assert_eq!(ProvidersPallet::free(&account(1)), 5_000);
        System::assert_has_event(
            Event::Registered {
                provider: account(1),
                worker: worker(1).public(),
                stake: 5_000,
            }
            .into(),
        );
    });
}

#[test]
fn register_is_refused_when_the_stake_is_too_small_or_not_there() {
    run(|| {
        assert_noop!(register(1, 0), Error::<Test>::StakeTooSmall);
        assert_noop!(register(1, MINIMUM_STAKE - 1), Error::<Test>::StakeTooSmall);
        assert_noop!(register(1, ENDOWMENT), TokenError::FundsUnavailable);
        assert_noop!(register(1, u128::MAX), TokenError::FundsUnavailable);
        assert_noop!(register(77, MINIMUM_STAKE), TokenError::FundsUnavailable);
    });
}

#[test]
fn register_is_refused_when_the_worker_key_is_taken_or_not_held() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_noop!(register(1, MINIMUM_STAKE), Error::<Test>::AlreadyProvider);
        let taken = worker(1);
        let call = |key: &assay_primitives::duty::WorkerPair, proven_for: u8| {
            ProvidersPallet::register(
                signed(2),
                MINIMUM_STAKE,
                key.public(),
                endpoint(1),
                hardware(),
                proof(key, &account(proven_for)),
            )
        };
        assert_noop!(call(&taken, 2), Error::<Test>::WorkerTaken);
        // The key's holder signed for somebody else.
        assert_noop!(call(&worker(3), 3), Error::<Test>::BadProof);
    });
}

#[test]
fn register_is_refused_when_there_are_too_many_providers() {
    run(|| {
        for seed in 1..=3 {
            assert_ok!(register(seed, MINIMUM_STAKE));
        }
        assert_noop!(register(4, MINIMUM_STAKE), Error::<Test>::TooManyProviders);
    });
}

#[test]
fn every_call_is_refused_when_the_caller_is_no_provider() {
    run(|| {
        let key = worker(1);
        let refusal = Error::<Test>::NotProvider;
        let proof = proof(&key, &account(1));
        assert_noop!(
            ProvidersPallet::set_worker(signed(1), key.public(), proof),
            refusal
        );
        assert_noop!(
            ProvidersPallet::set_endpoint(signed(1), endpoint(2)),
            Error::<Test>::NotProvider
        );
        assert_noop!(
            ProvidersPallet::set_hardware(signed(1), hardware()),
            Error::<Test>::NotProvider
        );
        assert_noop!(
            ProvidersPallet::bond_more(signed(1), 1),
            Error::<Test>::NotProvider
        );
        assert_noop!(
            ProvidersPallet::unbond(signed(1), 1),
            Error::<Test>::NotProvider
        );
        assert_noop!(
            ProvidersPallet::withdraw(signed(1)),
            Error::<Test>::NotProvider
        );
    });
}

#[test]
fn every_call_is_refused_when_the_origin_is_root_or_none() {
    run(|| {
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            let refusal = crate::sp_runtime::DispatchError::BadOrigin;
            let key = worker(1);
            let proof = proof(&key, &account(1));
            assert_noop!(
                ProvidersPallet::register(
                    origin.clone(),
                    MINIMUM_STAKE,
                    key.public(),
                    endpoint(1),
                    hardware(),
                    proof.clone()
                ),
                refusal
            );
            assert_noop!(
                ProvidersPallet::set_worker(origin.clone(), key.public(), proof),
                refusal
            );
            assert_noop!(
                ProvidersPallet::set_endpoint(origin.clone(), endpoint(2)),
                refusal
            );
            assert_noop!(
                ProvidersPallet::set_hardware(origin.clone(), hardware()),
                refusal
            );
            assert_noop!(ProvidersPallet::bond_more(origin.clone(), 1), refusal);
            assert_noop!(ProvidersPallet::unbond(origin.clone(), 1), refusal);
            assert_noop!(ProvidersPallet::withdraw(origin), refusal);
        }
    });
}

#[test]
fn set_worker_moves_the_duties_to_the_new_key() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        let key = worker(8);
        assert_ok!(ProvidersPallet::set_worker(
            signed(1),
            key.public(),
            proof(&key, &account(1))
        ));
        assert_eq!(
            ProvidersPallet::provider_of(&key.public()),
            Some(account(1))
        );
        assert_eq!(ProvidersPallet::provider_of(&worker(1).public()), None);
    });
}

#[test]
fn unbond_is_refused_when_stake_is_locked_or_the_rest_too_small() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::lock(&account(1), 3_000));
        assert_noop!(
            ProvidersPallet::unbond(signed(1), 2_001),
            Error::<Test>::StakeLocked
        );
        assert_noop!(
            ProvidersPallet::unbond(signed(1), 0),
            Error::<Test>::ZeroAmount
        );
        ProvidersPallet::unlock(&account(1), 3_000);
        assert_noop!(
            ProvidersPallet::unbond(signed(1), 4_500),
            Error::<Test>::StakeTooSmall
        );
        assert_ok!(ProvidersPallet::unbond(signed(1), 5_000));
    });
}

#[test]
fn withdraw_releases_what_is_due_and_ends_the_record_with_the_last_of_it() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::unbond(signed(1), 1_000));
        System::set_block_number(11);
        assert_ok!(ProvidersPallet::unbond(signed(1), 4_000));
        assert_noop!(
            ProvidersPallet::withdraw(signed(1)),
            Error::<Test>::NothingToWithdraw
        );

        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw(signed(1)));
        assert_eq!(free(&account(1)), ENDOWMENT - 4_000 - DEPOSIT);
        assert!(Providers::<Test>::contains_key(account(1)));

        System::set_block_number(11 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw(signed(1)));
        assert_eq!(free(&account(1)), ENDOWMENT);
        assert!(!Providers::<Test>::contains_key(account(1)));
        assert_ok!(register(1, MINIMUM_STAKE));
    });
}

#[test]
fn unbonding_and_lock_are_kept_when_a_provider_leaves_and_comes_back() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::unbond(signed(1), 5_000));
        // The record stays until the last of the stake is withdrawn, so there is nothing to shed.
        assert_noop!(register(1, 5_000), Error::<Test>::AlreadyProvider);
        assert_ok!(ProvidersPallet::bond_more(signed(1), MINIMUM_STAKE));
        assert_eq!(
            Providers::<Test>::get(account(1))
                .expect("registered")
                .unbonding_total(),
            5_000
        );
    });
}

#[test]
fn unbond_is_refused_when_too_many_parts_are_on_their_way() {
    run(|| {
        assert_ok!(register(1, 50_000));
        for block in 1..=crate::types::MAX_UNBONDING {
            System::set_block_number(block);
            assert_ok!(ProvidersPallet::unbond(signed(1), 1));
        }
        // Another part of the same block is no other part.
        assert_ok!(ProvidersPallet::unbond(signed(1), 1));
        System::set_block_number(crate::types::MAX_UNBONDING + 1);
        assert_noop!(
            ProvidersPallet::unbond(signed(1), 1),
            Error::<Test>::TooManyUnbonding
        );
    });
}

#[test]
fn set_worker_is_refused_when_the_key_is_taken_or_not_held() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_ok!(register(2, MINIMUM_STAKE));
        let (taken, other) = (worker(2), worker(3));
        assert_noop!(
            ProvidersPallet::set_worker(signed(1), taken.public(), proof(&taken, &account(1))),
            Error::<Test>::WorkerTaken
        );
        // A proof made with one key does not serve for another.
        assert_noop!(
            ProvidersPallet::set_worker(signed(1), other.public(), proof(&taken, &account(1))),
            Error::<Test>::BadProof
        );
    });
}

#[test]
fn set_endpoint_and_set_hardware_publish_what_they_are_given() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::set_endpoint(signed(1), endpoint(2)));
        System::assert_last_event(
            Event::EndpointSet {
                provider: account(1),
                endpoint: endpoint(2),
            }
            .into(),
        );
        let none = Hardware::default();
        assert_ok!(ProvidersPallet::set_hardware(signed(1), none.clone()));
        System::assert_last_event(
            Event::HardwareSet {
                provider: account(1),
                hardware: none.clone(),
            }
            .into(),
        );
        let view = ProvidersPallet::provider_view(&account(1)).expect("registered");
        assert_eq!((view.endpoint, view.hardware), (endpoint(2), none));
    });
}

#[test]
fn deposit_follows_what_the_stash_publishes_and_comes_back_at_the_end() {
    run(|| {
        let held = || {
            let deposit = record(&account(1)).deposit;
            assert_eq!(
                Balances::balance_on_hold(&HoldReason::Registration.into(), &account(1)),
                deposit
            );
            deposit
        };
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_eq!(held(), DEPOSIT);
        assert_ok!(ProvidersPallet::set_endpoint(signed(1), far_endpoint()));
        assert_eq!(held(), DEPOSIT + 12);
        assert_ok!(ProvidersPallet::set_hardware(
            signed(1),
            Hardware::default()
        ));
        assert_eq!(held(), DEPOSIT, "twelve bytes of a name are gone");
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw(signed(1)));
        assert_eq!(free(&account(1)), ENDOWMENT);
    });
}

/// An endpoint that takes twelve bytes more than others.
fn far_endpoint() -> Endpoint {
    Endpoint {
        key: [7; 32],
        address: Address::V6 {
            ip: [1; 16],
            port: 1,
        },
    }
}

#[test]
fn worker_key_publishes_but_moves_no_money() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        let by_worker = RuntimeOrigin::signed(worker(1).public().into_inner().into());
        assert_ok!(ProvidersPallet::set_endpoint(
            by_worker.clone(),
            endpoint(9)
        ));
        assert_eq!(record(&account(1)).endpoint, endpoint(9));
        assert_noop!(
            ProvidersPallet::set_endpoint(by_worker.clone(), far_endpoint()),
            Error::<Test>::DepositTooSmall
        );
        assert_ok!(ProvidersPallet::set_hardware(
            by_worker.clone(),
            Hardware::default()
        ));
        assert_eq!(
            record(&account(1)).deposit,
            DEPOSIT,
            "nothing is released either"
        );
        for refused in [
            ProvidersPallet::bond_more(by_worker.clone(), 1),
            ProvidersPallet::unbond(by_worker.clone(), 1),
            ProvidersPallet::deregister(by_worker.clone()),
            ProvidersPallet::withdraw(by_worker.clone()),
            ProvidersPallet::accept_delegation(by_worker.clone(), true),
            ProvidersPallet::set_commission(by_worker.clone(), Default::default()),
            ProvidersPallet::validate(by_worker.clone()),
            ProvidersPallet::stop_validating(by_worker.clone()),
        ] {
            assert_eq!(refused, Err(Error::<Test>::NotProvider.into()));
        }
    });
}

#[test]
fn publishing_is_refused_when_the_region_is_none_or_the_account_too_poor() {
    run(|| {
        let nowhere = Hardware {
            region: Region(*b"ch"),
            ..hardware()
        };
        let key = worker(1);
        let register = |stake, hardware| {
            ProvidersPallet::register(
                signed(1),
                stake,
                key.public(),
                endpoint(1),
                hardware,
                proof(&key, &account(1)),
            )
        };
        assert_noop!(
            register(MINIMUM_STAKE, nowhere.clone()),
            Error::<Test>::BadRegion
        );
        // Enough for the stake, but not for the deposit.
        assert_noop!(
            register(ENDOWMENT - 100, hardware()),
            TokenError::FundsUnavailable
        );
        assert_ok!(register(ENDOWMENT - DEPOSIT - 10, hardware()));
        assert_noop!(
            ProvidersPallet::set_hardware(signed(1), nowhere),
            Error::<Test>::BadRegion
        );
        assert_noop!(
            ProvidersPallet::set_endpoint(signed(1), far_endpoint()),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn bond_more_adds_to_the_stake_and_says_so() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::bond_more(signed(1), 1));
        System::assert_last_event(
            Event::Bonded {
                provider: account(1),
                amount: 1,
            }
            .into(),
        );
        assert_eq!(ProvidersPallet::free(&account(1)), 5_001);
        assert_eq!(free(&account(1)), ENDOWMENT - 5_001 - DEPOSIT);
    });
}

#[test]
fn bond_more_is_refused_when_the_amount_is_nothing_or_not_there() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_noop!(
            ProvidersPallet::bond_more(signed(1), 0),
            Error::<Test>::ZeroAmount
        );
        for amount in [ENDOWMENT, u128::MAX] {
            assert_noop!(
                ProvidersPallet::bond_more(signed(1), amount),
                TokenError::FundsUnavailable
            );
        }
    });
}

#[test]
fn bond_more_is_refused_when_it_brings_back_less_than_the_minimum() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        assert_noop!(
            ProvidersPallet::bond_more(signed(1), MINIMUM_STAKE - 1),
            Error::<Test>::StakeTooSmall
        );
    });
}
