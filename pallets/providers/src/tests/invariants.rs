// SPDX-License-Identifier: Apache-2.0
//! Random lives of a stake.

use super::registration::register;
use crate::mock::{Balances, ProvidersPallet, RuntimeOrigin, System, account, run};
use assay_primitives::stake::Stakes;
use proptest::prelude::{Just, Strategy, prop, prop_oneof, proptest};

/// Something that happens to one of three providers.
#[derive(Clone, Debug)]
enum Step {
    Register(u8, u128),
    BondMore(u8, u128),
    Unbond(u8, u128),
    Withdraw(u8),
    Lock(u8, u128),
    Unlock(u8, u128),
    Slash(u8, u128, u128),
    Deregister(u8),
    Reap(u8),
    Wait(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 1u8..4;
    let amount = || prop_oneof![0u128..5_000, Just(u128::MAX)];
    prop_oneof![
        (who.clone(), amount()).prop_map(|(who, amount)| Step::Register(who, amount)),
        (who.clone(), amount()).prop_map(|(who, amount)| Step::BondMore(who, amount)),
        (who.clone(), amount()).prop_map(|(who, amount)| Step::Unbond(who, amount)),
        who.clone().prop_map(Step::Withdraw),
        who.clone().prop_map(Step::Deregister),
        who.clone().prop_map(Step::Reap),
        (who.clone(), amount()).prop_map(|(who, amount)| Step::Lock(who, amount)),
        (who.clone(), 0u128..5_000).prop_map(|(who, amount)| Step::Unlock(who, amount)),
        (who, amount(), amount()).prop_map(|(who, amount, share)| Step::Slash(who, amount, share)),
        (1u32..60).prop_map(Step::Wait),
    ]
}

/// Does a step, whether it is refused or not; what counts is what is true after it.
fn take(step: Step) {
    let signed = |seed| RuntimeOrigin::signed(account(seed));
    let _refused_or_not = match step {
        Step::Register(who, amount) => register(who, amount),
        Step::BondMore(who, amount) => ProvidersPallet::bond_more(signed(who), amount),
        Step::Unbond(who, amount) => ProvidersPallet::unbond(signed(who), amount),
        Step::Withdraw(who) => ProvidersPallet::withdraw(signed(who)),
        Step::Deregister(who) => ProvidersPallet::deregister(signed(who)),
        Step::Reap(who) => ProvidersPallet::reap(signed(9), account(who)),
        Step::Lock(who, amount) => ProvidersPallet::lock(&account(who), amount),
        Step::Unlock(who, amount) => {
            ProvidersPallet::unlock(&account(who), amount);
            Ok(())
        }
        Step::Slash(who, amount, share) => {
            let issuance = Balances::total_issuance();
            let slashed = ProvidersPallet::slash(&account(who), amount, &[(account(5), share)]);
            let slashed = slashed.expect("a slash never fails");
            // What is taken and not paid is burned, to the last unit.
            assert_eq!(slashed.taken, slashed.paid[0] + slashed.burned);
            assert_eq!(slashed.paid[0], slashed.taken.min(share));
            assert_eq!(issuance - Balances::total_issuance(), slashed.burned);
            Ok(())
        }
        Step::Wait(blocks) => {
            System::set_block_number(System::block_number() + blocks);
            Ok(())
        }
    };
}

proptest! {
    #[test]
    fn invariants_hold_after_any_life(steps in prop::collection::vec(step(), 1..60)) {
        run(|| {
            for step in steps {
                take(step);
                ProvidersPallet::do_try_state().expect("every invariant holds");
            }
        });
    }
}
