// SPDX-License-Identifier: Apache-2.0
//! The validator and provider node of an Assay chain.
#![allow(clippy::result_large_err, reason = "the errors are the SDK's")]

fn main() -> polkadot_sdk::sc_cli::Result<()> {
    assay_node::command::run()
}
