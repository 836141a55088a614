// SPDX-License-Identifier: Apache-2.0
//! `assay provider`: who sells compute, and how to.

use crate::{
    account, amount,
    chain::{
        Chain,
        types::{Address, Endpoint},
    },
    table::table,
};
use anyhow::{Context, Result, ensure};
use std::{net::SocketAddr, process::ExitCode};

/// What to do with providers.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the providers with their stakes.
    List,
    /// Register the node's worker as a provider: bonds a stake and publishes where it serves blobs.
    ///
    /// --url must name the provider's own node, started with --provider.
    Register(Register),
}

/// How to register.
#[derive(Debug, clap::Args)]
pub struct Register {
    /// The secret of the account that holds the stake: a phrase, a seed in hex, a name such as //Bob, or @FILE.
    #[arg(long, value_name = "SECRET")]
    stash: String,
    /// The stake, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse)]
    stake: u128,
    /// What to send to the worker key for the fees of accepting jobs, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse, default_value = "10")]
    allowance: u128,
}

impl Command {
    /// Does it.
    pub async fn run(self, url: &str) -> Result<ExitCode> {
        let chain = Chain::connect(url).await?;
        match self {
            Self::List => list(&chain).await,
            Self::Register(register) => register.run(&chain).await,
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

impl Register {
    async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = account::signer(&self.stash)?;
        let stash = account::of(&signer);
        let status = chain.worker_status().await?;
        let worker: [u8; 32] = bytes(&status.worker)?;
        let endpoint = Endpoint {
            key: bytes(&status.endpoint)?,
            address: chain_address(status.address),
        };
        let balance = chain.balance(&stash).await?;
        let needed = self.stake.saturating_add(self.allowance);
        ensure!(
            balance.free > needed,
            "{stash} has {} free, less than stake and allowance of {} and the fees: send it more, or stake less",
            amount::format(balance.free),
            amount::format(needed),
        );
        let proof: [u8; 64] = bytes(&chain.prove_worker(&stash).await?)?;
        chain
            .submit(
                &signer,
                "Balances",
                "transfer_keep_alive",
                (
                    subxt::utils::MultiAddress::<_, ()>::Id(subxt::utils::AccountId32(worker)),
                    self.allowance,
                ),
            )
            .await?;
        let hardware = status.engine.as_bytes();
        let hardware = hardware.get(..hardware.len().min(128)).unwrap_or_default();
        chain
            .submit(
                &signer,
                "Providers",
                "register",
                (self.stake, worker, endpoint, hardware.to_vec(), proof),
            )
            .await?;
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
