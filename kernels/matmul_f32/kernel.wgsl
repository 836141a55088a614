// SPDX-License-Identifier: Apache-2.0
// The product of two matrices, 16 x 16 elements a workgroup. The right matrix comes transposed, so that both are
// read along rows. The workgroup copies 16 columns of its 16 rows of either matrix into workgroup memory and sums up
// what they contribute, then the next 16: each word of the inputs is read once for 16 elements instead of once for
// each.

struct Shape {
    // Of the product; columns are the rows of the transposed right matrix.
    rows: u32,
    columns: u32,
    // Words of a row of the inputs: what is summed up for one element.
    depth: u32,
}

@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<uniform> shape: Shape;
// Block after block, each row by row: a workgroup's tile of output is in one piece.
@group(0) @binding(3) var<storage, read_write> product: array<f32>;

const SIDE: u32 = 16u;

var<workgroup> left_block: array<array<f32, 16>, 16>;
// Its columns are read all at once, for which a GPU's memory banks are ready when rows are of odd length.
var<workgroup> right_block: array<array<f32, 17>, 16>;

// An element of a matrix; zero past its edges, which adds nothing.
fn left_at(row: u32, k: u32) -> f32 {
    return select(0.0, left[row * shape.depth + k], row < shape.rows && k < shape.depth);
}

fn right_at(row: u32, k: u32) -> f32 {
    return select(0.0, right[row * shape.depth + k], row < shape.columns && k < shape.depth);
}

@compute @workgroup_size(16, 16)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = group.y * SIDE + local.y;
    let column = group.x * SIDE + local.x;
    var sum = 0.0;
    for (var k = 0u; k < shape.depth; k += SIDE) {
        // Neighbours along x read neighbours, of the right matrix too.
        left_block[local.y][local.x] = left_at(row, k + local.x);
        right_block[local.y][local.x] = right_at(group.x * SIDE + local.y, k + local.x);
        workgroupBarrier();
        for (var i = 0u; i < SIDE; i++) {
            sum += left_block[local.y][i] * right_block[local.x][i];
        }
        workgroupBarrier();
    }
    if row < shape.rows && column < shape.columns {
        product[(group.y * grid.x + group.x) * SIDE * SIDE + lane] = sum;
    }
}
