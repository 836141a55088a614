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

// Correctly rounded: the machine's quotient of significands may be wrong by three units in the last place, and the
// remainder that it leaves says by how much. Comparisons are signed, which more machines have.
fn divide(a: f32, b: f32, opaque: u32) -> f32 {
    let x = bitcast<u32>(a);
    let y = bitcast<u32>(b);
    let m = x & 0x7fffffffu;
    let n = y & 0x7fffffffu;
    let s = (m & 0x7fffffu) | 0x3f800000u;
    let t = (n & 0x7fffffu) | 0x3f800000u;
    // The lesser significand is doubled, so that the quotient is from 1 to below 2.
    let less = bitcast<i32>(s) < bitcast<i32>(t);
    let doubling = select(0u, 0x800000u, less);
    let guess = bitcast<u32>(bitcast<f32>(s + doubling) / bitcast<f32>(t));
    let divisor = t - 0x3f000000u;
    let low = s << 23u;
    let rest = select(low, low << 1u, less) - (guess - 0x3f000000u) * divisor;
    // Twice what is left of seven halves of the divisor more: no quotient lies halfway between two floats.
    let eight = divisor << 3u;
    var left = (rest << 1u) + (eight - divisor);
    var far = bitcast<i32>(left) >= bitcast<i32>(eight);
    left -= select(0u, eight, far);
    // Of the exponent as the bits have it, 128 is taken off: so neither too small nor too great a one wraps around.
    var size = guess - doubling + ((m & 0x7f800000u) - (n & 0x7f800000u)) - 0x40000003u + select(0u, 4u, far);
    let four = divisor << 2u;
    far = bitcast<i32>(left) >= bitcast<i32>(four);
    left -= select(0u, four, far);
    size += select(0u, 2u, far);
    size += select(0u, 1u, bitcast<i32>(left) >= bitcast<i32>(divisor << 1u));
    let limited = bitcast<u32>(min(bitcast<i32>(size), 0x3f800000i)) + 0x40000000u;
    let number = select(limited, 0u, bitcast<i32>(size) <= -0x3f800000i);
    // Of 0, infinity and NaN.
    let least = min(bitcast<i32>(m), bitcast<i32>(n));
    let most = max(bitcast<i32>(m), bitcast<i32>(n));
    let limit = select(0u, 0x7f800000u, bitcast<i32>(m) > bitcast<i32>(n));
    let special = select(limit, 0x7fc00000u, (least == most) | (most > 0x7f800000i));
    let result = select(number, special, (least == 0i) | (most >= 0x7f800000i));
    return bitcast<f32>(select(result | ((x ^ y) & 0x80000000u), 0u, result == 0u) | opaque);
}

// Correctly rounded, in the same way, where the machine's root may be wrong by seven units.
fn square_root(a: f32, opaque: u32) -> f32 {
    let bits = bitcast<u32>(a);
    // From 1 to below 4: with half the rest of the exponent, the root's is exact.
    let square = ((bits & 0xffffffu) ^ 0x800000u) + 0x3f800000u;
    let guess = bitcast<u32>(sqrt(bitcast<f32>(square)));
    // Twice the root, in units of 2^-23, less what leads halfway between two floats, and sixteen too low.
    var root = (guess << 1u) - 0x7e000011u;
    let low = square << 25u;
    var rest = select(low << 1u, low, (bits & 0x800000u) != 0u) - root * root;
    var step = (root << 5u) + 256u;
    var far = bitcast<i32>(rest) > bitcast<i32>(step);
    rest -= select(0u, step, far);
    root += select(0u, 16u, far);
    step = (root << 4u) + 64u;
    far = bitcast<i32>(rest) > bitcast<i32>(step);
    rest -= select(0u, step, far);
    root += select(0u, 8u, far);
    step = (root << 3u) + 16u;
    far = bitcast<i32>(rest) > bitcast<i32>(step);
    rest -= select(0u, step, far);
    root += select(0u, 4u, far);
    step = (root << 2u) + 4u;
    root += select(0u, 2u, bitcast<i32>(rest) > bitcast<i32>(step));
    let size = ((root + 1u) >> 1u) + 0x3f000000u + bitcast<u32>(bitcast<i32>(bits - square) >> 1u);
    let special = select(0x7fc00000u, bits, (bits == 0u) | (bits == 0x7f800000u));
    let is_special = (bitcast<i32>(bits) <= 0i) | (bitcast<i32>(bits) >= 0x7f800000i);
    return bitcast<f32>(select(size, special, is_special) | opaque);
}
