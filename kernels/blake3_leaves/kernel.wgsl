// SPDX-License-Identifier: Apache-2.0
// The chaining values of the chunks of a file in BLAKE3's tree: chunk i is 1,024 bytes, its value 8 words.
// BLAKE3: one function, fast everywhere; O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020; section 2.

@group(0) @binding(0) var<storage, read> file: array<u32>;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;

const CHUNK_START: u32 = 1u;
const CHUNK_END: u32 = 2u;

const IV = array<u32, 8>(
    0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
    0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
);

// How the words of a message change places between rounds.
const ORDER = array<u32, 16>(2u, 6u, 3u, 10u, 7u, 0u, 4u, 13u, 1u, 11u, 12u, 5u, 9u, 14u, 15u, 8u);

var<private> state: array<u32, 16>;
var<private> message: array<u32, 16>;

fn rotated(x: u32, bits: u32) -> u32 {
    return (x >> bits) | (x << (32u - bits));
}

fn mix(a: u32, b: u32, c: u32, d: u32, x: u32, y: u32) {
    state[a] = state[a] + state[b] + x;
    state[d] = rotated(state[d] ^ state[a], 16u);
    state[c] = state[c] + state[d];
    state[b] = rotated(state[b] ^ state[c], 12u);
    state[a] = state[a] + state[b] + y;
    state[d] = rotated(state[d] ^ state[a], 8u);
    state[c] = state[c] + state[d];
    state[b] = rotated(state[b] ^ state[c], 7u);
}

fn round() {
    mix(0u, 4u, 8u, 12u, message[0], message[1]);
    mix(1u, 5u, 9u, 13u, message[2], message[3]);
    mix(2u, 6u, 10u, 14u, message[4], message[5]);
    mix(3u, 7u, 11u, 15u, message[6], message[7]);
    mix(0u, 5u, 10u, 15u, message[8], message[9]);
    mix(1u, 6u, 11u, 12u, message[10], message[11]);
    mix(2u, 7u, 8u, 13u, message[12], message[13]);
    mix(3u, 4u, 9u, 14u, message[14], message[15]);
}

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let chunk = id.x;
    if chunk * 256u >= arrayLength(&file) {
        return;
    }
    var value = IV;
    for (var block = 0u; block < 16u; block++) {
        for (var i = 0u; i < 16u; i++) {
            message[i] = file[chunk * 256u + block * 16u + i];
        }
        for (var i = 0u; i < 8u; i++) {
            state[i] = value[i];
        }
        for (var i = 0u; i < 4u; i++) {
            state[8u + i] = IV[i];
        }
        state[12] = chunk;
        state[13] = 0u;
        state[14] = 64u;
        state[15] = select(0u, CHUNK_START, block == 0u) | select(0u, CHUNK_END, block == 15u);
        round();
        for (var next = 1u; next < 7u; next++) {
            let before = message;
            for (var i = 0u; i < 16u; i++) {
                message[i] = before[ORDER[i]];
            }
            round();
        }
        for (var i = 0u; i < 8u; i++) {
            value[i] = state[i] ^ state[i + 8u];
        }
    }
    for (var i = 0u; i < 8u; i++) {
        values[chunk * 8u + i] = value[i];
    }
}
