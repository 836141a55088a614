// SPDX-License-Identifier: Apache-2.0
//! Blobs by BLAKE3 hash: kept in a folder, served to others, fetched from others.
//!
//! The only file that knows iroh-blobs, whose interface is young. What arrives is hashed once more here;
//! the store is a cache, and a blob that turns out wrong in it is fetched again.

use iroh::{
    Endpoint as Socket, EndpointAddr, PublicKey, SecretKey, TransportAddr,
    endpoint::presets::Minimal, protocol::Router,
};
use iroh_blobs::{
    BlobsProtocol, Hash,
    protocol::{ChunkRanges, ChunkRangesExt, GetRequest},
    store::fs::FsStore,
};
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a peer may take to answer a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// How long a transfer may take besides [`SLOWEST`].
const TRANSFER_PATIENCE: Duration = Duration::from_secs(20);

/// The slowest peer that is waited for, in bytes a second.
const SLOWEST: u64 = 64 * 1024;

/// Where blobs are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The public key that the endpoint proves to hold when it is dialled.
    pub key: [u8; 32],
    /// Where it listens.
    pub address: SocketAddr,
}

/// Why a blob is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be used.
    #[error("the blob store {path} cannot be used: {error}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        error: String,
    },
    /// The address cannot be listened on.
    #[error("cannot serve blobs on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: String,
    },
    /// The store failed.
    #[error("the blob store failed: {0}")]
    Store(String),
    /// No source had the blob.
    #[error("no source has the blob {hash}: {reasons}")]
    Unavailable {
        /// The blob's hash in hex.
        hash: String,
        /// What each source answered.
        reasons: String,
    },
}

/// A folder of blobs and the endpoint that serves them.
#[derive(Clone, Debug)]
pub struct Store {
    blobs: FsStore,
    router: Router,
    endpoint: Endpoint,
}

impl Store {
    /// Opens the store in a folder and serves it on an address. The endpoint's key is kept in the folder.
    pub async fn open(folder: &Path, listen: SocketAddr) -> Result<Self, StoreError> {
        let unusable = |error: String| StoreError::Folder {
            path: folder.into(),
            error,
        };
        let secret = secret_key(folder).map_err(|error| unusable(error.to_string()))?;
        let blobs = FsStore::load(folder.join("blobs"))
            .await
            .map_err(|error| unusable(error.to_string()))?;
        let unheard = |error: String| StoreError::Listen {
            address: listen,
            error,
        };
        let socket = Socket::builder(Minimal)
            .secret_key(secret)
            .clear_ip_transports()
            .bind_addr(listen)
            .map_err(|error| unheard(error.to_string()))?
            .bind()
            .await
            .map_err(|error| unheard(error.to_string()))?;
        let address = socket
            .bound_sockets()
            .into_iter()
            .find(|address| address.is_ipv4() == listen.is_ipv4())
            .ok_or_else(|| unheard("the socket is not bound".into()))?;
        let endpoint = Endpoint {
            key: *socket.id().as_bytes(),
            address,
        };
        let router = Router::builder(socket)
            .accept(iroh_blobs::ALPN, BlobsProtocol::new(&blobs, None))
            .spawn();
        Ok(Self {
            blobs,
            router,
            endpoint,
        })
    }

    /// Where this store serves its blobs.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Keeps bytes and serves them from now on. The answer is their hash.
    pub async fn put_bytes(&self, bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
        let tag = self
            .blobs
            .add_bytes(bytes)
            .await
            .map_err(|error| StoreError::Store(error.to_string()))?;
        Ok(*tag.hash.as_bytes())
    }

    /// Keeps a copy of a file and serves it from now on. The answer is the hash of its bytes.
    pub async fn put_file(&self, path: &Path) -> Result<[u8; 32], StoreError> {
        let path =
            std::path::absolute(path).map_err(|error| StoreError::Store(error.to_string()))?;
        let tag = self
            .blobs
            .add_path(path)
            .await
            .map_err(|error| StoreError::Store(error.to_string()))?;
        Ok(*tag.hash.as_bytes())
    }

    /// A blob that is here in full.
    pub async fn get(&self, hash: [u8; 32]) -> Option<Vec<u8>> {
        if !self
            .blobs
            .has(Hash::from_bytes(hash))
            .await
            .unwrap_or(false)
        {
            return None;
        }
        let bytes = self.blobs.get_bytes(Hash::from_bytes(hash)).await.ok()?;
        (*blake3::hash(&bytes).as_bytes() == hash).then(|| bytes.to_vec())
    }

