// SPDX-License-Identifier: Apache-2.0
//! Sharing in a provider's stake, what it earns and what it loses.

use crate::{
    account, amount,
    chain::{Chain, types::DelegationView},
    table::table,
};
use anyhow::{Context, Result};
use std::process::ExitCode;
use subxt::utils::AccountId32;
use subxt_signer::sr25519::Keypair;

/// Whose money, and with whom.
#[derive(Debug, clap::Args)]
pub struct Delegator {
    /// The provider.
    provider: AccountId32,
    /// The secret of the account that delegates: a phrase, a seed in hex, a name such as //Eve, or @FILE.
    #[arg(long, value_name = "SECRET")]
    signer: String,
}

/// What to do with a delegation.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add to the stake of a provider: you share what it earns, less its commission, and what it loses beyond its own.
    Add {
        #[clap(flatten)]
        delegator: Delegator,
        /// How much, in tokens.
        #[arg(value_name = "TOKENS", value_parser = amount::parse)]
        amount: u128,
    },
    /// Start the way out. It stays slashable while it unbonds.
    Remove {
        #[clap(flatten)]
        delegator: Delegator,
        /// How much, in tokens; more than it is worth takes all of it.
        #[arg(value_name = "TOKENS", value_parser = amount::parse)]
        amount: u128,
    },
    /// Take back what has unbonded.
    Withdraw {
        #[clap(flatten)]
        delegator: Delegator,
    },
    /// List what an account has delegated, and what it is worth now.
    List {
        /// The account.
        account: AccountId32,
    },
}

impl Command {
    /// Does it.
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        match self {
            Self::Add { delegator, amount } => {
                let provider = delegator.provider;
                let view = chain.provider(&provider).await?.with_context(|| {
                    format!("{provider} is no provider; `assay provider list` shows those that are")
                })?;
                let arguments = (provider.0, amount, view.commission);
                delegator.submit(chain, "delegate", arguments).await
            }
            Self::Remove { delegator, amount } => {
                let arguments = (delegator.provider.0, amount);
                delegator.submit(chain, "undelegate", arguments).await
            }
            Self::Withdraw { delegator } => {
                let arguments = (delegator.provider.0,);
                delegator
                    .submit(chain, "withdraw_delegation", arguments)
                    .await
            }
            Self::List { account } => list(chain, &account).await,
        }
    }
}

impl Delegator {
    async fn submit(
        self,
        chain: &Chain,
        call: &str,
        arguments: impl subxt::ext::scale_encode::EncodeAsFields,
    ) -> Result<ExitCode> {
        let signer: Keypair = account::signer(&self.signer)?;
        chain.submit(&signer, "Providers", call, arguments).await?;
        list(chain, &account::of(&signer)).await
    }
}

async fn list(chain: &Chain, account: &AccountId32) -> Result<ExitCode> {
    let delegations = chain.delegations(account).await?;
    if delegations.is_empty() {
        println!("{account} has delegated nothing");
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = table(&["provider", "worth", "unbonding"], &[1]);
    for delegation in &delegations {
        table.add_row([
            delegation.provider.to_string(),
            amount::format(delegation.value),
            unbonding(delegation),
        ]);
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}

fn unbonding(delegation: &DelegationView) -> String {
    delegation
        .unbonding
        .iter()
        .map(|(worth, until)| format!("{} until #{until}", amount::format(*worth)))
        .collect::<Vec<_>>()
        .join(", ")
}
