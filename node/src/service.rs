// SPDX-License-Identifier: Apache-2.0
//! Puts the node together: chain, network, consensus, off-chain worker and, for providers, the worker.

use crate::{cli::ProviderParams, equivocation::Reporting, rpc, worker_host::WorkerHost};
use assay_runtime::{BlockNumber, apis::RuntimeApi, transactions::OpaqueBlock as Block};
use futures::{FutureExt, StreamExt};
use polkadot_sdk::{
    sc_authority_discovery, sc_basic_authorship, sc_client_api, sc_consensus, sc_consensus_babe,
    sc_consensus_grandpa, sc_executor, sc_network, sc_offchain, sc_service, sc_storage_monitor,
    sc_telemetry, sc_transaction_pool, sc_transaction_pool_api, sp_blockchain, sp_consensus_babe,
    sp_io, sp_timestamp,
};
use sc_client_api::{Backend, BlockBackend};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, SlotProportion};
use sc_consensus_grandpa::{GrandpaBlockImport, GrandpaPruningFilter, LinkHalf, SharedVoterState};
use sc_executor::{DEFAULT_HEAP_ALLOC_STRATEGY, HeapAllocStrategy};
use sc_network::{NetworkBackend, NetworkEventStream, config::NetworkBackendType};
use sc_service::{
    Configuration, Error as ServiceError, PartialComponents, TaskManager, WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::inherents::BabeCreateInherentDataProviders;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Runs the runtime's wasm. No host functions of our own: every tool that runs Substrate runtimes runs this one.
type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;

/// The chain and its runtime API.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;

/// The chain's database.
pub type FullBackend = sc_service::TFullBackend<Block>;

/// The rule by which a fork is chosen.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;

/// Transactions that wait for a block.
pub type TransactionPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;

type FullGrandpaImport = GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;

pub(crate) type FullBabeImport = BabeBlockImport<
    Block,
    FullClient,
    FullGrandpaImport,
    BabeCreateInherentDataProviders<Block>,
    FullSelectChain,
>;

/// What consensus needs beyond the usual parts of a node.
#[allow(missing_debug_implementations)] // Its parts have none.
pub struct Consensus {
    block_import: FullBabeImport,
    babe: BabeLink<Block>,
    babe_worker: BabeWorkerHandle<Block>,
    grandpa: LinkHalf<Block, FullClient, FullSelectChain>,
    telemetry: Option<Telemetry>,
}

/// The parts of a node before it has a network.
pub type Partial = PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    TransactionPool,
    Consensus,
>;

/// At most so many blocks pass between two proofs of finality that are kept.
const JUSTIFICATION_PERIOD: u32 = 512;

/// What runs the runtime. As [`sc_service::new_wasm_executor`] makes it, but what was compiled is kept in a folder.
fn executor(config: &Configuration, compiled_path: Option<PathBuf>) -> Executor {
    let compiled_path = compiled_path.unwrap_or_else(|| config.base_path.path().join("compiled"));
    let config = &config.executor;
    let heap = config
        .default_heap_pages
        .map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| {
            HeapAllocStrategy::Static {
                extra_pages: u32::try_from(pages).unwrap_or(u32::MAX),
            }
        });
    Executor::builder()
        .with_execution_method(config.wasm_method)
        .with_onchain_heap_alloc_strategy(heap)
        .with_offchain_heap_alloc_strategy(heap)
        .with_max_runtime_instances(config.max_runtime_instances)
        .with_runtime_cache_size(config.runtime_cache_size)
        .with_cache_path(compiled_path)
        .build()
}

