// SPDX-License-Identifier: Apache-2.0
//! How many jobs a second one validator settles, how many the weights allow, and the same of transfers.
//!
//! The parties are keys in this program: they post, accept, commit, attest, open and reveal as the protocol asks, of a job
//! so small that computing it costs nothing. The node does all that a validator's does.

mod jobs;
mod keys;
mod node;
mod setting;
mod transfers;

use anyhow::{Context, Result};
use assay_runtime::{Runtime, configs::system::MILLIS_PER_BLOCK};
use assay_tests::network::Network;
use node::{Executed, Node};
use polkadot_sdk::{
    frame_support::{dispatch::DispatchClass, weights::constants::WEIGHT_REF_TIME_PER_MILLIS},
    frame_system,
};
use setting::Parties;

/// Blocks without transactions that are looked at first.
const IDLE: u32 = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let network = Network::start(&[]).await?;
    let node = Node::connect(network.url()).await?;
    let mut parties = Parties::gather(&node).await?;
    let first = node.best().await? + 1;
    let mut idle = Vec::new();
    for number in first..first + IDLE {
        idle.push((1, node.block(number).await?));
    }
    let idle = Weights::of(&idle).total;
    let settled = Figures::of(&jobs::run(&node, &mut parties).await?, idle)?;
    let transferred = Figures::of(&transfers::run(&node, &mut parties).await?, idle)?;

    println!(
        "| of | blocks | a block, least to most | a second | weight of one | of a block's | by weights, a second |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: |");
    settled.print("jobs settled");
    transferred.print("transfers");
    println!(
        "\na job settled takes the weight of {:.1} transfers; {:.3} jobs were settled for each transfer",
        settled.weight / transferred.weight,
        settled.rate / transferred.rate,
    );
    Ok(())
}

/// The weight of a block on average, in milliseconds.
struct Weights {
    total: f64,
    /// Of ordinary extrinsics.
    normal: f64,
}

fn millis(ref_time: u64) -> f64 {
    ref_time as f64 / WEIGHT_REF_TIME_PER_MILLIS as f64
}

impl Weights {
    fn of(blocks: &[(usize, Executed)]) -> Self {
        let mean = |of: &dyn Fn(&Executed) -> u64| {
            blocks
                .iter()
                .map(|(_, block)| millis(of(block)))
                .sum::<f64>()
                / blocks.len() as f64
        };
        Self {
            total: mean(&|block| block.weight.total().ref_time()),
            normal: mean(&|block| block.weight.get(DispatchClass::Normal).ref_time()),
        }
    }
}

/// What was done in blocks.
struct Figures {
    blocks: usize,
    least: usize,
    most: usize,
    /// A second, by the blocks' own clock.
    rate: f64,
    /// Of one, in milliseconds.
    weight: f64,
    /// Of one in a block's, that of an empty one taken off.
    share: f64,
    /// How many a second the weights allow.
    limit: f64,
}

impl Figures {
    fn of(blocks: &[(usize, Executed)], idle: f64) -> Result<Self> {
        let (first, last) = (blocks.first(), blocks.last());
        let (first, last) = first.zip(last).context("some blocks")?;
        let (first, last) = (&first.1, &last.1);
        let done: usize = blocks.iter().map(|(count, _)| count).sum();
        let each = done as f64 / blocks.len() as f64;
        let per_block = (last.time - first.time) as f64 / f64::from(last.number - first.number);
        let weights = Weights::of(blocks);
        let (weight, normal) = ((weights.total - idle) / each, weights.normal / each);
        let limits = <Runtime as frame_system::Config>::BlockWeights::get();
        let room = millis(limits.max_block.ref_time()) - idle;
        let of_normal = limits.get(DispatchClass::Normal).max_total;
        let of_normal = millis(of_normal.context("a limit")?.ref_time());
        let blocks_a_second = 1e3 / MILLIS_PER_BLOCK as f64;
        Ok(Self {
            blocks: blocks.len(),
            least: blocks
                .iter()
                .map(|(count, _)| *count)
                .min()
                .unwrap_or_default(),
            most: blocks
                .iter()
                .map(|(count, _)| *count)
                .max()
                .unwrap_or_default(),
            rate: each / per_block * 1e3,
            weight,
            share: weight / room,
            limit: (room / weight).min(of_normal / normal) * blocks_a_second,
        })
    }

    fn print(&self, of: &str) {
        println!(
            "| {of} | {} | {} to {} | {:.1} | {:.3} ms | {:.2}% | {:.1} |",
            self.blocks,
            self.least,
            self.most,
            self.rate,
            self.weight,
            self.share * 100.0,
            self.limit
        );
    }
}
