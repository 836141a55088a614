// SPDX-License-Identifier: Apache-2.0
//! How the pallet that keeps jobs and the one that verifies them meet.

use crate::{
    JobId,
    api::VerificationView,
    job::{PerPass, Work},
    reason::Offence,
};
use alloc::vec::Vec;
use assay_kernel::Kernel;
use assay_verifier::Root;
#[cfg(feature = "runtime-benchmarks")]
use assay_verifier::witness::InputRef;
use polkadot_sdk::{
    frame_support::weights::Weight,
    sp_runtime::{DispatchError, DispatchResult},
};

/// A committed job, handed over for verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment<AccountId, Balance> {
    /// Who computed it.
    pub provider: AccountId,
    /// Who asked for it; neither of them is drawn as a verifier.
    pub requester: AccountId,
    /// BLAKE3 hash of the output of each pass.
    pub roots: PerPass<Root>,
    /// Tiles of each pass.
    pub tiles: PerPass<u32>,
    /// Tiles of each pass to sample.
    pub samples: PerPass<u32>,
    /// Verifiers to draw, at most [`MAX_PANEL`](crate::job::MAX_PANEL); the requester's escrow pays as many.
    pub panel: u32,
    /// The price of the computation.
    pub price: Balance,
}

/// Where a verification stands after it was advanced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<AccountId, BlockNumber> {
    /// Look again at this block.
    Wait(BlockNumber),
    /// It is over; the verification's storage is gone.
    Over(Verdict<AccountId>),
}

/// How a verification ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<AccountId> {
    /// Nobody proved the result wrong.
    Upheld {
        /// The verifiers to pay, each with the number of tiles it checked.
        verifiers: Vec<(AccountId, u32)>,
    },
    /// The provider lost.
    Convicted {
        /// [`Offence::WrongResult`] or [`Offence::Withheld`].
        offence: Offence,
        /// Who showed it, if anybody did.
        reporter: Option<AccountId>,
        /// The verifiers to pay, each with the number of tiles it checked.
        verifiers: Vec<(AccountId, u32)>,
    },
    /// Most verifiers could not fetch the inputs.
    Unavailable {
        /// The verifiers to pay, each with the number of tiles it would have checked.
        verifiers: Vec<(AccountId, u32)>,
    },
    /// The provider said that the inputs cannot be had, and most of those who looked had them.
    Available {
        /// The verifiers to pay, each with the number of tiles it would have checked.
        verifiers: Vec<(AccountId, u32)>,
    },
    /// Nobody could be drawn, or nobody who was drawn attested and revealed; or, of those who were asked whether the
    /// inputs can be had, no majority said either.
    Unverified,
}

/// A provider's report that the inputs of its job cannot be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enquiry<AccountId, Balance> {
    /// Who reports it.
    pub provider: AccountId,
    /// Who posted the job; neither of them is drawn.
    pub requester: AccountId,
    /// How many are to look; the requester's escrow pays as many.
    pub panel: u32,
    /// For how many samples each of them is paid.
    pub samples: u32,
    /// The price of the computation.
    pub price: Balance,
}

/// Verification as the jobs' pallet sees it. Implemented by `pallet-verifier`.
pub trait Verification<AccountId, Balance, BlockNumber> {
    /// Takes a committed job; the answer is the block at which to advance it first.
    fn begin(
        job: JobId,
        commitment: Commitment<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError>;

    /// Has verifiers look whether the inputs of a job can be fetched; the answer is the block at which to advance it
    /// first. It ends with [`Verdict::Unavailable`], [`Verdict::Available`] or [`Verdict::Unverified`].
    fn enquire(
        job: JobId,
        enquiry: Enquiry<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError>;

    /// Moves a job's verification on when a window of it has ended. Idempotent within a block.
    ///
    /// `now` is the last block whose extrinsics are all done: a window that ends with it has ended.
    fn advance(job: JobId, now: BlockNumber) -> Progress<AccountId, BlockNumber>;

    /// The most weight that [`Verification::advance`] takes at `now` of a job as it stands: if that goes on, and if it is
    /// over.
    fn advance_weight(job: JobId, now: BlockNumber) -> (Weight, Weight);

    /// The most weight that it takes of any job.
    fn most_advance_weight() -> Weight;

    /// What a client is shown of a verification under way. `None` when there is none of that job.
    fn view(job: JobId) -> Option<VerificationView>;
}

/// Jobs as the verifier's pallet sees them. Implemented by `pallet-jobs`.
pub trait JobBook<AccountId, BlockNumber> {
    /// What a job computes. `None` when there is no such job.
    fn work(job: JobId, pass: usize) -> Option<Work>;

    /// What the checker of a committed job computes, with the seed of its verification.
    fn checking(job: JobId, seed: &[u8; 32]) -> Option<Work>;

    /// A registered kernel.
    fn kernel(hash: &Root) -> Option<Kernel>;

    /// The most fuel that judging a tile of a registered kernel can burn: making the kernel ready, and the tile.
    fn judging_fuel(hash: &Root) -> Option<u64>;

    /// Asks to be advanced at an earlier block than was said before: a phase ended early.
    fn hasten(job: JobId, due: BlockNumber) -> DispatchResult;

    /// Ends a job at once with a verdict that needs no waiting: a conviction.
    fn conclude(job: JobId, verdict: Verdict<AccountId>) -> DispatchResult;

    /// Sets up a job in verification, for benchmarks: these inputs and this grid for the kernel, which has
    /// no parameters, computed and committed to by the provider.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_job(
        provider: &AccountId,
        kernel: &Kernel,
        inputs: Vec<InputRef>,
        grid: [u32; 3],
    ) -> Result<JobId, DispatchError>;
}

/// The randomness of blocks. Implemented by the runtime over BABE and authorship.
pub trait BlockRandomness<AccountId> {
    /// The parent's VRF output. `None` where it has none, as in the first block.
    fn of_parent() -> Option<[u8; 32]>;

    /// The randomness of the current epoch.
    fn epoch() -> [u8; 32];

    /// The author of the block that is being made.
    fn author() -> Option<AccountId>;
}
