// SPDX-License-Identifier: Apache-2.0
//! What provider and verifiers are obliged to do: attest, open, reveal.
//!
//! Each duty is checked by one function, before it enters the pool and again when it is done.

use crate::{
    Cases, Claims, Config, Draws, Error, Event, Opened, Pallet, WeightInfo,
    case::own_values,
    frame_support, frame_system,
    phases::count,
    sp_runtime,
    types::{Case, Differences, Openings, Phase, SeatState, Values},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, BlockNumber, JobId,
    duty::{Duty, PRIORITY, WorkerSignature, payload},
    job::MAX_SAMPLES,
    stake::Stakes,
};
use assay_verifier::{attestation, opening::Opening, passes};
use codec::Encode;
use frame_support::{dispatch::DispatchResultWithPostInfo, ensure, traits::Get, weights::Weight};
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
    DispatchResult,
    traits::Zero,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
    },
};

/// The duties' numbers in the tags of the transaction pool; 0 is the commitment's.
const ATTEST: u8 = 1;
const OPEN: u8 = 2;
const REVEAL: u8 = 3;
pub(crate) const MISS: u8 = 4;
pub(crate) const HAVE: u8 = 5;
pub(crate) const ANSWER: u8 = 6;
pub(crate) const PROVE: u8 = 7;

/// The most siblings that lead from one tile to the root of 2^32 tiles.
pub(crate) const DEEPEST: usize = 32;

impl<T: Config> Pallet<T> {
    pub(crate) fn authorize_attest(
        _source: TransactionSource,
        job: &JobId,
        verifier: &AccountId,
        round: &u32,
        commitment: &[u8; 32],
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let case =
            Self::report_due(*job, &[Phase::Attesting], verifier, *round).map_err(Self::refusal)?;
        let duty = Duty::Attest {
            seed: case.seed,
            round: *round,
            commitment: *commitment,
        };
        Self::admit(
            *job,
            verifier,
            &duty,
            signature,
            (ATTEST, *round),
            case.until,
        )
    }

    /// The hashes that an opening carries, and takes as long to prove.
    pub(crate) fn hashes(openings: &Openings) -> u32 {
        let hashes = openings
            .iter()
            .map(|opening| opening.values.len().saturating_add(opening.siblings.len()));
        u32::try_from(hashes.fold(0, usize::saturating_add)).unwrap_or(u32::MAX)
    }

    /// What a reveal and its authorization depend on: the values in which it differs, and the most in which it agrees.
    pub(crate) fn differences(differing: &Differences) -> (u32, u32) {
        let differences = u32::try_from(differing.len()).unwrap_or(u32::MAX);
        (differences, MAX_SAMPLES.saturating_sub(differences))
    }

    pub(crate) fn authorize_open(
        _source: TransactionSource,
        job: &JobId,
        openings: &Openings,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (case, tiles) = Self::opening_due(*job, openings).map_err(Self::refusal)?;
        let hash = *blake3::hash(&openings.encode()).as_bytes();
        let duty = Duty::Open {
            seed: case.seed,
            opening: hash,
        };
        let valid = Self::admit(
            *job,
            &case.provider,
            &duty,
            signature,
            (OPEN, 0),
            case.until,
        )?;
        // Hundreds of hashes: only for the provider.
        Self::check_opening(&case, &tiles, openings).map_err(Self::refusal)?;
        Ok(valid)
    }

    pub(crate) fn authorize_reveal(
        _source: TransactionSource,
        job: &JobId,
        verifier: &AccountId,
        round: &u32,
        salt: &[u8; 32],
        differing: &Differences,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let due = Self::reveal_due(*job, verifier, *round, differing).map_err(Self::refusal)?;
        let duty = Duty::Reveal {
            seed: due.0.seed,
            round: *round,
            salt: *salt,
            differing: differing.to_vec(),
        };
        let (case, _, assigned) = &due;
        let (which, until) = ((REVEAL, *round), case.until);
        let (valid, _) = Self::admit(*job, verifier, &duty, signature, which, until)?;
        // Hundreds of values: only for the verifier.
        Self::check_reveal(*job, verifier, &due, *round, salt, differing).map_err(Self::refusal)?;
        let (differences, most) = Self::differences(differing);
        let agreeing = count(assigned.len()).saturating_sub(differences);
        let charged = T::WeightInfo::authorize_reveal(differences, most);
        let unused = charged.saturating_sub(T::WeightInfo::authorize_reveal(differences, agreeing));
        Ok((valid, unused))
    }

    /// Why the pool should not keep a duty that is not due, or wrong.
    pub(crate) fn refusal(error: Error<T>) -> InvalidTransaction {
        match error {
            Error::UnknownCase
            | Error::WrongPhase
            | Error::NoSuchSeat
            | Error::DutyDone
            | Error::NotDemanded
            | Error::NothingToProve => InvalidTransaction::Stale,
            _ => InvalidTransaction::Call,
        }
    }

