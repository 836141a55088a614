// SPDX-License-Identifier: Apache-2.0
//! What a provider's past says of it.

use crate::sp_runtime::DispatchResult;
use crate::{Config, Error, Event, Pallet, Providers, Standings, frame_support, frame_system};
use assay_primitives::{
    AccountId, BlockNumber,
    reason::Offence,
    reputation::{
        Deed, FORGOTTEN, HALF_LIFE, Reputation, SCRUTINY, SCRUTINY_OF_LATE, SCRUTINY_OF_SILENT,
        SCRUTINY_OF_WRONG, Standing, TRUSTED,
    },
};
use frame_support::ensure;

/// Steps in which a number is halved: of a day each.
const STEPS: BlockNumber = 30;

/// The blocks of a step.
const STEP: BlockNumber = HALF_LIFE.div_euclid(STEPS);

/// What is left after a step, in parts of 2^32: the thirtieth root of a half.
const LEFT_AFTER_STEP: u64 = 4_196_870_107;

/// A deed, in the unit of the counts.
const DEED: u32 = 1_000;

/// A past as it counts in a later block. Whole steps are taken, so that how often it is looked at changes nothing.
pub(crate) fn faded(past: Standing, now: BlockNumber) -> Standing {
    let steps = now.saturating_sub(past.as_of).div_euclid(STEP);
    let left = (0..steps.rem_euclid(STEPS)).fold(1u64 << 32, |left, _| {
        let left = u128::from(left).saturating_mul(LEFT_AFTER_STEP.into());
        u64::try_from(left >> 32).unwrap_or(u64::MAX)
    });
    let halvings = steps.div_euclid(STEPS);
    let fade = |count: u32| {
        let count = u64::from(count).saturating_mul(left) >> 32;
        let count = count.checked_shr(halvings).unwrap_or_default();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    Standing {
        settled: fade(past.settled),
        verified: fade(past.verified),
        late: fade(past.late),
        wrong: fade(past.wrong),
        silent: fade(past.silent),
        as_of: past.as_of.saturating_add(steps.saturating_mul(STEP)),
    }
}

/// Whether a past is as good as none.
pub(crate) fn is_forgotten(past: &Standing) -> bool {
    let Standing {
        settled,
        verified,
        late,
        wrong,
        silent,
        as_of: _,
    } = *past;
    [settled, verified, late, wrong, silent]
        .iter()
        .all(|count| *count <= FORGOTTEN)
}

/// How close to look at who has such a past.
pub(crate) fn scrutiny_of(past: &Standing) -> u32 {
    let (least, most) = (*SCRUTINY.start(), *SCRUTINY.end());
    let range = u64::from(most.saturating_sub(least));
    let times = |count: u32, factor: u64| u64::from(count).saturating_mul(factor);
    let trust = times(past.settled.min(TRUSTED), range)
        .checked_div(TRUSTED.into())
        .unwrap_or_default();
    let doubt = times(past.late, SCRUTINY_OF_LATE.into())
        .saturating_add(times(past.wrong, SCRUTINY_OF_WRONG.into()))
        .saturating_add(times(past.silent, SCRUTINY_OF_SILENT.into()))
        .checked_div(DEED.into())
        .unwrap_or_default();
    let scrutiny = u64::from(most).saturating_sub(trust).saturating_add(doubt);
    u32::try_from(scrutiny).unwrap_or(most).clamp(least, most)
}

/// The number that counts a deed.
fn count_of(past: &mut Standing, deed: Deed) -> &mut u32 {
    match deed {
        Deed::Settled => &mut past.settled,
        Deed::Verified => &mut past.verified,
        Deed::Fault(Offence::MissedDeadline) => &mut past.late,
        Deed::Fault(
            Offence::WrongResult
            | Offence::FalseAttestation
            | Offence::FalseReport
            | Offence::Equivocation,
        ) => &mut past.wrong,
        // That a proof did not come does not show that the claim was wrong.
        Deed::Fault(
            Offence::Withheld
            | Offence::Unserved
            | Offence::NoAttestation
            | Offence::NoReveal
            | Offence::UnprovenAccusation,
        ) => &mut past.silent,
    }
}

impl<T: Config> Pallet<T> {
    /// A provider's past as of now.
    pub(crate) fn standing_of(who: &AccountId) -> Standing {
        let now = frame_system::Pallet::<T>::block_number();
        let nothing = Standing {
            as_of: now,
            ..Standing::default()
        };
        Standings::<T>::get(who).map_or(nothing, |past| faded(past, now))
    }

    pub(crate) fn do_forget(who: AccountId) -> DispatchResult {
        let past = Standings::<T>::get(&who).ok_or(Error::<T>::NoStanding)?;
        let now = frame_system::Pallet::<T>::block_number();
        ensure!(
            is_forgotten(&faded(past, now)),
            Error::<T>::StandingRemembered
        );
        Standings::<T>::remove(&who);
        Self::deposit_event(Event::Forgotten { account: who });
        Ok(())
    }
}

impl<T: Config> Reputation<AccountId> for Pallet<T> {
    fn note(provider: &AccountId, deed: Deed) {
        if !Providers::<T>::contains_key(provider) {
            return;
        }
        let mut past = Self::standing_of(provider);
        let count = count_of(&mut past, deed);
        *count = count.saturating_add(DEED);
        Standings::<T>::insert(provider, past);
    }

    fn standing(provider: &AccountId) -> Standing {
        Self::standing_of(provider)
    }

    fn scrutiny(provider: &AccountId) -> u32 {
        scrutiny_of(&Self::standing_of(provider))
    }
}
