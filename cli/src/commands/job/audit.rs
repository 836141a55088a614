// SPDX-License-Identifier: Apache-2.0
//! `assay job audit`: whoever doubts a result re-executes it, and makes the chain judge.

use super::{open_store, result};
use crate::{
    account,
    chain::{
        Chain,
        types::{JobStatus, JobView, Phase},
    },
    commands::provider::socket_address,
};
use anyhow::{Context, Result, ensure};
use assay_kernel::{machine::Machine, validate::Limits};
use assay_verifier::{ChainingValue, commit::Commitment, execution::Task, opening::Opening, spot};
use assay_worker::store::{self, Store};
use indicatif::{ProgressBar, ProgressStyle};
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

/// How to audit.
#[derive(Debug, clap::Args)]
pub struct Audit {
    /// The job's number.
    job: u64,
    /// Re-execute only every so manieth tile.
    #[arg(long, value_name = "TILES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// Have the chain judge a wrong tile, as long as the job is not settled, in a transaction of this account:
    /// a phrase, a seed in hex, a name such as //Alice, or @FILE. A proof costs no fee and is rewarded.
    #[arg(long, value_name = "SECRET")]
    signer: Option<String>,
    /// Where to keep the blobs that are fetched.
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
}

/// A job with all that its re-execution needs.
struct Case {
    machine: Machine,
    inputs: Vec<Vec<u8>>,
    /// The values that the provider committed to.
    committed: Vec<ChainingValue>,
}

impl Audit {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = self.signer.as_deref().map(account::signer).transpose()?;
        let view = served(chain, self.job).await?;
        let store =
            open_store(self.store.as_deref(), SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let mut case = Case::fetch(chain, &store, &view).await?;
        let every = usize::try_from(self.every).unwrap_or(usize::MAX);
        let tiles: Vec<u32> = (0..view.tiles).step_by(every).collect();
        let wrong = case.wrong(&view, &tiles)?;
        let Some(first) = wrong.first() else {
            println!(
                "{} of {} tiles re-executed: all are right",
                tiles.len(),
                view.tiles
            );
            return Ok(ExitCode::SUCCESS);
        };
        println!(
            "{} of {} tiles re-executed: {} are wrong, the first is tile {first}",
            tiles.len(),
            view.tiles,
            wrong.len(),
        );
        if matches!(view.status, JobStatus::Closed { .. }) {
            println!("the job is closed: it is too late to have the chain judge");
        } else if let Some(signer) = &signer {
            let opening = Opening::new(&case.committed, &[*first])?;
            let task = task(&view);
            let inputs: Vec<&[u8]> = case.inputs.iter().map(Vec::as_slice).collect();
            let (_, witness) = spot::witness(&mut case.machine, &task, *first, &inputs)?;
            let fuel = case.machine.report().tile_fuel;
            chain
                .adjudicate(signer, view.id, *first, Some(opening), witness, fuel)
                .await?;
            println!("the chain has re-executed tile {first} and convicted the provider");
        } else {
            println!(
                "have the chain judge: `assay job audit {} --signer SECRET`",
                view.id
            );
        }
        Ok(ExitCode::FAILURE)
    }
}

impl Case {
    /// Fetches kernel, inputs and output of a job.
    async fn fetch(chain: &Chain, store: &Store, view: &JobView) -> Result<Self> {
        let kernel = result::kernel(chain, view).await?;
        let machine = Machine::new(&kernel, &Limits::DEFAULT)
            .context("this command does not take the kernel that the chain took: update it")?;
        let (provider, root) = result::result_of(view)?;
        let provider = chain.provider(&provider).await?;
        let sources: Vec<_> = provider
            .map(|provider| provider.endpoint)
            .into_iter()
            .chain([view.spec.source])
            .map(|endpoint| store::Endpoint {
                key: endpoint.key,
                address: socket_address(&endpoint.address),
            })
            .collect();
        let mut inputs = Vec::new();
        for (number, input) in view.spec.inputs.iter().enumerate() {
            let bytes = store
                .fetch(input.hash, input.length, &sources)
                .await
                .with_context(|| format!("cannot fetch input {number}"))?;
            inputs.push(bytes);
        }
        let output = result::bytes(chain, store, view).await?;
        let tile_bytes = usize::try_from(kernel.tile_words)? * 4;
        let mut commitment = Commitment::new(view.tiles, tile_bytes);
        commitment.push(&output)?;
        let (committed, found) = commitment.finish().context("the output lacks tiles")?;
        ensure!(found == root, "the output is not what was committed to");
        Ok(Self {
            machine,
            inputs,
            committed,
        })
    }

    /// Those of the tiles, ascending, that are not what the kernel computes.
    fn wrong(&self, view: &JobView, tiles: &[u32]) -> Result<Vec<u32>> {
        let words: Vec<Vec<u32>> = self.inputs.iter().map(|input| spot::words(input)).collect();
        let words: Vec<&[u32]> = words.iter().map(Vec::as_slice).collect();
        let bar = ProgressBar::new(tiles.len() as u64).with_style(ProgressStyle::with_template(
            "  re-executing [{bar:30}] {pos}/{len} tiles, {per_sec}, {eta} left",
        )?);
        let right = spot::values(&self.machine, &task(view), tiles, &words, || bar.inc(1))?;
        bar.finish_and_clear();
        Ok(tiles
            .iter()
            .zip(right)
            .filter(|(tile, right)| self.committed.get(**tile as usize) != Some(right))
            .map(|(tile, _)| *tile)
            .collect())
    }
}

fn task(view: &JobView) -> Task<'_> {
    Task {
        grid: view.spec.grid,
        parameters: &view.spec.parameters,
        tiles: view.tiles,
    }
}

/// Waits until the output of a job is served: once every verifier is bound to its values.
async fn served(chain: &Chain, job: u64) -> Result<JobView> {
    let mut blocks = chain.blocks().await?;
    loop {
        let view = chain
            .job(job)
            .await?
            .with_context(|| format!("there is no job {job}, or its receipt has expired"))?;
        let waits = matches!(
            view.status,
            JobStatus::Verifying {
                phase: Phase::Drawing | Phase::Attesting | Phase::Opening,
                ..
            }
        );
        if !waits {
            result::result_of(&view)?;
            return Ok(view);
        }
        blocks
            .next()
            .await
            .context("the node closed the connection")??;
    }
}
