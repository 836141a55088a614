// SPDX-License-Identifier: Apache-2.0
//! How a case goes on: early, when all have done their duty, or by itself when a window ends.

use crate::{
    Cases, Config, CurrentWindows, Event, LOG_TARGET, Pallet, WeightInfo, frame_support,
    frame_system, sp_runtime,
    types::{Case, Phase, SeatState},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    api::{PhaseView, SeatView, VerificationView},
    reason::Offence,
    slashing::{Charge, Slashing},
    verification::{Commitment, JobBook, Progress, Verdict, Verification},
};
use frame_support::{traits::Get, weights::Weight};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Verification<AccountId, Balance, BlockNumber> for Pallet<T> {
    fn begin(
        job: JobId,
        commitment: Commitment<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        let now = frame_system::Pallet::<T>::block_number();
        // The second block after this one is known in the third.
        let until = now.saturating_add(3);
        let case = Case {
            provider: commitment.provider,
            requester: commitment.requester,
            root: commitment.root,
            tiles: commitment.tiles,
            samples: commitment.samples,
            verifiers: commitment.panel,
            price: commitment.price,
            committed: now,
            seed: [0; 32],
            round: 0,
            phase: Phase::Drawing,
            until,
            panel: Default::default(),
        };
        Cases::<T>::insert(job, case);
        Ok(until)
    }

    fn advance(job: JobId, now: BlockNumber) -> Progress<AccountId, BlockNumber> {
        let Some(mut case) = Cases::<T>::get(job) else {
            log::error!(target: LOG_TARGET, "job {job} is verified but has no case");
            return Progress::Over(Verdict::Upheld {
                verifiers: Vec::new(),
            });
        };
        if now < case.until {
            return Progress::Wait(case.until);
        }
        match case.phase {
            Phase::Drawing => Self::draw(job, &mut case, now),
            Phase::Attesting => Self::end_attesting(job, &mut case, now),
            Phase::Opening => {
                let verifiers =
                    Self::earned(&case, |state| matches!(state, SeatState::Attested(_)));
                Self::remove(job, &case);
                return Progress::Over(Verdict::Convicted {
                    offence: Offence::Withheld,
                    reporter: None,
                    verifiers,
                });
            }
            Phase::Revealing => {
                Self::dismiss(job, &mut case, Offence::NoReveal, |state| {
                    matches!(state, SeatState::Attested(_))
                });
                let phase = Self::after_reveals(&case);
                Self::start(&mut case, phase, now);
            }
            Phase::Disputed => {
                Self::dismiss(job, &mut case, Offence::UnprovenAccusation, |state| {
                    *state == SeatState::Differed
                });
                Self::start(&mut case, Phase::Challenge, now);
            }
            Phase::Challenge => {
                let verifiers = Self::earned(&case, |state| *state == SeatState::Agreed);
                Self::remove(job, &case);
                return Progress::Over(Verdict::Upheld { verifiers });
            }
        }
        let until = case.until;
        Cases::<T>::insert(job, case);
        Progress::Wait(until)
    }

    fn advance_weight() -> Weight {
        T::WeightInfo::advance()
    }

    fn view(job: JobId) -> Option<VerificationView> {
        let case = Cases::<T>::get(job)?;
        let tiles = crate::Draws::<T>::get(job).unwrap_or_default();
        Some(VerificationView {
            phase: match case.phase {
                Phase::Drawing => PhaseView::Drawing,
                Phase::Attesting => PhaseView::Attesting,
                Phase::Opening => PhaseView::Opening,
                Phase::Revealing => PhaseView::Revealing,
                Phase::Disputed => PhaseView::Disputed,
                Phase::Challenge => PhaseView::Challenge,
            },
            until: case.until,
            panel: case
                .panel
                .iter()
                .map(|seat| SeatView {
                    verifier: seat.verifier.clone(),
                    attested: seat.state != SeatState::Drawn,
                    agrees: match seat.state {
                        SeatState::Drawn | SeatState::Attested(_) => None,
                        SeatState::Agreed => Some(true),
                        SeatState::Differed => Some(false),
                    },
                })
                .collect(),
            tiles: tiles.to_vec(),
        })
    }
}

impl<T: Config> Pallet<T> {
    /// Draws, if the randomness is there; else waits for the next block.
    fn draw(job: JobId, case: &mut Case, now: BlockNumber) {
        let Some(seed) = Self::seed(job, case, now) else {
            case.until = now.saturating_add(1);
            return;
        };
        case.seed = seed;
        Self::draw_tiles(job, case);
        Self::draw_verifiers(job, case, &[]);
        let phase = if case.panel.is_empty() {
            Phase::Opening
        } else {
            Phase::Attesting
        };
        Self::start(case, phase, now);
    }

