// SPDX-License-Identifier: Apache-2.0
//! The chain through @polkadot/api in Node.js, which knows nothing of it but its metadata.

use anyhow::{Context, Result, bail};
use assay_tests::{kernel, network::Network};
use codec::Encode;
use std::{
    path::Path,
    process::{Command, Output, Stdio},
    time::SystemTime,
};

/// Where the client and its test lie.
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/polkadot-js");

/// Runs a program in the client's folder; its output is an error if it fails.
fn run(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Result<Output> {
    let output = Command::new(program)
        .args(arguments)
        .envs(settings.iter().copied())
        .current_dir(CLIENT)
        .stdin(Stdio::null())
        .output()
        .with_context(|| {
            format!("`{program}` does not start: install Node.js 18.19 or later with npm")
        })?;
    if !output.status.success() {
        bail!(
            "`{program} {}`: {}\n{}{}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output)
}

/// When a file in the client's folder was written. `None` when there is none.
fn written(file: &str) -> Option<SystemTime> {
    let path = Path::new(CLIENT).join(file);
    std::fs::metadata(path)
        .and_then(|file| file.modified())
        .ok()
}

/// Installs what the lock file names, unless it is there already.
fn install() -> Result<()> {
    // npm writes this file at the end of an installation.
    if written("node_modules/.package-lock.json") < written("package-lock.json") {
        run("npm", &["ci", "--no-audit", "--no-fund"], &[])?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn client_finds_its_way_when_it_has_only_the_metadata() -> Result<()> {
    install()?;
    let network = Network::start(&[]).await?;
    network.wait_for_block(network.url(), 2).await?;
    let settings = [
        ("ASSAY_URL", network.url().to_owned()),
        ("ASSAY_KERNEL", hex::encode(kernel::kernel().encode())),
    ];
    let tested = tokio::task::spawn_blocking(move || {
        let settings = settings
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let arguments = ["--test", "--test-reporter=tap", "client.test.js"];
        run("node", &arguments, &settings)
    })
    .await?;
    let output = tested.with_context(|| network.logs())?;
    // Node.js would also be content with a file without tests.
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("# pass 6"), "{said}");
    assert!(said.contains("# skipped 0"), "{said}");
    Ok(())
}
