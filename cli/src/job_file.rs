// SPDX-License-Identifier: Apache-2.0
//! The description of a job on disk: a JSON file beside the kernel, paths relative to it.

use crate::{
    kernel_file::{self, CompileOptions},
    picture,
};
use anyhow::{Context, Result, ensure};
use assay_kernel::Kernel;
use codec::Encode;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What `assay job post` reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    /// The file of the kernel: WGSL if its name ends in `.wgsl`, else bytecode.
    pub kernel: PathBuf,
    /// How to compile it, if it is WGSL.
    #[serde(default)]
    pub compile: CompileOptions,
    /// The kernel's parameter words.
    #[serde(default)]
    pub parameters: Vec<u32>,
    /// The inputs, in the order of the kernel's bindings.
    pub inputs: Vec<Input>,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// What the output is, so that a person can look at it.
    #[serde(default)]
    pub output: Output,
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
    /// The kernel.
    pub kernel: Kernel,
    /// Its encoding, whose BLAKE3 hash names it.
    pub code: Vec<u8>,
    /// Its parameter words.
    pub parameters: Vec<u32>,
    /// The inputs' bytes.
    pub inputs: Vec<Vec<u8>>,
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// What the output is.
    pub output: Output,
}

impl JobFile {
    /// Reads the file and all that it names.
    pub fn load(path: &Path) -> Result<LoadedJob> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the job file {}", path.display()))?;
        let file: Self = serde_json::from_str(&text)
            .with_context(|| format!("the job file {} is not as it should be", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let kernel = kernel_file::read(&folder.join(&file.kernel), &file.compile)?;
        let inputs = file
            .inputs
            .iter()
            .map(|input| input.read(folder))
            .collect::<Result<_>>()?;
        ensure!(
            file.grid.iter().all(|size| *size > 0),
            "the grid {:?} is empty: each of its sizes must be at least 1",
            file.grid,
        );
        Ok(LoadedJob {
            code: kernel.encode(),
            kernel,
            parameters: file.parameters,
            inputs,
            grid: file.grid,
            output: file.output,
        })
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
