// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{
    Cases, Claims, Config, Draws, Duties, Openings, Pallet, frame_support,
    sp_runtime::TryRuntimeError, types::Phase,
};
use frame_support::ensure;

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::phases_have_what_they_need()?;
        Self::duties_are_the_seats()?;
        Self::nothing_is_left_over()
    }

    /// 1. Every case has a draw from `Attesting` on, and an opening from `Revealing` on, of as many values as tiles.
    fn phases_have_what_they_need() -> Result<(), TryRuntimeError> {
        for (job, case) in Cases::<T>::iter() {
            let drawn = Draws::<T>::get(job).map(|tiles| tiles.len());
            let opened = Openings::<T>::get(job).map(|values| values.len());
            let fits = match case.phase {
                Phase::Drawing => drawn.is_none() && opened.is_none(),
                Phase::Attesting | Phase::Opening => drawn.is_some() && opened.is_none(),
                Phase::Revealing | Phase::Disputed | Phase::Challenge => {
                    drawn.is_some() && opened == drawn
                }
            };
            ensure!(
                fits,
                "a case has a draw or an opening that does not fit its phase"
            );
        }
        Ok(())
    }

    /// 2. `Duties` names exactly the seats of the panels.
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

    /// 3. No draw, opening or difference is left without its case.
    fn nothing_is_left_over() -> Result<(), TryRuntimeError> {
        let known = Draws::<T>::iter_keys()
            .chain(Openings::<T>::iter_keys())
            .chain(Claims::<T>::iter_keys().map(|(job, _)| job))
            .all(|job| Cases::<T>::contains_key(job));
        ensure!(known, "something is stored for a case that is over");
        Ok(())
    }
}
