// SPDX-License-Identifier: Apache-2.0
//! `report` and what becomes of it.

use crate::{
    Assignments, Call, Error, Event, HoldReason, Jobs, Receipts, frame_support, frame_system,
    mock::{
        Asked, ENDOWMENT, JobsPallet, RuntimeCall, RuntimeOrigin, System, Test, TestExt, Trace,
        accepted, account, author, committed, due_at, events, free, held, one, pair, post,
        provider, requester, rival, run_to, signature, terms, worker_account,
    },
    sp_runtime,
    types::{Payment, Role, Stage},
};
use assay_primitives::{
    AccountId, JobId,
    duty::{Duty, WorkerSignature, payload},
    reason::{Offence, Reason},
    verification::{Enquiry, JobBook, Progress, Verdict},
};
use frame_support::{assert_noop, assert_ok, traits::Authorize};
use frame_system::RawOrigin;
use polkadot_sdk::sp_core::Pair;
use sp_runtime::{
    DispatchError,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
    },
};

fn signed(signer: &AccountId, job: JobId) -> Option<WorkerSignature> {
    let genesis = System::block_hash(0);
    let duty = Duty::Report { terms: terms(job) };
    Some(pair(signer).sign(&payload(genesis, job, &duty)))
}

fn authorize(
    job: JobId,
    signature: Option<WorkerSignature>,
) -> Result<ValidTransaction, TransactionValidityError> {
    RuntimeCall::JobsPallet(Call::report { job, signature })
        .authorize(TransactionSource::External)
        .expect("the call has an authorization")
        .map(|(valid, _)| valid)
}

fn report(id: JobId) -> sp_runtime::DispatchResult {
    JobsPallet::report(RawOrigin::Authorized.into(), id, signed(&provider(), id))
}

/// A job that its provider has reported on in block 5.
fn reported() -> JobId {
    let id = accepted();
    run_to(5);
    assert_ok!(report(id));
    Trace::take();
    System::reset_events();
    id
}

fn lookers() -> Vec<(AccountId, u32)> {
    vec![(account(5), 2), (account(6), 2)]
}

fn conclude(id: JobId, verdict: Verdict<AccountId>) {
    assert_ok!(<JobsPallet as JobBook<_, _>>::conclude(id, verdict));
}

#[test]
fn verifiers_look_when_inputs_are_reported_missing() {
    TestExt::execute(|| {
        let id = accepted();
        run_to(5);
        Trace::take();
        System::reset_events();
        assert_ok!(report(id));
        let job = Jobs::<Test>::get(id).expect("alive");
        assert!(matches!(&job.stage, Stage::Enquiring { contract } if contract.bond == 200));
        assert_eq!(due_at(7), [id]);
        let enquiry = Enquiry {
            provider: provider(),
            requester: requester(),
            panel: 3,
            samples: 2,
            price: 100,
        };
        assert_eq!(Trace::take(), [Asked::Enquire(id, enquiry)]);
        assert_eq!(
            events(),
            [Event::JobReported {
                job: id,
                provider: provider()
            }]
        );
    });
}

#[test]
fn enquiry_is_advanced_until_it_is_over() {
    TestExt::execute(|| {
        let id = reported();
        Trace::set_progress(id, Progress::Wait(9));
        run_to(8);
        assert_eq!(Trace::take(), [Asked::Advance(id, 7)]);
        Trace::set_progress(id, Progress::Over(Verdict::Unverified));
        run_to(10);
        assert_eq!(
            Trace::take(),
            [Asked::Advance(id, 9), Asked::Unlock(provider(), 200)]
        );
    });
}

#[test]
fn nobody_is_punished_and_lookers_are_paid_when_inputs_are_gone() {
    TestExt::execute(|| {
        let id = reported();
        conclude(
            id,
            Verdict::Unavailable {
                verifiers: lookers(),
            },
        );
        assert_eq!(
            Trace::take(),
            [
                Asked::Unlock(provider(), 200),
                Asked::Earned(account(5), 10),
                Asked::Earned(account(6), 10),
            ]
        );
        assert_eq!(free(&requester()), ENDOWMENT - 20);
        assert_eq!(held(HoldReason::Escrow, &requester()), 0);
        let receipt = Receipts::<Test>::get(id).expect("closed");
        assert_eq!(receipt.reason, Reason::Unavailable);
        assert_eq!(receipt.provider, Some(provider()));
    });
}

#[test]
fn lookers_get_no_more_than_an_enquiry_costs() {
    TestExt::execute(|| {
        let id = reported();
        let verifiers = (0..9).map(|_| (account(5), u32::MAX)).collect();
        conclude(id, Verdict::Unavailable { verifiers });
        assert_eq!(free(&account(5)), ENDOWMENT + 30);
    });
}

