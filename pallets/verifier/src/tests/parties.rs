// SPDX-License-Identifier: Apache-2.0
//! Honest and dishonest parties at random: what the protocol promises holds whatever they do.

use crate::{
    mock::{
        Output, TILES, VerifierPallet, World, account, adjudicate, attest, attestation, attested,
        case, commit_for, draw, index, is_forgotten, open, panel, provider, reveal, revelation,
        right_values, run, run_past, run_to, salt, submit,
    },
    types::Phase,
};
use assay_primitives::{AccountId, reason::Offence, verification::Verdict};
use assay_verifier::ChainingValue;
use proptest::prelude::*;
use std::collections::BTreeSet;

const JOB: u64 = 7;

/// How a verifier behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conduct {
    /// Computes, attests, reveals, and proves what it found.
    Honest,
    /// Does nothing.
    Silent,
    /// Attests and never reveals.
    Vanishing,
    /// Swears to whatever the provider committed to.
    Colluding,
    /// Claims a value of its own for its first sample.
    Accusing,
    /// Repeats the commitment of whoever attested before it.
    Copying,
}

fn conduct() -> impl Strategy<Value = Conduct> {
    prop::sample::select(vec![
        Conduct::Honest,
        Conduct::Silent,
        Conduct::Vanishing,
        Conduct::Colluding,
        Conduct::Accusing,
        Conduct::Copying,
    ])
}

/// The parties of a job.
#[derive(Clone, Debug)]
struct Parties {
    wrong: BTreeSet<u32>,
    withholds: bool,
    provider_proves: bool,
    conducts: Vec<Conduct>,
    panel: u32,
    watched: Option<u32>,
}

fn parties() -> impl Strategy<Value = Parties> {
    (
        prop::collection::btree_set(0..TILES, 0..4),
        prop::bool::weighted(0.1),
        any::<bool>(),
        prop::collection::vec(conduct(), 4),
        1u32..=5,
        prop::option::of(0..TILES),
    )
        .prop_map(
            |(wrong, withholds, provider_proves, conducts, panel, watched)| Parties {
                wrong,
                withholds,
                provider_proves,
                conducts,
                panel,
                watched,
            },
        )
}

impl Parties {
    fn conduct(&self, verifier: &AccountId) -> Conduct {
        (3..=6)
            .zip(&self.conducts)
            .find(|(seed, _)| account(*seed) == *verifier)
            .map(|(_, conduct)| *conduct)
            .expect("only these four are drawn")
    }

    /// The values that a verifier of a conduct swears to, of all tiles.
    fn values(&self, verifier: &AccountId, output: &Output) -> Vec<ChainingValue> {
        match self.conduct(verifier) {
            Conduct::Colluding => output.values.clone(),
            Conduct::Accusing => {
                let mut values = output.values.clone();
                if let Some(tile) = tiles_of(verifier).first() {
                    values[index(*tile)] = [0xac; 32];
                }
                values
            }
            _ => right_values(),
        }
    }
}

fn tiles_of(verifier: &AccountId) -> Vec<u32> {
    let draw = draw(JOB);
    let case = case(JOB);
    let place = case.seat(verifier).expect("the verifier was drawn").place;
    case.assigned(place, 2)
        .into_iter()
        .map(|position| draw[index(position)])
        .collect()
}

/// What the story of a job came to.
struct Outcome {
    verdict: Verdict<AccountId>,
    /// Whether an honest party re-executed a wrong tile while it could still prove it.
    caught: bool,
    charged: Vec<(AccountId, Offence)>,
}

/// Lets the parties act, window by window, until the job is over.
fn play(parties: &Parties) -> Outcome {
    let output = Output::wrong(&parties.wrong.iter().copied().collect::<Vec<_>>());
    let mut caught = false;
    commit_for(JOB, &output, parties.panel);
    run_to(14);
    while World::verdict(JOB).is_none() {
        let phase = case(JOB).phase;
        match phase {
            Phase::Drawing | Phase::Enquiring => {}
            Phase::Attesting => attest_all(parties, &output),
            Phase::Opening => {
                if !parties.withholds {
                    open(JOB, &output).expect("the opening is due");
                }
            }
            Phase::Revealing => reveal_all(parties, &output),
            Phase::Disputed => caught |= prove(parties),
            Phase::Challenge => {
                if let Some(tile) = parties.watched {
                    caught |= parties.wrong.contains(&tile);
                    adjudicate(account(77), JOB, tile, Some(output.opening(&[tile])))
                        .expect("the proof is sound");
                }
            }
        }
        VerifierPallet::do_try_state().expect("every invariant holds");
        // Who has not acted by now never will.
        if World::verdict(JOB).is_none() && case(JOB).phase == phase {
            run_past(JOB);
        }
    }
    Outcome {
        verdict: World::verdict(JOB).expect("the loop ends with one"),
        caught,
        charged: World::charges()
            .into_iter()
            .map(|charge| (charge.offender, charge.offence))
            .collect(),
    }
}

