// SPDX-License-Identifier: Apache-2.0
// The mathematical functions of kernels in exact operations: each yields the same bits everywhere.
//
// Floats are canonical: no subnormals, one zero, one NaN; `fma` rounds twice and is of no use. What a float
// cannot hold is carried in a second one; products of heads, floats of 12 bits, are exact. Errors are in
// units in the last place, the greatest over all arguments unless it says "tried". Polynomials are minimax,
// by Lawson's iteration, their coefficients rounded one after the other.
//
// [Cody] W. Cody, W. Waite, Software Manual for the Elementary Functions, 1980.
// [Dekker] T. Dekker, A floating-point technique for extending the available precision, 1971.
// [Ng] K. Ng et al., FDLIBM, Sun Microsystems, 1993: its reductions, with polynomials of our own.
// [Payne] M. Payne, R. Hanek, Radian reduction for trigonometric functions, 1983.

const assay_INFINITY: u32 = 0x7f800000u;
const assay_NAN: u32 = 0x7fc00000u;
// 1.5 * 2^23: what is added to it and has a magnitude of at most 2^22 loses its fraction, rounded to even,
// and the low bits of the sum are those of the integer.
const assay_ROUNDER: f32 = 0x1.8p23f;

// The float of some bits, which may be those of an infinity or NaN: constants may not.
fn assay_bits(bits: u32) -> f32 { return bitcast<f32>(bits); }

// The first 12 bits of a significand. The product of two such floats is exact.
fn assay_head(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }

// Whether x is positive and finite.
fn assay_is_regular(x: f32) -> bool { return bitcast<u32>(x) - 1u < assay_INFINITY - 1u; }

// The magnitude with the sign of another number.
fn assay_with_sign(magnitude: f32, signed: f32) -> f32 { return select(magnitude, -magnitude, signed < 0.0); }

// Exact: from 2^23 on there are no fractions.
fn assay_trunc(x: f32) -> f32 { return select(x, f32(i32(x)), abs(x) < 0x1p23f); }

// Exact.
fn assay_floor(x: f32) -> f32 {
    let whole = assay_trunc(x);
    return select(whole, whole - 1.0, x < whole);
}

// Exact.
fn assay_ceil(x: f32) -> f32 {
    let whole = assay_trunc(x);
    return select(whole, whole + 1.0, whole < x);
}

// Exact, ties to even: sums with 2^23 have no fraction.
fn assay_round(x: f32) -> f32 {
    let large = select(0x1p23f, -0x1p23f, x < 0.0);
    return select(x, (x + large) - large, abs(x) < 0x1p23f);
}

// WGSL's formulas: 0.5 ulp, so that the fraction of what is just below 0 is 1; exact; exact.
fn assay_fract(x: f32) -> f32 { return x - assay_floor(x); }
fn assay_modf_fract(x: f32) -> f32 { return x - assay_trunc(x); }
fn assay_modf_whole(x: f32) -> f32 { return assay_trunc(x); }

// Exact: 0, or of a magnitude from 0.5 to below 1; infinities and NaN are themselves.
fn assay_frexp_fract(x: f32) -> f32 {
    let fraction = bitcast<f32>((bitcast<u32>(x) & 0x807fffffu) | 0x3f000000u);
    return select(x, fraction, assay_is_regular(abs(x)));
}

// Exact; 0 of 0, infinities and NaN.
fn assay_frexp_exp(x: f32) -> i32 {
    let exponent = i32((bitcast<u32>(x) >> 23u) & 0xffu) - 126;
    return select(0, exponent, assay_is_regular(abs(x)));
}

// Exact where neither limit is passed: adds to the exponent.
fn assay_ldexp(x: f32, exponent: i32) -> f32 {
    let bits = bitcast<u32>(x);
    let old = i32((bits >> 23u) & 0xffu);
    let raised = old + clamp(exponent, -512, 512);
    let scaled = bitcast<f32>(bits + (u32(raised - old) << 23u));
    let infinite = bitcast<f32>((bits & 0x80000000u) | assay_INFINITY);
    let limited = select(select(scaled, infinite, 255 <= raised), 0.0, raised <= 0);
    return select(limited, x, (old == 0) | (old == 255));
}

