// SPDX-License-Identifier: Apache-2.0
//! Punishments that wait.

use crate::{
    Agenda, Deferrals, Event, NextDeferral, Waiting, WeightInfo, frame_support,
    mock::{
        Balances, DEFERRALS, DELAY, ENDOWMENT, OF_ONE, Pools, RuntimeOrigin, STAKE, SlashingPallet,
        System, Test, Treasury, account, bond, charge, delegate, events, offender, parts, punish,
        reporter, requester, rule, run, run_to, set_failing, unbond,
    },
    rules::{Mode, Rule},
    sp_runtime::Permill,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    reason::Offence,
    slashing::{Charge, Penalty},
    stake::Stakes,
};
use frame_support::{
    assert_ok,
    traits::{IntegrityTest, OnPoll},
    weights::WeightMeter,
};
use polkadot_sdk::sp_runtime::DispatchError;

/// False reports cost half of the stake from now on, of which everybody gets some, after a delay.
fn arm(delay: BlockNumber) {
    let percent = Permill::from_percent;
    let rule = Rule {
        stake: percent(50),
        price: percent(0),
        reporter: percent(20),
        requester: percent(10),
        treasury: percent(10),
        requester_cap: 100,
        delay,
        ..rule(Offence::FalseReport, Mode::Armed)
    };
    assert_ok!(SlashingPallet::set_rule(
        RuntimeOrigin::root(),
        Offence::FalseReport,
        rule
    ));
}

/// A false report, without a bond.
fn report(offender: AccountId) -> Charge<AccountId, Balance> {
    Charge {
        offender,
        bond: 0,
        ..charge(Offence::FalseReport)
    }
}

fn poll() {
    SlashingPallet::on_poll(System::block_number(), &mut WeightMeter::new());
}

#[test]
fn punishment_is_carried_out_and_shared_out_when_its_delay_is_over() {
    run(Mode::Armed, || {
        arm(10);
        assert_eq!(punish(report(offender())), Penalty::default());
        run_to(10);
        assert_eq!(Pools::slashable(&offender()), STAKE);
        run_to(11);
        let penalty = Penalty {
            taken: 5_000,
            reporter: 1_000,
            requester: 500,
            treasury: 500,
            burned: 3_000,
        };
        System::assert_last_event(
            Event::Slashed {
                job: Some(7),
                offender: offender(),
                offence: Offence::FalseReport,
                penalty,
                deferral: Some(0),
            }
            .into(),
        );
        assert_eq!(Pools::slashable(&offender()), 5_000);
        assert_eq!(
            Balances::free_balance(reporter()),
            ENDOWMENT - STAKE + 1_000
        );
        assert_eq!(Balances::free_balance(requester()), ENDOWMENT + 500);
        assert_eq!(Balances::free_balance(Treasury::get()), ENDOWMENT + 500);
        assert_eq!(Deferrals::<Test>::count(), 0);
    });
}

#[test]
fn punishment_takes_no_more_than_was_due_when_the_stake_has_grown() {
    run(Mode::Armed, || {
        arm(10);
        punish(report(offender()));
        bond(&offender(), STAKE);
        run_to(11);
        assert_eq!(Pools::slashable(&offender()), 15_000);
    });
}

#[test]
fn punishment_takes_what_is_there_when_the_stake_has_shrunk() {
    run(Mode::Armed, || {
        arm(10);
        punish(report(offender()));
        // In the meantime it loses all but 1,000.
        punish(Charge {
            bond: 9_000,
            ..charge(Offence::MissedDeadline)
        });
        events();
        run_to(11);
        let penalty = Penalty {
            taken: 1_000,
            reporter: 200,
            requester: 100,
            treasury: 100,
            burned: 600,
        };
        assert_eq!(
            events(),
            [Event::Slashed {
                job: Some(7),
                offender: offender(),
                offence: Offence::FalseReport,
                penalty,
                deferral: Some(0),
            }]
        );
    });
}

#[test]
fn punishment_shares_out_only_what_is_the_offenders_own_when_it_is_carried_out() {
    run(Mode::Armed, || {
        delegate(&account(5), &offender(), STAKE);
        arm(10);
        // Half of 20,000, all of which is its own now, and 4,000 less when it is carried out.
        punish(report(offender()));
        punish(Charge {
            bond: 4_000,
            ..charge(Offence::MissedDeadline)
        });
        events();
        run_to(11);
        let penalty = Penalty {
            taken: 10_000,
            reporter: 1_200,
            requester: 600,
            treasury: 600,
            burned: 7_600,
        };
        assert!(matches!(&events()[..], [Event::Slashed { penalty: of, .. }] if *of == penalty));
        assert_eq!(parts(&offender()), (0, 6_000));
    });
}

#[test]
fn stake_that_is_on_its_way_out_is_still_there_when_the_longest_delay_is_over() {
    run(Mode::Armed, || {
        arm(DELAY);
        unbond(&offender(), STAKE);
        punish(report(offender()));
        run_to(1 + DELAY);
        unbond(&offender(), 0);
        assert_eq!(Pools::slashable(&offender()), 5_000);
    });
}

