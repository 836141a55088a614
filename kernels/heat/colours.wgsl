// SPDX-License-Identifier: Apache-2.0
// Temperatures as a picture, from black over red and yellow to white. A pixel is one word: red in the lowest byte,
// then green, blue and alpha.

struct Parameters {
    width: u32,
    height: u32,
    // What is black, and what is white.
    coldest: f32,
    hottest: f32,
}

@group(0) @binding(0) var<storage, read> temperatures: array<f32>;
@group(0) @binding(1) var<uniform> parameters: Parameters;
@group(0) @binding(2) var<storage, read_write> picture: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= parameters.width * parameters.height {
        return;
    }
    let span = parameters.hottest - parameters.coldest;
    let heat = (temperatures[id.x] - parameters.coldest) / span;
    // Red rises in the first third, green in the second and blue in the last.
    let colour = vec3<u32>(clamp(3.0 * heat - vec3(0.0, 1.0, 2.0), vec3(0.0), vec3(1.0)) * 255.0 + 0.5);
    picture[id.x] = colour.x | (colour.y << 8u) | (colour.z << 16u) | 0xff000000u;
}
