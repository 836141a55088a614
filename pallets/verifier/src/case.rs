// SPDX-License-Identifier: Apache-2.0
//! How a case goes on: plain functions of what is stored, without a chain.

use crate::types::{Case, Differences, Former, Phase, Seat, SeatState, Values, Windows};
use alloc::vec::Vec;
use assay_primitives::{AccountId, BlockNumber, reason::Offence};
use assay_verifier::ChainingValue;

/// After so many blocks the randomness of the two after a commitment is known.
pub(crate) const SEEDED: BlockNumber = 3;

impl Phase {
    /// How many blocks it lasts at most; the draw is looked for in each block.
    pub fn window(self, windows: &Windows) -> BlockNumber {
        match self {
            Self::Drawing => 1,
            Self::Attesting | Self::Enquiring => windows.attest,
            Self::Opening => windows.open,
            Self::Revealing => windows.reveal,
            Self::Disputed => windows.dispute,
            Self::Challenge => windows.challenge,
        }
    }

    /// What a verifier is guilty of that still owes something when the phase ends.
    pub fn offence(self) -> Option<Offence> {
        match self {
            Self::Attesting | Self::Enquiring => Some(Offence::NoAttestation),
            Self::Revealing => Some(Offence::NoReveal),
            Self::Disputed => Some(Offence::UnprovenAccusation),
            Self::Drawing | Self::Opening | Self::Challenge => None,
        }
    }

    /// Whether the provider serves the output of the last pass: once the opening is done, there is nothing left to copy for.
    pub fn is_served(self) -> bool {
        matches!(self, Self::Revealing | Self::Disputed | Self::Challenge)
    }
}

impl SeatState {
    /// Whether a phase waits for something from a verifier in this state: its attestation, its reveal,
    /// or the proof of what it claims.
    pub fn owes(&self, phase: Phase) -> bool {
        matches!(
            (phase, self),
            (Phase::Attesting | Phase::Enquiring, Self::Drawn)
                | (Phase::Revealing, Self::Attested(_))
                | (Phase::Disputed, Self::Differed)
        )
    }
}

impl Case {
    /// Whether there is no result: only the inputs are looked for.
    pub fn is_enquiry(&self) -> bool {
        self.roots.is_empty()
    }

    /// The phase that comes when this one is over: its duties are done, or who still owed something has
    /// lost the seat. `None` when only the verdict is left.
    pub fn following(&self) -> Option<Phase> {
        match self.phase {
            Phase::Drawing if self.is_enquiry() => Some(Phase::Enquiring),
            Phase::Drawing => Some(Phase::Attesting),
            // Who was drawn to replace others gets a window too.
            Phase::Attesting | Phase::Enquiring if self.is_waiting() => Some(self.phase),
            Phase::Attesting => Some(Phase::Opening),
            Phase::Opening => Some(Phase::Revealing),
            Phase::Revealing if self.any(|state| *state == SeatState::Differed) => {
                Some(Phase::Disputed)
            }
            Phase::Revealing | Phase::Disputed => Some(Phase::Challenge),
            Phase::Challenge | Phase::Enquiring => None,
        }
    }

    /// Begins to wait for the randomness of blocks that are not made yet.
    pub fn await_seed(&mut self, now: BlockNumber) {
        self.phase = Phase::Drawing;
        self.committed = now;
        self.seed = [0; 32];
        self.source = 0;
        self.until = now.saturating_add(SEEDED);
    }

    /// The number of a further draw of verifiers for this panel, if one has so many.
    pub fn next_round(&self, rounds: u32) -> Option<u32> {
        let next = self.round.saturating_add(1);
        let is_of_this_panel = next.checked_rem(rounds)? != 0;
        is_of_this_panel.then_some(next)
    }

    /// The number of the first draw of this panel, if one has so many rounds.
    pub fn first_round(&self, rounds: u32) -> u32 {
        let before = self.round.checked_rem(rounds).unwrap_or_default();
        self.round.saturating_sub(before)
    }

    /// The number of the first draw of another panel, if there are so many, each with so many rounds.
    pub fn round_of_next_panel(&self, rounds: u32, panels: u32) -> Option<u32> {
        let next = self.first_round(rounds).saturating_add(rounds);
        (next < rounds.saturating_mul(panels)).then_some(next)
    }

    /// Goes on to the following phase, if there is one.
    pub fn proceed(&mut self, now: BlockNumber, windows: &Windows) {
        if let Some(phase) = self.following() {
            self.phase = phase;
            let window = match phase {
                // Who knows that something is wrong needs time to find what.
                Phase::Challenge if self.suspected => windows.dispute,
                phase => phase.window(windows),
            };
            self.until = now.saturating_add(window);
        }
    }

