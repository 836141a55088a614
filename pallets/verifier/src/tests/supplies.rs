// SPDX-License-Identifier: Apache-2.0
//! `supply`: witnesses larger than a block, and what is left of them.

use crate::{
    Discarded, Error, Event, HoldReason, Pages, Supplies, WeightInfo, frame_support,
    mock::{
        Balances, ENDOWMENT, Output, PAGE_DEPOSIT, Refusal, RuntimeOrigin, System, Test,
        VerifierPallet, WRONG, World, account, all_opened, all_revealed, case, commit, draw, drawn,
        enquire, events, input, judging_fuel, panel, proof, provider, requester, right_values, run,
        run_past, run_to, submit, witness,
    },
    sp_runtime::{DispatchError, DispatchResult, TokenError},
    types::{MAX_STRANGERS, MAX_SUPPLY, Phase},
};
use assay_primitives::{AccountId, Balance, verification::Verdict};
use assay_verifier::witness::{InputRef, InputSlice, Page, Witness};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        OnIdle,
        fungible::{Inspect, InspectHold, Mutate},
    },
    weights::{Weight, WeightMeter},
};

fn watcher() -> AccountId {
    account(77)
}

fn held(who: &AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::Supply.into(), who)
}

fn supply(who: AccountId, job: u64, slice: InputSlice) -> DispatchResult {
    VerifierPallet::supply(RuntimeOrigin::signed(who), job, 0, 0, slice)
}

/// What a tile reads.
fn slice(tile: u32) -> InputSlice {
    witness(tile).inputs.remove(0)
}

/// A page of the input.
fn page(number: u32) -> InputSlice {
    let set = [number].into_iter().collect();
    let mut witness = Witness::build(&[&input()], &[set]).expect("a page of it");
    witness.inputs.remove(0)
}

/// A witness that leaves everything to what was supplied.
fn empty() -> Witness {
    Witness {
        inputs: vec![InputSlice::default()],
    }
}

fn adjudicate(tile: u32, output: &Output, supplied: u32) -> Result<Option<Weight>, DispatchError> {
    VerifierPallet::adjudicate(
        RuntimeOrigin::signed(account(78)),
        7,
        tile,
        Some(output.opening(&[tile])),
        empty(),
        judging_fuel(),
        supplied,
    )
    .map(|done| done.actual_weight)
    .map_err(|error| error.error)
}

#[test]
fn tile_that_reads_more_than_fits_a_witness_is_judged_on_supplied_pages() {
    run(|| {
        let output = Output::wrong(&[5]);
        commit(7, &output);
        assert_noop!(adjudicate(5, &output, 9), Error::<Test>::PageMissing);
        // Two pages, by two accounts.
        let pages = slice(5).pages;
        for (who, page) in [watcher(), account(79)].iter().zip(&pages) {
            System::reset_events();
            assert_ok!(supply(who.clone(), 7, self::page(page.index)));
            assert_eq!(
                events(),
                [Event::Supplied {
                    job: 7,
                    input: InputRef::of(&input()).hash,
                    by: who.clone(),
                    pages: 1,
                    deposit: PAGE_DEPOSIT,
                }]
            );
            assert_eq!(held(who), PAGE_DEPOSIT);
        }
        // No more are read than was declared and is weighed.
        assert_noop!(adjudicate(5, &output, 1), Error::<Test>::PageMissing);
        adjudicate(5, &output, 2).expect("the tile is wrong");
        assert!(matches!(World::verdict(7), Some(Verdict::Convicted { .. })));
        run_to(System::block_number() + 1);
        for who in [watcher(), account(79)] {
            assert_eq!((held(&who), Balances::total_balance(&who)), (0, ENDOWMENT));
        }
        assert_eq!(Pages::<Test>::iter_keys().count(), 0);
    });
}