    /// Admits a duty that is due to the pool until it no longer is: one per job, kind, party and what else tells duties
    /// apart.
    pub(crate) fn admit(
        job: JobId,
        party: &AccountId,
        duty: &Duty,
        signature: &WorkerSignature,
        (kind, which): (u8, impl Encode),
        until: BlockNumber,
    ) -> TransactionValidityWithRefund {
        let worker = T::Stakes::worker(party).ok_or(InvalidTransaction::BadSigner)?;
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumber::zero());
        if !worker.verify(&payload(genesis, job, duty), signature) {
            return Err(InvalidTransaction::BadProof.into());
        }
        let now = frame_system::Pallet::<T>::block_number();
        ValidTransaction::with_tag_prefix("AssayDuty")
            .and_provides((job, kind, party, which))
            .priority(PRIORITY)
            .longevity(until.saturating_sub(now).max(1).into())
            .propagate(true)
            .build()
            .map(|valid| (valid, Weight::zero()))
    }

    /// A case in one of the phases that a duty belongs to.
    pub(crate) fn case_in(job: JobId, phases: &[Phase]) -> Result<Case, Error<T>> {
        let case = Cases::<T>::get(job).ok_or(Error::UnknownCase)?;
        let now = frame_system::Pallet::<T>::block_number();
        ensure!(
            phases.contains(&case.phase) && now <= case.until,
            Error::WrongPhase
        );
        Ok(case)
    }

    pub(crate) fn do_attest(
        job: JobId,
        verifier: AccountId,
        round: u32,
        commitment: [u8; 32],
    ) -> DispatchResultWithPostInfo {
        let case = Self::report_due(job, &[Phase::Attesting], &verifier, round)?;
        let is_last = Self::note_report(job, case, &verifier, SeatState::Attested(commitment))?;
        Self::deposit_event(Event::Attested { job, verifier });
        Ok(Some(T::WeightInfo::attest(is_last.into())).into())
    }

    /// What is cheap to check of openings: that they are due, and no larger than they can be.
    fn opening_due(job: JobId, openings: &Openings) -> Result<(Case, Vec<Vec<u32>>), Error<T>> {
        let case = Self::case_in(job, &[Phase::Opening])?;
        let drawn = Draws::<T>::get(job).ok_or(Error::UnknownCase)?;
        let tiles = passes::split(&case.tiles, &drawn);
        let fits = |(opening, tiles): (&Opening, &Vec<u32>)| {
            opening.values.len() == tiles.len()
                && opening.siblings.len() <= tiles.len().saturating_mul(DEEPEST)
        };
        ensure!(
            openings.len() == tiles.len() && openings.iter().zip(&tiles).all(fits),
            Error::BadOpening
        );
        Ok((case, tiles))
    }

    fn check_opening(case: &Case, tiles: &[Vec<u32>], openings: &Openings) -> Result<(), Error<T>> {
        let passes = case.roots.iter().zip(&case.tiles);
        for (((root, count), tiles), opening) in passes.zip(tiles).zip(openings) {
            opening
                .verify(root, *count, tiles)
                .map_err(|_| Error::BadOpening)?;
        }
        Ok(())
    }

    pub(crate) fn do_open(job: JobId, openings: Openings) -> DispatchResult {
        let (mut case, tiles) = Self::opening_due(job, &openings)?;
        Self::check_opening(&case, &tiles, &openings)?;
        let values = openings.into_iter().flat_map(|opening| opening.values);
        let values = Values::try_from(values.collect::<Vec<_>>());
        Opened::<T>::insert(job, values.map_err(|_| Error::<T>::BadOpening)?);
        Self::proceed_early(job, &mut case)?;
        Cases::<T>::insert(job, case);
        Self::deposit_event(Event::Opened { job });
        Ok(())
    }

    /// What is cheap to check of a reveal: a case in which it is due, what the verifier attested, and its positions in
    /// the draw, of which no more can differ than there are.
    fn reveal_due(
        job: JobId,
        verifier: &AccountId,
        round: u32,
        differing: &Differences,
    ) -> Result<(Case, [u8; 32], Vec<u32>), Error<T>> {
        let case = Self::case_in(job, &[Phase::Revealing])?;
        let seat = case
            .seat(verifier)
            .filter(|seat| seat.round == round)
            .ok_or(Error::NoSuchSeat)?;
        let SeatState::Attested(commitment) = seat.state else {
            return Err(Error::DutyDone);
        };
        let assigned = case.assigned(seat.place, T::VerifiersPerSample::get());
        ensure!(differing.len() <= assigned.len(), Error::BadDifferences);
        Ok((case, commitment, assigned))
    }

    /// Checks that what is revealed is what was attested.
    fn check_reveal(
        job: JobId,
        verifier: &AccountId,
        (case, commitment, assigned): &(Case, [u8; 32], Vec<u32>),
        round: u32,
        salt: &[u8; 32],
        differing: &Differences,
    ) -> Result<(), Error<T>> {
        let opened = Opened::<T>::get(job).ok_or(Error::UnknownCase)?;
        let values = own_values(assigned, &opened, differing).ok_or(Error::BadDifferences)?;
        let account: &[u8; 32] = verifier.as_ref();
        let revealed = attestation::commitment(&values, salt, account, job, round, &case.seed);
        ensure!(revealed == *commitment, Error::NotAsAttested);
        Ok(())
    }

    pub(crate) fn do_reveal(
        job: JobId,
        verifier: AccountId,
        round: u32,
        salt: [u8; 32],
        differing: Differences,
    ) -> DispatchResultWithPostInfo {
        let due = Self::reveal_due(job, &verifier, round, &differing)?;
        Self::check_reveal(job, &verifier, &due, round, &salt, &differing)?;
        let (mut case, _, assigned) = due;
        let differences = count(differing.len());
        let agreeing = count(assigned.len()).saturating_sub(differences);
        let state = if differing.is_empty() {
            SeatState::Agreed
        } else {
            Claims::<T>::insert(job, &verifier, differing);
            SeatState::Differed
        };
        case.set_state(&verifier, state);
        case.revealed = true;
        let is_last = !case.is_waiting();
        if is_last {
            Self::proceed_early(job, &mut case)?;
        }
        Cases::<T>::insert(job, case);
        Self::deposit_event(Event::Revealed {
            job,
            verifier,
            differing: differences,
        });
        let weight = T::WeightInfo::reveal(differences, agreeing, is_last.into());
        Ok(Some(weight).into())
    }
}
