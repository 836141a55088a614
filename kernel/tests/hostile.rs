// SPDX-License-Identifier: Apache-2.0
//! Bytes that nobody compiled: whatever decodes and is valid must run, end, stay within its fuel, and do the
//! same each time.

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};
use codec::{Decode, DecodeAll, Encode};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use std::sync::LazyLock;

/// The chain's limits, but cheap enough to run each of many kernels.
const LIMITS: Limits = Limits {
    tile_fuel: 4_000_000,
    ..Limits::DEFAULT
};

const SOURCES: [&str; 4] = [
    include_str!("../../kernels/median5x5/kernel.wgsl"),
    include_str!("../../kernels/prefix_sum/kernel.wgsl"),
    include_str!("../../kernels/sort/kernel.wgsl"),
    include_str!("../../kernels/collatz/kernel.wgsl"),
];

/// The catalogue's bytecode.
static CATALOGUE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let options = Options {
        loop_fuel: Some(256),
        ..Options::default()
    };
    SOURCES
        .iter()
        .map(|source| compile(source, &options).expect("a kernel").kernel.encode())
        .collect()
});

/// Runs every workgroup of a small grid, if the kernel is valid; the answer is the output.
fn run(kernel: &Kernel, input: &[u32]) -> Option<Vec<u32>> {
    let mut machine = Machine::new(kernel, &LIMITS).ok()?;
    let bound = machine.report().tile_fuel;
    let mut output = Vec::new();
    for group in 0..2 {
        let mut tile = vec![7; kernel.tile_words as usize];
        let invocation = Invocation {
            grid: [2, 1, 1],
            group,
            parameters: &[5, u32::MAX],
        };
        let fuel = machine
            .run(&invocation, &mut SliceInputs(&[input]), &mut tile)
            .expect("dense inputs can be read anywhere");
        assert!(fuel <= bound, "{fuel} burned of at most {bound}");
        output.extend(tile);
    }
    Some(output)
}

/// A place in some bytes and what to write there.
fn flips() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(3_000))]

    #[test]
    fn kernel_ends_within_its_fuel_when_bytes_are_flipped(
        which in 0usize..4,
        flips in flips(),
        input in prop::collection::vec(any::<u32>(), 0..600),
    ) {
        let mut code = CATALOGUE[which].clone();
        for (place, byte) in flips {
            *place.get_mut(&mut code) = byte;
        }
        if let Ok(kernel) = Kernel::decode_all(&mut code.as_slice()) {
            prop_assert_eq!(&kernel.encode(), &code, "an encoding has one form");
            prop_assert_eq!(run(&kernel, &input), run(&kernel, &input));
        }
    }

    #[test]
    fn decoding_refuses_when_bytes_are_missing(which in 0usize..4, cut in any::<prop::sample::Index>()) {
        let mut code = CATALOGUE[which].clone();
        code.truncate(cut.index(code.len()));
        prop_assert!(Kernel::decode(&mut code.as_slice()).is_err());
    }

    #[test]
    fn decoding_allocates_nothing_that_is_not_there(length in any::<u32>()) {
        // A list that claims to be longer than all bytes that follow.
        let mut code = CATALOGUE[1].clone();
        code.truncate(16);
        code.extend(codec::Compact(length | 1 << 20).encode());
        prop_assert!(Kernel::decode(&mut code.as_slice()).is_err());
    }
}

#[test]
fn kernels_are_often_valid_when_bytes_are_flipped() {
    // Or the property above would say nothing about the machine.
    let input: Vec<u32> = (0..600).collect();
    let (mut valid, mut tried) = (0, 0);
    for code in CATALOGUE.iter() {
        for place in (0..code.len()).step_by(7) {
            let mut code = code.clone();
            code[place] ^= 1;
            tried += 1;
            let kernel = Kernel::decode_all(&mut code.as_slice()).ok();
            valid += u32::from(kernel.is_some_and(|kernel| run(&kernel, &input).is_some()));
        }
    }
    assert!(valid * 5 > tried, "{valid} of {tried} are valid");
}
