// SPDX-License-Identifier: Apache-2.0
//! Panels of which nobody reveals, and those that are drawn after them.

use super::draw::seed;
use crate::{
    Event, frame_support,
    mock::{
        MaxPanels, Output, PRICE, SAMPLES, System, TILES, VerifierPallet, World, account,
        all_opened, attest, case, demand, draw, events, is_forgotten, open, panel, reveal,
        right_values, run, run_past,
    },
    types::Phase,
};
use assay_primitives::{
    AccountId, Balance, reason::Offence, slashing::Charge, verification::Verdict,
};
use frame_support::assert_ok;

fn no_reveal(verifier: &AccountId) -> Charge<AccountId, Balance> {
    Charge {
        offence: Offence::NoReveal,
        job: Some(7),
        offender: verifier.clone(),
        bond: 0,
        price: PRICE,
        reporter: None,
        requester: None,
    }
}

#[test]
fn others_are_drawn_for_other_tiles_when_nobody_reveals() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let (silent, tiles, first) = (panel(7), draw(7), case(7).seed);
        let tile = (0..TILES).find(|tile| !tiles.contains(tile)).expect("some");
        assert_ok!(demand(account(77), 7, tile, false));
        System::reset_events();
        let last = case(7).until;

        run_past(7);

        let charges: Vec<_> = silent.iter().map(no_reveal).collect();
        assert_eq!(World::charges(), charges);
        assert_eq!(
            events()[silent.len()..],
            [
                Event::DemandSettled {
                    job: 7,
                    tile,
                    by: account(77),
                    paid: 0,
                    burned: 0,
                    refunded: VerifierPallet::demand_fee(false),
                },
                Event::PanelFailed { job: 7 },
            ]
        );
        assert_eq!((case(7).phase, case(7).until), (Phase::Drawing, last + 3));
        assert!(!VerifierPallet::may_serve(7));

        run_past(7);

        // By the randomness of blocks that nobody knew who decided not to reveal.
        assert_eq!(case(7).seed, seed(7, last + 1, last + 2));
        assert_ne!(case(7).seed, first);
        assert_eq!((case(7).phase, case(7).round), (Phase::Attesting, 2));
        let next = panel(7);
        assert!(next.len() == 2 && next.iter().all(|verifier| !silent.contains(verifier)));
        let view = VerifierPallet::draw_of(7).expect("it is drawn");
        assert_eq!(view.first, 2);

        for verifier in &next {
            attest(7, verifier, &right_values()).expect("the attestation is due");
        }
        open(7, &Output::right()).expect("the opening is due once more");
        assert!(VerifierPallet::may_serve(7));
        for verifier in &next {
            reveal(7, verifier, &right_values()).expect("the reveal is due");
        }
        run_past(7);
        let verifiers = next.into_iter().map(|who| (who, SAMPLES)).collect();
        assert_eq!(World::verdict(7), Some(Verdict::Upheld { verifiers }));
    });
}

#[test]
fn panel_counts_when_one_of_it_reveals() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let verifier = panel(7)[1].clone();
        reveal(7, &verifier, &right_values()).expect("the reveal is due");
        run_past(7);
        assert_eq!(case(7).phase, Phase::Challenge);
        assert_eq!(panel(7), [verifier]);
    });
}

#[test]
fn later_panel_has_its_own_rounds() {
    run(|| {
        World::set_providers((1..=9).map(|seed| (account(seed), 1_000)).collect());
        all_opened(7, &Output::right(), &right_values());
        run_past(7);
        run_past(7);
        assert_eq!(case(7).round, 2);
        run_past(7);
        // Nobody has attested; others take their places.
        assert_eq!((case(7).phase, case(7).round), (Phase::Attesting, 3));
        run_past(7);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert!(is_forgotten(7));
    });
}

#[test]
fn later_panel_is_smaller_when_there_are_no_more_to_draw() {
    run(|| {
        World::set_providers((1..=5).map(|seed| (account(seed), 1_000)).collect());
        all_opened(7, &Output::right(), &right_values());
        run_past(7);
        run_past(7);
        assert_eq!((panel(7).len(), case(7).verifiers), (1, 1));
    });
}

#[test]
fn result_is_not_verified_when_nobody_of_the_last_panel_reveals() {
    run(|| {
        MaxPanels::set(1);
        all_opened(7, &Output::right(), &right_values());
        run_past(7);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert!(is_forgotten(7));
    });
}
