// SPDX-License-Identifier: Apache-2.0
//! `assay job audit`: whoever doubts a result re-executes it, and makes the chain judge.

use super::result;
use crate::{
    account, amount, blobs,
    chain::{
        Chain, Proof,
        types::{JobStatus, JobView, Pass, Phase, Reason, Source},
    },
};
use anyhow::{Context, Result, ensure};
use assay_kernel::{cost, machine::Machine, validate::Limits};
use assay_verifier::{
    ChainingValue, commit::Commitment, execution::Task, opening::Opening, parts::Parts, spot,
};
use assay_worker::store::Store;
use codec::Encode;
use indicatif::{ProgressBar, ProgressStyle};
use std::{path::PathBuf, process::ExitCode};
use subxt_signer::sr25519::Keypair;

/// How to audit.
#[derive(Debug, clap::Args)]
pub struct Audit {
    /// The job's number.
    job: u64,
    /// Of so many tiles, re-execute one.
    #[arg(long, value_name = "TILES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// Have the chain judge a wrong tile, as long as the job is not settled, in a transaction of this account:
    /// a phrase, a seed in hex, a name such as //Alice, or @FILE. A proof costs no fee and is rewarded.
    #[arg(long, value_name = "SECRET")]
    signer: Option<String>,
    /// Where to keep the blobs that are fetched [default: ~/.local/share/assay/blobs, or a temporary folder while
    /// another command uses it].
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
}

/// A pass of a job with all that its re-execution needs.
struct Case<'a> {
    /// Its number, from 0.
    number: usize,
    pass: &'a Pass,
    tiles: u32,
    machine: Machine,
    /// The bytes of the encoded kernel.
    code_bytes: usize,
    inputs: Vec<Vec<u8>>,
    /// The bytes of its output.
    output: Vec<u8>,
    /// The values that the provider committed to.
    committed: Vec<ChainingValue>,
}

impl Audit {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = self.signer.as_deref().map(account::signer).transpose()?;
        let view = served(chain, self.job).await?;
        let cache = blobs::open_cache(self.store.as_deref()).await?;
        let mut before: Vec<Case> = Vec::new();
        let mut first = 0;
        for number in 0..view.spec.passes.len() {
            let mut case = Case::fetch(chain, &cache.store, &view, number, &before).await?;
            if self
                .judge(chain, &view, &mut case, first, signer.as_ref())
                .await?
            {
                return Ok(ExitCode::FAILURE);
            }
            first += case.tiles;
            before.push(case);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Re-executes a pass whose tiles are numbered from `first` on, and has the chain judge the first wrong
    /// one. Whether there is one.
    async fn judge(
        &self,
        chain: &Chain,
        view: &JobView,
        case: &mut Case<'_>,
        first: u32,
        signer: Option<&Keypair>,
    ) -> Result<bool> {
        let every = usize::try_from(self.every).unwrap_or(usize::MAX);
        let tiles: Vec<u32> = (0..case.tiles).step_by(every).collect();
        let wrong = case.wrong(&tiles)?;
        let counts = format!(
            "pass {} of {}: {} of {} tiles re-executed",
            case.number.saturating_add(1),
            view.spec.passes.len(),
            tiles.len(),
            case.tiles
        );
        let Some(tile) = wrong.first().copied() else {
            println!("{counts}: all are right");
            return Ok(false);
        };
        println!(
            "{counts}: {} are wrong, the first is tile {}",
            wrong.len(),
            first + tile
        );
        if matches!(view.status, JobStatus::Closed { .. }) {
            println!("the job is closed: it is too late to have the chain judge");
        } else if let Some(signer) = signer {
            let judged = async {
                let proof = case.prove(chain, signer, view.id, tile).await?;
                chain.adjudicate(signer, view.id, first + tile, proof).await
            };
            match judged.await {
                Ok(_) => println!(
                    "the chain has re-executed tile {} and convicted the provider",
                    first + tile
                ),
                // Verifiers have the same proof, and may come first.
                Err(error) => match chain.job(view.id).await?.map(|view| view.status) {
                    Some(JobStatus::Closed {
                        reason: Reason::WrongResult,
                        ..
                    }) => println!("the chain has convicted the provider: somebody was first"),
                    _ => return Err(error),
                },
            }
        } else {
            println!(
                "have the chain judge: `assay job audit {} --signer SECRET`",
                view.id
            );
        }
        Ok(true)
    }
}

impl<'a> Case<'a> {
    /// Fetches kernel, inputs and output of a pass, given the passes before it.
    async fn fetch(
        chain: &Chain,
        store: &Store,
        view: &'a JobView,
        number: usize,
        before: &[Case<'_>],
    ) -> Result<Self> {
        let pass = view
            .spec
            .passes
            .get(number)
            .context("there is no such pass")?;
        let kernel = result::kernel(chain, pass).await?;
        let machine = Machine::new(&kernel, &Limits::DEFAULT)
            .context("this command does not take the kernel that the chain took: update it")?;
        let (provider, roots) = result::outputs_of(view)?;
        let root = *roots.get(number).context("a pass has no root")?;
        let mut inputs = Vec::new();
        for source in &pass.reads {
            inputs.push(match source {
                Source::Input(input) => fetch_input(chain, store, view, *input).await?,
                Source::Pass(earlier) => {
                    let earlier = before.get(usize::from(*earlier));
                    earlier.context("a pass reads a later one")?.output.clone()
                }
            });
        }
        let output = result::output(chain, store, &provider, root, pass).await?;
        let tiles = pass.grid.iter().product();
        let tile_bytes = usize::try_from(kernel.tile_words)? * 4;
        let mut commitment = Commitment::new(tiles, tile_bytes);
        commitment.push(&output)?;
        let (committed, found) = commitment.finish().context("the output lacks tiles")?;
        ensure!(found == root, "the output is not what was committed to");
        Ok(Self {
            number,
            pass,
            tiles,
            machine,
            code_bytes: kernel.encoded_size(),
            inputs,
            output,
            committed,
        })
    }

    fn task(&self) -> Task<'a> {
        Task {
            grid: self.pass.grid,
            parameters: &self.pass.parameters,
            tiles: self.tiles,
        }
    }