fn attest_all(parties: &Parties, output: &Output) {
    let mut seen = None;
    for verifier in panel(JOB) {
        if !case(JOB).owing().contains(&verifier) {
            continue;
        }
        let values = parties.values(&verifier, output);
        match (parties.conduct(&verifier), seen) {
            (Conduct::Silent, _) => continue,
            (Conduct::Copying, Some(commitment)) => {
                submit(attestation(JOB, &verifier, commitment)).expect("nobody can tell yet");
            }
            (Conduct::Copying, None) => {
                submit(attestation(JOB, &verifier, [0; 32])).expect("nobody can tell yet");
            }
            _ => {
                seen = Some(attested(JOB, &verifier, &values));
                attest(JOB, &verifier, &values).expect("the attestation is due");
            }
        }
    }
}

fn reveal_all(parties: &Parties, output: &Output) {
    for verifier in panel(JOB) {
        if !case(JOB).owing().contains(&verifier) {
            continue;
        }
        match parties.conduct(&verifier) {
            Conduct::Vanishing => {}
            Conduct::Copying => {
                let agree = revelation(JOB, &verifier, salt(&verifier), Default::default());
                submit(agree).expect_err("a copy cannot be revealed");
            }
            _ => {
                let values = parties.values(&verifier, output);
                reveal(JOB, &verifier, &values).expect("the reveal is due");
            }
        }
    }
}

/// Honest verifiers, and a provider that cares, prove what is in dispute. Whether that convicts.
fn prove(parties: &Parties) -> bool {
    for verifier in panel(JOB) {
        if parties.conduct(&verifier) != Conduct::Honest {
            continue;
        }
        let wrong = tiles_of(&verifier)
            .into_iter()
            .find(|tile| parties.wrong.contains(tile));
        if let Some(tile) = wrong {
            adjudicate(verifier, JOB, tile, None).expect("the proof is sound");
            return true;
        }
    }
    while parties.provider_proves && World::verdict(JOB).is_none() {
        // A provider whose own tile is wrong keeps quiet.
        let disputed =
            VerifierPallet::disputed_tile(JOB).filter(|(tile, ..)| !parties.wrong.contains(tile));
        let Some((tile, ..)) = disputed else { break };
        adjudicate(provider(), JOB, tile, None).expect("the proof is sound");
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn promises_hold_whatever_parties_do(parties in parties()) {
        run(|| {
            let outcome = play(&parties);
            let (offence, paid) = match outcome.verdict.clone() {
                Verdict::Upheld { verifiers } => (None, verifiers),
                Verdict::Convicted { offence, verifiers, .. } => (Some(offence), verifiers),
                Verdict::Unverified => (None, vec![]),
                other => panic!("{other:?}: nothing was missing"),
            };
            // A wrong tile that one honest party re-executes is always convicted.
            if outcome.caught {
                assert_eq!(offence, Some(Offence::WrongResult), "{parties:?}");
            }
            // A right result that is opened is never convicted; one that somebody honest checks stands.
            if parties.wrong.is_empty() && !parties.withholds {
                assert_eq!(offence, None, "{parties:?}");
                let honest = |(verifier, _): &(AccountId, u32)| {
                    parties.conduct(verifier) == Conduct::Honest
                };
                let stands = matches!(outcome.verdict, Verdict::Upheld { .. });
                assert!(stands || !paid.iter().any(honest), "{parties:?}");
            }
            // What is withheld never is.
            if parties.withholds && !outcome.caught {
                assert!(!matches!(outcome.verdict, Verdict::Upheld { .. }), "{parties:?}");
            }
            // Nobody honest is ever punished, and nobody but a verifier is punished here.
            for (offender, offence) in &outcome.charged {
                assert_ne!(parties.conduct(offender), Conduct::Honest, "{parties:?} {offence:?}");
            }
            // Whoever is paid still has its seat, and nobody is paid twice.
            let names: BTreeSet<_> = paid.iter().map(|(account, _)| account.clone()).collect();
            assert_eq!(paid.len(), names.len());
            for (offender, _) in &outcome.charged {
                assert!(!names.contains(offender), "{parties:?}");
            }
            assert!(is_forgotten(JOB));
        });
    }
}
