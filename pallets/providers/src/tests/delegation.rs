// SPDX-License-Identifier: Apache-2.0
//! What others add to a stake.

use super::registration::{record, register, signed};
use crate::{
    Delegations, Error, Event, HoldReason, Providers, frame_support,
    mock::{
        Balances, DEPOSIT, ENDOWMENT, EXISTENTIAL_DEPOSIT, MINIMUM_DELEGATION, MINIMUM_STAKE,
        ProvidersPallet, RuntimeOrigin, System, Test, UNBONDING, account, run,
    },
    sp_runtime::{DispatchError, DispatchResult, Permill, TokenError},
};
use assay_primitives::{
    AccountId, Balance,
    stake::{Slashed, Stakes},
};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{InspectHold, Mutate},
        tokens::Preservation,
    },
};

/// Delegates to the first account at any commission.
fn delegate(seed: u8, amount: Balance) -> DispatchResult {
    ProvidersPallet::delegate(signed(seed), account(1), amount, Permill::one())
}

/// Makes the first account a provider that takes delegations.
fn open(stake: Balance) {
    assert_ok!(register(1, stake));
    assert_ok!(ProvidersPallet::accept_delegation(signed(1), true));
}

/// What a delegator of the first account has in its pool.
fn value(seed: u8) -> Balance {
    ProvidersPallet::delegation_views(&account(seed))
        .first()
        .map_or(0, |view| view.value)
}

fn free(seed: u8) -> Balance {
    Balances::free_balance(account(seed))
}

/// Pays the first account, as a job does.
fn pay(amount: Balance) {
    assert_ok!(<Balances as Mutate<AccountId>>::transfer(
        &account(9),
        &account(1),
        amount,
        Preservation::Preserve
    ));
    ProvidersPallet::earned(&account(1), amount);
}

#[test]
fn delegated_stake_counts_as_the_providers() {
    run(|| {
        open(2_000);
        assert_ok!(delegate(2, 6_000));
        System::assert_last_event(
            Event::Delegated {
                provider: account(1),
                delegator: account(2),
                amount: 6_000,
            }
            .into(),
        );
        assert_eq!(free(2), ENDOWMENT - 6_000);
        assert_eq!(ProvidersPallet::free(&account(1)), 8_000);
        assert_eq!(ProvidersPallet::slashable(&account(1)), 8_000);
        assert_eq!(ProvidersPallet::own(&account(1)), 2_000);
        assert_eq!(ProvidersPallet::active_stake(), 8_000);
        assert_ok!(ProvidersPallet::lock(&account(1), 8_000));
        let pool = ProvidersPallet::pool_account(&account(1));
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::Stake.into(), &pool),
            6_000
        );
        let view = ProvidersPallet::provider_view(&account(1)).expect("registered");
        assert_eq!(
            (view.stake, view.own, view.delegated),
            (8_000, 2_000, 6_000)
        );
        assert_eq!((view.delegators, view.accepts_delegation), (1, true));
    });
}

#[test]
fn delegate_is_refused_without_consent_money_or_enough_own_stake() {
    run(|| {
        assert_noop!(delegate(2, 1_000), Error::<Test>::NotProvider);
        assert_ok!(register(1, MINIMUM_STAKE));
        assert_noop!(delegate(2, 1_000), Error::<Test>::DelegationNotAccepted);
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), true));
        for amount in [0, 1, MINIMUM_DELEGATION - 1] {
            assert_noop!(delegate(2, amount), Error::<Test>::DelegationTooSmall);
        }
        assert_noop!(delegate(1, 1_000), Error::<Test>::OwnDelegation);
        assert_noop!(delegate(77, 1_000), TokenError::FundsUnavailable);
        assert_noop!(delegate(2, 9_001), Error::<Test>::OwnShareTooSmall);
        assert_noop!(delegate(2, u128::MAX), Error::<Test>::OwnShareTooSmall);
        assert_ok!(delegate(2, 9_000));
        assert_noop!(delegate(3, 100), Error::<Test>::OwnShareTooSmall);
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), false));
        assert_ok!(ProvidersPallet::bond_more(signed(1), 1_000));
        assert_noop!(delegate(3, 100), Error::<Test>::DelegationNotAccepted);
    });
}

