// SPDX-License-Identifier: Apache-2.0
//! What the off-chain worker reads of cases.

use crate::{
    Cases, Claims, Config, Draws, Duties, Openings, Pallet,
    types::{Case, Phase, SeatState},
};
use alloc::vec::Vec;
use assay_primitives::{AccountId, JobId};
use assay_verifier::ChainingValue;
use polkadot_sdk::frame_support::traits::Get;

/// What is due of a verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifierDuty {
    /// Compute these tiles and attest.
    Attest {
        /// Which draw it was chosen in.
        round: u32,
        /// Its tiles, ascending.
        tiles: Vec<u32>,
    },
    /// Show what was attested.
    Reveal {
        /// Which draw it was chosen in.
        round: u32,
        /// Its positions in the draw, ascending.
        positions: Vec<u32>,
        /// Its tiles, ascending.
        tiles: Vec<u32>,
        /// What the provider opened for them.
        opened: Vec<ChainingValue>,
    },
}

impl<T: Config> Pallet<T> {
    /// The cases that an account has a seat in.
    pub fn cases_of(verifier: &AccountId) -> Vec<JobId> {
        Duties::<T>::iter_key_prefix(verifier).collect()
    }

    /// What is due of a verifier in a case now, if anything.
    pub fn verifier_duty(job: JobId, verifier: &AccountId) -> Option<VerifierDuty> {
        let case = Cases::<T>::get(job)?;
        let seat = case.seat(verifier)?;
        let draw = Draws::<T>::get(job)?;
        let positions = case.assigned(seat.place, T::VerifiersPerSample::get());
        let at = |position: &u32| usize::try_from(*position).ok();
        let tiles = positions
            .iter()
            .filter_map(|position| draw.get(at(position)?).copied())
            .collect();
        match (case.phase, seat.state) {
            (Phase::Attesting, SeatState::Drawn) => Some(VerifierDuty::Attest {
                round: seat.round,
                tiles,
            }),
            (Phase::Revealing, SeatState::Attested(_)) => {
                let values = Openings::<T>::get(job)?;
                let opened = positions
                    .iter()
                    .filter_map(|position| values.get(at(position)?).copied())
                    .collect();
                Some(VerifierDuty::Reveal {
                    round: seat.round,
                    positions,
                    tiles,
                    opened,
                })
            }
            _ => None,
        }
    }

    /// The tiles that a provider has to open now.
    pub fn tiles_to_open(job: JobId) -> Option<Vec<u32>> {
        let case = Cases::<T>::get(job)?;
        let draw = Draws::<T>::get(job)?;
        (case.phase == Phase::Opening).then(|| draw.to_vec())
    }

    /// Whether the provider may serve its output: from the opening on there is nothing left to copy for.
    pub fn may_serve(job: JobId) -> bool {
        Cases::<T>::get(job).is_none_or(|case| {
            matches!(
                case.phase,
                Phase::Revealing | Phase::Disputed | Phase::Challenge
            )
        })
    }

    /// A tile in dispute: the first that a verifier claims another value for.
    pub fn disputed_tile(job: JobId) -> Option<u32> {
        let case: Case = Cases::<T>::get(job)?;
        if case.phase != Phase::Disputed {
            return None;
        }
        let draw = Draws::<T>::get(job)?;
        let position = case.panel.iter().find_map(|seat| {
            let claims = Claims::<T>::get(job, &seat.verifier)?;
            claims.first().map(|(position, _)| *position)
        })?;
        draw.get(usize::try_from(position).ok()?).copied()
    }
}
