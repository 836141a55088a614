@group(0) @binding(0) var<storage, read> input: array<vec4<f64>>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    output[id.x] = arrayLength(&input);
}
