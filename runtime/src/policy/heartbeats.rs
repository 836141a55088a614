// SPDX-License-Identifier: Apache-2.0
//! Shows once in each period that a party's worker is there.

use super::{LOG_TARGET, Party};
use crate::{Providers, Runtime, System, transactions};
use assay_primitives::duty::heartbeat_payload;
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;

/// Sends the heartbeat of this period, until the chain has it. The pool keeps one.
pub(super) fn show(party: &Party) {
    let Some(record) = pallet_providers::Providers::<Runtime>::get(&party.provider) else {
        return;
    };
    let period = Providers::heartbeat_period();
    if record.heartbeat >= period || record.slot.is_none() {
        return;
    }
    let payload = heartbeat_payload(System::block_hash(0), &party.provider, period);
    let Some(signature) = party.worker.sign(&payload) else {
        log::error!(target: LOG_TARGET, "the keystore does not sign with the worker key");
        return;
    };
    let call = pallet_providers::Call::heartbeat {
        provider: party.provider.clone(),
        period,
        signature,
    };
    transactions::submit(&transactions::authorized(call.into()));
}
