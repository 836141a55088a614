// SPDX-License-Identifier: Apache-2.0
//! What clients and the node can ask the runtime.

use crate::{
    AccountId, Balance, BlockNumber, JobId,
    duty::{Missing, WorkerId},
    job::{Endpoint, JobSpec, Work},
    reason::Reason,
};
use alloc::vec::Vec;
use assay_verifier::{ChainingValue, Root, sampling::Assurance, witness::Witness};
use codec::{Decode, Encode};
use polkadot_sdk::sp_api;
use scale_info::TypeInfo;

/// A job, as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobView {
    /// Its number.
    pub id: JobId,
    /// Who posted it.
    pub requester: AccountId,
    /// Its terms.
    pub spec: JobSpec<Balance, BlockNumber>,
    /// Its tiles.
    pub tiles: u32,
    /// How many of them are sampled.
    pub samples: u32,
    /// Where it stands.
    pub status: JobStatus,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum JobStatus {
    /// Waiting for a provider.
    Auction {
        /// The price now.
        price: Balance,
        /// The block at which this round of the auction ends.
        until: BlockNumber,
    },
    /// Being computed.
    Computing {
        /// By whom.
        provider: AccountId,
        /// For how much.
        price: Balance,
        /// The block by which the commitment is due.
        deadline: BlockNumber,
    },
    /// Committed, being verified.
    Verifying {
        /// Who computed it.
        provider: AccountId,
        /// For how much.
        price: Balance,
        /// BLAKE3 hash of the output of each pass; the last is the job's.
        roots: Vec<Root>,
        /// What is going on.
        phase: PhaseView,
        /// The block by which this phase ends.
        until: BlockNumber,
        /// The verifiers drawn.
        panel: Vec<SeatView>,
        /// The sampled tiles, ascending.
        tiles: Vec<u32>,
    },
    /// Over.
    Closed {
        /// Why.
        reason: Reason,
        /// Who computed it, if anybody did.
        provider: Option<AccountId>,
        /// BLAKE3 hash of the output of each pass, the last of which is the job's; none without a commitment.
        roots: Vec<Root>,
        /// The block in which it ended.
        at: BlockNumber,
    },
}

/// The phases of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum PhaseView {
    /// Waiting for randomness that nobody knew at the commitment.
    Drawing,
    /// Verifiers attest, blind.
    Attesting,
    /// The provider said that the inputs cannot be had; verifiers look.
    Enquiring,
    /// The provider opens the sampled tiles.
    Opening,
    /// Verifiers reveal.
    Revealing,
    /// Verifiers and provider differ; a proof is awaited.
    Disputed,
    /// All agree; anybody may still prove a tile wrong.
    Challenge,
}

/// A verification under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct VerificationView {
    /// What is going on.
    pub phase: PhaseView,
    /// The block by which this phase ends.
    pub until: BlockNumber,
    /// The verifiers drawn.
    pub panel: Vec<SeatView>,
    /// The sampled tiles, ascending.
    pub tiles: Vec<u32>,
}

/// One verifier of a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SeatView {
    /// Who.
    pub verifier: AccountId,
    /// Whether it has attested or, asked whether the inputs can be had, has had them.
    pub attested: bool,
    /// What it could not fetch, if it said so.
    pub missing: Option<Missing>,
    /// Whether it has revealed, and then whether it agrees with the provider.
    pub agrees: Option<bool>,
}

/// All that a draw follows from, and what came of it, for who replays it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DrawView {
    /// The seed; none before it is known.
    pub seed: Option<[u8; 32]>,
    /// The first of the two consecutive blocks whose VRF outputs are in the seed.
    pub source: BlockNumber,
    /// Who is never drawn: provider and requester.
    pub parties: [AccountId; 2],
    /// Tiles of each pass; none where only the inputs are looked for.
    pub tiles: Vec<u32>,
    /// How many of them are sampled.
    pub shares: Vec<u32>,
    /// The sampled tiles, numbered through all passes, ascending.
    pub sampled: Vec<u32>,
    /// Places of the panel.
    pub places: u32,
    /// Everybody who was ever drawn, by round and place.
    pub drawn: Vec<PlaceView>,
}

/// A tile that the provider of a job has to show.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DemandView {
    /// The tile, numbered through all passes.
    pub tile: u32,
    /// Its pass.
    pub pass: u32,
    /// Its number there.
    pub number: u32,
    /// Who demands it.
    pub by: AccountId,
    /// Whether its bytes are wanted as well.
    pub bytes: bool,
    /// The last block in which it can be answered.
    pub until: BlockNumber,
}

/// Who was drawn for a place of a panel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PlaceView {
    /// Who.
    pub verifier: AccountId,
    /// For which place.
    pub place: u32,
    /// In which round.
    pub round: u32,
    /// Whether it still has the seat.
    pub seated: bool,
}

