// SPDX-License-Identifier: Apache-2.0
//! What clients and the node can ask the runtime.

use crate::{
    AccountId, Balance, BlockNumber, JobId,
    duty::{Missing, WorkerId},
    job::{AssetId, Endpoint, JobSpec, Work},
    provider::Hardware,
    reason::{Offence, Reason},
    reputation::Standing,
    slashing::{DeferralId, Mode, Penalty},
};
use alloc::vec::Vec;
use assay_verifier::{ChainingValue, Root, sampling::Assurance, witness::Witness};
use codec::{Decode, Encode};
use polkadot_sdk::{sp_api, sp_runtime::Permill};
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
    /// How many of them are sampled: those of the assurance, and from the commitment on those that are drawn.
    pub samples: u32,
    /// What whoever settles it gets besides the price, in native tokens, because somebody missed a deadline.
    pub bounty: Balance,
    /// How often it was put up for auction or rescue before; 0 when it is closed.
    pub round: u32,
    /// Where it stands.
    pub status: JobStatus,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum JobStatus {
    /// Waiting for a provider.
    Auction {
        /// The price now, in what the job is paid in; so are all prices here.
        price: Balance,
        /// The block at which this round of the auction ends.
        until: BlockNumber,
    },
    /// Waiting for another provider after one failed.
    Rescue {
        /// The price now.
        price: Balance,
        /// The last block in which it can be taken.
        until: BlockNumber,
        /// What the provider failed in: a missed deadline, or a false report.
        reason: Reason,
        /// Who failed, and cannot take it again.
        defaulter: Option<AccountId>,
    },
    /// Being computed.
    Computing {
        /// By whom.
        provider: AccountId,
        /// For how much.
        price: Balance,
        /// The block by which the commitment is due.
        deadline: BlockNumber,
        /// By how many blocks the requester has put it off.
        extended: BlockNumber,
    },
    /// The provider says that the inputs cannot be had; others look.
    Enquiring {
        /// Who says so.
        provider: AccountId,
        /// For how much it took the job.
        price: Balance,
        /// The block by which the answers are due.
        until: BlockNumber,
        /// Who looks.
        panel: Vec<SeatView>,
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
    /// The first round of this panel. Those of earlier ones had other seeds.
    pub first: u32,
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
    /// Tiles that will be sampled at least: those that the assurance asks for.
    pub samples: u32,
    /// Tiles that will be sampled at most, of a provider that must prove itself; what that costs is taken off its price.
    pub samples_most: u32,
    /// Verifiers that will be drawn.
    pub panel: u32,
    /// Fuel of all tiles, at most.
    pub fuel: u64,
    /// The asset that the price is in; none for native tokens. All other amounts are native.
    pub asset: Option<AssetId>,
    /// The most the computation can cost, in that asset.
    pub ceiling: Balance,
    /// What that is worth now in native tokens.
    pub worth: Balance,
    /// Held for the verifiers; what is not earned comes back.
    pub verification: Balance,
    /// Held for the storage the job takes; comes back.
    pub deposit: Balance,
    /// All that is held in native tokens when the job is posted: the ceiling, if it is native, verification and deposit.
    pub total: Balance,
    /// Stake that a provider must have free to accept at the ceiling.
    pub bond: Balance,
    /// Active providers that have as much and are what the job's requirements ask for.
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
    /// What it says of its machine.
    pub hardware: Hardware,
    /// Held for the storage that its record takes.
    pub deposit: Balance,
    /// Its whole stake: its own and what is delegated to it.
    pub stake: Balance,
    /// Of the stake, its own.
    pub own: Balance,
    /// Of the stake, delegated to it.
    pub delegated: Balance,
    /// Of the stake, locked to jobs.
    pub locked: Balance,
    /// Its own on the way out of the stake.
    pub unbonding: Balance,
    /// Its delegators' on the way out.
    pub unbonding_delegated: Balance,
    /// Accounts that have something in its pool.
    pub delegators: u32,
    /// Whether it takes more delegations.
    pub accepts_delegation: bool,
    /// What it keeps of its delegators' part of what it earns.
    pub commission: Permill,
    /// Whether it takes part: accepts jobs and is drawn.
    pub active: bool,
    /// Whether it is chilled, until it says that it is back.
    pub chilled: bool,
    /// The block up to which it counts as alive without another heartbeat.
    pub alive_until: BlockNumber,
    /// The last period in which its worker has shown that it is alive.
    pub heartbeat: u32,
    /// Whether it offers to validate.
    pub validator: bool,
    /// Its past, as of now.
    pub standing: Standing,
    /// How many samples of its work are drawn, in percent of what an assurance asks for.
    pub scrutiny: u32,
    /// Since which block it is registered.
    pub since: BlockNumber,
}

/// What an offence costs, and who receives it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RuleView {
    /// For which offence.
    pub offence: Offence,
    /// Its published number.
    pub code: u8,
    /// Whether anything is taken.
    pub mode: Mode,
    /// The share of the stake that was locked to the job.
    pub bond: Permill,
    /// The share of all other stake, the first time in an era and if nobody else did the same.
    pub stake: Permill,
    /// The same, were all active stake charged with this offence in this era.
    pub stake_at_most: Permill,
    /// The share of the job's price.
    pub price: Permill,
    /// Of what is taken of the offender's own stake, the reporter's share.
    pub reporter: Permill,
    /// Of the same, the requester's share.
    pub requester: Permill,
    /// The most that the requester gets, in prices of the job.
    pub requester_cap: u32,
    /// Of the same, the treasury's share. What is left is burned.
    pub treasury: Permill,
    /// Whether the offender is taken out of service.
    pub chill: bool,
    /// The blocks for which governance may look at it before anything is taken.
    pub delay: BlockNumber,
}

/// A punishment that waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeferralView {
    /// Its number, by which it can be cancelled.
    pub id: DeferralId,
    /// For what.
    pub offence: Offence,
    /// The offence's published number.
    pub code: u8,
    /// In which job.
    pub job: Option<JobId>,
    /// Whose stake will be taken.
    pub offender: AccountId,
    /// Who gets the reporter's share.
    pub reporter: Option<AccountId>,
    /// Who gets the requester's share.
    pub requester: Option<AccountId>,
    /// What it comes to if as much is still there.
    pub due: Penalty<Balance>,
    /// The block in which it is carried out.
    pub until: BlockNumber,
}

/// What somebody has in the pool of a provider, as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DelegationView {
    /// The provider.
    pub provider: AccountId,
    /// What it is worth now.
    pub value: Balance,
    /// What is on its way out, the oldest first: what it is worth now, and the block from which on it can be withdrawn.
    pub unbonding: Vec<(Balance, BlockNumber)>,
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
    /// A region is no two capital letters.
    BadRequirements,
    /// The price is in an asset that is not there, or has no rate.
    UnlistedAsset,
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

        /// Who is drawn with which weight, in the order of the places: who is not active has none. With the seed of a
        /// draw and the weights of its block, `assay_verifier::sampling::draw_weighted` over who was not excluded
        /// gives who was drawn.
        fn weights() -> Vec<(AccountId, Balance)>;

        /// What somebody has delegated, to all providers.
        fn delegations(delegator: AccountId) -> Vec<DelegationView>;

        /// The number of the present period, in which a heartbeat is due.
        fn heartbeat_period() -> u32;
    }

    /// What an offence costs.
    pub trait SlashingApi {
        /// The rules in force, in the order of the offences' codes.
        fn rules() -> Vec<RuleView>;

        /// The punishments that wait for governance to look at them, the next one due first.
        fn deferrals() -> Vec<DeferralView>;
    }
}
