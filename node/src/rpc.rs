// SPDX-License-Identifier: Apache-2.0
//! What clients can call besides Substrate's own RPC.
//!
//! State and computed answers come from storage and runtime APIs; only what the node alone knows has a
//! method of its own.

use crate::service::{FullBackend, FullClient, FullSelectChain, TransactionPool};
use assay_runtime::transactions::OpaqueBlock as Block;
use jsonrpsee::RpcModule;
use polkadot_sdk::{
    pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer},
    sc_consensus_babe::BabeWorkerHandle,
    sc_consensus_babe_rpc::{Babe, BabeApiServer},
    sc_consensus_grandpa::{
        FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
    },
    sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer},
    sc_rpc::SubscriptionTaskExecutor,
    sp_keystore::KeystorePtr,
    substrate_frame_rpc_system::{System, SystemApiServer},
};
use std::{error::Error, sync::Arc};

/// What the methods need to answer.
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
    Ok(module)
}
