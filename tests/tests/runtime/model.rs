// SPDX-License-Identifier: Apache-2.0
//! The simulator's model of a job against the real runtime: however a job goes, everybody gains and loses the same in both.

use crate::{
    chain::{Chain, REQUESTERS, STAKE, STASHES, kernel_hash, on_chain, spec},
    upgrade::is_for_others,
    workers::{Script, Workers},
};
use assay_primitives::{
    AccountId, Balance, UNIT,
    job::{JobSpec, PriceRange},
    mailbox::{Order, Step},
    reason::Reason,
    reputation::{Deed, Reputation, SCRUTINY},
};
use assay_runtime::{Balances, Providers, Runtime, RuntimeEvent};
use assay_simulator::{
    cast::{Cast, Delivery, ProviderPlay, ReportsItself, RequesterPlay, VerifierPlay, WhenSeen},
    chance::Chance,
    job::play,
    ledger::{Party, signed},
    market::Market,
};
use assay_tests::kernel::TILES;
use pallet_verifier::Windows;
use polkadot_sdk::{frame_support::traits::fungible::Inspect, pallet_transaction_payment};
use std::collections::BTreeMap;

/// What the job costs.
const PRICE: Balance = 10 * UNIT;

/// Windows that are long enough for who does what it has to do.
const WINDOWS: Windows = Windows {
    attest: 10,
    open: 10,
    reveal: 10,
    dispute: 20,
    challenge: 2,
    draw: 20,
    answer: 10,
};

/// The most blocks that a job takes.
const PATIENCE: u32 = 200;

/// How a job has gone, and who has gained what by it, but for the fees of transactions.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    reason: Reason,
    provider: i128,
    /// With whoever would have rescued the job.
    requester: i128,
    /// Of the other providers those who have gained or lost anything, ascending.
    verifiers: Vec<i128>,
    treasury: i128,
    burned: i128,
}

impl Outcome {
    fn new(reason: Reason, of: impl Fn(Party) -> i128) -> Self {
        let others = (1..STASHES.len()).map(|number| of(Party::Provider(number)));
        let mut verifiers: Vec<_> = others.filter(|gain| *gain != 0).collect();
        verifiers.sort_unstable();
        Self {
            reason,
            provider: of(Party::Provider(0)),
            requester: of(Party::Requester),
            verifiers,
            treasury: of(Party::Treasury),
            burned: of(Party::Burned),
        }
    }
}

fn is_to_provider(order: &Order) -> bool {
    order.provider == STASHES[0].to_account_id()
}

fn is_for_proof(order: &Order) -> bool {
    matches!(order.step, Step::Witness { .. })
}

/// A cast of which only the provider is named: everybody is honest.
fn honest() -> Cast {
    Cast {
        members: vec![false; STASHES.len()],
        owns_requester: false,
        provider: ProviderPlay::HONEST,
        verifiers: VerifierPlay::Honest,
        requester: RequesterPlay::Honest,
        reports_itself: ReportsItself::Never,
    }
}

/// All verifiers play the same.
fn verifiers(verifiers: VerifierPlay) -> Cast {
    let mut members = vec![true; STASHES.len()];
    members[0] = false;
    Cast {
        members,
        verifiers,
        ..honest()
    }
}

/// The provider delivers this.
fn provider(provider: ProviderPlay) -> Cast {
    let mut members = vec![false; STASHES.len()];
    members[0] = true;
    Cast {
        members,
        provider,
        ..honest()
    }
}

fn delivers(delivers: Delivery) -> Cast {
    provider(ProviderPlay {
        delivers,
        ..ProviderPlay::HONEST
    })
}

/// Everything is made up.
const WRONG: ProviderPlay = ProviderPlay {
    makes_up: 1.0,
    ..ProviderPlay::HONEST
};

