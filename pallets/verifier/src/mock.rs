// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet alone, with a real kernel and a real machine; stakes, slashing and jobs only
//! record what they are asked.

use crate::{
    self as pallet_verifier, Call, Cases, Event, frame_support, frame_system, sp_runtime,
    types::{Case, Differences},
};
use assay_kernel::{
    Kernel,
    machine::Machine,
    program::{Binary, Builtin, Memory, Op, VERSION},
    validate::Limits,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber, Hash, JobId,
    duty::{Duty, WorkerId, WorkerPair, WorkerSignature, payload},
    job::{Endpoint, Work},
    slashing::{Charge, Penalty, Slashing},
    stake::{Slashed, Stakes},
    verification::{BlockRandomness, Commitment, JobBook, Progress, Verdict, Verification},
};
use assay_verifier::{
    ChainingValue, Root,
    attestation::commitment,
    execution::Task,
    opening::Opening,
    spot,
    tree::root_of,
    witness::{InputRef, Witness},
};
use codec::Encode;
use frame_support::{
    derive_impl,
    dispatch::DispatchResultWithPostInfo,
    parameter_types,
    traits::{Authorize, ConstU32, OnInitialize, UnfilteredDispatchable},
    weights::{Weight, constants::WEIGHT_REF_TIME_PER_MILLIS},
};
use frame_system::limits::BlockWeights;
#[cfg(feature = "runtime-benchmarks")]
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use polkadot_sdk::{
    sp_core::Pair,
    sp_io,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
};
use sp_runtime::{
    BuildStorage, DispatchError, DispatchResult, Perbill,
    traits::IdentityLookup,
    transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
};
use std::{cell::RefCell, collections::BTreeMap};

#[frame_support::runtime]
mod runtime {
    use super::{frame_support, frame_system, pallet_verifier};

    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub(crate) struct Test;

    #[runtime::pallet_index(0)]
    pub(crate) type System = frame_system;
    #[runtime::pallet_index(1)]
    pub(crate) type VerifierPallet = pallet_verifier;
}

type Block = frame_system::mocking::MockBlockU32<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId;
    type Block = Block;
    type BlockWeights = Weights;
    type Lookup = IdentityLookup<AccountId>;
}

parameter_types! {
    // As in the runtime: one and a half seconds, three quarters of them for ordinary extrinsics.
    pub Weights: BlockWeights = BlockWeights::with_sensible_defaults(
        Weight::from_parts(1_500 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX),
        Perbill::from_percent(75),
    );
    pub KernelLimits: Limits = Limits::DEFAULT;
    pub static MaxWitnessBytes: u32 = 2 * 1_024 * 1_024;
    pub static MaxRounds: u32 = 2;
}

impl pallet_verifier::Config for Test {
    type JobBook = World;
    type KernelLimits = KernelLimits;
    type MaxRounds = MaxRounds;
    type MaxWitnessBytes = MaxWitnessBytes;
    type Randomness = World;
    type Slashing = World;
    type Stakes = World;
    type VerifiersPerSample = ConstU32<2>;
    type WeightInfo = ();
    type WindowOrigin = frame_system::EnsureRoot<AccountId>;
}

/// The other side of the glue traits: records every request, and advances what is due as the jobs'
/// pallet does.
#[derive(Debug)]
pub struct World;

/// A job of the other side.
#[derive(Clone)]
struct JobRecord {
    kernel: Kernel,
    work: Work,
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

    /// From now on punishing fails.
    pub(crate) fn refuse_to_punish() {
        state(|state| state.refuses_to_punish = true);
    }

    /// From now on these are all providers, with their stakes.
    pub(crate) fn set_providers(stakes: Vec<(AccountId, Balance)>) {
        state(|state| state.stakes = stakes);
    }

    /// Who makes a block; nobody in particular unless it is said.
    pub(crate) fn set_author(block: BlockNumber, author: AccountId) {
        state(|state| state.authors.insert(block, author));
    }

