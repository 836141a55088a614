// SPDX-License-Identifier: Apache-2.0
//! `post`, and that a quote tells the same.

use crate::{
    Auctions, Error, Event, HoldReason, Jobs, Kernels, LiveJobs, frame_support,
    mock::{
        ASSET, Balances, ENDOWMENT, FuelPrice, JobsPallet, RuntimeOrigin, Test, TestExt, account,
        due_at, events, free, held, held_asset, list_asset, post, requester, rival, spec,
    },
    sp_runtime,
    types::Stage,
};
use assay_primitives::{
    Balance, BlockNumber,
    api::QuoteError,
    job::{JobSpec, Source},
    provider::Region,
};
use assay_verifier::witness::InputRef;
use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use polkadot_sdk::sp_runtime::{DispatchError, TokenError};
use proptest::prelude::*;

fn try_post(spec: JobSpec<Balance, BlockNumber>) -> sp_runtime::DispatchResult {
    JobsPallet::post(RuntimeOrigin::signed(requester()), spec)
}

/// Refused, and a quote says why.
fn assert_refused(spec: JobSpec<Balance, BlockNumber>, error: Error<Test>, quote: QuoteError) {
    assert_noop!(try_post(spec.clone()), error);
    assert_eq!(JobsPallet::quote(&spec), Err(quote));
}

#[test]
fn job_is_up_for_auction_and_paid_for_when_posted() {
    TestExt::execute(|| {
        let deposit = 100 + u128::try_from(spec().encoded_size()).expect("short");

        assert_ok!(try_post(spec()));

        let job = Jobs::<Test>::get(0).expect("posted");
        assert_eq!(job.stage, Stage::Auction { opened: 1 });
        assert_eq!(
            (
                job.all_tiles(),
                job.all_samples(),
                job.fees.panel,
                job.round
            ),
            (30, 30, 2, 0)
        );
        assert_eq!((job.fees.sample, job.verification), (5, 360));
        assert!(Auctions::<Test>::contains_key(0));
        assert_eq!(due_at(11), [0]);
        assert_eq!(held(HoldReason::Escrow, &requester()), 1_100 + 360);
        assert_eq!(held(HoldReason::Deposit, &requester()), deposit);
        assert_eq!(free(&requester()), ENDOWMENT - 1_460 - deposit);
        assert_eq!(
            events(),
            [Event::JobPosted {
                job: 0,
                requester: requester(),
                tiles: 30,
                samples: 30,
                escrow: 1_460,
                asset: None,
                in_asset: 0,
                deposit,
                until: 11,
            }]
        );
    });
}

#[test]
fn job_numbers_rise_when_posted_one_after_the_other() {
    TestExt::execute(|| {
        assert_eq!((post(), post(), post()), (0, 1, 2));
        assert_eq!(LiveJobs::<Test>::get(requester()), 3);
    });
}

#[test]
fn post_is_refused_when_not_signed() {
    TestExt::execute(|| {
        assert_noop!(
            JobsPallet::post(RuntimeOrigin::none(), spec()),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn post_is_refused_when_the_kernel_is_unknown() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.passes[0].kernel = [1; 32];
        assert_refused(spec, Error::UnknownKernel, QuoteError::UnknownKernel);
    });
}

#[test]
fn post_is_refused_when_the_grid_is_empty_or_too_large() {
    TestExt::execute(|| {
        for grid in [[0, 1, 1], [1, 1, 0], [u32::MAX, 2, 1], [1 << 24, 1, 1]] {
            let mut spec = spec();
            spec.passes[0].grid = grid;
            assert_refused(spec, Error::BadGrid, QuoteError::BadGrid);
        }
    });
}

#[test]
fn post_is_refused_when_the_number_of_inputs_is_not_the_kernels() {
    TestExt::execute(|| {
        let mut none = spec();
        none.passes[0].reads.clear();
        let mut two = spec();
        let twice = two.passes[0].reads[0];
        two.passes[0].reads.try_push(twice).expect("two are few");
        for spec in [none, two] {
            assert_refused(
                spec,
                Error::WrongNumberOfInputs,
                QuoteError::WrongNumberOfInputs,
            );
        }
    });
}

#[test]
fn post_is_refused_when_an_input_is_too_long() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.inputs[0].length = u64::from(u32::MAX) * 4 + 1;
        assert_refused(spec, Error::InputTooLong, QuoteError::InputTooLong);
    });
}

#[test]
fn post_is_refused_when_the_price_makes_no_sense() {
    TestExt::execute(|| {
        for (floor, ceiling) in [(0, 0), (2, 1), (0, Balance::MAX)] {
            let mut spec = spec();
            spec.price.floor = floor;
            spec.price.ceiling = ceiling;
            assert_refused(spec, Error::BadPrice, QuoteError::BadPrice);
        }
    });
}

#[test]
fn post_is_refused_when_more_samples_are_asked_for_than_allowed() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.passes[0].grid = [513, 1, 1];
        assert_refused(spec, Error::BadAssurance, QuoteError::BadAssurance);
    });
}

