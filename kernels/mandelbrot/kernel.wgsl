// SPDX-License-Identifier: Apache-2.0
// The Mandelbrot set in fixed point with 13 fractional bits, coloured by how soon a point leaves.

struct View {
    width: u32,
    // The centre, and the width of a pixel, in units of 2^-23: ten more bits than numbers have here.
    centre_x: i32,
    centre_y: i32,
    pixel: i32,
    height: u32,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read_write> picture: array<u32>;

const TURNS: u32 = 200u;
// Two, squared, with 26 fractional bits.
const FAR: u32 = 268435456u;

fn colour(turns: u32) -> u32 {
    if turns == TURNS {
        return 0xff000000u;
    }
    let red = min(turns * 9u, 255u);
    let green = min(turns * 4u, 255u);
    let blue = min(40u + turns * 15u, 255u);
    return red | (green << 8u) | (blue << 16u) | 0xff000000u;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= view.width * view.height {
        return;
    }
    let column = i32(id.x % view.width) - i32(view.width) / 2;
    let row = i32(id.x / view.width) - i32(view.height) / 2;
    let cx = (view.centre_x + column * view.pixel) >> 10u;
    let cy = (view.centre_y + row * view.pixel) >> 10u;
    var x = 0i;
    var y = 0i;
    var turns = 0u;
    for (; turns < TURNS; turns++) {
        let xx = x * x;
        let yy = y * y;
        // A point that leaves may come as far as 6.3: its square fits 32 bits without a sign.
        if u32(xx) + u32(yy) > FAR {
            break;
        }
        y = ((x * y) >> 12u) + cy;
        x = ((xx - yy) >> 13u) + cx;
    }
    picture[id.x] = colour(turns);
}
