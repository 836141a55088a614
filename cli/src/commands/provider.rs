// SPDX-License-Identifier: Apache-2.0
//! `assay provider`: who sells compute, and how to.

mod delegation;
mod list;
mod registration;

use crate::{
    account, amount,
    chain::{Chain, types::Address},
};
use anyhow::Result;
use registration::{Register, Update};
use std::{net::SocketAddr, process::ExitCode};
use subxt::{ext::scale_encode::EncodeAsFields, utils::AccountId32};

/// What to do with providers.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the providers with their stakes, machines and past.
    List,
    /// Show all that the chain knows of a provider.
    Show {
        /// Its account.
        account: AccountId32,
    },
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
    /// Take no jobs and no verification for a while. Those under way go on.
    Chill(Stash),
    /// Be back after a chill.
    Resume(Stash),
    /// Let others add to the stake.
    AcceptDelegation(Stash),
    /// Let nobody add to the stake any more; who has stays.
    RefuseDelegation(Stash),
    /// Say what the provider keeps of its delegators' part of what it earns.
    Commission(Commission),
    /// Share in a provider's stake.
    #[command(subcommand)]
    Delegate(delegation::Command),
    /// Offer to validate. The stash needs session keys (`session.setKeys`).
    Validate(Stash),
    /// Offer to validate no more.
    StopValidating(Stash),
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

/// A percentage of what delegators would get.
#[derive(Debug, clap::Args)]
pub struct Commission {
    #[clap(flatten)]
    stash: Stash,
    /// How much the provider keeps, in percent.
    #[arg(value_name = "PERCENT", value_parser = parse_percent)]
    commission: u32,
}

impl Command {
    /// Does it.
    pub async fn run(self, url: &str) -> Result<ExitCode> {
        let chain = Chain::connect(url).await?;
        match self {
            Self::List => list::list(&chain).await,
            Self::Show { account } => list::show(&chain, &account).await,
            Self::Register(register) => register.run(&chain).await,
            Self::Update(update) => update.run(&chain).await,
            Self::Bond(change) => change.submit(&chain, "bond_more", "is bonded").await,
            Self::Unbond(change) => change.submit(&chain, "unbond", "is unbonding").await,
            Self::Withdraw(stash) => stash.submit(&chain, "withdraw", ()).await,
            Self::Leave(stash) => stash.submit(&chain, "deregister", ()).await,
            Self::Chill(stash) => stash.submit(&chain, "chill", ()).await,
            Self::Resume(stash) => stash.submit(&chain, "resume", ()).await,
            Self::AcceptDelegation(stash) => {
                stash.submit(&chain, "accept_delegation", (true,)).await
            }
            Self::RefuseDelegation(stash) => {
                stash.submit(&chain, "accept_delegation", (false,)).await
            }
            Self::Commission(Commission { stash, commission }) => {
                stash.submit(&chain, "set_commission", (commission,)).await
            }
            Self::Delegate(command) => command.run(&chain).await,
            Self::Validate(stash) => stash.submit(&chain, "validate", ()).await,
            Self::StopValidating(stash) => stash.submit(&chain, "stop_validating", ()).await,
        }
    }
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
    async fn submit(
        self,
        chain: &Chain,
        call: &str,
        arguments: impl EncodeAsFields,
    ) -> Result<ExitCode> {
        let signer = account::signer(&self.stash)?;
        chain.submit(&signer, "Providers", call, arguments).await?;
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

/// Reads a percentage, in parts per million.
fn parse_percent(text: &str) -> Result<u32, String> {
    let percent: f64 = text
        .trim_end_matches('%')
        .parse()
        .map_err(|_| format!("`{text}` is no percentage, such as 5"))?;
    match percent {
        0.0..=100.0 => Ok((percent * 10_000.0).round() as u32),
        _ => Err(format!("`{text}` is not between 0 and 100 percent")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentage_is_read_in_parts_per_million() {
        assert_eq!(parse_percent("5"), Ok(50_000));
        assert_eq!(parse_percent("0.25%"), Ok(2_500));
        for wrong in ["", "x", "-1", "101", "NaN"] {
            assert!(parse_percent(wrong).is_err(), "{wrong}");
        }
    }
}
