// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet alone; stakes, slashing and verification only record what they are asked.

use crate::{
    self as pallet_jobs, Agenda, Event, HoldReason, NextJob, frame_support, frame_system,
    sp_runtime,
};
use assay_kernel::{
    Kernel,
    program::{Memory, Op, VERSION},
    validate::Limits,
};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    api::VerificationView,
    duty::{Duty, WorkerId, WorkerPair, WorkerSignature, payload},
    job::{Address, AssetId, Endpoint, JobSpec, Pass, PerPass, PriceRange, Source},
    mailbox::OffchainPolicy,
    provider::{Hardware, Requirements},
    reason::Offence,
    reputation::{Deed, Reputation, Standing},
    slashing::{Charge, Penalty, Slashing},
    stake::{Slashed, Stakes},
    verification::{Commitment, Enquiry, Progress, Verification},
};
use assay_verifier::{Root, sampling::Assurance, witness::InputRef};
use codec::Encode;
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        AsEnsureOriginWithArg, ConstU32, ConstU128, OnIdle, OnPoll,
        fungible::Mutate,
        fungibles,
        tokens::{ConversionFromAssetBalance, Fortitude, Precision, Preservation},
    },
    weights::{Weight, WeightMeter},
};
use frame_system::{EnsureRoot, EnsureSigned};
#[cfg(feature = "runtime-benchmarks")]
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use polkadot_sdk::{
    pallet_assets, pallet_assets_holder, pallet_balances,
    sp_core::Pair,
    sp_io,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
};
use sp_runtime::{
    BuildStorage, DispatchError, DispatchResult, FixedPointNumber, FixedU128, Permill, TokenError,
    traits::IdentityLookup,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

/// The least balance of an account.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10;

/// An assurance that samples every tile of a job of the tests.
const ALL_TILES: Assurance = Assurance {
    confidence: 999_999,
    wrong: 1,
};

/// What every account of the tests has at the start.
pub(crate) const ENDOWMENT: Balance = 1_000_000;

#[frame_support::runtime]
mod runtime {
    use super::{
        frame_support, frame_system, pallet_assets, pallet_assets_holder, pallet_balances,
        pallet_jobs,
    };

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
    pub(crate) type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub(crate) type JobsPallet = pallet_jobs;
    #[runtime::pallet_index(3)]
    pub(crate) type Assets = pallet_assets;
    #[runtime::pallet_index(4)]
    pub(crate) type AssetsHolder = pallet_assets_holder;
}

type Block = frame_system::mocking::MockBlockU32<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type FreezeIdentifier = u8;
    type MaxFreezes = ConstU32<1>;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
    type AssetAccountDeposit = ConstU128<0>;
    type AssetDeposit = ConstU128<0>;
    type Balance = Balance;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type Currency = Balances;
    type ForceOrigin = EnsureRoot<AccountId>;
    type Freezer = ();
    type Holder = AssetsHolder;
    type MetadataDepositBase = ConstU128<0>;
    type MetadataDepositPerByte = ConstU128<0>;
}

impl pallet_assets_holder::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
}

parameter_types! {
    pub static FuelPrice: Balance = 0;
    pub static FeeDestination: AccountId = account(9);
    pub KernelLimits: Limits = Limits::DEFAULT;
    pub const ProtocolFee: Permill = Permill::from_percent(1);
    pub const BountyShare: Permill = Permill::from_percent(50);
    pub PollWeight: Weight = Weight::from_parts(500_000_000_000, u64::MAX);
}

