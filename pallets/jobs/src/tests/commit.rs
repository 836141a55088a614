// SPDX-License-Identifier: Apache-2.0
//! `commit` and what admits it.

use crate::{
    Call, Error, Event, Jobs, frame_support, frame_system,
    mock::{
        Asked, JobsPallet, RuntimeCall, RuntimeOrigin, System, Test, TestExt, Trace, accepted,
        committed, due_at, events, one, pair, post, provider, requester, rival, run_to, signature,
        spec, terms,
    },
    sp_runtime,
    types::Stage,
};
use assay_primitives::{
    AccountId, JobId,
    duty::{Duty, WorkerSignature, payload},
    job::PerPass,
    verification::Commitment,
};
use assay_verifier::Root;
use frame_support::{assert_noop, assert_ok, traits::Authorize};
use frame_system::RawOrigin;
use polkadot_sdk::sp_core::Pair;
use sp_runtime::{
    DispatchError,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
    },
};

const ROOT: Root = [0xaa; 32];

fn authorize(
    job: JobId,
    root: Root,
    signature: WorkerSignature,
) -> Result<ValidTransaction, TransactionValidityError> {
    let call = RuntimeCall::JobsPallet(Call::commit {
        job,
        roots: one(root),
        signature,
    });
    call.authorize(TransactionSource::External)
        .expect("the call has an authorization")
        .map(|(valid, _)| valid)
}

fn commit(signer: &AccountId, job: JobId, root: Root) -> sp_runtime::DispatchResult {
    let signature = signature(signer, job, root);
    JobsPallet::commit(RawOrigin::Authorized.into(), job, one(root), signature)
}

#[test]
fn job_goes_to_verification_when_committed() {
    TestExt::execute(|| {
        let id = accepted();
        run_to(5);
        Trace::take();
        System::reset_events();

        assert_ok!(commit(&provider(), id, ROOT));

        let job = Jobs::<Test>::get(id).expect("alive");
        assert!(matches!(job.stage, Stage::Verifying { roots, .. } if roots == one(ROOT)));
        assert_eq!(job.due, 7);
        assert_eq!(due_at(7), [id]);
        assert!(due_at(9).is_empty());
        assert_eq!(
            Trace::take(),
            [Asked::Begin(
                id,
                Commitment {
                    provider: provider(),
                    requester: requester(),
                    roots: one(ROOT),
                    tiles: one(30),
                    samples: one(30),
                    panel: 2,
                    price: 100,
                }
            )]
        );
        assert_eq!(
            events(),
            [Event::JobCommitted {
                job: id,
                provider: provider(),
                roots: one(ROOT),
                samples: 30,
            }]
        );
    });
}

#[test]
fn commit_is_admitted_once_per_auction_when_the_worker_key_signed_it() {
    TestExt::execute(|| {
        let id = accepted();
        let first = authorize(id, ROOT, signature(&provider(), id, ROOT)).expect("due");
        let second = authorize(id, [1; 32], signature(&provider(), id, [1; 32])).expect("due");
        assert_eq!(first.provides.len(), 1);
        assert_eq!(first.provides, second.provides);
        assert!(first.propagate);
        assert_eq!(first.longevity, 8);
    });
}

#[test]
fn commit_is_refused_when_it_has_not_one_root_for_each_pass() {
    TestExt::execute(|| {
        let id = accepted();
        for roots in [vec![], vec![ROOT; 2]] {
            let roots: PerPass<Root> = roots.try_into().expect("at most 64");
            let duty = Duty::Commit {
                terms: terms(id),
                roots: roots.to_vec(),
            };
            let genesis = System::block_hash(0);
            let signature = pair(&provider()).sign(&payload(genesis, id, &duty));
            let call = RuntimeCall::JobsPallet(Call::commit {
                job: id,
                roots: roots.clone(),
                signature: signature.clone(),
            });
            let admitted = call.authorize(TransactionSource::External);
            assert_eq!(
                admitted.expect("the call has an authorization").map(|_| ()),
                Err(InvalidTransaction::Call.into())
            );
            assert_noop!(
                JobsPallet::commit(RawOrigin::Authorized.into(), id, roots, signature),
                Error::<Test>::WrongNumberOfRoots
            );
        }
    });
}

#[test]
fn commit_is_not_admitted_when_somebody_else_signed_it() {
    TestExt::execute(|| {
        let id = accepted();
        for signer in [rival(), requester()] {
            assert_eq!(
                authorize(id, ROOT, signature(&signer, id, ROOT)),
                Err(InvalidTransaction::BadProof.into())
            );
        }
    });
}

