// SPDX-License-Identifier: Apache-2.0
//! What the chain allows at most, so that what breaks a limit is refused here, with words, and not there.
//!
//! No types are shared with the runtime; a test holds these numbers against its own.

/// The passes of a job, each repetition counted.
pub const MAX_PASSES: usize = 64;

/// The inputs of a job, and what one pass reads.
pub const MAX_INPUTS: usize = 8;

/// The parameter words of a pass.
pub const MAX_PARAMETERS: usize = 64;

/// The words of the seed, which stand before a checker's parameters and count as parameters.
pub const SEED_WORDS: usize = 8;

/// The bytes of an encoded kernel.
pub const MAX_KERNEL_BYTES: usize = 65_536;

/// The bytes of a witness on which the chain re-executes a tile.
pub const MAX_WITNESS_BYTES: usize = 2 << 20;

/// The words of an input, or of the output of a pass: 16 GiB less a word.
pub const MAX_WORDS: u64 = 0xffff_ffff;

/// The countries that a job is confined to.
pub const MAX_REGIONS: usize = 8;

/// The providers that a job is confined to.
pub const MAX_ALLOWED: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::{job, provider};

    #[test]
    fn limits_are_those_of_the_chain() {
        let chain = [
            job::MAX_PASSES,
            job::MAX_INPUTS,
            job::MAX_PARAMETERS,
            job::SEED_WORDS,
            provider::MAX_REGIONS,
            provider::MAX_ALLOWED,
        ];
        let own = [
            MAX_PASSES,
            MAX_INPUTS,
            MAX_PARAMETERS,
            SEED_WORDS,
            MAX_REGIONS,
            MAX_ALLOWED,
        ];
        assert_eq!(own.map(u32::try_from), chain.map(Ok));
    }
}
