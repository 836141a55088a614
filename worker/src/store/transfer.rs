// SPDX-License-Identifier: Apache-2.0
//! Blobs from one peer, verified against their hash as they arrive.

use super::{Endpoint, partial::Partial};
use assay_verifier::{
    ChainingValue,
    tree::{self, CHUNK_BYTES},
    witness::{InputRef, InputSlice, Page, Witness},
};
use bao_tree::io::{BaoContentItem, Leaf, Parent};
use iroh::{
    Endpoint as Socket, EndpointAddr, PublicKey, TransportAddr,
    endpoint::{Connection, VarInt},
};
use iroh_blobs::{
    Hash,
    get::fsm::{self, AtBlobContent, BlobContentNext, ConnectedNext},
    protocol::{ChunkRanges, ChunkRangesExt, GetRequest},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    ops::Range,
    time::Duration,
};
use tokio::time::timeout;

/// How long a peer may take to answer a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// How long a peer may stay silent in the middle of a transfer.
const SILENCE_PATIENCE: Duration = Duration::from_secs(10);

/// The slowest peer that is waited for, in bytes a second.
const SLOWEST: u64 = 64 * 1024;

/// Why a transfer from one peer failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransferError {
    /// The peer's key is none.
    #[error("its key is not valid")]
    BadKey,
    /// No connection came about.
    #[error("it does not answer")]
    NoAnswer,
    /// The connection or the stream broke, or what came does not belong to the hash.
    #[error("{0}")]
    Broken(String),
    /// The blob there has another length than it must have, or the peer says so.
    #[error("it has {given} bytes under this hash instead of {expected}")]
    WrongLength {
        /// The length that was asked for.
        expected: u64,
        /// The length it says it has.
        given: u64,
    },
    /// Nothing came for a while, or not enough.
    #[error("it is too slow")]
    TooSlow,
    /// The transfer ended before everything was there.
    #[error("it did not send everything")]
    Incomplete,
    /// What came cannot be kept.
    #[error("what came cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

/// A connection to one peer.
pub(super) struct Peer(Connection);

impl Drop for Peer {
    fn drop(&mut self) {
        self.0.close(VarInt::from_u32(0), b"done");
    }
}

impl Peer {
    /// Connects to a peer that proves to hold the endpoint's key.
    pub(super) async fn dial(socket: &Socket, endpoint: &Endpoint) -> Result<Self, TransferError> {
        let key = PublicKey::from_bytes(&endpoint.key).map_err(|_| TransferError::BadKey)?;
        let address = EndpointAddr::from_parts(key, [TransportAddr::Ip(endpoint.address)]);
        let connecting = socket.connect(address, iroh_blobs::ALPN);
        match timeout(CONNECT_PATIENCE, connecting).await {
            Ok(Ok(connection)) => Ok(Self(connection)),
            Ok(Err(error)) => Err(TransferError::Broken(error.to_string())),
            Err(_) => Err(TransferError::NoAnswer),
        }
    }

    /// Brings what is missing at the end of a blob. What came stays, even if the transfer then breaks.
    pub(super) async fn complete(
        &self,
        blob: &InputRef,
        partial: &mut Partial,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), TransferError> {
        let missing = ChunkRanges::bytes(partial.length()..blob.length);
        let bytes = blob.length.saturating_sub(partial.length());
        self.receive(blob, missing, bytes, &mut |item| {
            if let BaoContentItem::Leaf(leaf) = item {
                if leaf.offset != partial.length() {
                    return Err(TransferError::Incomplete);
                }
                partial.append(&leaf.data)?;
                progress(partial.length());
            }
            Ok(())
        })
        .await?;
        if partial.length() == blob.length {
            Ok(())
        } else {
            Err(TransferError::Incomplete)
        }
    }

    /// Brings pages of a blob with their proof, and checks them as the chain does.
    pub(super) async fn pages(
        &self,
        blob: &InputRef,
        pages: &BTreeSet<u32>,
    ) -> Result<InputSlice, TransferError> {
        let mut ranges = ChunkRanges::empty();
        for page in pages {
            ranges |= ChunkRanges::chunk(u64::from(*page));
        }
        let leaves = u32::try_from(blob.length.div_ceil(CHUNK_BYTES as u64))
            .map_err(|_| TransferError::Incomplete)?;
        let mut proof = Proof::new(leaves);
        let bytes = pages.len() as u64 * CHUNK_BYTES as u64;
        self.receive(blob, ranges, bytes, &mut |item| {
            match item {
                BaoContentItem::Leaf(leaf) => proof.add_leaf(&leaf),
                BaoContentItem::Parent(parent) => proof.add_parent(&parent),
            }
            Ok(())
        })
        .await?;
        let mut witness = Witness {
            inputs: vec![proof.slice(pages).ok_or(TransferError::Incomplete)?],
        };
        witness
            .verify(&[*blob])
            .map_err(|error| TransferError::Broken(error.to_string()))?;
        witness.inputs.pop().ok_or(TransferError::Incomplete)
    }