#[test]
fn provider_is_punished_twice_and_the_job_is_up_for_rescue_when_the_report_was_false() {
    TestExt::execute(|| {
        Trace::arm();
        let id = reported();
        conclude(
            id,
            Verdict::Available {
                verifiers: lookers(),
            },
        );
        let asked = Trace::take();
        let charges: Vec<_> = asked
            .iter()
            .filter_map(|asked| match asked {
                Asked::Punish(charge) => Some((charge.offence, charge.bond)),
                _ => None,
            })
            .collect();
        assert_eq!(
            charges,
            [(Offence::MissedDeadline, 200), (Offence::FalseReport, 0)]
        );
        assert_eq!(Trace::locked(&provider()), 0);
        assert!(!Assignments::<Test>::contains_key(provider(), id));
        let job = Jobs::<Test>::get(id).expect("alive");
        let stage = Stage::Rescue {
            opened: 5,
            from: 100,
            reason: Reason::FalseReport,
        };
        assert_eq!(job.stage, stage);
        // The requester got 100 and 50, of which half is the bounty; the lookers 20.
        assert_eq!((job.bounty, job.verification), (75, 340));
        let looked = |seed| Payment {
            account: account(seed),
            amount: 10,
            role: Role::Verifier,
        };
        assert!(matches!(
            events().as_slice(),
            [Event::ReportRefuted { paid, .. }, Event::RescueOpened { bounty: 75, .. }]
                if paid.as_slice() == [looked(5), looked(6)]
        ));
    });
}

#[test]
fn verification_stays_paid_for_when_every_round_has_a_false_report() {
    TestExt::execute(|| {
        Trace::arm();
        let id = reported();
        let all = || vec![(account(5), 2), (account(6), 2), (account(7), 2)];
        conclude(id, Verdict::Available { verifiers: all() });
        for provider in [rival(), provider()] {
            assert_ok!(JobsPallet::do_try_state());
            let origin = RuntimeOrigin::signed(provider);
            assert_ok!(JobsPallet::accept(origin.clone(), id, 0));
            assert_ok!(JobsPallet::report(origin, id, None));
            conclude(id, Verdict::Available { verifiers: all() });
        }
        let receipt = Receipts::<Test>::get(id).expect("closed");
        assert_eq!(receipt.reason, Reason::FalseReport);
        assert_eq!(free(&account(5)), ENDOWMENT + 30);
        assert_eq!(held(HoldReason::Escrow, &requester()), 0);
        // Three times 150 for three bonds and reports at the price of 100, less three enquiries.
        assert_eq!(free(&requester()), ENDOWMENT + 450 - 90);
    });
}

#[test]
fn job_is_up_for_auction_again_when_nobody_could_look() {
    TestExt::execute(|| {
        let id = reported();
        conclude(id, Verdict::Unverified);
        assert_eq!(Trace::take(), [Asked::Unlock(provider(), 200)]);
        let job = Jobs::<Test>::get(id).expect("alive");
        assert_eq!((job.stage, job.round), (Stage::Auction { opened: 5 }, 1));
        assert_eq!(
            events(),
            [Event::JobReopened {
                job: id,
                reason: Reason::Unverified,
                provider: Some(provider()),
                round: 1,
                until: 15,
            }]
        );
        // It did nothing wrong, but whether others fare better is for others to try.
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0),
            Error::<Test>::NotAgain
        );
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(rival()), id, 0));
    });
}

#[test]
fn everything_comes_back_when_nobody_could_look_in_the_last_round() {
    TestExt::execute(|| {
        let id = post();
        run_to(23);
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0));
        assert_ok!(report(id));
        conclude(id, Verdict::Unverified);
        assert_eq!(free(&requester()), ENDOWMENT);
        assert_eq!(
            Receipts::<Test>::get(id).map(|receipt| receipt.reason),
            Some(Reason::Unverified)
        );
    });
}

#[test]
fn enquiry_that_ends_with_another_verdict_is_as_if_nobody_could_look() {
    TestExt::execute(|| {
        let id = reported();
        conclude(
            id,
            Verdict::Upheld {
                verifiers: lookers(),
            },
        );
        assert_eq!(Trace::locked(&provider()), 0);
        assert_eq!(Jobs::<Test>::get(id).map(|job| job.round), Some(1));
    });
}

