// SPDX-License-Identifier: Apache-2.0
//! The virtual machine against two Vulkan drivers that have nothing in common.

mod drivers;

use assay_worker::engine::probe;
use drivers::Driver;

#[test]
fn hard_operands_give_the_same_words_on_lavapipe() {
    Driver::Lavapipe.run("hard_operands_give_the_same_words_on_lavapipe", |engine| {
        probe::check(engine).expect("every probe agrees");
    });
}

#[test]
fn hard_operands_give_the_same_words_on_swiftshader() {
    Driver::SwiftShader.run("hard_operands_give_the_same_words_on_swiftshader", |engine| {
        probe::check(engine).expect("every probe agrees");
    });
}
