// SPDX-License-Identifier: Apache-2.0
//! Who has gained and lost what by a job. Nothing is lost on the way.

use assay_primitives::Balance;

/// Money gained, or lost if negative.
pub type Amount = i128;

/// Somebody who can gain or lose by a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// A provider, by its number; number 0 computes the job.
    Provider(usize),
    /// Who posted the job.
    Requester,
    /// A stranger without stake who looks on.
    Watcher,
    /// An account of the coalition that is no provider.
    Friend,
    /// Who has delegated to a provider that was punished.
    Delegators,
    /// The protocol's account.
    Treasury,
    /// What no longer exists.
    Burned,
    /// Electricity and time.
    World,
}

/// What everybody has gained or lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    providers: Vec<Amount>,
    others: [Amount; 7],
}

impl Ledger {
    /// Nobody has gained or lost anything.
    pub fn new(providers: usize) -> Self {
        Self {
            providers: vec![0; providers],
            others: [0; 7],
        }
    }

    fn entry(&mut self, party: Party) -> &mut Amount {
        match party {
            Party::Provider(number) => &mut self.providers[number],
            Party::Requester => &mut self.others[0],
            Party::Watcher => &mut self.others[1],
            Party::Friend => &mut self.others[2],
            Party::Treasury => &mut self.others[3],
            Party::Burned => &mut self.others[4],
            Party::World => &mut self.others[5],
            Party::Delegators => &mut self.others[6],
        }
    }

    /// Moves money.
    pub fn pay(&mut self, from: Party, to: Party, amount: Balance) {
        let amount = signed(amount);
        *self.entry(from) -= amount;
        *self.entry(to) += amount;
    }

    /// What somebody has gained.
    pub fn of(&self, party: Party) -> Amount {
        *self.clone().entry(party)
    }

    /// What all together have gained; 0, or something was lost on the way.
    pub fn sum(&self) -> Amount {
        self.providers.iter().chain(&self.others).sum()
    }
}

/// An amount with a sign.
pub fn signed(amount: Balance) -> Amount {
    Amount::try_from(amount).expect("amounts of jobs are far below 2^127")
}

/// A multiple of an amount, to a billionth.
pub fn part(amount: Balance, factor: f64) -> Balance {
    const PARTS: u32 = 1_000_000_000;
    // Not negative, below 2^64, and whole.
    let factor = (factor.clamp(0.0, 1e6) * f64::from(PARTS)).round() as Balance;
    let parts = Balance::from(PARTS);
    amount / parts * factor + amount % parts * factor / parts
}

/// An amount in prices.
pub fn in_prices(amount: i128, price: Balance) -> f64 {
    // Amounts are far below 2^53 units of a millionth of the price, which is all that is shown.
    amount as f64 / signed(price) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_is_the_share_of_the_amount() {
        assert_eq!(part(1_000, 0.5), 500);
        assert_eq!(part(10_000_000_000_000, 0.01), 100_000_000_000);
        assert_eq!(part(7, 1.0), 7);
        assert_eq!(part(7, 0.0), 0);
        assert_eq!(part(1_000, 1.05), 1_050);
    }
}