/// The model's outcome. What computing costs and what results are worth is nothing here, because the chain does not
/// know it.
fn modelled(cast: &Cast) -> Outcome {
    let kernel = pallet_jobs::Kernels::<Runtime>::get(kernel_hash()).expect("it is registered");
    let market = Market {
        price: PRICE,
        tiles: vec![TILES],
        tile_fuel: kernel.tile_fuel,
        providers: u32::try_from(STASHES.len()).expect("few"),
        stake: STAKE,
        cost: 0.0,
        checking: 0.0,
        worth: 0.0,
        transaction: 0,
        ..Market::default()
    };
    let outcome = play(&market, cast, Chance::of(1, 1));
    assert_eq!(outcome.ledger.of(Party::World), 0, "nothing costs anything");
    Outcome::new(outcome.reason, |party| match party {
        Party::Requester => outcome.ledger.of(party) + outcome.ledger.of(Party::Watcher),
        _ => outcome.ledger.of(party),
    })
}

/// Whose account is looked at.
fn accounts() -> Vec<(Party, AccountId)> {
    let providers = (STASHES.iter().enumerate())
        .map(|(number, stash)| (Party::Provider(number), stash.to_account_id()));
    let others = [
        (Party::Requester, REQUESTERS[0].to_account_id()),
        (
            Party::Treasury,
            <Runtime as pallet_jobs::Config>::FeeDestination::get(),
        ),
    ];
    providers.chain(others).collect()
}

fn balances() -> Vec<i128> {
    (accounts().iter())
        .map(|(_, account)| signed(Balances::total_balance(account)))
        .collect()
}

/// Plays the job on the chain; the answer is how it went.
fn played(chain: &mut Chain, workers: &mut Workers, script: Script) -> Outcome {
    workers.usual = script;
    // The model has no reputation: nobody is looked at more closely than the requester asks for.
    let trusted = STASHES[0].to_account_id();
    while Providers::scrutiny(&trusted) > *SCRUTINY.start() {
        Providers::note(&trusted, Deed::Settled);
    }
    let before = balances();
    let first = chain.events.len();
    let spec = JobSpec {
        price: PriceRange {
            floor: PRICE,
            ceiling: PRICE,
        },
        ..spec(TILES, 20, 20)
    };
    chain.submit(REQUESTERS[0], pallet_jobs::Call::post { spec });
    let start = chain.height();
    let reason = loop {
        chain.step(workers);
        let end = chain.events[first..].iter().find_map(|event| match event {
            RuntimeEvent::Jobs(pallet_jobs::Event::JobSettled { reason, .. }) => Some(*reason),
            _ => None,
        });
        if let Some(reason) = end {
            break reason;
        }
        assert!(chain.height() < start + PATIENCE, "the job does not end");
    };
    let (mut fees, mut burned) = (BTreeMap::<AccountId, i128>::new(), 0);
    for event in &chain.events[first..] {
        match event {
            RuntimeEvent::TransactionPayment(
                pallet_transaction_payment::Event::TransactionFeePaid {
                    who, actual_fee, ..
                },
            ) => *fees.entry(who.clone()).or_default() += signed(*actual_fee),
            RuntimeEvent::Providers(pallet_providers::Event::StakeSlashed {
                burned: by, ..
            }) => {
                burned += signed(*by);
            }
            _ => {}
        }
    }
    // In the model nobody cancels what waits for governance.
    let mut waiting = BTreeMap::<AccountId, i128>::new();
    for deferral in pallet_slashing::Deferrals::<Runtime>::iter_values() {
        let due = deferral.due;
        assert_eq!(due.taken, due.burned, "nobody gets any of it");
        burned += signed(due.burned);
        *waiting.entry(deferral.offender).or_default() += signed(due.taken);
    }
    let gains: Vec<_> = (accounts().into_iter().zip(before).zip(balances()))
        .map(|(((party, account), before), after)| {
            let of = |amounts: &BTreeMap<AccountId, i128>| {
                amounts.get(&account).copied().unwrap_or_default()
            };
            (party, after - before + of(&fees) - of(&waiting))
        })
        .collect();
    Outcome::new(reason, |party| match party {
        Party::Burned => burned,
        _ => (gains.iter())
            .find(|(other, _)| *other == party)
            .map_or(0, |(_, gain)| *gain),
    })
}

