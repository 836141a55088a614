// SPDX-License-Identifier: Apache-2.0
//! The jobs as the verifier's pallet sees them.

use crate::{
    Config, Error, Jobs, KernelCode, Kernels, Pallet, sp_runtime,
    types::{Job, Stage},
};
use assay_kernel::Kernel;
use assay_primitives::{
    AccountId, BlockNumber, JobId,
    job::Work,
    verification::{JobBook, Verdict},
};
use assay_verifier::Root;
use codec::DecodeAll;
use sp_runtime::DispatchResult;

impl Job {
    /// What it computes.
    pub fn work(&self) -> Work {
        Work {
            kernel: self.spec.kernel,
            parameters: self.spec.parameters.to_vec(),
            inputs: self.spec.inputs.to_vec(),
            grid: self.spec.grid,
            tiles: self.tiles,
        }
    }
}

impl<T: Config> JobBook<AccountId, BlockNumber> for Pallet<T> {
    fn work(job: JobId) -> Option<Work> {
        Jobs::<T>::get(job).map(|job| job.work())
    }

    fn kernel(hash: &Root) -> Option<Kernel> {
        let code = KernelCode::<T>::get(hash)?;
        Kernel::decode_all(&mut code.as_slice()).ok()
    }

    fn tile_fuel(hash: &Root) -> Option<u64> {
        Kernels::<T>::get(hash).map(|kernel| kernel.tile_fuel)
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
        let Stage::Verifying { contract, root } = job.stage.clone() else {
            return Err(Error::<T>::NotVerifying.into());
        };
        Self::verification_over(id, job, contract, root, verdict);
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
