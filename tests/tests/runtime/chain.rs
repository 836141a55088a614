// SPDX-License-Identifier: Apache-2.0
//! A chain of the real runtime in memory, which can be forked at any block.

use crate::workers::Workers;
use assay_primitives::{
    AccountId, Balance, BlockNumber, Hash, UNIT,
    duty::WORKER_KEY_TYPE,
    job::{Address as Socket, Endpoint, JobSpec, Pass, PriceRange, Source},
    provider::{GenesisHardware, Requirements},
};
use assay_runtime::{
    Babe, BabeConfig, Balances, BalancesConfig, Executive, Header, Jobs, Providers,
    ProvidersConfig, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, SessionConfig,
    SessionKeys, Slashing, SlashingConfig, SudoConfig, System, TxExtension, UncheckedExtrinsic,
    Verifier, VerifierConfig,
    configs::{consensus::BABE_EPOCH_CONFIG, system::MILLIS_PER_BLOCK},
    transactions::{Address, SignedPayload, extension},
};
use assay_tests::kernel;
use assay_verifier::{Root, sampling::Assurance, witness::InputRef};
use codec::{Decode, Encode};
use pallet_providers::types::GenesisProvider;
use pallet_slashing::rules::Mode;
use pallet_verifier::Windows;
use polkadot_sdk::{
    frame_support::storage::{TransactionOutcome, transactional::with_transaction_unchecked},
    frame_system, pallet_timestamp, pallet_transaction_payment, sp_consensus_babe, sp_core, sp_io,
    sp_keyring, sp_keystore, sp_runtime,
};
use sp_consensus_babe::{
    BABE_ENGINE_ID, Slot,
    digests::{PreDigest, SecondaryVRFPreDigest},
    make_vrf_sign_data,
};
use sp_core::{
    Pair,
    crypto::VrfSecret,
    offchain::{
        OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
        testing::{TestOffchainExt, TestTransactionPoolExt},
    },
    sr25519,
};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{
    BuildStorage, Digest, DigestItem,
    generic::{Era, Preamble},
    traits::Header as _,
    transaction_validity::TransactionSource,
};
use std::rc::Rc;

/// What each account starts with.
const ENDOWMENT: Balance = 100_000 * UNIT;

/// The stake of each provider.
pub(crate) const STAKE: Balance = 1_000 * UNIT;

/// The stashes of the providers; the first four also validate.
pub(crate) const STASHES: [Sr25519Keyring; 6] = [
    Sr25519Keyring::Alice,
    Sr25519Keyring::Bob,
    Sr25519Keyring::Charlie,
    Sr25519Keyring::Dave,
    Sr25519Keyring::Eve,
    Sr25519Keyring::Ferdie,
];

/// Who posts jobs.
pub(crate) const REQUESTERS: [Sr25519Keyring; 2] = [Sr25519Keyring::One, Sr25519Keyring::Two];

/// The slot of the first block.
const FIRST_SLOT: u64 = 1_000;

/// The hash of the kernel that all jobs run.
pub(crate) fn kernel_hash() -> Root {
    *blake3::hash(&kernel::kernel().encode()).as_bytes()
}

/// The terms of a job of so many tiles.
pub(crate) fn spec(
    tiles: u32,
    auction: BlockNumber,
    compute: BlockNumber,
) -> JobSpec<Balance, BlockNumber> {
    let pass = Pass {
        kernel: kernel_hash(),
        parameters: Default::default(),
        reads: vec![Source::Input(0)].try_into().expect("one input"),
        grid: [tiles, 1, 1],
    };
    JobSpec {
        passes: vec![pass].try_into().expect("one pass"),
        checker: None,
        inputs: vec![InputRef::of(&kernel::input())]
            .try_into()
            .expect("one input"),
        assurance: Assurance::DEFAULT,
        price: PriceRange {
            floor: UNIT,
            ceiling: 10 * UNIT,
        },
        auction,
        compute,
        source: endpoint(),
        requirements: Requirements::default(),
        asset: None,
    }
}

fn endpoint() -> Endpoint {
    Endpoint {
        key: [7; 32],
        address: Socket::V4 {
            ip: [127, 0, 0, 1],
            port: 1,
        },
    }
}

/// The secret name of a stash's worker key.
fn worker_of(stash: Sr25519Keyring) -> String {
    format!("{}//worker", stash.to_seed())
}

