@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
var<workgroup> shared_words: array<u32, 64>;

@compute @workgroup_size(64)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    if id.x >= arrayLength(&input) {
        return;
    }
    shared_words[lane] = input[id.x];
    workgroupBarrier();
    output[id.x] = shared_words[63u - lane];
}
