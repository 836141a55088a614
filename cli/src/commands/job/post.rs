// SPDX-License-Identifier: Apache-2.0
//! `assay job post`.

use super::{Workers, follow, open_store, result};
use crate::{
    account, amount,
    chain::{
        Chain,
        types::{
            Assurance, Endpoint, InputRef, JobPosted, JobSpec, Pass, PriceRange, Quote, QuoteError,
            Source,
        },
    },
    commands::provider::chain_address,
    job_file::{LoadedJob, LoadedPass},
    table::table,
};
use anyhow::{Context, Result, bail, ensure};
use assay_kernel::{machine::Machine, validate::Limits};
use assay_verifier::{execution::Task, spot};
use comfy_table::Table;
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

impl Post {
    pub(super) async fn run(self, chain: &Chain, job: LoadedJob) -> Result<ExitCode> {
        refuse_races(&job)?;
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
            passes: job.passes.iter().map(pass).collect(),
            checker: job.checker.as_ref().map(pass),
            inputs,
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
        for loaded in job.passes.iter().chain(&job.checker) {
            let hash = *blake3::hash(&loaded.code).as_bytes();
            if chain.kernel(hash).await?.is_some() {
                continue;
            }
            let name = hex::encode(hash);
            ensure!(
                !self.dry_run,
                "the kernel {name} is not registered, so there is no quote yet: `assay kernel register` it, for a deposit",
            );
            println!("registering the kernel {name}");
            chain.register_kernel(&signer, &loaded.code).await?;
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
            result::fetch(chain, &store, &view, &job.output, output).await?;
        }
        Ok(code)
    }
}

/// A pass as the chain has it.
fn pass(loaded: &LoadedPass) -> Pass {
    Pass {
        kernel: *blake3::hash(&loaded.code).as_bytes(),
        parameters: loaded.parameters.clone(),
        reads: loaded.reads.clone(),
        grid: loaded.grid,
    }
}

/// Refuses a job in which the invocations race in the first, the middle or the last tile of a pass that reads
/// nothing but inputs: providers would leave it.
fn refuse_races(job: &LoadedJob) -> Result<()> {
    let words: Vec<Vec<u32>> = job.inputs.iter().map(|input| spot::words(input)).collect();
    for (number, pass) in job.passes.iter().enumerate() {
        let inputs: Option<Vec<&[u32]>> = (pass.reads.iter())
            .map(|source| match source {
                Source::Input(input) => words.get(usize::from(*input)).map(Vec::as_slice),
                Source::Pass(_) => None,
            })
            .collect();
        let Some(inputs) = inputs else { continue };
        let machine = Machine::new(&pass.kernel, &Limits::DEFAULT)
            .context("the chain would refuse the kernel")?;
        let tiles = pass.tiles()?;
        let task = Task {
            grid: pass.grid,
            parameters: &pass.parameters,
            tiles,
        };
        let looked_at = [0, tiles / 2, tiles - 1];
        if let Some((tile, race)) = spot::race(&machine, &task, &looked_at, &inputs)? {
            bail!(
                "the kernel of pass {number} has a data race: in tile {tile}, {race}. A GPU may compute anything then: give each \
                 invocation words of its own, or put a barrier between"
            );
        }
    }
    Ok(())
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
        QuoteError::BadGrid => {
            let grids: Vec<_> = spec.passes.iter().map(|pass| pass.grid).collect();
            format!("a grid of {grids:?} is empty or has too many tiles")
        }
        QuoteError::WrongNumberOfInputs => {
            let reads: Vec<_> = spec.passes.iter().map(|pass| pass.reads.len()).collect();
            format!(
                "the kernels do not read {reads:?} inputs: name as many in the job file as each has `var<storage, read>`"
            )
        }
        QuoteError::NoPasses => "the job file has no pass".into(),
        QuoteError::UnknownSource => format!(
            "a pass reads an input that is none of the {} of the job, or a pass that does not come before it",
            spec.inputs.len()
        ),
        QuoteError::TooManyParameters => "a checker may have 56 parameters, behind the seed".into(),
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
    let mut table = table(&["quote", ""], &[1]);
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
    table
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
}