/// A registered kernel, as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct KernelView {
    /// Its encoded bytecode.
    pub code: Vec<u8>,
    /// The most fuel that one of its tiles can burn.
    pub tile_fuel: u64,
    /// The most fuel that judging one of its tiles can burn: what `Verifier.adjudicate` asks for.
    pub judging_fuel: u64,
}

/// What a job will cost and what its assurance means, before it is posted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
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
    pub ceiling: Balance,
    /// Held for the verifiers; what is not earned comes back.
    pub verification: Balance,
    /// Held for the storage the job takes; comes back.
    pub deposit: Balance,
    /// All that is held when the job is posted.
    pub total: Balance,
    /// Stake that a provider must have free to accept at the ceiling.
    pub bond: Balance,
    /// Providers that have as much.
    pub capable: u32,
    /// Parts per million: the chance that the sample hits if the share of tiles that the assurance names is wrong.
    pub detection: u32,
    /// Parts per million: the chance that the sample hits if a single tile is wrong.
    pub detection_of_one: u32,
}

/// A provider, as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ProviderView {
    /// Its account.
    pub account: AccountId,
    /// Its worker key.
    pub worker: WorkerId,
    /// Where it serves blobs.
    pub endpoint: Endpoint,
    /// What it says of its hardware, as text.
    pub hardware: Vec<u8>,
    /// Its stake.
    pub stake: Balance,
    /// Of it, locked to jobs.
    pub locked: Balance,
    /// On the way out of the stake.
    pub unbonding: Balance,
    /// Since which block it is registered.
    pub since: BlockNumber,
}

/// A tile that the chain has re-executed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Execution {
    /// The chaining value of the tile.
    pub value: ChainingValue,
    /// The fuel it burned.
    pub fuel: u64,
}

/// Why the chain cannot re-execute a tile.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum ExecutionError {
    /// The bytes are no encoded kernel.
    KernelMalformed,
    /// The kernel breaks a rule of the bytecode.
    KernelInvalid,
    /// The witness has not one slice for each input, or a page of it does not belong to the input.
    BadWitness,
    /// The tile reads a page that the witness lacks.
    PageMissing,
    /// The grid has no such tile.
    UnknownTile,
}

/// Why a quote cannot be given; the same obstacles would refuse the job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum QuoteError {
    /// No kernel is registered under the hash.
    UnknownKernel,
    /// The grid is empty, or its output has more than 2^32 - 1 words of 32 bits.
    BadGrid,
    /// The kernel reads another number of inputs.
    WrongNumberOfInputs,
    /// There is no pass.
    NoPasses,
    /// A pass reads an input or a pass that there is not.
    UnknownSource,
    /// A checker has too many parameters.
    TooManyParameters,
    /// An input has more than 2^32 - 1 words of 32 bits.
    InputTooLong,
    /// The price's floor is above its ceiling, or the ceiling is zero.
    BadPrice,
    /// The assurance cannot be met: see the limits of `Assurance`.
    BadAssurance,
    /// A window of the job is zero or too long.
    BadWindow,
}

sp_api::decl_runtime_apis! {
    /// Jobs and what they cost.
    pub trait JobsApi {
        /// A job, while it lives and for a published time after.
        fn job(id: JobId) -> Option<JobView>;

        /// Up to `limit` (at most 100) jobs with numbers below `before`, the newest first.
        fn jobs(before: Option<JobId>, limit: u32) -> Vec<JobView>;

        /// What a job would cost and how sure its result would be.
        fn quote(spec: JobSpec<Balance, BlockNumber>) -> Result<Quote, QuoteError>;

        /// A registered kernel.
        fn kernel(hash: Root) -> Option<KernelView>;

        /// How many of that many tiles an assurance samples.
        fn samples(assurance: Assurance, tiles: u32) -> u32;
    }

    /// How results are verified.
    pub trait VerificationApi {
        /// The draw of a case under way, with all that it follows from.
        fn draw(job: JobId) -> Option<DrawView>;

        /// The open demands of a case, in the order in which they were made.
        fn demands(job: JobId) -> Vec<DemandView>;

        /// What is held of who demands a tile, with or without its bytes; of the bytes, what is not needed comes back.
        fn demand_fee(bytes: bool) -> Balance;
    }

    /// What the chain would find.
    pub trait ExecutionApi {
        /// Re-executes a tile as an adjudication does, on the same witness: encoded kernel, work, tile, witness.
        fn execute(code: Vec<u8>, work: Work, tile: u32, witness: Witness) -> Result<Execution, ExecutionError>;

        /// The share of a block's normal weight, in parts per million, that judging a tile takes at most, with so much
        /// fuel (see [`KernelView::judging_fuel`]) and a witness of so many bytes.
        fn adjudication_share(fuel: u64, witness_bytes: u32) -> u64;
    }

    /// Who sells compute.
    pub trait ProvidersApi {
        /// A provider.
        fn provider(account: AccountId) -> Option<ProviderView>;

        /// Every provider.
        fn providers() -> Vec<ProviderView>;

        /// The provider that a worker key belongs to.
        fn provider_of(worker: WorkerId) -> Option<AccountId>;
    }
}
