// SPDX-License-Identifier: Apache-2.0
//! Input that must bounce off: from the command and, past it, from the chain.

use anyhow::Result;
use assay_cli::{account, chain::types};
use assay_tests::{kernel, network::Network};
use codec::Encode;
use std::path::Path;

/// Runs the command on a job whose kernel is this file; the answer is what it said when it failed.
fn refused(network: &Network, folder: &Path, kernel: &str, extra: &[&str]) -> Result<String> {
    let job = serde_json::json!({
        "kernel": kernel,
        "inputs": [{ "bytes": "input.bin" }],
        "grid": [kernel::TILES, 1, 1],
    });
    let file = folder.join("job.json");
    std::fs::write(&file, job.to_string())?;
    let (file, store) = (
        file.display().to_string(),
        folder.join("store").display().to_string(),
    );
    let mut arguments = vec!["job", "post", &file, "--signer", "//Eve", "--store", &store];
    arguments.extend(extra);
    let log = folder.join("log");
    let status = network.spawn_assay(&arguments, &log)?.wait()?;
    let said = std::fs::read_to_string(log)?;
    assert!(!status.success(), "{said}");
    Ok(said)
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_and_costs_nothing_but_a_fee() -> Result<()> {
    let network = Network::start(&[]).await?;
    let chain = network.chain().await?;
    let eve = account::signer("//Eve")?;
    let before = chain.balance(&account::of(&eve)).await?;
    let folder = tempfile::tempdir()?;
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes);
    write("input.bin", &kernel::input())?;

    // Bytecode that is cut short.
    let code = kernel::kernel().encode();
    let cut = code[..code.len() - 1].to_vec();
    write("cut.kernel", &cut)?;
    let said = refused(&network, folder.path(), "cut.kernel", &[])?;
    assert!(said.contains("is not the bytecode of a kernel"), "{said}");
    let error = chain
        .submit(&eve, "Jobs", "register_kernel", (cut,))
        .await
        .expect_err("no kernel");
    assert!(
        format!("{error:?}").contains("KernelMalformed"),
        "{error:?}"
    );

    // Bytecode that is whole, but reads a register that is not there.
    let mut lawless = kernel::kernel();
    lawless
        .code
        .insert(0, assay_kernel::program::Op::Load(0, 6));
    let error = chain
        .submit(&eve, "Jobs", "register_kernel", (lawless.encode(),))
        .await
        .expect_err("no valid kernel");
    assert!(format!("{error:?}").contains("KernelInvalid"), "{error:?}");

    // WGSL whose results differ between machines.
    let tickets = "@group(0) @binding(0) var<storage, read> a: array<u32>;\n\
        @group(0) @binding(1) var<storage, read_write> b: array<u32>;\n\
        var<workgroup> next: atomic<u32>;\n\
        @compute @workgroup_size(256)\n\
        fn main(@builtin(global_invocation_id) id: vec3<u32>) {\n\
        b[id.x] = a[id.x] + atomicAdd(&next, 1u);\n\
        }\n";
    write("tickets.wgsl", tickets.as_bytes())?;
    let said = refused(&network, folder.path(), "tickets.wgsl", &[])?;
    assert!(said.contains("line 6") && said.contains("order"), "{said}");

    // A kernel whose invocations write to the same words.
    let race = tickets.replace(
        "b[id.x] = a[id.x] + atomicAdd(&next, 1u)",
        "b[id.x / 2u] = a[id.x]",
    );
    write("race.wgsl", race.as_bytes())?;
    let said = refused(&network, folder.path(), "race.wgsl", &[])?;
    assert!(said.contains("data race: in tile 0"), "{said}");

    // More money than there is.
    write("good.kernel", &code)?;
    let said = refused(
        &network,
        folder.path(),
        "good.kernel",
        &["--ceiling", "999999999"],
    )?;
    assert!(said.contains("lower --ceiling"), "{said}");
    let spec = types::JobSpec {
        passes: vec![types::Pass {
            kernel: *blake3::hash(&code).as_bytes(),
            parameters: vec![],
            reads: vec![types::Source::Input(0)],
            grid: [kernel::TILES, 1, 1],
        }],
        checker: None,
        inputs: vec![types::InputRef {
            hash: *blake3::hash(&kernel::input()).as_bytes(),
            length: kernel::input().len() as u64,
        }],
        assurance: types::Assurance {
            confidence: 990_000,
            wrong: 100_000,
        },
        price: types::PriceRange {
            floor: 1,
            ceiling: before.free * 2,
        },
        auction: 20,
        compute: 100,
        source: types::Endpoint {
            key: [0; 32],
            address: types::Address::V4 {
                ip: [127, 0, 0, 1],
                port: 9,
            },
        },
        requirements: types::Requirements {
            class: types::AdapterClass::Integer,
            speed: 0,
            memory: 0,
            regions: vec![],
            renewable: false,
            providers: vec![],
        },
        asset: None,
    };
    let error = chain
        .submit(&eve, "Jobs", "post", (&spec,))
        .await
        .expect_err("too little money");
    assert!(
        format!("{error:?}").contains("Funds are unavailable"),
        "{error:?}"
    );

    // Nothing is held but the deposit of the one kernel that was registered on the way.
    assert!(chain.jobs(None, 10).await?.is_empty());
    let after = chain.balance(&account::of(&eve)).await?;
    let unit = 1_000_000_000_000;
    assert!(
        before.free - after.free - after.reserved < unit,
        "{after:?}"
    );
    assert!(after.reserved < unit, "{after:?}");
    Ok(())
}
