// SPDX-License-Identifier: Apache-2.0
//! From the acceptance to the verdict: commitment, missed deadline, end of the verification.

use crate::{
    Config, Error, Event, Jobs, LOG_TARGET, Pallet, frame_support, frame_system,
    settle::{Ending, Split},
    sp_runtime,
    types::{Contract, Job, Stage},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, BlockNumber, JobId,
    duty::{Duty, PRIORITY, WorkerSignature, payload},
    job::PerPass,
    reason::{Offence, Reason},
    slashing::{Charge, Penalty, Slashing},
    stake::Stakes,
    verification::{Commitment, Verdict, Verification},
};
use assay_verifier::Root;
use frame_support::{ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
    DispatchResult,
    traits::Zero,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
    },
};

/// The duty's number in the tags of the transaction pool.
const COMMIT: u8 = 0;

impl<T: Config> Pallet<T> {
    /// Admits a commitment to the pool and to a block: one per job and auction, signed by the worker
    /// key of the job's provider.
    pub(crate) fn authorize_commit(
        _source: TransactionSource,
        id: &JobId,
        roots: &PerPass<Root>,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (job, contract, deadline) =
            Self::commitment_due(*id).map_err(|_| InvalidTransaction::Stale)?;
        if roots.len() != job.spec.passes.len() {
            return Err(InvalidTransaction::Call.into());
        }
        let worker = T::Stakes::worker(&contract.provider).ok_or(InvalidTransaction::BadSigner)?;
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumber::zero());
        let payload = payload(
            genesis,
            *id,
            &Duty::Commit {
                roots: roots.to_vec(),
            },
        );
        if !worker.verify(&payload, signature) {
            return Err(InvalidTransaction::BadProof.into());
        }
        let now = frame_system::Pallet::<T>::block_number();
        ValidTransaction::with_tag_prefix("AssayDuty")
            .and_provides((id, COMMIT, contract.provider, job.round))
            .priority(PRIORITY)
            .longevity(deadline.saturating_sub(now).max(1).into())
            .propagate(true)
            .build()
            .map(|valid| (valid, Weight::zero()))
    }

    pub(crate) fn do_commit(id: JobId, roots: PerPass<Root>) -> DispatchResult {
        let (mut job, contract, _) = Self::commitment_due(id)?;
        ensure!(
            roots.len() == job.spec.passes.len(),
            Error::<T>::WrongNumberOfRoots
        );
        let provider = contract.provider.clone();
        let first_step = T::Verification::begin(
            id,
            Commitment {
                provider: provider.clone(),
                requester: job.requester.clone(),
                roots: roots.clone(),
                tiles: job.tiles.clone(),
                samples: job.samples.clone(),
                panel: job.panel,
                price: contract.price,
            },
        )?;
        job.stage = Stage::Verifying {
            contract,
            roots: roots.clone(),
        };
        Self::unschedule(id, job.due);
        Self::schedule(id, &mut job, first_step);
        Jobs::<T>::insert(id, job);
        Self::deposit_event(Event::JobCommitted {
            job: id,
            provider,
            roots,
        });
        Ok(())
    }

    /// A job that may be committed in this block, by whom and until when.
    fn commitment_due(id: JobId) -> Result<(Job, Contract, BlockNumber), Error<T>> {
        let job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
        let Stage::Computing { contract, deadline } = job.stage.clone() else {
            return Err(Error::<T>::NotComputing);
        };
        if frame_system::Pallet::<T>::block_number() > deadline {
            return Err(Error::<T>::DeadlinePassed);
        }
        Ok((job, contract, deadline))
    }

    /// The provider of a job that is off the agenda let its deadline pass.
    pub(crate) fn deadline_missed(id: JobId, job: Job, contract: Contract, as_of: BlockNumber) {
        let penalty = Self::punish(id, &job, &contract, Offence::MissedDeadline, None);
        let ending = Ending {
            reason: Reason::MissedDeadline,
            provider: Some(contract.provider),
            roots: PerPass::new(),
            penalty,
        };
        Self::reopen_or_refund(id, job, ending, as_of);
    }

    /// Closes a job by the verdict on its result.
    pub(crate) fn verification_over(
        id: JobId,
        job: Job,
        contract: Contract,
        roots: PerPass<Root>,
        verdict: Verdict<AccountId>,
    ) {
        let (reason, penalty, price, verifiers) = match verdict {
            Verdict::Upheld { verifiers } => {
                T::Stakes::unlock(&contract.provider, contract.bond);
                (
                    Reason::Settled,
                    Penalty::default(),
                    Some(contract.price),
                    verifiers,
                )
            }
            Verdict::Convicted {
                offence,
                reporter,
                verifiers,
            } => {
                let reason = match offence {
                    Offence::Withheld => Reason::Withheld,
                    _ => Reason::WrongResult,
                };
                let penalty = Self::punish(id, &job, &contract, offence, reporter);
                (reason, penalty, None, verifiers)
            }
            Verdict::Unavailable { verifiers } | Verdict::Available { verifiers } => {
                T::Stakes::unlock(&contract.provider, contract.bond);
                (Reason::Unavailable, Penalty::default(), None, verifiers)
            }
            Verdict::Unverified => {
                T::Stakes::unlock(&contract.provider, contract.bond);
                (Reason::Unverified, Penalty::default(), None, Vec::new())
            }
        };
        let split = Split::of(&job, price, T::ProtocolFee::get(), verifiers);
        let ending = Ending {
            reason,
            provider: Some(contract.provider),
            roots,
            penalty,
        };
        Self::settle(id, job, ending, split);
    }

    /// Frees the bond and has the provider punished.
    ///
    /// A failure to punish is logged and takes nothing: it must not hold up the requester's refund.
    fn punish(
        id: JobId,
        job: &Job,
        contract: &Contract,
        offence: Offence,
        reporter: Option<AccountId>,
    ) -> Penalty<assay_primitives::Balance> {
        T::Stakes::unlock(&contract.provider, contract.bond);
        let charge = Charge {
            offence,
            job: Some(id),
            offender: contract.provider.clone(),
            bond: contract.bond,
            price: contract.price,
            reporter,
            requester: Some(job.requester.clone()),
        };
        with_storage_layer(|| T::Slashing::punish(charge)).unwrap_or_else(|error| {
            log::error!(target: LOG_TARGET, "job {id}: punishment failed: {error:?}");
            Penalty::default()
        })
    }
}
