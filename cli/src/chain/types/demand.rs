// SPDX-License-Identifier: Apache-2.0
//! Tiles that a provider has to show, and has shown.

use subxt::{ext::scale_decode::DecodeAsType, utils::AccountId32};

/// See `DemandView` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct DemandView {
    /// The tile, numbered through all passes.
    pub tile: u32,
    /// Who demands it.
    pub by: AccountId32,
    /// Whether its bytes are wanted as well.
    pub bytes: bool,
    /// The last block in which it can be answered.
    pub until: u32,
}

/// The event of a tile that was shown.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Answered {
    /// The job.
    pub job: u64,
    /// The tile.
    pub tile: u32,
    /// Its value.
    pub value: [u8; 32],
    /// BLAKE3 hash of its bytes, if they were demanded.
    pub bytes: Option<[u8; 32]>,
}

/// The call that shows a tile.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Answer {
    /// The job.
    pub job: u64,
    /// The tile.
    pub tile: u32,
    /// Its bytes, if they were demanded.
    pub bytes: Option<Vec<u8>>,
}

/// The event of a demand that is over.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct DemandSettled {
    /// The job.
    pub job: u64,
    /// Who demanded it.
    pub by: AccountId32,
    /// Of what was held, to the provider.
    pub paid: u128,
    /// Of what was held, burned.
    pub burned: u128,
}
