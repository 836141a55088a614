// SPDX-License-Identifier: Apache-2.0
// Sorts each block of 256 numbers, smallest first: Batcher's bitonic sorter.

@group(0) @binding(0) var<storage, read> numbers: array<u32>;
@group(0) @binding(1) var<storage, read_write> sorted: array<u32>;

var<workgroup> block: array<u32, 256>;

@compute @workgroup_size(256)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    block[lane] = numbers[id.x];
    for (var level = 1u; level <= 8u; level++) {
        for (var step = 1u; step <= level; step++) {
            let distance = 1u << (level - step);
            let other = lane ^ distance;
            let upwards = (lane & (1u << level)) == 0u;
            workgroupBarrier();
            let mine = block[lane];
            let theirs = block[other];
            workgroupBarrier();
            let keeps_smaller = (lane < other) == upwards;
            block[lane] = select(max(mine, theirs), min(mine, theirs), keeps_smaller);
        }
    }
    sorted[id.x] = block[lane];
}
