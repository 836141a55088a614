// SPDX-License-Identifier: Apache-2.0
//! The chain's types as far as the command uses them, matched to the metadata by name.

mod demand;
mod proof;
mod provider;
mod settlement;

pub use demand::{Answer, Answered, DemandSettled, DemandView};
pub use proof::{InputSlice, Opening, Page, Witness};
pub use provider::{
    AdapterClass, DelegationView, Energy, Hardware, ProviderView, Region, Requirements, Standing,
};
pub use settlement::{JobSettled, Payment, Penalty, Reason, Role};

use subxt::{
    ext::{scale_decode::DecodeAsType, scale_encode::EncodeAsType},
    utils::AccountId32,
};

/// See `Pass` in the metadata.
#[derive(Clone, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Pass {
    /// BLAKE3 hash of the encoded kernel.
    pub kernel: [u8; 32],
    /// The kernel's parameter words.
    pub parameters: Vec<u32>,
    /// What it reads.
    pub reads: Vec<Source>,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
}

/// What a pass reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Source {
    /// An input of the job.
    Input(u8),
    /// The output of an earlier pass.
    Pass(u8),
}

/// See `JobSpec` in the metadata.
#[derive(Clone, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct JobSpec {
    /// What is computed.
    pub passes: Vec<Pass>,
    /// What must yield zeros.
    pub checker: Option<Pass>,
    /// The inputs.
    pub inputs: Vec<InputRef>,
    /// How sure the requester wants to be.
    pub assurance: Assurance,
    /// The range of the price.
    pub price: PriceRange,
    /// Blocks from floor to ceiling.
    pub auction: u32,
    /// Blocks from acceptance to commitment.
    pub compute: u32,
    /// Where the inputs are served.
    pub source: Endpoint,
    /// Who may take it.
    pub requirements: Requirements,
    /// What the price is paid in; the native token if nothing is said.
    pub asset: Option<u32>,
}

/// An input, by its BLAKE3 hash and its length in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct InputRef {
    /// BLAKE3 hash.
    pub hash: [u8; 32],
    /// Bytes.
    pub length: u64,
}

/// How sure a requester wants to be: with this confidence, less than this share of the tiles is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Assurance {
    /// Parts per million.
    pub confidence: u32,
    /// Parts per million.
    pub wrong: u32,
}

/// Between which prices an auction runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct PriceRange {
    /// In the first block.
    pub floor: u128,
    /// At the end.
    pub ceiling: u128,
}

/// Where a party serves blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Endpoint {
    /// Its public key.
    pub key: [u8; 32],
    /// Its socket address.
    pub address: Address,
}

/// A UDP socket address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Address {
    /// IPv4.
    V4 {
        /// The address.
        ip: [u8; 4],
        /// The port.
        port: u16,
    },
    /// IPv6.
    V6 {
        /// The address.
        ip: [u8; 16],
        /// The port.
        port: u16,
    },
}

/// See `KernelView` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct KernelView {
    /// Its encoded bytecode.
    pub code: Vec<u8>,
    /// The most fuel that one of its tiles can burn.
    pub tile_fuel: u64,
    /// The most fuel that judging one of its tiles can burn.
    pub judging_fuel: u64,
}

/// See `Quote` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Quote {
    /// Tiles of the job.
    pub tiles: u32,
    /// Tiles that will be sampled at least.
    pub samples: u32,
    /// Tiles that will be sampled at most, of a provider that must prove itself.
    pub samples_most: u32,
    /// Verifiers that will be drawn.
    pub panel: u32,
    /// Fuel of all tiles, at most.
    pub fuel: u64,
    /// The asset that the price is in.
    pub asset: Option<u32>,
    /// The most the computation can cost, in that asset.
    pub ceiling: u128,
    /// What that is worth in native tokens.
    pub worth: u128,
    /// Held for the verifiers.
    pub verification: u128,
    /// Held for storage.
    pub deposit: u128,
    /// All that is held in native tokens.
    pub total: u128,
    /// Stake a provider must have free.
    pub bond: u128,
    /// Providers that have as much.
    pub capable: u32,
    /// Parts per million: the sample hits if the tolerated share is wrong.
    pub detection: u32,
    /// Parts per million: the sample hits if one tile is wrong.
    pub detection_of_one: u32,
}

