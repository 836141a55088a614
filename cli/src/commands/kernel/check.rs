// SPDX-License-Identifier: Apache-2.0
//! `assay kernel check`.

use super::{
    figures::{self, Findings, figures_table},
    price,
    summary::summary,
};
use crate::{
    job_file::{Alone, JobFile, MADE_UP_BYTES, MadeUp, NamedJob},
    kernel_file::{self, CompileOptions},
    trial::Engines,
};
use anyhow::{Result, bail, ensure};
use indicatif::HumanBytes;
use std::{path::PathBuf, process::ExitCode};

/// What to check, and how.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// A kernel (WGSL if the file's name ends in .wgsl, else bytecode), or a job file (.json).
    #[arg(value_name = "KERNEL|JOB")]
    file: PathBuf,
    /// How to compile a kernel; a job file says it itself.
    #[clap(flatten)]
    options: CompileOptions,
    /// What to try a kernel with; a job file says it itself.
    #[clap(flatten)]
    alone: Alone,
    /// Print the bytecode, one operation a line.
    #[arg(long)]
    listing: bool,
    /// Tiles to re-execute of each pass, at most: the first, the middle, the last, then others. Of a
    /// pass that is repeated, so many of the first time and of the last.
    #[arg(long, value_name = "TILES", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    tiles: u32,
    /// Seeds to run a job's checker with.
    #[arg(long, value_name = "SEEDS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// Compute on the GPU with this in its name or driver, and fail if it is not exact [default: the best one,
    /// or the virtual machine].
    #[arg(long, value_name = "NAME", conflicts_with = "no_gpu")]
    gpu: Option<String>,
    /// Compute on the virtual machine alone, and compare with nothing.
    #[arg(long)]
    no_gpu: bool,
}

impl Check {
    pub(super) async fn run(self, url: &str) -> Result<ExitCode> {
        let is_job = (self.file.extension()).is_some_and(|extension| extension == "json");
        let (what, named) = match is_job {
            true => ("job", self.job()?),
            false => ("kernel", self.kernel()?),
        };
        let engines = self.engines()?;
        match engines.gpu_name() {
            Some(name) => println!("computed on {name}; tiles re-executed on the virtual machine"),
            None => println!("computed on the virtual machine"),
        }
        let findings = figures::find(&named, &engines, self.tiles, self.seeds)?;
        report(&findings);
        price::show(url, &named, &findings.figures).await?;
        match findings.faults.len() {
            0 => Ok(ExitCode::SUCCESS),
            1 => bail!("the {what} should not be posted: see the fault above"),
            faults => bail!("the {what} should not be posted: see the {faults} faults above"),
        }
    }

    fn job(&self) -> Result<NamedJob> {
        ensure!(
            self.options == CompileOptions::default(),
            "how the kernels of a job are compiled stands in its file, in `compile`: leave{} out",
            self.options,
        );
        ensure!(
            self.alone == Alone::default(),
            "grid, parameters and inputs of a job stand in its file: leave --grid, --parameter and --input out",
        );
        let named = JobFile::load_named(&self.file)?;
        for line in named.gathered() {
            println!("{line}");
        }
        if self.listing {
            for (entry, pass) in named.kernels() {
                println!("{}\n{}", entry.kernel.display(), pass.kernel);
            }
        }
        Ok(named)
    }

    /// The kernel as a job of its own.
    fn kernel(&self) -> Result<NamedJob> {
        let (named, made_up) = self.alone.job(&self.file, &self.options)?;
        for pass in &named.job.passes {
            let (report, code) = kernel_file::validate(&pass.kernel)?;
            println!("{}", summary(&pass.kernel, pass.groups, &report, &code));
            if self.listing {
                println!("\n{}", pass.kernel);
            }
        }
        println!();
        if made_up != MadeUp::default() {
            println!(
                "tried with {} made-up inputs of {} and {} parameters of 0: --input and --parameter give better ones",
                made_up.inputs,
                HumanBytes(MADE_UP_BYTES as u64),
                made_up.parameters,
            );
        }
        Ok(named)
    }

    fn engines(&self) -> Result<Engines> {
        if self.no_gpu {
            return Engines::machine();
        }
        if let Some(name) = &self.gpu {
            return Engines::with_gpu(name);
        }
        let (engines, reason) = Engines::with_best_gpu()?;
        if let Some(reason) = reason {
            eprintln!("warning: nothing is compared with a GPU: {reason}");
        }
        Ok(engines)
    }
}

fn report(findings: &Findings) {
    println!("{}", figures_table(&findings.figures));
    match (findings.seeds, findings.not_zeros) {
        (0, _) => {}
        (seeds, 0) => println!("the checker yields zeros for all of {seeds} seeds"),
        (seeds, wrong) => println!("the checker does not yield zeros for {wrong} of {seeds} seeds"),
    }
    for note in &findings.notes {
        println!("note: {note}");
    }
    for fault in &findings.faults {
        println!("fault: {fault}");
    }
}
