// SPDX-License-Identifier: Apache-2.0
//! Settlement: who gets what of a job's escrow, in one place.

use crate::{
    Assignments, Auctions, Config, Event, HoldReason, Jobs, LiveJobs, Pallet,
    frame_support::traits::Get,
    frame_system, sp_runtime,
    types::{Contract, Job, Payment, Payments, Receipt, Role},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, JobId,
    job::{MAX_PANEL, PerPass},
    reason::Reason,
    reputation::{Deed, Reputation},
    slashing::Penalty,
    stake::Stakes,
};
use assay_verifier::Root;
use sp_runtime::{Permill, Rounding, helpers_128bit::multiply_by_rational_with_rounding};

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

impl Ending {
    /// An end without provider, result or penalty.
    pub(crate) fn without_result(reason: Reason) -> Self {
        Self {
            reason,
            provider: None,
            roots: PerPass::new(),
            penalty: Penalty::default(),
        }
    }
}

/// Who is to get what when a job ends. All else goes back to the requester.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// To the provider, in what the job is paid in.
    pub provider: Balance,
    /// To the protocol, in what the job is paid in.
    pub fee: Balance,
    /// To the provider besides, in native tokens: the bounty of a job that somebody else had failed.
    pub bounty: Balance,
    /// To the verifiers, in native tokens.
    pub verifiers: Vec<(AccountId, Balance)>,
}

impl Split {
    /// Divides what is held for a committed job. Only one that settles is paid for; the protocol keeps its share of
    /// the price, rounded down.
    ///
    /// Each verifier gets the fee of a sample for each that it checked and, if outputs were there to be checked, that of
    /// the checker. What comes to more than the requester pays for the assurance's samples is the provider's to pay,
    /// out of its price: natively the verifiers get it from there; of a price in an asset the requester keeps as much
    /// as it is worth.
    pub fn of(
        job: &Job,
        contract: &Contract,
        reason: Reason,
        protocol_fee: Permill,
        checked: Vec<(AccountId, u32)>,
    ) -> Self {
        let price = contract.price.min(job.spec.price.ceiling);
        let kept = protocol_fee.mul_floor(price);
        let for_extra = match job.spec.asset {
            None => price.saturating_sub(kept),
            Some(_) => 0,
        };
        let due = job.fees.of_samples(job.all_samples());
        let budget = job
            .verification
            .saturating_add(for_extra)
            .min(due.unwrap_or(Balance::MAX));
        let checker = match reason {
            Reason::Unavailable | Reason::Unverified => 0,
            _ => job.fees.checker,
        };
        let verifiers = Self::bill(job, checked, checker, budget);
        if reason != Reason::Settled {
            return Self {
                verifiers,
                ..Self::default()
            };
        }
        let spent = verifiers
            .iter()
            .fold(0, |sum: Balance, (_, amount)| sum.saturating_add(*amount));
        let extra = spent.saturating_sub(job.verification_at_least());
        let extra = match job.spec.asset {
            None => Some(extra),
            Some(_) => multiply_by_rational_with_rounding(
                price,
                extra,
                contract.worth.max(1),
                Rounding::Up,
            ),
        };
        let provider = price
            .saturating_sub(kept)
            .saturating_sub(extra.unwrap_or(Balance::MAX));
        Self {
            provider,
            fee: kept,
            bounty: job.bounty,
            verifiers,
        }
    }

    /// What verifiers get for so many samples each and a flat fee besides, in order and as far as the budget reaches;
    /// [`MAX_PANEL`] of them at most.
    pub fn bill(
        job: &Job,
        checked: impl IntoIterator<Item = (AccountId, u32)>,
        flat: Balance,
        budget: Balance,
    ) -> Vec<(AccountId, Balance)> {
        let mut left = budget;
        checked
            .into_iter()
            .zip(0..MAX_PANEL)
            .map(|((verifier, samples), _)| {
                let fees = job.fees.sample.saturating_mul(samples.into());
                let amount = fees.saturating_add(flat).min(left);
                left = left.saturating_sub(amount);
                (verifier, amount)
            })
            .collect()
    }
}

