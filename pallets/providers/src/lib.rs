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
mod bonding;
mod delegation;
mod liveness;
#[cfg(test)]
mod mock;
pub mod pool;
mod record;
mod registration;
mod stakes;
mod standing;
#[cfg(test)]
mod tests;
mod tree;
mod try_state;
pub mod types;
mod validators;
mod view;
pub mod weights;

pub use pallet::*;
pub use registration::worker_proof_payload;
pub use tree::PLACES;
pub use validators::{BackingOf, SessionIndex};
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system, sp_runtime};

/// Where this pallet logs.
const LOG_TARGET: &str = "runtime::providers";

/// So many whole periods may pass without a heartbeat before a provider is no longer active.
pub const PATIENCE: u32 = 2;

/// At most so many places are looked at in a block for providers that have not shown themselves.
pub const SWEEP_STEPS: u32 = 32;

#[allow(
    missing_debug_implementations,
    clippy::as_conversions,
    clippy::expect_used,
    reason = "what the macros write: storage types without Debug, proven expects, casts of variants' indices"
)]
#[frame_support::pallet]
pub mod pallet {
    use super::{frame_support, frame_system, sp_runtime};
    use crate::{
        SessionIndex, WeightInfo,
        tree::Node,
        types::{Delegation, GenesisProvider, Provider},
    };
    use alloc::vec::Vec;
    use assay_primitives::{
        AccountId, Balance, BlockNumber, Hash,
        duty::{WorkerId, WorkerSignature},
        job::Endpoint,
        provider::Hardware,
        reputation::Standing,
        stake::Backing,
    };
    use frame_support::{
        PalletId,
        pallet_prelude::*,
        traits::{ValidatorRegistration, fungible},
        weights::WeightMeter,
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::{
        Permill,
        traits::{Header, HeaderProvider},
    };

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Stake, delegation, liveness and standing of those who sell compute.
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

        /// Who has session keys.
        type SessionKeys: ValidatorRegistration<AccountId>;

        /// What the accounts that hold delegations are derived from.
        #[pallet::constant]
        type PoolId: Get<PalletId>;

        /// Held for a provider's record.
        #[pallet::constant]
        type DepositBase: Get<Balance>;

        /// Held for each byte of what a provider publishes: endpoint and hardware, encoded.
        #[pallet::constant]
        type DepositPerByte: Get<Balance>;

        /// The least that a provider has at stake itself.
        #[pallet::constant]
        type MinimumStake: Get<Balance>;

        /// The least that is delegated, and that is left of a delegation. It also covers the storage that it takes.
        #[pallet::constant]
        type MinimumDelegation: Get<Balance>;

        /// By how much a commission can be raised at once.
        #[pallet::constant]
        type CommissionRise: Get<Permill>;

        /// The blocks between two raises of a commission.
        #[pallet::constant]
        type CommissionPeriod: Get<BlockNumber>;

        /// The most providers with the least stake.
        #[pallet::constant]
        type MaxProviders: Get<u32>;

        /// For how many blocks stake stays slashable after `unbond` or `undelegate`.
        #[pallet::constant]
        type UnbondingPeriod: Get<BlockNumber>;

        /// The blocks of a period; in each of them a provider shows once that it is alive.
        #[pallet::constant]
        type HeartbeatPeriod: Get<BlockNumber>;

        /// With fewer candidates no new validators are elected.
        #[pallet::constant]
        type MinValidators: Get<u32>;

        /// The most validators.
        #[pallet::constant]
        type MaxValidators: Get<u32>;

        /// The most candidates.
        #[pallet::constant]
        type MaxCandidates: Get<u32>;

        /// What calls cost.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The stake of a provider or what is delegated to it, what is unbonding included.
        Stake,
        /// The deposit for a provider's record.
        Registration,
    }

    /// The providers.
    #[pallet::storage]
    pub type Providers<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Provider>;

    /// What accounts have delegated, by delegator and provider.
    #[pallet::storage]
    pub type Delegations<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId, Blake2_128Concat, AccountId, Delegation>;

