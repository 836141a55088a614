// SPDX-License-Identifier: Apache-2.0
//! The provider's and verifier's engine: what a node does off chain.
//!
//! The runtime's off-chain worker writes orders into the node's local storage ([`mailbox`]);
//! [`duties`] carries them out: inputs and outputs are blobs addressed by their BLAKE3 hash ([`store`]),
//! jobs are computed by an [`engine`], samples are re-executed on the virtual machine, and nothing leaves
//! the machine before [`signing_guard`] has it in writing that nothing else was said for the same duty.

pub mod activity;
pub mod appraisal;
pub mod config;
pub mod duties;
pub mod engine;
pub mod mailbox;
pub mod outputs;
pub mod signing_guard;
pub mod store;

pub use config::Config;
pub use duties::Worker;
