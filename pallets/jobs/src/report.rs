// SPDX-License-Identifier: Apache-2.0
//! A provider's report that it cannot fetch the inputs, and what becomes of it.

use crate::{
    Config, Error, Event, Jobs, LOG_TARGET, Pallet,
    commitment::{Due, REPORT},
    frame_support,
    settle::{Ending, Split},
    sp_runtime,
    types::{Contract, Job, Payments, Stage},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    duty::{Duty, WorkerSignature},
    reason::{Offence, Reason},
    slashing::Penalty,
    stake::Stakes,
    verification::{Enquiry, Verdict, Verification},
};
use frame_support::{ensure, traits::Get};
use sp_runtime::{
    DispatchResult,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityWithRefund},
};

impl<T: Config> Pallet<T> {
    /// Admits a report to the pool and to a block: one per job and acceptance, signed by the worker key of the job's
    /// provider.
    pub(crate) fn authorize_report(
        _source: TransactionSource,
        id: &JobId,
        signature: &Option<WorkerSignature>,
    ) -> TransactionValidityWithRefund {
        let due = Self::due(*id).map_err(|_| InvalidTransaction::Stale)?;
        let signature = signature.as_ref().ok_or(InvalidTransaction::BadSigner)?;
        let duty = Duty::Report {
            terms: due.job.spec.hash(),
        };
        Self::admit(*id, &due, &duty, REPORT, signature)
    }

    /// `signer` is who signed the extrinsic; none if a worker key's signature authorized it.
    pub(crate) fn do_report(signer: Option<AccountId>, id: JobId) -> DispatchResult {
        let Due {
            mut job, contract, ..
        } = Self::due(id)?;
        if let Some(signer) = signer {
            let provider = Self::provider_behind(signer);
            ensure!(
                provider.as_ref() == Some(&contract.provider),
                Error::<T>::NotYours
            );
        }
        let provider = contract.provider.clone();
        let first_step = T::Verification::enquire(
            id,
            Enquiry {
                provider: provider.clone(),
                requester: job.requester.clone(),
                panel: T::EnquiryPanel::get(),
                samples: T::EnquirySamples::get(),
                price: contract.worth,
            },
        )?;
        job.stage = Stage::Enquiring { contract };
        Self::unschedule(id, job.due);
        Self::schedule(id, &mut job, first_step);
        Jobs::<T>::insert(id, job);
        Self::deposit_event(Event::JobReported { job: id, provider });
        Ok(())
    }

    /// Those who looked for the inputs of a job have spoken.
    pub(crate) fn enquiry_over(
        id: JobId,
        job: Job,
        contract: Contract,
        verdict: Verdict<AccountId>,
        as_of: BlockNumber,
    ) {
        match verdict {
            Verdict::Unavailable { verifiers } => {
                T::Stakes::unlock(&contract.provider, contract.bond);
                let split = Split {
                    verifiers: Self::looked(&job, verifiers, job.verification),
                    ..Split::default()
                };
                let ending = Ending {
                    provider: Some(contract.provider),
                    ..Ending::without_result(Reason::Unavailable)
                };
                Self::settle(id, job, ending, split);
            }
            Verdict::Available { verifiers } => {
                Self::report_refuted(id, job, contract, verifiers, as_of);
            }
            unclear => {
                if unclear != Verdict::Unverified {
                    log::error!(target: LOG_TARGET, "job {id}: {unclear:?} is no answer to an enquiry");
                }
                T::Stakes::unlock(&contract.provider, contract.bond);
                let ending = Ending {
                    provider: Some(contract.provider),
                    ..Ending::without_result(Reason::Unverified)
                };
                Self::reopen_or_refund(id, job, ending, as_of);
            }
        }
    }

    /// Most who looked had the inputs: the provider pays for the deadline that it did not mean to keep, and for the
    /// report.
    fn report_refuted(
        id: JobId,
        mut job: Job,
        contract: Contract,
        verifiers: Vec<(AccountId, u32)>,
        as_of: BlockNumber,
    ) {
        let kept = match Self::next_round(&job) {
            Some(_) => job.verification_reserved(),
            None => 0,
        };
        let budget = job.verification.saturating_sub(kept);
        let mut paid = Payments::new();
        for (verifier, amount) in Self::looked(&job, verifiers, budget) {
            Self::pay_verifier(&job.requester, verifier, amount, &mut paid);
        }
        let spent = paid
            .iter()
            .fold(0, |sum, payment| payment.amount.saturating_add(sum));
        job.verification = job.verification.saturating_sub(spent);
        Self::deposit_event(Event::ReportRefuted {
            job: id,
            provider: contract.provider.clone(),
            paid,
        });
        let late = Self::punish(id, &job, &contract, Offence::MissedDeadline, None);
        // The bond is gone with the first charge.
        let charged = Contract {
            bond: 0,
            ..contract.clone()
        };
        let lied = Self::punish(id, &job, &charged, Offence::FalseReport, None);
        let penalty = Penalty {
            taken: late.taken.saturating_add(lied.taken),
            reporter: late.reporter.saturating_add(lied.reporter),
            requester: late.requester.saturating_add(lied.requester),
            treasury: late.treasury.saturating_add(lied.treasury),
            burned: late.burned.saturating_add(lied.burned),
        };
        Self::rescue_or_refund(id, job, contract, Reason::FalseReport, penalty, as_of);
    }

    /// What those who looked for inputs get, in order and as far as an enquiry's fee and the budget reach.
    fn looked(
        job: &Job,
        verifiers: Vec<(AccountId, u32)>,
        budget: Balance,
    ) -> Vec<(AccountId, Balance)> {
        let most = T::EnquirySamples::get();
        let fee = (job.fees)
            .of_enquiry(T::EnquiryPanel::get(), most)
            .unwrap_or(budget);
        let verifiers = verifiers
            .into_iter()
            .map(|(who, tiles)| (who, tiles.min(most)));
        Split::bill(job, verifiers, 0, fee.min(budget))
    }
}
