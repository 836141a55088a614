// SPDX-License-Identifier: Apache-2.0
//! `adjudicate`: the verdict on one tile, and what is no verdict.

use crate::{
    Call, Error, Event, WeightInfo,
    adjudication::FUEL,
    frame_support,
    mock::{
        MaxWitnessBytes, Output, RuntimeCall, RuntimeOrigin, SAMPLES, System, TILES, Test,
        VerifierPallet, WRONG, World, account, adjudicate, all_opened, all_revealed, burned, case,
        commit, draw, drawn, events, index, is_forgotten, judging_fuel, panel, provider,
        ready_fuel, right_values, run, run_past, run_to, witness, worker_account,
    },
    sp_runtime::DispatchError,
    types::Phase,
};
use assay_primitives::{AccountId, reason::Offence, verification::Verdict};
use assay_verifier::{
    opening::Opening,
    witness::{InputSlice, Witness},
};
use codec::Encode;
use frame_support::{
    assert_noop,
    dispatch::{GetDispatchInfo, Pays},
    traits::Get,
};

/// Somebody who watches unasked.
fn watcher() -> AccountId {
    account(77)
}

/// A tile of a drawn job that is not sampled.
fn unsampled(job: u64) -> u32 {
    let draw = draw(job);
    (0..TILES)
        .find(|tile| !draw.contains(tile))
        .expect("only some are sampled")
}

fn convicted(reporter: AccountId, verifiers: Vec<(AccountId, u32)>) -> Option<Verdict<AccountId>> {
    Some(Verdict::Convicted {
        offence: Offence::WrongResult,
        reporter: Some(reporter),
        verifiers,
    })
}

fn try_witness(
    tile: u32,
    opening: Option<Opening>,
    witness: Witness,
    fuel: u64,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let origin = RuntimeOrigin::signed(watcher());
    VerifierPallet::adjudicate(origin, 7, tile, opening, witness, fuel, 0)
}

#[test]
fn wrong_tile_is_convicted_when_a_watcher_proves_it() {
    run(|| {
        commit(7, &Output::right());
        run_to(14);
        let tile = unsampled(7);
        let output = Output::wrong(&[tile]);
        commit(8, &output);
        run_to(18);
        System::reset_events();
        let opening = output.opening(&[tile]);

        let done = adjudicate(watcher(), 8, tile, Some(opening)).expect("the tile is wrong");

        assert_eq!(done.pays_fee, Pays::No);
        assert_eq!(World::verdict(8), convicted(watcher(), vec![]));
        assert!(is_forgotten(8));
        assert_eq!(
            events(),
            [Event::TileRefuted {
                job: 8,
                tile,
                fuel: burned(tile),
                committed: WRONG,
                computed: right_values()[index(tile)],
            }]
        );
        assert_eq!(World::charges(), []);
        // The other job is not touched.
        assert_eq!(case(7).phase, Phase::Attesting);
    });
}

#[test]
fn every_tile_can_be_convicted_from_the_commitment_on() {
    run(|| {
        for tile in 0..TILES {
            let job = u64::from(tile);
            let output = Output::wrong(&[tile]);
            commit(job, &output);
            adjudicate(watcher(), job, tile, Some(output.opening(&[tile])))
                .expect("the tile is wrong");
            assert_eq!(World::verdict(job), convicted(watcher(), vec![]));
        }
    });
}

#[test]
fn colluding_verifiers_are_punished_when_the_sample_they_swore_to_is_wrong() {
    run(|| {
        let tile = 4;
        let output = Output::wrong(&[tile]);
        let job = (100..200)
            .find(|job| {
                all_revealed(*job, &output, &output.values);
                draw(*job).contains(&tile)
            })
            .expect("each job samples two fifths of the tiles");
        let verifiers = panel(job);
        assert_eq!(case(job).phase, Phase::Challenge);
        run_to(case(job).until);
        assert_eq!(World::charges(), []);

        adjudicate(watcher(), job, tile, None).expect("the tile is wrong");

        let liars: Vec<_> = World::charges()
            .into_iter()
            .map(|charge| (charge.offender, charge.offence, charge.reporter))
            .collect();
        let expected: Vec<_> = verifiers
            .into_iter()
            .map(|verifier| (verifier, Offence::FalseAttestation, Some(watcher())))
            .collect();
        assert_eq!(liars, expected);
        assert_eq!(World::verdict(job), convicted(watcher(), vec![]));
    });
}

#[test]
fn reporter_is_the_provider_when_its_worker_key_signed() {
    run(|| {
        let output = Output::wrong(&[3]);
        commit(7, &output);
        let reporter = account(5);
        adjudicate(worker_account(&reporter), 7, 3, Some(output.opening(&[3])))
            .expect("the tile is wrong");
        assert_eq!(World::verdict(7), convicted(reporter, vec![]));
    });
}