fn genesis(windows: Windows) -> RuntimeGenesisConfig {
    let worker = |stash: Sr25519Keyring| {
        sr25519::Pair::from_string(&worker_of(stash), None)
            .expect("a development name")
            .public()
    };
    let accounts = STASHES.iter().chain(&REQUESTERS);
    let mut balances: Vec<_> = accounts
        .map(|key| (key.to_account_id(), ENDOWMENT))
        .collect();
    balances.extend(STASHES.map(|stash| (AccountId::from(worker(stash)), UNIT)));
    let validators = STASHES.iter().zip(Ed25519Keyring::iter()).take(4);
    RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances,
            ..Default::default()
        },
        babe: BabeConfig {
            epoch_config: BABE_EPOCH_CONFIG,
            ..Default::default()
        },
        providers: ProvidersConfig {
            providers: STASHES
                .iter()
                .enumerate()
                .map(|(place, stash)| GenesisProvider {
                    stash: stash.to_account_id(),
                    stake: STAKE,
                    worker: worker(*stash),
                    endpoint: endpoint(),
                    hardware: GenesisHardware::default(),
                    validator: place < 4,
                })
                .collect(),
            ..Default::default()
        },
        session: SessionConfig {
            keys: validators
                .map(|(babe, grandpa)| {
                    let keys = SessionKeys {
                        babe: babe.public().into(),
                        grandpa: grandpa.public().into(),
                        authority_discovery: babe.public().into(),
                    };
                    (babe.to_account_id(), babe.to_account_id(), keys)
                })
                .collect(),
            ..Default::default()
        },
        sudo: SudoConfig {
            key: Some(Sr25519Keyring::Alice.to_account_id()),
        },
        slashing: SlashingConfig {
            mode: Mode::Armed,
            ..Default::default()
        },
        verifier: VerifierConfig {
            windows,
            ..Default::default()
        },
        ..Default::default()
    }
}

/// Runs something on a new chain whose kernel is registered.
pub(crate) fn on_chain(windows: Windows, run: impl FnOnce(&mut Chain, &mut Workers)) {
    let storage = genesis(windows)
        .build_storage()
        .expect("the genesis builds");
    let mut externalities = sp_io::TestExternalities::new(storage);
    let (offchain, _) = TestOffchainExt::new();
    let (pool, waiting) = TestTransactionPoolExt::new();
    let keystore = MemoryKeystore::new();
    for stash in STASHES {
        keystore
            .sr25519_generate_new(WORKER_KEY_TYPE, Some(&worker_of(stash)))
            .expect("the keystore takes keys");
    }
    externalities.register_extension(OffchainDbExt::new(offchain.clone()));
    externalities.register_extension(OffchainWorkerExt::new(offchain));
    externalities.register_extension(TransactionPoolExt::new(pool));
    externalities.register_extension(KeystoreExt::new(keystore));
    externalities.execute_with(|| {
        let mut chain = Chain {
            slot: FIRST_SLOT,
            head: header(0, Hash::default(), Digest::default()),
            parent: System::block_hash(0),
            pool: Vec::new(),
            submitted: Rc::new(move || std::mem::take(&mut waiting.write().transactions)),
            issued: Balances::total_issuance(),
            events: Vec::new(),
        };
        let register = pallet_jobs::Call::register_kernel {
            code: kernel::kernel()
                .encode()
                .try_into()
                .expect("a short kernel"),
        };
        chain.submit(REQUESTERS[0], register);
        let mut workers = Workers::new();
        chain.step(&mut workers);
        run(&mut chain, &mut workers);
    });
}

/// The state is the externalities'; here is what a node knows besides.
#[derive(Clone)]
pub(crate) struct Chain {
    slot: u64,
    head: Header,
    /// Its hash, which of the genesis is what the runtime takes for it.
    parent: Hash,
    /// Transactions that wait for the next block.
    pool: Vec<UncheckedExtrinsic>,
    /// Where the off-chain worker leaves its transactions.
    submitted: Rc<dyn Fn() -> Vec<Vec<u8>>>,
    /// All the money that there should be.
    issued: Balance,
    /// What has happened, on this branch.
    pub(crate) events: Vec<RuntimeEvent>,
}

