// SPDX-License-Identifier: Apache-2.0
//! The other side of the glue traits.

#[cfg(feature = "runtime-benchmarks")]
use super::output::kernel_hash;
use super::{System, VerifierPallet};
use crate::{
    frame_support::storage::unhashed,
    sp_runtime::{DispatchError, DispatchResult},
};
use assay_kernel::{Kernel, cost, machine::Machine, validate::Limits};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    duty::{WorkerId, WorkerPair},
    job::{Endpoint, Work},
    provider::{Hardware, Requirements},
    slashing::{Charge, Penalty, Slashing},
    stake::{Slashed, Stakes},
    verification::{BlockRandomness, JobBook, Progress, Verdict, Verification},
};
#[cfg(feature = "runtime-benchmarks")]
use assay_verifier::witness::InputRef;
use assay_verifier::{Root, sampling};
use codec::Encode;
#[cfg(feature = "runtime-benchmarks")]
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use polkadot_sdk::sp_core::Pair;
use std::{cell::RefCell, collections::BTreeMap};

/// The other side of the glue traits: records every request, and advances what is due as the jobs'
/// pallet does.
#[derive(Debug)]
pub struct World;

/// A job of the other side.
#[derive(Clone)]
struct JobRecord {
    kernel: Kernel,
    work: Work,
    /// The passes after the first.
    later: Vec<(Kernel, Work)>,
    checker: Option<(Kernel, Work)>,
    due: BlockNumber,
}

#[derive(Default)]
struct State {
    stakes: Vec<(AccountId, Balance)>,
    jobs: BTreeMap<JobId, JobRecord>,
    verdicts: BTreeMap<JobId, Verdict<AccountId>>,
    charges: Vec<Charge<AccountId, Balance>>,
    refuses_to_punish: bool,
    authors: BTreeMap<BlockNumber, AccountId>,
    without_randomness: Vec<BlockNumber>,
}

/// What a punishment that fails has stored before.
pub(crate) const HALF_DONE: &[u8] = b"half a punishment";

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

fn state<R>(with: impl FnOnce(&mut State) -> R) -> R {
    STATE.with_borrow_mut(with)
}

impl World {
    /// The punishments asked for since the last call.
    pub(crate) fn charges() -> Vec<Charge<AccountId, Balance>> {
        state(|state| core::mem::take(&mut state.charges))
    }

    /// How a job ended, if it did.
    pub(crate) fn verdict(job: JobId) -> Option<Verdict<AccountId>> {
        state(|state| state.verdicts.get(&job).cloned())
    }

    /// When a job is advanced next.
    pub(crate) fn due(job: JobId) -> Option<BlockNumber> {
        state(|state| state.jobs.get(&job).map(|job| job.due))
    }

    /// The jobs that are not over.
    pub(crate) fn alive() -> Vec<JobId> {
        state(|state| state.jobs.keys().copied().collect())
    }

    /// From now on punishing fails.
    pub(crate) fn refuse_to_punish() {
        state(|state| state.refuses_to_punish = true);
    }

    /// From now on these are all providers, with their stakes.
    pub(crate) fn set_providers(stakes: Vec<(AccountId, Balance)>) {
        state(|state| state.stakes = stakes);
    }

    fn providers() -> Vec<(AccountId, Balance)> {
        state(|state| state.stakes.clone())
    }

    /// Who makes a block; nobody in particular unless it is said.
    pub(crate) fn set_author(block: BlockNumber, author: AccountId) {
        state(|state| state.authors.insert(block, author));
    }

    /// A block without randomness.
    pub(crate) fn withhold_randomness(block: BlockNumber) {
        state(|state| state.without_randomness.push(block));
    }

    /// Forgets everything.
    pub(crate) fn reset() {
        state(|state| *state = State::default());
    }

    /// Advances every job that is due, as the jobs' pallet does at the end of a block.
    pub(crate) fn advance_due(now: BlockNumber) {
        let due = state(|state| {
            let jobs = state.jobs.iter();
            jobs.filter(|(_, job)| job.due <= now)
                .map(|(id, _)| *id)
                .collect::<Vec<_>>()
        });
        for job in due {
            match VerifierPallet::advance(job, now) {
                Progress::Wait(due) => Self::set_due(job, due.max(now + 1)),
                Progress::Over(verdict) => Self::end(job, verdict),
            }
        }
    }

