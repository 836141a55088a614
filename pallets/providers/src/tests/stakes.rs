// SPDX-License-Identifier: Apache-2.0
//! Locking and slashing.

use super::registration::register;
use crate::{
    Error, Event, Providers, frame_support,
    mock::{
        Balances, DEPOSIT, ENDOWMENT, EXISTENTIAL_DEPOSIT, ProvidersPallet, RuntimeOrigin, System,
        Test, account, run,
    },
};
use assay_primitives::stake::{Slashed, Stakes};
use frame_support::{assert_noop, assert_ok};

#[test]
fn lock_is_refused_when_less_is_free() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::lock(&account(1), 4_000));
        assert_eq!(ProvidersPallet::free(&account(1)), 1_000);
        assert_noop!(
            ProvidersPallet::lock(&account(1), 1_001),
            Error::<Test>::StakeLocked
        );
        assert_noop!(
            ProvidersPallet::lock(&account(2), 1),
            Error::<Test>::NotProvider
        );
    });
}

#[test]
fn slash_pays_the_beneficiaries_in_order_and_burns_the_rest() {
    run(|| {
        assert_ok!(register(1, 5_000));
        let issuance = Balances::total_issuance();
        let taken = ProvidersPallet::slash(
            &account(1),
            3_000,
            &[(account(2), 1_000), (account(3), 500)],
        );
        let expected = Slashed {
            taken: 3_000,
            paid: vec![1_000, 500],
            burned: 1_500,
        };
        assert_eq!(taken, Ok(expected));
        assert_eq!(Balances::free_balance(account(2)), ENDOWMENT + 1_000);
        assert_eq!(Balances::free_balance(account(3)), ENDOWMENT + 500);
        assert_eq!(Balances::total_issuance(), issuance - 1_500);
        System::assert_last_event(
            Event::StakeSlashed {
                provider: account(1),
                own: 3_000,
                delegated: 0,
                burned: 1_500,
            }
            .into(),
        );
    });
}

#[test]
fn slash_reaches_what_is_unbonding() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::unbond(
            RuntimeOrigin::signed(account(1)),
            4_000
        ));
        assert_ok!(ProvidersPallet::slash(&account(1), 3_000, &[]));
        let provider = Providers::<Test>::get(account(1)).expect("registered");
        assert_eq!((provider.own, provider.unbonding_total()), (0, 2_000));
    });
}

#[test]
fn slash_takes_no_more_than_there_is() {
    run(|| {
        assert_ok!(register(1, 5_000));
        let shares = [(account(2), u128::MAX), (account(3), 1)];
        let expected = Slashed {
            taken: 5_000,
            paid: vec![5_000, 0],
            burned: 0,
        };
        assert_eq!(
            ProvidersPallet::slash(&account(1), u128::MAX, &shares),
            Ok(expected)
        );
        assert_eq!(Balances::free_balance(account(2)), ENDOWMENT + 5_000);
    });
}

#[test]
fn slash_burns_a_share_when_its_beneficiary_cannot_exist() {
    run(|| {
        assert_ok!(register(1, 5_000));
        let issuance = Balances::total_issuance();
        let poor = account(99);
        let share = EXISTENTIAL_DEPOSIT - 1;
        let expected = Slashed {
            taken: 1_000,
            paid: vec![0, 7],
            burned: 993,
        };
        assert_eq!(
            ProvidersPallet::slash(
                &account(1),
                1_000,
                &[(poor.clone(), share), (account(2), 7)]
            ),
            Ok(expected)
        );
        assert_eq!(Balances::free_balance(poor), 0);
        assert_eq!(Balances::total_issuance(), issuance - 993);
    });
}

#[test]
fn slash_takes_nothing_from_who_is_no_provider() {
    run(|| {
        let events = System::events().len();
        let expected = Slashed {
            taken: 0,
            paid: vec![0],
            burned: 0,
        };
        assert_eq!(
            ProvidersPallet::slash(&account(1), 1_000, &[(account(2), 500)]),
            Ok(expected)
        );
        assert_eq!(Balances::free_balance(account(1)), ENDOWMENT);
        assert_eq!(System::events().len(), events);
    });
}

#[test]
fn slash_burns_a_share_when_it_would_go_back_to_the_provider() {
    run(|| {
        assert_ok!(register(1, 5_000));
        let issuance = Balances::total_issuance();
        assert_ok!(ProvidersPallet::slash(
            &account(1),
            1_000,
            &[(account(1), 1_000)]
        ));
        assert_eq!(Balances::total_issuance(), issuance - 1_000);
        assert_eq!(
            Balances::free_balance(account(1)),
            ENDOWMENT - 5_000 - DEPOSIT
        );
    });
}

#[test]
fn slash_reaches_the_bonds_of_jobs_last() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::unbond(
            RuntimeOrigin::signed(account(1)),
            1_000
        ));
        assert_ok!(ProvidersPallet::lock(&account(1), 3_000));
        let left = |taken| {
            assert_ok!(ProvidersPallet::slash(&account(1), taken, &[]));
            let provider = Providers::<Test>::get(account(1)).expect("registered");
            (provider.free(), provider.unbonding_total(), provider.locked)
        };
        assert_eq!(left(600), (400, 1_000, 3_000));
        assert_eq!(left(600), (0, 800, 3_000));
        assert_eq!(left(900), (0, 0, 3_000));
        assert_eq!(left(3_000), (0, 0, 3_000));
    });
}

#[test]
fn slashable_is_all_that_is_held() {
    run(|| {
        assert_eq!(ProvidersPallet::slashable(&account(1)), 0);
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::unbond(
            RuntimeOrigin::signed(account(1)),
            1_000
        ));
        assert_ok!(ProvidersPallet::lock(&account(1), 3_000));
        assert_eq!(ProvidersPallet::slashable(&account(1)), 5_000);
    });
}

#[test]
fn unlock_frees_no_other_jobs_bond_when_a_slash_has_cut_the_stake() {
    run(|| {
        assert_ok!(register(1, 5_000));
        assert_ok!(ProvidersPallet::lock(&account(1), 3_000));
        assert_ok!(ProvidersPallet::lock(&account(1), 2_000));
        assert_ok!(ProvidersPallet::slash(&account(1), 3_000, &[]));
        ProvidersPallet::unlock(&account(1), 3_000);
        // All that is left backs the second job.
        assert_eq!(ProvidersPallet::free(&account(1)), 0);
        assert_noop!(
            ProvidersPallet::unbond(RuntimeOrigin::signed(account(1)), 1),
            Error::<Test>::StakeLocked
        );
        ProvidersPallet::unlock(&account(1), 2_000);
        assert_eq!(ProvidersPallet::free(&account(1)), 2_000);
    });
}
