// SPDX-License-Identifier: Apache-2.0
//! What clients see.

use crate::{
    mock::{
        DELAY, SlashingPallet, account, charge, offender, punish, reporter, requester, rule, run,
    },
    rules::Mode,
    sp_runtime::Permill,
};
use assay_primitives::{
    api::DeferralView,
    reason::Offence,
    slashing::{Charge, Penalty},
};

#[test]
fn rules_are_shown_in_the_order_of_their_codes() {
    run(Mode::Shadow, || {
        let rules = SlashingPallet::rules();
        assert_eq!(rules.len(), Offence::ALL.len());
        for (view, offence) in rules.iter().zip(Offence::ALL) {
            let rule = rule(offence, Mode::Shadow);
            assert_eq!((view.offence, view.code), (offence, offence.code()));
            assert_eq!(
                (view.mode, view.bond, view.stake, view.price, view.delay),
                (rule.mode, rule.bond, rule.stake, rule.price, rule.delay)
            );
        }
        assert_eq!(rules[0].stake_at_most, Permill::from_percent(40));
        assert_eq!(rules[5].stake_at_most, Permill::zero());
    });
}

#[test]
fn deferrals_are_shown_with_their_codes_the_next_one_first() {
    run(Mode::Armed, || {
        assert_eq!(SlashingPallet::deferrals(), []);
        punish(charge(Offence::FalseReport));
        punish(Charge {
            offender: account(4),
            job: None,
            reporter: None,
            requester: None,
            ..charge(Offence::UnprovenAccusation)
        });
        let due = Penalty {
            taken: 10,
            burned: 10,
            ..Penalty::default()
        };
        let first = DeferralView {
            id: 0,
            offence: Offence::FalseReport,
            code: 8,
            job: Some(7),
            offender: offender(),
            reporter: Some(reporter()),
            requester: Some(requester()),
            due,
            until: 1 + DELAY,
        };
        let second = DeferralView {
            id: 1,
            offence: Offence::UnprovenAccusation,
            code: 4,
            job: None,
            offender: account(4),
            reporter: None,
            requester: None,
            ..first.clone()
        };
        assert_eq!(SlashingPallet::deferrals(), [first, second]);
    });
}
