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
mod punishment;
#[allow(
    clippy::as_conversions,
    reason = "the codec's derive casts indices of variants"
)]
pub mod rules;
#[cfg(test)]
mod tests;
mod try_state;
pub mod weights;

pub use pallet::*;
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
        rules::{Mode, Rule},
    };
    use assay_primitives::{
        AccountId, Balance, JobId, reason::Offence, slashing::Penalty, stake::Stakes,
    };
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What an offence costs and who receives it.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// The stakes that are slashed.
        type Stakes: Stakes<AccountId, Balance>;

        /// Who may change the rules.
        type RuleOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// What calls cost.
        type WeightInfo: WeightInfo;
    }

    /// The rules that differ from the defaults of the README.
    #[pallet::storage]
    pub type Rules<T: Config> = StorageMap<_, Twox64Concat, Offence, Rule>;

    /// The mode of every rule that was not set by itself.
    #[pallet::storage]
    pub type DefaultMode<T: Config> = StorageValue<_, Mode, ValueQuery>;

    /// The rules' mode at the start of a chain.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The mode of all rules: a public network starts in shadow.
        pub mode: Mode,
        /// Nothing; the configuration belongs to a runtime.
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            DefaultMode::<T>::put(self.mode);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An offence was punished.
        Slashed {
            /// In which job.
            job: JobId,
            /// Whose stake was taken.
            offender: AccountId,
            /// For what.
            offence: Offence,
            /// What it came to, and who received it.
            penalty: Penalty<Balance>,
        },
        /// An offence would have been punished if its rule were armed.
        WouldSlash {
            /// In which job.
            job: JobId,
            /// Whose stake would have been taken.
            offender: AccountId,
            /// For what.
            offence: Offence,
            /// What it would have come to.
            penalty: Penalty<Balance>,
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
        /// The reporter's share is more than a half, or those of reporter and requester together are the
        /// whole: lower them, or reporting oneself would pay.
        BadRule,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            for offence in Offence::ALL {
                assert!(
                    Rule::default_for(offence).is_valid(),
                    "the default rule for {offence:?} lets somebody gain by reporting himself"
                );
            }
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(
            _now: BlockNumberFor<T>,
        ) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Changes the rule for an offence. For governance.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::set_rule())]
        pub fn set_rule(origin: OriginFor<T>, offence: Offence, rule: Rule) -> DispatchResult {
            T::RuleOrigin::ensure_origin(origin)?;
            ensure!(rule.is_valid(), Error::<T>::BadRule);
            Rules::<T>::insert(offence, rule);
            Self::deposit_event(Event::RuleSet { offence, rule });
            Ok(())
        }
    }
}
