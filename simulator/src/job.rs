// SPDX-License-Identifier: Apache-2.0
//! One job, from the acceptance to its settlement, as the pallets take it.

mod settlement;

use crate::{
    cast::{Cast, Delivery, ReportsItself, RequesterPlay, VerifierPlay, WhenSeen},
    chance::Chance,
    court::{Charge, Court},
    ledger::{Ledger, Party, part},
    market::{Market, Terms},
    outcome::Outcome,
    panel::{Found, found, is_assigned},
};
use assay_primitives::{
    Balance,
    reason::{Offence, Reason},
};
use assay_verifier::sampling;

/// The provider of the job.
const PROVIDER: usize = 0;

/// What somebody on a panel has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Drawn,
    Attested,
    Missed,
    Revealed,
}

/// A seat of a panel.
#[derive(Clone, Copy, Debug)]
struct Seat {
    who: usize,
    place: u32,
    state: State,
}

/// Plays a job to its end.
pub fn play(market: &Market, cast: &Cast, chance: Chance) -> Outcome {
    Play::new(market, cast, chance).run()
}

struct Play<'a> {
    market: &'a Market,
    cast: &'a Cast,
    chance: Chance,
    terms: Terms,
    court: Court<'a>,
    ledger: Ledger,
    panel: Vec<Seat>,
    gone: Vec<usize>,
    /// Who left because there was no majority, and had said that something was missing.
    complained: u32,
    draw: Vec<u32>,
    /// Whether somebody outside the coalition checks a wrong tile.
    seen: bool,
    /// Whether somebody of the panel has shown its values.
    revealed: bool,
    seed: [u8; 32],
}

impl<'a> Play<'a> {
    fn new(market: &'a Market, cast: &'a Cast, mut chance: Chance) -> Self {
        let seed = chance.seed();
        Self {
            market,
            cast,
            chance,
            terms: market.terms(),
            court: Court::new(market),
            ledger: Ledger::new(market.providers as usize),
            panel: Vec::new(),
            gone: Vec::new(),
            complained: 0,
            draw: Vec::new(),
            seen: false,
            revealed: false,
            seed,
        }
    }

    fn run(mut self) -> Outcome {
        self.ledger
            .pay(Party::Requester, Party::Burned, self.market.transaction);
        let reason = if self.cast.requester == RequesterPlay::NoInputs {
            Reason::NoBid
        } else {
            match self.cast.provider.delivers {
                Delivery::Commits => self.verify(),
                Delivery::Nothing => self.missed_deadline(),
                Delivery::BlamesInputs | Delivery::HasLostInputs => self.enquire(),
            }
        };
        Outcome {
            reason,
            ledger: self.ledger,
        }
    }

    fn is_member(&self, provider: usize) -> bool {
        self.cast.members[provider]
    }

    /// Which share of the tiles is wrong is settled by their numbers: every tile is as likely to be drawn.
    fn is_wrong(&self, tile: u32) -> bool {
        let all: u32 = self.market.tiles.iter().sum();
        let wrong = (f64::from(all) * self.cast.provider.makes_up).round() as u32;
        tile < wrong || (self.cast.provider.plants_one && tile + 1 == all)
    }

    fn charge(&mut self, offence: Offence, offender: usize, reporter: Option<Party>) -> Balance {
        let of_provider = offender == PROVIDER
            && !matches!(
                offence,
                Offence::FalseReport | Offence::NoAttestation | Offence::NoReveal
            );
        let charge = Charge {
            offence,
            offender,
            bond: match of_provider {
                true => self.terms.contract.bond,
                false => 0,
            },
            reporter,
            harmed: of_provider,
        };
        self.court.punish(&mut self.ledger, charge).requester
    }

    /// The provider let the deadline pass. Others rescue the job, for a part of what the requester got.
    fn missed_deadline(&mut self) -> Reason {
        let compensation = self.charge(Offence::MissedDeadline, PROVIDER, None);
        let bounty = self.market.protocol.bounty.mul_floor(compensation);
        self.ledger.pay(Party::Requester, Party::Watcher, bounty);
        Reason::MissedDeadline
    }

