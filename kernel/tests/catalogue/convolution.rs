// SPDX-License-Identifier: Apache-2.0
//! Convolved pictures.

use crate::{
    Pass, compiled_for,
    float::{Float, floats},
    numbers, run_on, words,
};

const KERNEL: &str = include_str!("../../../kernels/convolution/kernel.wgsl");
const JOB: &str = include_str!("../../../kernels/convolution/job.json");
const SHARPEN: &[u8] = include_bytes!("../../../kernels/convolution/sharpen.bin");

/// The convolution by its definition: weight (u, v) from the centre meets the pixel that is (-u, -v) away.
fn convolved(
    picture: &[u32],
    [width, height]: [usize; 2],
    weights: &[u32],
    side: usize,
) -> Vec<u32> {
    let reach = (side / 2) as i64;
    let pixel = |x: i64, y: i64| {
        let x = x.clamp(0, width as i64 - 1) as usize;
        let y = y.clamp(0, height as i64 - 1) as usize;
        picture[y * width + x].to_le_bytes()
    };
    let weight = |u: i64, v: i64| {
        let index = (v + reach) * side as i64 + u + reach;
        Float::from_bits(weights[index as usize])
    };
    let channel = |x: i64, y: i64, channel: usize| {
        let mut sum = Float::default();
        for (v, u) in (-reach..=reach).flat_map(|v| (-reach..=reach).map(move |u| (v, u))) {
            let byte = Float::new(pixel(x + u, y + v)[channel].into());
            sum = sum + weight(-u, -v) * byte;
        }
        (Float::new(sum.0.clamp(0.0, 255.0)) + Float(0.5)).0 as u8
    };
    (0..(width * height) as i64)
        .map(|i| (i % width as i64, i / width as i64))
        .map(|(x, y)| {
            let [.., alpha] = pixel(x, y);
            u32::from_le_bytes([channel(x, y, 0), channel(x, y, 1), channel(x, y, 2), alpha])
        })
        .collect()
}

fn run(picture: &[u32], [width, height]: [usize; 2], weights: &[u32], side: usize) -> Vec<u32> {
    let parameters = [width, height, side].map(|size| size as u32);
    let groups = (width * height).div_ceil(256);
    let mut output = run_on(KERNEL, &[picture, weights], &parameters, groups as u32);
    assert!(
        output
            .split_off(width * height)
            .iter()
            .all(|word| *word == 0)
    );
    output
}

#[test]
fn convolution_has_the_bits_of_its_definition_when_weights_and_pixels_are_noise() {
    for (size, side) in [
        ([37, 29], 1),
        ([37, 29], 5),
        ([5, 3], 7),
        ([64, 20], 9),
        ([20, 20], 21),
    ] {
        let picture = numbers(size[0] * size[1]);
        let weights = floats(side * side, -0.3, 0.4);
        let expected = convolved(&picture, size, &weights, side);
        assert_eq!(run(&picture, size, &weights, side), expected);
    }
}

#[test]
fn convolution_leaves_a_flat_picture_as_it_is_when_weights_sum_up_to_one() {
    let picture = vec![0xff20_8040; 30 * 20];
    assert_eq!(run(&picture, [30, 20], &words(SHARPEN), 9), picture);
}

#[test]
fn convolution_moves_a_picture_when_only_one_weight_is_not_zero() {
    let picture = numbers(30 * 20);
    let mut weights = [0; 9];
    weights[2] = 1f32.to_bits();
    // The weight is at the upper right: so much to the right and up goes the picture.
    let moved = run(&picture, [30, 20], &weights, 3);
    for (x, y) in (1..30).flat_map(|x| (0..19).map(move |y| (x, y))) {
        let (found, expected) = (moved[y * 30 + x], picture[(y + 1) * 30 + x - 1]);
        assert_eq!(found & 0x00ff_ffff, expected & 0x00ff_ffff);
    }
}

#[test]
fn convolution_has_fuel_for_all_weights_when_it_is_compiled_as_its_job_says() {
    let picture = numbers(30 * 20);
    let kernel = compiled_for(KERNEL, JOB, 0);
    let output = Pass::new(kernel, &[30, 20, 9], [3, 1, 1]).output(&[&picture, &words(SHARPEN)]);
    let expected = convolved(&picture, [30, 20], &words(SHARPEN), 9);
    assert_eq!(output[..600], expected);
}
