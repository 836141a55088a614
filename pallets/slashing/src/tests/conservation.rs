// SPDX-License-Identifier: Apache-2.0
//! Money over random series of offences.

use crate::{
    mock::{Balances, ENDOWMENT, Providers, SlashingPallet, account, run},
    rules::Mode,
};
use assay_primitives::{
    AccountId, Balance,
    reason::Offence,
    slashing::{Charge, Slashing},
    stake::Stakes,
};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

fn somebody() -> impl Strategy<Value = Option<AccountId>> {
    // One of those who take part, or somebody who does not exist yet.
    prop::option::of(prop_oneof![0u8..5, Just(99u8)].prop_map(account))
}

fn offence() -> impl Strategy<Value = Charge<AccountId, Balance>> {
    let amount = || prop_oneof![0u128..20, 0u128..5_000, Just(u128::MAX)];
    (
        prop::sample::select(Offence::ALL.to_vec()),
        0u8..4,
        (amount(), amount()),
        (somebody(), somebody()),
    )
        .prop_map(
            |(offence, offender, (bond, price), (reporter, requester))| Charge {
                offence,
                job: 7,
                offender: account(offender),
                bond,
                price,
                reporter,
                requester,
            },
        )
}

/// All that an account has, its stake included.
fn wealth(who: &AccountId) -> Balance {
    Balances::free_balance(who) + Providers::slashable(who)
}

/// What all accounts of the tests have.
fn everything() -> Balance {
    (0..10).chain([99]).map(|seed| wealth(&account(seed))).sum()
}

proptest! {
    #[test]
    fn money_is_moved_or_burned_to_the_last_unit(charges in prop::collection::vec(offence(), 1..40)) {
        run(Mode::Armed, || {
            let mut burned = 0;
            for charge in charges {
                let before = wealth(&charge.offender);
                let offender = charge.offender.clone();
                let penalty = SlashingPallet::punish(charge).expect("a punishment never fails");
                burned += penalty.burned;
                assert_eq!(penalty.taken, penalty.reporter + penalty.requester + penalty.burned);
                assert_eq!(wealth(&offender), before - penalty.taken);
            }
            assert_eq!(everything(), 10 * ENDOWMENT - burned);
            assert_eq!(Balances::total_issuance(), everything());
        });
    }

    #[test]
    fn an_offender_and_its_friends_lose_together(charge in offence(), friends in any::<[bool; 5]>()) {
        run(Mode::Armed, || {
            let family = || {
                let friends = (0u8..5).zip(friends).filter(|(_, friend)| *friend);
                let friends = friends.map(|(seed, _)| account(seed));
                let mut all: Vec<_> = friends.chain([charge.offender.clone()]).collect();
                all.sort();
                all.dedup();
                all.iter().map(wealth).sum::<Balance>()
            };
            let before = family();
            let penalty = SlashingPallet::punish(charge.clone()).expect("a punishment never fails");
            assert!(penalty.taken == 0 || family() < before);
        });
    }
}
