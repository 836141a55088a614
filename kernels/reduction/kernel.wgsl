// SPDX-License-Identifier: Apache-2.0
// The sum, the smallest and the largest of each block of numbers; one workgroup a block. An invocation takes
// every 256th number of its block, so that neighbours read neighbours. Then half of the invocations take in
// what the other half has, then a quarter, and so on: eight steps through workgroup memory.

// For unsigned numbers, u32.
alias Number = i32;

struct Blocks {
    // Numbers of a block.
    length: u32,
}

// The sum has 64 bits, so that it is exact.
struct Summary {
    low: u32,
    high: u32,
    smallest: Number,
    largest: Number,
}

// One tile of output: the summary, then zeros.
const TILE: u32 = 256u;

@group(0) @binding(0) var<storage, read> numbers: array<Number>;
@group(0) @binding(1) var<uniform> blocks: Blocks;
@group(0) @binding(2) var<storage, read_write> summaries: array<u32>;

var<workgroup> partial: array<Summary, 256>;

// Both together. A sum of low words that is less than one of them has wrapped: that is the carry.
fn joined(a: Summary, b: Summary) -> Summary {
    let low = a.low + b.low;
    let high = a.high + b.high + u32(low < a.low);
    return Summary(low, high, min(a.smallest, b.smallest), max(a.largest, b.largest));
}

// A single number, widened to 64 bits.
fn single(number: Number) -> Summary {
    return Summary(u32(number), select(0u, 0xffffffffu, number < Number(0)), number, number);
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let start = min(group.x * blocks.length, arrayLength(&numbers));
    let length = min(blocks.length, arrayLength(&numbers) - start);

    // The first number stands in for what an invocation has not: it changes neither extreme, and its share in
    // the sum is taken out by starting from zero.
    let first = numbers[start];
    var mine = Summary(0u, 0u, first, first);
    for (var i = lane; i < length; i += 256u) {
        mine = joined(mine, single(numbers[start + i]));
    }

    partial[lane] = mine;
    for (var half = 128u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partial[lane] = joined(partial[lane], partial[lane + half]);
        }
    }

    // What the first invocation has written last, it reads itself.
    if lane == 0u {
        summaries[group.x * TILE] = partial[0].low;
        summaries[group.x * TILE + 1u] = partial[0].high;
        summaries[group.x * TILE + 2u] = u32(partial[0].smallest);
        summaries[group.x * TILE + 3u] = u32(partial[0].largest);
    }
}
