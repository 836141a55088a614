// SPDX-License-Identifier: Apache-2.0
//! Loops whose turns the compiler counts: what becomes of them, and that they compute what they say.

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    program::{Memory, Op},
    validate::Limits,
};

/// A kernel of 256 invocations whose body sets `r`.
fn kernel(body: &str) -> Kernel {
    let source = format!(
        "@group(0) @binding(0) var<storage, read> words: array<u32>;
         @group(0) @binding(1) var<storage, read_write> results: array<u32>;
         @compute @workgroup_size(256)
         fn main(@builtin(local_invocation_index) lane: u32) {{
             var r = 0u;
             {body}
             results[lane] = r;
         }}"
    );
    match compile(&source, &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(obstacles) => panic!("{obstacles}"),
    }
}

/// Asserts what each lane makes of the words 0, 3, 6 and so on.
fn assert_yields(kernel: &Kernel, expected: impl Fn(u32) -> u32) {
    let words: Vec<u32> = (0..2_048).map(|word| word * 3).collect();
    let mut machine = Machine::new(kernel, &Limits::DEFAULT).expect("a valid kernel");
    let mut tile = vec![0; 256];
    let invocation = Invocation {
        grid: [1; 3],
        group: 0,
        parameters: &[],
    };
    machine
        .run(&invocation, &mut SliceInputs(&[&words]), &mut tile)
        .expect("the input is there");
    let expected: Vec<u32> = (0..256).map(expected).collect();
    assert_eq!(tile, expected);
}

fn has(kernel: &Kernel, wanted: impl Fn(&Op) -> bool) -> bool {
    kernel.code.iter().any(wanted)
}

fn is_repeat(op: &Op) -> bool {
    matches!(op, Op::Repeat(..))
}

fn is_loop(op: &Op) -> bool {
    matches!(op, Op::Loop(_))
}

#[test]
fn strided_loop_has_a_known_number_of_turns_when_each_lane_takes_as_many() {
    let kernel = kernel("for (var i = lane; i < 2048u; i += 256u) { r += words[i]; }");
    assert!(!has(&kernel, is_loop) && !has(&kernel, |op| *op == Op::Break));
    assert_yields(&kernel, |lane| {
        (0..8).map(|turn| (lane + turn * 256) * 3).sum()
    });
}

#[test]
fn strided_loop_is_bounded_when_lanes_take_different_numbers_of_turns() {
    let kernel = kernel("for (var i = i32(lane); i <= 300; i += 100) { r += words[i] + 1u; }");
    assert!(!has(&kernel, is_loop) && has(&kernel, |op| *op == Op::Break));
    assert_yields(&kernel, |lane| {
        (lane..=300).step_by(100).map(|i| i * 3 + 1).sum()
    });
}

#[test]
fn loop_is_metered_when_its_start_may_wrap_around() {
    let kernel = kernel("for (var i = words[lane] - 9u; i < 30u; i += 7u) { r += i; }");
    assert!(has(&kernel, is_loop));
    assert_yields(&kernel, |lane| {
        let start = (lane * 3).wrapping_sub(9);
        (0..30u32)
            .filter(|i| *i >= start && (i - start) % 7 == 0)
            .sum()
    });
}

#[test]
fn arrays_become_variables_when_only_the_turns_of_loops_index_them() {
    let kernel = kernel(
        "var ring: array<u32, 8>;
         for (var i = 0u; i < 8u; i++) { ring[i] = words[lane + i]; }
         for (var i = 0u; i < 40u; i++) {
             ring[i & 7u] += ring[(i + 1u) & 7u] ^ (ring[(i + 5u) & 7u] << 1u);
             r ^= ring[i & 7u];
         }",
    );
    let is_private = |memory: &Memory| matches!(memory, Memory::Private(..));
    assert!(!kernel.memories.iter().any(is_private));
    assert!(!has(&kernel, is_repeat));
    assert_yields(&kernel, |lane| {
        let mut ring: Vec<u32> = (0..8).map(|i| (lane + i) * 3).collect();
        (0..40).fold(0, |r, i| {
            let new = ring[(i + 1) & 7] ^ (ring[(i + 5) & 7] << 1);
            ring[i & 7] = ring[i & 7].wrapping_add(new);
            r ^ ring[i & 7]
        })
    });
}

#[test]
fn words_past_the_end_are_zero_when_an_array_becomes_variables() {
    let kernel = kernel(
        "var few = array<u32, 3>(5u, 6u, 7u);
         for (var i = 0u; i < 5u; i++) { few[i] = few[i] * 2u + lane; r += few[i]; }",
    );
    assert_yields(&kernel, |lane| 36 + 3 * lane);
}

#[test]
fn loop_is_left_where_it_says_when_it_is_written_out() {
    let kernel = kernel(
        "for (var i = 0u; i < 6u; i++) {
             if words[i * 2u] > lane { break; }
             r += i + 1u;
         }
         r = r * 10u;",
    );
    assert!(!has(&kernel, is_repeat));
    assert_yields(&kernel, |lane| {
        10 * (0..6)
            .take_while(|i| i * 6 <= lane)
            .map(|i| i + 1)
            .sum::<u32>()
    });
}

#[test]
fn inner_loop_ends_by_what_the_outer_one_counts_when_both_are_written_out() {
    let kernel = kernel(
        "for (var i = 1u; i < 6u; i++) {
             for (var j = i; j > 0u; j--) { r = r * 3u + j + lane; }
         }",
    );
    assert!(!has(&kernel, is_repeat));
    assert_yields(&kernel, |lane| {
        let pairs = (1..6u32).flat_map(|i| (1..=i).rev());
        pairs.fold(0u32, |r, j| {
            r.wrapping_mul(3).wrapping_add(j).wrapping_add(lane)
        })
    });
}

#[test]
fn code_stays_small_when_loops_stand_in_loops() {
    let kernel = kernel(
        "for (var a = 0u; a < 8u; a++) { for (var b = 0u; b < 8u; b++) {
         for (var c = 0u; c < 8u; c++) { for (var d = 0u; d < 8u; d++) {
         for (var e = 0u; e < 8u; e++) { r = r * 31u + (a ^ b ^ c ^ d ^ e ^ lane); } } } } }",
    );
    assert!(kernel.code.len() < 10_000, "{}", kernel.code.len());
    assert_yields(&kernel, |lane| {
        (0..8u32.pow(5)).fold(0u32, |r, n| {
            let digits = (0..5).fold(0, |xor, digit| xor ^ (n >> (3 * digit)) & 7);
            r.wrapping_mul(31).wrapping_add(digits ^ lane)
        })
    });
}
