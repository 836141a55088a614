// SPDX-License-Identifier: Apache-2.0
//! Proofs that parties bring without money on their worker keys.
//!
//! What they cost the chain is bounded by what they cost their bearer: a verifier whose proof shows nothing loses its seat
//! and is punished, and a provider whose proof is broken has brought its last one in the case.

use crate::{
    Cases, Claims, Config, Error, Event, Pallet, WeightInfo,
    adjudication::Evidence,
    duties::PROVE,
    frame_support, sp_runtime,
    types::{Case, SeatState},
};
use assay_kernel::cost;
use assay_primitives::{
    AccountId, JobId,
    duty::{Duty, WorkerSignature},
    reason::Offence,
};
use assay_verifier::{opening::Opening, passes, witness::Witness};
use codec::Encode;
use frame_support::{
    dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
    ensure,
    traits::Get,
    weights::Weight,
};
use sp_runtime::{
    DispatchError,
    transaction_validity::{TransactionSource, TransactionValidityWithRefund},
};

impl<T: Config> Pallet<T> {
    /// The most fuel that judging a tile of any kernel can burn.
    pub fn most_fuel() -> u64 {
        let bytes = usize::try_from(T::MaxKernelBytes::get()).unwrap_or(usize::MAX);
        T::KernelLimits::get()
            .tile_fuel
            .saturating_add(cost::ready(bytes))
    }

    /// What a proof costs at most, with so much fuel, a witness of so many bytes and so many supplied pages.
    pub(crate) fn proof_weight(fuel: u64, witness_bytes: usize, supplied: u32) -> Weight {
        Self::weight_of(T::WeightInfo::prove, fuel, witness_bytes, supplied)
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "those of the call, as the macro passes them"
    )]
    pub(crate) fn authorize_prove(
        _source: TransactionSource,
        job: &JobId,
        party: &AccountId,
        tile: &u32,
        opening: &Option<Opening>,
        witness: &Witness,
        fuel: &u64,
        supplied: &u32,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let case = Self::proof_due(*job, party, *tile).map_err(Self::refusal)?;
        let evidence = Evidence {
            tile: *tile,
            opening: opening.as_ref(),
            witness,
            fuel: *fuel,
            supplied: *supplied,
        };
        Self::ensure_provable(&evidence).map_err(Self::refusal)?;
        let proof = (opening, witness, fuel, supplied).encode();
        let duty = Duty::Prove {
            seed: case.seed,
            tile: *tile,
            proof: *blake3::hash(&proof).as_bytes(),
        };
        Self::admit(*job, party, &duty, signature, (PROVE, *tile), case.until)
    }

    /// Checks the sizes of a proof, which is weighed by what it declares and paid for by nobody.
    fn ensure_provable(evidence: &Evidence<'_>) -> Result<(), Error<T>> {
        Self::ensure_bounded(evidence)?;
        ensure!(evidence.fuel <= Self::most_fuel(), Error::FuelTooHigh);
        Ok(())
    }

    /// Whether a party may have a tile judged without paying for it.
    pub fn may_prove(job: JobId, party: &AccountId, tile: u32) -> bool {
        Self::proof_due(job, party, tile).is_ok()
    }

    /// A case in which a party may bring a proof of a tile: of one that a verifier claims another value for; of any, if
    /// the checker has failed; of the checker's, if it has not. The last two are for verifiers.
    fn proof_due(job: JobId, party: &AccountId, tile: u32) -> Result<Case, Error<T>> {
        let case = Cases::<T>::get(job).ok_or(Error::UnknownCase)?;
        ensure!(case.phase.is_served(), Error::WrongPhase);
        let has_revealed = case
            .seat(party)
            .is_some_and(|seat| matches!(seat.state, SeatState::Agreed | SeatState::Differed));
        let is_provider = case.provider == *party;
        ensure!(is_provider || has_revealed, Error::NoSuchSeat);
        ensure!(!(is_provider && case.barred), Error::DutyDone);
        let of_checker = passes::locate(&case.tiles, tile).is_none();
        let for_verifiers = has_revealed && case.suspected != of_checker;
        ensure!(
            for_verifiers || Self::is_claimed(job, &case, tile),
            Error::NothingToProve
        );
        Ok(case)
    }

    /// Whether a verifier claims that a sampled tile has another value.
    fn is_claimed(job: JobId, case: &Case, tile: u32) -> bool {
        let Some(position) = Self::position(job, tile) else {
            return false;
        };
        case.seated(|state| *state == SeatState::Differed)
            .iter()
            .filter_map(|verifier| Claims::<T>::get(job, verifier))
            .any(|claims| {
                claims
                    .binary_search_by_key(&position, |(at, _)| *at)
                    .is_ok()
            })
    }

    pub(crate) fn do_prove(
        job: JobId,
        party: AccountId,
        evidence: &Evidence<'_>,
    ) -> DispatchResultWithPostInfo {
        let case = Self::proof_due(job, &party, evidence.tile)?;
        Self::ensure_provable(evidence)?;
        let finding = match Self::examine(job, &case, evidence) {
            Ok(finding) => Some(finding),
            Err(error) if is_bearers(&error) => None,
            Err(error) => return Err(error.into()),
        };
        let found = match &finding {
            Some(finding) => Self::judge(&party, job, case, evidence.tile, finding)?,
            None => false,
        };
        if !found {
            Self::fault(job, &party, evidence.tile)?;
        }
        let bytes = evidence.witness.encoded_size();
        Ok(PostDispatchInfo {
            actual_weight: finding
                .map(|finding| Self::proof_weight(finding.fuel, bytes, finding.pages)),
            pays_fee: Pays::No,
        })
    }

    /// A proof has shown nothing.
    fn fault(job: JobId, party: &AccountId, tile: u32) -> Result<(), DispatchError> {
        let mut case = Cases::<T>::get(job).ok_or(Error::<T>::UnknownCase)?;
        Self::deposit_event(Event::ProofFailed {
            job,
            tile,
            party: party.clone(),
        });
        if case.provider == *party {
            case.barred = true;
            Cases::<T>::insert(job, case);
            return Ok(());
        }
        Self::dismiss(job, &mut case, Offence::UnprovenAccusation, party, None);
        Self::go_on(job, case)
    }
}

/// Whether it is the fault of who brings a proof that it is none.
fn is_bearers<T>(error: &Error<T>) -> bool {
    matches!(
        error,
        Error::OpeningMissing
            | Error::BadOpening
            | Error::UnknownTile
            | Error::FuelTooLow
            | Error::WitnessIncomplete
            | Error::BadWitnessPage
            | Error::PageMissing
    )
}
