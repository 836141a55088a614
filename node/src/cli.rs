// SPDX-License-Identifier: Apache-2.0
//! The command line's shape.

use polkadot_sdk::{sc_cli, sc_storage_monitor};
use std::{net::SocketAddr, path::PathBuf};

/// The whole command line.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// What to do; without it, run a node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: sc_cli::RunCmd,

    /// Whether and how to sell compute.
    #[clap(flatten)]
    pub provider: ProviderParams,

    /// Where compiled runtimes are kept: a node starts faster when it finds its own there, most of all with a full
    /// specification as `--chain`. Nodes may share it. Without it: the folder `compiled` in the base path.
    #[arg(long, value_name = "PATH")]
    pub compiled_path: Option<PathBuf>,

    /// When to stop for want of disk space.
    #[clap(flatten)]
    pub storage_monitor: sc_storage_monitor::StorageMonitorParams,
}

/// What the node can do besides running.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Print a chain specification, complete or raw.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Check blocks.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Read blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Write the state of a block as a chain specification.
    ExportState(sc_cli::ExportStateCmd),

    /// Remove the chain's database. The worker's own files stay.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Go back to an earlier state of the chain.
    Revert(sc_cli::RevertCmd),

    /// Show what the database knows of the chain.
    ChainInfo(sc_cli::ChainInfoCmd),
}

/// Whether and how to sell compute.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Provider")]
pub struct ProviderParams {
    /// Sell compute and verify others' work with the worker key in this node's keystore, which is made
    /// on the first start. Register it with `assay provider register`. Switches the off-chain worker on.
    #[arg(long)]
    pub provider: bool,

    /// Where the worker keeps blobs, outputs and the record of what it signed.
    /// Without it: the folder `worker` in the chain's folder of the base path.
    #[arg(long, value_name = "PATH", requires = "provider")]
    pub provider_path: Option<PathBuf>,

    /// The address that blobs are served on; providers and verifiers must be able to reach it.
    #[arg(
        long,
        value_name = "IP:PORT",
        default_value = "127.0.0.1:0",
        requires = "provider"
    )]
    pub provider_listen: SocketAddr,

    /// What computes: `gpu`, or `machine` for the virtual machine on the processor (slow; enough to verify).
    #[arg(long, value_enum, default_value = "gpu", requires = "provider")]
    pub provider_engine: EngineChoice,

    /// A part of the GPU adapter's name, where there are several. `assay-node --provider` logs their names.
    #[arg(long, value_name = "NAME", requires = "provider")]
    pub provider_adapter: Option<String>,

    /// The least price to work for, in thousandths of a token for 10^9 fuel.
    #[arg(long, value_name = "MILLI", default_value_t = 1, requires = "provider")]
    pub provider_price: u64,
}

/// What computes a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineChoice {
    /// A GPU through wgpu.
    Gpu,
    /// The virtual machine.
    Machine,
}
