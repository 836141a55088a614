// SPDX-License-Identifier: Apache-2.0
//! Rules carried out on real stakes.

use crate::{
    Event, frame_support,
    mock::{
        Balances, DELAY, ENDOWMENT, EXISTENTIAL_DEPOSIT, Pools, RuntimeOrigin, STAKE,
        SlashingPallet, System, Treasury, UNBONDING, account, charge, chilled, delegate, events,
        noted, offender, parts, punish, reporter, requester, rule, run, run_to, set_failing,
        unbond,
    },
    rules::{Mode, Rule},
};
use assay_primitives::{
    Balance,
    reason::Offence,
    reputation::Deed,
    slashing::{Charge, Penalty, Slashing},
    stake::Stakes,
};
use frame_support::{assert_noop, assert_ok};
use polkadot_sdk::sp_runtime::DispatchError;

fn assert_slashed(offence: Offence, penalty: Penalty<Balance>) {
    System::assert_last_event(
        Event::Slashed {
            job: Some(7),
            offender: offender(),
            offence,
            penalty,
            deferral: None,
        }
        .into(),
    );
}

#[test]
fn punish_takes_what_the_table_says() {
    // A stake of 10,000 among 220,000, of which a bond of 200, and a price of 100. Of other stake a little more is
    // taken than the rule's share: 3 * 10,000 / 220,000 of it.
    let table = [
        (Offence::WrongResult, [1_313, 262, 100, 131, 820]),
        (Offence::MissedDeadline, [200, 0, 100, 20, 80]),
        (Offence::Withheld, [1_313, 0, 100, 131, 1_082]),
        (Offence::FalseAttestation, [222, 44, 0, 0, 178]),
        (Offence::NoAttestation, [1, 0, 0, 0, 1]),
        (Offence::NoReveal, [5, 0, 0, 0, 5]),
    ];
    for (offence, [taken, to_reporter, to_requester, to_treasury, burned]) in table {
        run(Mode::Armed, || {
            let issuance = Balances::total_issuance();
            let penalty = punish(charge(offence));
            let expected = Penalty {
                taken,
                reporter: to_reporter,
                requester: to_requester,
                treasury: to_treasury,
                burned,
            };
            assert_eq!(penalty, expected, "{offence:?}");
            assert_slashed(offence, expected);
            assert_eq!(Pools::slashable(&offender()), STAKE - taken);
            assert_eq!(
                Balances::free_balance(reporter()),
                ENDOWMENT - STAKE + to_reporter
            );
            assert_eq!(
                Balances::free_balance(requester()),
                ENDOWMENT + to_requester
            );
            assert_eq!(
                Balances::free_balance(Treasury::get()),
                ENDOWMENT + to_treasury
            );
            assert_eq!(Balances::total_issuance(), issuance - burned);
        });
    }
}

#[test]
fn punish_puts_off_what_the_chain_has_not_proved_itself() {
    for (offence, taken) in [
        (Offence::UnprovenAccusation, 10),
        (Offence::FalseReport, 10),
        (Offence::Unserved, 1_313),
    ] {
        run(Mode::Armed, || {
            assert_eq!(punish(charge(offence)), Penalty::default());
            let due = Penalty {
                taken,
                burned: taken,
                ..Penalty::default()
            };
            System::assert_last_event(
                Event::Deferred {
                    deferral: 0,
                    job: Some(7),
                    offender: offender(),
                    offence,
                    due,
                    until: 1 + DELAY,
                }
                .into(),
            );
            assert_eq!(Pools::slashable(&offender()), STAKE);
        });
    }
}

#[test]
fn every_offence_is_noted_whatever_its_rules_mode() {
    for mode in [Mode::Off, Mode::Shadow, Mode::Armed] {
        run(mode, || {
            for offence in Offence::ALL {
                punish(charge(offence));
                assert_eq!(noted(), [(offender(), Deed::Fault(offence))]);
            }
        });
    }
}

#[test]
fn offender_is_chilled_when_the_rule_says_so_and_is_armed() {
    for (mode, chill, out) in [
        (Mode::Armed, true, true),
        (Mode::Armed, false, false),
        (Mode::Shadow, true, false),
        (Mode::Off, true, false),
    ] {
        run(Mode::Off, || {
            let offence = Offence::NoReveal;
            let rule = Rule {
                chill,
                ..rule(offence, mode)
            };
            assert_ok!(SlashingPallet::set_rule(
                RuntimeOrigin::root(),
                offence,
                rule
            ));
            punish(charge(offence));
            assert_eq!(chilled(&offender()), out);
        });
    }
}

