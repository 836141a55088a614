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

impl<T: Config> Pallet<T> {
    /// Moves the money of a penalty, and says what arrived where: less than is due to a beneficiary
    /// that cannot receive.
    fn carry_out(
        offender: &AccountId,
        reporter: Option<AccountId>,
        requester: Option<AccountId>,
        due: Penalty<Balance>,
    ) -> Result<Penalty<Balance>, DispatchError> {
        let beneficiaries: Vec<_> = [
            reporter.clone().map(|reporter| (reporter, due.reporter)),
            requester
                .clone()
                .map(|requester| (requester, due.requester)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let slashed = T::Stakes::slash(offender, due.taken, &beneficiaries)?;
        let mut paid = slashed.paid.into_iter();
        let reporter = reporter.and_then(|_| paid.next()).unwrap_or(0);
        let requester = requester.and_then(|_| paid.next()).unwrap_or(0);
        Ok(Penalty {
            taken: slashed.taken,
            reporter,
            requester,
            burned: slashed.burned,
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
        // What is unbonding counts, or leaving would be the way out of a penalty. The bond was unlocked
        // before the charge was brought and is part of it.
        let slashable = T::Stakes::slashable(&offender);
        let at_stake = AtStake {
            bond: bond.min(slashable),
            other: slashable.saturating_sub(bond),
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
                let penalty = Self::carry_out(&offender, reporter, requester, penalty)?;
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
