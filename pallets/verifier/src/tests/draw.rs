// SPDX-License-Identifier: Apache-2.0
//! Randomness, sampled tiles and panel.

use crate::{
    Draws, Duties, Event, Seeds,
    mock::{
        EPOCH, MaxRounds, Output, SAMPLES, System, TILES, Test, VerifierPallet, World, account,
        all_attested, case, commit, commit_for, draw, drawn, events, is_forgotten, panel, provider,
        requester, right_values, run, run_past, run_to, vrf,
    },
    types::{Phase, SeatState},
};
use assay_primitives::{BlockNumber, JobId, stake::Stakes, verification::Verdict};
use assay_verifier::sampling;

/// The seed that the specification gives for a job and the blocks whose randomness serves.
pub(super) fn seed(job: JobId, one: BlockNumber, two: BlockNumber) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("assay draw v1");
    hasher
        .update(&EPOCH)
        .update(&job.to_le_bytes())
        .update(&vrf(one))
        .update(&vrf(two));
    *hasher.finalize().as_bytes()
}

#[test]
fn tiles_and_panel_are_drawn_when_two_blocks_have_passed() {
    run(|| {
        commit(7, &Output::right());
        run_to(13);
        assert_eq!(case(7).phase, Phase::Drawing);
        assert!(!Draws::<Test>::contains_key(7));

        run_to(14);

        let case = case(7);
        assert_eq!((case.phase, case.until), (Phase::Attesting, 33));
        assert_eq!(case.seed, seed(7, 11, 12));
        assert_eq!(draw(7), sampling::draw(&case.seed, TILES, SAMPLES));
        assert_eq!(case.panel.len(), 2);
        for (seat, place) in case.panel.iter().zip(0..) {
            assert_eq!((seat.place, seat.round), (place, 0));
            assert_eq!(seat.state, SeatState::Drawn);
            assert!(Duties::<Test>::contains_key(&seat.verifier, 7));
        }
        assert_eq!(
            events(),
            [Event::Drawn {
                job: 7,
                round: 0,
                samples: SAMPLES,
                verifiers: panel(7),
            }]
        );
    });
}

#[test]
fn draw_skips_blocks_that_the_provider_authored() {
    for (authored, one, two, known) in [
        (&[11][..], 12, 13, 14),
        (&[12], 13, 14, 15),
        (&[11, 13], 14, 15, 16),
        (&[12, 14, 16], 17, 18, 19),
    ] {
        run(|| {
            for block in authored {
                World::set_author(*block, provider());
            }
            commit(7, &Output::right());
            run_to(known);
            assert_eq!(case(7).phase, Phase::Drawing, "{authored:?}");
            run_to(known + 1);
            assert_eq!(case(7).seed, seed(7, one, two), "{authored:?}");
        });
    }
}

#[test]
fn draw_skips_blocks_without_randomness() {
    run(|| {
        World::withhold_randomness(12);
        commit(7, &Output::right());
        run_to(15);
        assert_eq!(case(7).phase, Phase::Drawing);
        run_to(16);
        assert_eq!(case(7).seed, seed(7, 13, 14));
    });
}

#[test]
fn draw_takes_the_providers_blocks_when_it_made_sixteen_in_a_row() {
    run(|| {
        for block in 11..50 {
            World::set_author(block, provider());
        }
        commit(7, &Output::right());
        run_to(29);
        assert_eq!(case(7).phase, Phase::Drawing);
        run_to(30);
        assert_eq!(case(7).seed, seed(7, 27, 28));
    });
}

#[test]
fn draw_waits_for_a_window_when_there_is_no_randomness() {
    for (since, verified) in [(111, true), (112, false)] {
        run(|| {
            for block in 11..since {
                World::withhold_randomness(block);
            }
            commit(7, &Output::right());
            run_to(113);
            assert_eq!(case(7).phase, Phase::Drawing);
            run_to(114);
            match verified {
                true => assert_eq!(case(7).seed, seed(7, 111, 112)),
                false => assert_eq!(World::verdict(7), Some(Verdict::Unverified)),
            }
        });
    }
}

