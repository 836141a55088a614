// SPDX-License-Identifier: Apache-2.0
//! Bytes from anybody as a kernel: decoded, validated and run, as the chain does with them. Nothing panics, no tile
//! burns more than the validator said or depends on what ran before, and memory is bounded.
#![no_main]

use assay_kernel::{
    Kernel,
    machine::{Invocation, Machine, SliceInputs},
    races,
    validate::Limits,
};
use assay_kernel_fuzz::{Counted, WORDS, mutate};
use codec::{DecodeAll, Encode};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

#[global_allocator]
static MEMORY: Counted = Counted::NONE;

/// The chain's, but for the fuel: a case takes milliseconds at most.
const LIMITS: Limits = Limits {
    tile_fuel: 4_000_000,
    ..Limits::DEFAULT
};

/// The most that a kernel may take to be decoded and made ready: 6 MiB are the columns of as many registers, variables
/// and words of private memory as there may be; the rest is for as many operations, with their jumps.
const MOST_BYTES: usize = 12 << 20;

/// What kernels read.
const INPUTS: [&[u32]; 3] = [&WORDS, &[5], &[]];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(&LIMITS, data, size, max_size, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let before = MEMORY.start();
    let Ok(kernel) = Kernel::decode_all(&mut &*bytes) else {
        return;
    };
    let machine = Machine::new(&kernel, &LIMITS);
    let most = MEMORY.most() - before;
    assert!(most <= MOST_BYTES, "{most} bytes taken");
    assert_eq!(kernel.encode(), bytes, "an encoding has one form");
    let Ok(mut machine) = machine else {
        return;
    };
    let first = run(&mut machine, 0, 0);
    run(&mut machine, 5, 1);
    assert_eq!(run(&mut machine, 0, u32::MAX), first);
    races::find(&mut machine, &invocation(5), &mut SliceInputs(&INPUTS)).expect(READABLE);
});

const READABLE: &str = "the grid has the workgroup, and inputs can be read";

fn invocation(group: u32) -> Invocation<'static> {
    Invocation {
        grid: [3, 2, 1],
        group,
        parameters: &WORDS,
    }
}

/// The tile of a workgroup, in a place that holds something else before, and what it burned.
fn run(machine: &mut Machine, group: u32, before: u32) -> (Vec<u32>, u64) {
    let mut tile = vec![before; machine.kernel().tile_words as usize];
    let fuel = machine
        .run(&invocation(group), &mut SliceInputs(&INPUTS), &mut tile)
        .expect(READABLE);
    assert!(fuel <= machine.report().tile_fuel);
    (tile, fuel)
}
