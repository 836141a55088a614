// SPDX-License-Identifier: Apache-2.0
//! End to end: networks of real nodes, and their users.

mod adversaries;
mod chain_spec;
mod equivocation;
mod life_cycle;
mod polkadot_js;
mod reorganisation;
mod restart;
mod upgrade;
