// SPDX-License-Identifier: Apache-2.0
//! The table of offences, and the arithmetic of one punishment. Pure functions.

use crate::sp_runtime::Permill;
pub use assay_primitives::slashing::Mode;
use assay_primitives::{Balance, BlockNumber, reason::Offence, slashing::Penalty};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How long governance may look at a punishment, unless the genesis says otherwise: 7 days of blocks of three
/// seconds.
pub const REVIEW: BlockNumber = 7 * 24 * 60 * 20;

/// The offences of a provider that keeps something back. Were one of them cheaper than a wrong result, whoever sees
/// his wrong tile drawn would rather commit it.
pub const KEEPING_BACK: [Offence; 2] = [Offence::Withheld, Offence::Unserved];

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
    /// Of that share, how much more is taken when all active stake erred alike: 3 makes it four times as much.
    pub correlation: u32,
    /// Of that share, how much more is taken for each time that the offender did the same in this era before.
    pub repetition: u32,
    /// The share of the job's price, for offences that no bond was locked for.
    pub price: Permill,
    /// Of what is taken of the offender's own stake, the reporter's share.
    pub reporter: Permill,
    /// Of the same, the requester's share.
    pub requester: Permill,
    /// The most that the requester gets, in prices of the job.
    pub requester_cap: u32,
    /// Of the same, the treasury's share.
    pub treasury: Permill,
    /// Whether the offender is taken out of service at once, until it says that it is back.
    pub chill: bool,
    /// The blocks for which governance may look at it before anything is taken; 0 where the chain has proved it.
    pub delay: BlockNumber,
}

impl Rule {
    /// The rule for an offence unless governance sets another. See the README for the table and its reasons.
    pub fn default_for(offence: Offence) -> Self {
        let none = Self {
            mode: Mode::Armed,
            bond: Permill::zero(),
            stake: Permill::zero(),
            correlation: 0,
            repetition: 0,
            price: Permill::zero(),
            reporter: Permill::zero(),
            requester: Permill::zero(),
            requester_cap: 1,
            treasury: Permill::zero(),
            chill: false,
            delay: 0,
        };
        let percent = Permill::from_percent;
        // What a provider loses for a result that is wrong, or that it does not show.
        let result = Self {
            bond: percent(100),
            stake: percent(10),
            correlation: 3,
            repetition: 1,
            requester: percent(50),
            treasury: percent(10),
            ..none
        };
        match offence {
            Offence::WrongResult => Self {
                reporter: percent(20),
                ..result
            },
            Offence::Withheld => result,
            Offence::Unserved => Self {
                requester: Permill::zero(),
                treasury: Permill::zero(),
                delay: REVIEW,
                ..result
            },
            Offence::MissedDeadline => Self {
                bond: percent(100),
                requester: percent(50),
                treasury: percent(10),
                ..none
            },
            Offence::FalseAttestation => Self {
                stake: percent(2),
                correlation: 3,
                repetition: 1,
                reporter: percent(20),
                ..none
            },
            Offence::UnprovenAccusation | Offence::FalseReport => Self {
                price: percent(10),
                delay: REVIEW,
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
            Offence::Equivocation => Self {
                stake: percent(100),
                reporter: percent(10),
                chill: true,
                delay: REVIEW,
                ..none
            },
        }
    }

    /// Whether nobody can gain by reporting himself.
    pub fn is_valid(&self) -> bool {
        let shares = (self.reporter.deconstruct())
            .saturating_add(self.requester.deconstruct())
            .saturating_add(self.treasury.deconstruct());
        self.reporter <= Permill::from_percent(50) && shares < Permill::one().deconstruct()
    }

    /// Whether an offender loses no less by this rule than by another, whatever it has at stake.
    pub fn is_as_hard_as(&self, other: &Self) -> bool {
        self.bond >= other.bond
            && self.stake >= other.stake
            && self.correlation >= other.correlation
            && self.repetition >= other.repetition
            && self.price >= other.price
    }

    /// The share of other stake that is taken, as things stand in the era:
    ///
    /// ```text
    /// stake * (1 + repetition * (times - 1)) * (1 + correlation * charged / active)        at most all
    /// ```
    ///
    /// That the share grows with the number of those who erred alike is Polkadot's idea: one machine that fails is
    /// an accident, many that fail alike are a danger. Its formulas are min(3 (k - (n / 10 + 1)) / n, 1) * 7% for
    /// unresponsiveness and min((3 k / n)^2, 1) for equivocations of k among n validators (Web3 Foundation, "Slashing
    /// mechanisms"; `slash_fraction` of pallet-im-online, pallet-babe and pallet-grandpa). Here stake is counted, not
    /// heads, which cost nothing; the slope of 3 is theirs.
    pub fn share_of_stake(&self, precedent: Precedent) -> Permill {
        let whole = u128::from(Permill::one().deconstruct());
        let charged = precedent.charged;
        let among = precedent.active.max(charged).max(1);
        let alike = Permill::from_rational(charged, among).deconstruct();
        let repeated = u128::from(self.repetition)
            .saturating_mul(precedent.times.saturating_sub(1).into())
            .saturating_add(1);
        let correlated = u128::from(self.correlation)
            .saturating_mul(alike.into())
            .saturating_add(whole);
        let share = u128::from(self.stake.deconstruct())
            .saturating_mul(repeated)
            .saturating_mul(correlated)
            .div_euclid(whole)
            .min(whole);
        Permill::from_parts(u32::try_from(share).unwrap_or_else(|_| Permill::one().deconstruct()))
    }

    /// What is owed by somebody with this at stake, of whose other stake this share is taken; no more than there is.
    pub fn owed(&self, stakes: AtStake, share_of_stake: Permill) -> Balance {
        self.bond
            .mul_floor(stakes.bond)
            .saturating_add(share_of_stake.mul_floor(stakes.other))
            .saturating_add(self.price.mul_floor(stakes.price))
            .min(stakes.all())
    }

    /// How what is taken is shared out, if somebody reported it and if somebody was harmed.
    pub fn shares(&self, price: Balance, reported: bool, harmed: bool) -> Shares {
        let share = |share: Permill, due: bool| if due { share } else { Permill::zero() };
        Shares {
            reporter: share(self.reporter, reported),
            requester: share(self.requester, harmed),
            requester_most: price.saturating_mul(self.requester_cap.into()),
            treasury: self.treasury,
        }
    }

    /// What a punishment comes to, with this at stake, of which this share of other stake is taken.
    pub fn penalty(
        &self,
        stakes: AtStake,
        share_of_stake: Permill,
        reported: bool,
        harmed: bool,
    ) -> Penalty<Balance> {
        let taken = self.owed(stakes, share_of_stake);
        self.shares(stakes.price, reported, harmed)
            .divide(taken, stakes.own_of(taken))
    }
}

/// What a punishment is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtStake {
    /// The stake that was locked to the job.
    pub bond: Balance,
    /// All other stake of the offender.
    pub other: Balance,
    /// Of both, what is the offender's own and not its delegators'.
    pub own: Balance,
    /// The job's price.
    pub price: Balance,
}

