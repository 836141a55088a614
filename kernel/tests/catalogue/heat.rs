// SPDX-License-Identifier: Apache-2.0
//! Heat on its way through a plate.

use crate::{
    float::{Float, floats},
    run, words,
};

const KERNEL: &str = include_str!("../../../kernels/heat/kernel.wgsl");
const COLOURS: &str = include_str!("../../../kernels/heat/colours.wgsl");
const ELEVATION: &[u8] = include_bytes!("../../../kernels/heat/elevation.bin");

/// Steps of the kernel, each reading what the one before has written.
fn stepped(grid: &[u32], [width, height]: [usize; 2], rate: f32, steps: usize) -> Vec<u32> {
    let parameters = [width as u32, height as u32, rate.to_bits()];
    let groups = (width * height).div_ceil(256);
    let mut grid = grid.to_vec();
    for _ in 0..steps {
        grid = run(KERNEL, &grid, &parameters, groups as u32);
    }
    grid.truncate(width * height);
    grid
}

/// The same on rows that are longer by a cell on each side.
fn expected(grid: &[u32], [width, height]: [usize; 2], rate: f32, steps: usize) -> Vec<u32> {
    let mut cells: Vec<Float> = grid.iter().copied().map(Float::from_bits).collect();
    for _ in 0..steps {
        let at = |x: usize, y: usize| {
            // One more than where it is.
            let (x, y) = (x.clamp(1, width) - 1, y.clamp(1, height) - 1);
            cells[y * width + x]
        };
        cells = (0..width * height)
            .map(|i| (i % width + 1, i / width + 1))
            .map(|(x, y)| {
                let here = at(x, y);
                let around = (at(x - 1, y) + at(x + 1, y)) + (at(x, y - 1) + at(x, y + 1));
                here + Float(rate) * (around - Float(4.0) * here)
            })
            .collect();
    }
    cells.into_iter().map(Float::bits).collect()
}

#[test]
fn steps_have_the_bits_of_cells_one_after_the_other() {
    for size in [[1, 1], [1, 9], [9, 1], [33, 20], [256, 3]] {
        let grid = floats(size[0] * size[1], -5.0, 100.0);
        assert_eq!(stepped(&grid, size, 0.2, 3), expected(&grid, size, 0.2, 3));
    }
}

#[test]
fn steps_over_the_mountains_keep_their_heat_and_even_it_out() {
    let elevation = words(ELEVATION);
    let heated = stepped(&elevation, [135, 115], 0.2, 60);
    assert_eq!(heated, expected(&elevation, [135, 115], 0.2, 60));
    let floats = |words: &[u32]| -> Vec<f64> {
        words
            .iter()
            .map(|word| f32::from_bits(*word).into())
            .collect()
    };
    let (before, after) = (floats(&elevation), floats(&heated));
    let sum = |cells: &[f64]| cells.iter().sum::<f64>();
    assert!((sum(&after) / sum(&before) - 1.0).abs() < 1e-6);
    let steepest = |cells: &[f64]| {
        let differences = cells.windows(2).map(|pair| (pair[0] - pair[1]).abs());
        differences
            .enumerate()
            .filter(|(i, _)| i % 135 != 134)
            .map(|(_, d)| d)
            .fold(0.0, f64::max)
    };
    assert!(steepest(&after) < 0.3 * steepest(&before));
}

#[test]
fn colours_go_from_black_over_red_and_yellow_to_white() {
    let cells: Vec<u32> = [-1f32, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0]
        .iter()
        .map(|cell| cell.to_bits())
        .collect();
    let picture = run(COLOURS, &cells, &[8, 1, 0f32.to_bits(), 6f32.to_bits()], 1);
    let expected = [
        0xff00_0000u32,
        0xff00_0000,
        0xff00_0080,
        0xff00_00ff,
        0xff00_80ff,
        0xff00_ffff,
        0xffff_ffff,
        0xffff_ffff,
    ];
    assert_eq!(picture[..8], expected);
    assert_eq!(picture[8..], [0; 248]);
}
