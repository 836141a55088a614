// SPDX-License-Identifier: Apache-2.0
//! A node, asked for blocks and given transactions.

use anyhow::{Context, Result, anyhow, bail};
use assay_primitives::{Hash, JobId};
use assay_runtime::{Runtime, RuntimeEvent, UncheckedExtrinsic};
use codec::{Decode, Encode};
use futures::future::try_join_all;
use pallet_verifier::{Cases, types::Case};
use polkadot_sdk::{
    frame_support::{dispatch::PerDispatchClass, storage::storage_prefix, weights::Weight},
    frame_system::{self, EventRecord},
};
use serde_json::Value;
use std::time::Duration;
use subxt::rpcs::{Error, RpcClient, client::RpcParams};

/// How often it is looked whether there is another block.
const LOOK: Duration = Duration::from_millis(50);

/// How long the pool is given to work off a block.
const RETRY: Duration = Duration::from_millis(250);

/// How often.
const ATTEMPTS: u32 = 24;

/// What the pool says of a duty that is not due.
const OUTDATED: &str = "Transaction is outdated";

/// What a full pool says. It forgets what is in blocks only once it is done with them.
const FULL: &str = "couldn't enter the pool because of the limit";

/// What the pool says of a duty that it has, with another signature: it may have taken what it called outdated.
const THERE: &str = "too low priority to replace another transaction";

/// Makes a transaction, a duty's with another signature each time.
pub(crate) type Transaction = Box<dyn Fn() -> UncheckedExtrinsic>;

/// A connection to a node.
pub(crate) struct Node {
    rpc: RpcClient,
    /// The hash of the first block.
    pub(crate) genesis: Hash,
}

/// A block and what it did.
pub(crate) struct Executed {
    pub(crate) number: u32,
    pub(crate) hash: Hash,
    /// Milliseconds since 1970.
    pub(crate) time: u64,
    pub(crate) weight: PerDispatchClass<Weight>,
    pub(crate) events: Vec<RuntimeEvent>,
}

/// The storage key of a single value.
fn value_key(pallet: &str, item: &str) -> Vec<u8> {
    storage_prefix(pallet.as_bytes(), item.as_bytes()).to_vec()
}