#[test]
fn delegate_is_refused_when_the_commission_is_more_than_was_said() {
    run(|| {
        assert_ok!(register(1, MINIMUM_STAKE));
        let tenth = Permill::from_percent(10);
        assert_ok!(ProvidersPallet::set_commission(signed(1), tenth));
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), true));
        let least = Permill::from_parts(99_999);
        assert_noop!(
            ProvidersPallet::delegate(signed(2), account(1), 1_000, least),
            Error::<Test>::CommissionTooHigh
        );
        assert_ok!(ProvidersPallet::delegate(
            signed(2),
            account(1),
            1_000,
            tenth
        ));
    });
}

#[test]
fn every_call_of_a_pool_is_refused_when_the_origin_is_root_or_none() {
    run(|| {
        open(MINIMUM_STAKE);
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            let origin = || origin.clone();
            for refused in [
                ProvidersPallet::accept_delegation(origin(), true),
                ProvidersPallet::set_commission(origin(), Permill::zero()),
                ProvidersPallet::delegate(origin(), account(1), 1_000, Permill::one()),
                ProvidersPallet::undelegate(origin(), account(1), 1_000),
                ProvidersPallet::withdraw_delegation(origin(), account(1)),
                ProvidersPallet::reap_delegation(origin(), account(1), account(2)),
            ] {
                assert_eq!(refused, Err(DispatchError::BadOrigin));
            }
        }
    });
}

#[test]
fn undelegated_stake_comes_back_after_the_unbonding() {
    run(|| {
        open(2_000);
        assert_ok!(delegate(2, 6_000));
        assert_ok!(ProvidersPallet::undelegate(signed(2), account(1), 1_000));
        System::assert_last_event(
            Event::Undelegated {
                provider: account(1),
                delegator: account(2),
                amount: 1_000,
                until: 1 + UNBONDING,
            }
            .into(),
        );
        assert_eq!(ProvidersPallet::free(&account(1)), 7_000);
        assert_eq!(ProvidersPallet::active_stake(), 7_000);
        assert_eq!(ProvidersPallet::slashable(&account(1)), 8_000);
        assert_eq!(
            ProvidersPallet::delegation_views(&account(2))[0].unbonding,
            [(1_000, 1 + UNBONDING)]
        );
        assert_noop!(
            ProvidersPallet::withdraw_delegation(signed(2), account(1)),
            Error::<Test>::NothingToWithdraw
        );
        System::set_block_number(UNBONDING);
        assert_ok!(ProvidersPallet::undelegate(
            signed(2),
            account(1),
            u128::MAX
        ));
        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw_delegation(signed(2), account(1)));
        assert_eq!(free(2), ENDOWMENT - 5_000);
        System::set_block_number(2 * UNBONDING);
        assert_ok!(ProvidersPallet::withdraw_delegation(signed(2), account(1)));
        assert_eq!(free(2), ENDOWMENT);
        assert!(!Delegations::<Test>::contains_key(account(2), account(1)));
        assert_noop!(
            ProvidersPallet::withdraw_delegation(signed(2), account(1)),
            Error::<Test>::NoDelegation
        );
    });
}

#[test]
fn undelegate_is_refused_when_it_is_nothing_locked_or_leaves_too_little() {
    run(|| {
        open(2_000);
        assert_noop!(
            ProvidersPallet::undelegate(signed(2), account(1), 1),
            Error::<Test>::NoDelegation
        );
        assert_ok!(delegate(2, 6_000));
        assert_noop!(
            ProvidersPallet::undelegate(signed(2), account(1), 0),
            Error::<Test>::ZeroAmount
        );
        assert_noop!(
            ProvidersPallet::undelegate(signed(2), account(1), 5_901),
            Error::<Test>::DelegationTooSmall
        );
        assert_ok!(ProvidersPallet::lock(&account(1), 5_000));
        assert_noop!(
            ProvidersPallet::undelegate(signed(2), account(1), 3_001),
            Error::<Test>::StakeLocked
        );
        // What one takes out of what is free, another cannot.
        assert_ok!(ProvidersPallet::undelegate(signed(2), account(1), 3_000));
        assert_noop!(
            ProvidersPallet::unbond(signed(1), 1),
            Error::<Test>::StakeLocked
        );
    });
}

