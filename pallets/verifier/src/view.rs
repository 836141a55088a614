// SPDX-License-Identifier: Apache-2.0
//! What clients and the off-chain worker read of cases.

use crate::{
    Cases, Claims, Config, Demands, Draws, Duties, Opened, Pallet,
    types::{Case, Demand, Phase, Seat, SeatState},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, JobId,
    api::{DemandView, DrawView, PhaseView, PlaceView, SeatView, VerificationView},
};
use assay_verifier::{ChainingValue, passes};
use polkadot_sdk::frame_support::traits::Get;

/// What is due of a verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifierDuty {
    /// Compute these tiles and attest, or say what cannot be fetched.
    Attest {
        /// The seed of the case.
        seed: [u8; 32],
        /// Which draw it was chosen in.
        round: u32,
        /// Its tiles of each pass, ascending.
        tiles: Vec<Vec<u32>>,
    },
    /// Say whether the inputs can be fetched.
    Look {
        /// The seed of the case.
        seed: [u8; 32],
        /// Which draw it was chosen in.
        round: u32,
    },
    /// Show what was attested.
    Reveal {
        /// The seed of the case.
        seed: [u8; 32],
        /// Which draw it was chosen in.
        round: u32,
        /// Its positions in the draw, ascending.
        positions: Vec<u32>,
        /// What the provider opened for them.
        opened: Vec<ChainingValue>,
    },
}

impl From<Phase> for PhaseView {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Drawing => Self::Drawing,
            Phase::Attesting => Self::Attesting,
            Phase::Enquiring => Self::Enquiring,
            Phase::Opening => Self::Opening,
            Phase::Revealing => Self::Revealing,
            Phase::Disputed => Self::Disputed,
            Phase::Challenge => Self::Challenge,
        }
    }
}

impl From<Seat> for SeatView {
    fn from(seat: Seat) -> Self {
        Self {
            verifier: seat.verifier,
            attested: !matches!(seat.state, SeatState::Drawn | SeatState::Missed(_)),
            missing: match seat.state {
                SeatState::Missed(missing) => Some(missing),
                _ => None,
            },
            agrees: match seat.state {
                SeatState::Agreed => Some(true),
                SeatState::Differed => Some(false),
                _ => None,
            },
        }
    }
}

impl<T: Config> Pallet<T> {
    /// What a client is shown of a case.
    pub(crate) fn view_of(job: JobId) -> Option<VerificationView> {
        let case = Cases::<T>::get(job)?;
        Some(VerificationView {
            phase: case.phase.into(),
            until: case.until,
            panel: case.panel.into_iter().map(SeatView::from).collect(),
            tiles: Draws::<T>::get(job).unwrap_or_default().to_vec(),
        })
    }

    /// The draw of a case, with all that it follows from.
    pub fn draw_of(job: JobId) -> Option<DrawView> {
        let case = Cases::<T>::get(job)?;
        let place = |verifier: &AccountId, place, round, seated| PlaceView {
            verifier: verifier.clone(),
            place,
            round,
            seated,
        };
        let former = case
            .former
            .iter()
            .map(|former| place(&former.verifier, former.place, former.round, false));
        let seated = case
            .panel
            .iter()
            .map(|seat| place(&seat.verifier, seat.place, seat.round, true));
        let mut drawn: Vec<PlaceView> = former.chain(seated).collect();
        drawn.sort_by_key(|view| (view.round, view.place));
        Some(DrawView {
            seed: (case.source != 0).then_some(case.seed),
            source: case.source,
            tiles: case.tiles.to_vec(),
            shares: case.shares.to_vec(),
            sampled: Draws::<T>::get(job).unwrap_or_default().to_vec(),
            places: case.verifiers,
            first: case.first_round(T::MaxRounds::get()),
            parties: [case.provider, case.requester],
            drawn,
        })
    }

    /// The cases that an account has a seat in.
    pub fn cases_of(verifier: &AccountId) -> Vec<JobId> {
        Duties::<T>::iter_key_prefix(verifier).collect()
    }