#[test]
fn draws_differ_when_jobs_are_committed_in_the_same_block() {
    run(|| {
        commit(7, &Output::right());
        commit(8, &Output::right());
        run_to(14);
        assert_ne!(case(7).seed, case(8).seed);
        assert_ne!(draw(7), draw(8));
    });
}

#[test]
fn seeds_are_forgotten_after_sixty_four_blocks() {
    run(|| {
        run_to(300);
        let mut blocks: Vec<_> = Seeds::<Test>::iter_keys().collect();
        blocks.sort_unstable();
        assert_eq!(blocks, (237..300).collect::<Vec<_>>());
    });
}

#[test]
fn seeds_name_the_author_of_their_block() {
    run(|| {
        World::set_author(12, account(5));
        run_to(14);
        let author = |block| Seeds::<Test>::get(block).and_then(|seed| seed.author);
        assert_eq!(author(12), Some(account(5)));
        assert_eq!(author(13), Some(account(99)));
        assert_eq!(author(14), None);
    });
}

#[test]
fn panel_is_without_provider_and_requester() {
    run(|| {
        commit_for(7, &Output::right(), 16);
        run_to(14);
        let mut drawn = panel(7);
        drawn.sort();
        assert_eq!(drawn, (3..=6).map(account).collect::<Vec<_>>());
    });
}

#[test]
fn panel_shares_all_samples_when_there_are_fewer_candidates_than_places() {
    run(|| {
        World::set_providers(vec![(provider(), 5), (account(3), 5)]);
        commit_for(7, &Output::right(), 9);
        run_to(14);
        let case = case(7);
        assert_eq!(panel(7), [account(3)]);
        assert_eq!(case.assigned(0, 2), (0..SAMPLES).collect::<Vec<_>>());
    });
}

#[test]
fn panel_prefers_nobody_without_stake() {
    run(|| {
        World::set_providers(
            (3..=6)
                .map(|seed| (account(seed), u128::from(seed / 6)))
                .collect(),
        );
        drawn(7, &Output::right());
        assert_eq!(panel(7), [account(6)]);
    });
}

#[test]
fn result_that_nobody_can_be_drawn_to_check_is_not_verified() {
    run(|| {
        World::set_providers(vec![(provider(), 5), (requester(), 5)]);
        drawn(7, &Output::right());
        assert_eq!((case(7).phase, case(7).until), (Phase::Drawing, 18));
        assert!(!Draws::<Test>::contains_key(7));
        run_to(113);
        assert_eq!(World::verdict(7), None);
        run_to(114);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert!(is_forgotten(7));
        assert_eq!(World::charges(), []);
    });
}

#[test]
fn draw_is_made_as_soon_as_there_is_somebody_to_draw() {
    run(|| {
        World::set_providers(vec![(provider(), 5), (requester(), 5)]);
        drawn(7, &Output::right());
        World::set_providers(vec![(provider(), 5), (account(3), 5)]);
        run_to(18);
        assert_eq!(case(7).phase, Phase::Drawing);
        run_to(19);
        assert_eq!((case(7).phase, case(7).until), (Phase::Attesting, 38));
        // The seed is the first that there was: waiting gives no choice of draws.
        assert_eq!(case(7).seed, seed(7, 11, 12));
        assert_eq!(panel(7), [account(3)]);
    });
}

#[test]
fn nobody_is_drawn_twice() {
    run(|| {
        MaxRounds::set(8);
        drawn(7, &Output::right());
        let mut seen = panel(7);
        run_past(7);
        seen.extend(panel(7));
        seen.sort();
        assert_eq!(seen, (3..=6).map(account).collect::<Vec<_>>());
        run_past(7);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
    });
}

