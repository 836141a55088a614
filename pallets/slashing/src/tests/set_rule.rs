// SPDX-License-Identifier: Apache-2.0
//! The table of rules and who changes it.

use crate::{
    DefaultDelay, Error, Event, Rules, frame_support,
    mock::{DELAY, RuntimeOrigin, SlashingPallet, System, Test, account, rule, run},
    rules::{KEEPING_BACK, Mode, Rule},
    sp_runtime::{DispatchError, Permill},
};
use assay_primitives::reason::Offence;
use frame_support::{assert_noop, assert_ok};

#[test]
fn every_rule_is_the_default_in_the_mode_of_the_genesis() {
    for mode in [Mode::Off, Mode::Shadow, Mode::Armed] {
        run(mode, || {
            for offence in Offence::ALL {
                assert_eq!(SlashingPallet::rule(offence), rule(offence, mode));
            }
        });
    }
}

#[test]
fn genesis_starts_in_shadow_when_nothing_is_said() {
    assert_eq!(crate::GenesisConfig::<Test>::default().mode, Mode::Shadow);
}

#[test]
fn set_rule_changes_one_rule_and_says_so() {
    run(Mode::Shadow, || {
        let offence = Offence::NoReveal;
        let changed = Rule {
            price: Permill::from_percent(7),
            ..rule(offence, Mode::Armed)
        };
        assert_ok!(SlashingPallet::set_rule(
            RuntimeOrigin::root(),
            offence,
            changed
        ));
        System::assert_last_event(
            Event::RuleSet {
                offence,
                rule: changed,
            }
            .into(),
        );
        assert_eq!(SlashingPallet::rule(offence), changed);
        assert_eq!(Rules::<Test>::iter_keys().collect::<Vec<_>>(), [offence]);
    });
}

#[test]
fn set_rule_is_refused_when_the_origin_is_not_root() {
    run(Mode::Shadow, || {
        for origin in [RuntimeOrigin::signed(account(1)), RuntimeOrigin::none()] {
            assert_noop!(
                SlashingPallet::set_rule(
                    origin,
                    Offence::NoReveal,
                    rule(Offence::NoReveal, Mode::Off)
                ),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn set_rule_is_refused_when_reporting_oneself_could_pay() {
    run(Mode::Shadow, || {
        let offence = Offence::WrongResult;
        let shares = |reporter, requester, treasury| Rule {
            reporter: Permill::from_percent(reporter),
            requester: Permill::from_percent(requester),
            treasury: Permill::from_percent(treasury),
            ..rule(offence, Mode::Armed)
        };
        for bad in [
            shares(51, 0, 0),
            shares(50, 50, 0),
            shares(0, 100, 0),
            shares(0, 0, 100),
            shares(30, 30, 40),
        ] {
            assert_noop!(
                SlashingPallet::set_rule(RuntimeOrigin::root(), offence, bad),
                Error::<Test>::BadRule
            );
        }
        for good in [shares(50, 30, 19), shares(0, 99, 0), shares(0, 0, 0)] {
            assert_ok!(SlashingPallet::set_rule(
                RuntimeOrigin::root(),
                offence,
                good
            ));
        }
    });
}

#[test]
fn set_rule_is_refused_when_stake_could_leave_before_the_punishment() {
    run(Mode::Shadow, || {
        let offence = Offence::FalseReport;
        let delayed = |delay| Rule {
            delay,
            ..rule(offence, Mode::Armed)
        };
        for delay in [DELAY + 1, u32::MAX] {
            assert_noop!(
                SlashingPallet::set_rule(RuntimeOrigin::root(), offence, delayed(delay)),
                Error::<Test>::DelayTooLong
            );
        }
        for delay in [0, 1, DELAY] {
            assert_ok!(SlashingPallet::set_rule(
                RuntimeOrigin::root(),
                offence,
                delayed(delay)
            ));
        }
    });
}

#[test]
fn set_rule_is_refused_when_withholding_would_cost_less_than_a_wrong_result() {
    run(Mode::Shadow, || {
        let (wrong, withheld) = (Offence::WrongResult, Offence::Withheld);
        let taking = |offence, percent| Rule {
            stake: Permill::from_percent(percent),
            ..rule(offence, Mode::Armed)
        };
        let set = |offence, percent| {
            SlashingPallet::set_rule(RuntimeOrigin::root(), offence, taking(offence, percent))
        };
        for kept in KEEPING_BACK {
            assert_noop!(set(kept, 9), Error::<Test>::WithholdingCheaper);
        }
        assert_noop!(set(wrong, 11), Error::<Test>::WithholdingCheaper);
        assert_ok!(set(withheld, 20));
        assert_noop!(set(wrong, 20), Error::<Test>::WithholdingCheaper);
        assert_ok!(set(Offence::Unserved, 20));
        assert_ok!(set(wrong, 20));
        assert_noop!(set(withheld, 19), Error::<Test>::WithholdingCheaper);
        assert_ok!(set(wrong, 5));
        assert_ok!(set(withheld, 5));
    });
}

#[test]
fn genesis_sets_the_delay_of_rules_that_have_one() {
    for (given, delay) in [
        (None, DELAY),
        (Some(3), 3),
        (Some(u32::MAX), DELAY),
        (Some(0), 0),
    ] {
        run(Mode::Shadow, || {
            DefaultDelay::<Test>::set(given);
            for offence in Offence::ALL {
                let waits = Rule::default_for(offence).delay > 0;
                let expected = if waits { delay } else { 0 };
                assert_eq!(SlashingPallet::rule(offence).delay, expected, "{offence:?}");
            }
        });
    }
}
