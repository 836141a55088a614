// SPDX-License-Identifier: Apache-2.0
//! Blobs by BLAKE3 hash: kept in a folder, served to others, fetched from others.
//!
//! All that knows iroh-blobs, whose interface is young. What arrives is checked as it arrives and hashed
//! once more here; the store is a cache, and a blob that turns out wrong in it is fetched again. Whatever
//! is in it is served to anybody: what must not be known yet is kept elsewhere until it may be.

mod partial;
mod transfer;

use assay_verifier::witness::{InputRef, InputSlice, Witness};
use iroh::{Endpoint as Socket, SecretKey, endpoint::presets::Minimal, protocol::Router};
use iroh_blobs::{BlobsProtocol, Hash, store::fs::FsStore};
use partial::Partial;
use std::{
    collections::{BTreeSet, HashMap},
    io,
    net::{SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::OwnedMutexGuard;
use transfer::{Peer, TransferError};

/// Where the port is kept, in the store's folder.
const PORT_FILE: &str = "port";

/// How often the sources are gone through, as long as each round brings something.
const ROUNDS: u32 = 6;

/// The pause after the first round; each next one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);

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
    /// The folder of blobs that are not complete yet.
    partial: PathBuf,
    turns: Turns,
}

/// Whose turn it is to fetch a blob: one at a time, the others find it fetched.
#[derive(Clone, Debug, Default)]
struct Turns(Arc<Mutex<HashMap<[u8; 32], Turn>>>);

/// Held by who fetches a blob.
type Turn = Arc<tokio::sync::Mutex<()>>;

impl Turns {
    async fn wait(&self, hash: [u8; 32]) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(hash).or_default().clone()
        };
        turn.lock_owned().await
    }
}

