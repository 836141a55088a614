// SPDX-License-Identifier: Apache-2.0
//! Who pays and who gets what when a job is over.

use super::{PROVIDER, Play, State};
use crate::{
    cast::RequesterPlay,
    ledger::{Party, part},
};
use assay_primitives::{AccountId, Balance, reason::Reason};
use pallet_jobs::settle::Split;

impl Play<'_> {
    /// The requester has a result.
    pub(super) fn enjoy(&mut self) {
        if self.cast.provider.makes_up == 0.0 && !self.is_member(PROVIDER) {
            let worth = part(self.market.price, self.market.worth);
            self.ledger.pay(Party::World, Party::Requester, worth);
        }
    }

    /// Pays those of an enquiry's panel who were right about the inputs, by the function of the jobs' pallet.
    pub(super) fn pay_enquiry(&mut self, right: &[usize]) {
        let protocol = &self.market.protocol;
        let (places, samples) = (protocol.enquiry_panel, protocol.enquiry_samples);
        let fee = (self.terms.job.fees)
            .of_enquiry(places, samples)
            .unwrap_or_default();
        let checked: Vec<_> = right.iter().map(|who| (account(*who), samples)).collect();
        for (who, amount) in Split::bill(&self.terms.job, checked, 0, fee) {
            self.pay_verifier(&who, amount);
        }
    }

    /// Divides the escrow, by the function of the jobs' pallet.
    pub(super) fn settle(&mut self, reason: Reason) -> Reason {
        let checked = (self.panel.iter())
            .map(|seat| (account(seat.who), self.assigned(seat.place).len() as u32))
            .collect();
        let split = Split::of(
            &self.terms.job,
            &self.terms.contract,
            reason,
            self.market.protocol.fee,
            checked,
        );
        for (who, amount) in &split.verifiers {
            self.pay_verifier(who, *amount);
        }
        self.ledger
            .pay(Party::Requester, Party::Provider(PROVIDER), split.provider);
        self.ledger
            .pay(Party::Requester, Party::Treasury, split.fee);
        if reason == Reason::Settled {
            self.enjoy();
            if self.cast.provider.plants_one {
                let loot = part(self.market.price, self.market.loot);
                self.ledger
                    .pay(Party::World, Party::Provider(PROVIDER), loot);
            }
            if self.cast.requester == RequesterPlay::LyingChecker {
                self.audit();
            }
        }
        reason
    }

    /// Every verifier but the requester's own computes the whole job, because a checker has said that something is wrong.
    fn audit(&mut self) {
        let cost = part(self.market.price, self.market.cost);
        let strangers = self.in_state(State::Revealed).into_iter();
        let strangers: Vec<_> = strangers.filter(|who| !self.is_member(*who)).collect();
        for who in strangers {
            self.ledger.pay(Party::Provider(who), Party::World, cost);
        }
    }

    fn pay_verifier(&mut self, who: &AccountId, amount: Balance) {
        let number = number(who);
        self.ledger
            .pay(Party::Requester, Party::Provider(number), amount);
    }
}

/// The account of a provider.
fn account(number: usize) -> AccountId {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
    bytes.into()
}

/// The provider of an account.
fn number(account: &AccountId) -> usize {
    let bytes: &[u8; 32] = account.as_ref();
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[..8]);
    u64::from_le_bytes(number) as usize
}