    /// Replaces who was silent, as long as there are rounds and candidates.
    fn end_attesting(job: JobId, case: &mut Case, now: BlockNumber) {
        let silent = Self::dismiss(job, case, Offence::NoAttestation, |state| {
            *state == SeatState::Drawn
        });
        if case.round.saturating_add(1) < T::MaxRounds::get() {
            case.round = case.round.saturating_add(1);
            Self::draw_verifiers(job, case, &silent);
        }
        let waiting = case.any(|state| *state == SeatState::Drawn);
        Self::start(
            case,
            if waiting {
                Phase::Attesting
            } else {
                Phase::Opening
            },
            now,
        );
    }

    /// Starts a phase.
    fn start(case: &mut Case, phase: Phase, now: BlockNumber) {
        let windows = CurrentWindows::<T>::get();
        let window = match phase {
            Phase::Drawing => 1,
            Phase::Attesting => windows.attest,
            Phase::Opening => windows.open,
            Phase::Revealing => windows.reveal,
            Phase::Disputed => windows.dispute,
            Phase::Challenge => windows.challenge,
        };
        case.phase = phase;
        case.until = now.saturating_add(window);
    }

    /// Starts a phase early.
    pub(crate) fn enter(job: JobId, case: &mut Case, phase: Phase) -> DispatchResult {
        Self::start(case, phase, frame_system::Pallet::<T>::block_number());
        T::JobBook::hasten(job, case.until)
    }

    fn after_reveals(case: &Case) -> Phase {
        if case.any(|state| *state == SeatState::Differed) {
            Phase::Disputed
        } else {
            Phase::Challenge
        }
    }

    /// Starts early what follows when all have revealed.
    pub(crate) fn enter_after_reveals(job: JobId, case: &mut Case) -> DispatchResult {
        let phase = Self::after_reveals(case);
        Self::enter(job, case, phase)
    }

    /// Punishes the verifiers in a state and takes their seats. The answer is who they were.
    pub(crate) fn dismiss(
        job: JobId,
        case: &mut Case,
        offence: Offence,
        state: impl Fn(&SeatState) -> bool,
    ) -> Vec<AccountId> {
        let verifiers: Vec<_> = case
            .panel
            .iter()
            .filter(|seat| state(&seat.state))
            .map(|seat| seat.verifier.clone())
            .collect();
        for verifier in &verifiers {
            Self::dismiss_one(job, case, offence, verifier, None);
        }
        verifiers
    }

    /// Punishes a verifier and takes its seat.
    pub(crate) fn dismiss_one(
        job: JobId,
        case: &mut Case,
        offence: Offence,
        verifier: &AccountId,
        reporter: Option<AccountId>,
    ) {
        let charge = Charge {
            offence,
            job,
            offender: verifier.clone(),
            bond: 0,
            price: case.price,
            reporter,
            requester: None,
        };
        if let Err(error) = T::Slashing::punish(charge) {
            // Who left in between has nothing to lose here; the case goes on.
            log::warn!(target: LOG_TARGET, "job {job}: a verifier could not be punished: {error:?}");
        }
        case.panel.retain(|seat| seat.verifier != *verifier);
        crate::Claims::<T>::remove(job, verifier);
        crate::Duties::<T>::remove(verifier, job);
        Self::deposit_event(Event::SeatLost {
            job,
            verifier: verifier.clone(),
            offence,
        });
    }

    /// The verifiers in a state, each with the samples it is paid for.
    pub(crate) fn earned(case: &Case, state: impl Fn(&SeatState) -> bool) -> Vec<(AccountId, u32)> {
        case.panel
            .iter()
            .filter(|seat| state(&seat.state))
            .map(|seat| {
                let samples = case
                    .assigned(seat.place, T::VerifiersPerSample::get())
                    .len();
                (
                    seat.verifier.clone(),
                    u32::try_from(samples).unwrap_or(u32::MAX),
                )
            })
            .collect()
    }

    /// Removes all that is stored of a case.
    pub(crate) fn remove(job: JobId, case: &Case) {
        for seat in &case.panel {
            crate::Duties::<T>::remove(&seat.verifier, job);
            crate::Claims::<T>::remove(job, &seat.verifier);
        }
        crate::Draws::<T>::remove(job);
        crate::Openings::<T>::remove(job);
        Cases::<T>::remove(job);
    }
}
