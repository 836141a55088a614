// SPDX-License-Identifier: Apache-2.0
//! Who is to get what, as a function of numbers.

use crate::{
    mock::{ASSET, account, one, provider, requester, spec},
    settle::Split,
    sp_runtime::Permill,
    terms::{most_samples, scrutinised},
    types::{Contract, Fees, Job, Stage},
};
use assay_primitives::{
    AccountId, Balance,
    job::{MAX_PANEL, MAX_SAMPLES, PerPass, PriceRange},
    reason::Reason,
};
use proptest::prelude::*;

/// A committed job of ten samples, of which so many are drawn, each checked by two of a panel of three.
fn job(ceiling: Balance, sample: Balance, checker: Balance, drawn: u32) -> Job {
    let fees = Fees {
        panel: 3,
        per_sample: 2,
        sample,
        checker,
    };
    let mut spec = spec();
    spec.price = PriceRange { floor: 0, ceiling };
    Job {
        requester: requester(),
        spec,
        tiles: one(30),
        samples: one(10),
        fees,
        verification: fees.of_samples(10).expect("small"),
        deposit: 0,
        bounty: 0,
        last: None,
        round: 0,
        stage: Stage::Verifying {
            contract: contract(ceiling, ceiling),
            roots: one([0; 32]),
            samples: one(drawn),
        },
        due: 0,
    }
}

fn contract(price: Balance, worth: Balance) -> Contract {
    Contract {
        provider: provider(),
        price,
        worth,
        bond: 0,
    }
}

/// Three verifiers with so many samples each.
fn checked(samples: [u32; 3]) -> Vec<(AccountId, u32)> {
    (5..).map(account).zip(samples).collect()
}

fn of_verifiers(split: &Split) -> Balance {
    split.verifiers.iter().map(|(_, amount)| amount).sum()
}

#[test]
fn fee_is_rounded_down_when_the_price_is_no_multiple() {
    let job = job(199, 0, 0, 10);
    let percent = Permill::from_percent(1);
    let split = Split::of(&job, &contract(199, 199), Reason::Settled, percent, vec![]);
    assert_eq!((split.provider, split.fee), (198, 1));
}

#[test]
fn verifiers_beyond_the_largest_panel_get_nothing() {
    let checked: Vec<_> = (0..=MAX_PANEL).map(|_| (account(5), 1)).collect();
    let bill = Split::bill(&job(1, 1, 0, 10), checked, 0, 1_000);
    assert_eq!(u32::try_from(bill.len()), Ok(MAX_PANEL));
}

#[test]
fn verifiers_earn_all_that_is_held_for_them_when_all_did_their_share() {
    // Twenty checks and three runs of the checker.
    let job = job(1_000, 7, 11, 10);
    assert_eq!(job.verification, 20 * 7 + 3 * 11);
    let due = contract(1_000, 1_000);
    let split = Split::of(
        &job,
        &due,
        Reason::Settled,
        Permill::zero(),
        checked([7, 7, 6]),
    );
    assert_eq!(of_verifiers(&split), job.verification);
    assert_eq!(split.provider, 1_000);
}

#[test]
fn provider_pays_for_the_samples_beyond_the_assurances() {
    let job = job(1_000, 7, 11, 15);
    let due = contract(1_000, 1_000);
    let percent = Permill::from_percent(1);
    let split = Split::of(&job, &due, Reason::Settled, percent, checked([10, 10, 10]));
    assert_eq!(of_verifiers(&split), 30 * 7 + 3 * 11);
    assert_eq!((split.provider, split.fee), (1_000 - 10 - 10 * 7, 10));
}

#[test]
fn provider_pays_for_no_more_than_was_checked() {
    let job = job(1_000, 7, 0, 15);
    let due = contract(1_000, 1_000);
    let split = Split::of(
        &job,
        &due,
        Reason::Settled,
        Permill::zero(),
        checked([10, 10, 1]),
    );
    assert_eq!(of_verifiers(&split), 21 * 7);
    assert_eq!(split.provider, 1_000 - 7);
}

#[test]
fn requester_keeps_the_worth_of_extra_samples_when_the_price_is_in_an_asset() {
    let mut job = job(1_000, 7, 0, 15);
    job.spec.asset = Some(ASSET);
    job.verification = job.verification_reserved();
    // The ten extra checks cost 70; a native token is two of the asset.
    let due = contract(1_000, 500);
    let split = Split::of(
        &job,
        &due,
        Reason::Settled,
        Permill::zero(),
        checked([10, 10, 10]),
    );
    assert_eq!(of_verifiers(&split), 30 * 7);
    assert_eq!(split.provider, 1_000 - 140);
}