// Exact, by long division of the significands, 8 bits a step: the remainder with the sign of x that
// x - y * trunc(x / y) stands for, whatever the quotient is. x where y is infinite.
fn assay_rem(x: f32, y: f32) -> f32 {
    let size = bitcast<u32>(x) & 0x7fffffffu;
    let modulus = bitcast<u32>(y) & 0x7fffffffu;
    if ((modulus - 1u >= assay_INFINITY) | (size >= assay_INFINITY)) { return assay_bits(assay_NAN); }
    if (size < modulus) { return x; }
    let divisor = (modulus & 0x7fffffu) | 0x800000u;
    var left = (size >> 23u) - (modulus >> 23u);
    var rest = ((size & 0x7fffffu) | 0x800000u) % divisor;
    // Exponents differ by at most 253.
    for (var step = 0u; step < 32u; step++) {
        if (left == 0u) { break; }
        let shift = min(left, 8u);
        rest = (rest << shift) % divisor;
        left -= shift;
    }
    return assay_with_sign(assay_ldexp(f32(rest), i32(modulus >> 23u) - 150), x);
}

// exp(x) - 1 - x for |x| <= 0.35.
fn assay_exp_curve(x: f32) -> f32 {
    return x * x * (0x1.fffffcp-2f + x * (0x1.555492p-3f + x * (0x1.5558bep-5f + x *
        (0x1.1239ep-7f + x * 0x1.6a3fb6p-10f))));
}

// A float from 0.5 to below 2 times 2^exponent, of which the low 9 bits count.
fn assay_scale(x: f32, exponent: u32) -> f32 { return bitcast<f32>(bitcast<u32>(x) + (exponent << 23u)); }

// exp(x) / 2^halvings, where that is neither too great nor too small: x less a multiple of log(2), which
// comes in two parts of which the first has 16 bits [Cody].
fn assay_exp_scaled(x: f32, halvings: u32) -> f32 {
    let shifted = x * 0x1.715476p0f + assay_ROUNDER;
    let count = shifted - assay_ROUNDER;
    let reduced = (x - count * 0x1.62e4p-1f) - count * 0x1.7f7d1cp-20f;
    return assay_scale(1.0 + (reduced + assay_exp_curve(reduced)), bitcast<u32>(shifted) - halvings);
}

// 0.99 ulp [Cody].
fn assay_exp(x: f32) -> f32 {
    let power = assay_exp_scaled(x, 0u);
    // The limits are 128 log(2) and -126 log(2).
    let limited = select(power, assay_bits(assay_INFINITY), 0x1.62e43p6f <= x);
    return select(limited, 0.0, x <= -0x1.5d58ap6f);
}

// 1.00 ulp. x less an integer, times log(2).
fn assay_exp2(x: f32) -> f32 {
    let shifted = x + assay_ROUNDER;
    let reduced = (x - (shifted - assay_ROUNDER)) * 0x1.62e43p-1f;
    let power = assay_scale(1.0 + (reduced + assay_exp_curve(reduced)), bitcast<u32>(shifted));
    let limited = select(power, assay_bits(assay_INFINITY), 128.0 <= x);
    return select(limited, 0.0, x <= -126.0);
}

// The power of two in a positive x, so that the rest is from sqrt(1/2) to sqrt(2).
fn assay_log_exponent(x: f32) -> i32 { return bitcast<i32>(bitcast<u32>(x) - 0x3f3504f3u) >> 23u; }

// x / 2^exponent, for the exponent found by `assay_log_exponent`.
fn assay_log_rest(x: f32, exponent: i32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) - (bitcast<u32>(exponent) << 23u));
}

