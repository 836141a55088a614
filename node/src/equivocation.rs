// SPDX-License-Identifier: Apache-2.0
//! Reports authors who make two blocks in one slot.
//!
//! BABE's own block import reports them, too, but with headers whose seals were taken off, and a proof without the
//! author's signatures proves nothing to the chain. Here the headers are compared as they were sealed, before BABE
//! sees them: of two reports of the same offence the pool keeps the first.

use crate::service::{FullBabeImport, FullClient};
use assay_runtime::transactions::{Header, OpaqueBlock as Block};
use polkadot_sdk::{
    sc_consensus, sc_consensus_babe, sc_transaction_pool_api, sp_api, sp_blockchain, sp_consensus,
    sp_consensus_babe, sp_runtime,
};
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_consensus_babe::find_pre_digest;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::{BlockOrigin, Error as ConsensusError};
use sp_consensus_babe::{AuthorityId, BabeApi, EquivocationProof, Slot, check_equivocation_proof};
use sp_runtime::traits::Header as _;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// For how many slots the first header of each author is remembered.
pub const MEMORY: u64 = 1_000;

/// The number of an author in its epoch's list.
pub type Author = u32;

/// The first header that was seen of each slot and author, as it was sealed.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<(Slot, Author), Header>);

impl Seen {
    /// Takes a header. The answer is another one of the same slot and author.
    pub fn take(&mut self, slot: Slot, author: Author, header: &Header) -> Option<Header> {
        let first = self
            .0
            .entry((slot, author))
            .or_insert_with(|| header.clone())
            .clone();
        let oldest = slot.saturating_sub(MEMORY);
        self.0 = self.0.split_off(&(oldest, 0));
        (first != *header).then_some(first)
    }
}

/// BABE's block import, behind which every header has been compared with the others of its slot.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // Its parts have none.
pub struct Reporting {
    inner: FullBabeImport,
    client: Arc<FullClient>,
    pool: OffchainTransactionPoolFactory<Block>,
    seen: Arc<Mutex<Seen>>,
}

impl Reporting {
    /// Over BABE's import; reports go to a pool.
    pub fn new(
        inner: FullBabeImport,
        client: Arc<FullClient>,
        pool: OffchainTransactionPoolFactory<Block>,
    ) -> Self {
        Self {
            inner,
            client,
            pool,
            seen: Arc::default(),
        }
    }

    /// Compares a header with those of its slot and reports its author if there is another.
    fn look(&self, header: &Header) -> Result<(), ApiError> {
        // Whatever is wrong with a header is BABE's to say.
        let Ok(claim) = find_pre_digest::<Block>(header) else {
            return Ok(());
        };
        let (slot, author) = (claim.slot(), claim.authority_index());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = seen.take(slot, author, header) else {
            return Ok(());
        };
        drop(seen);
        self.report(slot, author, first, header.clone())
    }

    fn report(
        &self,
        slot: Slot,
        author: Author,
        first_header: Header,
        second_header: Header,
    ) -> Result<(), ApiError> {
        let (parent, best) = (*second_header.parent_hash(), self.client.info().best_hash);
        // An instance of the API answers for one block.
        let api = || self.client.runtime_api();
        // A header that opens an epoch has its author in the list of the next.
        let epochs = [api().current_epoch(parent)?, api().next_epoch(parent)?];
        let proof = |offender: AuthorityId| EquivocationProof {
            offender,
            slot,
            first_header: first_header.clone(),
            second_header: second_header.clone(),
        };
        let Some(proof) = epochs
            .iter()
            .filter_map(|epoch| epoch.authorities.get(usize::try_from(author).ok()?))
            .map(|(offender, _)| proof(offender.clone()))
            .find(|proof| check_equivocation_proof(proof.clone()))
        else {
            return Ok(());
        };
        let mut owner = None;
        for at in [parent, best] {
            if owner.is_none() {
                owner = api().generate_key_ownership_proof(at, slot, proof.offender.clone())?;
            }
        }
        let Some(owner) = owner else { return Ok(()) };
        log::warn!(
            target: "assay::consensus",
            "{} has made two blocks in slot {slot}: {:?} and {:?}",
            proof.offender,
            first_header.hash(),
            second_header.hash(),
        );
        let mut api = api();
        api.register_extension(self.pool.offchain_transaction_pool(best));
        api.submit_report_equivocation_unsigned_extrinsic(best, proof, owner)?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl BlockImport<Block> for Reporting {
    type Error = ConsensusError;

    async fn check_block(
        &self,
        block: BlockCheckParams<Block>,
    ) -> Result<ImportResult, Self::Error> {
        self.inner.check_block(block).await
    }

    async fn import_block(
        &self,
        block: BlockImportParams<Block>,
    ) -> Result<ImportResult, Self::Error> {
        // What a node catches up with was reported by others.
        if block.origin != BlockOrigin::NetworkInitialSync
            && let Err(error) = self.look(&block.post_header())
        {
            log::warn!(target: "assay::consensus", "an equivocation could not be reported: {error}");
        }
        self.inner.import_block(block).await
    }
}