#[test]
fn weight_is_of_the_supplied_pages_that_were_read() {
    run(|| {
        let output = Output::right();
        commit(7, &output);
        assert_ok!(supply(watcher(), 7, slice(5)));
        let done = adjudicate(5, &output, 100).expect("the proof is sound");
        let fuel = crate::mock::burned(5) + crate::mock::ready_fuel();
        let bytes = codec::Encode::encoded_size(&empty());
        let weight = VerifierPallet::weight_of(<() as WeightInfo>::uphold, fuel, bytes, 2);
        assert_eq!(done, Some(weight));
    });
}

#[test]
fn parties_prove_on_supplied_pages_too() {
    let mut tile = 0;
    run(|| {
        drawn(7, &Output::right());
        tile = draw(7)[0];
    });
    run(|| {
        let output = Output::wrong(&[tile]);
        all_opened(7, &output, &right_values());
        let verifier = panel(7)[0].clone();
        crate::mock::reveal(7, &verifier, &right_values()).expect("due");
        assert_ok!(supply(watcher(), 7, slice(tile)));
        submit(proof(
            7,
            &verifier,
            tile,
            None,
            empty(),
            (judging_fuel(), 2),
        ))
        .expect("due");
        assert!(matches!(
            World::verdict(7),
            Some(Verdict::Convicted { reporter, .. }) if reporter == Some(verifier)
        ));
    });
}

#[test]
fn pages_of_the_second_call_count_only_where_they_are_new() {
    run(|| {
        commit(7, &Output::right());
        assert_ok!(supply(watcher(), 7, slice(5)));
        assert_noop!(supply(watcher(), 7, slice(5)), Error::<Test>::NothingNew);
        // Tiles 5 and 6 share a page.
        assert_ok!(supply(watcher(), 7, slice(6)));
        assert_eq!(held(&watcher()), 3 * PAGE_DEPOSIT);
        let supplied = Supplies::<Test>::get(7).expect("there").suppliers;
        assert_eq!((supplied.len(), supplied[0].pages), (1, 3));
        assert_noop!(supply(account(79), 7, slice(6)), Error::<Test>::NothingNew);
    });
}

#[test]
fn pages_are_refused_that_are_forged_too_many_or_of_no_input() {
    run(|| {
        commit(7, &Output::right());
        let mut forged = slice(5);
        forged.pages[0].bytes[3] ^= 1;
        let mut moved = slice(5);
        moved.pages[1].index += 1;
        let mut long = slice(5);
        long.pages[0].bytes.push(0);
        for slice in [forged, moved, long] {
            assert_noop!(supply(watcher(), 7, slice), Error::<Test>::BadWitnessPage);
        }
        let many = |count| InputSlice {
            pages: vec![
                Page {
                    index: 0,
                    bytes: vec![],
                };
                count
            ],
            siblings: vec![],
        };
        let most = usize::try_from(MAX_SUPPLY).expect("few");
        let mut siblings = slice(5);
        siblings.siblings.resize(65, WRONG);
        for slice in [InputSlice::default(), many(most + 1), siblings] {
            assert_noop!(supply(watcher(), 7, slice), Error::<Test>::BadSlice);
        }
        assert_noop!(
            supply(watcher(), 7, many(most)),
            Error::<Test>::BadWitnessPage
        );
        for (pass, input) in [(0, 1), (0, u32::MAX), (1, 0), (2, 0), (u32::MAX, 0)] {
            let origin = RuntimeOrigin::signed(watcher());
            assert_noop!(
                VerifierPallet::supply(origin, 7, pass, input, slice(5)),
                Error::<Test>::UnknownInput
            );
        }
        assert_noop!(supply(watcher(), 8, slice(5)), Error::<Test>::UnknownCase);
        enquire(9, 2);
        assert_noop!(supply(watcher(), 9, slice(5)), Error::<Test>::NoResult);
        for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
            assert_noop!(
                VerifierPallet::supply(origin, 7, 0, 0, slice(5)),
                DispatchError::BadOrigin
            );
        }
        let poor = account(200);
        <Balances as Mutate<_>>::set_balance(&poor, 2 * PAGE_DEPOSIT);
        assert_noop!(supply(poor, 7, slice(5)), TokenError::FundsUnavailable);
    });
}

