// SPDX-License-Identifier: Apache-2.0
//! Offences of validators.

use crate::{
    Deferrals, Equivocations, Event,
    mock::{
        DELAY, Pools, STAKE, SlashingPallet, System, Test, account, bond, chilled, events, noted,
        offender, reporter, run, run_to,
    },
    rules::Mode,
    sp_runtime::Perbill,
    sp_staking::{
        SessionIndex,
        offence::{OffenceDetails, OnOffenceHandler},
    },
    types::EQUIVOCATIONS,
};
use assay_primitives::{
    AccountId, reason::Offence, reputation::Deed, slashing::Penalty, stake::Stakes,
};
use polkadot_sdk::frame_support::weights::Weight;

/// What the historical sessions keep beside an account does not matter here.
type Identification = (AccountId, &'static str);

/// Reports validators for a session with one share of the stake for each, as pallet-offences does.
fn report(offenders: &[AccountId], share: u32, session: SessionIndex) -> Weight {
    let details: Vec<_> = offenders
        .iter()
        .map(|offender| OffenceDetails {
            offender: (offender.clone(), "exposure"),
            reporters: vec![reporter(), account(5)],
        })
        .collect();
    let shares = vec![Perbill::from_percent(share); details.len()];
    <SlashingPallet as OnOffenceHandler<AccountId, Identification, Weight>>::on_offence(
        &details, &shares, session,
    )
}

#[test]
fn validator_is_taken_out_of_service_at_once_and_punished_after_the_delay() {
    run(Mode::Armed, || {
        let weight = report(&[offender()], 30, 1);
        assert!(weight.any_gt(Weight::zero()));
        assert!(chilled(&offender()));
        assert_eq!(Pools::slashable(&offender()), STAKE);
        assert_eq!(noted(), [(offender(), Deed::Fault(Offence::Equivocation))]);
        let penalty = Penalty {
            taken: 3_000,
            reporter: 300,
            burned: 2_700,
            ..Penalty::default()
        };
        System::assert_last_event(
            Event::Deferred {
                deferral: 0,
                job: None,
                offender: offender(),
                offence: Offence::Equivocation,
                due: penalty,
                until: 1 + DELAY,
            }
            .into(),
        );
        run_to(1 + DELAY);
        assert_eq!(Pools::slashable(&offender()), 7_000);
        System::assert_last_event(
            Event::Slashed {
                job: None,
                offender: offender(),
                offence: Offence::Equivocation,
                penalty,
                deferral: Some(0),
            }
            .into(),
        );
    });
}

#[test]
fn validator_that_was_charged_already_is_charged_with_the_rest_only() {
    run(Mode::Armed, || {
        report(&[offender()], 10, 1);
        // Another one joins: both deserve more now.
        report(&[offender(), account(4)], 40, 1);
        // And the first one is reported again for what is known.
        report(&[offender()], 40, 1);
        report(&[offender()], 20, 1);
        assert_eq!(
            noted(),
            [offender(), account(4)].map(|who| (who, Deed::Fault(Offence::Equivocation)))
        );
        let due = Deferrals::<Test>::iter_values()
            .filter(|deferral| deferral.offender == offender())
            .map(|deferral| deferral.due.taken)
            .collect::<Vec<_>>();
        assert_eq!(due.iter().sum::<u128>(), 4_000, "{due:?}");
        run_to(1 + DELAY);
        assert_eq!(Pools::slashable(&offender()), 6_000);
        assert_eq!(Pools::slashable(&account(4)), 12 * STAKE);
    });
}

#[test]
fn validator_is_charged_anew_in_another_session() {
    run(Mode::Armed, || {
        for session in [1, 2, 1, 2] {
            report(&[offender()], 10, session);
        }
        run_to(1 + DELAY);
        // The amounts are fixed at the charges, when all stake was there.
        assert_eq!(Pools::slashable(&offender()), 8_000);
    });
}

#[test]
fn share_of_nothing_takes_out_of_service_only() {
    run(Mode::Armed, || {
        report(&[offender()], 0, 1);
        assert!(chilled(&offender()));
        assert_eq!(Deferrals::<Test>::count(), 0);
        assert_eq!(Pools::slashable(&offender()), STAKE);
    });
}

#[test]
fn only_an_event_says_it_when_the_rule_is_in_shadow() {
    run(Mode::Shadow, || {
        report(&[offender()], 100, 1);
        assert!(!chilled(&offender()));
        assert!(matches!(
            &events()[..],
            [Event::WouldSlash { offence: Offence::Equivocation, penalty, .. }]
                if penalty.taken == STAKE
        ));
        run_to(1 + DELAY);
        assert_eq!(Pools::slashable(&offender()), STAKE);
    });
}

#[test]
fn nothing_happens_when_the_rule_is_off() {
    run(Mode::Off, || {
        report(&[offender()], 100, 1);
        assert!(!chilled(&offender()));
        assert_eq!(events(), []);
        assert_eq!(noted().len(), 1);
    });
}

#[test]
fn reporter_that_is_the_offender_gets_nothing() {
    run(Mode::Armed, || {
        report(&[reporter()], 100, 1);
        run_to(1 + DELAY);
        assert!(matches!(
            events().last(),
            Some(Event::Slashed { penalty, .. })
                if penalty.taken == STAKE && penalty.burned == STAKE
        ));
    });
}

#[test]
fn somebody_without_stake_loses_nothing() {
    run(Mode::Armed, || {
        report(&[account(7)], 100, 1);
        assert!(matches!(
            &events()[..],
            [Event::Slashed { penalty, .. }] if *penalty == Penalty::default()
        ));
    });
}

#[test]
fn only_the_newest_are_remembered() {
    run(Mode::Armed, || {
        bond(&offender(), 90 * STAKE);
        for session in 0..=EQUIVOCATIONS {
            report(&[offender()], 0, session);
        }
        let known = Equivocations::<Test>::get();
        assert_eq!(known.len(), 256);
        assert_eq!(known.first().map(|(session, _, _)| *session), Some(1));
    });
}
