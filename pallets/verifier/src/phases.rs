// SPDX-License-Identifier: Apache-2.0
//! How a case goes on: early, when all have done their duty, or by itself when a window ends.

use crate::{
    Cases, Claims, Config, CurrentWindows, Draws, Duties, Error, Event, LOG_TARGET, Opened, Pallet,
    WeightInfo, frame_support, frame_system, sp_runtime,
    types::{Case, Phase},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    api::VerificationView,
    job::{MAX_PANEL, MAX_SAMPLES},
    reason::Offence,
    slashing::{Charge, Slashing},
    verification::{Commitment, JobBook, Progress, Verdict, Verification},
};
use assay_verifier::passes;
use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Verification<AccountId, Balance, BlockNumber> for Pallet<T> {
    fn begin(
        job: JobId,
        commitment: Commitment<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        let samples = passes::total(&commitment.samples).ok_or(Error::<T>::BadCommitment)?;
        let each = (commitment.tiles.iter().zip(&commitment.samples))
            .all(|(tiles, samples)| (1..=*tiles).contains(samples));
        let count = commitment.roots.len();
        let sound = each
            && (1..=MAX_SAMPLES).contains(&samples)
            && commitment.tiles.len() == count
            && commitment.samples.len() == count
            && passes::total(&commitment.tiles).is_some()
            && commitment.panel <= MAX_PANEL;
        ensure!(sound, Error::<T>::BadCommitment);
        ensure!(!Cases::<T>::contains_key(job), Error::<T>::CaseExists);
        let now = frame_system::Pallet::<T>::block_number();
        // The second block after this one is known in the third.
        let until = now.saturating_add(3);
        let case = Case {
            provider: commitment.provider,
            requester: commitment.requester,
            roots: commitment.roots,
            tiles: commitment.tiles,
            shares: commitment.samples,
            samples,
            verifiers: commitment.panel,
            price: commitment.price,
            committed: now,
            seed: [0; 32],
            suspected: false,
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
            defensive!("a job is being verified without a case");
            return Progress::Over(Verdict::Upheld {
                verifiers: Vec::new(),
            });
        };
        if now < case.until {
            return Progress::Wait(case.until);
        }
        match case.phase {
            Phase::Drawing => {
                if !Self::draw(job, &mut case, now) {
                    case.until = now.saturating_add(1);
                    let until = case.until;
                    Cases::<T>::insert(job, case);
                    return Progress::Wait(until);
                }
            }
            Phase::Attesting => {
                let silent = Self::dismiss_owing(job, &mut case);
                Self::replace(job, &mut case, &silent);
            }
            Phase::Revealing | Phase::Disputed => {
                Self::dismiss_owing(job, &mut case);
            }
            Phase::Opening => {
                return Progress::Over(Verdict::Convicted {
                    offence: Offence::Withheld,
                    reporter: None,
                    verifiers: Self::close(job, &case),
                });
            }
            Phase::Challenge => {
                return Progress::Over(Verdict::Upheld {
                    verifiers: Self::close(job, &case),
                });
            }
        }
        case.proceed(now, &CurrentWindows::<T>::get());
        let until = case.until;
        Cases::<T>::insert(job, case);
        Progress::Wait(until)
    }

    fn advance_weight() -> Weight {
        T::WeightInfo::advance()
    }

    fn view(job: JobId) -> Option<VerificationView> {
        Self::view_of(job)
    }
}

impl<T: Config> Pallet<T> {
    /// Draws tiles and verifiers. Whether the randomness for it is there.
    fn draw(job: JobId, case: &mut Case, now: BlockNumber) -> bool {
        let Some(seed) = Self::seed(job, case, now) else {
            return false;
        };
        case.seed = seed;
        Self::draw_tiles(job, case);
        Self::draw_verifiers(job, case, &[]);
        // Fewer candidates than places: they share the samples, so that none goes unchecked.
        case.verifiers = u32::try_from(case.panel.len()).unwrap_or(case.verifiers);
        true
    }

    /// Draws verifiers for the vacant places, as long as there are rounds.
    fn replace(job: JobId, case: &mut Case, silent: &[AccountId]) {
        let round = case.round.saturating_add(1);
        if round < T::MaxRounds::get() {
            case.round = round;
            Self::draw_verifiers(job, case, silent);
        }
    }

    /// Goes on to the next phase before the window of this one has ended.
    pub(crate) fn proceed_early(job: JobId, case: &mut Case) -> DispatchResult {
        let now = frame_system::Pallet::<T>::block_number();
        case.proceed(now, &CurrentWindows::<T>::get());
        T::JobBook::hasten(job, case.until)
    }

    /// Punishes the verifiers that still owe something and takes their seats. The answer is who they were.
    fn dismiss_owing(job: JobId, case: &mut Case) -> Vec<AccountId> {
        let owing = case.owing();
        if let Some(offence) = case.phase.offence() {
            for verifier in &owing {
                Self::dismiss(job, case, offence, verifier, None);
            }
        }
        owing
    }

    /// Punishes a verifier and takes its seat.
    pub(crate) fn dismiss(
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
        if let Err(error) = with_storage_layer(|| T::Slashing::punish(charge)) {
            // Who left in between has nothing to lose here; the case goes on.
            log::warn!(target: LOG_TARGET, "job {job}: a verifier could not be punished: {error:?}");
        }
        case.panel.retain(|seat| seat.verifier != *verifier);
        Claims::<T>::remove(job, verifier);
        Duties::<T>::remove(verifier, job);
        Self::deposit_event(Event::SeatLost {
            job,
            verifier: verifier.clone(),
            offence,
        });
    }

    /// Removes all that is stored of a case. The answer is the verifiers to pay.
    pub(crate) fn close(job: JobId, case: &Case) -> Vec<(AccountId, u32)> {
        for seat in &case.panel {
            Duties::<T>::remove(&seat.verifier, job);
            Claims::<T>::remove(job, &seat.verifier);
        }
        Draws::<T>::remove(job);
        Opened::<T>::remove(job);
        Cases::<T>::remove(job);
        case.earned(T::VerifiersPerSample::get())
    }
}
