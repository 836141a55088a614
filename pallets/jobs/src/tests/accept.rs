// SPDX-License-Identifier: Apache-2.0
//! `accept`.

use crate::{
    Assignments, Auctions, Error, Event, Jobs, frame_support,
    mock::{
        Asked, JobsPallet, RuntimeOrigin, System, Test, TestExt, Trace, accepted, author,
        committed, due_at, events, post, provider, requester, rival, run_to, spec, worker_account,
    },
    sp_runtime,
    types::{Contract, Stage},
};
use assay_primitives::{provider::Hardware, stake::Stakes};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

#[test]
fn job_is_the_providers_at_this_blocks_price_when_accepted() {
    TestExt::execute(|| {
        let id = post();
        run_to(6);
        System::reset_events();

        assert_ok!(JobsPallet::accept(
            RuntimeOrigin::signed(provider()),
            id,
            600
        ));

        let job = Jobs::<Test>::get(id).expect("alive");
        let contract = Contract {
            provider: provider(),
            price: 600,
            worth: 600,
            bond: 1_200,
        };
        assert_eq!(
            job.stage,
            Stage::Computing {
                contract,
                accepted: 6,
                deadline: 14
            }
        );
        assert!(!Auctions::<Test>::contains_key(id));
        assert!(Assignments::<Test>::contains_key(provider(), id));
        assert!(due_at(11).is_empty());
        assert_eq!(due_at(14), [id]);
        assert_eq!(Trace::take(), [Asked::Lock(provider(), 1_200)]);
        assert_eq!(
            events(),
            [Event::JobAccepted {
                job: id,
                provider: provider(),
                price: 600,
                bounty: 0,
                bond: 1_200,
                deadline: 14,
            }]
        );
    });
}

#[test]
fn price_is_the_floor_when_accepted_in_the_block_of_the_post() {
    TestExt::execute(|| {
        let id = accepted();
        let job = Jobs::<Test>::get(id).expect("alive");
        assert_eq!(job.contract().map(|contract| contract.price), Some(100));
    });
}

#[test]
fn price_is_the_ceiling_when_accepted_in_the_last_block_of_the_auction() {
    TestExt::execute(|| {
        let id = post();
        run_to(11);
        assert_ok!(JobsPallet::accept(
            RuntimeOrigin::signed(provider()),
            id,
            1_100
        ));
    });
}

#[test]
fn price_is_the_floor_again_when_the_auction_runs_again() {
    TestExt::execute(|| {
        let id = post();
        run_to(12);
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 101),
            Error::<Test>::PriceTooLow
        );
        assert_ok!(JobsPallet::accept(
            RuntimeOrigin::signed(provider()),
            id,
            100
        ));
    });
}

#[test]
fn job_is_the_providers_when_its_worker_key_accepts() {
    TestExt::execute(|| {
        let id = post();
        let worker = worker_account(&provider());
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(worker), id, 0));
        assert!(Assignments::<Test>::contains_key(provider(), id));
        assert_eq!(Trace::take(), [Asked::Lock(provider(), 200)]);
    });
}

#[test]
fn accept_is_refused_when_the_price_is_below_what_is_asked() {
    TestExt::execute(|| {
        let id = post();
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 101),
            Error::<Test>::PriceTooLow
        );
    });
}

#[test]
fn accept_is_refused_when_the_signer_is_no_provider() {
    TestExt::execute(|| {
        let id = post();
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(author()), id, 0),
            Error::<Test>::NotProvider
        );
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::none(), id, 0),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn accept_is_refused_when_the_job_is_the_providers_own() {
    TestExt::execute(|| {
        assert_ok!(JobsPallet::post(RuntimeOrigin::signed(provider()), spec()));
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), 0, 0),
            Error::<Test>::OwnJob
        );
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(worker_account(&provider())), 0, 0),
            Error::<Test>::OwnJob
        );
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(rival()), 0, 0));
    });
}

#[test]
fn accept_is_refused_when_the_stake_does_not_cover_the_bond() {
    TestExt::execute(|| {
        let mut spec = spec();
        spec.price.floor = 500_001;
        spec.price.ceiling = 500_001;
        assert_ok!(JobsPallet::post(RuntimeOrigin::signed(requester()), spec));
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), 0, 0),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn accept_is_refused_when_somebody_has_accepted() {
    TestExt::execute(|| {
        let id = accepted();
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(rival()), id, 0),
            Error::<Test>::NotInAuction
        );
    });
}

#[test]
fn accept_is_refused_when_there_is_no_such_job() {
    TestExt::execute(|| {
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), 7, 0),
            Error::<Test>::UnknownJob
        );
    });
}

#[test]
fn accept_is_refused_when_the_provider_is_not_active() {
    TestExt::execute(|| {
        let id = post();
        <Trace as Stakes<_, _>>::chill(&provider());
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0),
            Error::<Test>::NotActive
        );
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(rival()), id, 0));
    });
}

#[test]
fn accept_is_refused_when_the_job_asks_for_another_machine_or_provider() {
    TestExt::execute(|| {
        let mut fast = spec();
        fast.requirements.speed = 7;
        let mut only = spec();
        only.requirements.providers = vec![rival()].try_into().expect("one is few");
        for (id, spec) in [(0, fast), (1, only)] {
            assert_ok!(JobsPallet::post(RuntimeOrigin::signed(requester()), spec));
            assert_noop!(
                JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0),
                Error::<Test>::NotAdmitted
            );
        }
        let hardware = Hardware {
            speed: 7,
            ..Hardware::default()
        };
        Trace::set_hardware(provider(), hardware);
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), 0, 0));
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(rival()), 1, 0));
    });
}

#[test]
fn second_acceptance_is_refused_when_the_job_is_the_providers_already() {
    TestExt::execute(|| {
        let computing = accepted();
        let verifying = committed([1; 32]);
        let enquiring = accepted();
        assert_ok!(JobsPallet::report(
            RuntimeOrigin::signed(provider()),
            enquiring,
            None
        ));
        for id in [computing, verifying, enquiring] {
            for who in [provider(), worker_account(&provider())] {
                assert_noop!(
                    JobsPallet::accept(RuntimeOrigin::signed(who), id, 0),
                    Error::<Test>::AlreadyYours
                );
            }
        }
    });
}

#[test]
fn accept_is_refused_when_the_job_is_over() {
    TestExt::execute(|| {
        let id = post();
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0),
            Error::<Test>::JobClosed
        );
    });
}
