// SPDX-License-Identifier: Apache-2.0
//! Random sequences of every call by honest and dishonest parties, with time passing: what holds after each step, and
//! that nothing is left behind.

use crate::{
    Cases, Claims, CurrentWindows, Demanding, Demands, Discarded, Draws, Duties, Event, HoldReason,
    Opened, Pages, Shown, Supplies, Windows,
    mock::{
        Balances, Output, RuntimeOrigin, SAMPLES, System, TILES, Test, VerifierPallet, World,
        account, adjudicate, answering, attest, attestation, commit_for, commitment_to, demand,
        draw, enquire, events, have, index, input, judging_fuel, miss, open, opening, proof,
        provider, requester, reveal, right_bytes, right_values, run, run_to, submit, witness,
    },
    types::{Phase, SeatState},
};
use assay_primitives::{
    AccountId, Balance, JobId,
    duty::Missing,
    reason::Offence,
    verification::{Verdict, Verification},
};
use assay_verifier::{ChainingValue, witness::Witness};
use polkadot_sdk::frame_support::traits::fungible::InspectHold;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Who always does what it should, at once: two of the four that can be drawn.
fn is_honest(who: &AccountId) -> bool {
    [account(3), account(4)].contains(who)
}

const WINDOWS: Windows = Windows {
    attest: 5,
    open: 4,
    reveal: 4,
    dispute: 6,
    challenge: 4,
    draw: 12,
    answer: 7,
};

/// The most blocks that a case can last, whatever anybody does.
const LONGEST: u32 = 2 * (3 + WINDOWS.draw + 2 * WINDOWS.attest + WINDOWS.open + WINDOWS.reveal)
    + 2 * WINDOWS.dispute
    + WINDOWS.challenge
    + 2 * WINDOWS.answer
    + 2;

/// Something that somebody does. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Act {
    Commit {
        wrong: BTreeSet<u32>,
        panel: u32,
        served: bool,
    },
    Enquire {
        panel: u32,
        served: bool,
    },
    Blocks(u32),
    /// Whoever is not honest does what is due, each in its way.
    Go {
        job: u8,
        ways: [u8; 4],
    },
    Attest {
        job: u8,
        who: u8,
        as_provider: bool,
    },
    Copy {
        job: u8,
        who: u8,
    },
    Miss {
        job: u8,
        who: u8,
        outputs: bool,
    },
    Have {
        job: u8,
        who: u8,
    },
    Open {
        job: u8,
        broken: bool,
    },
    Reveal {
        job: u8,
        who: u8,
        as_provider: bool,
    },
    Adjudicate {
        job: u8,
        tile: u32,
    },
    Prove {
        job: u8,
        who: u8,
        tile: u32,
        broken: bool,
    },
    Demand {
        job: u8,
        who: u8,
        tile: u32,
        bytes: bool,
    },
    Answer {
        job: u8,
        tile: u32,
        bytes: bool,
        broken: bool,
    },
    Supply {
        job: u8,
        who: u8,
        tile: u32,
    },
    Providers {
        mask: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let (job, who, tile) = (0u8..3, 1u8..=7, 0..TILES + 2);
    prop_oneof![
        5 => (prop::collection::btree_set(0..TILES, 0..3), 1u32..=5, prop::bool::weighted(0.8))
            .prop_map(|(wrong, panel, served)| Act::Commit { wrong, panel, served }),
        1 => (1u32..=4, any::<bool>()).prop_map(|(panel, served)| Act::Enquire { panel, served }),
        9 => (1u32..3).prop_map(Act::Blocks),
        24 => (job.clone(), prop::array::uniform4(0u8..12))
            .prop_map(|(job, ways)| Act::Go { job, ways }),
        6 => (job.clone(), who.clone(), any::<bool>())
            .prop_map(|(job, who, as_provider)| Act::Attest { job, who, as_provider }),
        1 => (job.clone(), who.clone()).prop_map(|(job, who)| Act::Copy { job, who }),
        2 => (job.clone(), who.clone(), any::<bool>())
            .prop_map(|(job, who, outputs)| Act::Miss { job, who, outputs }),
        2 => (job.clone(), who.clone()).prop_map(|(job, who)| Act::Have { job, who }),
        8 => (job.clone(), prop::bool::weighted(0.1))
            .prop_map(|(job, broken)| Act::Open { job, broken }),
        6 => (job.clone(), who.clone(), any::<bool>())
            .prop_map(|(job, who, as_provider)| Act::Reveal { job, who, as_provider }),
        1 => (job.clone(), tile.clone()).prop_map(|(job, tile)| Act::Adjudicate { job, tile }),
        3 => (job.clone(), who.clone(), tile.clone(), any::<bool>())
            .prop_map(|(job, who, tile, broken)| Act::Prove { job, who, tile, broken }),
        4 => (job.clone(), who.clone(), tile.clone(), any::<bool>())
            .prop_map(|(job, who, tile, bytes)| Act::Demand { job, who, tile, bytes }),
        4 => (job.clone(), tile.clone(), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(job, tile, bytes, broken)| Act::Answer { job, tile, bytes, broken }),
        2 => (job, who, tile).prop_map(|(job, who, tile)| Act::Supply { job, who, tile }),
        1 => any::<u8>().prop_map(|mask| Act::Providers { mask }),
    ]
}

