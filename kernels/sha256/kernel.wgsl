// SPDX-License-Identifier: Apache-2.0
// The SHA-256 digests of the pieces of a file, 1,024 bytes each but for the last one; one invocation a piece.
// Secure Hash Standard, FIPS 180-4, 2015; sections 5 and 6.2.

struct Parameters {
    // Bytes of the file.
    length: u32,
}

@group(0) @binding(0) var<storage, read> file: array<u32>;
@group(0) @binding(1) var<uniform> parameters: Parameters;
@group(0) @binding(2) var<storage, read_write> digests: array<array<u32, 8>>;

const PIECE: u32 = 1024u;
// Blocks of 64 bytes of a whole piece: one more than its bytes fill, for what is behind them.
const BLOCKS: u32 = 17u;

// The first 32 bits of the fractions of the cube roots of the first 64 primes.
const ROUND = array<u32, 64>(
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
);

// The last 16 words of a block's schedule.
var<private> schedule: array<u32, 16>;

fn rotated(x: u32, bits: u32) -> u32 {
    return (x >> bits) | (x << (32u - bits));
}

// Bytes in the opposite order: SHA-256 reads the first byte of a word as its highest.
fn turned(x: u32) -> u32 {
    return (rotated(x, 8u) & 0xff00ff00u) | (rotated(x, 24u) & 0x00ff00ffu);
}

// Word `i` of the padded piece: the file's bytes, one bit, zeros.
fn word_at(piece: u32, length: u32, i: u32) -> u32 {
    let place = i * 4u;
    let word = turned(file[piece * (PIECE / 4u) + i]);
    // Bits of the word that the piece still has.
    let bits = (length - min(place, length)) * 8u;
    let last = (word & ~(0xffffffffu >> (bits & 31u))) | (0x80000000u >> (bits & 31u));
    return select(select(0u, last, place <= length), word, bits >= 32u);
}

fn compressed(before: array<u32, 8>) -> array<u32, 8> {
    var a = before[0];
    var b = before[1];
    var c = before[2];
    var d = before[3];
    var e = before[4];
    var f = before[5];
    var g = before[6];
    var h = before[7];
    for (var i = 0u; i < 64u; i++) {
        if i >= 16u {
            let far = schedule[(i + 1u) & 15u];
            let near = schedule[(i + 14u) & 15u];
            let s0 = rotated(far, 7u) ^ rotated(far, 18u) ^ (far >> 3u);
            let s1 = rotated(near, 17u) ^ rotated(near, 19u) ^ (near >> 10u);
            schedule[i & 15u] += s0 + schedule[(i + 9u) & 15u] + s1;
        }
        let choice = (e & f) ^ (~e & g);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let sum1 = rotated(e, 6u) ^ rotated(e, 11u) ^ rotated(e, 25u);
        let sum0 = rotated(a, 2u) ^ rotated(a, 13u) ^ rotated(a, 22u);
        let first = h + sum1 + choice + ROUND[i] + schedule[i & 15u];
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + sum0 + majority;
    }
    return array<u32, 8>(
        before[0] + a, before[1] + b, before[2] + c, before[3] + d,
        before[4] + e, before[5] + f, before[6] + g, before[7] + h,
    );
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let piece = id.x;
    let start = piece * PIECE;
    if start >= parameters.length {
        return;
    }
    let length = min(parameters.length - start, PIECE);
    // Behind the bytes there have to be one bit and the length, in eight bytes.
    let blocks = (length + 8u) / 64u + 1u;

    // The first 32 bits of the fractions of the square roots of the first eight primes.
    var digest = array<u32, 8>(
        0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
        0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
    );
    for (var block = 0u; block < BLOCKS; block++) {
        if block >= blocks {
            break;
        }
        for (var i = 0u; i < 16u; i++) {
            schedule[i] = word_at(piece, length, block * 16u + i);
        }
        if block + 1u == blocks {
            schedule[15] = length * 8u;
        }
        digest = compressed(digest);
    }
    for (var i = 0u; i < 8u; i++) {
        digests[piece][i] = turned(digest[i]);
    }
}
