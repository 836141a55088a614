// SPDX-License-Identifier: Apache-2.0
//! Serves the inputs of a job that was posted before.

use crate::{
    blobs,
    chain::{Chain, types::JobStatus},
};
use anyhow::{Context, Result, bail, ensure};
use assay_worker::store::Store;
use std::path::Path;

/// Serves the inputs of a job where the chain says that they are served, as long as the answer lives.
pub(super) async fn inputs(chain: &Chain, job: u64, folder: Option<&Path>) -> Result<Store> {
    let view = chain
        .job(job)
        .await?
        .with_context(|| format!("there is no job {job}, or its receipt has expired"))?;
    if let JobStatus::Closed { reason, .. } = view.status {
        bail!("nobody needs the inputs of job {job} any more: {reason}");
    }
    let source = blobs::endpoint(&view.spec.source);
    let store = blobs::open(folder, source.address).await.with_context(|| {
        format!(
            "the inputs of job {job} are to be served on {}",
            source.address
        )
    })?;
    ensure!(
        store.endpoint().key == source.key,
        "providers expect the inputs of job {job} from another key than this store's: name with --store the folder \
         that it was posted from"
    );
    for (number, input) in view.spec.inputs.iter().enumerate() {
        ensure!(
            input.length == 0 || store.has(input.hash).await,
            "the store does not have input {number} of job {job}: name with --store the folder that it was posted from"
        );
    }
    println!("the inputs of job {job} are served on {}", source.address);
    Ok(store)
}