impl Chain {
    /// Runs something on a branch that is dropped then. Slots go on, and whatever is not state stays: what workers
    /// have found and what the off-chain worker has noted.
    pub(crate) fn branch<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let mut branch = self.clone();
        let result = with_transaction_unchecked(|| TransactionOutcome::Rollback(run(&mut branch)));
        self.slot = branch.slot;
        result
    }

    /// Signs a call and puts it into the pool.
    pub(crate) fn submit(&mut self, signer: Sr25519Keyring, call: impl Into<RuntimeCall>) {
        let account = signer.to_account_id();
        let waiting = self.pool.iter().filter(|waiting| {
            matches!(&waiting.preamble, Preamble::Signed(Address::Id(by), ..) if *by == account)
        });
        let ahead = u32::try_from(waiting.count()).expect("a short pool");
        let nonce = System::account_nonce(&account) + ahead;
        let extension: TxExtension = extension(Era::Immortal, nonce);
        let payload = SignedPayload::new(call.into(), extension).expect("nothing is missing");
        let signature = payload.using_encoded(|bytes| signer.sign(bytes));
        let (call, extension, _) = payload.deconstruct();
        self.wait_for_block(UncheckedExtrinsic::new_signed(
            call,
            Address::Id(account),
            signature.into(),
            extension,
        ));
    }

    /// Puts a transaction into the pool, once.
    pub(crate) fn wait_for_block(&mut self, transaction: UncheckedExtrinsic) {
        if !self.pool.contains(&transaction) {
            self.pool.push(transaction);
        }
    }

    /// Makes a block of all that waits and lets the nodes work. The answer is what was in it.
    pub(crate) fn step(&mut self, workers: &mut Workers) -> Vec<UncheckedExtrinsic> {
        let waiting = std::mem::take(&mut self.pool);
        let included = self.block(waiting);
        self.work(workers);
        included
    }

    /// Makes a block of what it can of some transactions, and checks all invariants and the money. The answer is what
    /// was in it.
    pub(crate) fn block(
        &mut self,
        transactions: Vec<UncheckedExtrinsic>,
    ) -> Vec<UncheckedExtrinsic> {
        self.block_at(self.head.number + 1, transactions)
    }

    /// The same so many blocks later, as if nothing had happened in between.
    pub(crate) fn block_at(
        &mut self,
        number: BlockNumber,
        transactions: Vec<UncheckedExtrinsic>,
    ) -> Vec<UncheckedExtrinsic> {
        self.slot += u64::from(number - self.head.number);
        let digest = Digest {
            logs: vec![DigestItem::PreRuntime(
                BABE_ENGINE_ID,
                self.claim().encode(),
            )],
        };
        if number > self.head.number + 1 {
            // The blocks in between would have done both.
            System::set_block_number(number - 1);
            let _forgotten = pallet_verifier::Seeds::<Runtime>::clear(u32::MAX, None);
        }
        Executive::initialize_block(&header(number, self.parent, digest));
        let now = self.slot * MILLIS_PER_BLOCK;
        let time = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now });
        Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(time))
            .expect("the time is valid")
            .expect("the time is set");
        let included = transactions
            .into_iter()
            .filter(|transaction| Executive::apply_extrinsic(transaction.clone()).is_ok())
            .collect();
        self.head = Executive::finalize_block();
        self.parent = self.head.hash();
        self.account_for_events();
        check_state();
        assert_eq!(Balances::total_issuance(), self.issued, "money is missing");
        included
    }

    /// How the author of this slot proves that it may make a block.
    fn claim(&self) -> PreDigest {
        let authorities = Babe::authorities();
        let slot = Slot::from(self.slot);
        let place = usize::try_from(self.slot).expect("64 bits") % authorities.len();
        let author = STASHES
            .iter()
            .find(|key| key.public() == sr25519::Public::from(authorities[place].0.clone()))
            .expect("the validators are known");
        let data = make_vrf_sign_data(&Babe::randomness(), slot, Babe::current_epoch().epoch_index);
        PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
            authority_index: u32::try_from(place).expect("few"),
            slot,
            vrf_signature: author.pair().vrf_sign(&data),
        })
    }

    /// Notes what has happened, and what of it has burned money.
    fn account_for_events(&mut self) {
        for record in System::read_events_no_consensus() {
            let burned = match &record.event {
                RuntimeEvent::TransactionPayment(
                    pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
                ) => *actual_fee,
                RuntimeEvent::Providers(pallet_providers::Event::StakeSlashed {
                    burned, ..
                }) => *burned,
                RuntimeEvent::Verifier(pallet_verifier::Event::DemandSettled {
                    burned, ..
                }) => *burned,
                _ => 0,
            };
            self.issued -= burned;
            self.events.push(record.event);
        }
    }

    /// Runs the off-chain worker until it has nothing new to say, and takes its transactions into the pool.
    pub(crate) fn work(&mut self, workers: &mut Workers) {
        let head = self.head.clone();
        let run = || {
            with_transaction_unchecked(|| {
                Executive::offchain_worker(&head);
                TransactionOutcome::Rollback(())
            });
        };
        run();
        while workers.answer() {
            run();
        }
        for transaction in (self.submitted)() {
            let transaction = UncheckedExtrinsic::decode(&mut transaction.as_slice())
                .expect("the off-chain worker encodes what the runtime decodes");
            let valid = with_transaction_unchecked(|| {
                TransactionOutcome::Rollback(Executive::validate_transaction(
                    TransactionSource::Local,
                    transaction.clone(),
                    self.parent,
                ))
            });
            if valid.is_ok() {
                self.wait_for_block(transaction);
            }
        }
    }

    /// The number of its last block.
    pub(crate) fn height(&self) -> BlockNumber {
        self.head.number
    }
}

/// A header of which nothing is known but its place.
fn header(number: BlockNumber, parent: Hash, digest: Digest) -> Header {
    let unknown = Hash::default();
    Header::new(number, unknown, unknown, parent, digest)
}

/// Checks every invariant of our pallets, and that each unit of money is somebody's.
fn check_state() {
    Providers::do_try_state().expect("providers");
    Slashing::do_try_state().expect("slashing");
    Verifier::do_try_state().expect("verifier");
    Jobs::do_try_state().expect("jobs");
    let accounts = frame_system::Account::<Runtime>::iter_values();
    let sum: Balance = accounts
        .map(|account| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(sum, Balances::total_issuance(), "money is nobody's");
}
