// SPDX-License-Identifier: Apache-2.0
//! The validator and provider node: Substrate's consensus service with a worker host beside it.
//!
//! [`service`] puts the node together, [`worker_host`] runs the provider's worker and gives it the
//! mailbox, [`rpc`] is what clients can call, [`chain_spec`] the networks it knows, [`cli`] and
//! [`command`] the command line. No protocol logic lives here.
#![allow(clippy::result_large_err, reason = "the errors are the SDK's")]

pub mod chain_spec;
pub mod cli;
pub mod command;
pub mod equivocation;
pub mod rpc;
pub mod service;
pub mod worker_host;
