// SPDX-License-Identifier: Apache-2.0
//! The runtime as nodes run it, or with its benchmarks or the checks of an upgrade.
#![no_std]

pub use assay_runtime::*;
