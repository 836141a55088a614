// SPDX-License-Identifier: Apache-2.0
//! One GPU program, two machines that agree bit for bit.
//!
//! A *kernel* is a compute program in a small bytecode ([`program`]). [`validate`](mod@validate) checks it in
//! linear time and bounds what it can cost; [`machine`] runs one workgroup of it in lockstep, metered,
//! without the standard library, so that a chain can do it; [`races`] finds data races, [`reach`] what a
//! workgroup does outside of its tile; with the `std` feature, [`compiler`]
//! translates WGSL into it and [`generator`] translates it back into WGSL that any GPU runs with the
//! machine's results. The specification is `docs/kernel-spec.md`.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "std")]
pub mod compiler;
pub mod cost;
pub mod float;
#[cfg(feature = "std")]
pub mod generator;
mod listing;
pub mod machine;
pub mod program;
pub mod races;
pub mod reach;
pub mod validate;

pub use program::Kernel;
