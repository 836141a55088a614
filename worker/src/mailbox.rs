// SPDX-License-Identifier: Apache-2.0
//! The native worker's side of the mailbox that it shares with the runtime's off-chain worker.

use assay_primitives::mailbox::{ORDERS, Order, Orders, Reply, reply_key};
use codec::{Decode, Encode};
use std::sync::Arc;

/// The node's persistent off-chain storage.
pub trait LocalStorage: Send + Sync {
    /// What is stored under a key.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;

    /// Stores a value under a key.
    fn set(&self, key: &[u8], value: &[u8]);
}

/// Orders in, replies out.
#[derive(Clone)]
pub struct Mailbox(Arc<dyn LocalStorage>);

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Mailbox")
    }
}

impl Mailbox {
    /// Over a node's storage.
    pub fn new(storage: Arc<dyn LocalStorage>) -> Self {
        Self(storage)
    }

    /// The present orders; none if what is stored is not understood, as after an upgrade of the runtime.
    pub fn orders(&self) -> Orders {
        self.read(ORDERS).unwrap_or_default()
    }

    /// What was replied to an order.
    pub fn reply(&self, order: &Order) -> Option<Reply> {
        self.read(&reply_key(order))
    }

    /// Replies to an order.
    pub fn put_reply(&self, order: &Order, reply: &Reply) {
        self.0.set(&reply_key(order), &reply.encode());
    }

    fn read<T: Decode>(&self, key: &[u8]) -> Option<T> {
        T::decode(&mut self.0.get(key)?.as_slice()).ok()
    }
}
