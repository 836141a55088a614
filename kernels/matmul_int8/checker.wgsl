// SPDX-License-Identifier: Apache-2.0
// Checks what kernel.wgsl writes: zeros if the product is right, without computing it (Freivalds, 1977). If
// C = A B then C r = A (B r) for every vector r, and that takes three products with a vector: the time of
// reading the matrices, where the product takes as many times as much as there are rows. One invocation looks
// at one row of C; a workgroup computes B r for its 256 rows.
//
// r is 1, w, w^2, ... for a random w, in the field of the integers modulo P = 2^31 - 1. What a row of C r and
// A (B r) differ by is a polynomial in w, its coefficients the row's errors: with at most as many roots as
// it has elements, if no error is a multiple of P. None is, because what is larger than any sum can be is a
// fault by itself. (Modulo 2^32, an error of 2^31 would be missed half of the time.) Two w are taken, so a wrong
// row passes with a probability of at most (columns / 2^31)^2: for 1,024 columns 2^-42, whatever is wrong.

struct Parameters {
    // Drawn when the product can no longer be changed: two w, and six words that are not needed.
    seed: array<vec4<u32>, 2>,
    // Those of kernel.wgsl: columns of the product, and words of a row, at most 16,383 here.
    columns: u32,
    depth: u32,
}

@group(0) @binding(0) var<storage, read> left: array<u32>;
@group(0) @binding(1) var<storage, read> right: array<u32>;
@group(0) @binding(2) var<storage, read> product: array<i32>;
@group(0) @binding(3) var<uniform> parameters: Parameters;
@group(0) @binding(4) var<storage, read_write> faults: array<u32>;

const P: u32 = 0x7fffffffu;
const CHUNK: u32 = 256u;

// Something for each of the two w.
alias Pair = vec2<u32>;

// A chunk of r, and a chunk of B r: four elements, as many as a word of a row has.
var<workgroup> powers: array<Pair, 256>;
var<workgroup> products: array<array<Pair, 4>, 256>;

// The same modulo P, and at most 2^31: what counts 2^31 counts 1.
fn folded(x: Pair) -> Pair {
    return (x & Pair(P)) + (x >> Pair(31u));
}

// The remainder modulo P. Of two candidates the right one is the smaller, as the other has wrapped around.
fn reduced(x: Pair) -> Pair {
    let once = folded(x);
    return min(once, once - P);
}

// The remainder of signed words: the bit of the sign counts 2^32 less than it does in an unsigned one, and 2^32
// is 2.
fn remainder(x: vec2<i32>) -> Pair {
    let bits = bitcast<Pair>(x);
    return reduced(bits - 2u * (bits >> Pair(31u)));
}

// A remainder times 2^16: its 31 bits turn around.
fn shifted(x: Pair) -> Pair {
    return reduced((x >> Pair(15u)) + ((x & Pair(0x7fffu)) << Pair(16u)));
}

// The product of two remainders. Parts of 16 bits yield a product in units of 2^32, which is 2, two in units of
// 2^16 and one of ones. No sum on the way comes to 2^32.
fn times(a: Pair, b: Pair) -> Pair {
    let a_high = a >> Pair(16u);
    let a_low = a & Pair(0xffffu);
    let b_high = b >> Pair(16u);
    let b_low = b & Pair(0xffffu);
    let middle = a_high * b_low + a_low * b_high;
    let upper = 2u * a_high * b_high + (middle >> Pair(15u));
    let lower = folded(a_low * b_low) + ((middle & Pair(0x7fffu)) << Pair(16u));
    return reduced(folded(lower) + upper);
}

// The lower 16 bits and the upper 15 of a pair. A byte times one of them has 23 bits: 256 such products can be
// summed up in 32 before anything is reduced.
fn halves(x: Pair) -> vec4<i32> {
    return vec4<i32>(vec4<u32>(x & Pair(0xffffu), x >> Pair(16u)));
}

// The remainder of what such sums stand for.
fn joined(sums: vec4<i32>) -> Pair {
    return reduced(remainder(sums.xy) + shifted(remainder(sums.zw)));
}

