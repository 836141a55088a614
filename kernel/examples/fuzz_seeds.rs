// SPDX-License-Identifier: Apache-2.0
//! Writes the catalogue of kernels as first cases for `scripts/fuzz`: bytecode for `run` and `generate`, WGSL for `compile`.
//!
//! `fuzz_seeds KERNELS CORPUS`: the folder of the catalogue, and the one whose folders `run`, `generate` and `compile`
//! are filled.

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    program::Op,
    validate::{Limits, validate},
};
use codec::Encode;
use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let folders: Vec<String> = env::args().skip(1).collect();
    let [kernels, corpus] = folders.as_slice() else {
        eprintln!("usage: fuzz_seeds KERNELS CORPUS");
        std::process::exit(2);
    };
    let corpus = Path::new(corpus);
    for target in ["run", "generate", "compile"] {
        fs::create_dir_all(corpus.join(target))?;
    }
    for folder in fs::read_dir(kernels)? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder.path())? {
            let path = file?.path();
            if path.extension().is_none_or(|extension| extension != "wgsl") {
                continue;
            }
            let source = fs::read_to_string(&path)?;
            let name = format!(
                "{}-{}",
                folder.file_name().to_string_lossy(),
                path.file_stem().unwrap_or_default().to_string_lossy()
            );
            fs::write(corpus.join("compile").join(&name), &source)?;
            if let Ok(compiled) = compile(&source, &Options::default()) {
                let code = cheap(compiled.kernel).encode();
                fs::write(corpus.join("run").join(&name), &code)?;
                fs::write(corpus.join("generate").join(&name), &code)?;
            }
        }
    }
    Ok(())
}

/// The kernel with so few turns in its loops that there is time for many cases.
fn cheap(mut kernel: Kernel) -> Kernel {
    let limits = Limits {
        tile_fuel: 1_000_000,
        ..Limits::DEFAULT
    };
    for _ in 0..u32::BITS {
        if validate(&kernel, &limits).is_ok() {
            break;
        }
        kernel.loop_fuel = kernel.loop_fuel.div_ceil(2);
        for op in &mut kernel.code {
            if let Op::Repeat(_, turns) = op {
                *turns = turns.div_ceil(2);
            }
        }
    }
    kernel
}