#[test]
fn verifiers_that_worked_are_paid_when_another_tile_convicts() {
    run(|| {
        let tile = 4;
        let output = Output::wrong(&[tile]);
        let job = (100..200)
            .find(|job| {
                all_opened(*job, &output, &output.values);
                !draw(*job).contains(&tile)
            })
            .expect("each job leaves out three fifths of the tiles");
        let verifiers = panel(job)
            .into_iter()
            .map(|verifier| (verifier, SAMPLES))
            .collect();
        adjudicate(watcher(), job, tile, Some(output.opening(&[tile]))).expect("wrong");
        assert_eq!(World::verdict(job), convicted(watcher(), verifiers));
    });
}

#[test]
fn right_tile_is_upheld_and_costs_who_doubted_it() {
    run(|| {
        let output = Output::right();
        all_opened(7, &output, &right_values());
        let before = case(7);
        System::reset_events();
        for (tile, opening) in [
            (draw(7)[2], None),
            (unsampled(7), Some(output.opening(&[unsampled(7)]))),
        ] {
            let done = adjudicate(watcher(), 7, tile, opening).expect("the proof is sound");
            assert_eq!(done.pays_fee, Pays::Yes);
            assert_eq!(
                events(),
                [Event::TileUpheld {
                    job: 7,
                    tile,
                    fuel: burned(tile),
                }]
            );
            System::reset_events();
        }
        assert_eq!(case(7), before);
        assert_eq!(World::charges(), []);
    });
}

#[test]
fn unused_weight_comes_back() {
    run(|| {
        commit(7, &Output::right());
        let witness = witness(3);
        let bytes = witness.encoded_size();
        let call = RuntimeCall::VerifierPallet(Call::adjudicate {
            job: 7,
            tile: 3,
            opening: None,
            witness: witness.clone(),
            fuel: 1_000_000,
            supplied: 3,
        });
        assert_eq!(
            call.get_dispatch_info().call_weight,
            VerifierPallet::weight_of(<() as WeightInfo>::adjudicate, 1_000_000, bytes, 3)
        );
        let opening = Some(Output::right().opening(&[3]));
        let done = try_witness(3, opening, witness, 1_000_000).expect("the proof is sound");
        let burned = burned(3) + ready_fuel();
        assert_eq!(
            done.actual_weight,
            Some(VerifierPallet::weight_of(
                <() as WeightInfo>::uphold,
                burned,
                bytes,
                0
            ))
        );
    });
}

#[test]
fn fuel_costs_its_price_whatever_the_benchmarks_kernel_took() {
    let weight = |fuel| VerifierPallet::weight_of(<() as WeightInfo>::uphold, fuel, 1_024, 0);
    let of_fuel = weight(1_000_000).ref_time() - weight(0).ref_time();
    assert!(of_fuel >= FUEL.ref_time() * 1_000_000);
}

#[test]
fn weight_does_not_wrap_when_the_fuel_is_absurd() {
    run(|| {
        let call = |fuel| {
            RuntimeCall::VerifierPallet(Call::adjudicate {
                job: 7,
                tile: 3,
                opening: None,
                witness: Witness::default(),
                fuel,
                supplied: 0,
            })
            .get_dispatch_info()
            .call_weight
        };
        assert!(call(u64::MAX).all_gte(call(u64::from(u32::MAX))));
        assert!(call(u64::from(u32::MAX)).ref_time() > 2_000_000_000_000);
    });
}

#[test]
fn nothing_is_judged_when_there_is_no_such_case_or_tile() {
    run(|| {
        assert_noop!(
            adjudicate(watcher(), 7, 0, None),
            Error::<Test>::UnknownCase
        );
        let output = Output::right();
        commit(7, &output);
        for tile in [TILES, u32::MAX] {
            assert_noop!(
                try_witness(tile, None, witness(0), judging_fuel()),
                Error::<Test>::UnknownTile
            );
        }
    });
}

#[test]
fn nothing_is_judged_when_the_tile_is_not_opened() {
    run(|| {
        let output = Output::wrong(&[5]);
        drawn(7, &output);
        let sampled = draw(7)[0];
        for tile in [sampled, unsampled(7)] {
            assert_noop!(
                adjudicate(watcher(), 7, tile, None),
                Error::<Test>::OpeningMissing
            );
        }
    });
}

