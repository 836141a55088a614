// SPDX-License-Identifier: Apache-2.0
//! What the other pallets ask of the one that keeps stakes.

use crate::{
    Balance,
    duty::WorkerId,
    job::Endpoint,
    provider::{Hardware, Requirements},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::{DispatchError, DispatchResult};
use scale_info::TypeInfo;

/// What a slash came to, to the last unit: `taken` is the sum of `paid` and `burned`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slashed<Balance> {
    /// Taken from the stake.
    pub taken: Balance,
    /// Of it, to each beneficiary, in the order they were named.
    pub paid: Vec<Balance>,
    /// Of it, burned.
    pub burned: Balance,
}

/// What stands behind a validator.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Backing {
    /// Its own stake.
    pub own: Balance,
    /// What others have delegated to it.
    pub delegated: Balance,
}

/// The stakes of providers. Implemented by `pallet-providers`.
pub trait Stakes<AccountId, Balance> {
    /// The key that does a provider's duties.
    fn worker(provider: &AccountId) -> Option<WorkerId>;

    /// The provider that a worker key belongs to.
    fn provider_of(worker: &WorkerId) -> Option<AccountId>;

    /// Where a provider serves blobs.
    fn endpoint(provider: &AccountId) -> Option<Endpoint>;

    /// Stake of a provider that is not locked to a job. 0 for who is none.
    fn free(provider: &AccountId) -> Balance;

    /// All that a slash can reach: free, locked and unbonding. 0 for who is none.
    fn slashable(provider: &AccountId) -> Balance;

    /// The part of what is slashable that is the provider's own; the rest is its delegators'. All of it where nobody
    /// can delegate.
    fn own(provider: &AccountId) -> Balance {
        Self::slashable(provider)
    }

    /// What a provider says of its machine.
    fn hardware(provider: &AccountId) -> Option<Hardware>;

    /// Whether a provider takes part: it has the least stake, it shows that it is alive, and it is not chilled. Only who
    /// is active can accept jobs and is drawn.
    fn is_active(provider: &AccountId) -> bool;

    /// The stake of all that are active.
    fn active_stake() -> Balance;

    /// Draws up to `wanted` different active providers, none of the excluded ones, each next one with a chance in
    /// proportion to its stake among those left, in the order drawn. What it costs does not grow with their number.
    /// It is the draw of `assay_verifier::sampling::draw_weighted` over `ProvidersApi.weights` without the excluded.
    fn draw(seed: &[u8; 32], wanted: u32, excluded: &[AccountId]) -> Vec<AccountId>;

    /// How many active providers are admitted by the requirements and have so much stake free. Reads them all: for
    /// runtime APIs only.
    fn capable(bond: Balance, requirements: &Requirements) -> u32;

    /// A provider was paid for work, on its account: moves what its delegators get of it into the pool. Whether
    /// anything is due to them.
    fn earned(provider: &AccountId, amount: Balance) -> bool;

    /// A provider is not to be relied on: it is no longer active until it says that it is back.
    fn chill(provider: &AccountId);

    /// Locks part of the free stake to a job. Locked stake can be slashed but not unbonded.
    ///
    /// Fails when less is free, or the account is no provider.
    fn lock(provider: &AccountId, amount: Balance) -> DispatchResult;

    /// Frees what `lock` set aside.
    fn unlock(provider: &AccountId, amount: Balance);

    /// Takes up to `amount` of what is slashable, pays the beneficiaries in order as far as it
    /// reaches and burns the rest of it. From who is no provider nothing is taken. The provider's own goes first,
    /// its delegators' last.
    ///
    /// A beneficiary that cannot receive forgoes its share, which is burned: a payout never fails a
    /// verdict. When it fails nonetheless, nothing has changed.
    ///
    /// Does not unlock: call [`Stakes::unlock`] first for what was locked to the job.
    fn slash(
        provider: &AccountId,
        amount: Balance,
        beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError>;

    /// Sets up a provider that can lock and be slashed, for benchmarks. Its worker key is in the keystore. Of its stake as
    /// much as can be is its delegators', so that to pay it and to slash it costs what it can cost.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_provider(seed: u32, stake: Balance) -> AccountId;

    /// The same without delegators.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_lone_provider(seed: u32, stake: Balance) -> AccountId {
        Self::benchmark_provider(seed, stake)
    }
}
