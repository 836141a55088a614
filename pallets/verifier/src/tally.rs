// SPDX-License-Identifier: Apache-2.0
//! Whether data can be had: what verifiers say of it, counted. See docs/decisions/0014.

use crate::types::{Case, SeatState};
use alloc::vec::Vec;
use assay_primitives::{AccountId, duty::Missing};

/// What most of those who looked have found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// They had all that they needed.
    Available,
    /// They could not fetch something.
    Missing(Missing),
    /// No majority for either.
    Nothing,
}

impl Case {
    /// What most have found.
    ///
    /// More than half of the places, or of those who have spoken if they are more, must say the same. Who left because
    /// there was no majority still counts, or one colluding verifier could outlast any number that it drives out.
    /// Where most miss something, and not most of them outputs, it may be the requester's fault as well as the
    /// provider's; and one verifier alone, where there is no other, convicts nobody.
    pub fn found(&self) -> Found {
        let (mut had, mut inputs, mut outputs) = (0u32, 0u32, 0u32);
        let seated = self.panel.iter().map(|seat| &seat.state);
        for state in seated {
            match state {
                SeatState::Drawn => {}
                SeatState::Missed(Missing::Inputs) => inputs = inputs.saturating_add(1),
                SeatState::Missed(Missing::Outputs) => outputs = outputs.saturating_add(1),
                _ => had = had.saturating_add(1),
            }
        }
        for former in &self.former {
            match former.missed {
                Some(Missing::Inputs) => inputs = inputs.saturating_add(1),
                Some(Missing::Outputs) => outputs = outputs.saturating_add(1),
                None => {}
            }
        }
        let missed = inputs.saturating_add(outputs);
        let all = had.saturating_add(missed).max(self.verifiers);
        let is_most = |count: u32| count.saturating_mul(2) > all;
        if is_most(outputs) && outputs > 1 {
            Found::Missing(Missing::Outputs)
        } else if is_most(missed) {
            Found::Missing(Missing::Inputs)
        } else if is_most(had) {
            Found::Available
        } else {
            Found::Nothing
        }
    }

    /// The verifiers with a seat that said that something cannot be fetched.
    pub fn missing(&self) -> Vec<AccountId> {
        self.seated(|state| matches!(state, SeatState::Missed(_)))
    }

    /// The verifiers with a seat in such a state.
    pub fn seated(&self, state: impl Fn(&SeatState) -> bool) -> Vec<AccountId> {
        self.panel
            .iter()
            .filter(|seat| state(&seat.state))
            .map(|seat| seat.verifier.clone())
            .collect()
    }

    /// Whether what was said can be counted only one way: nobody misses anything.
    pub fn is_unanimous(&self) -> bool {
        self.missing().is_empty() && self.former.iter().all(|former| former.missed.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Former, Phase, Seat};
    use assay_primitives::{job::MAX_PANEL, job::PerPass};

    const INPUTS: SeatState = SeatState::Missed(Missing::Inputs);
    const OUTPUTS: SeatState = SeatState::Missed(Missing::Outputs);
    const HAD: SeatState = SeatState::Attested([7; 32]);

    fn found(places: u32, seats: &[SeatState], former: &[Missing]) -> Found {
        let verifier = AccountId::new([3; 32]);
        let seats: Vec<_> = seats
            .iter()
            .zip(0..)
            .map(|(state, place)| Seat {
                verifier: verifier.clone(),
                place,
                round: 0,
                state: *state,
            })
            .collect();
        let former: Vec<_> = former
            .iter()
            .map(|missing| Former {
                verifier: verifier.clone(),
                place: 0,
                round: 0,
                missed: Some(*missing),
            })
            .collect();
        Case {
            provider: AccountId::new([1; 32]),
            requester: AccountId::new([2; 32]),
            roots: PerPass::default(),
            tiles: PerPass::default(),
            shares: PerPass::default(),
            samples: 7,
            verifiers: places,
            price: 0,
            committed: 0,
            seed: [0; 32],
            source: 0,
            suspected: false,
            barred: false,
            revealed: false,
            round: 0,
            phase: Phase::Attesting,
            until: 5,
            panel: seats.try_into().expect("few seats"),
            former: former.try_into().expect("few have left"),
        }
        .found()
    }

    #[test]
    fn majority_is_of_all_places() {
        let inputs = Found::Missing(Missing::Inputs);
        let outputs = Found::Missing(Missing::Outputs);
        for (places, seats, expected) in [
            (2, &[INPUTS, INPUTS][..], inputs),
            (2, &[OUTPUTS, OUTPUTS], outputs),
            (2, &[HAD, HAD], Found::Available),
            (2, &[HAD, INPUTS], Found::Nothing),
            // The other one was silent and has lost its seat.
            (2, &[INPUTS], Found::Nothing),
            (2, &[HAD], Found::Nothing),
            (3, &[HAD, HAD, OUTPUTS], Found::Available),
            (3, &[OUTPUTS, HAD, OUTPUTS], outputs),
            // Most miss something, and it is not clear whose fault that is.
            (3, &[OUTPUTS, INPUTS, HAD], inputs),
            (4, &[OUTPUTS, OUTPUTS, HAD, HAD], Found::Nothing),
            // There was nobody else to draw.
            (1, &[OUTPUTS], inputs),
            (0, &[], Found::Nothing),
        ] {
            assert_eq!(found(places, seats, &[]), expected, "{places} {seats:?}");
        }
    }

    #[test]
    fn who_left_undecided_still_counts() {
        let inputs = Found::Missing(Missing::Inputs);
        assert_eq!(found(2, &[HAD, INPUTS], &[Missing::Inputs]), inputs);
        assert_eq!(found(2, &[HAD, HAD], &[Missing::Inputs]), Found::Available);
        assert_eq!(
            found(2, &[HAD, OUTPUTS], &[Missing::Outputs]),
            Found::Missing(Missing::Outputs)
        );
        assert_eq!(found(2, &[HAD], &[Missing::Inputs]), Found::Nothing);
    }

    #[test]
    fn found_is_symmetric_and_needs_more_than_half_for_every_panel() {
        for had in 0..=MAX_PANEL {
            for missed in 0..=MAX_PANEL - had {
                let mut seats = vec![HAD; had as usize];
                seats.resize((had + missed) as usize, INPUTS);
                let expected = match (2 * had > had + missed, 2 * missed > had + missed) {
                    (true, _) => Found::Available,
                    (_, true) => Found::Missing(Missing::Inputs),
                    _ => Found::Nothing,
                };
                assert_eq!(found(had + missed, &seats, &[]), expected);
            }
        }
    }
}
