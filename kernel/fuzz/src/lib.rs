// SPDX-License-Identifier: Apache-2.0
//! What the targets share. Above all it changes kernels operation by operation, so that most stay valid: flipped bytes
//! hardly ever get past the validator.

mod edit;
mod memory;
mod random;

pub use memory::Counted;

use assay_kernel::{
    Kernel,
    validate::{Limits, validate},
};
use codec::{DecodeAll, Encode};
use random::Random;

/// What kernels read, also as parameters.
pub const WORDS: [u32; 9] = [
    0,
    1,
    u32::MAX,
    1 << 31,
    0x7f80_0000,
    0x7fc0_0001,
    0x0080_0000,
    77,
    300,
];

/// How often a valid kernel is tried for.
const ATTEMPTS: u32 = 16;

/// Changes the case in `data[..size]`; the answer is its size then, at most `max_size`. For `fuzz_mutator!`.
///
/// What is no kernel, and sometimes what is, has its bytes changed by libFuzzer.
pub fn mutate(limits: &Limits, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    if let Ok(kernel) = Kernel::decode_all(&mut &data[..size])
        && !random.one_in(16)
    {
        for _ in 0..ATTEMPTS {
            let mut changed = kernel.clone();
            for _ in 0..=random.below(4) {
                edit::edit(&mut changed, &mut random);
            }
            // The validator's refusals are worth some cases too.
            let wanted = validate(&changed, limits).is_ok() || random.one_in(4 * ATTEMPTS);
            let code = changed.encode();
            if wanted && code.len() <= max_size {
                data[..code.len()].copy_from_slice(&code);
                return code.len();
            }
        }
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}
