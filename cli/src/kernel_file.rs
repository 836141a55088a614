// SPDX-License-Identifier: Apache-2.0
//! Kernels on disk: WGSL, or the bytecode that it compiles to.

use crate::limits::MAX_KERNEL_BYTES;
use anyhow::{Context, Result, anyhow, bail, ensure};
use assay_kernel::{
    Kernel,
    compiler::{Narrow, Options, compile},
    validate::{self, Limits, Report},
};
use codec::{DecodeAll, Encode};
use serde::Deserialize;
use std::path::Path;

/// What WGSL does not say of a kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct CompileOptions {
    /// The entry point, where there are several.
    #[arg(long, value_name = "FUNCTION")]
    pub entry: Option<String>,
    /// The words of a tile [default: what a workgroup writes if a tile can have as many, else 256].
    #[arg(long, value_name = "WORDS")]
    pub tile_words: Option<u32>,
    /// The fuel that an invocation may burn in loops whose length is not known beforehand
    /// [default: 65536, or less where the chain would not take so much].
    #[arg(long, value_name = "FUEL")]
    pub loop_fuel: Option<u32>,
}

impl CompileOptions {
    fn options(&self) -> Options {
        Options {
            entry: self.entry.clone(),
            tile_words: self.tile_words,
            loop_fuel: self.loop_fuel,
        }
    }
}

/// As they stand on the command line, each with a space before it.
impl std::fmt::Display for CompileOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(entry) = &self.entry {
            write!(formatter, " --entry {entry}")?;
        }
        if let Some(words) = self.tile_words {
            write!(formatter, " --tile-words {words}")?;
        }
        if let Some(fuel) = self.loop_fuel {
            write!(formatter, " --loop-fuel {fuel}")?;
        }
        Ok(())
    }
}

/// A kernel that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelFile {
    /// The kernel.
    pub kernel: Kernel,
    /// The workgroups of its source that make a tile. Of bytecode, whose source nobody knows, one.
    pub groups: u32,
    /// Whether only narrow grids have a right output. Of bytecode, nobody says so.
    pub narrow: Option<Narrow>,
}

impl KernelFile {
    /// A grid as the chain has it, in tiles, of one in workgroups of the source.
    pub fn tiles(&self, [x, y, z]: [u32; 3]) -> Result<[u32; 3]> {
        if let Some(narrow) = self.narrow.as_ref().filter(|narrow| x > narrow.most) {
            bail!(
                "a grid of {x} workgroups along x would lose some of the output\n\n{}",
                narrow.why
            );
        }
        let tiles = x.div_ceil(self.groups);
        let whole = u64::from(tiles) * u64::from(self.groups);
        ensure!(
            whole == u64::from(x),
            "the grid has {x} workgroups along x, and {groups} of the source's make one tile: write {whole} there, a \
             multiple of {groups}. The workgroups behind yours are run as well, so the kernel must do nothing past the end \
             of its data: `if id.x >= length {{ return; }}`",
            groups = self.groups,
        );
        Ok([tiles, y, z])
    }
}

/// Checks that the chain would take a kernel. The answer is what is known of it, and its encoding.
pub fn validate(kernel: &Kernel) -> Result<(Report, Vec<u8>)> {
    let report = validate::validate(kernel, &Limits::DEFAULT)
        .context("the chain would refuse the kernel")?;
    let code = kernel.encode();
    ensure!(
        code.len() <= MAX_KERNEL_BYTES,
        "the chain would refuse the kernel: its bytecode has {} bytes, and the chain keeps {MAX_KERNEL_BYTES} of \
         one: use loops instead of unrolled code, or split the work into passes",
        code.len(),
    );
    Ok((report, code))
}

