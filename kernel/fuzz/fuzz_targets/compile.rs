// SPDX-License-Identifier: Apache-2.0
//! Text from anybody as WGSL: it is compiled or refused, and what was compiled is valid.
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
