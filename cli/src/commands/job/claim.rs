// SPDX-License-Identifier: Apache-2.0
//! `assay job claim`: gives an account what waits for it of assets.

use crate::{account, amount, chain::Chain};
use anyhow::{Context, Result};
use std::process::ExitCode;
use subxt::utils::AccountId32;

/// For whom to claim.
#[derive(Debug, clap::Args)]
pub struct Claim {
    /// The account that it is for.
    account: AccountId32,
    /// The secret of an account that pays the fees, whose ever it is: a phrase, a seed in hex, a name such as //Alice, or
    /// @FILE. Without it, what waits is only listed.
    #[arg(long, value_name = "SECRET")]
    signer: Option<String>,
}

impl Claim {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = self.signer.as_deref().map(account::signer).transpose()?;
        let waiting = chain.unclaimed(&self.account).await?;
        if waiting.is_empty() {
            println!("nothing of any asset waits for {}", self.account);
        }
        for entry in &waiting {
            let what = format!(
                "{} of jobs of {}",
                amount::format_in(Some(entry.asset), entry.amount),
                entry.holder
            );
            let Some(signer) = &signer else {
                println!("{what} waits; `--signer SECRET` claims it");
                continue;
            };
            let arguments = (entry.asset, entry.holder.0, self.account.0);
            chain
                .submit(signer, "Jobs", "claim", arguments)
                .await
                .with_context(|| {
                    format!(
                        "{what} cannot be given to {} now: its issuer may have frozen the asset or the account, or the \
                         account may not exist",
                        self.account
                    )
                })?;
            println!("{what}: claimed");
        }
        Ok(ExitCode::SUCCESS)
    }
}
