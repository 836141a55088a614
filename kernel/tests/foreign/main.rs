// SPDX-License-Identifier: Apache-2.0
//! Compute shaders that somebody else has written and published, unmodified.

mod source;

use assay_kernel::{
    compiler::{Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};

/// The first tile that a shader makes of an input.
fn tile(path: &str, input: &[u32]) -> Vec<u32> {
    let kernel = match compile(&source::encase(path), &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(obstacles) => panic!("{obstacles}"),
    };
    let mut machine = Machine::new(&kernel, &Limits::DEFAULT).expect("a valid kernel");
    let mut tile = vec![0; kernel.tile_words as usize];
    let invocation = Invocation {
        grid: [1; 3],
        group: 0,
        parameters: &[],
    };
    machine
        .run(&invocation, &mut SliceInputs(&[input]), &mut tile)
        .expect("the input is there");
    tile
}

/// Words from 1 on, and 0 where a structure has none of its own.
fn filled(words: usize, unused: &[usize]) -> Vec<u32> {
    (0..words)
        .map(|word| match unused.contains(&word) {
            true => 0,
            false => word as u32 + 1,
        })
        .collect()
}

#[test]
fn structure_is_copied_and_its_array_measured() {
    // Two words, two of padding, three of a vec3, and one of padding before an array that is aligned to 16 bytes.
    let input = filled(8 + 40, &[1, 2, 3, 7]);
    let mut expected = input.clone();
    expected[1] = 40;
    expected.resize(256, 0);
    assert_eq!(tile(source::ARRAY_LENGTH, &input), expected);
}

#[test]
fn structure_is_copied_when_members_ask_for_size_and_alignment() {
    // By WGSL's rules, in words: A is u 0, v 1, w 2 to 3, x 4 with a size of 4, xx 8, ten words in all. B is a 0 to 1, b 4
    // to 6, c 7, d 8, e 12 to 21, f 24 to 26, g 28 to 57 of A's ten each, h 58, i from 64 on.
    let structure = |at: usize| [at + 5, at + 6, at + 7, at + 9];
    let mut unused = vec![2, 3, 9, 10, 11, 22, 23, 27, 59, 60, 61, 62, 63];
    for at in [12, 28, 38, 48, 64, 74, 84] {
        unused.extend(structure(at));
    }
    let input = filled(64 + 30, &unused);
    let mut expected = input.clone();
    expected.resize(256, 0);
    assert_eq!(tile(source::GENERAL, &input), expected);
}