    /// Who has which place among those with the least stake; the places have no gaps.
    #[pallet::storage]
    pub type Slots<T: Config> = CountedStorageMap<_, Twox64Concat, u32, AccountId>;

    /// A tree of sums over the weights of the places: by level and index, the sums of the branches.
    #[pallet::storage]
    pub type Sums<T: Config> = StorageMap<_, Twox64Concat, (u8, u32), Node, ValueQuery>;

    /// The place that is looked at next for a provider that has not shown itself.
    #[pallet::storage]
    pub type SweepCursor<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The past of those who are or were providers.
    #[pallet::storage]
    pub type Standings<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Standing>;

    /// Who offers to validate.
    #[pallet::storage]
    pub type Candidates<T: Config> =
        StorageValue<_, BoundedVec<AccountId, T::MaxCandidates>, ValueQuery>;

    /// The validators of the present session and of those that are planned, with what stands behind them.
    #[pallet::storage]
    pub type Elections<T: Config> = StorageMap<
        _,
        Twox64Concat,
        SessionIndex,
        BoundedVec<(AccountId, Backing), T::MaxValidators>,
    >;

    /// The number of the present session.
    #[pallet::storage]
    pub type CurrentSession<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

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
            for founder in &self.providers {
                let stash = &founder.stash;
                let enrolled = Pallet::<T>::enroll_founder(founder);
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
        /// A provider says something else of its machine.
        HardwareSet {
            /// The provider.
            provider: AccountId,
            /// What.
            hardware: Hardware,
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
            /// Its own.
            own: Balance,
            /// Its delegators'.
            delegated: Balance,
            /// Of both, burned.
            burned: Balance,
        },
        /// A provider takes delegations from now on, or no more.
        DelegationAccepted {
            /// The provider.
            provider: AccountId,
            /// Whether it does.
            accepts: bool,
        },
        /// A provider keeps another part of what its delegators earn.
        CommissionSet {
            /// The provider.
            provider: AccountId,
            /// The part.
            commission: Permill,
        },
        /// Somebody added to a provider's stake.
        Delegated {
            /// The provider.
            provider: AccountId,
            /// Who.
            delegator: AccountId,
            /// By how much.
            amount: Balance,
        },
        /// Part of a delegation is on its way out.
        Undelegated {
            /// The provider.
            provider: AccountId,
            /// Whose.
            delegator: AccountId,
            /// How much, if nothing is slashed until then.
            amount: Balance,
            /// The block from which on it can be withdrawn.
            until: BlockNumber,
        },
        /// What had finished unbonding of a delegation was paid back.
        DelegationWithdrawn {
            /// The provider.
            provider: AccountId,
            /// Whose.
            delegator: AccountId,
            /// How much.
            amount: Balance,
        },
        /// A provider was paid, and its delegators got their part of it.
        DelegatorsPaid {
            /// The provider.
            provider: AccountId,
            /// How much all of them got together.
            amount: Balance,
        },
        /// A provider takes part from now on, or no more.
        ActivitySet {
            /// The provider.
            provider: AccountId,
            /// Whether it does.
            active: bool,
        },
        /// A provider was taken out of service until it says that it is back.
        Chilled {
            /// The provider.
            provider: AccountId,
        },
        /// A provider says that it is back.
        Resumed {
            /// The provider.
            provider: AccountId,
        },
        /// A provider offers to validate.
        CandidacyOffered {
            /// The provider.
            provider: AccountId,
        },
        /// A provider offers to validate no more, has too little stake for it, or had to make room for one with more.
        CandidacyWithdrawn {
            /// The provider.
            provider: AccountId,
        },
        /// The validators of a session were elected.
        Elected {
            /// The session.
            session: SessionIndex,
            /// How many they are.
            validators: u32,
        },
        /// Nothing is known of an account's past any more.
        Forgotten {
            /// The account.
            account: AccountId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The account is a provider already: use `bond_more`, or `set_worker` and `set_endpoint`.
        AlreadyProvider,
        /// The account is no provider: `register` first.
        NotProvider,
        /// The provider's own stake is or would be less than `MinimumStake`: bond more, or unbond all of it.
        StakeTooSmall,
        /// There are `MaxProviders` providers: wait until one leaves.
        TooManyProviders,
        /// The worker key belongs to a provider already: use another key.
        WorkerTaken,
        /// The signature does not show that the worker key is held: it must sign `worker_proof_payload` for this account.
        BadProof,
        /// A region is two capital letters, or two zeros where it is not said.
        BadRegion,
        /// The deposit does not cover what the worker key wants to publish: have the stash publish it.
        DepositTooSmall,
        /// Less stake is free than asked for: the rest backs jobs that are not over.
        StakeLocked,
        /// Too many parts of the stake are unbonding: withdraw what is due, or wait.
        TooManyUnbonding,
        /// Nothing has finished unbonding yet.
        NothingToWithdraw,
        /// The amount must be more than zero.
        ZeroAmount,
        /// Nothing is at stake any more: `withdraw` when all of it has finished unbonding.
        AlreadyLeaving,
        /// The provider has a stake, jobs, delegators, or something that can still be slashed: only who has left can be
        /// removed.
        StillAtStake,
        /// The provider takes no delegations: choose another, or ask it to `accept_delegation`.
        DelegationNotAccepted,
        /// A delegation, and what is left of one, must be at least `MinimumDelegation`: delegate more, or take all.
        DelegationTooSmall,
        /// Others would have delegated more than nine times the provider's own stake: it must bond more first.
        OwnShareTooSmall,
        /// One does not delegate to oneself: use `bond_more`.
        OwnDelegation,
        /// The provider's commission is higher than the most that was said: look again.
        CommissionTooHigh,
        /// A commission is raised by at most `CommissionRise` at once.
        CommissionRiseTooLarge,
        /// The commission was raised less than `CommissionPeriod` ago: wait.
        CommissionRaisedLately,
        /// After losses a share of the pool stands for too little or too much money to be divided fairly: delegate more
        /// at once, or to another provider.
        PoolWorn,
        /// The account has delegated nothing to this provider.
        NoDelegation,
        /// The period of the heartbeat is over: sign for the present one.
        HeartbeatLate,
        /// The period of the heartbeat has not begun.
        HeartbeatEarly,
        /// The provider has shown itself in this period, or has registered in it.
        HeartbeatKnown,
        /// The provider is chilled already.
        AlreadyChilled,
        /// The provider is not chilled.
        NotChilled,
        /// The provider is chilled: `resume` first.
        IsChilled,
        /// The provider offers to validate already.
        AlreadyCandidate,
        /// The provider does not offer to validate.
        NotCandidate,
        /// The account has no session keys: `session.set_keys` first.
        NoSessionKeys,
        /// There are `MaxCandidates` candidates, none of them with less stake: bond more.
        TooManyCandidates,
        /// Nothing is known of the account's past.
        NoStanding,
        /// The account's past still counts: wait until it has faded.
        StandingRemembered,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_now: BlockNumber, limit: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(limit);
            Self::sweep(&mut meter);
            meter.consumed()
        }

        fn integrity_test() {
            assert!(
                T::MinimumStake::get() > 0,
                "who has nothing at stake is no provider"
            );
            assert!(
                T::UnbondingPeriod::get() > 0,
                "stake must stay slashable for a while"
            );
            assert!(
                T::MaxProviders::get() <= crate::PLACES,
                "the tree of sums has a place for every provider"
            );
            assert!(
                T::MinimumDelegation::get()
                    >= <T::Currency as fungible::Inspect<AccountId>>::minimum_balance(),
                "what a delegator gets back must be enough for an account to exist"
            );
            assert!(T::HeartbeatPeriod::get() > 0, "a period has blocks");
            assert!(
                (1..=T::MaxValidators::get()).contains(&T::MinValidators::get())
                    && T::MaxValidators::get() <= T::MaxCandidates::get(),
                "a set of validators is not empty, and there can be as many candidates"
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
        ///
        /// The worker key may do it too, as far as the deposit covers it: who has that key can ruin the provider's work
        /// anyway, and no money moves.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_endpoint())]
        pub fn set_endpoint(origin: OriginFor<T>, endpoint: Endpoint) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_endpoint(who, endpoint)
        }

        /// Publishes what the provider says of its machine. The worker key may do it too, as with the endpoint.
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

        /// Removes the record of a provider that has left: releases to it what is due.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::reap())]
        pub fn reap(origin: OriginFor<T>, provider: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_reap(provider)
        }

        /// Says whether others may add to the provider's stake.
        ///
        /// The first time it endows the pool's account with the least balance, which comes back at the end.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::accept_delegation())]
        pub fn accept_delegation(origin: OriginFor<T>, accepts: bool) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_accept_delegation(who, accepts)
        }

        /// Says what the provider keeps of its delegators' part of what it earns.
        ///
        /// Lowering it is always possible. While it takes delegations or has delegators, it is raised by at most
        /// `CommissionRise` at once, and once in a `CommissionPeriod`.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::set_commission())]
        pub fn set_commission(origin: OriginFor<T>, commission: Permill) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_commission(who, commission)
        }

