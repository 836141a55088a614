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
#[allow(clippy::as_conversions, reason = "the macro asks for it")]
mod benchmarking;
mod deferral;
mod equivocation;
#[cfg(test)]
mod mock;
mod precedents;
mod punishment;
#[allow(
    clippy::as_conversions,
    reason = "the codec's derive casts indices of variants"
)]
pub mod rules;
#[cfg(test)]
mod tests;
mod try_state;
pub mod types;
mod view;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system, sp_runtime, sp_staking};

/// Where this pallet logs.
const LOG_TARGET: &str = "runtime::slashing";

#[allow(
    missing_debug_implementations,
    clippy::as_conversions,
    clippy::expect_used,
    reason = "what the macros write: storage types without Debug, proven expects, casts of variants' indices"
)]
#[frame_support::pallet]
pub mod pallet {
    use super::{frame_support, frame_system, sp_runtime, sp_staking};
    use crate::{
        WeightInfo,
        rules::{Mode, Rule},
        types::{Deferral, EQUIVOCATIONS, Era, Tally},
    };
    use assay_primitives::{
        AccountId, Balance, BlockNumber, JobId,
        reason::Offence,
        reputation::Reputation,
        slashing::{DeferralId, Penalty},
        stake::Stakes,
    };
    use frame_support::{
        pallet_prelude::*,
        weights::{Weight, WeightMeter},
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::{
        Perbill,
        traits::{Header, HeaderProvider},
    };
    use sp_staking::SessionIndex;

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What an offence costs and who receives it.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<
            AccountId = AccountId,
            Block: HeaderProvider<HeaderT: Header<Number = BlockNumber>>,
            RuntimeEvent: From<Event<Self>>,
        >
    {
        /// The stakes that are slashed.
        type Stakes: Stakes<AccountId, Balance>;

        /// Who remembers what providers did.
        type Reputation: Reputation<AccountId>;

        /// Who gets the treasury's share.
        type Treasury: Get<AccountId>;

        /// Who may change the rules.
        type RuleOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who may cancel a punishment that waits.
        type CancelOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The blocks in which offences count as one wave, and repetitions as such.
        #[pallet::constant]
        type Era: Get<BlockNumber>;

        /// The most blocks that a rule may put a punishment off.
        #[pallet::constant]
        type MaxDelay: Get<BlockNumber>;

        /// The blocks for which stake that is on its way out can still be slashed. Longer than `MaxDelay`, or who is
        /// charged could leave before the punishment.
        #[pallet::constant]
        type UnbondingPeriod: Get<BlockNumber>;

        /// The most punishments that wait at the same time. One more is carried out at once.
        #[pallet::constant]
        type MaxDeferrals: Get<u32>;

        /// Of them, the most of one offender, so that nobody fills the queue.
        #[pallet::constant]
        type MaxDeferralsPerOffender: Get<u32>;

        /// The most punishments that are carried out after waiting in one block.
        #[pallet::constant]
        type MaxPerBlock: Get<u32>;

        /// What calls and steps cost.
        type WeightInfo: WeightInfo;
    }

    /// The rules that differ from the defaults of the README.
    #[pallet::storage]
    pub type Rules<T: Config> = StorageMap<_, Twox64Concat, Offence, Rule>;

    /// The mode of every rule that was not set by itself.
    #[pallet::storage]
    pub type DefaultMode<T: Config> = StorageValue<_, Mode, ValueQuery>;

    /// The delay of every rule that has one and was not set by itself, where it is not that of the README.
    #[pallet::storage]
    pub type DefaultDelay<T: Config> = StorageValue<_, BlockNumber>;

    /// How much stake was charged in the last era in which any was, by offence.
    #[pallet::storage]
    pub type Tallies<T: Config> = StorageMap<_, Twox64Concat, Offence, Tally, ValueQuery>;

    /// How often somebody committed an offence in an era, of those that cost more each time. Past eras are removed bit
    /// by bit.
    #[pallet::storage]
    pub type Records<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        Era,
        Blake2_128Concat,
        (AccountId, Offence),
        u32,
        ValueQuery,
    >;

    /// Of no era before this one is anything left in `Records`.
    #[pallet::storage]
    pub type OldestEra<T: Config> = StorageValue<_, Era, ValueQuery>;

    /// The punishments that wait, by number.
    #[pallet::storage]
    pub type Deferrals<T: Config> = CountedStorageMap<_, Twox64Concat, DeferralId, Deferral>;

    /// When which of them is due, the next one first.
    #[pallet::storage]
    pub type Agenda<T: Config> =
        StorageValue<_, BoundedVec<(BlockNumber, DeferralId), T::MaxDeferrals>, ValueQuery>;

    /// How many wait for an offender.
    #[pallet::storage]
    pub type Waiting<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, u32, ValueQuery>;

    /// The number of the next punishment that is put off.
    #[pallet::storage]
    pub type NextDeferral<T: Config> = StorageValue<_, DeferralId, ValueQuery>;

    /// The last equivocations, the newest last: in which session, whose, and which share of the stake it was charged
    /// with. A later report of the same session may raise it.
    #[pallet::storage]
    pub type Equivocations<T: Config> = StorageValue<
        _,
        BoundedVec<(SessionIndex, AccountId, Perbill), ConstU32<EQUIVOCATIONS>>,
        ValueQuery,
    >;

    /// The rules' mode and delay at the start of a chain.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The mode of all rules: a public network starts in shadow.
        pub mode: Mode,
        /// The delay of those rules that have one; nothing for that of the README.
        pub delay: Option<BlockNumber>,
        /// Nothing; the configuration belongs to a runtime.
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            DefaultMode::<T>::put(self.mode);
            DefaultDelay::<T>::set(self.delay);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An offence was punished.
        Slashed {
            /// In which job, if in any.
            job: Option<JobId>,
            /// Whose stake was taken.
            offender: AccountId,
            /// For what.
            offence: Offence,
            /// What it came to, and who received it.
            penalty: Penalty<Balance>,
            /// Its number, if it had waited.
            deferral: Option<DeferralId>,
        },
        /// An offence would have been punished, or put off, if its rule were armed.
        WouldSlash {
            /// In which job, if in any.
            job: Option<JobId>,
            /// Whose stake would have been taken.
            offender: AccountId,
            /// For what.
            offence: Offence,
            /// What it would have come to.
            penalty: Penalty<Balance>,
            /// Its number, if it had waited and its rule was disarmed meanwhile.
            deferral: Option<DeferralId>,
        },
        /// A punishment was put off, for governance to look at.
        Deferred {
            /// Its number.
            deferral: DeferralId,
            /// In which job, if in any.
            job: Option<JobId>,
            /// Whose stake will be taken.
            offender: AccountId,
            /// For what.
            offence: Offence,
            /// What it comes to if as much is still there.
            due: Penalty<Balance>,
            /// The block in which it is carried out.
            until: BlockNumber,
        },
        /// Governance cancelled a punishment that waited.
        Cancelled {
            /// Its number.
            deferral: DeferralId,
            /// In which job, if in any.
            job: Option<JobId>,
            /// Whose stake is left alone.
            offender: AccountId,
            /// For what it was due.
            offence: Offence,
            /// What it would have come to.
            due: Penalty<Balance>,
        },
        /// A punishment that had waited could not be carried out and is forgotten. It should not happen.
        Failed {
            /// Its number.
            deferral: DeferralId,
            /// Why.
            error: DispatchError,
        },
        /// A rule was changed.
        RuleSet {
            /// For which offence.
            offence: Offence,
            /// What holds from now on.
            rule: Rule,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The reporter's share is more than a half, or those of reporter, requester and treasury together are
        /// the whole: lower them, or reporting oneself would pay.
        BadRule,
        /// The delay is more than `MaxDelay`: lower it, or who is charged could withdraw its stake before.
        DelayTooLong,
        /// A result that is kept back would cost less than one that is wrong: raise the rules for `Withheld` and
        /// `Unserved` first, or lower the one for `WrongResult` first.
        WithholdingCheaper,
        /// No punishment of this number waits: it was carried out or cancelled, or never was.
        UnknownDeferral,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_poll(now: BlockNumber, meter: &mut WeightMeter) {
            Self::execute_due(now, meter);
        }

        fn on_idle(now: BlockNumber, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::forget_past(now, &mut meter);
            meter.consumed()
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
        /// Changes the rule for an offence. For governance.
        ///
        /// What waits already keeps its amount; but nothing is taken by a rule that is no longer armed when it is due.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::set_rule())]
        pub fn set_rule(origin: OriginFor<T>, offence: Offence, rule: Rule) -> DispatchResult {
            T::RuleOrigin::ensure_origin(origin)?;
            Self::check_rule(offence, &rule)?;
            Rules::<T>::insert(offence, rule);
            Self::deposit_event(Event::RuleSet { offence, rule });
            Ok(())
        }

        /// Cancels a punishment that waits. For governance.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(origin: OriginFor<T>, deferral: DeferralId) -> DispatchResult {
            T::CancelOrigin::ensure_origin(origin)?;
            Self::do_cancel(deferral)
        }
    }
}
