// SPDX-License-Identifier: Apache-2.0
//! Jobs, kernels and panels at their largest.

use super::Endow;
use crate::{
    Agenda, Config, Jobs, NextJob, Pallet, frame_support, frame_system,
    types::{Contract, Job},
};
use alloc::{vec, vec::Vec};
use assay_kernel::{
    Kernel,
    program::{Memory, Op, VERSION},
};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    duty::{Duty, WorkerSignature, payload},
    job::{
        Address, AssetId, Endpoint, JobSpec, MAX_INPUTS, MAX_PANEL, MAX_PARAMETERS, MAX_PASSES,
        Pass, PerPass, PriceRange, SEED_WORDS, Source,
    },
    provider::Requirements,
    stake::Stakes,
};
use assay_verifier::{Root, sampling::Assurance, witness::InputRef};
use codec::Encode;
use frame_support::{
    BoundedVec,
    traits::{
        Get,
        fungible::{Inspect, Mutate},
    },
};
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account},
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::DispatchError,
};

/// The bytes of the longest kernel that a benchmark registers: `MaxKernelBytes` of the runtime.
pub(super) const LONGEST_KERNEL: u32 = 65_536;

/// The bytes of a kernel without operations beyond those of [`kernel`].
pub(super) const SHORTEST_KERNEL: u32 = 256;

/// A block that no benchmark comes to.
const LATE: BlockNumber = 1_000_000;

/// The root that benchmarks commit to.
const ROOT: Root = [7; 32];

/// Of so many passes.
pub(super) fn roots_of(passes: u32) -> PerPass<Root> {
    PerPass::truncate_from(vec![ROOT; usize::try_from(passes).unwrap_or_default()])
}

