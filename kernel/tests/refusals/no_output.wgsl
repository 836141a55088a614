@group(0) @binding(0) var<storage, read> input: array<u32>;
var<workgroup> word: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    word = input[id.x];
}
