@group(0) @binding(0) var<storage, read_write> heat: array<f32>;

fn at(i: u32) -> f32 {
    return heat[i];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let sides = at(id.x - 1u) + at(id.x + 1u);
    if sides > 0.0 {
        heat[id.x] += 0.25 * sides;
    }
}