#[test]
fn undelegate_is_refused_when_too_many_parts_are_on_their_way() {
    run(|| {
        open(2_000);
        assert_ok!(delegate(2, 6_000));
        for block in 1..=crate::types::MAX_UNDELEGATING {
            System::set_block_number(block);
            assert_ok!(ProvidersPallet::undelegate(signed(2), account(1), 1));
        }
        assert_ok!(ProvidersPallet::undelegate(signed(2), account(1), 1));
        System::set_block_number(crate::types::MAX_UNDELEGATING + 1);
        assert_noop!(
            ProvidersPallet::undelegate(signed(2), account(1), 1),
            Error::<Test>::TooManyUnbonding
        );
    });
}

#[test]
fn owner_keeps_a_tenth_of_the_stake_or_leaves_altogether() {
    run(|| {
        open(2_000);
        assert_ok!(delegate(2, 9_900));
        assert_noop!(
            ProvidersPallet::unbond(signed(1), 901),
            Error::<Test>::OwnShareTooSmall
        );
        assert_ok!(ProvidersPallet::unbond(signed(1), 900));
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        assert!(!ProvidersPallet::is_active(&account(1)));
        assert_eq!(value(2), 9_900);
    });
}

#[test]
fn commission_rises_slowly_while_anybody_could_be_surprised() {
    run(|| {
        let percent =
            |share| ProvidersPallet::set_commission(signed(1), Permill::from_percent(share));
        assert_noop!(percent(1), Error::<Test>::NotProvider);
        assert_ok!(register(1, 2_000));
        assert_ok!(percent(100));
        assert_ok!(percent(20));
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), true));
        assert_noop!(percent(26), Error::<Test>::CommissionRiseTooLarge);
        assert_ok!(percent(25));
        assert_noop!(percent(26), Error::<Test>::CommissionRaisedLately);
        assert_ok!(percent(10));
        assert_ok!(delegate(2, 1_000));
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), false));
        assert_noop!(percent(11), Error::<Test>::CommissionRaisedLately);
        System::set_block_number(21);
        assert_ok!(percent(15));
        System::assert_last_event(
            Event::CommissionSet {
                provider: account(1),
                commission: Permill::from_percent(15),
            }
            .into(),
        );
    });
}

#[test]
fn earnings_are_shared_by_stake_after_the_commission() {
    run(|| {
        assert_ok!(register(1, 2_000));
        assert_ok!(ProvidersPallet::set_commission(
            signed(1),
            Permill::from_percent(10)
        ));
        pay(100);
        assert_eq!(free(1), ENDOWMENT - 2_000 - DEPOSIT + 100, "it is alone");
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), true));
        assert_ok!(delegate(2, 6_000));
        assert_ok!(delegate(3, 2_000));
        let before = free(1);
        pay(1_000);
        // Nine tenths of it, and of those eight tenths.
        System::assert_last_event(
            Event::DelegatorsPaid {
                provider: account(1),
                amount: 720,
            }
            .into(),
        );
        assert_eq!(free(1), before + 280);
        assert_eq!((value(2), value(3)), (6_540, 2_180));
        assert_eq!(ProvidersPallet::active_stake(), 2_000 + 8_720);
        // Who comes later has no part in it, and loses a unit to rounding.
        assert_ok!(delegate(4, 1_000));
        assert_eq!((value(2), value(4)), (6_540, 999));
    });
}

