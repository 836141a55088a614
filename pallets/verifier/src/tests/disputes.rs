// SPDX-License-Identifier: Apache-2.0
//! What comes of a verifier that differs.

use crate::{
    Claims, Event,
    frame_support::{dispatch::Pays, storage::unhashed},
    mock::{
        HALF_DONE, Output, SAMPLES, System, Test, World, account, adjudicate, attest, case,
        commit_for, draw, drawn, events, index, is_forgotten, open, panel, provider, reveal,
        right_values, run, run_past, run_to,
    },
    types::Phase,
};
use assay_primitives::{AccountId, JobId, reason::Offence, verification::Verdict};
use assay_verifier::ChainingValue;

/// Runs a job until all have revealed, each verifier its own values.
fn revealed(job: JobId, output: &Output, values: &[&[ChainingValue]]) {
    let verifiers = panel(job);
    assert_eq!(verifiers.len(), values.len());
    for (verifier, values) in verifiers.iter().zip(values) {
        attest(job, verifier, values).expect("the attestation is due");
    }
    open(job, output).expect("the opening is due");
    for (verifier, values) in verifiers.iter().zip(values) {
        reveal(job, verifier, values).expect("the reveal is due");
    }
}

/// The offenders since the last call, with what they are charged with.
fn charged() -> Vec<(AccountId, Offence)> {
    World::charges()
        .into_iter()
        .map(|charge| (charge.offender, charge.offence))
        .collect()
}

/// An output with a wrong tile that job 7 will sample. Jobs of one seed sample the same tiles.
fn wrong_sample() -> (u32, Output) {
    let mut sampled = 0;
    run(|| {
        drawn(7, &Output::right());
        sampled = draw(7)[1];
    });
    (sampled, Output::wrong(&[sampled]))
}

#[test]
fn provider_is_convicted_when_the_accuser_proves_it() {
    let (tile, output) = wrong_sample();
    run(|| {
        drawn(7, &output);
        revealed(7, &output, &[&right_values(), &output.values]);
        let (accuser, liar) = (panel(7)[0].clone(), panel(7)[1].clone());
        assert_eq!(case(7).phase, Phase::Disputed);
        System::reset_events();

        let done = adjudicate(accuser.clone(), 7, tile, None).expect("the tile is wrong");

        assert_eq!(done.pays_fee, Pays::No);
        assert_eq!(charged(), [(liar.clone(), Offence::FalseAttestation)]);
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(accuser.clone()),
                verifiers: vec![(accuser, SAMPLES)],
            })
        );
        assert!(is_forgotten(7));
        assert!(events().contains(&Event::SeatLost {
            job: 7,
            verifier: liar,
            offence: Offence::FalseAttestation,
        }));
    });
}

#[test]
fn accuser_is_punished_too_when_its_own_value_is_as_wrong_as_the_providers() {
    let (tile, output) = wrong_sample();
    run(|| {
        drawn(7, &output);
        let mut invented = right_values();
        invented[index(tile)] = [0x11; 32];
        revealed(7, &output, &[&right_values(), &invented]);
        let (honest, inventor) = (panel(7)[0].clone(), panel(7)[1].clone());
        adjudicate(account(77), 7, tile, None).expect("the tile is wrong");
        assert_eq!(charged(), [(inventor, Offence::FalseAttestation)]);
        let Some(Verdict::Convicted { verifiers, .. }) = World::verdict(7) else {
            panic!("the provider is convicted");
        };
        assert_eq!(verifiers, [(honest, SAMPLES)]);
    });
}

#[test]
fn accuser_is_punished_when_the_provider_proves_the_tile_right() {
    let (tile, wrong) = wrong_sample();
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        revealed(7, &output, &[&right_values(), &wrong.values]);
        let (honest, accuser) = (panel(7)[0].clone(), panel(7)[1].clone());
        assert_eq!((case(7).phase, case(7).until), (Phase::Disputed, 214));
        run_to(30);
        System::reset_events();

        let done = adjudicate(provider(), 7, tile, None).expect("the proof is sound");

        assert_eq!(done.pays_fee, Pays::No);
        let charges = World::charges();
        assert_eq!(charges.len(), 1);
        assert_eq!(charges[0].offender, accuser);
        assert_eq!(charges[0].offence, Offence::FalseAttestation);
        assert_eq!(charges[0].reporter, Some(provider()));
        assert!(!Claims::<Test>::contains_key(7, &accuser));
        assert_eq!((case(7).phase, case(7).until), (Phase::Challenge, 50));
        assert_eq!(World::due(7), Some(50));
        run_past(7);
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Upheld {
                verifiers: vec![(honest, SAMPLES)]
            })
        );
    });
}

