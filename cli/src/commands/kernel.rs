// SPDX-License-Identifier: Apache-2.0
//! `assay kernel`: check, compile and register kernels.

mod check;
mod figures;
mod price;
mod summary;

use crate::{
    account,
    chain::Chain,
    kernel_file::{self, CompileOptions, KernelFile},
};
use anyhow::{Context, Result};
use std::{path::PathBuf, process::ExitCode};
use summary::summary;

/// What to do with a kernel.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say whether the chain would take a kernel, or a job, and what it costs.
    ///
    /// All is computed once here, on a GPU if there is one that is exact. Some tiles are re-executed on the
    /// virtual machine, as verifiers and the chain do it: data races are looked for, what they burn and what the
    /// chain would have to be shown is measured, and the bytes are compared with the GPU's. A checker is run. A kernel
    /// is tried on a few tiles, with inputs made up where none are given.
    /// With a node, what the job would cost is shown too; nothing is posted or registered.
    ///
    /// Fails if the chain would refuse something, if there is a race, if the GPU's bytes differ, or if the
    /// checker does not yield zeros.
    Check(check::Check),
    /// Compile WGSL to the bytecode that the chain keeps.
    Compile {
        /// The kernel in WGSL.
        kernel: PathBuf,
        /// How to compile it.
        #[clap(flatten)]
        options: CompileOptions,
        /// Where to write the bytecode [default: beside the kernel, with the ending .kernel].
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Put a kernel on the chain, for a deposit that its removal returns. Posting a job does it by itself.
    Register {
        /// The kernel: WGSL if the file's name ends in .wgsl, else bytecode.
        kernel: PathBuf,
        /// How to compile it.
        #[clap(flatten)]
        options: CompileOptions,
        /// The secret of the account that pays: a phrase, a seed in hex, a name such as //Alice, or @FILE.
        #[arg(long, value_name = "SECRET")]
        signer: String,
    },
    /// Take a kernel off the chain that no job uses any more; the deposit comes back.
    Remove {
        /// Its hash, as `assay kernel check` prints it.
        #[arg(value_parser = parse_hash)]
        hash: [u8; 32],
        /// The secret of the account that registered it.
        #[arg(long, value_name = "SECRET")]
        signer: String,
    },
}

impl Command {
    /// Does it.
    pub async fn run(self, url: &str) -> Result<ExitCode> {
        match self {
            Self::Check(check) => return check.run(url).await,
            Self::Compile {
                kernel: source,
                options,
                output,
            } => {
                let read = kernel_file::read(&source, &options)?;
                warn(&read);
                let KernelFile { kernel, groups, .. } = read;
                let (report, code) = kernel_file::validate(&kernel)?;
                let output = output.unwrap_or_else(|| source.with_extension("kernel"));
                std::fs::write(&output, &code).with_context(|| {
                    format!("cannot write the bytecode to {}", output.display())
                })?;
                let summary = summary(&kernel, groups, &report, &code);
                println!("{summary}\nwritten      {}", output.display());
                if groups > 1 {
                    println!(
                        "             a job that names this file gives its grid in tiles: a {groups}th of the source's \
                         workgroups along x"
                    );
                }
            }
            Self::Register {
                kernel,
                options,
                signer,
            } => {
                let read = kernel_file::read(&kernel, &options)?;
                warn(&read);
                let KernelFile { kernel, groups, .. } = read;
                let (report, code) = kernel_file::validate(&kernel)?;
                println!("{}", summary(&kernel, groups, &report, &code));
                let signer = account::signer(&signer)?;
                let chain = Chain::connect(url).await?;
                chain.register_kernel(&signer, &code).await?;
                println!("registered");
            }
            Self::Remove { hash, signer } => {
                let signer = account::signer(&signer)?;
                let chain = Chain::connect(url).await?;
                chain
                    .submit(&signer, "Jobs", "remove_kernel", (hash,))
                    .await?;
                println!("removed");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Says of a kernel for which there is no grid yet that not every grid will do.
fn warn(read: &KernelFile) {
    if let Some(narrow) = &read.narrow {
        eprintln!(
            "warning: right only in grids of at most {} workgroups along x\n\n{}",
            narrow.most, narrow.why
        );
    }
}

/// Reads a hash of 32 bytes in hex.
fn parse_hash(text: &str) -> Result<[u8; 32], String> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text.trim_start_matches("0x"), &mut hash)
        .map_err(|error| format!("`{text}` is no hash of 64 hex digits: {error}"))?;
    Ok(hash)
}
