// SPDX-License-Identifier: Apache-2.0
//! `assay kernel`: check kernels.

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
        /// The file of the kernel's bytecode.
        kernel: PathBuf,
    },
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        let Self::Check { kernel } = self;
        println!("{}", summary(&job_file::read_kernel(&kernel)?)?);
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
