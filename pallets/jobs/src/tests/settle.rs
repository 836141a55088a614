// SPDX-License-Identifier: Apache-2.0
//! Who gets what when a job ends.

use crate::{
    Event, HoldReason, Receipts, frame_support, frame_system,
    mock::{
        Asked, Balances, ENDOWMENT, EXISTENTIAL_DEPOSIT, FeeDestination, JobsPallet, RuntimeOrigin,
        System, Test, TestExt, Trace, account, events, free, held, one, post, provider, requester,
        run_to, signature, spec,
    },
    types,
    types::{Payment, Role},
};
use assay_primitives::{
    AccountId, Balance, JobId,
    reason::{Offence, Reason},
    reputation::Deed,
    slashing::{Charge, Penalty},
    verification::{JobBook, Verdict},
};
use frame_support::{
    assert_ok,
    traits::fungible::{Mutate, MutateFreeze},
    traits::tokens::{Fortitude, Precision, Preservation},
};

const ROOT: assay_verifier::Root = [0xaa; 32];

/// A committed job of price 600, at block 6.
fn committed_at_600() -> JobId {
    let id = post();
    run_to(6);
    assert_ok!(JobsPallet::accept(
        RuntimeOrigin::signed(provider()),
        id,
        600
    ));
    let signature = signature(&provider(), id, ROOT);
    assert_ok!(JobsPallet::commit(
        frame_system::RawOrigin::Authorized.into(),
        id,
        one(ROOT),
        signature
    ));
    Trace::take();
    System::reset_events();
    id
}

fn conclude(id: JobId, verdict: Verdict<AccountId>) {
    assert_ok!(<JobsPallet as JobBook<_, _>>::conclude(id, verdict));
}

fn upheld(verifiers: &[(AccountId, u32)]) -> Verdict<AccountId> {
    Verdict::Upheld {
        verifiers: verifiers.to_vec(),
    }
}

fn payment(account: AccountId, amount: Balance, role: Role) -> Payment {
    Payment {
        account,
        amount,
        role,
    }
}

fn payments(payments: Vec<Payment>) -> types::Payments {
    payments.try_into().expect("few payments")
}

#[test]
fn everybody_is_paid_when_the_result_is_upheld() {
    TestExt::execute(|| {
        let id = committed_at_600();
        let deposit = held(HoldReason::Deposit, &requester());
        let issuance = Balances::total_issuance();

        conclude(id, upheld(&[(account(5), 30), (account(6), 20)]));

        assert_eq!(free(&provider()), ENDOWMENT + 594);
        assert_eq!(free(&account(5)), ENDOWMENT + 150);
        assert_eq!(free(&account(6)), ENDOWMENT + 100);
        assert_eq!(free(&account(9)), ENDOWMENT + 6);
        assert_eq!(free(&requester()), ENDOWMENT - 850);
        assert_eq!(held(HoldReason::Escrow, &requester()), 0);
        assert_eq!(held(HoldReason::Deposit, &requester()), 0);
        assert_eq!(Balances::total_issuance(), issuance);
        assert_eq!(
            Trace::take(),
            [
                Asked::Unlock(provider(), 1_200),
                Asked::Earned(provider(), 594),
                Asked::Note(provider(), Deed::Settled),
                Asked::Earned(account(5), 150),
                Asked::Earned(account(6), 100),
                Asked::Note(account(5), Deed::Verified),
                Asked::Note(account(6), Deed::Verified),
            ]
        );
        assert_eq!(
            events(),
            [Event::JobSettled {
                job: id,
                reason: Reason::Settled,
                provider: Some(provider()),
                root: Some(ROOT),
                asset: None,
                paid: payments(vec![
                    payment(provider(), 594, Role::Provider),
                    payment(account(5), 150, Role::Verifier),
                    payment(account(6), 100, Role::Verifier),
                ]),
                fee: 6,
                refunded: 610,
                returned: 0,
                unclaimed: 0,
                deposit,
                penalty: Penalty::default(),
            }]
        );
    });
}

#[test]
fn requester_gets_the_price_back_and_verifiers_are_paid_when_the_provider_is_convicted() {
    TestExt::execute(|| {
        let id = committed_at_600();
        let deposit = held(HoldReason::Deposit, &requester());
        let penalty = Penalty {
            taken: 1_200,
            reporter: 200,
            requester: 600,
            treasury: 0,
            burned: 400,
        };
        Trace::set_penalty(Some(penalty));

        conclude(
            id,
            Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(account(7)),
                verifiers: vec![(account(5), 30)],
            },
        );

        assert_eq!(free(&provider()), ENDOWMENT);
        assert_eq!(free(&account(5)), ENDOWMENT + 150);
        assert_eq!(free(&account(9)), ENDOWMENT);
        assert_eq!(free(&requester()), ENDOWMENT - 150);
        assert_eq!(
            Trace::take(),
            [
                Asked::Unlock(provider(), 1_200),
                Asked::Punish(Charge {
                    offence: Offence::WrongResult,
                    job: Some(id),
                    offender: provider(),
                    bond: 1_200,
                    price: 600,
                    reporter: Some(account(7)),
                    requester: Some(requester()),
                }),
                Asked::Earned(account(5), 150),
                Asked::Note(account(5), Deed::Verified),
            ]
        );
        assert_eq!(
            events(),
            [Event::JobSettled {
                job: id,
                reason: Reason::WrongResult,
                provider: Some(provider()),
                root: Some(ROOT),
                asset: None,
                paid: payments(vec![payment(account(5), 150, Role::Verifier)]),
                fee: 0,
                refunded: 1_310,
                returned: 0,
                unclaimed: 0,
                deposit,
                penalty,
            }]
        );
    });
}