impl Store {
    /// Opens the store in a folder and serves it on an address. The endpoint's key is kept in the folder, and so is the
    /// port: where any will do, it is the one of the last time if that is free, for the chain may name it.
    pub async fn open(folder: &Path, listen: SocketAddr) -> Result<Self, StoreError> {
        let unusable = |error: String| StoreError::Folder {
            path: folder.into(),
            error,
        };
        let secret = secret_key(folder).map_err(|error| unusable(error.to_string()))?;
        let port_file = folder.join(PORT_FILE);
        let listen = familiar(listen, &port_file);
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
        std::fs::write(port_file, address.port().to_string())
            .map_err(|error| unusable(error.to_string()))?;
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
            partial: folder.join("partial"),
            turns: Turns::default(),
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

    /// A blob that is here in full, and unharmed.
    pub async fn get(&self, hash: [u8; 32]) -> Option<Vec<u8>> {
        if !self.has(hash).await {
            return None;
        }
        let bytes = self.blobs.get_bytes(Hash::from_bytes(hash)).await.ok()?;
        (hash_of(&bytes) == hash).then(|| bytes.to_vec())
    }

    /// Whether a blob is here in full.
    pub async fn has(&self, hash: [u8; 32]) -> bool {
        self.blobs
            .has(Hash::from_bytes(hash))
            .await
            .unwrap_or(false)
    }

    /// A blob of a known length: the own copy, or that of the first source that has it, which is kept.
    ///
    /// Where one source breaks off the next one goes on, and so does the next call. No more than the length
    /// is ever transferred.
    pub async fn fetch(
        &self,
        hash: [u8; 32],
        length: u64,
        sources: &[Endpoint],
    ) -> Result<Vec<u8>, StoreError> {
        self.fetch_reporting(hash, length, sources, &|_| {}).await
    }

    /// As [`Store::fetch`]; `progress` learns how many bytes are here, again and again.
    pub async fn fetch_reporting(
        &self,
        hash: [u8; 32],
        length: u64,
        sources: &[Endpoint],
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Vec<u8>, StoreError> {
        if length == 0 && hash == hash_of(&[]) {
            return Ok(Vec::new());
        }
        let _turn = self.turns.wait(hash).await;
        if let Some(bytes) = self.get(hash).await {
            return if bytes.len() as u64 == length {
                Ok(bytes)
            } else {
                let own = TransferError::WrongLength {
                    expected: length,
                    given: bytes.len() as u64,
                };
                Err(unavailable(hash, &[(self.endpoint.address, own)]))
            };
        }
        let failed = |error: io::Error| StoreError::Store(error.to_string());
        let blob = InputRef { hash, length };
        let mut partial = Partial::open(&self.partial, &hash, length).map_err(failed)?;
        let mut reasons = Vec::new();
        for round in 0..ROUNDS {
            let before = partial.length();
            reasons.clear();
            for source in self.others(sources) {
                match self.fetch_from(&blob, source, &mut partial, progress).await {
                    Ok(bytes) => {
                        partial.remove().map_err(failed)?;
                        return Ok(bytes);
                    }
                    Err(reason) => reasons.push((source.address, reason)),
                }
            }
            if partial.length() == before {
                break;
            }
            tokio::time::sleep(PAUSE.saturating_mul(1 << round)).await;
        }
        if partial.length() == 0 {
            partial.remove().map_err(failed)?;
        }
        Err(unavailable(hash, &reasons))
    }

    /// Goes on with a blob from one source, and keeps it once it is complete.
    async fn fetch_from(
        &self,
        blob: &InputRef,
        source: &Endpoint,
        partial: &mut Partial,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Vec<u8>, TransferError> {
        if partial.length() < blob.length {
            let peer = Peer::dial(self.router.endpoint(), source).await?;
            peer.complete(blob, partial, progress).await?;
        }
        let path = std::path::absolute(partial.file()?)?;
        let bytes = tokio::fs::read(&path).await?;
        if hash_of(&bytes) != blob.hash {
            // What was kept from an earlier try is not what came then.
            partial.clear()?;
            return Err(TransferError::Incomplete);
        }
        self.blobs
            .add_path(path)
            .await
            .map_err(|error| TransferError::Broken(error.to_string()))?;
        Ok(bytes)
    }

    /// Some pages of a blob with their proof, without the rest of it: from the own copy, or from the first
    /// source that has them. They are checked as the chain checks a witness, and are not kept.
    pub async fn fetch_pages(
        &self,
        input: &InputRef,
        pages: &BTreeSet<u32>,
        sources: &[Endpoint],
    ) -> Result<InputSlice, StoreError> {
        if pages.is_empty() {
            return Ok(InputSlice::default());
        }
        if let Some(bytes) = self.get(input.hash).await {
            let slice = Witness::build(&[&bytes], std::slice::from_ref(pages))
                .ok()
                .and_then(|witness| witness.inputs.into_iter().next())
                .filter(|slice| slice.verify(0, input).is_ok());
            let own = (self.endpoint.address, TransferError::Incomplete);
            return slice.ok_or_else(|| unavailable(input.hash, &[own]));
        }
        let mut reasons = Vec::new();
        for source in self.others(sources) {
            let slice = async {
                let peer = Peer::dial(self.router.endpoint(), source).await?;
                peer.pages(input, pages).await
            };
            match slice.await {
                Ok(slice) => return Ok(slice),
                Err(reason) => reasons.push((source.address, reason)),
            }
        }
        Err(unavailable(input.hash, &reasons))
    }

    /// The sources without this store.
    fn others<'a>(&self, sources: &'a [Endpoint]) -> impl Iterator<Item = &'a Endpoint> {
        let own = self.endpoint.key;
        sources.iter().filter(move |source| source.key != own)
    }

    /// Stops serving and closes the store.
    pub async fn close(self) {
        // Closing can only fail when it is closed already.
        let _closed = self.router.shutdown().await;
        let _flushed = self.blobs.shutdown().await;
    }
}

/// BLAKE3 hash of bytes, on all cores.
fn hash_of(bytes: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new()
        .update_rayon(bytes)
        .finalize()
        .as_bytes()
}

/// No source has a blob, and what each of them answered.
fn unavailable(hash: [u8; 32], reasons: &[(SocketAddr, TransferError)]) -> StoreError {
    let reasons: Vec<String> = reasons
        .iter()
        .map(|(address, reason)| format!("{address}: {reason}"))
        .collect();
    StoreError::Unavailable {
        hash: hex::encode(hash),
        reasons: if reasons.is_empty() {
            "there is no other source".into()
        } else {
            reasons.join("; ")
        },
    }
}

/// The address to listen on: where any port will do, the one in the file if it is free.
fn familiar(listen: SocketAddr, file: &Path) -> SocketAddr {
    let last = std::fs::read_to_string(file)
        .ok()
        .and_then(|port| port.trim().parse().ok())
        .map(|port| SocketAddr::new(listen.ip(), port))
        .filter(|address| UdpSocket::bind(address).is_ok());
    match last {
        Some(last) if listen.port() == 0 => last,
        _ => listen,
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
mod tests;
