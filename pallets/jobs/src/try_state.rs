// SPDX-License-Identifier: Apache-2.0
//! The invariants of the README, one function each.

use crate::{
    Agenda, Assignments, Auctions, Config, Cursor, Expiries, ExpiryRange, HoldReason, Jobs,
    KernelCode, Kernels, LiveJobs, NextJob, Pallet, Receipts, Unclaimed, frame_support,
    frame_system, sp_runtime, types::Stage,
};
use alloc::collections::{BTreeMap, BTreeSet};
use assay_primitives::{
    AccountId, Balance, JobId,
    job::{AssetId, MAX_SAMPLES},
};
use assay_verifier::Root;
use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold, fungibles::InspectHold as _},
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
        Self::receipts_are_of_closed_jobs_in_order()?;
        Self::jobs_can_pay_what_they_may_owe()
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
        Self::held_assets_are_what_live_jobs_and_claims_say()
    }

    /// 1, of what is held in assets.
    fn held_assets_are_what_live_jobs_and_claims_say() -> Result<(), TryRuntimeError> {
        let mut expected = BTreeMap::<(AssetId, AccountId), Balance>::new();
        for job in Jobs::<T>::iter_values() {
            if let Some((asset, amount)) = job.escrow_in_asset() {
                let held = expected.entry((asset, job.requester)).or_default();
                *held = held.saturating_add(amount);
            }
        }
        for ((asset, holder, _), amount) in Unclaimed::<T>::iter() {
            ensure!(amount > 0, "an empty claim is stored");
            let held = expected.entry((asset, holder)).or_default();
            *held = held.saturating_add(amount);
        }
        for ((asset, account), amount) in expected {
            ensure!(
                T::Assets::balance_on_hold(asset, &HoldReason::Escrow.into(), &account) == amount,
                "what is held of an asset is not the sum over an account's jobs alive and the claims on it"
            );
        }
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
                Stage::Auction { .. } | Stage::Rescue { .. } => {
                    ensure!(
                        Auctions::<T>::contains_key(id),
                        "a job up for auction is not in the index"
                    );
                    auctions = auctions.saturating_add(1);
                }
                Stage::Computing { contract, .. }
                | Stage::Enquiring { contract }
                | Stage::Verifying { contract, .. } => {
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

    /// 8. What is held for verifiers covers the job's verification; a bounty is held only of a job that somebody failed;
    ///    prices, deadlines, rounds and samples are within their limits.
    fn jobs_can_pay_what_they_may_owe() -> Result<(), TryRuntimeError> {
        for job in Jobs::<T>::iter_values() {
            ensure!(
                job.verification >= job.verification_reserved(),
                "what is held for verifiers does not cover a job's verification"
            );
            ensure!(
                job.bounty == 0 || job.last.is_some(),
                "a bounty is held of a job that nobody failed"
            );
            ensure!(
                job.round < T::MaxRounds::get(),
                "a job has had more rounds than allowed"
            );
            ensure!(
                job.contract()
                    .is_none_or(|contract| contract.price <= job.spec.price.ceiling),
                "a provider was promised more than the ceiling"
            );
            match &job.stage {
                Stage::Computing {
                    accepted, deadline, ..
                } => ensure!(
                    deadline.saturating_sub(*accepted) <= T::MaxCompute::get(),
                    "a provider has more time than allowed"
                ),
                Stage::Verifying { samples, .. } => {
                    let bounds = job.samples.iter().zip(&job.tiles);
                    ensure!(
                        (samples.iter().zip(bounds))
                            .all(|(drawn, (least, tiles))| least <= drawn && drawn <= tiles),
                        "fewer samples are drawn than the assurance asks for, or more than there are tiles"
                    );
                    ensure!(
                        job.all_samples() <= MAX_SAMPLES,
                        "more samples are drawn than allowed"
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }
}
