// SPDX-License-Identifier: Apache-2.0
//! Sums and extremes of blocks.

use crate::{Pass, compiled_for, numbers, run, words};

const KERNEL: &str = include_str!("../../../kernels/reduction/kernel.wgsl");
const JOB: &str = include_str!("../../../kernels/reduction/job.json");
const TEMPERATURES: &[u8] = include_bytes!("../../../kernels/reduction/temperatures.bin");

/// What the kernel writes of a block, from sums and extremes in 64 bits.
fn summary(block: impl Iterator<Item = i64> + Clone) -> Vec<u32> {
    let sum: i64 = block.clone().sum();
    let smallest = block.clone().min().unwrap_or(0);
    let largest = block.max().unwrap_or(0);
    let mut tile = vec![
        sum as u32,
        (sum >> 32) as u32,
        smallest as u32,
        largest as u32,
    ];
    tile.resize(256, 0);
    tile
}

fn signed(word: &u32) -> i64 {
    i64::from(word.cast_signed())
}

#[test]
fn reduction_equals_sums_and_extremes_when_numbers_have_signs() {
    let input = numbers(1_000);
    for length in [1, 2, 255, 256, 257, 333, 1_000] {
        let groups = input.len().div_ceil(length);
        let expected: Vec<u32> = input
            .chunks(length)
            .flat_map(|block| summary(block.iter().map(signed)))
            .collect();
        assert_eq!(
            run(KERNEL, &input, &[length as u32], groups as u32),
            expected
        );
    }
}

#[test]
fn reduction_equals_sums_and_extremes_when_numbers_are_unsigned() {
    let kernel = KERNEL.replace("alias Number = i32;", "alias Number = u32;");
    let input: Vec<u32> = numbers(700).iter().map(|word| word | 0xf000_0000).collect();
    let expected: Vec<u32> = input
        .chunks(400)
        .flat_map(|block| summary(block.iter().map(|word| i64::from(*word))))
        .collect();
    assert_eq!(run(&kernel, &input, &[400], 2), expected);
}

#[test]
fn reduction_yields_zeros_when_no_block_is_left() {
    assert_eq!(run(KERNEL, &numbers(10), &[10], 2)[256..], [0; 256]);
}

#[test]
fn reduction_of_the_hours_of_a_year_finds_the_warmest_month() {
    let hours = words(TEMPERATURES);
    let output = Pass::new(compiled_for(KERNEL, JOB, 0), &[730], [12, 1, 1]).output(&[&hours]);
    let expected: Vec<u32> = hours
        .chunks(730)
        .flat_map(|month| summary(month.iter().map(signed)))
        .collect();
    assert_eq!(output, expected);
    let warmest = output
        .chunks(256)
        .enumerate()
        .max_by_key(|(_, tile)| tile[0]);
    assert_eq!(warmest.map(|(month, _)| month), Some(6), "July");
}