/// Why there is no quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum QuoteError {
    /// No kernel of that hash.
    UnknownKernel,
    /// Empty or too large.
    BadGrid,
    /// A kernel reads another number.
    WrongNumberOfInputs,
    /// There is none.
    NoPasses,
    /// A pass reads what there is not.
    UnknownSource,
    /// Of a checker.
    TooManyParameters,
    /// Floor above ceiling, or nothing.
    BadPrice,
    /// Out of its limits.
    BadAssurance,
    /// Zero or too long.
    BadWindow,
    /// More words than can be addressed.
    InputTooLong,
    /// A region is none.
    BadRequirements,
    /// Not there, or without a rate.
    UnlistedAsset,
}

/// See `JobView` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct JobView {
    /// Its number.
    pub id: u64,
    /// Who posted it.
    pub requester: AccountId32,
    /// Its terms.
    pub spec: JobSpec,
    /// Its tiles.
    pub tiles: u32,
    /// Those that are sampled.
    pub samples: u32,
    /// What whoever settles it gets besides the price.
    pub bounty: u128,
    /// How often it was put up before.
    pub round: u32,
    /// Where it stands.
    pub status: JobStatus,
}

/// Where a job stands.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum JobStatus {
    /// Waiting for a provider.
    Auction {
        /// The price now.
        price: u128,
        /// When this round ends.
        until: u32,
    },
    /// Waiting for another provider after one failed.
    Rescue {
        /// The price now.
        price: u128,
        /// Until when it can be taken.
        until: u32,
        /// What the provider failed in.
        reason: Reason,
        /// Who failed.
        defaulter: Option<AccountId32>,
    },
    /// Being computed.
    Computing {
        /// By whom.
        provider: AccountId32,
        /// For how much.
        price: u128,
        /// Until when.
        deadline: u32,
        /// By how many blocks that was put off.
        extended: u32,
    },
    /// The provider says that the inputs cannot be had; others look.
    Enquiring {
        /// Who says so.
        provider: AccountId32,
        /// For how much it took the job.
        price: u128,
        /// Until when.
        until: u32,
        /// Who looks.
        panel: Vec<Seat>,
    },
    /// Being verified.
    Verifying {
        /// Who computed it.
        provider: AccountId32,
        /// For how much.
        price: u128,
        /// BLAKE3 hash of the output of each pass.
        roots: Vec<[u8; 32]>,
        /// What is going on.
        phase: Phase,
        /// Until when.
        until: u32,
        /// The verifiers.
        panel: Vec<Seat>,
        /// The sampled tiles.
        tiles: Vec<u32>,
    },
    /// Over.
    Closed {
        /// Why.
        reason: Reason,
        /// Who computed it.
        provider: Option<AccountId32>,
        /// BLAKE3 hash of the output of each pass.
        roots: Vec<[u8; 32]>,
        /// When.
        at: u32,
    },
}

/// The phases of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Phase {
    /// Waiting for randomness.
    Drawing,
    /// Verifiers attest.
    Attesting,
    /// Verifiers look for the inputs.
    Enquiring,
    /// The provider opens.
    Opening,
    /// Verifiers reveal.
    Revealing,
    /// A proof is awaited.
    Disputed,
    /// Anybody may still object.
    Challenge,
}

/// What a verifier could not fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Missing {
    /// Inputs of the job.
    Inputs,
    /// Outputs of earlier passes.
    Outputs,
}

/// A verifier of a job.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Seat {
    /// Who.
    pub verifier: AccountId32,
    /// Whether it has attested or, asked for the inputs, has had them.
    pub attested: bool,
    /// What it could not fetch.
    pub missing: Option<Missing>,
    /// What it revealed.
    pub agrees: Option<bool>,
}

/// The event of a posted job.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct JobPosted {
    /// Its number.
    pub job: u64,
}

/// An account's balance.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct AccountInfo {
    /// Its money.
    pub data: AccountData,
}

/// An account's money.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct AccountData {
    /// Free to use.
    pub free: u128,
    /// Held.
    pub reserved: u128,
}

/// What an account has of an asset.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct AssetAccount {
    /// In its smallest units, without what is on hold.
    pub balance: u128,
}

/// What is on hold of an asset for somebody who could not receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclaimed {
    /// The asset.
    pub asset: u32,
    /// The requester of whom it is held.
    pub holder: AccountId32,
    /// How much, in its smallest units.
    pub amount: u128,
}
