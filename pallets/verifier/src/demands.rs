// SPDX-License-Identifier: Apache-2.0
//! Demands: whoever pays for it has the provider show a tile on the chain. See docs/decisions/0014.

use crate::{
    Config, CurrentWindows, Demanding, Demands, Error, Event, HoldReason, LOG_TARGET, Opened,
    Pallet, Shown,
    duties::{ANSWER, DEEPEST},
    frame_support, frame_system, sp_runtime,
    types::{
        Case, Demand, MAX_DEMANDS, MAX_SHOWN, MAX_TILE_BYTES, OpenDemands, Phase, ShownTile,
        TileBytes,
    },
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    duty::{Duty, WorkerSignature},
    verification::JobBook,
};
use assay_verifier::{ChainingValue, opening::Opening, passes, tree};
use codec::Encode;
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
};
use sp_runtime::{
    DispatchResult,
    transaction_validity::{TransactionSource, TransactionValidityWithRefund},
};

/// When outputs are served: before that, what is shown could be copied by who has to compute it.
const SERVED: [Phase; 3] = [Phase::Revealing, Phase::Disputed, Phase::Challenge];

impl<T: Config> Pallet<T> {
    /// The bytes that an answer has.
    pub(crate) fn length(bytes: &Option<TileBytes>) -> u32 {
        let length = bytes.as_ref().map_or(0, |bytes| bytes.len());
        u32::try_from(length).unwrap_or(MAX_TILE_BYTES)
    }

    /// What is held for a demand: for bytes, as if the tile were the largest.
    pub fn demand_fee(bytes: bool) -> Balance {
        Self::answer_fee(if bytes { MAX_TILE_BYTES } else { 0 })
    }

    /// What an answer with so many bytes costs who demanded it.
    fn answer_fee(bytes: u32) -> Balance {
        T::DemandFeePerByte::get()
            .saturating_mul(bytes.into())
            .saturating_add(T::DemandFee::get())
    }

    pub(crate) fn do_demand(who: AccountId, job: JobId, tile: u32, bytes: bool) -> DispatchResult {
        let case = Self::case_in(job, &SERVED)?;
        ensure!(
            passes::locate(&case.tiles, tile).is_some(),
            Error::<T>::UnknownTile
        );
        let is_requester = who == case.requester;
        ensure!(is_requester || !bytes, Error::<T>::BytesAreTheRequesters);
        let mut open = Demands::<T>::get(job);
        let shown = Shown::<T>::get(job);
        let is_shown = match bytes {
            true => shown.get(&tile).is_some_and(|shown| shown.bytes),
            false => Self::known_value(job, tile).is_some(),
        };
        let is_open = (open.iter()).any(|demand| demand.tile == tile && demand.bytes == bytes);
        ensure!(!is_shown && !is_open, Error::<T>::DemandedBefore);
        Self::ensure_room(&open, shown.len(), is_requester)?;
        let count = Demanding::<T>::get(&who);
        ensure!(
            count < T::MaxDemandsPerAccount::get(),
            Error::<T>::TooManyDemandsOfAccount
        );
        let fee = Self::demand_fee(bytes);
        T::Currency::hold(&HoldReason::Demand.into(), &who, fee)?;
        let now = frame_system::Pallet::<T>::block_number();
        let until = now.saturating_add(CurrentWindows::<T>::get().answer);
        let demand = Demand {
            tile,
            by: who.clone(),
            is_requester,
            bytes,
            fee,
            until,
        };
        open.try_push(demand)
            .map_err(|_| Error::<T>::TooManyDemands)?;
        Demands::<T>::insert(job, open);
        Demanding::<T>::insert(&who, count.saturating_add(1));
        T::JobBook::hasten(job, until)?;
        Self::deposit_event(Event::Demanded {
            job,
            tile,
            by: who,
            bytes,
            fee,
            until,
        });
        Ok(())
    }