    /// The provider says that the inputs cannot be had. Verifiers look.
    fn enquire(&mut self) -> Reason {
        let places = self.market.protocol.enquiry_panel;
        self.seat(places, 0);
        // Inputs that the requester keeps from the provider it keeps from strangers, too; verifiers of the coalition
        // say what suits it.
        let there = self.cast.provider.delivers == Delivery::BlamesInputs;
        let says_there = |seat: &Seat| match self.is_member(seat.who) {
            true if self.is_member(PROVIDER) => false,
            true if self.cast.owns_requester => true,
            _ => there,
        };
        let had = self.panel.iter().filter(|seat| says_there(seat)).count() as u32;
        let missed = self.panel.len() as u32 - had;
        let verdict = found(places, had, missed);
        let paid: Vec<_> = (self.panel.iter())
            .filter(|seat| match verdict {
                Found::There => says_there(seat),
                Found::Missing => !says_there(seat),
                Found::Nothing => false,
            })
            .map(|seat| seat.who)
            .collect();
        let liars: Vec<_> = (self.panel.iter())
            .filter(|seat| verdict == Found::There && !says_there(seat))
            .map(|seat| seat.who)
            .collect();
        self.pay_enquiry(&paid);
        for liar in liars {
            self.charge(Offence::FalseReport, liar, None);
        }
        match verdict {
            Found::There => {
                let reason = self.missed_deadline();
                self.charge(Offence::FalseReport, PROVIDER, None);
                reason
            }
            Found::Missing => Reason::Unavailable,
            Found::Nothing => Reason::Unverified,
        }
    }

    /// The provider has committed to a result.
    fn verify(&mut self) -> Reason {
        let computed = 1.0 - self.cast.provider.makes_up;
        let cost = part(self.market.price, self.market.cost * computed);
        self.ledger
            .pay(Party::Provider(PROVIDER), Party::World, cost);
        for _ in 0..self.market.protocol.panels {
            if let Some(reason) = self.check() {
                return reason;
            }
            if self.revealed {
                return self.watch();
            }
            // Others are drawn for other tiles, by a seed that nobody knew.
            self.seed = self.chance.seed();
        }
        // The output is served by now: who bought it has it.
        self.enjoy();
        self.unverified()
    }

    /// A panel checks the result. The reason, if that ends the job.
    fn check(&mut self) -> Option<Reason> {
        let passes = (self.market.tiles.iter().copied()).zip(self.terms.samples.iter().copied());
        self.draw = sampling::draw_passes(&self.seed, passes);
        if let Some(reason) = self.attest() {
            return Some(reason);
        }
        if self.cast.provider.when_seen == WhenSeen::Withholds && self.seen {
            return Some(self.convict(Offence::Withheld, None));
        }
        self.reveal()
    }

    /// Draws verifiers for the vacant places.
    fn seat(&mut self, places: u32, round: u32) {
        let vacant: Vec<u32> = (0..places)
            .filter(|place| self.panel.iter().all(|seat| seat.place != *place))
            .collect();
        let excluded = |who: &usize| {
            *who == PROVIDER
                || self.gone.contains(who)
                || self.panel.iter().any(|seat| seat.who == *who)
        };
        let stakes: Vec<Balance> = (0..self.market.providers as usize)
            .map(|who| {
                if excluded(&who) {
                    0
                } else {
                    self.court.stake(who)
                }
            })
            .collect();
        let mut hasher = blake3::Hasher::new_derive_key("assay draw round v1");
        hasher.update(&self.seed).update(&round.to_le_bytes());
        let seed = *hasher.finalize().as_bytes();
        let drawn = sampling::draw_weighted(&seed, &stakes, vacant.len() as u32);
        for (place, who) in vacant.into_iter().zip(drawn) {
            self.panel.push(Seat {
                who,
                place,
                state: State::Drawn,
            });
        }
    }

    /// Whether a place checks the sample at a position of the draw.
    fn checks(&self, place: u32, position: usize) -> bool {
        let fees = &self.terms.job.fees;
        is_assigned(place, position as u32, fees.per_sample, fees.panel)
    }

    /// The samples of a place, as positions of the draw.
    fn assigned(&self, place: u32) -> Vec<usize> {
        (0..self.draw.len())
            .filter(|position| self.checks(place, *position))
            .collect()
    }

    /// Looks whether somebody outside the coalition checks a wrong tile.
    fn look(&mut self) {
        self.seen = self.panel.iter().any(|seat| {
            !self.is_member(seat.who)
                && (self.assigned(seat.place).iter())
                    .any(|position| self.is_wrong(self.draw[*position]))
        });
    }

