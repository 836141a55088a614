// SPDX-License-Identifier: Apache-2.0
//! A provider's node that is killed in the middle of a job goes on where it was.

use anyhow::{Context, Result};
use assay_cli::{
    account,
    chain::{
        Chain,
        types::{JobStatus, JobView, Reason},
    },
};
use assay_tests::{kernel, network::Network};
use std::time::Duration;

const STASHES: [&str; 3] = ["//Bob", "//Charlie", "//Dave"];

/// Waits until job 0 is as it should be.
async fn wait<T>(chain: &Chain, ready: impl Fn(&JobView) -> Option<T>) -> Result<T> {
    for _ in 0..900 {
        let view = chain.job(0).await?;
        if let Some(found) = view.as_ref().and_then(&ready) {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("the job does not come that far: {:?}", chain.job(0).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn job_is_settled_when_its_provider_is_killed_twice() -> Result<()> {
    let mut network = Network::start(&STASHES).await?;
    let chain = network.chain().await?;
    let folder = tempfile::tempdir()?;
    let file = kernel::write_job(folder.path())?.display().to_string();
    let result = folder.path().join("result.bin");
    let (store, output) = (
        folder.path().join("store").display().to_string(),
        result.display().to_string(),
    );
    let arguments = [
        "job", "post", &file, "--signer", "//Eve", "--store", &store, "--output", &output,
    ];
    let log = folder.path().join("log");
    let mut command = network.spawn_assay(&arguments, &log)?;

    // Once when it has the job, and once when it has committed.
    let provider = wait(&chain, |view| match &view.status {
        JobStatus::Computing { provider, .. } | JobStatus::Verifying { provider, .. } => {
            Some(*provider)
        }
        _ => None,
    })
    .await?;
    let place = STASHES
        .iter()
        .position(|stash| {
            account::signer(stash).is_ok_and(|signer| account::of(&signer) == provider)
        })
        .context("one of the three")?;
    network.restart_provider(place).await?;
    wait(&chain, |view| {
        matches!(view.status, JobStatus::Verifying { .. }).then_some(())
    })
    .await
    .with_context(|| network.logs())?;
    network.restart_provider(place).await?;

    let reason = wait(&chain, |view| match view.status {
        JobStatus::Closed { reason, .. } => Some(reason),
        _ => None,
    })
    .await
    .with_context(|| network.logs())?;
    assert_eq!(reason, Reason::Settled, "{}", network.logs());
    let status = tokio::task::spawn_blocking(move || command.wait()).await??;
    assert!(
        status.success(),
        "{}\n{}",
        std::fs::read_to_string(&log)?,
        network.logs()
    );
    assert_eq!(std::fs::read(&result)?, kernel::output());
    Ok(())
}