/// Builds the parts that also serve the commands that work on the database alone.
pub fn new_partial(
    config: &Configuration,
    compiled_path: Option<PathBuf>,
) -> Result<Partial, ServiceError> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;
    let executor = executor(config, compiled_path);
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            // Blocks with a proof of finality stay, so that pruned nodes can serve warp sync.
            vec![Arc::new(GrandpaPruningFilter)],
        )?;
    let client = Arc::new(client);
    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager
            .spawn_handle()
            .spawn("telemetry", None, worker.run());
        telemetry
    });
    let select_chain = sc_consensus::LongestChain::new(backend.clone());
    let transaction_pool = Arc::from(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );
    let (grandpa_import, grandpa) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry.as_ref().map(Telemetry::handle),
    )?;
    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let (block_import, babe) = sc_consensus_babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        Arc::new(move |_, ()| async move { Ok(inherent_data(slot_duration)) })
            as BabeCreateInherentDataProviders<Block>,
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;
    let (import_queue, babe_worker) =
        sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
            link: babe.clone(),
            block_import: Reporting::new(
                block_import.clone(),
                client.clone(),
                OffchainTransactionPoolFactory::new(transaction_pool.clone()),
            ),
            justification_import: Some(Box::new(grandpa_import)),
            client: client.clone(),
            slot_duration,
            spawner: &task_manager.spawn_essential_handle(),
            registry: config.prometheus_registry(),
            telemetry: telemetry.as_ref().map(Telemetry::handle),
        })?;
    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        keystore_container,
        select_chain,
        import_queue,
        transaction_pool,
        other: Consensus {
            block_import,
            babe,
            babe_worker,
            grandpa,
            telemetry,
        },
    })
}

/// What a block's author says of the time.
fn inherent_data(
    slot_duration: sp_consensus_babe::SlotDuration,
) -> (
    sp_consensus_babe::inherents::InherentDataProvider,
    sp_timestamp::InherentDataProvider,
) {
    let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
    let slot = sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
        *timestamp,
        slot_duration,
    );
    (slot, timestamp)
}

/// Takes consensus back with the chain.
pub fn revert_consensus(
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    blocks: BlockNumber,
) -> sp_blockchain::Result<()> {
    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
    sc_consensus_grandpa::revert(client, blocks)?;
    Ok(())
}

/// Starts a node.
pub async fn new_full(
    config: Configuration,
    compiled_path: Option<PathBuf>,
    provider: ProviderParams,
    storage_monitor: sc_storage_monitor::StorageMonitorParams,
) -> Result<TaskManager, ServiceError> {
    match config.network.network_backend {
        NetworkBackendType::Libp2p => {
            start::<sc_network::NetworkWorker<_, _>>(
                config,
                compiled_path,
                provider,
                storage_monitor,
            )
            .await
        }
        NetworkBackendType::Litep2p => {
            start::<sc_network::Litep2pNetworkBackend>(
                config,
                compiled_path,
                provider,
                storage_monitor,
            )
            .await
        }
    }
}

