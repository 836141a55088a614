// SPDX-License-Identifier: Apache-2.0
//! The description of a job on disk: a JSON file beside the kernels, paths relative to it.
//!
//! [`JobFile`] is the file as it stands, `load` makes a [`LoadedJob`] of it and refuses what the chain would.

mod alone;
mod load;
mod loaded;
#[cfg(test)]
mod tests;
mod words;

pub use alone::{Alone, MADE_UP_BYTES, MadeUp};
pub use loaded::{Entry, LoadedJob, LoadedPass, NamedJob};
pub use words::{Parameter, Read};

use crate::kernel_file::CompileOptions;
use serde::Deserialize;
use std::path::PathBuf;

/// What a checker calls the output of a job of one kernel.
pub const OUTPUT_NAME: &str = "output";

/// What `assay job post` reads: one kernel with its parameters and grid, or several passes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    /// The file of the kernel: WGSL if its name ends in `.wgsl`, else bytecode. In a checker's `reads` its
    /// output is named [`OUTPUT_NAME`].
    #[serde(default)]
    pub kernel: Option<PathBuf>,
    /// How to compile it, if it is WGSL.
    #[serde(default)]
    pub compile: Option<CompileOptions>,
    /// The kernel's parameters.
    #[serde(default)]
    pub parameters: Option<Vec<Parameter>>,
    /// Workgroups along x, y and z: of the source, if it is WGSL, however many make a tile.
    #[serde(default)]
    pub grid: Option<[u32; 3]>,
    /// Several kernels, one after the other, instead of one.
    #[serde(default)]
    pub passes: Option<Vec<PassFile>>,
    /// A kernel that must yield zeros.
    #[serde(default)]
    pub checker: Option<PassFile>,
    /// The inputs; a single kernel reads all of them, in the order of its bindings.
    pub inputs: Vec<Input>,
    /// What the output is, so that a person can look at it.
    #[serde(default)]
    pub output: Output,
}

/// A pass of a job, or its checker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassFile {
    /// What later passes call its output. Not of a checker.
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
    /// How often it is run, each time as a pass of its own; once if it says nothing. Not of a checker.
    #[serde(default)]
    pub times: Option<u32>,
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
