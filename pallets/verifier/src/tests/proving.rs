// SPDX-License-Identifier: Apache-2.0
//! `prove`: proofs of parties without money.

use crate::{
    Call, Error, Event, WeightInfo, frame_support,
    mock::{
        MaxWitnessBytes, Output, Refusal, RuntimeCall, RuntimeOrigin, SAMPLES, System, TILES, Test,
        VerifierPallet, World, account, admit, all_attested, all_opened, all_revealed, attest,
        case, dispatch, draw, drawn, events, judging_fuel, open, panel, proof, prove, provider,
        reveal, right_values, run, run_past, sign, submit, witness,
    },
    sp_runtime::{DispatchError, transaction_validity::InvalidTransaction},
    types::Phase,
};
use assay_primitives::{AccountId, duty::Duty, reason::Offence, verification::Verdict};
use assay_verifier::witness::Witness;
use codec::Encode;
use frame_support::{assert_noop, dispatch::GetDispatchInfo};

/// The offenders since the last call, with what they are charged with.
fn charged() -> Vec<(AccountId, Offence)> {
    World::charges()
        .into_iter()
        .map(|charge| (charge.offender, charge.offence))
        .collect()
}

/// A tile that job 7 will sample.
fn sampled() -> u32 {
    let mut tile = 0;
    run(|| {
        drawn(7, &Output::right());
        tile = draw(7)[1];
    });
    tile
}

/// Job 7 in dispute: the first verifier has computed right values, the second what the provider committed to, or the
/// other way round.
fn disputed(committed: &Output, first: &Output, second: &Output) -> (AccountId, AccountId) {
    drawn(7, committed);
    let panel = panel(7);
    for (verifier, output) in panel.iter().zip([first, second]) {
        attest(7, verifier, &output.values).expect("due");
    }
    open(7, committed).expect("due");
    for (verifier, output) in panel.iter().zip([first, second]) {
        reveal(7, verifier, &output.values).expect("due");
    }
    assert_eq!(case(7).phase, Phase::Disputed);
    (panel[0].clone(), panel[1].clone())
}

fn stale(call: Call<Test>, error: Error<Test>) {
    assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
    assert_eq!(dispatch(call), Err(Refusal::Failed(error.into())));
}

#[test]
fn true_accusation_is_proven_by_a_verifier_without_money() {
    let tile = sampled();
    run(|| {
        let wrong = Output::wrong(&[tile]);
        let (accuser, liar) = disputed(&wrong, &Output::right(), &wrong);
        prove(7, &accuser, tile).expect("the proof is due");
        assert_eq!(charged(), [(liar, Offence::FalseAttestation)]);
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(accuser.clone()),
                verifiers: vec![(accuser, SAMPLES)],
            })
        );
    });
}

#[test]
fn false_accusation_is_refuted_by_a_provider_without_money() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        let (accuser, _) = disputed(&right, &Output::wrong(&[tile]), &right);
        let call = proof(
            7,
            &provider(),
            tile,
            None,
            witness(tile),
            (judging_fuel(), 0),
        );
        assert!(VerifierPallet::may_prove(7, &provider(), tile));
        assert!(!VerifierPallet::may_prove(7, &account(77), tile));
        submit(call.clone()).expect("the proof is due");
        let charges = World::charges();
        assert_eq!(charges[0].offender, accuser);
        assert_eq!(charges[0].reporter, Some(provider()));
        assert_eq!(case(7).phase, Phase::Challenge);
        assert!(!case(7).barred);
        // What is decided is not decided again.
        stale(call, Error::NothingToProve);
        assert_eq!(World::verdict(7), None);
    });
}

#[test]
fn provider_that_proves_itself_wrong_is_no_reporter() {
    let tile = sampled();
    run(|| {
        let wrong = Output::wrong(&[tile]);
        disputed(&wrong, &Output::right(), &wrong);
        prove(7, &provider(), tile).expect("the proof is due");
        assert!(matches!(
            World::verdict(7),
            Some(Verdict::Convicted { reporter: None, .. })
        ));
    });
}

#[test]
fn accuser_that_refutes_itself_is_no_reporter() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        let (accuser, _) = disputed(&right, &Output::wrong(&[tile]), &right);
        prove(7, &accuser, tile).expect("the proof is due");
        let charges = World::charges();
        assert_eq!(
            (&charges[0].offender, &charges[0].reporter),
            (&accuser, &None)
        );
        assert_eq!(case(7).phase, Phase::Challenge);
    });
}

