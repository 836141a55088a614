// SPDX-License-Identifier: Apache-2.0
//! Prices in an asset, and `claim`.

use crate::{
    Error, Event, HoldReason, Unclaimed, frame_support, frame_system,
    mock::{
        ASSET, Asked, Assets, ENDOWMENT, JobsPallet, RuntimeOrigin, System, Test, TestExt, Trace,
        account, create_asset, events, free, free_asset, give, held, held_asset, list_asset, one,
        provider, requester, rival, run_to, signature, spec,
    },
    sp_runtime,
    types::{Payment, Role},
};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    api::QuoteError,
    job::JobSpec,
    verification::{JobBook, Verdict},
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, FixedU128, TokenError};

const ROOT: [u8; 32] = [1; 32];

/// The usual job with its price in the asset of the tests, of which two are worth a native token.
fn in_asset() -> JobSpec<Balance, BlockNumber> {
    JobSpec {
        asset: Some(ASSET),
        ..spec()
    }
}

fn try_post(spec: JobSpec<Balance, BlockNumber>) -> sp_runtime::DispatchResult {
    JobsPallet::post(RuntimeOrigin::signed(requester()), spec)
}

fn commit(id: JobId, who: &AccountId) {
    assert_ok!(JobsPallet::commit(
        frame_system::RawOrigin::Authorized.into(),
        id,
        one(ROOT),
        signature(who, id, ROOT)
    ));
}

/// A job of price 600 in the asset, committed in block 6.
fn committed_at_600() -> JobId {
    assert_ok!(try_post(in_asset()));
    run_to(6);
    assert_ok!(JobsPallet::accept(
        RuntimeOrigin::signed(provider()),
        0,
        600
    ));
    commit(0, &provider());
    Trace::take();
    System::reset_events();
    0
}

fn uphold(id: JobId, verifiers: Vec<(AccountId, u32)>) {
    assert_ok!(<JobsPallet as JobBook<_, _>>::conclude(
        id,
        Verdict::Upheld { verifiers }
    ));
}

fn issuer() -> RuntimeOrigin {
    RuntimeOrigin::signed(account(8))
}

/// Anybody has what is due to an account of the requester's escrow paid out.
fn claim(account: AccountId) -> sp_runtime::DispatchResult {
    JobsPallet::claim(RuntimeOrigin::signed(rival()), ASSET, requester(), account)
}

fn left_on_hold(account: AccountId, amount: Balance) -> Event<Test> {
    Event::LeftOnHold {
        asset: ASSET,
        holder: requester(),
        account,
        amount,
    }
}

#[test]
fn ceiling_is_held_in_the_asset_and_all_else_in_native_tokens() {
    TestExt::execute(|| {
        list_asset();
        let quote = JobsPallet::quote(&in_asset()).expect("sound");
        assert_eq!(
            (quote.ceiling, quote.worth, quote.bond),
            (1_100, 550, 1_100)
        );
        assert_ok!(try_post(in_asset()));
        assert_eq!(held_asset(&requester()), 1_100);
        assert_eq!(free_asset(&requester()), ENDOWMENT - 1_100);
        // All 30 tiles are sampled: more cannot be drawn of anybody.
        assert_eq!(held(HoldReason::Escrow, &requester()), 360);
        let deposit = held(HoldReason::Deposit, &requester());
        assert_eq!((quote.verification, quote.total), (360, 360 + deposit));
        assert!(matches!(
            events().as_slice(),
            [
                ..,
                Event::JobPosted {
                    escrow: 360,
                    asset: Some(ASSET),
                    in_asset: 1_100,
                    ..
                }
            ]
        ));
    });
}

