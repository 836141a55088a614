// SPDX-License-Identifier: Apache-2.0
//! The kernels of the catalogue, run by the virtual machine, against independent references.

use assay_kernel::{
    compiler::{Compiled, Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};

fn kernel(source: &str) -> Compiled {
    match compile(source, &Options::default()) {
        Ok(compiled) => compiled,
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

/// The output of a kernel over a grid of workgroups in a row.
fn run(source: &str, input: &[u32], parameters: &[u32], groups: u32) -> Vec<u32> {
    let compiled = kernel(source);
    let mut machine = Machine::new(&compiled.kernel, &Limits::DEFAULT).expect("a valid kernel");
    let mut output = Vec::new();
    for group in 0..groups {
        let mut tile = vec![0; compiled.kernel.tile_words as usize];
        let invocation = Invocation {
            grid: [groups, 1, 1],
            group,
            parameters,
        };
        let fuel = machine
            .run(&invocation, &mut SliceInputs(&[input]), &mut tile)
            .expect("the inputs are there");
        assert!(fuel <= compiled.report.tile_fuel);
        output.extend(tile);
    }
    output
}

/// Numbers without a pattern.
fn numbers(count: usize) -> Vec<u32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    };
    std::iter::repeat_with(next).take(count).collect()
}

const MEDIAN: &str = include_str!("../../kernels/median5x5/kernel.wgsl");
const PREFIX_SUM: &str = include_str!("../../kernels/prefix_sum/kernel.wgsl");
const SORT: &str = include_str!("../../kernels/sort/kernel.wgsl");
const COLLATZ: &str = include_str!("../../kernels/collatz/kernel.wgsl");

/// The median filter by sorting 25 bytes.
fn medians(picture: &[u32], width: i64, height: i64) -> Vec<u32> {
    let mut result = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let mut pixel = picture[(y * width + x) as usize].to_le_bytes();
        for (channel, byte) in pixel.iter_mut().enumerate().take(3) {
            let mut bytes: Vec<u8> = (-2..=2)
                .flat_map(|dy| (-2..=2).map(move |dx| (dy, dx)))
                .map(|(dy, dx)| {
                    let (y, x) = ((y + dy).clamp(0, height - 1), (x + dx).clamp(0, width - 1));
                    picture[(y * width + x) as usize].to_le_bytes()[channel]
                })
                .collect();
            bytes.sort_unstable();
            *byte = bytes[12];
        }
        result.push(u32::from_le_bytes(pixel));
    }
    result
}

#[test]
fn median_equals_sorting_when_pixels_are_noise() {
    let (width, height) = (37, 29);
    let picture = numbers(width * height);
    let mut expected = medians(&picture, width as i64, height as i64);
    expected.resize(1280, 0);
    let output = run(MEDIAN, &picture, &[width as u32, height as u32], 5);
    assert_eq!(output, expected);
}

#[test]
fn median_equals_sorting_when_few_values_repeat() {
    let (width, height) = (64, 40);
    let picture: Vec<u32> = numbers(width * height)
        .into_iter()
        .map(|pixel| pixel & 0xff01_0301)
        .collect();
    let output = run(MEDIAN, &picture, &[width as u32, height as u32], 10);
    assert_eq!(output, medians(&picture, width as i64, height as i64));
}

#[test]
fn median_equals_sorting_when_the_picture_is_smaller_than_the_window() {
    let picture = numbers(3);
    let mut expected = medians(&picture, 3, 1);
    expected.resize(256, 0);
    assert_eq!(run(MEDIAN, &picture, &[3, 1], 1), expected);
}

#[test]
fn median_costs_little_when_a_tile_is_re_executed() {
    assert_eq!(kernel(MEDIAN).report.tile_fuel, 206_080);
}

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
    assert_eq!(run(PREFIX_SUM, &input, &[], 2), expected);
}

#[test]
fn sort_equals_sorting_when_blocks_follow_each_other() {
    let mut input = numbers(512);
    input[7] = input[300];
    let output = run(SORT, &input, &[], 2);
    for block in input.chunks_mut(256) {
        block.sort_unstable();
    }
    assert_eq!(output, input);
}

#[test]
fn barrier_kernels_have_no_metered_loop_when_their_loops_have_constant_ends() {
    assert_eq!(kernel(PREFIX_SUM).kernel.loop_fuel, 0);
    assert_eq!(kernel(SORT).kernel.loop_fuel, 0);
}

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
    assert_eq!(run(COLLATZ, &input, &[], 1), expected);
}
