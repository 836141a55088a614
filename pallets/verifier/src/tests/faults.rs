// SPDX-License-Identifier: Apache-2.0
//! The faults that the protocol is tested against, as far as they are this pallet's and are not the subject of
//! another file. `docs/protocol.md` has them all.

use crate::{
    Call, Error, frame_support,
    mock::{
        Output, Refusal, SAMPLES, TILES, Test, VerifierPallet, World, account, adjudicate, admit,
        all_opened, all_revealed, attest, attestation, attested, case, commit, commit_for, demand,
        dispatch, draw, drawn, index, is_forgotten, judging_fuel, open, opening, panel, proof,
        prove, provider, requester, reveal, revelation, right_values, run, run_past, run_to, salt,
        submit, witness,
    },
    sp_runtime::transaction_validity::InvalidTransaction,
    types::Phase,
};
use assay_primitives::{
    AccountId,
    reason::Offence,
    verification::{Verdict, Verification},
};
use frame_support::{assert_noop, assert_ok};

/// A tile that job 7 will sample.
fn sampled() -> u32 {
    let mut tile = 0;
    run(|| {
        drawn(7, &Output::right());
        tile = draw(7)[1];
    });
    tile
}

fn is_wrong() -> bool {
    matches!(
        World::verdict(7),
        Some(Verdict::Convicted {
            offence: Offence::WrongResult,
            ..
        })
    )
}

fn charged() -> Vec<(AccountId, Offence)> {
    World::charges()
        .into_iter()
        .map(|charge| (charge.offender, charge.offence))
        .collect()
}

#[test]
fn wrong_tiles_sampled_one_or_all() {
    let tile = sampled();
    let all: Vec<u32> = (0..TILES).collect();
    for wrong in [vec![tile], all] {
        run(|| {
            let output = Output::wrong(&wrong);
            all_opened(7, &output, &right_values());
            let verifier = panel(7)[0].clone();
            reveal(7, &verifier, &right_values()).expect("due");
            prove(7, &verifier, tile).expect("due");
            assert!(is_wrong());
        });
    }
}

#[test]
fn wrong_tile_not_sampled() {
    let mut unsampled = TILES;
    run(|| {
        drawn(7, &Output::right());
        let draw = draw(7);
        unsampled = (0..TILES).find(|tile| !draw.contains(tile)).expect("some");
    });
    run(|| {
        let output = Output::wrong(&[unsampled]);
        all_revealed(7, &output, &output.values);
        // Nobody serves it, but a value can be demanded, and then anybody judge it.
        assert_ok!(demand(account(77), 7, unsampled, false));
        crate::mock::answer(7, &output, unsampled).expect("due");
        adjudicate(account(77), 7, unsampled, None).expect("the tile is wrong");
        assert!(is_wrong());
    });
}

#[test]
fn output_not_served() {
    run(|| {
        all_revealed(7, &Output::right(), &right_values());
        assert_ok!(demand(requester(), 7, draw(7)[0], true));
        run_to(200);
        assert!(matches!(
            World::verdict(7),
            Some(Verdict::Convicted {
                offence: Offence::Withheld,
                ..
            })
        ));
    });
}

#[test]
fn silent_verifiers_and_nobody_to_draw() {
    // The result was paid though nobody had checked it.
    run(|| {
        commit(7, &Output::wrong(&[0, 1, 2, 3]));
        run_to(100);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert_eq!(charged().len(), 4);
    });
    run(|| {
        World::set_providers(vec![(provider(), 5)]);
        commit(7, &Output::wrong(&[0, 1, 2, 3]));
        run_to(200);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
    });
}

#[test]
fn verifiers_that_attest_and_of_whom_nobody_reveals() {
    // A requester had the result unpaid if it owned the panel. Now it must own the next one as well, which nobody knows
    // when the first keeps silent.
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        let silent = panel(7);
        run_past(7);
        assert_eq!(World::verdict(7), None);
        run_past(7);
        let others = panel(7);
        for verifier in &others {
            attest(7, verifier, &right_values()).expect("due");
        }
        open(7, &Output::right()).expect("due");
        for verifier in &others {
            reveal(7, verifier, &right_values()).expect("due");
        }
        run_past(7);
        assert!(matches!(World::verdict(7), Some(Verdict::Upheld { .. })));
        let offenders: Vec<_> = World::charges()
            .into_iter()
            .map(|charge| (charge.offender, charge.offence))
            .collect();
        let expected: Vec<_> = silent
            .into_iter()
            .map(|who| (who, Offence::NoReveal))
            .collect();
        assert_eq!(offenders, expected);
    });
    // Of the last panel neither.
    run(|| {
        all_opened(7, &Output::right(), &right_values());
        run_past(7);
        run_past(7);
        for verifier in panel(7) {
            attest(7, &verifier, &right_values()).expect("due");
        }
        open(7, &Output::right()).expect("due");
        run_past(7);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert_eq!(World::charges().len(), 4);
    });
}

