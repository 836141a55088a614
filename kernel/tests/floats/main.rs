// SPDX-License-Identifier: Apache-2.0
//! Floating point in WGSL: what it is compiled to yields what plain Rust computes, made canonical.

mod constants;
mod library;
mod operators;
mod vectors;

use assay_kernel::{
    compiler::{Options, compile},
    float,
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};

/// Bits that are hard: zeros, subnormals, edges, halves, infinities, NaNs.
const HARD: [u32; 40] = [
    0x0000_0000,
    0x8000_0000,
    0x0000_0001,
    0x8000_0001,
    0x007f_ffff,
    0x0080_0000,
    0x8080_0000,
    0x0080_0001,
    0x0100_0000,
    0x1fff_ffff,
    0x2000_0000,
    0x2000_0001,
    0xa000_0001,
    0x3eff_ffff,
    0x3f00_0000,
    0x3f7f_ffff,
    0x3f80_0000,
    0xbf80_0000,
    0x3f80_0001,
    0x3fc0_0000,
    0x4020_0000,
    0xc020_0000,
    0x4049_0fdb,
    0x3eaa_aaab,
    0xbdcc_cccd,
    0x4b00_0000,
    0x4b7f_ffff,
    0x4b80_0001,
    0xcb00_0001,
    0x4eff_ffff,
    0x4f00_0000,
    0xcf00_0000,
    0x4f80_0000,
    0x7e80_0000,
    0x7f7f_ffff,
    0xff7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7f80_0001,
    0xffff_ffff,
];

/// What a kernel makes of its two inputs, invocation by invocation: `body` sets `r` from the floats `a` and
/// `b` and from their bits, `x` and `y`.
fn run(functions: &str, body: &str, a: &[u32], b: &[u32]) -> Vec<u32> {
    let source = format!(
        "@group(0) @binding(0) var<storage, read> first: array<u32>;
         @group(0) @binding(1) var<storage, read> second: array<u32>;
         @group(0) @binding(2) var<storage, read_write> output: array<u32>;
         {functions}
         @compute @workgroup_size(256)
         fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
             let x = first[id.x];
             let y = second[id.x];
             let a = bitcast<f32>(x);
             let b = bitcast<f32>(y);
             var r = 0u;
             {body}
             output[id.x] = r;
         }}"
    );
    let kernel = match compile(&source, &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(obstacles) => panic!("{obstacles}"),
    };
    let mut machine = Machine::new(&kernel, &Limits::DEFAULT).expect("a valid kernel");
    let groups = u32::try_from(a.len().div_ceil(256)).expect("few");
    let mut output = Vec::new();
    for group in 0..groups {
        let mut tile = vec![0; 256];
        let invocation = Invocation {
            grid: [groups, 1, 1],
            group,
            parameters: &[],
        };
        machine
            .run(&invocation, &mut SliceInputs(&[a, b]), &mut tile)
            .expect("the inputs are there");
        output.extend(tile);
    }
    output.truncate(a.len());
    output
}

/// Every pair of hard bits.
fn pairs() -> (Vec<u32>, Vec<u32>) {
    HARD.iter()
        .flat_map(|a| HARD.iter().map(move |b| (*a, *b)))
        .unzip()
}

/// The canonical float of some bits, to compute with.
fn number(bits: u32) -> f32 {
    f32::from_bits(float::canonical(bits))
}

/// The bits of a result.
fn bits(number: f32) -> u32 {
    float::canonical(number.to_bits())
}

/// Asserts that a body computes, of every pair of hard bits, what a function does.
fn assert_computes(body: &str, expected: impl Fn(u32, u32) -> u32) {
    let (a, b) = pairs();
    let results = run("", body, &a, &b);
    for ((x, y), result) in a.iter().zip(&b).zip(results) {
        let expected = expected(*x, *y);
        assert_eq!(
            result, expected,
            "{body} of {x:#010x} and {y:#010x}: {result:#010x}, not {expected:#010x}"
        );
    }
}

/// The same of a function of floats.
fn assert_floats(expression: &str, expected: impl Fn(f32, f32) -> f32) {
    let body = format!("r = bitcast<u32>({expression});");
    assert_computes(&body, |x, y| bits(expected(number(x), number(y))));
}