// x - log(1 + x) for 1 + x from sqrt(1/2) to sqrt(2): with s = x / (2 + x), the logarithm is 2 atanh(s) [Ng].
fn assay_log_excess(x: f32) -> f32 {
    let s = x / (2.0 + x);
    let z = s * s;
    let half = 0.5 * x * x;
    return half - s * (half + z * (0x1.55557ap-1f + z * (0x1.995ed6p-2f + z * 0x1.31e082p-2f)));
}

// A logarithm of x, or what it is of 0, negative numbers, infinity and NaN.
fn assay_log_checked(x: f32, regular: f32) -> f32 {
    if (assay_is_regular(x)) { return regular; }
    let positive = select(assay_bits(assay_NAN), x, 0.0 < x);
    return select(positive, -assay_bits(assay_INFINITY), x == 0.0);
}

// log(x) + tail, for a tail that is small beside x.
fn assay_log_and(x: f32, tail: f32) -> f32 {
    let exponent = assay_log_exponent(x);
    let rest = assay_log_rest(x, exponent) - 1.0;
    let count = f32(exponent);
    let small = assay_log_excess(rest) - (tail + count * 0x1.7f7d1cp-20f);
    return assay_log_checked(x, count * 0x1.62e4p-1f + (rest - small));
}

// 0.91 ulp [Ng].
fn assay_log(x: f32) -> f32 { return assay_log_and(x, 0.0); }

// 1.41 ulp. log(x) / log(2); exact for powers of two.
fn assay_log2(x: f32) -> f32 {
    let exponent = assay_log_exponent(x);
    let rest = assay_log_rest(x, exponent) - 1.0;
    // 1 / log(2) is 1 and a fraction: the product with 1 rounds nothing.
    let small = rest * 0x1.c551dap-2f - assay_log_excess(rest) * 0x1.715476p0f;
    return assay_log_checked(x, f32(exponent) + (rest + small));
}

// log(1 + a + b) for 0 <= b <= a: what the sums lose when they round comes behind them [Dekker].
fn assay_log_of_one_and(a: f32, b: f32) -> f32 {
    let above = a + b;
    let sum = 1.0 + above;
    let lost = select(1.0 - (sum - above), above - (sum - 1.0), above < 1.0) + (b - (above - a));
    return assay_log_and(sum, lost / sum);
}

// 1.16 ulp tried. exp2(y * log2(x)), both steps in pairs of floats [Ng, Dekker]; NaN for x < 0, as in WGSL.
fn assay_pow(x: f32, y: f32) -> f32 {
    let exponent = assay_log_exponent(x);
    let rest = assay_log_rest(x, exponent);
    // s = (rest - 1) / (rest + 1) as head and tail.
    let above = rest - 1.0;
    let denominator = rest + 1.0;
    let s = above / denominator;
    let s_head = assay_head(s);
    let denominator_head = assay_head(denominator);
    let denominator_tail = rest - (denominator_head - 1.0);
    let s_tail = ((above - s_head * denominator_head) - s_head * denominator_tail) / denominator;
    // log2(rest) = 2 / (3 log(2)) * s * (3 + s^2 + s^4 R(s^2)).
    let z = s * s;
    let square = s_head * s_head;
    let small = z * z * (0x1.33338p-1f + z * (0x1.b67bbap-2f + z * 0x1.67b9cp-2f)) + s_tail * (s_head + s);
    let series = assay_head(3.0 + square + small);
    let series_tail = small - ((series - 3.0) - square);
    let product = s_head * series;
    let product_tail = s_tail * series + series_tail * s;
    let sum = assay_head(product + product_tail);
    let sum_tail = product_tail - (sum - product);
    let high = sum * 0x1.ec6p-1f;
    let low = sum * 0x1.09dc3ap-13f + sum_tail * 0x1.ec709ep-1f;
    let count = f32(exponent);
    let log_head = assay_head((high + low) + count);
    let log_tail = low - ((log_head - count) - high);
    // y * log2(x) as head and tail.
    let y_head = assay_head(y);
    let head = y_head * log_head;
    let tail = (y - y_head) * log_head + y * log_tail;
    let whole = head + tail;
    // 2 to that, as in `assay_exp2`; near the limits the power decides, which is more precise.
    let shifted = whole + assay_ROUNDER;
    let reduced = ((head - (shifted - assay_ROUNDER)) + tail) * 0x1.62e43p-1f;
    let power = bitcast<u32>(1.0 + (reduced + assay_exp_curve(reduced))) + (bitcast<u32>(shifted) << 23u);
    let limited = select(min(power, assay_INFINITY), assay_INFINITY, 128.25 <= whole);
    var result = bitcast<f32>(select(limited, 0u, whole <= -126.25));
    if (!(assay_is_regular(x) & (abs(y) < assay_bits(assay_INFINITY)))) {
        // x or y is 0 or infinite, or there is no result.
        let grows = (1.0 < x) == (0.0 < y);
        result = select(0.0, assay_bits(assay_INFINITY), grows);
        result = select(assay_bits(assay_NAN), result, (0.0 <= x) & (y == y));
        result = select(result, 1.0, (x == 1.0) | (y == 0.0));
    }
    return result;
}

