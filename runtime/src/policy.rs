// SPDX-License-Identifier: Apache-2.0
//! What the off-chain worker does after each block: the policy of a provider's node, upgraded with the chain.
//!
//! It writes the native worker's orders from the chain's state and turns the worker's replies into
//! extrinsics, again and again until the chain shows their effect. It keeps no state of its own but when
//! it last sent a signed extrinsic, so it may be stopped, repeated or overtaken at any point.

mod heartbeats;
mod orders;
mod replies;

use crate::{AccountId, Providers};
use alloc::vec::Vec;
use assay_primitives::{
    BlockNumber,
    duty::WorkerId,
    mailbox::{ORDERS, OffchainPolicy, Orders},
};
use polkadot_sdk::{
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::offchain::{
        Duration,
        storage::StorageValueRef,
        storage_lock::{StorageLock, Time},
    },
};

/// The target of the policy's log lines.
const LOG_TARGET: &str = "assay::policy";

/// Keeps overlapping runs apart.
const LOCK: &[u8] = b"assay/policy/lock";

/// How long a run may hold the lock; one that was cut off must not hold up the next block's for long.
const LOCK_MILLIS: u64 = 2_000;

/// A worker key of this node and the provider it works for.
pub(crate) struct Party {
    pub(crate) worker: WorkerId,
    pub(crate) provider: AccountId,
}

/// The policy.
#[derive(Debug)]
pub struct Policy;

impl OffchainPolicy<BlockNumber> for Policy {
    fn run(now: BlockNumber) {
        let mut lock = StorageLock::<Time>::with_deadline(LOCK, Duration::from_millis(LOCK_MILLIS));
        let Ok(_guard) = lock.try_lock() else { return };
        let parties: Vec<Party> = WorkerId::all()
            .into_iter()
            .filter_map(|worker| {
                let provider = Providers::provider_of_worker(&worker)?;
                Some(Party { worker, provider })
            })
            .collect();
        let orders: Vec<_> = parties.iter().flat_map(orders::of).collect();
        StorageValueRef::persistent(ORDERS).set(&Orders {
            at: now,
            orders: orders.clone(),
        });
        for party in &parties {
            heartbeats::show(party);
            let mut sender = replies::Sender::new(party, now);
            for order in orders
                .iter()
                .filter(|order| order.provider == party.provider)
            {
                sender.answer(order);
            }
        }
    }
}
