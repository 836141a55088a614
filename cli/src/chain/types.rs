// SPDX-License-Identifier: Apache-2.0
//! The chain's types as far as the command uses them, matched to the metadata by name.

use subxt::{
    ext::{scale_decode::DecodeAsType, scale_encode::EncodeAsType},
    utils::AccountId32,
};

/// See `Pass` in the metadata.
#[derive(Clone, Debug, EncodeAsType, DecodeAsType)]
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
#[derive(Clone, Debug, EncodeAsType, DecodeAsType)]
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
}

/// An input, by its BLAKE3 hash and its length in bytes.
#[derive(Clone, Copy, Debug, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct InputRef {
    /// BLAKE3 hash.
    pub hash: [u8; 32],
    /// Bytes.
    pub length: u64,
}

/// How sure a requester wants to be: with this confidence, at most this share of the tiles is wrong.
#[derive(Clone, Copy, Debug, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Assurance {
    /// Parts per million.
    pub confidence: u32,
    /// Parts per million.
    pub wrong: u32,
}

/// Between which prices an auction runs.
#[derive(Clone, Copy, Debug, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct PriceRange {
    /// In the first block.
    pub floor: u128,
    /// At the end.
    pub ceiling: u128,
}

/// Where a party serves blobs.
#[derive(Clone, Copy, Debug, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Endpoint {
    /// Its public key.
    pub key: [u8; 32],
    /// Its socket address.
    pub address: Address,
}

/// A UDP socket address.
#[derive(Clone, Copy, Debug, EncodeAsType, DecodeAsType)]
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
}

/// See `Quote` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Quote {
    /// Tiles of the job.
    pub tiles: u32,
    /// Tiles that will be sampled.
    pub samples: u32,
    /// Verifiers that will be drawn.
    pub panel: u32,
    /// Fuel of all tiles, at most.
    pub fuel: u64,
    /// The most the computation can cost.
    pub ceiling: u128,
    /// Held for the verifiers.
    pub verification: u128,
    /// Held for storage.
    pub deposit: u128,
    /// All that is held.
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
    /// Being computed.
    Computing {
        /// By whom.
        provider: AccountId32,
        /// For how much.
        price: u128,
        /// Until when.
        deadline: u32,
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
    /// The provider opens.
    Opening,
    /// Verifiers reveal.
    Revealing,
    /// A proof is awaited.
    Disputed,
    /// Anybody may still object.
    Challenge,
}

/// A verifier of a job.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Seat {
    /// Who.
    pub verifier: AccountId32,
    /// Whether it has attested.
    pub attested: bool,
    /// What it revealed.
    pub agrees: Option<bool>,
}

/// Why a job ended; the codes are published in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Reason {
    /// 0
    Settled,
    /// 1
    Cancelled,
    /// 2
    NoBid,
    /// 3
    MissedDeadline,
    /// 4
    WrongResult,
    /// 5
    Withheld,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Settled => "settled: the result stood and everybody was paid (code 0)",
            Self::Cancelled => "cancelled by the requester (code 1)",
            Self::NoBid => "nobody took it for the ceiling price (code 2)",
            Self::MissedDeadline => "the provider missed its deadline (code 3)",
            Self::WrongResult => "the chain re-executed a tile and found it wrong (code 4)",
            Self::Withheld => "the provider did not open the sampled tiles (code 5)",
        })
    }
}

/// See `ProviderView` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct ProviderView {
    /// Its account.
    pub account: AccountId32,
    /// Where it serves blobs.
    pub endpoint: Endpoint,
    /// What it says of its hardware.
    pub hardware: Vec<u8>,
    /// Its stake.
    pub stake: u128,
    /// Of it, locked.
    pub locked: u128,
    /// On the way out.
    pub unbonding: u128,
    /// Since when.
    pub since: u32,
}

/// The event that says who got what.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct JobSettled {
    /// The job.
    pub job: u64,
    /// Why it ended.
    pub reason: Reason,
    /// Who computed it.
    pub provider: Option<AccountId32>,
    /// BLAKE3 hash of the output.
    pub root: Option<[u8; 32]>,
    /// Paid out of the escrow.
    pub paid: Vec<Payment>,
    /// Paid to the protocol.
    pub fee: u128,
    /// Returned to the requester.
    pub refunded: u128,
    /// The deposit, returned besides.
    pub deposit: u128,
    /// What the provider lost.
    pub penalty: Penalty,
}

/// One payment out of the escrow.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Payment {
    /// To whom.
    pub account: AccountId32,
    /// How much.
    pub amount: u128,
    /// For what.
    pub role: Role,
}

/// What somebody did for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Role {
    /// Computed it.
    Provider,
    /// Checked it.
    Verifier,
}

/// What a punishment came to.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Penalty {
    /// Taken from the stake.
    pub taken: u128,
    /// To who showed it.
    pub reporter: u128,
    /// To the requester.
    pub requester: u128,
    /// Burned.
    pub burned: u128,
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

/// See `Opening` in the metadata.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Opening {
    /// The values of the opened tiles.
    pub values: Vec<[u8; 32]>,
    /// What leads from them to the root.
    pub siblings: Vec<[u8; 32]>,
}

/// See `Witness` in the metadata.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Witness {
    /// A slice of each input.
    pub inputs: Vec<InputSlice>,
}

/// Some pages of an input.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct InputSlice {
    /// The pages.
    pub pages: Vec<Page>,
    /// What leads from them to the input's hash.
    pub siblings: Vec<[u8; 32]>,
}

/// A page of an input.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Page {
    /// Its number.
    pub index: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl From<assay_verifier::opening::Opening> for Opening {
    fn from(opening: assay_verifier::opening::Opening) -> Self {
        Self {
            values: opening.values,
            siblings: opening.siblings,
        }
    }
}

impl From<assay_verifier::witness::Witness> for Witness {
    fn from(witness: assay_verifier::witness::Witness) -> Self {
        let slice = |slice: assay_verifier::witness::InputSlice| InputSlice {
            pages: slice
                .pages
                .into_iter()
                .map(|page| Page {
                    index: page.index,
                    bytes: page.bytes,
                })
                .collect(),
            siblings: slice.siblings,
        };
        Self {
            inputs: witness.inputs.into_iter().map(slice).collect(),
        }
    }
}
