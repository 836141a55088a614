// SPDX-License-Identifier: Apache-2.0
//! The virtual machine against two Vulkan drivers that have nothing in common. `scripts/bench differential`
//! runs more random kernels, on any drivers.

mod campaign;
mod catalogue;
mod drivers;
mod faulty;
mod foreign;
mod operations;
mod random;
mod rewritten;
mod shrink;

use assay_kernel::program::{Binary, Op};
use assay_worker::engine::{
    GpuEngine,
    probe::{self, Class, Probe},
};
use drivers::Driver;
use std::slice;

/// Random kernels of a run.
const KERNELS: u64 = 150;

/// Kernels in `kernels/`.
const CATALOGUE: usize = 17;

fn every_probe_agrees(engine: &GpuEngine) {
    for class in Class::ALL {
        probe::check(engine, class).expect("every probe agrees");
    }
}

fn every_function_agrees(engine: &GpuEngine) {
    let (operations, differences) = operations::run(engine);
    assert!(operations >= operations::OPERATIONS.into());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn random_kernels_agree(engine: &GpuEngine) {
    let findings = campaign::run(slice::from_ref(engine), 0..KERNELS, |_| {});
    let differences = findings.differences.join("\n");
    assert!(differences.is_empty(), "{differences}");
    assert_eq!(findings.kernels, KERNELS);
}

fn every_tile_of_the_catalogue_agrees(engine: &GpuEngine) {
    assert_eq!(catalogue::every_tile_agrees(engine), CATALOGUE);
}

/// A test on each driver.
macro_rules! on_drivers {
    ($($body:path: $lavapipe:ident, $swiftshader:ident;)*) => {$(
        #[test]
        fn $lavapipe() {
            Driver::Lavapipe.run(stringify!($lavapipe), $body);
        }

        #[test]
        fn $swiftshader() {
            Driver::SwiftShader.run(stringify!($swiftshader), $body);
        }
    )*};
}

on_drivers! {
    every_probe_agrees:
        probes_give_the_same_words_on_lavapipe,
        probes_give_the_same_words_on_swiftshader;
    every_function_agrees:
        every_function_gives_the_same_words_on_lavapipe,
        every_function_gives_the_same_words_on_swiftshader;
    rewritten::every_case_agrees:
        rewritten_kernels_give_the_same_words_on_lavapipe,
        rewritten_kernels_give_the_same_words_on_swiftshader;
    foreign::every_shader_agrees:
        published_shaders_give_the_same_words_on_lavapipe,
        published_shaders_give_the_same_words_on_swiftshader;
    random_kernels_agree:
        random_kernels_give_the_same_words_on_lavapipe,
        random_kernels_give_the_same_words_on_swiftshader;
    every_tile_of_the_catalogue_agrees:
        every_tile_of_the_catalogues_jobs_is_the_same_on_lavapipe,
        every_tile_of_the_catalogues_jobs_is_the_same_on_swiftshader;
}

#[test]
fn random_kernels_are_free_of_races() {
    for seed in 0..KERNELS {
        assert!(shrink::is_sound(&random::probe(seed)), "seed {seed}");
    }
}

#[test]
fn shrink_leaves_little_but_what_differs() {
    // A machine that takes one function for another.
    let differs = |probe: &Probe| {
        let mut confused = probe.clone();
        for op in &mut confused.kernel.code {
            if let Op::Binary(function @ Binary::FloatSubtract, ..) = op {
                *function = Binary::FloatAdd;
            }
        }
        matches!((probe.expected(), confused.expected()), (Ok(a), Ok(b)) if a != b)
    };
    let probe = (0..)
        .map(random::probe)
        .find(differs)
        .expect("one of them subtracts");
    let before = probe.kernel.code.len();
    let shrunk = shrink::shrink(probe, differs);
    let after = shrunk.kernel.code.len();
    assert!(differs(&shrunk));
    assert!(
        after < 25 && after < before,
        "{before} operations became\n{}",
        shrunk.kernel
    );
}
