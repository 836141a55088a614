// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{
    Cases, Claims, Config, CurrentWindows, Demanding, Demands, Discarded, Draws, Duties,
    HoldReason, NextSupply, Opened, Pages, Pallet, Seeds, Shown, Supplies,
    case::own_values,
    draw::KEPT,
    frame_support, frame_system,
    sp_runtime::TryRuntimeError,
    types::{Case, Phase, SeatState},
};
use alloc::collections::{BTreeMap, BTreeSet};
use assay_primitives::{
    AccountId, Balance,
    job::{MAX_PANEL, MAX_SAMPLES},
};
use assay_verifier::passes;
use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::phases_have_what_they_need()?;
        Self::seats_fit_their_case()?;
        Self::duties_are_the_seats()?;
        Self::differences_are_the_accusers()?;
        Self::nothing_is_left_over()?;
        Self::seeds_are_of_the_last_blocks()?;
        Self::demands_are_paid_for()?;
        Self::pages_are_paid_for()
    }

    /// 1. Every case has a draw from `Attesting` on, and an opening from `Revealing` on, both of as many tiles as samples.
    fn phases_have_what_they_need() -> Result<(), TryRuntimeError> {
        for (job, case) in Cases::<T>::iter() {
            let samples = usize::try_from(case.samples).unwrap_or(usize::MAX);
            let drawn = Draws::<T>::get(job).map(|tiles| tiles.len());
            let opened = Opened::<T>::get(job).map(|values| values.len());
            let (needs_draw, needs_opening) = match case.phase {
                Phase::Drawing | Phase::Enquiring => (false, false),
                Phase::Attesting | Phase::Opening => (true, false),
                Phase::Revealing | Phase::Disputed | Phase::Challenge => (true, true),
            };
            ensure!(
                drawn == needs_draw.then_some(samples)
                    && opened == needs_opening.then_some(samples),
                "a case has a draw or an opening that does not fit its phase"
            );
            ensure!(
                case.samples <= MAX_SAMPLES
                    && (case.is_enquiry() || passes::total(&case.shares) == Some(case.samples))
                    && (case.phase == Phase::Enquiring) <= case.is_enquiry()
                    && (case.source == 0) == (case.seed == [0; 32])
                    && case
                        .shares
                        .iter()
                        .zip(&case.tiles)
                        .all(|(share, tiles)| share <= tiles)
                    && case.verifiers <= MAX_PANEL,
                "a case is larger than its limits"
            );
        }
        Ok(())
    }

    /// 2. Each seat has a place and a verifier of its own, neither provider nor requester, and is in a state that its phase allows; a phase that waits for verifiers waits for at least one.
    fn seats_fit_their_case() -> Result<(), TryRuntimeError> {
        for case in Cases::<T>::iter_values() {
            let places: BTreeSet<_> = case.panel.iter().map(|seat| seat.place).collect();
            let seated = case.panel.iter().map(|seat| &seat.verifier);
            let former = case.former.iter().map(|former| &former.verifier);
            let accounts: BTreeSet<_> = seated.chain(former).collect();
            ensure!(
                places.len() == case.panel.len()
                    && accounts.len() == case.panel.len().saturating_add(case.former.len())
                    && places.iter().all(|place| *place < case.verifiers)
                    && !accounts.contains(&case.provider)
                    && !accounts.contains(&case.requester),
                "a seat is taken twice, or by who may not have one"
            );
            // Or what was said is about to be counted.
            let counts = matches!(case.phase, Phase::Attesting | Phase::Enquiring);
            let waits = case.phase.offence().is_none() || case.is_waiting() || counts;
            ensure!(
                waits && case.panel.iter().all(|seat| allows(&case, &seat.state)),
                "a verifier is in a state that the phase does not allow"
            );
        }
        Ok(())
    }

    /// 3. `Duties` names exactly the seats of the panels.
    fn duties_are_the_seats() -> Result<(), TryRuntimeError> {
        let mut seats = 0usize;
        for (job, case) in Cases::<T>::iter() {
            seats = seats.saturating_add(case.panel.len());
            let named = case
                .panel
                .iter()
                .all(|seat| Duties::<T>::contains_key(&seat.verifier, job));
            ensure!(named, "a seat is missing from the duties");
        }
        ensure!(
            Duties::<T>::iter_keys().count() == seats,
            "a duty belongs to no seat"
        );
        Ok(())
    }

    /// 4. `Claims` has, for exactly the verifiers that differ, what differs among their own samples.
    fn differences_are_the_accusers() -> Result<(), TryRuntimeError> {
        let mut accusers = 0usize;
        for (job, case) in Cases::<T>::iter() {
            let opened = Opened::<T>::get(job).unwrap_or_default();
            for seat in &case.panel {
                let claims = Claims::<T>::get(job, &seat.verifier);
                let differs = seat.state == SeatState::Differed;
                ensure!(
                    claims.is_some() == differs,
                    "a verifier differs without a difference, or the other way round"
                );
                let Some(claims) = claims else { continue };
                accusers = accusers.saturating_add(1);
                let assigned = case.assigned(seat.place, T::VerifiersPerSample::get());
                ensure!(
                    !claims.is_empty() && own_values(&assigned, &opened, &claims).is_some(),
                    "a difference is none, or not in a sample of its verifier"
                );
            }
        }
        ensure!(
            Claims::<T>::iter_keys().count() == accusers,
            "a difference belongs to no seat"
        );
        Ok(())
    }

    /// 5. No draw, opening or difference is left without its case.
    fn nothing_is_left_over() -> Result<(), TryRuntimeError> {
        let known = Draws::<T>::iter_keys()
            .chain(Opened::<T>::iter_keys())
            .chain(Claims::<T>::iter_keys().map(|(job, _)| job))
            .chain(Demands::<T>::iter_keys())
            .chain(Shown::<T>::iter_keys())
            .chain(Supplies::<T>::iter_keys())
            .all(Cases::<T>::contains_key);
        ensure!(known, "something is stored for a case that is over");
        Ok(())
    }

    /// 6. Seeds are of the last 64 blocks before this one, and the windows are within their limits.
    fn seeds_are_of_the_last_blocks() -> Result<(), TryRuntimeError> {
        let now = frame_system::Pallet::<T>::block_number();
        let recent = now.saturating_sub(KEPT)..now.max(1);
        ensure!(
            Seeds::<T>::iter_keys().all(|block| recent.contains(&block)),
            "the randomness of an old block is kept, or of one that is not over"
        );
        ensure!(
            CurrentWindows::<T>::get().are_valid(T::MaxRounds::get(), T::MaxPanels::get()),
            "the windows are out of their limits"
        );
        Ok(())
    }
}