#[test]
fn checker_is_not_paid_for_when_there_was_nothing_to_check() {
    let job = job(1_000, 7, 11, 10);
    for (reason, flat) in [
        (Reason::Unavailable, 0),
        (Reason::Unverified, 0),
        (Reason::WrongResult, 11),
        (Reason::Withheld, 11),
    ] {
        let due = contract(1_000, 1_000);
        let split = Split::of(&job, &due, reason, Permill::zero(), checked([1, 2, 3]));
        assert_eq!(of_verifiers(&split), 6 * 7 + 3 * flat);
        assert_eq!((split.provider, split.fee, split.bounty), (0, 0, 0));
    }
}

#[test]
fn scrutiny_is_rounded_up_and_bounded_by_tiles_room_and_samples() {
    let drawn = |percent, room| scrutinised(&[3, 10], &[30, 12], percent, room).to_vec();
    assert_eq!(drawn(100, 99), [3, 10]);
    assert_eq!(drawn(0, 99), [3, 10]);
    assert_eq!(drawn(110, 99), [4, 11]);
    assert_eq!(drawn(200, 99), [6, 12]);
    assert_eq!(drawn(u32::MAX, 99), [6, 12]);
    assert_eq!(drawn(200, 0), [3, 10]);
    assert_eq!(drawn(200, 4), [5, 11]);
    assert_eq!(
        most_samples(&[MAX_SAMPLES], &[u32::MAX]).to_vec(),
        [MAX_SAMPLES]
    );
}

proptest! {
    #[test]
    fn scrutiny_keeps_the_assurance_and_every_bound(
        passes in prop::collection::vec((1u32..60, 0u32..100), 1..8),
        percent in any::<u32>(),
        room in 0u32..200,
    ) {
        let samples: Vec<u32> = passes.iter().map(|(samples, _)| *samples).collect();
        let tiles: Vec<u32> = passes.iter().map(|(samples, more)| samples + more).collect();
        let drawn = scrutinised(&samples, &tiles, percent, room);
        let most = most_samples(&samples, &tiles);
        prop_assert_eq!(drawn.len(), samples.len());
        for pass in 0..samples.len() {
            prop_assert!(samples[pass] <= drawn[pass] && drawn[pass] <= tiles[pass]);
            prop_assert!(drawn[pass] <= most[pass].max(samples[pass]) || room > 0);
        }
        let total: u32 = drawn.iter().sum();
        prop_assert!(total <= samples.iter().sum::<u32>() + room);
        prop_assert!(total <= MAX_SAMPLES);
        prop_assert!(total <= most.iter().sum());
    }

    #[test]
    fn no_more_is_divided_than_is_held(
        ceiling in 0u128..1 << 100,
        price in 0u128..1 << 101,
        rate in 1u128..1_000,
        in_asset in any::<bool>(),
        sample in 0u128..1 << 60,
        checker in 0u128..1 << 60,
        reserve in 0u128..1 << 70,
        bounty in 0u128..1 << 60,
        drawn in 10u32..20,
        protocol_fee in 0u32..=1_000_000,
        settled in any::<bool>(),
        counts in any::<[u32; 3]>(),
    ) {
        let mut job = job(ceiling, sample, checker, drawn);
        job.bounty = bounty;
        job.spec.asset = in_asset.then_some(ASSET);
        job.verification = job.verification_reserved() + reserve;
        let due = contract(price, price.saturating_mul(rate) / 100);
        let reason = if settled { Reason::Settled } else { Reason::WrongResult };
        let split = Split::of(&job, &due, reason, Permill::from_parts(protocol_fee), checked(counts));
        let of_price = split.provider + split.fee;
        let native = of_verifiers(&split) + split.bounty;
        prop_assert!(of_price <= price.min(ceiling));
        match job.escrow_in_asset() {
            None => prop_assert!(of_price + native <= job.escrow()),
            Some((_, held)) => {
                prop_assert!(of_price <= held);
                prop_assert!(native <= job.escrow());
            }
        }
        if !settled {
            prop_assert_eq!(of_price + split.bounty, 0);
        }
    }
}

#[test]
fn counts_of_no_pass_are_none() {
    assert_eq!(most_samples(&[], &[]), PerPass::new());
}
