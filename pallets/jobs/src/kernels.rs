// SPDX-License-Identifier: Apache-2.0
//! The registry of kernels.

use crate::{
    Config, Error, Event, HoldReason, KernelCode, Kernels, Pallet, frame_support, sp_runtime,
    terms, types::KernelRecord,
};
use assay_kernel::{
    Kernel,
    validate::{Invalid, validate},
};
use assay_primitives::AccountId;
use assay_verifier::Root;
use codec::DecodeAll;
use frame_support::{
    BoundedVec, ensure,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_register_kernel(
        who: AccountId,
        code: BoundedVec<u8, T::MaxKernelBytes>,
    ) -> DispatchResult {
        let kernel =
            Kernel::decode_all(&mut code.as_slice()).map_err(|_| Error::<T>::KernelMalformed)?;
        let report = validate(&kernel, &T::KernelLimits::get()).map_err(Error::<T>::from)?;
        let hash: Root = blake3::hash(&code).into();
        ensure!(!Kernels::<T>::contains_key(hash), Error::<T>::KernelExists);
        let deposit = terms::deposit(code.len(), T::DepositBase::get(), T::DepositPerByte::get())
            .ok_or(Error::<T>::BadPrice)?;
        T::Currency::hold(&HoldReason::Kernel.into(), &who, deposit)?;
        Kernels::<T>::insert(
            hash,
            KernelRecord {
                owner: who.clone(),
                deposit,
                inputs: report.inputs.into(),
                tile_words: kernel.tile_words,
                tile_fuel: report.tile_fuel,
                users: 0,
            },
        );
        KernelCode::<T>::insert(hash, code);
        Self::deposit_event(Event::KernelRegistered {
            kernel: hash,
            owner: who,
            deposit,
            tile_fuel: report.tile_fuel,
        });
        Ok(())
    }

    pub(crate) fn do_remove_kernel(who: AccountId, hash: Root) -> DispatchResult {
        let record = Kernels::<T>::get(hash).ok_or(Error::<T>::UnknownKernel)?;
        ensure!(record.owner == who, Error::<T>::NotOwner);
        ensure!(record.users == 0, Error::<T>::KernelInUse);
        T::Currency::release(
            &HoldReason::Kernel.into(),
            &who,
            record.deposit,
            Precision::BestEffort,
        )?;
        Kernels::<T>::remove(hash);
        KernelCode::<T>::remove(hash);
        Self::deposit_event(Event::KernelRemoved {
            kernel: hash,
            owner: who,
            deposit: record.deposit,
        });
        Ok(())
    }

    /// Counts a job that uses a kernel.
    pub(crate) fn kernel_used(hash: &Root) {
        Kernels::<T>::mutate(hash, |record| {
            if let Some(record) = record {
                record.users = record.users.saturating_add(1);
            }
        });
    }

    /// Counts a job that no longer uses a kernel.
    pub(crate) fn kernel_released(hash: &Root) {
        Kernels::<T>::mutate(hash, |record| {
            if let Some(record) = record {
                record.users = record.users.saturating_sub(1);
            }
        });
    }
}

impl<T> From<Invalid> for Error<T> {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::TooExpensive { .. } => Self::KernelTooExpensive,
            broken => Self::KernelInvalid(broken.code()),
        }
    }
}