#[test]
fn true_accusation_that_nobody_proved_in_time() {
    let tile = sampled();
    run(|| {
        let output = Output::wrong(&[tile]);
        all_opened(7, &output, &right_values());
        for verifier in panel(7) {
            reveal(7, &verifier, &right_values()).expect("due");
        }
        // In the last block of the window, with nothing on the worker key's account.
        run_to(case(7).until);
        prove(7, &panel(7)[0], tile).expect("due");
        assert!(is_wrong());
        assert_eq!(charged(), []);
    });
}

#[test]
fn two_verifiers_in_collusion_with_the_provider_and_a_third_party() {
    let tile = sampled();
    run(|| {
        let output = Output::wrong(&[tile]);
        all_revealed(7, &output, &output.values);
        let liars: Vec<_> = panel(7)
            .into_iter()
            .map(|liar| (liar, Offence::FalseAttestation))
            .collect();
        adjudicate(account(77), 7, tile, None).expect("the tile is wrong");
        assert!(is_wrong());
        assert_eq!(charged(), liars);
    });
}

#[test]
fn one_verifier_in_collusion_with_a_provider_that_withholds_the_inputs() {
    run(|| {
        // It attests to what it was told, and the others cannot compute anything.
        let output = Output::wrong(&[0, 1, 2, 3, 4, 5]);
        drawn(7, &output);
        let colluding = panel(7)[0].clone();
        attest(7, &colluding, &output.values).expect("due");
        let mut asked = 0;
        while World::verdict(7).is_none() && case(7).phase == Phase::Attesting {
            let waiting = case(7).owing();
            for verifier in waiting {
                let missing = assay_primitives::duty::Missing::Inputs;
                crate::mock::miss(7, &verifier, missing).expect("due");
                asked += 1;
            }
            run_past(7);
        }
        assert_eq!(asked, 2);
        assert!(matches!(
            World::verdict(7),
            Some(Verdict::Unavailable { .. })
        ));
        assert_eq!(charged(), []);
    });
}

#[test]
fn chain_reorganisation_that_changes_the_draw() {
    let output = Output::right();
    let (mut duties, mut commitments) = (vec![], vec![]);
    run(|| {
        all_opened(7, &output, &right_values());
        for verifier in panel(7) {
            let call = revelation(7, &verifier, salt(&verifier), Default::default());
            duties.push((verifier, call));
        }
        duties.push((
            provider(),
            opening(7, &provider(), output.opening(&draw(7))),
        ));
    });
    run(|| {
        drawn(7, &output);
        for verifier in panel(7) {
            let commitment = attested(7, &verifier, &right_values());
            duties.push((verifier.clone(), attestation(7, &verifier, commitment)));
            commitments.push((verifier, commitment));
        }
    });
    // On the other branch a block has no randomness, so that job 7 has another seed in the same round.
    run(|| {
        World::withhold_randomness(12);
        commit_for(7, &output, 4);
        run_to(16);
        for (verifier, call) in &duties {
            let due = matches!(call, Call::attest { .. });
            let expected = match due {
                true => InvalidTransaction::BadProof,
                false => InvalidTransaction::Stale,
            };
            assert_eq!(admit(call.clone()), Err(expected.into()), "{verifier:?}");
        }
        // Even signed anew, a commitment made there can be revealed by nobody here.
        for (verifier, commitment) in &commitments {
            submit(attestation(7, verifier, *commitment)).expect("nobody can tell yet");
        }
        for verifier in panel(7) {
            if case(7).owing().contains(&verifier) {
                attest(7, &verifier, &right_values()).expect("due");
            }
        }
        let of_provider = duties.iter().find(|(who, _)| *who == provider());
        let (_, opened_there) = of_provider.expect("it opened").clone();
        assert!(admit(opened_there).is_err());
        open(7, &output).expect("due");
        for (verifier, call) in &duties {
            assert!(admit(call.clone()).is_err());
            if commitments.iter().any(|(who, _)| who == verifier) {
                let call = revelation(7, verifier, salt(verifier), Default::default());
                assert_eq!(
                    dispatch(call),
                    Err(Refusal::Failed(Error::<Test>::NotAsAttested.into()))
                );
            }
        }
    });
}

