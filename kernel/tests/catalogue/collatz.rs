// SPDX-License-Identifier: Apache-2.0
//! Steps to 1.

use crate::run;

const KERNEL: &str = include_str!("../../../kernels/collatz/kernel.wgsl");

/// The steps to 1; `u32::MAX` when the way leaves 32 bits.
fn collatz(start: u32) -> u32 {
    let (mut number, mut count) = (start, 0);
    while number > 1 {
        let next = match number % 2 {
            0 => Some(number / 2),
            _ => number
                .checked_mul(3)
                .and_then(|tripled| tripled.checked_add(1)),
        };
        match next {
            Some(next) => number = next,
            None => return u32::MAX,
        }
        count += 1;
    }
    count
}

#[test]
fn collatz_equals_counting_when_numbers_are_of_all_sizes() {
    let input: Vec<u32> = (0..200)
        .chain([837_799, 1_431_655_764, 1_431_655_765, u32::MAX, 113_383])
        .collect();
    let mut expected: Vec<u32> = input.iter().map(|number| collatz(*number)).collect();
    expected.resize(256, 0);
    assert_eq!(run(KERNEL, &input, &[], 1), expected);
}
