enable f16;
@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

fn half(x: u32) -> f16 {
    return f16(x) * 0.5h;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let scale = 2.0h;
    output[id.x] = u32(half(input[id.x]) * scale);
}
