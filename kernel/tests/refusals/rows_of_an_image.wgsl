@group(0) @binding(0) var<storage, read> image: array<u32>;
@group(0) @binding(1) var<storage, read_write> result: array<u32>;

const WIDTH: u32 = 640u;
const HEIGHT: u32 = 480u;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= WIDTH || id.y >= HEIGHT) {
        return;
    }
    let i = id.y * WIDTH + id.x;
    if (image[i] > 127u) {
        result[i] = 255u;
    }
    result[WIDTH * HEIGHT + i] = image[i];
}
