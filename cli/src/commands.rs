// SPDX-License-Identifier: Apache-2.0
//! The command line: a file per verb.

pub mod gpu;
pub mod job;
pub mod kernel;
pub mod provider;

use crate::chain::DEFAULT_URL;
use anyhow::Result;
use std::process::ExitCode;

/// Post GPU jobs on an Assay chain, watch them, fetch their results; check kernels; run a provider.
#[derive(Debug, clap::Parser)]
#[command(name = "assay", version)]
pub struct Cli {
    /// The node to talk to.
    #[arg(long, global = true, env = "ASSAY_URL", default_value = DEFAULT_URL)]
    pub url: String,

    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What the command can do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Check and compile kernels, without a node; register and remove them.
    #[command(subcommand)]
    Kernel(kernel::Command),
    /// List this machine's GPUs, and test them, without a node.
    #[command(subcommand)]
    Gpu(gpu::Command),
    /// Post jobs, watch them, fetch and audit their results.
    #[command(subcommand)]
    Job(job::Command),
    /// See who sells compute, and sell it.
    #[command(subcommand)]
    Provider(provider::Command),
}

impl Cli {
    /// Does what the command line says.
    pub async fn run(self) -> Result<ExitCode> {
        match self.verb {
            Verb::Kernel(command) => command.run(&self.url).await,
            Verb::Gpu(command) => command.run(),
            Verb::Job(command) => command.run(&self.url).await,
            Verb::Provider(command) => command.run(&self.url).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
