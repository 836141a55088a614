// SPDX-License-Identifier: Apache-2.0
// The hidden layer of a network that reads handwritten digits: 64 pixels, 32 neurons with a rectifier. Pixels,
// weights and what neurons yield are bytes, four in a word; sums have 32 bits. One invocation computes the four
// neurons of a word of output.

// As train.py writes it: rows of weights, then a bias for each row, of both layers.
struct Network {
    hidden: array<array<u32, 16>, 32>,
    hidden_bias: array<i32, 32>,
    digit: array<array<u32, 8>, 10>,
    digit_bias: array<i32, 10>,
}

struct Parameters {
    // Digits to read.
    count: u32,
    // What brings a sum back to a byte: times the multiplier, then shifted to the right. The product of the
    // largest sum and the multiplier has to fit a signed word.
    multiplier: i32,
    shift: u32,
}

@group(0) @binding(0) var<storage, read> pictures: array<array<u32, 16>>;
@group(0) @binding(1) var<storage, read> network: Network;
@group(0) @binding(2) var<uniform> parameters: Parameters;
@group(0) @binding(3) var<storage, read_write> activations: array<u32>;

fn neuron(picture: u32, number: u32) -> i32 {
    var sum = network.hidden_bias[number];
    for (var i = 0u; i < 16u; i++) {
        sum += dot4I8Packed(pictures[picture][i], network.hidden[number][i]);
    }
    return (max(sum, 0i) * parameters.multiplier) >> parameters.shift;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let picture = id.x / 8u;
    let first = id.x % 8u * 4u;
    if picture >= parameters.count {
        return;
    }
    activations[id.x] = pack4xI8Clamp(vec4(
        neuron(picture, first),
        neuron(picture, first + 1u),
        neuron(picture, first + 2u),
        neuron(picture, first + 3u),
    ));
}