impl AtStake {
    /// All that can be taken.
    pub fn all(&self) -> Balance {
        self.bond.saturating_add(self.other)
    }

    /// The offender's own part of what is taken: its own stake is taken first.
    pub fn own_of(&self, taken: Balance) -> Balance {
        self.own.min(taken)
    }
}

/// What has happened in an era, the offence in question included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Precedent {
    /// How often the offender did it.
    pub times: u32,
    /// The stake of all who did it.
    pub charged: Balance,
    /// All active stake.
    pub active: Balance,
}

impl Precedent {
    /// Somebody whose stake is nothing among all did it for the first time.
    pub const NONE: Self = Self {
        times: 1,
        charged: 0,
        active: 1,
    };
}

/// How what is taken is shared out.
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
)]
pub struct Shares {
    /// The reporter's share; 0 if nobody reported it.
    pub reporter: Permill,
    /// The requester's share; 0 if nobody was harmed.
    pub requester: Permill,
    /// The most that the requester gets.
    pub requester_most: Balance,
    /// The treasury's share.
    pub treasury: Permill,
}

impl Shares {
    /// Divides what is taken. Shares are of the part that is the offender's own: were delegators' stake shared out
    /// too, an operator could have itself convicted and be paid by them. All else is burned.
    pub fn divide(&self, taken: Balance, own: Balance) -> Penalty<Balance> {
        let own = own.min(taken);
        let reporter = self.reporter.mul_floor(own);
        let requester = self.requester.mul_floor(own).min(self.requester_most);
        let treasury = self.treasury.mul_floor(own);
        Penalty {
            taken,
            reporter,
            requester,
            treasury,
            burned: taken
                .saturating_sub(reporter)
                .saturating_sub(requester)
                .saturating_sub(treasury),
        }
    }
}

#[cfg(test)]
mod tests;
