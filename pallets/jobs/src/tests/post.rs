// SPDX-License-Identifier: Apache-2.0
//! `post`, and that a quote tells the same.

use crate::{
    Auctions, Error, Event, HoldReason, Jobs, Kernels, LiveJobs, frame_support,
    mock::{
        ENDOWMENT, JobsPallet, RuntimeOrigin, Test, TestExt, account, due_at, events, free, held,
        post, requester, spec,
    },
    sp_runtime,
    types::Stage,
};
use assay_primitives::{Balance, BlockNumber, api::QuoteError, job::JobSpec};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
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
            (job.tiles, job.samples, job.panel, job.round),
            (30, 30, 2, 0)
        );
        assert_eq!((job.fee_per_sample, job.verification), (5, 300));
        assert!(Auctions::<Test>::contains_key(0));
        assert_eq!(due_at(11), [0]);
        assert_eq!(held(HoldReason::Escrow, &requester()), 1_100 + 300);
        assert_eq!(held(HoldReason::Deposit, &requester()), deposit);
        assert_eq!(free(&requester()), ENDOWMENT - 1_400 - deposit);
        assert_eq!(
            events(),
            [Event::JobPosted {
                job: 0,
                requester: requester(),
                kernel: spec().kernel,
                tiles: 30,
                samples: 30,
                escrow: 1_400,
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
        let spec = JobSpec {
            kernel: [1; 32],
            ..spec()
        };
        assert_refused(spec, Error::UnknownKernel, QuoteError::UnknownKernel);
    });
}

#[test]
fn post_is_refused_when_the_grid_is_empty_or_too_large() {
    TestExt::execute(|| {
        for grid in [[0, 1, 1], [1, 1, 0], [u32::MAX, 2, 1], [1 << 24, 1, 1]] {
            let spec = JobSpec { grid, ..spec() };
            assert_refused(spec, Error::BadGrid, QuoteError::BadGrid);
        }
    });
}

#[test]
fn post_is_refused_when_the_number_of_inputs_is_not_the_kernels() {
    TestExt::execute(|| {
        let mut none = spec();
        none.inputs.clear();
        let mut two = spec();
        two.inputs.try_push(two.inputs[0]).expect("two are few");
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
        let spec = JobSpec {
            grid: [513, 1, 1],
            ..spec()
        };
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
        assert_ok!(try_post(JobSpec {
            grid: [512, 1, 1],
            ..spec()
        }));
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
    });
}

#[test]
fn quote_says_what_the_assurance_is_worth() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.grid = [1_000, 1, 1];
        spec.assurance = assay_verifier::sampling::Assurance::DEFAULT;
        let quote = JobsPallet::quote(&spec).expect("sound");
        let fuel = Kernels::<Test>::get(spec.kernel)
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
    ) {
        TestExt::execute(|| {
            let mut spec = spec();
            spec.grid = grid;
            spec.price.floor = floor;
            spec.price.ceiling = ceiling;
            spec.auction = auction;
            spec.compute = compute;
            spec.parameters = parameters.try_into().expect("at most 64");
            let before = free(&requester());
            let posted = try_post(spec.clone());
            match JobsPallet::quote(&spec) {
                Ok(quote) => {
                    assert_ok!(posted);
                    let escrow = held(HoldReason::Escrow, &requester());
                    let deposit = held(HoldReason::Deposit, &requester());
                    assert_eq!(escrow, quote.ceiling + quote.verification);
                    assert_eq!(deposit, quote.deposit);
                    assert_eq!(escrow + deposit, quote.total);
                    assert_eq!(before - free(&requester()), quote.total);
                }
                Err(error) => assert_eq!(posted, Err(Error::<Test>::from(error).into())),
            }
        });
    }
}