fn hex_of(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn bytes_of(text: &str) -> Result<Vec<u8>> {
    Ok(hex::decode(text.trim_start_matches("0x"))?)
}

impl Node {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let rpc = RpcClient::from_insecure_url(url).await?;
        let mut node = Self {
            rpc,
            genesis: Hash::zero(),
        };
        node.genesis = node.hash(0).await?;
        Ok(node)
    }

    async fn ask(&self, method: &str, arguments: &[Value]) -> Result<Value> {
        let mut parameters = RpcParams::new();
        for argument in arguments {
            parameters.push(argument)?;
        }
        (self.rpc.request(method, parameters).await).map_err(|error| match error {
            Error::User(refusal) => {
                let reason = refusal.data.as_ref().map_or("", |data| data.get());
                anyhow!("{}: {reason}", refusal.message)
            }
            other => other.into(),
        })
    }

    /// The hash of a block.
    async fn hash(&self, number: u32) -> Result<Hash> {
        let answer = self.ask("chain_getBlockHash", &[number.into()]).await?;
        let text = answer.as_str().context("there is such a block")?;
        Ok(Hash::from_slice(&bytes_of(text)?))
    }

    /// The number of the best block.
    pub(crate) async fn best(&self) -> Result<u32> {
        let header = self.ask("chain_getHeader", &[]).await?;
        let number = header["number"].as_str().context("a header has a number")?;
        Ok(u32::from_str_radix(number.trim_start_matches("0x"), 16)?)
    }

    /// Waits until there is such a block.
    pub(crate) async fn block(&self, number: u32) -> Result<Executed> {
        while self.best().await? < number {
            tokio::time::sleep(LOOK).await;
        }
        let hash = self.hash(number).await?;
        let keys = [
            value_key("System", "Events"),
            value_key("System", "BlockWeight"),
            value_key("Timestamp", "Now"),
        ];
        let mut values = self.values(&keys, hash).await?.into_iter();
        let mut next = || values.next().flatten().context("every block has it");
        let (events, weight, time) = (next()?, next()?, next()?);
        let events: Vec<EventRecord<RuntimeEvent, Hash>> = Decode::decode(&mut events.as_slice())?;
        Ok(Executed {
            number,
            hash,
            time: Decode::decode(&mut time.as_slice())?,
            weight: Decode::decode(&mut weight.as_slice())?,
            events: events.into_iter().map(|record| record.event).collect(),
        })
    }

    /// What is stored under keys after a block, in the keys' order.
    async fn values(&self, keys: &[Vec<u8>], at: Hash) -> Result<Vec<Option<Vec<u8>>>> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        let wanted: Vec<String> = keys.iter().map(|key| hex_of(key)).collect();
        let arguments = [Value::from(wanted.clone()), hex_of(at.as_bytes()).into()];
        let answer = self.ask("state_queryStorageAt", &arguments).await?;
        let changes = answer[0]["changes"].as_array().context("a list")?;
        wanted
            .iter()
            .map(|key| {
                let found = changes.iter().find(|entry| entry[0] == *key.as_str());
                match found.and_then(|entry| entry[1].as_str()) {
                    Some(text) => bytes_of(text).map(Some),
                    None => Ok(None),
                }
            })
            .collect()
    }

    /// The cases of jobs after a block.
    pub(crate) async fn cases(&self, jobs: &[JobId], at: Hash) -> Result<Vec<Case>> {
        let keys: Vec<_> = (jobs.iter())
            .map(Cases::<Runtime>::hashed_key_for)
            .collect();
        let values = self.values(&keys, at).await?;
        (values.into_iter())
            .map(|value| {
                let value = value.context("a job that is being verified has a case")?;
                Ok(Case::decode(&mut value.as_slice())?)
            })
            .collect()
    }

    /// How often an account has signed, after the best block.
    pub(crate) async fn nonce(&self, account: &assay_primitives::AccountId) -> Result<u32> {
        let key = frame_system::Account::<Runtime>::hashed_key_for(account);
        let best = self.hash(self.best().await?).await?;
        let value = self.values(&[key], best).await?.pop().flatten();
        Ok(match value {
            // The nonce comes first.
            Some(value) => Decode::decode(&mut value.as_slice())?,
            None => 0,
        })
    }

    /// Hands transactions to the pool. It looks at them as of the last block that it is done with, and bans what is due
    /// only by the one after that: then it gets the same with another signature, as from a provider's node.
    pub(crate) async fn submit(&self, transactions: Vec<Transaction>) -> Result<()> {
        let mut left = transactions;
        for _ in 0..ATTEMPTS {
            let sending = left.into_iter().map(|transaction| self.offer(transaction));
            left = (try_join_all(sending).await?.into_iter())
                .flatten()
                .collect();
            if left.is_empty() {
                return Ok(());
            }
            eprintln!(
                "the pool is behind or full: {} transactions again",
                left.len()
            );
            tokio::time::sleep(RETRY).await;
        }
        bail!(
            "the pool is behind or full for good: {} transactions are left",
            left.len()
        )
    }

    /// Hands a transaction to the pool, and has it back if it is outdated in the pool's eyes, or the pool full.
    async fn offer(&self, transaction: Transaction) -> Result<Option<Transaction>> {
        let bytes = hex_of(&transaction().encode());
        let Err(error) = self.ask("author_submitExtrinsic", &[bytes.into()]).await else {
            return Ok(None);
        };
        let reason = error.to_string();
        if reason.contains(THERE) {
            Ok(None)
        } else if reason.contains(OUTDATED) || reason.contains(FULL) {
            Ok(Some(transaction))
        } else {
            Err(error.context("the pool refuses a transaction"))
        }
    }
}
