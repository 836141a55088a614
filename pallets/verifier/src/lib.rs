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

mod adjudication;
#[cfg(feature = "runtime-benchmarks")]
#[allow(
    clippy::as_conversions,
    reason = "how the macro is told an origin's type"
)]
mod benchmarking;
mod case;
mod demands;
mod draw;
mod duties;
#[cfg(test)]
mod mock;
mod phases;
mod proving;
mod reports;
mod supplies;
mod tally;
#[cfg(test)]
mod tests;
mod try_state;
#[allow(
    clippy::as_conversions,
    reason = "the codec's derive casts indices of variants"
)]
pub mod types;
mod view;
pub mod weights;

pub use pallet::*;
pub use types::Windows;
pub use view::VerifierDuty;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system, sp_runtime};

/// The target of this pallet's log lines.
const LOG_TARGET: &str = "runtime::verifier";

#[allow(
    missing_debug_implementations,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::too_many_arguments,
    reason = "what the macros write: storage types without Debug, proven expects, casts of variants' indices, calls as \
              functions"
)]
#[frame_support::pallet]
pub mod pallet {
    use super::{frame_support, frame_system};
    use crate::{
        WeightInfo,
        adjudication::Evidence,
        types::{
            Case, Differences, MAX_ROUNDS, OpenDemands, Openings, PageBytes, Seed, ShownTiles,
            Suppliers, Supply, TileBytes, Tiles, Values, Windows,
        },
    };
    use assay_kernel::validate::Limits;
    use assay_primitives::{
        AccountId, Balance, BlockNumber, Hash, JobId,
        duty::{Missing, WorkerSignature},
        reason::Offence,
        slashing::Slashing,
        stake::Stakes,
        verification::{BlockRandomness, JobBook},
    };
    use assay_verifier::{
        Root,
        opening::Opening,
        witness::{InputSlice, Witness},
    };
    use frame_support::{
        dispatch::DispatchClass, pallet_prelude::*, traits::fungible, weights::WeightMeter,
    };
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::sp_runtime::traits::{Header, HeaderProvider};

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Draw, attestation, opening, reveal and adjudication.
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
        /// Whom verifiers are drawn from.
        type Stakes: Stakes<AccountId, Balance>;

        /// The judge of amounts.
        type Slashing: Slashing<AccountId, Balance>;

        /// The jobs that are verified.
        type JobBook: JobBook<AccountId, BlockNumber>;

        /// The native token.
        type Currency: fungible::Mutate<AccountId, Balance = Balance>
            + fungible::MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// The runtime's list of reasons to hold money.
        type RuntimeHoldReason: From<HoldReason>;

        /// Randomness and authors of blocks.
        type Randomness: BlockRandomness<AccountId>;

        /// What a kernel may have at most; the same as at its registration.
        type KernelLimits: Get<Limits>;

        /// Who may change the windows.
        type WindowOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// How often verifiers are drawn for one panel, replacements included. Default 2.
        #[pallet::constant]
        type MaxRounds: Get<u32>;

        /// How many panels are drawn for one job, a later one where nobody of the one before has revealed; with
        /// `MaxRounds` draws of each no more than `MAX_ROUNDS`. Default 3.
        #[pallet::constant]
        type MaxPanels: Get<u32>;

        /// How many verifiers check each sample. Default 2.
        #[pallet::constant]
        type VerifiersPerSample: Get<u32>;

        /// What a demand costs who makes it. Default 0.1: much more than a sample, so that nobody has others computed for
        /// by demands, and enough that a thousand of them are dear.
        #[pallet::constant]
        type DemandFee: Get<Balance>;

        /// What each byte of a tile costs the requester that demands it. Default 0.00001: 0.66 for the largest tile.
        #[pallet::constant]
        type DemandFeePerByte: Get<Balance>;

        /// How many demands an account may have open in all jobs. Default 64.
        #[pallet::constant]
        type MaxDemandsPerAccount: Get<u32>;

        /// The most bytes of a witness. Default 2 MiB.
        #[pallet::constant]
        type MaxWitnessBytes: Get<u32>;

