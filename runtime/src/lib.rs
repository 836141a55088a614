// SPDX-License-Identifier: Apache-2.0
//! The state transition of an Assay chain: pallets wired together, runtime APIs, genesis presets.
//!
//! Four pallets are this project's own (providers, jobs, verifier, slashing); all others are FRAME's.
//! [`configs`] has their parameters, [`apis`] what clients may ask, [`transactions`] the shape of an
//! extrinsic, [`policy`] what the off-chain worker does for the keys of a node, and
//! [`genesis_config_presets`] the chains one can start.
#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// The runtime macros generate public items and types without documentation or `Debug`.
#![allow(missing_docs, missing_debug_implementations)]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
#[cfg(test)]
mod documents;
pub mod genesis_config_presets;
pub mod policy;
pub mod transactions;

pub use assay_primitives::{AccountId, Balance, BlockNumber, Hash, Signature};
pub use transactions::{
    Address, Block, Executive, Header, Nonce, SignedPayload, TxExtension, UncheckedExtrinsic,
};

use alloc::{borrow::Cow, vec::Vec};
use polkadot_sdk::{
    frame_support, frame_system, pallet_asset_rate, pallet_assets, pallet_assets_holder,
    pallet_authority_discovery, pallet_authorship, pallet_babe, pallet_balances, pallet_grandpa,
    pallet_offences, pallet_session, pallet_sudo, pallet_timestamp, pallet_transaction_payment,
    pallet_utility, sp_runtime, sp_version,
};
use sp_version::RuntimeVersion;

sp_runtime::impl_opaque_keys! {
    /// The keys with which a validator takes part in consensus.
    pub struct SessionKeys {
        pub babe: Babe,
        pub grandpa: Grandpa,
        pub authority_discovery: AuthorityDiscovery,
    }
}

/// Which runtime this is; `spec_version` rises with every release that changes the state transition.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("assay"),
    impl_name: Cow::Borrowed("assay-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(3)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(4)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(5)]
    pub type TransactionPayment = pallet_transaction_payment;
    // Before Session, which asks it for the first validators.
    #[runtime::pallet_index(20)]
    pub type Providers = pallet_providers;
    #[runtime::pallet_index(6)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(7)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(8)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(9)]
    pub type Sudo = pallet_sudo;

    #[runtime::pallet_index(10)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(11)]
    pub type Offences = pallet_offences;
    #[runtime::pallet_index(12)]
    pub type AuthorityDiscovery = pallet_authority_discovery;
    #[runtime::pallet_index(13)]
    pub type Assets = pallet_assets;
    #[runtime::pallet_index(14)]
    pub type AssetsHolder = pallet_assets_holder;
    #[runtime::pallet_index(15)]
    pub type AssetRate = pallet_asset_rate;

    #[runtime::pallet_index(21)]
    pub type Slashing = pallet_slashing;
    // After Babe and Authorship, whose randomness and author it records.
    #[runtime::pallet_index(22)]
    pub type Verifier = pallet_verifier;
    #[runtime::pallet_index(23)]
    pub type Jobs = pallet_jobs;
}
