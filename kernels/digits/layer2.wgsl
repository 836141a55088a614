// SPDX-License-Identifier: Apache-2.0
// The last layer of a network that reads handwritten digits: which of ten neurons is the most excited by the 32
// of the hidden layer, the first of them if several are. One invocation reads one digit.

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
}

@group(0) @binding(0) var<storage, read> activations: array<array<u32, 8>>;
@group(0) @binding(1) var<storage, read> network: Network;
@group(0) @binding(2) var<uniform> parameters: Parameters;
@group(0) @binding(3) var<storage, read_write> digits: array<u32>;

const LEAST: i32 = -2147483648;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= parameters.count {
        return;
    }
    let hidden = activations[id.x];
    var most = LEAST;
    var digit = 0u;
    for (var i = 0u; i < 10u; i++) {
        var sum = network.digit_bias[i];
        for (var k = 0u; k < 8u; k++) {
            sum += dot4I8Packed(hidden[k], network.digit[i][k]);
        }
        if sum > most {
            most = sum;
            digit = i;
        }
    }
    digits[id.x] = digit;
}
