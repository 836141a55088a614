// SPDX-License-Identifier: Apache-2.0
//! From the post to the acceptance: the reverse Dutch auction.

use crate::{
    Assignments, Auctions, Config, Error, Event, HoldReason, Jobs, LiveJobs, NextJob, Pallet,
    Receipts, frame_support, frame_system,
    settle::{Ending, Split},
    sp_runtime, terms,
    types::{Contract, Job, Stage},
};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId, duty::WorkerId, job::JobSpec, reason::Reason,
    stake::Stakes,
};
use frame_support::{
    ensure,
    traits::{Get, fungible::MutateHold},
};
use polkadot_sdk::sp_core::sr25519;
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_post(who: AccountId, spec: JobSpec<Balance, BlockNumber>) -> DispatchResult {
        let assessment = Self::assess(&spec).map_err(Error::<T>::from)?;
        let live = LiveJobs::<T>::get(&who);
        ensure!(
            live < T::MaxJobsPerAccount::get(),
            Error::<T>::TooManyJobsOfRequester
        );
        ensure!(
            Jobs::<T>::count() < T::MaxJobs::get(),
            Error::<T>::TooManyJobs
        );
        let id = NextJob::<T>::get();
        let next = id.checked_add(1).ok_or(Error::<T>::TooManyJobs)?;

        let now = frame_system::Pallet::<T>::block_number();
        let until = now.saturating_add(spec.auction);
        let mut job = Job {
            requester: who.clone(),
            spec,
            tiles: assessment.tiles,
            samples: assessment.samples,
            fees: assessment.fees,
            verification: assessment.verification,
            deposit: assessment.deposit,
            bounty: 0,
            last: None,
            round: 0,
            stage: Stage::Auction { opened: now },
            due: until,
        };
        let escrow = job.escrow();
        T::Currency::hold(&HoldReason::Escrow.into(), &who, escrow)?;
        T::Currency::hold(&HoldReason::Deposit.into(), &who, job.deposit)?;
        if let Some((asset, amount)) = job.escrow_in_asset() {
            Self::hold_asset(asset, &who, amount)?;
        }

        NextJob::<T>::put(next);
        LiveJobs::<T>::insert(&who, live.saturating_add(1));
        job.kernels().for_each(Self::kernel_used);
        Auctions::<T>::insert(id, ());
        Self::schedule(id, &mut job, until);
        Self::deposit_event(Event::JobPosted {
            job: id,
            requester: who,
            tiles: job.all_tiles(),
            samples: job.all_samples(),
            escrow,
            asset: job.spec.asset,
            in_asset: job.escrow_in_asset().map_or(0, |(_, amount)| amount),
            deposit: job.deposit,
            until,
        });
        Jobs::<T>::insert(id, job);
        Ok(())
    }

    pub(crate) fn do_cancel(who: AccountId, id: JobId) -> DispatchResult {
        let job = Self::alive(id)?;
        ensure!(job.requester == who, Error::<T>::NotRequester);
        ensure!(job.open_until().is_some(), Error::<T>::NotInAuction);
        Self::give_back(id, job, Ending::without_result(Reason::Cancelled));
        Ok(())
    }

    /// The answer is how many passes the job has.
    pub(crate) fn do_accept(
        signer: AccountId,
        id: JobId,
        at_least: Balance,
    ) -> Result<u32, DispatchError> {
        let mut job = Self::alive(id)?;
        let provider = Self::provider_behind(signer).ok_or(Error::<T>::NotProvider)?;
        let contractor = job.contract().map(|contract| &contract.provider);
        ensure!(contractor != Some(&provider), Error::<T>::AlreadyYours);
        let now = frame_system::Pallet::<T>::block_number();
        let price = job.price_at(now).ok_or(Error::<T>::NotInAuction)?;
        ensure!(provider != job.requester, Error::<T>::OwnJob);
        ensure!(job.last.as_ref() != Some(&provider), Error::<T>::NotAgain);
        ensure!(T::Stakes::is_active(&provider), Error::<T>::NotActive);
        let admitted = T::Stakes::hardware(&provider)
            .is_some_and(|hardware| job.spec.requirements.admit(&provider, &hardware));
        ensure!(admitted, Error::<T>::NotAdmitted);
        ensure!(price >= at_least, Error::<T>::PriceTooLow);
        let worth = Self::worth(job.spec.asset, price).ok_or(Error::<T>::UnlistedAsset)?;
        let bond = terms::bond(worth, T::BondMultiple::get()).ok_or(Error::<T>::BadPrice)?;
        T::Stakes::lock(&provider, bond)?;

        let deadline = now.saturating_add(job.spec.compute);
        Auctions::<T>::remove(id);
        Assignments::<T>::insert(&provider, id, ());
        job.stage = Stage::Computing {
            contract: Contract {
                provider: provider.clone(),
                price,
                worth,
                bond,
            },
            accepted: now,
            deadline,
        };
        Self::unschedule(id, job.due);
        Self::schedule(id, &mut job, deadline);
        Self::deposit_event(Event::JobAccepted {
            job: id,
            provider,
            price,
            bounty: job.bounty,
            bond,
            deadline,
        });
        let passes = job.passes();
        Jobs::<T>::insert(id, job);
        Ok(passes)
    }

    /// A job that is not over.
    pub(crate) fn alive(id: JobId) -> Result<Job, Error<T>> {
        Jobs::<T>::get(id).ok_or_else(|| {
            if Receipts::<T>::contains_key(id) {
                Error::<T>::JobClosed
            } else {
                Error::<T>::UnknownJob
            }
        })
    }

    /// The provider that a signer is, or whose worker key it is.
    pub(crate) fn provider_behind(signer: AccountId) -> Option<AccountId> {
        let bytes: [u8; 32] = signer.clone().into();
        T::Stakes::provider_of(&WorkerId::from(sr25519::Public::from_raw(bytes)))
            .or_else(|| T::Stakes::worker(&signer).map(|_| signer))
    }

    /// An auction ended without a bid.
    pub(crate) fn auction_over(id: JobId, job: Job, as_of: BlockNumber) {
        Self::reopen_or_refund(id, job, Ending::without_result(Reason::NoBid), as_of);
    }

    /// Puts a job that is off the agenda, and that nobody is to blame for, up for auction again or, after
    /// `MaxRounds`, gives everything back.
    pub(crate) fn reopen_or_refund(id: JobId, mut job: Job, ending: Ending, as_of: BlockNumber) {
        let Some(round) = Self::next_round(&job) else {
            return Self::give_back(id, job, ending);
        };
        if let Some(provider) = job.contract().map(|contract| contract.provider.clone()) {
            Assignments::<T>::remove(&provider, id);
            job.last = Some(provider);
        }
        let opened = as_of.saturating_add(1);
        let until = opened.saturating_add(job.spec.auction);
        job.round = round;
        job.stage = Stage::Auction { opened };
        Auctions::<T>::insert(id, ());
        Self::put_off(id, job, until, as_of);
        Self::deposit_event(Event::JobReopened {
            job: id,
            reason: ending.reason,
            provider: ending.provider,
            round,
            until,
        });
    }

    /// The number of the next auction or rescue of a job, if there is to be one.
    pub(crate) fn next_round(job: &Job) -> Option<u32> {
        let round = job.round.saturating_add(1);
        (round < T::MaxRounds::get()).then_some(round)
    }

    /// Closes a job that nobody is paid for.
    pub(crate) fn give_back(id: JobId, job: Job, ending: Ending) {
        Self::settle(id, job, ending, Split::default());
    }
}