#[test]
fn bond_and_panel_follow_the_worth() {
    TestExt::execute(|| {
        list_asset();
        let mut dear = in_asset();
        dear.price.ceiling = 39_999;
        assert_eq!(JobsPallet::quote(&dear).expect("sound").panel, 3);
        dear.price.ceiling = 40_000;
        assert_eq!(JobsPallet::quote(&dear).expect("sound").panel, 4);
        assert_ok!(try_post(in_asset()));
        run_to(6);
        Trace::set_rate(ASSET, Some(FixedU128::from_u32(3)));
        assert_ok!(JobsPallet::accept(
            RuntimeOrigin::signed(provider()),
            0,
            600
        ));
        // The rate of the acceptance counts.
        assert_eq!(Trace::take(), [Asked::Lock(provider(), 3_600)]);
    });
}

#[test]
fn provider_is_paid_in_the_asset_and_verifiers_in_native_tokens() {
    TestExt::execute(|| {
        list_asset();
        let id = committed_at_600();
        uphold(id, vec![(account(5), 30)]);
        assert_eq!(free_asset(&provider()), ENDOWMENT + 594);
        assert_eq!(free_asset(&account(9)), 6);
        assert_eq!(free_asset(&requester()), ENDOWMENT - 600);
        assert_eq!(held_asset(&requester()), 0);
        assert_eq!(free(&account(5)), ENDOWMENT + 150);
        assert_eq!(free(&provider()), ENDOWMENT);
        assert_eq!(free(&requester()), ENDOWMENT - 150);
        // What delegators get is native.
        assert!(
            !Trace::take()
                .iter()
                .any(|asked| matches!(asked, Asked::Earned(who, _) if *who == provider()))
        );
        let payment = |account, amount, role| Payment {
            account,
            amount,
            role,
        };
        let expected = [
            payment(provider(), 594, Role::Provider),
            payment(account(5), 150, Role::Verifier),
        ];
        assert!(matches!(
            events().last(),
            Some(Event::JobSettled {
                asset: Some(ASSET), paid, fee: 6, refunded: 210, returned: 500, unclaimed: 0, ..
            }) if paid.as_slice() == expected
        ));
    });
}

#[test]
fn post_is_refused_when_the_asset_has_no_rate_or_is_not_there() {
    TestExt::execute(|| {
        let refused = |error: Error<Test>, quote| {
            assert_noop!(try_post(in_asset()), error);
            assert_eq!(JobsPallet::quote(&in_asset()), Err(quote));
        };
        refused(Error::UnlistedAsset, QuoteError::UnlistedAsset);
        Trace::set_rate(ASSET, Some(FixedU128::from_u32(1)));
        refused(Error::UnlistedAsset, QuoteError::UnlistedAsset);
        create_asset(ASSET);
        give(ASSET, &requester(), ENDOWMENT);
        Trace::set_rate(ASSET, None);
        refused(Error::UnlistedAsset, QuoteError::UnlistedAsset);
        // Worth nothing.
        Trace::set_rate(ASSET, Some(FixedU128::from_inner(1)));
        refused(Error::BadPrice, QuoteError::BadPrice);
        // A bond that cannot be counted.
        Trace::set_rate(ASSET, Some(FixedU128::from_u32(1)));
        let mut dear = in_asset();
        dear.price.ceiling = Balance::MAX;
        assert_noop!(try_post(dear), Error::<Test>::BadPrice);
    });
}

#[test]
fn accept_is_refused_when_the_rate_is_gone() {
    TestExt::execute(|| {
        list_asset();
        assert_ok!(try_post(in_asset()));
        Trace::set_rate(ASSET, None);
        assert_noop!(
            JobsPallet::accept(RuntimeOrigin::signed(provider()), 0, 0),
            Error::<Test>::UnlistedAsset
        );
        run_to(40);
        assert_eq!(free_asset(&requester()), ENDOWMENT);
    });
}