        /// The most pages, of 1,024 bytes, that an account may supply for a case, and that one judgement may read of
        /// those that were. Default 8,192: with the witness, 10 MiB for a tile.
        #[pallet::constant]
        type MaxSuppliedPages: Get<u32>;

        /// What is held for a supplied page until its case is over and it is removed. Default 0.1.
        #[pallet::constant]
        type PageDeposit: Get<Balance>;

        /// The most bytes of a kernel; the same as at its registration.
        #[pallet::constant]
        type MaxKernelBytes: Get<u32>;

        /// What calls and steps cost.
        type WeightInfo: WeightInfo;
    }

    /// How long the phases last.
    #[pallet::storage]
    pub type CurrentWindows<T: Config> = StorageValue<_, Windows, ValueQuery>;

    /// The randomness of the last blocks.
    #[pallet::storage]
    pub type Seeds<T: Config> = StorageMap<_, Twox64Concat, BlockNumber, Seed>;

    /// The author of the block that is being made, for the next block's entry in `Seeds`.
    #[pallet::storage]
    pub type Author<T: Config> = StorageValue<_, AccountId>;

    /// The verifications under way.
    #[pallet::storage]
    pub type Cases<T: Config> = StorageMap<_, Twox64Concat, JobId, Case>;

    /// The sampled tiles of a case, ascending.
    #[pallet::storage]
    pub type Draws<T: Config> = StorageMap<_, Twox64Concat, JobId, Tiles>;

    /// The values that the provider opened, in the order of the draw.
    #[pallet::storage]
    pub type Opened<T: Config> = StorageMap<_, Twox64Concat, JobId, Values>;

    /// Where a verifier's values differ from the provider's, and its own values.
    #[pallet::storage]
    pub type Claims<T: Config> =
        StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, AccountId, Differences>;

    /// The cases that a verifier has a seat in.
    #[pallet::storage]
    pub type Duties<T: Config> =
        StorageDoubleMap<_, Twox64Concat, AccountId, Twox64Concat, JobId, ()>;

    /// The demands that the provider of a case has not answered.
    #[pallet::storage]
    pub type Demands<T: Config> = StorageMap<_, Twox64Concat, JobId, OpenDemands, ValueQuery>;

    /// The tiles that the provider of a case has shown in answer to demands.
    #[pallet::storage]
    pub type Shown<T: Config> = StorageMap<_, Twox64Concat, JobId, ShownTiles, ValueQuery>;

    /// How many open demands an account has.
    #[pallet::storage]
    pub type Demanding<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, u32, ValueQuery>;

    /// What was supplied for the cases under way.
    #[pallet::storage]
    pub type Supplies<T: Config> = StorageMap<_, Twox64Concat, JobId, Supply>;

    /// The number of the next supply.
    #[pallet::storage]
    pub type NextSupply<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The pages of each supply, by the hash of what they belong to and their number in it.
    #[pallet::storage]
    pub type Pages<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u64, Blake2_128Concat, (Root, u32), PageBytes>;

    /// Supplies whose case is over, with who gets deposits back when their pages are gone.
    #[pallet::storage]
    pub type Discarded<T: Config> = StorageMap<_, Twox64Concat, u64, Suppliers>;

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The fee of a demand that is not answered yet.
        Demand,
        /// The deposit for supplied pages.
        Supply,
    }

    /// The windows at the start of a chain.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// How long the phases last.
        pub windows: Windows,
        /// Nothing; the configuration belongs to a runtime.
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.windows
                    .are_valid(T::MaxRounds::get(), T::MaxPanels::get()),
                "every window must last at least one block, and all together at most a week"
            );
            CurrentWindows::<T>::put(self.windows);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Tiles were sampled and verifiers drawn.
        Drawn {
            /// The job.
            job: JobId,
            /// Which draw: of the first panel from 0 on, of the next from `MaxRounds` on; later ones replace verifiers
            /// that have left.
            round: u32,
            /// How many tiles are sampled.
            samples: u32,
            /// The verifiers drawn in this round.
            verifiers: alloc::vec::Vec<AccountId>,
        },
        /// A verifier committed to its values.
        Attested {
            /// The job.
            job: JobId,
            /// The verifier.
            verifier: AccountId,
        },
        /// A verifier said that it could not fetch something.
        Missed {
            /// The job.
            job: JobId,
            /// The verifier.
            verifier: AccountId,
            /// What it could not fetch.
            missing: Missing,
        },
        /// A verifier said that it has the inputs.
        Had {
            /// The job.
            job: JobId,
            /// The verifier.
            verifier: AccountId,
        },
        /// A verifier gave up its seat, unpaid and unpunished: it said that something cannot be had, and there was no
        /// majority; or that the inputs can be had, and most could not fetch them.
        SeatLeft {
            /// The job.
            job: JobId,
            /// The verifier.
            verifier: AccountId,
        },
        /// The provider opened the sampled tiles.
        Opened {
            /// The job.
            job: JobId,
        },
        /// A verifier showed its values.
        Revealed {
            /// The job.
            job: JobId,
            /// The verifier.
            verifier: AccountId,
            /// In how many samples it differs from the provider.
            differing: u32,
        },
        /// A drawn verifier did not do its duty in time and lost its seat.
        SeatLost {
            /// The job.
            job: JobId,
            /// The verifier.
            verifier: AccountId,
            /// What it did or left undone.
            offence: Offence,
        },
        /// Of a panel that attested nobody has revealed: other verifiers are drawn, for other tiles.
        PanelFailed {
            /// The job.
            job: JobId,
        },
        /// The chain re-executed a tile and found the provider's value right.
        TileUpheld {
            /// The job.
            job: JobId,
            /// The tile.
            tile: u32,
            /// The fuel it burned.
            fuel: u64,
        },
        /// The chain re-executed a tile and found the provider's value wrong.
        TileRefuted {
            /// The job.
            job: JobId,
            /// The tile.
            tile: u32,
            /// The fuel it burned.
            fuel: u64,
            /// The value the provider committed to.
            committed: assay_verifier::ChainingValue,
            /// The value it should have.
            computed: assay_verifier::ChainingValue,
        },
        /// The chain ran a tile of the job's checker, and it is not zeros: the case waits longer for the proof of a
        /// wrong tile.
        CheckFailed {
            /// The job.
            job: JobId,
            /// The tile, numbered behind those of all passes.
            tile: u32,
            /// The fuel it burned.
            fuel: u64,
        },
        /// A party's proof has shown nothing. A verifier loses its seat for it, and a provider brings no more without
        /// paying for them.
        ProofFailed {
            /// The job.
            job: JobId,
            /// The tile.
            tile: u32,
            /// Who brought it.
            party: AccountId,
        },
        /// Somebody supplied pages of what a job reads.
        Supplied {
            /// The job.
            job: JobId,
            /// BLAKE3 hash of the input, or of the output of the earlier pass.
            input: Root,
            /// Who.
            by: AccountId,
            /// How many that were not there yet.
            pages: u32,
            /// What is held for them until the case is over.
            deposit: Balance,
        },
        /// Somebody demanded to see a tile.
        Demanded {
            /// The job.
            job: JobId,
            /// The tile.
            tile: u32,
            /// Who.
            by: AccountId,
            /// Whether its bytes are demanded as well.
            bytes: bool,
            /// What is held for it.
            fee: Balance,
            /// The last block in which the provider can answer.
            until: BlockNumber,
        },
        /// The provider showed a tile.
        Answered {
            /// The job.
            job: JobId,
            /// The tile.
            tile: u32,
            /// Its value.
            value: assay_verifier::ChainingValue,
            /// BLAKE3 hash of its bytes, which are in the extrinsic, if they were demanded.
            bytes: Option<assay_verifier::Root>,
        },
        /// A demand is over: answered, or the case has ended before.
        DemandSettled {
            /// The job.
            job: JobId,
            /// The tile.
            tile: u32,
            /// Who demanded it.
            by: AccountId,
            /// Of what was held, to the provider.
            paid: Balance,
            /// Of what was held, burned.
            burned: Balance,
            /// Of what was held, back to who demanded it.
            refunded: Balance,
        },
        /// The windows were changed.
        WindowsSet {
            /// What holds for phases that start from now on.
            windows: Windows,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No job of this number is being verified.
        UnknownCase,
        /// The job's verification is in another phase: watch its status.
        WrongPhase,
        /// The verifier has no seat in this case, or was drawn in another round.
        NoSuchSeat,
        /// The verifier has done this duty already, or said that it cannot; once is enough.
        DutyDone,
        /// None of the verifier's tiles reads the output of an earlier pass, so there is none that it could miss.
        NothingToMiss,
        /// There is no result yet: only the inputs are looked for.
        NoResult,
        /// The provider or verifier has no worker key any more.
        NoWorker,
        /// The signature is not the worker key's for this duty.
        BadSignature,
        /// The opening does not prove the sampled tiles under the committed root.
        BadOpening,
        /// The salt and the differing values are not what was attested.
        NotAsAttested,
        /// Differing values must be named in ascending order, be for the verifier's own samples, and differ.
        BadDifferences,
        /// The job has no such tile, or it is one of the checker's and there is no seed yet.
        UnknownTile,
        /// The tile is not among the opened ones: bring an opening of it under the committed root.
        OpeningMissing,
        /// The fuel is less than a tile of the kernel can burn: declare at least its
        /// `judging_fuel`.
        FuelTooLow,
        /// The witness has more than `MaxWitnessBytes` bytes.
        WitnessTooLarge,
        /// The witness has not one slice for each input of the job.
        WitnessIncomplete,
        /// A page of the witness does not belong to the job's input.
        BadWitnessPage,
        /// The tile reads a page that is neither in the witness nor among the supplied ones, or more of these than
        /// was declared.
        PageMissing,
        /// The fuel is more than judging a tile of any kernel can burn: declare the kernel's `judging_fuel`.
        FuelTooHigh,
        /// The party may not have this tile judged without paying for it: nobody claims another value for it and the
        /// checker has not failed. `adjudicate` is for everybody.
        NothingToProve,
        /// A slice must have one to `MAX_SUPPLY` pages of at most 1,024 bytes and no more siblings than they need.
        BadSlice,
        /// The pass reads no such input, or there is no such pass.
        UnknownInput,
        /// All of these pages are there already.
        NothingNew,
        /// More pages than an account may supply for a case, or than one judgement may read: see `MaxSuppliedPages`.
        TooManyPages,
        /// As many accounts have supplied pages for this case as may.
        TooManySuppliers,
        /// The kernel cannot be run; this cannot happen for a registered one.
        KernelUnusable,
        /// Every window must last at least one block, and all of them together, those of every panel with `attest` once
        /// for each of its rounds, at most a week.
        BadWindows,
        /// A commitment must have at least one sample, no more than tiles and than `MAX_SAMPLES`, and one to
        /// `MAX_PANEL` verifiers.
        BadCommitment,
        /// An enquiry must be for one to `MAX_PANEL` verifiers and pay for at most `MAX_SAMPLES` samples.
        BadEnquiry,
        /// The job is being verified already.
        CaseExists,
        /// Only the requester may demand bytes; anybody may demand the value.
        BytesAreTheRequesters,
        /// The tile is shown already, or demanded: see `Opened`, `Shown` and `Demands`.
        DemandedBefore,
        /// As many demands of this case are open as may be, of the requester or of others: wait for answers.
        TooManyDemands,
        /// As many tiles of this case were shown as may be, to the requester or to others.
        TooManyShown,
        /// The account has `MaxDemandsPerAccount` demands open: wait for answers.
        TooManyDemandsOfAccount,
        /// Nobody demands this of the tile, or it is answered, or the time for it is over.
        NotDemanded,
        /// The bytes are not those of the tile.
        BadBytes,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumber) -> Weight {
            Self::record_seed(now);
            T::WeightInfo::record_seed()
        }

        fn on_idle(_now: BlockNumber, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::discard(&mut meter);
            meter.consumed()
        }

        fn integrity_test() {
            assert!(
                T::VerifiersPerSample::get() > 0,
                "somebody must look at each sample"
            );
            assert!(
                T::MaxRounds::get() > 0 && T::MaxPanels::get() > 0,
                "verifiers must be drawn at least once"
            );
            assert!(
                T::MaxRounds::get().saturating_mul(T::MaxPanels::get()) <= MAX_ROUNDS,
                "more rounds than a case can remember verifiers of"
            );
            let (fuel, bytes) = (Self::most_fuel(), T::MaxWitnessBytes::get());
            let (witness, pages) = (
                usize::try_from(bytes).unwrap_or(usize::MAX),
                T::MaxSuppliedPages::get(),
            );
            // A duty pays for its authorization as well.
            let dearest = Self::adjudication_weight(fuel, witness, pages).max(
                Self::proof_weight(fuel, witness, pages)
                    .saturating_add(T::WeightInfo::authorize_prove(bytes)),
            );
            let most = T::BlockWeights::get()
                .get(DispatchClass::Normal)
                .max_extrinsic;
            assert!(
                most.is_none_or(|most| dearest.all_lte(most)),
                "a wrong tile of the dearest kernel could not be proven: it would not fit a block"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumber) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// A drawn verifier commits to the values it computed, before anything is opened.
        ///
        /// A duty: authorized by the worker key's signature for `Duty::Attest`.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::attest(1))]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_attest())]
        #[pallet::authorize(Self::authorize_attest)]
        pub fn attest(
            origin: OriginFor<T>,
            job: JobId,
            verifier: AccountId,
            round: u32,
            commitment: [u8; 32],
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            Self::do_attest(job, verifier, round, commitment)
        }

        /// The provider opens the sampled tiles: one opening for each pass.
        ///
        /// A duty: authorized by the worker key's signature for `Duty::Open`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::open(Pallet::<T>::hashes(openings)))]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_open(Pallet::<T>::hashes(openings)))]
        #[pallet::authorize(Self::authorize_open)]
        pub fn open(
            origin: OriginFor<T>,
            job: JobId,
            openings: Openings,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_open(job, openings)
        }

        /// A verifier shows what it attested: the salt, and its values where they differ from the provider's.
        ///
        /// A duty: authorized by the worker key's signature for `Duty::Reveal`.
        #[pallet::call_index(2)]
        #[pallet::weight({
            let (differing, agreeing) = Pallet::<T>::differences(differing);
            T::WeightInfo::reveal(differing, agreeing, 1)
        })]
        #[pallet::weight_of_authorize({
            let (differing, agreeing) = Pallet::<T>::differences(differing);
            T::WeightInfo::authorize_reveal(differing, agreeing)
        })]
        #[pallet::authorize(Self::authorize_reveal)]
        pub fn reveal(
            origin: OriginFor<T>,
            job: JobId,
            verifier: AccountId,
            round: u32,
            salt: [u8; 32],
            differing: Differences,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            Self::do_reveal(job, verifier, round, salt, differing)
        }

        /// Makes the chain re-execute a tile and judge by what it finds.
        ///
        /// Tiles are numbered through all passes, and those of the checker come last: such a tile, if it is not
        /// zeros, convicts nobody but makes the case wait for the proof of a wrong one. `opening` is needed for
        /// another tile that the provider did not show: its value under the committed root of its pass. `witness` holds
        /// the pages of the inputs that the tile reads and that were not supplied before, of which it reads at most
        /// `supplied`. `fuel` is the most that judging can burn, the kernel's `judging_fuel`; the unused part of the
        /// weight comes back, and the whole fee if the provider is convicted, a false claim is refuted, or the checker is found to fail for the first
        /// time.
        #[pallet::call_index(3)]
        #[pallet::weight(Pallet::<T>::adjudication_weight(*fuel, witness.encoded_size(), *supplied))]
        pub fn adjudicate(
            origin: OriginFor<T>,
            job: JobId,
            tile: u32,
            opening: Option<Opening>,
            witness: Witness,
            fuel: u64,
            supplied: u32,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let evidence = Evidence {
                tile,
                opening: opening.as_ref(),
                witness: &witness,
                fuel,
                supplied,
            };
            Self::do_adjudicate(who, job, &evidence)
        }

        /// A verifier says that it could not fetch what its tiles read, or the inputs that it was asked to look for.
        ///
        /// If most others could, it is punished; if most could not, the job ends. A duty: authorized by the worker
        /// key's signature for `Duty::Miss`.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::miss())]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_miss())]
        #[pallet::authorize(Self::authorize_miss)]
        pub fn miss(
            origin: OriginFor<T>,
            job: JobId,
            verifier: AccountId,
            round: u32,
            missing: Missing,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_miss(job, verifier, round, missing)
        }

        /// A verifier that was asked to look for the inputs says that it has them.
        ///
        /// A duty: authorized by the worker key's signature for `Duty::Have`.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::have())]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_have())]
        #[pallet::authorize(Self::authorize_have)]
        pub fn have(
            origin: OriginFor<T>,
            job: JobId,
            verifier: AccountId,
            round: u32,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_have(job, verifier, round)
        }

        /// Demands that the provider shows a tile of its output: its value, which anybody may see, or to the requester
        /// its bytes as well. Possible from when the samples are opened until the challenge ends.
        ///
        /// Holds `DemandFee`, and `DemandFeePerByte` for each byte of the largest tile. If the provider answers within
        /// the window `answer`, half of the fee for what it showed goes to it and half is burned; if not, the fee comes
        /// back, the provider is convicted (`Withheld`) and who demanded it is the reporter.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::demand())]
        pub fn demand(origin: OriginFor<T>, job: JobId, tile: u32, bytes: bool) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_demand(who, job, tile, bytes)
        }

        /// The provider shows a tile that was demanded: an opening of it under the committed root of its pass, unless
        /// its value is known already, and its bytes, if they were demanded.
        ///
        /// A duty: authorized by the worker key's signature for `Duty::Answer`.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::answer(Pallet::<T>::length(bytes)))]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_answer(Pallet::<T>::length(bytes)))]
        #[pallet::authorize(Self::authorize_answer)]
        pub fn answer(
            origin: OriginFor<T>,
            job: JobId,
            tile: u32,
            opening: Option<Opening>,
            bytes: Option<TileBytes>,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_answer(job, tile, opening, bytes)
        }

        /// A party has the chain judge a tile as `adjudicate` does, without paying for it: the provider and verifiers that
        /// have revealed, of a tile that a verifier claims another value for; and verifiers of any tile if the
        /// checker has failed, or of the checker's if it has not.
        ///
        /// Authorized by the worker key's signature for `Duty::Prove`. If the proof shows nothing, a verifier loses its
        /// seat and is punished (`UnprovenAccusation`), and a provider may bring no more of them in this case.
        #[pallet::call_index(9)]
        #[pallet::weight(Pallet::<T>::proof_weight(*fuel, witness.encoded_size(), *supplied))]
        #[pallet::weight_of_authorize(
            T::WeightInfo::authorize_prove(u32::try_from(witness.encoded_size()).unwrap_or(u32::MAX))
        )]
        #[pallet::authorize(Self::authorize_prove)]
        pub fn prove(
            origin: OriginFor<T>,
            job: JobId,
            party: AccountId,
            tile: u32,
            opening: Option<Opening>,
            witness: Witness,
            fuel: u64,
            supplied: u32,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            let evidence = Evidence {
                tile,
                opening: opening.as_ref(),
                witness: &witness,
                fuel,
                supplied,
            };
            Self::do_prove(job, party, &evidence)
        }

        /// Supplies pages of what a pass of a committed job reads, for tiles that read more than fits one witness.
        ///
        /// Passes are numbered from 0, and behind the last comes the checker. Holds `PageDeposit` for each page that is
        /// not there yet; it comes back, and the pages go, after the case is over.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::supply(u32::try_from(slice.pages.len()).unwrap_or(u32::MAX)))]
        pub fn supply(
            origin: OriginFor<T>,
            job: JobId,
            pass: u32,
            input: u32,
            slice: InputSlice,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_supply(who, job, pass, input, slice)
        }

        /// Changes how long phases last that start from now on. For governance.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_windows())]
        pub fn set_windows(origin: OriginFor<T>, windows: Windows) -> DispatchResult {
            T::WindowOrigin::ensure_origin(origin)?;
            ensure!(
                windows.are_valid(T::MaxRounds::get(), T::MaxPanels::get()),
                Error::<T>::BadWindows
            );
            CurrentWindows::<T>::put(windows);
            Self::deposit_event(Event::WindowsSet { windows });
            Ok(())
        }
    }
}
