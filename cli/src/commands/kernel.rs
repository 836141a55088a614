// SPDX-License-Identifier: Apache-2.0
//! `assay kernel`: check, compile and register kernels.

use crate::{
    account,
    chain::Chain,
    kernel_file::{self, CompileOptions},
};
use anyhow::{Context, Result};
use assay_kernel::{
    Kernel,
    program::Memory,
    validate::{Limits, validate},
};
use codec::Encode;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What to do with a kernel.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say whether the chain would take a kernel, and what it costs.
    Check {
        /// The kernel: WGSL if the file's name ends in .wgsl, else bytecode.
        kernel: PathBuf,
        /// How to compile it.
        #[clap(flatten)]
        options: CompileOptions,
        /// Print the bytecode, one operation a line.
        #[arg(long)]
        listing: bool,
    },
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
            Self::Check {
                kernel,
                options,
                listing,
            } => {
                let kernel = kernel_file::read(&kernel, &options)?;
                println!("{}", summary(&kernel)?);
                if listing {
                    println!("\n{kernel}");
                }
            }
            Self::Compile {
                kernel: source,
                options,
                output,
            } => {
                let kernel = kernel_file::read(&source, &options)?;
                let output = output.unwrap_or_else(|| source.with_extension("kernel"));
                write(&output, &kernel)?;
                println!("{}\nwritten      {}", summary(&kernel)?, output.display());
            }
            Self::Register {
                kernel,
                options,
                signer,
            } => {
                let kernel = kernel_file::read(&kernel, &options)?;
                println!("{}", summary(&kernel)?);
                let signer = account::signer(&signer)?;
                let chain = Chain::connect(url).await?;
                chain.register_kernel(&signer, &kernel.encode()).await?;
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

/// Reads a hash of 32 bytes in hex.
fn parse_hash(text: &str) -> Result<[u8; 32], String> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text.trim_start_matches("0x"), &mut hash)
        .map_err(|error| format!("`{text}` is no hash of 64 hex digits: {error}"))?;
    Ok(hash)
}

fn write(path: &Path, kernel: &Kernel) -> Result<()> {
    std::fs::write(path, kernel.encode())
        .with_context(|| format!("cannot write the bytecode to {}", path.display()))
}

/// What the chain would say of a kernel.
fn summary(kernel: &Kernel) -> Result<String> {
    let report = validate(kernel, &Limits::DEFAULT).context("the chain would refuse the kernel")?;
    let code = kernel.encode();
    let [x, y, z] = kernel.workgroup;
    let inputs = kernel
        .memories
        .iter()
        .filter(|memory| matches!(memory, Memory::Input));
    let parameters = kernel.memories.iter().map(|memory| match memory {
        Memory::Parameters(words) => *words,
        _ => 0,
    });
    Ok(format!(
        "hash         {}\n\
         bytecode     {} bytes, {} operations\n\
         inputs       {}, and {} parameter words\n\
         workgroup    {x} x {y} x {z}\n\
         tile         {} bytes\n\
         fuel         at most {} a tile",
        blake3::hash(&code),
        code.len(),
        kernel.code.len(),
        inputs.count(),
        parameters.max().unwrap_or(0),
        u64::from(kernel.tile_words) * 4,
        report.tile_fuel,
    ))
}