#[test]
fn draw_can_be_replayed_from_what_is_shown_of_it() {
    run(|| {
        commit_for(7, &Output::right(), 2);
        assert_eq!(VerifierPallet::draw_of(7).and_then(|draw| draw.seed), None);
        run_to(14);
        run_past(7);
        let view = VerifierPallet::draw_of(7).expect("the case is there");
        let known = view.seed.expect("it is drawn");
        assert_eq!(known, seed(7, view.source, view.source + 1));
        let passes = view.tiles.iter().copied().zip(view.shares.iter().copied());
        assert_eq!(view.sampled, sampling::draw_passes(&known, passes));
        // Each round leaves out provider, requester, and who was drawn before it.
        for round in 0..2u32 {
            let excluded: Vec<_> = view
                .drawn
                .iter()
                .filter(|place| place.round < round)
                .map(|place| place.verifier.clone())
                .chain(view.parties.clone())
                .collect();
            let mut hasher = blake3::Hasher::new_derive_key("assay draw round v1");
            hasher.update(&known).update(&round.to_le_bytes());
            let drawn = World::draw(hasher.finalize().as_bytes(), view.places, &excluded);
            let shown: Vec<_> = view
                .drawn
                .iter()
                .filter(|place| place.round == round)
                .map(|place| (place.place, place.verifier.clone()))
                .collect();
            assert_eq!(shown, (0..).zip(drawn).collect::<Vec<_>>());
        }
        assert_eq!(view.drawn.iter().filter(|place| place.seated).count(), 2);
    });
}

#[test]
fn silent_verifier_is_replaced_for_the_same_tiles() {
    run(|| {
        drawn(7, &Output::right());
        let before = (draw(7), panel(7));
        crate::mock::attest(7, &before.1[0], &right_values()).expect("the attestation is due");
        System::reset_events();

        run_past(7);

        let case = case(7);
        assert_eq!((case.phase, case.round), (Phase::Attesting, 1));
        assert_eq!(case.until, 33 + 20);
        assert_eq!(draw(7), before.0);
        assert_eq!(case.panel.len(), 2);
        assert!(case.seat(&before.1[1]).is_none());
        let replacement = case.panel.last().expect("two seats").clone();
        assert_eq!((replacement.place, replacement.round), (1, 1));
        assert_eq!(
            events(),
            [
                Event::SeatLost {
                    job: 7,
                    verifier: before.1[1].clone(),
                    offence: assay_primitives::reason::Offence::NoAttestation,
                },
                Event::Drawn {
                    job: 7,
                    round: 1,
                    samples: SAMPLES,
                    verifiers: vec![replacement.verifier],
                }
            ]
        );
    });
}

#[test]
fn result_is_not_verified_when_all_are_silent_and_the_rounds_are_used_up() {
    run(|| {
        drawn(7, &Output::right());
        run_past(7);
        assert_eq!(case(7).round, 1);
        assert_eq!(panel(7).len(), 2);
        run_past(7);
        assert_eq!(World::charges().len(), 4);
        assert_eq!(World::verdict(7), Some(Verdict::Unverified));
        assert!(is_forgotten(7));
    });
}

#[test]
fn case_goes_on_with_who_attested_when_there_is_no_replacement() {
    run(|| {
        World::set_providers((3..=4).map(|seed| (account(seed), 9)).collect());
        drawn(7, &Output::right());
        let faithful = panel(7)[0].clone();
        crate::mock::attest(7, &faithful, &right_values()).expect("the attestation is due");
        run_past(7);
        assert_eq!((case(7).phase, case(7).until), (Phase::Opening, 43));
        assert_eq!(panel(7), [faithful]);
    });
}

#[test]
fn duties_are_those_of_the_panel_when_all_have_attested() {
    run(|| {
        all_attested(7, &Output::right(), &right_values());
        let mut named: Vec<_> = Duties::<Test>::iter_keys().collect();
        named.sort();
        let mut seats: Vec<_> = panel(7).into_iter().map(|verifier| (verifier, 7)).collect();
        seats.sort();
        assert_eq!(named, seats);
    });
}
