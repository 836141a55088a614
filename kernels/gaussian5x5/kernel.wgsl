// SPDX-License-Identifier: Apache-2.0
// A picture smoothed by the binomial filter 1 4 6 4 1 in both directions, which is nearly a Gaussian; alpha stays.
// A pixel is one word: red in the lowest byte, then green, blue and alpha. Past its edges the picture
// goes on as it is at the edge.

struct Size {
    width: u32,
    height: u32,
}

@group(0) @binding(0) var<storage, read> picture: array<u32>;
@group(0) @binding(1) var<uniform> size: Size;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

const WEIGHTS = array<u32, 5>(1u, 4u, 6u, 4u, 1u);

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= size.width * size.height {
        return;
    }
    let place = vec2<i32>(i32(i % size.width), i32(i / size.width));
    let last = vec2<i32>(i32(size.width), i32(size.height)) - 1;
    var sum = vec3<u32>();
    for (var dy = 0i; dy < 5i; dy++) {
        for (var dx = 0i; dx < 5i; dx++) {
            let at = vec2<u32>(clamp(place + vec2(dx, dy) - 2, vec2(0i), last));
            let colour = unpack4xU8(picture[at.y * size.width + at.x]).xyz;
            sum += colour * (WEIGHTS[dx] * WEIGHTS[dy]);
        }
    }
    // The weights sum up to 256; half of that rounds.
    let colour = (sum + 128u) / 256u;
    result[i] = colour.x | (colour.y << 8u) | (colour.z << 16u) | (picture[i] & 0xff000000u);
}
