// SPDX-License-Identifier: Apache-2.0
//! Products of matrices of bytes.

use crate::{Pass, compiled, compiled_for, numbers, run_on, words};
use assay_kernel::compiler::{Compiled, Options};

pub(crate) const KERNEL: &str = include_str!("../../../kernels/matmul_int8/kernel.wgsl");

const JOB: &str = include_str!("../../../kernels/matmul_int8/job.json");
const DIGITS: &[u8] = include_bytes!("../../../kernels/digits/digits.bin");
const CHECKER: &str = include_str!("../../../kernels/matmul_int8/checker.wgsl");

#[test]
fn product_of_matrices_equals_the_sum_over_elements() {
    let (rows, columns, depth) = (24usize, 64usize, 36usize);
    let (left, right) = (numbers(rows * depth / 4), numbers(columns * depth / 4 + 1));
    let right = &right[1..];
    let byte =
        |words: &[u32], index: usize| i32::from(words[index / 4].to_le_bytes()[index % 4] as i8);
    let expected: Vec<u32> = (0..rows * columns)
        .map(|i| {
            let (row, column) = (i / columns, i % columns);
            (0..depth)
                .map(|k| byte(&left, row * depth + k) * byte(right, column * depth + k))
                .sum::<i32>() as u32
        })
        .collect();
    let parameters = [columns as u32, depth as u32 / 4];
    assert_eq!(run_on(KERNEL, &[&left, right], &parameters, 6), expected);
}

const NONE: [usize; 0] = [];

/// The checker with as much fuel as a tile may have.
fn checker() -> Compiled {
    fuelled_checker(700_000)
}

fn fuelled_checker(loop_fuel: u32) -> Compiled {
    let options = Options {
        loop_fuel: Some(loop_fuel),
        ..Options::default()
    };
    compiled(CHECKER, &options)
}

/// A product of noise, as the kernel computes it.
struct Product {
    left: Vec<u32>,
    right: Vec<u32>,
    product: Vec<u32>,
    columns: u32,
    depth: u32,
}

impl Product {
    fn new(rows: u32, columns: u32, depth: u32) -> Self {
        let mut noise = numbers(((rows + columns) * depth) as usize);
        let right = noise.split_off((rows * depth) as usize);
        let groups = (rows * columns).div_ceil(256);
        let product = run_on(KERNEL, &[&noise, &right], &[columns, depth], groups);
        Self {
            left: noise,
            right,
            product,
            columns,
            depth,
        }
    }

    /// Which rows the checker finds a fault in.
    fn faulty(&self, seed: &[u32]) -> Vec<usize> {
        let parameters = [seed, &[self.columns, self.depth]].concat();
        let groups = self.product.len().div_ceil(256 * self.columns as usize);
        let mut checker = Pass::new(checker(), &parameters, [groups as u32, 1, 1]);
        let inputs = [self.left.as_slice(), &self.right, &self.product];
        let faults: Vec<u32> = (0..groups as u32)
            .flat_map(|group| checker.tile(&inputs, group))
            .collect();
        (0..faults.len()).filter(|row| faults[*row] != 0).collect()
    }

    /// Adds to an element.
    fn add(&mut self, row: usize, column: usize, error: i32) {
        let element = &mut self.product[row * self.columns as usize + column];
        *element = element.wrapping_add_signed(error);
    }
}

/// A seed that draws one number twice.
fn seed_of(w: u32) -> [u32; 8] {
    let mut seed = [0xdead_beef; 8];
    seed[..2].fill(w << 1);
    seed
}

#[test]
fn product_checker_yields_zeros_when_products_are_right() {
    // Sizes around those of chunks; the last rows that tiles hold are incomplete.
    let sizes = [
        (1, 1, 1),
        (24, 64, 9),
        (300, 7, 65),
        (5, 256, 256),
        (3, 257, 300),
        (2, 700, 513),
        (260, 600, 16),
    ];
    for (rows, columns, depth) in sizes {
        let right = Product::new(rows, columns, depth);
        for seed in numbers(24).chunks(8).chain([&[0; 8][..], &[u32::MAX; 8]]) {
            assert_eq!(right.faulty(seed), NONE, "{rows} x {columns} x {depth}");
        }
    }
}

#[test]
fn product_checker_has_no_race() {
    let Product {
        left,
        right,
        product,
        columns,
        depth,
    } = Product::new(40, 300, 270);
    let parameters = [&numbers(8)[..], &[columns, depth]].concat();
    let mut checker = Pass::new(checker(), &parameters, [1, 1, 1]);
    assert_eq!(checker.output(&[&left, &right, &product]), [0; 256]);
}

#[test]
fn product_checker_yields_zeros_when_all_bytes_are_extremes() {
    for bytes in [0x8080_8080, 0x7f7f_7f7f, 0x807f_807f] {
        let mut right = Product::new(3, 300, 290);
        right.left.fill(bytes);
        right.right.fill(0x8080_8080);
        let inputs = [right.left.as_slice(), &right.right];
        right.product = run_on(KERNEL, &inputs, &[300, 290], 4);
        // The largest remainder, P - 1, and others of many bits.
        for w in [0x7fff_fffe, 0x7fff_0000, 0x7fff_fffd, 0x0000_ffff, 1] {
            assert_eq!(right.faulty(&seed_of(w)), NONE);
        }
    }
}