/// What is known of a job besides what is on the chain.
struct Story {
    output: Output,
    /// Whether its inputs can be had.
    served: bool,
    began: u32,
    /// Whether an honest verifier has re-executed a wrong tile that is opened.
    caught: bool,
}

/// The chain and what is known besides.
struct Play {
    right: Vec<ChainingValue>,
    stories: BTreeMap<JobId, Story>,
    next: JobId,
    issued: Balance,
}

impl Play {
    fn job(&self, number: u8) -> Option<JobId> {
        let alive = World::alive();
        alive.get(usize::from(number) % alive.len().max(1)).copied()
    }

    /// What somebody swears to who is not honest: what the provider committed to, or what is right; one of them rather
    /// makes up a value of its own.
    fn values(&self, job: JobId, who: &AccountId, as_provider: bool) -> Vec<ChainingValue> {
        let committed = self.stories[&job].output.values.clone();
        if as_provider {
            return committed;
        }
        let mut values = self.right.clone();
        if *who == account(6) {
            values = committed;
            values[index(draw_of(job)[3])] = [0xac; 32];
        }
        values
    }

    fn begin(&mut self, output: Output, served: bool) -> JobId {
        self.next += 1;
        let story = Story {
            output,
            served,
            began: System::block_number(),
            caught: false,
        };
        self.stories.insert(self.next, story);
        self.next
    }

