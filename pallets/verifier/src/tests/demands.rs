// SPDX-License-Identifier: Apache-2.0
//! `demand` and `answer`: outputs that are not served.

use crate::{
    Demanding, Demands, Error, Event, HoldReason, Shown, frame_support,
    mock::{
        BYTE_FEE, Balances, DEMAND_FEE, ENDOWMENT, ExistentialDeposit, Output, Refusal,
        RuntimeOrigin, SAMPLES, System, TILES, Test, VerifierPallet, WRONG, World, account,
        adjudicate, admit, all_attested, all_opened, all_revealed, answer, answering, case, commit,
        demand, dispatch, draw, enquire, events, index, is_forgotten, open, panel, provider,
        requester, right_bytes, right_values, run, run_past, run_to, submit, worker_account,
    },
    sp_runtime::{DispatchError, TokenError, transaction_validity::InvalidTransaction},
    types::{MAX_SHOWN, MAX_TILE_BYTES, Phase, ShownTile},
};
use assay_primitives::{AccountId, Balance, reason::Offence, verification::Verdict};
use assay_verifier::opening::Opening;
use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{Inspect, InspectHold, Mutate},
};

fn watcher() -> AccountId {
    account(77)
}

fn held(who: &AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::Demand.into(), who)
}

fn balance(who: &AccountId) -> Balance {
    Balances::total_balance(who)
}

/// The tiles of a drawn job that are not sampled.
fn unsampled(job: u64) -> Vec<u32> {
    let draw = draw(job);
    (0..TILES).filter(|tile| !draw.contains(tile)).collect()
}

fn served(job: u64) -> Output {
    let output = Output::right();
    all_revealed(job, &output, &right_values());
    output
}

#[test]
fn provider_shows_a_value_that_is_demanded() {
    run(|| {
        let output = served(7);
        let tile = unsampled(7)[0];
        System::reset_events();
        assert_ok!(demand(watcher(), 7, tile, false));
        assert_eq!(held(&watcher()), DEMAND_FEE);
        assert_eq!(Demanding::<Test>::get(watcher()), 1);
        let shown = VerifierPallet::demands_of(7);
        assert_eq!(
            (shown[0].tile, shown[0].pass, shown[0].number),
            (tile, 0, tile)
        );
        let issued = Balances::total_issuance();

        answer(7, &output, tile).expect("the answer is due");

        let half = DEMAND_FEE / 2;
        assert_eq!(
            events(),
            [
                Event::Demanded {
                    job: 7,
                    tile,
                    by: watcher(),
                    bytes: false,
                    fee: DEMAND_FEE,
                    until: 114,
                },
                Event::DemandSettled {
                    job: 7,
                    tile,
                    by: watcher(),
                    paid: half,
                    burned: DEMAND_FEE - half,
                    refunded: 0,
                },
                Event::Answered {
                    job: 7,
                    tile,
                    value: output.values[index(tile)],
                    bytes: None,
                },
            ]
        );
        assert_eq!(balance(&watcher()), ENDOWMENT - DEMAND_FEE);
        assert_eq!(balance(&provider()), ENDOWMENT + half);
        assert_eq!(Balances::total_issuance(), issued - (DEMAND_FEE - half));
        assert_eq!(held(&watcher()), 0);
        assert!(!Demanding::<Test>::contains_key(watcher()));
        assert_noop!(
            demand(watcher(), 7, tile, false),
            Error::<Test>::DemandedBefore
        );
        run_past(7);
        assert!(matches!(World::verdict(7), Some(Verdict::Upheld { .. })));
        assert!(is_forgotten(7));
    });
}

