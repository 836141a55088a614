// SPDX-License-Identifier: Apache-2.0
//! How long a kernel of 500 lines takes to be compiled, and its bytecode to be validated: medians of
//! [`ROUNDS`] rounds, as a table.

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    validate::{Limits, validate},
};
use codec::{Decode, Encode};
use std::time::Instant;

/// Rounds of which the median counts.
const ROUNDS: usize = 51;

/// One of the functions that the kernel consists of, in 18 lines: what image filters, simulations and hashes do.
fn function(number: usize) -> String {
    format!(
        "fn step{number}(p: vec4<f32>, word: u32) -> vec4<f32> {{
    var sum = vec4<f32>(0.0, 0.5, 1.0, {number}.0);
    var bits = word ^ {number}u;
    for (var i = 0u; i < 9u; i++) {{
        let at = clamp(i32(bits & 255u) - {number}, 0, 200);
        let near = input[u32(at) + i];
        bits = (bits << 5u) ^ (bits >> 3u) ^ bitcast<u32>(near);
        if near > sum.x {{
            sum = vec4<f32>(sum.y, near, sum.zw);
        }} else {{
            sum += p * near;
        }}
    }}
    let weight = 1.0 / (1.0 + dot(sum, sum));
    let turned = mat2x2<f32>(weight, -0.5, 0.5, weight) * sum.xy;
    return mix(p, vec4<f32>(turned, sum.zw), clamp(weight, 0.0, 1.0));
}}
"
    )
}

fn source() -> String {
    let count = 28;
    let mut source = String::from(
        "@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
",
    );
    (0..count).for_each(|number| source.push_str(&function(number)));
    source.push_str(
        "@compute @workgroup_size(64)\nfn main(@builtin(global_invocation_id) id: vec3<u32>) {\n",
    );
    source.push_str("    var p = vec4<f32>(input[id.x]);\n");
    for number in 0..count {
        source.push_str(&format!("    p = step{number}(p, id.x);\n"));
    }
    source.push_str("    output[id.x] = p.x + p.y;\n}\n");
    source
}

/// The median of what something takes, in milliseconds.
fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let source = source();
    let kernel = match compile(&source, &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(obstacles) => panic!("{obstacles}"),
    };
    let code = kernel.encode();
    let compiled = median(|| {
        let _ = std::hint::black_box(compile(&source, &Options::default()));
    });
    let validated = median(|| {
        let kernel = Kernel::decode(&mut code.as_slice()).expect("it was encoded");
        let _ = std::hint::black_box(validate(&kernel, &Limits::DEFAULT));
    });
    println!(
        "| lines | operations | bytes | compiled and validated, ms | decoded and validated, ms |"
    );
    println!("| --: | --: | --: | --: | --: |");
    println!(
        "| {} | {} | {} | {compiled:.2} | {validated:.3} |",
        source.lines().count(),
        kernel.code.len(),
        code.len()
    );
}
