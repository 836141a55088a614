// SPDX-License-Identifier: Apache-2.0
//! `assay job demand`: has a provider show tiles on the chain.

use super::audit;
use crate::{
    account, amount,
    chain::{
        Chain, Shown,
        types::{JobStatus, JobView},
    },
};
use anyhow::{Context, Result, bail, ensure};
use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};
use subxt_signer::sr25519::Keypair;

/// The demands of a job that can be open at a time, of which others than the requester have half.
const MOST_OPEN: usize = 8;

/// What to demand.
#[derive(Debug, clap::Args)]
pub struct Demand {
    /// The job's number.
    job: u64,
    /// The tiles, numbered from 0 through all passes.
    #[arg(required = true, value_name = "TILE")]
    tiles: Vec<u32>,
    /// The secret of the account that pays: a phrase, a seed in hex, a name such as //Alice, or @FILE.
    #[arg(long, value_name = "SECRET")]
    signer: String,
    /// Demand the bytes of the tiles too, which only who posted the job may, and write them to this file, one tile
    /// behind the other.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Demand {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = account::signer(&self.signer)?;
        let tiles: BTreeSet<u32> = self.tiles.iter().copied().collect();
        let view = audit::served(chain, self.job).await?;
        let wants_bytes = self.output.is_some();
        let room = self.room(&view, &tiles, &signer)?;
        let fee = chain.demand_fee(wants_bytes).await?;
        let held = fee.saturating_mul(u128::try_from(tiles.len().min(room))?);
        let free = chain.balance(&account::of(&signer)).await?.free;
        ensure!(
            free > held,
            "the account has {} free, and {} are held while the demands are open: send it more, or demand fewer tiles",
            amount::format(free),
            amount::format(held),
        );
        println!(
            "{} are held for each tile; what is not needed comes back, and all of it if the provider does not answer",
            amount::format(fee)
        );
        let tiles: Vec<u32> = tiles.into_iter().collect();
        let mut shown: Vec<Shown> = Vec::new();
        for some in tiles.chunks(room) {
            let answers = self.ask(chain, &signer, some).await?;
            let found = answers.len();
            shown.extend(answers);
            if found < some.len() {
                break;
            }
        }
        if let Some(path) = &self.output {
            let bytes = shown.iter().filter_map(|shown| shown.bytes.as_deref());
            std::fs::write(path, bytes.collect::<Vec<_>>().concat())
                .with_context(|| format!("cannot write the tiles to {}", path.display()))?;
            println!("written to {}", path.display());
        }
        if shown.len() == tiles.len() {
            return Ok(ExitCode::SUCCESS);
        }
        let view = chain.job(self.job).await?;
        match view.map(|view| view.status) {
            Some(JobStatus::Closed { reason, .. }) => bail!(
                "{} of {} tiles were shown, then the job was closed: {reason}",
                shown.len(),
                tiles.len()
            ),
            _ => bail!(
                "{} of {} tiles were shown; the chain has no answer for the others",
                shown.len(),
                tiles.len()
            ),
        }
    }

    /// How many demands this account can have open. Refuses what the chain would.
    fn room(&self, view: &JobView, tiles: &BTreeSet<u32>, signer: &Keypair) -> Result<usize> {
        let is_requester = account::of(signer) == view.requester;
        if let JobStatus::Closed { reason, .. } = view.status {
            bail!(
                "nothing can be demanded of job {} any more: {reason}",
                view.id
            );
        }
        ensure!(
            is_requester || self.output.is_none(),
            "only {}, who posted job {}, can demand bytes: leave --output out to demand the values",
            view.requester,
            view.id,
        );
        if let Some(tile) = tiles.range(view.tiles..).next() {
            bail!(
                "job {} has no tile {tile}: its {} tiles are numbered from 0, through all passes",
                view.id,
                view.tiles
            );
        }
        Ok(match is_requester {
            true => MOST_OPEN,
            false => MOST_OPEN / 2,
        })
    }

    /// Demands some tiles, waits until nothing of it is open, and says what was shown.
    async fn ask(&self, chain: &Chain, signer: &Keypair, tiles: &[u32]) -> Result<Vec<Shown>> {
        let account = account::of(signer);
        let first = chain.block_number().await?;
        let wants_bytes = self.output.is_some();
        for tile in tiles {
            let arguments = (self.job, *tile, wants_bytes);
            chain
                .submit(signer, "Verifier", "demand", arguments)
                .await
                .with_context(|| format!("tile {tile} cannot be demanded"))?;
        }
        let mut blocks = chain.blocks().await?;
        let mut told = false;
        loop {
            let open = chain.demands(self.job).await?;
            let due = open.iter().filter(|demand| demand.by == account);
            let Some(until) = due.map(|demand| demand.until).max() else {
                break;
            };
            if !told {
                println!("the provider has to answer by block {until}");
                told = true;
            }
            blocks
                .next()
                .await
                .context("the node closed the connection")??;
        }
        let last = chain.block_number().await?;
        let answers = chain.answers(self.job, &account, first..=last).await?;
        let mut shown = Vec::new();
        for tile in tiles {
            let answer = (answers.shown.iter())
                .find(|shown| shown.tile == *tile && shown.bytes.is_some() >= wants_bytes);
            match answer {
                Some(answer) => {
                    let value = hex::encode(answer.value);
                    match &answer.bytes {
                        Some(bytes) => println!("tile {tile}: {value}, {} bytes", bytes.len()),
                        None => println!("tile {tile}: {value}"),
                    }
                    shown.push(answer.clone());
                }
                None => println!("tile {tile}: not shown"),
            }
        }
        println!("that cost {}", amount::format(answers.spent));
        Ok(shown)
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::Cli;
    use clap::Parser;

    #[test]
    fn demand_names_at_least_one_tile() {
        let line = |tiles: &[&str]| {
            let command = ["assay", "job", "demand", "0", "--signer", "//Eve"];
            Cli::try_parse_from(command.iter().chain(tiles))
        };
        assert!(line(&["3", "17", "--output", "tiles.bin"]).is_ok());
        let error = line(&[]).expect_err("no tile").to_string();
        assert!(error.contains("TILE"), "{error}");
        assert!(line(&["-1"]).is_err());
    }
}
