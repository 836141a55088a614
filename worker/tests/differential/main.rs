// SPDX-License-Identifier: Apache-2.0
//! The virtual machine against two Vulkan drivers that have nothing in common.

mod catalogue;
mod drivers;
mod random;

use assay_worker::engine::{
    GpuEngine,
    probe::{self, Class},
};
use drivers::Driver;

/// Random kernels of a run. Set `ASSAY_DIFFERENTIAL_CASES` for a longer one.
const CASES: u64 = 150;

fn every_probe_agrees(engine: &GpuEngine) {
    for class in [Class::Integer, Class::Float] {
        probe::check(engine, class).expect("every probe agrees");
    }
}

fn random_kernels_agree(engine: &GpuEngine) {
    let cases = std::env::var("ASSAY_DIFFERENTIAL_CASES")
        .map_or(CASES, |cases| cases.parse().expect("a number of cases"));
    for seed in 0..cases {
        let probe = random::probe(seed);
        if let Err(error) = probe.check(engine) {
            panic!("seed {seed}: {error}\n{:#?}", probe.kernel);
        }
    }
}

#[test]
fn hard_operands_give_the_same_words_on_lavapipe() {
    Driver::Lavapipe.run("hard_operands_give_the_same_words_on_lavapipe", |engine| {
        every_probe_agrees(engine);
    });
}

#[test]
fn hard_operands_give_the_same_words_on_swiftshader() {
    Driver::SwiftShader.run(
        "hard_operands_give_the_same_words_on_swiftshader",
        |engine| {
            every_probe_agrees(engine);
        },
    );
}

#[test]
fn random_kernels_give_the_same_words_on_lavapipe() {
    Driver::Lavapipe.run(
        "random_kernels_give_the_same_words_on_lavapipe",
        random_kernels_agree,
    );
}

#[test]
fn random_kernels_give_the_same_words_on_swiftshader() {
    Driver::SwiftShader.run(
        "random_kernels_give_the_same_words_on_swiftshader",
        random_kernels_agree,
    );
}

#[test]
fn every_tile_of_the_catalogues_jobs_is_the_same_on_lavapipe() {
    Driver::Lavapipe.run(
        "every_tile_of_the_catalogues_jobs_is_the_same_on_lavapipe",
        |engine| catalogue::every_tile_agrees(engine),
    );
}

#[test]
fn every_tile_of_the_catalogues_jobs_is_the_same_on_swiftshader() {
    Driver::SwiftShader.run(
        "every_tile_of_the_catalogues_jobs_is_the_same_on_swiftshader",
        |engine| catalogue::every_tile_agrees(engine),
    );
}
