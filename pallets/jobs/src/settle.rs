// SPDX-License-Identifier: Apache-2.0
//! Settlement: who gets what of a job's escrow, in one place.

use crate::{
    Assignments, Auctions, Config, Event, HoldReason, Jobs, LOG_TARGET, LiveJobs, Pallet,
    frame_support, frame_system, sp_runtime,
    types::{Job, Payment, Payments, Receipt, Role},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, JobId,
    job::{MAX_PANEL, PerPass},
    reason::Reason,
    reputation::Reputation,
    slashing::Penalty,
    stake::Stakes,
};
use assay_verifier::Root;
use frame_support::{
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
};
use sp_runtime::Permill;

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Why.
    pub reason: Reason,
    /// Who computed it, or should have.
    pub provider: Option<AccountId>,
    /// BLAKE3 hash of the output of each pass; none without a commitment.
    pub roots: PerPass<Root>,
    /// What the provider lost.
    pub penalty: Penalty<Balance>,
}

/// A job's escrow, divided: the parts add up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// To the provider.
    pub provider: Balance,
    /// To the protocol.
    pub fee: Balance,
    /// To the verifiers.
    pub verifiers: Vec<(AccountId, Balance)>,
    /// Back to the requester.
    pub refund: Balance,
}

impl Split {
    /// All of it goes back.
    pub fn unearned(escrow: Balance) -> Self {
        Self {
            provider: 0,
            fee: 0,
            verifiers: Vec::new(),
            refund: escrow,
        }
    }

    /// Divides the escrow of a verified job.
    ///
    /// `price` is what the provider earned, if it did; the protocol keeps its share of it, rounded
    /// down. Each verifier gets the job's fee per sample for the tiles it checked, in order and as far as
    /// what is held for verifiers reaches; [`MAX_PANEL`] of them at most. All else goes back.
    pub fn of(
        job: &Job,
        price: Option<Balance>,
        protocol_fee: Permill,
        checked: Vec<(AccountId, u32)>,
    ) -> Self {
        let ceiling = job.spec.price.ceiling;
        let price = price.unwrap_or_default().min(ceiling);
        let fee = protocol_fee.mul_floor(price);
        let mut left = job.verification;
        let verifiers = checked
            .into_iter()
            .zip(0..MAX_PANEL)
            .map(|((verifier, tiles), _)| {
                let amount = job.fee_per_sample.saturating_mul(tiles.into()).min(left);
                left = left.saturating_sub(amount);
                (verifier, amount)
            })
            .collect();
        Self {
            provider: price.saturating_sub(fee),
            fee,
            verifiers,
            refund: ceiling.saturating_sub(price).saturating_add(left),
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Closes a job: moves the money, forgets the job, keeps its receipt and says who got what.
    ///
    /// What somebody cannot receive, because the amount is too small to bring its account to life, goes
    /// back to the requester: nobody's account can hold up a settlement.
    pub(crate) fn settle(id: JobId, job: Job, ending: Ending, split: Split) {
        let requester = &job.requester;
        let provider = ending
            .provider
            .iter()
            .map(|provider| (provider.clone(), split.provider, Role::Provider));
        let verifiers = split
            .verifiers
            .into_iter()
            .map(|(verifier, amount)| (verifier, amount, Role::Verifier));
        let mut paid = Payments::new();
        let mut spent: Balance = 0;
        for (account, amount, role) in provider.chain(verifiers) {
            if amount > 0 && !paid.is_full() && Self::pay(requester, &account, amount) {
                spent = spent.saturating_add(amount);
                T::Stakes::earned(&account, amount);
                if ending.reason == Reason::Settled {
                    T::Reputation::note(&account, role.deed());
                }
                // The list has room: it was asked before.
                let _ = paid.try_push(Payment {
                    account,
                    amount,
                    role,
                });
            }
        }
        let fee = match split.fee {
            0 => 0,
            fee if Self::pay(requester, &T::FeeDestination::get(), fee) => fee,
            _ => 0,
        };
        let refunded = job.escrow().saturating_sub(spent).saturating_sub(fee);
        Self::release(HoldReason::Escrow, requester, refunded);
        Self::release(HoldReason::Deposit, requester, job.deposit);
        Self::forget(id, &job);
        Self::deposit_event(Event::JobSettled {
            job: id,
            reason: ending.reason,
            provider: ending.provider.clone(),
            root: ending.roots.last().copied(),
            paid,
            fee,
            refunded,
            deposit: job.deposit,
            penalty: ending.penalty,
        });
        let receipt = Receipt {
            tiles: job.all_tiles(),
            samples: job.all_samples(),
            requester: job.requester,
            spec: job.spec,
            provider: ending.provider,
            roots: ending.roots,
            reason: ending.reason,
            closed_at: frame_system::Pallet::<T>::block_number(),
        };
        Self::remember(id, receipt);
    }

    /// Pays from a requester's escrow. Whether it could be paid.
    fn pay(requester: &AccountId, to: &AccountId, amount: Balance) -> bool {
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

    /// Returns held money to a requester.
    fn release(reason: HoldReason, requester: &AccountId, amount: Balance) {
        let released =
            T::Currency::release(&reason.into(), requester, amount, Precision::BestEffort);
        if released != Ok(amount) {
            log::error!(
                target: LOG_TARGET,
                "released {released:?} of {amount} that were held for {reason:?}"
            );
        }
    }

    /// Removes a job from everywhere but the receipts.
    fn forget(id: JobId, job: &Job) {
        Self::unschedule(id, job.due);
        Jobs::<T>::remove(id);
        Auctions::<T>::remove(id);
        if let Some(contract) = job.contract() {
            Assignments::<T>::remove(&contract.provider, id);
        }
        job.kernels().for_each(Self::kernel_released);
        LiveJobs::<T>::mutate_exists(&job.requester, |live| {
            *live = live
                .map(|live| live.saturating_sub(1))
                .filter(|live| *live > 0);
        });
    }
}