#[test]
fn post_is_refused_when_the_assurance_is_out_of_its_limits() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.assurance.confidence = 1_000_000;
        assert_refused(spec, Error::BadAssurance, QuoteError::BadAssurance);
    });
}

#[test]
fn post_is_accepted_when_as_many_samples_are_asked_for_as_allowed() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.passes[0].grid = [512, 1, 1];
        assert_ok!(try_post(spec));
    });
}

#[test]
fn post_is_refused_when_a_window_is_zero_or_too_long() {
    TestExt::execute(|| {
        for (auction, compute) in [(0, 8), (101, 8), (10, 0), (10, 101), (u32::MAX, u32::MAX)] {
            let spec = JobSpec {
                auction,
                compute,
                ..spec()
            };
            assert_refused(spec, Error::BadWindow, QuoteError::BadWindow);
        }
    });
}

#[test]
fn post_is_refused_when_a_region_is_no_country() {
    TestExt::execute(|| {
        let mut spec = spec();
        let regions = vec![Region(*b"CH"), Region(*b"ch")];
        spec.requirements.regions = regions.try_into().expect("two are few");
        assert_refused(spec, Error::BadRequirements, QuoteError::BadRequirements);
    });
}

#[test]
fn checker_is_paid_for_once_for_each_verifier() {
    TestExt::execute(|| {
        FuelPrice::set(1);
        let mut spec = spec();
        let mut checker = spec.passes[0].clone();
        checker.grid = [4, 1, 1];
        spec.checker = Some(checker);
        // A panel of three, of which two check each sample.
        spec.price.ceiling = 10_000;
        let fuel = Kernels::<Test>::get(spec.passes[0].kernel).expect("registered");
        let fuel = Balance::from(fuel.tile_fuel);
        assert_ok!(try_post(spec.clone()));
        let job = Jobs::<Test>::get(0).expect("posted");
        assert_eq!((job.fees.sample, job.fees.checker), (5 + fuel, 4 * fuel));
        let verification = 30 * 2 * (5 + fuel) + 3 * 4 * fuel;
        let enquiries = 2 * 3 * 2 * (5 + fuel);
        assert_eq!(job.verification, verification + enquiries);
        let quote = JobsPallet::quote(&spec).expect("sound");
        assert_eq!(quote.verification, job.verification);
    });
}

#[test]
fn enquiry_is_paid_for_when_it_costs_more_than_the_verification() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.passes[0].grid = [1, 1, 1];
        // One sample for two verifiers, against three enquiries of three verifiers and two samples.
        let quote = JobsPallet::quote(&spec).expect("sound");
        assert_eq!(quote.verification, 3 * 30);
    });
}

#[test]
fn post_is_accepted_when_windows_are_one_block_or_the_longest() {
    TestExt::execute(|| {
        for window in [1, 100] {
            assert_ok!(try_post(JobSpec {
                auction: window,
                compute: window,
                ..spec()
            }));
        }
    });
}

#[test]
fn post_is_refused_when_the_requester_cannot_hold_the_escrow() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.price.ceiling = ENDOWMENT;
        assert_noop!(try_post(spec), TokenError::FundsUnavailable);
    });
}

#[test]
fn post_is_refused_when_the_requester_has_too_many_jobs_alive() {
    TestExt::execute(|| {
        for _ in 0..4 {
            post();
        }
        assert_noop!(try_post(spec()), Error::<Test>::TooManyJobsOfRequester);
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), 2));
        assert_ok!(try_post(spec()));
    });
}

#[test]
fn post_is_refused_when_the_chain_has_too_many_jobs_alive() {
    TestExt::execute(|| {
        for seed in [1, 5] {
            for _ in 0..4 {
                assert_ok!(JobsPallet::post(
                    RuntimeOrigin::signed(account(seed)),
                    spec()
                ));
            }
        }
        assert_noop!(
            JobsPallet::post(RuntimeOrigin::signed(account(6)), spec()),
            Error::<Test>::TooManyJobs
        );
    });
}

#[test]
fn quote_counts_providers_that_can_afford_the_bond() {
    TestExt::execute(|| {
        let mut spec = spec();
        assert_eq!(JobsPallet::quote(&spec).expect("sound").capable, 2);
        spec.price.ceiling = 500_000;
        assert_eq!(JobsPallet::quote(&spec).expect("sound").bond, 1_000_000);
        assert_eq!(JobsPallet::quote(&spec).expect("sound").capable, 2);
        spec.price.ceiling = 500_001;
        assert_eq!(JobsPallet::quote(&spec).expect("sound").capable, 0);
        spec.price.ceiling = 500_000;
        spec.requirements.providers = vec![rival()].try_into().expect("one is few");
        assert_eq!(JobsPallet::quote(&spec).expect("sound").capable, 1);
    });
}

