// SPDX-License-Identifier: Apache-2.0
//! The genesis of the chains one can start without writing one's own.

use crate::{
    AccountId, BabeConfig, BalancesConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
    SlashingConfig, SudoConfig, VerifierConfig, configs::consensus::BABE_EPOCH_CONFIG,
};
use alloc::{vec, vec::Vec};
use assay_primitives::{Balance, UNIT};
use frame_support::build_struct_json_patch;
use pallet_slashing::rules::Mode;
use pallet_verifier::Windows;
use polkadot_sdk::{
    frame_support, sp_authority_discovery, sp_consensus_babe, sp_consensus_grandpa,
    sp_genesis_builder, sp_keyring,
};
use serde_json::Value;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// What each well-known account starts with.
const ENDOWMENT: Balance = 1_000_000 * UNIT;

/// Windows short enough to watch a job's whole life, long enough for a slow machine to keep them.
const SHORT_WINDOWS: Windows = Windows {
    attest: 20,
    open: 10,
    reveal: 10,
    dispute: 20,
    challenge: 4,
    draw: 20,
    answer: 10,
};

/// The session keys of a well-known validator.
fn session_keys(validator: Sr25519Keyring, grandpa: Ed25519Keyring) -> SessionKeys {
    SessionKeys {
        babe: sp_consensus_babe::AuthorityId::from(validator.public()),
        grandpa: sp_consensus_grandpa::AuthorityId::from(grandpa.public()),
        authority_discovery: sp_authority_discovery::AuthorityId::from(validator.public()),
    }
}

/// A chain with these validators; every well-known account is endowed, Alice is sudo.
fn preset(validators: Vec<(AccountId, SessionKeys)>) -> Value {
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: Sr25519Keyring::well_known()
                .map(|key| (key.to_account_id(), ENDOWMENT))
                .collect::<Vec<_>>(),
        },
        babe: BabeConfig {
            epoch_config: BABE_EPOCH_CONFIG,
        },
        session: SessionConfig {
            keys: validators
                .into_iter()
                .map(|(account, keys)| (account.clone(), account, keys))
                .collect::<Vec<_>>(),
        },
        sudo: SudoConfig {
            key: Some(Sr25519Keyring::Alice.to_account_id()),
        },
        slashing: SlashingConfig { mode: Mode::Armed },
        verifier: VerifierConfig {
            windows: SHORT_WINDOWS,
        },
    })
}

/// The preset of a name: what it changes in the default genesis, as JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let alice = (
        Sr25519Keyring::Alice.to_account_id(),
        session_keys(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
    );
    let bob = (
        Sr25519Keyring::Bob.to_account_id(),
        session_keys(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
    );
    let patch = match id.as_ref() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => preset(vec![alice]),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => preset(vec![alice, bob]),
        _ => return None,
    };
    serde_json::to_vec(&patch).ok()
}

/// The names of the presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
        PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
    ]
}
