// SPDX-License-Identifier: Apache-2.0
//! Vectors and matrices: expanded from left to right.

use super::{assert_computes, assert_floats, bits, number};

fn round(number: f32) -> f32 {
    f32::from_bits(bits(number))
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let products = a.iter().zip(b).map(|(a, b)| round(a * b));
    products
        .reduce(|sum, product| round(sum + product))
        .expect("components")
}

#[test]
fn sums_run_from_the_first_component_to_the_last() {
    assert_floats("dot(vec3(a, b, 3.0), vec3(b, 2.0, a))", |a, b| {
        dot(&[a, b, 3.0], &[b, 2.0, a])
    });
    assert_floats("length(vec2(a, b))", |a, b| dot(&[a, b], &[a, b]).sqrt());
    assert_floats("distance(vec2(a, 1.0), vec2(b, a))", |a, b| {
        let d = [round(a - b), round(1.0 - a)];
        dot(&d, &d).sqrt()
    });
    assert_floats("normalize(vec3(a, b, 1.0)).y", |a, b| {
        b / round(dot(&[a, b, 1.0], &[a, b, 1.0]).sqrt())
    });
    assert_floats("cross(vec3(a, b, 2.0), vec3(b, 5.0, a)).z", |a, b| {
        round(a * 5.0) - round(b * b)
    });
    assert_floats("reflect(vec2(a, 1.0), vec2(0.6, b)).x", |a, b| {
        a - round(round(2.0 * dot(&[0.6, b], &[a, 1.0])) * 0.6)
    });
}

#[test]
fn matrices_are_columns() {
    // Columns (a, 2), (b, 3), (1, 4).
    let m = "mat3x2(a, 2.0, b, 3.0, 1.0, 4.0)";
    assert_floats(&format!("({m} * vec3(b, a, 5.0)).x"), |a, b| {
        dot(&[a, b, 1.0], &[b, a, 5.0])
    });
    assert_floats(&format!("(vec2(b, a) * {m}).z"), |a, b| {
        dot(&[b, a], &[1.0, 4.0])
    });
    assert_floats(
        &format!("({m} * mat2x3(a, b, 1.0, 2.0, 3.0, 4.0))[1].y"),
        |_, _| dot(&[2.0, 3.0, 4.0], &[2.0, 3.0, 4.0]),
    );
    assert_floats(&format!("({m} * 0.3)[2].y + ({m} + {m})[1].x"), |_, b| {
        round(4.0 * 0.3) + round(b + b)
    });
    assert_floats(&format!("transpose({m})[1].z"), |_, _| 4.0);
    assert_floats("determinant(mat2x2(a, b, 3.0, 5.0))", |a, b| {
        round(a * 5.0) - round(3.0 * b)
    });
    assert_floats(
        "determinant(mat3x3(a, 1.0, 2.0, b, 3.0, 4.0, 5.0, 6.0, 8.0))",
        |a, b| {
            let first = round(a * round(round(3.0 * 8.0) - round(6.0 * 4.0)));
            let second = round(b * round(round(1.0 * 8.0) - round(6.0 * 2.0)));
            let third = round(5.0 * round(round(1.0 * 4.0) - round(3.0 * 2.0)));
            round(first - second) + third
        },
    );
}

#[test]
fn packed_fractions_are_rounded_halves_up() {
    let packed = |fraction: f32, greatest: f32, least: f32| {
        let fraction = if fraction < least || fraction.is_nan() {
            if fraction.is_nan() { fraction } else { least }
        } else {
            fraction.min(1.0)
        };
        (round(round(fraction * greatest) + 0.5).floor() as i32).cast_unsigned()
    };
    assert_computes("r = pack4x8snorm(vec4(a, b, 0.25, -2.0));", |x, y| {
        let of = |number: f32| packed(number, 127.0, -1.0) & 0xff;
        of(number(x)) | of(number(y)) << 8 | of(0.25) << 16 | of(-2.0) << 24
    });
    assert_computes("r = pack2x16unorm(vec2(a, b));", |x, y| {
        let of = |number: f32| packed(number, 65_535.0, 0.0) & 0xffff;
        of(number(x)) | of(number(y)) << 16
    });
    assert_computes("r = bitcast<u32>(unpack4x8snorm(x).z);", |x, _| {
        let byte = ((x >> 16) as u8).cast_signed();
        bits((f32::from(byte) / 127.0).max(-1.0))
    });
    assert_computes("r = bitcast<u32>(unpack2x16unorm(x).y);", |x, _| {
        bits((x >> 16) as f32 / 65_535.0)
    });
}
