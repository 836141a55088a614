// SPDX-License-Identifier: Apache-2.0
//! The user's blobs: where inputs are served from, and what was fetched.

use crate::{chain::types, commands::provider::socket_address};
use anyhow::{Context, Result, anyhow};
use assay_worker::store::{Endpoint, Store, StoreError};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A store that blobs are fetched into.
#[derive(Debug)]
pub struct Cache {
    /// The store.
    pub store: Store,
    /// Its folder, if it is gone with it.
    _temporary: Option<TempDir>,
}

/// Opens a store to serve blobs from: in a folder, or in the user's own.
pub async fn open(folder: Option<&Path>, listen: SocketAddr) -> Result<Store> {
    let folder = folder_or_default(folder)?;
    let opened = Store::open(&folder, listen).await;
    opened.map_err(|error| match error {
        StoreError::Folder { path, error } => anyhow!(
            "cannot open the blob store {}: {error} If another `assay` uses it, perhaps one that still serves the \
             inputs of a job, wait for it or name another folder with --store",
            path.display()
        ),
        error => anyhow!(error),
    })
}

/// Opens a store to fetch blobs into. Where no folder is named and another command has the user's own, it is a
/// temporary one.
pub async fn open_cache(folder: Option<&Path>) -> Result<Cache> {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    if folder.is_some() {
        return Ok(Cache {
            store: open(folder, listen).await?,
            _temporary: None,
        });
    }
    if let Ok(store) = Store::open(&folder_or_default(None)?, listen).await {
        return Ok(Cache {
            store,
            _temporary: None,
        });
    }
    let temporary = tempfile::tempdir().context("cannot make a temporary folder for blobs")?;
    let store = open(Some(temporary.path()), listen).await?;
    Ok(Cache {
        store,
        _temporary: Some(temporary),
    })
}

/// The folder of the user's blobs, unless another is named.
fn folder_or_default(folder: Option<&Path>) -> Result<PathBuf> {
    match folder {
        Some(folder) => Ok(folder.into()),
        None => {
            let home =
                std::env::var_os("HOME").context("HOME is not set: name a folder with --store")?;
            Ok(PathBuf::from(home).join(".local/share/assay/blobs"))
        }
    }
}

/// An endpoint of the chain as the store's.
pub fn endpoint(endpoint: &types::Endpoint) -> Endpoint {
    Endpoint {
        key: endpoint.key,
        address: socket_address(&endpoint.address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn open_says_what_to_do_when_another_command_has_the_store() {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let first = open(Some(folder.path()), listen).await.expect("opens");
        let error = open(Some(folder.path()), listen)
            .await
            .expect_err("it is in use");
        assert!(format!("{error:#}").contains("--store"), "{error:#}");
        first.close().await;
    }
}