    /// A block without randomness.
    pub(crate) fn withhold_randomness(block: BlockNumber) {
        state(|state| state.without_randomness.push(block));
    }

    fn put_job(job: JobId, kernel: Kernel, work: Work) {
        let due = BlockNumber::MAX;
        state(|state| state.jobs.insert(job, JobRecord { kernel, work, due }));
    }

    fn set_due(job: JobId, due: BlockNumber) {
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
        Self::eligible()
            .iter()
            .any(|(account, _)| account == provider)
            .then(|| pair(provider).public())
    }

    fn provider_of(worker: &WorkerId) -> Option<AccountId> {
        Self::eligible()
            .into_iter()
            .map(|(account, _)| account)
            .find(|account| pair(account).public() == *worker)
    }

    fn endpoint(_provider: &AccountId) -> Option<Endpoint> {
        None
    }

    fn free(provider: &AccountId) -> Balance {
        Self::eligible()
            .into_iter()
            .find(|(account, _)| account == provider)
            .map_or(0, |(_, stake)| stake)
    }

    fn slashable(provider: &AccountId) -> Balance {
        Self::free(provider)
    }

    fn eligible() -> Vec<(AccountId, Balance)> {
        state(|state| state.stakes.clone())
    }

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
                return Err(DispatchError::Unavailable);
            }
            state.charges.push(charge);
            Ok(Penalty::default())
        })
    }
}

impl JobBook<AccountId, BlockNumber> for World {
    fn work(job: JobId) -> Option<Work> {
        state(|state| state.jobs.get(&job).map(|job| job.work.clone()))
    }

    fn kernel(hash: &Root) -> Option<Kernel> {
        state(|state| {
            let mut jobs = state.jobs.values();
            jobs.find(|job| job.work.kernel == *hash)
                .map(|job| job.kernel.clone())
        })
    }

    fn tile_fuel(hash: &Root) -> Option<u64> {
        let kernel = Self::kernel(hash)?;
        let machine = Machine::new(&kernel, &Limits::DEFAULT).ok()?;
        Some(machine.report().tile_fuel)
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

/// The tiles of a job.
pub(crate) const TILES: u32 = 20;

/// How many of them are sampled.
pub(crate) const SAMPLES: u32 = 8;

/// What a job pays.
pub(crate) const PRICE: Balance = 500;

/// How far behind its own place a tile reads.
pub(crate) const SHIFT: u32 = 100;

/// `output[i] = 3 * input[i + parameter]`, by 256 invocations: a tile reads two pages.
pub(crate) fn kernel() -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [256, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![Memory::Input, Memory::Parameters(1), Memory::Output],
        variables: vec![],
        code: vec![
            Op::Builtin(Builtin::GroupX),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 0, 1),
            Op::Builtin(Builtin::LocalX),
            Op::Binary(Binary::Add, 2, 3),
            Op::Constant(0),
            Op::Load(1, 5),
            Op::Binary(Binary::Add, 4, 6),
            Op::Load(0, 7),
            Op::Constant(3),
            Op::Binary(Binary::Multiply, 8, 9),
            Op::Store(2, 4, 10),
        ],
    }
}

/// The hash of a kernel.
pub(crate) fn kernel_hash(kernel: &Kernel) -> Root {
    *blake3::hash(&kernel.encode()).as_bytes()
}

/// The input of every job: a little more than 20 pages, and no whole number of words.
pub(crate) fn input() -> Vec<u8> {
    (0..=250).cycle().take(20 * 1_024 + 402).collect()
}

/// What a job computes.
pub(crate) fn work() -> Work {
    Work {
        kernel: kernel_hash(&kernel()),
        parameters: vec![SHIFT],
        inputs: vec![InputRef::of(&input())],
        grid: [TILES, 1, 1],
        tiles: TILES,
    }
}