/// A job goes as the cast plays in the model, and as the script says on the chain.
fn assert_model_holds(reason: Reason, cast: &Cast, script: Script) {
    on_chain(WINDOWS, |chain, workers| {
        let modelled = modelled(cast);
        assert_eq!(modelled.reason, reason);
        assert_eq!(played(chain, workers, script), modelled);
    });
}

/// Only the provider takes jobs; beyond that nobody leaves anything undone.
fn diligent() -> Script {
    Script {
        unanswered: is_for_others,
        ..Script::default()
    }
}

#[test]
fn model_of_an_honest_job_is_what_the_chain_does() {
    assert_model_holds(Reason::Settled, &honest(), diligent());
}

#[test]
fn model_of_a_wrong_result_is_what_the_chain_does() {
    // Who is wrong does not prove it.
    let script = Script {
        wrong: true,
        unanswered: |order| is_for_others(order) || is_for_proof(order) && is_to_provider(order),
        ..diligent()
    };
    assert_model_holds(Reason::WrongResult, &provider(WRONG), script);
}

#[test]
fn model_of_a_result_that_is_not_opened_is_what_the_chain_does() {
    let withholds = ProviderPlay {
        when_seen: WhenSeen::Withholds,
        ..WRONG
    };
    let script = Script {
        wrong: true,
        unanswered: |order| is_for_others(order) || matches!(order.step, Step::Open { .. }),
        ..diligent()
    };
    assert_model_holds(Reason::Withheld, &provider(withholds), script);
}

#[test]
fn model_of_a_missed_deadline_is_what_the_chain_does() {
    let script = Script {
        unanswered: |order| is_for_others(order) || matches!(order.step, Step::Compute { .. }),
        ..diligent()
    };
    assert_model_holds(Reason::MissedDeadline, &delivers(Delivery::Nothing), script);
}

#[test]
fn model_of_a_false_report_is_what_the_chain_does() {
    let script = Script {
        reports: true,
        ..diligent()
    };
    let cast = delivers(Delivery::BlamesInputs);
    on_chain(WINDOWS, |chain, workers| {
        // The chain names the report, the model what it comes to besides.
        let expected = Outcome {
            reason: Reason::FalseReport,
            ..modelled(&cast)
        };
        assert_eq!(played(chain, workers, script), expected);
    });
}

#[test]
fn model_of_missing_inputs_is_what_the_chain_does() {
    let script = Script {
        reports: true,
        finds: false,
        ..diligent()
    };
    let cast = delivers(Delivery::HasLostInputs);
    assert_model_holds(Reason::Unavailable, &cast, script);
}

#[test]
fn model_of_silent_verifiers_is_what_the_chain_does() {
    let script = Script {
        unanswered: |order| is_for_others(order) || matches!(order.step, Step::Attest { .. }),
        ..diligent()
    };
    assert_model_holds(Reason::Unverified, &verifiers(VerifierPlay::Silent), script);
}

#[test]
fn model_of_verifiers_who_do_not_reveal_is_what_the_chain_does() {
    let script = Script {
        unanswered: |order| is_for_others(order) || matches!(order.step, Step::Reveal { .. }),
        ..diligent()
    };
    let cast = verifiers(VerifierPlay::CopiesHash);
    assert_model_holds(Reason::Unverified, &cast, script);
}

#[test]
fn model_of_guessing_verifiers_is_what_the_chain_does() {
    // Who is wrong does not prove it.
    let script = Script {
        guesses: true,
        unanswered: |order| is_for_others(order) || is_for_proof(order) && !is_to_provider(order),
        ..diligent()
    };
    assert_model_holds(Reason::Settled, &verifiers(VerifierPlay::Guesses), script);
}