#[test]
fn earnings_stay_where_they_are_when_the_stash_has_not_got_them() {
    run(|| {
        open(2_000);
        assert_ok!(delegate(2, 8_000));
        let issuance = Balances::total_issuance();
        ProvidersPallet::earned(&account(1), u128::MAX / 2);
        ProvidersPallet::earned(&account(5), 1_000);
        ProvidersPallet::earned(&account(1), 0);
        assert_eq!(value(2), 8_000);
        assert_eq!(Balances::total_issuance(), issuance);
    });
}

#[test]
fn slash_takes_the_owners_before_the_delegators_and_theirs_in_proportion() {
    run(|| {
        open(3_000);
        assert_ok!(delegate(2, 6_000));
        assert_ok!(delegate(3, 2_000));
        assert_ok!(ProvidersPallet::undelegate(signed(3), account(1), 2_000));
        assert_ok!(ProvidersPallet::unbond(signed(1), 1_000));
        let slash = |amount| ProvidersPallet::slash(&account(1), amount, &[]);
        assert_ok!(slash(2_500));
        let provider = record(&account(1));
        assert_eq!((provider.own, provider.unbonding_total()), (0, 500));
        assert_eq!(value(2), 6_000);
        let issuance = Balances::total_issuance();
        assert_ok!(slash(1_300));
        System::assert_last_event(
            Event::StakeSlashed {
                provider: account(1),
                own: 500,
                delegated: 800,
                burned: 1_300,
            }
            .into(),
        );
        assert_eq!(Balances::total_issuance(), issuance - 1_300);
        // A tenth of what each has, on its way out or not.
        assert_eq!(value(2), 5_400);
        let pool = record(&account(1)).pool;
        assert_eq!((pool.delegated.value, pool.unbonding.value), (5_400, 1_800));
        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw_delegation(signed(3), account(1)));
        assert_eq!(free(3), ENDOWMENT - 200);
    });
}

#[test]
fn slash_pays_a_beneficiary_out_of_both_purses() {
    run(|| {
        open(1_000);
        assert_ok!(delegate(2, 9_000));
        let shares = [(account(3), 400), (account(4), 1_600), (account(99), 3)];
        let expected = Slashed {
            taken: 2_500,
            paid: vec![400, 1_600, 0],
            burned: 500,
        };
        assert_eq!(
            ProvidersPallet::slash(&account(1), 2_500, &shares),
            Ok(expected)
        );
        assert_eq!((free(3), free(4)), (ENDOWMENT + 400, ENDOWMENT + 1_600));
        assert_eq!(value(2), 7_500);
    });
}

#[test]
fn pool_that_lost_everything_lets_old_delegators_go_and_new_ones_come() {
    run(|| {
        open(1_000);
        assert_ok!(delegate(2, 5_000));
        assert_ok!(delegate(3, 4_000));
        assert_ok!(ProvidersPallet::undelegate(signed(3), account(1), 1_000));
        assert_ok!(ProvidersPallet::slash(&account(1), u128::MAX, &[]));
        assert_eq!((value(2), value(3)), (0, 0));
        assert_ok!(ProvidersPallet::bond_more(signed(1), 1_000));
        assert_ok!(delegate(4, 500));
        // Who had lost everything comes again as if new.
        assert_ok!(delegate(3, 300));
        assert_eq!((value(3), value(4)), (300, 500));
        assert_ok!(ProvidersPallet::undelegate(signed(2), account(1), 1));
        assert!(!Delegations::<Test>::contains_key(account(2), account(1)));
        assert_ok!(ProvidersPallet::undelegate(signed(4), account(1), 500));
        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw_delegation(signed(4), account(1)));
        assert_eq!(free(4), ENDOWMENT);
    });
}

