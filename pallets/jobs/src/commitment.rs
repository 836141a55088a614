// SPDX-License-Identifier: Apache-2.0
//! The commitment, and what admits it and a report to the pool.

use crate::{
    Config, Error, Event, Jobs, Pallet, frame_support, frame_system, sp_runtime, terms,
    types::{Contract, Job, Stage},
};
use assay_primitives::{
    BlockNumber, JobId,
    duty::{Duty, PRIORITY, WorkerSignature, payload},
    job::PerPass,
    reputation::Reputation,
    stake::Stakes,
    verification::{Commitment, Verification},
};
use assay_verifier::Root;
use frame_support::{ensure, traits::Get, weights::Weight};
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
    DispatchResult,
    traits::Zero,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
    },
};

/// The duties' numbers in the tags of the transaction pool; 1 to 15 are the verifier's pallet's.
const COMMIT: u8 = 0;
pub(crate) const REPORT: u8 = 16;

/// A job that its provider may still commit or report on.
pub(crate) struct Due {
    pub(crate) job: Job,
    pub(crate) contract: Contract,
    pub(crate) deadline: BlockNumber,
}

impl<T: Config> Pallet<T> {
    /// What a commitment's weight depends on.
    pub(crate) fn passes(roots: &PerPass<Root>) -> u32 {
        u32::try_from(roots.len()).unwrap_or(u32::MAX)
    }

    /// Admits a commitment to the pool and to a block: one per job and acceptance, signed by the worker
    /// key of the job's provider.
    pub(crate) fn authorize_commit(
        _source: TransactionSource,
        id: &JobId,
        roots: &PerPass<Root>,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let due = Self::due(*id).map_err(|_| InvalidTransaction::Stale)?;
        if roots.len() != due.job.spec.passes.len() {
            return Err(InvalidTransaction::Call.into());
        }
        let duty = Duty::Commit {
            terms: due.job.spec.hash(),
            roots: roots.to_vec(),
        };
        Self::admit(*id, &due, &duty, COMMIT, signature)
    }

    /// Admits a duty of a job's provider, if its worker key signed it.
    pub(crate) fn admit(
        id: JobId,
        due: &Due,
        duty: &Duty,
        kind: u8,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let provider = &due.contract.provider;
        let worker = T::Stakes::worker(provider).ok_or(InvalidTransaction::BadSigner)?;
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumber::zero());
        if !worker.verify(&payload(genesis, id, duty), signature) {
            return Err(InvalidTransaction::BadProof.into());
        }
        let now = frame_system::Pallet::<T>::block_number();
        ValidTransaction::with_tag_prefix("AssayDuty")
            .and_provides((id, kind, provider, due.job.round))
            .priority(PRIORITY)
            .longevity(due.deadline.saturating_sub(now).max(1).into())
            .propagate(true)
            .build()
            .map(|valid| (valid, Weight::zero()))
    }

    pub(crate) fn do_commit(id: JobId, roots: PerPass<Root>) -> DispatchResult {
        let Due {
            mut job, contract, ..
        } = Self::due(id)?;
        ensure!(
            roots.len() == job.spec.passes.len(),
            Error::<T>::WrongNumberOfRoots
        );
        let provider = contract.provider.clone();
        let samples = Self::samples_of(&job, &contract);
        let first_step = T::Verification::begin(
            id,
            Commitment {
                provider: provider.clone(),
                requester: job.requester.clone(),
                roots: roots.clone(),
                tiles: job.tiles.clone(),
                samples: samples.clone(),
                panel: job.fees.panel,
                price: contract.worth,
            },
        )?;
        job.stage = Stage::Verifying {
            contract,
            roots: roots.clone(),
            samples,
        };
        Self::unschedule(id, job.due);
        Self::schedule(id, &mut job, first_step);
        Self::deposit_event(Event::JobCommitted {
            job: id,
            provider,
            roots,
            samples: job.all_samples(),
        });
        Jobs::<T>::insert(id, job);
        Ok(())
    }

    /// How many tiles of each pass are drawn: what the assurance asks for, and what the provider's past asks for
    /// besides, as far as its price pays for that.
    fn samples_of(job: &Job, contract: &Contract) -> PerPass<u32> {
        let fee = T::ProtocolFee::get().mul_ceil(contract.worth);
        let room = (contract.worth.saturating_sub(fee))
            .checked_div(job.fees.of_one_more())
            .and_then(|room| u32::try_from(room).ok())
            .unwrap_or(u32::MAX);
        let percent = T::Reputation::scrutiny(&contract.provider);
        terms::scrutinised(&job.samples, &job.tiles, percent, room)
    }

    /// A job that may be committed or reported on in this block.
    pub(crate) fn due(id: JobId) -> Result<Due, Error<T>> {
        let job = Self::alive(id)?;
        match job.stage.clone() {
            Stage::Auction { .. } | Stage::Rescue { .. } => Err(Error::<T>::NotComputing),
            Stage::Enquiring { .. } => Err(Error::<T>::AlreadyReported),
            Stage::Verifying { .. } => Err(Error::<T>::AlreadyCommitted),
            Stage::Computing { deadline, .. }
                if frame_system::Pallet::<T>::block_number() > deadline =>
            {
                Err(Error::<T>::DeadlinePassed)
            }
            Stage::Computing {
                contract, deadline, ..
            } => Ok(Due {
                job,
                contract,
                deadline,
            }),
        }
    }
}
