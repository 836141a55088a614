// SPDX-License-Identifier: Apache-2.0
//! Whatever kernel the validator lets pass, a GPU can be given: the text that is generated of it is WGSL.
#![no_main]

use assay_kernel::{Kernel, generator::generate, validate::Limits};
use codec::DecodeAll;
use libfuzzer_sys::fuzz_target;
use naga::valid::{Capabilities, ValidationFlags, Validator};

fuzz_target!(|bytes: &[u8]| {
    let Ok(kernel) = Kernel::decode_all(&mut &*bytes) else {
        return;
    };
    let Ok(shader) = generate(&kernel, &Limits::DEFAULT) else {
        return;
    };
    let module = naga::front::wgsl::parse_str(shader.source());
    let module = module.unwrap_or_else(|error| {
        panic!("{}\n{}", error.emit_to_string(shader.source()), shader.source())
    });
    // Uniformity is the bytecode's, which proves more.
    let flags = ValidationFlags::all() - ValidationFlags::CONTROL_FLOW_UNIFORMITY;
    if let Err(error) = Validator::new(flags, Capabilities::default()).validate(&module) {
        panic!("{error:?}\n{}", shader.source());
    }
});
