// SPDX-License-Identifier: Apache-2.0
//! The arithmetic, on small domains exhaustively.

use super::*;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_compose, proptest};

/// An offender without delegators.
fn alone(bond: Balance, other: Balance, price: Balance) -> AtStake {
    AtStake {
        bond,
        other,
        own: bond + other,
        price,
    }
}

fn sum(penalty: Penalty<Balance>) -> Balance {
    penalty.reporter + penalty.requester + penalty.treasury + penalty.burned
}

/// What a person gets back who is the reporter, the requester and the treasury.
fn given_back(penalty: Penalty<Balance>) -> Balance {
    penalty.reporter + penalty.requester + penalty.treasury
}

#[test]
fn penalty_is_the_table_for_a_wrong_result() {
    let rule = Rule::default_for(Offence::WrongResult);
    let penalty = rule.penalty(alone(200, 1_000, 100), rule.stake, true, true);
    let expected = Penalty {
        taken: 300,
        reporter: 60,
        requester: 100,
        treasury: 30,
        burned: 110,
    };
    assert_eq!(penalty, expected);
}

#[test]
fn penalty_shares_out_only_what_is_the_offenders_own() {
    let rule = Rule::default_for(Offence::WrongResult);
    let stakes = AtStake {
        own: 120,
        ..alone(200, 1_000, 100)
    };
    // Of the 300 that are taken 120 are its own, the others its delegators'.
    let expected = Penalty {
        taken: 300,
        reporter: 24,
        requester: 60,
        treasury: 12,
        burned: 204,
    };
    assert_eq!(rule.penalty(stakes, rule.stake, true, true), expected);
}

#[test]
fn rule_is_refused_when_a_reporter_could_gain() {
    let shares = |reporter, requester, treasury| Rule {
        reporter: Permill::from_parts(reporter),
        requester: Permill::from_parts(requester),
        treasury: Permill::from_parts(treasury),
        ..Rule::default_for(Offence::WrongResult)
    };
    assert!(!shares(510_000, 0, 0).is_valid());
    assert!(!shares(500_000, 500_000, 0).is_valid());
    assert!(!shares(500_000, 0, 500_000).is_valid());
    assert!(!shares(300_000, 300_000, 400_000).is_valid());
    assert!(!shares(0, 1_000_000, 1_000_000).is_valid());
    assert!(shares(500_000, 250_000, 249_999).is_valid());
}

#[test]
fn every_default_is_valid_and_keeping_back_costs_as_much_as_a_wrong_result() {
    for offence in Offence::ALL {
        assert!(Rule::default_for(offence).is_valid(), "{offence:?}");
    }
    let wrong = Rule::default_for(Offence::WrongResult);
    for kept in KEEPING_BACK.map(Rule::default_for) {
        assert!(kept.is_as_hard_as(&wrong));
        for stakes in [alone(200, 1_000, 100), alone(0, 0, 100), alone(7, 3, 1)] {
            let of = |rule: &Rule| rule.penalty(stakes, rule.stake, true, true);
            let lost = |penalty: Penalty<Balance>| penalty.taken - given_back(penalty);
            assert!(lost(of(&kept)) >= lost(of(&wrong)));
        }
    }
}

#[test]
fn rule_is_not_as_hard_when_any_share_is_less() {
    let wrong = Rule::default_for(Offence::WrongResult);
    let softer: [fn(&mut Rule); 4] = [
        |rule| rule.bond = Permill::from_percent(99),
        |rule| rule.stake = Permill::from_percent(9),
        |rule| rule.correlation = 2,
        |rule| rule.repetition = 0,
    ];
    for soften in softer {
        let mut rule = Rule::default_for(Offence::Withheld);
        soften(&mut rule);
        assert!(!rule.is_as_hard_as(&wrong));
    }
}

#[test]
fn penalty_gives_the_requester_no_more_than_its_cap() {
    let due = |requester_cap| {
        let rule = Rule {
            requester_cap,
            ..Rule::default_for(Offence::MissedDeadline)
        };
        rule.penalty(alone(1_000, 0, 100), rule.stake, false, true)
            .requester
    };
    assert_eq!(
        [0, 1, 4, 5, 6, u32::MAX].map(due),
        [0, 100, 400, 500, 500, 500]
    );
}