#[test]
fn requester_has_the_bytes_of_any_tile_shown() {
    run(|| {
        served(7);
        // A sampled tile has no need of an opening, another one has.
        for (tile, known) in [(draw(7)[3], true), (unsampled(7)[3], false)] {
            let before = balance(&requester());
            assert_ok!(demand(requester(), 7, tile, true));
            let most = DEMAND_FEE + BYTE_FEE * Balance::from(MAX_TILE_BYTES);
            assert_eq!(held(&requester()), most);
            let bytes = right_bytes(tile);
            let opening = (!known).then(|| Output::right().opening(&[tile]));
            System::reset_events();
            submit(answering(
                7,
                &provider(),
                tile,
                opening,
                Some(bytes.clone()),
            ))
            .expect("the answer is due");
            // What the tile is shorter than the largest comes back.
            let fee = DEMAND_FEE + BYTE_FEE * 1_024;
            assert_eq!(
                (held(&requester()), balance(&requester())),
                (0, before - fee)
            );
            let hash = *blake3::hash(&bytes).as_bytes();
            assert!(events().contains(&Event::Answered {
                job: 7,
                tile,
                value: right_values()[index(tile)],
                bytes: Some(hash),
            }));
            assert_noop!(
                demand(requester(), 7, tile, true),
                Error::<Test>::DemandedBefore
            );
            assert_noop!(
                demand(watcher(), 7, tile, false),
                Error::<Test>::DemandedBefore
            );
        }
    });
}

#[test]
fn output_not_served_convicts_the_provider() {
    run(|| {
        served(7);
        let tile = unsampled(7)[0];
        run_to(20);
        assert_ok!(demand(requester(), 7, tile, true));
        assert_eq!(case(7).until, 34);
        // The verdict waits for the answer.
        run_to(120);
        assert_eq!((case(7).phase, World::verdict(7)), (Phase::Challenge, None));
        let verifiers: Vec<_> = panel(7).into_iter().map(|who| (who, SAMPLES)).collect();
        run_to(121);
        assert_eq!(
            World::verdict(7),
            Some(Verdict::Convicted {
                offence: Offence::Withheld,
                reporter: Some(requester()),
                verifiers,
            })
        );
        assert_eq!((held(&requester()), balance(&requester())), (0, ENDOWMENT));
        assert_eq!(Demanding::<Test>::get(requester()), 0);
        assert!(is_forgotten(7));
    });
}

#[test]
fn reporter_is_the_provider_whose_worker_key_demanded_and_never_the_one_convicted() {
    for (who, reporter) in [(account(5), Some(account(5))), (provider(), None)] {
        run(|| {
            served(7);
            let worker = worker_account(&who);
            <Balances as Mutate<_>>::set_balance(&worker, ENDOWMENT);
            assert_ok!(demand(worker, 7, unsampled(7)[0], false));
            run_to(115);
            let Some(Verdict::Convicted {
                reporter: found, ..
            }) = World::verdict(7)
            else {
                panic!("nothing was answered");
            };
            assert_eq!(found, reporter);
        });
    }
}

#[test]
fn verdict_waits_for_the_last_answer_only() {
    run(|| {
        let output = served(7);
        let tiles = unsampled(7);
        assert_ok!(demand(watcher(), 7, tiles[0], false));
        assert_ok!(demand(watcher(), 7, tiles[1], false));
        run_to(60);
        answer(7, &output, tiles[0]).expect("due");
        assert_eq!(World::due(7), Some(114));
        answer(7, &output, tiles[1]).expect("due");
        assert_eq!((World::due(7), World::verdict(7)), (Some(60), None));
        run_to(61);
        assert!(matches!(World::verdict(7), Some(Verdict::Upheld { .. })));
    });
}

#[test]
fn phases_go_on_while_demands_are_open() {
    run(|| {
        let output = Output::right();
        all_opened(7, &output, &right_values());
        let tile = unsampled(7)[0];
        assert_ok!(demand(watcher(), 7, tile, false));
        for verifier in panel(7) {
            crate::mock::reveal(7, &verifier, &right_values()).expect("due");
        }
        assert_eq!((case(7).phase, case(7).until), (Phase::Challenge, 34));
        run_to(40);
        answer(7, &output, tile).expect("due");
        run_to(41);
        assert!(matches!(World::verdict(7), Some(Verdict::Upheld { .. })));
    });
}

