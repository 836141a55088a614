// Canonical f32: magnitudes up to 2^-126 are 0. A NaN may be any NaN until its bits are asked for.
// `opaque` is 0, which no compiler of this text can know. A value that was combined with it cannot be fused
// with the operation that made it, nor cancelled against a value it is related to.

fn settle_bits(bits: u32, opaque: u32) -> f32 {
    return bitcast<f32>(select(0u, bits, bitcast<i32>(bits & 0x7fffffffu) > 0x00800000i) | opaque);
}

fn settle(x: f32, opaque: u32) -> f32 {
    return settle_bits(bitcast<u32>(x), opaque);
}

fn hide(x: f32, opaque: u32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) | opaque);
}

fn is_number(x: f32) -> bool {
    return bitcast<i32>(bitcast<u32>(x) & 0x7fffffffu) <= 0x7f800000i;
}

fn word_of(x: f32) -> u32 {
    return select(0x7fc00000u, bitcast<u32>(x), is_number(x));
}

fn negate(x: f32, opaque: u32) -> f32 {
    let bits = bitcast<u32>(x);
    return bitcast<f32>(select(bits ^ 0x80000000u, 0u, bits == 0u) | opaque);
}

fn magnitude(x: f32, opaque: u32) -> f32 {
    return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | opaque);
}

// The halves convert exactly, so the sum is rounded once.
fn from_unsigned(x: u32, opaque: u32) -> f32 {
    let high = f32(bitcast<i32>(x >> 16u)) * 65536.0;
    return hide(high + f32(bitcast<i32>(x & 0xffffu)), opaque);
}

fn from_signed(x: u32, opaque: u32) -> f32 {
    let size = select(x, 0u - x, bitcast<i32>(x) < 0i);
    return bitcast<f32>(bitcast<u32>(from_unsigned(size, opaque)) | (x & 0x80000000u));
}

// The whole part of a magnitude below 2^32.
fn whole(bits: u32) -> u32 {
    let exponent = bits >> 23u;
    let fraction = (bits & 0x7fffffu) | 0x800000u;
    let shifted = select(fraction >> ((150u - exponent) & 31u), fraction << ((exponent - 150u) & 31u), exponent >= 150u);
    return select(shifted, 0u, exponent < 127u);
}

fn to_unsigned(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    let clamped = select(whole(bits), 0xffffff00u, bits >= 0x4f800000u);
    return select(clamped, 0u, bits > 0x7f800000u);
}

fn to_signed(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    let size = bits & 0x7fffffffu;
    let negative = bits != size;
    let part = whole(size);
    let clamped = select(select(part, 0u - part, negative), select(0x7fffff80u, 0x80000000u, negative), size >= 0x4f000000u);
    return select(clamped, 0u, size > 0x7f800000u);
}

// Correctly rounded: the machine's quotient of the significands may be wrong by four units in the last place,
// the remainder that it leaves says by how much.
fn divide(a: f32, b: f32, opaque: u32) -> f32 {
    let x = bitcast<u32>(a);
    let y = bitcast<u32>(b);
    let m = x & 0x7fffffffu;
    let n = y & 0x7fffffffu;
    let s = (m & 0x7fffffu) | 0x800000u;
    let t = (n & 0x7fffffu) | 0x800000u;
    let seed = bitcast<u32>(bitcast<f32>((s & 0x7fffffu) | 0x3f800000u) / bitcast<f32>((t & 0x7fffffu) | 0x3f800000u));
    // In units of 2^-24, and eight of them too low.
    var quotient = (((seed & 0x7fffffu) | 0x800000u) << (((seed >> 23u) - 126u) & 31u)) - 8u;
    var rest = (s << 24u) - quotient * t;
    var less = rest >= t << 3u;
    rest -= select(0u, t << 3u, less);
    quotient += select(0u, 8u, less);
    less = rest >= t << 2u;
    rest -= select(0u, t << 2u, less);
    quotient += select(0u, 4u, less);
    less = rest >= t << 1u;
    rest -= select(0u, t << 1u, less);
    quotient += select(0u, 2u, less);
    less = rest >= t;
    rest -= select(0u, t, less);
    quotient += select(0u, 1u, less);
    // 25 bits, of which the last rounds; no quotient lies halfway.
    let small = quotient < 0x1000000u;
    quotient = select(quotient, (quotient << 1u) + select(0u, 1u, rest << 1u >= t), small);
    let significand = (quotient >> 1u) + (quotient & 1u);
    let exponent = bitcast<i32>((m >> 23u) - (n >> 23u)) + select(126i, 125i, small);
    var size = (bitcast<u32>(exponent) << 23u) + significand;
    size = select(size, 0u, exponent < 0i);
    size = select(size, 0x7f800000u, exponent > 253i);
    size = select(size, 0u, m == 0u || n == 0x7f800000u);
    size = select(size, 0x7f800000u, m == 0x7f800000u || n == 0u);
    size = select(size, 0x7fc00000u, m > 0x7f800000u || n > 0x7f800000u || (m == n && (m == 0u || m == 0x7f800000u)));
    return settle_bits(size | ((x ^ y) & 0x80000000u), opaque);
}

// Correctly rounded, in the same way.
fn square_root(a: f32, opaque: u32) -> f32 {
    let bits = bitcast<u32>(a);
    let fraction = bits & 0x7fffffu;
    let odd = (bits & 0x800000u) == 0u;
    let seed = bitcast<u32>(sqrt(bitcast<f32>(fraction | select(0x3f800000u, 0x40000000u, odd))));
    // In units of 2^-24, and sixteen of them too low.
    var root = (((seed & 0x7fffffu) | 0x800000u) << (((seed >> 23u) - 126u) & 31u)) - 16u;
    var rest = ((fraction | 0x800000u) << select(25u, 26u, odd)) - root * root;
    var step = (root << 5u) + 256u;
    var less = rest >= step;
    rest -= select(0u, step, less);
    root += select(0u, 16u, less);
    step = (root << 4u) + 64u;
    less = rest >= step;
    rest -= select(0u, step, less);
    root += select(0u, 8u, less);
    step = (root << 3u) + 16u;
    less = rest >= step;
    rest -= select(0u, step, less);
    root += select(0u, 4u, less);
    step = (root << 2u) + 4u;
    less = rest >= step;
    rest -= select(0u, step, less);
    root += select(0u, 2u, less);
    step = (root << 1u) + 1u;
    root += select(0u, 1u, rest >= step);
    let exponent = (bits >> 23u) + select(127u, 126u, odd);
    let size = ((exponent >> 1u) << 23u) + (root >> 1u) + (root & 1u) - 0x800000u;
    let special = select(select(0x7fc00000u, bits, bits == 0x7f800000u), 0u, bits == 0u);
    return bitcast<f32>(select(size, special, bits - 0x800000u >= 0x7f000000u) | opaque);
}
