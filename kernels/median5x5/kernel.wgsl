// SPDX-License-Identifier: Apache-2.0
// Median of the 5 x 5 pixels around each pixel, for red, green and blue each; alpha stays.
// A pixel is one word: red in the lowest byte, then green, blue and alpha. Past its edges the picture
// goes on as it is at the edge.

struct Size {
    width: u32,
    height: u32,
}

@group(0) @binding(0) var<storage, read> picture: array<u32>;
@group(0) @binding(1) var<uniform> size: Size;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

// The 25 colours, row by row. A colour's channels stay where they are in the word, which orders them
// just as well and saves the shifts.
var<private> window: array<vec3<u32>, 25>;

fn colour(pixel: u32) -> vec3<u32> {
    return vec3(pixel) & vec3(0xffu, 0xff00u, 0xff0000u);
}

// Reads the row of the window that begins at `first` from the picture's row `y`.
fn read_row(first: u32, x: vec4<u32>, last_x: u32, y: i32) {
    let start = u32(clamp(y, 0, i32(size.height) - 1)) * size.width;
    window[first] = colour(picture[start + x.x]);
    window[first + 1u] = colour(picture[start + x.y]);
    window[first + 2u] = colour(picture[start + x.z]);
    window[first + 3u] = colour(picture[start + x.w]);
    window[first + 4u] = colour(picture[start + last_x]);
}

// Puts the smaller of two elements first.
fn order(i: u32, j: u32) {
    let smaller = min(window[i], window[j]);
    window[j] = max(window[i], window[j]);
    window[i] = smaller;
}

// Sorts five elements, in nine steps.
fn sort(a: u32, b: u32, c: u32, d: u32, e: u32) {
    order(a, b);
    order(d, e);
    order(c, e);
    order(c, d);
    order(a, d);
    order(a, c);
    order(b, e);
    order(b, d);
    order(b, c);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= size.width * size.height {
        return;
    }
    let x = i32(i % size.width);
    let y = i32(i / size.width);
    let right = i32(size.width) - 1;
    let columns = vec4<u32>(clamp(vec4(x) + vec4(-2, -1, 0, 1), vec4(0), vec4(right)));
    let last = u32(min(x + 2, right));
    read_row(0u, columns, last, y - 2);
    read_row(5u, columns, last, y - 1);
    read_row(10u, columns, last, y);
    read_row(15u, columns, last, y + 1);
    read_row(20u, columns, last, y + 2);

    // With columns and rows sorted, the element in row r and column c has at least (r + 1)(c + 1) - 1
    // elements that are no larger and (5 - r)(5 - c) - 1 that are no smaller. That leaves the three
    // longest diagonals for the median.
    sort(0u, 5u, 10u, 15u, 20u);
    sort(1u, 6u, 11u, 16u, 21u);
    sort(2u, 7u, 12u, 17u, 22u);
    sort(3u, 8u, 13u, 18u, 23u);
    sort(4u, 9u, 14u, 19u, 24u);
    sort(0u, 1u, 2u, 3u, 4u);
    sort(5u, 6u, 7u, 8u, 9u);
    sort(10u, 11u, 12u, 13u, 14u);
    sort(15u, 16u, 17u, 18u, 19u);
    sort(20u, 21u, 22u, 23u, 24u);

    // These steps bring the median of those 13 to the centre, whichever of the 252 ways they lie.
    order(16u, 9u);
    order(3u, 16u);
    order(13u, 21u);
    order(16u, 13u);
    order(7u, 16u);
    order(13u, 17u);
    order(15u, 8u);
    order(8u, 13u);
    order(11u, 8u);
    order(4u, 20u);
    order(20u, 13u);
    order(4u, 12u);
    order(12u, 20u);
    order(12u, 16u);
    order(16u, 20u);
    order(8u, 16u);
    order(4u, 8u);
    order(8u, 12u);

    let median = window[12];
    let alpha = picture[i] & 0xff000000u;
    result[i] = median.x | median.y | median.z | alpha;
}