#[test]
fn strangers_do_not_keep_parties_from_supplying() {
    run(|| {
        all_revealed(7, &Output::right(), &right_values());
        let strangers = u8::try_from(MAX_STRANGERS).expect("few");
        for number in 0..strangers {
            assert_ok!(supply(account(77 + number), 7, page(number.into())));
        }
        assert_noop!(
            supply(account(77 + strangers), 7, page(12)),
            Error::<Test>::TooManySuppliers
        );
        // Who is one of them already goes on.
        assert_ok!(supply(account(77), 7, page(13)));
        for (party, number) in [panel(7)[0].clone(), requester(), provider()]
            .iter()
            .zip(14..)
        {
            assert_ok!(supply(party.clone(), 7, page(number)));
        }
    });
}

#[test]
fn pages_go_step_by_step_and_deposits_come_back_with_the_last() {
    run(|| {
        all_revealed(7, &Output::right(), &right_values());
        for tile in [1, 5, 9] {
            assert_ok!(supply(watcher(), 7, slice(tile)));
        }
        let until = case(7).until;
        World::advance_due(until);
        assert!(World::verdict(7).is_some());
        assert!(!Supplies::<Test>::contains_key(7));
        assert_eq!(Discarded::<Test>::iter().count(), 1);
        let step = <() as WeightInfo>::discard() + <() as WeightInfo>::discard_page() * 2;
        for left in [4, 2, 0] {
            let used = <VerifierPallet as OnIdle<u32>>::on_idle(until, step);
            assert!(used.all_lte(step));
            assert_eq!(Pages::<Test>::iter_keys().count(), left);
            assert_eq!(held(&watcher()), 6 * PAGE_DEPOSIT);
            VerifierPallet::do_try_state().expect("every invariant holds");
        }
        // The hook with nothing to spend does nothing.
        assert_eq!(
            <VerifierPallet as OnIdle<u32>>::on_idle(until, Weight::zero()),
            Weight::zero()
        );
        VerifierPallet::discard(&mut WeightMeter::new());
        assert_eq!(Discarded::<Test>::iter().count(), 0);
        assert_eq!(
            (held(&watcher()), Balances::total_balance(&watcher())),
            (0, ENDOWMENT)
        );
    });
}

#[test]
fn pages_of_an_earlier_case_are_not_those_of_a_later_one_of_the_same_job() {
    run(|| {
        let output = Output::wrong(&[5]);
        commit(7, &output);
        assert_ok!(supply(watcher(), 7, slice(5)));
        crate::mock::adjudicate(account(78), 7, 5, Some(output.opening(&[5]))).expect("wrong");
        // Before anything is removed, the job is committed again.
        commit(7, &output);
        assert_noop!(adjudicate(5, &output, 9), Error::<Test>::PageMissing);
        assert_ok!(supply(account(79), 7, slice(5)));
        assert_eq!(Pages::<Test>::iter_keys().count(), 4);
        VerifierPallet::do_try_state().expect("every invariant holds");
        VerifierPallet::discard(&mut WeightMeter::new());
        assert_eq!(
            (held(&watcher()), held(&account(79))),
            (0, 2 * PAGE_DEPOSIT)
        );
        adjudicate(5, &output, 2).expect("the tile is wrong");
        run_to(System::block_number() + 1);
        assert_eq!(held(&account(79)), 0);
    });
}

#[test]
fn supplied_page_is_not_read_when_a_duty_lies_about_it() {
    run(|| {
        let mut tile = 0;
        run(|| {
            drawn(7, &Output::right());
            tile = draw(7)[0];
        });
        let output = Output::wrong(&[tile]);
        all_opened(7, &output, &right_values());
        let verifier = panel(7)[0].clone();
        crate::mock::reveal(7, &verifier, &right_values()).expect("due");
        let call = proof(7, &verifier, tile, None, empty(), (judging_fuel(), 2));
        assert_eq!(submit(call), Ok::<(), Refusal>(()));
        // Nothing was supplied: a proof of nothing.
        assert!(case(7).seat(&verifier).is_none());
        assert_eq!(case(7).phase, Phase::Revealing);
        run_past(7);
    });
}
