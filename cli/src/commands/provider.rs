// SPDX-License-Identifier: Apache-2.0
//! `assay provider`: who sells compute, and how to.

use crate::{
    account, amount,
    chain::{
        Chain, WorkerStatus,
        types::{Address, Endpoint, Energy, Hardware, Region},
    },
    table::table,
};
use anyhow::{Context, Result, ensure};
use std::{net::SocketAddr, process::ExitCode};
use subxt::utils::{AccountId32, MultiAddress};

/// What to do with providers.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the providers with their stakes.
    List,
    /// Register the node's worker as a provider: bonds a stake and publishes where it serves blobs.
    ///
    /// --url must name the provider's own node, started with --provider.
    Register(Register),
    /// Publish anew where the node serves blobs and what it computes on, after a change of either.
    ///
    /// --url must name the provider's own node, started with --provider. Region and energy are published as they are
    /// given here, and as undeclared if they are not.
    Update(Update),
    /// Add to a provider's stake.
    Bond(Change),
    /// Take from a provider's stake what is not locked to jobs. It stays slashable while it unbonds.
    Unbond(Change),
    /// Free what has unbonded.
    Withdraw(Stash),
    /// Stop being a provider: all of the stake unbonds.
    Leave(Stash),
}

/// Whose stake.
#[derive(Debug, clap::Args)]
pub struct Stash {
    /// The secret of the account that holds the stake: a phrase, a seed in hex, a name such as //Bob, or @FILE.
    #[arg(long, value_name = "SECRET")]
    stash: String,
}

/// A change of a stake.
#[derive(Debug, clap::Args)]
pub struct Change {
    #[clap(flatten)]
    stash: Stash,
    /// How much, in tokens.
    #[arg(value_name = "TOKENS", value_parser = amount::parse)]
    amount: u128,
}

/// What only the operator knows of the machine. Requesters may ask for it.
#[derive(Debug, clap::Args)]
pub struct Declaration {
    /// The country it stands in: two letters, as in ISO 3166-1.
    #[arg(long, value_name = "COUNTRY")]
    region: Option<Region>,
    /// What it runs on.
    #[arg(long, value_enum, default_value = "undeclared")]
    energy: Energy,
}

/// How to publish anew.
#[derive(Debug, clap::Args)]
pub struct Update {
    #[clap(flatten)]
    stash: Stash,
    #[clap(flatten)]
    declaration: Declaration,
}

/// How to register.
#[derive(Debug, clap::Args)]
pub struct Register {
    #[clap(flatten)]
    stash: Stash,
    /// The stake, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse)]
    stake: u128,
    /// What to send to the worker key for the fees of accepting jobs, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse, default_value = "10")]
    allowance: u128,
    #[clap(flatten)]
    declaration: Declaration,
}

impl Command {
    /// Does it.
    pub async fn run(self, url: &str) -> Result<ExitCode> {
        let chain = Chain::connect(url).await?;
        match self {
            Self::List => list(&chain).await,
            Self::Register(register) => register.run(&chain).await,
            Self::Update(update) => update.run(&chain).await,
            Self::Bond(change) => change.submit(&chain, "bond_more", "is bonded").await,
            Self::Unbond(change) => change.submit(&chain, "unbond", "is unbonding").await,
            Self::Withdraw(stash) => stash.submit(&chain, "withdraw").await,
            Self::Leave(stash) => stash.submit(&chain, "deregister").await,
        }
    }
}

