// SPDX-License-Identifier: Apache-2.0
//! What the end-to-end tests share: a real network of node processes, a kernel, and parties with keys.

pub mod kernel;
pub mod ledger;
pub mod mesh;
pub mod network;
pub mod party;
pub mod posted;
pub mod state;
