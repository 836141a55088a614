// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod registration;
mod stakes;
#[cfg(test)]
mod tests;
mod try_state;
pub mod types;
mod view;
pub mod weights;

pub use pallet::*;
pub use registration::worker_proof_payload;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system, sp_runtime};

#[allow(
    missing_debug_implementations,
    clippy::as_conversions,
    clippy::expect_used,
    reason = "what the macros write: storage types without Debug, proven expects, casts of variants' indices"
)]
#[frame_support::pallet]
pub mod pallet {
    use super::{frame_support, frame_system};
    use crate::{
        WeightInfo,
        types::{GenesisProvider, Hardware, Provider},
    };
    use alloc::vec::Vec;
    use assay_primitives::{
        AccountId, Balance, BlockNumber, Hash,
        duty::{WorkerId, WorkerSignature},
        job::Endpoint,
    };
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::sp_runtime::traits::{Header, HeaderProvider};

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Stake, registration and unbonding of those who sell compute.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<
            AccountId = AccountId,
            Hash = Hash,
            Block: HeaderProvider<HeaderT: Header<Number = BlockNumber>>,
            RuntimeEvent: From<Event<Self>>,
        >
    {
        /// The money that stakes are made of.
        type Currency: fungible::MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>
            + fungible::Mutate<AccountId, Balance = Balance>;

        /// The runtime's list of reasons to hold money.
        type RuntimeHoldReason: From<HoldReason>;

        /// The least stake of a provider. It also covers the storage that a provider takes.
        #[pallet::constant]
        type MinimumStake: Get<Balance>;

        /// The most providers. The draw of verifiers reads them all.
        #[pallet::constant]
        type MaxProviders: Get<u32>;

        /// For how many blocks stake stays slashable after `unbond`.
        #[pallet::constant]
        type UnbondingPeriod: Get<BlockNumber>;

        /// What calls cost.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The stake of a provider, what is unbonding of it included.
        Stake,
    }

    /// The providers.
    #[pallet::storage]
    pub type Providers<T: Config> = CountedStorageMap<_, Blake2_128Concat, AccountId, Provider>;

    /// Which provider a worker key belongs to.
    #[pallet::storage]
    pub type ProviderOf<T: Config> = StorageMap<_, Blake2_128Concat, WorkerId, AccountId>;

    /// The providers of the first block.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Who they are, each with what it has at stake.
        pub providers: Vec<GenesisProvider>,
        /// Nothing; the configuration belongs to a runtime.
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for provider in &self.providers {
                let stash = &provider.stash;
                let hardware = Hardware::try_from(provider.hardware.as_bytes().to_vec());
                assert!(hardware.is_ok(), "the hardware of {stash:?} is too long");
                let enrolled = Pallet::<T>::enroll(
                    stash.clone(),
                    provider.stake,
                    provider.worker.into(),
                    provider.endpoint,
                    hardware.unwrap_or_default(),
                );
                assert!(
                    enrolled.is_ok(),
                    "{stash:?} cannot be a provider: {enrolled:?}"
                );
            }
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account became a provider.
        Registered {
            /// The provider.
            provider: AccountId,
            /// Its worker key.
            worker: WorkerId,
            /// Its stake.
            stake: Balance,
        },
        /// A provider named another worker key.
        WorkerSet {
            /// The provider.
            provider: AccountId,
            /// The key.
            worker: WorkerId,
        },
        /// A provider serves blobs elsewhere.
        EndpointSet {
            /// The provider.
            provider: AccountId,
            /// Where.
            endpoint: Endpoint,
        },
        /// A provider says something else of its hardware.
        HardwareSet {
            /// The provider.
            provider: AccountId,
        },
        /// A provider added to its stake.
        Bonded {
            /// The provider.
            provider: AccountId,
            /// By how much.
            amount: Balance,
        },
        /// Part of a stake is on its way out.
        Unbonding {
            /// The provider.
            provider: AccountId,
            /// How much.
            amount: Balance,
            /// The block from which on it can be withdrawn.
            until: BlockNumber,
        },
        /// Stake that had finished unbonding was released.
        Withdrawn {
            /// The provider.
            provider: AccountId,
            /// How much.
            amount: Balance,
            /// Whether nothing is left, and the provider is none any more.
            gone: bool,
        },
        /// Stake was taken. What was not paid to others was burned.
        StakeSlashed {
            /// The provider.
            provider: AccountId,
            /// How much.
            amount: Balance,
            /// Of it, burned.
            burned: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The account is a provider already: use `bond_more`, or `set_worker` and `set_endpoint`.
        AlreadyProvider,
        /// The account is no provider: `register` first.
        NotProvider,
        /// The stake would be less than `MinimumStake`: bond more, or unbond all of it.
        StakeTooSmall,
        /// There are `MaxProviders` providers: wait until one leaves.
        TooManyProviders,
        /// The worker key belongs to a provider already: use another key.
        WorkerTaken,
        /// The signature does not show that the worker key is held: it must sign `worker_proof_payload` for this account.
        BadProof,
        /// Less stake is free than asked for: the rest backs jobs that are not over.
        StakeLocked,
        /// Too many parts of the stake are unbonding: `withdraw` what is due, or wait.
        TooManyUnbonding,
        /// Nothing has finished unbonding yet.
        NothingToWithdraw,
        /// The amount must be more than zero.
        ZeroAmount,
        /// Nothing is at stake any more: `withdraw` when all of it has finished unbonding.
        AlreadyLeaving,
        /// The provider has a stake, or part of it can still be slashed: only who has left can be removed.
        StillAtStake,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                T::MinimumStake::get() > 0,
                "a provider's stake must cover the storage it takes"
            );
            assert!(
                T::UnbondingPeriod::get() > 0,
                "stake must stay slashable for a while"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumber) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Makes the caller a provider.
        ///
        /// `proof` is the worker key's signature of `worker_proof_payload` for the caller, so that nobody
        /// can take another's key.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            stake: Balance,
            worker: WorkerId,
            endpoint: Endpoint,
            hardware: Hardware,
            proof: WorkerSignature,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_register(who, stake, worker, endpoint, hardware, &proof)
        }

        /// Names another worker key. Duties that are due are the new key's from now on.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_worker())]
        pub fn set_worker(
            origin: OriginFor<T>,
            worker: WorkerId,
            proof: WorkerSignature,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_worker(who, worker, &proof)
        }

        /// Publishes where the provider serves blobs.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_endpoint())]
        pub fn set_endpoint(origin: OriginFor<T>, endpoint: Endpoint) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_endpoint(who, endpoint)
        }

        /// Publishes what the provider says of its hardware, as text.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_hardware())]
        pub fn set_hardware(origin: OriginFor<T>, hardware: Hardware) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_hardware(who, hardware)
        }

        /// Adds to the stake.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::bond_more())]
        pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_bond_more(who, amount)
        }

        /// Starts the way out for stake that backs no job.
        ///
        /// What remains must be at least `MinimumStake`, or nothing.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::unbond())]
        pub fn unbond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_unbond(who, amount)
        }

        /// Releases what has finished unbonding. When nothing is left the provider is none any more.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw(who)
        }

        /// Starts to leave: unbonds the whole stake, which must back no job.
        ///
        /// The record stays, and with it the duties, until the last of the stake is withdrawn.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::deregister())]
        pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_deregister(who)
        }

        /// Removes a provider that has left but keeps its place: releases to it what is due.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::reap())]
        pub fn reap(origin: OriginFor<T>, provider: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_reap(provider)
        }
    }
}
