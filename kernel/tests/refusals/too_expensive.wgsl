@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var sum = 0u;
    for (var i = 0u; i < 10000000u; i++) {
        sum = sum * 5u + i;
    }
    output[id.x] = sum;
}
