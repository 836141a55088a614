// SPDX-License-Identifier: Apache-2.0
//! The terms of a job.

use crate::provider::Requirements;
use alloc::vec::Vec;
use assay_verifier::{Root, execution::Task, sampling::Assurance, witness::InputRef};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{frame_support::BoundedVec, sp_core::ConstU32};
use scale_info::TypeInfo;

/// Most parameter words of a job.
pub const MAX_PARAMETERS: u32 = 64;

/// Most inputs of a job.
pub const MAX_INPUTS: u32 = 8;

/// Most passes of a job.
pub const MAX_PASSES: u32 = 64;

/// Something of each pass.
pub type PerPass<T> = BoundedVec<T, ConstU32<MAX_PASSES>>;

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

/// What a pass reads as one of its inputs.
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
pub enum Source {
    /// The input of the job with this number.
    Input(u8),
    /// The output of the pass with this number, which must be an earlier one.
    Pass(u8),
}

/// A kernel and what it runs on.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pass {
    /// BLAKE3 hash of the encoded kernel, which must be registered.
    pub kernel: Root,
    /// The kernel's parameter words.
    pub parameters: BoundedVec<u32, ConstU32<MAX_PARAMETERS>>,
    /// What it reads, in the order of the kernel's input memories.
    pub reads: BoundedVec<Source, ConstU32<MAX_INPUTS>>,
    /// Workgroups along x, y and z; each makes one tile.
    pub grid: [u32; 3],
}

/// What a requester asks for.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct JobSpec<Balance, BlockNumber> {
    /// What is computed, one after the other; the output of the last is the job's.
    pub passes: PerPass<Pass>,
    /// A kernel that must yield nothing but zeros. Its parameters come after [`SEED_WORDS`] words of a seed
    /// that nobody knows before the commitment.
    pub checker: Option<Pass>,
    /// The inputs.
    pub inputs: BoundedVec<InputRef, ConstU32<MAX_INPUTS>>,
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
    /// What whoever computes it must be.
    pub requirements: Requirements,
    /// What the price is paid in: a listed asset, or the native token. Everything else is always native.
    pub asset: Option<AssetId>,
}

impl<Balance: Encode, BlockNumber: Encode> JobSpec<Balance, BlockNumber> {
    /// BLAKE3 hash of its encoding.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.encode()).as_bytes()
    }
}

/// The number of an asset.
pub type AssetId = u32;

/// The words of the seed before a checker's parameters.
pub const SEED_WORDS: u32 = 8;

/// What a job computes, with the sizes that its kernels give it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Plan {
    /// The passes.
    pub passes: Vec<PlannedPass>,
    /// The checker, if there is one.
    pub checker: Option<PlannedPass>,
    /// The inputs of the job.
    pub inputs: Vec<InputRef>,
}

/// A pass with its sizes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PlannedPass {
    /// BLAKE3 hash of the encoded kernel.
    pub kernel: Root,
    /// The kernel's parameter words.
    pub parameters: Vec<u32>,
    /// What it reads.
    pub reads: Vec<Source>,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// Its tiles: the product of the grid.
    pub tiles: u32,
    /// The words of one of them.
    pub tile_words: u32,
}

impl PlannedPass {
    /// The bytes of its output.
    pub fn output_bytes(&self) -> u64 {
        u64::from(self.tiles)
            .saturating_mul(self.tile_words.into())
            .saturating_mul(4)
    }
}

impl Plan {
    /// The tiles of each pass.
    pub fn tiles(&self) -> Vec<u32> {
        self.passes.iter().map(|pass| pass.tiles).collect()
    }

    /// The work of a pass, given the roots of the passes before it. `None` when there is no such pass, or one
    /// that it reads has no root yet.
    pub fn work(&self, pass: usize, roots: &[Root]) -> Option<Work> {
        let planned = self.passes.get(pass)?;
        self.resolve(planned, planned.parameters.clone(), roots)
    }

    /// The work of the checker, given the roots of all passes and the seed.
    pub fn checking(&self, roots: &[Root], seed: &[u8; 32]) -> Option<Work> {
        let planned = self.checker.as_ref()?;
        let (words, _) = seed.as_chunks();
        let mut parameters: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        parameters.extend(&planned.parameters);
        self.resolve(planned, parameters, roots)
    }

    fn resolve(&self, planned: &PlannedPass, parameters: Vec<u32>, roots: &[Root]) -> Option<Work> {
        let inputs = planned
            .reads
            .iter()
            .map(|source| match source {
                Source::Input(number) => self.inputs.get(usize::from(*number)).copied(),
                Source::Pass(number) => Some(InputRef {
                    hash: *roots.get(usize::from(*number))?,
                    length: self.passes.get(usize::from(*number))?.output_bytes(),
                }),
            })
            .collect::<Option<_>>()?;
        Some(Work {
            kernel: planned.kernel,
            parameters,
            inputs,
            grid: planned.grid,
            tiles: planned.tiles,
        })
    }
}

/// What has to be computed by one pass, and with what: all that any party needs to make or check a tile.
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

impl Work {
    /// What a tile of it is computed with, besides the inputs.
    pub fn task(&self) -> Task<'_> {
        Task {
            grid: self.grid,
            parameters: &self.parameters,
            tiles: self.tiles,
        }
    }
}

/// The number of tiles of a grid.
///
/// `None` for an empty grid and for one of more tiles than a `u32` counts.
pub fn tiles(grid: [u32; 3]) -> Option<u32> {
    let [x, y, z] = grid;
    x.checked_mul(y)?.checked_mul(z).filter(|tiles| *tiles > 0)
}
