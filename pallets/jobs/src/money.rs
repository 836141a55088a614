// SPDX-License-Identifier: Apache-2.0
//! What is held of requesters, in native tokens and in assets, and how it gets to others.

use crate::{Config, Error, Event, HoldReason, Pallet, Unclaimed, frame_support, sp_runtime};
use assay_primitives::{AccountId, Balance, job::AssetId};
use frame_support::{
    defensive, ensure,
    storage::with_storage_layer,
    traits::{
        fungible::{Inspect, MutateHold},
        fungibles::{Inspect as _, MutateHold as _},
        tokens::{ConversionFromAssetBalance, Fortitude, Precision, Preservation, Restriction},
    },
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// What an amount is worth in native tokens. `None` for an asset that is not there or not listed.
    pub fn worth(asset: Option<AssetId>, amount: Balance) -> Option<Balance> {
        match asset {
            None => Some(amount),
            Some(asset) if T::Assets::asset_exists(asset) => {
                T::AssetRate::from_asset_balance(amount, asset).ok()
            }
            Some(_) => None,
        }
    }

    /// Puts the price of a job in an asset on hold.
    pub(crate) fn hold_asset(
        asset: AssetId,
        requester: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        T::Assets::hold(asset, &HoldReason::Escrow.into(), requester, amount)
    }

    /// Pays native tokens from a requester's escrow. Whether they could be paid.
    pub(crate) fn pay(requester: &AccountId, to: &AccountId, amount: Balance) -> bool {
        requester != to
            && with_storage_layer(|| {
                T::Currency::transfer_on_hold(
                    &HoldReason::Escrow.into(),
                    requester,
                    to,
                    amount,
                    Precision::Exact,
                    Restriction::Free,
                    // Held money is owed, whatever else freezes the requester's account.
                    Fortitude::Force,
                )
            })
            .is_ok()
    }

    /// Returns held native tokens to a requester.
    pub(crate) fn release(reason: HoldReason, requester: &AccountId, amount: Balance) {
        let released =
            T::Currency::release(&reason.into(), requester, amount, Precision::BestEffort);
        if released != Ok(amount) {
            defensive!(
                "what is held of a requester could not be released",
                (reason, amount, released)
            );
        }
    }

    /// Gives some of a requester's escrow in an asset to whom it is due, the requester itself perhaps. What an account
    /// may not receive now stays on hold for it, to be claimed. Whether it was given.
    pub(crate) fn give_asset(
        asset: AssetId,
        holder: &AccountId,
        to: &AccountId,
        amount: Balance,
    ) -> bool {
        let given = Self::try_give_asset(asset, holder, to, amount).is_ok();
        if !given {
            Unclaimed::<T>::mutate((asset, holder, to), |unclaimed| {
                *unclaimed = unclaimed.saturating_add(amount);
            });
            Self::deposit_event(Event::LeftOnHold {
                asset,
                holder: holder.clone(),
                account: to.clone(),
                amount,
            });
        }
        given
    }

    fn try_give_asset(
        asset: AssetId,
        holder: &AccountId,
        to: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let reason = HoldReason::Escrow.into();
        with_storage_layer(|| {
            if holder == to {
                T::Assets::release(asset, &reason, holder, amount, Precision::Exact)
            } else {
                T::Assets::transfer_on_hold(
                    asset,
                    &reason,
                    holder,
                    to,
                    amount,
                    Precision::Exact,
                    Restriction::Free,
                    Fortitude::Force,
                )
            }
            .map(|_| ())
        })
    }

    pub(crate) fn do_claim(
        asset: AssetId,
        holder: AccountId,
        account: AccountId,
    ) -> DispatchResult {
        let amount = Unclaimed::<T>::take((asset, &holder, &account));
        ensure!(amount > 0, Error::<T>::NothingToClaim);
        Self::try_give_asset(asset, &holder, &account, amount)?;
        Self::deposit_event(Event::Claimed {
            asset,
            holder,
            account,
            amount,
        });
        Ok(())
    }

    /// Puts a bounty on hold out of what a requester has just received, as far as its account allows. The answer is
    /// how much.
    pub(crate) fn hold_bounty(requester: &AccountId, wanted: Balance) -> Balance {
        let free =
            T::Currency::reducible_balance(requester, Preservation::Protect, Fortitude::Force);
        let bounty = wanted.min(free);
        let held =
            with_storage_layer(|| T::Currency::hold(&HoldReason::Escrow.into(), requester, bounty));
        match held {
            Ok(()) => bounty,
            Err(_) => 0,
        }
    }
}