        /// Adds to the stake of a provider, to share what it earns and, once its own stake is gone, what it loses.
        ///
        /// Refused if its commission is more than `commission_at_most`, so that it cannot be raised in between.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::delegate())]
        pub fn delegate(
            origin: OriginFor<T>,
            provider: AccountId,
            amount: Balance,
            commission_at_most: Permill,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_delegate(who, provider, amount, commission_at_most)
        }

        /// Starts the way out for a delegation, as far as the provider's stake backs no job. An amount above what it is
        /// worth takes all of it.
        ///
        /// What remains must be at least `MinimumDelegation`, or nothing.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::undelegate())]
        pub fn undelegate(
            origin: OriginFor<T>,
            provider: AccountId,
            amount: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_undelegate(who, provider, amount)
        }

        /// Pays back what has finished unbonding of a delegation.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::withdraw_delegation())]
        pub fn withdraw_delegation(origin: OriginFor<T>, provider: AccountId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw_delegation(who, provider)
        }

        /// Sends home a delegator of a provider that has nothing at stake any more: pays back to it what has finished
        /// unbonding and starts the way out for the rest.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::reap_delegation())]
        pub fn reap_delegation(
            origin: OriginFor<T>,
            provider: AccountId,
            delegator: AccountId,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_reap_delegation(provider, delegator)
        }

