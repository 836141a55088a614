// SPDX-License-Identifier: Apache-2.0
//! The benchmarks of this project's pallets, for `scripts/bench weights`. FRAME's come with their weights.

use crate::{AllPalletsWithSystem, Jobs, Providers, Slashing, Verifier};
use alloc::{string::String, vec::Vec};
use polkadot_sdk::{
    frame_benchmarking::{
        BenchmarkBatch, BenchmarkConfig, BenchmarkList, add_benchmark, list_benchmark,
    },
    frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys},
};

/// What there is to measure, and what there is stored.
pub(crate) fn list(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::new();
    list_benchmark!(list, extra, pallet_jobs, Jobs);
    list_benchmark!(list, extra, pallet_providers, Providers);
    list_benchmark!(list, extra, pallet_slashing, Slashing);
    list_benchmark!(list, extra, pallet_verifier, Verifier);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one of them.
pub(crate) fn run(config: &BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::new();
    let params = (config, &whitelist);
    add_benchmark!(params, batches, pallet_jobs, Jobs);
    add_benchmark!(params, batches, pallet_providers, Providers);
    add_benchmark!(params, batches, pallet_slashing, Slashing);
    add_benchmark!(params, batches, pallet_verifier, Verifier);
    Ok(batches)
}
