// SPDX-License-Identifier: Apache-2.0
//! Products of matrices of floats.

use crate::{
    Pass, compiled_for,
    float::{Float, floats},
    kernel, words,
};

const KERNEL: &str = include_str!("../../../kernels/matmul_f32/kernel.wgsl");
const JOB: &str = include_str!("../../../kernels/matmul_f32/job.json");
const DAYS: &[u8] = include_bytes!("../../../kernels/matmul_f32/days.bin");

/// The blocks of a product whose elements are summed up in order.
fn blocks(left: &[u32], right: &[u32], [rows, columns, depth]: [usize; 3]) -> Vec<u32> {
    let element = |row: usize, column: usize| {
        if row >= rows || column >= columns {
            return 0;
        }
        (0..depth)
            .map(|k| (left[row * depth + k], right[column * depth + k]))
            .map(|(a, b)| Float::from_bits(a) * Float::from_bits(b))
            .fold(Float::default(), |sum, product| sum + product)
            .bits()
    };
    let across = columns.div_ceil(16);
    (0..rows.div_ceil(16) * across)
        .flat_map(|block| (0..256).map(move |lane| (block, lane)))
        .map(|(block, lane)| {
            element(
                block / across * 16 + lane / 16,
                block % across * 16 + lane % 16,
            )
        })
        .collect()
}

fn product(left: &[u32], right: &[u32], shape: [usize; 3]) -> Vec<u32> {
    let parameters = shape.map(|size| size as u32);
    let grid = [
        shape[1].div_ceil(16) as u32,
        shape[0].div_ceil(16) as u32,
        1,
    ];
    Pass::new(kernel(KERNEL), &parameters, grid).output(&[left, right])
}

#[test]
fn product_has_the_bits_of_sums_in_order() {
    for shape in [
        [1, 1, 1],
        [16, 16, 16],
        [17, 50, 33],
        [40, 15, 100],
        [3, 70, 15],
    ] {
        let [rows, columns, depth] = shape;
        let left = floats(rows * depth, -10.0, 10.0);
        let right = floats(columns * depth, -0.1, 1.0);
        assert_eq!(product(&left, &right, shape), blocks(&left, &right, shape));
    }
}

#[test]
fn product_has_the_bits_of_sums_in_order_when_products_vanish_or_cancel() {
    // Sizes from 2^-64 to 2^64: some products are below what a float has, some sums lose all digits.
    let scaled = |seed: u32| -> Vec<u32> {
        floats(20 * 40, -1.0, 1.0)
            .iter()
            .zip(crate::numbers(800))
            .map(|(float, noise)| {
                let size = 2f32.powi((noise.rotate_left(seed) % 129) as i32 - 64);
                (f32::from_bits(*float) * size).to_bits()
            })
            .collect()
    };
    let (left, right) = (scaled(3), scaled(17));
    let expected = blocks(&left, &right, [20, 20, 40]);
    assert_eq!(product(&left, &right, [20, 20, 40]), expected);
}

#[test]
fn product_of_the_days_of_a_year_is_their_correlation() {
    let days = words(DAYS);
    let mut pass = Pass::new(compiled_for(KERNEL, JOB, 0), &[365, 365, 24], [23, 23, 1]);
    let product = pass.output(&[&days, &days]);
    assert_eq!(product, blocks(&days, &days, [365, 365, 24]));
    let at = |row: usize, column: usize| {
        let block = row / 16 * 23 + column / 16;
        f32::from_bits(product[block * 256 + row % 16 * 16 + column % 16])
    };
    for (day, other) in (0..365).flat_map(|day| (0..365).map(move |other| (day, other))) {
        assert_eq!(at(day, other), at(other, day));
        assert!(at(day, other) < 1.000_001);
    }
    assert!((0..365).all(|day| (at(day, day) - 1.0).abs() < 1e-6));
}
