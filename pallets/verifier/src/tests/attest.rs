// SPDX-License-Identifier: Apache-2.0
//! `attest` and what admits it.

use crate::{
    Call, Error, Event, WeightInfo, frame_support, frame_system,
    mock::{
        Output, Refusal, RuntimeOrigin, System, Test, VerifierPallet, World, account, admit,
        attestation, attested, case, commit, dispatch, drawn, events, panel, provider,
        right_values, run, run_past, run_to, sign, submit, weighed,
    },
    sp_runtime::{
        DispatchError,
        transaction_validity::{InvalidTransaction, TransactionPriority},
    },
    types::{Phase, SeatState},
};
use assay_primitives::{Hash, duty::Duty};
use frame_support::assert_noop;

#[test]
fn attestation_is_noted_when_a_drawn_verifier_commits() {
    run(|| {
        drawn(7, &Output::right());
        let verifier = panel(7)[0].clone();
        System::reset_events();

        submit(attestation(7, &verifier, [5; 32])).expect("the attestation is due");

        let case = case(7);
        let seat = case.seat(&verifier).expect("drawn");
        assert_eq!(seat.state, SeatState::Attested([5; 32]));
        assert_eq!((case.phase, case.until), (Phase::Attesting, 33));
        assert_eq!(events(), [Event::Attested { job: 7, verifier }]);
    });
}

#[test]
fn opening_starts_at_once_when_all_have_attested() {
    run(|| {
        drawn(7, &Output::right());
        run_to(20);
        for verifier in panel(7) {
            submit(attestation(7, &verifier, [5; 32])).expect("the attestation is due");
        }
        assert_eq!((case(7).phase, case(7).until), (Phase::Opening, 30));
        assert_eq!(World::due(7), Some(30));
    });
}

#[test]
fn attestation_is_one_per_verifier_and_round_in_the_pool() {
    run(|| {
        drawn(7, &Output::right());
        let panel = panel(7);
        let tags = |verifier, commitment| {
            let valid = admit(attestation(7, verifier, commitment)).expect("due");
            assert!(valid.propagate);
            assert_eq!(valid.longevity, 33 - 14);
            assert_eq!(valid.priority, TransactionPriority::MAX);
            valid.provides
        };
        assert_eq!(tags(&panel[0], [5; 32]), tags(&panel[0], [6; 32]));
        assert_ne!(tags(&panel[0], [5; 32]), tags(&panel[1], [5; 32]));
    });
}

#[test]
fn attestation_is_accepted_in_the_last_block_of_the_window() {
    run(|| {
        drawn(7, &Output::right());
        run_to(33);
        let verifier = panel(7)[0].clone();
        submit(attestation(7, &verifier, [5; 32])).expect("the window is open");
    });
}

#[test]
fn attestation_is_refused_when_the_window_is_over_even_if_the_chain_is_behind() {
    run(|| {
        drawn(7, &Output::right());
        let call = attestation(7, &panel(7)[0], [5; 32]);
        System::set_block_number(34);
        assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::WrongPhase.into()))
        );
    });
}

#[test]
fn attestation_is_refused_when_there_is_no_such_case() {
    run(|| {
        let commitment = [5; 32];
        let call = Call::attest {
            job: 7,
            verifier: account(3),
            round: 0,
            commitment,
            signature: sign(
                &account(3),
                7,
                &Duty::Attest {
                    seed: [0; 32],
                    round: 0,
                    commitment,
                },
            ),
        };
        assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::UnknownCase.into()))
        );
    });
}

#[test]
fn attestation_is_refused_when_nothing_is_drawn_yet() {
    run(|| {
        commit(7, &Output::right());
        let call = attestation(7, &account(3), [5; 32]);
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::WrongPhase.into()))
        );
    });
}

#[test]
fn attestation_is_refused_when_the_account_was_not_drawn() {
    run(|| {
        drawn(7, &Output::right());
        let outsider = (3..=6)
            .map(account)
            .find(|account| !panel(7).contains(account))
            .expect("four candidates, two seats");
        for account in [outsider, provider()] {
            let call = attestation(7, &account, [5; 32]);
            assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
            assert_eq!(
                dispatch(call),
                Err(Refusal::Failed(Error::<Test>::NoSuchSeat.into()))
            );
        }
    });
}

