// SPDX-License-Identifier: Apache-2.0
//! The jobs as the verifier's pallet sees them.

use crate::{
    Config, Error, Jobs, KernelCode, Kernels, Pallet, frame_system, sp_runtime,
    types::{Job, Stage},
};
use assay_kernel::{Kernel, cost};
use assay_primitives::{
    AccountId, BlockNumber, JobId,
    job::{Pass, Plan, PlannedPass, Work, tiles},
    verification::{JobBook, Verdict},
};
use assay_verifier::Root;
use codec::DecodeAll;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// What a job computes. `None` when a kernel is missing, which it cannot be while the job lives.
    pub fn plan(job: &Job) -> Option<Plan> {
        let checker = match &job.spec.checker {
            Some(checker) => Some(Self::planned(checker)?),
            None => None,
        };
        Some(Plan {
            passes: job
                .spec
                .passes
                .iter()
                .map(Self::planned)
                .collect::<Option<_>>()?,
            checker,
            inputs: job.spec.inputs.to_vec(),
        })
    }

    fn planned(pass: &Pass) -> Option<PlannedPass> {
        Some(PlannedPass {
            kernel: pass.kernel,
            parameters: pass.parameters.to_vec(),
            reads: pass.reads.to_vec(),
            grid: pass.grid,
            tiles: tiles(pass.grid)?,
            tile_words: Kernels::<T>::get(pass.kernel)?.tile_words,
        })
    }
}

impl Job {
    /// The roots that its provider has committed to; none before.
    pub fn roots(&self) -> &[Root] {
        match &self.stage {
            Stage::Verifying { roots, .. } => roots,
            _ => &[],
        }
    }
}

impl<T: Config> JobBook<AccountId, BlockNumber> for Pallet<T> {
    fn work(job: JobId, pass: usize) -> Option<Work> {
        let job = Jobs::<T>::get(job)?;
        Self::plan(&job)?.work(pass, job.roots())
    }

    fn checking(job: JobId, seed: &[u8; 32]) -> Option<Work> {
        let job = Jobs::<T>::get(job)?;
        Self::plan(&job)?.checking(job.roots(), seed)
    }

    fn kernel(hash: &Root) -> Option<Kernel> {
        let code = KernelCode::<T>::get(hash)?;
        Kernel::decode_all(&mut code.as_slice()).ok()
    }

    fn judging_fuel(hash: &Root) -> Option<u64> {
        let bytes = KernelCode::<T>::decode_len(hash)?;
        let tile = Kernels::<T>::get(hash)?.tile_fuel;
        Some(tile.saturating_add(cost::ready(bytes)))
    }

    fn hasten(id: JobId, due: BlockNumber) -> DispatchResult {
        let mut job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
        if due < job.due {
            Self::unschedule(id, job.due);
            Self::schedule(id, &mut job, due);
            Jobs::<T>::insert(id, job);
        }
        Ok(())
    }

    fn conclude(id: JobId, verdict: Verdict<AccountId>) -> DispatchResult {
        let job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
        match job.stage.clone() {
            Stage::Verifying {
                contract, roots, ..
            } => {
                Self::verification_over(id, job, contract, roots, verdict);
            }
            Stage::Enquiring { contract } => {
                Self::unschedule(id, job.due);
                // The block before this one is the last whose extrinsics are all done.
                let as_of = frame_system::Pallet::<T>::block_number().saturating_sub(1);
                Self::enquiry_over(id, job, contract, verdict, as_of);
            }
            _ => return Err(Error::<T>::NotVerifying.into()),
        }
        Ok(())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_job(
        provider: &AccountId,
        kernel: &Kernel,
        inputs: alloc::vec::Vec<assay_verifier::witness::InputRef>,
        grid: [u32; 3],
    ) -> Result<JobId, sp_runtime::DispatchError> {
        crate::benchmarking::verifying::<T>(provider, kernel, inputs, grid)
    }
}
