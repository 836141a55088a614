// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{Config, Pallet, Rules, frame_support, sp_runtime::TryRuntimeError};
use frame_support::ensure;

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::rules_are_valid()
    }

    /// 1. Every rule is valid.
    fn rules_are_valid() -> Result<(), TryRuntimeError> {
        let valid = Rules::<T>::iter_values().all(|rule| rule.is_valid());
        ensure!(valid, "a rule lets somebody gain by reporting himself");
        Ok(())
    }
}
