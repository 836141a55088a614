// SPDX-License-Identifier: Apache-2.0
//! A job of one kernel that no file describes, so that the kernel can be tried.

use super::{
    Entry, LoadedJob, LoadedPass, NamedJob, Output, Parameter,
    load::{check_sizes, tiles},
};
use crate::{
    chain::types::Source,
    kernel_file::{self, CompileOptions, KernelFile},
};
use anyhow::{Context, Result, ensure};
use assay_kernel::{Kernel, program::Memory};
use std::path::{Path, PathBuf};

/// The bytes of an input that is made up.
pub const MADE_UP_BYTES: usize = 1 << 20;

/// What a kernel is tried with.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Alone {
    /// Workgroups of the source along x, y and z to try a kernel with [default: what makes four tiles along x].
    #[arg(long, value_name = "X,Y,Z", value_parser = parse_grid)]
    pub grid: Option<[u32; 3]>,
    /// A parameter word of a kernel that is tried, as in a job file; in the order of the words [default: 0 each].
    #[arg(long = "parameter", value_name = "NUMBER", value_parser = parse_parameter, allow_negative_numbers = true)]
    pub parameters: Vec<Parameter>,
    /// A file with an input of a kernel that is tried, in the order of the bindings [default: 1 MiB at random each].
    #[arg(long = "input", value_name = "FILE")]
    pub inputs: Vec<PathBuf>,
}

/// What was made up for want of something better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MadeUp {
    /// Inputs.
    pub inputs: usize,
    /// Parameter words.
    pub parameters: usize,
}

impl Alone {
    /// A job that runs the kernel of a file, and what of it is made up.
    pub fn job(&self, path: &Path, compile: &CompileOptions) -> Result<(NamedJob, MadeUp)> {
        let read = kernel_file::read(path, compile)?;
        let default = [read.groups.saturating_mul(4), 1, 1];
        let grid = tiles(self.grid.unwrap_or(default), &read)?;
        let KernelFile { kernel, groups, .. } = read;
        let (_, code) = kernel_file::validate(&kernel)?;
        let (wanted_inputs, wanted_parameters) = wanted(&kernel);
        ensure!(
            self.inputs.len() <= wanted_inputs,
            "the kernel reads {wanted_inputs} inputs and is given {}: leave some out",
            self.inputs.len(),
        );
        ensure!(
            self.parameters.len() <= wanted_parameters,
            "the kernel has {wanted_parameters} parameter words and is given {}: leave some out",
            self.parameters.len(),
        );
        let made_up = MadeUp {
            inputs: wanted_inputs - self.inputs.len(),
            parameters: wanted_parameters - self.parameters.len(),
        };
        let mut inputs = self
            .inputs
            .iter()
            .map(|path| {
                std::fs::read(path)
                    .with_context(|| format!("cannot read the input {}", path.display()))
            })
            .collect::<Result<Vec<_>>>()?;
        inputs.extend((self.inputs.len()..wanted_inputs).map(random));
        let mut parameters: Vec<u32> = self.parameters.iter().map(|word| word.0).collect();
        parameters.resize(wanted_parameters, 0);
        let reads = (0..wanted_inputs)
            .map(|number| Ok(Source::Input(u8::try_from(number)?)))
            .collect::<Result<_>>()?;
        let job = LoadedJob {
            passes: vec![LoadedPass {
                kernel,
                code,
                parameters,
                reads,
                grid,
                groups,
            }],
            checker: None,
            inputs,
            output: Output::Bytes,
        };
        check_sizes(&job)?;
        let entry = Entry {
            name: None,
            kernel: path.into(),
            compile: compile.clone(),
            passes: 0..1,
        };
        let named = NamedJob {
            job,
            entries: vec![entry],
            checker: None,
        };
        Ok((named, made_up))
    }
}

