// SPDX-License-Identifier: Apache-2.0
//! What clients see.

use crate::{Agenda, Config, Deferrals, Pallet, rules::Precedent};
use alloc::vec::Vec;
use assay_primitives::{
    api::{DeferralView, RuleView},
    reason::Offence,
};

impl<T: Config> Pallet<T> {
    /// The rules in force, in the order of the offences' codes.
    pub fn rules() -> Vec<RuleView> {
        Offence::ALL
            .map(|offence| {
                let rule = Self::rule(offence);
                RuleView {
                    offence,
                    code: offence.code(),
                    mode: rule.mode,
                    bond: rule.bond,
                    stake: rule.stake,
                    stake_at_most: rule.share_of_stake(Precedent {
                        times: 1,
                        charged: 1,
                        active: 1,
                    }),
                    price: rule.price,
                    reporter: rule.reporter,
                    requester: rule.requester,
                    requester_cap: rule.requester_cap,
                    treasury: rule.treasury,
                    chill: rule.chill,
                    delay: rule.delay,
                }
            })
            .to_vec()
    }

    /// The punishments that wait, the next one due first.
    pub fn deferrals() -> Vec<DeferralView> {
        Agenda::<T>::get()
            .into_iter()
            .filter_map(|(until, id)| {
                let deferral = Deferrals::<T>::get(id)?;
                Some(DeferralView {
                    id,
                    offence: deferral.offence,
                    code: deferral.offence.code(),
                    job: deferral.job,
                    offender: deferral.offender,
                    reporter: deferral.reporter,
                    requester: deferral.requester,
                    due: deferral.due,
                    until,
                })
            })
            .collect()
    }
}