#[test]
fn second_attestation_is_refused_when_the_verifier_has_attested() {
    run(|| {
        drawn(7, &Output::right());
        let verifier = panel(7)[0].clone();
        submit(attestation(7, &verifier, [5; 32])).expect("the attestation is due");
        let again = attestation(7, &verifier, [6; 32]);
        assert_eq!(
            submit(again.clone()),
            Err(Refusal::Invalid(InvalidTransaction::Stale.into()))
        );
        assert_eq!(
            dispatch(again),
            Err(Refusal::Failed(Error::<Test>::DutyDone.into()))
        );
    });
}

#[test]
fn attestation_is_not_admitted_when_the_signature_is_of_another_duty_job_round_key_or_chain() {
    run(|| {
        drawn(7, &Output::right());
        let verifier = panel(7)[0].clone();
        let other = panel(7)[1].clone();
        let commitment = [5; 32];
        let duty = Duty::Attest {
            seed: case(7).seed,
            round: 0,
            commitment,
        };
        let here = System::block_hash(0);
        frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0x77));
        let of_another_chain = sign(&verifier, 7, &duty);
        frame_system::BlockHash::<Test>::insert(0, here);
        for signature in [
            of_another_chain,
            sign(&other, 7, &duty),
            sign(&verifier, 8, &duty),
            sign(
                &verifier,
                7,
                &Duty::Commit {
                    terms: [0; 32],
                    roots: vec![commitment],
                },
            ),
            sign(
                &verifier,
                7,
                &Duty::Attest {
                    seed: case(7).seed,
                    round: 1,
                    commitment,
                },
            ),
            sign(
                &verifier,
                7,
                &Duty::Attest {
                    seed: case(7).seed,
                    round: 0,
                    commitment: [6; 32],
                },
            ),
        ] {
            let call = Call::attest {
                job: 7,
                verifier: verifier.clone(),
                round: 0,
                commitment,
                signature,
            };
            assert_eq!(admit(call), Err(InvalidTransaction::BadProof.into()));
        }
    });
}

#[test]
fn attestation_is_not_admitted_when_it_is_for_another_round() {
    run(|| {
        drawn(7, &Output::right());
        run_past(7);
        let verifier = panel(7)[0].clone();
        let commitment = [5; 32];
        let call = |round| Call::attest {
            job: 7,
            verifier: verifier.clone(),
            round,
            commitment,
            signature: sign(
                &verifier,
                7,
                &Duty::Attest {
                    seed: case(7).seed,
                    round,
                    commitment,
                },
            ),
        };
        for round in [0, 2] {
            assert_eq!(admit(call(round)), Err(InvalidTransaction::Stale.into()));
        }
        submit(call(1)).expect("the round is the second");
    });
}

#[test]
fn attestation_is_not_admitted_when_the_verifier_is_no_provider_any_more() {
    run(|| {
        drawn(7, &Output::right());
        let call = attestation(7, &panel(7)[0], [5; 32]);
        World::set_providers(vec![]);
        assert_eq!(admit(call), Err(InvalidTransaction::BadSigner.into()));
    });
}

#[test]
fn attestation_is_refused_when_not_authorized() {
    run(|| {
        drawn(7, &Output::right());
        let verifier = panel(7)[0].clone();
        let commitment = attested(7, &verifier, &right_values());
        let duty = Duty::Attest {
            seed: case(7).seed,
            round: 0,
            commitment,
        };
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(verifier.clone()),
        ] {
            assert_noop!(
                VerifierPallet::attest(
                    origin,
                    7,
                    verifier.clone(),
                    0,
                    commitment,
                    sign(&verifier, 7, &duty)
                ),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn attestation_weighs_less_when_others_are_waited_for() {
    run(|| {
        drawn(7, &Output::right());
        let weights: Vec<_> = (panel(7).iter())
            .map(|verifier| weighed(attestation(7, verifier, [5; 32])))
            .collect();
        let expected = [0, 1].map(<() as WeightInfo>::attest);
        assert_eq!(weights, expected.map(|weight| Ok(Some(weight))));
        let [waiting, last] = expected;
        assert!(waiting.ref_time() < last.ref_time());
    });
}
