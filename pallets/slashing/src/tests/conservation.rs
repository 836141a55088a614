// SPDX-License-Identifier: Apache-2.0
//! Random series of everything that can happen, with time passing: money is moved or burned to the last unit, every
//! invariant holds after each step, and nothing is left in the end.

use super::steps::{Step, act, steps};
use crate::{
    Agenda, Deferrals, Records, Waiting,
    mock::{
        Balances, DELAY, ENDOWMENT, ERA, EXISTENTIAL_DEPOSIT, Pools, SlashingPallet, System, Test,
        account, events, run, run_to,
    },
    rules::Mode,
};
use assay_primitives::{AccountId, Balance, slashing::Penalty, stake::Stakes};
use proptest::prelude::{ProptestConfig, proptest};

/// All that an account has, the stake included that it and its delegators have.
fn wealth(who: &AccountId) -> Balance {
    Balances::free_balance(who) + Pools::slashable(who)
}

/// What all accounts of the tests have.
fn everything() -> Balance {
    (0..10).chain([99]).map(|seed| wealth(&account(seed))).sum()
}

/// What was taken and what was burned by this block's events.
fn said() -> (Balance, Balance) {
    let penalties = events().into_iter().filter_map(|event| match event {
        crate::Event::Slashed { penalty, .. } => Some(penalty),
        _ => None,
    });
    penalties.fold((0, 0), |(taken, burned), penalty: Penalty<Balance>| {
        let parts = penalty.reporter + penalty.requester + penalty.treasury + penalty.burned;
        assert_eq!(penalty.taken, parts);
        (taken + penalty.taken, burned + penalty.burned)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn money_is_moved_or_burned_to_the_last_unit(steps in steps(false)) {
        run(Mode::Armed, || {
            let mut burned = 0;
            for step in steps {
                let before: Balance = (0..10).map(|seed| Pools::slashable(&account(seed))).sum();
                let stake_moves = matches!(step, Step::Bond(..) | Step::Unbond(..) | Step::Delegate(..));
                act(step);
                let after: Balance = (0..10).map(|seed| Pools::slashable(&account(seed))).sum();
                let (taken, gone) = said();
                burned += gone;
                assert!(stake_moves || after == before - taken);
                assert_eq!(everything(), 10 * ENDOWMENT - burned);
                assert_eq!(Balances::total_issuance(), everything() + EXISTENTIAL_DEPOSIT);
                SlashingPallet::do_try_state().expect("every invariant holds");
            }
            // Long enough for all that waits to be carried out and all that is past to be forgotten.
            let end = System::block_number() + DELAY + 3 * ERA;
            run_to(end);
            assert_eq!(Deferrals::<Test>::count(), 0);
            assert_eq!(Waiting::<Test>::iter().count(), 0);
            assert_eq!(Records::<Test>::iter().count(), 0);
            assert!(Agenda::<Test>::get().is_empty());
            burned += said().1;
            assert_eq!(everything(), 10 * ENDOWMENT - burned);
        });
    }
}