#[test]
fn fee_comes_back_when_the_case_ends_for_another_reason() {
    run(|| {
        let output = Output::wrong(&[5, 6]);
        all_opened(7, &output, &output.values);
        let tile = unsampled(7)[0];
        assert_ok!(demand(watcher(), 7, tile, false));
        let wrong = [5, 6]
            .into_iter()
            .find(|wrong| *wrong != tile)
            .expect("two");
        adjudicate(account(78), 7, wrong, Some(output.opening(&[wrong]))).expect("wrong");
        assert!(World::verdict(7).is_some());
        assert_eq!((held(&watcher()), balance(&watcher())), (0, ENDOWMENT));
        assert!(is_forgotten(7));
    });
}

#[test]
fn shown_value_is_judged_without_an_opening() {
    run(|| {
        let mut unsampled_tile = 0;
        run(|| {
            all_opened(7, &Output::right(), &right_values());
            unsampled_tile = unsampled(7)[0];
        });
        let output = Output::wrong(&[unsampled_tile]);
        all_opened(7, &output, &right_values());
        assert_ok!(demand(watcher(), 7, unsampled_tile, false));
        answer(7, &output, unsampled_tile).expect("due");
        let shown = Shown::<Test>::get(7);
        let expected = ShownTile {
            value: WRONG,
            bytes: false,
        };
        assert_eq!(shown.get(&unsampled_tile), Some(&expected));
        adjudicate(watcher(), 7, unsampled_tile, None).expect("the tile is wrong");
        assert!(matches!(
            World::verdict(7),
            Some(Verdict::Convicted {
                offence: Offence::WrongResult,
                ..
            })
        ));
        assert!(is_forgotten(7));
    });
}

#[test]
fn demand_is_refused_before_there_is_nothing_left_to_copy() {
    run(|| {
        let output = Output::right();
        commit(7, &output);
        enquire(9, 2);
        assert_noop!(demand(watcher(), 7, 0, false), Error::<Test>::WrongPhase);
        assert_noop!(demand(watcher(), 6, 0, false), Error::<Test>::UnknownCase);
        all_attested(8, &output, &right_values());
        assert_noop!(demand(watcher(), 8, 0, false), Error::<Test>::WrongPhase);
        assert_noop!(demand(watcher(), 9, 0, false), Error::<Test>::WrongPhase);
        open(8, &output).expect("due");
        assert_ok!(demand(watcher(), 8, unsampled(8)[0], false));
    });
}

#[test]
fn demand_is_refused_when_the_challenge_is_over_although_the_case_is_not() {
    run(|| {
        served(7);
        let tiles = unsampled(7);
        assert_ok!(demand(watcher(), 7, tiles[0], false));
        run_to(case(7).until);
        assert_ok!(demand(watcher(), 7, tiles[1], false));
        run_past(7);
        assert_noop!(
            demand(watcher(), 7, tiles[2], false),
            Error::<Test>::WrongPhase
        );
    });
}

#[test]
fn demand_is_refused_when_it_is_of_no_tile_of_a_sample_or_of_bytes_by_others() {
    run(|| {
        served(7);
        for tile in [TILES, u32::MAX] {
            assert_noop!(
                demand(watcher(), 7, tile, false),
                Error::<Test>::UnknownTile
            );
        }
        assert_noop!(
            demand(watcher(), 7, draw(7)[0], false),
            Error::<Test>::DemandedBefore
        );
        assert_noop!(
            demand(watcher(), 7, draw(7)[0], true),
            Error::<Test>::BytesAreTheRequesters
        );
        let tile = unsampled(7)[0];
        assert_ok!(demand(watcher(), 7, tile, false));
        assert_noop!(
            demand(requester(), 7, tile, false),
            Error::<Test>::DemandedBefore
        );
        // The bytes are another matter.
        assert_ok!(demand(requester(), 7, tile, true));
    });
}

