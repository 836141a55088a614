// SPDX-License-Identifier: Apache-2.0
//! Text from anybody as WGSL: it is compiled or refused, and what was compiled is valid.
//!
//! Cases may be naga's to answer for. Constants that hold each other twice (`const b = array(a, a); const c = array(b,
//! b);` and so on) are known to take it memory exponential in their lines, before anything of ours sees them.
#![no_main]

use assay_kernel::{
    compiler::{Options, compile},
    validate::{Limits, validate},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    if let Ok(compiled) = compile(source, &Options::default()) {
        assert_eq!(
            validate(&compiled.kernel, &Limits::DEFAULT),
            Ok(compiled.report)
        );
    }
});
