@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var rest = input[id.x];
    while rest > 0u {
        workgroupBarrier();
        rest /= 2u;
    }
    output[id.x] = rest;
}
