// SPDX-License-Identifier: Apache-2.0
//! A runtime upgrade while a job is under way: nodes go on with the next runtime, and so does the job.

use anyhow::{Context, Result, bail};
use assay_cli::{
    account,
    chain::types::{JobStatus, Phase, Reason},
};
use assay_tests::{kernel, network::Network, posted::Posted, state::State};
use polkadot_sdk::sp_maybe_compressed_blob::{CODE_BLOB_BOMB_LIMIT, compress_strongly};
use serde_json::Value;
use std::time::Duration;
use subxt::{
    ext::scale_encode::EncodeAsType,
    rpcs::{RpcClient, client::RpcParams},
};

/// The call that replaces the code of the chain.
#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
enum Call {
    System(System),
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[allow(non_camel_case_types, reason = "its name in the metadata")]
enum System {
    set_code { code: Vec<u8> },
}

/// `UpgradeCheckSelect::All` of frame-support, encoded: only builds with `try-runtime` know it.
const ALL_CHECKS: u8 = 1;

/// How often a node is asked for its version, once a second.
const LOOKS: u32 = 120;

/// The version of the runtime at a node's best block.
async fn version(url: &str) -> Result<u64> {
    let rpc = RpcClient::from_insecure_url(url).await?;
    let version: Value = rpc
        .request("state_getRuntimeVersion", RpcParams::new())
        .await?;
    version["specVersion"].as_u64().context("a version")
}

/// A runtime's wasm, whose path a variable has.
fn wasm(variable: &str) -> Result<Vec<u8>> {
    let path = std::env::var(variable).context("scripts/try-upgrade sets it")?;
    Ok(std::fs::read(path)?)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/try-upgrade makes the runtime that it needs"]
async fn job_is_settled_by_the_next_runtime() -> Result<()> {
    let code = compress_strongly(&wasm("ASSAY_NEXT_RUNTIME")?, CODE_BLOB_BOMB_LIMIT)
        .context("the runtime can be compressed")?;
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let before = version(network.url()).await?;
    let posted = Posted::new(&network, &[]).await?;
    posted.phase(Phase::Attesting).await?;

    let state = State::of(network.url()).await?;
    let arguments = (Call::System(System::set_code { code }),);
    network
        .chain()
        .await?
        .submit(&account::signer("//Alice")?, "Sudo", "sudo", arguments)
        .await?;
    let mut looks = 0;
    while version(network.url()).await? == before {
        looks += 1;
        if looks > LOOKS {
            bail!("the runtime stays at {before}:\n{}", network.logs());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    // The job was under way all the time.
    posted
        .wait(|view| !matches!(view.status, JobStatus::Closed { .. }))
        .await?;

    // THEN all migrations and invariants, FRAME's among them, hold on the state in which that happened.
    let checking = wasm("ASSAY_TRY_RUNTIME")?;
    tokio::task::spawn_blocking(move || {
        state.call(checking, "TryRuntime_on_runtime_upgrade", &[ALL_CHECKS])
    })
    .await??;

    // The job goes on as it was, and another goes all its way in the next runtime.
    posted.closed(Reason::Settled).await?;
    let folder = tempfile::tempdir()?;
    let file = kernel::write_job(folder.path())?.display().to_string();
    let [store, output] =
        ["store", "result.bin"].map(|name| folder.path().join(name).display().to_string());
    let arguments = [
        "job", "post", &file, "--signer", "//Ferdie", "--store", &store, "--output", &output,
    ];
    let (succeeded, said) = network.assay(&arguments).await?;
    assert!(succeeded, "{said}\n{}", network.logs());
    assert_eq!(std::fs::read(&output)?, kernel::output());
    Ok(())
}