#[test]
fn share_of_stake_grows_with_those_who_erred_alike_and_with_each_repetition() {
    let rule = Rule::default_for(Offence::WrongResult);
    let share = |times, charged, active| {
        rule.share_of_stake(Precedent {
            times,
            charged,
            active,
        })
    };
    let percent = Permill::from_percent;
    assert_eq!(rule.share_of_stake(Precedent::NONE), percent(10));
    assert_eq!(share(1, 10, 100), percent(13));
    assert_eq!(share(1, 50, 100), percent(25));
    assert_eq!(share(1, 100, 100), percent(40));
    assert_eq!(share(2, 0, 100), percent(20));
    assert_eq!(share(2, 10, 100), percent(26));
    assert_eq!(share(10, 0, 100), percent(100));
    assert_eq!(share(4, 100, 100), percent(100));
    // Who was charged may be inactive by now.
    assert_eq!(share(1, 200, 100), percent(40));
    assert_eq!(share(1, 1, 0), percent(40));
    assert_eq!(share(0, 0, 0), percent(10));
    assert_eq!(share(u32::MAX, Balance::MAX, Balance::MAX), percent(100));
}

#[test]
fn penalty_adds_up_on_the_whole_small_domain() {
    let rules = Offence::ALL.map(Rule::default_for);
    let cases = (0..10).flat_map(|bond| {
        (0..10).flat_map(move |other| {
            (0..=bond + other)
                .flat_map(move |own| (0..5).map(move |price| (bond, other, own, price)))
        })
    });
    for (bond, other, own, price) in cases {
        for rule in &rules {
            for (reported, harmed) in [(false, false), (true, false), (false, true), (true, true)] {
                let stakes = AtStake {
                    bond,
                    other,
                    own,
                    price,
                };
                let penalty = rule.penalty(stakes, rule.stake, reported, harmed);
                assert_eq!(penalty.taken, sum(penalty));
                assert!(penalty.taken <= bond + other);
                assert!(penalty.requester <= price * u128::from(rule.requester_cap));
                // Who gets all shares has still lost, his own part of it alone.
                let lost = stakes.own_of(penalty.taken);
                assert!(lost == 0 || given_back(penalty) < lost);
            }
        }
    }
}

prop_compose! {
    fn rule()(
        parts in any::<[u32; 6]>(),
        requester_cap in any::<u32>(),
        correlation in any::<u32>(),
        repetition in any::<u32>(),
    ) -> Rule {
        let [bond, stake, price, reporter, requester, treasury] =
            parts.map(|part| Permill::from_parts(part % 1_000_001));
        Rule {
            bond,
            stake,
            correlation,
            repetition,
            price,
            reporter,
            requester,
            requester_cap,
            treasury,
            ..Rule::default_for(Offence::NoReveal)
        }
    }
}

fn at_stake() -> impl Strategy<Value = AtStake> {
    let amount = 0..u128::MAX / 4;
    (amount.clone(), amount.clone(), amount, any::<u128>()).prop_map(|(bond, other, own, price)| {
        AtStake {
            bond,
            other,
            own: own.min(bond + other),
            price,
        }
    })
}

proptest! {
    #[test]
    fn reporting_oneself_never_pays(
        rule in rule(),
        stakes in at_stake(),
        (times, charged, active) in any::<(u32, Balance, Balance)>(),
    ) {
        let share = rule.share_of_stake(Precedent { times, charged, active });
        prop_assert!(share >= rule.stake);
        if rule.is_valid() {
            let penalty = rule.penalty(stakes, share, true, true);
            prop_assert_eq!(penalty.taken, sum(penalty));
            prop_assert!(penalty.taken <= stakes.all());
            let lost = stakes.own_of(penalty.taken);
            prop_assert!(lost == 0 || given_back(penalty) < lost);
        }
    }

    #[test]
    fn a_harder_rule_takes_no_less(
        (hard, soft) in (rule(), rule()),
        stakes in at_stake(),
        (times, charged, active) in any::<(u32, Balance, Balance)>(),
    ) {
        let precedent = Precedent { times, charged, active };
        let owed = |rule: &Rule| rule.owed(stakes, rule.share_of_stake(precedent));
        prop_assert!(!hard.is_as_hard_as(&soft) || owed(&hard) >= owed(&soft));
    }
}
