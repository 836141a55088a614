// SPDX-License-Identifier: Apache-2.0
//! Offences of validators, as pallet-offences reports them.

use crate::{
    Config, Equivocations, LOG_TARGET, Pallet, WeightInfo, frame_support,
    punishment::Severity,
    sp_runtime::{Perbill, Permill, Saturating},
    sp_staking::{
        SessionIndex,
        offence::{OffenceDetails, OnOffenceHandler},
    },
};
use assay_primitives::{
    AccountId,
    reason::Offence,
    reputation::{Deed, Reputation},
    slashing::Charge,
};
use frame_support::{storage::with_storage_layer, weights::Weight};

/// The identification of a validator is its account, with whatever the historical sessions keep beside it.
impl<T: Config, Full> OnOffenceHandler<AccountId, (AccountId, Full), Weight> for Pallet<T> {
    /// Charges each offender with its share of the stake.
    ///
    /// A report names the earlier offenders of the same session and slot again, with the share that all together
    /// deserve. Of somebody who was charged with a share in that session already only the rest is taken.
    fn on_offence(
        offenders: &[OffenceDetails<AccountId, (AccountId, Full)>],
        slash_fraction: &[Perbill],
        session: SessionIndex,
    ) -> Weight {
        let mut weight = Weight::zero();
        for (details, share) in offenders.iter().zip(slash_fraction) {
            let (offender, _) = &details.offender;
            let reporter = details.reporters.first();
            Self::equivocated(offender, reporter, *share, session);
            weight = weight.saturating_add(T::WeightInfo::equivocated());
        }
        weight
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn equivocated(
        offender: &AccountId,
        reporter: Option<&AccountId>,
        share: Perbill,
        session: SessionIndex,
    ) {
        let before = Self::raise(offender, share, session);
        if before.is_none() {
            T::Reputation::note(offender, Deed::Fault(Offence::Equivocation));
        }
        let rest = share.saturating_sub(before.unwrap_or_default());
        if before.is_some() && rest.is_zero() {
            return;
        }
        let charge = Charge {
            offence: Offence::Equivocation,
            job: None,
            offender: offender.clone(),
            bond: 0,
            price: 0,
            reporter: reporter.cloned(),
            requester: None,
        };
        let rest = Permill::from_rational(rest.deconstruct(), Perbill::one().deconstruct());
        if let Err(error) = with_storage_layer(|| Self::bring(charge, Severity::Given(rest))) {
            log::error!(target: LOG_TARGET, "an equivocation could not be punished: {error:?}");
        }
    }

    /// Notes the share that a validator is charged with for a session. The answer is what was noted before.
    fn raise(offender: &AccountId, share: Perbill, session: SessionIndex) -> Option<Perbill> {
        Equivocations::<T>::mutate(|known| {
            let same = |(of, who, _): &&mut (SessionIndex, AccountId, Perbill)| {
                *of == session && who == offender
            };
            if let Some((_, _, noted)) = known.iter_mut().find(same) {
                let before = *noted;
                *noted = before.max(share);
                return Some(before);
            }
            if known.is_full() {
                known.remove(0);
            }
            // There is room: the oldest was removed.
            let _ = known.try_push((session, offender.clone(), share));
            None
        })
    }
}
