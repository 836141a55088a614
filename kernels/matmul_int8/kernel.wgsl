// SPDX-License-Identifier: Apache-2.0
// The product of two matrices of signed bytes, in 32 bits: what quantised neural networks are made of.
// Four bytes of a row are one word. The right matrix comes transposed, so that both are read along rows.

struct Shape {
    // Columns of the product; rows of the transposed right matrix.
    columns: u32,
    // Words of a row: a quarter of what is summed up for one element.
    depth: u32,
}

@group(0) @binding(0) var<storage, read> left: array<u32>;
@group(0) @binding(1) var<storage, read> right: array<u32>;
@group(0) @binding(2) var<uniform> shape: Shape;
@group(0) @binding(3) var<storage, read_write> product: array<i32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x / shape.columns * shape.depth;
    let column = id.x % shape.columns * shape.depth;
    var sum = 0i;
    for (var k = 0u; k < shape.depth; k++) {
        sum += dot4I8Packed(left[row + k], right[column + k]);
    }
    product[id.x] = sum;
}
