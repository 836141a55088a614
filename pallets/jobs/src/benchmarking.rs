// SPDX-License-Identifier: Apache-2.0
//! What every call and every step costs, at its largest.

use crate::{
    Agenda, Assignments, Call, Config, Cursor, HoldReason, Jobs, Kernels, NextJob, Pallet,
    Receipts, frame_support, frame_system,
    types::{Job, Stage},
};
use alloc::{vec, vec::Vec};
use assay_kernel::{
    Kernel,
    program::{Memory, Op, VERSION},
};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    duty::{Duty, payload},
    job::{
        Address, Endpoint, JobSpec, MAX_INPUTS, MAX_PANEL, MAX_PARAMETERS, MAX_PASSES, Pass,
        PerPass, PriceRange, Source,
    },
    provider::Requirements,
    reason::Offence,
    stake::Stakes,
    verification::Verdict,
};
use assay_verifier::{Root, sampling::Assurance, witness::InputRef};
use codec::Encode;
use frame_support::{
    BoundedVec,
    traits::{
        Authorize, Get,
        fungible::{Inspect, InspectHold, Mutate},
    },
    weights::WeightMeter,
};
use frame_system::RawOrigin;
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account, benchmarks, impl_test_function},
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::{DispatchError, transaction_validity::TransactionSource},
};

/// The bytes of the longest kernel that a benchmark registers: `MaxKernelBytes` of the runtime.
const LONGEST_KERNEL: u32 = 65_536;

/// The bytes of a kernel without operations beyond those of [`kernel`].
const SHORTEST_KERNEL: u32 = 256;

/// The root that benchmarks commit to.
const ROOT: Root = [7; 32];

/// Of every pass.
fn roots() -> PerPass<Root> {
    PerPass::truncate_from(vec![ROOT; usize::try_from(MAX_PASSES).unwrap_or_default()])
}