// The upper word of a product, by halves of 16 bits.
fn assay_multiply_high(a: u32, b: u32) -> u32 {
    let a_low = a & 0xffffu;
    let b_low = b & 0xffffu;
    let middle = (a >> 16u) * b_low + ((a_low * b_low) >> 16u);
    let other = a_low * (b >> 16u) + (middle & 0xffffu);
    return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}

// 32 bits of two words, from a bit on, counted from the top.
fn assay_window(first: u32, second: u32, offset: u32) -> u32 {
    return (first << offset) | ((second >> 1u) >> (31u - offset));
}

// `assay_angle` for finite |x| >= 4096: x times 2 / pi in integers of 64 bits, of which the two before the
// point and 62 behind it are kept, from a window of the 96 bits of 2 / pi that matter [Payne].
fn assay_angle_of_large(x: f32) -> vec3<f32> {
    let bits = bitcast<u32>(x);
    let significand = (bits & 0x7fffffu) | 0x800000u;
    let offset = ((bits >> 23u) & 0xffu) - 139u;
    // 2 / pi / 2^13 in binary, moved by 0 to 3 words, then by 0 to 31 bits.
    let two = (offset & 64u) != 0u;
    let a0 = select(0x000517ccu, 0xa94fe13au, two);
    let a1 = select(0x1b727220u, 0xbe8fa9a6u, two);
    let a2 = select(0xa94fe13au, 0xee06db14u, two);
    let a3 = select(0xbe8fa9a6u, 0xacc9e21cu, two);
    let a4 = select(0xee06db14u, 0x820ff28bu, two);
    let one = (offset & 32u) != 0u;
    let b0 = select(a0, a1, one);
    let b1 = select(a1, a2, one);
    let b2 = select(a2, a3, one);
    let b3 = select(a3, a4, one);
    let first = assay_window(b0, b1, offset & 31u);
    let second = assay_window(b1, b2, offset & 31u);
    let third = assay_multiply_high(significand, assay_window(b2, b3, offset & 31u));
    let low = significand * second + third;
    let high = significand * first + assay_multiply_high(significand, second) + select(0u, 1u, low < third);
    // To the nearest integer, and what is left: its sign, and its magnitude with the top bit set.
    let quadrant = (high + 0x20000000u) >> 30u;
    let signed = high - (quadrant << 30u);
    let flip = bitcast<u32>(bitcast<i32>(signed) >> 31u);
    let magnitude = signed ^ flip;
    let zeros = countLeadingZeros(magnitude);
    let fraction = assay_window(magnitude, low ^ flip, zeros);
    // Times pi / 2, in a float of the upper 24 bits and one of the lower 8.
    let angle = assay_multiply_high(fraction, 0xc90fdaa2u);
    let sign = select(1.0, -1.0, x < 0.0);
    let scale = bitcast<f32>((98u - zeros) << 23u) * select(sign, -sign, flip != 0u);
    return vec3<f32>(f32(angle & 0xffffff00u) * scale, f32(angle & 0xffu) * scale, f32(quadrant) * sign);
}

