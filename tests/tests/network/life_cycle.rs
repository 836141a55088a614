// SPDX-License-Identifier: Apache-2.0
//! A job from its posting to its settlement, on a real network, by the real command.

use anyhow::Result;
use assay_cli::{
    account,
    chain::types::{JobStatus, Reason},
};
use assay_tests::{kernel, network::Network};

#[tokio::test(flavor = "multi_thread")]
async fn job_is_settled_and_its_result_is_the_independent_one() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let folder = tempfile::tempdir()?;
    let file = kernel::write_job(folder.path())?;
    let result = folder.path().join("result.bin");
    let store = folder.path().join("store");
    let chain = network.chain().await?;
    let requester = account::of(&account::signer("//Eve")?);
    let before = chain.balance(&requester).await?;

    let log = folder.path().join("log");
    let (file, store) = (file.display().to_string(), store.display().to_string());
    let output = result.display().to_string();
    let mut arguments = vec![
        "job", "post", &file, "--signer", "//Eve", "--store", &store, "--output", &output,
    ];
    for worker in network.provider_urls() {
        arguments.extend(["--worker-url", worker]);
    }
    let mut command = network.spawn_assay(&arguments, &log)?;
    let status = tokio::task::spawn_blocking(move || command.wait()).await??;
    let said = std::fs::read_to_string(&log)?;
    assert!(status.success(), "{said}\n{}", network.logs());

    assert_eq!(std::fs::read(&result)?, kernel::output(), "{said}");
    let root = blake3::hash(&kernel::output());
    assert!(said.contains(&root.to_hex().to_string()), "{said}");
    assert_eq!(said.matches("  computed  ").count(), 1, "{said}");
    let view = chain.job(0).await?.expect("its receipt is kept");
    let JobStatus::Closed {
        reason,
        roots,
        provider: Some(provider),
        at,
    } = view.status
    else {
        panic!("the job is not closed: {view:?}");
    };
    assert_eq!((reason, roots), (Reason::Settled, vec![*root.as_bytes()]));

    // The requester paid what the provider, the verifiers and the protocol got, and fees for its calls.
    let settled = chain
        .settlement(0, at)
        .await?
        .expect("it was settled there");
    assert_eq!(settled.provider, Some(provider));
    assert_eq!(settled.paid.len(), 3, "{settled:?}");
    let spent: u128 = settled
        .paid
        .iter()
        .map(|payment| payment.amount)
        .sum::<u128>()
        + settled.fee;
    let after = chain.balance(&requester).await?;
    let fees = before.free - after.free - after.reserved - spent;
    assert!(fees > 0 && fees < 1_000_000_000_000, "fees of {fees}");
    passes_are_settled(&network).await
}

/// A job of three passes with a checker: each reads what the one before wrote, and all are committed.
async fn passes_are_settled(network: &Network) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = kernel::write_passes(folder.path())?.display().to_string();
    let path = |name: &str| folder.path().join(name);
    let (result, store) = (path("result.bin"), path("store").display().to_string());
    let output = result.display().to_string();
    let log = path("log");
    let arguments = [
        "job", "post", &file, "--signer", "//Eve", "--store", &store, "--output", &output,
    ];
    let mut command = network.spawn_assay(&arguments, &log)?;
    let status = tokio::task::spawn_blocking(move || command.wait()).await??;
    let said = std::fs::read_to_string(&log)?;
    assert!(status.success(), "{said}\n{}", network.logs());

    let mut outputs = Vec::new();
    let mut before = kernel::input();
    for _ in 0..3 {
        before = kernel::output_of(&before);
        outputs.push(before.clone());
    }
    assert_eq!(Some(&std::fs::read(&result)?), outputs.last(), "{said}");
    let expected: Vec<[u8; 32]> = outputs
        .iter()
        .map(|bytes| blake3::hash(bytes).into())
        .collect();
    let view = network.chain().await?.job(1).await?;
    let view = view.expect("its receipt is kept");
    assert_eq!(view.tiles, 3 * kernel::TILES);
    let JobStatus::Closed { reason, roots, .. } = view.status else {
        panic!("the job is not closed: {view:?}");
    };
    assert_eq!((reason, roots), (Reason::Settled, expected));
    Ok(())
}
