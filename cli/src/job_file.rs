// SPDX-License-Identifier: Apache-2.0
//! The description of a job on disk: a JSON file beside the kernels, paths relative to it.

use crate::{
    chain::types::Source,
    kernel_file::{self, CompileOptions},
    picture,
};
use anyhow::{Context, Result, bail, ensure};
use assay_kernel::Kernel;
use codec::Encode;
use serde::Deserialize;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// What `assay job post` reads: one kernel with its parameters and grid, or several passes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    /// The file of the kernel: WGSL if its name ends in `.wgsl`, else bytecode.
    #[serde(default)]
    pub kernel: Option<PathBuf>,
    /// How to compile it, if it is WGSL.
    #[serde(default)]
    pub compile: CompileOptions,
    /// The kernel's parameters.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Workgroups along x, y and z.
    #[serde(default)]
    pub grid: Option<[u32; 3]>,
    /// Several kernels, one after the other, instead of one.
    #[serde(default)]
    pub passes: Vec<PassFile>,
    /// A kernel that must yield zeros.
    #[serde(default)]
    pub checker: Option<PassFile>,
    /// The inputs; a single kernel reads all of them, in the order of its bindings.
    pub inputs: Vec<Input>,
    /// What the output is, so that a person can look at it.
    #[serde(default)]
    pub output: Output,
}

/// A pass of a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassFile {
    /// What later passes call its output.
    #[serde(default)]
    pub name: Option<String>,
    /// As in [`JobFile`].
    pub kernel: PathBuf,
    /// As in [`JobFile`].
    #[serde(default)]
    pub compile: CompileOptions,
    /// As in [`JobFile`].
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What it reads, in the order of its bindings.
    #[serde(default)]
    pub reads: Vec<Read>,
    /// As in [`JobFile`].
    pub grid: [u32; 3],
    /// How often it is repeated.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// What a pass reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Read {
    /// The job's input of this number, from 0.
    Input(u8),
    /// The output of the pass of this name.
    Pass(String),
    /// In a pass that is repeated: this the first time, and then what the time before it wrote.
    Before {
        /// The first time.
        first: Box<Read>,
    },
}

/// A parameter word: a whole number is a u32 or, if it is negative, an i32; one with a point is an f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "serde_json::Number")]
pub struct Parameter(pub u32);

impl TryFrom<serde_json::Number> for Parameter {
    type Error = String;

    fn try_from(number: serde_json::Number) -> Result<Self, String> {
        let refusal = || format!("the parameter {number} does not fit 32 bits");
        let word = match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(word), ..) => u32::try_from(word).map_err(|_| refusal())?,
            (_, Some(word), _) => i32::try_from(word).map_err(|_| refusal())?.cast_unsigned(),
            (.., Some(word)) if (word as f32).is_finite() => (word as f32).to_bits(),
            _ => return Err(refusal()),
        };
        Ok(Self(word))
    }
}

/// An input of a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// The bytes of a file, as they are.
    Bytes(PathBuf),
    /// The pixels of a picture (JPEG or PNG), one word each.
    Picture(PathBuf),
}

/// What an output is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Output {
    /// Bytes.
    #[default]
    Bytes,
    /// Pixels, one word each, from the first word on.
    Picture {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
}

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
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
}

impl LoadedPass {
    /// The tiles of its output.
    pub fn tiles(&self) -> Result<u32> {
        self.grid
            .iter()
            .try_fold(1u32, |tiles, size| tiles.checked_mul(*size))
            .context("the grid has too many tiles")
    }
}