    /// Others than the requester have half of what there is room for, or the provider could fill it under other names.
    fn ensure_room(open: &OpenDemands, shown: usize, is_requester: bool) -> Result<(), Error<T>> {
        let share = |most: u32| {
            let most = if is_requester { most } else { most / 2 };
            usize::try_from(most).unwrap_or(usize::MAX)
        };
        let of_others = open.iter().filter(|demand| !demand.is_requester).count();
        let count = if is_requester { open.len() } else { of_others };
        ensure!(count < share(MAX_DEMANDS), Error::TooManyDemands);
        ensure!(
            shown.saturating_add(open.len()) < share(MAX_SHOWN),
            Error::TooManyShown
        );
        Ok(())
    }

    /// The value of a tile that the provider has shown, as a sample or as an answer.
    pub(crate) fn known_value(job: JobId, tile: u32) -> Option<ChainingValue> {
        let opened = Self::position(job, tile).and_then(|position| {
            let values = Opened::<T>::get(job)?;
            values.get(usize::try_from(position).ok()?).copied()
        });
        opened.or_else(|| Shown::<T>::get(job).get(&tile).map(|shown| shown.value))
    }

    pub(crate) fn authorize_answer(
        _source: TransactionSource,
        job: &JobId,
        tile: &u32,
        opening: &Option<Opening>,
        bytes: &Option<TileBytes>,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (case, until) = Self::answer_due(*job, *tile, opening.as_ref(), bytes.is_some())
            .map_err(Self::refusal)?;
        let duty = Duty::Answer {
            seed: case.seed,
            tile: *tile,
            answer: *blake3::hash(&(opening, bytes).encode()).as_bytes(),
        };
        let kind = (ANSWER, Self::answer_tag(*tile, bytes.is_some()));
        let valid = Self::admit(*job, &case.provider, &duty, signature, kind, until)?;
        Self::answered_value(*job, &case, *tile, opening.as_ref(), bytes.as_ref())
            .map_err(Self::refusal)?;
        Ok(valid)
    }

    /// What tells the answers to a job's demands apart in the pool.
    fn answer_tag(tile: u32, bytes: bool) -> u64 {
        u64::from(tile)
            .saturating_mul(2)
            .saturating_add(bytes.into())
    }

    /// A case in which an answer is due, and until when. Looks at what is cheap only.
    fn answer_due(
        job: JobId,
        tile: u32,
        opening: Option<&Opening>,
        bytes: bool,
    ) -> Result<(Case, BlockNumber), Error<T>> {
        let case = crate::Cases::<T>::get(job).ok_or(Error::UnknownCase)?;
        let now = frame_system::Pallet::<T>::block_number();
        let until = Demands::<T>::get(job)
            .iter()
            .find(|demand| demand.tile == tile && demand.bytes == bytes)
            .map(|demand| demand.until)
            .filter(|until| now <= *until)
            .ok_or(Error::NotDemanded)?;
        let fits = opening
            .is_none_or(|opening| opening.values.len() == 1 && opening.siblings.len() <= DEEPEST);
        ensure!(fits, Error::BadOpening);
        Ok((case, until))
    }

    /// The value of a tile that an answer proves.
    fn answered_value(
        job: JobId,
        case: &Case,
        tile: u32,
        opening: Option<&Opening>,
        bytes: Option<&TileBytes>,
    ) -> Result<ChainingValue, Error<T>> {
        let at = passes::locate(&case.tiles, tile).ok_or(Error::UnknownTile)?;
        let value = match Self::known_value(job, tile) {
            Some(value) => value,
            None => Self::opened_value(case, at, opening)?,
        };
        if let Some(bytes) = bytes {
            let (pass, number) = at;
            let tiles = case.tiles.get(pass).copied().unwrap_or_default();
            ensure!(
                tree::leaf_value(number, tiles, bytes) == Some(value),
                Error::BadBytes
            );
        }
        Ok(value)
    }

