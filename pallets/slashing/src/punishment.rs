// SPDX-License-Identifier: Apache-2.0
//! Carries a rule out.

use crate::{
    Config, DefaultMode, Event, Pallet, Rules,
    rules::{AtStake, Mode, Rule},
    sp_runtime::DispatchError,
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance,
    reason::Offence,
    slashing::{Charge, Penalty, Slashing},
    stake::Stakes,
};

impl<T: Config> Pallet<T> {
    /// The rule that holds for an offence.
    pub fn rule(offence: Offence) -> Rule {
        Rules::<T>::get(offence).unwrap_or_else(|| Rule {
            mode: DefaultMode::<T>::get(),
            ..Rule::default_for(offence)
        })
    }
}

impl<T: Config> Slashing<AccountId, Balance> for Pallet<T> {
    fn punish(charge: Charge<AccountId, Balance>) -> Result<Penalty<Balance>, DispatchError> {
        let Charge {
            offence,
            job,
            offender,
            bond,
            price,
            reporter,
            requester,
        } = charge;
        let rule = Self::rule(offence);
        // The bond was unlocked before the charge was brought, so it is part of the free stake.
        let free = T::Stakes::free(&offender);
        let at_stake = AtStake {
            bond: bond.min(free),
            other: free.saturating_sub(bond),
            price,
        };
        let reporter = reporter.filter(|reporter| *reporter != offender);
        let requester = requester.filter(|requester| *requester != offender);
        let penalty = rule.penalty(at_stake, reporter.is_some(), requester.is_some());
        match rule.mode {
            Mode::Off => Ok(Penalty::default()),
            Mode::Shadow => {
                Self::deposit_event(Event::WouldSlash {
                    job,
                    offender,
                    offence,
                    penalty,
                });
                Ok(Penalty::default())
            }
            Mode::Armed => {
                let beneficiaries: Vec<_> =
                    [(reporter, penalty.reporter), (requester, penalty.requester)]
                        .into_iter()
                        .filter_map(|(account, amount)| Some((account?, amount)))
                        .collect();
                T::Stakes::slash(&offender, penalty.taken, &beneficiaries)?;
                Self::deposit_event(Event::Slashed {
                    job,
                    offender,
                    offence,
                    penalty,
                });
                Ok(penalty)
            }
        }
    }
}
