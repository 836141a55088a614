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
    let mut command = network.spawn_assay(
        &[
            "job",
            "post",
            &file.display().to_string(),
            "--signer",
            "//Eve",
            "--store",
            &store.display().to_string(),
            "--output",
            &result.display().to_string(),
        ],
        &log,
    )?;
    let status = tokio::task::spawn_blocking(move || command.wait()).await??;
    let said = std::fs::read_to_string(&log)?;
    assert!(status.success(), "{said}\n{}", network.logs());

    assert_eq!(std::fs::read(&result)?, kernel::output(), "{said}");
    let root = blake3::hash(&kernel::output());
    assert!(said.contains(&root.to_hex().to_string()), "{said}");
    let view = chain.job(0).await?.expect("its receipt is kept");
    let JobStatus::Closed {
        reason,
        root: Some(on_chain),
        provider: Some(provider),
        at,
    } = view.status
    else {
        panic!("the job is not closed: {view:?}");
    };
    assert_eq!((reason, on_chain), (Reason::Settled, *root.as_bytes()));

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
    Ok(())
}