    /// One act. That it is refused is as good as that it is not.
    fn act(&mut self, act: &Act) {
        let who = |seed: &u8| account(*seed);
        match act {
            Act::Commit {
                wrong,
                panel,
                served,
            } if World::alive().len() < 3 => {
                let output = Output::wrong(&wrong.iter().copied().collect::<Vec<_>>());
                let job = self.begin(output.clone(), *served);
                commit_for(job, &output, *panel);
                let again = commitment_to(output.root(), *panel);
                VerifierPallet::begin(job, again).expect_err("it is being verified");
            }
            Act::Enquire { panel, served } if World::alive().len() < 3 => {
                let job = self.begin(Output::right(), *served);
                enquire(job, *panel);
            }
            Act::Commit { .. } | Act::Enquire { .. } => {}
            Act::Go { job, ways } => {
                let number = *job;
                if let Some(job) = self.job(number) {
                    for act in self.due(job, number, ways) {
                        self.duty(&act);
                    }
                }
            }
            Act::Blocks(count) => {
                for _ in 0..*count {
                    self.block();
                }
            }
            Act::Providers { mask } => {
                let stays = |seed: &u8| mask >> seed & 1 == 1 || is_honest(&account(*seed));
                let staying = (1..=6).filter(stays);
                World::set_providers(staying.map(|seed| (account(seed), 1_000)).collect());
            }
            Act::Supply {
                job,
                who: seed,
                tile,
            } => {
                let Some(job) = self.job(*job) else { return };
                let set = [tile % 21].into_iter().collect();
                let page = Witness::build(&[&input()], &[set]).expect("a page of it");
                let origin = RuntimeOrigin::signed(who(seed));
                let _ = VerifierPallet::supply(origin, job, 0, 0, page.inputs[0].clone());
            }
            Act::Adjudicate { job, tile } => {
                let Some(job) = self.job(*job) else { return };
                let tile = tile % TILES;
                let opening = self.stories[&job].output.opening(&[tile]);
                let _ = adjudicate(account(77), job, tile, Some(opening));
            }
            Act::Demand {
                job,
                who: seed,
                tile,
                bytes,
            } => {
                let Some(job) = self.job(*job) else { return };
                let _ = demand(who(seed), job, *tile, *bytes);
            }
            _ => self.duty(act),
        }
    }

    /// What is due in a job, of each that is not honest in its way; some do nothing.
    fn due(&self, id: JobId, number: u8, ways: &[u8; 4]) -> Vec<Act> {
        let Some(case) = Cases::<Test>::get(id) else {
            return vec![];
        };
        let claimed = VerifierPallet::disputed_tile(id).map(|(tile, ..)| tile);
        let mut acts = Vec::new();
        for (seat, way) in case.panel.iter().zip(ways.iter().cycle()) {
            let Some(who) = (1..=6).find(|seed| account(*seed) == seat.verifier) else {
                continue;
            };
            let (job, as_provider) = (number, way % 2 == 0);
            acts.push(match (case.phase, way) {
                (_, 11) => continue,
                (Phase::Attesting, 0..8) => Act::Attest {
                    job,
                    who,
                    as_provider,
                },
                (Phase::Attesting, 8) => Act::Copy { job, who },
                (Phase::Enquiring, 0..8) => Act::Have { job, who },
                (Phase::Attesting | Phase::Enquiring, _) => Act::Miss {
                    job,
                    who,
                    outputs: false,
                },
                (Phase::Revealing, _) => Act::Reveal {
                    job,
                    who,
                    as_provider,
                },
                (_, 0..5) => Act::Prove {
                    job,
                    who,
                    tile: claimed.unwrap_or(0),
                    broken: *way == 0,
                },
                _ => continue,
            });
        }
        let [way, ..] = ways;
        let (job, broken) = (number, *way == 0);
        match case.phase {
            Phase::Opening => acts.push(Act::Open { job, broken }),
            Phase::Revealing | Phase::Disputed | Phase::Challenge => {
                acts.extend(Demands::<Test>::get(id).first().map(|demand| Act::Answer {
                    job,
                    tile: demand.tile,
                    bytes: demand.bytes,
                    broken,
                }));
                acts.extend(claimed.filter(|_| *way < 4).map(|tile| Act::Prove {
                    job,
                    who: 2,
                    tile,
                    broken,
                }));
            }
            _ => {}
        }
        acts
    }