fn with_task<R>(run: impl FnOnce(&mut Machine, &Task<'_>) -> R) -> R {
    let mut machine = Machine::new(&kernel(), &Limits::DEFAULT).expect("the kernel is valid");
    let parameters = work().parameters;
    let task = Task {
        grid: work().grid,
        parameters: &parameters,
        tiles: TILES,
    };
    run(&mut machine, &task)
}

/// The most fuel that a tile can burn.
pub(crate) fn tile_fuel() -> u64 {
    with_task(|machine, _| machine.report().tile_fuel)
}

/// The right values of all tiles.
pub(crate) fn right_values() -> Vec<ChainingValue> {
    let words = spot::words(&input());
    let tiles: Vec<u32> = (0..TILES).collect();
    with_task(|machine, task| spot::values(machine, task, &tiles, &[&words], || {}))
        .expect("the input is there in full")
}

/// The witness of a tile.
pub(crate) fn witness(tile: u32) -> Witness {
    with_task(|machine, task| spot::witness(machine, task, tile, &[&input()]))
        .expect("the input is there in full")
        .1
}

/// The value of every tile that is wrong in the tests.
pub(crate) const WRONG: ChainingValue = [0xbd; 32];

/// What a provider commits to.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) values: Vec<ChainingValue>,
}

impl Output {
    /// The right one.
    pub(crate) fn right() -> Self {
        Self {
            values: right_values(),
        }
    }

    /// One with wrong tiles.
    pub(crate) fn wrong(tiles: &[u32]) -> Self {
        let mut output = Self::right();
        for tile in tiles {
            output.values[index(*tile)] = WRONG;
        }
        output
    }

    pub(crate) fn root(&self) -> Root {
        root_of(&self.values).expect("there are tiles")
    }

    pub(crate) fn opening(&self, tiles: &[u32]) -> Opening {
        Opening::new(&self.values, tiles).expect("the tiles are ascending")
    }
}

/// A number of a tile or a position as an index.
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).expect("small numbers")
}

/// What the jobs' pallet hands over.
pub(crate) fn commitment_to(root: Root, panel: u32) -> Commitment<AccountId, Balance> {
    Commitment {
        provider: provider(),
        requester: requester(),
        root,
        tiles: TILES,
        samples: SAMPLES,
        panel,
        price: PRICE,
    }
}

/// Commits a job to an output, to be checked by a panel of two.
pub(crate) fn commit(job: JobId, output: &Output) {
    commit_for(job, output, 2);
}

/// Commits a job to an output.
pub(crate) fn commit_for(job: JobId, output: &Output, panel: u32) {
    World::put_job(job, kernel(), work());
    let due = VerifierPallet::begin(job, commitment_to(output.root(), panel))
        .expect("the commitment is sound");
    World::set_due(job, due);
}

/// The chain at block 10 with requester, provider and four more providers, all with the same stake.
pub(crate) fn run(test: impl FnOnce()) {
    externalities().execute_with(|| {
        run_to(10);
        World::set_providers((1..=6).map(|seed| (account(seed), 1_000)).collect());
        System::reset_events();
        test();
        VerifierPallet::do_try_state().expect("every invariant holds");
    });
}

/// The chain at its first block, with all that was recorded forgotten.
pub(crate) fn externalities() -> sp_io::TestExternalities {
    state(|state| *state = State::default());
    MaxWitnessBytes::set(2 * 1_024 * 1_024);
    MaxRounds::set(2);
    let storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .expect("the default genesis is sound");
    let mut externalities = sp_io::TestExternalities::from(storage);
    externalities.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    externalities.execute_with(|| {
        System::set_block_number(1);
        frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0x6e));
        crate::CurrentWindows::<Test>::put(crate::Windows::default());
    });
    externalities
}

/// Ends the present block, then runs whole blocks up to the start of the extrinsics of `block`.
pub(crate) fn run_to(block: BlockNumber) {
    while System::block_number() < block {
        let now = System::block_number();
        advance_due(now);
        System::set_block_number(now + 1);
        <VerifierPallet as OnInitialize<BlockNumber>>::on_initialize(now + 1);
    }
}