#[test]
fn answer_with_bytes_answers_who_wants_the_value_too() {
    run(|| {
        served(7);
        let tile = unsampled(7)[0];
        assert_ok!(demand(watcher(), 7, tile, false));
        assert_ok!(demand(requester(), 7, tile, true));
        let opening = Some(Output::right().opening(&[tile]));
        submit(answering(
            7,
            &provider(),
            tile,
            opening,
            Some(right_bytes(tile)),
        ))
        .expect("due");
        assert!(!Demands::<Test>::contains_key(7));
        assert_eq!(balance(&watcher()), ENDOWMENT - DEMAND_FEE);
        assert_eq!(
            balance(&requester()),
            ENDOWMENT - DEMAND_FEE - BYTE_FEE * 1_024
        );
    });
}

#[test]
fn others_cannot_take_the_requesters_room() {
    run(|| {
        served(7);
        let tiles = unsampled(7);
        for (tile, seed) in tiles.iter().zip(77..81) {
            assert_ok!(demand(account(seed), 7, *tile, false));
        }
        assert_noop!(
            demand(account(81), 7, tiles[4], false),
            Error::<Test>::TooManyDemands
        );
        for tile in &tiles[4..8] {
            assert_ok!(demand(requester(), 7, *tile, true));
        }
        assert_noop!(
            demand(requester(), 7, tiles[8], true),
            Error::<Test>::TooManyDemands
        );
    });
}

#[test]
fn shown_tiles_are_bounded_and_the_second_half_is_for_the_requester() {
    run(|| {
        served(7);
        let entry = ShownTile {
            value: WRONG,
            bytes: false,
        };
        let fill = |count: u32| {
            Shown::<Test>::mutate(7, |shown| {
                for tile in 0..count {
                    shown.try_insert(1_000 + tile, entry).expect("room");
                }
            });
        };
        let tiles = unsampled(7);
        fill(MAX_SHOWN / 2);
        assert_noop!(
            demand(watcher(), 7, tiles[0], false),
            Error::<Test>::TooManyShown
        );
        fill(MAX_SHOWN - 1);
        assert_ok!(demand(requester(), 7, tiles[0], true));
        assert_noop!(
            demand(requester(), 7, tiles[1], true),
            Error::<Test>::TooManyShown
        );
        answer_bytes(tiles[0]);
    });
}

fn answer_bytes(tile: u32) {
    let opening = Some(Output::right().opening(&[tile]));
    submit(answering(
        7,
        &provider(),
        tile,
        opening,
        Some(right_bytes(tile)),
    ))
    .expect("due");
}

#[test]
fn demand_is_refused_when_the_account_has_too_many_or_too_little_money() {
    run(|| {
        for job in [7, 8] {
            served(job);
        }
        let [seven, eight] = [unsampled(7), unsampled(8)];
        for tile in &seven[..4] {
            assert_ok!(demand(watcher(), 7, *tile, false));
        }
        assert_ok!(demand(watcher(), 8, eight[0], false));
        assert_ok!(demand(watcher(), 8, eight[1], false));
        assert_noop!(
            demand(watcher(), 8, eight[2], false),
            Error::<Test>::TooManyDemandsOfAccount
        );
        let poor = account(78);
        <Balances as Mutate<_>>::set_balance(&poor, DEMAND_FEE + ExistentialDeposit::get() - 1);
        assert_noop!(
            demand(poor.clone(), 8, eight[2], false),
            TokenError::FundsUnavailable
        );
        <Balances as Mutate<_>>::set_balance(&poor, DEMAND_FEE + ExistentialDeposit::get());
        assert_ok!(demand(poor, 8, eight[2], false));
    });
}

#[test]
fn answer_is_refused_when_nobody_demands_it() {
    run(|| {
        let output = served(7);
        let tile = unsampled(7)[0];
        let opening = || Some(output.opening(&[tile]));
        let refused = |call: crate::Call<Test>| {
            assert_eq!(admit(call.clone()), Err(InvalidTransaction::Stale.into()));
            assert_eq!(
                dispatch(call),
                Err(Refusal::Failed(Error::<Test>::NotDemanded.into()))
            );
        };
        refused(answering(7, &provider(), tile, opening(), None));
        assert_ok!(demand(watcher(), 7, tile, false));
        refused(answering(
            7,
            &provider(),
            tile,
            opening(),
            Some(right_bytes(tile)),
        ));
        refused(answering(7, &provider(), tile + 1, opening(), None));
        let late = answering(7, &provider(), tile, opening(), None);
        submit(late.clone()).expect("due");
        refused(late);
        assert_ok!(demand(watcher(), 7, unsampled(7)[1], false));
        let late = answering(7, &provider(), unsampled(7)[1], None, None);
        System::set_block_number(115);
        refused(late);
        System::set_block_number(14);
    });
}

