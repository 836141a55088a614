// SPDX-License-Identifier: Apache-2.0
//! Sorted blocks, and the check of them.

use crate::{Pass, kernel, numbers, run, words};

pub(crate) const KERNEL: &str = include_str!("../../../kernels/sort/kernel.wgsl");
const CHECKER: &str = include_str!("../../../kernels/sort/checker.wgsl");
const TEMPERATURES: &[u8] = include_bytes!("../../../kernels/reduction/temperatures.bin");

#[test]
fn sort_equals_sorting_when_blocks_follow_each_other() {
    let mut input = numbers(512);
    input[7] = input[300];
    let output = run(KERNEL, &input, &[], 2);
    for block in input.chunks_mut(256) {
        block.sort_unstable();
    }
    assert_eq!(output, input);
}

const NONE: [usize; 0] = [];

/// Blocks of numbers, sorted as the kernel does it.
fn sorted(input: &[u32]) -> Vec<u32> {
    let mut sorted = input.to_vec();
    sorted.resize(input.len().next_multiple_of(256), 0);
    for block in sorted.chunks_mut(256) {
        block.sort_unstable();
    }
    sorted
}

/// Which of the first 256 blocks the checker finds a fault in.
fn faulty(input: &[u32], output: &[u32], seed: &[u32]) -> Vec<usize> {
    let tile = Pass::new(kernel(CHECKER), seed, [1, 1, 1]).tile(&[input, output], 0);
    let is_faulty = |block: &usize| tile[*block] != 0;
    (0..256).filter(is_faulty).collect()
}

#[test]
fn sort_checker_yields_zeros_when_blocks_are_sorted() {
    let seed = numbers(8);
    let noise = numbers(1_000);
    let extremes: Vec<u32> = (0..65_536)
        .map(|i| {
            [
                0,
                1,
                0x3fff_ffff,
                0x4000_0000,
                0x7fff_ffff,
                0x8000_0000,
                u32::MAX,
            ][i * i % 7]
        })
        .collect();
    for input in [noise, extremes, words(TEMPERATURES), vec![]] {
        let output = sorted(&input);
        let mut checker = Pass::new(kernel(CHECKER), &seed, [1, 1, 1]);
        assert_eq!(checker.output(&[&input, &output]), [0; 256]);
        assert_eq!(faulty(&input, &output, &[u32::MAX; 8]), NONE);
        assert_eq!(faulty(&input, &output, &[0; 8]), NONE);
    }
    assert_eq!(
        run(KERNEL, &words(TEMPERATURES), &[], 35),
        sorted(&words(TEMPERATURES))
    );
}

#[test]
fn sort_checker_finds_the_block_when_a_word_is_wrong() {
    let (input, seeds) = (numbers(65_536), numbers(8 * 64));
    let right = sorted(&input);
    // A change in each block; where the order is kept by chance, only the products can tell.
    let mut unseen = 0;
    for (seed, noise) in seeds.chunks(8).zip(numbers(64 * 256).chunks(256)) {
        let mut output = right.clone();
        for (block, noise) in output.chunks_mut(256).zip(noise) {
            let word = *noise as usize % 256;
            block[word] = match noise >> 30 {
                0 => block[word] ^ 1 << (noise >> 8 & 31),
                1 => block[word].wrapping_add(1),
                2 if word > 0 => block[word - 1],
                _ => block[255],
            };
            unseen += usize::from(block.is_sorted());
        }
        let changed: Vec<usize> = (0..256)
            .filter(|block| output[block * 256..][..256] != right[block * 256..][..256])
            .collect();
        assert!(changed.len() > 240);
        assert_eq!(faulty(&input, &output, seed), changed);
    }
    assert!(unseen > 4_000, "{unseen} are in order");
}

#[test]
fn sort_checker_finds_the_block_when_only_its_order_is_wrong() {
    let input = numbers(65_536);
    let mut output = sorted(&input);
    for (block, words) in output.chunks_mut(256).enumerate() {
        words.swap(block, (block + 1) % 256);
    }
    assert_eq!(faulty(&input, &output, &numbers(8)), Vec::from_iter(0..256));
}

#[test]
fn sort_checker_finds_the_blocks_when_sums_and_parities_agree() {
    // Two words moved towards each other, the order kept: sums, and of small numbers sums of squares, are alike.
    let input: Vec<u32> = (0..512).map(|i| i % 256 * 16).collect();
    let mut output = input.clone();
    output[10] += 3;
    output[200] -= 3;
    output[256 + 17] += 1;
    output[256 + 18] -= 1;
    for seed in numbers(8 * 100).chunks(8) {
        assert_eq!(faulty(&input, &output, seed), [0, 1]);
    }
}

#[test]
fn sort_checker_yields_faults_when_its_grid_leaves_blocks_out() {
    let input = numbers(65_537);
    let output = sorted(&input);
    assert_eq!(faulty(&input, &output, &numbers(8)), Vec::from_iter(0..256));
    let seed = numbers(8);
    let mut checker = Pass::new(kernel(CHECKER), &seed, [2, 1, 1]);
    assert_eq!(checker.output(&[&input, &output]), [0; 512]);
}

/// `a` to the power of `exponent` modulo 2^31 - 1.
fn power(a: u64, exponent: u64) -> u64 {
    (0..32).rev().fold(1, |result, bit| {
        let square = result * result % 0x7fff_ffff;
        match exponent >> bit & 1 {
            0 => square,
            _ => square * a % 0x7fff_ffff,
        }
    })
}

/// Where two products of two factors meet is all that the checker misses: it computes in the field that it says.
#[test]
fn sort_checker_misses_a_fault_exactly_when_the_random_point_is_a_root() {
    const P: u64 = 0x7fff_ffff;
    let numbers = numbers(5 * 200);
    for noise in numbers.chunks(5) {
        // Four numbers in order; the input has the first and the last of them, the output the others.
        let mut four = [noise[0], noise[1], noise[2], noise[3]];
        four.sort_unstable();
        let [a, c, d, b] = four;
        let y = u64::from(noise[4] >> 1) % P;
        let [a1, b1, c1, d1] = [a, b, c, d].map(|number| {
            let (upper, lower) = (u64::from(number >> 30), u64::from(number & 0x3fff_ffff));
            (upper * y + lower) % P
        });
        // (x + a)(x + b) = (x + c)(x + d)
        let constant = (c1 * d1 % P + P - a1 * b1 % P) % P;
        let slope = (a1 + b1 + 2 * P - c1 - d1) % P;
        let root = constant * power(slope, P - 2) % P;
        let seed = [
            root as u32 * 2,
            noise[4],
            root as u32 * 2,
            noise[4],
            0,
            0,
            0,
            0,
        ];
        assert_eq!(
            faulty(&[b, a], &[vec![0; 254], vec![c, d]].concat(), &seed),
            NONE
        );
        for (word, other) in [(0, root ^ 1), (2, root ^ 0x10_0000)] {
            let mut seed = seed;
            seed[word] = other as u32 * 2;
            assert_eq!(
                faulty(&[b, a], &[vec![0; 254], vec![c, d]].concat(), &seed),
                [0]
            );
        }
    }
}

#[test]
fn sort_checker_costs_three_eighths_of_sorting() {
    let (sorting, checking) = (kernel(KERNEL).report, kernel(CHECKER).report);
    let share = checking.tile_fuel * 1_000 / 256 / sorting.tile_fuel;
    assert!((350..=400).contains(&share), "{share} thousandths");
}
