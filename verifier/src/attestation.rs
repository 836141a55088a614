// SPDX-License-Identifier: Apache-2.0
//! How a verifier commits to what it computed before it can know what others did.

use crate::ChainingValue;

/// The domain of the hash: nothing else in the protocol is hashed with it.
const CONTEXT: &str = "assay attestation v1";

/// The commitment of a verifier to its values for the sampled tiles, in the tiles' order.
///
/// Bound to the account, the job and the round of the draw, so that a copied commitment can be revealed
/// by nobody but who made it; to the seed of the draw, so that none that was made on another branch of the
/// chain, where the job's number or the round meant something else, can be taken for it; and to a secret salt,
/// so that it tells nothing before it is revealed.
pub fn commitment(
    values: &[ChainingValue],
    salt: &[u8; 32],
    account: &[u8; 32],
    job: u64,
    round: u32,
    seed: &[u8; 32],
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher
        .update(salt)
        .update(account)
        .update(&job.to_le_bytes())
        .update(&round.to_le_bytes())
        .update(seed);
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
        let (values, salt, account, seed) = ([[1; 32], [2; 32]], [3; 32], [4; 32], [7; 32]);
        let base = commitment(&values, &salt, &account, 5, 6, &seed);
        assert_eq!(base, commitment(&values, &salt, &account, 5, 6, &seed));
        for other in [
            commitment(&[[2; 32], [1; 32]], &salt, &account, 5, 6, &seed),
            commitment(&values[..1], &salt, &account, 5, 6, &seed),
            commitment(&values, &[0; 32], &account, 5, 6, &seed),
            commitment(&values, &salt, &[0; 32], 5, 6, &seed),
            commitment(&values, &salt, &account, 0, 6, &seed),
            commitment(&values, &salt, &account, 5, 0, &seed),
            commitment(&values, &salt, &account, 5, 6, &[0; 32]),
        ] {
            assert_ne!(base, other);
        }
    }
}
