// SPDX-License-Identifier: Apache-2.0
//! A validator that runs twice is reported by the others, taken out of service, and punished unless governance objects.

use anyhow::{Context, Result};
use assay_cli::account;
use assay_tests::{
    ledger::{Offence, Reader},
    mesh::{Mesh, Role},
    party::Party,
};

const ALICE: usize = 0;
const STAKE: u128 = 1_000_000_000_000_000;

/// A day in blocks; the default review of a punishment lasts seven.
const DAY: u64 = 28_800;

#[tokio::test(flavor = "multi_thread")]
async fn validator_is_chilled_and_its_punishment_deferred_when_it_equivocates() -> Result<()> {
    let mut mesh = Mesh::start(&[Role::Validator("alice"), Role::Validator("bob")]).await?;
    mesh.join(&[0, 1]).await?;
    mesh.wait_for_block(ALICE, 2).await?;
    let party = Party::register(mesh.url(ALICE)?, "//Bob", STAKE).await?;
    let bob = account::of(&account::signer("//Bob")?);
    assert_eq!(<[u8; 32]>::from(party.account()), bob.0);
    let chain = mesh.chain(ALICE).await?;
    let provider = chain.provider(&bob).await?.context("registered")?;
    assert!(provider.active);

    // The same keys on a second machine.
    let again = mesh.add(Role::Validator("bob")).await?;
    mesh.join(&[0, 1, again]).await?;

    // Both kinds are reported: two blocks of one slot, and two votes of one round.
    let reader = Reader::connect(mesh.url(ALICE)?).await?;
    let ledger = mesh
        .wait("reports of both kinds", async || {
            let ledger = reader.read(chain.block_number().await?).await?;
            let seen = |kind: &[u8]| {
                let mut offences = ledger.all("Offences.Offence");
                offences.any(|event| event.fields.starts_with(kind))
            };
            Ok((seen(b"babe:equivocatio") && seen(b"grandpa:equivoca")).then_some(ledger))
        })
        .await?;

    // He is out of service at once, his stake is still there, and a week passes before it is taken.
    let chilled = ledger.all("Providers.Chilled").next().context("chilled")?;
    assert!(chilled.fields.starts_with(&bob.0));
    let provider = chain.provider(&bob).await?.context("registered")?;
    assert!(!provider.active && provider.stake == STAKE, "{provider:?}");
    let [deferred] = ledger.deferred[..] else {
        panic!(
            "two reports of one session are one offence: {:?}",
            ledger.deferred
        );
    };
    assert_eq!(deferred.offender, bob);
    assert_eq!(deferred.offence, Offence::Equivocation);
    assert_eq!(deferred.due.taken, STAKE);
    assert_eq!(u64::from(deferred.until), chilled.block + 7 * DAY);
    assert_eq!(ledger.all("Slashing.Slashed").count(), 0);
    Ok(())
}