    /// A blob of a known length: the own copy, or that of the first source that has it, which is kept.
    ///
    /// No more than the length is ever transferred.
    pub async fn fetch(
        &self,
        hash: [u8; 32],
        length: u64,
        sources: &[Endpoint],
    ) -> Result<Vec<u8>, StoreError> {
        if length == 0 && hash == *blake3::hash(&[]).as_bytes() {
            return Ok(Vec::new());
        }
        if let Some(bytes) = self.get(hash).await {
            return Ok(bytes);
        }
        let mut reasons = Vec::new();
        for source in sources
            .iter()
            .filter(|source| source.key != self.endpoint.key)
        {
            match self.fetch_from(hash, length, source).await {
                Ok(bytes) => return Ok(bytes),
                Err(reason) => reasons.push(format!("{}: {reason}", source.address)),
            }
        }
        if reasons.is_empty() {
            reasons.push("there is no other source".into());
        }
        Err(StoreError::Unavailable {
            hash: hex::encode(hash),
            reasons: reasons.join("; "),
        })
    }

    async fn fetch_from(
        &self,
        hash: [u8; 32],
        length: u64,
        source: &Endpoint,
    ) -> Result<Vec<u8>, String> {
        let key = PublicKey::from_bytes(&source.key).map_err(|error| error.to_string())?;
        let peer = EndpointAddr::from_parts(key, [TransportAddr::Ip(source.address)]);
        let connecting = self.router.endpoint().connect(peer, iroh_blobs::ALPN);
        let connection = tokio::time::timeout(CONNECT_PATIENCE, connecting)
            .await
            .map_err(|_| "does not answer".to_string())?
            .map_err(|error| error.to_string())?;
        let ranges = ChunkRanges::bytes(0..length);
        let request = GetRequest::blob_ranges(Hash::from_bytes(hash), ranges);
        let patience = TRANSFER_PATIENCE.saturating_add(Duration::from_secs(length / SLOWEST));
        let transfer = self
            .blobs
            .remote()
            .execute_get(connection, request)
            .complete();
        tokio::time::timeout(patience, transfer)
            .await
            .map_err(|_| "is too slow".to_string())?
            .map_err(|error| error.to_string())?;
        match self.get(hash).await {
            Some(bytes) if bytes.len() as u64 == length => Ok(bytes),
            _ => Err(format!("what it serves is not the blob of {length} bytes")),
        }
    }

    /// Stops serving and closes the store.
    pub async fn close(self) {
        // Closing can only fail when it is closed already.
        let _closed = self.router.shutdown().await;
        let _flushed = self.blobs.shutdown().await;
    }
}

/// The endpoint's secret key in a folder, made on the first start, readable by its owner alone.
fn secret_key(folder: &Path) -> io::Result<SecretKey> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("endpoint.key");
    match std::fs::read(&path) {
        Ok(bytes) => {
            let bytes: [u8; 32] = bytes.try_into().map_err(|_| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{} is not a key of 32 bytes", path.display()),
                )
            })?;
            Ok(SecretKey::from(bytes))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = SecretKey::generate();
            write_private(&path, &key.to_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "127.0.0.1:0";

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = LOOPBACK.parse().expect("an address");
        let store = Store::open(folder.path(), listen).await.expect("opens");
        (folder, store)
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn fetch_brings_a_blob_from_the_source_that_has_it() {
        let (_keep_one, one) = store().await;
        let (_keep_two, two) = store().await;
        let (_keep_three, three) = store().await;
        for length in [1, 1_024, 100_000, 3_000_001] {
            let blob = bytes(length);
            let hash = one.put_bytes(blob.clone()).await.expect("kept");
            assert_eq!(hash, *blake3::hash(&blob).as_bytes());
            let sources = [three.endpoint(), one.endpoint()];
            let fetched = two
                .fetch(hash, length as u64, &sources)
                .await
                .expect("served");
            assert_eq!(fetched, blob);
            // It is kept: no source is needed any more.
            assert_eq!(
                two.fetch(hash, length as u64, &[]).await.expect("kept"),
                blob
            );
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn fetch_says_what_each_source_answered_when_none_has_the_blob() {
        let (_keep_one, one) = store().await;
        let (_keep_two, two) = store().await;
        let dead = Endpoint {
            key: [3; 32],
            address: "127.0.0.1:9".parse().expect("an address"),
        };
        let error = two
            .fetch([7; 32], 10, &[one.endpoint(), dead])
            .await
            .expect_err("nobody has it");
        let text = error.to_string();
        assert!(text.contains(&one.endpoint().address.to_string()), "{text}");
        assert!(text.contains("127.0.0.1:9"), "{text}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn fetch_refuses_when_the_blob_is_longer_than_said() {
        let (_keep_one, one) = store().await;
        let (_keep_two, two) = store().await;
        let hash = one.put_bytes(bytes(100_000)).await.expect("kept");
        assert!(two.fetch(hash, 5_000, &[one.endpoint()]).await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn endpoint_key_stays_when_the_store_is_opened_again() {
        let (folder, store) = store().await;
        let (key, hash) = (
            store.endpoint().key,
            store.put_bytes(bytes(5_000)).await.expect("kept"),
        );
        store.close().await;
        let listen = LOOPBACK.parse().expect("an address");
        let again = Store::open(folder.path(), listen).await.expect("opens");
        assert_eq!(again.endpoint().key, key);
        assert_eq!(again.get(hash).await, Some(bytes(5_000)));
    }
}
