struct Force {
    x: f32,
    y: f32,
    z: f32,
}

@group(0) @binding(0) var<storage, read> masses: array<f32>;
@group(0) @binding(1) var<storage, read_write> forces: array<Force>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < arrayLength(&masses) {
        forces[id.x] = Force(0.0, 0.0, -9.81 * masses[id.x]);
    }
}
