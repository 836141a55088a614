// SPDX-License-Identifier: Apache-2.0
//! Runs the provider's worker inside the node and gives it the mailbox and the chain.

use crate::{
    cli::{EngineChoice, ProviderParams},
    service::FullClient,
};
use assay_primitives::{
    AccountId, Hash, MILLI_UNIT,
    api::JobsApi,
    duty::WORKER_KEY_TYPE,
    provider::{Hardware, MAX_DEVICE},
};
use assay_runtime::configs::system::MILLIS_PER_BLOCK;
use assay_verifier::Root;
use assay_worker::{
    Config, Worker,
    activity::ActivityMonitor,
    duties::Chain,
    engine::{Adapter, Engine, EngineError, GpuEngine, MachineEngine, adapters, probe},
    mailbox::{LocalStorage, Mailbox},
    store::{Endpoint, Store},
};
use polkadot_sdk::{
    sc_service::{Error, TaskManager},
    sp_api::ProvideRuntimeApi,
    sp_blockchain::HeaderBackend,
    sp_core::{
        offchain::{OffchainStorage, STORAGE_PREFIX},
        sr25519,
    },
    sp_keystore::KeystorePtr,
};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// What a client can be told of the worker.
#[derive(Clone)]
pub struct WorkerHost {
    worker: sr25519::Public,
    endpoint: Endpoint,
    engine: String,
    hardware: Hardware,
    activity: ActivityMonitor,
    keystore: KeystorePtr,
    genesis: Hash,
}

impl std::fmt::Debug for WorkerHost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("WorkerHost")
            .field("worker", &self.worker)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

/// The node's off-chain storage, where the runtime's off-chain worker reads and writes too.
struct NodeStorage<S>(Mutex<S>);

impl<S: OffchainStorage> LocalStorage for NodeStorage<S> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let storage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        storage.get(STORAGE_PREFIX, key)
    }

    fn set(&self, key: &[u8], value: &[u8]) {
        let mut storage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        storage.set(STORAGE_PREFIX, key, value);
    }
}

/// The chain as the worker sees it.
struct NodeChain(Arc<FullClient>);

impl Chain for NodeChain {
    fn kernel(&self, hash: Root) -> Option<Vec<u8>> {
        let best = self.0.info().best_hash;
        let view = self.0.runtime_api().kernel(best, hash).ok()?;
        Some(view?.code)
    }
}

