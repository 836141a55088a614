// SPDX-License-Identifier: Apache-2.0
//! Who makes blocks: the candidates with the most stake, elected for each session.

use crate::{
    Candidates, Config, CurrentSession, Elections, Error, Event, Pallet, Providers, frame_support,
    sp_runtime,
};
use alloc::vec::Vec;
use assay_primitives::{AccountId, Balance, stake::Backing};
use core::cmp::Reverse;
use frame_support::{
    BoundedVec, ensure,
    traits::{Get, ValidatorRegistration},
};
use pallet_session::{SessionManager, historical};
use sp_runtime::{DispatchResult, traits::Convert};

/// The number of a session.
pub type SessionIndex = u32;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_validate(who: AccountId) -> DispatchResult {
        let provider = Providers::<T>::get(&who).ok_or(Error::<T>::NotProvider)?;
        ensure!(!provider.validator, Error::<T>::AlreadyCandidate);
        ensure!(!provider.chilled, Error::<T>::IsChilled);
        ensure!(
            T::SessionKeys::is_registered(&who),
            Error::<T>::NoSessionKeys
        );
        Self::offer_candidacy(&who)
    }

    /// Puts a provider among the candidates. When there is no room, it takes that of the one with the least stake,
    /// if it has more.
    pub(crate) fn offer_candidacy(who: &AccountId) -> DispatchResult {
        let stake = Self::change(who, |provider| {
            ensure!(provider.slot.is_some(), Error::<T>::StakeTooSmall);
            provider.validator = true;
            Ok(provider.stake())
        })?;
        let mut candidates = Candidates::<T>::get();
        if candidates.is_full() {
            let least = candidates
                .iter()
                .map(|candidate| (Self::stake_of(candidate), candidate))
                .min()
                .filter(|(least, _)| *least < stake)
                .map(|(_, candidate)| candidate.clone())
                .ok_or(Error::<T>::TooManyCandidates)?;
            candidates.retain(|candidate| *candidate != least);
            Self::change(&least, |provider| {
                provider.validator = false;
                Ok(())
            })?;
            Self::deposit_event(Event::CandidacyWithdrawn { provider: least });
        }
        candidates
            .try_push(who.clone())
            .map_err(|_| Error::<T>::TooManyCandidates)?;
        Candidates::<T>::put(candidates);
        Self::deposit_event(Event::CandidacyOffered {
            provider: who.clone(),
        });
        Ok(())
    }

    pub(crate) fn do_stop_validating(who: AccountId) -> DispatchResult {
        Self::change(&who, |provider| {
            ensure!(provider.validator, Error::<T>::NotCandidate);
            provider.validator = false;
            Self::withdraw_candidacy(&who);
            Ok(())
        })
    }

    /// Takes a provider off the list of candidates; its record says so already.
    pub(crate) fn withdraw_candidacy(who: &AccountId) {
        Candidates::<T>::mutate(|candidates| candidates.retain(|candidate| candidate != who));
        Self::deposit_event(Event::CandidacyWithdrawn {
            provider: who.clone(),
        });
    }

    fn stake_of(who: &AccountId) -> Balance {
        Providers::<T>::get(who).map_or(0, |provider| provider.stake())
    }

    /// The candidates with the most stake, of equals the first by account; `None` when there are too few.
    pub(crate) fn elect() -> Option<Vec<(AccountId, Backing)>> {
        let mut ranked: Vec<_> = Candidates::<T>::get()
            .into_iter()
            .filter_map(|candidate| {
                let provider = Providers::<T>::get(&candidate)?;
                let can = !provider.chilled && T::SessionKeys::is_registered(&candidate);
                let backing = Backing {
                    own: provider.own,
                    delegated: provider.pool.delegated.value,
                };
                can.then_some((Reverse(provider.stake()), candidate, backing))
            })
            .collect();
        ranked
            .sort_by(|(stake, candidate, _), other| (stake, candidate).cmp(&(&other.0, &other.1)));
        let places = usize::try_from(T::MaxValidators::get()).unwrap_or(usize::MAX);
        let least = usize::try_from(T::MinValidators::get()).unwrap_or(usize::MAX);
        ranked.truncate(places);
        (ranked.len() >= least).then(|| {
            ranked
                .into_iter()
                .map(|(_, candidate, backing)| (candidate, backing))
                .collect()
        })
    }

    /// Elects the validators of a session and notes what stands behind them. Without an election those of the
    /// session before stay.
    fn elect_for(session: SessionIndex) -> Option<Vec<(AccountId, Backing)>> {
        let elected = Self::elect();
        match &elected {
            Some(elected) => {
                Elections::<T>::insert(session, BoundedVec::truncate_from(elected.clone()));
                Self::deposit_event(Event::Elected {
                    session,
                    validators: u32::try_from(elected.len()).unwrap_or(u32::MAX),
                });
            }
            None => {
                if let Some(before) = Elections::<T>::get(session.saturating_sub(1)) {
                    Elections::<T>::insert(session, before);
                }
            }
        }
        elected
    }
}

impl<T: Config> SessionManager<AccountId> for Pallet<T> {
    fn new_session(session: SessionIndex) -> Option<Vec<AccountId>> {
        let elected = Self::elect_for(session)?;
        Some(elected.into_iter().map(|(account, _)| account).collect())
    }

    fn start_session(session: SessionIndex) {
        CurrentSession::<T>::put(session);
    }

    fn end_session(session: SessionIndex) {
        Elections::<T>::remove(session);
    }
}

impl<T: Config> historical::SessionManager<AccountId, Backing> for Pallet<T> {
    fn new_session(session: SessionIndex) -> Option<Vec<(AccountId, Backing)>> {
        Self::elect_for(session)
    }

    fn start_session(session: SessionIndex) {
        <Self as SessionManager<_>>::start_session(session);
    }

    fn end_session(session: SessionIndex) {
        <Self as SessionManager<_>>::end_session(session);
    }
}

/// What stands behind the validators of the present session, as it was when they were elected. Who was not elected
/// but validates, as the keys of a genesis do, has nothing behind it.
#[derive(Clone, Copy, Debug)]
pub struct BackingOf<T>(core::marker::PhantomData<T>);

impl<T: Config> Convert<AccountId, Option<Backing>> for BackingOf<T> {
    fn convert(validator: AccountId) -> Option<Backing> {
        let elected = Elections::<T>::get(CurrentSession::<T>::get()).unwrap_or_default();
        let backing = elected
            .into_iter()
            .find(|(account, _)| *account == validator)
            .map(|(_, backing)| backing);
        Some(backing.unwrap_or_default())
    }
}
