// SPDX-License-Identifier: Apache-2.0
//! What proves that a tile belongs to a result, and a page to an input.
//!
//! A commitment to an output is the BLAKE3 hash of its bytes. BLAKE3 is a Merkle tree of 1 KiB chunks and
//! a tile is an aligned run of a power of two of them, so a tile is a subtree: its *chaining value* and a
//! few siblings prove it under the hash ([`tree`], [`opening`]). Pages of inputs are proven the same way
//! ([`witness`], [`parts`]). [`sampling`] says how many tiles to look at and which, [`attestation`] how a verifier
//! commits to what it saw, [`execution`] computes a tile. No Substrate here beyond SCALE; the chain, the
//! workers and the clients all use this one implementation.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

extern crate alloc;

pub mod attestation;
#[cfg(feature = "std")]
pub mod commit;
pub mod execution;
#[cfg(feature = "std")]
mod leaves;
pub mod opening;
mod paged;
pub mod parts;
pub mod passes;
pub mod sampling;
#[cfg(feature = "std")]
pub mod sparse;
#[cfg(feature = "std")]
pub mod spot;
pub mod tree;
pub mod witness;

/// The hash of a subtree, as BLAKE3 chains it: not finalised as a root.
pub type ChainingValue = [u8; 32];

/// A BLAKE3 hash.
pub type Root = [u8; 32];
