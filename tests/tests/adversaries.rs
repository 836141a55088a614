// SPDX-License-Identifier: Apache-2.0
//! Parties that cheat, on a real network, against honest nodes that do nothing but their duty.

use anyhow::{Context, Result};
use assay_cli::{
    account,
    chain::{
        Chain,
        types::{JobStatus, JobView, Phase, Reason},
    },
};
use assay_tests::{kernel, network::Network, party::Party};
use assay_verifier::{ChainingValue, commit::Commitment};
use std::{process::Child, time::Duration};
use tempfile::TempDir;

const UNIT: u128 = 1_000_000_000_000;

/// A requester's command that is under way, and its files.
struct Posted {
    command: Child,
    folder: TempDir,
}

impl Drop for Posted {
    fn drop(&mut self) {
        let _ended = self.command.kill();
        let _reaped = self.command.wait();
    }
}

/// Posts the job as Eve, with extra arguments, and waits until it is up for auction.
async fn post(network: &Network, chain: &Chain, extra: &[&str]) -> Result<Posted> {
    let folder = tempfile::tempdir()?;
    let file = kernel::write_job(folder.path())?.display().to_string();
    let store = folder.path().join("store").display().to_string();
    let mut arguments = vec!["job", "post", &file, "--signer", "//Eve", "--store", &store];
    arguments.extend(extra);
    let command = network.spawn_assay(&arguments, &folder.path().join("log"))?;
    let posted = Posted { command, folder };
    wait(network, chain, |_| true)
        .await
        .with_context(|| posted.log())?;
    Ok(posted)
}

impl Posted {
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Waits until job 0 is as it should be.
async fn wait(
    network: &Network,
    chain: &Chain,
    ready: impl Fn(&JobView) -> bool,
) -> Result<JobView> {
    let mut last = None;
    for _ in 0..900 {
        last = chain.job(0).await?;
        if let Some(view) = last.as_ref().filter(|view| ready(view)) {
            return Ok(view.clone());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!(
        "the job does not come that far; it is {last:?}\n{}",
        network.logs()
    )
}

/// The output of the job with some tiles changed: its tiles' values and its root.
fn forged(tiles: impl Iterator<Item = u32>) -> Result<(Vec<ChainingValue>, [u8; 32])> {
    let mut output = kernel::output();
    for tile in tiles {
        output[tile as usize * 1024] ^= 1;
    }
    let mut commitment = Commitment::new(kernel::TILES, 1024);
    commitment.push(&output)?;
    commitment.finish().context("every tile is there")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "written, not yet seen to pass: run with -- --ignored"]
async fn provider_is_convicted_by_the_chain_when_it_commits_wrong_tiles() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    let cheat = Party::register(network.url(), "//Ferdie", 1_000 * UNIT).await?;
    let requester = account::of(&account::signer("//Eve")?);
    let before = chain.balance(&requester).await?;
    let posted = post(&network, &chain, &[]).await?;
    chain
        .submit(cheat.stash(), "Jobs", "accept", (0u64, 0u128))
        .await?;
    let (values, root) = forged(0..kernel::TILES)?;
    cheat.commit(0, root).await?;

    // Two honest verifiers attest; the cheat must open what it committed to.
    let opening = |view: &JobView| {
        matches!(
            &view.status,
            JobStatus::Verifying {
                phase: Phase::Opening,
                ..
            }
        )
    };
    let view = wait(&network, &chain, opening).await?;
    let JobStatus::Verifying { tiles, panel, .. } = view.status else {
        unreachable!()
    };
    assert_eq!(panel.len(), 2);
    cheat.open(0, &values, &tiles).await?;

    // They differ, bring a witness, and the chain runs the tile.
    let closed = wait(&network, &chain, |view| {
        matches!(view.status, JobStatus::Closed { .. })
    })
    .await?;
    let JobStatus::Closed { reason, at, .. } = closed.status else {
        unreachable!()
    };
    assert_eq!(
        reason,
        Reason::WrongResult,
        "{}\n{}",
        posted.log(),
        network.logs()
    );
    let settled = chain.settlement(0, at).await?.context("settled there")?;
    let penalty = settled.penalty;
    assert_eq!(
        penalty.taken,
        penalty.reporter + penalty.requester + penalty.burned
    );
    assert!(
        penalty.reporter > 0 && penalty.requester > 0 && penalty.burned > 0,
        "{penalty:?}"
    );
    // The requester has everything back but what the verifiers earned, and is compensated.
    let verified: u128 = settled.paid.iter().map(|payment| payment.amount).sum();
    let after = chain.balance(&requester).await?;
    let fees = before.free + penalty.requester - verified - after.free - after.reserved;
    assert!(fees < UNIT, "fees of {fees}: {settled:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "written, not yet seen to pass: run with -- --ignored"]
async fn job_goes_to_another_provider_when_the_first_never_commits() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let chain = network.chain().await?;
    let idler = Party::register(network.url(), "//Ferdie", 1_000 * UNIT).await?;
    let posted = post(&network, &chain, &["--compute", "6"]).await?;
    chain
        .submit(idler.stash(), "Jobs", "accept", (0u64, 0u128))
        .await?;
    let closed = wait(&network, &chain, |view| {
        matches!(view.status, JobStatus::Closed { .. })
    })
    .await?;
    let JobStatus::Closed {
        reason, provider, ..
    } = closed.status
    else {
        unreachable!()
    };
    assert_eq!(
        reason,
        Reason::Settled,
        "{}\n{}",
        posted.log(),
        network.logs()
    );
    let idle = subxt::utils::AccountId32(idler.account().into());
    assert_ne!(provider, Some(idle.clone()));
    // Its bond, twice the floor price, is gone.
    let left = chain
        .provider(&idle)
        .await?
        .context("still registered")?
        .stake;
    assert!(left < 1_000 * UNIT, "nothing was slashed");
    Ok(())
}
