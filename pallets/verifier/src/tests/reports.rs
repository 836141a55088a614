// SPDX-License-Identifier: Apache-2.0
//! `miss` and `have`: what becomes of data that cannot be fetched.

use crate::{
    Error, Event, frame_support,
    mock::{
        MaxRounds, Output, Refusal, RuntimeOrigin, SAMPLES, System, Test, VerifierPallet, World,
        account, admit, all_attested, attest, attestation, case, commit_for, dispatch, draw, drawn,
        enquire, events, had, have, is_forgotten, miss, missed, open, panel, provider, requester,
        reveal, right_values, run, run_past, run_to, sign, submit,
    },
    sp_runtime::{DispatchError, transaction_validity::InvalidTransaction},
    types::{Phase, SeatState},
};
use assay_primitives::{
    AccountId,
    duty::{Duty, Missing},
    job::{MAX_PANEL, MAX_SAMPLES},
    reason::Offence,
    verification::{Enquiry, Verdict, Verification},
};
use frame_support::assert_noop;

const INPUTS: Missing = Missing::Inputs;

/// The offenders since the last call, with what they are charged with.
fn charged() -> Vec<(AccountId, Offence)> {
    World::charges()
        .into_iter()
        .map(|charge| (charge.offender, charge.offence))
        .collect()
}

/// A panel of three in which verifiers attest.
fn three() -> Vec<AccountId> {
    commit_for(7, &Output::right(), 3);
    run_to(System::block_number() + 4);
    panel(7)
}

#[test]
fn job_ends_without_fault_when_most_miss_the_inputs() {
    run(|| {
        let verifiers = three();
        attest(7, &verifiers[0], &right_values()).expect("due");
        miss(7, &verifiers[1], INPUTS).expect("due");
        System::reset_events();
        miss(7, &verifiers[2], INPUTS).expect("due");
        assert_eq!(
            events(),
            [Event::Missed {
                job: 7,
                verifier: verifiers[2].clone(),
                missing: INPUTS,
            }]
        );
        // Counted when the extrinsics of the block are done.
        assert_eq!((World::due(7), World::verdict(7)), (Some(14), None));
        run_to(15);
        let Some(Verdict::Unavailable { verifiers: paid }) = World::verdict(7) else {
            panic!("most miss the inputs");
        };
        assert_eq!(paid.len(), 3);
        assert_eq!(charged(), []);
        assert!(is_forgotten(7));
    });
}

#[test]
fn false_miss_is_punished_and_the_case_goes_on_when_most_attest() {
    run(|| {
        let verifiers = three();
        miss(7, &verifiers[0], INPUTS).expect("due");
        attest(7, &verifiers[1], &right_values()).expect("due");
        attest(7, &verifiers[2], &right_values()).expect("due");
        run_to(15);
        assert_eq!(charged(), [(verifiers[0].clone(), Offence::FalseReport)]);
        // Somebody else looks at its samples.
        let case_now = case(7);
        assert_eq!((case_now.phase, case_now.round), (Phase::Attesting, 1));
        assert!(case_now.seat(&verifiers[0]).is_none());
        let other = panel(7)[2].clone();
        attest(7, &other, &right_values()).expect("due");
        assert_eq!(case(7).phase, Phase::Opening);
        let draw = draw(7);
        assert_eq!(draw.len(), usize::try_from(SAMPLES).expect("few"));
    });
}

#[test]
fn one_against_one_is_decided_by_a_third() {
    for third_has_it in [true, false] {
        run(|| {
            drawn(7, &Output::right());
            let verifiers = panel(7);
            attest(7, &verifiers[0], &right_values()).expect("due");
            miss(7, &verifiers[1], INPUTS).expect("due");
            System::reset_events();
            run_to(15);
            // Nobody is punished for what is not known.
            assert_eq!(charged(), []);
            assert!(events().contains(&Event::SeatLeft {
                job: 7,
                verifier: verifiers[1].clone(),
            }));
            assert_eq!((case(7).phase, case(7).until), (Phase::Attesting, 34));
            let third = panel(7)[1].clone();
            assert!(!verifiers.contains(&third));
            if third_has_it {
                attest(7, &third, &right_values()).expect("due");
                run_to(16);
                assert_eq!(case(7).phase, Phase::Opening);
                assert_eq!(panel(7), [verifiers[0].clone(), third]);
            } else {
                miss(7, &third, INPUTS).expect("due");
                run_to(16);
                let paid = vec![(verifiers[0].clone(), SAMPLES), (third, SAMPLES)];
                let expected = Verdict::Unavailable { verifiers: paid };
                assert_eq!(World::verdict(7), Some(expected));
            }
            assert_eq!(charged(), []);
        });
    }
}

