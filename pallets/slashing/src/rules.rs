// SPDX-License-Identifier: Apache-2.0
//! The table of offences, and the arithmetic of one punishment.

use crate::sp_runtime::Permill;
use assay_primitives::{Balance, reason::Offence, slashing::Penalty};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Whether a rule takes anything.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Mode {
    /// Nothing happens.
    Off,
    /// An event says what would have been taken.
    #[default]
    Shadow,
    /// It is taken.
    Armed,
}

/// What one offence costs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Rule {
    /// Whether it does.
    pub mode: Mode,
    /// The share of the stake that was locked to the job.
    pub bond: Permill,
    /// The share of all other stake: free, backing other jobs or unbonding.
    pub stake: Permill,
    /// The share of the job's price, for offences that no bond was locked for.
    pub price: Permill,
    /// Of what is taken, the reporter's share.
    pub reporter: Permill,
    /// Of what is taken, the requester's share.
    pub requester: Permill,
    /// The most that the requester gets, in prices of the job.
    pub requester_cap: u32,
}

impl Rule {
    /// The rule for an offence unless governance sets another. See the README for the table.
    pub fn default_for(offence: Offence) -> Self {
        let none = Self {
            mode: Mode::Armed,
            bond: Permill::zero(),
            stake: Permill::zero(),
            price: Permill::zero(),
            reporter: Permill::zero(),
            requester: Permill::zero(),
            requester_cap: 1,
        };
        let percent = Permill::from_percent;
        match offence {
            Offence::WrongResult => Self {
                bond: percent(100),
                stake: percent(10),
                reporter: percent(20),
                requester: percent(50),
                ..none
            },
            Offence::MissedDeadline | Offence::Withheld => Self {
                bond: percent(100),
                requester: percent(50),
                ..none
            },
            Offence::FalseAttestation => Self {
                stake: percent(2),
                reporter: percent(20),
                ..none
            },
            Offence::UnprovenAccusation => Self {
                price: percent(10),
                ..none
            },
            Offence::NoAttestation => Self {
                price: percent(1),
                ..none
            },
            Offence::NoReveal => Self {
                price: percent(5),
                ..none
            },
        }
    }

    /// Whether nobody can gain by reporting himself.
    pub fn is_valid(&self) -> bool {
        let shares = self
            .reporter
            .deconstruct()
            .saturating_add(self.requester.deconstruct());
        self.reporter <= Permill::from_percent(50) && shares < Permill::one().deconstruct()
    }

    /// What a punishment comes to, with so much stake locked to the job and so much other stake.
    pub fn penalty(&self, stakes: AtStake, reported: bool, harmed: bool) -> Penalty<Balance> {
        let owed = self
            .bond
            .mul_floor(stakes.bond)
            .saturating_add(self.stake.mul_floor(stakes.other))
            .saturating_add(self.price.mul_floor(stakes.price));
        let taken = owed.min(stakes.bond.saturating_add(stakes.other));
        let share = |share: Permill, due: bool| {
            if due { share.mul_floor(taken) } else { 0 }
        };
        let reporter = share(self.reporter, reported);
        let cap = stakes.price.saturating_mul(self.requester_cap.into());
        let requester = share(self.requester, harmed).min(cap);
        Penalty {
            taken,
            reporter,
            requester,
            burned: taken.saturating_sub(reporter).saturating_sub(requester),
        }
    }
}

/// What a punishment is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtStake {
    /// The stake that was locked to the job.
    pub bond: Balance,
    /// All other stake of the offender.
    pub other: Balance,
    /// The job's price.
    pub price: Balance,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn penalty_is_the_table_for_a_wrong_result() {
        let stakes = AtStake {
            bond: 200,
            other: 1_000,
            price: 100,
        };
        let penalty = Rule::default_for(Offence::WrongResult).penalty(stakes, true, true);
        let expected = Penalty {
            taken: 300,
            reporter: 60,
            requester: 100,
            burned: 140,
        };
        assert_eq!(penalty, expected);
    }

    #[test]
    fn rule_is_refused_when_a_reporter_could_gain() {
        let mut rule = Rule::default_for(Offence::WrongResult);
        rule.reporter = Permill::from_percent(51);
        assert!(!rule.is_valid());
        rule.reporter = Permill::from_percent(50);
        rule.requester = Permill::from_percent(50);
        assert!(!rule.is_valid());
        rule.requester = Permill::from_parts(499_999);
        assert!(rule.is_valid());
    }

    #[test]
    fn penalty_gives_the_requester_no_more_than_its_cap() {
        let stakes = AtStake {
            bond: 1_000,
            other: 0,
            price: 100,
        };
        let due = |requester_cap| {
            let rule = Rule {
                requester_cap,
                ..Rule::default_for(Offence::MissedDeadline)
            };
            rule.penalty(stakes, false, true).requester
        };
        assert_eq!(
            [0, 1, 4, 5, 6, u32::MAX].map(due),
            [0, 100, 400, 500, 500, 500]
        );
    }

    #[test]
    fn penalty_adds_up_on_the_whole_small_domain() {
        let rules = Offence::ALL.map(Rule::default_for);
        for (bond, other, price) in (0..12).flat_map(|bond| {
            (0..12).flat_map(move |other| (0..6).map(move |price| (bond, other, price)))
        }) {
            for (rule, reported, harmed) in rules.iter().flat_map(|rule| {
                [
                    (rule, false, false),
                    (rule, true, false),
                    (rule, false, true),
                    (rule, true, true),
                ]
            }) {
                let stakes = AtStake { bond, other, price };
                let penalty = rule.penalty(stakes, reported, harmed);
                assert_eq!(
                    penalty.taken,
                    penalty.reporter + penalty.requester + penalty.burned
                );
                assert!(penalty.taken <= bond + other);
                assert!(penalty.requester <= price * u128::from(rule.requester_cap));
                // Who gets both shares has still lost.
                assert!(penalty.taken == 0 || penalty.reporter + penalty.requester < penalty.taken);
            }
        }
    }

    proptest! {
        #[test]
        fn reporting_oneself_never_pays(
            bond in 0..u128::MAX / 4,
            other in 0..u128::MAX / 4,
            price in any::<u128>(),
            parts in any::<[u32; 5]>(),
            requester_cap in any::<u32>(),
        ) {
            let [bond_share, stake, price_share, reporter, requester] =
                parts.map(|part| Permill::from_parts(part % 1_000_001));
            let rule = Rule { mode: Mode::Armed, bond: bond_share, stake, price: price_share, reporter, requester, requester_cap };
            if rule.is_valid() {
                let penalty = rule.penalty(AtStake { bond, other, price }, true, true);
                prop_assert_eq!(penalty.taken, penalty.reporter + penalty.requester + penalty.burned);
                prop_assert!(penalty.taken == 0 || penalty.reporter + penalty.requester < penalty.taken);
            }
        }
    }
}
