// SPDX-License-Identifier: Apache-2.0
//! `reveal` and what admits it.

use crate::{
    Claims, Error, Event, WeightInfo, frame_support,
    mock::{
        Output, Refusal, RuntimeCall, RuntimeOrigin, SAMPLES, System, Test, VerifierPallet, WRONG,
        World, admit, all_opened, attest, attestation, attested, case, commit_for, differing,
        dispatch, draw, drawn, events, index, open, panel, reveal, revelation, right_values, run,
        run_past, run_to, salt, sign, submit, weighed,
    },
    sp_runtime::{
        DispatchError,
        transaction_validity::{InvalidTransaction, TransactionSource},
    },
    types::{Differences, Phase, SeatState},
};
use assay_primitives::{
    AccountId, duty::Duty, job::MAX_SAMPLES, reason::Offence, slashing::Charge,
    verification::Verdict,
};
use frame_support::{assert_noop, traits::Authorize};

fn differences(list: &[(u32, [u8; 32])]) -> Differences {
    list.to_vec().try_into().expect("few differences")
}

fn refused(verifier: &AccountId, salt: [u8; 32], differing: Differences, error: Error<Test>) {
    let call = revelation(7, verifier, salt, differing);
    assert_eq!(admit(call.clone()), Err(InvalidTransaction::Call.into()));
    assert_eq!(dispatch(call), Err(Refusal::Failed(error.into())));
}

#[test]
fn verifier_agrees_when_its_values_are_the_opened_ones() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let verifier = panel(7)[0].clone();
        System::reset_events();

        reveal(7, &verifier, &right_values()).expect("the reveal is due");

        let case = case(7);
        let state = case.seat(&verifier).map(|seat| seat.state);
        assert_eq!(state, Some(SeatState::Agreed));
        assert_eq!(case.phase, Phase::Revealing);
        assert!(!Claims::<Test>::contains_key(7, &verifier));
        assert_eq!(
            events(),
            [Event::Revealed {
                job: 7,
                verifier,
                differing: 0,
            }]
        );
    });
}

#[test]
fn challenge_starts_at_once_and_the_result_stands_after_it_when_all_agree() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        run_to(18);
        let verifiers = panel(7);
        for verifier in &verifiers {
            reveal(7, verifier, &right_values()).expect("the reveal is due");
        }
        assert_eq!((case(7).phase, case(7).until), (Phase::Challenge, 38));
        run_past(7);
        let paid = verifiers
            .into_iter()
            .map(|verifier| (verifier, SAMPLES))
            .collect();
        assert_eq!(World::verdict(7), Some(Verdict::Upheld { verifiers: paid }));
        assert_eq!(World::charges(), []);
    });
}

#[test]
fn verifiers_are_paid_for_their_own_samples_when_the_panel_is_large() {
    run(|| {
        let output = Output::right();
        commit_for(7, &output, 4);
        run_to(14);
        let verifiers = panel(7);
        assert_eq!(verifiers.len(), 4);
        for verifier in &verifiers {
            attest(7, verifier, &right_values()).expect("the attestation is due");
        }
        open(7, &output).expect("the opening is due");
        for verifier in &verifiers {
            reveal(7, verifier, &right_values()).expect("the reveal is due");
        }
        run_past(7);
        let paid = verifiers
            .into_iter()
            .map(|verifier| (verifier, SAMPLES / 2))
            .collect();
        assert_eq!(World::verdict(7), Some(Verdict::Upheld { verifiers: paid }));
    });
}

#[test]
fn dispute_starts_when_a_verifier_differs() {
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        let sampled = draw(7)[3];
        let accusing = Output::wrong(&[sampled]).values;
        let verifiers = panel(7);
        attest(7, &verifiers[0], &accusing).expect("the attestation is due");
        attest(7, &verifiers[1], &right_values()).expect("the attestation is due");
        open(7, &output).expect("the opening is due");
        System::reset_events();

        reveal(7, &verifiers[0], &accusing).expect("the reveal is due");
        assert_eq!(
            events(),
            [Event::Revealed {
                job: 7,
                verifier: verifiers[0].clone(),
                differing: 1,
            }]
        );
        assert_eq!(
            Claims::<Test>::get(7, &verifiers[0]),
            Some(differences(&[(3, WRONG)]))
        );
        reveal(7, &verifiers[1], &right_values()).expect("the reveal is due");

        assert_eq!((case(7).phase, case(7).until), (Phase::Disputed, 14 + 200));
    });
}