#[test]
fn nothing_is_judged_when_the_opening_is_not_under_the_root() {
    run(|| {
        let output = Output::right();
        commit(7, &output);
        let of_another_output = Output::wrong(&[5]).opening(&[5]);
        let of_another_tile = output.opening(&[6]);
        let of_two_tiles = output.opening(&[5, 6]);
        for opening in [of_another_output, of_another_tile, of_two_tiles] {
            assert_noop!(
                adjudicate(watcher(), 7, 5, Some(opening)),
                Error::<Test>::BadOpening
            );
        }
    });
}

#[test]
fn nothing_is_judged_when_the_fuel_is_below_what_a_tile_can_burn() {
    run(|| {
        let output = Output::wrong(&[5]);
        commit(7, &output);
        for fuel in [0, judging_fuel() - 1] {
            assert_noop!(
                try_witness(5, Some(output.opening(&[5])), witness(5), fuel),
                Error::<Test>::FuelTooLow
            );
        }
    });
}

#[test]
fn nothing_is_judged_when_the_witness_is_larger_than_allowed() {
    run(|| {
        let output = Output::wrong(&[5]);
        commit(7, &output);
        let bytes = u32::try_from(witness(5).encoded_size()).expect("small");
        MaxWitnessBytes::set(bytes - 1);
        assert_eq!(<MaxWitnessBytes as Get<u32>>::get(), bytes - 1);
        assert_noop!(
            adjudicate(watcher(), 7, 5, Some(output.opening(&[5]))),
            Error::<Test>::WitnessTooLarge
        );
        MaxWitnessBytes::set(bytes);
        adjudicate(watcher(), 7, 5, Some(output.opening(&[5]))).expect("at the limit");
        assert_eq!(World::verdict(7), convicted(watcher(), vec![]));
    });
}

#[test]
fn nothing_is_judged_when_the_witness_has_not_every_input() {
    run(|| {
        let output = Output::wrong(&[5]);
        commit(7, &output);
        let mut surplus = witness(5);
        surplus.inputs.push(InputSlice::default());
        for witness in [Witness::default(), surplus] {
            assert_noop!(
                try_witness(5, Some(output.opening(&[5])), witness, judging_fuel()),
                Error::<Test>::WitnessIncomplete
            );
        }
    });
}

#[test]
fn nothing_is_judged_when_a_page_is_forged() {
    run(|| {
        let output = Output::right();
        commit(7, &output);
        let mut flipped = witness(5);
        flipped.inputs[0].pages[0].bytes[17] ^= 1;
        let mut moved = witness(5);
        moved.inputs[0].pages[1].index += 1;
        let mut cut = witness(5);
        cut.inputs[0].pages[0].bytes.pop();
        let mut unproven = witness(5);
        unproven.inputs[0].siblings.pop();
        for witness in [flipped, moved, cut, unproven] {
            assert_noop!(
                try_witness(5, Some(output.opening(&[5])), witness, judging_fuel()),
                Error::<Test>::BadWitnessPage
            );
        }
    });
}

#[test]
fn nothing_is_judged_when_the_witness_lacks_a_page() {
    run(|| {
        let output = Output::right();
        commit(7, &output);
        // Sound, but of another tile: page 6 is there, page 5 is not.
        assert_noop!(
            try_witness(5, Some(output.opening(&[5])), witness(6), judging_fuel()),
            Error::<Test>::PageMissing
        );
        let empty = Witness {
            inputs: vec![InputSlice::default()],
        };
        assert_noop!(
            try_witness(5, Some(output.opening(&[5])), empty, judging_fuel()),
            Error::<Test>::PageMissing
        );
    });
}

#[test]
fn nothing_is_judged_when_the_case_is_over() {
    run(|| {
        let output = Output::wrong(&[5]);
        all_revealed(7, &output, &output.values);
        let opening = output.opening(&[5]);
        run_past(7);
        assert!(World::verdict(7).is_some());
        assert_noop!(
            adjudicate(watcher(), 7, 5, Some(opening)),
            Error::<Test>::UnknownCase
        );
    });
}

#[test]
fn second_proof_is_refused_when_the_provider_is_convicted_already() {
    run(|| {
        let output = Output::wrong(&[5, 6]);
        commit(7, &output);
        adjudicate(watcher(), 7, 5, Some(output.opening(&[5]))).expect("the tile is wrong");
        assert_noop!(
            adjudicate(provider(), 7, 6, Some(output.opening(&[6]))),
            Error::<Test>::UnknownCase
        );
    });
}

#[test]
fn nothing_is_judged_when_nobody_signed() {
    run(|| {
        let output = Output::wrong(&[5]);
        commit(7, &output);
        for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
            assert_noop!(
                VerifierPallet::adjudicate(
                    origin,
                    7,
                    5,
                    Some(output.opening(&[5])),
                    witness(5),
                    judging_fuel(),
                    0
                ),
                DispatchError::BadOrigin
            );
        }
    });
}