    /// Whether the phase waits for any verifier.
    pub fn is_waiting(&self) -> bool {
        self.any(|state| state.owes(self.phase))
    }

    /// The verifiers that the phase waits for.
    pub fn owing(&self) -> Vec<AccountId> {
        self.panel
            .iter()
            .filter(|seat| seat.state.owes(self.phase))
            .map(|seat| seat.verifier.clone())
            .collect()
    }

    /// The verifiers that have done their work, each with the number of samples it is paid for.
    pub fn earned(&self, per_sample: u32) -> Vec<(AccountId, u32)> {
        self.panel
            .iter()
            .filter(|seat| seat.state != SeatState::Drawn)
            .map(|seat| {
                let samples = match self.is_enquiry() {
                    true => self.samples,
                    false => {
                        let assigned = self.assigned(seat.place, per_sample).len();
                        u32::try_from(assigned).unwrap_or(u32::MAX)
                    }
                };
                (seat.verifier.clone(), samples)
            })
            .collect()
    }

    /// Whether the verifier of a place checks the sample at a position of the draw, if each sample is
    /// checked by so many: they take turns.
    pub fn is_assigned(&self, place: u32, position: u32, per_sample: u32) -> bool {
        if per_sample >= self.verifiers {
            return true;
        }
        let first = u64::from(position)
            .saturating_mul(per_sample.into())
            .checked_rem(self.verifiers.into())
            .unwrap_or_default();
        let distance = u64::from(place)
            .saturating_add(self.verifiers.into())
            .saturating_sub(first)
            .checked_rem(self.verifiers.into())
            .unwrap_or_default();
        distance < u64::from(per_sample)
    }

    /// The positions of the draw that a place checks.
    pub fn assigned(&self, place: u32, per_sample: u32) -> Vec<u32> {
        (0..self.samples)
            .filter(|position| self.is_assigned(place, *position, per_sample))
            .collect()
    }

    /// The seat of a verifier.
    pub fn seat(&self, verifier: &AccountId) -> Option<&Seat> {
        self.panel.iter().find(|seat| seat.verifier == *verifier)
    }

    /// Moves a verifier from the panel to those who have left, whether or not what it could not fetch still counts. Whether
    /// there is room to remember it.
    pub fn vacate(&mut self, verifier: &AccountId, counts: bool) -> bool {
        let leaving = self.seat(verifier).map(|seat| Former {
            verifier: seat.verifier.clone(),
            place: seat.place,
            round: seat.round,
            missed: match seat.state {
                SeatState::Missed(missing) if counts => Some(missing),
                _ => None,
            },
        });
        self.panel.retain(|seat| seat.verifier != *verifier);
        leaving.is_none_or(|former| self.former.try_push(former).is_ok())
    }

    /// Whom the next draw of verifiers leaves out: provider and requester, and whoever was drawn before.
    pub fn excluded(&self) -> Vec<AccountId> {
        let parties = [&self.provider, &self.requester];
        let seated = self.panel.iter().map(|seat| &seat.verifier);
        let former = self.former.iter().map(|former| &former.verifier);
        parties
            .into_iter()
            .chain(seated)
            .chain(former)
            .cloned()
            .collect()
    }

    /// The places that nobody has.
    pub fn vacant(&self) -> Vec<u32> {
        (0..self.verifiers)
            .filter(|place| !self.panel.iter().any(|seat| seat.place == *place))
            .collect()
    }

    /// Notes what a verifier has done.
    pub fn set_state(&mut self, verifier: &AccountId, state: SeatState) {
        if let Some(seat) = self
            .panel
            .iter_mut()
            .find(|seat| seat.verifier == *verifier)
        {
            seat.state = state;
        }
    }

    /// Whether some seat is in a state.
    pub fn any(&self, state: impl Fn(&SeatState) -> bool) -> bool {
        self.panel.iter().any(|seat| state(&seat.state))
    }
}

impl Seat {
    /// The value that the verifier has sworn to for a sample of its own, given what was opened for it and
    /// where the verifier differs. `None` before it has revealed.
    pub fn sworn(
        &self,
        position: u32,
        opened: &ChainingValue,
        differing: &Differences,
    ) -> Option<ChainingValue> {
        match self.state {
            SeatState::Drawn | SeatState::Attested(_) | SeatState::Missed(_) | SeatState::Had => {
                None
            }
            SeatState::Agreed => Some(*opened),
            SeatState::Differed => {
                let own = differing.iter().find(|(at, _)| *at == position);
                Some(own.map_or(*opened, |(_, value)| *value))
            }
        }
    }
}

