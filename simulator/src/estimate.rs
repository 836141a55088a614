// SPDX-License-Identifier: Apache-2.0
//! Thousands of jobs, and what they say.

use crate::{
    chance::Chance,
    job::play,
    ledger::in_prices,
    market::Market,
    strategy::{Baseline, Plan, Stranger, Strategy},
};
use rayon::prelude::*;

/// Half of the width of a 95% interval, in standard errors.
const Z: f64 = 1.96;

/// A mean with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half of the width of the interval.
    pub margin: f64,
}

impl Estimate {
    /// Of observations.
    pub fn of(observations: &[f64]) -> Self {
        let count = observations.len().max(1) as f64;
        let mean = observations.iter().sum::<f64>() / count;
        let squares: f64 = observations.iter().map(|one| (one - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0).max(1.0)).sqrt();
        Self {
            mean,
            margin: Z * deviation / count.sqrt(),
        }
    }

    /// The lower end of the interval.
    pub fn low(&self) -> f64 {
        self.mean - self.margin
    }

    /// The upper end of the interval.
    pub fn high(&self) -> f64 {
        self.mean + self.margin
    }
}

/// What a strategy comes to per job, in prices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// The strategy.
    pub strategy: Strategy,
    /// The coalition's share of the stake.
    pub share: f64,
    /// The samples of the job.
    pub samples: u32,
    /// What the coalition gains by it.
    pub gains: Estimate,
    /// What it gains more than by what the strategy is measured against.
    pub advantage: Estimate,
    /// What all others lose by it, more than without it: negative if they gain.
    pub harm: Estimate,
}

/// Plays so many jobs with a strategy and, with the same chances, with what it is measured against. `tick` is called after
/// each job.
pub fn estimate(
    market: &Market,
    strategy: Strategy,
    share: f64,
    jobs: u64,
    run: u64,
    tick: impl Fn() + Sync,
) -> Finding {
    let results: Vec<[f64; 3]> = (0..jobs)
        .into_par_iter()
        .map(|job| {
            let result = compare(market, strategy, share, Chance::of(run, job));
            tick();
            result
        })
        .collect();
    let column = |at: usize| -> Estimate {
        Estimate::of(&results.iter().map(|result| result[at]).collect::<Vec<_>>())
    };
    let plan = strategy.plan(market, share, Stranger::default());
    Finding {
        strategy,
        share,
        samples: plan.market.terms().samples.iter().sum(),
        gains: column(0),
        advantage: column(1),
        harm: column(2),
    }
}

/// What a strategy comes to in one job: over all kinds of strangers, each with its probability, so that the rare ones are
/// not left to chance.
fn compare(market: &Market, strategy: Strategy, share: f64, chance: Chance) -> [f64; 3] {
    if !strategy.meets_strangers() {
        return compare_with(market, strategy, share, Stranger::default(), chance);
    }
    let mut mean = [0.0; 3];
    for (crooked, careless) in [(false, false), (true, false), (false, true), (true, true)] {
        let of = |probability: f64, is: bool| if is { probability } else { 1.0 - probability };
        let weight = of(market.crooked, crooked) * of(market.careless, careless);
        if weight > 0.0 {
            let stranger = Stranger { crooked, careless };
            let result = compare_with(market, strategy, share, stranger, chance.clone());
            for (mean, result) in mean.iter_mut().zip(result) {
                *mean += weight * result;
            }
        }
    }
    mean
}

fn compare_with(
    market: &Market,
    strategy: Strategy,
    share: f64,
    stranger: Stranger,
    chance: Chance,
) -> [f64; 3] {
    let Plan {
        market,
        cast,
        baseline,
    } = strategy.plan(market, share, stranger);
    let price = |amount| in_prices(amount, market.price);
    let outcome = play(&market, &cast, chance.clone());
    let gains = outcome.of_coalition(&cast);
    let others = outcome.of_others(&cast);
    let (before, others_before) = match baseline {
        Baseline::Nothing => (0, 0),
        Baseline::Honest(honest) => {
            let outcome = play(&market, &honest, chance);
            (outcome.of_coalition(&honest), outcome.of_others(&honest))
        }
    };
    [
        price(gains),
        price(gains - before),
        price(others_before - others),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimate_of_equal_observations_is_certain() {
        let estimate = Estimate::of(&[2.0; 10]);
        assert_eq!((estimate.mean, estimate.margin), (2.0, 0.0));
    }

    #[test]
    fn estimate_knows_its_margin() {
        // Mean 0.5, standard deviation 0.5025, of 100.
        let observations: Vec<f64> = (0..100).map(|one| f64::from(one % 2)).collect();
        let estimate = Estimate::of(&observations);
        assert!((estimate.mean - 0.5).abs() < 1e-12);
        assert!((estimate.margin - 0.0985).abs() < 1e-4);
        assert!(estimate.low() < 0.41 && estimate.high() > 0.59);
    }
}
