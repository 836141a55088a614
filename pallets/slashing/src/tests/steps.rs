// SPDX-License-Identifier: Apache-2.0
//! Everything that can happen, at random.

use crate::{
    mock::{
        DELAY, OF_ONE, RuntimeOrigin, SlashingPallet, System, account, bond, delegate, run_to,
        unbond,
    },
    rules::{Mode, Rule},
    sp_runtime::{Perbill, Permill},
};
use assay_primitives::{
    AccountId, Balance,
    reason::Offence,
    slashing::{Charge, Slashing},
};
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop, prop_oneof};

/// Something that happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Somebody is charged.
    Charge(Charge<AccountId, Balance>),
    /// A validator is reported by somebody, with a share in percent, for a session.
    Report(AccountId, AccountId, u32, u32),
    /// Governance sets a rule, if it is sound.
    Set(Offence, Rule),
    /// Governance cancels what waits, if it does.
    Cancel(u32),
    /// A provider adds to its own stake.
    Bond(AccountId, Balance),
    /// A provider takes stake out.
    Unbond(AccountId, Balance),
    /// A stranger adds to a provider's stake.
    Delegate(AccountId, AccountId, Balance),
    /// So many blocks pass.
    Wait(u32),
}

/// Does it.
pub(super) fn act(step: Step) {
    match step {
        Step::Charge(charge) => {
            SlashingPallet::punish(charge).expect("a punishment never fails");
        }
        Step::Report(offender, reporter, percent, session) => SlashingPallet::equivocated(
            &offender,
            Some(&reporter),
            Perbill::from_percent(percent),
            session,
        ),
        Step::Set(offence, rule) => {
            // Refused if it is not sound.
            let _ = SlashingPallet::set_rule(RuntimeOrigin::root(), offence, rule);
        }
        Step::Cancel(id) => {
            let _ = SlashingPallet::cancel(RuntimeOrigin::root(), id);
        }
        Step::Bond(provider, amount) => bond(&provider, amount),
        Step::Unbond(provider, amount) => unbond(&provider, amount),
        Step::Delegate(from, provider, amount) => delegate(&from, &provider, amount),
        Step::Wait(blocks) => run_to(System::block_number() + blocks),
    }
}

/// The providers of the tests.
fn provider() -> impl Strategy<Value = AccountId> {
    prop::sample::select(vec![account(1), account(2), account(4)])
}

/// A requester or reporter: one of those who take part, or somebody who does not exist yet.
fn somebody() -> impl Strategy<Value = Option<AccountId>> {
    prop::option::of(prop_oneof![(0u8..5).prop_map(account), Just(account(99))])
}

fn charge(offender: BoxedStrategy<AccountId>) -> impl Strategy<Value = Charge<AccountId, Balance>> {
    let amount = || prop_oneof![0u128..20, 0u128..5_000, Just(Balance::MAX)];
    (
        prop::sample::select(Offence::ALL.to_vec()),
        prop::option::of(any::<u64>()),
        offender,
        (amount(), amount()),
        (somebody(), somebody()),
    )
        .prop_map(
            |(offence, job, offender, (bond, price), (reporter, requester))| Charge {
                offence,
                job,
                offender,
                bond,
                price,
                reporter,
                requester,
            },
        )
}

fn rule() -> impl Strategy<Value = Rule> {
    let share = || prop_oneof![Just(0u32), 0u32..400_000, Just(999_999), Just(1_000_000)];
    let shares = prop::array::uniform6(share().prop_map(Permill::from_parts));
    let mode = prop_oneof![4 => Just(Mode::Armed), 1 => Just(Mode::Shadow), 1 => Just(Mode::Off)];
    let factors = (0u32..5, 0u32..5, prop_oneof![0u32..3, Just(u32::MAX)]);
    let delay = prop_oneof![Just(0), 0..=DELAY + 1];
    (shares, mode, factors, delay, any::<bool>()).prop_map(
        |(shares, mode, (correlation, repetition, requester_cap), delay, chill)| {
            let [bond, stake, price, reporter, requester, treasury] = shares;
            Rule {
                mode,
                bond,
                stake,
                correlation,
                repetition,
                price,
                reporter,
                requester,
                requester_cap,
                treasury,
                chill,
                delay,
            }
        },
    )
}

/// Series of steps. Where all offenders are to be providers, nobody else is charged.
pub(super) fn steps(providers_only: bool) -> impl Strategy<Value = Vec<Step>> {
    let offender = move || {
        if providers_only {
            provider().boxed()
        } else {
            (0u8..6).prop_map(account).boxed()
        }
    };
    let amount = || 1u128..5_000;
    let charge = charge(offender()).prop_map(Step::Charge);
    let report = (offender(), (0u8..5).prop_map(account), 0u32..101, 0u32..3)
        .prop_map(|(who, reporter, share, session)| Step::Report(who, reporter, share, session));
    let set = (prop::sample::select(Offence::ALL.to_vec()), rule())
        .prop_map(|(offence, rule)| Step::Set(offence, rule));
    let step = prop_oneof![
        6 => charge,
        2 => report,
        3 => set,
        1 => (0..2 * OF_ONE).prop_map(Step::Cancel),
        1 => (provider(), amount()).prop_map(|(who, amount)| Step::Bond(who, amount)),
        1 => (provider(), amount()).prop_map(|(who, amount)| Step::Unbond(who, amount)),
        1 => ((5u8..9).prop_map(account), provider(), amount())
            .prop_map(|(from, to, amount)| Step::Delegate(from, to, amount)),
        3 => (1..DELAY).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..40)
}
