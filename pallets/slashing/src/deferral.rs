// SPDX-License-Identifier: Apache-2.0
//! Punishments that wait for governance to look at them.

use crate::{
    Agenda, Config, Deferrals, Error, Event, LOG_TARGET, NextDeferral, Pallet, Waiting, WeightInfo,
    frame_support,
    rules::{KEEPING_BACK, Mode, Rule},
    sp_runtime,
    types::Deferral,
};
use alloc::vec::Vec;
use assay_primitives::{AccountId, BlockNumber, reason::Offence, slashing::DeferralId};
use frame_support::{defensive, storage::with_storage_layer, traits::Get, weights::WeightMeter};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// Whether another punishment of this offender may wait.
    pub(crate) fn has_room(offender: &AccountId) -> bool {
        Deferrals::<T>::count() < T::MaxDeferrals::get()
            && Waiting::<T>::get(offender) < T::MaxDeferralsPerOffender::get()
    }

    /// Puts a punishment off. The caller has asked whether there is room.
    pub(crate) fn defer(deferral: Deferral) {
        let id = NextDeferral::<T>::mutate(|next| {
            let id = *next;
            *next = next.wrapping_add(1);
            id
        });
        let until = deferral.until;
        let noted = Agenda::<T>::mutate(|agenda| {
            let place = agenda.partition_point(|(due, _)| *due <= until);
            agenda.try_insert(place, (until, id))
        });
        if noted.is_err() {
            defensive!("more punishments wait than there is room for");
            return;
        }
        Waiting::<T>::mutate(&deferral.offender, |waiting| {
            *waiting = waiting.saturating_add(1);
        });
        Self::deposit_event(Event::Deferred {
            deferral: id,
            job: deferral.job,
            offender: deferral.offender.clone(),
            offence: deferral.offence,
            due: deferral.due,
            until,
        });
        Deferrals::<T>::insert(id, deferral);
    }

    pub(crate) fn do_cancel(id: DeferralId) -> DispatchResult {
        let deferral = Self::release(id).ok_or(Error::<T>::UnknownDeferral)?;
        Agenda::<T>::mutate(|agenda| agenda.retain(|(_, waiting)| *waiting != id));
        Self::deposit_event(Event::Cancelled {
            deferral: id,
            job: deferral.job,
            offender: deferral.offender,
            offence: deferral.offence,
            due: deferral.due,
        });
        Ok(())
    }

    /// Carries out what is due, as far as the weight reaches and at most `MaxPerBlock`. The rest stays first on the
    /// agenda, so nothing is skipped.
    pub(crate) fn execute_due(now: BlockNumber, meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::look_ahead()).is_err() {
            return;
        }
        let mut agenda = Agenda::<T>::get();
        let most = usize::try_from(T::MaxPerBlock::get()).unwrap_or(usize::MAX);
        let due: Vec<DeferralId> = agenda
            .iter()
            .take_while(|(until, _)| *until <= now)
            .take(most)
            .take_while(|_| meter.try_consume(T::WeightInfo::execute()).is_ok())
            .map(|(_, id)| *id)
            .collect();
        if due.is_empty() {
            return;
        }
        agenda.retain(|(_, id)| !due.contains(id));
        Agenda::<T>::put(agenda);
        for id in due {
            Self::execute(id);
        }
    }

    /// Carries out a punishment that has waited and is off the agenda.
    pub(crate) fn execute(id: DeferralId) {
        let Some(deferral) = Self::release(id) else {
            defensive!("the agenda names a punishment that does not wait");
            return;
        };
        // Who disarms a rule stops what waits by it, too.
        if Self::rule(deferral.offence).mode != Mode::Armed {
            Self::deposit_event(Event::WouldSlash {
                job: deferral.job,
                offender: deferral.offender,
                offence: deferral.offence,
                penalty: deferral.due,
                deferral: Some(id),
            });
            return;
        }
        if let Err(error) = with_storage_layer(|| Self::carry_out(deferral, Some(id))) {
            log::error!(target: LOG_TARGET, "punishment {id} failed: {error:?}");
            Self::deposit_event(Event::Failed {
                deferral: id,
                error,
            });
        }
    }

    /// Takes a punishment out of those that wait. The caller takes it off the agenda.
    fn release(id: DeferralId) -> Option<Deferral> {
        let deferral = Deferrals::<T>::take(id)?;
        Waiting::<T>::mutate_exists(&deferral.offender, |waiting| {
            *waiting = waiting
                .map(|waiting| waiting.saturating_sub(1))
                .filter(|waiting| *waiting > 0);
        });
        Some(deferral)
    }

    /// Refuses a runtime whose constants contradict each other.
    pub(crate) fn check_constants() {
        assert!(T::Era::get() > 0, "an era is at least one block");
        assert!(
            T::MaxDelay::get() < T::UnbondingPeriod::get(),
            "who is charged could withdraw its stake before a punishment that is put off"
        );
        assert!(
            T::MaxPerBlock::get() > 0,
            "punishments that are put off would never be carried out"
        );
        for offence in Offence::ALL {
            assert!(
                Rule::default_for(offence).is_valid(),
                "the default rule for {offence:?} lets somebody gain by reporting himself"
            );
        }
        for kept in KEEPING_BACK {
            assert!(
                Rule::default_for(kept).is_as_hard_as(&Rule::default_for(Offence::WrongResult)),
                "by the default rules a provider would rather keep a wrong result back than show it"
            );
        }
    }
}
