// SPDX-License-Identifier: Apache-2.0
//! `assay job result`.

use crate::{
    blobs,
    chain::{
        Chain,
        types::{JobStatus, JobView, Pass},
    },
    job_file::Output,
    picture,
};
use anyhow::{Context, Result, bail, ensure};
use assay_kernel::Kernel;
use assay_worker::store::Store;
use codec::DecodeAll;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use subxt::utils::AccountId32;

/// How to fetch a result.
#[derive(Debug, clap::Args)]
pub struct Fetch {
    /// The job's number.
    job: u64,
    /// Where to write the bytes.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Write the bytes as a picture of WIDTHxHEIGHT pixels (PNG) beside them.
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = parse_size)]
    picture: Option<(u32, u32)>,
    /// Where to keep the blobs that are fetched [default: ~/.local/share/assay/blobs, or a temporary folder while
    /// another command uses it].
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
}

impl Fetch {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let view = chain
            .job(self.job)
            .await?
            .with_context(|| format!("there is no job {}, or its receipt has expired", self.job))?;
        let cache = blobs::open_cache(self.store.as_deref()).await?;
        let output = match self.picture {
            Some((width, height)) => Output::Picture { width, height },
            None => Output::Bytes,
        };
        fetch(chain, &cache.store, &view, &output, &self.output).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Fetches the output of a job, checks it against the root on chain and writes it; a picture beside the bytes.
pub(super) async fn fetch(
    chain: &Chain,
    store: &Store,
    view: &JobView,
    output: &Output,
    path: &Path,
) -> Result<()> {
    let bytes = bytes(chain, store, view).await?;
    let (bytes_path, picture_path) = match output {
        Output::Bytes => (path.to_path_buf(), None),
        Output::Picture { .. } => (path.with_extension("bin"), Some(path.with_extension("png"))),
    };
    std::fs::write(&bytes_path, &bytes)
        .with_context(|| format!("cannot write the result to {}", bytes_path.display()))?;
    println!("root         {}", blake3::hash(&bytes));
    println!(
        "result       {} ({} bytes; b3sum prints the root)",
        bytes_path.display(),
        bytes.len()
    );
    if let (Output::Picture { width, height }, Some(path)) = (output, picture_path) {
        picture::write(&path, &bytes, *width, *height)?;
        println!("picture      {}", path.display());
    }
    Ok(())
}

/// Fetches the output of a job and checks it against the root on chain.
pub(super) async fn bytes(chain: &Chain, store: &Store, view: &JobView) -> Result<Vec<u8>> {
    let (provider, roots) = outputs_of(view)?;
    let last = roots.last().zip(view.spec.passes.last());
    let (root, pass) = last.context("the job has no pass")?;
    output(chain, store, &provider, *root, pass).await
}

/// Fetches the output of a pass from a provider and checks it against its root.
pub(super) async fn output(
    chain: &Chain,
    store: &Store,
    provider: &AccountId32,
    root: [u8; 32],
    pass: &Pass,
) -> Result<Vec<u8>> {
    let provider = chain.provider(provider).await?.with_context(|| {
        format!(
            "{provider} is no provider any more; ask it for the blob {}",
            hex::encode(root)
        )
    })?;
    let source = blobs::endpoint(&provider.endpoint);
    let bytes = store
        .fetch(root, output_length(chain, pass).await?, &[source])
        .await
        .with_context(|| format!("cannot fetch the result from {}", provider.account))?;
    let found = blake3::hash(&bytes);
    ensure!(
        *found.as_bytes() == root,
        "the provider served other bytes ({found}) than it committed to ({})",
        hex::encode(root)
    );
    Ok(bytes)
}

/// Who has the outputs of a job, and the hash of each pass's.
pub(super) fn outputs_of(view: &JobView) -> Result<(AccountId32, &[[u8; 32]])> {
    match &view.status {
        JobStatus::Verifying {
            provider, roots, ..
        }
        | JobStatus::Closed {
            provider: Some(provider),
            roots,
            ..
        } if !roots.is_empty() => Ok((*provider, roots)),
        JobStatus::Closed { reason, .. } => bail!("job {} has no result: {reason}", view.id),
        _ => bail!(
            "job {} has no result yet: `assay job watch {}`",
            view.id,
            view.id
        ),
    }
}

/// The bytes of a pass's output.
async fn output_length(chain: &Chain, pass: &Pass) -> Result<u64> {
    let kernel = kernel(chain, pass).await?;
    let tiles = pass
        .grid
        .iter()
        .map(|size| u64::from(*size))
        .product::<u64>();
    Ok(tiles * u64::from(kernel.tile_words) * 4)
}

/// The kernel of a pass.
pub(super) async fn kernel(chain: &Chain, pass: &Pass) -> Result<Kernel> {
    let registered = chain
        .kernel(pass.kernel)
        .await?
        .context("the job's kernel was removed from the chain")?;
    Kernel::decode_all(&mut registered.code.as_slice())
        .context("this command is too old for the kernel's bytecode")
}

/// Reads `WIDTHxHEIGHT`.
fn parse_size(text: &str) -> Result<(u32, u32), String> {
    text.split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
        .ok_or_else(|| format!("`{text}` is no size: write it as 1000x872"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_size_says_how_when_the_text_is_no_size() {
        assert_eq!(parse_size("1000x872"), Ok((1_000, 872)));
        assert!(
            parse_size("1000")
                .expect_err("one number")
                .contains("1000x872")
        );
    }
}
