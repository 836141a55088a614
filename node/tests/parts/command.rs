// SPDX-License-Identifier: Apache-2.0
use assay_node::{cli::Cli, command::enable_offchain_worker};
use clap::{CommandFactory, Parser};
use polkadot_sdk::sc_cli::OffchainWorkerEnabled;

#[test]
fn command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn offchain_worker_is_always_on_when_the_node_is_a_provider() {
    let mut cli = Cli::parse_from(["assay-node", "--provider"]);
    enable_offchain_worker(&mut cli).expect("nothing forbids it");
    assert!(matches!(
        cli.run.offchain_worker_params.enabled,
        OffchainWorkerEnabled::Always
    ));
}

#[test]
fn provider_is_refused_when_the_offchain_worker_is_switched_off() {
    let mut cli = Cli::parse_from(["assay-node", "--provider", "--offchain-worker", "never"]);
    let error = enable_offchain_worker(&mut cli).expect_err("a provider needs it");
    assert!(
        error.to_string().contains("--offchain-worker never"),
        "{error}"
    );
}