/// Reads a kernel: compiles a file that ends in `.wgsl`, takes any other for bytecode.
pub fn read(path: &Path, options: &CompileOptions) -> Result<KernelFile> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read the kernel {}", path.display()))?;
    if path
        .extension()
        .is_some_and(|extension| extension == "wgsl")
    {
        let source = String::from_utf8(bytes)
            .with_context(|| format!("{} is not text in UTF-8", path.display()))?;
        let compiled = compile(&source, &options.options())
            .map_err(|obstacles| anyhow!("{} cannot be a kernel\n\n{obstacles}", path.display()))?;
        return Ok(KernelFile {
            kernel: compiled.kernel,
            groups: compiled.groups,
            narrow: compiled.narrow,
        });
    }
    if *options != CompileOptions::default() {
        bail!(
            "{} is bytecode already: an entry point, words of a tile and loop fuel are for WGSL",
            path.display()
        );
    }
    let kernel = Kernel::decode_all(&mut bytes.as_slice()).map_err(|_| {
        anyhow!(
            "{} is not the bytecode of a kernel; the name of a file with WGSL must end in .wgsl",
            path.display()
        )
    })?;
    Ok(KernelFile {
        kernel,
        groups: 1,
        narrow: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBLE: &str = "
        @group(0) @binding(0) var<storage, read> numbers: array<u32>;
        @group(0) @binding(1) var<storage, read_write> doubles: array<u32>;
        @compute @workgroup_size(64)
        fn double(@builtin(global_invocation_id) id: vec3<u32>) {
            doubles[id.x] = 2u * numbers[id.x];
        }";

    fn read_text(name: &str, content: &[u8], options: &CompileOptions) -> Result<KernelFile> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        read(&path, options)
    }

    #[test]
    fn bytecode_is_read_as_it_was_compiled() {
        let options = CompileOptions {
            tile_words: Some(512),
            ..CompileOptions::default()
        };
        let compiled = read_text("double.wgsl", DOUBLE.as_bytes(), &options).expect("a kernel");
        assert_eq!((compiled.kernel.tile_words, compiled.groups), (512, 8));
        let code = compiled.kernel.encode();
        let read = read_text("double.kernel", &code, &CompileOptions::default());
        let read = read.expect("bytecode");
        assert_eq!(read.kernel, compiled.kernel);
        // What the tiles were made of is not in the bytecode.
        assert_eq!(read.groups, 1);
        let error = read_text("double.kernel", &code, &options).expect_err("options for bytecode");
        assert!(error.to_string().contains("bytecode already"), "{error}");
    }

    #[test]
    fn grids_count_workgroups_of_the_source_whatever_a_tile_is_made_of() {
        let default = CompileOptions::default();
        let double = read_text("double.wgsl", DOUBLE.as_bytes(), &default).expect("a kernel");
        assert_eq!(double.groups, 4);
        assert_eq!(double.tiles([8, 3, 2]).ok(), Some([2, 3, 2]));
        let error = double.tiles([9, 1, 1]).expect_err("no multiple of 4");
        assert!(error.to_string().contains("write 12 there"), "{error}");
        let error = double.tiles([u32::MAX, 1, 1]).expect_err("no multiple");
        assert!(
            error.to_string().contains("write 4294967296 there"),
            "{error}"
        );
        let large = DOUBLE.replace("64", "256");
        let large = read_text("double.wgsl", large.as_bytes(), &default).expect("a kernel");
        assert_eq!(large.tiles([9, 1, 1]).ok(), Some([9, 1, 1]));
    }

    #[test]
    fn wide_grid_is_refused_with_the_line_when_a_workgroup_is_a_block_of_an_image() {
        let blocks = DOUBLE
            .replace("(64)", "(16, 16)")
            .replace("id.x]", "id.y * numbers[0] + id.x]");
        let blocks = read_text("b.wgsl", blocks.as_bytes(), &CompileOptions::default());
        let blocks = blocks.expect("an image may be as narrow as a block");
        assert_eq!(blocks.tiles([1, 9, 1]).ok(), Some([1, 9, 1]));
        let error = blocks.tiles([40, 30, 1]).expect_err("rows are lost");
        let said = error.to_string();
        for part in [
            "40 workgroups",
            "error[output]",
            "line 6, column 13",
            "16 behind",
        ] {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
    }

    #[test]
    fn wgsl_is_refused_with_its_line_when_it_cannot_be_deterministic() {
        let source = DOUBLE
            .replace("array<u32>", "array<f64>")
            .replace("2u", "2.0lf");
        let error = read_text("double.wgsl", source.as_bytes(), &CompileOptions::default())
            .expect_err("floating point of 64 bits");
        let said = format!("{error:#}");
        assert!(said.contains("error[float]"), "{said}");
        assert!(said.contains("line 2, column"), "{said}");
    }

    #[test]
    fn bytecode_is_refused_when_it_is_cut_short_or_too_long() {
        let kernel = read_text("k.wgsl", DOUBLE.as_bytes(), &CompileOptions::default());
        let code = kernel.expect("a kernel").kernel.encode();
        for bytes in [&code[..code.len() - 1], &[&code[..], &[0]].concat()] {
            let error = read_text("k.kernel", bytes, &CompileOptions::default())
                .expect_err("not one kernel");
            assert!(error.to_string().contains(".wgsl"), "{error}");
        }
    }
}
