// SPDX-License-Identifier: Apache-2.0
//! Shaders of somebody else's, read where Cargo has unpacked their packages.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Copies a structure with an array at its end and says how long the array is.
pub(crate) const ARRAY_LENGTH: &str = "tests/shaders/array_length.wgsl";

/// Copies a structure with vectors, structures, arrays of them and members that ask for alignment.
pub(crate) const GENERAL: &str = "tests/shaders/general.wgsl";

/// The text of a shader of encase (MIT-0), a library that lays out structures as WGSL does.
pub(crate) fn encase(path: &str) -> String {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.unwrap_or_default().join("registry/src");
    let registries = sources.read_dir().into_iter().flatten().flatten();
    let path = registries
        .map(|registry| registry.path().join(PACKAGE).join(path))
        .find(|path: &PathBuf| Path::exists(path))
        .unwrap_or_else(|| panic!("no {PACKAGE} in {}", sources.display()));
    fs::read_to_string(path).expect("a text")
}

/// As the manifest names it.
const PACKAGE: &str = "encase-0.13.0";