    /// What is due of a verifier in a case now, if anything.
    pub fn verifier_duty(job: JobId, verifier: &AccountId) -> Option<VerifierDuty> {
        let case = Cases::<T>::get(job)?;
        let seat = case.seat(verifier)?;
        let draw = Draws::<T>::get(job).unwrap_or_default();
        let positions = case.assigned(seat.place, T::VerifiersPerSample::get());
        let at = |position: &u32| usize::try_from(*position).ok();
        match (case.phase, seat.state) {
            (Phase::Attesting, SeatState::Drawn) => {
                let tiles: Vec<u32> = positions
                    .iter()
                    .filter_map(|position| draw.get(at(position)?).copied())
                    .collect();
                Some(VerifierDuty::Attest {
                    seed: case.seed,
                    round: seat.round,
                    tiles: passes::split(&case.tiles, &tiles),
                })
            }
            (Phase::Enquiring, SeatState::Drawn) => Some(VerifierDuty::Look {
                seed: case.seed,
                round: seat.round,
            }),
            (Phase::Revealing, SeatState::Attested(_)) => {
                let values = Opened::<T>::get(job)?;
                let opened = positions
                    .iter()
                    .filter_map(|position| values.get(at(position)?).copied())
                    .collect();
                Some(VerifierDuty::Reveal {
                    seed: case.seed,
                    round: seat.round,
                    positions,
                    opened,
                })
            }
            _ => None,
        }
    }

    /// What the provider of a job has to answer.
    pub fn demands_of(job: JobId) -> Vec<DemandView> {
        let Some(case) = Cases::<T>::get(job) else {
            return Vec::new();
        };
        let view = |demand: Demand| {
            let (pass, number) = passes::locate(&case.tiles, demand.tile)?;
            Some(DemandView {
                tile: demand.tile,
                pass: u32::try_from(pass).ok()?,
                number,
                by: demand.by,
                bytes: demand.bytes,
                until: demand.until,
            })
        };
        Demands::<T>::get(job)
            .into_iter()
            .filter_map(view)
            .collect()
    }

    /// The tiles of each pass that a provider has to open now.
    pub fn tiles_to_open(job: JobId) -> Option<Vec<Vec<u32>>> {
        let case = Cases::<T>::get(job)?;
        let draw = Draws::<T>::get(job)?;
        (case.phase == Phase::Opening).then(|| passes::split(&case.tiles, &draw))
    }

    /// The seed for a job's checker, while its outputs are served and the verdict is open.
    pub fn checking_seed(job: JobId) -> Option<[u8; 32]> {
        let case = Cases::<T>::get(job)?;
        case.phase.is_served().then_some(case.seed)
    }

    /// Whether the chain has found a tile of the job's checker that is not zeros.
    pub fn is_suspected(job: JobId) -> bool {
        Cases::<T>::get(job).is_some_and(|case| case.suspected)
    }

    /// The number of the checker's first tile.
    pub fn first_checked(job: JobId) -> Option<u32> {
        passes::total(&Cases::<T>::get(job)?.tiles)
    }

    /// Whether the provider may serve its output: once the opening is done, there is nothing left to copy for.
    pub fn may_serve(job: JobId) -> bool {
        Cases::<T>::get(job).is_none_or(|case| case.phase.is_served())
    }

    /// A tile in dispute, numbered through all passes, with its pass and its number there: the first that a
    /// verifier claims another value for.
    pub fn disputed_tile(job: JobId) -> Option<(u32, usize, u32)> {
        let case: Case = Cases::<T>::get(job)?;
        if case.phase != Phase::Disputed {
            return None;
        }
        let draw = Draws::<T>::get(job)?;
        let position = case.panel.iter().find_map(|seat| {
            let claims = Claims::<T>::get(job, &seat.verifier)?;
            claims.first().map(|(position, _)| *position)
        })?;
        let tile = *draw.get(usize::try_from(position).ok()?)?;
        let (pass, number) = passes::locate(&case.tiles, tile)?;
        Some((tile, pass, number))
    }
}
