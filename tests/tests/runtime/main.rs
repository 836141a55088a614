// SPDX-License-Identifier: Apache-2.0
//! The real runtime in memory, with the real policy of the off-chain worker: what becomes of jobs when the chain under
//! them changes. No network and no clock, so every block can be tried.

mod chain;
mod forks;
mod layout;
mod model;
mod upgrade;
mod workers;
