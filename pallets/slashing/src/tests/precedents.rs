// SPDX-License-Identifier: Apache-2.0
//! Offences of many at once, and of one again, cost more.

use crate::{
    OldestEra, Records, Tallies,
    mock::{
        ERA, Pools, STAKE, SlashingPallet, System, Test, account, bond, charge, offender, punish,
        reporter, run, run_to,
    },
    rules::Mode,
    types::Tally,
};
use assay_primitives::{AccountId, Balance, reason::Offence, slashing::Charge, stake::Stakes};
use polkadot_sdk::frame_support::{traits::OnIdle, weights::Weight};

/// A charge without a bond.
fn charged(offender: AccountId, offence: Offence) -> Charge<AccountId, Balance> {
    Charge {
        offender,
        bond: 0,
        ..charge(offence)
    }
}

#[test]
fn second_offence_of_the_same_kind_in_an_era_costs_twice_the_share() {
    run(Mode::Armed, || {
        let offence = Offence::WrongResult;
        // 10% * (1 + 3 * 10,000 / 220,000) of 10,000.
        assert_eq!(punish(charged(offender(), offence)).taken, 1_136);
        // 20% * (1 + 3 * 10,000 / 218,864) of 8,864.
        assert_eq!(punish(charged(offender(), offence)).taken, 2_015);
        run_to(ERA);
        // 10% * (1 + 3 * 6,849 / 216,849) of 6,849.
        assert_eq!(punish(charged(offender(), offence)).taken, 749);
    });
}

#[test]
fn withholding_after_a_wrong_result_costs_as_much_as_a_second_wrong_result() {
    let second = |first, second| {
        let mut taken = 0;
        run(Mode::Armed, || {
            punish(charged(offender(), first));
            taken = punish(charged(offender(), second)).taken;
        });
        taken
    };
    let (wrong, withheld) = (Offence::WrongResult, Offence::Withheld);
    assert_eq!(second(wrong, wrong), 2_015);
    assert_eq!(second(wrong, withheld), 2_015);
    assert_eq!(second(withheld, wrong), 2_015);
    assert_eq!(second(withheld, withheld), 2_015);
    // That it waits changes nothing: it counts.
    assert_eq!(second(Offence::Unserved, wrong), 2_272);
}

#[test]
fn offences_of_another_kind_do_not_count() {
    run(Mode::Armed, || {
        punish(charged(offender(), Offence::FalseAttestation));
        let left = Pools::slashable(&offender());
        let taken = punish(charged(offender(), Offence::WrongResult)).taken;
        assert!(taken < left * 114 / 1_000, "{taken}");
    });
}

#[test]
fn share_grows_with_the_stake_of_others_who_did_the_same_in_the_era() {
    run(Mode::Armed, || {
        let offence = Offence::FalseAttestation;
        // Three providers with all the stake err, one after the other.
        bond(&account(1), 10 * STAKE);
        bond(&account(2), 10 * STAKE);
        let taken: Vec<_> = [account(4), account(1), account(2)]
            .map(|offender| punish(charged(offender, offence)).taken)
            .to_vec();
        // 2% of 200,000, 110,000 and 110,000, times 1 + 3 * 0.476, then 0.756 and 1.
        assert_eq!(taken, [9_714, 7_186, 8_800]);
    });
}

#[test]
fn a_tally_starts_anew_in_each_era_and_counts_each_offender_once() {
    run(Mode::Armed, || {
        let offence = Offence::FalseAttestation;
        let tally = || Tallies::<Test>::get(offence);
        punish(charged(offender(), offence));
        punish(charged(offender(), offence));
        assert_eq!(
            tally(),
            Tally {
                era: 0,
                charged: STAKE
            }
        );
        punish(charged(reporter(), offence));
        assert_eq!(tally().charged, 2 * STAKE);
        run_to(2 * ERA);
        punish(charged(reporter(), offence));
        let left = STAKE - 254;
        assert_eq!(
            tally(),
            Tally {
                era: 2,
                charged: left
            }
        );
    });
}

#[test]
fn offences_count_in_shadow_but_not_when_the_rule_is_off() {
    for (mode, times) in [(Mode::Shadow, 1), (Mode::Off, 0)] {
        run(mode, || {
            punish(charged(offender(), Offence::WrongResult));
            let key = (offender(), Offence::WrongResult);
            assert_eq!(Records::<Test>::get(0, key), times);
        });
    }
}

#[test]
fn nothing_is_stored_of_who_has_no_stake_or_risks_none() {
    run(Mode::Armed, || {
        punish(charged(account(3), Offence::WrongResult));
        punish(charged(offender(), Offence::NoReveal));
        punish(charged(offender(), Offence::MissedDeadline));
        assert_eq!(Records::<Test>::iter().count(), 0);
        assert_eq!(Tallies::<Test>::iter().count(), 0);
    });
}

#[test]
fn records_are_removed_once_their_era_is_past() {
    run(Mode::Armed, || {
        punish(charged(offender(), Offence::WrongResult));
        punish(charged(reporter(), Offence::FalseAttestation));
        run_to(ERA);
        assert_eq!(Records::<Test>::iter().count(), 2);
        run_to(ERA + 1);
        assert_eq!(Records::<Test>::iter().count(), 0);
        assert_eq!(OldestEra::<Test>::get(), 1);
    });
}

#[test]
fn records_are_removed_a_few_at_a_time_and_only_with_weight_to_spare() {
    run(Mode::Armed, || {
        for seed in 0..20u8 {
            Records::<Test>::insert(0, (account(seed), Offence::WrongResult), 1);
        }
        let left = || Records::<Test>::iter().count();
        System::set_block_number(3 * ERA);
        let idle = |weight| SlashingPallet::on_idle(3 * ERA, weight);
        assert_eq!(idle(Weight::zero()), Weight::zero());
        assert_eq!((left(), OldestEra::<Test>::get()), (20, 0));
        idle(Weight::MAX);
        assert_eq!((left(), OldestEra::<Test>::get()), (4, 0));
        idle(Weight::MAX);
        assert_eq!((left(), OldestEra::<Test>::get()), (0, 1));
        idle(Weight::MAX);
        idle(Weight::MAX);
        idle(Weight::MAX);
        assert_eq!(OldestEra::<Test>::get(), 3);
    });
}
