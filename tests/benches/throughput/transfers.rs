// SPDX-License-Identifier: Apache-2.0
//! Transfers on the same node, for comparison.

use crate::{
    node::{Executed, Node},
    setting::{Parties, give},
};
use anyhow::{Result, bail};
use assay_primitives::MILLI_UNIT;
use assay_runtime::RuntimeEvent;
use polkadot_sdk::pallet_balances;

/// How many there are.
const COUNT: usize = 24_000;

/// How many wait in the pool at most: more than a block takes, and few enough for a pool that is two blocks behind.
const WAITING: usize = 3_000;

/// How many are handed to the pool at once. It takes them in any order, and drops some where too many come before those that
/// their signer has signed first.
const AT_ONCE: usize = 240;

/// In which all of them must be done.
const PATIENCE: u32 = 60;

/// Signs transfers and has the node do them as fast as it can. The answer is the blocks that did so, each with their
/// number, but for the first and the last, which may not be full.
pub(crate) async fn run(node: &Node, parties: &mut Parties) -> Result<Vec<(usize, Executed)>> {
    let to = parties.providers[0].stash.account();
    let signers = parties.requesters.len();
    let mut waiting = (0..COUNT)
        .map(|turn| parties.requesters[turn % signers].sign(node, give(&to, MILLI_UNIT)))
        .collect::<Vec<_>>();
    waiting.reverse();
    let (mut sent, mut done) = (0, 0);
    let mut window = Vec::new();
    let first = node.best().await?;
    for number in first + 1..first + PATIENCE {
        let more = waiting.split_off(waiting.len().saturating_sub(WAITING - (sent - done)));
        sent += more.len();
        let mut more = more.into_iter().rev().peekable();
        while more.peek().is_some() {
            node.submit(more.by_ref().take(AT_ONCE).collect()).await?;
        }
        let block = node.block(number).await?;
        let transfers = (block.events.iter())
            .filter(|event| {
                matches!(
                    event,
                    RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. })
                )
            })
            .count();
        done += transfers;
        eprintln!(
            "block {number}: {transfers} transfers, {:.0} ms of weight",
            block.weight.total().ref_time() as f64 / 1e9
        );
        if transfers > 0 {
            window.push((transfers, block));
        }
        if done == COUNT {
            window.pop();
            window.remove(0);
            return Ok(window);
        }
    }
    bail!("{done} of {COUNT} transfers were done")
}