// x less a multiple of pi / 2, in two floats, and the multiple or what is left of it modulo 4. pi / 2 comes
// in four parts, three of 12 bits: products with multiples below 4096 are exact, and the first two
// differences [Cody].
fn assay_angle(x: f32) -> vec3<f32> {
    let count = (x * 0x1.45f306p-1f + assay_ROUNDER) - assay_ROUNDER;
    let coarse = (x - count * 0x1.92p0f) - count * 0x1.fb4p-12f;
    let third = count * 0x1.444p-24f;
    let reduced = coarse - third;
    let tail = ((coarse - reduced) - third) - count * 0x1.68c234p-39f;
    var angle = vec3<f32>(reduced, tail, count);
    let size = bitcast<u32>(x) & 0x7fffffffu;
    // Infinities stay here and become NaN.
    if (size - 0x45c90000u < assay_INFINITY - 0x45c90000u) {
        angle = assay_angle_of_large(x);
    }
    return angle;
}

// sin(x + quarters * pi / 2): by the quadrant, the sine or the cosine of the reduced angle, or its negative.
fn assay_sine(x: f32, quarters: u32) -> f32 {
    let angle = assay_angle(x);
    let quadrant = bitcast<u32>(i32(angle.z)) + quarters;
    let r = angle.x;
    let z = r * r;
    let sine = r + (r * z * (-0x1.555546p-3f + z * (0x1.110774p-7f + z * -0x1.9951fp-13f)) + angle.y);
    let cosine = 1.0 - (0.5 * z - (z * z * (0x1.55554ap-5f + z *
        (-0x1.6c0c28p-10f + z * 0x1.99e80cp-16f)) - r * angle.y));
    let value = select(sine, cosine, (quadrant & 1u) != 0u);
    return select(value, -value, (quadrant & 2u) != 0u);
}

// 1.06 ulp and 1.06 ulp [Cody, Payne].
fn assay_sin(x: f32) -> f32 { return assay_sine(x, 0u); }
fn assay_cos(x: f32) -> f32 { return assay_sine(x, 1u); }

// 1.54 ulp [Cody, Payne], -1 / tan in the odd quadrants.
fn assay_tan(x: f32) -> f32 {
    let angle = assay_angle(x);
    let z = angle.x * angle.x;
    let curve = z * (angle.x * (0x1.55556p-2f + z * (0x1.110d9ap-3f + z * (0x1.badadcp-5f + z *
        (0x1.5cb2cap-6f + z * (0x1.631e06p-7f + z *
            (0x1.629024p-14f + z * 0x1.1f0b4ep-8f)))))) + angle.y) + angle.y;
    let tangent = angle.x + curve;
    // -1 / (tangent + lost), of which the derivative is its square.
    let lost = curve - (tangent - angle.x);
    let inverse = -1.0 / tangent;
    return select(tangent, inverse + inverse * inverse * lost, (i32(angle.z) & 1) != 0);
}

// asin(size) up to 0.5, asin(sqrt((1 - size) / 2)) beyond, as two floats to be added.
fn assay_arcsine(size: f32) -> vec2<f32> {
    let is_large = 0.5 < size;
    let z = select(size * size, 0.5 - 0.5 * size, is_large);
    let base = select(size, sqrt(z), is_large);
    return vec2<f32>(base, base * z * (0x1.5555c8p-3f + z * (0x1.330204p-4f + z * (0x1.747bb8p-5f + z *
        (0x1.8c3e5p-6f + z * 0x1.595c6p-5f)))));
}

