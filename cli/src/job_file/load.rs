// SPDX-License-Identifier: Apache-2.0
//! From a job file to a job: reads what it names, numbers the passes, refuses what the chain would.

use super::{
    Entry, Input, JobFile, LoadedJob, LoadedPass, NamedJob, OUTPUT_NAME, Output, PassFile, Read,
};
use crate::{
    chain::types::Source,
    kernel_file::{self, KernelFile},
    limits::{MAX_INPUTS, MAX_PARAMETERS, MAX_PASSES, MAX_WORDS, SEED_WORDS},
    picture,
};
use anyhow::{Context, Result, bail, ensure};
use assay_kernel::program::Memory;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

impl JobFile {
    /// Reads the file and all that it names.
    pub fn load(path: &Path) -> Result<LoadedJob> {
        Ok(Self::load_named(path)?.job)
    }

    /// Reads the file and all that it names, with what it calls its passes.
    pub fn load_named(path: &Path) -> Result<NamedJob> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the job file {}", path.display()))?;
        let file: Self = serde_json::from_str(&text)
            .with_context(|| format!("the job file {} is not as it should be", path.display()))?;
        ensure!(
            file.inputs.len() <= MAX_INPUTS,
            "the job has {} inputs; it can have {MAX_INPUTS}: put several files into one",
            file.inputs.len(),
        );
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut loader = Loader {
            folder,
            inputs: file.inputs.len(),
            passes: Vec::new(),
            entries: Vec::new(),
            names: HashMap::new(),
        };
        for pass in file.all_passes()? {
            loader.add(&pass)?;
        }
        let checker = (file.checker.as_ref())
            .map(|checker| loader.checker(checker).context("the checker"))
            .transpose()?;
        let (checker, checker_entry) = checker.unzip();
        let Loader {
            passes, entries, ..
        } = loader;
        let job = LoadedJob {
            passes,
            checker,
            inputs: file
                .inputs
                .iter()
                .map(|input| input.read(folder))
                .collect::<Result<_>>()?,
            output: file.output,
        };
        check_sizes(&job)?;
        Ok(NamedJob {
            job,
            entries,
            checker: checker_entry,
        })
    }

    /// The passes, or the one that the single kernel is.
    fn all_passes(&self) -> Result<Vec<PassFile>> {
        let single = [
            ("kernel", self.kernel.is_some()),
            ("compile", self.compile.is_some()),
            ("parameters", self.parameters.is_some()),
            ("grid", self.grid.is_some()),
        ];
        if let Some(passes) = &self.passes {
            let stray = single.iter().find(|(_, is_there)| *is_there);
            if let Some((field, _)) = stray {
                bail!(
                    "the job file has `{field}` beside `passes`, where it belongs to none: put it into the pass that it is for"
                );
            }
            ensure!(
                !passes.is_empty(),
                "the job's `passes` are empty: it needs at least one"
            );
            return Ok(passes.clone());
        }
        let kernel = self
            .kernel
            .clone()
            .context("the job file names no `kernel` and no `passes`")?;
        let grid = self
            .grid
            .context("the job file has a `kernel` but no `grid`")?;
        Ok(vec![PassFile {
            name: Some(OUTPUT_NAME.into()),
            kernel,
            compile: self.compile.clone().unwrap_or_default(),
            parameters: self.parameters.clone().unwrap_or_default(),
            reads: (0..)
                .zip(&self.inputs)
                .map(|(number, _)| Read::Input(number))
                .collect(),
            grid,
            times: None,
        }])
    }
}

/// What was read so far.
struct Loader<'a> {
    folder: &'a Path,
    inputs: usize,
    passes: Vec<LoadedPass>,
    entries: Vec<Entry>,
    /// The last pass of each name.
    names: HashMap<String, u8>,
}

