// SPDX-License-Identifier: Apache-2.0
// The sums of the first 1, 2, ... 256 numbers of each block of 256.

@group(0) @binding(0) var<storage, read> numbers: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;

var<workgroup> shared_sums: array<u32, 256>;

@compute @workgroup_size(256)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    var sum = numbers[id.x];
    for (var distance = 1u; distance < 256u; distance *= 2u) {
        shared_sums[lane] = sum;
        workgroupBarrier();
        if lane >= distance {
            sum += shared_sums[lane - distance];
        }
        workgroupBarrier();
    }
    sums[id.x] = sum;
}
