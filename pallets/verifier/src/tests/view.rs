// SPDX-License-Identifier: Apache-2.0
//! What clients and the off-chain worker are told.

use crate::{
    VerifierDuty,
    mock::{
        Output, SAMPLES, VerifierPallet, adjudicate, all_attested, all_opened, all_revealed,
        attest, case, commit, commit_for, draw, drawn, index, open, panel, provider, reveal,
        right_values, run, run_past, run_to,
    },
};
use assay_primitives::{
    api::{PhaseView, SeatView, VerificationView},
    verification::Verification,
};

#[test]
fn view_is_nothing_when_there_is_no_case() {
    run(|| assert_eq!(VerifierPallet::view(7), None));
}

#[test]
fn view_follows_the_case() {
    run(|| {
        let output = Output::right();
        commit(7, &output);
        let view = |phase, until, seats: &[(bool, Option<bool>)]| {
            let panel = case(7)
                .panel
                .into_iter()
                .zip(seats)
                .map(|(seat, (attested, agrees))| SeatView {
                    verifier: seat.verifier,
                    attested: *attested,
                    missing: None,
                    agrees: *agrees,
                })
                .collect();
            let tiles = crate::Draws::<crate::mock::Test>::get(7).unwrap_or_default();
            Some(VerificationView {
                phase,
                until,
                panel,
                tiles: tiles.to_vec(),
            })
        };
        assert_eq!(VerifierPallet::view(7), view(PhaseView::Drawing, 13, &[]));
        run_to(14);
        let verifiers = panel(7);
        let doubt = Output::wrong(&[draw(7)[0]]).values;
        attest(7, &verifiers[0], &doubt).expect("the attestation is due");
        assert_eq!(
            VerifierPallet::view(7),
            view(PhaseView::Attesting, 33, &[(true, None), (false, None)])
        );
        attest(7, &verifiers[1], &right_values()).expect("the attestation is due");
        assert_eq!(
            VerifierPallet::view(7),
            view(PhaseView::Opening, 24, &[(true, None), (true, None)])
        );
        open(7, &output).expect("the opening is due");
        reveal(7, &verifiers[0], &doubt).expect("the reveal is due");
        assert_eq!(
            VerifierPallet::view(7),
            view(
                PhaseView::Revealing,
                24,
                &[(true, Some(false)), (true, None)]
            )
        );
        reveal(7, &verifiers[1], &right_values()).expect("the reveal is due");
        assert_eq!(
            VerifierPallet::view(7),
            view(
                PhaseView::Disputed,
                214,
                &[(true, Some(false)), (true, Some(true))]
            )
        );
        run_past(7);
        assert_eq!(
            VerifierPallet::view(7),
            view(PhaseView::Challenge, 234, &[(true, Some(true))])
        );
    });
}

#[test]
fn duty_is_to_attest_ones_own_tiles() {
    run(|| {
        commit_for(7, &Output::right(), 4);
        run_to(14);
        let verifier = panel(7)[1].clone();
        let tiles: Vec<u32> = case(7)
            .assigned(1, 2)
            .into_iter()
            .map(|position| draw(7)[index(position)])
            .collect();
        assert_eq!(tiles.len(), index(SAMPLES / 2));
        assert_eq!(
            VerifierPallet::verifier_duty(7, &verifier),
            Some(VerifierDuty::Attest {
                seed: case(7).seed,
                round: 0,
                tiles: vec![tiles],
            })
        );
        assert_eq!(VerifierPallet::cases_of(&verifier), [7]);
        attest(7, &verifier, &right_values()).expect("the attestation is due");
        assert_eq!(VerifierPallet::verifier_duty(7, &verifier), None);
        assert_eq!(VerifierPallet::verifier_duty(7, &provider()), None);
    });
}

#[test]
fn duty_is_to_reveal_against_what_was_opened() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        let verifier = panel(7)[0].clone();
        assert_eq!(VerifierPallet::tiles_to_open(7), Some(vec![draw(7)]));
        assert_eq!(VerifierPallet::verifier_duty(7, &verifier), None);
        open(7, &output).expect("the opening is due");
        assert_eq!(VerifierPallet::tiles_to_open(7), None);
        assert_eq!(
            VerifierPallet::verifier_duty(7, &verifier),
            Some(VerifierDuty::Reveal {
                seed: case(7).seed,
                round: 0,
                positions: (0..SAMPLES).collect(),
                opened: draw(7)
                    .into_iter()
                    .map(|tile| output.values[index(tile)])
                    .collect(),
            })
        );
        reveal(7, &verifier, &right_values()).expect("the reveal is due");
        assert_eq!(VerifierPallet::verifier_duty(7, &verifier), None);
    });
}

#[test]
fn output_may_be_served_from_the_opening_on() {
    run(|| {
        let output = Output::right();
        commit(7, &output);
        assert!(!VerifierPallet::may_serve(7));
        all_attested(8, &output, &right_values());
        assert!(!VerifierPallet::may_serve(7));
        assert!(!VerifierPallet::may_serve(8));
        open(8, &output).expect("the opening is due");
        assert!(VerifierPallet::may_serve(8));
    });
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        assert!(VerifierPallet::may_serve(7));
    });
    run(|| {
        all_revealed(7, &Output::right(), &right_values());
        assert!(VerifierPallet::may_serve(7));
        run_past(7);
        assert!(VerifierPallet::may_serve(7));
    });
}

#[test]
fn disputed_tile_is_named_until_it_is_judged() {
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        let tile = draw(7)[6];
        let doubt = Output::wrong(&[tile]).values;
        for (verifier, values) in panel(7).iter().zip([&right_values(), &doubt]) {
            attest(7, verifier, values).expect("the attestation is due");
        }
        open(7, &output).expect("the opening is due");
        for (verifier, values) in panel(7).iter().zip([&right_values(), &doubt]) {
            assert_eq!(VerifierPallet::disputed_tile(7), None);
            reveal(7, verifier, values).expect("the reveal is due");
        }
        assert_eq!(VerifierPallet::disputed_tile(7), Some((tile, 0, tile)));
        adjudicate(provider(), 7, tile, None).expect("the proof is sound");
        assert_eq!(VerifierPallet::disputed_tile(7), None);
    });
}
