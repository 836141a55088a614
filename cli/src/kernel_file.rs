// SPDX-License-Identifier: Apache-2.0
//! Kernels on disk: WGSL, or the bytecode that it compiles to.

use crate::limits::MAX_KERNEL_BYTES;
use anyhow::{Context, Result, anyhow, bail, ensure};
use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
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
pub fn read(path: &Path, options: &CompileOptions) -> Result<Kernel> {
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
        if compiled.groups > 1 {
            eprintln!(
                "note: in {}, {groups} workgroups of the source make one tile, and grids count tiles: give one a \
                 {groups}th of the source's workgroups along x",
                path.display(),
                groups = compiled.groups,
            );
        }
        return Ok(compiled.kernel);
    }
    if *options != CompileOptions::default() {
        bail!(
            "{} is bytecode already: an entry point, words of a tile and loop fuel are for WGSL",
            path.display()
        );
    }
    Kernel::decode_all(&mut bytes.as_slice()).map_err(|_| {
        anyhow!(
            "{} is not the bytecode of a kernel; the name of a file with WGSL must end in .wgsl",
            path.display()
        )
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

    fn read_text(name: &str, content: &[u8], options: &CompileOptions) -> Result<Kernel> {
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
        assert_eq!(compiled.tile_words, 512);
        let code = compiled.encode();
        let read = read_text("double.kernel", &code, &CompileOptions::default());
        assert_eq!(read.expect("bytecode"), compiled);
        let error = read_text("double.kernel", &code, &options).expect_err("options for bytecode");
        assert!(error.to_string().contains("bytecode already"), "{error}");
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
        let code = kernel.expect("a kernel").encode();
        for bytes in [&code[..code.len() - 1], &[&code[..], &[0]].concat()] {
            let error = read_text("k.kernel", bytes, &CompileOptions::default())
                .expect_err("not one kernel");
            assert!(error.to_string().contains(".wgsl"), "{error}");
        }
    }
}