@compute @workgroup_size(256)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
    @builtin(num_workgroups) grid: vec3<u32>,
) {
    let row = id.x;
    let columns = parameters.columns;
    let depth = parameters.depth;

    // w to the power of the lane, bit by bit, and to that of 256.
    var first = Pair(1u);
    var square = reduced(parameters.seed[0].xy >> Pair(1u));
    for (var bit = 0u; bit < 8u; bit++) {
        first = select(first, times(first, square), ((lane >> bit) & 1u) != 0u);
        square = times(square, square);
    }
    let step = square;

    // No sum of products of bytes is greater.
    let bound = i32(depth << 16u);
    var in_bounds = true;
    // A row of C r, and of A (B r).
    var claimed = Pair();
    var computed = Pair();
    // Out of fuel, a loop ends too soon; that must not pass for a check.
    var turns = 0u;

    // C r, a chunk of r after the other.
    var power = first;
    for (var c = 0u; c < columns; c += CHUNK) {
        workgroupBarrier();
        powers[lane] = power;
        power = times(power, step);
        workgroupBarrier();

        let count = min(columns - c, CHUNK);
        for (var i = 0u; i < count; i++) {
            let element = product[row * columns + c + i];
            in_bounds = in_bounds && -bound <= element && element <= bound;
            claimed = reduced(claimed + times(remainder(vec2(element)), powers[i]));
        }
        turns++;
    }

    for (var k = 0u; k < depth; k += CHUNK) {
        // A chunk of B r: this invocation's word of every row of B transposed.
        var fold0 = Pair();
        var fold1 = Pair();
        var fold2 = Pair();
        var fold3 = Pair();
        power = first;
        for (var c = 0u; c < columns; c += CHUNK) {
            workgroupBarrier();
            powers[lane] = power;
            power = times(power, step);
            workgroupBarrier();

            let count = min(columns - c, CHUNK);
            var sum0 = vec4<i32>();
            var sum1 = vec4<i32>();
            var sum2 = vec4<i32>();
            var sum3 = vec4<i32>();
            for (var i = 0u; i < count; i++) {
                let bytes = unpack4xI8(right[(c + i) * depth + k + lane]);
                let parts = halves(powers[i]);
                sum0 += bytes.x * parts;
                sum1 += bytes.y * parts;
                sum2 += bytes.z * parts;
                sum3 += bytes.w * parts;
            }
            fold0 = reduced(fold0 + joined(sum0));
            fold1 = reduced(fold1 + joined(sum1));
            fold2 = reduced(fold2 + joined(sum2));
            fold3 = reduced(fold3 + joined(sum3));
            turns++;
        }

        workgroupBarrier();
        products[lane] = array<Pair, 4>(fold0, fold1, fold2, fold3);
        workgroupBarrier();
        // 64 words have 256 bytes, as many as can be summed up.
        for (var part = 0u; part < CHUNK; part += 64u) {
            let count = min(depth - min(k + part, depth), 64u);
            var sum = vec4<i32>();
            for (var i = 0u; i < count; i++) {
                let bytes = unpack4xI8(left[row * depth + k + part + i]);
                let fold = products[part + i];
                sum += bytes.x * halves(fold[0]);
                sum += bytes.y * halves(fold[1]);
                sum += bytes.z * halves(fold[2]);
                sum += bytes.w * halves(fold[3]);
            }
            computed = reduced(computed + joined(sum));
        }
        turns++;
    }

    let chunks = (vec2(columns, depth) + CHUNK - 1u) / CHUNK;
    let is_done = turns == chunks.x + chunks.y * (chunks.x + 1u);
    let is_possible = columns > 0u && depth > 0u && depth < 16384u;
    // A grid that leaves rows out would check nothing there.
    let is_whole = grid.x * 256u >= (arrayLength(&product) + columns - 1u) / columns;
    let is_right = in_bounds && all(claimed == computed);
    faults[row] = u32(!(is_done && is_possible && is_whole && is_right));
}