#[test]
fn reason_is_withheld_when_the_provider_did_not_open() {
    TestExt::execute(|| {
        let id = committed_at_600();
        conclude(
            id,
            Verdict::Convicted {
                offence: Offence::Withheld,
                reporter: None,
                verifiers: vec![],
            },
        );
        assert_eq!(
            Receipts::<Test>::get(id).map(|receipt| receipt.reason),
            Some(Reason::Withheld)
        );
        assert_eq!(free(&requester()), ENDOWMENT);
    });
}

#[test]
fn requester_is_refunded_when_the_punishment_fails() {
    TestExt::execute(|| {
        let id = committed_at_600();
        Trace::set_penalty(None);
        conclude(
            id,
            Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: None,
                verifiers: vec![],
            },
        );
        assert_eq!(free(&requester()), ENDOWMENT);
        assert_eq!(Trace::locked(&provider()), 0);
    });
}

#[test]
fn share_of_an_account_that_cannot_exist_goes_back_to_the_requester() {
    TestExt::execute(|| {
        FeeDestination::set(account(99));
        let id = committed_at_600();
        conclude(id, upheld(&[(account(98), 1), (account(97), 30)]));

        assert_eq!(free(&account(99)), 0);
        assert_eq!(free(&account(98)), 0);
        assert_eq!(free(&account(97)), 150);
        assert_eq!(free(&provider()), ENDOWMENT + 594);
        assert_eq!(free(&requester()), ENDOWMENT - 744);
        assert!(matches!(
            events().as_slice(),
            [Event::JobSettled { fee: 0, refunded: 716, paid, .. }] if paid.len() == 2
        ));
    });
}

#[test]
fn everybody_is_paid_when_the_requesters_account_is_frozen() {
    TestExt::execute(|| {
        let id = committed_at_600();
        assert_ok!(<Balances as MutateFreeze<AccountId>>::set_freeze(
            &7,
            &requester(),
            ENDOWMENT,
        ));
        conclude(id, upheld(&[(account(5), 30)]));
        assert_eq!(free(&provider()), ENDOWMENT + 594);
        assert_eq!(free(&account(5)), ENDOWMENT + 150);
    });
}

#[test]
fn everybody_is_paid_when_the_requester_has_spent_all_else() {
    TestExt::execute(|| {
        let id = committed_at_600();
        assert_ok!(<Balances as Mutate<AccountId>>::burn_from(
            &requester(),
            Balance::MAX,
            Preservation::Preserve,
            Precision::BestEffort,
            Fortitude::Polite,
        ));
        let left = free(&requester());
        let deposit = held(HoldReason::Deposit, &requester());
        assert!(left <= EXISTENTIAL_DEPOSIT);
        conclude(id, upheld(&[(account(5), 30)]));
        assert_eq!(free(&provider()), ENDOWMENT + 594);
        assert_eq!(free(&requester()), left + deposit + 1_460 - 600 - 150);
    });
}

#[test]
fn everything_comes_back_when_the_requester_has_nothing_left_that_is_free() {
    TestExt::execute(|| {
        // Something else keeps the account alive.
        System::inc_providers(&requester());
        let id = committed_at_600();
        assert_ok!(<Balances as Mutate<AccountId>>::burn_from(
            &requester(),
            Balance::MAX,
            Preservation::Expendable,
            Precision::BestEffort,
            Fortitude::Force,
        ));
        assert_eq!(free(&requester()), 0);
        let deposit = held(HoldReason::Deposit, &requester());
        let verifiers = vec![(account(5), 30), (account(6), 30)];
        conclude(id, upheld(&verifiers));
        assert_eq!(free(&requester()), deposit + 1_460 - 600 - 300);
        assert_eq!(held(HoldReason::Escrow, &requester()), 0);
    });
}

#[test]
fn receipt_says_how_the_job_ended() {
    TestExt::execute(|| {
        let id = committed_at_600();
        conclude(id, upheld(&[]));
        let receipt = Receipts::<Test>::get(id).expect("kept");
        assert_eq!(receipt.requester, requester());
        assert_eq!(receipt.spec, spec());
        assert_eq!((receipt.tiles, receipt.samples), (30, 30));
        assert_eq!(
            (receipt.provider, receipt.roots),
            (Some(provider()), one(ROOT))
        );
        assert_eq!((receipt.reason, receipt.closed_at), (Reason::Settled, 6));
    });
}