    /// Adds a job that is never due.
    pub(crate) fn put_job(job: JobId, kernel: Kernel, work: Work) {
        let record = JobRecord {
            kernel,
            work,
            later: Vec::new(),
            checker: None,
            due: BlockNumber::MAX,
        };
        state(|state| state.jobs.insert(job, record));
    }

    /// Gives a job another pass.
    pub(crate) fn add_pass(job: JobId, kernel: Kernel, work: Work) {
        state(|state| {
            let job = state.jobs.get_mut(&job).expect("the job is there");
            job.later.push((kernel, work));
        });
    }

    /// Gives a job a checker.
    pub(crate) fn set_checker(job: JobId, kernel: Kernel, work: Work) {
        state(|state| {
            let job = state.jobs.get_mut(&job).expect("the job is there");
            job.checker = Some((kernel, work));
        });
    }

    /// Has a job advanced at the end of a block.
    pub(crate) fn set_due(job: JobId, due: BlockNumber) {
        state(|state| {
            if let Some(job) = state.jobs.get_mut(&job) {
                job.due = due;
            }
        });
    }

    fn end(job: JobId, verdict: Verdict<AccountId>) {
        state(|state| {
            state.jobs.remove(&job);
            state.verdicts.insert(job, verdict);
        });
    }
}

impl Stakes<AccountId, Balance> for World {
    fn worker(provider: &AccountId) -> Option<WorkerId> {
        Self::providers()
            .iter()
            .any(|(account, _)| account == provider)
            .then(|| pair(provider).public())
    }

    fn provider_of(worker: &WorkerId) -> Option<AccountId> {
        Self::providers()
            .into_iter()
            .map(|(account, _)| account)
            .find(|account| pair(account).public() == *worker)
    }

    fn endpoint(_provider: &AccountId) -> Option<Endpoint> {
        None
    }

    fn free(provider: &AccountId) -> Balance {
        Self::providers()
            .into_iter()
            .find(|(account, _)| account == provider)
            .map_or(0, |(_, stake)| stake)
    }

    fn slashable(provider: &AccountId) -> Balance {
        Self::free(provider)
    }

    fn hardware(_provider: &AccountId) -> Option<Hardware> {
        None
    }

    fn is_active(provider: &AccountId) -> bool {
        Self::free(provider) > 0
    }

    fn active_stake() -> Balance {
        Self::providers().iter().map(|(_, stake)| stake).sum()
    }

    fn draw(seed: &[u8; 32], wanted: u32, excluded: &[AccountId]) -> Vec<AccountId> {
        let mut left = Self::providers();
        left.retain(|(account, _)| !excluded.contains(account));
        let stakes: Vec<_> = left.iter().map(|(_, stake)| *stake).collect();
        let drawn = sampling::draw_weighted(seed, &stakes, wanted);
        drawn
            .into_iter()
            .map(|position| left[position].0.clone())
            .collect()
    }

    fn capable(_bond: Balance, _requirements: &Requirements) -> u32 {
        0
    }

    fn earned(_provider: &AccountId, _amount: Balance) -> bool {
        false
    }

    fn chill(_provider: &AccountId) {}

    fn lock(_provider: &AccountId, _amount: Balance) -> DispatchResult {
        Err(DispatchError::Other("this pallet never locks stake"))
    }

    fn unlock(_provider: &AccountId, _amount: Balance) {}

