// SPDX-License-Identifier: Apache-2.0
// Checks what kernel.wgsl writes: zeros if each block of 256 holds the numbers of its input in order. One
// invocation looks at one block, for three eighths of the fuel that sorting it takes.
//
// That the same numbers are there, each as often, is seen from polynomials: the products of (x + a) over the
// numbers a of the two sides are the same just then. They are compared at a random x, in the field of the
// integers modulo P = 2^31 - 1. A number of 32 bits is larger than P, so its upper two bits go with a second
// variable: its factor is x + upper * y + lower. Two different products of 256 such factors are equal at a
// random point with a probability of about 256 / P (Schwartz, 1980; Zippel, 1979). Two points are taken, so a
// block that is wrong passes with a probability of less than 2^-45, whatever is wrong in it.

struct Parameters {
    // Drawn when the output can no longer be changed: x and y of the first point, x and y of the second one,
    // and four words that are not needed.
    seed: array<vec4<u32>, 2>,
}

@group(0) @binding(0) var<storage, read> numbers: array<u32>;
@group(0) @binding(1) var<storage, read> sorted: array<u32>;
@group(0) @binding(2) var<uniform> parameters: Parameters;
@group(0) @binding(3) var<storage, read_write> faults: array<u32>;

const BLOCK: u32 = 256u;
const P: u32 = 0x7fffffffu;
const LOWER: u32 = 0x3fffffffu;

// A coordinate of both points.
alias Pair = vec2<u32>;

// The same modulo P, and at most 2^31: what counts 2^31 counts 1.
fn folded(x: Pair) -> Pair {
    return (x & Pair(P)) + (x >> Pair(31u));
}

// The remainder modulo P. Of two candidates the right one is the smaller, as the other has wrapped around.
fn reduced(x: Pair) -> Pair {
    let once = folded(x);
    return min(once, once - P);
}

// The product of two remainders. Parts of 16 bits yield a product in units of 2^32, which is 2, two in units of
// 2^16 and one of ones. No sum on the way comes to 2^32.
fn product(a: Pair, b: Pair) -> Pair {
    let a_high = a >> Pair(16u);
    let a_low = a & Pair(0xffffu);
    let b_high = b >> Pair(16u);
    let b_low = b & Pair(0xffffu);
    let middle = a_high * b_low + a_low * b_high;
    let upper = 2u * a_high * b_high + (middle >> Pair(15u));
    let lower = folded(a_low * b_low) + ((middle & Pair(0x7fffu)) << Pair(16u));
    return reduced(folded(lower) + upper);
}

@compute @workgroup_size(256)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
) {
    // A grid that leaves blocks out would check nothing there.
    if grid.x * 256u < (arrayLength(&sorted) + BLOCK - 1u) / BLOCK {
        faults[id.x] = 1u;
        return;
    }

    // x + upper * y for each value of the upper two bits of a number.
    let x = reduced(parameters.seed[0].xz >> Pair(1u));
    let y = reduced(parameters.seed[0].yw >> Pair(1u));
    let y2 = reduced(y + y);
    let points = array<Pair, 4>(x, reduced(x + y), reduced(x + y2), reduced(x + reduced(y + y2)));

    let start = id.x * BLOCK;
    var is_ordered = true;
    var before = 0u;
    var input = Pair(1u);
    var output = Pair(1u);
    for (var i = 0u; i < BLOCK; i++) {
        let number = numbers[start + i];
        input = product(input, reduced(points[number >> 30u] + (number & LOWER)));

        let found = sorted[start + i];
        output = product(output, reduced(points[found >> 30u] + (found & LOWER)));
        is_ordered = is_ordered && before <= found;
        before = found;
    }
    faults[id.x] = u32(!is_ordered || any(input != output));
}
