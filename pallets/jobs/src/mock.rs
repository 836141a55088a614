// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet alone; stakes, slashing and verification only record what they are asked.

mod trace;

pub(crate) use trace::{Asked, Trace};

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
    duty::{Duty, WorkerPair, WorkerSignature, payload},
    job::{Address, AssetId, Endpoint, JobSpec, Pass, PerPass, PriceRange, Source},
    provider::Requirements,
};
use assay_verifier::{Root, sampling::Assurance, witness::InputRef};
use codec::Encode;
use frame_support::{
    derive_impl, parameter_types,
    traits::{AsEnsureOriginWithArg, ConstU32, ConstU128, OnIdle, OnPoll, fungibles},
    weights::{Weight, WeightMeter},
};
use frame_system::{EnsureRoot, EnsureSigned};
use polkadot_sdk::{
    pallet_assets, pallet_assets_holder, pallet_balances,
    sp_core::Pair,
    sp_io,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
};
use sp_runtime::{BuildStorage, FixedU128, Permill, traits::IdentityLookup};

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
    let duty = Duty::Commit {
        terms: terms(job),
        roots: vec![root],
    };
    pair(signer).sign(&payload(genesis, job, &duty))
}

/// The hash of a job's terms; zeros where there is no job.
pub(crate) fn terms(job: JobId) -> [u8; 32] {
    crate::Jobs::<Test>::get(job).map_or([0; 32], |job| job.spec.hash())
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
    trace::reset([provider(), rival()], 1_000_000);
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