#[test]
fn broken_proof_costs_a_verifier_its_seat() {
    let tile = sampled();
    let mut forged = witness(tile);
    forged.inputs[0].pages[0].bytes[7] ^= 1;
    let missing = Witness {
        inputs: vec![Default::default()],
    };
    for (witness, fuel) in [
        (forged, judging_fuel()),
        (missing, judging_fuel()),
        (Witness::default(), judging_fuel()),
        (witness(tile), judging_fuel() - 1),
    ] {
        run(|| {
            let right = Output::right();
            let (accuser, honest) = disputed(&right, &Output::wrong(&[tile]), &right);
            System::reset_events();
            let call = proof(7, &honest, tile, None, witness, (fuel, 0));
            submit(call.clone()).expect("that it is broken is seen when it is run");
            assert_eq!(charged(), [(honest.clone(), Offence::UnprovenAccusation)]);
            assert_eq!(
                events()[0],
                Event::ProofFailed {
                    job: 7,
                    tile,
                    party: honest,
                }
            );
            assert_eq!((case(7).phase, panel(7)), (Phase::Disputed, vec![accuser]));
            stale(call, Error::NoSuchSeat);
        });
    }
}

#[test]
fn broken_proof_is_a_providers_last_one() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        disputed(&right, &Output::wrong(&[tile]), &right);
        let broken = proof(
            7,
            &provider(),
            tile,
            None,
            witness(tile + 1),
            (judging_fuel(), 0),
        );
        submit(broken).expect("that it is broken is seen when it is run");
        assert!(case(7).barred);
        assert_eq!(charged(), []);
        let sound = proof(
            7,
            &provider(),
            tile,
            None,
            witness(tile),
            (judging_fuel(), 0),
        );
        stale(sound, Error::DutyDone);
        // It may still pay for it.
        crate::mock::adjudicate(provider(), 7, tile, None).expect("the proof is sound");
        assert_eq!(case(7).phase, Phase::Challenge);
    });
}

#[test]
fn case_goes_on_when_the_last_accuser_brings_a_broken_proof() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        let (accuser, honest) = disputed(&right, &Output::wrong(&[tile]), &right);
        let broken = proof(
            7,
            &accuser,
            tile,
            None,
            witness(tile + 1),
            (judging_fuel(), 0),
        );
        submit(broken).expect("that it is broken is seen when it is run");
        assert_eq!(charged(), [(accuser, Offence::UnprovenAccusation)]);
        assert_eq!((case(7).phase, case(7).until), (Phase::Challenge, 34));
        run_past(7);
        let verifiers = vec![(honest, SAMPLES)];
        assert_eq!(World::verdict(7), Some(Verdict::Upheld { verifiers }));
    });
}

#[test]
fn nothing_is_proven_without_a_fee_that_nobody_doubts() {
    run(|| {
        all_revealed(7, &Output::right(), &right_values());
        for party in [panel(7)[0].clone(), provider()] {
            let tile = draw(7)[0];
            let call = proof(7, &party, tile, None, witness(tile), (judging_fuel(), 0));
            stale(call, Error::NothingToProve);
        }
    });
}

#[test]
fn provider_may_not_have_a_checker_or_undisputed_tile_judged_without_a_fee() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        let (_, honest) = disputed(&right, &Output::wrong(&[tile]), &right);
        for tile in [draw(7)[0], TILES, u32::MAX] {
            let call = proof(7, &provider(), tile, None, witness(0), (judging_fuel(), 0));
            stale(call, Error::NothingToProve);
        }
        // Verifiers may run the checker; there is none, which is a proof of nothing.
        let call = proof(7, &honest, TILES, None, witness(0), (judging_fuel(), 0));
        submit(call).expect("seen when it is run");
        assert_eq!(charged(), [(honest, Offence::UnprovenAccusation)]);
    });
}

#[test]
fn only_parties_that_have_revealed_prove() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        drawn(7, &right);
        let verifiers = panel(7);
        let wrong = Output::wrong(&[tile]);
        let of =
            |party: &AccountId| proof(7, party, tile, None, witness(tile), (judging_fuel(), 0));
        stale(of(&verifiers[0]), Error::WrongPhase);
        attest(7, &verifiers[0], &wrong.values).expect("due");
        attest(7, &verifiers[1], &right.values).expect("due");
        open(7, &right).expect("due");
        reveal(7, &verifiers[0], &wrong.values).expect("due");
        stale(of(&verifiers[1]), Error::NoSuchSeat);
        stale(of(&account(77)), Error::NoSuchSeat);
        submit(of(&provider())).expect("the claim is there");
        assert_eq!(case(7).phase, Phase::Revealing);
        reveal(7, &verifiers[1], &right.values).expect("due");
        assert_eq!(case(7).phase, Phase::Challenge);
    });
    run(|| {
        all_attested(7, &Output::right(), &right_values());
        let call = proof(7, &provider(), 0, None, witness(0), (judging_fuel(), 0));
        stale(call.clone(), Error::WrongPhase);
        let Call::prove {
            witness, signature, ..
        } = call
        else {
            panic!("a proof");
        };
        let unknown = Call::prove {
            job: 9,
            party: provider(),
            tile: 0,
            opening: None,
            witness,
            fuel: 0,
            supplied: 0,
            signature,
        };
        stale(unknown, Error::UnknownCase);
    });
}

