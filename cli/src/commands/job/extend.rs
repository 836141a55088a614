// SPDX-License-Identifier: Apache-2.0
//! `assay job extend`: gives a provider more time.

use crate::{
    account,
    chain::{
        Chain,
        types::{JobStatus, JobView},
    },
};
use anyhow::{Context, Result, bail, ensure};
use std::process::ExitCode;

/// How much time to give.
#[derive(Debug, clap::Args)]
pub struct Extend {
    /// The job's number.
    job: u64,
    /// How many blocks the provider has in all, counted from its acceptance; more than it has.
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    blocks: u32,
    /// The secret of the account that posted it: a phrase, a seed in hex, a name such as //Alice, or @FILE.
    #[arg(long, value_name = "SECRET")]
    signer: String,
}

impl Extend {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = account::signer(&self.signer)?;
        let view = view(chain, self.job).await?;
        let (given, deadline) = time(&view)?;
        ensure!(
            self.blocks > given,
            "the provider of job {} has {given} blocks from its acceptance, until block {deadline}: give it more",
            self.job,
        );
        let arguments = (self.job, self.blocks);
        chain.submit(&signer, "Jobs", "extend", arguments).await?;
        let later = deadline.saturating_add(self.blocks.saturating_sub(given));
        println!(
            "job {} is due by block {later}, not by block {deadline}",
            self.job
        );
        Ok(ExitCode::SUCCESS)
    }
}

async fn view(chain: &Chain, job: u64) -> Result<JobView> {
    let view = chain.job(job).await?;
    view.with_context(|| format!("there is no job {job}, or its receipt has expired"))
}

/// The blocks that the provider of a job has from its acceptance, and its deadline.
fn time(view: &JobView) -> Result<(u32, u32)> {
    match &view.status {
        JobStatus::Computing {
            deadline, extended, ..
        } => Ok((view.spec.compute.saturating_add(*extended), *deadline)),
        JobStatus::Closed { reason, .. } => bail!("job {} is closed: {reason}", view.id),
        JobStatus::Auction { .. } | JobStatus::Rescue { .. } => bail!(
            "nobody computes job {} now: time is given to a provider that has accepted it",
            view.id
        ),
        JobStatus::Enquiring { .. } | JobStatus::Verifying { .. } => bail!(
            "job {} is not being computed any more: `assay job watch {}`",
            view.id,
            view.id
        ),
    }
}
