// SPDX-License-Identifier: Apache-2.0
//! The node's parts that can be tried without a network.
#![allow(clippy::result_large_err, reason = "the errors are the SDK's")]

mod chain_spec;
mod command;
mod equivocation;
