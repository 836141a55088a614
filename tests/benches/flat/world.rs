// SPDX-License-Identifier: Apache-2.0
//! A chain with so many jobs and providers, and one job's way through it.

use anyhow::{Context, Result, anyhow, ensure};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId, UNIT,
    duty::{WorkerPair, WorkerSignature},
    job::{Address, Endpoint, JobSpec, Pass, PerPass, PriceRange, Source},
    provider::{Hardware, Requirements},
};
use assay_runtime::{
    Jobs, Providers, Runtime, RuntimeGenesisConfig, RuntimeOrigin, System, Verifier,
};
use assay_tests::kernel::{TILES, input, kernel, output};
use assay_verifier::{
    ChainingValue, attestation,
    opening::Opening,
    sampling::Assurance,
    tree::{self, CHUNK_BYTES},
    witness::InputRef,
};
use codec::Encode;
use pallet_verifier::{Cases, Draws, Seeds, types::Seed};
use polkadot_sdk::{
    frame_benchmarking::benchmarking::{
        commit_db, proof_size, read_write_count, reset_read_write_count,
    },
    frame_support::{traits::Hooks, weights::Weight},
    frame_system::RawOrigin,
    pallet_balances,
    sc_client_db::BenchmarkingState,
    sp_core::Pair,
    sp_externalities::{Extensions, set_and_run_with_externalities},
    sp_runtime::{BuildStorage, traits::BlakeTwo256},
    sp_state_machine::Ext,
};
use std::{fmt::Debug, time::Instant};

/// The steps of a job that are measured.
pub(crate) const STEPS: [&str; 5] = ["post", "accept", "commit", "draw", "settle"];

/// Jobs of which the median counts, and of times the least.
const ROUNDS: usize = 15;

/// Jobs alive of one requester.
const JOBS_EACH: u32 = 250;

const STAKE: Balance = 100_000 * UNIT;

/// What a step took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) reads: u32,
    pub(crate) writes: u32,
    /// In bytes.
    pub(crate) proof: u32,
    /// In seconds.
    pub(crate) time: f64,
}

/// What each step costs with so many jobs and providers besides: of several rounds, the median; of times, the least.
pub(crate) fn measure(jobs: u32, providers: u32) -> Result<Vec<Cost>> {
    let genesis = RuntimeGenesisConfig::default()
        .build_storage()
        .map_err(|error| anyhow!(error))?;
    let state: BenchmarkingState<BlakeTwo256> =
        BenchmarkingState::new(genesis, None, true, true).map_err(|error| anyhow!(error))?;
    let (mut overlay, mut extensions) = (Default::default(), Extensions::default());
    let mut ext = Ext::new(&mut overlay, &state, Some(&mut extensions));
    set_and_run_with_externalities(&mut ext, || {
        let world = World::new(jobs, providers)?;
        let rounds = (0..ROUNDS)
            .map(|_| world.job())
            .collect::<Result<Vec<_>>>()?;
        Ok((0..STEPS.len())
            .map(|step| {
                let median = |of: &dyn Fn(&Cost) -> f64| {
                    let mut sorted: Vec<f64> =
                        rounds.iter().map(|round| of(&round[step])).collect();
                    sorted.sort_by(f64::total_cmp);
                    sorted[ROUNDS / 2]
                };
                let fastest =
                    (rounds.iter().map(|round| round[step].time)).fold(f64::MAX, f64::min);
                Cost {
                    reads: median(&|cost| cost.reads.into()) as u32,
                    writes: median(&|cost| cost.writes.into()) as u32,
                    proof: median(&|cost| cost.proof.into()) as u32,
                    time: fastest,
                }
            })
            .collect())
    })
}

/// Does something on a state without pending changes, and says what it took.
fn cost<Done, Error: Debug>(step: impl FnOnce() -> Result<Done, Error>) -> Result<Cost> {
    commit_db();
    reset_read_write_count();
    let before = proof_size().unwrap_or_default();
    let start = Instant::now();
    done(step())?;
    let time = start.elapsed().as_secs_f64();
    let proof = proof_size().unwrap_or_default() - before;
    // Writes are counted as they reach the state.
    commit_db();
    let (reads, _, writes, _) = read_write_count();
    Ok(Cost {
        reads,
        writes,
        proof,
        time,
    })
}

/// What was done, or how it failed.
fn done<Done, Error: Debug>(outcome: Result<Done, Error>) -> Result<Done> {
    outcome.map_err(|error| anyhow!("{error:?}"))
}

