// SPDX-License-Identifier: Apache-2.0
//! What the compiler says of programs that are no kernels: each `refusals/<name>.wgsl` must yield exactly
//! `refusals/<name>.txt`. With `UPDATE_SNAPSHOTS=1` set, the expected texts are written instead.

use assay_kernel::compiler::{Options, compile};
use std::{fs, path::Path};

#[test]
fn diagnostics_equal_the_snapshots_when_programs_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refusals");
    let mut programs: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of programs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wgsl")
        })
        .collect();
    programs.sort();
    assert!(programs.len() >= 20, "only {} programs", programs.len());
    let mut wrong = Vec::new();
    for program in programs {
        let source = fs::read_to_string(&program).expect("a program");
        let said = match compile(&source, &Options::default()) {
            Ok(compiled) => format!("accepted:\n{}", compiled.kernel),
            Err(diagnostics) => diagnostics.to_string(),
        };
        let snapshot = program.with_extension("txt");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&snapshot, &said).expect("a place for the snapshot");
        }
        if fs::read_to_string(&snapshot).unwrap_or_default() != said {
            wrong.push(format!("{}\n{said}", program.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
