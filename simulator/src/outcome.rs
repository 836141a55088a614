// SPDX-License-Identifier: Apache-2.0
//! How a job went, and for whom.

use crate::{
    cast::Cast,
    ledger::{Ledger, Party},
};
use assay_primitives::reason::Reason;

/// How a job went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why it ended.
    pub reason: Reason,
    /// Who has gained and lost what.
    pub ledger: Ledger,
}

impl Outcome {
    /// What the coalition of a cast has gained.
    pub fn of_coalition(&self, cast: &Cast) -> i128 {
        let providers = (cast.members.iter().enumerate())
            .filter(|(_, member)| **member)
            .map(|(number, _)| self.ledger.of(Party::Provider(number)))
            .sum::<i128>();
        let requester = if cast.owns_requester {
            self.ledger.of(Party::Requester)
        } else {
            0
        };
        providers + requester + self.ledger.of(Party::Friend)
    }

    /// What all others who take part have gained: providers, their delegators, requester and strangers.
    pub fn of_others(&self, cast: &Cast) -> i128 {
        let requester = if cast.owns_requester {
            0
        } else {
            self.ledger.of(Party::Requester)
        };
        let providers = (cast.members.iter().enumerate())
            .filter(|(_, member)| !**member)
            .map(|(number, _)| self.ledger.of(Party::Provider(number)))
            .sum::<i128>();
        providers + requester + self.ledger.of(Party::Watcher) + self.ledger.of(Party::Delegators)
    }
}