#[test]
fn reveal_is_refused_when_the_salt_is_not_the_attested_one() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let verifier = panel(7)[0].clone();
        refused(
            &verifier,
            [1; 32],
            differences(&[]),
            Error::<Test>::NotAsAttested,
        );
    });
}

#[test]
fn reveal_is_refused_when_the_values_are_not_the_attested_ones() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let verifier = panel(7)[0].clone();
        refused(
            &verifier,
            salt(&verifier),
            differences(&[(0, WRONG)]),
            Error::<Test>::NotAsAttested,
        );
    });
}

#[test]
fn lazy_verifier_cannot_agree_when_it_attested_a_guess() {
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        for verifier in panel(7) {
            submit(attestation(7, &verifier, [5; 32])).expect("the attestation is due");
        }
        open(7, &output).expect("the opening is due");
        let verifier = panel(7)[0].clone();
        refused(
            &verifier,
            salt(&verifier),
            differences(&[]),
            Error::<Test>::NotAsAttested,
        );
    });
}

#[test]
fn copied_commitment_cannot_be_revealed() {
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        let (honest, copier) = (panel(7)[0].clone(), panel(7)[1].clone());
        let commitment = attested(7, &honest, &right_values());
        submit(attestation(7, &honest, commitment)).expect("the attestation is due");
        submit(attestation(7, &copier, commitment)).expect("nobody can tell yet");
        open(7, &output).expect("the opening is due");
        reveal(7, &honest, &right_values()).expect("the reveal is due");
        // The salt is public by now.
        refused(
            &copier,
            salt(&honest),
            differences(&[]),
            Error::<Test>::NotAsAttested,
        );
        run_past(7);
        let charges: Vec<_> = World::charges()
            .into_iter()
            .map(|charge| (charge.offender, charge.offence))
            .collect();
        assert_eq!(charges, [(copier, Offence::NoReveal)]);
    });
}

#[test]
fn reveal_is_refused_when_a_difference_is_none_or_misplaced() {
    run(|| {
        let output = Output::right();
        all_opened(7, &output, &right_values());
        let verifier = panel(7)[0].clone();
        let opened = output.values[index(draw(7)[2])];
        for list in [
            &[(2, opened)][..],
            &[(SAMPLES, WRONG)],
            &[(3, WRONG), (2, WRONG)],
            &[(2, WRONG), (2, WRONG)],
        ] {
            refused(
                &verifier,
                salt(&verifier),
                differences(list),
                Error::<Test>::BadDifferences,
            );
        }
    });
}

#[test]
fn reveal_is_refused_when_the_difference_is_in_somebody_elses_sample() {
    run(|| {
        let output = Output::right();
        commit_for(7, &output, 4);
        run_to(14);
        for verifier in panel(7) {
            attest(7, &verifier, &right_values()).expect("the attestation is due");
        }
        open(7, &output).expect("the opening is due");
        let verifier = panel(7)[0].clone();
        let foreign = (0..SAMPLES)
            .find(|position| !case(7).is_assigned(0, *position, 2))
            .expect("half of the samples");
        refused(
            &verifier,
            salt(&verifier),
            differences(&[(foreign, WRONG)]),
            Error::<Test>::BadDifferences,
        );
    });
}

#[test]
fn reveal_is_refused_when_nothing_is_opened_yet_or_it_was_done_before() {
    run(|| {
        let output = Output::right();
        crate::mock::all_attested(7, &output, &right_values());
        let verifier = panel(7)[0].clone();
        let call = revelation(7, &verifier, salt(&verifier), differences(&[]));
        assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
        open(7, &output).expect("the opening is due");
        submit(call.clone()).expect("the reveal is due");
        assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::DutyDone.into()))
        );
    });
}

#[test]
fn reveal_is_not_admitted_when_the_signature_is_of_another_duty_job_or_key() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let (verifier, other) = (panel(7)[0].clone(), panel(7)[1].clone());
        let salt = salt(&verifier);
        let duty = |round, salt| Duty::Reveal {
            seed: case(7).seed,
            round,
            salt,
            differing: vec![],
        };
        for signature in [
            sign(&verifier, 8, &duty(0, salt)),
            sign(&verifier, 7, &duty(1, salt)),
            sign(&verifier, 7, &duty(0, [0; 32])),
            sign(&other, 7, &duty(0, salt)),
        ] {
            let call = crate::Call::reveal {
                job: 7,
                verifier: verifier.clone(),
                round: 0,
                salt,
                differing: differences(&[]),
                signature,
            };
            assert_eq!(admit(call), Err(InvalidTransaction::BadProof.into()));
        }
    });
}