#[test]
fn product_checker_finds_the_row_when_a_word_is_wrong() {
    let mut wrong = Product::new(256, 40, 5);
    let right = wrong.product.clone();
    for (turn, seed) in numbers(8 * 40).chunks(8).enumerate() {
        // One error in each row: one bit, a small number, or what no sum can be.
        wrong.product.clone_from(&right);
        for (row, noise) in numbers(256 * (turn + 1))[256 * turn..].iter().enumerate() {
            let column = (noise % 40) as usize;
            let error = match noise >> 30 {
                0 | 1 => 1u32 << (noise >> 8 & 31),
                2 => (noise >> 8 & 3) + 1,
                _ => noise | 1,
            };
            wrong.add(row, column, error.cast_signed());
        }
        assert_eq!(wrong.faulty(seed), Vec::from_iter(0..256));
    }
}

#[test]
fn product_checker_finds_the_row_when_errors_are_multiples_of_the_prime() {
    let mut wrong = Product::new(4, 40, 5);
    wrong.add(2, 7, 0x7fff_ffff);
    wrong.add(3, 8, -0x7fff_ffff);
    assert_eq!(wrong.faulty(&numbers(8)), [2, 3]);
}

#[test]
fn product_checker_finds_the_row_when_its_last_words_belong_to_no_row() {
    let mut wrong = Product::new(5, 50, 5);
    *wrong.product.last_mut().expect("a word") = 1;
    assert_eq!(wrong.faulty(&numbers(8)), [5]);
}

/// Errors at a root of their polynomial are all that the checker misses: it computes in the field that it says.
#[test]
fn product_checker_misses_errors_exactly_when_the_random_number_is_a_root() {
    // w = 5; w = -1; 2 w = 1; w^31 = 1 three times, elements apart by more than a chunk.
    let cases = [
        (5, [(3, -5), (4, 1)]),
        (0x7fff_fffe, [(8, 2), (9, 2)]),
        (1 << 30, [(255, -1), (256, 2)]),
        (2, [(3, -1), (3 + 31 * 20, 1)]),
        (8, [(10, 7), (10 + 31, -7)]),
        (0x4000_0000, [(600, 1), (600 + 31, -1)]),
    ];
    for (root, errors) in cases {
        let mut wrong = Product::new(2, 700, 3);
        for (column, error) in errors {
            wrong.add(1, column, error);
        }
        assert_eq!(wrong.faulty(&seed_of(root)), NONE);
        for other in [3, 7, 0x0123_4567, 0x7fff_fff0] {
            assert_eq!(wrong.faulty(&seed_of(other)), [1]);
        }
        // One of the two numbers is enough.
        for number in 0..2 {
            let mut seed = seed_of(root);
            seed[number] = 6;
            assert_eq!(wrong.faulty(&seed), [1]);
        }
    }
}

#[test]
fn product_checker_yields_faults_when_it_cannot_check() {
    // With depths that no sum of 32 bits can have, none at all, or too few workgroups.
    let right = Product::new(300, 2, 3);
    for (parameters, groups) in [([2, 16_384], 2), ([2, 0], 2), ([0, 3], 2), ([2, 3], 1)] {
        let parameters = [&[7; 8][..], &parameters].concat();
        let mut checker = Pass::new(checker(), &parameters, [groups, 1, 1]);
        let inputs = [right.left.as_slice(), &right.right, &right.product];
        for group in 0..groups {
            assert_eq!(checker.tile(&inputs, group), [1; 256]);
        }
    }
}

#[test]
fn product_checker_yields_faults_when_its_fuel_is_too_little() {
    let right = Product::new(2, 1_000, 500);
    let parameters = [&[7; 8][..], &[1_000, 500]].concat();
    for (loop_fuel, fault) in [(1, 1), (60_000, 1), (390_000, 1), (479_000, 0)] {
        let mut checker = Pass::new(fuelled_checker(loop_fuel), &parameters, [1, 1, 1]);
        let inputs = [right.left.as_slice(), &right.right, &right.product];
        assert_eq!(checker.output(&inputs), [fault; 256], "{loop_fuel}");
    }
}

#[test]
fn product_of_digits_is_right_and_found_so_when_compiled_as_the_job_says() {
    let digits = words(DIGITS);
    let mut pass = Pass::new(compiled_for(KERNEL, JOB, 0), &[600, 16], [1407, 1, 1]);
    let product = pass.output(&[&digits, &digits]);
    let dot = |row: usize, column: usize| -> u32 {
        let (row, column) = (&DIGITS[row * 64..][..64], &DIGITS[column * 64..][..64]);
        row.iter()
            .zip(column)
            .map(|(a, b)| u32::from(*a) * u32::from(*b))
            .sum()
    };
    assert!((0..360_000).all(|i| product[i] == dot(i / 600, i % 600)));
    assert!(product[360_000..].iter().all(|word| *word == 0));

    let parameters = [&numbers(8)[..], &[600, 16]].concat();
    let mut checker = Pass::new(compiled_for(CHECKER, JOB, 1), &parameters, [3, 1, 1]);
    assert_eq!(checker.output(&[&digits, &digits, &product]), [0; 768]);
}