/// A kernel that reads as many inputs as a job may have, padded with operations to so many bytes at most.
pub(super) fn kernel(bytes: u32) -> Kernel {
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

/// The hash of a job's terms.
pub(super) fn terms<T: Config>(job: JobId) -> Result<[u8; 32], BenchmarkError> {
    let job = Jobs::<T>::get(job).ok_or("the job is alive")?;
    Ok(job.spec.hash())
}

/// The asset that benchmarks pay in.
pub(super) const ASSET: AssetId = 1_000_000;

/// The stake of a provider.
pub(super) const STAKE: Balance = 1 << 50;

/// The seed of the provider that accepts.
pub(super) const PROVIDER: u32 = 1;

/// That of the first verifier.
const VERIFIERS: u32 = 2;

/// That of the first verifier without delegators.
const LONE_VERIFIERS: u32 = VERIFIERS + MAX_PANEL;

/// An account with as much as any benchmark needs.
pub(super) fn rich<T: Config>(name: &'static str, index: u32) -> AccountId {
    let who: AccountId = account(name, index, 0);
    let amount = T::Currency::minimum_balance()
        .saturating_add(1 << 60)
        .saturating_mul(2);
    // A balance that cannot be set shows at once: the call under measurement fails.
    T::Currency::set_balance(&who, amount);
    who
}

/// Registers a kernel of so many bytes.
pub(super) fn register<T: Config>(bytes: u32) -> Result<Root, BenchmarkError> {
    let code = kernel(bytes).encode();
    let hash = blake3::hash(&code).into();
    let code = BoundedVec::try_from(code).map_err(|_| "the kernel is too long")?;
    Pallet::<T>::do_register_kernel(rich::<T>("author", 0), code)?;
    Ok(hash)
}

/// Of each pass and the checker, a kernel of its own.
pub(super) fn register_all<T: Config>(passes: u32) -> Result<Vec<Root>, BenchmarkError> {
    (0..=passes)
        .map(|pass| register::<T>(SHORTEST_KERNEL.saturating_add(pass.saturating_mul(16))))
        .collect()
}

/// A job of these kernels, the last of which is the checker's, as large as can be, its price in an asset or not.
pub(super) fn spec(kernels: &[Root], asset: Option<AssetId>) -> JobSpec<Balance, BlockNumber> {
    let input = InputRef {
        hash: [1; 32],
        length: 4_096,
    };
    let inputs = (0u8..=u8::MAX).zip(0..MAX_INPUTS);
    let reads: Vec<_> = inputs.map(|(input, _)| Source::Input(input)).collect();
    let pass = |kernel: &Root, parameters: u32| Pass {
        kernel: *kernel,
        parameters: BoundedVec::truncate_from(vec![
            u32::MAX;
            usize::try_from(parameters).unwrap_or_default()
        ]),
        reads: BoundedVec::truncate_from(reads.clone()),
        grid: [4, 4, 4],
    };
    let (checker, passes) = kernels.split_last().unzip();
    let passes = passes.unwrap_or_default().iter();
    JobSpec {
        passes: BoundedVec::truncate_from(
            passes.map(|kernel| pass(kernel, MAX_PARAMETERS)).collect(),
        ),
        checker: checker.map(|kernel| pass(kernel, MAX_PARAMETERS.saturating_sub(SEED_WORDS))),
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
        asset,
    }
}

/// Somebody who can pay for any job.
pub(super) fn requester<T: Config>() -> AccountId {
    let who = rich::<T>("requester", 0);
    T::BenchmarkHelper::endow(ASSET, &who, 1 << 50);
    who
}

/// The asset of a component that is 1 where there is one.
pub(super) fn asset_if(component: u32) -> Option<AssetId> {
    (component > 0).then_some(ASSET)
}

/// Posts the largest job, its price in an asset.
pub(super) fn post<T: Config>() -> Result<(AccountId, JobId), BenchmarkError> {
    post_with::<T>(MAX_PASSES, Some(ASSET))
}

/// Posts the largest job of so many passes.
pub(super) fn post_with<T: Config>(
    passes: u32,
    asset: Option<AssetId>,
) -> Result<(AccountId, JobId), BenchmarkError> {
    let spec = spec(&register_all::<T>(passes)?, asset);
    let who = requester::<T>();
    let id = NextJob::<T>::get();
    Pallet::<T>::do_post(who.clone(), spec)?;
    Ok((who, id))
}

/// Posts the largest job and has a provider accept it.
pub(super) fn accepted<T: Config>() -> Result<(AccountId, JobId), BenchmarkError> {
    accepted_with::<T>(MAX_PASSES)
}

/// The same with so many passes.
pub(super) fn accepted_with<T: Config>(passes: u32) -> Result<(AccountId, JobId), BenchmarkError> {
    let (_, id) = post_with::<T>(passes, Some(ASSET))?;
    let provider = T::Stakes::benchmark_provider(PROVIDER, STAKE);
    Pallet::<T>::do_accept(provider.clone(), id, 0)?;
    Ok((provider, id))
}

/// Posts the largest job of so many passes and has a provider commit to it. It is off the agenda, as before a step.
pub(super) fn committed<T: Config>(
    passes: u32,
    asset: Option<AssetId>,
    provider: &AccountId,
) -> Result<(JobId, Job, Contract), BenchmarkError> {
    let (_, id) = post_with::<T>(passes, asset)?;
    Pallet::<T>::do_accept(provider.clone(), id, 0)?;
    Pallet::<T>::do_commit(id, roots_of(passes))?;
    let job = take::<T>(id)?;
    let contract = job.contract().cloned().ok_or("the job was accepted")?;
    Ok((id, job, contract))
}

/// A provider's signature of a duty.
pub(super) fn sign<T: Config>(
    provider: &AccountId,
    id: JobId,
    duty: &Duty,
) -> Result<WorkerSignature, BenchmarkError> {
    let worker = T::Stakes::worker(provider).ok_or("the provider has a worker key")?;
    let genesis = frame_system::Pallet::<T>::block_hash(0);
    let signature = worker.sign(&payload(genesis, id, duty));
    Ok(signature.ok_or("the worker key is in the keystore")?)
}

/// A panel of so many verifiers, who share what they are paid with delegators.
pub(super) fn panel<T: Config>(verifiers: u32) -> Vec<(AccountId, u32)> {
    (0..verifiers)
        .map(|index| {
            let seed = VERIFIERS.saturating_add(index);
            (T::Stakes::benchmark_provider(seed, STAKE), 1)
        })
        .collect()
}

/// The same of verifiers without delegators.
pub(super) fn lone_panel<T: Config>(verifiers: u32) -> Vec<(AccountId, u32)> {
    (0..verifiers)
        .map(|index| {
            let seed = LONE_VERIFIERS.saturating_add(index);
            (T::Stakes::benchmark_lone_provider(seed, STAKE), 1)
        })
        .collect()
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
        checker: None,
        inputs: BoundedVec::try_from(inputs).map_err(|_| DispatchError::Exhausted)?,
        ..spec(&[hash], None)
    };
    let id = NextJob::<T>::get();
    Pallet::<T>::do_post(rich::<T>("requester", 0), spec)?;
    Pallet::<T>::do_accept(provider.clone(), id, 0)?;
    Pallet::<T>::do_commit(id, PerPass::truncate_from(vec![ROOT]))?;
    // A phase that ends early brings it forward, into an agenda that is full.
    let now = frame_system::Pallet::<T>::block_number();
    let job = Jobs::<T>::get(id).ok_or(DispatchError::Unavailable)?;
    Pallet::<T>::unschedule(id, job.due);
    Pallet::<T>::put_off(id, job, LATE, now);
    crowd::<T>(now);
    Ok(id)
}

/// Fills the agenda from a block on, as far as jobs alive could, so that what is scheduled has to look far.
pub(super) fn crowd<T: Config>(from: BlockNumber) {
    for slot in from..from.saturating_add(Pallet::<T>::spread()) {
        Agenda::<T>::mutate(slot, |jobs| while jobs.try_push(JobId::MAX).is_ok() {});
    }
}

/// Takes a job off the agenda, as the per-block work does before a step.
pub(super) fn take<T: Config>(id: JobId) -> Result<Job, BenchmarkError> {
    let job = Jobs::<T>::get(id).ok_or("the job was posted")?;
    Pallet::<T>::unschedule(id, job.due);
    Ok(job)
}

/// The same in the last round, after which a job is closed.
pub(super) fn take_in_last_round<T: Config>(id: JobId) -> Result<Job, BenchmarkError> {
    let mut job = take::<T>(id)?;
    job.round = T::MaxRounds::get().saturating_sub(1);
    Ok(job)
}
