// SPDX-License-Identifier: Apache-2.0
//! What has happened in an era: offences of many at once, and of one again, cost more.

use crate::{
    Config, OldestEra, Pallet, Records, Tallies, WeightInfo, frame_system,
    rules::{AtStake, Precedent, Rule},
    sp_runtime::Permill,
    types::{Era, Tally},
};
use assay_primitives::{AccountId, Balance, BlockNumber, reason::Offence, stake::Stakes};
use polkadot_sdk::frame_support::{traits::Get, weights::WeightMeter};

/// The most records of a past era that are removed in one block.
pub(crate) const FORGOTTEN_AT_ONCE: u32 = 16;

/// Which offence another one counts as. What keeps a result back counts as a wrong one: else the second of them would
/// be cheaper as the other.
pub(crate) const fn counted_as(offence: Offence) -> Offence {
    match offence {
        Offence::Withheld | Offence::Unserved => Offence::WrongResult,
        other => other,
    }
}

impl<T: Config> Pallet<T> {
    /// The block that is being made.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number()
    }

    /// The era of a block.
    pub(crate) fn era_of(block: BlockNumber) -> Era {
        block.checked_div(T::Era::get()).unwrap_or_default()
    }

    /// Notes an offence, and says which share of other stake it costs.
    pub(crate) fn share_of_stake(
        rule: &Rule,
        offence: Offence,
        offender: &AccountId,
        at_stake: AtStake,
    ) -> Permill {
        // What no stake is at risk for, or who has none, is not counted.
        if rule.stake.is_zero() || at_stake.all() == 0 {
            return rule.stake;
        }
        rule.share_of_stake(Self::note(counted_as(offence), offender, at_stake.all()))
    }

    fn note(offence: Offence, offender: &AccountId, stake: Balance) -> Precedent {
        let era = Self::era_of(Self::now());
        let times = Records::<T>::mutate(era, (offender, offence), |times| {
            *times = times.saturating_add(1);
            *times
        });
        let charged = Tallies::<T>::mutate(offence, |tally| {
            let so_far = if tally.era == era { tally.charged } else { 0 };
            let added = if times == 1 { stake } else { 0 };
            *tally = Tally {
                era,
                charged: so_far.saturating_add(added),
            };
            tally.charged
        });
        Precedent {
            times,
            charged,
            active: T::Stakes::active_stake(),
        }
    }

    /// Removes records of past eras, a few in each block.
    pub(crate) fn forget_past(now: BlockNumber, meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::look_back()).is_err() {
            return;
        }
        let oldest = OldestEra::<T>::get();
        if oldest >= Self::era_of(now) || meter.try_consume(T::WeightInfo::forget()).is_err() {
            return;
        }
        let at_once = usize::try_from(FORGOTTEN_AT_ONCE).unwrap_or_default();
        let removed = Records::<T>::drain_prefix(oldest).take(at_once).count();
        if removed < at_once {
            OldestEra::<T>::put(oldest.saturating_add(1));
        }
    }
}