    /// Verifiers attest, blind, or say that they cannot. The reason, if that ends the job.
    fn attest(&mut self) -> Option<Reason> {
        let places = self.terms.job.fees.panel;
        for round in 0..self.market.protocol.rounds {
            self.seat(places, round);
            self.look();
            self.speak();
            for who in self.in_state(State::Drawn) {
                self.dismiss(who, Offence::NoAttestation, None);
            }
            let missed = self.in_state(State::Missed);
            let had = self.in_state(State::Attested).len() as u32;
            match found(places, had, missed.len() as u32 + self.complained) {
                Found::Missing => {
                    return Some(self.convict(Offence::Unserved, None));
                }
                Found::There => {
                    for who in missed {
                        self.dismiss(who, Offence::FalseReport, None);
                    }
                }
                Found::Nothing => {
                    self.complained += missed.len() as u32;
                    for who in missed {
                        self.vacate(who);
                    }
                }
            }
            if self.panel.len() as u32 == places {
                break;
            }
        }
        self.in_state(State::Attested)
            .is_empty()
            .then(|| self.unverified())
    }

    /// Who was drawn does what it does.
    fn speak(&mut self) {
        let blames = self.cast.verifiers == VerifierPlay::BlamesOutputs && self.may_outvote();
        let kept_back = self.cast.provider.when_seen == WhenSeen::StopsServing && self.seen;
        for at in 0..self.panel.len() {
            let Seat { who, place, state } = self.panel[at];
            if state != State::Drawn {
                continue;
            }
            let plays = match self.is_member(who) {
                true => self.cast.verifiers,
                false => VerifierPlay::Honest,
            };
            self.panel[at].state = match plays {
                VerifierPlay::Silent => State::Drawn,
                VerifierPlay::BlamesOutputs if blames => State::Missed,
                _ if kept_back && !self.is_member(who) => State::Missed,
                _ => State::Attested,
            };
            if self.panel[at].state == State::Attested {
                let computed = self.computes(plays, place);
                let cost = self.market.cost_of_checks(&self.terms, computed);
                self.ledger.pay(Party::Provider(who), Party::World, cost);
            }
        }
    }

    /// Whether verifiers of the coalition are most of those who have spoken and are about to, or can be with whoever is
    /// drawn in their place: without a majority nobody is punished.
    fn may_outvote(&self) -> bool {
        let ours = (self.panel.iter())
            .filter(|seat| self.is_member(seat.who) && seat.state == State::Drawn)
            .count() as u32
            + self.complained;
        let all = (self.panel.len() as u32 + self.complained).max(self.terms.job.fees.panel);
        let first = self.gone.is_empty();
        2 * ours > all || (first && 2 * ours == all)
    }

    /// How many of its samples a verifier computes.
    fn computes(&self, plays: VerifierPlay, place: u32) -> usize {
        let assigned = self.assigned(place);
        match plays {
            VerifierPlay::Silent | VerifierPlay::Guesses | VerifierPlay::CopiesHash => 0,
            VerifierPlay::Accomplice if !self.seen => 0,
            VerifierPlay::CopiesServed => (assigned.iter())
                .filter(|position| !self.is_early(self.draw[**position]))
                .count(),
            VerifierPlay::Honest
            | VerifierPlay::Accomplice
            | VerifierPlay::Accuses
            | VerifierPlay::MuteTogether
            | VerifierPlay::BlamesOutputs => assigned.len(),
        }
    }

    /// Whether a tile is of a pass whose output is served before the attestations.
    fn is_early(&self, tile: u32) -> bool {
        let last = self.market.tiles.last().copied().unwrap_or_default();
        tile < self.market.tiles.iter().sum::<u32>() - last
    }

    fn in_state(&self, state: State) -> Vec<usize> {
        (self.panel.iter())
            .filter(|seat| seat.state == state)
            .map(|seat| seat.who)
            .collect()
    }

    fn vacate(&mut self, who: usize) {
        self.panel.retain(|seat| seat.who != who);
        self.gone.push(who);
    }

    fn dismiss(&mut self, who: usize, offence: Offence, reporter: Option<Party>) {
        self.charge(offence, who, reporter);
        self.vacate(who);
    }

