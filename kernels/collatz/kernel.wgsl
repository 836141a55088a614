// SPDX-License-Identifier: Apache-2.0
// How many steps each number takes to 1: half of an even one, three times an odd one plus 1. Numbers
// whose way leaves 32 bits take 4294967295; 0 takes none.

@group(0) @binding(0) var<storage, read> numbers: array<u32>;
@group(0) @binding(1) var<storage, read_write> steps: array<u32>;

fn collatz_steps(start: u32) -> u32 {
    var number = start;
    var count = 0u;
    while number > 1u {
        if number % 2u == 0u {
            number /= 2u;
        } else {
            if number > 1431655764u {
                return 4294967295u;
            }
            number = 3u * number + 1u;
        }
        count++;
    }
    return count;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < arrayLength(&numbers) {
        steps[id.x] = collatz_steps(numbers[id.x]);
    }
}
