// SPDX-License-Identifier: Apache-2.0
//! The smoothing filter.

use crate::{numbers, run};

const KERNEL: &str = include_str!("../../../kernels/gaussian5x5/kernel.wgsl");

#[test]
fn gaussian_equals_two_passes_of_the_row_filter() {
    let (width, height) = (45usize, 33usize);
    let picture = numbers(width * height);
    let weights = [1u32, 4, 6, 4, 1];
    let at = |values: &[u32], x: usize, y: usize, step: (usize, usize), k: usize| {
        let along = |place: usize, step: usize, end: usize| match step {
            0 => place,
            _ => (place + k).saturating_sub(2).min(end - 1),
        };
        values[along(y, step.1, height) * width + along(x, step.0, width)]
    };
    let pass = |values: &[u32], step: (usize, usize)| -> Vec<u32> {
        (0..width * height)
            .map(|i| {
                (0..5)
                    .map(|k| weights[k] * at(values, i % width, i / width, step, k))
                    .sum()
            })
            .collect()
    };
    let mut expected: Vec<u32> = picture.iter().map(|pixel| pixel & 0xff00_0000).collect();
    for shift in [0, 8, 16] {
        let channel: Vec<u32> = picture.iter().map(|pixel| (pixel >> shift) & 255).collect();
        let smooth = pass(&pass(&channel, (1, 0)), (0, 1));
        for (pixel, sum) in expected.iter_mut().zip(smooth) {
            *pixel |= ((sum + 128) / 256) << shift;
        }
    }
    expected.resize(6 * 256, 0);
    let output = run(KERNEL, &picture, &[width as u32, height as u32], 6);
    assert_eq!(output, expected);
}