async fn list(chain: &Chain) -> Result<ExitCode> {
    let providers = chain.providers().await?;
    if providers.is_empty() {
        println!(
            "There is no provider yet. `assay provider register --help` says how to become one."
        );
        return Ok(ExitCode::SUCCESS);
    }
    let header = [
        "account",
        "stake",
        "locked",
        "unbonding",
        "since",
        "blobs at",
        "hardware",
    ];
    let mut table = table(&header, &[1, 2, 3]);
    for provider in providers {
        table.add_row([
            provider.account.to_string(),
            amount::format(provider.stake),
            amount::format(provider.locked),
            amount::format(provider.unbonding),
            format!("#{}", provider.since),
            socket_address(&provider.endpoint.address).to_string(),
            printable(&provider.hardware),
        ]);
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}

/// A text that anybody may have put on chain, without what could steer a terminal.
fn printable(text: &[u8]) -> String {
    String::from_utf8_lossy(text)
        .chars()
        .filter(|character| !character.is_control())
        .collect()
}

/// An address of the chain as the system's.
pub fn socket_address(address: &Address) -> SocketAddr {
    match *address {
        Address::V4 { ip, port } => SocketAddr::from((ip, port)),
        Address::V6 { ip, port } => SocketAddr::from((ip, port)),
    }
}

/// An address of the system as the chain's.
pub fn chain_address(address: SocketAddr) -> Address {
    let port = address.port();
    match address {
        SocketAddr::V4(address) => Address::V4 {
            ip: address.ip().octets(),
            port,
        },
        SocketAddr::V6(address) => Address::V6 {
            ip: address.ip().octets(),
            port,
        },
    }
}

impl Change {
    async fn submit(self, chain: &Chain, call: &str, done: &str) -> Result<ExitCode> {
        let signer = account::signer(&self.stash.stash)?;
        chain
            .submit(&signer, "Providers", call, (self.amount,))
            .await?;
        println!("{} {done}", amount::format(self.amount));
        self.stash.show(chain).await
    }
}

impl Stash {
    async fn submit(self, chain: &Chain, call: &str) -> Result<ExitCode> {
        let signer = account::signer(&self.stash)?;
        chain.submit(&signer, "Providers", call, ()).await?;
        self.show(chain).await
    }

    /// Says what the stake is now.
    async fn show(&self, chain: &Chain) -> Result<ExitCode> {
        let account = account::of(&account::signer(&self.stash)?);
        match chain.provider(&account).await? {
            None => println!("{account} is no provider any more"),
            Some(provider) => println!(
                "{account} has a stake of {}, {} of it locked to jobs, and {} unbonding",
                amount::format(provider.stake),
                amount::format(provider.locked),
                amount::format(provider.unbonding),
            ),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Update {
    async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = account::signer(&self.stash.stash)?;
        let status = chain.worker_status().await?;
        let hardware = self.declaration.hardware(&status)?;
        chain
            .submit(&signer, "Providers", "set_endpoint", (endpoint(&status)?,))
            .await?;
        chain
            .submit(&signer, "Providers", "set_hardware", (hardware,))
            .await?;
        println!(
            "blobs are served on {} by {}",
            status.address, status.engine
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Where a node serves blobs, as the chain's.
fn endpoint(status: &WorkerStatus) -> Result<Endpoint> {
    Ok(Endpoint {
        key: bytes(&status.endpoint)?,
        address: chain_address(status.address),
    })
}

impl Declaration {
    /// What the chain is told of a node's machine.
    fn hardware(&self, status: &WorkerStatus) -> Result<Hardware> {
        let device = status.engine.as_bytes();
        Ok(Hardware {
            device: device
                .get(..device.len().min(128))
                .unwrap_or_default()
                .into(),
            class: status.class,
            probe: bytes(&status.probe)?,
            speed: status.speed,
            memory: status.memory,
            region: self.region.unwrap_or_default(),
            energy: self.energy,
        })
    }
}

impl Register {
    async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = account::signer(&self.stash.stash)?;
        let stash = account::of(&signer);
        let status = chain.worker_status().await?;
        let worker: [u8; 32] = bytes(&status.worker)?;
        let balance = chain.balance(&stash).await?;
        let needed = self.stake.saturating_add(self.allowance);
        ensure!(
            balance.free > needed,
            "{stash} has {} free, less than stake and allowance of {} and the fees: send it more, or stake less",
            amount::format(balance.free),
            amount::format(needed),
        );
        let proof: [u8; 64] = bytes(&chain.prove_worker(&stash).await?)?;
        let (endpoint, hardware) = (endpoint(&status)?, self.declaration.hardware(&status)?);
        let registration = (self.stake, worker, endpoint, hardware, proof);
        chain
            .submit(&signer, "Providers", "register", registration)
            .await?;
        let to = MultiAddress::<_, ()>::Id(AccountId32(worker));
        chain
            .submit(&signer, "Balances", "transfer_keep_alive", (to, self.allowance))
            .await
            .with_context(|| {
                format!(
                    "{stash} is registered, but its worker key {} has no money to accept jobs with: send it some",
                    AccountId32(worker),
                )
            })?;
        println!(
            "{stash} is a provider with a stake of {}; its worker key is {} and runs on {}",
            amount::format(self.stake),
            status.worker,
            status.engine
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Bytes written as `0x` and hex.
fn bytes<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes).with_context(|| {
        format!("the node answered `{text}` where {LENGTH} bytes in hex are due")
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_drops_what_steers_a_terminal() {
        assert_eq!(printable(b"a \x1b[2Jcard\x07\n\xff"), "a [2Jcard\u{fffd}");
    }
}
