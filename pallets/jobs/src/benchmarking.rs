// SPDX-License-Identifier: Apache-2.0
//! What every call and every step costs, at its largest.

use crate::{
    Agenda, Assignments, Call, Config, Cursor, HoldReason, Jobs, Kernels, Pallet, Receipts,
    Unclaimed, frame_support, frame_system, types::Stage,
};
use assay_primitives::{
    AccountId, Balance,
    duty::Duty,
    job::{AssetId, MAX_PANEL, MAX_PASSES},
    reason::{Offence, Reason},
    stake::Stakes,
    verification::Verdict,
};
use codec::Encode;
use frame_support::{
    BoundedVec,
    traits::{
        Authorize, Get,
        fungible::{InspectHold, Mutate},
    },
    weights::{Weight, WeightMeter},
};
use frame_system::RawOrigin;
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account, benchmarks, impl_test_function},
    sp_runtime::transaction_validity::TransactionSource,
};

mod setting;

pub(crate) use setting::verifying;
use setting::{
    ASSET, LONGEST_KERNEL, PROVIDER, SHORTEST_KERNEL, STAKE, accepted, accepted_with, asset_if,
    committed, crowd, kernel, lone_panel, panel, post, post_with, register, register_all,
    requester, rich, roots_of, sign, spec, take, take_in_last_round, terms,
};

/// Half of the largest panel.
const HALF_A_PANEL: u32 = MAX_PANEL / 2;

/// Gives accounts an asset. For benchmarks.
pub trait Endow {
    /// Creates the asset and lists it, unless it is there, and gives the account so much of it.
    fn endow(asset: AssetId, account: &AccountId, amount: Balance);
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
