// SPDX-License-Identifier: Apache-2.0
//! `assay kernel`: check and compile kernels.

use crate::job_file;
use anyhow::{Context, Result};
use assay_kernel::{
    Kernel,
    validate::{Limits, validate},
};
use codec::Encode;
use std::{path::PathBuf, process::ExitCode};

/// What to do with a kernel.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say whether the chain would take a kernel, and what it costs.
    Check {
        /// WGSL (.wgsl) or bytecode.
        kernel: PathBuf,
        /// Print the bytecode in readable form as well.
        #[arg(long)]
        listing: bool,
    },
    /// Compile WGSL to the bytecode that is registered on chain.
    Compile {
        /// WGSL (.wgsl).
        kernel: PathBuf,
        /// Where to write the bytecode; beside the source with the ending .kernel unless given.
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Check { kernel, listing } => {
                let kernel = job_file::read_kernel(&kernel)?;
                println!("{}", summary(&kernel)?);
                if listing {
                    println!("\n{kernel}");
                }
            }
            Self::Compile { kernel: path, output } => {
                let kernel = job_file::read_kernel(&path)?;
                println!("{}", summary(&kernel)?);
                let output = output.unwrap_or_else(|| path.with_extension("kernel"));
                std::fs::write(&output, kernel.encode())
                    .with_context(|| format!("cannot write {}", output.display()))?;
                println!("written      {}", output.display());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What the chain would say of a kernel.
fn summary(kernel: &Kernel) -> Result<String> {
    let report = validate(kernel, &Limits::DEFAULT).context("the chain would refuse the kernel")?;
    let code = kernel.encode();
    let [x, y, z] = kernel.workgroup;
    Ok(format!(
        "hash         {}\n\
         bytecode     {} bytes, {} operations\n\
         workgroup    {x} x {y} x {z}\n\
         tile         {} bytes\n\
         fuel         at most {} a tile",
        blake3::hash(&code),
        code.len(),
        kernel.code.len(),
        u64::from(kernel.tile_words) * 4,
        report.tile_fuel,
    ))
}
