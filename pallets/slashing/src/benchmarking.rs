// SPDX-License-Identifier: Apache-2.0
//! What every call and every step costs.

use crate::{
    Agenda, Call, Config, DefaultMode, Deferrals, Equivocations, OldestEra, Pallet, Records, Rules,
    Waiting,
    frame_support::{
        self, BoundedVec,
        traits::{EnsureOrigin, Get},
        weights::WeightMeter,
    },
    frame_system,
    precedents::FORGOTTEN_AT_ONCE,
    rules::{Mode, Rule, Shares},
    sp_runtime::Perbill,
    types::{Deferral, EQUIVOCATIONS},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    reason::Offence,
    slashing::{Charge, DeferralId, Penalty, Slashing},
    stake::Stakes,
};
use frame_support::ensure;
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account, benchmarks, impl_test_function},
    sp_runtime::Permill,
};

/// The stake of whom a benchmark punishes.
const STAKE: Balance = 1 << 60;

/// A charge of which everybody gets a share that brings an account to life.
fn charge<T: Config>(offence: Offence) -> Charge<AccountId, Balance> {
    DefaultMode::<T>::put(Mode::Armed);
    Charge {
        offence,
        job: Some(1),
        offender: T::Stakes::benchmark_provider(1, STAKE),
        bond: STAKE / 4,
        price: STAKE / 8,
        reporter: Some(T::Stakes::benchmark_provider(2, STAKE)),
        requester: Some(account("requester", 0, 0)),
    }
}

/// A rule that takes something of everything and gives some of it to everybody, put off for a block.
fn put_off<T: Config>(offence: Offence) {
    let rule = Rule {
        delay: T::MaxDelay::get().min(1),
        ..Rule::default_for(Offence::WrongResult)
    };
    Rules::<T>::insert(offence, rule);
}

/// Fills the agenda but for one place, with punishments that are never due.
fn crowd<T: Config>() {
    let others = 1..T::MaxDeferrals::get();
    let entries = others.map(|id| (BlockNumber::MAX, DeferralId::MAX.saturating_sub(id)));
    Agenda::<T>::put(BoundedVec::truncate_from(entries.collect()));
}

/// Has a punishment wait among as many as can. The answer is its number.
fn waiting<T: Config>() -> Result<DeferralId, BenchmarkError> {
    let id = 7;
    let charge = charge::<T>(Offence::FalseReport);
    let taken = charge.bond;
    Deferrals::<T>::insert(
        id,
        Deferral {
            offence: charge.offence,
            job: charge.job,
            offender: charge.offender.clone(),
            reporter: charge.reporter,
            requester: charge.requester,
            due: Penalty {
                taken,
                burned: taken,
                ..Penalty::default()
            },
            shares: Shares {
                reporter: Permill::from_percent(20),
                requester: Permill::from_percent(20),
                requester_most: taken,
                treasury: Permill::from_percent(20),
            },
            until: 1,
        },
    );
    Waiting::<T>::insert(&charge.offender, 1);
    crowd::<T>();
    Agenda::<T>::try_mutate(|agenda| agenda.try_insert(0, (1, id)))
        .map_err(|_| "the agenda has one place left")?;
    Ok(id)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_rule() -> Result<(), BenchmarkError> {
        let origin =
            T::RuleOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let rule = Rule::default_for(Offence::WrongResult);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Offence::WrongResult, rule);

        assert_eq!(Rules::<T>::get(Offence::WrongResult), Some(rule));
        Ok(())
    }

    #[benchmark]
    fn cancel() -> Result<(), BenchmarkError> {
        let origin =
            T::CancelOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let id = waiting::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, id);

        assert!(!Deferrals::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn punish() -> Result<(), BenchmarkError> {
        let charge = charge::<T>(Offence::WrongResult);
        let penalty;

        #[block]
        {
            penalty = Pallet::<T>::punish(charge)?;
        }

        ensure!(penalty.taken > 0, "a punishment that takes nothing");
        Ok(())
    }

    #[benchmark]
    fn defer() -> Result<(), BenchmarkError> {
        let charge = charge::<T>(Offence::FalseReport);
        put_off::<T>(Offence::FalseReport);
        crowd::<T>();

        #[block]
        {
            Pallet::<T>::punish(charge)?;
        }

        assert_eq!(Deferrals::<T>::count(), 1);
        Ok(())
    }

    #[benchmark]
    fn equivocated() -> Result<(), BenchmarkError> {
        let charge = charge::<T>(Offence::Equivocation);
        let known: Vec<_> = (0..EQUIVOCATIONS)
            .map(|session| (session, charge.offender.clone(), Perbill::one()))
            .collect();
        Equivocations::<T>::put(BoundedVec::truncate_from(known));
        crowd::<T>();

        #[block]
        {
            Pallet::<T>::equivocated(
                &charge.offender,
                charge.reporter.as_ref(),
                Perbill::from_percent(10),
                EQUIVOCATIONS,
            );
        }

        assert_eq!(Deferrals::<T>::count(), 1);
        Ok(())
    }

    #[benchmark]
    fn look_ahead() -> Result<(), BenchmarkError> {
        crowd::<T>();
        let mut meter = WeightMeter::new();

        #[block]
        {
            Pallet::<T>::execute_due(1, &mut meter);
        }

        Ok(())
    }

    #[benchmark]
    fn execute() -> Result<(), BenchmarkError> {
        let id = waiting::<T>()?;

        #[block]
        {
            Pallet::<T>::execute(id);
        }

        assert!(!Deferrals::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn look_back() -> Result<(), BenchmarkError> {
        let mut meter = WeightMeter::new();

        #[block]
        {
            Pallet::<T>::forget_past(0, &mut meter);
        }

        Ok(())
    }

    #[benchmark]
    fn forget() -> Result<(), BenchmarkError> {
        for seed in 0..=FORGOTTEN_AT_ONCE {
            let offender: AccountId = account("offender", seed, 0);
            Records::<T>::insert(0, (offender, Offence::WrongResult), 1);
        }
        let now = T::Era::get();
        frame_system::Pallet::<T>::set_block_number(now);
        let mut meter = WeightMeter::new();

        #[block]
        {
            Pallet::<T>::forget_past(now, &mut meter);
        }

        assert_eq!(Records::<T>::iter().count(), 1);
        assert_eq!(OldestEra::<T>::get(), 0);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::chain(), crate::mock::Test);
}