    pub(crate) fn do_answer(
        job: JobId,
        tile: u32,
        opening: Option<Opening>,
        bytes: Option<TileBytes>,
    ) -> DispatchResult {
        let (case, _) = Self::answer_due(job, tile, opening.as_ref(), bytes.is_some())?;
        let value = Self::answered_value(job, &case, tile, opening.as_ref(), bytes.as_ref())?;
        let mut shown = Shown::<T>::get(job);
        let known = shown.get(&tile).is_some_and(|shown| shown.bytes);
        let entry = ShownTile {
            value,
            bytes: known || bytes.is_some(),
        };
        shown
            .try_insert(tile, entry)
            .map_err(|_| Error::<T>::TooManyShown)?;
        Shown::<T>::insert(job, shown);
        let (settled, left): (Vec<_>, Vec<_>) = Demands::<T>::take(job)
            .into_iter()
            .partition(|demand| demand.tile == tile && (bytes.is_some() || !demand.bytes));
        let length = Self::length(&bytes);
        for demand in &settled {
            let length = if demand.bytes { length } else { 0 };
            Self::charge(job, &case.provider, demand, Self::answer_fee(length));
        }
        let now = frame_system::Pallet::<T>::block_number();
        if left.is_empty() && case.phase == Phase::Challenge && case.until <= now {
            // The verdict has waited for nothing else.
            T::JobBook::hasten(job, now)?;
        }
        if !left.is_empty() {
            Demands::<T>::insert(job, OpenDemands::truncate_from(left));
        }
        Self::deposit_event(Event::Answered {
            job,
            tile,
            value,
            bytes: bytes.map(|bytes| *blake3::hash(&bytes).as_bytes()),
        });
        Ok(())
    }

    /// Settles an answered demand: half of the fee goes to the provider and half is burned, or it could fill the
    /// places for demands for nothing.
    fn charge(job: JobId, provider: &AccountId, demand: &Demand, fee: Balance) {
        let fee = fee.min(demand.fee);
        let share = fee.checked_div(2).unwrap_or_default();
        let reason = HoldReason::Demand.into();
        let paid = with_storage_layer(|| {
            T::Currency::transfer_on_hold(
                &reason,
                &demand.by,
                provider,
                share,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Force,
            )
        })
        .unwrap_or_default();
        let burned = with_storage_layer(|| {
            T::Currency::burn_held(
                &reason,
                &demand.by,
                fee.saturating_sub(paid),
                Precision::BestEffort,
                Fortitude::Force,
            )
        })
        .unwrap_or_default();
        let spent = paid.saturating_add(burned);
        let refunded = Self::free_demand(demand, demand.fee.saturating_sub(spent));
        Self::deposit_event(Event::DemandSettled {
            job,
            tile: demand.tile,
            by: demand.by.clone(),
            paid,
            burned,
            refunded,
        });
    }

    /// Returns what is left of a fee.
    fn free_demand(demand: &Demand, amount: Balance) -> Balance {
        Demanding::<T>::mutate_exists(&demand.by, |count| {
            let left = count.unwrap_or_default().saturating_sub(1);
            *count = (left > 0).then_some(left);
        });
        let reason = HoldReason::Demand.into();
        let released = with_storage_layer(|| {
            T::Currency::release(&reason, &demand.by, amount, Precision::BestEffort)
        });
        released.unwrap_or_else(|error| {
            log::error!(target: LOG_TARGET, "a fee could not be released: {error:?}");
            0
        })
    }

    /// Forgets what was demanded and shown, at the end of a case.
    pub(crate) fn close_demands(job: JobId) {
        Self::return_demands(job);
        Shown::<T>::remove(job);
    }

    /// Ends the open demands and gives their fees back.
    pub(crate) fn return_demands(job: JobId) {
        for demand in Demands::<T>::take(job) {
            let refunded = Self::free_demand(&demand, demand.fee);
            Self::deposit_event(Event::DemandSettled {
                job,
                tile: demand.tile,
                by: demand.by,
                paid: 0,
                burned: 0,
                refunded,
            });
        }
    }

    /// When the first open demand has to be answered, and who made it.
    pub(crate) fn first_demand(job: JobId) -> Option<(BlockNumber, AccountId)> {
        Demands::<T>::get(job)
            .into_iter()
            .map(|demand| (demand.until, demand.by))
            .min_by_key(|(until, _)| *until)
    }
}