#[test]
fn punishment_is_only_said_when_its_rule_was_disarmed_meanwhile() {
    for mode in [Mode::Off, Mode::Shadow] {
        run(Mode::Armed, || {
            punish(report(offender()));
            let offence = Offence::FalseReport;
            assert_ok!(SlashingPallet::set_rule(
                RuntimeOrigin::root(),
                offence,
                rule(offence, mode)
            ));
            run_to(1 + DELAY);
            System::assert_last_event(
                Event::WouldSlash {
                    job: Some(7),
                    offender: offender(),
                    offence,
                    penalty: Penalty {
                        taken: 10,
                        burned: 10,
                        ..Penalty::default()
                    },
                    deferral: Some(0),
                }
                .into(),
            );
            assert_eq!(Pools::slashable(&offender()), STAKE);
            assert_eq!(Deferrals::<Test>::count(), 0);
        });
    }
}

#[test]
fn punishment_keeps_its_amount_when_its_rule_was_changed_meanwhile() {
    run(Mode::Armed, || {
        arm(10);
        punish(report(offender()));
        let harder = Rule {
            stake: Permill::one(),
            ..SlashingPallet::rule(Offence::FalseReport)
        };
        assert_ok!(SlashingPallet::set_rule(
            RuntimeOrigin::root(),
            Offence::FalseReport,
            harder
        ));
        run_to(11);
        assert_eq!(Pools::slashable(&offender()), 5_000);
    });
}

#[test]
fn punishment_is_forgotten_and_the_others_go_on_when_it_fails() {
    run(Mode::Armed, || {
        arm(10);
        punish(report(offender()));
        run_to(5);
        punish(report(reporter()));
        run_to(10);
        set_failing(true);
        run_to(11);
        set_failing(false);
        System::assert_last_event(
            Event::Failed {
                deferral: 0,
                error: DispatchError::Unavailable,
            }
            .into(),
        );
        assert_eq!(Pools::slashable(&offender()), STAKE);
        run_to(15);
        assert_eq!(Pools::slashable(&reporter()), 5_000);
        assert_eq!(Deferrals::<Test>::count(), 0);
    });
}

#[test]
fn punishment_is_immediate_when_too_many_of_one_offender_wait() {
    run(Mode::Armed, || {
        for _ in 0..OF_ONE {
            assert_eq!(punish(charge(Offence::FalseReport)).taken, 0);
        }
        assert_eq!(punish(charge(Offence::FalseReport)).taken, 10);
        // Others still wait.
        assert_eq!(punish(report(reporter())).taken, 0);
        assert_eq!(Waiting::<Test>::get(offender()), OF_ONE);
    });
}

#[test]
fn punishment_is_immediate_when_the_queue_is_full() {
    run(Mode::Armed, || {
        for offender in [account(1), account(2)] {
            for _ in 0..DEFERRALS / 2 {
                assert_eq!(punish(report(offender.clone())).taken, 0);
            }
        }
        assert_eq!(punish(report(account(4))).taken, 10);
        assert_eq!(Deferrals::<Test>::count(), DEFERRALS);
        assert_ok!(SlashingPallet::cancel(RuntimeOrigin::root(), 2));
        assert_eq!(punish(report(account(4))).taken, 0);
    });
}

#[test]
fn agenda_is_in_the_order_in_which_punishments_are_due() {
    run(Mode::Armed, || {
        for delay in [30, 10, 20, 10] {
            arm(delay);
            punish(report(offender()));
        }
        assert_eq!(
            Agenda::<Test>::get().to_vec(),
            [(11, 1), (11, 3), (21, 2), (31, 0)]
        );
    });
}

#[test]
fn only_so_many_are_carried_out_in_one_block_and_none_is_skipped() {
    run(Mode::Armed, || {
        for offender in [account(1), account(2), account(1), account(2), account(4)] {
            punish(report(offender));
        }
        System::set_block_number(2 * DELAY);
        let waiting = || Deferrals::<Test>::count();
        poll();
        assert_eq!(waiting(), 2);
        poll();
        assert_eq!(waiting(), 0);
        assert_eq!(Pools::slashable(&account(1)), STAKE - 20);
        assert_eq!(Pools::slashable(&account(2)), STAKE - 20);
        assert_eq!(Pools::slashable(&account(4)), 20 * STAKE - 10);
    });
}

#[test]
fn punishments_wait_for_weight() {
    run(Mode::Armed, || {
        punish(report(offender()));
        punish(report(offender()));
        System::set_block_number(2 * DELAY);
        let now = System::block_number();
        let [look, one] = [
            <() as WeightInfo>::look_ahead(),
            <() as WeightInfo>::execute(),
        ];
        let waits = |weight, left| {
            let mut meter = WeightMeter::with_limit(weight);
            SlashingPallet::on_poll(now, &mut meter);
            assert!(meter.consumed().all_lte(weight));
            assert_eq!(Deferrals::<Test>::count(), left);
        };
        waits(Default::default(), 2);
        waits(look, 2);
        waits(look.saturating_add(one), 1);
        waits(look.saturating_add(one), 0);
    });
}

#[test]
fn numbers_go_round_at_the_end() {
    run(Mode::Armed, || {
        NextDeferral::<Test>::put(u32::MAX);
        punish(report(offender()));
        punish(report(offender()));
        assert_eq!(
            Agenda::<Test>::get().to_vec(),
            [(1 + DELAY, u32::MAX), (1 + DELAY, 0)]
        );
        run_to(1 + DELAY);
        assert_eq!(Pools::slashable(&offender()), STAKE - 20);
    });
}

#[test]
fn constants_of_the_tests_do_not_contradict_each_other() {
    <SlashingPallet as IntegrityTest>::integrity_test();
}
