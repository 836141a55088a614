// SPDX-License-Identifier: Apache-2.0
//! The full chain specifications, built from what chain-spec/ holds, start chains.

use anyhow::Result;
use assay_tests::network::Network;

/// Starts a validator on the full specification of a network.
async fn starts(name: &str) -> Result<()> {
    let network = Network::start_on(name, &[]).await?;
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
