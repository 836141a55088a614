// SPDX-License-Identifier: Apache-2.0
//! Providers that cheat.

use super::{STAKE, UNIT, assert_slashed, forged, forged_of, stake};
use anyhow::{Context, Result};
use assay_cli::{
    account,
    chain::types::{JobStatus, Phase, Reason},
};
use assay_tests::{
    kernel,
    network::Network,
    party::Party,
    posted::{Posted, sampled},
};
use subxt::utils::{AccountId32, MultiAddress};

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_convicted_by_the_chain_when_it_commits_wrong_tiles() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    let cheat = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let requester = account::of(&account::signer("//Eve")?);
    let (before, issued) = (chain.balance(&requester).await?, chain.issuance().await?);
    let posted = Posted::new(&network, &[]).await?;
    cheat.accept(0).await?;
    let (_, values, root) = forged(0..kernel::TILES)?;
    cheat.commit(0, root).await?;

    // Two honest verifiers attest; the cheat must open what it committed to.
    let view = posted.phase(Phase::Opening).await?;
    cheat.open(0, &values, sampled(&view)).await?;

    // They differ, bring a witness, and the chain runs the tile.
    let settled = posted.closed(Reason::WrongResult).await?;
    assert_slashed(&settled.penalty);
    // The requester has everything back but what the verifiers earned, and is compensated.
    let verified: u128 = settled.paid.iter().map(|payment| payment.amount).sum();
    let after = chain.balance(&requester).await?;
    let fees = before.free + settled.penalty.requester - verified - after.free - after.reserved;
    assert!(fees < UNIT, "fees of {fees}: {settled:?}");
    // No money came to be, and no more is gone than what was burned and paid in fees.
    let gone = issued - chain.issuance().await?;
    assert!(
        (settled.penalty.burned..settled.penalty.burned + UNIT).contains(&gone),
        "{gone} are gone: {settled:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_convicted_when_it_does_not_open() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    let cheat = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let posted = Posted::new(&network, &[]).await?;
    cheat.accept(0).await?;
    let (_, _, root) = forged(0..kernel::TILES)?;
    cheat.commit(0, root).await?;
    // It has seen what is drawn, and keeps it to itself.
    let settled = posted.closed(Reason::Withheld).await?;
    assert!(settled.penalty.taken > 0 && settled.penalty.requester > 0);
    assert_eq!(settled.penalty.reporter, 0, "nobody has reported it");
    assert!(stake(&chain, &cheat).await? < STAKE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_convicted_when_anybody_proves_the_one_wrong_tile() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let cheat = Party::register(network.url(), "//Ferdie", STAKE).await?;
    // A single sample: most likely it misses the one wrong tile.
    let posted = Posted::new(&network, &["--confidence", "50", "--wrong", "50"]).await?;
    cheat.accept(0).await?;
    let (output, values, root) = forged(std::iter::once(17))?;
    cheat.serve(output).await?;
    cheat.commit(0, root).await?;
    let view = posted.phase(Phase::Opening).await?;
    let missed = !sampled(&view).contains(&17);
    cheat.open(0, &values, sampled(&view)).await?;

    // The requester re-executes what it was sold.
    let folder = tempfile::tempdir()?;
    let store = folder.path().join("store").display().to_string();
    let log = folder.path().join("log");
    let arguments = ["job", "audit", "0", "--signer", "//Eve", "--store", &store];
    let mut audit = network.spawn_assay(&arguments, &log)?;
    let closed = posted.closed(Reason::WrongResult).await;
    audit.wait()?;
    let said = std::fs::read_to_string(&log)?;
    let settled = closed.context(said.clone())?;
    assert_slashed(&settled.penalty);
    assert!(!missed || said.contains("convicted"), "{said}");
    Ok(())
}

/// A job whose tiles read more than fits a witness, of which a cheat has forged one and has opened it.
async fn forged_wide<'a>(network: &'a Network) -> Result<(Posted<'a>, Party)> {
    let cheat = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let posted = Posted::written(network, kernel::write_wide_job, &[]).await?;
    cheat.accept(0).await?;
    let (output, values, root) = forged_of(kernel::wide_output(), std::iter::once(2))?;
    cheat.serve(output).await?;
    cheat.commit(0, root).await?;
    let view = posted.phase(Phase::Opening).await?;
    cheat.open(0, &values, sampled(&view)).await?;
    Ok((posted, cheat))
}