#[test]
fn first_delegator_cannot_take_from_the_next_by_inflating_its_shares() {
    run(|| {
        open(100_000);
        assert_ok!(delegate(2, 100));
        // The provider and its accomplice pay themselves and take out all but the least, again and again.
        for block in 2..40 {
            System::set_block_number(block);
            pay(20_000);
            let worth = value(2);
            let _refused_or_not =
                ProvidersPallet::undelegate(signed(2), account(1), worth.saturating_sub(100));
        }
        for amount in [100, 101, 199, 5_555, 100_000] {
            if delegate(3, amount).is_ok() {
                assert!(value(3) + amount / 1_000_000 + 1 >= amount);
                assert_ok!(ProvidersPallet::undelegate(
                    signed(3),
                    account(1),
                    u128::MAX
                ));
            }
        }
    });
}

#[test]
fn leaving_provider_keeps_its_record_until_all_delegators_are_out() {
    run(|| {
        open(1_000);
        assert_ok!(delegate(2, 5_000));
        assert_ok!(delegate(3, 4_000));
        assert_noop!(
            ProvidersPallet::reap_delegation(signed(9), account(1), account(2)),
            Error::<Test>::StillAtStake
        );
        assert_ok!(ProvidersPallet::deregister(signed(1)));
        assert_noop!(delegate(4, 100), Error::<Test>::OwnShareTooSmall);
        System::set_block_number(1 + UNBONDING);
        assert_ok!(ProvidersPallet::withdraw(signed(1)));
        assert!(Providers::<Test>::contains_key(account(1)));
        assert_noop!(
            ProvidersPallet::reap(signed(9), account(1)),
            Error::<Test>::StillAtStake
        );
        // One goes by itself, the other is sent home.
        assert_ok!(ProvidersPallet::undelegate(signed(2), account(1), 5_000));
        assert_ok!(ProvidersPallet::reap_delegation(
            signed(9),
            account(1),
            account(3)
        ));
        assert_noop!(
            ProvidersPallet::reap_delegation(signed(9), account(1), account(3)),
            Error::<Test>::NothingToWithdraw
        );
        System::set_block_number(1 + 2 * UNBONDING);
        assert_ok!(ProvidersPallet::withdraw_delegation(signed(2), account(1)));
        assert_ok!(ProvidersPallet::reap_delegation(
            signed(9),
            account(1),
            account(3)
        ));
        assert_ok!(ProvidersPallet::reap(signed(9), account(1)));
        for seed in 1..=3 {
            assert_eq!(free(seed), ENDOWMENT);
        }
        assert!(!System::account_exists(&ProvidersPallet::pool_account(
            &account(1)
        )));
    });
}

#[test]
fn reap_delegation_burns_what_its_owner_cannot_receive() {
    run(|| {
        open(1_000);
        assert_ok!(delegate(2, 100));
        assert_ok!(ProvidersPallet::undelegate(signed(2), account(1), 100));
        assert_ok!(ProvidersPallet::slash(&account(1), 1_095, &[]));
        // The delegator's account is gone.
        assert_ok!(<Balances as Mutate<AccountId>>::burn_from(
            &account(2),
            free(2),
            Preservation::Expendable,
            frame_support::traits::tokens::Precision::Exact,
            frame_support::traits::tokens::Fortitude::Force,
        ));
        System::set_block_number(1 + UNBONDING);
        let issuance = Balances::total_issuance();
        assert_ok!(ProvidersPallet::reap_delegation(
            signed(9),
            account(1),
            account(2)
        ));
        assert_eq!(Balances::total_issuance(), issuance - 5);
        assert_ok!(ProvidersPallet::reap(signed(9), account(1)));
    });
}

#[test]
fn accept_delegation_endows_the_pool_once() {
    run(|| {
        assert_noop!(
            ProvidersPallet::accept_delegation(signed(1), true),
            Error::<Test>::NotProvider
        );
        open(1_000);
        let spent = ENDOWMENT - 1_000 - DEPOSIT - EXISTENTIAL_DEPOSIT;
        assert_eq!(free(1), spent);
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), false));
        assert_ok!(ProvidersPallet::accept_delegation(signed(1), true));
        assert_eq!(free(1), spent);
    });
}
