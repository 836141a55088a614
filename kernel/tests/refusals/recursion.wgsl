@group(0) @binding(1) var<storage, read_write> output: array<u32>;

fn down(n: u32) -> u32 {
    if n == 0u {
        return 0u;
    }
    return down(n - 1u);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    output[id.x] = down(id.x);
}