    /// Those of the tiles, ascending, that are not what the kernel computes.
    fn wrong(&self, tiles: &[u32]) -> Result<Vec<u32>> {
        let words: Vec<Vec<u32>> = self.inputs.iter().map(|input| spot::words(input)).collect();
        let words: Vec<&[u32]> = words.iter().map(Vec::as_slice).collect();
        let bar = ProgressBar::new(tiles.len() as u64).with_style(ProgressStyle::with_template(
            "  re-executing [{bar:30}] {pos}/{len} tiles, {per_sec}, {eta} left",
        )?);
        let right = spot::values(&self.machine, &self.task(), tiles, &words, || bar.inc(1))?;
        bar.finish_and_clear();
        Ok(tiles
            .iter()
            .zip(right)
            .filter(|(tile, right)| self.committed.get(**tile as usize) != Some(right))
            .map(|(tile, _)| *tile)
            .collect())
    }

    /// What makes the chain re-execute a tile. If that reads more than a witness holds, the chain is given the rest before.
    async fn prove(
        &mut self,
        chain: &Chain,
        signer: &Keypair,
        job: u64,
        tile: u32,
    ) -> Result<Proof> {
        let task = self.task();
        let inputs: Vec<&[u8]> = self.inputs.iter().map(Vec::as_slice).collect();
        let (_, witness) = spot::witness(&mut self.machine, &task, tile, &inputs)?;
        let capacity = chain.capacity().await?;
        let parts = Parts::split(&inputs, witness, capacity.witness_bytes)?;
        let supplied = parts.supplied_pages();
        ensure!(
            supplied <= capacity.supplied_pages,
            "the tile reads {supplied} KiB besides what fits the witness, and the chain takes {}: it cannot judge this \
             kernel's tiles",
            capacity.supplied_pages
        );
        if supplied > 0 {
            println!(
                "the tile reads more than a witness holds: giving the chain {supplied} KiB before; {} are held until \
                 the job is over",
                amount::format(capacity.page_deposit.saturating_mul(supplied.into()))
            );
        }
        let pass = u32::try_from(self.number)?;
        for supply in parts.supplies {
            chain.supply(signer, job, pass, supply).await?;
        }
        Ok(Proof {
            opening: Some(Opening::new(&self.committed, &[tile])?),
            witness: parts.witness,
            fuel: self.machine.report().tile_fuel + cost::ready(self.code_bytes),
            supplied,
        })
    }
}

/// Fetches an input of a job, from its provider or its requester.
async fn fetch_input(chain: &Chain, store: &Store, view: &JobView, number: u8) -> Result<Vec<u8>> {
    let input = view.spec.inputs.get(usize::from(number));
    let input = input.context("a pass reads an input that there is not")?;
    let (provider, _) = result::outputs_of(view)?;
    let provider = chain.provider(&provider).await?;
    let sources: Vec<_> = provider
        .map(|provider| provider.endpoint)
        .into_iter()
        .chain([view.spec.source])
        .map(|endpoint| blobs::endpoint(&endpoint))
        .collect();
    store
        .fetch(input.hash, input.length, &sources)
        .await
        .with_context(|| format!("cannot fetch input {number}"))
}

/// Waits until the output of a job is served: once every verifier is bound to its values.
pub(super) async fn served(chain: &Chain, job: u64) -> Result<JobView> {
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
            result::outputs_of(&view)?;
            return Ok(view);
        }
        blocks
            .next()
            .await
            .context("the node closed the connection")??;
    }
}
