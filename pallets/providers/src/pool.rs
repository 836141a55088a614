// SPDX-License-Identifier: Apache-2.0
//! Money that many own by shares: a reward or a loss changes what a share is worth, whoever holds it.

use crate::sp_runtime;
use assay_primitives::Balance;
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{Rounding, helpers_128bit::multiply_by_rational_with_rounding};

/// A loss that leaves less than one unit of money for so many shares ends a generation of shares: numbers of
/// shares stay below 2^40 times the money there is, so that no product of them overflows.
const WORN: Balance = 1 << 40;

/// One part in so many is the most that who joins can lose to rounding.
const PRECISION: Balance = 1_000_000;

/// `a * b / c`, rounded down; 0 if nothing is divided by.
pub(crate) fn proportion(a: Balance, b: Balance, c: Balance) -> Balance {
    multiply_by_rational_with_rounding(a, b, c, Rounding::Down).unwrap_or_default()
}

/// Money owned by shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SharePool {
    /// The money.
    pub value: Balance,
    /// The shares that own it. With none of them, `value` is what rounding and losses have left over.
    pub shares: Balance,
    /// How often all shares became worthless.
    pub generation: u32,
}

/// A part of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Share {
    /// How many shares.
    pub shares: Balance,
    /// Of which generation; those of an earlier one than the pool's are worth nothing.
    pub generation: u32,
}

impl SharePool {
    /// What a part is worth, rounded down.
    pub fn worth(&self, part: Share) -> Balance {
        if part.generation == self.generation {
            proportion(self.value, part.shares, self.shares)
        } else {
            0
        }
    }

    /// The least shares of a part that are worth so much; all of it if it is worth no more.
    pub fn shares_for(&self, amount: Balance, part: Share) -> Share {
        let all = part.shares;
        let shares = if amount >= self.worth(part) {
            all
        } else {
            multiply_by_rational_with_rounding(amount, self.shares, self.value, Rounding::Up)
                .map_or(all, |shares| shares.min(all))
        };
        Share { shares, ..part }
    }

    /// Puts money in and returns the shares that own it. `None`, and nothing put in, when so many
    /// shares cannot be counted.
    pub fn enter(&mut self, amount: Balance) -> Option<Share> {
        let shares = if self.shares == 0 {
            amount
        } else {
            multiply_by_rational_with_rounding(amount, self.shares, self.value, Rounding::Down)?
        };
        let grown = Self {
            value: self.value.checked_add(amount)?,
            shares: self.shares.checked_add(shares)?,
            ..*self
        };
        *self = grown;
        Some(Share {
            shares,
            generation: self.generation,
        })
    }

    /// As [`SharePool::enter`], but also `None` when rounding would cost more than a millionth of the amount: where
    /// few shares are worth much, whoever made it so could otherwise take from those who come later.
    pub fn enter_fairly(&mut self, amount: Balance) -> Option<Share> {
        let mut grown = *self;
        let share = grown.enter(amount)?;
        let tolerated = amount
            .checked_div(PRECISION)
            .unwrap_or_default()
            .saturating_add(1);
        if amount.saturating_sub(grown.worth(share)) > tolerated {
            return None;
        }
        *self = grown;
        Some(share)
    }

    /// Takes a part out and returns its money. The last one takes all of it.
    pub fn leave(&mut self, part: Share) -> Balance {
        let value = self.worth(part);
        if part.generation == self.generation {
            self.value = self.value.saturating_sub(value);
            self.shares = self.shares.saturating_sub(part.shares);
        }
        value
    }

    /// Adds money for those who own the pool.
    pub fn gain(&mut self, amount: Balance) {
        self.value = self.value.saturating_add(amount);
    }

    /// Takes money from those who own the pool. When next to nothing is left its shares are worthless from then on.
    pub fn lose(&mut self, amount: Balance) {
        self.value = self.value.saturating_sub(amount);
        if self.is_worn() {
            self.shares = 0;
            self.generation = self.generation.saturating_add(1);
        }
    }

    /// Whether the shares are too many for what they own.
    pub fn is_worn(&self) -> bool {
        self.shares > self.value.saturating_mul(WORN)
    }
}
