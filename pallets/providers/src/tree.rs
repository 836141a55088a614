// SPDX-License-Identifier: Apache-2.0
//! Who has a place, and a tree of sums over the places: a change of weight and a draw take as many steps as it has
//! levels, however many providers there are.
//!
//! A place belongs to each provider with the least stake, and the places are numbered without gaps. The weight of a
//! place is the provider's stake if it is active and 0 if not. A node of the tree has the sums of its sixteen
//! branches; those of level 0 are the weights themselves.

use crate::{
    Config, Error, Pallet, Providers, Slots, Sums, frame_support, sp_runtime, types::Provider,
};
use alloc::vec::Vec;
use assay_primitives::{AccountId, Balance};
use assay_verifier::sampling::{Stretch, draw_by_sums};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchError;

/// Branches of a node.
pub(crate) const BRANCHES: usize = 16;

/// The same as a number of places.
const ARITY: u32 = 16;

/// Levels of the tree.
pub(crate) const DEPTH: u8 = 4;

/// Places under the root.
pub const PLACES: u32 = ARITY.pow(4);

/// The sums of a node's branches.
pub(crate) type Node = [Balance; BRANCHES];

/// The sum of a node.
pub(crate) fn sum(node: &Node) -> Balance {
    node.iter()
        .fold(0, |sum, branch| sum.saturating_add(*branch))
}

/// The node above a place or a node, and which of its branches that is.
fn above(index: u32) -> (u32, usize) {
    let branch = usize::try_from(index.rem_euclid(ARITY)).unwrap_or_default();
    (index.div_euclid(ARITY), branch)
}

impl<T: Config> Pallet<T> {
    /// The weight of a place.
    pub(crate) fn weight_of(slot: u32) -> Balance {
        let (node, branch) = above(slot);
        let node = Sums::<T>::get((0, node));
        node.get(branch).copied().unwrap_or_default()
    }

    /// The sum of all weights.
    pub(crate) fn total_weight() -> Balance {
        sum(&Sums::<T>::get((DEPTH.saturating_sub(1), 0)))
    }

    /// Gives a place a weight.
    pub(crate) fn set_weight(slot: u32, weight: Balance) {
        if Self::weight_of(slot) == weight {
            return;
        }
        let (mut index, mut value) = (slot, weight);
        for level in 0..DEPTH {
            let (node, branch) = above(index);
            let mut sums = Sums::<T>::get((level, node));
            if let Some(of_branch) = sums.get_mut(branch) {
                *of_branch = value;
            }
            (index, value) = (node, sum(&sums));
            if value == 0 {
                Sums::<T>::remove((level, node));
            } else {
                Sums::<T>::insert((level, node), sums);
            }
        }
    }

    /// Where the weight of a place lies among all.
    fn stretch_of(slot: u32) -> Stretch {
        let mut start = 0u128;
        let mut index = slot;
        for level in 0..DEPTH {
            let (node, branch) = above(index);
            let sums = Sums::<T>::get((level, node));
            let before = sums.iter().take(branch);
            start = before.fold(start, |start, sum| start.saturating_add(*sum));
            index = node;
        }
        let length = Self::weight_of(slot);
        Stretch { start, length }
    }

    /// The place in whose weight a point below the sum of all lies.
    fn place_at(mut point: Balance) -> Option<(u32, Stretch)> {
        let mut found = (
            0u32,
            Stretch {
                start: 0,
                length: 0,
            },
        );
        for level in (0..DEPTH).rev() {
            let (index, mut stretch) = found;
            let sums = Sums::<T>::get((level, index));
            let branch = sums.iter().position(|sum| {
                let inside = point < *sum;
                stretch.length = *sum;
                if !inside {
                    point = point.saturating_sub(*sum);
                    stretch.start = stretch.start.saturating_add(*sum);
                }
                inside
            })?;
            let branch = u32::try_from(branch).ok()?;
            found = (index.saturating_mul(ARITY).saturating_add(branch), stretch);
        }
        Some(found)
    }

    /// See [`Stakes::draw`](assay_primitives::stake::Stakes::draw).
    pub(crate) fn draw_active(
        seed: &[u8; 32],
        wanted: u32,
        excluded: &[AccountId],
    ) -> Vec<AccountId> {
        let left_out = excluded
            .iter()
            .filter_map(|account| Providers::<T>::get(account)?.slot)
            .map(Self::stretch_of)
            .collect();
        draw_by_sums(seed, Self::total_weight(), left_out, wanted, Self::place_at)
            .into_iter()
            .filter_map(Slots::<T>::get)
            .collect()
    }

    /// The weights in the order of the places.
    pub fn weights() -> Vec<(AccountId, Balance)> {
        (0..Slots::<T>::count())
            .filter_map(|slot| Some((Slots::<T>::get(slot)?, Self::weight_of(slot))))
            .collect()
    }

    /// Gives a provider the next free place.
    pub(crate) fn take_slot(who: &AccountId) -> Result<u32, DispatchError> {
        let slot = Slots::<T>::count();
        ensure!(slot < T::MaxProviders::get(), Error::<T>::TooManyProviders);
        Slots::<T>::insert(slot, who);
        Ok(slot)
    }

    /// Gives a place up; who has the last one moves there.
    pub(crate) fn give_up_slot(slot: u32) {
        let last = Slots::<T>::count().saturating_sub(1);
        let weight = Self::weight_of(last);
        Self::set_weight(last, 0);
        if let Some(moved) = Slots::<T>::take(last).filter(|_| last != slot) {
            Providers::<T>::mutate(&moved, |provider| {
                if let Some(Provider { slot: place, .. }) = provider {
                    *place = Some(slot);
                }
            });
            Slots::<T>::insert(slot, moved);
            Self::set_weight(slot, weight);
        }
    }
}