impl JobFile {
    /// Reads the file and all that it names.
    pub fn load(path: &Path) -> Result<LoadedJob> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the job file {}", path.display()))?;
        let file: Self = serde_json::from_str(&text)
            .with_context(|| format!("the job file {} is not as it should be", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let (passes, names) = load_passes(&file.all_passes()?, folder)?;
        let checker = match &file.checker {
            Some(checker) => {
                let [loaded] = repeat(checker, folder, &names, passes.len())?
                    .try_into()
                    .map_err(|_| anyhow::anyhow!("a checker is run once: remove its `times`"))?;
                Some(loaded)
            }
            None => None,
        };
        Ok(LoadedJob {
            passes,
            checker,
            inputs: file
                .inputs
                .iter()
                .map(|input| input.read(folder))
                .collect::<Result<_>>()?,
            output: file.output,
        })
    }

    /// The passes, or the one that the single kernel is.
    fn all_passes(&self) -> Result<Vec<PassFile>> {
        let single = match (&self.kernel, self.grid) {
            (Some(kernel), Some(grid)) => PassFile {
                name: None,
                kernel: kernel.clone(),
                compile: self.compile.clone(),
                parameters: self.parameters.clone(),
                reads: (0..=u8::MAX)
                    .zip(&self.inputs)
                    .map(|(number, _)| Read::Input(number))
                    .collect(),
                grid,
                times: 1,
            },
            (None, None) if !self.passes.is_empty() => return Ok(self.passes.clone()),
            (None, _) => bail!("the job file names no `kernel` and no `passes`"),
            (Some(_), None) => bail!("the job file has a `kernel` but no `grid`"),
        };
        ensure!(
            self.passes.is_empty(),
            "the job file has both a `kernel` and `passes`: make the kernel one of the passes"
        );
        Ok(vec![single])
    }
}

/// The passes with their kernels, and the numbers of those that have a name.
fn load_passes(
    files: &[PassFile],
    folder: &Path,
) -> Result<(Vec<LoadedPass>, HashMap<String, u8>)> {
    let mut passes = Vec::new();
    let mut names = HashMap::new();
    for file in files {
        passes.extend(repeat(file, folder, &names, passes.len())?);
        if let (Some(name), Some(last)) = (&file.name, passes.len().checked_sub(1)) {
            names.insert(name.clone(), u8::try_from(last)?);
        }
    }
    Ok((passes, names))
}

/// A pass as often as it is repeated, the first of them with a number.
fn repeat(
    file: &PassFile,
    folder: &Path,
    names: &HashMap<String, u8>,
    number: usize,
) -> Result<Vec<LoadedPass>> {
    let kernel = kernel_file::read(&folder.join(&file.kernel), &file.compile)?;
    ensure!(
        file.grid.iter().all(|size| *size > 0),
        "the grid {:?} is empty: each of its sizes must be at least 1",
        file.grid,
    );
    let code = kernel.encode();
    let number = u8::try_from(number).context("the job has too many passes")?;
    (0..file.times)
        .map(|time| {
            let before = u32::from(number)
                .checked_add(time)
                .and_then(|number| number.checked_sub(1));
            let before = before
                .filter(|_| time > 0)
                .map(u8::try_from)
                .transpose()
                .context("the job has too many passes")?;
            Ok(LoadedPass {
                kernel: kernel.clone(),
                code: code.clone(),
                parameters: file.parameters.iter().map(|word| word.0).collect(),
                reads: file
                    .reads
                    .iter()
                    .map(|read| read.resolve(names, before))
                    .collect::<Result<_>>()?,
                grid: file.grid,
            })
        })
        .collect()
}

impl Read {
    /// What is read, where `before` is the pass that did the same the time before.
    fn resolve(&self, names: &HashMap<String, u8>, before: Option<u8>) -> Result<Source> {
        match self {
            Self::Input(number) => Ok(Source::Input(*number)),
            Self::Pass(name) => names.get(name).copied().map(Source::Pass).with_context(|| {
                format!("no earlier pass is named `{name}`: give it `\"name\": \"{name}\"`")
            }),
            Self::Before { first } => match before {
                Some(pass) => Ok(Source::Pass(pass)),
                None => first.resolve(names, None),
            },
        }
    }
}

impl Input {
    fn read(&self, folder: &Path) -> Result<Vec<u8>> {
        match self {
            Self::Bytes(path) => {
                let path = folder.join(path);
                std::fs::read(&path)
                    .with_context(|| format!("cannot read the input {}", path.display()))
            }
            Self::Picture(path) => Ok(picture::read(&folder.join(path))?.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: &str = "
        @group(0) @binding(0) var<storage, read> before: array<u32>;
        @group(0) @binding(1) var<storage, read_write> after: array<u32>;
        @compute @workgroup_size(64)
        fn step(@builtin(global_invocation_id) id: vec3<u32>) {
            after[id.x] = before[id.x] + 1u;
        }";

    fn load(job: &str) -> Result<LoadedJob> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("step.wgsl"), STEP).expect("a file");
        std::fs::write(folder.path().join("numbers.bin"), [1; 1_024]).expect("a file");
        std::fs::write(folder.path().join("job.json"), job).expect("a file");
        JobFile::load(&folder.path().join("job.json"))
    }

    #[test]
    fn repeated_pass_reads_what_the_time_before_wrote() {
        let job = load(
            r#"{ "passes": [
                { "name": "steps", "kernel": "step.wgsl", "times": 3, "grid": [1, 1, 1], "reads": [{ "first": 0 }] },
                { "kernel": "step.wgsl", "grid": [1, 1, 1], "reads": ["steps"] } ],
              "inputs": [{ "bytes": "numbers.bin" }] }"#,
        )
        .expect("a job");
        let reads: Vec<_> = job.passes.iter().map(|pass| pass.reads.clone()).collect();
        let pass = |number| vec![Source::Pass(number)];
        assert_eq!(reads, [vec![Source::Input(0)], pass(0), pass(1), pass(2)]);
    }

    #[test]
    fn job_is_refused_when_it_names_what_is_not_there() {
        let error = |job: &str| load(job).expect_err("refused").to_string();
        let passes = r#"{ "passes": [{ "kernel": "step.wgsl", "grid": [1, 1, 1], "reads": ["heat"] }], "inputs": [] }"#;
        assert!(error(passes).contains("no earlier pass is named `heat`"));
        assert!(error(r#"{ "inputs": [] }"#).contains("no `kernel` and no `passes`"));
        assert!(error(r#"{ "kernel": "step.wgsl", "inputs": [] }"#).contains("no `grid`"));
    }

    #[test]
    fn parameters_are_words_of_their_types() {
        let parse = |text: &str| {
            serde_json::from_str::<Parameter>(text)
                .map(|word| word.0)
                .ok()
        };
        assert_eq!(parse("4294967295"), Some(u32::MAX));
        assert_eq!(parse("-1"), Some(u32::MAX));
        assert_eq!(parse("0.25"), Some(0.25f32.to_bits()));
        assert_eq!(parse("4294967296"), None);
        assert_eq!(parse("1e39"), None);
    }
}