    fn slash(
        _provider: &AccountId,
        _amount: Balance,
        _beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError> {
        Err(DispatchError::Other("this pallet never slashes by itself"))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_provider(seed: u32, stake: Balance) -> AccountId {
        let mut bytes = [0xbe; 32];
        bytes[..4].copy_from_slice(&seed.to_le_bytes());
        let provider = AccountId::new(bytes);
        let seed = polkadot_sdk::sp_core::bytes::to_hex(provider.as_ref(), false);
        let worker = WorkerId::generate_pair(Some(seed.into_bytes()));
        assert_eq!(worker, pair(&provider).public());
        state(|state| state.stakes.push((provider.clone(), stake)));
        provider
    }
}

impl Slashing<AccountId, Balance> for World {
    fn punish(charge: Charge<AccountId, Balance>) -> Result<Penalty<Balance>, DispatchError> {
        state(|state| {
            if state.refuses_to_punish {
                // As of somebody who fails half-way.
                unhashed::put(HALF_DONE, &());
                return Err(DispatchError::Unavailable);
            }
            state.charges.push(charge);
            Ok(Penalty::default())
        })
    }
}

impl JobBook<AccountId, BlockNumber> for World {
    fn work(job: JobId, pass: usize) -> Option<Work> {
        state(|state| {
            let job = state.jobs.get(&job)?;
            match pass.checked_sub(1) {
                None => Some(job.work.clone()),
                Some(later) => job.later.get(later).map(|(_, work)| work.clone()),
            }
        })
    }

    fn checking(job: JobId, seed: &[u8; 32]) -> Option<Work> {
        state(|state| {
            let (_, mut work) = state.jobs.get(&job)?.checker.clone()?;
            let (words, _) = seed.as_chunks();
            let seed = words.iter().map(|word| u32::from_le_bytes(*word));
            work.parameters = seed.chain(work.parameters).collect();
            Some(work)
        })
    }

    fn kernel(hash: &Root) -> Option<Kernel> {
        state(|state| {
            let mut kernels = state.jobs.values().flat_map(|job| {
                let first = (job.kernel.clone(), job.work.clone());
                let others = job.later.iter().chain(&job.checker).cloned();
                core::iter::once(first).chain(others)
            });
            kernels
                .find(|(_, work)| work.kernel == *hash)
                .map(|(kernel, _)| kernel)
        })
    }

    fn judging_fuel(hash: &Root) -> Option<u64> {
        let kernel = Self::kernel(hash)?;
        let machine = Machine::new(&kernel, &Limits::DEFAULT).ok()?;
        Some(machine.report().tile_fuel + cost::ready(kernel.encoded_size()))
    }

    fn hasten(job: JobId, due: BlockNumber) -> DispatchResult {
        let known = Self::due(job).ok_or(DispatchError::Other("no such job"))?;
        Self::set_due(job, due.min(known));
        Ok(())
    }

    fn conclude(job: JobId, verdict: Verdict<AccountId>) -> DispatchResult {
        Self::due(job).ok_or(DispatchError::Other("no such job"))?;
        Self::end(job, verdict);
        Ok(())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_job(
        _provider: &AccountId,
        kernel: &Kernel,
        inputs: Vec<InputRef>,
        grid: [u32; 3],
    ) -> Result<JobId, DispatchError> {
        let work = Work {
            kernel: kernel_hash(kernel),
            parameters: vec![],
            inputs,
            grid,
            tiles: assay_primitives::job::tiles(grid).ok_or(DispatchError::Unavailable)?,
        };
        Self::put_job(1, kernel.clone(), work);
        Ok(1)
    }
}

impl BlockRandomness<AccountId> for World {
    fn of_parent() -> Option<[u8; 32]> {
        let parent = System::block_number().checked_sub(1)?;
        state(|state| !state.without_randomness.contains(&parent)).then(|| vrf(parent))
    }

    fn epoch() -> [u8; 32] {
        EPOCH
    }

    fn author() -> Option<AccountId> {
        let block = System::block_number();
        Some(state(|state| {
            state.authors.get(&block).cloned().unwrap_or(account(99))
        }))
    }
}

/// The randomness of the epoch.
pub(crate) const EPOCH: [u8; 32] = [0xe0; 32];

/// The VRF output of a block.
pub(crate) fn vrf(block: BlockNumber) -> [u8; 32] {
    *blake3::hash(&block.to_le_bytes()).as_bytes()
}

/// An account of the tests.
pub(crate) fn account(seed: u8) -> AccountId {
    AccountId::new([seed; 32])
}

/// Who posted the jobs; staked as well.
pub(crate) fn requester() -> AccountId {
    account(1)
}

/// Who computes them.
pub(crate) fn provider() -> AccountId {
    account(2)
}

/// The worker key of an account.
pub(crate) fn pair(account: &AccountId) -> WorkerPair {
    WorkerPair::from_seed(account.as_ref())
}

/// The account that a provider's worker key signs extrinsics for.
pub(crate) fn worker_account(provider: &AccountId) -> AccountId {
    AccountId::new(pair(provider).public().into_inner().0)
}
