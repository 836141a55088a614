// SPDX-License-Identifier: Apache-2.0
//! What verifiers say of data: that it cannot be fetched, or that it can. See docs/decisions/0014.

use crate::{
    Cases, Config, Error, Event, Pallet,
    duties::{HAVE, MISS},
    frame_support, sp_runtime,
    types::{Case, Phase, SeatState},
};
use assay_primitives::{
    AccountId, JobId,
    duty::{Duty, Missing, WorkerSignature},
};
use assay_verifier::passes;
use frame_support::{ensure, traits::Get};
use sp_runtime::{
    DispatchError, DispatchResult,
    transaction_validity::{TransactionSource, TransactionValidityWithRefund},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn authorize_miss(
        _source: TransactionSource,
        job: &JobId,
        verifier: &AccountId,
        round: &u32,
        missing: &Missing,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let case = Self::miss_due(*job, verifier, *round, *missing).map_err(Self::refusal)?;
        let duty = Duty::Miss {
            seed: case.seed,
            round: *round,
            missing: *missing,
        };
        Self::admit(*job, verifier, &duty, signature, (MISS, *round), case.until)
    }

    pub(crate) fn authorize_have(
        _source: TransactionSource,
        job: &JobId,
        verifier: &AccountId,
        round: &u32,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let case =
            Self::report_due(*job, &[Phase::Enquiring], verifier, *round).map_err(Self::refusal)?;
        let duty = Duty::Have {
            seed: case.seed,
            round: *round,
        };
        Self::admit(*job, verifier, &duty, signature, (HAVE, *round), case.until)
    }

    /// A case in which a verifier has not spoken yet.
    pub(crate) fn report_due(
        job: JobId,
        phases: &[Phase],
        verifier: &AccountId,
        round: u32,
    ) -> Result<Case, Error<T>> {
        let case = Self::case_in(job, phases)?;
        let seat = case
            .seat(verifier)
            .filter(|seat| seat.round == round)
            .ok_or(Error::NoSuchSeat)?;
        ensure!(seat.state == SeatState::Drawn, Error::DutyDone);
        Ok(case)
    }

    fn miss_due(
        job: JobId,
        verifier: &AccountId,
        round: u32,
        missing: Missing,
    ) -> Result<Case, Error<T>> {
        let phases = [Phase::Attesting, Phase::Enquiring];
        let case = Self::report_due(job, &phases, verifier, round)?;
        let needed = missing == Missing::Inputs || Self::needs_outputs(job, &case, verifier);
        ensure!(needed, Error::NothingToMiss);
        Ok(case)
    }

    /// Whether a verifier has a tile of a later pass than the first.
    fn needs_outputs(job: JobId, case: &Case, verifier: &AccountId) -> bool {
        let first = case.tiles.first().copied().unwrap_or_default();
        let per_sample = T::VerifiersPerSample::get();
        let Some((seat, draw)) = case.seat(verifier).zip(crate::Draws::<T>::get(job)) else {
            return false;
        };
        draw.iter().zip(0u32..).any(|(tile, position)| {
            let later = passes::locate(&case.tiles, *tile).is_some() && *tile >= first;
            later && case.is_assigned(seat.place, position, per_sample)
        })
    }

    pub(crate) fn do_miss(
        job: JobId,
        verifier: AccountId,
        round: u32,
        missing: Missing,
    ) -> DispatchResult {
        let case = Self::miss_due(job, &verifier, round, missing)?;
        Self::note_report(job, case, &verifier, SeatState::Missed(missing))?;
        Self::deposit_event(Event::Missed {
            job,
            verifier,
            missing,
        });
        Ok(())
    }

    pub(crate) fn do_have(job: JobId, verifier: AccountId, round: u32) -> DispatchResult {
        let case = Self::report_due(job, &[Phase::Enquiring], &verifier, round)?;
        Self::note_report(job, case, &verifier, SeatState::Had)?;
        Self::deposit_event(Event::Had { job, verifier });
        Ok(())
    }

    /// Notes what a verifier has said or attested. Whether it was the last to speak.
    pub(crate) fn note_report(
        job: JobId,
        mut case: Case,
        verifier: &AccountId,
        state: SeatState,
    ) -> Result<bool, DispatchError> {
        case.set_state(verifier, state);
        let is_last = !case.is_waiting();
        if is_last {
            Self::all_have_spoken(job, &mut case)?;
        }
        Cases::<T>::insert(job, case);
        Ok(is_last)
    }
}