#[test]
fn commit_is_not_admitted_when_the_signature_is_for_another_root_or_job() {
    TestExt::execute(|| {
        let id = accepted();
        for signature in [
            signature(&provider(), id, [1; 32]),
            signature(&provider(), id + 1, ROOT),
        ] {
            assert_eq!(
                authorize(id, ROOT, signature),
                Err(InvalidTransaction::BadProof.into())
            );
        }
    });
}

#[test]
fn commit_is_not_admitted_when_nobody_has_accepted() {
    TestExt::execute(|| {
        let id = post();
        for job in [id, id + 1] {
            assert_eq!(
                authorize(job, ROOT, signature(&provider(), job, ROOT)),
                Err(InvalidTransaction::Stale.into())
            );
        }
    });
}

#[test]
fn commit_is_not_admitted_when_committed_already() {
    TestExt::execute(|| {
        let id = committed(ROOT);
        for root in [ROOT, [1; 32]] {
            assert_eq!(
                authorize(id, root, signature(&provider(), id, root)),
                Err(InvalidTransaction::Stale.into())
            );
        }
    });
}

#[test]
fn second_commit_is_refused_when_committed_already() {
    TestExt::execute(|| {
        let id = committed(ROOT);
        assert_noop!(
            commit(&provider(), id, [1; 32]),
            Error::<Test>::AlreadyCommitted
        );
        let job = Jobs::<Test>::get(id).expect("alive");
        assert!(matches!(job.stage, Stage::Verifying { roots, .. } if roots == one(ROOT)));
    });
}

#[test]
fn commit_is_accepted_in_the_last_block_before_the_deadline() {
    TestExt::execute(|| {
        let id = accepted();
        run_to(9);
        assert!(authorize(id, ROOT, signature(&provider(), id, ROOT)).is_ok());
        assert_ok!(commit(&provider(), id, ROOT));
    });
}

#[test]
fn commit_is_refused_when_the_deadline_has_passed_even_if_the_chain_is_behind() {
    TestExt::execute(|| {
        let id = accepted();
        System::set_block_number(10);
        assert_noop!(commit(&provider(), id, ROOT), Error::<Test>::DeadlinePassed);
        assert_eq!(
            authorize(id, ROOT, signature(&provider(), id, ROOT)),
            Err(InvalidTransaction::Stale.into())
        );
    });
}

#[test]
fn commit_is_refused_when_there_is_no_such_job() {
    TestExt::execute(|| {
        assert_noop!(commit(&provider(), 3, ROOT), Error::<Test>::UnknownJob);
    });
}

#[test]
fn commit_is_refused_when_not_authorized() {
    TestExt::execute(|| {
        let id = accepted();
        let signature = signature(&provider(), id, ROOT);
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(provider()),
        ] {
            assert_noop!(
                JobsPallet::commit(origin, id, one(ROOT), signature.clone()),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn more_samples_are_drawn_of_a_provider_on_probation_as_far_as_its_price_pays_for_them() {
    for (ceiling, percent, drawn) in [
        (100_000, 100, 43),
        (100_000, 150, 65),
        (100_000, 200, 86),
        (100_000, u32::MAX, 86),
        // Another sample costs 10, and the protocol keeps a hundredth.
        (100, 200, 52),
        (11, 200, 44),
        (10, 200, 43),
    ] {
        TestExt::execute(|| {
            Trace::set_scrutiny(provider(), percent);
            let mut spec = spec();
            spec.passes[0].grid = [1_000, 1, 1];
            spec.assurance = assay_verifier::sampling::Assurance::DEFAULT;
            spec.price.floor = ceiling;
            spec.price.ceiling = ceiling;
            let quote = JobsPallet::quote(&spec).expect("sound");
            assert_eq!((quote.samples, quote.samples_most), (43, 86));
            assert_ok!(JobsPallet::post(RuntimeOrigin::signed(requester()), spec));
            assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), 0, 0));
            assert_ok!(commit(&provider(), 0, ROOT));
            let job = Jobs::<Test>::get(0).expect("alive");
            assert_eq!(job.all_samples(), drawn);
            assert_eq!(
                JobsPallet::job_view(0).map(|view| view.samples),
                Some(drawn)
            );
            assert!(Trace::take().iter().any(|asked| matches!(
                asked,
                Asked::Begin(0, commitment) if commitment.samples == one(drawn)
            )));
        });
    }
}