#[tokio::test(flavor = "multi_thread")]
async fn requester_gives_the_chain_the_pages_when_no_verifier_can() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    // What the nodes' worker keys have is enough for fees only.
    let (posted, cheat) = forged_wide(&network).await?;
    let folder = tempfile::tempdir()?;
    let store = folder.path().join("store").display().to_string();
    let arguments = ["job", "audit", "0", "--signer", "//Eve", "--store", &store];
    let (succeeded, said) = network.assay(&arguments).await?;
    assert!(!succeeded && said.contains("KiB before"), "{said}");
    assert!(said.contains("convicted"), "{said}\n{}", network.logs());
    let settled = posted.closed(Reason::WrongResult).await?;
    assert_slashed(&settled.penalty);
    assert!(stake(&chain, &cheat).await? < STAKE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn verifiers_give_the_chain_the_pages_when_their_worker_keys_have_the_deposits() -> Result<()>
{
    let stashes = ["//Bob", "//Charlie"];
    let network = Network::start(&stashes).await?;
    let chain = network.chain().await?;
    for (place, stash) in stashes.iter().enumerate() {
        let status = network.provider(place).await?.worker_status().await?;
        let mut worker = [0; 32];
        hex::decode_to_slice(status.worker.trim_start_matches("0x"), &mut worker)?;
        let to = MultiAddress::<_, ()>::Id(AccountId32(worker));
        let signer = account::signer(stash)?;
        chain
            .submit(
                &signer,
                "Balances",
                "transfer_keep_alive",
                (to, 1_000 * UNIT),
            )
            .await?;
    }
    let (posted, cheat) = forged_wide(&network).await?;
    let settled = posted.closed(Reason::WrongResult).await?;
    assert_slashed(&settled.penalty);
    assert!(stake(&chain, &cheat).await? < STAKE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_convicted_of_one_wrong_tile_when_the_job_has_a_checker() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let cheat = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let posted = Posted::written(
        &network,
        kernel::write_checked_job,
        &["--confidence", "50", "--wrong", "50"],
    )
    .await?;
    cheat.accept(0).await?;
    let (output, values, root) = forged(std::iter::once(41))?;
    cheat.serve(output).await?;
    cheat.commit(0, root).await?;
    let view = posted.phase(Phase::Opening).await?;
    cheat.open(0, &values, sampled(&view)).await?;

    // The sample may well miss the tile; the verifiers' checker does not, and they look for it.
    let settled = posted.closed(Reason::WrongResult).await?;
    assert_slashed(&settled.penalty);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_paid_when_the_checker_never_yields_zeros() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let posted = Posted::written(&network, kernel::write_job_with_bad_checker, &[]).await?;
    let settled = posted.closed(Reason::Settled).await?;
    assert_eq!(settled.penalty.taken, 0, "{settled:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn job_goes_to_another_provider_when_the_first_never_commits() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let chain = network.chain().await?;
    let idler = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let posted = Posted::new(&network, &["--compute", "6"]).await?;
    idler.accept(0).await?;
    let by_idler = |view: &assay_cli::chain::types::JobView| matches!(&view.status, JobStatus::Computing { provider, .. } if provider.0 == <[u8; 32]>::from(idler.account()));
    posted.wait(by_idler).await?;
    let settled = posted.closed(Reason::Settled).await?;
    assert_ne!(
        settled.provider.map(|provider| provider.0),
        Some(idler.account().into())
    );
    // Its bond is gone.
    assert!(stake(&chain, &idler).await? < STAKE, "nothing was slashed");
    Ok(())
}
