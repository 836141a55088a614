// SPDX-License-Identifier: Apache-2.0
//! Pages that are proven and kept before a tile is judged that reads more than fits one witness. See
//! docs/decisions/0015.

use crate::{
    Cases, Config, Discarded, Error, Event, HoldReason, LOG_TARGET, NextSupply, Pages, Pallet,
    Supplies, WeightInfo,
    duties::DEEPEST,
    frame_support, frame_system, sp_runtime,
    types::{Case, MAX_STRANGERS, MAX_SUPPLY, PageBytes, Supplier, Supply},
};
use alloc::vec::Vec;
use assay_primitives::{AccountId, Balance, JobId, verification::JobBook};
use assay_verifier::witness::{InputRef, InputSlice};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{Get, fungible::MutateHold, tokens::Precision},
    weights::WeightMeter,
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_supply(
        who: AccountId,
        job: JobId,
        pass: u32,
        input: u32,
        slice: InputSlice,
    ) -> DispatchResult {
        let count = slice.pages.len();
        let most = usize::try_from(MAX_SUPPLY).unwrap_or_default();
        let is_bounded =
            (1..=most).contains(&count) && slice.siblings.len() <= count.saturating_mul(DEEPEST);
        ensure!(is_bounded, Error::<T>::BadSlice);
        let case = Cases::<T>::get(job).ok_or(Error::<T>::UnknownCase)?;
        ensure!(!case.is_enquiry(), Error::<T>::NoResult);
        let reference = Self::input(job, &case, pass, input).ok_or(Error::<T>::UnknownInput)?;
        let number = usize::try_from(input).unwrap_or_default();
        slice
            .verify(number, &reference)
            .map_err(|_| Error::<T>::BadWitnessPage)?;
        let mut supply = Supplies::<T>::get(job).unwrap_or_else(|| Supply {
            id: NextSupply::<T>::get(),
            suppliers: Default::default(),
        });
        let mut added = 0u32;
        for page in slice.pages {
            let key = (reference.hash, page.index);
            if Pages::<T>::contains_key(supply.id, key) {
                continue;
            }
            let bytes = PageBytes::try_from(page.bytes).map_err(|_| Error::<T>::BadSlice)?;
            Pages::<T>::insert(supply.id, key, bytes);
            added = added.saturating_add(1);
        }
        ensure!(added > 0, Error::<T>::NothingNew);
        let deposit = T::PageDeposit::get().saturating_mul(added.into());
        Self::note_supplier(&case, &mut supply, &who, added, deposit)?;
        T::Currency::hold(&HoldReason::Supply.into(), &who, deposit)?;
        if supply.id == NextSupply::<T>::get() {
            NextSupply::<T>::put(supply.id.saturating_add(1));
        }
        Supplies::<T>::insert(job, supply);
        Self::deposit_event(Event::Supplied {
            job,
            input: reference.hash,
            by: who,
            pages: added,
            deposit,
        });
        Ok(())
    }

    /// Whether the chain has all pages of a supply for a pass of a job. Looks at each of them: not for calls.
    pub fn has_pages(job: JobId, pass: u32, supply: &assay_verifier::parts::Supply) -> bool {
        let (Some(case), Some(kept)) = (Cases::<T>::get(job), Supplies::<T>::get(job)) else {
            return false;
        };
        let Some(reference) = Self::input(job, &case, pass, supply.input) else {
            return false;
        };
        (supply.slice.pages.iter())
            .all(|page| Pages::<T>::contains_key(kept.id, (reference.hash, page.index)))
    }

    /// What a pass reads; behind the last pass comes the checker.
    fn input(job: JobId, case: &Case, pass: u32, input: u32) -> Option<InputRef> {
        let pass = usize::try_from(pass).ok()?;
        let work = if pass == case.roots.len() {
            T::JobBook::checking(job, &case.seed)
        } else {
            T::JobBook::work(job, pass)
        };
        work?.inputs.get(usize::try_from(input).ok()?).copied()
    }

    /// Notes who supplies how much. Each has room of its own, and strangers have few places, so that nobody is kept from it.
    fn note_supplier(
        case: &Case,
        supply: &mut Supply,
        who: &AccountId,
        pages: u32,
        deposit: Balance,
    ) -> Result<(), Error<T>> {
        let most = T::MaxSuppliedPages::get();
        if let Some(known) = (supply.suppliers.iter_mut()).find(|supplier| supplier.who == *who) {
            known.pages = known.pages.saturating_add(pages);
            known.deposit = known.deposit.saturating_add(deposit);
            ensure!(known.pages <= most, Error::TooManyPages);
            return Ok(());
        }
        let party = Self::reporter(who.clone());
        let is_stranger =
            case.seat(&party).is_none() && ![&case.provider, &case.requester].contains(&&party);
        let strangers = (supply.suppliers.iter()).filter(|supplier| supplier.is_stranger);
        let room = usize::try_from(MAX_STRANGERS).unwrap_or_default();
        ensure!(
            !is_stranger || strangers.count() < room,
            Error::TooManySuppliers
        );
        ensure!(pages <= most, Error::TooManyPages);
        let supplier = Supplier {
            who: who.clone(),
            is_stranger,
            pages,
            deposit,
        };
        supply
            .suppliers
            .try_push(supplier)
            .map_err(|_| Error::TooManySuppliers)
    }

    /// A page that was supplied.
    pub(crate) fn supplied_page(supply: u64, input: &InputRef, page: u32) -> Option<Vec<u8>> {
        Pages::<T>::get(supply, (input.hash, page)).map(PageBytes::into_inner)
    }

    /// A case is over: what was supplied for it is removed as the hook finds time.
    pub(crate) fn close_supply(job: JobId) {
        if let Some(supply) = Supplies::<T>::take(job) {
            Discarded::<T>::insert(supply.id, supply.suppliers);
        }
    }

    /// Removes pages of cases that are over, and returns the deposits once they are gone, as far as the weight reaches.
    pub(crate) fn discard(meter: &mut WeightMeter) {
        while meter.try_consume(T::WeightInfo::discard()).is_ok() {
            let Some((id, suppliers)) = Discarded::<T>::iter().next() else {
                return;
            };
            let mut pages = Pages::<T>::iter_key_prefix(id);
            loop {
                if meter.try_consume(T::WeightInfo::discard_page()).is_err() {
                    return;
                }
                let Some(page) = pages.next() else { break };
                Pages::<T>::remove(id, page);
            }
            if meter.try_consume(T::WeightInfo::return_deposits()).is_err() {
                return;
            }
            Discarded::<T>::remove(id);
            for supplier in suppliers {
                Self::return_deposit(&supplier);
            }
        }
    }

    fn return_deposit(supplier: &Supplier) {
        let released = with_storage_layer(|| {
            T::Currency::release(
                &HoldReason::Supply.into(),
                &supplier.who,
                supplier.deposit,
                Precision::BestEffort,
            )
        });
        if released != Ok(supplier.deposit) {
            let now = frame_system::Pallet::<T>::block_number();
            log::error!(
                target: LOG_TARGET,
                "block {now}: released {released:?} of {} for pages",
                supplier.deposit
            );
        }
    }
}