#[test]
fn verifier_is_punished_and_the_case_goes_on_when_it_does_not_reveal() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let (faithful, silent) = (panel(7)[0].clone(), panel(7)[1].clone());
        reveal(7, &faithful, &right_values()).expect("the reveal is due");
        System::reset_events();

        run_past(7);

        assert_eq!(
            World::charges(),
            [Charge {
                offence: Offence::NoReveal,
                job: Some(7),
                offender: silent.clone(),
                bond: 0,
                price: crate::mock::PRICE,
                reporter: None,
                requester: None,
            }]
        );
        assert_eq!(
            events(),
            [Event::SeatLost {
                job: 7,
                verifier: silent,
                offence: Offence::NoReveal,
            }]
        );
        assert_eq!(case(7).phase, Phase::Challenge);
        run_past(7);
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Upheld {
                verifiers: vec![(faithful, SAMPLES)]
            })
        );
    });
}

#[test]
fn dispute_starts_when_the_accuser_revealed_and_the_other_was_silent() {
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        let accusing = Output::wrong(&[draw(7)[0]]).values;
        for verifier in panel(7) {
            attest(7, &verifier, &accusing).expect("the attestation is due");
        }
        open(7, &output).expect("the opening is due");
        let accuser = panel(7)[0].clone();
        assert_eq!(differing(7, &accuser, &accusing).len(), 1);
        reveal(7, &accuser, &accusing).expect("the reveal is due");
        run_past(7);
        assert_eq!(case(7).phase, Phase::Disputed);
        assert_eq!(panel(7), [accuser]);
    });
}

#[test]
fn reveal_is_refused_when_not_authorized() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let verifier = panel(7)[0].clone();
        let signature = sign(
            &verifier,
            7,
            &Duty::Reveal {
                seed: case(7).seed,
                round: 0,
                salt: salt(&verifier),
                differing: vec![],
            },
        );
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(verifier.clone()),
        ] {
            assert_noop!(
                VerifierPallet::reveal(
                    origin,
                    7,
                    verifier.clone(),
                    0,
                    salt(&verifier),
                    differences(&[]),
                    signature.clone()
                ),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn reveal_is_refused_before_its_signature_is_looked_at_when_it_is_larger_than_any() {
    run(|| {
        commit_for(7, &Output::right(), 4);
        run_to(14);
        for verifier in panel(7) {
            attest(7, &verifier, &right_values()).expect("the attestation is due");
        }
        open(7, &Output::right()).expect("the opening is due");
        let verifier = panel(7)[0].clone();
        let admitted = |count: u32| {
            let list: Vec<_> = (0..count).map(|position| (position, WRONG)).collect();
            let mut call = revelation(7, &verifier, salt(&verifier), differences(&list));
            if let crate::Call::reveal { salt, .. } = &mut call {
                salt[0] ^= 1;
            }
            admit(call)
        };
        assert_eq!(
            admitted(SAMPLES / 2),
            Err(InvalidTransaction::BadProof.into())
        );
        assert_eq!(
            admitted(SAMPLES / 2 + 1),
            Err(InvalidTransaction::Call.into())
        );
    });
}

#[test]
fn reveal_weighs_what_its_samples_do_and_less_when_others_are_waited_for() {
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let reveal = |verifier: &AccountId| {
            let call = revelation(7, verifier, salt(verifier), differences(&[]));
            let authorized = RuntimeCall::VerifierPallet(call.clone())
                .authorize(TransactionSource::External)
                .expect("the call has an authorization");
            let (_, unused) = authorized.expect("the reveal is due");
            let weight = |samples| <() as WeightInfo>::authorize_reveal(0, samples);
            assert_eq!(
                weight(MAX_SAMPLES).checked_sub(&weight(SAMPLES)),
                Some(unused)
            );
            assert!(unused.ref_time() > 0);
            weighed(call)
        };
        let weights: Vec<_> = panel(7).iter().map(reveal).collect();
        let expected = [0, 1].map(|is_last| <() as WeightInfo>::reveal(0, SAMPLES, is_last));
        assert_eq!(weights, expected.map(|weight| Ok(Some(weight))));
        let [waiting, last] = expected;
        assert!(waiting.ref_time() < last.ref_time());
    });
}