#[test]
fn answer_is_refused_when_it_does_not_prove_the_tile() {
    run(|| {
        let output = served(7);
        let tile = unsampled(7)[0];
        assert_ok!(demand(requester(), 7, tile, true));
        assert_ok!(demand(requester(), 7, tile, false));
        let refused = |opening: Option<Opening>, bytes: Option<Vec<u8>>, error: Error<Test>| {
            let call = answering(7, &provider(), tile, opening, bytes);
            assert_eq!(admit(call.clone()), Err(InvalidTransaction::Call.into()));
            assert_eq!(dispatch(call), Err(Refusal::Failed(error.into())));
        };
        let sound = output.opening(&[tile]);
        let of_another = output.opening(&[tile + 1]);
        let mut oversized = sound.clone();
        oversized.siblings.resize(33, WRONG);
        let mut bytes = right_bytes(tile);
        bytes[1_000] ^= 1;
        let short = right_bytes(tile)[..1_000].to_vec();
        let with = |bytes: &[u8]| Some(bytes.to_vec());
        refused(None, None, Error::OpeningMissing);
        refused(Some(of_another.clone()), None, Error::BadOpening);
        refused(Some(oversized.clone()), None, Error::BadOpening);
        refused(Some(oversized), with(&right_bytes(tile)), Error::BadOpening);
        refused(None, with(&right_bytes(tile)), Error::OpeningMissing);
        refused(
            Some(of_another),
            with(&right_bytes(tile)),
            Error::BadOpening,
        );
        for bytes in [bytes, short, vec![], vec![0; 65_536]] {
            refused(Some(sound.clone()), with(&bytes), Error::BadBytes);
        }
        submit(answering(7, &provider(), tile, Some(sound), None)).expect("due");
        assert_eq!(Demands::<Test>::get(7).len(), 1);
    });
}

#[test]
fn answer_is_not_admitted_when_somebody_else_signed_it() {
    run(|| {
        let output = served(7);
        let tile = unsampled(7)[0];
        assert_ok!(demand(watcher(), 7, tile, false));
        let opening = || Some(output.opening(&[tile]));
        let by_another = answering(7, &account(5), tile, opening(), None);
        assert_eq!(admit(by_another), Err(InvalidTransaction::BadProof.into()));
        let sound = answering(7, &provider(), tile, opening(), None);
        let crate::Call::answer { signature, .. } = sound.clone() else {
            panic!("an answer");
        };
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(provider()),
        ] {
            assert_noop!(
                VerifierPallet::answer(origin, 7, tile, opening(), None, signature.clone()),
                DispatchError::BadOrigin
            );
        }
        let valid = admit(sound).expect("due");
        assert_eq!(valid.longevity, 100);
    });
}

#[test]
fn all_of_the_fee_is_burned_when_the_provider_cannot_receive() {
    run(|| {
        let output = served(7);
        let tile = unsampled(7)[0];
        assert_ok!(demand(watcher(), 7, tile, false));
        <Balances as Mutate<_>>::set_balance(&provider(), 0);
        ExistentialDeposit::set(DEMAND_FEE);
        let issued = Balances::total_issuance();
        answer(7, &output, tile).expect("due");
        assert_eq!((balance(&provider()), held(&watcher())), (0, 0));
        assert_eq!(balance(&watcher()), ENDOWMENT - DEMAND_FEE);
        assert_eq!(Balances::total_issuance(), issued - DEMAND_FEE);
    });
}

#[test]
fn demand_is_refused_when_nobody_signed() {
    run(|| {
        served(7);
        for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
            assert_noop!(
                VerifierPallet::demand(origin, 7, unsampled(7)[0], false),
                DispatchError::BadOrigin
            );
        }
    });
}