#[test]
fn quote_says_what_the_assurance_is_worth() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.passes[0].grid = [1_000, 1, 1];
        spec.assurance = assay_verifier::sampling::Assurance::DEFAULT;
        let quote = JobsPallet::quote(&spec).expect("sound");
        let fuel = Kernels::<Test>::get(spec.passes[0].kernel)
            .expect("registered")
            .tile_fuel;
        assert!(quote.detection >= 990_000);
        assert_eq!(
            quote.detection_of_one,
            assay_verifier::sampling::detection(1_000, 1, quote.samples)
        );
        assert_eq!(quote.fuel, 1_000 * fuel);
        assert_eq!((quote.tiles, quote.panel), (1_000, 2));
    });
}

#[test]
fn passes_of_a_job_share_its_samples_and_use_their_kernels() {
    TestExt::execute(|| {
        let mut spec = spec();
        let mut second = spec.passes[0].clone();
        second.reads = vec![Source::Pass(0)].try_into().expect("one is few");
        second.grid = [2, 1, 1];
        spec.passes.try_push(second.clone()).expect("two are few");
        second.reads = vec![Source::Pass(1)].try_into().expect("one is few");
        spec.checker = Some(second);
        assert_ok!(try_post(spec.clone()));
        let job = Jobs::<Test>::get(0).expect("posted");
        assert_eq!(job.tiles.to_vec(), [30, 2]);
        assert_eq!(job.samples.to_vec(), [30, 2]);
        let record = Kernels::<Test>::get(spec.passes[0].kernel).expect("registered");
        assert_eq!(record.users, 3);
        let plan = JobsPallet::plan(&job).expect("its kernels are registered");
        // What the second pass reads has no root yet, and then the one that was committed.
        assert_eq!(plan.work(1, &[]), None);
        let work = plan.work(1, &[[7; 32]]).expect("the first pass has a root");
        let expected = InputRef {
            hash: [7; 32],
            length: 30 * 1_024,
        };
        assert_eq!(work.inputs, [expected]);
        let checking = plan
            .checking(&[[7; 32], [8; 32]], &[1; 32])
            .expect("all have roots");
        assert_eq!(checking.parameters, [0x0101_0101; 8]);
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), 0));
        let record = Kernels::<Test>::get(spec.passes[0].kernel).expect("registered");
        assert_eq!(record.users, 0);
    });
}

#[test]
fn post_is_refused_when_passes_read_what_there_is_not() {
    TestExt::execute(|| {
        let mut none = spec();
        none.passes = Default::default();
        assert_refused(none, Error::NoPasses, QuoteError::NoPasses);
        let later = [Source::Input(1), Source::Pass(0), Source::Pass(1)];
        for source in later {
            let mut spec = spec();
            spec.passes[0].reads[0] = source;
            assert_refused(spec, Error::UnknownSource, QuoteError::UnknownSource);
        }
        let mut checked = spec();
        let mut checker = checked.passes[0].clone();
        checker.reads[0] = Source::Pass(0);
        checker.parameters = vec![0; 57].try_into().expect("at most 64");
        checked.checker = Some(checker.clone());
        assert_refused(
            checked.clone(),
            Error::TooManyParameters,
            QuoteError::TooManyParameters,
        );
        checker.parameters = vec![0; 56].try_into().expect("at most 64");
        checker.reads[0] = Source::Pass(1);
        checked.checker = Some(checker);
        assert_refused(checked, Error::UnknownSource, QuoteError::UnknownSource);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn quote_total_is_what_post_holds(
        grid in prop::array::uniform3(0u32..9),
        floor in 0u128..50_000,
        ceiling in 0u128..200_000,
        auction in 0u32..103,
        compute in 0u32..103,
        parameters in prop::collection::vec(any::<u32>(), 0..64),
        asset in any::<bool>(),
        checker in any::<bool>(),
        fuel_price in 0u128..3,
        wrong in 1u32..1_000_000,
    ) {
        TestExt::execute(|| {
            list_asset();
            FuelPrice::set(fuel_price);
            <Balances as Mutate<_>>::set_balance(&requester(), 1 << 60);
            let mut spec = spec();
            spec.asset = asset.then_some(ASSET);
            spec.assurance.wrong = wrong;
            spec.checker = checker.then(|| spec.passes[0].clone());
            spec.passes[0].grid = grid;
            spec.price.floor = floor;
            spec.price.ceiling = ceiling;
            spec.auction = auction;
            spec.compute = compute;
            spec.passes[0].parameters = parameters.try_into().expect("at most 64");
            let before = free(&requester());
            let posted = try_post(spec.clone());
            match JobsPallet::quote(&spec) {
                Ok(quote) => {
                    assert_ok!(posted);
                    let escrow = held(HoldReason::Escrow, &requester());
                    let deposit = held(HoldReason::Deposit, &requester());
                    let (native, in_asset) = if asset { (0, ceiling) } else { (ceiling, 0) };
                    assert_eq!(quote.ceiling, ceiling);
                    assert_eq!(escrow, native + quote.verification);
                    assert_eq!(held_asset(&requester()), in_asset);
                    assert_eq!(deposit, quote.deposit);
                    assert_eq!(escrow + deposit, quote.total);
                    assert_eq!(before - free(&requester()), quote.total);
                }
                Err(error) => assert_eq!(posted, Err(Error::<Test>::from(error).into())),
            }
        });
    }
}
