// SPDX-License-Identifier: Apache-2.0
//! What the functions of f32 yield, as `docs/kernel-spec.md` says: each operation rounded once, and made
//! canonical. Floats are their bits.

use assay_kernel::float::canonical;

const ONE: u32 = 0x3f80_0000;

fn of(result: f32) -> u32 {
    canonical(result.to_bits())
}

fn number(bits: u32) -> f32 {
    f32::from_bits(canonical(bits))
}

fn add(a: u32, b: u32) -> u32 {
    of(number(a) + number(b))
}

fn subtract(a: u32, b: u32) -> u32 {
    of(number(a) - number(b))
}

fn multiply(a: u32, b: u32) -> u32 {
    of(number(a) * number(b))
}

fn min(a: u32, b: u32) -> u32 {
    canonical(if number(b) < number(a) { b } else { a })
}

fn max(a: u32, b: u32) -> u32 {
    canonical(if number(a) < number(b) { b } else { a })
}

fn dot<const COUNT: usize>(a: [u32; COUNT], b: [u32; COUNT]) -> u32 {
    let products = a.into_iter().zip(b).map(|(a, b)| multiply(a, b));
    products.reduce(add).expect("vectors have components")
}

/// A matrix, by columns, times a vector.
pub(super) fn times(matrix: [[u32; 2]; 2], vector: [u32; 2]) -> [u32; 2] {
    [0, 1].map(|row| dot(matrix.map(|column| column[row]), vector))
}

/// What `Statement::MixFloats` makes of a vector.
pub(super) fn mixed(vector: [u32; 4], matrix: [[u32; 2]; 2], a: u32, b: u32) -> [u32; 4] {
    let [x, y, z, w] = vector;
    let [first, second] = times(matrix, [x, y]);
    let [third, fourth] = matrix.map(|column| dot([z, w], column));
    let turned = [w, z, y, x].map(|component| multiply(component, a));
    let mut mixed = [first, second, third, fourth];
    for ((new, turned), old) in mixed.iter_mut().zip(turned).zip(vector) {
        if number(old) >= number(b) || number(old).is_nan() || number(b).is_nan() {
            *new = add(turned, old);
        }
    }
    mixed
}

pub(super) fn unary(function: &str, a: u32, vector: [u32; 4]) -> u32 {
    let x = number(a);
    match function {
        "-" => of(-x),
        "abs" => of(x.abs()),
        "sqrt" => of(x.sqrt()),
        "floor" => of(x.floor()),
        "ceil" => of(x.ceil()),
        "trunc" => of(x.trunc()),
        "round" => of(x.round_ties_even()),
        "fract" => of(x - x.floor()),
        "sign" if x == 0.0 || x.is_nan() => 0,
        "sign" => of(x.signum()),
        "saturate" => min(max(a, 0), ONE),
        "kept" => canonical(a),
        "from u32" => of(a as f32),
        "from i32" => of(a.cast_signed() as f32),
        "from bool" if a == 0 => 0,
        "from bool" => ONE,
        // The greatest numbers of the types that are an f32.
        "to u32" => (x as u32).min(4_294_967_040),
        "to i32" => (x as i32).min(2_147_483_520).cast_unsigned(),
        "to bool" => u32::from(x != 0.0),
        "unorm" => {
            let bytes = a.to_le_bytes().map(|byte| of(f32::from(byte) / 255.0));
            dot(bytes, vector)
        }
        other => panic!("no function {other}"),
    }
}

/// Some functions take more from around them: the variable, the vector.
pub(super) fn binary(function: &str, a: u32, b: u32, variable: u32, vector: [u32; 4]) -> u32 {
    let (x, y) = (number(a), number(b));
    let [first, second, third, fourth] = vector;
    match function {
        "+" => add(a, b),
        "-" => subtract(a, b),
        "*" => multiply(a, b),
        "/" => of(x / y),
        "%" => of(x % y),
        "==" => u32::from(x == y),
        "!=" => u32::from(x != y),
        "<" => u32::from(x < y),
        "<=" => u32::from(x <= y),
        ">" => u32::from(x > y),
        ">=" => u32::from(x >= y),
        "min" => min(a, b),
        "max" => max(a, b),
        "step" => {
            if x <= y {
                ONE
            } else {
                0
            }
        }
        // Exact, and then rounded to what is 0 or infinite.
        "ldexp" => {
            let exponent = b.cast_signed().clamp(-512, 512);
            of((f64::from(x) * 2f64.powi(exponent)) as f32)
        }
        "dot" => dot([a, b, variable], [second, first, fourth]),
        "length" => of(number(dot([a, b], [a, b])).sqrt()),
        "determinant" => subtract(multiply(a, b), multiply(fourth, third)),
        "pack unorm" => u32::from_le_bytes([a, b, first, second].map(|part| {
            let clamped = min(max(part, 0), ONE);
            let scaled = multiply(clamped, 255.0f32.to_bits());
            number(add(scaled, 0.5f32.to_bits())).floor() as u8
        })),
        other => panic!("no function {other}"),
    }
}

pub(super) fn ternary(function: &str, [a, b, c]: [u32; 3]) -> u32 {
    match function {
        "fma" => add(multiply(a, b), c),
        "mix" => add(multiply(a, subtract(ONE, c)), multiply(b, c)),
        "clamp" => min(max(a, b), c),
        "select" => canonical(if number(c) > 0.0 { a } else { b }),
        other => panic!("no function {other}"),
    }
}
