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

mod agenda;
mod auction;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod book;
mod commitment;
mod deadline;
mod kernels;
#[cfg(test)]
mod mock;
mod money;
mod report;
pub mod settle;
pub mod terms;
#[cfg(test)]
mod tests;
mod try_state;
#[allow(
    clippy::as_conversions,
    reason = "the codec's derive casts indices of variants"
)]
pub mod types;
mod verdict;
mod view;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system, sp_runtime};

/// The target of this pallet's log lines.
const LOG_TARGET: &str = "runtime::jobs";

#[allow(
    missing_debug_implementations,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::large_enum_variant,
    reason = "what the macros write: storage types without Debug, proven expects, casts of variants' indices, a call \
              that holds the terms of a job"
)]
#[frame_support::pallet]
pub mod pallet {
    use super::{frame_support, frame_system, sp_runtime};
    use crate::{
        WeightInfo,
        agenda::Slot,
        types::{Job, KernelRecord, Payments, Receipt},
    };
    use assay_kernel::validate::Limits;
    use assay_primitives::{
        AccountId, Balance, BlockNumber, Hash, JobId,
        api::QuoteError,
        duty::WorkerSignature,
        job::{AssetId, JobSpec, MAX_PASSES, PerPass},
        mailbox::OffchainPolicy,
        reason::Reason,
        reputation::Reputation,
        slashing::{Penalty, Slashing},
        stake::Stakes,
        verification::Verification,
    };
    use assay_verifier::Root;
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, fungibles, tokens::ConversionFromAssetBalance},
        weights::{Weight, WeightMeter},
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::{
        Permill,
        traits::{Header, HeaderProvider},
    };

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Kernels, escrow, auction, life cycle and settlement of jobs.
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
        /// The money that jobs are paid with.
        type Currency: fungible::MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>
            + fungible::Mutate<AccountId, Balance = Balance>;

        /// The assets that prices may be in.
        type Assets: fungibles::MutateHold<
                AccountId,
                AssetId = AssetId,
                Balance = Balance,
                Reason = Self::RuntimeHoldReason,
            >;

        /// What assets are worth in native tokens: of one without a rate no job can be paid.
        type AssetRate: ConversionFromAssetBalance<Balance, AssetId, Balance>;

        /// The runtime's list of reasons to hold money.
        type RuntimeHoldReason: From<HoldReason>;

        /// The stakes that bonds are locked in.
        type Stakes: Stakes<AccountId, Balance>;

        /// The past of providers.
        type Reputation: Reputation<AccountId>;

        /// The judge of amounts for a provider that loses its bond.
        type Slashing: Slashing<AccountId, Balance>;

        /// The verification of committed jobs.
        type Verification: Verification<AccountId, Balance, BlockNumber>;

        /// What the off-chain worker does after each block.
        type OffchainPolicy: OffchainPolicy<BlockNumber>;

        /// Who gets the protocol's fee.
        type FeeDestination: Get<AccountId>;

        /// What a kernel may cost at most; `validate` enforces it.
        type KernelLimits: Get<Limits>;

        /// The most bytes of an encoded kernel. Default 65,536.
        #[pallet::constant]
        type MaxKernelBytes: Get<u32>;

        /// Held for any record on chain, whatever its length.
        #[pallet::constant]
        type DepositBase: Get<Balance>;

        /// Held in addition for each byte of a record.
        #[pallet::constant]
        type DepositPerByte: Get<Balance>;

        /// What a verifier gets for one sample, whatever the sample's fuel.
        #[pallet::constant]
        type SampleFee: Get<Balance>;

        /// What a verifier gets in addition for each unit of the most fuel that a tile can burn.
        #[pallet::constant]
        type FuelPrice: Get<Balance>;

        /// A panel has two verifiers and one more for each such amount in the ceiling of the price.
        #[pallet::constant]
        type PanelStep: Get<Balance>;

        /// The bond of a provider, as a multiple of the price. Default 2.
        #[pallet::constant]
        type BondMultiple: Get<u32>;

        /// How many verifiers check each sample, unless the panel is smaller: the same as the verifier's pallet's.
        /// Default 2.
        #[pallet::constant]
        type VerifiersPerSample: Get<u32>;

        /// How many verifiers look whether inputs can be had when a provider says that they cannot. Default 3.
        #[pallet::constant]
        type EnquiryPanel: Get<u32>;

        /// For how many samples each of them is paid. Default 2.
        #[pallet::constant]
        type EnquirySamples: Get<u32>;

        /// The share of what a requester gets for a missed deadline that goes to whoever rescues the job. Default 50%.
        #[pallet::constant]
        type BountyShare: Get<Permill>;

        /// The share of the price that the protocol keeps. Default 1%.
        #[pallet::constant]
        type ProtocolFee: Get<Permill>;

        /// The most blocks an auction's ramp may take.
        #[pallet::constant]
        type MaxAuction: Get<BlockNumber>;

        /// The most blocks a provider may be given to compute.
        #[pallet::constant]
        type MaxCompute: Get<BlockNumber>;

        /// How often a job is put up for auction or rescue before it is refunded. Default 3.
        #[pallet::constant]
        type MaxRounds: Get<u32>;

        /// The most jobs alive on the whole chain.
        #[pallet::constant]
        type MaxJobs: Get<u32>;

        /// The most jobs alive of one requester.
        #[pallet::constant]
        type MaxJobsPerAccount: Get<u32>;

        /// The most jobs that fall due in one block; what is more falls due in the next.
        #[pallet::constant]
        type MaxPerBlock: Get<u32>;

        /// For how many blocks the receipt of a closed job is kept.
        #[pallet::constant]
        type ReceiptPeriod: Get<BlockNumber>;

        /// The most of a block that overdue jobs may take before the extrinsics have their turn.
        #[pallet::constant]
        type PollWeight: Get<Weight>;

        /// What calls and steps cost.
        type WeightInfo: WeightInfo;

        /// Lists an asset and gives some of it to an account.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: crate::benchmarking::Endow;
    }

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For the provider and the verifiers of a job.
        Escrow,
        /// For the storage that a job takes.
        Deposit,
        /// For the storage that a kernel takes.
        Kernel,
    }

    /// The registered kernels, by the BLAKE3 hash of their encoding.
    #[pallet::storage]
    pub type Kernels<T: Config> = StorageMap<_, Identity, Root, KernelRecord>;

    /// The encoded bytecode of the registered kernels.
    #[pallet::storage]
    pub type KernelCode<T: Config> =
        StorageMap<_, Identity, Root, BoundedVec<u8, T::MaxKernelBytes>>;

    /// The number of the next job.
    #[pallet::storage]
    pub type NextJob<T: Config> = StorageValue<_, JobId, ValueQuery>;

    /// The jobs alive.
    #[pallet::storage]
    pub type Jobs<T: Config> = CountedStorageMap<_, Twox64Concat, JobId, Job>;

    /// How many jobs of a requester are alive. No entry for none.
    #[pallet::storage]
    pub type LiveJobs<T: Config> = StorageMap<_, Twox64Concat, AccountId, u32, ValueQuery>;

    /// What is still on hold of an asset after jobs ended, because whom it is due to could not receive it then: by asset,
    /// by the requester of whom it is held, and by whom it is due to.
    #[pallet::storage]
    pub type Unclaimed<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Twox64Concat, AssetId>,
            NMapKey<Blake2_128Concat, AccountId>,
            NMapKey<Blake2_128Concat, AccountId>,
        ),
        Balance,
        ValueQuery,
    >;

    /// The jobs that wait for a provider, in auction or rescue.
    #[pallet::storage]
    pub type Auctions<T: Config> = StorageMap<_, Twox64Concat, JobId, ()>;

    /// The jobs that a provider computes, has reported on or has committed.
    #[pallet::storage]
    pub type Assignments<T: Config> =
        StorageDoubleMap<_, Twox64Concat, AccountId, Twox64Concat, JobId, ()>;

    /// Which jobs fall due once the extrinsics of a block are done. Every job alive is in it exactly once.
    #[pallet::storage]
    pub type Agenda<T: Config> = StorageMap<_, Twox64Concat, BlockNumber, Slot<T>, ValueQuery>;

    /// The first block of the agenda that is not done. `None` until the first block.
    #[pallet::storage]
    pub type Cursor<T: Config> = StorageValue<_, BlockNumber>;

    /// What remains of closed jobs, for a while.
    #[pallet::storage]
    pub type Receipts<T: Config> = StorageMap<_, Twox64Concat, JobId, Receipt>;

    /// The closed jobs in the order in which they were closed, which is the order of their expiry.
    #[pallet::storage]
    pub type Expiries<T: Config> = StorageMap<_, Twox64Concat, u64, JobId>;

    /// The positions of the oldest receipt and of the next one in [`Expiries`].
    #[pallet::storage]
    pub type ExpiryRange<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A kernel was registered.
        KernelRegistered {
            /// BLAKE3 hash of its encoding.
            kernel: Root,
            /// Who may remove it.
            owner: AccountId,
            /// Held for its storage.
            deposit: Balance,
            /// The most fuel that one of its tiles can burn.
            tile_fuel: u64,
        },
        /// A kernel was removed and its deposit released.
        KernelRemoved {
            /// BLAKE3 hash of its encoding.
            kernel: Root,
            /// Who removed it.
            owner: AccountId,
            /// Released to the owner.
            deposit: Balance,
        },
        /// A job was posted and is up for auction.
        JobPosted {
            /// The job.
            job: JobId,
            /// Who pays for it.
            requester: AccountId,
            /// Its tiles.
            tiles: u32,
            /// How many of them the assurance samples.
            samples: u32,
            /// Held in native tokens: for the verifiers and, unless it is in an asset, for the computation.
            escrow: Balance,
            /// The asset that the price is in.
            asset: Option<AssetId>,
            /// Held in that asset for the computation.
            in_asset: Balance,
            /// Held for the storage.
            deposit: Balance,
            /// The last block of the auction.
            until: BlockNumber,
        },
        /// A provider took a job.
        JobAccepted {
            /// The job.
            job: JobId,
            /// Who computes it.
            provider: AccountId,
            /// For how much, in what the job is paid in.
            price: Balance,
            /// For how much besides, in native tokens, because somebody else missed a deadline.
            bounty: Balance,
            /// Locked of its stake.
            bond: Balance,
            /// The last block in which it may commit.
            deadline: BlockNumber,
        },
        /// The requester gave the provider more time.
        JobExtended {
            /// The job.
            job: JobId,
            /// The last block in which the provider may commit.
            deadline: BlockNumber,
        },
        /// A provider says that it cannot fetch the inputs; verifiers look.
        JobReported {
            /// The job.
            job: JobId,
            /// Who says so.
            provider: AccountId,
        },
        /// Most of those who looked had the inputs: the provider's report was false.
        ReportRefuted {
            /// The job.
            job: JobId,
            /// Who had reported.
            provider: AccountId,
            /// Paid to those who looked, out of what is held for verifiers.
            paid: Payments,
        },
        /// A provider committed to the output of a job, which is verified from now on.
        JobCommitted {
            /// The job.
            job: JobId,
            /// Who computed it.
            provider: AccountId,
            /// BLAKE3 hash of the output of each pass.
            roots: PerPass<Root>,
            /// How many tiles are drawn: those of the assurance, or more.
            samples: u32,
        },
        /// A job is up for auction again.
        JobReopened {
            /// The job.
            job: JobId,
            /// Why: nobody accepted, or nobody could look for the inputs that the provider missed.
            reason: Reason,
            /// Who had the job, if anybody did; it loses nothing.
            provider: Option<AccountId>,
            /// Which round of the job this is, from 0.
            round: u32,
            /// The last block of the auction.
            until: BlockNumber,
        },
        /// A provider failed: anybody else may take the job, at a price that rises from what was agreed with it.
        RescueOpened {
            /// The job.
            job: JobId,
            /// Why: the deadline was missed, or the provider reported falsely.
            reason: Reason,
            /// Who failed.
            provider: AccountId,
            /// What that cost it, and who received it.
            penalty: Penalty<Balance>,
            /// The price from which the rescue starts.
            price: Balance,
            /// What whoever settles the job gets besides, in native tokens.
            bounty: Balance,
            /// Which round of the job this is, from 0.
            round: u32,
            /// The last block in which it can be taken.
            until: BlockNumber,
        },
        /// Part of a price in an asset could not be received when a job ended. It stays on hold for whom it is due to:
        /// see `claim`.
        LeftOnHold {
            /// The asset.
            asset: AssetId,
            /// Of whom it is held.
            holder: AccountId,
            /// To whom it is due.
            account: AccountId,
            /// How much.
            amount: Balance,
        },
        /// What could not be received when a job ended was received now.
        Claimed {
            /// The asset.
            asset: AssetId,
            /// Of whom it was held.
            holder: AccountId,
            /// By whom.
            account: AccountId,
            /// How much.
            amount: Balance,
        },
        /// A job is over. `paid`, `fee`, `refunded`, `returned` and `unclaimed` together are all that was held for it;
        /// `penalty` comes out of the provider's stake.
        JobSettled {
            /// The job.
            job: JobId,
            /// Why it ended.
            reason: Reason,
            /// Who computed it, or should have.
            provider: Option<AccountId>,
            /// BLAKE3 hash of the output, if there is one.
            root: Option<Root>,
            /// The asset that the price is in: the provider's payment, `fee`, `returned` and `unclaimed` count it.
            asset: Option<AssetId>,
            /// Paid to the provider and to the verifiers.
            paid: Payments,
            /// Paid to the protocol.
            fee: Balance,
            /// Returned to the requester, in native tokens.
            refunded: Balance,
            /// Returned to the requester in the asset.
            returned: Balance,
            /// Left on hold in the asset for those who could not receive it: see `claim`.
            unclaimed: Balance,
            /// Returned to the requester besides: the deposit for the storage.
            deposit: Balance,
            /// What the provider lost, and to whom.
            penalty: Penalty<Balance>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The kernel is already registered: use its hash.
        KernelExists,
        /// The bytes are no encoded kernel, or there are bytes left behind it: encode it with `assay kernel compile`.
        KernelMalformed,
        /// The kernel breaks a rule of the bytecode; the number is the rule's in the kernel specification.
        /// `assay kernel check` shows where.
        KernelInvalid(u8),
        /// A tile of the kernel can burn more fuel than the chain could re-execute: make tiles or loops smaller.
        KernelTooExpensive,
        /// No kernel is registered under the hash: register it first.
        UnknownKernel,
        /// Only who registered a kernel may remove it.
        NotOwner,
        /// Jobs still use the kernel: wait until they are closed.
        KernelInUse,
        /// The grid is empty, or its output has more than 2^32 - 1 words of 32 bits: make the grid smaller.
        BadGrid,
        /// A pass must read exactly as many inputs as its kernel does.
        WrongNumberOfInputs,
        /// A job needs at least one pass.
        NoPasses,
        /// A pass reads an input that the job does not have, or a pass that does not come before it.
        UnknownSource,
        /// A checker has more parameters than there is room for behind the seed.
        TooManyParameters,
        /// The commitment must have one root for each pass.
        WrongNumberOfRoots,
        /// An input has more than 2^32 - 1 words of 32 bits: split it.
        InputTooLong,
        /// The price's floor must not be above its ceiling, the ceiling not zero, and what is held in all must fit the currency.
        BadPrice,
        /// The assurance is out of its limits, or it asks for more than `MAX_SAMPLES` samples: ask for less.
        BadAssurance,
        /// Auction and time to compute must be at least one block and at most `MaxAuction` and `MaxCompute`.
        BadWindow,
        /// `MaxJobs` jobs are alive on the chain: try again when some are closed.
        TooManyJobs,
        /// `MaxJobsPerAccount` jobs of this requester are alive: wait until one is closed, or cancel one.
        TooManyJobsOfRequester,
        /// No job has this number, or its receipt has expired.
        UnknownJob,
        /// The job is over: its receipt says how.
        JobClosed,
        /// Only who posted a job may cancel or extend it.
        NotRequester,
        /// The job is up for neither auction nor rescue: somebody else has accepted it.
        NotInAuction,
        /// The provider has this job already: an earlier acceptance of its went through.
        AlreadyYours,
        /// The job is another provider's.
        NotYours,
        /// The provider was the last to have this job and did not deliver: it is for others now.
        NotAgain,
        /// The signer is neither a provider nor a provider's worker key: register first.
        NotProvider,
        /// A provider cannot take a job that it posted itself.
        OwnJob,
        /// The provider is not active: it lacks the least stake, it has not shown lately that it is alive, or it was
        /// chilled. Its node makes it active again.
        NotActive,
        /// The job asks for another machine, region or provider: see its requirements.
        NotAdmitted,
        /// The price of this block is below what the provider asks for: wait, it rises.
        PriceTooLow,
        /// The job is not being computed: nobody has accepted it.
        NotComputing,
        /// The output is committed already: an earlier commitment went through.
        AlreadyCommitted,
        /// The inputs were reported missing already: an earlier report went through.
        AlreadyReported,
        /// The deadline for the commitment has passed.
        DeadlinePassed,
        /// The provider has as much time already: `blocks` counts all from the acceptance on.
        NotLater,
        /// No such asset is listed: choose one that has a rate, or native tokens.
        UnlistedAsset,
        /// A region is no two capital letters.
        BadRequirements,
        /// Nothing of this asset is on hold of this holder for this account.
        NothingToClaim,
        /// The job is neither being verified nor enquired about.
        NotVerifying,
    }

    impl<T> From<QuoteError> for Error<T> {
        fn from(error: QuoteError) -> Self {
            match error {
                QuoteError::UnknownKernel => Self::UnknownKernel,
                QuoteError::BadGrid => Self::BadGrid,
                QuoteError::WrongNumberOfInputs => Self::WrongNumberOfInputs,
                QuoteError::NoPasses => Self::NoPasses,
                QuoteError::UnknownSource => Self::UnknownSource,
                QuoteError::TooManyParameters => Self::TooManyParameters,
                QuoteError::InputTooLong => Self::InputTooLong,
                QuoteError::BadPrice => Self::BadPrice,
                QuoteError::BadAssurance => Self::BadAssurance,
                QuoteError::BadWindow => Self::BadWindow,
                QuoteError::BadRequirements => Self::BadRequirements,
                QuoteError::UnlistedAsset => Self::UnlistedAsset,
            }
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_poll(now: BlockNumber, meter: &mut WeightMeter) {
            // What the last blocks left over goes first, so that full blocks cannot hold up a settlement.
            let mut share = WeightMeter::with_limit(meter.remaining().min(T::PollWeight::get()));
            Self::progress(now.saturating_sub(1), &mut share);
            meter.consume(share.consumed());
        }

        fn on_idle(now: BlockNumber, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::progress(now, &mut meter);
            meter.consumed()
        }

        fn offchain_worker(now: BlockNumber) {
            T::OffchainPolicy::run(now);
        }

        fn integrity_test() {
            Self::check_constants();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumber) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers a kernel: the SCALE encoding of its bytecode.
        ///
        /// It is checked by the kernel validator and can be used by every requester. A deposit for its
        /// storage is held until it is removed.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register_kernel(u32::try_from(code.len()).unwrap_or(u32::MAX)))]
        pub fn register_kernel(
            origin: OriginFor<T>,
            code: BoundedVec<u8, T::MaxKernelBytes>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_register_kernel(who, code)
        }

        /// Removes a kernel that no job uses, and returns its deposit. Only its owner may.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::remove_kernel())]
        pub fn remove_kernel(origin: OriginFor<T>, kernel: Root) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_remove_kernel(who, kernel)
        }

        /// Posts a job and puts it up for auction.
        ///
        /// The ceiling of the price, the verifiers' fee and a deposit for the storage are held; the
        /// runtime API `quote` tells beforehand how much. What is not earned comes back at the end.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::post(
            u32::try_from(spec.passes.len()).unwrap_or(u32::MAX),
            u32::from(spec.asset.is_some()),
        ))]
        pub fn post(origin: OriginFor<T>, spec: JobSpec<Balance, BlockNumber>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_post(who, spec)
        }

        /// Takes back a job that is up for auction or rescue; all that is held for it comes back.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_cancel(who, job)
        }

        /// Takes a job at the price of this block, which must be `at_least` as much.
        ///
        /// Signed by a provider or by its worker key. The provider must be active and what the job's requirements ask
        /// for. Locks the bond in its stake.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::accept(MAX_PASSES))]
        pub fn accept(
            origin: OriginFor<T>,
            job: JobId,
            at_least: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let passes = Self::do_accept(who, job, at_least)?;
            Ok(Some(T::WeightInfo::accept(passes)).into())
        }

        /// Commits to the output of each pass of a job: their BLAKE3 hashes.
        ///
        /// A duty: not signed as an extrinsic but authorized by the worker key's signature of
        /// `assay_primitives::duty::payload` for `Duty::Commit`. Final: a second one is refused.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::commit(Pallet::<T>::passes(roots)))]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_commit(Pallet::<T>::passes(roots)))]
        #[pallet::authorize(Self::authorize_commit)]
        pub fn commit(
            origin: OriginFor<T>,
            job: JobId,
            roots: PerPass<Root>,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_commit(job, roots)
        }

        /// Reports that the inputs of a job cannot be fetched, up to the deadline. Verifiers look.
        ///
        /// A duty: authorized by the worker key's `signature` of `assay_primitives::duty::payload` for
        /// `Duty::Report`, or signed as an extrinsic by the provider, and then without `signature`. If most who looked
        /// had the inputs, the provider is punished for the deadline and for the report.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::report())]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_report())]
        #[pallet::authorize(Self::authorize_report)]
        pub fn report(
            origin: OriginFor<T>,
            job: JobId,
            _signature: Option<WorkerSignature>,
        ) -> DispatchResult {
            let signer = match ensure_signed(origin.clone()) {
                Ok(signer) => Some(signer),
                Err(_) => {
                    ensure_authorized(origin)?;
                    None
                }
            };
            Self::do_report(signer, job)
        }

        /// Gives the provider of a job more time: so many `blocks` in all from its acceptance to its deadline, more
        /// than it has and at most `MaxCompute`. Only the requester may.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::extend())]
        pub fn extend(origin: OriginFor<T>, job: JobId, blocks: BlockNumber) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_extend(who, job, blocks)
        }

        /// Gives an account what stayed on hold of an asset for it when jobs of `holder` ended, because it could not
        /// receive it then. Anybody may, for any account.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::claim())]
        pub fn claim(
            origin: OriginFor<T>,
            asset: AssetId,
            holder: AccountId,
            account: AccountId,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim(asset, holder, account)
        }
    }
}