/// A kernel that reads as many inputs as a job may have, padded with operations to so many bytes at most.
fn kernel(bytes: u32) -> Kernel {
    let mut memories = vec![Memory::Input; usize::try_from(MAX_INPUTS).unwrap_or_default()];
    memories.push(Memory::Output);
    let mut kernel = Kernel {
        version: VERSION,
        workgroup: [1, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories,
        variables: vec![],
        code: vec![],
    };
    // Nothing that is valid costs the validator more for each byte than empty blocks.
    let unit = [Op::Block, Op::End];
    let room = usize::try_from(bytes).unwrap_or_default();
    let length = unit.encode().len().max(1);
    let units = room
        .saturating_sub(64)
        .checked_div(length)
        .unwrap_or_default();
    for _ in 0..units {
        kernel.code.extend(unit);
    }
    kernel
}

/// An account with as much as any benchmark needs.
fn rich<T: Config>(name: &'static str, index: u32) -> AccountId {
    let who: AccountId = account(name, index, 0);
    let amount = T::Currency::minimum_balance()
        .saturating_add(1 << 60)
        .saturating_mul(2);
    // A balance that cannot be set shows at once: the call under measurement fails.
    T::Currency::set_balance(&who, amount);
    who
}

/// Registers a kernel of so many bytes.
fn register<T: Config>(bytes: u32) -> Result<Root, BenchmarkError> {
    let code = kernel(bytes).encode();
    let hash = blake3::hash(&code).into();
    let code = BoundedVec::try_from(code).map_err(|_| "the kernel is too long")?;
    Pallet::<T>::do_register_kernel(rich::<T>("author", 0), code)?;
    Ok(hash)
}

/// The largest job for a kernel.
fn spec(kernel: Root) -> JobSpec<Balance, BlockNumber> {
    let input = InputRef {
        hash: [1; 32],
        length: 4_096,
    };
    let inputs = (0u8..=u8::MAX).zip(0..MAX_INPUTS);
    let pass = Pass {
        kernel,
        parameters: BoundedVec::truncate_from(vec![
            u32::MAX;
            usize::try_from(MAX_PARAMETERS)
                .unwrap_or_default()
        ]),
        reads: BoundedVec::truncate_from(inputs.map(|(input, _)| Source::Input(input)).collect()),
        grid: [4, 4, 4],
    };
    let passes = usize::try_from(MAX_PASSES).unwrap_or_default();
    JobSpec {
        passes: BoundedVec::truncate_from(vec![pass; passes]),
        checker: None,
        inputs: BoundedVec::truncate_from(vec![
            input;
            usize::try_from(MAX_INPUTS).unwrap_or_default()
        ]),
        assurance: Assurance::DEFAULT,
        price: PriceRange {
            floor: 1 << 40,
            ceiling: 1 << 41,
        },
        auction: 1,
        compute: 1,
        source: Endpoint {
            key: [2; 32],
            address: Address::V6 {
                ip: [3; 16],
                port: 4_433,
            },
        },
        requirements: Requirements::default(),
        asset: None,
    }
}

/// Posts the largest job.
fn post<T: Config>() -> Result<(AccountId, JobId), BenchmarkError> {
    let kernel = register::<T>(SHORTEST_KERNEL)?;
    let who = rich::<T>("requester", 0);
    let id = NextJob::<T>::get();
    Pallet::<T>::do_post(who.clone(), spec(kernel))?;
    Ok((who, id))
}

/// Posts it and has a provider accept it.
fn accepted<T: Config>() -> Result<(AccountId, JobId), BenchmarkError> {
    let (_, id) = post::<T>()?;
    let provider = T::Stakes::benchmark_provider(1, 1 << 50);
    Pallet::<T>::do_accept(provider.clone(), id, 0)?;
    Ok((provider, id))
}

/// Sets up a job of a kernel that a provider has committed to, for the benchmarks of others.
pub(crate) fn verifying<T: Config>(
    provider: &AccountId,
    kernel: &Kernel,
    inputs: Vec<InputRef>,
    grid: [u32; 3],
) -> Result<JobId, DispatchError> {
    let code = kernel.encode();
    let hash: Root = blake3::hash(&code).into();
    let code = BoundedVec::try_from(code).map_err(|_| DispatchError::Exhausted)?;
    Pallet::<T>::do_register_kernel(rich::<T>("author", 0), code)?;
    let reads = (0u8..=u8::MAX)
        .zip(&inputs)
        .map(|(input, _)| Source::Input(input));
    let pass = Pass {
        kernel: hash,
        parameters: Default::default(),
        reads: BoundedVec::truncate_from(reads.collect()),
        grid,
    };
    let spec = JobSpec {
        passes: BoundedVec::truncate_from(vec![pass]),
        inputs: BoundedVec::try_from(inputs).map_err(|_| DispatchError::Exhausted)?,
        ..spec(hash)
    };
    let id = NextJob::<T>::get();
    Pallet::<T>::do_post(rich::<T>("requester", 0), spec)?;
    Pallet::<T>::do_accept(provider.clone(), id, 0)?;
    Pallet::<T>::do_commit(id, PerPass::truncate_from(vec![ROOT]))?;
    Ok(id)
}

/// Fills the agenda from a block on, as far as jobs alive could, so that what is scheduled has to look far.
fn crowd<T: Config>(from: BlockNumber) {
    let full = usize::try_from(T::MaxPerBlock::get()).unwrap_or_default();
    for slot in from..from.saturating_add(Pallet::<T>::spread()) {
        let jobs = vec![JobId::MAX; full];
        Agenda::<T>::insert(slot, BoundedVec::truncate_from(jobs));
    }
}

/// Takes a job off the agenda, as the per-block work does before a step.
fn take<T: Config>(id: JobId) -> Result<Job, BenchmarkError> {
    let job = Jobs::<T>::get(id).ok_or("the job was posted")?;
    Pallet::<T>::unschedule(id, job.due);
    Ok(job)
}

#[benchmarks]
mod benchmarks {
    #[allow(
        clippy::wildcard_imports,
        reason = "the module is the file's, split by the macro"
    )]
    use super::*;

    #[benchmark]
    fn register_kernel(l: Linear<SHORTEST_KERNEL, LONGEST_KERNEL>) -> Result<(), BenchmarkError> {
        let who = rich::<T>("author", 0);
        let code =
            BoundedVec::try_from(kernel(l).encode()).map_err(|_| "the kernel is too long")?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who), code);

        assert_eq!(Kernels::<T>::iter().count(), 1);
        Ok(())
    }

    #[benchmark]
    fn remove_kernel() -> Result<(), BenchmarkError> {
        let hash = register::<T>(LONGEST_KERNEL)?;
        let owner = rich::<T>("author", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hash);

        assert!(!Kernels::<T>::contains_key(hash));
        Ok(())
    }

    #[benchmark]
    fn post() -> Result<(), BenchmarkError> {
        let kernel = register::<T>(SHORTEST_KERNEL)?;
        let who = rich::<T>("requester", 0);
        let spec = spec(kernel);
        crowd::<T>(frame_system::Pallet::<T>::block_number().saturating_add(spec.auction));

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), spec);

        assert!(T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &who) > 0);
        Ok(())
    }

    #[benchmark]
    fn cancel() -> Result<(), BenchmarkError> {
        let (who, id) = super::post::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who), id);

        assert!(Receipts::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn accept() -> Result<(), BenchmarkError> {
        let (_, id) = super::post::<T>()?;
        let provider = T::Stakes::benchmark_provider(1, 1 << 50);
        let worker = T::Stakes::worker(&provider).ok_or("the provider has a worker key")?;
        let signer = AccountId::new(worker.into_inner().0);
        T::Currency::set_balance(&signer, 1 << 60);
        crowd::<T>(frame_system::Pallet::<T>::block_number().saturating_add(1));

        #[extrinsic_call]
        _(RawOrigin::Signed(signer), id, 0);

        assert!(Assignments::<T>::contains_key(provider, id));
        Ok(())
    }

    #[benchmark]
    fn authorize_commit() -> Result<(), BenchmarkError> {
        let (provider, id) = accepted::<T>()?;
        let worker = T::Stakes::worker(&provider).ok_or("the provider has a worker key")?;
        let genesis = frame_system::Pallet::<T>::block_hash(0);
        let payload = payload(
            genesis,
            id,
            &Duty::Commit {
                roots: roots().to_vec(),
            },
        );
        let signature = worker
            .sign(&payload)
            .ok_or("the worker key is in the keystore")?;
        let call = Call::<T>::commit {
            job: id,
            roots: roots(),
            signature,
        };

        #[block]
        {
            call.authorize(TransactionSource::External)
                .ok_or("the call has an authorization")?
                .map_err(|_| "the commitment is due")?;
        }
        Ok(())
    }

    #[benchmark]
    fn commit() -> Result<(), BenchmarkError> {
        let (provider, id) = accepted::<T>()?;
        let worker = T::Stakes::worker(&provider).ok_or("the provider has a worker key")?;
        let signature = worker
            .sign(&ROOT)
            .ok_or("the worker key is in the keystore")?;

        #[extrinsic_call]
        _(RawOrigin::Authorized, id, ROOT, signature);

        let job = Jobs::<T>::get(id).ok_or("the job is alive")?;
        assert!(matches!(job.stage, Stage::Verifying { .. }));
        Ok(())
    }

    #[benchmark]
    fn progress() {
        Cursor::<T>::put(2);

        #[block]
        {
            Pallet::<T>::progress(1, &mut WeightMeter::new());
        }

        assert_eq!(Cursor::<T>::get(), Some(2));
    }

    #[benchmark]
    fn next_due() -> Result<(), BenchmarkError> {
        let (_, id) = super::post::<T>()?;
        let due = Jobs::<T>::get(id).ok_or("the job is alive")?.due;

        #[block]
        {
            let first = Agenda::<T>::get(due).first().copied();
            assert!(first.and_then(Jobs::<T>::get).is_some());
        }
        Ok(())
    }

    #[benchmark]
    fn auction_over() -> Result<(), BenchmarkError> {
        let (_, id) = super::post::<T>()?;
        let job = take::<T>(id)?;
        crowd::<T>(job.due.saturating_add(2));

        #[block]
        {
            Pallet::<T>::auction_over(id, job.clone(), job.due);
        }

        assert_eq!(Jobs::<T>::get(id).map(|job| job.round), Some(1));
        Ok(())
    }

    #[benchmark]
    fn deadline_missed() -> Result<(), BenchmarkError> {
        let (_, id) = accepted::<T>()?;
        let job = take::<T>(id)?;
        let contract = job.contract().cloned().ok_or("the job was accepted")?;
        crowd::<T>(job.due.saturating_add(2));

        #[block]
        {
            Pallet::<T>::deadline_missed(id, job.clone(), contract, job.due);
        }

        assert_eq!(Jobs::<T>::get(id).map(|job| job.round), Some(1));
        Ok(())
    }

    #[benchmark]
    fn verification_over() -> Result<(), BenchmarkError> {
        let (_, id) = accepted::<T>()?;
        Pallet::<T>::do_commit(id, ROOT)?;
        let job = take::<T>(id)?;
        let contract = job.contract().cloned().ok_or("the job was accepted")?;
        let verifiers: Vec<_> = (0..MAX_PANEL)
            .map(|index| (rich::<T>("verifier", index), 1))
            .collect();
        // A conviction pays as many verifiers as an upheld result does, and punishes besides.
        let reporter = rich::<T>("reporter", 0);

        #[block]
        {
            let verdict = Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(reporter),
                verifiers,
            };
            Pallet::<T>::verification_over(id, job, contract, ROOT, verdict);
        }

        assert!(Receipts::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn expire_receipt() -> Result<(), BenchmarkError> {
        let (who, id) = super::post::<T>()?;
        Pallet::<T>::do_cancel(who, id)?;
        let late =
            frame_system::Pallet::<T>::block_number().saturating_add(T::ReceiptPeriod::get());
        Cursor::<T>::put(late.saturating_add(1));

        #[block]
        {
            Pallet::<T>::progress(late, &mut WeightMeter::new());
        }

        assert!(!Receipts::<T>::contains_key(id));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
