// SPDX-License-Identifier: Apache-2.0
//! A job with everything it names read, and what its file calls its parts.

use super::Output;
use crate::{chain::types::Source, kernel_file::CompileOptions};
use anyhow::{Context, Result};
use assay_kernel::Kernel;
use std::{collections::BTreeSet, ops::Range, path::PathBuf};

/// A job with everything it names read.
#[derive(Clone, Debug)]
pub struct LoadedJob {
    /// What is computed, one after the other.
    pub passes: Vec<LoadedPass>,
    /// The kernel that must yield zeros.
    pub checker: Option<LoadedPass>,
    /// The inputs' bytes.
    pub inputs: Vec<Vec<u8>>,
    /// What the output is.
    pub output: Output,
}

/// A pass with its kernel.
#[derive(Clone, Debug)]
pub struct LoadedPass {
    /// The kernel.
    pub kernel: Kernel,
    /// Its encoding, whose BLAKE3 hash names it.
    pub code: Vec<u8>,
    /// Its parameter words.
    pub parameters: Vec<u32>,
    /// What it reads.
    pub reads: Vec<Source>,
    /// Tiles along x, y and z: the grid as the chain has it.
    pub grid: [u32; 3],
    /// The workgroups of the kernel's source that make a tile.
    pub groups: u32,
}

impl LoadedPass {
    /// The tiles of its output.
    pub fn tiles(&self) -> Result<u32> {
        self.grid
            .iter()
            .try_fold(1u32, |tiles, size| tiles.checked_mul(*size))
            .context("the grid has too many tiles")
    }

    /// The bytes of its output.
    pub fn output_bytes(&self) -> Result<u64> {
        Ok(u64::from(self.tiles()?) * u64::from(self.kernel.tile_words) * 4)
    }

    /// BLAKE3 hash of its encoded kernel.
    pub fn kernel_hash(&self) -> [u8; 32] {
        *blake3::hash(&self.code).as_bytes()
    }
}

/// A job and what its file calls its passes.
#[derive(Clone, Debug)]
pub struct NamedJob {
    /// The job.
    pub job: LoadedJob,
    /// The entries of its passes, in order; each stands for as many passes as it is repeated.
    pub entries: Vec<Entry>,
    /// The entry of the checker. It stands for no pass.
    pub checker: Option<Entry>,
}

/// What a job file says of one pass, or of one that is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What later passes call its output.
    pub name: Option<String>,
    /// The file of its kernel.
    pub kernel: PathBuf,
    /// How the kernel was compiled.
    pub compile: CompileOptions,
    /// The numbers of its passes, from 0.
    pub passes: Range<usize>,
}

impl Entry {
    /// Its name or else the file of its kernel, for people.
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("`{name}`"),
            None => self.kernel_name(),
        }
    }

    /// The name of its kernel's file.
    pub fn kernel_name(&self) -> String {
        let name = self.kernel.file_name().unwrap_or(self.kernel.as_os_str());
        name.display().to_string()
    }

    /// The command that registers its kernel.
    pub fn registration(&self) -> String {
        let (kernel, compile) = (self.kernel.display(), &self.compile);
        format!("assay kernel register {kernel}{compile} --signer SECRET")
    }

    /// The numbers of its passes for people, who count from 1: `3`, or `2-61`.
    pub fn numbers(&self) -> String {
        match self.passes.len() {
            0 => String::new(),
            1 => format!("{}", self.passes.start + 1),
            _ => format!("{}-{}", self.passes.start + 1, self.passes.end),
        }
    }
}

impl NamedJob {
    /// What people call a pass, by its number from 0; the checker comes behind the last pass.
    pub fn pass_name(&self, number: usize) -> String {
        match (self.entries.iter()).find(|entry| entry.passes.contains(&number)) {
            Some(entry) => format!("pass {} ({})", number + 1, entry.title()),
            None => "the checker".into(),
        }
    }

    /// The passes and, behind them, the checker.
    pub fn all_passes(&self) -> impl Iterator<Item = &LoadedPass> {
        self.job.passes.iter().chain(&self.job.checker)
    }

    /// What tiles are made of where that are several workgroups of the source, a line for each entry.
    pub fn gathered(&self) -> Vec<String> {
        let gathered = |entry: &Entry| {
            let pass = self.all_passes().nth(entry.passes.start)?;
            let (groups, [x, y, z]) = (pass.groups, pass.grid);
            (groups > 1).then(|| {
                format!(
                    "{}: {groups} workgroups of {} make a tile, so its grid of {} x {y} x {z} workgroups is {x} x {y} x {z} tiles",
                    self.pass_name(entry.passes.start),
                    entry.kernel_name(),
                    u64::from(x) * u64::from(groups),
                )
            })
        };
        self.all_entries().filter_map(gathered).collect()
    }

    /// Each kernel once, as the first pass that runs it, with the entry that names its file.
    pub fn kernels(&self) -> Vec<(&Entry, &LoadedPass)> {
        let mut seen = BTreeSet::new();
        (self.all_entries())
            .filter_map(|entry| Some((entry, self.all_passes().nth(entry.passes.start)?)))
            .filter(|(_, pass)| seen.insert(pass.kernel_hash()))
            .collect()
    }

    /// The passes' entries and, behind them, the checker's.
    pub fn all_entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().chain(&self.checker)
    }
}
