// SPDX-License-Identifier: Apache-2.0
// A picture convolved with any square of weights of odd side, for red, green and blue each; alpha stays.
// A pixel is one word: red in the lowest byte, then green, blue and alpha. Past its edges the picture
// goes on as it is at the edge.

struct Parameters {
    width: u32,
    height: u32,
    // Of the square of weights.
    side: u32,
}

@group(0) @binding(0) var<storage, read> picture: array<u32>;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<uniform> parameters: Parameters;
@group(0) @binding(3) var<storage, read_write> result: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    let size = vec2<i32>(i32(parameters.width), i32(parameters.height));
    let place = vec2<i32>(i32(i % parameters.width), i32(i / parameters.width));
    let side = parameters.side;
    let first = place - i32(side / 2u);

    // A convolution takes the weights from the last to the first: pixels left of the centre meet weights right of it.
    var sum = vec3<f32>();
    for (var y = 0u; y < side; y++) {
        for (var x = 0u; x < side; x++) {
            let at = vec2<u32>(clamp(first + vec2<i32>(vec2(x, y)), vec2(0i), size - 1));
            let colour = vec3<f32>(unpack4xU8(picture[at.y * parameters.width + at.x]).xyz);
            sum += weights[side * side - 1u - y * side - x] * colour;
        }
    }

    if i < parameters.width * parameters.height {
        let colour = vec3<u32>(clamp(sum, vec3(0.0), vec3(255.0)) + 0.5);
        result[i] = colour.x | (colour.y << 8u) | (colour.z << 16u) | (picture[i] & 0xff000000u);
    }
}
