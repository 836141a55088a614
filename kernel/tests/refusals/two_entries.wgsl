@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn first() {
    output[0] = 1u;
}

@compute @workgroup_size(64)
fn second() {
    output[0] = 2u;
}
