// SPDX-License-Identifier: Apache-2.0
//! Whatever kernel the validator lets pass, a GPU can be given: the text that is generated of it is WGSL. Compiled to a
//! kernel again, which stands for a GPU here, it yields the same output.
#![no_main]

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    generator::{Batch, Shader, generate},
    machine::{Invocation, Machine, SliceInputs},
    races,
    validate::Limits,
};
use assay_kernel_fuzz::{WORDS, mutate};
use codec::DecodeAll;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use naga::valid::{Capabilities, ValidationFlags, Validator};

/// What the original may burn, so that there is time to run it.
const CHEAP: Limits = Limits {
    tile_fuel: 1_000_000,
    ..Limits::DEFAULT
};

/// The grid of the kernel; the text's own is a row.
const GRID: [u32; 3] = [3, 2, 1];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(&CHEAP, data, size, max_size, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(kernel) = Kernel::decode_all(&mut &*bytes) else {
        return;
    };
    let Ok(shader) = generate(&kernel, &Limits::DEFAULT) else {
        return;
    };
    let module = naga::front::wgsl::parse_str(shader.source());
    let module = module.unwrap_or_else(|error| {
        panic!(
            "{}\n{}",
            error.emit_to_string(shader.source()),
            shader.source()
        )
    });
    // Uniformity is the bytecode's, which proves more.
    let flags = ValidationFlags::all() - ValidationFlags::CONTROL_FLOW_UNIFORMITY;
    if let Err(error) = Validator::new(flags, Capabilities::default()).validate(&module) {
        panic!("{error:?}\n{}", shader.source());
    }
    for group in [0, 5] {
        let Some(expected) = original(&kernel, group) else {
            return;
        };
        if let Some(found) = compiled(&kernel, &shader, group) {
            let differ = expected.iter().zip(&found).position(|(a, b)| a != b);
            assert_eq!(
                differ,
                None,
                "a word of tile {group}\n{kernel}\n{}",
                shader.source()
            );
        }
    }
});

/// The tile of a kernel that is cheap and has no race, which only lockstep would decide.
fn original(kernel: &Kernel, group: u32) -> Option<Vec<u32>> {
    let mut machine = Machine::new(kernel, &CHEAP).ok()?;
    let invocation = Invocation {
        grid: GRID,
        group,
        parameters: &WORDS,
    };
    let inputs = [WORDS.as_slice(); 8];
    let race = races::find(&mut machine, &invocation, &mut SliceInputs(&inputs));
    let mut tile = vec![0; kernel.tile_words as usize];
    let burned = machine.run(&invocation, &mut SliceInputs(&inputs), &mut tile);
    burned.expect("the grid has the workgroup");
    race.expect("the grid has the workgroup")
        .is_none()
        .then_some(tile)
}

/// The tile of the text, if the compiler takes it: it refuses what a generator may write and an author may not.
fn compiled(kernel: &Kernel, shader: &Shader, group: u32) -> Option<Vec<u32>> {
    let options = Options {
        tile_words: Some(kernel.tile_words),
        // The text meters its loops itself; a turn of it may cost much more.
        loop_fuel: Some(kernel.loop_fuel.checked_mul(64)?),
        ..Options::default()
    };
    let compiled = compile(shader.source(), &options).ok()?;
    let mut machine = Machine::new(&compiled.kernel, &Limits::DEFAULT).expect("it was compiled");
    let words = [WORDS.len() as u32; 8];
    let parameters = shader.batch(&Batch {
        grid: GRID,
        first: 0,
        input_words: &words[..shader.inputs() as usize],
        parameters: &WORDS,
    });
    let invocation = Invocation {
        grid: [GRID.iter().product(), 1, 1],
        group,
        parameters: &parameters,
    };
    let input: Vec<u32> = WORDS.into_iter().chain([0]).collect();
    let mut tile = vec![0; kernel.tile_words as usize];
    let burned = machine.run(
        &invocation,
        &mut SliceInputs(&[input.as_slice(); 8]),
        &mut tile,
    );
    burned.expect("the grid has the workgroup");
    Some(tile)
}
