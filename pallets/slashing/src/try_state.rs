// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{
    Agenda, Config, Deferrals, Equivocations, OldestEra, Pallet, Records, Rules, Tallies, Waiting,
    frame_support, precedents::counted_as, rules::KEEPING_BACK, sp_runtime::TryRuntimeError,
};
use alloc::{collections::BTreeMap, vec::Vec};
use assay_primitives::{AccountId, reason::Offence};
use frame_support::{ensure, traits::Get};

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::rules_are_valid()?;
        Self::withholding_is_not_cheaper()?;
        Self::agenda_has_what_waits()?;
        Self::amounts_that_wait_add_up()?;
        Self::records_are_of_eras_not_forgotten()
    }

    /// 1. Every rule is valid, and its delay at most `MaxDelay`.
    fn rules_are_valid() -> Result<(), TryRuntimeError> {
        let valid = Offence::ALL
            .map(Self::rule)
            .iter()
            .all(|rule| rule.is_valid());
        ensure!(valid, "a rule lets somebody gain by reporting himself");
        let soon = Rules::<T>::iter_values().all(|rule| rule.delay <= T::MaxDelay::get());
        ensure!(soon, "a rule waits longer than stake stays slashable");
        Ok(())
    }

    /// 2. What keeps a result back costs no less than a wrong one.
    fn withholding_is_not_cheaper() -> Result<(), TryRuntimeError> {
        let wrong = Self::rule(Offence::WrongResult);
        ensure!(
            KEEPING_BACK
                .iter()
                .all(|kept| Self::rule(*kept).is_as_hard_as(&wrong)),
            "a provider would rather keep a wrong result back than show it"
        );
        Ok(())
    }

    /// 3. The agenda names each punishment that waits once, in the order in which they are due, and no other; nobody
    ///    has more waiting than allowed, and for each offender it is known how many.
    fn agenda_has_what_waits() -> Result<(), TryRuntimeError> {
        let agenda = Agenda::<T>::get();
        ensure!(
            agenda.is_sorted_by_key(|(until, _)| *until),
            "the agenda is not in order"
        );
        let mut named: Vec<_> = agenda.iter().map(|(until, id)| (*id, *until)).collect();
        named.sort_unstable();
        let mut waiting: Vec<_> = Deferrals::<T>::iter()
            .map(|(id, deferral)| (id, deferral.until))
            .collect();
        waiting.sort_unstable();
        ensure!(
            named == waiting,
            "the agenda does not name exactly what waits"
        );
        let mut of_each = BTreeMap::<AccountId, u32>::new();
        for deferral in Deferrals::<T>::iter_values() {
            let count = of_each.entry(deferral.offender).or_default();
            *count = count.saturating_add(1);
        }
        ensure!(
            of_each == Waiting::<T>::iter().collect(),
            "an offender has more or fewer punishments waiting than is noted"
        );
        ensure!(
            of_each
                .values()
                .all(|count| *count <= T::MaxDeferralsPerOffender::get()),
            "an offender has more punishments waiting than allowed"
        );
        Ok(())
    }

    /// 4. What a punishment that waits will come to adds up and is more than nothing, and who receives all of it but
    ///    what is burned has still lost.
    fn amounts_that_wait_add_up() -> Result<(), TryRuntimeError> {
        for deferral in Deferrals::<T>::iter_values() {
            let due = deferral.due;
            let given = due
                .reporter
                .saturating_add(due.requester)
                .saturating_add(due.treasury);
            ensure!(
                due.taken == given.saturating_add(due.burned),
                "a punishment that waits does not add up"
            );
            ensure!(
                given < due.taken,
                "somebody gains by a punishment that waits"
            );
        }
        Ok(())
    }

    /// 5. Records are of the eras that were not forgotten up to this one and are counted under the right offence;
    ///    tallies are of no era to come; equivocations are remembered once.
    fn records_are_of_eras_not_forgotten() -> Result<(), TryRuntimeError> {
        let now = Self::era_of(Self::now());
        let oldest = OldestEra::<T>::get();
        for (era, (_, offence), times) in Records::<T>::iter() {
            ensure!(
                (oldest..=now).contains(&era) && times > 0 && counted_as(offence) == offence,
                "a record that should have been forgotten"
            );
        }
        ensure!(
            Tallies::<T>::iter_values().all(|tally| tally.era <= now),
            "a tally of an era to come"
        );
        let mut known: Vec<_> = Equivocations::<T>::get()
            .into_iter()
            .map(|(session, offender, _)| (session, offender))
            .collect();
        let count = known.len();
        known.sort_unstable();
        known.dedup();
        ensure!(
            known.len() == count,
            "an equivocation is remembered more than once"
        );
        Ok(())
    }
}