#[test]
fn oversized_proofs_are_refused_before_they_are_hashed() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        let (_, honest) = disputed(&right, &Output::wrong(&[tile]), &right);
        let refused = |opening, fuel, supplied, error: Error<Test>| {
            let call = proof(7, &honest, tile, opening, witness(tile), (fuel, supplied));
            assert_eq!(admit(call.clone()), Err(InvalidTransaction::Call.into()));
            assert_eq!(dispatch(call), Err(Refusal::Failed(error.into())));
        };
        let mut opening = right.opening(&[tile]);
        opening.siblings.resize(33, [0; 32]);
        refused(Some(opening), judging_fuel(), 0, Error::BadOpening);
        let most = VerifierPallet::most_fuel();
        refused(None, most + 1, 0, Error::FuelTooHigh);
        refused(None, u64::MAX, 0, Error::FuelTooHigh);
        refused(None, judging_fuel(), 8_193, Error::TooManyPages);
        let bytes = u32::try_from(witness(tile).encoded_size()).expect("small");
        MaxWitnessBytes::set(bytes - 1);
        refused(None, judging_fuel(), 0, Error::WitnessTooLarge);
        MaxWitnessBytes::set(bytes);
        submit(proof(7, &honest, tile, None, witness(tile), (most, 8_192))).expect("at the limits");
        assert_eq!(case(7).phase, Phase::Challenge);
    });
}

#[test]
fn proof_is_not_admitted_when_any_of_it_was_not_signed() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        let (_, honest) = disputed(&right, &Output::wrong(&[tile]), &right);
        let (fuel, seed) = (judging_fuel(), case(7).seed);
        let signed = |seed, tile, content: &[u8]| {
            let proof = *blake3::hash(content).as_bytes();
            sign(&honest, 7, &Duty::Prove { seed, tile, proof })
        };
        let opening: Option<assay_verifier::opening::Opening> = None;
        let of = |fuel: u64, supplied: u32| (&opening, witness(tile), fuel, supplied).encode();
        for signature in [
            signed([1; 32], tile, &of(fuel, 0)),
            signed(seed, tile + 1, &of(fuel, 0)),
            signed(seed, tile, &of(fuel + 1, 0)),
            signed(seed, tile, &of(fuel, 1)),
            signed(
                seed,
                tile,
                &(&opening, witness(tile + 1), fuel, 0u32).encode(),
            ),
        ] {
            let call = Call::prove {
                job: 7,
                party: honest.clone(),
                tile,
                opening: None,
                witness: witness(tile),
                fuel,
                supplied: 0,
                signature,
            };
            assert_eq!(admit(call), Err(InvalidTransaction::BadProof.into()));
        }
    });
}

#[test]
fn proof_is_refused_when_not_authorized() {
    let tile = sampled();
    run(|| {
        let right = Output::right();
        let (_, honest) = disputed(&right, &Output::wrong(&[tile]), &right);
        let call = proof(7, &honest, tile, None, witness(tile), (judging_fuel(), 0));
        let Call::prove { signature, .. } = call.clone() else {
            panic!("a proof");
        };
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(honest.clone()),
        ] {
            assert_noop!(
                VerifierPallet::prove(
                    origin,
                    7,
                    honest.clone(),
                    tile,
                    None,
                    witness(tile),
                    judging_fuel(),
                    0,
                    signature.clone()
                ),
                DispatchError::BadOrigin
            );
        }
        let bytes = witness(tile).encoded_size();
        assert_eq!(
            RuntimeCall::VerifierPallet(call)
                .get_dispatch_info()
                .call_weight,
            VerifierPallet::weight_of(<() as WeightInfo>::prove, judging_fuel(), bytes, 0)
        );
    });
}

#[test]
fn second_claim_is_still_open_when_the_first_is_decided() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let tiles = [draw(7)[0], draw(7)[5]];
        run(|| {
            let right = Output::right();
            let (first, second) = disputed(
                &right,
                &Output::wrong(&[tiles[0]]),
                &Output::wrong(&[tiles[1]]),
            );
            prove(7, &provider(), tiles[0]).expect("due");
            assert_eq!(charged(), [(first, Offence::FalseAttestation)]);
            assert_eq!(case(7).phase, Phase::Disputed);
            prove(7, &provider(), tiles[1]).expect("due");
            assert_eq!(charged(), [(second, Offence::FalseAttestation)]);
            assert_eq!(case(7).phase, Phase::Challenge);
        });
    });
}
