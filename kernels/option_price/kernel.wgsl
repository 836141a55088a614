// SPDX-License-Identifier: Apache-2.0
// What call options on a share are worth, by simulation: a year of twelve months, many times. The price follows
// geometric Brownian motion. A European option pays what the last price is above the strike, an Asian one what
// the mean of the twelve is above it. Each invocation simulates its own years and yields the means of what they
// pay, discounted; the price is the mean of those, and their spread tells how good it is.

struct Parameters {
    // What the random numbers depend on, besides the invocation and the number of the year.
    seed: u32,
    // Years that each invocation simulates.
    years: u32,
    spot: f32,
    strike: f32,
    // Of interest and of the price, for a year, continuously compounded.
    rate: f32,
    volatility: f32,
}

struct Value {
    european: f32,
    asian: f32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read_write> values: array<Value>;

const MONTHS: u32 = 12u;
const TURN: f32 = 6.2831853;

// The upper and the lower word of a product, from products of halves.
fn wide_product(a: u32, b: u32) -> vec2<u32> {
    let low = (a & 0xffffu) * (b & 0xffffu);
    let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
    let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
    return vec2((a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u), a * b);
}

// Philox 4 x 32 with ten rounds: four random words for each counter and key. Salmon, Moraes, Dror, Shaw: Parallel
// random numbers: as easy as 1, 2, 3; 2011. There is no state, so invocations need nothing of each other.
fn philox(start: vec4<u32>, start_key: vec2<u32>) -> vec4<u32> {
    var counter = start;
    var key = start_key;
    for (var round = 0u; round < 10u; round++) {
        let even = wide_product(0xd2511f53u, counter.x);
        let odd = wide_product(0xcd9e8d57u, counter.z);
        counter = vec4(odd.x ^ counter.y ^ key.x, odd.y, even.x ^ counter.w ^ key.y, even.y);
        key += vec2(0x9e3779b9u, 0xbb67ae85u);
    }
    return counter;
}

// Two normally distributed numbers from two random words (Box and Muller, 1958).
fn normal(words: vec2<u32>) -> vec2<f32> {
    // In (0, 1] and in [0, 1): with 24 bits both are exact.
    let size = f32((words.x >> 8u) + 1u) * 0x1p-24f;
    let angle = f32(words.y >> 8u) * 0x1p-24f * TURN;
    return sqrt(-2.0 * log(size)) * vec2(cos(angle), sin(angle));
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let month = 1.0 / f32(MONTHS);
    let drift = (parameters.rate - 0.5 * parameters.volatility * parameters.volatility) * month;
    let spread = parameters.volatility * sqrt(month);

    var european = 0.0;
    var asian = 0.0;
    for (var year = 0u; year < parameters.years; year++) {
        var price = parameters.spot;
        var sum = 0.0;
        // Four random words are four normal numbers: four months.
        for (var quarter = 0u; quarter < MONTHS / 4u; quarter++) {
            let words = philox(vec4(quarter, year, id.x, 0u), vec2(parameters.seed, 0u));
            let steps = exp(drift + spread * vec4(normal(words.xy), normal(words.zw)));
            price *= steps.x;
            sum += price;
            price *= steps.y;
            sum += price;
            price *= steps.z;
            sum += price;
            price *= steps.w;
            sum += price;
        }
        european += max(price - parameters.strike, 0.0);
        asian += max(sum * month - parameters.strike, 0.0);
    }

    let discount = exp(-parameters.rate) / f32(parameters.years);
    values[id.x] = Value(european * discount, asian * discount);
}