    /// A duty by whoever is not honest.
    fn duty(&mut self, act: &Act) {
        let (job, seed) = match act {
            Act::Attest { job, who, .. }
            | Act::Copy { job, who }
            | Act::Miss { job, who, .. }
            | Act::Have { job, who }
            | Act::Reveal { job, who, .. }
            | Act::Prove { job, who, .. } => (*job, *who),
            Act::Open { job, .. } | Act::Answer { job, .. } => (*job, 2),
            _ => return,
        };
        let Some(job) = self.job(job) else { return };
        let who = account(seed);
        let Some(case) = Cases::<Test>::get(job).filter(|_| !is_honest(&who)) else {
            return;
        };
        let output = self.stories[&job].output.clone();
        let is_seated = case.seat(&who).is_some();
        let is_drawn = Draws::<Test>::contains_key(job);
        match act {
            Act::Attest { as_provider, .. } if is_seated && is_drawn => {
                let _ = attest(job, &who, &self.values(job, &who, *as_provider));
            }
            Act::Copy { .. } => {
                let seen = case.panel.iter().find_map(|seat| match seat.state {
                    SeatState::Attested(commitment) => Some(commitment),
                    _ => None,
                });
                let _ = submit(attestation(job, &who, seen.unwrap_or([0; 32])));
            }
            Act::Miss { outputs, .. } => {
                let missing = if *outputs {
                    Missing::Outputs
                } else {
                    Missing::Inputs
                };
                let _ = miss(job, &who, missing);
            }
            Act::Have { .. } => {
                let _ = have(job, &who);
            }
            Act::Reveal { as_provider, .. } if is_seated && Opened::<Test>::contains_key(job) => {
                let _ = reveal(job, &who, &self.values(job, &who, *as_provider));
            }
            Act::Open { broken, .. } if is_drawn => {
                if *broken {
                    let _ = submit(opening(job, &provider(), output.opening(&[0, 1])));
                } else {
                    let _ = open(job, &output);
                }
            }
            Act::Prove { tile, broken, .. } => {
                let read = if *broken {
                    (tile + 1) % TILES
                } else {
                    tile % TILES
                };
                let known = draw_of(job).contains(tile) || *tile >= TILES;
                let opening = (!known).then(|| output.opening(&[*tile]));
                let call = proof(
                    job,
                    &who,
                    *tile,
                    opening,
                    witness(read),
                    (judging_fuel(), 2),
                );
                let _ = submit(call);
            }
            Act::Answer {
                tile,
                bytes,
                broken,
                ..
            } if *tile < TILES => {
                let open = Demands::<Test>::get(job);
                let first = open.first();
                let tile = first.map_or(*tile, |demand| demand.tile);
                let bytes = first.map_or(*bytes, |demand| demand.bytes);
                let bytes = bytes.then(|| right_bytes(tile));
                let shown = if *broken { (tile + 1) % TILES } else { tile };
                let opening = Some(output.opening(&[shown]));
                let _ = submit(answering(job, &who, tile, opening, bytes));
            }
            _ => {}
        }
    }

