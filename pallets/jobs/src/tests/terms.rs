// SPDX-License-Identifier: Apache-2.0
//! Price, panel, fee, bond and deposit as functions of numbers.

use crate::terms::{bond, deposit, fee_per_sample, panel, price};
use assay_primitives::{
    Balance,
    job::{MAX_PANEL, PriceRange},
};
use proptest::prelude::*;

#[test]
fn price_is_the_floor_at_the_start_and_the_ceiling_at_the_end() {
    let range = PriceRange {
        floor: 3,
        ceiling: 10,
    };
    assert_eq!(price(range, 0, 4), 3);
    assert_eq!(price(range, 4, 4), 10);
    assert_eq!(price(range, u32::MAX, 4), 10);
}

#[test]
fn price_is_rounded_down_on_the_way() {
    let range = PriceRange {
        floor: 3,
        ceiling: 10,
    };
    assert_eq!([1, 2, 3].map(|elapsed| price(range, elapsed, 4)), [4, 6, 8]);
}

#[test]
fn price_does_not_overflow_when_the_ceiling_is_the_largest_amount() {
    let range = PriceRange {
        floor: 0,
        ceiling: Balance::MAX,
    };
    assert_eq!(
        price(range, u32::MAX / 2, u32::MAX),
        Balance::MAX / 0xffff_ffff * 0x7fff_ffff
    );
    assert_eq!(price(range, 0, 0), Balance::MAX);
}

#[test]
fn panel_grows_by_one_with_each_step_up_to_the_largest() {
    assert_eq!(
        [0, 9, 10, 19, 20, 139, 140, 150].map(|ceiling| panel(ceiling, 10)),
        [2, 2, 3, 3, 4, 15, 16, 16]
    );
    assert_eq!(panel(Balance::MAX, 1), MAX_PANEL);
    assert_eq!(panel(0, 0), MAX_PANEL);
}

#[test]
fn fee_is_base_and_fuel_unless_it_does_not_fit() {
    assert_eq!(fee_per_sample(7, 100, 3), Some(121));
    assert_eq!(fee_per_sample(u64::MAX, 0, Balance::MAX), None);
    assert_eq!(fee_per_sample(1, Balance::MAX, 1), None);
}

#[test]
fn bond_is_a_multiple_unless_it_does_not_fit() {
    assert_eq!(bond(7, 2), Some(14));
    assert_eq!(bond(Balance::MAX, 2), None);
}

#[test]
fn deposit_is_base_and_bytes_unless_it_does_not_fit() {
    assert_eq!(deposit(7, 100, 3), Some(121));
    assert_eq!(deposit(2, 0, Balance::MAX), None);
    assert_eq!(deposit(1, Balance::MAX, 1), None);
}

proptest! {
    #[test]
    fn price_stays_in_its_range_and_never_falls(
        floor in any::<u128>(),
        span in any::<u128>(),
        length in 1u32..,
        elapsed in any::<u32>(),
    ) {
        let range = PriceRange { floor, ceiling: floor.saturating_add(span) };
        let now = price(range, elapsed, length);
        prop_assert!(range.floor <= now && now <= range.ceiling);
        prop_assert!(price(range, elapsed.saturating_add(1), length) >= now);
    }
}
