// SPDX-License-Identifier: Apache-2.0
//! What shares are worth.

use crate::pool::{Share, SharePool};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

/// A pool that one has entered.
fn entered(amount: u128) -> (SharePool, Share) {
    let mut pool = SharePool::default();
    let share = pool.enter(amount).expect("it is small");
    (pool, share)
}

#[test]
fn gains_and_losses_change_what_a_share_is_worth() {
    let (mut pool, first) = entered(1_000);
    let second = pool.enter(3_000).expect("it is small");
    pool.gain(400);
    assert_eq!((pool.worth(first), pool.worth(second)), (1_100, 3_300));
    pool.lose(2_200);
    assert_eq!((pool.worth(first), pool.worth(second)), (550, 1_650));
    assert_eq!(pool.leave(first), 550);
    assert_eq!(pool.leave(second), 1_650);
    assert_eq!((pool.value, pool.shares), (0, 0));
}

#[test]
fn pool_goes_on_with_a_new_generation_when_all_is_lost() {
    let (mut pool, first) = entered(1_000);
    pool.lose(1_000);
    assert_eq!(pool.worth(first), 0);
    let second = pool.enter_fairly(500).expect("the pool is as if new");
    assert_eq!((pool.worth(first), pool.worth(second)), (0, 500));
    assert_eq!(pool.leave(first), 0);
    assert_eq!(pool.leave(second), 500);
}

#[test]
fn who_inflates_a_share_takes_nothing_from_the_next() {
    // The first keeps a single share and makes it worth a fortune.
    let (mut pool, attacker) = entered(1);
    pool.gain(1_000_000_000);
    // Rounding would take up to half of this.
    assert_eq!(pool.enter_fairly(1_999_999_999), None);
    // Enough, and next to nothing is lost.
    let amount = 10u128.pow(18) + 123_456_789;
    let victim = pool.enter_fairly(amount);
    if let Some(victim) = victim {
        assert!(amount - pool.worth(victim) <= amount / 1_000_000 + 1);
    }
    assert!(pool.worth(attacker) <= 1_000_000_001 + amount / 1_000_000 + 1);
}

#[test]
fn shares_stay_countable_when_loss_follows_loss() {
    let mut pool = SharePool::default();
    for _ in 0..100 {
        let share = pool.enter(10u128.pow(24)).expect("shares are countable");
        assert!(share.shares > 0);
        pool.lose(pool.value - 1);
        assert!(!pool.is_worn());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Enter(u128),
    Leave(prop::sample::Index, u128),
    Gain(u128),
    Lose(u128),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![0u128..100, 0u128..1 << 70];
    prop_oneof![
        amount().prop_map(Step::Enter),
        (any::<prop::sample::Index>(), amount()).prop_map(|(who, amount)| Step::Leave(who, amount)),
        amount().prop_map(Step::Gain),
        amount().prop_map(Step::Lose),
    ]
}

proptest! {
    #[test]
    fn nobody_gains_from_others_coming_and_going(steps in prop::collection::vec(step(), 1..40)) {
        let mut pool = SharePool::default();
        let mut shares: Vec<Share> = Vec::new();
        for step in steps {
            let before: Vec<u128> = shares.iter().map(|share| pool.worth(*share)).collect();
            let value = pool.value;
            match step {
                Step::Enter(amount) => {
                    let was = pool;
                    if let Some(share) = pool.enter_fairly(amount) {
                        if share.shares > 0 {
                            shares.push(share);
                        }
                        prop_assert!(pool.worth(share) + amount / 1_000_000 + 1 >= amount);
                        prop_assert_eq!(pool.value, value + amount);
                    } else {
                        prop_assert_eq!(pool, was);
                    }
                }
                Step::Leave(who, amount) if !shares.is_empty() => {
                    let who = who.index(shares.len());
                    let part = pool.shares_for(amount, shares[who]);
                    prop_assert!(part.shares <= shares[who].shares);
                    let paid = pool.leave(part);
                    prop_assert!(paid <= before[who]);
                    prop_assert!(paid >= amount.min(before[who]));
                    prop_assert_eq!(pool.value, value - paid);
                    shares[who].shares -= part.shares;
                    if shares[who].shares == 0 {
                        shares.remove(who);
                    }
                }
                Step::Leave(..) => {}
                Step::Gain(amount) => pool.gain(amount),
                Step::Lose(amount) => pool.lose(amount.min(value)),
            }
            prop_assert!(!pool.is_worn());
            let owned: u128 = shares.iter().map(|share| pool.worth(*share)).sum();
            prop_assert!(owned <= pool.value);
            let alive: u128 = shares
                .iter()
                .filter(|share| share.generation == pool.generation)
                .map(|share| share.shares)
                .sum();
            prop_assert_eq!(alive, pool.shares);
        }
        // Whoever is last gets what rounding left.
        let worth: Vec<Share> = shares.into_iter().filter(|share| share.generation == pool.generation).collect();
        let any_left = !worth.is_empty();
        for share in worth {
            pool.leave(share);
        }
        prop_assert!(!any_left || pool.value == 0);
    }
}
