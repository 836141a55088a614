// SPDX-License-Identifier: Apache-2.0
//! What every call and every step costs, at its largest.

use crate::{
    Agenda, Assignments, Call, Config, Cursor, HoldReason, Jobs, Kernels, NextJob, Pallet,
    Receipts, Unclaimed, frame_support, frame_system,
    types::{Contract, Job, Stage},
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
    reason::{Offence, Reason},
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
    weights::{Weight, WeightMeter},
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

/// A block that no benchmark comes to.
const LATE: BlockNumber = 1_000_000;

/// The root that benchmarks commit to.
const ROOT: Root = [7; 32];

/// Of so many passes.
fn roots_of(passes: u32) -> PerPass<Root> {
    PerPass::truncate_from(vec![ROOT; usize::try_from(passes).unwrap_or_default()])
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

/// Gives accounts an asset. For benchmarks.
pub trait Endow {
    /// Creates the asset and lists it, unless it is there, and gives the account so much of it.
    fn endow(asset: AssetId, account: &AccountId, amount: Balance);
}

/// The hash of a job's terms.
fn terms<T: Config>(job: JobId) -> Result<[u8; 32], BenchmarkError> {
    let job = Jobs::<T>::get(job).ok_or("the job is alive")?;
    Ok(job.spec.hash())
}

/// The asset that benchmarks pay in.
const ASSET: AssetId = 1_000_000;

/// The stake of a provider.
const STAKE: Balance = 1 << 50;

/// The seed of the provider that accepts.
const PROVIDER: u32 = 1;

/// That of the first verifier.
const VERIFIERS: u32 = 2;

/// That of the first verifier without delegators.
const LONE_VERIFIERS: u32 = VERIFIERS + MAX_PANEL;

/// Half of the largest panel.
const HALF_A_PANEL: u32 = MAX_PANEL / 2;

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

/// Of each pass and the checker, a kernel of its own.
fn register_all<T: Config>(passes: u32) -> Result<Vec<Root>, BenchmarkError> {
    (0..=passes)
        .map(|pass| register::<T>(SHORTEST_KERNEL.saturating_add(pass.saturating_mul(16))))
        .collect()
}

/// A job of these kernels, the last of which is the checker's, as large as can be, its price in an asset or not.
fn spec(kernels: &[Root], asset: Option<AssetId>) -> JobSpec<Balance, BlockNumber> {
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
fn requester<T: Config>() -> AccountId {
    let who = rich::<T>("requester", 0);
    T::BenchmarkHelper::endow(ASSET, &who, 1 << 50);
    who
}

/// The asset of a component that is 1 where there is one.
fn asset_if(component: u32) -> Option<AssetId> {
    (component > 0).then_some(ASSET)
}

/// Posts the largest job, its price in an asset.
fn post<T: Config>() -> Result<(AccountId, JobId), BenchmarkError> {
    post_with::<T>(MAX_PASSES, Some(ASSET))
}

/// Posts the largest job of so many passes.
fn post_with<T: Config>(
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
fn accepted<T: Config>() -> Result<(AccountId, JobId), BenchmarkError> {
    accepted_with::<T>(MAX_PASSES)
}

/// The same with so many passes.
fn accepted_with<T: Config>(passes: u32) -> Result<(AccountId, JobId), BenchmarkError> {
    let (_, id) = post_with::<T>(passes, Some(ASSET))?;
    let provider = T::Stakes::benchmark_provider(PROVIDER, STAKE);
    Pallet::<T>::do_accept(provider.clone(), id, 0)?;
    Ok((provider, id))
}

/// Posts the largest job of so many passes and has a provider commit to it. It is off the agenda, as before a step.
fn committed<T: Config>(
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
fn sign<T: Config>(
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
fn panel<T: Config>(verifiers: u32) -> Vec<(AccountId, u32)> {
    (0..verifiers)
        .map(|index| {
            let seed = VERIFIERS.saturating_add(index);
            (T::Stakes::benchmark_provider(seed, STAKE), 1)
        })
        .collect()
}

/// The same of verifiers without delegators.
fn lone_panel<T: Config>(verifiers: u32) -> Vec<(AccountId, u32)> {
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
fn crowd<T: Config>(from: BlockNumber) {
    for slot in from..from.saturating_add(Pallet::<T>::spread()) {
        Agenda::<T>::mutate(slot, |jobs| while jobs.try_push(JobId::MAX).is_ok() {});
    }
}

/// Takes a job off the agenda, as the per-block work does before a step.
fn take<T: Config>(id: JobId) -> Result<Job, BenchmarkError> {
    let job = Jobs::<T>::get(id).ok_or("the job was posted")?;
    Pallet::<T>::unschedule(id, job.due);
    Ok(job)
}

/// The same in the last round, after which a job is closed.
fn take_in_last_round<T: Config>(id: JobId) -> Result<Job, BenchmarkError> {
    let mut job = take::<T>(id)?;
    job.round = T::MaxRounds::get().saturating_sub(1);
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
    fn post(p: Linear<1, MAX_PASSES>, a: Linear<0, 1>) -> Result<(), BenchmarkError> {
        let spec = spec(&register_all::<T>(p)?, asset_if(a));
        let who = requester::<T>();
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
    fn accept(p: Linear<1, MAX_PASSES>) -> Result<(), BenchmarkError> {
        let (_, id) = super::post_with::<T>(p, Some(ASSET))?;
        let provider = T::Stakes::benchmark_provider(PROVIDER, STAKE);
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
    fn authorize_commit(p: Linear<1, MAX_PASSES>) -> Result<(), BenchmarkError> {
        let (provider, id) = accepted_with::<T>(p)?;
        let roots = roots_of(p);
        let duty = Duty::Commit {
            terms: terms::<T>(id)?,
            roots: roots.to_vec(),
        };
        let signature = sign::<T>(&provider, id, &duty)?;
        let call = Call::<T>::commit {
            job: id,
            roots,
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
    fn commit(p: Linear<1, MAX_PASSES>) -> Result<(), BenchmarkError> {
        let (provider, id) = accepted_with::<T>(p)?;
        let signature = sign::<T>(
            &provider,
            id,
            &Duty::Report {
                terms: terms::<T>(id)?,
            },
        )?;
        crowd::<T>(frame_system::Pallet::<T>::block_number().saturating_add(1));

        #[extrinsic_call]
        _(RawOrigin::Authorized, id, roots_of(p), signature);

        let job = Jobs::<T>::get(id).ok_or("the job is alive")?;
        assert!(matches!(job.stage, Stage::Verifying { .. }));
        Ok(())
    }

    #[benchmark]
    fn authorize_report() -> Result<(), BenchmarkError> {
        let (provider, id) = accepted::<T>()?;
        let signature = Some(sign::<T>(
            &provider,
            id,
            &Duty::Report {
                terms: terms::<T>(id)?,
            },
        )?);
        let call = Call::<T>::report { job: id, signature };

        #[block]
        {
            call.authorize(TransactionSource::External)
                .ok_or("the call has an authorization")?
                .map_err(|_| "the report is due")?;
        }
        Ok(())
    }

    #[benchmark]
    fn report() -> Result<(), BenchmarkError> {
        let (provider, id) = accepted::<T>()?;
        crowd::<T>(frame_system::Pallet::<T>::block_number().saturating_add(1));

        #[extrinsic_call]
        _(RawOrigin::Signed(provider), id, None);

        let job = Jobs::<T>::get(id).ok_or("the job is alive")?;
        assert!(matches!(job.stage, Stage::Enquiring { .. }));
        Ok(())
    }

    #[benchmark]
    fn extend() -> Result<(), BenchmarkError> {
        let (_, id) = accepted::<T>()?;
        let who = account("requester", 0, 0);
        crowd::<T>(frame_system::Pallet::<T>::block_number().saturating_add(2));

        #[extrinsic_call]
        _(RawOrigin::Signed(who), id, 2);

        let job = Jobs::<T>::get(id).ok_or("the job is alive")?;
        assert!(
            matches!(job.stage, Stage::Computing { accepted, deadline, .. }
            if deadline > accepted.saturating_add(1))
        );
        Ok(())
    }

    #[benchmark]
    fn claim() -> Result<(), BenchmarkError> {
        let who = requester::<T>();
        let to = rich::<T>("provider", 0);
        Pallet::<T>::hold_asset(ASSET, &who, 1 << 40)?;
        Unclaimed::<T>::insert((ASSET, &who, &to), 1 << 40);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(to.clone()),
            ASSET,
            who.clone(),
            to.clone(),
        );

        assert!(!Unclaimed::<T>::contains_key((ASSET, who, to)));
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

    /// A full slot is taken off the agenda and, without weight for any of its jobs, put back.
    #[benchmark]
    fn take_slot() {
        let slot = frame_system::Pallet::<T>::block_number();
        crowd::<T>(slot);

        #[block]
        {
            let mut nothing = WeightMeter::with_limit(Weight::zero());
            let left = Pallet::<T>::work_off(Agenda::<T>::take(slot), slot, &mut nothing);
            Agenda::<T>::insert(slot, left);
        }

        assert!(!Agenda::<T>::get(slot).is_empty());
    }

    /// The largest job is found.
    #[benchmark]
    fn next_due() -> Result<(), BenchmarkError> {
        let (_, id) = super::post::<T>()?;
        let found;

        #[block]
        {
            found = Jobs::<T>::get(id);
        }

        assert!(found.is_some());
        Ok(())
    }

    /// A verification goes on, with a full agenda.
    #[benchmark]
    fn put_off(p: Linear<1, MAX_PASSES>) -> Result<(), BenchmarkError> {
        let provider = T::Stakes::benchmark_provider(PROVIDER, STAKE);
        let (id, job, _) = committed::<T>(p, Some(ASSET), &provider)?;
        let now = frame_system::Pallet::<T>::block_number();
        crowd::<T>(now.saturating_add(1));

        #[block]
        {
            Pallet::<T>::put_off(id, job, now, now);
        }

        assert!(Jobs::<T>::get(id).is_some_and(|job| job.due > now));
        Ok(())
    }

    // To close a job costs more than to put it up for auction again.
    #[benchmark]
    fn auction_over() -> Result<(), BenchmarkError> {
        let (_, id) = super::post::<T>()?;
        let job = take_in_last_round::<T>(id)?;

        #[block]
        {
            let due = job.due;
            Pallet::<T>::auction_over(id, job, due);
        }

        assert!(Receipts::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn deadline_missed() -> Result<(), BenchmarkError> {
        let (_, id) = accepted::<T>()?;
        let job = take_in_last_round::<T>(id)?;
        let contract = job.contract().cloned().ok_or("the job was accepted")?;

        #[block]
        {
            let due = job.due;
            Pallet::<T>::deadline_missed(id, job, contract, due);
        }

        assert!(Receipts::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn rescue_over() -> Result<(), BenchmarkError> {
        let (_, id) = accepted::<T>()?;
        let job = take::<T>(id)?;
        let contract = job.contract().cloned().ok_or("the job was accepted")?;
        let due = job.due;
        Pallet::<T>::deadline_missed(id, job, contract, due);
        let job = take::<T>(id)?;

        #[block]
        {
            Pallet::<T>::rescue_over(id, job, Reason::MissedDeadline);
        }

        assert!(Receipts::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn enquiry_over() -> Result<(), BenchmarkError> {
        let (provider, id) = accepted::<T>()?;
        Pallet::<T>::do_report(Some(provider), id)?;
        let job = take_in_last_round::<T>(id)?;
        let contract = job.contract().cloned().ok_or("the job was accepted")?;
        let verifiers = panel::<T>(MAX_PANEL);

        #[block]
        {
            let due = job.due;
            let verdict = Verdict::Available { verifiers };
            Pallet::<T>::enquiry_over(id, job, contract, verdict, due);
        }

        assert!(Receipts::<T>::contains_key(id));
        Ok(())
    }

    /// A conviction with `v` verifiers, who share what they are paid with delegators, of a job with `p` passes.
    #[benchmark]
    fn verification_over(
        v: Linear<1, MAX_PANEL>,
        p: Linear<1, MAX_PASSES>,
    ) -> Result<(), BenchmarkError> {
        let provider = T::Stakes::benchmark_provider(PROVIDER, STAKE);
        let (id, job, contract) = committed::<T>(p, Some(ASSET), &provider)?;
        let verifiers = panel::<T>(v);
        let reporter = rich::<T>("reporter", 0);

        #[block]
        {
            let verdict = Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(reporter),
                verifiers,
            };
            Pallet::<T>::verification_over(id, job, contract, roots_of(p), verdict);
        }

        assert!(Receipts::<T>::contains_key(id));
        Ok(())
    }

    /// An upheld result of `p` passes, the price in an asset if `a` is 1. `v` verifiers keep what they are paid, `d` share
    /// it with delegators.
    #[benchmark]
    fn settled(
        v: Linear<0, HALF_A_PANEL>,
        d: Linear<0, HALF_A_PANEL>,
        p: Linear<1, MAX_PASSES>,
        a: Linear<0, 1>,
    ) -> Result<(), BenchmarkError> {
        let provider = T::Stakes::benchmark_lone_provider(PROVIDER, STAKE);
        let (id, job, contract) = committed::<T>(p, asset_if(a), &provider)?;
        let verifiers = [lone_panel::<T>(v), panel::<T>(d)].concat();

        #[block]
        {
            let verdict = Verdict::Upheld { verifiers };
            Pallet::<T>::verification_over(id, job, contract, roots_of(p), verdict);
        }

        let receipt = Receipts::<T>::get(id).ok_or("the job is closed")?;
        assert_eq!(receipt.reason, Reason::Settled);
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
