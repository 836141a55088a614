// SPDX-License-Identifier: Apache-2.0
//! The leaves of BLAKE3's tree.

use crate::{numbers, run};

const KERNEL: &str = include_str!("../../../kernels/blake3_leaves/kernel.wgsl");

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
    assert_eq!(run(KERNEL, &file, &[], 2), expected);
}
