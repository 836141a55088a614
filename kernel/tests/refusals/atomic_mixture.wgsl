@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
var<workgroup> most: array<atomic<u32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    atomicAdd(&most[lane / 2u], input[id.x]);
    if lane % 3u == 0u {
        atomicMax(&most[lane / 2u], 100u);
    }
    workgroupBarrier();
    output[id.x] = atomicLoad(&most[lane]);
}
