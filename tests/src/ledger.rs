// SPDX-License-Identifier: Apache-2.0
//! What a chain has recorded from its first block to its best, and whether its money adds up.

use anyhow::{Context, Result, ensure};
use assay_cli::chain::types::{JobSettled, Penalty};
use codec::Decode;
use polkadot_sdk::sp_io::hashing::twox_128;
use subxt::{
    OnlineClient, PolkadotConfig,
    ext::scale_decode::DecodeAsType,
    rpcs::{RpcClient, client::RpcParams},
    utils::AccountId32,
};

/// An event of the best chain.
#[derive(Debug)]
pub struct Recorded {
    /// In which block.
    pub block: u64,
    /// Pallet and name, as `Jobs.JobSettled`.
    pub name: String,
    /// What it says, encoded.
    pub fields: Vec<u8>,
}

/// See `Slashing.Deferred` in the metadata.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Deferred {
    /// Whose stake will be taken.
    pub offender: AccountId32,
    /// For what.
    pub offence: Offence,
    /// What it comes to.
    pub due: Penalty,
    /// The block in which it is taken.
    pub until: u32,
}

/// The offences of parties to jobs, and that of validators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
#[expect(missing_docs, reason = "named as in the metadata, which explains them")]
pub enum Offence {
    MissedDeadline,
    WrongResult,
    Withheld,
    FalseReport,
    NoAttestation,
    NoReveal,
    FalseAttestation,
    UnprovenAccusation,
    Equivocation,
    Unserved,
}

/// All events of a node's best chain, how its jobs ended and what governance may look at.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Every event.
    pub events: Vec<Recorded>,
    /// Every end of a job.
    pub settled: Vec<JobSettled>,
    /// Every punishment that was put off.
    pub deferred: Vec<Deferred>,
    /// What fees have burned.
    fees: u128,
    /// The hash of the block that was read last.
    head: String,
}

/// See `TransactionFeePaid` in the metadata.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct FeePaid {
    actual_fee: u128,
}

/// An account's record: nonce and three counters, then free, held and frozen money, and flags.
type Account = ([u32; 4], [u128; 4]);

/// Reads a node's chain.
#[derive(Clone)]
pub struct Reader {
    client: OnlineClient<PolkadotConfig>,
    rpc: RpcClient,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// Over a node of this address.
    pub async fn connect(url: &str) -> Result<Self> {
        let rpc = RpcClient::from_insecure_url(url).await?;
        let client = OnlineClient::from_rpc_client(rpc.clone()).await?;
        Ok(Self { client, rpc })
    }

    /// Reads the best chain up to a block.
    pub async fn read(&self, until: u64) -> Result<Ledger> {
        let mut ledger = Ledger::default();
        for block in 1..=until {
            let at = self.client.at_block(block).await?;
            ledger.head = format!("{:?}", at.block_hash());
            for event in at.events().fetch().await?.iter() {
                let event = event?;
                let name = format!("{}.{}", event.pallet_name(), event.event_name());
                match name.as_str() {
                    "Jobs.JobSettled" => ledger.settled.push(event.decode_fields_unchecked_as()?),
                    "Slashing.Deferred" => {
                        ledger.deferred.push(event.decode_fields_unchecked_as()?);
                    }
                    "TransactionPayment.TransactionFeePaid" => {
                        let paid: FeePaid = event.decode_fields_unchecked_as()?;
                        ledger.fees += paid.actual_fee;
                    }
                    _ => {}
                }
                ledger.events.push(Recorded {
                    block,
                    name,
                    fields: event.field_bytes().to_vec(),
                });
            }
        }
        Ok(ledger)
    }

    /// Checks, to the last unit, that no money came to be, that none is gone but what fees have burned, and that
    /// nothing is held of any of these accounts.
    pub async fn check_money(&self, ledger: &Ledger, released: &[AccountId32]) -> Result<()> {
        let mut genesis = RpcParams::new();
        genesis.push(0u32)?;
        let genesis: String = self.rpc.request("chain_getBlockHash", genesis).await?;
        let issued = issuance(&self.rpc, &genesis).await?;
        let left = issuance(&self.rpc, &ledger.head).await?;
        ensure!(
            issued == left + ledger.fees,
            "{issued} were issued, {left} are left and {} went as fees",
            ledger.fees
        );
        let mut sum = 0;
        for (key, [free, held, ..]) in accounts(&self.rpc, &ledger.head).await? {
            sum += free + held;
            let is_released = released.iter().any(|account| key.ends_with(&account.0));
            ensure!(!is_released || held == 0, "{held} are still held");
        }
        ensure!(sum == left, "accounts have {sum} of {left}");
        Ok(())
    }
}

impl Ledger {
    /// The events of a name, or of all names of a pallet if it ends in a dot.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Recorded> {
        self.events.iter().filter(move |event| {
            event.name == name || (name.ends_with('.') && event.name.starts_with(name))
        })
    }

    /// How a job ended, which it does once.
    pub fn settlement(&self, job: u64) -> Result<&JobSettled> {
        let mut ends = self.settled.iter().filter(|settled| settled.job == job);
        let end = ends
            .next()
            .with_context(|| format!("job {job} never ended"))?;
        ensure!(ends.next().is_none(), "job {job} ended twice");
        Ok(end)
    }
}

/// The key of a storage item, as `0x` and hex.
fn key(pallet: &str, item: &str) -> String {
    let key = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
    format!("0x{}", hex::encode(key))
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    Ok(hex::decode(hex.trim_start_matches("0x"))?)
}

async fn read(rpc: &RpcClient, key: &str, at: &str) -> Result<Vec<u8>> {
    let mut parameters = RpcParams::new();
    parameters.push(key)?;
    parameters.push(at)?;
    let value: Option<String> = rpc.request("state_getStorage", parameters).await?;
    bytes(&value.with_context(|| format!("nothing is stored under {key}"))?)
}

async fn issuance(rpc: &RpcClient, at: &str) -> Result<u128> {
    let value = read(rpc, &key("Balances", "TotalIssuance"), at).await?;
    Ok(u128::decode(&mut value.as_slice())?)
}

/// The money of all accounts: free, held, frozen, and flags, each with its storage key.
async fn accounts(rpc: &RpcClient, at: &str) -> Result<Vec<(Vec<u8>, [u128; 4])>> {
    let mut parameters = RpcParams::new();
    parameters.push(key("System", "Account"))?;
    parameters.push(1_000u32)?;
    parameters.push(Option::<String>::None)?;
    parameters.push(at)?;
    let keys: Vec<String> = rpc.request("state_getKeysPaged", parameters).await?;
    ensure!(
        keys.len() < 1_000,
        "there are more accounts than were asked for"
    );
    let mut accounts = Vec::new();
    for key in keys {
        let value = read(rpc, &key, at).await?;
        let (_, money) = Account::decode(&mut value.as_slice())?;
        accounts.push((bytes(&key)?, money));
    }
    Ok(accounts)
}
