// SPDX-License-Identifier: Apache-2.0
//! The validator and provider node of an Assay chain.

fn main() -> polkadot_sdk::sc_cli::Result<()> {
    assay_node::command::run()
}
