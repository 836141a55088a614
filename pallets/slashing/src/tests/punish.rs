// SPDX-License-Identifier: Apache-2.0
//! Rules carried out on real stakes.

use crate::{
    Event, frame_support,
    mock::{
        Balances, ENDOWMENT, EXISTENTIAL_DEPOSIT, Providers, RuntimeOrigin, STAKE, SlashingPallet,
        System, UNBONDING, account, charge, offender, reporter, requester, rule, run,
    },
    rules::Mode,
};
use assay_primitives::{
    AccountId, Balance,
    reason::Offence,
    slashing::{Charge, Penalty, Slashing},
    stake::Stakes,
};
use frame_support::assert_ok;

/// Punishes and says what it came to.
fn punish(charge: Charge<AccountId, Balance>) -> Penalty<Balance> {
    SlashingPallet::punish(charge).expect("a punishment never fails")
}

fn assert_slashed(offence: Offence, penalty: Penalty<Balance>) {
    System::assert_last_event(
        Event::Slashed {
            job: 7,
            offender: offender(),
            offence,
            penalty,
        }
        .into(),
    );
}

#[test]
fn punish_takes_what_the_table_says() {
    // A stake of 10,000, of which a bond of 200, and a price of 100.
    let table = [
        (Offence::WrongResult, [1_180, 236, 100, 844]),
        (Offence::MissedDeadline, [200, 0, 100, 100]),
        (Offence::Withheld, [200, 0, 100, 100]),
        (Offence::FalseAttestation, [196, 39, 0, 157]),
        (Offence::UnprovenAccusation, [10, 0, 0, 10]),
        (Offence::NoAttestation, [1, 0, 0, 1]),
        (Offence::NoReveal, [5, 0, 0, 5]),
    ];
    for (offence, [taken, to_reporter, to_requester, burned]) in table {
        run(Mode::Armed, || {
            let issuance = Balances::total_issuance();
            let penalty = punish(charge(offence));
            let expected = Penalty {
                taken,
                reporter: to_reporter,
                requester: to_requester,
                burned,
            };
            assert_eq!(penalty, expected, "{offence:?}");
            assert_slashed(offence, expected);
            assert_eq!(Providers::slashable(&offender()), STAKE - taken);
            assert_eq!(
                Balances::free_balance(reporter()),
                ENDOWMENT - STAKE + to_reporter
            );
            assert_eq!(
                Balances::free_balance(requester()),
                ENDOWMENT + to_requester
            );
            assert_eq!(Balances::total_issuance(), issuance - burned);
        });
    }
}

#[test]
fn punish_only_says_what_it_would_take_when_the_rule_is_in_shadow() {
    run(Mode::Shadow, || {
        let issuance = Balances::total_issuance();
        let penalty = punish(charge(Offence::WrongResult));
        assert_eq!(penalty, Penalty::default());
        System::assert_last_event(
            Event::WouldSlash {
                job: 7,
                offender: offender(),
                offence: Offence::WrongResult,
                penalty: Penalty {
                    taken: 1_180,
                    reporter: 236,
                    requester: 100,
                    burned: 844,
                },
            }
            .into(),
        );
        assert_eq!(Providers::slashable(&offender()), STAKE);
        assert_eq!(Balances::total_issuance(), issuance);
    });
}

#[test]
fn punish_does_and_says_nothing_when_the_rule_is_off() {
    run(Mode::Off, || {
        let events = System::events().len();
        assert_eq!(punish(charge(Offence::WrongResult)), Penalty::default());
        assert_eq!(System::events().len(), events);
        assert_eq!(Providers::slashable(&offender()), STAKE);
    });
}

#[test]
fn punish_follows_the_one_rule_that_was_armed() {
    run(Mode::Shadow, || {
        let offence = Offence::NoReveal;
        assert_ok!(SlashingPallet::set_rule(
            RuntimeOrigin::root(),
            offence,
            rule(offence, Mode::Armed)
        ));
        assert_eq!(punish(charge(offence)).taken, 5);
        assert_eq!(punish(charge(Offence::WrongResult)).taken, 0);
    });
}

#[test]
fn punish_gives_nothing_to_a_reporter_that_is_the_offender() {
    run(Mode::Armed, || {
        let penalty = punish(Charge {
            reporter: Some(offender()),
            ..charge(Offence::WrongResult)
        });
        assert_eq!((penalty.reporter, penalty.requester), (0, 100));
        assert_eq!(Balances::free_balance(offender()), ENDOWMENT - STAKE);
    });
}

#[test]
fn punish_gives_nothing_to_a_requester_that_is_the_offender() {
    run(Mode::Armed, || {
        let penalty = punish(Charge {
            requester: Some(offender()),
            ..charge(Offence::WrongResult)
        });
        assert_eq!((penalty.reporter, penalty.requester), (236, 0));
        assert_eq!(Balances::free_balance(offender()), ENDOWMENT - STAKE);
    });
}

#[test]
fn punish_burns_everything_when_nobody_reported_and_nobody_was_harmed() {
    run(Mode::Armed, || {
        let penalty = punish(Charge {
            reporter: None,
            requester: None,
            ..charge(Offence::WrongResult)
        });
        assert_eq!((penalty.taken, penalty.burned), (1_180, 1_180));
    });
}

#[test]
fn punish_says_what_arrived_when_a_beneficiary_cannot_receive() {
    run(Mode::Armed, || {
        let poor = account(99);
        let penalty = punish(Charge {
            price: EXISTENTIAL_DEPOSIT - 1,
            requester: Some(poor.clone()),
            ..charge(Offence::MissedDeadline)
        });
        let expected = Penalty {
            taken: 200,
            reporter: 0,
            requester: 0,
            burned: 200,
        };
        assert_eq!(penalty, expected);
        assert_slashed(Offence::MissedDeadline, expected);
        assert_eq!(Balances::free_balance(poor), 0);
    });
}

#[test]
fn punish_takes_as_much_when_the_offender_is_on_its_way_out() {
    run(Mode::Armed, || {
        assert_ok!(Providers::deregister(RuntimeOrigin::signed(offender())));
        assert_eq!(punish(charge(Offence::WrongResult)).taken, 1_180);
        assert_eq!(
            punish(Charge {
                bond: 0,
                ..charge(Offence::NoReveal)
            })
            .taken,
            5
        );
    });
}

#[test]
fn punish_takes_as_much_when_all_stake_backs_other_jobs() {
    run(Mode::Armed, || {
        assert_ok!(Providers::lock(&offender(), STAKE));
        let penalty = punish(Charge {
            bond: 0,
            ..charge(Offence::FalseAttestation)
        });
        assert_eq!(penalty.taken, 200);
    });
}

#[test]
fn punish_takes_no_more_than_is_left() {
    run(Mode::Armed, || {
        let penalty = punish(Charge {
            bond: u128::MAX,
            ..charge(Offence::MissedDeadline)
        });
        assert_eq!(penalty.taken, STAKE);
        assert_eq!(punish(charge(Offence::WrongResult)).taken, 0);
    });
}

#[test]
fn punish_takes_nothing_when_the_offender_is_gone() {
    run(Mode::Armed, || {
        assert_ok!(Providers::deregister(RuntimeOrigin::signed(offender())));
        System::set_block_number(1 + UNBONDING);
        assert_ok!(Providers::withdraw(RuntimeOrigin::signed(offender())));
        assert_eq!(punish(charge(Offence::WrongResult)), Penalty::default());
        assert_slashed(Offence::WrongResult, Penalty::default());
        assert_eq!(Balances::free_balance(offender()), ENDOWMENT);
    });
}
