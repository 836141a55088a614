// SPDX-License-Identifier: Apache-2.0
//! What the runtime APIs answer about jobs.

use crate::{
    Config, Jobs, KernelCode, Kernels, NextJob, Pallet, Receipts, frame_system, terms,
    types::{Job, Receipt, Stage, sum},
};
use alloc::vec::Vec;
use assay_primitives::{
    Balance, BlockNumber, JobId,
    api::{JobStatus, JobView, KernelView, PhaseView, Quote, QuoteError, VerificationView},
    job::JobSpec,
    stake::Stakes,
    verification::{JobBook, Verification},
};
use assay_verifier::{Root, passes, sampling};

/// The most jobs that one list holds.
const MAX_LISTED: u32 = 100;

/// How many numbers a list looks at in search of jobs: old receipts are gone, and gaps cost time.
const MAX_SEARCHED: u64 = 10_000;

impl<T: Config> Pallet<T> {
    /// A job alive, or one whose receipt is still kept.
    pub fn job_view(id: JobId) -> Option<JobView> {
        if let Some(job) = Jobs::<T>::get(id) {
            return Some(Self::live_view(id, job));
        }
        Receipts::<T>::get(id).map(|receipt| closed_view(id, receipt))
    }

    /// Up to `limit` jobs, 100 at most, with numbers below `before`, the newest first.
    pub fn job_views(before: Option<JobId>, limit: u32) -> Vec<JobView> {
        let next = NextJob::<T>::get();
        let end = before.unwrap_or(next).min(next);
        let limit = usize::try_from(limit.min(MAX_LISTED)).unwrap_or_default();
        (end.saturating_sub(MAX_SEARCHED)..end)
            .rev()
            .filter_map(Self::job_view)
            .take(limit)
            .collect()
    }

    /// What a job would hold, cost and promise, were it posted now.
    pub fn quote(spec: &JobSpec<Balance, BlockNumber>) -> Result<Quote, QuoteError> {
        let assessment = Self::assess(spec)?;
        let tiles = passes::total(&assessment.tiles).ok_or(QuoteError::BadGrid)?;
        let samples = passes::total(&assessment.samples).ok_or(QuoteError::BadAssurance)?;
        let most = terms::most_samples(&assessment.samples, &assessment.tiles);
        Ok(Quote {
            tiles,
            samples,
            samples_most: sum(&most),
            panel: assessment.fees.panel,
            fuel: assessment.fuel,
            asset: spec.asset,
            ceiling: spec.price.ceiling,
            worth: assessment.worth,
            verification: assessment.verification,
            deposit: assessment.deposit,
            total: assessment.total,
            bond: assessment.bond,
            capable: T::Stakes::capable(assessment.bond, &spec.requirements),
            detection: sampling::kept(spec.assurance, tiles),
            detection_of_one: sampling::detection(tiles, 1, samples),
        })
    }

    /// The encoded bytecode of a registered kernel.
    pub fn kernel_view(hash: &Root) -> Option<KernelView> {
        Some(KernelView {
            code: KernelCode::<T>::get(hash)?.into_inner(),
            tile_fuel: Kernels::<T>::get(hash)?.tile_fuel,
            judging_fuel: <Self as JobBook<_, _>>::judging_fuel(hash)?,
        })
    }

    fn live_view(id: JobId, job: Job) -> JobView {
        let now = frame_system::Pallet::<T>::block_number();
        let price = job.price_at(now).unwrap_or_default();
        let until = job.open_until().unwrap_or_default();
        let status = match job.stage.clone() {
            Stage::Auction { .. } => JobStatus::Auction { price, until },
            Stage::Rescue { reason, .. } => JobStatus::Rescue {
                price,
                until,
                reason,
                defaulter: job.last.clone(),
            },
            Stage::Computing {
                contract,
                accepted,
                deadline,
            } => JobStatus::Computing {
                provider: contract.provider,
                price: contract.price,
                deadline,
                extended: deadline
                    .saturating_sub(accepted)
                    .saturating_sub(job.spec.compute),
            },
            Stage::Enquiring { contract } => {
                let (until, panel) = match T::Verification::view(id) {
                    Some(view) => (view.until, view.panel),
                    None => (job.due, Vec::new()),
                };
                JobStatus::Enquiring {
                    provider: contract.provider,
                    price: contract.price,
                    until,
                    panel,
                }
            }
            Stage::Verifying {
                contract, roots, ..
            } => {
                let verification = T::Verification::view(id).unwrap_or(VerificationView {
                    phase: PhaseView::Drawing,
                    until: job.due,
                    panel: Vec::new(),
                    tiles: Vec::new(),
                });
                JobStatus::Verifying {
                    provider: contract.provider,
                    price: contract.price,
                    roots: roots.to_vec(),
                    phase: verification.phase,
                    until: verification.until,
                    panel: verification.panel,
                    tiles: verification.tiles,
                }
            }
        };
        JobView {
            id,
            tiles: job.all_tiles(),
            samples: job.all_samples(),
            bounty: job.bounty,
            round: job.round,
            requester: job.requester,
            spec: job.spec,
            status,
        }
    }
}

/// A closed job, as a client sees it.
fn closed_view(id: JobId, receipt: Receipt) -> JobView {
    JobView {
        id,
        requester: receipt.requester,
        spec: receipt.spec,
        tiles: receipt.tiles,
        samples: receipt.samples,
        bounty: 0,
        round: 0,
        status: JobStatus::Closed {
            reason: receipt.reason,
            provider: receipt.provider,
            roots: receipt.roots.to_vec(),
            at: receipt.closed_at,
        },
    }
}
