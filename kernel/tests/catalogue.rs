// SPDX-License-Identifier: Apache-2.0
//! The kernels of the catalogue, run by the virtual machine, against independent references.

use assay_kernel::{
    compiler::{Compiled, Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    races,
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
    run_on(source, &[input], parameters, groups)
}

/// The same of a kernel with any number of inputs.
fn run_on(source: &str, inputs: &[&[u32]], parameters: &[u32], groups: u32) -> Vec<u32> {
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
            .run(&invocation, &mut SliceInputs(inputs), &mut tile)
            .expect("the inputs are there");
        assert!(fuel <= compiled.report.tile_fuel);
        output.extend(tile);
        let race = races::find(&mut machine, &invocation, &mut SliceInputs(inputs));
        assert_eq!(race.expect("the inputs are there"), None);
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

const GAUSSIAN: &str = include_str!("../../kernels/gaussian5x5/kernel.wgsl");
const MANDELBROT: &str = include_str!("../../kernels/mandelbrot/kernel.wgsl");
const MATMUL: &str = include_str!("../../kernels/matmul_int8/kernel.wgsl");
const LEAVES: &str = include_str!("../../kernels/blake3_leaves/kernel.wgsl");
const ALIGNMENT: &str = include_str!("../../kernels/smith_waterman/kernel.wgsl");

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
    let output = run(GAUSSIAN, &picture, &[width as u32, height as u32], 6);
    assert_eq!(output, expected);
}

/// Whether a point of the plane stays near for 200 turns, in floating point.
fn stays(cx: f64, cy: f64) -> bool {
    let (mut x, mut y) = (0.0f64, 0.0f64);
    for _ in 0..200 {
        if x * x + y * y > 4.0 {
            return false;
        }
        (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
    }
    true
}

#[test]
fn mandelbrot_is_black_where_floating_point_says_so() {
    let (width, height, pixel) = (80u32, 60u32, 314_573i32);
    let centre = (-0.75f64 * f64::from(1 << 23)) as i32;
    let parameters = [width, centre as u32, 0, pixel as u32, height];
    let picture = run_on(MANDELBROT, &[], &parameters, 19);
    let unit = f64::from(1 << 23);
    let differing = (0..width * height)
        .filter(|i| {
            let column = f64::from((i % width) as i32 - width as i32 / 2);
            let row = f64::from((i / width) as i32 - height as i32 / 2);
            let cx = (f64::from(centre) + column * f64::from(pixel)) / unit;
            let cy = row * f64::from(pixel) / unit;
            (picture[*i as usize] == 0xff00_0000) != stays(cx, cy)
        })
        .count();
    let black = picture
        .iter()
        .filter(|pixel| **pixel == 0xff00_0000)
        .count();
    assert!((500..1_500).contains(&black), "{black} are black");
    // Thirteen bits are not fifty-three: points on the border may fall on the other side.
    assert!(differing < 40, "{differing} differ");
}

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
    assert_eq!(run_on(MATMUL, &[&left, right], &parameters, 6), expected);
}

#[test]
fn leaves_equal_the_chaining_values_of_blake3() {
    use blake3::hazmat::HasherExt;
    let file = numbers(40 * 256);
    let bytes: Vec<u8> = file.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut expected: Vec<u32> = Vec::new();
    for (index, chunk) in bytes.chunks(1_024).enumerate() {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(index as u64 * 1_024).update(chunk);
        let value = hasher.finalize_non_root();
        let words = value
            .chunks(4)
            .map(|word| u32::from_le_bytes(word.try_into().expect("four")));
        expected.extend(words);
    }
    expected.resize(2 * 256, 0);
    assert_eq!(run(LEAVES, &file, &[], 2), expected);
}

/// The best local score by the whole table.
fn alignment(long: &[u32], short: &[u32]) -> i32 {
    let mut table = vec![vec![0i32; short.len() + 1]; long.len() + 1];
    let mut best = 0;
    for i in 1..=long.len() {
        for j in 1..=short.len() {
            let matched = table[i - 1][j - 1] + if long[i - 1] == short[j - 1] { 2 } else { -1 };
            let gap = table[i - 1][j].max(table[i][j - 1]) - 2;
            table[i][j] = matched.max(gap).max(0);
            best = best.max(table[i][j]);
        }
    }
    best
}

#[test]
fn alignments_equal_the_whole_tables() {
    let mut long: Vec<u32> = numbers(4_200).iter().map(|number| number % 4).collect();
    let short: Vec<u32> = numbers(32).iter().map(|number| number / 7 % 4).collect();
    // One window holds the sequence, with a base left out.
    long.splice(
        1_600..1_631,
        short.iter().copied().filter({
            let mut place = 0;
            move |_| {
                place += 1;
                place != 11
            }
        }),
    );
    let mut expected: Vec<u32> = (0..)
        .map(|window| window * 16)
        .take_while(|start| start + 64 <= long.len())
        .map(|start| alignment(&long[start..start + 64], &short) as u32)
        .collect();
    assert_eq!(expected.iter().max(), Some(&60), "31 matches and a gap");
    expected.resize(2 * 256, 0);
    assert_eq!(run_on(ALIGNMENT, &[&long, &short], &[], 2), expected);
}
