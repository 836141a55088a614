// SPDX-License-Identifier: Apache-2.0
//! The terms of a job.

use alloc::vec::Vec;
use assay_verifier::{Root, sampling::Assurance, witness::InputRef};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{frame_support::BoundedVec, sp_core::ConstU32};
use scale_info::TypeInfo;

/// Most parameter words of a job.
pub const MAX_PARAMETERS: u32 = 64;

/// Most inputs of a job.
pub const MAX_INPUTS: u32 = 8;

/// Most tiles that are sampled of one job.
pub const MAX_SAMPLES: u32 = 512;

/// Most verifiers of one job.
pub const MAX_PANEL: u32 = 16;

/// Where a party serves blobs: its endpoint key and one socket address.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Endpoint {
    /// The ed25519 public key that the endpoint proves to hold when it is dialled.
    pub key: [u8; 32],
    /// Where it listens.
    pub address: Address,
}

/// A UDP socket address.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Address {
    /// IPv4.
    V4 {
        /// The four bytes of the address.
        ip: [u8; 4],
        /// The UDP port.
        port: u16,
    },
    /// IPv6.
    V6 {
        /// The sixteen bytes of the address.
        ip: [u8; 16],
        /// The UDP port.
        port: u16,
    },
}

/// Between which prices the auction of a job runs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct PriceRange<Balance> {
    /// The price in the first block of the auction.
    pub floor: Balance,
    /// The price at its end, and the most that the requester can pay for the computation.
    pub ceiling: Balance,
}

/// What a requester asks for.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct JobSpec<Balance, BlockNumber> {
    /// BLAKE3 hash of the encoded kernel, which must be registered.
    pub kernel: Root,
    /// The kernel's parameter words.
    pub parameters: BoundedVec<u32, ConstU32<MAX_PARAMETERS>>,
    /// The inputs, in the order of the kernel's input memories.
    pub inputs: BoundedVec<InputRef, ConstU32<MAX_INPUTS>>,
    /// Workgroups along x, y and z; each makes one tile.
    pub grid: [u32; 3],
    /// How sure the requester wants to be of the result.
    pub assurance: Assurance,
    /// The range of the price.
    pub price: PriceRange<Balance>,
    /// How many blocks the price takes from floor to ceiling.
    pub auction: BlockNumber,
    /// How many blocks a provider has from acceptance to commitment.
    pub compute: BlockNumber,
    /// Where the requester serves the inputs.
    pub source: Endpoint,
}

/// What has to be computed, and with what: all that any party needs to make or check a tile.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Work {
    /// BLAKE3 hash of the encoded kernel.
    pub kernel: Root,
    /// The kernel's parameter words.
    pub parameters: Vec<u32>,
    /// The inputs.
    pub inputs: Vec<InputRef>,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// The number of tiles: the product of the grid.
    pub tiles: u32,
}

/// The number of tiles of a grid.
///
/// `None` for an empty grid and for one of more tiles than a `u32` counts.
pub fn tiles(grid: [u32; 3]) -> Option<u32> {
    let [x, y, z] = grid;
    x.checked_mul(y)?.checked_mul(z).filter(|tiles| *tiles > 0)
}
