// SPDX-License-Identifier: Apache-2.0
//! Brings a charge and carries a punishment out.

use crate::{
    Config, DefaultDelay, DefaultMode, Error, Event, Pallet, Rules,
    rules::{AtStake, KEEPING_BACK, Mode, REVIEW, Rule, Shares},
    sp_runtime::{DispatchError, Permill, traits::Saturating},
    types::Deferral,
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    reason::Offence,
    reputation::{Deed, Reputation},
    slashing::{Charge, DeferralId, Penalty, Slashing},
    stake::Stakes,
};
use polkadot_sdk::frame_support::{ensure, traits::Get};

/// How a punishment is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// By the rule, and by what else has happened in the era.
    Ruled,
    /// By this share of what the rule takes of other stake.
    Given(Permill),
}

impl<T: Config> Slashing<AccountId, Balance> for Pallet<T> {
    fn punish(charge: Charge<AccountId, Balance>) -> Result<Penalty<Balance>, DispatchError> {
        T::Reputation::note(&charge.offender, Deed::Fault(charge.offence));
        Self::bring(charge, Severity::Ruled)
    }
}

impl<T: Config> Pallet<T> {
    /// The rule that holds for an offence.
    pub fn rule(offence: Offence) -> Rule {
        Rules::<T>::get(offence).unwrap_or_else(|| Self::default_rule(offence))
    }

    /// The rule for an offence that governance has not set.
    fn default_rule(offence: Offence) -> Rule {
        let rule = Rule::default_for(offence);
        let delay = if rule.delay > 0 {
            Self::default_delay()
        } else {
            0
        };
        Rule {
            mode: DefaultMode::<T>::get(),
            delay,
            ..rule
        }
    }

    /// The delay of the rules that have one.
    fn default_delay() -> BlockNumber {
        let delay = DefaultDelay::<T>::get().unwrap_or(REVIEW);
        delay.min(T::MaxDelay::get())
    }

    /// Refuses a rule that somebody could exploit.
    pub(crate) fn check_rule(offence: Offence, rule: &Rule) -> Result<(), Error<T>> {
        ensure!(rule.is_valid(), Error::<T>::BadRule);
        ensure!(rule.delay <= T::MaxDelay::get(), Error::<T>::DelayTooLong);
        let withholding_costs_as_much = match offence {
            Offence::WrongResult => KEEPING_BACK
                .iter()
                .all(|kept| Self::rule(*kept).is_as_hard_as(rule)),
            kept if KEEPING_BACK.contains(&kept) => {
                rule.is_as_hard_as(&Self::rule(Offence::WrongResult))
            }
            _ => true,
        };
        ensure!(withholding_costs_as_much, Error::<T>::WithholdingCheaper);
        Ok(())
    }

    /// Does with a charge what the rule says: nothing, an event, a punishment, or one that is put off.
    pub(crate) fn bring(
        charge: Charge<AccountId, Balance>,
        severity: Severity,
    ) -> Result<Penalty<Balance>, DispatchError> {
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
        if rule.mode == Mode::Off {
            return Ok(Penalty::default());
        }
        let at_stake = Self::at_stake(&offender, bond, price);
        let share_of_stake = match severity {
            Severity::Ruled => Self::share_of_stake(&rule, offence, &offender, at_stake),
            Severity::Given(share) => rule.stake.saturating_mul(share),
        };
        let reporter = reporter.filter(|reporter| *reporter != offender);
        let requester = requester.filter(|requester| *requester != offender);
        let shares = rule.shares(price, reporter.is_some(), requester.is_some());
        let taken = rule.owed(at_stake, share_of_stake);
        let due = shares.divide(taken, at_stake.own_of(taken));
        if rule.mode == Mode::Shadow {
            Self::deposit_event(Event::WouldSlash {
                job,
                offender,
                offence,
                penalty: due,
                deferral: None,
            });
            return Ok(Penalty::default());
        }
        if rule.chill {
            T::Stakes::chill(&offender);
        }
        let deferral = Deferral {
            offence,
            job,
            offender,
            reporter,
            requester,
            due,
            shares,
            until: Self::now().saturating_add(rule.delay),
        };
        if rule.delay > 0 && taken > 0 && Self::has_room(&deferral.offender) {
            Self::defer(deferral);
            return Ok(Penalty::default());
        }
        Self::carry_out(deferral, None)
    }

    /// What an offender has at stake.
    ///
    /// What is unbonding counts, or leaving would be the way out of a penalty. The bond was unlocked before the
    /// charge was brought and is part of it.
    fn at_stake(offender: &AccountId, bond: Balance, price: Balance) -> AtStake {
        let slashable = T::Stakes::slashable(offender);
        AtStake {
            bond: bond.min(slashable),
            other: slashable.saturating_sub(bond),
            own: T::Stakes::own(offender).min(slashable),
            price,
        }
    }

    /// Takes what is due, as far as it is still there, shares it out and says what arrived where: less than is due
    /// to a beneficiary that cannot receive.
    pub(crate) fn carry_out(
        punishment: Deferral,
        waited: Option<DeferralId>,
    ) -> Result<Penalty<Balance>, DispatchError> {
        let Deferral {
            offence,
            job,
            offender,
            reporter,
            requester,
            due,
            shares,
            ..
        } = punishment;
        let penalty = Self::take(&offender, reporter, requester, due.taken, shares)?;
        Self::deposit_event(Event::Slashed {
            job,
            offender,
            offence,
            penalty,
            deferral: waited,
        });
        Ok(penalty)
    }

    fn take(
        offender: &AccountId,
        reporter: Option<AccountId>,
        requester: Option<AccountId>,
        most: Balance,
        shares: Shares,
    ) -> Result<Penalty<Balance>, DispatchError> {
        let at_stake = Self::at_stake(offender, 0, 0);
        let taken = most.min(at_stake.all());
        let due = shares.divide(taken, at_stake.own_of(taken));
        let treasury = Some(T::Treasury::get()).filter(|treasury| treasury != offender);
        let parties = [
            (reporter, due.reporter),
            (requester, due.requester),
            (treasury, due.treasury),
        ];
        let beneficiaries: Vec<_> = (parties.iter())
            .filter_map(|(account, share)| Some((account.clone()?, *share)))
            .collect();
        let slashed = T::Stakes::slash(offender, taken, &beneficiaries)?;
        let mut paid = slashed.paid.into_iter();
        let [reporter, requester, treasury] =
            parties.map(|(account, _)| account.and_then(|_| paid.next()).unwrap_or_default());
        Ok(Penalty {
            taken: slashed.taken,
            reporter,
            requester,
            treasury,
            burned: slashed.burned,
        })
    }
}
