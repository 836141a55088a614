// SPDX-License-Identifier: Apache-2.0
use assay_node::chain_spec::load;
use assay_primitives::{SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL};
use polkadot_sdk::sp_runtime::BuildStorage;

const NETWORKS: [&str; 2] = ["dev", "local"];

#[test]
fn genesis_state_is_built_for_every_network() {
    for name in NETWORKS {
        let storage = load(name).expect("the network is known").build_storage();
        assert!(
            !storage.expect("the preset builds").top.is_empty(),
            "{name}"
        );
    }
}

#[test]
fn properties_are_the_chains_own_for_every_network() {
    for name in NETWORKS {
        let properties = load(name).expect("the network is known").properties();
        assert_eq!(properties["tokenSymbol"], TOKEN_SYMBOL, "{name}");
        assert_eq!(properties["tokenDecimals"], TOKEN_DECIMALS, "{name}");
        assert_eq!(properties["ss58Format"], SS58_PREFIX, "{name}");
    }
}

#[test]
fn load_says_what_is_possible_when_the_name_is_unknown() {
    let error = load("mainnet").err().expect("there is no such network");
    assert!(
        error.contains("`dev`") && error.contains("mainnet"),
        "{error}"
    );
}
