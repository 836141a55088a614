// SPDX-License-Identifier: Apache-2.0
//! What clients can call besides Substrate's own RPC.
//!
//! State and computed answers come from storage and runtime APIs; only what the node alone knows has a
//! method of its own.

use crate::{
    service::{FullBackend, FullClient, FullSelectChain, TransactionPool},
    worker_host::WorkerHost,
};
use assay_primitives::AccountId;
use assay_runtime::transactions::OpaqueBlock as Block;
use jsonrpsee::{
    RpcModule,
    types::{ErrorObjectOwned, error::INTERNAL_ERROR_CODE},
};
use polkadot_sdk::{
    pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer},
    sc_consensus_babe::BabeWorkerHandle,
    sc_consensus_babe_rpc::{Babe, BabeApiServer},
    sc_consensus_grandpa::{
        FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
    },
    sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer},
    sc_rpc::SubscriptionTaskExecutor,
    sc_rpc_api::check_if_safe,
    sp_keystore::KeystorePtr,
    substrate_frame_rpc_system::{System, SystemApiServer},
};
use std::{error::Error, sync::Arc};

/// What the methods need to answer.
#[allow(missing_debug_implementations)] // Most of it has none.
pub struct Dependencies {
    /// The chain.
    pub client: Arc<FullClient>,
    /// Transactions not yet in a block.
    pub pool: Arc<TransactionPool>,
    /// Which fork is the best.
    pub select_chain: FullSelectChain,
    /// The keys of this node.
    pub keystore: KeystorePtr,
    /// Epochs, as block production sees them.
    pub babe: BabeWorkerHandle<Block>,
    /// Votes of the current finality round.
    pub voter_state: SharedVoterState,
    /// Who finalises.
    pub authority_set: SharedAuthoritySet<assay_runtime::Hash, assay_runtime::BlockNumber>,
    /// Proofs of finality as they come.
    pub justifications: GrandpaJustificationStream<Block>,
    /// Proofs of finality for earlier blocks.
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
    /// The worker of a provider's node.
    pub worker: Option<WorkerHost>,
}

/// All methods of the node.
pub fn methods(
    dependencies: Dependencies,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
    let Dependencies {
        client,
        pool,
        select_chain,
        keystore,
        babe,
        voter_state,
        authority_set,
        justifications,
        finality_proofs,
        worker,
    } = dependencies;
    let mut module = RpcModule::new(());
    module.merge(System::new(client.clone(), pool).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    module.merge(Babe::new(client, babe, keystore, select_chain).into_rpc())?;
    module.merge(
        Grandpa::new(
            executor,
            authority_set,
            voter_state,
            justifications,
            finality_proofs,
        )
        .into_rpc(),
    )?;
    if let Some(worker) = worker {
        module.merge(worker_methods(worker)?)?;
    }
    Ok(module)
}

/// `assay_workerStatus` tells what the worker is and does. `assay_proveWorker(stash)` signs with the worker
/// key what `providers.register` asks for, and is answered to callers on this machine only.
fn worker_methods(
    worker: WorkerHost,
) -> Result<RpcModule<WorkerHost>, Box<dyn Error + Send + Sync>> {
    let mut module = RpcModule::new(worker);
    module.register_method("assay_workerStatus", |_, worker, _| worker.status())?;
    module.register_method("assay_proveWorker", |parameters, worker, extensions| {
        check_if_safe(extensions).map_err(ErrorObjectOwned::from)?;
        let stash: AccountId = parameters.one()?;
        worker
            .prove(&stash)
            .map_err(|error| ErrorObjectOwned::owned(INTERNAL_ERROR_CODE, error, None::<()>))
    })?;
    Ok(module)
}
