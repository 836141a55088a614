// SPDX-License-Identifier: Apache-2.0
//! Punishments, by the rules of `pallet-slashing`.

use crate::{
    ledger::{Ledger, Party, part},
    market::Market,
};
use assay_primitives::{Balance, reason::Offence, slashing::Penalty};
use pallet_slashing::rules::{AtStake, KEEPING_BACK, Precedent, Rule};

/// Somebody who has committed an offence.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// What.
    pub offence: Offence,
    /// The number of the provider.
    pub offender: usize,
    /// What it had locked to the job.
    pub bond: Balance,
    /// Who has shown it.
    pub reporter: Option<Party>,
    /// Whether the requester was harmed.
    pub harmed: bool,
}

/// What was punished in an era so far: stakes, and how much of each kind was charged.
#[derive(Clone, Debug)]
pub struct Court<'a> {
    market: &'a Market,
    stakes: Vec<Balance>,
    own: Vec<Balance>,
    /// Kind, offender, and its stake at that time.
    charged: Vec<(Offence, usize, Balance)>,
}

impl<'a> Court<'a> {
    /// Nobody was charged with anything.
    pub fn new(market: &'a Market) -> Self {
        let providers = market.providers as usize;
        Self {
            market,
            stakes: vec![market.stake; providers],
            own: vec![part(market.stake, market.own); providers],
            charged: Vec::new(),
        }
    }

    /// What a provider has at stake.
    pub fn stake(&self, provider: usize) -> Balance {
        self.stakes[provider]
    }

    /// Punishes by the default rule. What waits for governance is taken too: nothing is cancelled here.
    pub fn punish(&mut self, ledger: &mut Ledger, charge: Charge) -> Penalty<Balance> {
        let Charge {
            offence,
            offender,
            bond,
            reporter,
            harmed,
        } = charge;
        let rule = Rule::default_for(offence);
        let slashable = self.stakes[offender];
        let at_stake = AtStake {
            bond: bond.min(slashable),
            other: slashable.saturating_sub(bond),
            own: self.own[offender],
            price: self.market.price,
        };
        let share = if rule.stake.is_zero() {
            rule.stake
        } else {
            rule.share_of_stake(self.precedent(offence, offender))
        };
        let offender_party = Party::Provider(offender);
        let reporter = reporter.filter(|reporter| *reporter != offender_party);
        let penalty = rule.penalty(at_stake, share, reporter.is_some(), harmed);
        let own = at_stake.own_of(penalty.taken);
        self.stakes[offender] -= penalty.taken;
        self.own[offender] -= own;
        if let Some(reporter) = reporter {
            ledger.pay(offender_party, reporter, penalty.reporter);
        }
        ledger.pay(offender_party, Party::Requester, penalty.requester);
        ledger.pay(offender_party, Party::Treasury, penalty.treasury);
        let delegated = penalty.taken - own;
        ledger.pay(Party::Delegators, Party::Burned, delegated);
        ledger.pay(offender_party, Party::Burned, penalty.burned - delegated);
        penalty
    }

    fn precedent(&mut self, offence: Offence, offender: usize) -> Precedent {
        let class = if KEEPING_BACK.contains(&offence) {
            Offence::WrongResult
        } else {
            offence
        };
        let stake = self.stakes[offender];
        self.charged.push((class, offender, stake));
        let alike = || self.charged.iter().filter(|(other, _, _)| *other == class);
        let times = alike().filter(|(_, who, _)| *who == offender).count();
        let mut charged: Vec<(usize, Balance)> = Vec::new();
        for (_, who, stake) in alike() {
            if charged.iter().all(|(other, _)| other != who) {
                charged.push((*who, *stake));
            }
        }
        Precedent {
            times: u32::try_from(times).unwrap_or(u32::MAX),
            charged: charged.iter().map(|(_, stake)| stake).sum(),
            active: self.stakes.iter().sum(),
        }
    }
}
