// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{
    Agenda, Assignments, Auctions, Config, Cursor, Expiries, ExpiryRange, HoldReason, Jobs,
    KernelCode, Kernels, LiveJobs, NextJob, Pallet, Receipts, frame_support, frame_system,
    sp_runtime, types::Stage,
};
use alloc::collections::{BTreeMap, BTreeSet};
use assay_primitives::{AccountId, Balance, JobId};
use assay_verifier::Root;
use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::holds_are_what_live_jobs_and_kernels_say()?;
        Self::every_live_job_is_on_the_agenda_once()?;
        Self::kernels_count_their_users()?;
        Self::indexes_follow_the_stages()?;
        Self::live_jobs_are_counted_and_bounded()?;
        Self::kernels_have_their_code()?;
        Self::receipts_are_of_closed_jobs_in_order()
    }

    /// 1. What is held of an account is the sum over its jobs alive and its kernels.
    fn holds_are_what_live_jobs_and_kernels_say() -> Result<(), TryRuntimeError> {
        let mut expected = BTreeMap::<AccountId, (Balance, Balance, Balance)>::new();
        for job in Jobs::<T>::iter_values() {
            let (escrow, deposit, _) = expected.entry(job.requester.clone()).or_default();
            *escrow = escrow.saturating_add(job.escrow());
            *deposit = deposit.saturating_add(job.deposit);
        }
        for record in Kernels::<T>::iter_values() {
            let (_, _, kernel) = expected.entry(record.owner).or_default();
            *kernel = kernel.saturating_add(record.deposit);
        }
        for account in frame_system::Account::<T>::iter_keys() {
            let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &account);
            let held = (
                held(HoldReason::Escrow),
                held(HoldReason::Deposit),
                held(HoldReason::Kernel),
            );
            ensure!(
                held == expected.remove(&account).unwrap_or_default(),
                "what is held of an account is not the sum over its jobs alive and its kernels"
            );
        }
        ensure!(
            expected.is_empty(),
            "an account that is gone has jobs alive or kernels"
        );
        Ok(())
    }

    /// 2. Every job alive is on the agenda exactly once, where it says, at or after the cursor.
    fn every_live_job_is_on_the_agenda_once() -> Result<(), TryRuntimeError> {
        let cursor = Cursor::<T>::get().unwrap_or_default();
        let mut seen = BTreeSet::<JobId>::new();
        for (slot, jobs) in Agenda::<T>::iter() {
            ensure!(
                slot >= cursor,
                "the cursor has passed an entry of the agenda"
            );
            ensure!(!jobs.is_empty(), "an empty block is stored in the agenda");
            for id in jobs {
                ensure!(seen.insert(id), "a job is on the agenda twice");
                ensure!(
                    Jobs::<T>::get(id).is_some_and(|job| job.due == slot),
                    "a job on the agenda is not alive or says it is elsewhere"
                );
            }
        }
        ensure!(
            Jobs::<T>::iter_keys().all(|id| seen.contains(&id)),
            "a job alive is not on the agenda"
        );
        Ok(())
    }

    /// 3. A kernel's `users` is the number of passes of jobs alive that use it, and each of those is registered.
    fn kernels_count_their_users() -> Result<(), TryRuntimeError> {
        let mut users = BTreeMap::<Root, u32>::new();
        for job in Jobs::<T>::iter_values() {
            for kernel in job.kernels() {
                let count = users.entry(*kernel).or_default();
                *count = count.saturating_add(1);
            }
        }
        for (hash, record) in Kernels::<T>::iter() {
            ensure!(
                record.users == users.remove(&hash).unwrap_or_default(),
                "a kernel's count of users is wrong"
            );
        }
        ensure!(users.is_empty(), "a job alive uses a kernel that is gone");
        Ok(())
    }

    /// 4. A job is in `Auctions` exactly while it is up for auction, and in `Assignments`, under its
    ///    provider, exactly while it has one.
    fn indexes_follow_the_stages() -> Result<(), TryRuntimeError> {
        let mut auctions = 0usize;
        let mut assignments = 0usize;
        for (id, job) in Jobs::<T>::iter() {
            match &job.stage {
                Stage::Auction { .. } => {
                    ensure!(
                        Auctions::<T>::contains_key(id),
                        "a job up for auction is not in the index"
                    );
                    auctions = auctions.saturating_add(1);
                }
                Stage::Computing { contract, .. } | Stage::Verifying { contract, .. } => {
                    ensure!(
                        Assignments::<T>::contains_key(&contract.provider, id),
                        "an accepted job is not in its provider's index"
                    );
                    assignments = assignments.saturating_add(1);
                }
            }
        }
        ensure!(
            Auctions::<T>::iter_keys().count() == auctions,
            "the index of auctions holds a job that is not up for auction"
        );
        ensure!(
            Assignments::<T>::iter_keys().count() == assignments,
            "the index of assignments holds a job that the provider does not have"
        );
        Ok(())
    }

    /// 5. `LiveJobs` counts each requester's jobs alive; neither it nor the number of all passes its limit;
    ///    numbers were given out in order.
    fn live_jobs_are_counted_and_bounded() -> Result<(), TryRuntimeError> {
        let next = NextJob::<T>::get();
        let mut live = BTreeMap::<AccountId, u32>::new();
        let mut all = 0u32;
        for (id, job) in Jobs::<T>::iter() {
            ensure!(id < next, "a job has a number that was not given out");
            let count = live.entry(job.requester).or_default();
            *count = count.saturating_add(1);
            all = all.saturating_add(1);
        }
        ensure!(all == Jobs::<T>::count(), "the jobs alive are miscounted");
        ensure!(all <= T::MaxJobs::get(), "more jobs alive than allowed");
        for (account, count) in LiveJobs::<T>::iter() {
            ensure!(
                live.remove(&account) == Some(count),
                "a requester's jobs alive are miscounted"
            );
            ensure!(
                count <= T::MaxJobsPerAccount::get(),
                "a requester has more jobs alive than allowed"
            );
        }
        ensure!(live.is_empty(), "a requester's jobs alive are not counted");
        Ok(())
    }

    /// 6. Every registered kernel has its code, and the code has the kernel's hash.
    fn kernels_have_their_code() -> Result<(), TryRuntimeError> {
        for (hash, code) in KernelCode::<T>::iter() {
            ensure!(
                Kernels::<T>::contains_key(hash),
                "code is stored of a kernel that is not registered"
            );
            ensure!(
                *blake3::hash(&code).as_bytes() == hash,
                "a kernel's code has another hash"
            );
        }
        ensure!(
            Kernels::<T>::iter_keys().all(KernelCode::<T>::contains_key),
            "a registered kernel has no code"
        );
        Ok(())
    }

    /// 7. Every receipt is of a job that is not alive, and stands in the order of expiry exactly once.
    fn receipts_are_of_closed_jobs_in_order() -> Result<(), TryRuntimeError> {
        let (oldest, next) = ExpiryRange::<T>::get();
        let mut closed_at = 0;
        let mut seen = BTreeSet::<JobId>::new();
        for position in oldest..next {
            let id =
                Expiries::<T>::get(position).ok_or("a position of the order of expiry is empty")?;
            let receipt =
                Receipts::<T>::get(id).ok_or("a receipt in the order of expiry is gone")?;
            ensure!(!Jobs::<T>::contains_key(id), "a job alive has a receipt");
            ensure!(seen.insert(id), "a receipt expires twice");
            ensure!(
                receipt.closed_at >= closed_at,
                "receipts are not in the order of expiry"
            );
            closed_at = receipt.closed_at;
        }
        ensure!(
            Receipts::<T>::iter_keys().count() == seen.len()
                && Expiries::<T>::iter_keys().count() == seen.len(),
            "a receipt is outside the order of expiry"
        );
        Ok(())
    }
}