fn account(kind: u8, number: u32) -> AccountId {
    let mut bytes = [kind; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    AccountId::new(bytes)
}

fn rich(kind: u8, number: u32) -> AccountId {
    let who = account(kind, number);
    let given = pallet_balances::Pallet::<Runtime>::force_set_balance(
        RuntimeOrigin::root(),
        who.clone().into(),
        10 * STAKE,
    );
    assert!(given.is_ok(), "root may: {given:?}");
    who
}

/// Nobody looks at it: calls that somebody else has authorized are made.
fn signature() -> Result<WorkerSignature> {
    let pair = WorkerPair::from_string("//nobody", None)
        .ok()
        .context("a name")?;
    Ok(pair.sign(b""))
}

fn endpoint() -> Endpoint {
    Endpoint {
        key: [1; 32],
        address: Address::V4 {
            ip: [127, 0, 0, 1],
            port: 1,
        },
    }
}

fn register(number: u32) -> Result<AccountId> {
    let who = rich(1, number);
    let worker = WorkerPair::from_string(&format!("//worker//{number}"), None)
        .ok()
        .context("a name")?;
    let genesis = System::block_hash(0);
    let proof = worker.sign(&pallet_providers::worker_proof_payload(genesis, &who));
    let hardware = Hardware {
        speed: 1,
        memory: 1_024,
        ..Hardware::default()
    };
    let origin = RuntimeOrigin::signed(who.clone());
    let public = worker.public();
    done(Providers::register(
        origin,
        STAKE,
        public,
        endpoint(),
        hardware,
        proof,
    ))?;
    Ok(who)
}

/// The chain after its setting up.
struct World {
    spec: JobSpec<Balance, BlockNumber>,
    values: Vec<ChainingValue>,
    root: [u8; 32],
    provider: AccountId,
    requester: AccountId,
}

impl World {
    fn new(jobs: u32, providers: u32) -> Result<Self> {
        System::set_block_number(1);
        let author = rich(2, 0);
        let code = kernel().encode();
        let hash = *blake3::hash(&code).as_bytes();
        let code = code.try_into().ok().context("a short kernel")?;
        done(Jobs::register_kernel(RuntimeOrigin::signed(author), code))?;
        for number in 1..providers {
            register(number)?;
        }
        let pass = Pass {
            kernel: hash,
            parameters: Default::default(),
            reads: vec![Source::Input(0)].try_into().ok().context("one")?,
            grid: [TILES, 1, 1],
        };
        let spec = JobSpec {
            passes: PerPass::truncate_from(vec![pass]),
            checker: None,
            inputs: vec![InputRef::of(&input())]
                .try_into()
                .ok()
                .context("one")?,
            assurance: Assurance::DEFAULT,
            price: PriceRange {
                floor: UNIT,
                ceiling: UNIT,
            },
            auction: 100,
            compute: 100,
            source: endpoint(),
            requirements: Requirements::default(),
            asset: None,
        };
        for number in 0..jobs {
            let who = rich(3, number / JOBS_EACH);
            // Over all the blocks that auctions can last, none of which is measured.
            let auction = 1_000 + number % 1_000;
            let spec = JobSpec {
                auction,
                ..spec.clone()
            };
            done(Jobs::post(RuntimeOrigin::signed(who), spec))?;
        }
        let output = output();
        let values = output
            .chunks(CHUNK_BYTES)
            .zip(0..)
            .map(|(tile, index)| tree::leaf_value(index, TILES, tile).context("a tile"))
            .collect::<Result<_>>()?;
        Jobs::on_idle(1, Weight::MAX);
        System::reset_events();
        Ok(Self {
            spec,
            values,
            root: *blake3::hash(&output).as_bytes(),
            provider: register(0)?,
            requester: rich(4, 0),
        })
    }

    /// A job from its post to its settlement: what each of [`STEPS`] costs.
    fn job(&self) -> Result<Vec<Cost>> {
        Self::next_block();
        let id: JobId = pallet_jobs::NextJob::<Runtime>::get();
        let requester = || RuntimeOrigin::signed(self.requester.clone());
        let post = cost(|| Jobs::post(requester(), self.spec.clone()))?;
        let accept = cost(|| Jobs::accept(RuntimeOrigin::signed(self.provider.clone()), id, 0))?;
        let nobody = signature()?;
        let roots = PerPass::truncate_from(vec![self.root]);
        let commit =
            cost(|| Jobs::commit(RawOrigin::Authorized.into(), id, roots, nobody.clone()))?;
        let now = System::block_number();
        for block in now + 1..now + 3 {
            let seed = Seed {
                vrf: [block as u8; 32],
                author: None,
            };
            Seeds::<Runtime>::insert(block, seed);
        }
        let draw = Self::step(now + 3)?;
        Self::next_block();
        self.duties(id, &nobody)?;
        Self::step(System::block_number())?;
        let challenge = Cases::<Runtime>::get(id).context("it goes on")?.until;
        let settle = Self::step(challenge)?;
        ensure!(
            pallet_jobs::Receipts::<Runtime>::contains_key(id),
            "the job is settled"
        );
        Ok(vec![post, accept, commit, draw, settle])
    }

    fn next_block() {
        System::set_block_number(System::block_number() + 1);
        System::reset_events();
    }

    /// What is due in a block, as the chain does it by itself.
    fn step(block: BlockNumber) -> Result<Cost> {
        // Up to the block before there is nothing to do but to look.
        Jobs::on_idle(block.saturating_sub(1), Weight::MAX);
        System::set_block_number(block);
        cost(|| {
            Jobs::on_idle(block, Weight::MAX);
            Ok::<_, String>(())
        })
    }

    /// What verifiers and provider do between the draw and the challenge.
    fn duties(&self, job: JobId, nobody: &WorkerSignature) -> Result<()> {
        let authorized = || RuntimeOrigin::from(RawOrigin::Authorized);
        let case = Cases::<Runtime>::get(job).context("it was drawn")?;
        let tiles = Draws::<Runtime>::get(job).context("it was drawn")?.to_vec();
        let values: Vec<_> = (tiles.iter())
            .map(|tile| self.values[*tile as usize])
            .collect();
        let salt = [5; 32];
        for seat in &case.panel {
            let account: [u8; 32] = seat.verifier.clone().into();
            let commitment = attestation::commitment(&values, &salt, &account, job, 0, &case.seed);
            let verifier = seat.verifier.clone();
            let (origin, signature) = (authorized(), nobody.clone());
            done(Verifier::attest(
                origin, job, verifier, 0, commitment, signature,
            ))?;
        }
        let openings = PerPass::truncate_from(vec![Opening::new(&self.values, &tiles)?]);
        done(Verifier::open(authorized(), job, openings, nobody.clone()))?;
        for seat in &case.panel {
            let verifier = seat.verifier.clone();
            let (origin, nothing, signature) = (authorized(), Default::default(), nobody.clone());
            done(Verifier::reveal(
                origin, job, verifier, 0, salt, nothing, signature,
            ))?;
        }
        Ok(())
    }
}