    /// Asks for ranges of a blob and hands over each part of the answer, verified. `bytes` is how much that is.
    async fn receive(
        &self,
        blob: &InputRef,
        ranges: ChunkRanges,
        bytes: u64,
        take: &mut (dyn FnMut(BaoContentItem) -> Result<(), TransferError> + Send),
    ) -> Result<(), TransferError> {
        let patience = SILENCE_PATIENCE.saturating_add(Duration::from_secs(bytes / SLOWEST));
        let transfer = async {
            let mut content = punctual(self.ask(blob, ranges)).await??;
            loop {
                match punctual(content.next()).await? {
                    BlobContentNext::More((rest, item)) => {
                        take(item.map_err(|error| TransferError::Broken(error.to_string()))?)?;
                        content = rest;
                    }
                    BlobContentNext::Done(_) => return Ok(()),
                }
            }
        };
        timeout(patience, transfer)
            .await
            .map_err(|_| TransferError::TooSlow)?
    }

    /// Sends a request and reads up to the answer's content.
    async fn ask(
        &self,
        blob: &InputRef,
        ranges: ChunkRanges,
    ) -> Result<AtBlobContent, TransferError> {
        let request = GetRequest::blob_ranges(Hash::from_bytes(blob.hash), ranges);
        let broken = |error: &dyn std::fmt::Display| TransferError::Broken(error.to_string());
        let connected = fsm::start(self.0.clone(), request, Default::default())
            .next()
            .await
            .map_err(|error| broken(&error))?;
        let ConnectedNext::StartRoot(start) =
            connected.next().await.map_err(|error| broken(&error))?
        else {
            return Err(TransferError::Incomplete);
        };
        let (content, length) = start.next().next().await.map_err(|error| broken(&error))?;
        if length != blob.length {
            return Err(TransferError::WrongLength {
                expected: blob.length,
                given: length,
            });
        }
        Ok(content)
    }
}

/// Waits for one answer, but not for long.
async fn punctual<T>(answer: impl Future<Output = T>) -> Result<T, TransferError> {
    timeout(SILENCE_PATIENCE, answer)
        .await
        .map_err(|_| TransferError::TooSlow)
}

/// Pages of a blob and the values of the subtrees beside them.
struct Proof {
    leaves: u32,
    pages: BTreeMap<u32, Vec<u8>>,
    /// By their first leaf and the one after their last.
    subtrees: HashMap<(u32, u32), ChainingValue>,
}

impl Proof {
    fn new(leaves: u32) -> Self {
        Self {
            leaves,
            pages: BTreeMap::new(),
            subtrees: HashMap::new(),
        }
    }

    fn add_leaf(&mut self, leaf: &Leaf) {
        let first = leaf.offset / CHUNK_BYTES as u64;
        for (page, bytes) in (first..).zip(leaf.data.chunks(CHUNK_BYTES)) {
            if let Ok(page) = u32::try_from(page) {
                self.pages.insert(page, bytes.to_vec());
            }
        }
    }

    /// A parent names the values of its two children; the right one may be cut short by the end of the blob.
    fn add_parent(&mut self, parent: &Parent) {
        let Range { start, end } = parent.node.chunk_range();
        let span = (end.0 - start.0) / 2;
        let middle = start.0 + span;
        let end = end.0.min(u64::from(self.leaves));
        let (left, right) = &parent.pair;
        for (start, end, value) in [(start.0, middle, left), (middle, end, right)] {
            if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) {
                self.subtrees.insert((start, end), *value.as_bytes());
            }
        }
    }

    /// The wanted pages with their proof. `None` when some are missing.
    fn slice(mut self, wanted: &BTreeSet<u32>) -> Option<InputSlice> {
        let indices: Vec<u32> = wanted.iter().copied().collect();
        let siblings = tree::prove_from(self.leaves, &indices, |subtree| {
            self.subtrees.get(&(subtree.start, subtree.end)).copied()
        })
        .ok()?;
        let pages = indices
            .into_iter()
            .map(|index| {
                let bytes = self.pages.remove(&index)?;
                Some(Page { index, bytes })
            })
            .collect::<Option<_>>()?;
        Some(InputSlice { pages, siblings })
    }
}
