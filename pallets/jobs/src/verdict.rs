// SPDX-License-Identifier: Apache-2.0
//! What becomes of a committed job when its verification is over.

use crate::{
    Config, LOG_TARGET, Pallet,
    frame_support::traits::Get,
    settle::{Ending, Split},
    types::{Contract, Job},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, JobId,
    job::PerPass,
    reason::{Offence, Reason},
    slashing::Penalty,
    stake::Stakes,
    verification::Verdict,
};
use assay_verifier::Root;

impl<T: Config> Pallet<T> {
    /// Closes a job by the verdict on its result.
    ///
    /// Only what was delivered and verified is paid for. Verifiers are paid for what they did, whatever came of it. The
    /// answer is how many payments were shared with delegators.
    pub(crate) fn verification_over(
        id: JobId,
        job: Job,
        contract: Contract,
        roots: PerPass<Root>,
        verdict: Verdict<AccountId>,
    ) -> u32 {
        let (reason, penalty, verifiers) = match verdict {
            Verdict::Convicted {
                offence,
                reporter,
                verifiers,
            } => {
                let reason = match offence {
                    Offence::Withheld | Offence::Unserved => Reason::Withheld,
                    _ => Reason::WrongResult,
                };
                let penalty = Self::punish(id, &job, &contract, offence, reporter);
                (reason, penalty, verifiers)
            }
            blameless => {
                T::Stakes::unlock(&contract.provider, contract.bond);
                let (reason, verifiers) = match blameless {
                    Verdict::Upheld { verifiers } => (Reason::Settled, verifiers),
                    Verdict::Unavailable { verifiers } => (Reason::Unavailable, verifiers),
                    Verdict::Unverified => (Reason::Unverified, Vec::new()),
                    Verdict::Available { verifiers } | Verdict::Convicted { verifiers, .. } => {
                        log::error!(target: LOG_TARGET, "job {id}: no verdict on a commitment");
                        (Reason::Unverified, verifiers)
                    }
                };
                (reason, Penalty::default(), verifiers)
            }
        };
        let split = Split::of(&job, &contract, reason, T::ProtocolFee::get(), verifiers);
        let ending = Ending {
            reason,
            provider: Some(contract.provider),
            roots,
            penalty,
        };
        Self::settle(id, job, ending, split)
    }
}
