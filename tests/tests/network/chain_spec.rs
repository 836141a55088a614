// SPDX-License-Identifier: Apache-2.0
//! The full chain specifications, built from what chain-spec/ holds, start chains.

use anyhow::{Context, Result};
use assay_tests::network::{Network, program};
use std::process::Command;

/// Exports the specification of a network and starts a validator on it.
async fn starts(name: &str) -> Result<()> {
    let exported = Command::new(program("assay-node")?)
        .args(["export-chain-spec", "--chain", name, "--raw"])
        .output()?;
    assert!(
        exported.status.success(),
        "{}",
        String::from_utf8_lossy(&exported.stderr)
    );
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("chain.json");
    std::fs::write(&path, exported.stdout)?;
    let network = Network::start_on(path.to_str().context("a path in UTF-8")?, &[]).await?;
    network.wait_for_block(network.url(), 2).await
}

#[tokio::test(flavor = "multi_thread")]
async fn development_specification_starts_a_chain() -> Result<()> {
    starts("dev").await
}

#[tokio::test(flavor = "multi_thread")]
async fn local_specification_starts_a_chain() -> Result<()> {
    starts("local").await
}
