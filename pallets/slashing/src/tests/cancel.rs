// SPDX-License-Identifier: Apache-2.0
//! Governance cancels what waits.

use crate::{
    Agenda, Deferrals, Error, Event, Waiting, frame_support,
    mock::{
        DELAY, Pools, RuntimeOrigin, STAKE, SlashingPallet, System, Test, account, charge,
        offender, punish, run, run_to,
    },
    rules::Mode,
};
use assay_primitives::{reason::Offence, slashing::Penalty, stake::Stakes};
use frame_support::{assert_noop, assert_ok};
use polkadot_sdk::sp_runtime::DispatchError;

#[test]
fn cancel_leaves_the_stake_alone_and_says_so() {
    run(Mode::Armed, || {
        punish(charge(Offence::FalseReport));
        punish(charge(Offence::UnprovenAccusation));
        assert_ok!(SlashingPallet::cancel(RuntimeOrigin::root(), 0));
        System::assert_last_event(
            Event::Cancelled {
                deferral: 0,
                job: Some(7),
                offender: offender(),
                offence: Offence::FalseReport,
                due: Penalty {
                    taken: 10,
                    burned: 10,
                    ..Penalty::default()
                },
            }
            .into(),
        );
        assert_eq!(Agenda::<Test>::get().to_vec(), [(1 + DELAY, 1)]);
        assert_eq!(Waiting::<Test>::get(offender()), 1);
        run_to(2 + DELAY);
        // The other one only.
        assert_eq!(Pools::slashable(&offender()), STAKE - 10);
        assert_eq!(Deferrals::<Test>::count(), 0);
        assert_eq!(Waiting::<Test>::iter().count(), 0);
    });
}

#[test]
fn cancel_is_refused_when_the_origin_is_not_governance() {
    run(Mode::Armed, || {
        punish(charge(Offence::FalseReport));
        for origin in [
            RuntimeOrigin::signed(offender()),
            RuntimeOrigin::signed(account(7)),
            RuntimeOrigin::none(),
        ] {
            assert_noop!(SlashingPallet::cancel(origin, 0), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn cancel_is_refused_when_no_such_punishment_waits() {
    run(Mode::Armed, || {
        let refused = |id| {
            assert_noop!(
                SlashingPallet::cancel(RuntimeOrigin::root(), id),
                Error::<Test>::UnknownDeferral
            );
        };
        refused(0);
        punish(charge(Offence::FalseReport));
        refused(1);
        refused(u32::MAX);
        assert_ok!(SlashingPallet::cancel(RuntimeOrigin::root(), 0));
        refused(0);
        punish(charge(Offence::FalseReport));
        run_to(1 + DELAY);
        refused(1);
    });
}
