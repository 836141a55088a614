@group(0) @binding(1) var<storage, read_write> output: array<u32>;
var<workgroup> counts: array<atomic<u32>, 16>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    for (var turn = 0u; turn < 4u; turn++) {
        atomicAdd(&counts[id.x % 16u], turn);
        workgroupBarrier();
        output[id.x] = atomicLoad(&counts[turn]);
    }
}
