// SPDX-License-Identifier: Apache-2.0
//! Keys and addresses as people give them.

use anyhow::{Context, Result};
use std::str::FromStr;
use subxt::utils::AccountId32;
use subxt_signer::{SecretUri, sr25519::Keypair};

/// The key pair of a secret: a development name such as `//Alice`, a phrase with derivation paths, or a seed in hex.
///
/// `@FILE` reads the secret from a file, so that it need not stand in the command's history.
pub fn signer(secret: &str) -> Result<Keypair> {
    let text = match secret.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the secret from {path}"))?,
        None => secret.into(),
    };
    let uri = SecretUri::from_str(text.trim())
        .ok()
        .context("the secret is neither a phrase, a seed in hex, nor a name such as //Alice")?;
    Keypair::from_uri(&uri).context("the secret's phrase or seed is not valid")
}

/// The account of a key pair.
pub fn of(signer: &Keypair) -> AccountId32 {
    AccountId32(signer.public_key().0)
}

/// An account from its address.
pub fn parse(address: &str) -> Result<AccountId32, String> {
    AccountId32::from_str(address)
        .map_err(|error| format!("`{address}` is no address of this chain: {error}"))
}

/// The first and last letters of an address: enough for a person to tell accounts apart.
pub fn short(account: &AccountId32) -> String {
    let address = account.to_string();
    match (
        address.get(..6),
        address.get(address.len().saturating_sub(4)..),
    ) {
        (Some(head), Some(tail)) => format!("{head}…{tail}"),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published address of the development account Alice.
    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    #[test]
    fn signer_is_the_known_account_when_the_secret_is_a_development_name() {
        let alice = signer("//Alice").expect("a development name");
        assert_eq!(of(&alice).to_string(), ALICE);
    }

    #[test]
    fn signer_says_what_it_takes_when_the_secret_is_nonsense() {
        let error = signer("not a phrase").expect_err("two words too few");
        assert!(format!("{error:#}").contains("phrase"), "{error:#}");
    }

    #[test]
    fn parse_names_the_text_when_it_is_no_address() {
        assert!(parse("5Grwva").expect_err("too short").contains("5Grwva"));
    }

    #[test]
    fn short_keeps_both_ends() {
        assert_eq!(short(&parse(ALICE).expect("valid")), "5Grwva…utQY");
    }
}
