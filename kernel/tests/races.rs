// SPDX-License-Identifier: Apache-2.0
//! Kernels with data races, and kernels that come close.

use assay_kernel::{
    compiler::{Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    races::{self, Race},
    validate::Limits,
};

/// What is found in a kernel whose body is this.
fn race(body: &str) -> Option<Race> {
    let source = format!(
        "@group(0) @binding(0) var<storage, read> input: array<u32>;
         @group(0) @binding(1) var<storage, read_write> output: array<u32>;
         var<workgroup> shared_words: array<u32, 64>;
         var<workgroup> sum: atomic<u32>;
         @compute @workgroup_size(64)
         fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {{
             let at = group.x * 256u;
             let word = input[at + lane];
             {body}
         }}"
    );
    let kernel = match compile(&source, &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(obstacles) => panic!("{obstacles}"),
    };
    let mut machine = Machine::new(&kernel, &Limits::DEFAULT).expect("valid");
    let input: Vec<u32> = (0..1_024).map(|word| word / 3).collect();
    let invocation = Invocation {
        grid: [4, 1, 1],
        group: 1,
        parameters: &[],
    };
    races::find(&mut machine, &invocation, &mut SliceInputs(&[&input])).expect("it runs")
}

#[test]
fn race_is_found_when_two_write_one_word_of_the_output() {
    let found = race("output[at + lane / 2u] = lane;").expect("a race");
    assert_eq!((found.word, found.lanes), (0, [0, 1]));
}

#[test]
fn race_is_found_when_addresses_come_from_the_input() {
    // Each number is there three times.
    let found = race("output[at + word % 64u] = 7u;").expect("a race");
    assert!(found.lanes[0] < found.lanes[1], "{found}");
}

#[test]
fn race_is_found_when_a_word_is_read_before_the_barrier_behind_its_write() {
    let found = race(
        "shared_words[lane] = word;
         output[at + lane] = shared_words[63u - lane];",
    );
    assert!(found.is_some());
}

#[test]
fn no_race_is_found_when_a_barrier_is_between() {
    let found = race(
        "shared_words[lane] = word;
         workgroupBarrier();
         output[at + lane] = shared_words[63u - lane];",
    );
    assert_eq!(found, None);
}

#[test]
fn no_race_is_found_when_all_add_and_read_behind_a_barrier() {
    let found = race(
        "atomicAdd(&sum, word);
         workgroupBarrier();
         output[at + lane] = atomicLoad(&sum);",
    );
    assert_eq!(found, None);
}

#[test]
fn no_race_is_found_when_words_are_read_by_all_or_lie_past_the_end() {
    let found = race(
        "if lane == 0u { shared_words[5] = word; }
         workgroupBarrier();
         output[at + lane] = shared_words[5];
         output[at + 256u] = lane;",
    );
    assert_eq!(found, None);
}

#[test]
fn race_is_between_two_when_one_of_many_readers_writes() {
    let found = race(
        "let x = shared_words[0]; if lane == 0u { shared_words[0] = x + word; } output[at + lane] = x;",
    );
    let [one, other] = found.expect("others read what it writes").lanes;
    assert_ne!(one, other);
}