#[test]
fn broken_forged_and_oversized_witnesses_and_replayed_proofs() {
    let tile = sampled();
    run(|| {
        let output = Output::wrong(&[tile]);
        all_opened(7, &output, &right_values());
        let verifier = panel(7)[0].clone();
        reveal(7, &verifier, &right_values()).expect("due");
        let sound = proof(7, &verifier, tile, None, witness(tile), (judging_fuel(), 0));
        // Somebody who alters what was signed changes nothing.
        let Call::prove {
            witness: mut altered,
            signature,
            ..
        } = sound.clone()
        else {
            panic!("a proof");
        };
        altered.inputs[0].pages.pop();
        let forged = Call::prove {
            job: 7,
            party: verifier.clone(),
            tile,
            opening: None,
            witness: altered,
            fuel: judging_fuel(),
            supplied: 0,
            signature,
        };
        assert_eq!(admit(forged), Err(InvalidTransaction::BadProof.into()));
        submit(sound.clone()).expect("due");
        assert!(is_wrong());
        assert_eq!(
            dispatch(sound),
            Err(Refusal::Failed(Error::<Test>::UnknownCase.into()))
        );
        assert_noop!(
            adjudicate(account(77), 7, tile, None),
            Error::<Test>::UnknownCase
        );
    });
}

#[test]
fn requester_without_inputs() {
    run(|| {
        crate::mock::enquire(7, 4);
        run_to(14);
        for verifier in panel(7) {
            let missing = assay_primitives::duty::Missing::Inputs;
            crate::mock::miss(7, &verifier, missing).expect("due");
        }
        run_to(15);
        let Some(Verdict::Unavailable { verifiers }) = World::verdict(7) else {
            panic!("all miss them");
        };
        assert!(verifiers.iter().all(|(_, samples)| *samples == SAMPLES));
        assert_eq!(verifiers.len(), 4);
    });
}

#[test]
fn provider_and_verifiers_that_die_at_any_step() {
    for steps in 0..5 {
        run(|| {
            let output = Output::right();
            commit(7, &output);
            let mut done = 0;
            // All do their duty, and then nobody does anything any more.
            while World::verdict(7).is_none() {
                if done < steps {
                    match case(7).phase {
                        Phase::Attesting => {
                            for verifier in panel(7) {
                                attest(7, &verifier, &right_values()).expect("due");
                            }
                        }
                        Phase::Opening => open(7, &output).expect("due"),
                        Phase::Revealing => {
                            for verifier in panel(7) {
                                reveal(7, &verifier, &right_values()).expect("due");
                            }
                        }
                        _ => run_past(7),
                    }
                    done += 1;
                } else {
                    run_past(7);
                }
            }
            assert!(is_forgotten(7));
            let stands = matches!(World::verdict(7), Some(Verdict::Upheld { .. }));
            assert_eq!(stands, steps >= 4, "{steps}");
        });
    }
}

#[test]
fn author_that_discards_blocks_gets_the_draw_of_the_next_ones_only() {
    // What it gives up is a block for each draw that it does not like; the draw is never its choice among many.
    let seeds: Vec<_> = [vec![], vec![11], vec![12], vec![11, 13]]
        .into_iter()
        .map(|discarded| {
            let mut seed = [0; 32];
            run(|| {
                for block in &discarded {
                    World::withhold_randomness(*block);
                }
                drawn(7, &Output::right());
                run_to(20);
                seed = case(7).seed;
            });
            seed
        })
        .collect();
    for (number, seed) in seeds.iter().enumerate() {
        assert!(!seeds[..number].contains(seed));
    }
    assert_eq!(index(SAMPLES), 8);
}

#[test]
fn job_at_every_numeric_limit() {
    use crate::mock::{commitment_to, kernel, work};
    use assay_primitives::job::{MAX_PANEL, MAX_PASSES, MAX_SAMPLES, PerPass};
    run(|| {
        World::set_providers(
            (1..=40)
                .map(|seed| (account(seed), u128::MAX / 64))
                .collect(),
        );
        World::put_job(7, kernel(), work());
        let passes = index(MAX_PASSES);
        let each = u32::MAX / MAX_PASSES;
        let mut commitment = commitment_to([7; 32], MAX_PANEL);
        commitment.price = u128::MAX;
        commitment.roots = PerPass::truncate_from(vec![[7; 32]; passes]);
        commitment.tiles = PerPass::truncate_from(vec![each; passes]);
        commitment.samples = PerPass::truncate_from(vec![MAX_SAMPLES / MAX_PASSES; passes]);
        let due = VerifierPallet::begin(7, commitment).expect("it is sound");
        World::set_due(7, due);
        run_to(14);
        assert_eq!(
            (panel(7).len(), draw(7).len()),
            (index(MAX_PANEL), index(MAX_SAMPLES))
        );
        VerifierPallet::do_try_state().expect("every invariant holds");
        for verifier in panel(7) {
            submit(attestation(7, &verifier, [1; 32])).expect("due");
        }
        assert_eq!(case(7).phase, Phase::Opening);
        run_past(7);
        let Some(Verdict::Convicted { verifiers, .. }) = World::verdict(7) else {
            panic!("nothing was opened");
        };
        let paid: u32 = verifiers.iter().map(|(_, samples)| samples).sum();
        assert_eq!(paid, 2 * MAX_SAMPLES);
    });
}
