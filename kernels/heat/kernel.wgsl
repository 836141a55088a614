// SPDX-License-Identifier: Apache-2.0
// A step of heat on its way through a plate: each cell comes nearer to the mean of its four neighbours. The
// explicit method for the heat equation; nothing flows over the edges.

struct Parameters {
    width: u32,
    height: u32,
    // Conductivity times time over the square of a cell's width. Above 0.25, errors grow.
    rate: f32,
}

@group(0) @binding(0) var<storage, read> before: array<f32>;
@group(0) @binding(1) var<uniform> parameters: Parameters;
@group(0) @binding(2) var<storage, read_write> after: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    let width = parameters.width;
    let height = parameters.height;
    if i >= width * height {
        return;
    }
    let x = i % width;
    let y = i / width;
    let here = before[i];
    // Over an edge is no difference: a cell there is its own neighbour.
    let left = before[i - u32(x > 0u)];
    let right = before[i + u32(x + 1u < width)];
    let above = before[i - select(0u, width, y > 0u)];
    let below = before[i + select(0u, width, y + 1u < height)];
    after[i] = here + parameters.rate * ((left + right) + (above + below) - 4.0 * here);
}