#[test]
fn who_misses_alone_leaves_unpunished_when_the_rounds_are_used_up() {
    run(|| {
        MaxRounds::set(1);
        drawn(7, &Output::right());
        let verifiers = panel(7);
        attest(7, &verifiers[0], &right_values()).expect("due");
        miss(7, &verifiers[1], INPUTS).expect("due");
        run_to(15);
        assert_eq!(charged(), []);
        assert_eq!(
            (case(7).phase, panel(7)),
            (Phase::Opening, vec![verifiers[0].clone()])
        );
        open(7, &Output::right()).expect("due");
        reveal(7, &verifiers[0], &right_values()).expect("due");
        run_past(7);
        let paid = vec![(verifiers[0].clone(), SAMPLES)];
        assert_eq!(World::verdict(7), Some(Verdict::Upheld { verifiers: paid }));
    });
}

#[test]
fn silent_verifiers_do_not_make_one_miss_a_majority() {
    run(|| {
        drawn(7, &Output::right());
        let verifiers = panel(7);
        miss(7, &verifiers[0], INPUTS).expect("due");
        run_past(7);
        assert_eq!(charged(), [(verifiers[1].clone(), Offence::NoAttestation)]);
        // Two more are drawn; one attests, one is silent: one against one.
        let others = panel(7);
        assert_eq!(others.len(), 2);
        attest(7, &others[0], &right_values()).expect("due");
        run_past(7);
        assert_eq!(charged(), [(others[1].clone(), Offence::NoAttestation)]);
        assert_eq!(
            (case(7).phase, panel(7)),
            (Phase::Opening, vec![others[0].clone()])
        );
    });
}

#[test]
fn outputs_cannot_be_missed_when_there_is_no_earlier_pass() {
    run(|| {
        drawn(7, &Output::right());
        let call = missed(7, &panel(7)[0], Missing::Outputs);
        assert_eq!(admit(call.clone()), Err(InvalidTransaction::Call.into()));
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::NothingToMiss.into()))
        );
    });
}

#[test]
fn miss_is_refused_when_replayed_or_after_an_attestation() {
    run(|| {
        drawn(7, &Output::right());
        let verifiers = panel(7);
        let refused = |call: crate::Call<Test>| {
            assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
            assert_eq!(
                dispatch(call),
                Err(Refusal::Failed(Error::<Test>::DutyDone.into()))
            );
        };
        miss(7, &verifiers[0], INPUTS).expect("due");
        refused(missed(7, &verifiers[0], INPUTS));
        refused(attestation(7, &verifiers[0], [5; 32]));
        let late = missed(7, &verifiers[1], INPUTS);
        attest(7, &verifiers[1], &right_values()).expect("due");
        refused(late);
    });
}

#[test]
fn miss_is_refused_when_there_is_no_seat_no_case_or_another_phase() {
    run(|| {
        all_attested(7, &Output::right(), &right_values());
        let call = missed(7, &panel(7)[0], INPUTS);
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::WrongPhase.into()))
        );
        drawn(8, &Output::right());
        assert_eq!(
            dispatch(missed(8, &provider(), INPUTS)),
            Err(Refusal::Failed(Error::<Test>::NoSuchSeat.into()))
        );
        let mut call = missed(8, &panel(8)[0], INPUTS);
        if let crate::Call::miss { job, .. } = &mut call {
            *job = 9;
        }
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::UnknownCase.into()))
        );
    });
}

#[test]
fn reports_are_not_admitted_when_signed_for_something_else() {
    run(|| {
        drawn(7, &Output::right());
        let verifier = panel(7)[0].clone();
        let of = |duty: Duty| crate::Call::miss {
            job: 7,
            verifier: verifier.clone(),
            round: 0,
            missing: INPUTS,
            signature: sign(&verifier, 7, &duty),
        };
        let (seed, round) = (case(7).seed, 0);
        for duty in [
            Duty::Have { seed, round },
            Duty::Miss {
                seed: [1; 32],
                round,
                missing: INPUTS,
            },
            Duty::Miss {
                seed,
                round: 1,
                missing: INPUTS,
            },
            Duty::Miss {
                seed,
                round,
                missing: Missing::Outputs,
            },
        ] {
            assert_eq!(admit(of(duty)), Err(InvalidTransaction::BadProof.into()));
        }
    });
}

