// SPDX-License-Identifier: Apache-2.0
//! The provider's deadline: put off by the requester, or missed, and then who rescues the job.

use crate::{
    Assignments, Auctions, Config, Error, Event, Jobs, LOG_TARGET, Pallet, frame_support,
    frame_system,
    settle::Ending,
    sp_runtime,
    types::{Contract, Job, Stage},
};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    reason::{Offence, Reason},
    slashing::{Charge, Penalty, Slashing},
    stake::Stakes,
};
use frame_support::{ensure, storage::with_storage_layer, traits::Get};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_extend(who: AccountId, id: JobId, blocks: BlockNumber) -> DispatchResult {
        let mut job = Self::alive(id)?;
        ensure!(job.requester == who, Error::<T>::NotRequester);
        let Stage::Computing {
            contract,
            accepted,
            deadline,
        } = job.stage.clone()
        else {
            return Err(Error::<T>::NotComputing.into());
        };
        let now = frame_system::Pallet::<T>::block_number();
        ensure!(now <= deadline, Error::<T>::DeadlinePassed);
        ensure!(blocks <= T::MaxCompute::get(), Error::<T>::BadWindow);
        let later = accepted.saturating_add(blocks);
        ensure!(later > deadline, Error::<T>::NotLater);
        job.stage = Stage::Computing {
            contract,
            accepted,
            deadline: later,
        };
        Self::unschedule(id, job.due);
        Self::schedule(id, &mut job, later);
        Jobs::<T>::insert(id, job);
        Self::deposit_event(Event::JobExtended {
            job: id,
            deadline: later,
        });
        Ok(())
    }

    /// The provider of a job that is off the agenda let its deadline pass.
    pub(crate) fn deadline_missed(id: JobId, job: Job, contract: Contract, as_of: BlockNumber) {
        let penalty = Self::punish(id, &job, &contract, Offence::MissedDeadline, None);
        Self::rescue_or_refund(id, job, contract, Reason::MissedDeadline, penalty, as_of);
    }

    /// Lets others rescue a job that is off the agenda and whose provider failed or, after `MaxRounds`, gives
    /// everything back.
    ///
    /// Part of what the requester got for the failure goes on hold as a bounty. It is a part of what was taken from
    /// the provider, so whoever fails and rescues under two names has lost.
    pub(crate) fn rescue_or_refund(
        id: JobId,
        mut job: Job,
        contract: Contract,
        reason: Reason,
        penalty: Penalty<Balance>,
        as_of: BlockNumber,
    ) {
        let Some(round) = Self::next_round(&job) else {
            let ending = Ending {
                provider: Some(contract.provider),
                penalty,
                ..Ending::without_result(reason)
            };
            return Self::give_back(id, job, ending);
        };
        let wanted = T::BountyShare::get().mul_floor(penalty.requester);
        let bounty = Self::hold_bounty(&job.requester, wanted);
        Assignments::<T>::remove(&contract.provider, id);
        Auctions::<T>::insert(id, ());
        job.bounty = job.bounty.saturating_add(bounty);
        job.last = Some(contract.provider.clone());
        job.round = round;
        let opened = as_of.saturating_add(1);
        let until = opened.saturating_add(job.spec.compute);
        job.stage = Stage::Rescue {
            opened,
            from: contract.price,
            reason,
        };
        Self::deposit_event(Event::RescueOpened {
            job: id,
            reason,
            provider: contract.provider,
            penalty,
            price: contract.price,
            bounty: job.bounty,
            round,
            until,
        });
        Self::put_off(id, job, until, as_of);
    }

    /// Nobody rescued a job that is off the agenda.
    pub(crate) fn rescue_over(id: JobId, job: Job, reason: Reason) {
        let ending = Ending {
            provider: job.last.clone(),
            ..Ending::without_result(reason)
        };
        Self::give_back(id, job, ending);
    }

    /// Frees the bond and has the provider punished.
    ///
    /// A failure to punish is logged and takes nothing: it must not hold up the requester's refund.
    pub(crate) fn punish(
        id: JobId,
        job: &Job,
        contract: &Contract,
        offence: Offence,
        reporter: Option<AccountId>,
    ) -> Penalty<Balance> {
        if contract.bond > 0 {
            T::Stakes::unlock(&contract.provider, contract.bond);
        }
        let charge = Charge {
            offence,
            job: Some(id),
            offender: contract.provider.clone(),
            bond: contract.bond,
            price: contract.worth,
            reporter,
            requester: Some(job.requester.clone()),
        };
        with_storage_layer(|| T::Slashing::punish(charge)).unwrap_or_else(|error| {
            log::error!(target: LOG_TARGET, "job {id}: punishment failed: {error:?}");
            Penalty::default()
        })
    }
}