    /// What every honest verifier does before the block ends.
    fn do_right(&mut self) {
        for job in World::alive() {
            for seed in [3, 4] {
                let who = account(seed);
                let Some(case) = Cases::<Test>::get(job) else {
                    break;
                };
                let Some(seat) = case.seat(&who).cloned() else {
                    continue;
                };
                let served = self.stories[&job].served;
                match (case.phase, seat.state) {
                    (Phase::Attesting, SeatState::Drawn) if served => {
                        attest(job, &who, &self.right).expect("it is in time");
                    }
                    (Phase::Attesting | Phase::Enquiring, SeatState::Drawn) if !served => {
                        miss(job, &who, Missing::Inputs).expect("it is in time");
                    }
                    (Phase::Enquiring, SeatState::Drawn) => {
                        have(job, &who).expect("it is in time");
                    }
                    (Phase::Revealing, SeatState::Attested(_)) => {
                        reveal(job, &who, &self.right).expect("it is in time");
                        self.prove_wrong(job, &who, seat.place);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Has the chain judge the first wrong tile of a verifier's own.
    fn prove_wrong(&mut self, job: JobId, who: &AccountId, place: u32) {
        let case = Cases::<Test>::get(job).expect("it goes on");
        let draw = draw(job);
        let story = self.stories.get_mut(&job).expect("it began");
        let wrong = case
            .assigned(place, 2)
            .into_iter()
            .map(|position| draw[index(position)])
            .find(|tile| story.output.values[index(*tile)] != self.right[index(*tile)]);
        if let Some(tile) = wrong {
            story.caught = true;
            let call = proof(job, who, tile, None, witness(tile), (judging_fuel(), 0));
            submit(call).expect("it differs there");
        }
    }

    fn block(&mut self) {
        self.do_right();
        run_to(System::block_number() + 1);
        self.check();
    }

    /// What holds after every step.
    fn check(&mut self) {
        VerifierPallet::do_try_state().expect("every invariant holds");
        for event in events() {
            if let Event::DemandSettled { burned, .. } = event {
                self.issued -= burned;
            }
        }
        System::reset_events();
        assert_eq!(Balances::total_issuance(), self.issued);
        for charge in World::charges() {
            let job = charge.job.expect("all is in jobs");
            let unlucky = charge.offence == Offence::FalseReport && !self.stories[&job].served;
            assert!(
                !is_honest(&charge.offender) || unlucky,
                "{charge:?} against who does what it should"
            );
        }
        for job in World::alive() {
            let age = System::block_number() - self.stories[&job].began;
            assert!(age <= LONGEST, "job {job} goes on for {age} blocks");
        }
        for (job, story) in &self.stories {
            let Some(verdict) = World::verdict(*job) else {
                continue;
            };
            let convicted = matches!(verdict, Verdict::Convicted { .. });
            assert!(convicted || !story.caught, "{job}: {verdict:?}");
            if let Verdict::Convicted {
                offence: Offence::WrongResult,
                ..
            } = verdict
            {
                assert_ne!(
                    story.output.values, self.right,
                    "a right result is convicted"
                );
            }
            let paid = match verdict {
                Verdict::Upheld { verifiers }
                | Verdict::Convicted { verifiers, .. }
                | Verdict::Available { verifiers }
                | Verdict::Unavailable { verifiers } => verifiers,
                Verdict::Unverified => vec![],
            };
            let names: BTreeSet<_> = paid.iter().map(|(who, _)| who.clone()).collect();
            assert_eq!(names.len(), paid.len(), "nobody is paid twice");
            assert!(paid.iter().all(|(who, samples)| {
                *samples <= SAMPLES && *who != provider() && *who != requester()
            }));
        }
    }
}

fn draw_of(job: JobId) -> Vec<u32> {
    Draws::<Test>::get(job).unwrap_or_default().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn promises_hold_whatever_anybody_does(acts in prop::collection::vec(act(), 50..150)) {
        run(|| {
            CurrentWindows::<Test>::put(WINDOWS);
            let mut play = Play {
                right: right_values(),
                stories: BTreeMap::new(),
                next: 0,
                issued: Balances::total_issuance(),
            };
            for act in &acts {
                play.act(act);
                play.check();
            }
            // Whatever was begun ends by itself.
            for _ in 0..LONGEST {
                play.block();
            }
            assert_eq!(World::alive(), Vec::<JobId>::new());
            assert_eq!(Cases::<Test>::iter_keys().count(), 0);
            assert_eq!(Draws::<Test>::iter_keys().count(), 0);
            assert_eq!(Opened::<Test>::iter_keys().count(), 0);
            assert_eq!(Claims::<Test>::iter_keys().count(), 0);
            assert_eq!(Duties::<Test>::iter_keys().count(), 0);
            assert_eq!(Demands::<Test>::iter_keys().count(), 0);
            assert_eq!(Shown::<Test>::iter_keys().count(), 0);
            assert_eq!(Demanding::<Test>::iter_keys().count(), 0);
            assert_eq!(Supplies::<Test>::iter_keys().count(), 0);
            assert_eq!(Discarded::<Test>::iter_keys().count(), 0);
            assert_eq!(Pages::<Test>::iter_keys().count(), 0);
            for seed in (1..=7).chain([77]) {
                for reason in [HoldReason::Demand, HoldReason::Supply] {
                    assert_eq!(Balances::balance_on_hold(&reason.into(), &account(seed)), 0);
                }
            }
        });
    }
}