#[test]
fn accuser_is_punished_when_nobody_proves_it_in_time() {
    let (_, wrong) = wrong_sample();
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        revealed(7, &output, &[&wrong.values, &right_values()]);
        let (accuser, honest) = (panel(7)[0].clone(), panel(7)[1].clone());
        run_to(case(7).until);
        assert_eq!(charged(), []);
        System::reset_events();

        run_past(7);

        assert_eq!(charged(), [(accuser.clone(), Offence::UnprovenAccusation)]);
        assert_eq!(
            events(),
            [Event::SeatLost {
                job: 7,
                verifier: accuser,
                offence: Offence::UnprovenAccusation,
            }]
        );
        assert_eq!(case(7).phase, Phase::Challenge);
        run_past(7);
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Upheld {
                verifiers: vec![(honest, SAMPLES)]
            })
        );
    });
}

#[test]
fn dispute_goes_on_when_only_one_of_two_accusations_is_refuted() {
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        let (one, two) = (draw(7)[0], draw(7)[5]);
        let (first, second) = (Output::wrong(&[one]), Output::wrong(&[two]));
        revealed(7, &output, &[&first.values, &second.values]);
        let verifiers = panel(7);

        adjudicate(provider(), 7, one, None).expect("the proof is sound");
        assert_eq!(
            charged(),
            [(verifiers[0].clone(), Offence::FalseAttestation)]
        );
        assert_eq!((case(7).phase, case(7).until), (Phase::Disputed, 214));

        adjudicate(provider(), 7, two, None).expect("the proof is sound");
        assert_eq!(
            charged(),
            [(verifiers[1].clone(), Offence::FalseAttestation)]
        );
        assert_eq!(case(7).phase, Phase::Challenge);
        assert!(case(7).panel.is_empty());
    });
}

#[test]
fn accusation_stands_when_a_tile_is_upheld_that_nobody_doubted() {
    let (tile, wrong) = wrong_sample();
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        revealed(7, &output, &[&wrong.values, &right_values()]);
        let undoubted = draw(7).into_iter().find(|other| *other != tile);
        let done = adjudicate(provider(), 7, undoubted.expect("eight tiles"), None)
            .expect("the proof is sound");
        assert_eq!(done.pays_fee, Pays::Yes);
        assert_eq!(charged(), []);
        assert_eq!(case(7).phase, Phase::Disputed);
    });
}

#[test]
fn revealing_goes_on_when_an_early_accuser_is_refuted() {
    let (tile, wrong) = wrong_sample();
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        let (accuser, honest) = (panel(7)[0].clone(), panel(7)[1].clone());
        attest(7, &accuser, &wrong.values).expect("the attestation is due");
        attest(7, &honest, &right_values()).expect("the attestation is due");
        open(7, &output).expect("the opening is due");
        reveal(7, &accuser, &wrong.values).expect("the reveal is due");

        adjudicate(provider(), 7, tile, None).expect("the proof is sound");

        assert_eq!(charged(), [(accuser, Offence::FalseAttestation)]);
        assert_eq!(case(7).phase, Phase::Revealing);
        reveal(7, &honest, &right_values()).expect("the reveal is due");
        assert_eq!(case(7).phase, Phase::Challenge);
    });
}

#[test]
fn only_verifiers_of_the_sample_are_punished_when_the_panel_is_large() {
    let (tile, wrong) = wrong_sample();
    run(|| {
        commit_for(7, &wrong, 4);
        run_to(14);
        assert_eq!(draw(7)[1], tile);
        let values = &wrong.values;
        revealed(7, &wrong, &[values, values, values, values]);
        let (liars, others): (Vec<_>, Vec<_>) = case(7)
            .panel
            .into_iter()
            .partition(|seat| case(7).is_assigned(seat.place, 1, 2));
        assert_eq!((liars.len(), others.len()), (2, 2));

        adjudicate(account(77), 7, tile, None).expect("the tile is wrong");

        let expected: Vec<_> = liars
            .into_iter()
            .map(|seat| (seat.verifier, Offence::FalseAttestation))
            .collect();
        assert_eq!(charged(), expected);
        let paid = others
            .into_iter()
            .map(|seat| (seat.verifier, SAMPLES / 2))
            .collect();
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(account(77)),
                verifiers: paid,
            })
        );
    });
}

#[test]
fn case_goes_on_and_nothing_half_done_is_left_when_a_punishment_fails() {
    let (_, wrong) = wrong_sample();
    run(|| {
        World::refuse_to_punish();
        let output = Output::right();
        drawn(7, &output);
        revealed(7, &output, &[&wrong.values, &right_values()]);
        run_past(7);
        assert_eq!(case(7).phase, Phase::Challenge);
        assert_eq!(panel(7).len(), 1);
        assert!(!unhashed::exists(HALF_DONE));
    });
}
