// SPDX-License-Identifier: Apache-2.0
//! Running sums.

use crate::{kernel, numbers, run};

const KERNEL: &str = include_str!("../../../kernels/prefix_sum/kernel.wgsl");

#[test]
fn prefix_sum_equals_running_sums_when_blocks_follow_each_other() {
    let input = numbers(512);
    let expected: Vec<u32> = input
        .chunks(256)
        .flat_map(|block| {
            block.iter().scan(0u32, |sum, number| {
                *sum = sum.wrapping_add(*number);
                Some(*sum)
            })
        })
        .collect();
    assert_eq!(run(KERNEL, &input, &[], 2), expected);
}

#[test]
fn barrier_kernels_have_no_metered_loop_when_their_loops_have_constant_ends() {
    assert_eq!(kernel(KERNEL).kernel.loop_fuel, 0);
    assert_eq!(kernel(crate::sort::KERNEL).kernel.loop_fuel, 0);
}
