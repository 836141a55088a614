// SPDX-License-Identifier: Apache-2.0
//! The network that reads digits.

use crate::{run_on, words};

const LAYER1: &str = include_str!("../../../kernels/digits/layer1.wgsl");
const LAYER2: &str = include_str!("../../../kernels/digits/layer2.wgsl");
const DIGITS: &[u8] = include_bytes!("../../../kernels/digits/digits.bin");
const LABELS: &[u8] = include_bytes!("../../../kernels/digits/labels.bin");
const WEIGHTS: &[u8] = include_bytes!("../../../kernels/digits/weights.bin");

const COUNT: usize = 600;
const MULTIPLIER: i64 = 1_516;

/// What the neurons of a layer sum up, from the bytes of its weights and biases.
fn sums(inputs: &[i64], layer: &[u8], neurons: usize) -> Vec<i64> {
    let (weights, biases) = layer.split_at(neurons * inputs.len());
    weights
        .chunks(inputs.len())
        .zip(biases.chunks(4))
        .map(|(row, bias)| {
            let bias = i32::from_le_bytes(bias.try_into().expect("four bytes"));
            let products = row
                .iter()
                .zip(inputs)
                .map(|(weight, input)| i64::from(*weight as i8) * input);
            i64::from(bias) + products.sum::<i64>()
        })
        .collect()
}

/// The hidden neurons and the digit that a picture is taken for.
fn read(picture: &[u8]) -> (Vec<i64>, u32) {
    let (layer1, layer2) = WEIGHTS.split_at(32 * 64 + 32 * 4);
    let pixels: Vec<i64> = picture.iter().map(|pixel| i64::from(*pixel)).collect();
    let hidden: Vec<i64> = sums(&pixels, layer1, 32)
        .iter()
        .map(|sum| ((sum * MULTIPLIER) >> 16).clamp(0, 127))
        .collect();
    let most = sums(&hidden, layer2, 10)
        .into_iter()
        .zip((0..10).rev())
        .max()
        .expect("ten digits");
    (hidden, 9 - most.1)
}

fn hidden_layer() -> Vec<u32> {
    let inputs = [words(DIGITS), words(WEIGHTS)];
    run_on(
        LAYER1,
        &inputs.each_ref().map(Vec::as_slice),
        &[600, 1_516, 16],
        19,
    )
}

fn digits() -> Vec<u32> {
    run_on(LAYER2, &[&hidden_layer(), &words(WEIGHTS)], &[600], 3)
}

#[test]
fn layers_equal_sums_over_bytes_when_a_picture_is_like_any_other() {
    let (hidden, digits) = (hidden_layer(), digits());
    for (number, picture) in DIGITS.chunks(64).enumerate() {
        let (expected, digit) = read(picture);
        let found = hidden[number * 8..][..8]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .map(i64::from);
        assert_eq!(Vec::from_iter(found), expected, "picture {number}");
        assert_eq!(digits[number], digit, "picture {number}");
    }
    assert_eq!(hidden[COUNT * 8..], [0; 64]);
    assert_eq!(digits[COUNT..], [0; 168]);
}

#[test]
fn network_reads_98_of_100_digits_that_it_was_not_trained_on() {
    let digits = digits();
    let right = LABELS
        .iter()
        .zip(&digits)
        .filter(|(label, digit)| u32::from(**label) == **digit);
    assert_eq!((LABELS.len(), right.count()), (COUNT, 588));
}