impl WorkerHost {
    /// Starts the worker. `folder` is where it keeps its files unless the operator names another.
    pub async fn start<S: OffchainStorage + 'static>(
        params: &ProviderParams,
        folder: &Path,
        client: Arc<FullClient>,
        storage: S,
        keystore: KeystorePtr,
        task_manager: &TaskManager,
    ) -> Result<Self, Error> {
        let failed = |error: &dyn std::fmt::Display| {
            Error::Other(format!("the worker cannot start: {error}"))
        };
        let folder = params.provider_path.as_deref().unwrap_or(folder);
        let worker_key = worker_key(&keystore).map_err(|error| failed(&error))?;
        let engine = open_engine(params).map_err(|error| failed(&error))?;
        let store = Store::open(&folder.join("store"), params.provider_listen)
            .await
            .map_err(|error| failed(&error))?;
        let genesis = client.info().genesis_hash;
        // What was computed and signed for one chain says nothing about another's job of the same number.
        let own = format!(
            "chain-{}",
            hex::encode(genesis.as_bytes().get(..8).unwrap_or_default())
        );
        let mut config = Config::new(folder.join(own));
        config.price = u128::from(params.provider_price).saturating_mul(MILLI_UNIT);
        config.block_millis = MILLIS_PER_BLOCK;
        let endpoint = store.endpoint();
        let worker = Worker::new(
            config,
            Arc::new(NodeChain(client)),
            Mailbox::new(Arc::new(NodeStorage(Mutex::new(storage)))),
            store,
            engine.clone(),
        )
        .map_err(|error| failed(&error))?;
        let worker = Arc::new(worker);
        let host = Self {
            worker: worker_key,
            endpoint,
            engine: engine.name(),
            hardware: hardware(engine.as_ref()).map_err(|error| failed(&error))?,
            activity: worker.activity(),
            keystore,
            genesis,
        };
        log::info!(
            target: "assay::worker",
            "worker key 0x{} computes on {} at {:.2} billion fuel a second, serves blobs on {}",
            hex::encode(worker_key.0),
            host.engine,
            engine.fuel_per_second() as f64 / 1e9,
            endpoint.address,
        );
        task_manager
            .spawn_handle()
            .spawn("assay-worker", Some("assay"), worker.run());
        Ok(host)
    }

    /// What the worker is, and what it does.
    pub fn status(&self) -> serde_json::Value {
        let activity = self.activity.now().map(|activity| {
            serde_json::json!({
                "job": activity.job,
                "stage": activity.stage,
                "done": activity.done,
                "total": activity.total,
                "rate": activity.rate,
            })
        });
        serde_json::json!({
            "worker": format!("0x{}", hex::encode(self.worker.0)),
            "endpoint": format!("0x{}", hex::encode(self.endpoint.key)),
            "address": self.endpoint.address,
            "engine": self.engine,
            "class": self.hardware.class,
            "probe": format!("0x{}", hex::encode(self.hardware.probe)),
            "speed": self.hardware.speed,
            "memory": self.hardware.memory,
            "activity": activity,
        })
    }

    /// The worker key's signature that shows that it may work for a stash.
    pub fn prove(&self, stash: &AccountId) -> Result<String, String> {
        let payload = pallet_providers::worker_proof_payload(self.genesis, stash);
        match self
            .keystore
            .sr25519_sign(WORKER_KEY_TYPE, &self.worker, &payload)
        {
            Ok(Some(signature)) => Ok(format!("0x{}", hex::encode(signature.0))),
            Ok(None) => Err("the keystore does not hold the worker key any more".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Opens what computes, and checks and measures it.
fn open_engine(params: &ProviderParams) -> Result<Arc<dyn Engine>, String> {
    let failed = |error: EngineError| {
        format!("{error}. Without a GPU, --provider-engine machine computes on the processor")
    };
    match params.provider_engine {
        EngineChoice::Machine => match MachineEngine::new() {
            Ok(engine) => Ok(Arc::new(engine)),
            Err(error) => Err(error.to_string()),
        },
        EngineChoice::Gpu => {
            for Adapter {
                name,
                driver,
                backend,
                ..
            } in adapters()
            {
                log::info!(target: "assay::worker", "adapter: {name} ({driver}, {backend})");
            }
            let engine = GpuEngine::new(params.provider_adapter.as_deref()).map_err(failed)?;
            Ok(Arc::new(engine))
        }
    }
}

/// What the chain is told of an engine, but for what only the operator knows.
fn hardware(engine: &dyn Engine) -> Result<Hardware, EngineError> {
    let class = engine.class();
    let mut device = engine.name().into_bytes();
    device.truncate(MAX_DEVICE as usize);
    Ok(Hardware {
        device: device.try_into().unwrap_or_default(),
        class,
        probe: probe::digest(class)?,
        speed: engine.fuel_per_second(),
        memory: u32::try_from(engine.largest_input() >> 20).unwrap_or(u32::MAX),
        ..Hardware::default()
    })
}

/// The worker key of the keystore, made on the first start.
fn worker_key(keystore: &KeystorePtr) -> Result<sr25519::Public, String> {
    match keystore.sr25519_public_keys(WORKER_KEY_TYPE).first() {
        Some(key) => Ok(*key),
        None => keystore
            .sr25519_generate_new(WORKER_KEY_TYPE, None)
            .map_err(|error| format!("the keystore cannot make a worker key: {error}")),
    }
}