async fn start<Network: NetworkBackend<Block, assay_runtime::Hash>>(
    config: Configuration,
    compiled_path: Option<PathBuf>,
    provider: ProviderParams,
    storage_monitor: sc_storage_monitor::StorageMonitorParams,
) -> Result<TaskManager, ServiceError> {
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other:
            Consensus {
                block_import,
                babe,
                babe_worker,
                grandpa,
                mut telemetry,
            },
    } = new_partial(&config, compiled_path)?;

    let metrics = Network::register_notification_metrics(config.prometheus_registry());
    let mut net_config = sc_network::config::FullNetworkConfiguration::<_, _, Network>::new(
        &config.network,
        config.prometheus_registry().cloned(),
    );
    let genesis_hash = client
        .block_hash(0)?
        .ok_or_else(|| ServiceError::Other("the database has no genesis block".into()))?;
    let grandpa_protocol =
        sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
    let (grandpa_peers, grandpa_notifications) =
        sc_consensus_grandpa::grandpa_peers_set_config::<_, Network>(
            grandpa_protocol.clone(),
            metrics.clone(),
            net_config.peer_store_handle(),
        );
    net_config.add_notification_protocol(grandpa_peers);
    let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    if config.offchain_worker.enabled {
        let offchain = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            is_validator: config.role.is_authority(),
            keystore: Some(keystore_container.keystore()),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(OffchainTransactionPoolFactory::new(
                transaction_pool.clone(),
            )),
            network_provider: Arc::new(network.clone()),
            enable_http_requests: false,
            custom_extensions: |_| Vec::new(),
        })?;
        task_manager.spawn_handle().spawn(
            "offchain-workers-runner",
            "offchain-worker",
            offchain
                .run(client.clone(), task_manager.spawn_handle())
                .boxed(),
        );
    }

    sc_storage_monitor::StorageMonitorService::try_spawn(
        storage_monitor,
        config.database.path().map(Into::into).unwrap_or_default(),
        &task_manager.spawn_essential_handle(),
    )
    .map_err(|error| ServiceError::Application(error.into()))?;

    let role = config.role;
    let force_authoring = config.force_authoring;
    // On a laptop or in a private network validators have no other addresses.
    let publish_non_global_ips = config.network.allow_non_globals_in_dht;
    let net_config_path = config.network.net_config_path.clone();
    let name = config.network.node_name.clone();
    let enable_grandpa = !config.disable_grandpa;
    let prometheus_registry = config.prometheus_registry().cloned();
    let voter_state = SharedVoterState::empty();

    let worker = match (provider.provider, backend.offchain_storage()) {
        (false, _) => None,
        (true, None) => {
            return Err(ServiceError::Other(
                "the database has no off-chain storage".into(),
            ));
        }
        (true, Some(storage)) => {
            let folder = config
                .base_path
                .config_dir(config.chain_spec.id())
                .join("worker");
            let keystore = keystore_container.keystore();
            let host = WorkerHost::start(
                &provider,
                &folder,
                client.clone(),
                storage,
                keystore,
                &task_manager,
            );
            Some(host.await?)
        }
    };

    let rpc_builder = {
        let client = client.clone();
        let pool = transaction_pool.clone();
        let select_chain = select_chain.clone();
        let keystore = keystore_container.keystore();
        let voter_state = voter_state.clone();
        let authority_set = grandpa.shared_authority_set().clone();
        let justifications = grandpa.justification_stream();
        let finality_proofs = sc_consensus_grandpa::FinalityProofProvider::new_for_service(
            backend.clone(),
            Some(authority_set.clone()),
        );
        Box::new(move |executor| {
            rpc::methods(
                rpc::Dependencies {
                    client: client.clone(),
                    pool: pool.clone(),
                    select_chain: select_chain.clone(),
                    keystore: keystore.clone(),
                    babe: babe_worker.clone(),
                    voter_state: voter_state.clone(),
                    authority_set: authority_set.clone(),
                    justifications: justifications.clone(),
                    finality_proofs: finality_proofs.clone(),
                    worker: worker.clone(),
                },
                executor,
            )
            .map_err(Into::into)
        })
    };
    sc_service::spawn_tasks(sc_service::SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore_container.keystore(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder,
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    if role.is_authority() {
        let (discovery, _service) =
            sc_authority_discovery::new_worker_and_service_with_config(
                sc_authority_discovery::WorkerConfig {
                    publish_non_global_ips,
                    persisted_cache_directory: net_config_path,
                    ..Default::default()
                },
                client.clone(),
                Arc::new(network.clone()),
                Box::pin(network.event_stream("authority-discovery").filter_map(
                    |event| async move {
                        match event {
                            sc_network::Event::Dht(event) => Some(event),
                            _ => None,
                        }
                    },
                )),
                sc_authority_discovery::Role::PublishAndDiscover(keystore_container.keystore()),
                prometheus_registry.clone(),
                task_manager.spawn_handle(),
            );
        task_manager.spawn_handle().spawn(
            "authority-discovery-worker",
            Some("networking"),
            discovery.run(),
        );

        let slot_duration = babe.config().slot_duration();
        let proposer = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            transaction_pool.clone(),
            prometheus_registry.as_ref(),
            telemetry.as_ref().map(Telemetry::handle),
        );
        let authoring = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
            keystore: keystore_container.keystore(),
            client: client.clone(),
            select_chain,
            env: proposer,
            block_import,
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            create_inherent_data_providers: move |_, ()| async move { Ok(inherent_data(slot_duration)) },
            force_authoring,
            backoff_authoring_blocks: Some(
                polkadot_sdk::sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging::default(),
            ),
            babe_link: babe,
            block_proposal_slot_portion: SlotProportion::new(2f32 / 3f32),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.as_ref().map(Telemetry::handle),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking(
            "babe-proposer",
            Some("block-authoring"),
            authoring,
        );
    }

    if enable_grandpa {
        let keystore = role.is_authority().then(|| keystore_container.keystore());
        let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: Duration::from_millis(333),
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                keystore,
                local_role: role,
                telemetry: telemetry.as_ref().map(Telemetry::handle),
                protocol_name: grandpa_protocol,
            },
            link: grandpa,
            network,
            sync: sync_service,
            notification_service: grandpa_notifications,
            voting_rule: sc_consensus_grandpa::VotingRulesBuilder::default().build(),
            prometheus_registry,
            shared_voter_state: voter_state,
            telemetry: telemetry.as_ref().map(Telemetry::handle),
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        })?;
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("grandpa-voter", None, voter);
    }
    Ok(task_manager)
}
