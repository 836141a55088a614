// SPDX-License-Identifier: Apache-2.0
//! Bytes from anybody as a kernel: decoded, validated and run, as the chain does with them. Nothing panics, and
//! no tile burns more than the validator said.
#![no_main]

use assay_kernel::{
    Kernel,
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};
use codec::DecodeAll;
use libfuzzer_sys::fuzz_target;

/// The chain's, but for the fuel: a case takes milliseconds at most.
const LIMITS: Limits = Limits {
    tile_fuel: 4_000_000,
    ..Limits::DEFAULT
};

/// What kernels read.
const INPUT: [u32; 9] = [
    0,
    1,
    u32::MAX,
    1 << 31,
    0x7f80_0000,
    0x7fc0_0001,
    0x0080_0000,
    77,
    300,
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(kernel) = Kernel::decode_all(&mut &*bytes) else {
        return;
    };
    let Ok(mut machine) = Machine::new(&kernel, &LIMITS) else {
        return;
    };
    let inputs: [&[u32]; 3] = [&INPUT, &INPUT[..1], &[]];
    let mut tile = vec![0; kernel.tile_words as usize];
    for group in [0, 5] {
        let invocation = Invocation {
            grid: [3, 2, 1],
            group,
            parameters: &INPUT,
        };
        let fuel = machine
            .run(&invocation, &mut SliceInputs(&inputs), &mut tile)
            .expect("the grid has the workgroup, and inputs can be read");
        assert!(fuel <= machine.report().tile_fuel);
    }
});
