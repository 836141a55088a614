// SPDX-License-Identifier: Apache-2.0
//! `open` and what admits it.

use crate::{
    Error, Event, Opened, frame_support,
    mock::{
        Output, Refusal, RuntimeOrigin, SAMPLES, System, Test, VerifierPallet, WRONG, World, admit,
        all_attested, attest, case, dispatch, draw, drawn, events, index, is_forgotten, one, open,
        opening, panel, provider, right_values, run, run_past, run_to, sign, submit,
    },
    sp_runtime::{DispatchError, transaction_validity::InvalidTransaction},
    types::Phase,
};
use assay_primitives::{duty::Duty, reason::Offence, verification::Verdict};
use assay_verifier::opening::Opening;
use codec::Encode;
use frame_support::assert_noop;

#[test]
fn values_are_opened_when_the_provider_proves_them() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        System::reset_events();
        run_to(16);

        open(7, &output).expect("the opening is due");

        let expected: Vec<_> = draw(7)
            .iter()
            .map(|tile| output.values[index(*tile)])
            .collect();
        assert_eq!(
            Opened::<Test>::get(7).map(|values| values.to_vec()),
            Some(expected)
        );
        assert_eq!((case(7).phase, case(7).until), (Phase::Revealing, 26));
        assert_eq!(events(), [Event::Opened { job: 7 }]);
    });
}

#[test]
fn opening_is_refused_when_it_does_not_prove_the_sampled_tiles() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        let tiles = draw(7);
        let others: Vec<u32> = (0..SAMPLES).collect();
        assert_ne!(tiles, others);
        let sound = output.opening(&tiles);
        let wrong_value = {
            let mut opening = sound.clone();
            opening.values[0] = WRONG;
            opening
        };
        let too_few = Opening {
            values: sound.values[1..].to_vec(),
            ..sound.clone()
        };
        let too_many = {
            let mut opening = sound.clone();
            opening.values.push(WRONG);
            opening
        };
        let surplus = {
            let mut opening = sound.clone();
            opening.siblings.push(WRONG);
            opening
        };
        let short = {
            let mut opening = sound.clone();
            opening.siblings.pop();
            opening
        };
        let oversized = Opening {
            siblings: vec![WRONG; 32 * tiles.len() + 1],
            ..sound.clone()
        };
        let of_another_output = Output::wrong(&[tiles[0]]).opening(&tiles);
        for broken in [
            wrong_value,
            too_few,
            too_many,
            surplus,
            short,
            oversized,
            of_another_output,
            output.opening(&others),
        ] {
            let call = opening(7, &provider(), broken);
            assert_eq!(admit(call.clone()), Err(InvalidTransaction::Call.into()));
            assert_eq!(
                dispatch(call),
                Err(Refusal::Failed(Error::<Test>::BadOpening.into()))
            );
        }
        assert!(!Opened::<Test>::contains_key(7));
    });
}

#[test]
fn opening_is_refused_before_its_signature_is_looked_at_when_it_is_larger_than_any() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        let tiles = draw(7);
        let admitted = |siblings| {
            let oversized = Opening {
                siblings: vec![WRONG; siblings],
                ..output.opening(&tiles)
            };
            admit(opening(7, &panel(7)[0], oversized))
        };
        let most = 32 * tiles.len();
        assert_eq!(admitted(most), Err(InvalidTransaction::BadProof.into()));
        assert_eq!(admitted(most + 1), Err(InvalidTransaction::Call.into()));
    });
}

#[test]
fn opening_is_not_admitted_when_the_provider_did_not_sign_it() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        let sound = output.opening(&draw(7));
        let by_a_verifier = opening(7, &panel(7)[0], sound.clone());
        let sound = one(sound);
        let hash = *blake3::hash(&sound.encode()).as_bytes();
        let for_another_job = crate::Call::open {
            job: 7,
            openings: sound.clone(),
            signature: sign(
                &provider(),
                8,
                &Duty::Open {
                    seed: case(7).seed,
                    opening: hash,
                },
            ),
        };
        let for_another_opening = crate::Call::open {
            job: 7,
            openings: sound,
            signature: sign(
                &provider(),
                7,
                &Duty::Open {
                    seed: case(7).seed,
                    opening: [0; 32],
                },
            ),
        };
        for call in [by_a_verifier, for_another_job, for_another_opening] {
            assert_eq!(admit(call), Err(InvalidTransaction::BadProof.into()));
        }
    });
}

#[test]
fn opening_is_refused_when_verifiers_may_still_attest() {
    run(|| {
        let output = Output::right();
        drawn(7, &output);
        attest(7, &panel(7)[0], &right_values()).expect("the attestation is due");
        let call = opening(7, &provider(), output.opening(&draw(7)));
        assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
        assert_eq!(
            dispatch(call),
            Err(Refusal::Failed(Error::<Test>::WrongPhase.into()))
        );
    });
}

#[test]
fn second_opening_is_refused_when_the_provider_has_opened() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        open(7, &output).expect("the opening is due");
        assert_eq!(
            open(7, &output),
            Err(Refusal::Invalid(InvalidTransaction::Stale.into()))
        );
    });
}

#[test]
fn provider_is_convicted_when_it_does_not_open_in_time() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        let verifiers = panel(7)
            .into_iter()
            .map(|verifier| (verifier, SAMPLES))
            .collect();
        run_to(case(7).until);
        assert_eq!(World::verdict(7), None);
        run_past(7);
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Convicted {
                offence: Offence::Withheld,
                reporter: None,
                verifiers,
            })
        );
        assert!(is_forgotten(7));
        // The provider itself is punished by the jobs' pallet, which knows its bond.
        assert_eq!(World::charges(), []);
    });
}

#[test]
fn opening_is_refused_when_not_authorized() {
    run(|| {
        let output = Output::right();
        all_attested(7, &output, &right_values());
        let sound = output.opening(&draw(7));
        let openings = one(sound.clone());
        let hash = *blake3::hash(&openings.encode()).as_bytes();
        let signature = sign(
            &provider(),
            7,
            &Duty::Open {
                seed: case(7).seed,
                opening: hash,
            },
        );
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(provider()),
        ] {
            assert_noop!(
                VerifierPallet::open(origin, 7, openings.clone(), signature.clone()),
                DispatchError::BadOrigin
            );
        }
        submit(opening(7, &provider(), sound)).expect("the opening is due");
    });
}
