// SPDX-License-Identifier: Apache-2.0
//! `assay job`: post jobs, watch them, fetch and audit their results.

mod audit;
mod claim;
mod demand;
mod extend;
mod post;
mod races;
mod result;
mod serve;

use crate::{
    account, amount,
    chain::{
        Chain,
        types::{JobStatus, JobView},
    },
    job_file::JobFile,
    table::table,
    watch,
};
use anyhow::Result;
use std::{path::PathBuf, process::ExitCode};

/// What to do with jobs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Post a job with the money in escrow, serve its inputs, watch it and fetch its result.
    ///
    /// The job file is checked first; `assay kernel check` says more of it, without posting.
    Post(Box<post::Post>),
    /// Show a job live until it is closed, and serve its inputs if they are asked for.
    Watch {
        /// The job's number.
        job: u64,
        /// Serve the job's inputs, as `assay job post` did until it was stopped: until somebody has accepted the
        /// job, they must be served by somebody.
        #[arg(long)]
        serve: bool,
        /// The store that the job was posted from, which has the inputs and the key that providers expect
        /// [default: ~/.local/share/assay/blobs].
        #[arg(long, value_name = "FOLDER", requires = "serve")]
        store: Option<PathBuf>,
        /// Where else to look.
        #[clap(flatten)]
        workers: Workers,
    },
    /// Fetch the result of a job from its provider and check it against the root on chain.
    Result(result::Fetch),
    /// Take a job back that nobody has accepted yet; the escrow and the deposit come back.
    Cancel {
        /// The job's number.
        job: u64,
        /// The secret of the account that posted it: a phrase, a seed in hex, a name such as //Alice, or @FILE.
        #[arg(long, value_name = "SECRET")]
        signer: String,
    },
    /// Re-execute a result on this machine, and have the chain judge a tile that is wrong.
    ///
    /// The output of every pass is fetched and compared, tile by tile, with what the virtual machine computes from
    /// what the pass read. The checker is not run: it has no output that anybody committed to, and each verifier
    /// has run all of it. Fails if a tile is wrong.
    Audit(audit::Audit),
    /// Have the provider of a job show tiles on the chain, for a fee; who does not is convicted.
    ///
    /// Possible once the samples are opened, until the challenge ends; before, the command waits. The value of a tile
    /// tells whoever re-executes it whether it is right; the bytes are the requester's way to what a provider does not serve.
    /// Fails if not all are shown.
    Demand(demand::Demand),
    /// Give the provider that computes a job more time.
    Extend(extend::Extend),
    /// Show what an account is owed in assets of jobs that ended while it could not receive it, and claim it.
    Claim(claim::Claim),
    /// List jobs, the newest first.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
}

/// Where else to look while a job is computed.
#[derive(Debug, clap::Args)]
pub struct Workers {
    /// Providers' nodes to ask for the progress of the computation.
    #[arg(long = "worker-url", value_name = "URL")]
    urls: Vec<String>,
}

impl Command {
    /// Does it.
    pub async fn run(self, url: &str) -> Result<ExitCode> {
        match self {
            Self::Post(post) => {
                // What is wrong with the job itself shows before anything is asked of a node.
                let named = JobFile::load_named(&post.file)?;
                post.run(&Chain::connect(url).await?, named).await
            }
            Self::Watch {
                job,
                serve,
                store,
                workers,
            } => {
                let chain = Chain::connect(url).await?;
                let _served = match serve {
                    true => Some(serve::inputs(&chain, job, store.as_deref()).await?),
                    false => None,
                };
                Ok(follow(&chain, job, &workers).await?.1)
            }
            Self::Result(fetch) => fetch.run(&Chain::connect(url).await?).await,
            Self::Cancel { job, signer } => {
                let signer = account::signer(&signer)?;
                let chain = Chain::connect(url).await?;
                chain.submit(&signer, "Jobs", "cancel", (job,)).await?;
                println!("job {job} is cancelled");
                Ok(ExitCode::SUCCESS)
            }
            Self::Audit(audit) => audit.run(&Chain::connect(url).await?).await,
            Self::Demand(demand) => demand.run(&Chain::connect(url).await?).await,
            Self::Extend(extend) => extend.run(&Chain::connect(url).await?).await,
            Self::Claim(claim) => claim.run(&Chain::connect(url).await?).await,
            Self::List { limit } => list(&Chain::connect(url).await?, limit).await,
        }
    }
}

impl Workers {
    /// Connects to those that answer; progress is a convenience, so who does not answer is left out.
    async fn connect(&self) -> Vec<Chain> {
        let mut workers = Vec::new();
        for url in &self.urls {
            match Chain::connect(url).await {
                Ok(worker) => workers.push(worker),
                Err(error) => eprintln!("warning: no progress from {url}: {error:#}"),
            }
        }
        workers
    }
}

/// Shows a job to its end and how it ended. The answer is the job, and whether it has a result.
async fn follow(chain: &Chain, job: u64, workers: &Workers) -> Result<(JobView, ExitCode)> {
    let watch::Ended { view, settled } =
        watch::until_closed(chain, job, &workers.connect().await).await?;
    println!("\njob {} is over: {}", view.id, settled.reason);
    println!("{}", watch::settlement_table(&view, &settled));
    Ok((view, exit_code(watch::succeeded(&settled))))
}

fn exit_code(success: bool) -> ExitCode {
    if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn list(chain: &Chain, limit: u32) -> Result<ExitCode> {
    let jobs = chain.jobs(None, limit).await?;
    if jobs.is_empty() {
        println!("There is no job. `assay job post --help` says how to post one.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = table(
        &["job", "requester", "tiles", "sampled", "ceiling", "status"],
        &[0, 2, 3, 4],
    );
    for job in jobs {
        let status = match &job.status {
            JobStatus::Auction { price, until } => {
                let price = amount::format_in(job.spec.asset, *price);
                format!("auction: {price} until #{until}")
            }
            JobStatus::Rescue { price, until, .. } => {
                let price = amount::format_in(job.spec.asset, *price);
                format!("rescue: {price} until #{until}")
            }
            JobStatus::Enquiring { until, .. } => format!("inputs looked for until #{until}"),
            JobStatus::Computing {
                provider, deadline, ..
            } => {
                format!("computed by {} until #{deadline}", account::short(provider))
            }
            JobStatus::Verifying { phase, until, .. } => format!("{phase:?} until #{until}"),
            JobStatus::Closed { reason, at, .. } => format!("#{at}: {reason}"),
        };
        table.add_row([
            job.id.to_string(),
            account::short(&job.requester),
            job.tiles.to_string(),
            job.samples.to_string(),
            amount::format_in(job.spec.asset, job.spec.price.ceiling),
            status,
        ]);
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}