/// How many inputs a kernel reads, and how many parameter words.
fn wanted(kernel: &Kernel) -> (usize, usize) {
    kernel
        .memories
        .iter()
        .fold((0, 0), |(inputs, parameters), memory| match memory {
            Memory::Input => (inputs + 1, parameters),
            Memory::Parameters(words) => (inputs, parameters + *words as usize),
            _ => (inputs, parameters),
        })
}

/// Bytes that look like any, the same each time.
fn random(number: usize) -> Vec<u8> {
    let mut bytes = vec![0; MADE_UP_BYTES];
    blake3::Hasher::new_derive_key("assay made-up input v1")
        .update(&number.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}

fn parse_grid(text: &str) -> Result<[u32; 3], String> {
    let sizes = text
        .split(',')
        .map(|size| size.trim().parse::<u32>())
        .collect::<Result<Vec<_>, _>>();
    match sizes.as_deref() {
        Ok([x]) => Ok([*x, 1, 1]),
        Ok([x, y]) => Ok([*x, *y, 1]),
        Ok([x, y, z]) => Ok([*x, *y, *z]),
        _ => Err(format!(
            "`{text}` is no grid: write one to three whole numbers, such as 16,16,1"
        )),
    }
}

fn parse_parameter(text: &str) -> Result<Parameter, String> {
    serde_json::from_str(text).map_err(|error| format!("`{text}` is no parameter: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KERNEL: &str = "@group(0) @binding(0) var<storage, read> a: array<u32>;
        @group(0) @binding(1) var<storage, read> b: array<u32>;
        struct P { x: u32, y: f32 }
        @group(0) @binding(2) var<uniform> p: P;
        @group(0) @binding(3) var<storage, read_write> o: array<u32>;
        @compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            o[id.x] = a[id.x] + b[id.x] * p.x + u32(p.y);
        }";

    fn kernel() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("k.wgsl");
        std::fs::write(&path, KERNEL).expect("written");
        (folder, path)
    }

    #[test]
    fn what_is_missing_is_made_up_and_said() {
        let (folder, path) = kernel();
        let input = folder.path().join("a");
        std::fs::write(&input, [7; 8]).expect("written");
        let alone = Alone {
            inputs: vec![input],
            parameters: vec![Parameter(3)],
            grid: None,
        };
        let (named, made_up) = alone.job(&path, &CompileOptions::default()).expect("a job");
        let expected = MadeUp {
            inputs: 1,
            parameters: 1,
        };
        assert_eq!(made_up, expected);
        assert_eq!(named.job.inputs[0], [7; 8]);
        assert_eq!(named.job.inputs[1].len(), MADE_UP_BYTES);
        assert_eq!(named.job.passes[0].parameters, [3, 0]);
        assert_eq!(named.job.passes[0].grid, [4, 1, 1]);
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let (_folder, path) = kernel();
        let compile = CompileOptions::default();
        let alone = Alone {
            parameters: vec![Parameter(0); 3],
            ..Alone::default()
        };
        let error = alone.job(&path, &compile).expect_err("three parameters");
        assert!(error.to_string().contains("2 parameter words"), "{error}");
        let alone = Alone {
            inputs: vec![path.clone(); 3],
            ..Alone::default()
        };
        let error = alone.job(&path, &compile).expect_err("three inputs");
        assert!(error.to_string().contains("reads 2 inputs"), "{error}");
        let alone = Alone {
            grid: Some([0, 1, 1]),
            ..Alone::default()
        };
        assert!(alone.job(&path, &compile).is_err());
    }

    #[test]
    fn grid_is_one_to_three_numbers() {
        assert_eq!(parse_grid("7"), Ok([7, 1, 1]));
        assert_eq!(parse_grid("7, 2"), Ok([7, 2, 1]));
        assert_eq!(parse_grid("7,2,3"), Ok([7, 2, 3]));
        for wrong in ["", "x", "1,2,3,4", "-1", "1,,2"] {
            assert!(parse_grid(wrong).is_err(), "{wrong}");
        }
    }
}