/// Advances every job that is due, as the jobs' pallet does at the end of a block.
fn advance_due(now: BlockNumber) {
    let due = state(|state| {
        let jobs = state.jobs.iter();
        jobs.filter(|(_, job)| job.due <= now)
            .map(|(id, _)| *id)
            .collect::<Vec<_>>()
    });
    for job in due {
        match VerifierPallet::advance(job, now) {
            Progress::Wait(due) => World::set_due(job, due.max(now + 1)),
            Progress::Over(verdict) => World::end(job, verdict),
        }
    }
}

/// Runs to the first block in which the job's present phase is over.
pub(crate) fn run_past(job: JobId) {
    run_to(case(job).until + 1);
}

/// A case under way.
pub(crate) fn case(job: JobId) -> Case {
    Cases::<Test>::get(job).expect("the job is being verified")
}

/// The sampled tiles of a job.
pub(crate) fn draw(job: JobId) -> Vec<u32> {
    crate::Draws::<Test>::get(job)
        .expect("tiles were drawn")
        .to_vec()
}

/// The verifiers of a job.
pub(crate) fn panel(job: JobId) -> Vec<AccountId> {
    let panel = case(job).panel;
    panel.into_iter().map(|seat| seat.verifier).collect()
}

/// A worker key's signature of a duty on this chain.
pub(crate) fn sign(signer: &AccountId, job: JobId, duty: &Duty) -> WorkerSignature {
    pair(signer).sign(&payload(System::block_hash(0), job, duty))
}

/// Asks whether a call is admitted, as the pool and the block author do.
pub(crate) fn admit(call: Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
    RuntimeCall::VerifierPallet(call)
        .authorize(TransactionSource::External)
        .expect("the call has an authorization")
        .map(|(valid, _)| valid)
}

/// Why a duty was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was not admitted.
    Invalid(TransactionValidityError),
    /// It was admitted and failed.
    Failed(DispatchError),
}

/// Puts a duty into the present block: it is admitted and then done.
pub(crate) fn submit(call: Call<Test>) -> Result<(), Refusal> {
    admit(call.clone()).map_err(Refusal::Invalid)?;
    dispatch(call)
}

/// Does a duty as if it had been admitted.
pub(crate) fn dispatch(call: Call<Test>) -> Result<(), Refusal> {
    call.dispatch_bypass_filter(frame_system::RawOrigin::Authorized.into())
        .map(|_| ())
        .map_err(|error| Refusal::Failed(error.error))
}

/// The salt of an account.
pub(crate) fn salt(verifier: &AccountId) -> [u8; 32] {
    *blake3::hash(verifier.as_ref()).as_bytes()
}

/// What a verifier commits to that computed these values of all tiles.
pub(crate) fn attested(job: JobId, verifier: &AccountId, values: &[ChainingValue]) -> [u8; 32] {
    let case = case(job);
    let seat = case.seat(verifier).expect("the verifier was drawn");
    let draw = draw(job);
    let own: Vec<_> = case
        .assigned(seat.place, 2)
        .into_iter()
        .map(|position| values[index(draw[index(position)])])
        .collect();
    let bytes: &[u8; 32] = verifier.as_ref();
    commitment(&own, &salt(verifier), bytes, job, seat.round)
}

/// The attestation of a commitment.
pub(crate) fn attestation(job: JobId, verifier: &AccountId, commitment: [u8; 32]) -> Call<Test> {
    let round = case(job).seat(verifier).map_or(0, |seat| seat.round);
    Call::attest {
        job,
        verifier: verifier.clone(),
        round,
        commitment,
        signature: sign(verifier, job, &Duty::Attest { round, commitment }),
    }
}

/// A verifier attests these values.
pub(crate) fn attest(
    job: JobId,
    verifier: &AccountId,
    values: &[ChainingValue],
) -> Result<(), Refusal> {
    submit(attestation(job, verifier, attested(job, verifier, values)))
}

