// SPDX-License-Identifier: Apache-2.0
//! SHA-256 digests.

use crate::{Pass, compiled_for, numbers, words};

const KERNEL: &str = include_str!("../../../kernels/sha256/kernel.wgsl");
const JOB: &str = include_str!("../../../kernels/sha256/job.json");
const PHOTOGRAPH: &[u8] = include_bytes!("../../../kernels/median5x5/hubble_deep_field.jpg");

/// The first 32 bits of the fraction of a root of a prime: its square root, or its cube root.
fn fraction_of_root(prime: u128, degree: u32) -> u32 {
    // The largest number whose power is not more than the prime with so many times 32 bits behind it.
    let root = (0..36).rev().fold(0u128, |root, bit| {
        let tried = root | 1 << bit;
        if tried.pow(degree) <= prime << (32 * degree) {
            tried
        } else {
            root
        }
    });
    root as u32
}

/// A digest by the standard, its constants computed, its schedule of 64 words.
fn sha256(message: &[u8]) -> [u8; 32] {
    let primes = (2u128..).filter(|n| (2..*n).all(|divisor| !n.is_multiple_of(divisor)));
    let rounds: Vec<u32> = primes
        .clone()
        .take(64)
        .map(|prime| fraction_of_root(prime, 3))
        .collect();
    let mut state: Vec<u32> = primes
        .take(8)
        .map(|prime| fraction_of_root(prime, 2))
        .collect();

    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());

    for block in padded.chunks(64) {
        let mut schedule: Vec<u32> = block
            .chunks(4)
            .map(|word| u32::from_be_bytes(word.try_into().expect("four")))
            .collect();
        for t in 16..64 {
            let (far, near) = (schedule[t - 15], schedule[t - 2]);
            let s0 = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
            let s1 = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
            let words = [s1, schedule[t - 7], s0, schedule[t - 16]];
            schedule.push(words.into_iter().fold(0, u32::wrapping_add));
        }
        let mut v = state.clone();
        for (round, word) in rounds.iter().zip(schedule) {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let first = [v[7], s1, choice, *round, word]
                .into_iter()
                .fold(0, u32::wrapping_add);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(first);
            v[0] = first.wrapping_add(s0).wrapping_add(majority);
        }
        for (word, new) in state.iter_mut().zip(v) {
            *word = word.wrapping_add(new);
        }
    }
    let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().expect("eight words")
}

/// The digests of a file's pieces, as bytes.
fn digests(file: &[u8]) -> Vec<u8> {
    let parameters = [file.len() as u32];
    let grid = [file.len().div_ceil(64 * 1_024) as u32, 1, 1];
    Pass::new(compiled_for(KERNEL, JOB, 0), &parameters, grid)
        .output(&[&words(file)])
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn reference_has_the_published_digests() {
    // Of FIPS 180's examples, and of nothing.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let alphabet = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex(&sha256(b"abc")), abc);
    let message = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_eq!(hex(&sha256(message)), alphabet);
    assert_eq!(hex(&sha256(b"")), nothing);
}

#[test]
fn digests_equal_the_standard_when_files_end_anywhere() {
    let noise: Vec<u8> = numbers(600)
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    let lengths = (1..140).chain([951, 952, 959, 960, 1_015, 1_016, 1_023, 1_024, 1_025, 2_400]);
    for length in lengths {
        let file = &noise[..length];
        let found = digests(file);
        let expected: Vec<u8> = file.chunks(1_024).flat_map(sha256).collect();
        assert_eq!(found[..expected.len()], expected, "{length} bytes");
        assert!(found[expected.len()..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn digests_of_a_photograph_equal_the_standard() {
    let expected: Vec<u8> = PHOTOGRAPH.chunks(1_024).flat_map(sha256).collect();
    assert_eq!(digests(PHOTOGRAPH)[..expected.len()], expected);
    // What sha256sum says of the first piece and of the last one, which is shorter.
    let first = "37d9677a87497fdb8284f7da800d87394367c0f3cd20808664fde87275ec1259";
    let last = "1edf2877b5ca6c367b013fc49b2ab030e39773bf6c53b03d2f8e602df43c8f7e";
    assert_eq!(hex(&expected[..32]), first);
    assert_eq!(hex(&expected[expected.len() - 32..]), last);
}
