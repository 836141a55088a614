// SPDX-License-Identifier: Apache-2.0
//! Parties that cheat, on a real network, against honest nodes that do nothing but their duty.

mod availability;
mod calls;
mod issuer;
mod providers;
mod verifiers;

use anyhow::{Context, Result};
use assay_cli::chain::{Chain, types::Penalty};
use assay_tests::{kernel, party::Party};
use assay_verifier::{ChainingValue, commit::Commitment};
use subxt::utils::AccountId32;

/// One token.
const UNIT: u128 = 1_000_000_000_000;

/// What parties stake.
const STAKE: u128 = 1_000 * UNIT;

/// The output of the job with some tiles changed: its bytes, its tiles' values and its root.
fn forged(tiles: impl Iterator<Item = u32>) -> Result<(Vec<u8>, Vec<ChainingValue>, [u8; 32])> {
    forged_of(kernel::output(), tiles)
}

/// The same of any output of tiles of 1,024 bytes.
fn forged_of(
    mut output: Vec<u8>,
    tiles: impl Iterator<Item = u32>,
) -> Result<(Vec<u8>, Vec<ChainingValue>, [u8; 32])> {
    for tile in tiles {
        output[tile as usize * 1024] ^= 1;
    }
    let mut commitment = Commitment::new(u32::try_from(output.len() / 1024)?, 1024);
    commitment.push(&output)?;
    let (values, root) = commitment.finish().context("every tile is there")?;
    Ok((output, values, root))
}

/// The stake that is left to a party.
async fn stake(chain: &Chain, party: &Party) -> Result<u128> {
    let account = AccountId32(party.account().into());
    let view = chain.provider(&account).await?;
    Ok(view.context("it is still registered")?.stake)
}

/// A penalty that hurts, and of which each part has gone somewhere.
fn assert_slashed(penalty: &Penalty) {
    assert_eq!(
        penalty.taken,
        penalty.reporter + penalty.requester + penalty.treasury + penalty.burned
    );
    assert!(
        penalty.reporter > 0 && penalty.requester > 0 && penalty.burned > 0,
        "{penalty:?}"
    );
}