#[test]
fn reports_are_refused_when_not_authorized() {
    run(|| {
        enquire(7, 2);
        run_to(14);
        let verifier = panel(7)[0].clone();
        let duty = Duty::Have {
            seed: case(7).seed,
            round: 0,
        };
        let signature = sign(&verifier, 7, &duty);
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(verifier.clone()),
        ] {
            assert_noop!(
                VerifierPallet::miss(
                    origin.clone(),
                    7,
                    verifier.clone(),
                    0,
                    INPUTS,
                    signature.clone()
                ),
                DispatchError::BadOrigin
            );
            assert_noop!(
                VerifierPallet::have(origin, 7, verifier.clone(), 0, signature.clone()),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn enquiry_is_refused_beyond_its_limits() {
    run(|| {
        let enquiry = |panel, samples| Enquiry {
            provider: provider(),
            requester: requester(),
            panel,
            samples,
            price: 5,
        };
        for (panel, samples) in [(0, 1), (MAX_PANEL + 1, 1), (1, MAX_SAMPLES + 1)] {
            assert_noop!(
                VerifierPallet::enquire(7, enquiry(panel, samples)),
                Error::<Test>::BadEnquiry
            );
        }
        World::put_job(7, crate::mock::kernel(), crate::mock::work());
        assert_eq!(
            VerifierPallet::enquire(7, enquiry(MAX_PANEL, MAX_SAMPLES)),
            Ok(13)
        );
        assert_noop!(
            VerifierPallet::enquire(7, enquiry(1, 1)),
            Error::<Test>::CaseExists
        );
    });
}

#[test]
fn enquiry_says_that_the_inputs_are_there_when_most_have_them() {
    run(|| {
        enquire(7, 3);
        run_to(14);
        let verifiers = panel(7);
        assert_eq!((case(7).phase, case(7).until), (Phase::Enquiring, 33));
        assert_eq!(
            case(7).seat(&verifiers[0]).map(|seat| seat.state),
            Some(SeatState::Drawn)
        );
        have(7, &verifiers[0]).expect("due");
        miss(7, &verifiers[1], INPUTS).expect("due");
        have(7, &verifiers[2]).expect("due");
        run_to(15);
        assert_eq!(charged(), [(verifiers[1].clone(), Offence::FalseReport)]);
        let paid = vec![
            (verifiers[0].clone(), SAMPLES),
            (verifiers[2].clone(), SAMPLES),
        ];
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Available { verifiers: paid })
        );
        assert!(is_forgotten(7));
    });
}

#[test]
fn enquiry_says_that_the_inputs_are_not_there_when_most_miss_them() {
    run(|| {
        enquire(7, 3);
        run_to(14);
        let verifiers = panel(7);
        miss(7, &verifiers[0], INPUTS).expect("due");
        miss(7, &verifiers[1], INPUTS).expect("due");
        have(7, &verifiers[2]).expect("due");
        run_to(15);
        // To say yes without looking is not paid.
        assert_eq!(charged(), []);
        let paid = vec![
            (verifiers[0].clone(), SAMPLES),
            (verifiers[1].clone(), SAMPLES),
        ];
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Unavailable { verifiers: paid })
        );
    });
}

#[test]
fn enquiry_replaces_the_silent_and_ends_undecided_when_nobody_speaks() {
    run(|| {
        enquire(7, 2);
        run_to(14);
        let silent = panel(7);
        run_past(7);
        assert_eq!((case(7).phase, case(7).round), (Phase::Enquiring, 1));
        let offences: Vec<_> = silent
            .iter()
            .map(|verifier| (verifier.clone(), Offence::NoAttestation))
            .collect();
        assert_eq!(charged(), offences);
        run_past(7);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert!(is_forgotten(7));
    });
}

#[test]
fn enquiry_is_decided_by_a_third_when_one_is_against_one() {
    run(|| {
        enquire(7, 2);
        run_to(14);
        let verifiers = panel(7);
        have(7, &verifiers[0]).expect("due");
        miss(7, &verifiers[1], INPUTS).expect("due");
        run_to(15);
        let third = panel(7)[1].clone();
        miss(7, &third, INPUTS).expect("due");
        run_to(16);
        assert_eq!(charged(), []);
        let paid = vec![(third, SAMPLES)];
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Unavailable { verifiers: paid })
        );
    });
}

#[test]
fn enquiry_is_not_verified_when_nobody_can_be_drawn() {
    run(|| {
        World::set_providers(vec![(provider(), 9)]);
        enquire(7, 2);
        run_to(114);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
    });
}

#[test]
fn outputs_cannot_be_missed_in_an_enquiry_and_inputs_not_be_had_in_a_case() {
    run(|| {
        enquire(7, 2);
        drawn(8, &Output::right());
        assert_eq!(
            dispatch(missed(7, &panel(7)[0], Missing::Outputs)),
            Err(Refusal::Failed(Error::<Test>::NothingToMiss.into()))
        );
        assert_eq!(
            dispatch(had(8, &panel(8)[0])),
            Err(Refusal::Failed(Error::<Test>::WrongPhase.into()))
        );
        submit(had(7, &panel(7)[0])).expect("due");
        assert_eq!(
            dispatch(had(7, &panel(7)[0])),
            Err(Refusal::Failed(Error::<Test>::DutyDone.into()))
        );
    });
}

#[test]
fn nothing_is_judged_when_only_the_inputs_are_looked_for() {
    run(|| {
        enquire(7, 2);
        run_to(14);
        assert_noop!(
            crate::mock::adjudicate(account(77), 7, 0, None),
            Error::<Test>::NoResult
        );
    });
}