/// The call that opens an output, signed by an account.
pub(crate) fn opening(job: JobId, signer: &AccountId, opening: Opening) -> Call<Test> {
    let hash = *blake3::hash(&opening.encode()).as_bytes();
    let signature = sign(signer, job, &Duty::Open { opening: hash });
    Call::open {
        job,
        opening,
        signature,
    }
}

/// The provider opens its output.
pub(crate) fn open(job: JobId, output: &Output) -> Result<(), Refusal> {
    submit(opening(job, &provider(), output.opening(&draw(job))))
}

/// Where the values that a verifier computed differ from the opened ones, among its samples.
pub(crate) fn differing(job: JobId, verifier: &AccountId, values: &[ChainingValue]) -> Differences {
    let case = case(job);
    let seat = case.seat(verifier).expect("the verifier was drawn");
    let draw = draw(job);
    let opened = crate::Openings::<Test>::get(job).expect("the provider has opened");
    let list: Vec<_> = case
        .assigned(seat.place, 2)
        .into_iter()
        .map(|position| (position, values[index(draw[index(position)])]))
        .filter(|(position, value)| opened[index(*position)] != *value)
        .collect();
    list.try_into().expect("few samples")
}

/// The call that reveals.
pub(crate) fn revelation(
    job: JobId,
    verifier: &AccountId,
    salt: [u8; 32],
    differing: Differences,
) -> Call<Test> {
    let round = case(job).seat(verifier).map_or(0, |seat| seat.round);
    let duty = Duty::Reveal {
        round,
        salt,
        differing: differing.to_vec(),
    };
    Call::reveal {
        job,
        verifier: verifier.clone(),
        round,
        salt,
        differing,
        signature: sign(verifier, job, &duty),
    }
}

/// A verifier reveals that it computed these values.
pub(crate) fn reveal(
    job: JobId,
    verifier: &AccountId,
    values: &[ChainingValue],
) -> Result<(), Refusal> {
    let differing = differing(job, verifier, values);
    submit(revelation(job, verifier, salt(verifier), differing))
}

/// Somebody has the chain judge a tile, with a right witness and the fuel it takes.
pub(crate) fn adjudicate(
    who: AccountId,
    job: JobId,
    tile: u32,
    opening: Option<Opening>,
) -> DispatchResultWithPostInfo {
    VerifierPallet::adjudicate(
        RuntimeOrigin::signed(who),
        job,
        tile,
        opening,
        witness(tile),
        tile_fuel(),
    )
}

/// Runs a job of two verifiers to the phase in which they attest.
pub(crate) fn drawn(job: JobId, output: &Output) {
    commit(job, output);
    run_to(System::block_number() + 4);
}

/// Runs a job on until the provider has to open, everybody having attested the given values.
pub(crate) fn all_attested(job: JobId, output: &Output, values: &[ChainingValue]) {
    drawn(job, output);
    for verifier in panel(job) {
        attest(job, &verifier, values).expect("the attestation is due");
    }
}

/// Runs a job on until verifiers have to reveal, everybody having attested the given values.
pub(crate) fn all_opened(job: JobId, output: &Output, values: &[ChainingValue]) {
    all_attested(job, output, values);
    open(job, output).expect("the opening is due");
}

/// Runs a job on until all have revealed the given values.
pub(crate) fn all_revealed(job: JobId, output: &Output, values: &[ChainingValue]) {
    all_opened(job, output, values);
    for verifier in panel(job) {
        reveal(job, &verifier, values).expect("the reveal is due");
    }
}

/// This pallet's events since the last call.
pub(crate) fn events() -> Vec<Event<Test>> {
    System::read_events_for_pallet::<Event<Test>>()
}

/// Whether anything is stored for a job.
pub(crate) fn is_forgotten(job: JobId) -> bool {
    !Cases::<Test>::contains_key(job)
        && !crate::Draws::<Test>::contains_key(job)
        && !crate::Openings::<Test>::contains_key(job)
        && crate::Claims::<Test>::iter_prefix(job).count() == 0
        && crate::Duties::<Test>::iter_keys().all(|(_, id)| id != job)
}