impl pallet_jobs::Config for Test {
    type AssetRate = Trace;
    type Assets = AssetsHolder;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Trace;
    type BondMultiple = ConstU32<2>;
    type BountyShare = BountyShare;
    type Currency = Balances;
    type DepositBase = ConstU128<100>;
    type DepositPerByte = ConstU128<1>;
    type EnquiryPanel = ConstU32<3>;
    type EnquirySamples = ConstU32<2>;
    type FeeDestination = FeeDestination;
    type FuelPrice = FuelPrice;
    type KernelLimits = KernelLimits;
    type MaxAuction = ConstU32<100>;
    type MaxCompute = ConstU32<100>;
    type MaxJobs = ConstU32<8>;
    type MaxJobsPerAccount = ConstU32<4>;
    type MaxKernelBytes = ConstU32<65_536>;
    type MaxPerBlock = ConstU32<2>;
    type MaxRounds = ConstU32<3>;
    type OffchainPolicy = Trace;
    type PanelStep = ConstU128<10_000>;
    type PollWeight = PollWeight;
    type ProtocolFee = ProtocolFee;
    type ReceiptPeriod = ConstU32<20>;
    type Reputation = Trace;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SampleFee = ConstU128<5>;
    type Slashing = Trace;
    type Stakes = Trace;
    type Verification = Trace;
    type VerifiersPerSample = ConstU32<2>;
    type WeightInfo = ();
}

/// What this pallet asked of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Lock(AccountId, Balance),
    Unlock(AccountId, Balance),
    Earned(AccountId, Balance),
    Note(AccountId, Deed),
    Punish(Charge<AccountId, Balance>),
    Begin(JobId, Commitment<AccountId, Balance>),
    Enquire(JobId, Enquiry<AccountId, Balance>),
    Advance(JobId, BlockNumber),
    Offchain(BlockNumber),
}

/// The other side of the glue traits: records every request and answers as the test says.
#[derive(Debug)]
pub struct Trace;

/// What the other side answers.
#[derive(Default)]
struct Answers {
    asked: Vec<Asked>,
    stakes: BTreeMap<AccountId, (Balance, Balance)>,
    hardware: BTreeMap<AccountId, Hardware>,
    chilled: BTreeSet<AccountId>,
    scrutiny: BTreeMap<AccountId, u32>,
    progress: BTreeMap<JobId, Progress<AccountId, BlockNumber>>,
    views: BTreeMap<JobId, VerificationView>,
    penalty: Option<Penalty<Balance>>,
    armed: bool,
    burned: Balance,
    rates: BTreeMap<AssetId, FixedU128>,
}

thread_local! {
    static ANSWERS: RefCell<Answers> = RefCell::default();
}

fn answers<R>(with: impl FnOnce(&mut Answers) -> R) -> R {
    ANSWERS.with_borrow_mut(with)
}

impl Trace {
    /// What was asked since the last call.
    pub(crate) fn take() -> Vec<Asked> {
        answers(|answers| core::mem::take(&mut answers.asked))
    }

    /// From now on a job's verification is advanced to this.
    pub(crate) fn set_progress(job: JobId, progress: Progress<AccountId, BlockNumber>) {
        answers(|answers| answers.progress.insert(job, progress));
    }

    /// From now on a job's verification looks like this.
    pub(crate) fn set_view(job: JobId, view: VerificationView) {
        answers(|answers| answers.views.insert(job, view));
    }

    /// From now on every punishment comes to this; without one it fails.
    pub(crate) fn set_penalty(penalty: Option<Penalty<Balance>>) {
        answers(|answers| answers.penalty = penalty);
    }

    /// From now on a provider has this machine.
    pub(crate) fn set_hardware(provider: AccountId, hardware: Hardware) {
        answers(|answers| answers.hardware.insert(provider, hardware));
    }

    /// From now on so many percent of the samples are drawn of a provider's work.
    pub(crate) fn set_scrutiny(provider: AccountId, percent: u32) {
        answers(|answers| answers.scrutiny.insert(provider, percent));
    }

    /// From now on punishments take real money, out of a vault that stands for all stakes.
    pub(crate) fn arm() {
        answers(|answers| answers.armed = true);
    }

    /// What was burned by punishments.
    pub(crate) fn burned() -> Balance {
        answers(|answers| answers.burned)
    }

    /// From now on an asset is worth so many native tokens.
    pub(crate) fn set_rate(asset: AssetId, rate: Option<FixedU128>) {
        answers(|answers| match rate {
            Some(rate) => answers.rates.insert(asset, rate),
            None => answers.rates.remove(&asset),
        });
    }

