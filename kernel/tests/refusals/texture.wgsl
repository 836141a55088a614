@group(0) @binding(0) var picture: texture_2d<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    output[id.x] = textureLoad(picture, id.xy, 0).x;
}