// 1.61 ulp. From 0.5 on pi / 2 - 2 asin(sqrt((1 - x) / 2)) [Ng].
fn assay_asin(x: f32) -> f32 {
    let arc = assay_arcsine(abs(x));
    // pi / 2 in two parts: what is between them is small or exact, and asin(1) is the nearest float.
    let small = 2.0 * arc.y + 0x1.dde974p-27f;
    let large = 0x1.14p0f - (small - (0x1.f87ed6p-2f - 2.0 * arc.x));
    return assay_with_sign(select(arc.x + arc.y, large, 0.5 < abs(x)), x);
}

// 1.14 ulp. pi / 2 - asin(x); from 0.5 on 2 asin(sqrt((1 - x) / 2)) [Ng].
fn assay_acos(x: f32) -> f32 {
    let arc = assay_arcsine(abs(x));
    let twice = 2.0 * (arc.x + arc.y);
    let large = select(twice, 0x1.921fb6p1f - (twice + 0x1.777a5cp-24f), x < 0.0);
    let small = 0x1.921fb6p0f - (assay_with_sign(arc.x, x) + (assay_with_sign(arc.y, x) + 0x1.777a5cp-25f));
    return select(small, large, 0.5 < abs(x));
}

// The angle of a point with positive coordinates, but `mirrored` at the axis of y: that of an eighth of the
// circle, by a polynomial of degree 17, and where it is `turned`, what is missing to pi / 2.
fn assay_arctangent(y: f32, x: f32, mirrored: bool) -> f32 {
    let turned = x < y;
    let small = select(y, x, turned);
    let large = select(x, y, turned);
    // 0 of two zeros, 1 of two infinities.
    let equal = select(1.0, 0.0, large == 0.0);
    let ratio = select(small / large, equal, small == large);
    let z = ratio * ratio;
    let curve = ratio * z * (-0x1.5554dcp-2f + z * (0x1.9978ecp-3f + z * (-0x1.230a96p-3f + z *
        (0x1.b4deep-4f + z * (-0x1.35519ep-4f + z * (0x1.61f17ep-5f + z *
            (-0x1.0c1c96p-6f + z * 0x1.7eb2c4p-9f)))))));
    let backwards = turned != mirrored;
    let head = select(ratio, -ratio, backwards);
    let tail = select(curve, -curve, backwards);
    let straight = select(0.0, 0x1.921fb6p1f, mirrored);
    let base = select(straight, 0x1.921fb6p0f, turned);
    // Behind the floats that are nearest to pi and pi / 2 the same bits follow.
    return base + (head + (tail - base * 0x1.de12cap-26f));
}

// 1.46 ulp. From 1 on pi / 2 - atan(1 / x).
fn assay_atan(x: f32) -> f32 { return assay_with_sign(assay_arctangent(abs(x), 1.0, false), x); }

// 1.78 ulp tried. Zeros are positive: pi of 0 and negative numbers, 0 of two zeros.
fn assay_atan2(y: f32, x: f32) -> f32 { return assay_with_sign(assay_arctangent(abs(y), abs(x), x < 0.0), y); }

// 1.62 ulp. (e^x - e^-x) / 2 from 0.9 on, with e^x / 2 where e^x is too great [Cody].
fn assay_sinh(x: f32) -> f32 {
    let size = abs(x);
    let z = x * x;
    let small = size + size * z * (0x1.555578p-3f + z * (0x1.11006ap-7f + z * 0x1.a915ap-13f));
    let half = assay_exp_scaled(size, 1u);
    // Beyond 129 log(2) too great, infinite or NaN.
    let large = select(size * 0x1p127f, half - 0.25 / half, size <= 0x1.65a9f8p6f);
    return assay_with_sign(select(large, small, size < 0.9), x);
}

// 1.44 ulp. (e^x + e^-x) / 2, with e^x / 2 where e^x is too great [Cody].
fn assay_cosh(x: f32) -> f32 {
    let half = assay_exp_scaled(abs(x), 1u);
    return select(abs(x) * 0x1p127f, half + 0.25 / half, abs(x) <= 0x1.65a9f8p6f);
}

