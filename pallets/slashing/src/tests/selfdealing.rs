// SPDX-License-Identifier: Apache-2.0
//! Nobody profits from reporting himself: one person has every provider, is reporter, requester and treasury, and has
//! strangers delegate to its providers. Whatever it does, no punishment makes it richer.

use super::steps::{Step, act, steps};
use crate::{
    mock::{Balances, DELAY, System, account, parts, run, run_to},
    rules::Mode,
};
use assay_primitives::{AccountId, Balance};
use proptest::prelude::{ProptestConfig, proptest};

/// The accounts of the person; 5 to 8 are strangers.
fn person() -> impl Iterator<Item = AccountId> {
    (0..5).chain([9, 99]).map(account)
}

/// All that the person has: money, and of the stakes what is not delegated by strangers.
fn fortune() -> Balance {
    person()
        .map(|who| Balances::free_balance(&who) + parts(&who).0)
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nobody_profits_from_reporting_himself(steps in steps(true)) {
        run(Mode::Armed, || {
            for step in steps {
                let before = fortune();
                if let Step::Wait(blocks) = step {
                    for _ in 0..blocks {
                        let before = fortune();
                        run_to(System::block_number() + 1);
                        assert!(fortune() <= before, "a punishment that waited paid");
                    }
                } else {
                    act(step.clone());
                }
                assert!(fortune() <= before, "{step:?} paid {}", fortune() - before);
            }
            let before = fortune();
            run_to(System::block_number() + 2 * DELAY);
            assert!(fortune() <= before);
        });
    }
}
