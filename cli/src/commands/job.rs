// SPDX-License-Identifier: Apache-2.0
//! `assay job`: post jobs, watch them, fetch their results.

use super::provider::{chain_address, socket_address};
use crate::{
    account, amount,
    chain::{
        Chain,
        types::{
            Assurance, Endpoint, InputRef, JobPosted, JobSpec, JobStatus, JobView, PriceRange,
            Quote, QuoteError,
        },
    },
    job_file::{JobFile, LoadedJob, Output},
    picture, watch,
};
use anyhow::{Context, Result, bail, ensure};
use assay_worker::store::{self, Store};
use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};
use subxt::utils::AccountId32;
use subxt_signer::sr25519::Keypair;

/// What to do with jobs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Post a job with the money in escrow, serve its inputs, watch it and fetch its result.
    Post(Post),
    /// Show a job live until it is closed.
    Watch {
        /// The job's number.
        job: u64,
        /// Where else to look.
        #[clap(flatten)]
        workers: Workers,
    },
    /// Fetch the result of a job from its provider and check it against the root on chain.
    Result(Fetch),
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

/// How to post.
#[derive(Debug, clap::Args)]
pub struct Post {
    /// The job file. See docs/requester.md.
    file: PathBuf,
    /// The secret of the account that pays: a phrase, a seed in hex, a name such as //Alice, or @FILE.
    #[arg(long, value_name = "SECRET")]
    signer: String,
    /// The price at the auction's start, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse, default_value = "1")]
    floor: u128,
    /// The most to pay for the computation, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse, default_value = "10")]
    ceiling: u128,
    /// How many blocks the price takes from floor to ceiling.
    #[arg(long, value_name = "BLOCKS", default_value_t = 20)]
    auction: u32,
    /// How many blocks the provider has to compute.
    #[arg(long, value_name = "BLOCKS", default_value_t = 100)]
    compute: u32,
    /// How sure you want to be, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 99.0)]
    confidence: f64,
    /// That fewer than this share of the tiles is wrong, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    wrong: f64,
    /// Where to listen for providers that fetch the inputs.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to keep the blobs that are served and fetched.
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
    /// Where to keep the blobs that are fetched.
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
}