        /// Shows that the provider's worker is alive, once in each period. Who does not for two whole periods is no longer
        /// active.
        ///
        /// Not signed as an extrinsic but authorized by the worker key's signature of
        /// `assay_primitives::duty::heartbeat_payload`, and free.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::heartbeat())]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_heartbeat())]
        #[pallet::authorize(Self::authorize_heartbeat)]
        pub fn heartbeat(
            origin: OriginFor<T>,
            provider: AccountId,
            period: u32,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_heartbeat(provider, period)
        }

        /// Takes the provider out of service, for its stash or its worker key: it is not drawn, accepts no jobs and is
        /// not elected. Jobs under way go on.
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::chill())]
        pub fn chill(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_chill(who)
        }

        /// Says that a chilled provider is back, for its stash or its worker key.
        #[pallet::call_index(17)]
        #[pallet::weight(T::WeightInfo::resume())]
        pub fn resume(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_resume(who)
        }

        /// Offers to validate. Needs session keys. When all places of candidates are taken, the one with the least stake
        /// makes room for one with more.
        #[pallet::call_index(18)]
        #[pallet::weight(T::WeightInfo::validate())]
        pub fn validate(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_validate(who)
        }

        /// Offers to validate no more. Who is elected already still validates in those sessions.
        #[pallet::call_index(19)]
        #[pallet::weight(T::WeightInfo::stop_validating())]
        pub fn stop_validating(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_stop_validating(who)
        }

        /// Removes the past of an account when it has faded to nothing.
        #[pallet::call_index(20)]
        #[pallet::weight(T::WeightInfo::forget())]
        pub fn forget(origin: OriginFor<T>, account: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_forget(account)
        }
    }
}