#[test]
fn post_is_refused_when_the_requester_has_not_enough_of_the_asset() {
    TestExt::execute(|| {
        list_asset();
        let mut dear = in_asset();
        // The least balance of 5 stays.
        dear.price.ceiling = ENDOWMENT - 4;
        assert_noop!(try_post(dear.clone()), TokenError::FundsUnavailable);
        dear.price.ceiling = ENDOWMENT - 5;
        assert_ok!(try_post(dear));
        assert_noop!(
            JobsPallet::post(RuntimeOrigin::signed(account(9)), in_asset()),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn everybody_is_paid_when_the_requesters_account_is_frozen() {
    TestExt::execute(|| {
        list_asset();
        let id = committed_at_600();
        assert_ok!(Assets::freeze(issuer(), ASSET, requester()));
        uphold(id, vec![]);
        assert_eq!(free_asset(&provider()), ENDOWMENT + 594);
        assert_eq!(free_asset(&requester()), ENDOWMENT - 600);
        assert_eq!(Unclaimed::<Test>::iter().count(), 0);
    });
}

#[test]
fn what_is_earned_stays_on_hold_for_the_provider_when_it_cannot_receive_it() {
    TestExt::execute(|| {
        list_asset();
        let id = committed_at_600();
        assert_ok!(Assets::block(issuer(), ASSET, provider()));
        uphold(id, vec![]);
        assert_eq!(free_asset(&provider()), ENDOWMENT);
        assert_eq!(free_asset(&account(9)), 6);
        assert_eq!(free_asset(&requester()), ENDOWMENT - 1_100 + 500);
        assert_eq!(held_asset(&requester()), 594);
        let events = events();
        assert!(events.contains(&left_on_hold(provider(), 594)));
        assert!(matches!(
            events.last(),
            Some(Event::JobSettled { paid, fee: 6, returned: 500, unclaimed: 594, .. }) if paid.is_empty()
        ));
        assert_noop!(claim(provider()), TokenError::CannotCreate);
        assert_ok!(Assets::thaw(issuer(), ASSET, provider()));
        assert_ok!(claim(provider()));
        assert_eq!(free_asset(&provider()), ENDOWMENT + 594);
        assert_eq!(held_asset(&requester()), 0);
    });
}

#[test]
fn everything_stays_on_hold_for_whom_it_is_due_to_when_the_asset_is_frozen() {
    TestExt::execute(|| {
        list_asset();
        let id = committed_at_600();
        assert_ok!(Assets::freeze_asset(issuer(), ASSET));
        uphold(id, vec![(account(5), 30)]);
        assert_eq!(free(&account(5)), ENDOWMENT + 150);
        assert_eq!(held_asset(&requester()), 1_100);
        let waiting = |who| Unclaimed::<Test>::get((ASSET, requester(), who));
        assert_eq!(
            [provider(), account(9), requester()].map(waiting),
            [594, 6, 500]
        );
        assert_ok!(Assets::thaw_asset(issuer(), ASSET));
        for who in [provider(), account(9), requester()] {
            assert_ok!(claim(who));
        }
        assert_eq!(free_asset(&provider()), ENDOWMENT + 594);
        assert_eq!(free_asset(&account(9)), 6);
        assert_eq!(free_asset(&requester()), ENDOWMENT - 600);
        assert_eq!(held_asset(&requester()), 0);
    });
}

#[test]
fn share_that_brings_no_account_to_life_waits_for_one() {
    TestExt::execute(|| {
        list_asset();
        assert_ok!(try_post(in_asset()));
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), 0, 0));
        commit(0, &provider());
        uphold(0, vec![]);
        // The least balance is 5, and the fee was 1.
        assert_eq!(Unclaimed::<Test>::get((ASSET, requester(), account(9))), 1);
        assert_eq!(claim(account(9)), Err(TokenError::CannotCreate.into()));
        give(ASSET, &account(9), 5);
        assert_ok!(claim(account(9)));
        assert_eq!(free_asset(&account(9)), 6);
    });
}

#[test]
fn what_the_requester_cannot_receive_stays_on_hold_until_it_is_claimed() {
    TestExt::execute(|| {
        list_asset();
        let id = committed_at_600();
        assert_ok!(try_post(in_asset()));
        assert_ok!(Assets::block(issuer(), ASSET, requester()));
        uphold(id, vec![]);
        assert_eq!(free_asset(&provider()), ENDOWMENT + 594);
        assert_eq!(held_asset(&requester()), 1_600);
        assert!(matches!(
            events().last(),
            Some(Event::JobSettled {
                returned: 0,
                unclaimed: 500,
                ..
            })
        ));
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), 1));
        assert_eq!(
            Unclaimed::<Test>::get((ASSET, requester(), requester())),
            1_600
        );
        assert_noop!(claim(requester()), TokenError::CannotCreate);
        assert_noop!(claim(rival()), Error::<Test>::NothingToClaim);
        assert_noop!(
            JobsPallet::claim(RuntimeOrigin::none(), ASSET, requester(), requester()),
            DispatchError::BadOrigin
        );
        assert_ok!(Assets::thaw(issuer(), ASSET, requester()));
        System::reset_events();
        assert_ok!(claim(requester()));
        assert_eq!(free_asset(&requester()), ENDOWMENT - 600);
        assert_eq!(held_asset(&requester()), 0);
        assert_eq!(
            events(),
            [Event::Claimed {
                asset: ASSET,
                holder: requester(),
                account: requester(),
                amount: 1_600,
            }]
        );
        assert_noop!(claim(requester()), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn asset_cannot_be_destroyed_while_some_of_it_is_held() {
    TestExt::execute(|| {
        list_asset();
        assert_ok!(try_post(in_asset()));
        assert_noop!(
            Assets::start_destroy(issuer(), ASSET),
            polkadot_sdk::pallet_assets::Error::<Test>::ContainsHolds
        );
    });
}

#[test]
fn bounty_is_native_when_the_price_is_not() {
    TestExt::execute(|| {
        list_asset();
        Trace::arm();
        assert_ok!(try_post(in_asset()));
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(provider()), 0, 0));
        run_to(10);
        // The bond was twice the worth of 50; the requester got 50 of it, half of which is the bounty.
        assert_ok!(JobsPallet::accept(RuntimeOrigin::signed(rival()), 0, 0));
        commit(0, &rival());
        uphold(0, vec![]);
        assert_eq!(free(&rival()), ENDOWMENT + 25);
        assert_eq!(free_asset(&rival()), ENDOWMENT + 99);
    });
}