/// The values that a verifier attested: the opened ones of its samples, with its own where they differ.
///
/// `None` when a differing value is out of order, not for one of its samples, or does not differ.
pub(crate) fn own_values(
    assigned: &[u32],
    opened: &Values,
    differing: &Differences,
) -> Option<Vec<ChainingValue>> {
    let mut left = differing.iter().peekable();
    let values = assigned
        .iter()
        .map(|position| {
            let opened = opened.get(usize::try_from(*position).ok()?)?;
            match left.next_if(|(differs_at, _)| differs_at == position) {
                Some((_, own)) if own == opened => None,
                Some((_, own)) => Some(*own),
                None => Some(*opened),
            }
        })
        .collect::<Option<Vec<_>>>()?;
    left.peek().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::{
        duty::Missing,
        job::{MAX_PANEL, PerPass},
    };

    const PHASES: [Phase; 7] = [
        Phase::Drawing,
        Phase::Attesting,
        Phase::Enquiring,
        Phase::Opening,
        Phase::Revealing,
        Phase::Disputed,
        Phase::Challenge,
    ];

    const STATES: [SeatState; 6] = [
        SeatState::Drawn,
        SeatState::Attested([7; 32]),
        SeatState::Missed(Missing::Inputs),
        SeatState::Had,
        SeatState::Agreed,
        SeatState::Differed,
    ];

    fn case(phase: Phase, verifiers: u32, samples: u32, states: &[SeatState]) -> Case {
        let seats: Vec<_> = states
            .iter()
            .zip(0..)
            .map(|(state, place)| Seat {
                verifier: verifier(place),
                place,
                round: 0,
                state: *state,
            })
            .collect();
        Case {
            provider: AccountId::new([1; 32]),
            requester: AccountId::new([2; 32]),
            roots: PerPass::truncate_from(vec![[0; 32]]),
            tiles: PerPass::truncate_from(vec![1_000]),
            shares: PerPass::truncate_from(vec![samples]),
            samples,
            verifiers,
            price: 0,
            committed: 0,
            seed: [0; 32],
            source: 0,
            suspected: false,
            barred: false,
            revealed: false,
            round: 0,
            phase,
            until: 5,
            panel: seats.try_into().expect("few seats"),
            former: Default::default(),
        }
    }

    fn verifier(place: u32) -> AccountId {
        AccountId::new([u8::try_from(place).expect("few seats") + 10; 32])
    }

    #[test]
    fn every_sample_has_its_verifiers_and_the_work_is_shared_evenly() {
        for verifiers in 1..=MAX_PANEL {
            for per_sample in 1..=4 {
                let case = case(Phase::Drawing, verifiers, 48, &[]);
                let shares: Vec<_> = (0..verifiers)
                    .map(|place| case.assigned(place, per_sample))
                    .collect();
                for position in 0..48 {
                    let eyes = shares
                        .iter()
                        .filter(|share| share.contains(&position))
                        .count() as u32;
                    let expected = per_sample.min(verifiers);
                    assert_eq!(eyes, expected, "{verifiers} {per_sample} {position}");
                }
                let most = shares.iter().map(Vec::len).max().expect("a verifier");
                let least = shares.iter().map(Vec::len).min().expect("a verifier");
                assert!(most - least <= per_sample as usize);
            }
        }
    }

    #[test]
    fn following_is_the_table_of_the_readme_for_every_panel() {
        for phase in PHASES {
            for first in STATES {
                for second in STATES {
                    let case = case(phase, 2, 7, &[first, second]);
                    let any = |state| first == state || second == state;
                    let expected = match phase {
                        Phase::Drawing => Some(Phase::Attesting),
                        Phase::Attesting if any(SeatState::Drawn) => Some(Phase::Attesting),
                        Phase::Attesting => Some(Phase::Opening),
                        Phase::Enquiring if any(SeatState::Drawn) => Some(Phase::Enquiring),
                        Phase::Enquiring => None,
                        Phase::Opening => Some(Phase::Revealing),
                        Phase::Revealing if any(SeatState::Differed) => Some(Phase::Disputed),
                        Phase::Revealing | Phase::Disputed => Some(Phase::Challenge),
                        Phase::Challenge => None,
                    };
                    assert_eq!(case.following(), expected, "{phase:?} {first:?} {second:?}");
                }
            }
        }
    }

    #[test]
    fn enquiries_follow_their_draw() {
        let mut enquiry = case(Phase::Drawing, 2, 7, &[SeatState::Drawn]);
        enquiry.roots = PerPass::default();
        assert_eq!(enquiry.following(), Some(Phase::Enquiring));
        // Each is paid for as many samples.
        enquiry.set_state(&verifier(0), SeatState::Had);
        assert_eq!(enquiry.earned(2), [(verifier(0), 7)]);
    }

    #[test]
    fn every_case_ends_whatever_the_verifiers_do() {
        let windows = Windows::default();
        for first in STATES {
            for second in STATES {
                let mut case = case(Phase::Drawing, 2, 7, &[first, second]);
                let mut steps = 0;
                while case.following().is_some() {
                    // As when a window ends and nobody is replaced.
                    let owing = case.owing();
                    for verifier in owing {
                        assert!(case.vacate(&verifier, false));
                    }
                    let (phase, until) = (case.phase, case.until);
                    case.proceed(until, &windows);
                    assert_ne!(case.phase, phase);
                    assert_eq!(case.until, until + case.phase.window(&windows));
                    steps += 1;
                }
                assert!(steps <= 5);
                assert_eq!(case.phase, Phase::Challenge);
            }
        }
    }

    #[test]
    fn only_who_owes_is_waited_for_and_only_where_it_is_an_offence() {
        for phase in PHASES {
            let case = case(phase, 6, 7, &STATES);
            let owing = case.owing();
            assert_eq!(case.is_waiting(), !owing.is_empty());
            assert_eq!(phase.offence().is_some(), !owing.is_empty(), "{phase:?}");
            assert!(owing.len() <= 1);
        }
        let owing = |phase| case(phase, 6, 7, &STATES).owing();
        assert_eq!(owing(Phase::Attesting), [verifier(0)]);
        assert_eq!(owing(Phase::Enquiring), [verifier(0)]);
        assert_eq!(owing(Phase::Revealing), [verifier(1)]);
        assert_eq!(owing(Phase::Disputed), [verifier(5)]);
    }

    #[test]
    fn earned_is_for_every_verifier_that_attested_and_its_samples() {
        let case = case(Phase::Challenge, 6, 12, &STATES);
        assert_eq!(
            case.earned(2),
            (1..6).map(|place| (verifier(place), 4)).collect::<Vec<_>>()
        );
    }

    fn differences(list: &[(u32, ChainingValue)]) -> Differences {
        list.to_vec().try_into().expect("few differences")
    }

    #[test]
    fn sworn_is_the_opened_value_unless_the_verifier_claims_another() {
        let case = case(Phase::Disputed, 6, 8, &STATES);
        let claims = differences(&[(3, [9; 32])]);
        let sworn = |position| {
            case.panel
                .iter()
                .map(|seat| seat.sworn(position, &[1; 32], &claims))
                .collect::<Vec<_>>()
        };
        let none = [None; 4];
        assert_eq!(
            sworn(3),
            [&none[..], &[Some([1; 32]), Some([9; 32])]].concat()
        );
        assert_eq!(
            sworn(4),
            [&none[..], &[Some([1; 32]), Some([1; 32])]].concat()
        );
    }

    #[test]
    fn own_values_are_the_opened_ones_with_what_differs_replaced() {
        let opened = Values::truncate_from((0..6).map(|byte| [byte; 32]).collect());
        let values = |differing: &[_]| own_values(&[0, 2, 3, 5], &opened, &differences(differing));
        assert_eq!(values(&[]), Some(vec![[0; 32], [2; 32], [3; 32], [5; 32]]));
        assert_eq!(
            values(&[(2, [8; 32]), (5, [9; 32])]),
            Some(vec![[0; 32], [8; 32], [3; 32], [9; 32]])
        );
    }

    #[test]
    fn own_values_are_refused_when_a_difference_is_none_or_misplaced() {
        let opened = Values::truncate_from((0..6).map(|byte| [byte; 32]).collect());
        for differing in [
            &[(2, [2; 32])][..],
            &[(1, [9; 32])],
            &[(6, [9; 32])],
            &[(u32::MAX, [9; 32])],
            &[(5, [9; 32]), (2, [9; 32])],
            &[(2, [9; 32]), (2, [8; 32])],
        ] {
            let values = own_values(&[0, 2, 3, 5], &opened, &differences(differing));
            assert_eq!(values, None, "{differing:?}");
        }
        assert_eq!(own_values(&[6], &opened, &differences(&[])), None);
    }
}