    /// What a provider has locked.
    pub(crate) fn locked(provider: &AccountId) -> Balance {
        answers(|answers| {
            answers
                .stakes
                .get(provider)
                .map_or(0, |(_, locked)| *locked)
        })
    }
}

impl Stakes<AccountId, Balance> for Trace {
    fn worker(provider: &AccountId) -> Option<WorkerId> {
        answers(|answers| answers.stakes.contains_key(provider)).then(|| pair(provider).public())
    }

    fn provider_of(worker: &WorkerId) -> Option<AccountId> {
        answers(|answers| answers.stakes.keys().cloned().collect::<Vec<_>>())
            .into_iter()
            .find(|provider| pair(provider).public() == *worker)
    }

    fn endpoint(_provider: &AccountId) -> Option<Endpoint> {
        None
    }

    fn free(provider: &AccountId) -> Balance {
        answers(|answers| {
            answers
                .stakes
                .get(provider)
                .map_or(0, |(stake, locked)| stake - locked)
        })
    }

    fn slashable(provider: &AccountId) -> Balance {
        answers(|answers| answers.stakes.get(provider).map_or(0, |(stake, _)| *stake))
    }

    fn hardware(provider: &AccountId) -> Option<Hardware> {
        answers(|answers| {
            let known = answers.stakes.contains_key(provider);
            known.then(|| answers.hardware.get(provider).cloned().unwrap_or_default())
        })
    }

    fn is_active(provider: &AccountId) -> bool {
        answers(|answers| {
            answers.stakes.contains_key(provider) && !answers.chilled.contains(provider)
        })
    }

    fn active_stake() -> Balance {
        let providers = answers(|answers| answers.stakes.keys().cloned().collect::<Vec<_>>());
        let active = providers
            .iter()
            .filter(|provider| Self::is_active(provider));
        active.map(Self::slashable).sum()
    }

    fn draw(_seed: &[u8; 32], _wanted: u32, _excluded: &[AccountId]) -> Vec<AccountId> {
        Vec::new()
    }

    fn capable(bond: Balance, requirements: &Requirements) -> u32 {
        let providers = answers(|answers| answers.stakes.keys().cloned().collect::<Vec<_>>());
        let capable = providers.iter().filter(|provider| {
            Self::is_active(provider)
                && Self::free(provider) >= bond
                && Self::hardware(provider)
                    .is_some_and(|hardware| requirements.admit(provider, &hardware))
        });
        u32::try_from(capable.count()).expect("few providers")
    }

    fn earned(provider: &AccountId, amount: Balance) {
        answers(|answers| answers.asked.push(Asked::Earned(provider.clone(), amount)));
    }

    fn chill(provider: &AccountId) {
        answers(|answers| answers.chilled.insert(provider.clone()));
    }

    fn lock(provider: &AccountId, amount: Balance) -> DispatchResult {
        if Self::free(provider) < amount {
            return Err(TokenError::FundsUnavailable.into());
        }
        answers(|answers| {
            answers.asked.push(Asked::Lock(provider.clone(), amount));
            if let Some((_, locked)) = answers.stakes.get_mut(provider) {
                *locked += amount;
            }
        });
        Ok(())
    }

    fn unlock(provider: &AccountId, amount: Balance) {
        answers(|answers| {
            answers.asked.push(Asked::Unlock(provider.clone(), amount));
            if let Some((_, locked)) = answers.stakes.get_mut(provider) {
                *locked -= amount;
            }
        });
    }

