// SPDX-License-Identifier: Apache-2.0
//! How a verifier commits to what it computed before it can know what others did.

use crate::ChainingValue;

/// The domain of the hash: nothing else in the protocol is hashed with it.
const CONTEXT: &str = "assay attestation v1";

/// The commitment of a verifier to its values for the sampled tiles, in the tiles' order.
///
/// Bound to the account, the job, the seed and the round of the draw, so that a copied commitment can be revealed
/// by nobody but who made it and counts for no other draw, and to a secret salt, so that it tells nothing before it is revealed.
pub fn commitment(
    values: &[ChainingValue],
    salt: &[u8; 32],
    account: &[u8; 32],
    job: u64,
    seed: &[u8; 32],
    round: u32,
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher
        .update(salt)
        .update(account)
        .update(&job.to_le_bytes())
        .update(seed)
        .update(&round.to_le_bytes());
    for value in values {
        hasher.update(value);
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commitment_differs_when_any_part_does() {
        let (values, salt, account) = ([[1; 32], [2; 32]], [3; 32], [4; 32]);
        let base = commitment(&values, &salt, &account, 5, 6);
        assert_eq!(base, commitment(&values, &salt, &account, 5, 6));
        assert_ne!(base, commitment(&[[2; 32], [1; 32]], &salt, &account, 5, 6));
        assert_ne!(base, commitment(&values[..1], &salt, &account, 5, 6));
        assert_ne!(base, commitment(&values, &[0; 32], &account, 5, 6));
        assert_ne!(base, commitment(&values, &salt, &[0; 32], 5, 6));
        assert_ne!(base, commitment(&values, &salt, &account, 0, 6));
        assert_ne!(base, commitment(&values, &salt, &account, 5, 0));
    }
}
