// SPDX-License-Identifier: Apache-2.0
//! The model against numbers of the pallets' own tests, and its conservation of money.

use assay_primitives::{reason::Offence, slashing::Penalty};
use assay_simulator::{
    chance::Chance,
    court::{Charge, Court},
    job::play,
    ledger::{Ledger, Party},
    market::{Market, Protocol},
    strategy::{Baseline, Stranger, Strategy},
};
use clap::ValueEnum;

/// The chain of pallet-slashing's tests: all stake is 22 times the offender's.
fn chain() -> Market {
    Market {
        providers: 22,
        stake: 10_000,
        price: 100,
        ..Market::default()
    }
}

fn charge(offence: Offence, bond: u128) -> Charge {
    Charge {
        offence,
        offender: 1,
        bond,
        reporter: Some(Party::Provider(2)),
        harmed: true,
    }
}

#[test]
fn penalties_are_those_of_the_slashing_pallets_tests() {
    // `punish_takes_what_the_table_says` in pallets/slashing/src/tests/punish.rs.
    let table = [
        (Offence::WrongResult, [1_313, 262, 100, 131, 820]),
        (Offence::MissedDeadline, [200, 0, 100, 20, 80]),
        (Offence::Withheld, [1_313, 0, 100, 131, 1_082]),
        (Offence::FalseAttestation, [222, 44, 0, 0, 178]),
        (Offence::NoAttestation, [1, 0, 0, 0, 1]),
        (Offence::NoReveal, [5, 0, 0, 0, 5]),
        (Offence::Unserved, [1_313, 0, 0, 0, 1_313]),
        (Offence::FalseReport, [10, 0, 0, 0, 10]),
    ];
    let market = chain();
    for (offence, [taken, reporter, requester, treasury, burned]) in table {
        let mut court = Court::new(&market);
        let mut ledger = Ledger::new(22);
        let penalty = court.punish(&mut ledger, charge(offence, 200));
        let expected = Penalty {
            taken,
            reporter,
            requester,
            treasury,
            burned,
        };
        match offence {
            // Nobody reports these.
            Offence::Unserved => assert_eq!(penalty.taken, taken),
            _ => assert_eq!(penalty, expected, "{offence:?}"),
        }
        assert_eq!(court.stake(1), 10_000 - taken);
        assert_eq!(ledger.sum(), 0);
    }
}

#[test]
fn second_offences_are_those_of_the_slashing_pallets_tests() {
    // `second_offence_of_the_same_kind_in_an_era_costs_twice_the_share` and the test after it, in
    // pallets/slashing/src/tests/precedents.rs.
    for second in [Offence::WrongResult, Offence::Withheld] {
        let market = chain();
        let mut court = Court::new(&market);
        let mut ledger = Ledger::new(22);
        let mut taken = |offence| court.punish(&mut ledger, charge(offence, 0)).taken;
        assert_eq!(taken(Offence::WrongResult), 1_136);
        assert_eq!(taken(second), 2_015);
    }
}

#[test]
fn terms_are_those_of_the_runtimes_parameters() {
    let market = Market::default();
    let terms = market.terms();
    // 44 samples by two verifiers, at 0.0001 and 0.001 for 10^9 fuel.
    assert_eq!(terms.samples, [44]);
    assert_eq!(terms.job.fees.panel, 2);
    assert_eq!(terms.job.fees.sample, 150_000_000);
    assert_eq!(terms.contract.bond, 2 * market.price);
}

#[test]
fn no_money_is_lost_on_the_way() {
    for panels in 1..3 {
        let market = Market {
            protocol: Protocol {
                panels,
                ..Protocol::default()
            },
            own: 0.3,
            watched: 0.3,
            proof: 0.7,
            loot: 0.5,
            ..Market::default()
        };
        for strategy in Strategy::value_variants() {
            for job in 0..24 {
                let stranger = Stranger {
                    crooked: job % 2 == 0,
                    careless: job % 3 == 0,
                };
                let share = f64::from(job as u32 % 8) / 7.0;
                let plan = strategy.plan(&market, share, stranger);
                let honest = match &plan.baseline {
                    Baseline::Honest(honest) => Some(honest),
                    Baseline::Nothing => None,
                };
                for cast in [Some(&plan.cast), honest].into_iter().flatten() {
                    let outcome = play(&plan.market, cast, Chance::of(3, job));
                    assert_eq!(outcome.ledger.sum(), 0, "{strategy:?}");
                }
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_job() {
    let market = Market::default();
    let plan = Strategy::Lazy10.plan(&market, 0.2, Stranger::default());
    let play = |job| play(&plan.market, &plan.cast, Chance::of(5, job)).ledger;
    assert_eq!(play(1), play(1));
    assert!((2..40).any(|job| play(job) != play(1)));
}
