// SPDX-License-Identifier: Apache-2.0
//! The library of mathematical functions.

use super::{HARD, run};
use assay_kernel::{
    compiler::{Options, compile},
    program::{Op, Unary},
};

/// Arguments and results of the functions as they were specified, in hexadecimal: the name, the bits of each
/// argument, the bits of the result. They hold the worst arguments that a search over all of them has found.
const VECTORS: &str = include_str!("library.txt");

/// How WGSL calls a function of the library, given the bits of its arguments in `first`.
fn call(name: &str, arguments: usize) -> String {
    let list: Vec<String> = (0..arguments).map(|number| format!("p{number}")).collect();
    let list = list.join(", ");
    match name {
        "inverse_sqrt" => format!("bitcast<u32>(inverseSqrt({list}))"),
        "quantize_to_f16" => format!("bitcast<u32>(quantizeToF16({list}))"),
        "modf_fract" => format!("bitcast<u32>(modf({list}).fract)"),
        "modf_whole" => format!("bitcast<u32>(modf({list}).whole)"),
        "frexp_fract" => format!("bitcast<u32>(frexp({list}).fract)"),
        "frexp_exp" => format!("bitcast<u32>(frexp({list}).exp)"),
        "ldexp" => "bitcast<u32>(ldexp(p0, bitcast<i32>(w1)))".into(),
        "rem" => "bitcast<u32>(p0 % p1)".into(),
        "pack_half" => "pack2x16float(vec2(p0, 0.0))".into(),
        "unpack_half" => "bitcast<u32>(unpack2x16float(w0).x)".into(),
        _ => format!("bitcast<u32>({name}({list}))"),
    }
}

#[test]
fn functions_yield_the_specified_bits() {
    let mut names: Vec<(&str, usize)> = Vec::new();
    let lines: Vec<Vec<&str>> = VECTORS
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for words in &lines {
        if !names.iter().any(|(name, _)| *name == words[0]) {
            names.push((words[0], words.len() - 2));
        }
    }
    assert!(names.len() >= 28, "only {} functions", names.len());
    for (name, count) in names {
        let cases: Vec<Vec<u32>> = (lines.iter())
            .filter(|words| words[0] == name)
            .map(|words| {
                let parse = |word: &&str| u32::from_str_radix(word, 16).expect("hexadecimal");
                words[1..].iter().map(parse).collect()
            })
            .collect();
        let arguments: Vec<u32> = cases
            .iter()
            .flat_map(|case| (0..3).map(|number| if number < count { case[number] } else { 0 }))
            .collect();
        let declared: String = (0..count)
            .map(|number| {
                format!(
                    "let w{number} = first[3u * id.x + {number}u]; let p{number} = bitcast<f32>(w{number});"
                )
            })
            .collect();
        let body = format!("{declared} r = {};", call(name, count));
        let results = run("", &body, &arguments, &[]);
        for (case, result) in cases.iter().zip(results) {
            assert_eq!(
                result,
                case[count],
                "{name} of {:#010x?} is {result:#010x}, not {:#010x}",
                &case[..count],
                case[count]
            );
        }
    }
}

#[test]
fn whole_numbers_are_found_exactly() {
    type Function = fn(f32) -> f32;
    let cases: [(&str, Function); 5] = [
        ("floor", f32::floor),
        ("ceil", f32::ceil),
        ("trunc", f32::trunc),
        ("round", f32::round_ties_even),
        ("fract", |a| a - a.floor()),
    ];
    let halves: Vec<u32> = (-100i16..100)
        .map(|half| (f32::from(half) / 2.0).to_bits())
        .collect();
    let arguments: Vec<u32> = HARD.into_iter().chain(halves).collect();
    for (name, expected) in cases {
        let body = format!("r = bitcast<u32>({name}(a));");
        for (argument, result) in arguments.iter().zip(run("", &body, &arguments, &[])) {
            let expected = super::bits(expected(super::number(*argument)));
            assert_eq!(result, expected, "{name} of {argument:#010x}");
        }
    }
}

#[test]
fn large_angles_are_not_prepared_for_when_an_angle_is_known_to_be_small() {
    let counts_zeros = |angle: &str| {
        let source = format!(
            "@group(0) @binding(0) var<storage, read> words: array<u32>;
             @group(0) @binding(1) var<storage, read_write> sines: array<f32>;
             @compute @workgroup_size(256)
             fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
                 let word = words[id.x];
                 sines[id.x] = sin({angle});
             }}"
        );
        let compiled = compile(&source, &Options::default()).expect("a kernel");
        let is_count = |op: &Op| matches!(op, Op::Unary(Unary::LeadingZeros, _));
        compiled.kernel.code.iter().any(is_count)
    };
    assert!(counts_zeros("f32(word) * 1e-5"));
    assert!(!counts_zeros(
        "f32(word >> 8u) * 0x1p-24f * 6.2831853 + 1.0"
    ));
}