impl<T: Config> Pallet<T> {
    /// 7. Demands are open only while outputs are served, for different tiles that are not shown; each account has on
    ///    hold what its demands cost, and `Demanding` counts them.
    fn demands_are_paid_for() -> Result<(), TryRuntimeError> {
        let mut held: BTreeMap<AccountId, (u32, Balance)> = BTreeMap::new();
        for (job, demands) in Demands::<T>::iter() {
            let served = Cases::<T>::get(job).is_some_and(|case| case.phase.is_served());
            let different: BTreeSet<_> = demands
                .iter()
                .map(|demand| (demand.tile, demand.bytes))
                .collect();
            ensure!(
                served && !demands.is_empty() && different.len() == demands.len(),
                "a demand is open out of time, or twice"
            );
            let shown = Shown::<T>::get(job);
            for demand in demands {
                let answered = shown
                    .get(&demand.tile)
                    .is_some_and(|shown| shown.bytes || !demand.bytes);
                ensure!(!answered, "a demand is open that was answered");
                let (count, fees) = held.entry(demand.by).or_default();
                *count = count.saturating_add(1);
                *fees = fees.saturating_add(demand.fee);
            }
        }
        let counts: BTreeMap<_, _> = Demanding::<T>::iter().collect();
        ensure!(
            counts.len() == held.len()
                && held.iter().all(|(account, (count, fees))| {
                    counts.get(account) == Some(count)
                        && T::Currency::balance_on_hold(&HoldReason::Demand.into(), account)
                            == *fees
                }),
            "the open demands of an account are not what is counted and held"
        );
        Ok(())
    }
}

impl<T: Config> Pallet<T> {
    /// 8. Every page belongs to one supply, of a case or discarded; a case's has as many as its suppliers have supplied,
    ///    and each account has its deposits on hold.
    fn pages_are_paid_for() -> Result<(), TryRuntimeError> {
        let mut known = BTreeSet::new();
        let mut held: BTreeMap<AccountId, Balance> = BTreeMap::new();
        let live = Supplies::<T>::iter_values().map(|supply| (supply.id, supply.suppliers, true));
        let over = Discarded::<T>::iter().map(|(id, suppliers)| (id, suppliers, false));
        for (id, suppliers, is_live) in live.chain(over) {
            let pages = Pages::<T>::iter_key_prefix(id).count();
            let supplied = suppliers
                .iter()
                .fold(0u32, |sum, supplier| sum.saturating_add(supplier.pages));
            let supplied = usize::try_from(supplied).unwrap_or(usize::MAX);
            ensure!(
                known.insert(id)
                    && id < NextSupply::<T>::get()
                    && pages <= supplied
                    && (pages == supplied || !is_live),
                "a supply has other pages than were supplied"
            );
            for supplier in suppliers {
                let sum = held.entry(supplier.who).or_default();
                *sum = sum.saturating_add(supplier.deposit);
            }
        }
        ensure!(
            Pages::<T>::iter_keys().all(|(id, _)| known.contains(&id)),
            "a page belongs to no supply"
        );
        ensure!(
            held.iter().all(|(account, deposit)| {
                T::Currency::balance_on_hold(&HoldReason::Supply.into(), account) == *deposit
            }),
            "an account has other deposits than it has supplied pages for"
        );
        Ok(())
    }
}

/// Whether a verifier may be in a state in the present phase of its case.
fn allows(case: &Case, state: &SeatState) -> bool {
    match case.phase {
        Phase::Drawing => false,
        Phase::Attesting => matches!(
            state,
            SeatState::Drawn | SeatState::Attested(_) | SeatState::Missed(_)
        ),
        Phase::Enquiring => matches!(
            state,
            SeatState::Drawn | SeatState::Had | SeatState::Missed(_)
        ),
        Phase::Opening => matches!(state, SeatState::Attested(_)),
        Phase::Revealing => matches!(
            state,
            SeatState::Attested(_) | SeatState::Agreed | SeatState::Differed
        ),
        Phase::Disputed => matches!(state, SeatState::Agreed | SeatState::Differed),
        Phase::Challenge => *state == SeatState::Agreed,
    }
}
