// SPDX-License-Identifier: Apache-2.0
//! What docs/economics.md says must stay true: no dishonest strategy pays below the share of stake that it states.

use assay_simulator::{
    estimate::{Finding, estimate},
    market::{Market, Protocol},
    strategy::Strategy,
};

/// Up to this share of the stake in one hand nobody profits, says docs/economics.md.
const STATED: f64 = 0.5;

const SHARES: [f64; 4] = [0.01, 0.1, 0.33, STATED];

const JOBS: u64 = 250;

fn finding(market: &Market, strategy: Strategy, share: f64) -> Finding {
    estimate(market, strategy, share, JOBS, 7, || ())
}

fn assert_pays_nobody(market: &Market, strategies: impl Iterator<Item = Strategy>) {
    for strategy in strategies {
        for share in SHARES {
            let finding = finding(market, strategy, share);
            assert!(
                finding.advantage.low() <= 0.0,
                "{} pays {:?} with {share} of the stake",
                strategy.name(),
                finding.advantage
            );
        }
    }
}

#[test]
fn no_dishonest_strategy_pays_below_the_stated_share() {
    assert_pays_nobody(&Market::default(), Strategy::dishonest());
}

#[test]
fn no_dishonest_strategy_pays_where_computing_costs_the_whole_price_and_the_bond_is_all_the_stake()
{
    let market = Market {
        cost: 1.0,
        price: Market::default().stake / 2,
        ..Market::default()
    };
    assert_pays_nobody(&market, Strategy::dishonest());
}

#[test]
fn a_result_is_had_for_nothing_where_no_second_panel_is_drawn() {
    // Which is what the second panel is for.
    let market = Market {
        protocol: Protocol {
            panels: 1,
            ..Protocol::default()
        },
        ..Market::default()
    };
    let finding = finding(&market, Strategy::FreeResult, STATED);
    assert!(finding.advantage.low() > 0.0, "{finding:?}");
}

#[test]
fn a_lazy_provider_loses_more_with_more_samples() {
    let advantage = |samples| {
        let market = Market {
            samples: Some(samples),
            ..Market::default()
        };
        finding(&market, Strategy::Lazy1, 0.01).advantage
    };
    let (few, many) = (advantage(7), advantage(459));
    assert!(many.high() < few.low(), "{few:?} {many:?}");
}

#[test]
fn everything_pays_with_nearly_all_of_the_stake() {
    // The model would be of no use if nothing ever paid.
    let finding = finding(&Market::default(), Strategy::AllWrong, 0.99);
    assert!(finding.advantage.low() > 0.0, "{finding:?}");
}