#[test]
fn price_goes_back_and_verifiers_are_paid_when_inputs_of_a_committed_job_are_gone() {
    TestExt::execute(|| {
        let id = committed([1; 32]);
        Trace::take();
        conclude(
            id,
            Verdict::Unavailable {
                verifiers: vec![(account(5), 30)],
            },
        );
        assert_eq!(
            Trace::take(),
            [
                Asked::Unlock(provider(), 200),
                Asked::Earned(account(5), 150)
            ]
        );
        assert_eq!(free(&provider()), ENDOWMENT);
        assert_eq!(free(&requester()), ENDOWMENT - 150);
        let receipt = Receipts::<Test>::get(id).expect("closed");
        assert_eq!(receipt.reason, Reason::Unavailable);
        assert_eq!(receipt.roots, one([1; 32]));
    });
}

#[test]
fn nobody_is_paid_when_nobody_checked() {
    TestExt::execute(|| {
        for verdict in [
            Verdict::Unverified,
            Verdict::Available { verifiers: vec![] },
        ] {
            let id = committed([1; 32]);
            Trace::take();
            conclude(id, verdict);
            assert_eq!(Trace::take(), [Asked::Unlock(provider(), 200)]);
            assert_eq!(free(&requester()), ENDOWMENT);
            assert_eq!(
                Receipts::<Test>::get(id).map(|receipt| receipt.reason),
                Some(Reason::Unverified)
            );
        }
    });
}

#[test]
fn report_is_taken_from_the_provider_and_its_worker_key_as_an_extrinsic() {
    TestExt::execute(|| {
        for who in [provider(), worker_account(&provider())] {
            let id = accepted();
            assert_ok!(JobsPallet::report(RuntimeOrigin::signed(who), id, None));
            assert!(matches!(
                Jobs::<Test>::get(id).expect("alive").stage,
                Stage::Enquiring { .. }
            ));
        }
    });
}

#[test]
fn report_is_refused_when_the_job_is_somebody_elses() {
    TestExt::execute(|| {
        let id = accepted();
        for who in [rival(), requester(), author(), worker_account(&rival())] {
            assert_noop!(
                JobsPallet::report(RuntimeOrigin::signed(who), id, None),
                Error::<Test>::NotYours
            );
        }
        for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
            assert_noop!(
                JobsPallet::report(origin, id, signed(&provider(), id)),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn report_is_admitted_once_and_apart_from_a_commitment() {
    TestExt::execute(|| {
        let id = accepted();
        let first = authorize(id, signed(&provider(), id)).expect("due");
        let second = authorize(id, signed(&provider(), id)).expect("due");
        assert_eq!(first.provides, second.provides);
        let commit = RuntimeCall::JobsPallet(Call::commit {
            job: id,
            roots: one([1; 32]),
            signature: signature(&provider(), id, [1; 32]),
        });
        let (commit, _) = commit
            .authorize(TransactionSource::External)
            .expect("the call has an authorization")
            .expect("due");
        assert_ne!(first.provides, commit.provides);
    });
}

#[test]
fn report_is_not_admitted_when_not_the_worker_key_signed_it() {
    TestExt::execute(|| {
        let id = accepted();
        for signature in [signed(&rival(), id), signed(&provider(), id + 1)] {
            assert_eq!(
                authorize(id, signature),
                Err(InvalidTransaction::BadProof.into())
            );
        }
        assert_eq!(
            authorize(id, None),
            Err(InvalidTransaction::BadSigner.into())
        );
    });
}

#[test]
fn second_report_and_commit_are_refused_when_reported() {
    TestExt::execute(|| {
        let id = reported();
        assert_noop!(report(id), Error::<Test>::AlreadyReported);
        assert_noop!(
            JobsPallet::commit(
                RawOrigin::Authorized.into(),
                id,
                one([1; 32]),
                signature(&provider(), id, [1; 32])
            ),
            Error::<Test>::AlreadyReported
        );
        assert_eq!(
            authorize(id, signed(&provider(), id)),
            Err(InvalidTransaction::Stale.into())
        );
    });
}

#[test]
fn report_is_refused_when_nothing_is_being_computed() {
    TestExt::execute(|| {
        assert_noop!(report(0), Error::<Test>::UnknownJob);
        let open = post();
        assert_noop!(report(open), Error::<Test>::NotComputing);
        let done = committed([1; 32]);
        assert_noop!(report(done), Error::<Test>::AlreadyCommitted);
        let late = accepted();
        System::set_block_number(9);
        assert!(authorize(late, signed(&provider(), late)).is_ok());
        System::set_block_number(10);
        assert_noop!(report(late), Error::<Test>::DeadlinePassed);
    });
}
