// SPDX-License-Identifier: Apache-2.0
//! The table of rules and who changes it.

use crate::{
    Error, Event, Rules, frame_support,
    mock::{RuntimeOrigin, SlashingPallet, System, Test, account, rule, run},
    rules::{Mode, Rule},
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
        let shares = |reporter, requester| Rule {
            reporter: Permill::from_percent(reporter),
            requester: Permill::from_percent(requester),
            ..rule(offence, Mode::Armed)
        };
        for bad in [shares(51, 0), shares(50, 50), shares(0, 100)] {
            assert_noop!(
                SlashingPallet::set_rule(RuntimeOrigin::root(), offence, bad),
                Error::<Test>::BadRule
            );
        }
        for good in [shares(50, 49), shares(0, 99), shares(0, 0)] {
            assert_ok!(SlashingPallet::set_rule(
                RuntimeOrigin::root(),
                offence,
                good
            ));
        }
    });
}