// 1.46 ulp. 1 - 2 / (e^2x + 1) from 0.55 on [Cody].
fn assay_tanh(x: f32) -> f32 {
    let size = abs(x);
    let z = x * x;
    let small = size + size * z * (-0x1.555548p-2f + z * (0x1.110c5ep-3f + z * (-0x1.b905c4p-5f + z *
        (0x1.5811f6p-6f + z * -0x1.9454f2p-8f))));
    // From 10 on it rounds to 1.
    let large = 1.0 - 2.0 / (assay_exp_scaled(select(2.0 * size, 20.0, 10.0 < size), 0u) + 1.0);
    return assay_with_sign(select(large, small, size < 0.55), x);
}

// 1.30 ulp. log(1 + x + x^2 / (1 + sqrt(1 + x^2))) [Ng]; log(2 x) for large x.
fn assay_asinh(x: f32) -> f32 {
    let size = abs(x);
    let square = size * size;
    let is_large = 0x1p30f < size;
    let rest = select(square / (1.0 + sqrt(1.0 + square)), 0.0, is_large);
    return assay_with_sign(assay_log_of_one_and(size, rest) + select(0.0, 0x1.62e43p-1f, is_large), x);
}

// 1.74 ulp. With d = x - 1, log(1 + sqrt(2 d + d^2) + d) [Ng]; log(2 x) for large x.
fn assay_acosh(x: f32) -> f32 {
    let d = x - 1.0;
    let is_large = 0x1p30f < x;
    let root = select(sqrt(2.0 * d + d * d), 0.0, is_large);
    let value = assay_log_of_one_and(root, d) + select(0.0, 0x1.62e43p-1f, is_large);
    return select(value, assay_bits(assay_NAN), x < 1.0);
}

// 1.42 ulp. log(1 + 2 x + 2 x^2 / (1 - x)) / 2 [Ng].
fn assay_atanh(x: f32) -> f32 {
    let size = abs(x);
    let double = 2.0 * size;
    let value = 0.5 * assay_log_of_one_and(double, double * size / (1.0 - size));
    return assay_with_sign(select(value, assay_bits(assay_NAN), 1.0 < size), x);
}

// 1.50 ulp. The root rounds, and so does the quotient.
fn assay_inverse_sqrt(x: f32) -> f32 { return 1.0 / sqrt(x); }

// 5.63 ulp tried. WGSL's formula.
fn assay_smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let ratio = (x - low) / (high - low);
    let raised = select(ratio, 0.0, ratio < 0.0);
    let t = select(raised, 1.0, 1.0 < raised);
    return t * t * (3.0 - 2.0 * t);
}

// The bits of the nearest f16, ties to even. Floats have one zero, and so it is the only one here.
fn assay_pack_half(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    let size = bits & 0x7fffffffu;
    // The exponent moves from f32's bias to f16's; the last bit that stays decides ties.
    let normal = ((size - 0x38000000u) + 0xfffu + ((size >> 13u) & 1u)) >> 13u;
    // Below 2^-14 in units of 2^-24, those of floats at 0.5.
    let small = bitcast<u32>(abs(x) + 0.5) - 0x3f000000u;
    let special = select(0x7c00u, 0x7e00u, assay_INFINITY < size);
    let finite = select(normal, small, size < 0x38800000u);
    let half = select(finite, special, 0x477ff000u <= size);
    return select(0u, half | ((bits >> 16u) & 0x8000u), half != 0u);
}

// Exact.
fn assay_unpack_half(bits: u32) -> f32 {
    let size = bits & 0x7fffu;
    let normal = bitcast<f32>((size << 13u) + 0x38000000u);
    let special = bitcast<f32>((size << 13u) | assay_INFINITY);
    let small = f32(size) * 0x1p-24f;
    let value = select(select(normal, small, size < 0x400u), special, 0x7c00u <= size);
    return select(value, -value, (bits & 0x8000u) != 0u);
}

// The nearest number that f16 has, ties to even.
fn assay_quantize_to_f16(x: f32) -> f32 { return assay_unpack_half(assay_pack_half(x)); }
