// SPDX-License-Identifier: Apache-2.0
//! `assay job post`.

use super::{Workers, follow, races, result};
use crate::{
    account, amount, blobs,
    chain::{
        Chain,
        types::{Endpoint, JobPosted, JobSpec},
    },
    commands::provider::chain_address,
    job_file::NamedJob,
    terms::{self, Terms, quote_table},
};
use anyhow::{Result, bail, ensure};
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};
use subxt_signer::sr25519::Keypair;

/// How to post.
#[derive(Debug, clap::Args)]
pub struct Post {
    /// The job file. See docs/requester.md.
    pub(super) file: PathBuf,
    /// The secret of the account that pays: a phrase, a seed in hex, a name such as //Alice, or @FILE.
    #[arg(long, value_name = "SECRET")]
    signer: String,
    #[clap(flatten)]
    terms: Terms,
    /// Where to listen for providers that fetch the inputs.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to keep the blobs that are served and fetched, and the key to serve them with
    /// [default: ~/.local/share/assay/blobs].
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
    /// Where to write the result; pictures become PNG. Without it nothing is fetched.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show the quote and stop.
    #[arg(long)]
    dry_run: bool,
    #[clap(flatten)]
    workers: Workers,
}

impl Post {
    pub(super) async fn run(self, chain: &Chain, named: NamedJob) -> Result<ExitCode> {
        races::refuse(&named)?;
        let job = &named.job;
        let signer = account::signer(&self.signer)?;
        let payer = account::of(&signer);
        let store = blobs::open(self.store.as_deref(), self.listen).await?;
        let endpoint = store.endpoint();
        let source = Endpoint {
            key: endpoint.key,
            address: chain_address(endpoint.address),
        };
        let spec = self.terms.spec(job, source)?;
        for bytes in &job.inputs {
            store.put_bytes(bytes.clone()).await?;
        }
        for (entry, pass) in named.kernels() {
            let hash = pass.kernel_hash();
            if chain.kernel(hash).await?.is_some() {
                continue;
            }
            ensure!(
                !self.dry_run,
                "the kernel {} is not registered, so there is no quote yet: `{}` does it, for a deposit",
                entry.kernel_name(),
                entry.registration(),
            );
            println!("registering the kernel {}", hex::encode(hash));
            chain.register_kernel(&signer, &pass.code).await?;
        }
        let quote = chain.quote(&spec).await?.map_err(terms::refusal)?;
        for line in named.gathered() {
            println!("{line}");
        }
        println!("{}", quote_table(&quote, &spec));
        let balance = chain.balance(&payer).await?;
        ensure!(
            balance.free > quote.total,
            "{payer} has {} free and the job needs {} in escrow and a fee: send it more, or lower --ceiling",
            amount::format(balance.free),
            amount::format(quote.total),
        );
        if let Some(asset) = spec.asset {
            let units = chain.asset_balance(asset, &payer).await?;
            ensure!(
                units >= spec.price.ceiling,
                "{payer} has {} and the job needs {} in escrow: send it more, or lower --ceiling",
                amount::format_in(Some(asset), units),
                amount::format_in(Some(asset), spec.price.ceiling),
            );
        }
        if self.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        let id = post(chain, &signer, &spec).await?;
        println!(
            "job {id} is posted; {} are in escrow",
            amount::format(quote.total)
        );
        let (view, code) = follow(chain, id, &self.workers).await?;
        if let Some(output) = &self.output {
            result::fetch(chain, &store, &view, &job.output, output).await?;
        }
        Ok(code)
    }
}

async fn post(chain: &Chain, signer: &Keypair, spec: &JobSpec) -> Result<u64> {
    let events = chain.submit(signer, "Jobs", "post", (spec,)).await?;
    for event in events.iter() {
        let event = event?;
        if event.pallet_name() == "Jobs" && event.event_name() == "JobPosted" {
            let posted: JobPosted = event.decode_fields_unchecked_as()?;
            return Ok(posted.job);
        }
    }
    bail!("the chain took the job but told no number; `assay job list` shows it")
}