#[test]
fn punish_shares_out_nothing_of_what_is_delegated() {
    run(Mode::Armed, || {
        delegate(&account(5), &offender(), 9 * STAKE);
        let issuance = Balances::total_issuance();
        let penalty = punish(Charge {
            bond: STAKE + 5_000,
            price: STAKE,
            ..charge(Offence::MissedDeadline)
        });
        let expected = Penalty {
            taken: 15_000,
            reporter: 0,
            requester: 5_000,
            treasury: 1_000,
            burned: 9_000,
        };
        assert_eq!(penalty, expected);
        assert_eq!(parts(&offender()), (0, 9 * STAKE - 5_000));
        assert_eq!(Balances::total_issuance(), issuance - 9_000);
    });
}

#[test]
fn punish_gives_nothing_to_a_treasury_that_is_the_offender() {
    run(Mode::Armed, || {
        Treasury::set(offender());
        let penalty = punish(charge(Offence::MissedDeadline));
        Treasury::set(account(9));
        assert_eq!((penalty.treasury, penalty.burned), (0, 100));
        assert_eq!(Balances::free_balance(offender()), ENDOWMENT - STAKE);
    });
}

#[test]
fn punish_changes_nothing_when_the_stakes_refuse() {
    run(Mode::Armed, || {
        set_failing(true);
        for offence in [Offence::WrongResult, Offence::MissedDeadline] {
            // As the pallets that bring charges do.
            let punish = || {
                frame_support::storage::with_storage_layer(|| {
                    SlashingPallet::punish(charge(offence))
                })
            };
            assert_noop!(punish(), DispatchError::Unavailable);
        }
        assert_eq!(events(), []);
    });
}

#[test]
fn punish_only_says_what_it_would_take_when_the_rule_is_in_shadow() {
    run(Mode::Shadow, || {
        let issuance = Balances::total_issuance();
        let penalty = punish(charge(Offence::WrongResult));
        assert_eq!(penalty, Penalty::default());
        System::assert_last_event(
            Event::WouldSlash {
                job: Some(7),
                offender: offender(),
                offence: Offence::WrongResult,
                penalty: Penalty {
                    taken: 1_313,
                    reporter: 262,
                    requester: 100,
                    treasury: 131,
                    burned: 820,
                },
                deferral: None,
            }
            .into(),
        );
        assert_eq!(Pools::slashable(&offender()), STAKE);
        assert_eq!(Balances::total_issuance(), issuance);
    });
}

#[test]
fn punish_does_and_says_nothing_when_the_rule_is_off() {
    run(Mode::Off, || {
        let events = System::events().len();
        assert_eq!(punish(charge(Offence::WrongResult)), Penalty::default());
        assert_eq!(System::events().len(), events);
        assert_eq!(Pools::slashable(&offender()), STAKE);
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
        assert_eq!((penalty.reporter, penalty.requester), (262, 0));
        assert_eq!(Balances::free_balance(offender()), ENDOWMENT - STAKE);
    });
}

#[test]
fn punish_burns_all_but_the_treasurys_share_when_nobody_reported_and_nobody_was_harmed() {
    run(Mode::Armed, || {
        let penalty = punish(Charge {
            reporter: None,
            requester: None,
            ..charge(Offence::WrongResult)
        });
        assert_eq!((penalty.taken, penalty.burned), (1_313, 1_182));
    });
}

#[test]
fn punish_says_what_arrived_when_a_beneficiary_cannot_receive() {
    run(Mode::Armed, || {
        let poor = account(99);
        let penalty = punish(Charge {
            price: EXISTENTIAL_DEPOSIT - 1,
            reporter: None,
            requester: Some(poor.clone()),
            ..charge(Offence::MissedDeadline)
        });
        let expected = Penalty {
            taken: 200,
            reporter: 0,
            requester: 0,
            treasury: 20,
            burned: 180,
        };
        assert_eq!(penalty, expected);
        assert_slashed(Offence::MissedDeadline, expected);
        assert_eq!(Balances::free_balance(poor), 0);
    });
}

#[test]
fn punish_takes_as_much_when_the_offender_is_on_its_way_out() {
    run(Mode::Armed, || {
        unbond(&offender(), STAKE);
        assert_eq!(punish(charge(Offence::MissedDeadline)).taken, 200);
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
fn punish_takes_no_more_than_is_left() {
    run(Mode::Armed, || {
        let penalty = punish(Charge {
            bond: Balance::MAX,
            ..charge(Offence::MissedDeadline)
        });
        assert_eq!(penalty.taken, STAKE);
        assert_eq!(punish(charge(Offence::WrongResult)).taken, 0);
    });
}

#[test]
fn punish_takes_nothing_when_the_offender_is_gone() {
    run(Mode::Armed, || {
        unbond(&offender(), STAKE);
        run_to(1 + UNBONDING);
        unbond(&offender(), 0);
        for offence in Offence::ALL {
            assert_eq!(punish(charge(offence)), Penalty::default());
            assert_slashed(offence, Penalty::default());
        }
        assert_eq!(Balances::free_balance(offender()), ENDOWMENT);
    });
}