    /// What a verifier swears to of a sample: whether it is the right value, and whether it is the provider's.
    fn sworn(&self, seat: &Seat, position: usize) -> (bool, bool) {
        let tile = self.draw[position];
        let agrees = (!self.is_wrong(tile), true);
        let computed = (true, !self.is_wrong(tile));
        let nonsense = (false, false);
        if !self.is_member(seat.who) {
            return computed;
        }
        match self.cast.verifiers {
            VerifierPlay::Accomplice if !self.seen => agrees,
            VerifierPlay::Guesses => nonsense,
            VerifierPlay::CopiesServed if self.is_early(tile) => agrees,
            VerifierPlay::Accuses if self.assigned(seat.place).first() == Some(&position) => {
                nonsense
            }
            _ => computed,
        }
    }

    /// Verifiers reveal, and what they differ on is judged. The reason, if that ends the job.
    fn reveal(&mut self) -> Option<Reason> {
        let all_ours = self.panel.iter().all(|seat| self.is_member(seat.who));
        let mute = match self.cast.verifiers {
            VerifierPlay::CopiesHash => true,
            VerifierPlay::MuteTogether => all_ours,
            _ => false,
        };
        for at in 0..self.panel.len() {
            if !(mute && self.is_member(self.panel[at].who)) {
                self.panel[at].state = State::Revealed;
            }
        }
        for who in self.in_state(State::Attested) {
            self.dismiss(who, Offence::NoReveal, None);
        }
        self.revealed = !self.panel.is_empty();
        let disputed: Vec<usize> = (0..self.draw.len())
            .filter(|position| {
                self.panel.iter().any(|seat| {
                    self.checks(seat.place, *position) && !self.sworn(seat, *position).1
                })
            })
            .collect();
        if disputed.is_empty() {
            return None;
        }
        if !self.chance.happens(self.market.proof) {
            let differing: Vec<_> = (self.panel.iter())
                .filter(|seat| {
                    (self.assigned(seat.place).iter())
                        .any(|position| !self.sworn(seat, *position).1)
                })
                .map(|seat| seat.who)
                .collect();
            for who in differing {
                self.dismiss(who, Offence::UnprovenAccusation, None);
            }
            return None;
        }
        for position in disputed {
            if self.is_wrong(self.draw[position]) {
                let finder = (self.panel.iter())
                    .find(|seat| {
                        self.checks(seat.place, position)
                            && self.sworn(seat, position) == (true, false)
                    })
                    .map(|seat| Party::Provider(seat.who));
                return Some(self.prove(Some(position), finder.unwrap_or(Party::Watcher)));
            }
            self.punish_liars(position, Party::Provider(PROVIDER));
        }
        None
    }

    /// Punishes who swore to a wrong value of a sample.
    fn punish_liars(&mut self, position: usize, reporter: Party) {
        let liars: Vec<_> = (self.panel.iter())
            .filter(|seat| self.checks(seat.place, position) && !self.sworn(seat, position).0)
            .map(|seat| seat.who)
            .collect();
        for liar in liars {
            self.dismiss(liar, Offence::FalseAttestation, Some(reporter));
        }
    }

    /// The chain re-executes a wrong tile.
    fn prove(&mut self, position: Option<usize>, reporter: Party) -> Reason {
        let reporter = match self.cast.reports_itself {
            ReportsItself::Never => reporter,
            ReportsItself::BeforeOthers | ReportsItself::Always => Party::Friend,
        };
        if let Some(position) = position {
            self.punish_liars(position, reporter);
        }
        self.convict(Offence::WrongResult, Some(reporter))
    }

    /// Nobody on the panel differs any more. Strangers may look on, and the coalition may report itself.
    fn watch(&mut self) -> Reason {
        let wrong = self.cast.provider.makes_up > 0.0 || self.cast.provider.plants_one;
        if wrong && self.cast.reports_itself == ReportsItself::Always {
            return self.prove(None, Party::Friend);
        }
        if wrong && self.chance.happens(self.market.watched) {
            return self.prove(None, Party::Watcher);
        }
        self.settle(Reason::Settled)
    }

    fn unverified(&mut self) -> Reason {
        self.panel.clear();
        self.settle(Reason::Unverified)
    }

    fn convict(&mut self, offence: Offence, reporter: Option<Party>) -> Reason {
        self.charge(offence, PROVIDER, reporter);
        let reason = match offence {
            Offence::WrongResult => Reason::WrongResult,
            _ => Reason::Withheld,
        };
        self.settle(reason)
    }
}