impl<T: Config> Pallet<T> {
    /// Closes a job: moves the money, forgets the job, keeps its receipt and says who got what. The answer is how many
    /// payments were shared with delegators.
    ///
    /// Nobody's account can hold up a settlement. Native tokens that somebody cannot receive, because the amount is too
    /// small to bring its account to life, go back to the requester. Of an asset, which its issuer may close to an account
    /// for a while, what somebody cannot receive stays on hold for it.
    pub(crate) fn settle(id: JobId, job: Job, ending: Ending, split: Split) -> u32 {
        let requester = &job.requester;
        let asset = job.spec.asset;
        let mut paid = Payments::new();
        let mut shared = 0u32;
        // Of the price, and of what is native besides.
        let (mut in_price, mut in_native, mut unclaimed): (Balance, Balance, Balance) = (0, 0, 0);
        let mut out_of_price = |to: &AccountId, amount: Balance| {
            let given = amount > 0
                && match asset {
                    None => Self::pay(requester, to, amount),
                    Some(asset) => {
                        let given = Self::give_asset(asset, requester, to, amount);
                        if !given {
                            unclaimed = unclaimed.saturating_add(amount);
                        }
                        given
                    }
                };
            if given {
                in_price = in_price.saturating_add(amount);
            }
            given
        };
        if let Some(provider) = &ending.provider {
            if out_of_price(provider, split.provider) {
                if asset.is_none() {
                    shared =
                        shared.saturating_add(T::Stakes::earned(provider, split.provider).into());
                }
                note(&mut paid, provider.clone(), split.provider, Role::Provider);
            }
            if split.bounty > 0 && Self::pay(requester, provider, split.bounty) {
                shared = shared.saturating_add(T::Stakes::earned(provider, split.bounty).into());
                note(&mut paid, provider.clone(), split.bounty, Role::Rescuer);
            }
            if ending.reason == Reason::Settled {
                T::Reputation::note(provider, Deed::Settled);
            }
        }
        let fee = match out_of_price(&T::FeeDestination::get(), split.fee) {
            true => split.fee,
            false => 0,
        };
        for (verifier, amount) in split.verifiers {
            let is_shared = Self::pay_verifier(requester, verifier, amount, &mut paid);
            shared = shared.saturating_add(is_shared.into());
        }
        for payment in paid.iter().filter(|payment| payment.role != Role::Provider) {
            in_native = in_native.saturating_add(payment.amount);
            if payment.role == Role::Verifier && ending.reason != Reason::Unavailable {
                T::Reputation::note(&payment.account, Deed::Verified);
            }
        }
        let mut refunded = job.escrow().saturating_sub(in_native);
        let mut returned = 0;
        match job.escrow_in_asset() {
            None => refunded = refunded.saturating_sub(in_price),
            Some((asset, held)) => {
                let left = held.saturating_sub(in_price).saturating_sub(unclaimed);
                if left > 0 && Self::give_asset(asset, requester, requester, left) {
                    returned = left;
                } else {
                    unclaimed = unclaimed.saturating_add(left);
                }
            }
        }
        // The deposit goes first: it is enough to keep an account that has nothing else free.
        Self::release(HoldReason::Deposit, requester, job.deposit);
        Self::release(HoldReason::Escrow, requester, refunded);
        Self::forget(id, &job);
        Self::deposit_event(Event::JobSettled {
            job: id,
            reason: ending.reason,
            provider: ending.provider.clone(),
            root: ending.roots.last().copied(),
            asset,
            paid,
            fee,
            refunded,
            returned,
            unclaimed,
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
        shared
    }

    /// Pays a verifier from a requester's escrow, if it can be paid, and notes it. Whether it shares the payment with
    /// delegators.
    pub(crate) fn pay_verifier(
        requester: &AccountId,
        verifier: AccountId,
        amount: Balance,
        paid: &mut Payments,
    ) -> bool {
        if amount == 0 || paid.is_full() || !Self::pay(requester, &verifier, amount) {
            return false;
        }
        let is_shared = T::Stakes::earned(&verifier, amount);
        note(paid, verifier, amount, Role::Verifier);
        is_shared
    }

    /// Removes a job from everywhere but the receipts.
    fn forget(id: JobId, job: &Job) {
        Self::unschedule(id, job.due);
        Jobs::<T>::remove(id);
        match job.contract() {
            Some(contract) => Assignments::<T>::remove(&contract.provider, id),
            None => Auctions::<T>::remove(id),
        }
        job.kernels().for_each(Self::kernel_released);
        LiveJobs::<T>::mutate_exists(&job.requester, |live| {
            *live = live
                .map(|live| live.saturating_sub(1))
                .filter(|live| *live > 0);
        });
    }
}

/// Notes a payment. There is room: no more verifiers are paid than a panel has.
fn note(paid: &mut Payments, account: AccountId, amount: Balance, role: Role) {
    let _ = paid.try_push(Payment {
        account,
        amount,
        role,
    });
}
