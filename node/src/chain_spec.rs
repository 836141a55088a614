// SPDX-License-Identifier: Apache-2.0
//! The networks the node knows by name: the hand-written part of each is a file in `chain-spec/`.

use assay_runtime::WASM_BINARY;
use polkadot_sdk::{sc_chain_spec, sc_network, sc_service};
use sc_network::config::MultiaddrWithPeerId;
use sc_service::{ChainType, Properties};

/// A complete chain specification.
pub type ChainSpec = sc_service::GenericChainSpec;

/// The hand-written part of a chain specification.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Network {
    /// What people call it.
    pub name: String,
    /// What programs call it.
    pub id: String,
    /// What it is for.
    pub chain_type: ChainType,
    /// What keeps its nodes from talking to those of another chain.
    pub protocol_id: String,
    /// What wallets show.
    pub properties: Properties,
    /// Nodes that a new one dials first.
    pub boot_nodes: Vec<MultiaddrWithPeerId>,
    /// The name of the runtime's genesis preset.
    pub preset: String,
}

/// The file of a network that `--chain` names.
fn network(name: &str) -> Option<&'static str> {
    match name {
        "dev" | "development" => Some(include_str!("../../chain-spec/development.json")),
        "" | "local" => Some(include_str!("../../chain-spec/local.json")),
        _ => None,
    }
}

/// The chain specification that `--chain` asks for: a network's name or the path of a JSON file.
pub fn load(name: &str) -> Result<ChainSpec, String> {
    match network(name) {
        Some(file) => build(file),
        None => ChainSpec::from_json_file(name.into()).map_err(|error| {
            format!("--chain {name}: neither `dev` nor `local`, nor a chain specification's file: {error}")
        }),
    }
}

/// Completes the hand-written part with the runtime's code and the preset's state.
fn build(file: &str) -> Result<ChainSpec, String> {
    let network: Network = serde_json::from_str(file)
        .map_err(|error| format!("the network's file in chain-spec/ is broken: {error}"))?;
    let code = WASM_BINARY.ok_or(
        "this node was built without the runtime's wasm; build it without SKIP_WASM_BUILD",
    )?;
    Ok(ChainSpec::builder(code, sc_chain_spec::NoExtension::None)
        .with_name(&network.name)
        .with_id(&network.id)
        .with_chain_type(network.chain_type)
        .with_protocol_id(&network.protocol_id)
        .with_properties(network.properties)
        .with_boot_nodes(network.boot_nodes)
        .with_genesis_config_preset_name(&network.preset)
        .build())
}
