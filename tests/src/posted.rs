// SPDX-License-Identifier: Apache-2.0
//! A job that a requester's command has posted and goes on watching.

use crate::{kernel, network::Network};
use anyhow::{Context, Result, bail};
use assay_cli::chain::{
    Chain,
    types::{JobSettled, JobStatus, JobView, Phase, Reason},
};
use std::{
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};
use tempfile::TempDir;

/// How many times a job is looked at, five times a second, before a test gives it up.
const LOOKS: u32 = 900;

/// Job 0, posted by Eve.
#[derive(Debug)]
pub struct Posted<'a> {
    network: &'a Network,
    chain: Chain,
    command: Child,
    folder: TempDir,
}

impl Drop for Posted<'_> {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.command.kill();
        let _reaped = self.command.wait();
    }
}

impl<'a> Posted<'a> {
    /// Posts the job with extra arguments and waits until it is on chain.
    pub async fn new(network: &'a Network, extra: &[&str]) -> Result<Self> {
        Self::written(network, kernel::write_job, extra).await
    }

    /// The same of a job that a function writes into a folder.
    pub async fn written(
        network: &'a Network,
        write: impl FnOnce(&Path) -> Result<PathBuf>,
        extra: &[&str],
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = write(folder.path())?.display().to_string();
        let store = folder.path().join("store").display().to_string();
        let mut arguments = vec!["job", "post", &file, "--signer", "//Eve", "--store", &store];
        arguments.extend(extra);
        let command = network.spawn_assay(&arguments, &folder.path().join("log"))?;
        let posted = Self {
            network,
            chain: network.chain().await?,
            command,
            folder,
        };
        posted.wait(|_| true).await?;
        Ok(posted)
    }

    /// Stops the command, and with it whoever serves the inputs.
    pub fn stop_serving(&mut self) -> Result<()> {
        self.command.kill()?;
        self.command.wait()?;
        Ok(())
    }

    /// What the command said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Waits until the job is as it should be.
    pub async fn wait(&self, ready: impl Fn(&JobView) -> bool) -> Result<JobView> {
        let mut last = None;
        for _ in 0..LOOKS {
            last = self.chain.job(0).await?;
            if let Some(view) = last.as_ref().filter(|view| ready(view)) {
                return Ok(view.clone());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!(
            "the job does not come that far; it is {last:?}\n{}\n{}",
            self.log(),
            self.network.logs()
        )
    }

    /// Waits for a phase of the verification.
    pub async fn phase(&self, wanted: Phase) -> Result<JobView> {
        self.wait(
            |view| matches!(&view.status, JobStatus::Verifying { phase, .. } if *phase == wanted),
        )
        .await
    }

    /// Waits until the job is closed for this reason; the answer is who got what.
    pub async fn closed(&self, wanted: Reason) -> Result<JobSettled> {
        let view = self
            .wait(|view| matches!(view.status, JobStatus::Closed { .. }))
            .await?;
        let JobStatus::Closed { reason, at, .. } = view.status else {
            bail!("it was closed a moment ago: {view:?}");
        };
        if reason != wanted {
            bail!(
                "the job is {reason}\n{}\n{}",
                self.log(),
                self.network.logs()
            );
        }
        self.chain
            .settlement(0, at)
            .await?
            .context("a closed job was settled")
    }
}

/// The sampled tiles of a job that is being verified.
pub fn sampled(view: &JobView) -> &[u32] {
    match &view.status {
        JobStatus::Verifying { tiles, .. } => tiles,
        _ => &[],
    }
}