impl Loader<'_> {
    /// Adds a pass as often as it is repeated.
    fn add(&mut self, file: &PassFile) -> Result<()> {
        let first = self.passes.len();
        let place = || match &file.name {
            Some(name) if name != OUTPUT_NAME => format!("pass {} (`{name}`)", first + 1),
            _ => format!("pass {} ({})", first + 1, file.kernel.display()),
        };
        let times = file.times.unwrap_or(1);
        ensure!(
            times > 0,
            "{}: `times` is 0: remove the pass, or run it at least once",
            place()
        );
        let times = usize::try_from(times)?;
        ensure!(
            first.saturating_add(times) <= MAX_PASSES,
            "{}: the job would have {} passes or more, each repetition counted; it can have {MAX_PASSES}: let a \
             kernel do several steps, or split the job",
            place(),
            first.saturating_add(times),
        );
        if let Some(name) = &file.name {
            ensure!(
                !self.names.contains_key(name),
                "{}: an earlier pass has the same name: give each a name of its own",
                place()
            );
        }
        for time in 0..times {
            // The kernel is the same each time; only what is read differs.
            let loaded = match (time, self.passes.last()) {
                (0, _) | (_, None) => self.read(file, MAX_PARAMETERS).with_context(place)?,
                (_, Some(before)) => LoadedPass {
                    reads: self.resolve(file, true).with_context(place)?,
                    ..before.clone()
                },
            };
            self.passes.push(loaded);
        }
        if let (Some(name), Some(last)) = (&file.name, self.passes.len().checked_sub(1)) {
            self.names.insert(name.clone(), u8::try_from(last)?);
        }
        self.entries.push(Entry {
            name: file.name.clone().filter(|name| name != OUTPUT_NAME),
            kernel: self.folder.join(&file.kernel),
            compile: file.compile.clone(),
            passes: first..self.passes.len(),
        });
        Ok(())
    }

    /// Reads the checker.
    fn checker(&self, file: &PassFile) -> Result<(LoadedPass, Entry)> {
        ensure!(
            file.times.is_none(),
            "a checker is run once: remove its `times`"
        );
        ensure!(
            file.name.is_none(),
            "nothing reads a checker: remove its `name`"
        );
        let room = MAX_PARAMETERS.saturating_sub(SEED_WORDS);
        let entry = Entry {
            name: None,
            kernel: self.folder.join(&file.kernel),
            compile: file.compile.clone(),
            passes: self.passes.len()..self.passes.len(),
        };
        Ok((self.read(file, room)?, entry))
    }

    /// Reads the kernel of a pass that is run for the first time, and checks the pass.
    fn read(&self, file: &PassFile, room: usize) -> Result<LoadedPass> {
        ensure!(
            file.parameters.len() <= room,
            "{} parameters; there can be {room}: put what is more into an input",
            file.parameters.len(),
        );
        let read = kernel_file::read(&self.folder.join(&file.kernel), &file.compile)?;
        let grid = tiles(file.grid, &read)?;
        let KernelFile { kernel, groups, .. } = read;
        let (_, code) = kernel_file::validate(&kernel)?;
        let inputs = kernel
            .memories
            .iter()
            .filter(|memory| matches!(memory, Memory::Input))
            .count();
        ensure!(
            inputs == file.reads.len(),
            "its kernel has {inputs} `var<storage, read>` and it is given {} to read: name as many in `reads` (in a \
             job of one kernel, in `inputs`), in the order of the bindings",
            file.reads.len(),
        );
        Ok(LoadedPass {
            kernel,
            code,
            parameters: file.parameters.iter().map(|word| word.0).collect(),
            reads: self.resolve(file, false)?,
            grid,
            groups,
        })
    }

    /// What a pass reads, where `again` says that the pass before it is the same, a time before.
    fn resolve(&self, file: &PassFile, again: bool) -> Result<Vec<Source>> {
        let before = self.passes.len().checked_sub(1).filter(|_| again);
        let before = before.map(u8::try_from).transpose()?;
        file.reads
            .iter()
            .map(|read| self.source(read, before))
            .collect()
    }

    fn source(&self, read: &Read, before: Option<u8>) -> Result<Source> {
        match read {
            Read::Input(number) => usize::try_from(*number)
                .ok()
                .filter(|number| *number < self.inputs)
                .and_then(|number| u8::try_from(number).ok())
                .map(Source::Input)
                .with_context(|| match self.inputs {
                    0 => format!("it reads input {number}, and the job has no inputs"),
                    1 => format!("it reads input {number}, and the job has one, of number 0"),
                    inputs => format!(
                        "it reads input {number}, and the job's are numbered from 0 to {}",
                        inputs - 1
                    ),
                }),
            Read::Pass(name) => (self.names.get(name).copied())
                .map(Source::Pass)
                .with_context(|| {
                    format!("no earlier pass is named `{name}`: give it `\"name\": \"{name}\"`")
                }),
            Read::Before { first } => match before {
                Some(pass) => Ok(Source::Pass(pass)),
                None => self.source(first, None),
            },
        }
    }
}

/// A grid in tiles. Refuses one that is empty, or whose output could not be addressed.
pub(super) fn tiles(grid: [u32; 3], read: &KernelFile) -> Result<[u32; 3]> {
    ensure!(
        grid.iter().all(|size| *size > 0),
        "the grid {grid:?} is empty: each of its sizes must be at least 1",
    );
    let tiles = read.tiles(grid)?;
    let tile_words = read.kernel.tile_words;
    let words = tiles
        .iter()
        .try_fold(u64::from(tile_words), |words, size| {
            words.checked_mul(u64::from(*size))
        })
        .filter(|words| *words <= MAX_WORDS);
    ensure!(
        words.is_some(),
        "the grid {grid:?} is too large: with tiles of {tile_words} words, the output would have more than 16 GiB",
    );
    Ok(tiles)
}

/// Refuses a job that is too large in all, or whose result is no picture of the size it names.
pub(super) fn check_sizes(job: &LoadedJob) -> Result<()> {
    let mut tiles = 0u64;
    for pass in job.passes.iter().chain(&job.checker) {
        tiles = tiles.saturating_add(pass.tiles()?.into());
    }
    ensure!(
        tiles <= u32::MAX.into(),
        "the job has {tiles} tiles in all, with the checker's; there can be {}: use larger tiles, or split it",
        u32::MAX,
    );
    for (number, input) in job.inputs.iter().enumerate() {
        let words = u64::try_from(input.len())?.div_ceil(4);
        ensure!(
            words <= MAX_WORDS,
            "input {number} has more than 16 GiB: split it"
        );
    }
    if let (Output::Picture { width, height }, Some(last)) = (&job.output, job.passes.last()) {
        let (wanted, there) = (
            u128::from(*width) * u128::from(*height) * 4,
            last.output_bytes()?,
        );
        ensure!(
            wanted <= there.into(),
            "a picture of {width} x {height} pixels takes {wanted} bytes and the result has {there}: correct the \
             size in `output`, or enlarge the grid of the last pass",
        );
    }
    Ok(())
}

impl Input {
    fn read(&self, folder: &Path) -> Result<Vec<u8>> {
        match self {
            Self::Bytes(path) => {
                let path: PathBuf = folder.join(path);
                std::fs::read(&path)
                    .with_context(|| format!("cannot read the input {}", path.display()))
            }
            Self::Picture(path) => Ok(picture::read(&folder.join(path))?.0),
        }
    }
}
