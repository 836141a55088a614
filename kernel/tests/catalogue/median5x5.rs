// SPDX-License-Identifier: Apache-2.0
//! The median filter.

use crate::{kernel, numbers, run};

const KERNEL: &str = include_str!("../../../kernels/median5x5/kernel.wgsl");

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
    let output = run(KERNEL, &picture, &[width as u32, height as u32], 5);
    assert_eq!(output, expected);
}

#[test]
fn median_equals_sorting_when_few_values_repeat() {
    let (width, height) = (64, 40);
    let picture: Vec<u32> = numbers(width * height)
        .into_iter()
        .map(|pixel| pixel & 0xff01_0301)
        .collect();
    let output = run(KERNEL, &picture, &[width as u32, height as u32], 10);
    assert_eq!(output, medians(&picture, width as i64, height as i64));
}

#[test]
fn median_equals_sorting_when_the_picture_is_smaller_than_the_window() {
    let picture = numbers(3);
    let mut expected = medians(&picture, 3, 1);
    expected.resize(256, 0);
    assert_eq!(run(KERNEL, &picture, &[3, 1], 1), expected);
}

#[test]
fn median_costs_little_when_a_tile_is_re_executed() {
    assert_eq!(kernel(KERNEL).report.tile_fuel, 268_032);
}