impl Command {
    /// Does it.
    pub async fn run(self, url: &str) -> Result<ExitCode> {
        match self {
            Self::Post(post) => {
                // What is wrong with the job itself shows before anything is asked of a node.
                let job = JobFile::load(&post.file)?;
                post.run(&Chain::connect(url).await?, job).await
            }
            Self::Watch { job, workers } => {
                let chain = Chain::connect(url).await?;
                follow(&chain, job, &workers).await
            }
            Self::Result(fetch) => fetch.run(&Chain::connect(url).await?).await,
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

async fn follow(chain: &Chain, job: u64, workers: &Workers) -> Result<ExitCode> {
    let settled = watch::until_closed(chain, job, &workers.connect().await).await?;
    let view = chain
        .job(job)
        .await?
        .context("the job's receipt has expired")?;
    println!("\njob {job} is {}", settled.reason);
    println!("{}", watch::settlement_table(&view, &settled));
    Ok(exit_code(watch::succeeded(&settled)))
}

fn exit_code(success: bool) -> ExitCode {
    if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Post {
    async fn run(self, chain: &Chain, job: LoadedJob) -> Result<ExitCode> {
        let signer = account::signer(&self.signer)?;
        let payer = account::of(&signer);
        let store = open_store(self.store.as_deref(), self.listen).await?;
        let mut inputs = Vec::new();
        for bytes in &job.inputs {
            inputs.push(InputRef {
                hash: store.put_bytes(bytes.clone()).await?,
                length: bytes.len() as u64,
            });
        }
        let endpoint = store.endpoint();
        let spec = JobSpec {
            kernel: *blake3::hash(&job.code).as_bytes(),
            parameters: job.parameters.clone(),
            inputs,
            grid: job.grid,
            assurance: Assurance {
                confidence: parts_per_million(self.confidence, "--confidence")?,
                wrong: parts_per_million(self.wrong, "--wrong")?,
            },
            price: PriceRange {
                floor: self.floor,
                ceiling: self.ceiling,
            },
            auction: self.auction,
            compute: self.compute,
            source: Endpoint {
                key: endpoint.key,
                address: chain_address(endpoint.address),
            },
        };
        if chain.kernel(spec.kernel).await?.is_none() {
            println!("registering the kernel {}", hex::encode(spec.kernel));
            chain
                .submit(&signer, "Jobs", "register_kernel", (job.code.clone(),))
                .await?;
        }
        let quote = chain
            .quote(&spec)
            .await?
            .map_err(|error| refusal(error, &spec))?;
        println!("{}", quote_table(&quote, &spec));
        let balance = chain.balance(&payer).await?;
        ensure!(
            balance.free > quote.total,
            "{payer} has {} free and the job needs {} in escrow and a fee: send it more, or lower --ceiling",
            amount::format(balance.free),
            amount::format(quote.total),
        );
        if self.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        let id = post(chain, &signer, &spec).await?;
        println!(
            "job {id} is posted; {} are in escrow",
            amount::format(quote.total)
        );
        let code = follow(chain, id, &self.workers).await?;
        if let Some(output) = &self.output {
            let view = chain
                .job(id)
                .await?
                .context("the job's receipt has expired")?;
            fetch(chain, &store, &view, &job.output, output).await?;
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

/// What to do about a refused quote.
fn refusal(error: QuoteError, spec: &JobSpec) -> anyhow::Error {
    let advice = match error {
        QuoteError::UnknownKernel => "the kernel is not registered".into(),
        QuoteError::BadGrid => format!("the grid {:?} is empty or has too many tiles", spec.grid),
        QuoteError::WrongNumberOfInputs => format!(
            "the kernel does not read {} inputs: name as many in the job file as it has `var<storage, read>`",
            spec.inputs.len()
        ),
        QuoteError::BadPrice => "--floor must not be above --ceiling, and --ceiling not zero".into(),
        QuoteError::BadAssurance => {
            "the assurance asks for more samples than a job may have: lower --confidence or raise --wrong".into()
        }
        QuoteError::InputTooLong => "an input has more than 16 GiB".into(),
        QuoteError::BadWindow => "--auction and --compute must be at least one block and not too long".into(),
    };
    anyhow::anyhow!("the chain would refuse this job: {advice}")
}

/// A percentage on the command line as the chain counts it.
fn parts_per_million(percent: f64, flag: &str) -> Result<u32> {
    let parts = (percent * 10_000.0).round();
    ensure!(
        (1.0..1_000_000.0).contains(&parts),
        "{flag} must be more than 0 and less than 100 percent, not {percent}",
    );
    Ok(parts as u32)
}

fn percent(parts_per_million: u32) -> String {
    format!("{}%", f64::from(parts_per_million) / 10_000.0)
}

fn quote_table(quote: &Quote, spec: &JobSpec) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_header(["quote", ""]);
    let rows = [
        (
            "tiles, and fuel at most",
            format!("{}, {}", quote.tiles, quote.fuel),
        ),
        (
            "sampled, by verifiers",
            format!("{}, {}", quote.samples, quote.panel),
        ),
        (
            "chance to catch the wrong share",
            format!(
                "{} if {} are wrong",
                percent(quote.detection),
                percent(spec.assurance.wrong)
            ),
        ),
        (
            "chance to catch one wrong tile",
            percent(quote.detection_of_one),
        ),
        ("for the provider, at most", amount::format(quote.ceiling)),
        (
            "for the verifiers, at most",
            amount::format(quote.verification),
        ),
        ("deposit, comes back", amount::format(quote.deposit)),
        ("held in all", amount::format(quote.total)),
        (
            "providers that can take it",
            format!(
                "{} (with {} free stake)",
                quote.capable,
                amount::format(quote.bond)
            ),
        ),
    ];
    for (name, value) in rows {
        table.add_row([name.to_string(), value]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

impl Fetch {
    async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let view = chain
            .job(self.job)
            .await?
            .with_context(|| format!("there is no job {}, or its receipt has expired", self.job))?;
        let store =
            open_store(self.store.as_deref(), SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let output = match self.picture {
            Some((width, height)) => Output::Picture { width, height },
            None => Output::Bytes,
        };
        fetch(chain, &store, &view, &output, &self.output).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Fetches the output of a job, checks it against the root on chain and writes it; a picture beside the bytes.
async fn fetch(
    chain: &Chain,
    store: &Store,
    view: &JobView,
    output: &Output,
    path: &Path,
) -> Result<()> {
    let (provider, root) = result_of(view)?;
    let provider = chain.provider(&provider).await?.with_context(|| {
        format!(
            "{provider} is no provider any more; ask it for the blob {}",
            hex::encode(root)
        )
    })?;
    let source = store::Endpoint {
        key: provider.endpoint.key,
        address: socket_address(&provider.endpoint.address),
    };
    let bytes = store
        .fetch(root, output_length(chain, view).await?, &[source])
        .await
        .with_context(|| format!("cannot fetch the result from {}", provider.account))?;
    let found = blake3::hash(&bytes);
    ensure!(
        *found.as_bytes() == root,
        "the provider served other bytes ({found}) than it committed to ({})",
        hex::encode(root)
    );
    let (bytes_path, picture_path) = match output {
        Output::Bytes => (path.to_path_buf(), None),
        Output::Picture { .. } => (path.with_extension("bin"), Some(path.with_extension("png"))),
    };
    std::fs::write(&bytes_path, &bytes)
        .with_context(|| format!("cannot write the result to {}", bytes_path.display()))?;
    println!("root         {}", hex::encode(root));
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

/// Who has the result of a job, and its hash.
fn result_of(view: &JobView) -> Result<(AccountId32, [u8; 32])> {
    match &view.status {
        JobStatus::Verifying { provider, root, .. } => Ok((provider.clone(), *root)),
        JobStatus::Closed {
            provider: Some(provider),
            root: Some(root),
            ..
        } => Ok((provider.clone(), *root)),
        JobStatus::Closed { reason, .. } => bail!("job {} has no result: {reason}", view.id),
        _ => bail!(
            "job {} has no result yet: `assay job watch {}`",
            view.id,
            view.id
        ),
    }
}

/// The bytes of a job's output.
async fn output_length(chain: &Chain, view: &JobView) -> Result<u64> {
    let code = chain
        .kernel(view.spec.kernel)
        .await?
        .context("the job's kernel was removed, so the length of its output is not known")?;
    let kernel = <assay_kernel::Kernel as codec::Decode>::decode(&mut code.as_slice())
        .context("this command is too old for the kernel's bytecode")?;
    Ok(u64::from(view.tiles) * u64::from(kernel.tile_words) * 4)
}

async fn list(chain: &Chain, limit: u32) -> Result<ExitCode> {
    let jobs = chain.jobs(None, limit).await?;
    if jobs.is_empty() {
        println!("There is no job. `assay job post --help` says how to post one.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header([
        "job",
        "requester",
        "tiles",
        "sampled",
        "ceiling",
        "status",
    ]);
    for job in jobs {
        let status = match &job.status {
            JobStatus::Auction { price, until } => {
                format!("auction: {} until #{until}", amount::format(*price))
            }
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
            amount::format(job.spec.price.ceiling),
            status,
        ]);
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}

/// The store of this user's blobs.
async fn open_store(folder: Option<&Path>, listen: SocketAddr) -> Result<Store> {
    let folder = match folder {
        Some(folder) => folder.to_path_buf(),
        None => {
            let home =
                std::env::var_os("HOME").context("HOME is not set: name a folder with --store")?;
            PathBuf::from(home).join(".local/share/assay/blobs")
        }
    };
    Store::open(&folder, listen)
        .await
        .with_context(|| format!("cannot open the blob store {}", folder.display()))
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
    fn parts_per_million_refuses_when_the_percentage_is_out_of_range() {
        for percent in [0.0, 100.0, -1.0, f64::NAN] {
            assert!(parts_per_million(percent, "--wrong").is_err(), "{percent}");
        }
        assert_eq!(parts_per_million(99.9, "--confidence").ok(), Some(999_000));
    }

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