#[test]
fn samples_beyond_the_assurances_come_out_of_the_price_in_the_asset() {
    TestExt::execute(|| {
        list_asset();
        let mut wide = in_asset();
        wide.passes[0].grid = [1_000, 1, 1];
        wide.assurance = assay_verifier::sampling::Assurance::DEFAULT;
        let quote = JobsPallet::quote(&wide).expect("sound");
        let samples = Balance::from(quote.samples);
        assert_eq!(quote.samples_most, 2 * quote.samples);
        // Verifiers have nothing of a price in an asset: what more samples cost is held besides.
        assert_eq!(quote.verification, 2 * samples * 2 * 5 + 60);
        Trace::set_scrutiny(provider(), 150);
        assert_ok!(try_post(wide));
        run_to(11);
        assert_ok!(JobsPallet::accept(
            RuntimeOrigin::signed(provider()),
            0,
            1_100
        ));
        commit(0, &provider());
        let drawn = quote.samples + quote.samples.div_ceil(2);
        let extra = Balance::from(drawn - quote.samples) * 2 * 5;
        uphold(0, vec![(account(5), drawn), (account(6), drawn)]);
        assert_eq!(free(&requester()), ENDOWMENT - samples * 10 - extra);
        assert_eq!(free_asset(&provider()), ENDOWMENT + 1_089 - 2 * extra);
        assert_eq!(free_asset(&requester()), ENDOWMENT - 1_100 + 2 * extra);
    });
}