    fn slash(
        _provider: &AccountId,
        _amount: Balance,
        _beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError> {
        Err(DispatchError::Other("this pallet never slashes by itself"))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_provider(seed: u32, stake: Balance) -> AccountId {
        let provider = account(u8::try_from(seed).expect("few providers are set up"));
        let seed = polkadot_sdk::sp_core::bytes::to_hex(provider.as_ref(), false);
        let worker = WorkerId::generate_pair(Some(seed.into_bytes()));
        assert_eq!(worker, pair(&provider).public());
        answers(|answers| answers.stakes.insert(provider.clone(), (stake, 0)));
        provider
    }
}

impl Reputation<AccountId> for Trace {
    fn note(provider: &AccountId, deed: Deed) {
        answers(|answers| answers.asked.push(Asked::Note(provider.clone(), deed)));
    }

    fn standing(_provider: &AccountId) -> Standing {
        Standing::default()
    }

    fn scrutiny(provider: &AccountId) -> u32 {
        answers(|answers| answers.scrutiny.get(provider).copied().unwrap_or(100))
    }
}

impl Slashing<AccountId, Balance> for Trace {
    fn punish(charge: Charge<AccountId, Balance>) -> Result<Penalty<Balance>, DispatchError> {
        let armed = answers(|answers| {
            answers.asked.push(Asked::Punish(charge.clone()));
            answers.armed
        });
        if !armed {
            return answers(|answers| answers.penalty.ok_or(DispatchError::Unavailable));
        }
        // The default rule for a missed deadline, out of a vault that stands for all stakes; of a false report it
        // takes the price.
        let taken = match charge.offence {
            Offence::FalseReport => charge.price,
            _ => charge.bond,
        };
        let requester = match charge.requester {
            Some(requester) => {
                let share = (taken / 2).min(charge.price);
                let paid = Balances::transfer(&vault(), &requester, share, Preservation::Preserve);
                if paid.is_ok() { share } else { 0 }
            }
            None => 0,
        };
        let burned = taken - requester;
        Balances::burn_from(
            &vault(),
            burned,
            Preservation::Preserve,
            Precision::Exact,
            Fortitude::Force,
        )?;
        answers(|answers| answers.burned += burned);
        Ok(Penalty {
            taken,
            requester,
            burned,
            ..Penalty::default()
        })
    }
}

impl ConversionFromAssetBalance<Balance, AssetId, Balance> for Trace {
    type Error = DispatchError;

    fn from_asset_balance(balance: Balance, asset: AssetId) -> Result<Balance, DispatchError> {
        let rate = answers(|answers| answers.rates.get(&asset).copied());
        rate.map(|rate| rate.saturating_mul_int(balance))
            .ok_or(DispatchError::Unavailable)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn ensure_successful(asset: AssetId) {
        Self::set_rate(asset, Some(FixedU128::from_u32(1)));
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::Endow for Trace {
    fn endow(asset: AssetId, account: &AccountId, amount: Balance) {
        if !<Assets as fungibles::Inspect<AccountId>>::asset_exists(asset) {
            create_asset(asset);
        }
        Self::set_rate(asset, Some(FixedU128::from_u32(1)));
        give(asset, account, amount);
    }
}

impl Verification<AccountId, Balance, BlockNumber> for Trace {
    fn begin(
        job: JobId,
        commitment: Commitment<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        answers(|answers| answers.asked.push(Asked::Begin(job, commitment)));
        Ok(System::block_number() + 2)
    }

    fn advance(job: JobId, now: BlockNumber) -> Progress<AccountId, BlockNumber> {
        answers(|answers| {
            answers.asked.push(Asked::Advance(job, now));
            answers
                .progress
                .get(&job)
                .cloned()
                .unwrap_or(Progress::Wait(now + 1))
        })
    }

    fn advance_weight() -> Weight {
        Weight::from_parts(1_000_000_000, 0)
    }

    fn enquire(
        job: JobId,
        enquiry: Enquiry<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        answers(|answers| answers.asked.push(Asked::Enquire(job, enquiry)));
        Ok(System::block_number() + 2)
    }

    fn view(job: JobId) -> Option<VerificationView> {
        answers(|answers| answers.views.get(&job).cloned())
    }
}

impl OffchainPolicy<BlockNumber> for Trace {
    fn run(now: BlockNumber) {
        answers(|answers| answers.asked.push(Asked::Offchain(now)));
    }
}

/// Something of the only pass.
pub(crate) fn one<T>(of: T) -> PerPass<T> {
    vec![of].try_into().ok().expect("one is few")
}

/// An account of the tests.
pub(crate) fn account(seed: u8) -> AccountId {
    AccountId::new([seed; 32])
}

/// Where stake that is slashed comes from.
pub(crate) fn vault() -> AccountId {
    account(200)
}

/// The asset of the tests: half a native token each.
pub(crate) const ASSET: AssetId = 7;

/// Creates an asset whose least balance is 5, and whose issuer is account 8.
pub(crate) fn create_asset(asset: AssetId) {
    Assets::force_create(RuntimeOrigin::root(), asset, account(8), true, 5)
        .expect("there is no such asset");
}

/// Gives some of an asset to an account.
pub(crate) fn give(asset: AssetId, account: &AccountId, amount: Balance) {
    <Assets as fungibles::Mutate<_>>::mint_into(asset, account, amount)
        .expect("the asset is there");
}

/// Creates the asset of the tests, lists it, and gives every account some.
pub(crate) fn list_asset() {
    create_asset(ASSET);
    Trace::set_rate(ASSET, Some(FixedU128::from_rational(1, 2)));
    for seed in 1..=6 {
        give(ASSET, &account(seed), ENDOWMENT);
    }
}

/// What an account has free of the asset of the tests.
pub(crate) fn free_asset(account: &AccountId) -> Balance {
    Assets::balance(ASSET, account)
}

/// What is held of an account of the asset of the tests.
pub(crate) fn held_asset(account: &AccountId) -> Balance {
    <AssetsHolder as fungibles::InspectHold<_>>::balance_on_hold(
        ASSET,
        &HoldReason::Escrow.into(),
        account,
    )
}

/// Posts jobs.
pub(crate) fn requester() -> AccountId {
    account(1)
}

/// Registers kernels.
pub(crate) fn author() -> AccountId {
    account(2)
}

/// Takes jobs; staked.
pub(crate) fn provider() -> AccountId {
    account(3)
}

/// Another provider; staked.
pub(crate) fn rival() -> AccountId {
    account(4)
}

/// The worker key of an account.
pub(crate) fn pair(provider: &AccountId) -> WorkerPair {
    WorkerPair::from_seed(provider.as_ref())
}

/// The account that a provider's worker key signs extrinsics for.
pub(crate) fn worker_account(provider: &AccountId) -> AccountId {
    AccountId::new(pair(provider).public().into_inner().0)
}

/// A provider's signature of its commitment.
pub(crate) fn signature(signer: &AccountId, job: JobId, root: Root) -> WorkerSignature {
    let genesis = System::block_hash(0);
    pair(signer).sign(&payload(genesis, job, &Duty::Commit { roots: vec![root] }))
}

/// A kernel that reads one input and copies one word of it.
pub(crate) fn kernel() -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [1, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![Memory::Input, Memory::Output],
        variables: vec![],
        code: vec![Op::Constant(0), Op::Load(0, 0), Op::Store(1, 0, 1)],
    }
}

/// The hash under which a kernel is registered.
pub(crate) fn kernel_hash(kernel: &Kernel) -> Root {
    blake3::hash(&kernel.encode()).into()
}

/// A job of 30 tiles for the registered kernel: 10 blocks of auction from 100 to 1,100, 8 to compute.
pub(crate) fn spec() -> JobSpec<Balance, BlockNumber> {
    JobSpec {
        passes: one(Pass {
            kernel: kernel_hash(&kernel()),
            parameters: Default::default(),
            reads: vec![Source::Input(0)].try_into().expect("one is few"),
            grid: [5, 3, 2],
        }),
        checker: None,
        inputs: vec![InputRef {
            hash: [7; 32],
            length: 4_096,
        }]
        .try_into()
        .expect("one input is few"),
        assurance: ALL_TILES,
        price: PriceRange {
            floor: 100,
            ceiling: 1_100,
        },
        auction: 10,
        compute: 8,
        source: Endpoint {
            key: [9; 32],
            address: Address::V4 {
                ip: [127, 0, 0, 1],
                port: 4_433,
            },
        },
        requirements: Requirements::default(),
        asset: None,
    }
}

/// The chain at block 1 with funded accounts, two staked providers and one registered kernel.
pub(crate) struct TestExt;

impl TestExt {
    /// Runs a test and then checks every invariant.
    pub(crate) fn execute(test: impl FnOnce()) {
        Self::bare(|| {
            let code = kernel().encode().try_into().expect("the kernel is short");
            JobsPallet::register_kernel(RuntimeOrigin::signed(author()), code)
                .expect("the kernel is valid");
            System::reset_events();
            test();
        });
    }

    /// The same without the kernel.
    pub(crate) fn bare(test: impl FnOnce()) {
        externalities().execute_with(|| {
            System::set_block_number(1);
            test();
            JobsPallet::do_try_state().expect("every invariant holds");
        });
    }
}

/// The chain at genesis, with all recorded answers forgotten.
pub(crate) fn externalities() -> sp_io::TestExternalities {
    let mut balances: Vec<_> = (1..=9).map(|seed| (account(seed), ENDOWMENT)).collect();
    balances.push((vault(), 1_000 * ENDOWMENT));
    let mut storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .expect("the default genesis is sound");
    pallet_balances::GenesisConfig::<Test> {
        balances,
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("every balance is above the existential deposit");
    answers(|answers| {
        *answers = Answers::default();
        answers.penalty = Some(Penalty::default());
        for provider in [provider(), rival()] {
            answers.stakes.insert(provider, (1_000_000, 0));
        }
    });
    FeeDestination::set(account(9));
    FuelPrice::set(0);
    let mut externalities = sp_io::TestExternalities::from(storage);
    externalities.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    externalities
}

/// Ends the present block, then runs whole blocks up to the start of the extrinsics of `block`.
pub(crate) fn run_to(block: BlockNumber) {
    run_with(block, Weight::MAX);
}

/// The same, with so much weight left for `on_idle` of each block.
pub(crate) fn run_with(block: BlockNumber, idle: Weight) {
    while System::block_number() < block {
        let now = System::block_number();
        <JobsPallet as OnIdle<BlockNumber>>::on_idle(now, idle);
        System::set_block_number(now + 1);
        let mut meter = WeightMeter::new();
        <JobsPallet as OnPoll<BlockNumber>>::on_poll(now + 1, &mut meter);
    }
}

/// Posts the usual job.
pub(crate) fn post() -> JobId {
    let id = NextJob::<Test>::get();
    JobsPallet::post(RuntimeOrigin::signed(requester()), spec()).expect("the usual job is sound");
    id
}

/// Posts the usual job and has the provider accept it.
pub(crate) fn accepted() -> JobId {
    let id = post();
    JobsPallet::accept(RuntimeOrigin::signed(provider()), id, 0).expect("the provider is free");
    id
}

/// Posts the usual job, has it accepted and committed.
pub(crate) fn committed(root: Root) -> JobId {
    let id = accepted();
    let signature = signature(&provider(), id, root);
    JobsPallet::commit(
        frame_system::RawOrigin::Authorized.into(),
        id,
        one(root),
        signature,
    )
    .expect("the commitment is due");
    id
}

/// What is held of an account for a reason.
pub(crate) fn held(reason: HoldReason, account: &AccountId) -> Balance {
    use frame_support::traits::fungible::InspectHold;
    Balances::balance_on_hold(&reason.into(), account)
}

/// Which jobs are on the agenda under a block.
pub(crate) fn due_at(block: BlockNumber) -> Vec<JobId> {
    Agenda::<Test>::get(block).into_inner()
}

/// What an account has free.
pub(crate) fn free(account: &AccountId) -> Balance {
    Balances::free_balance(account)
}

/// This pallet's events since the last call.
pub(crate) fn events() -> Vec<Event<Test>> {
    System::read_events_for_pallet::<Event<Test>>()
}
