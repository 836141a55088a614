// SPDX-License-Identifier: Apache-2.0
//! `set_windows`, the windows at genesis, and the constants.

use crate::{
    CurrentWindows, Error, Event, GenesisConfig, Windows, frame_support, frame_system,
    mock::{
        MaxRounds, MaxWitnessBytes, Output, RuntimeOrigin, System, Test, VerifierPallet, case,
        drawn, events, externalities, run, run_past,
    },
    sp_runtime::{BuildStorage, DispatchError},
    types::{MAX_ROUNDS, MAX_WINDOWS},
};
use frame_support::{assert_noop, assert_ok, traits::Hooks};

const SHORT: Windows = Windows {
    attest: 1,
    open: 2,
    reveal: 3,
    dispute: 4,
    challenge: 5,
    draw: 6,
    answer: 7,
};

#[test]
fn windows_hold_for_the_next_phase_when_governance_sets_them() {
    run(|| {
        drawn(7, &Output::right());
        System::reset_events();
        assert_ok!(VerifierPallet::set_windows(RuntimeOrigin::root(), SHORT));
        assert_eq!(events(), [Event::WindowsSet { windows: SHORT }]);
        assert_eq!(case(7).until, 33);
        run_past(7);
        assert_eq!(case(7).until, 34);
    });
}

#[test]
fn windows_are_refused_when_they_are_out_of_their_limits() {
    run(|| {
        for windows in [
            Windows { open: 0, ..SHORT },
            Windows {
                dispute: MAX_WINDOWS,
                ..SHORT
            },
        ] {
            assert_noop!(
                VerifierPallet::set_windows(RuntimeOrigin::root(), windows),
                Error::<Test>::BadWindows
            );
        }
    });
}

#[test]
fn windows_are_refused_when_anybody_else_sets_them() {
    run(|| {
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::signed(crate::mock::provider()),
        ] {
            assert_noop!(
                VerifierPallet::set_windows(origin, SHORT),
                DispatchError::BadOrigin
            );
        }
    });
}

fn genesis(windows: Windows) -> Windows {
    let mut storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .expect("the default genesis is sound");
    GenesisConfig::<Test> {
        windows,
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("the windows can be stored");
    polkadot_sdk::sp_io::TestExternalities::from(storage).execute_with(CurrentWindows::<Test>::get)
}

#[test]
fn windows_are_those_of_genesis() {
    assert_eq!(genesis(SHORT), SHORT);
}

#[test]
#[should_panic(expected = "every window must last at least one block")]
fn genesis_is_refused_when_a_window_is_empty() {
    genesis(Windows { reveal: 0, ..SHORT });
}

#[test]
fn constants_fit_each_other() {
    externalities().execute_with(<VerifierPallet as Hooks<u32>>::integrity_test);
}

#[test]
#[should_panic(expected = "it would not fit a block")]
fn constants_are_refused_when_the_largest_witness_fits_no_block() {
    externalities().execute_with(|| {
        MaxWitnessBytes::set(u32::MAX);
        <VerifierPallet as Hooks<u32>>::integrity_test();
    });
}

#[test]
#[should_panic(expected = "more rounds than a case can remember")]
fn constants_are_refused_when_there_are_more_rounds_than_are_remembered() {
    externalities().execute_with(|| {
        MaxRounds::set(MAX_ROUNDS + 1);
        <VerifierPallet as Hooks<u32>>::integrity_test();
    });
}

#[test]
#[should_panic(expected = "verifiers must be drawn at least once")]
fn constants_are_refused_when_nobody_is_ever_drawn() {
    externalities().execute_with(|| {
        MaxRounds::set(0);
        <VerifierPallet as Hooks<u32>>::integrity_test();
    });
}
