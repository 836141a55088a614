// SPDX-License-Identifier: Apache-2.0
//! Operators, conversions, and functions that are a few of them.

use super::{assert_computes, assert_floats, bits, number, run};

#[test]
fn operators_are_rounded_once_and_made_canonical() {
    assert_floats("a + b", |a, b| a + b);
    assert_floats("a - b", |a, b| a - b);
    assert_floats("a * b", |a, b| a * b);
    assert_floats("a / b", |a, b| a / b);
    assert_floats("-a", |a, _| -a);
    assert_floats("abs(a)", |a, _| a.abs());
    assert_floats("sqrt(a)", |a, _| a.sqrt());
}

#[test]
fn nothing_is_fused_or_reordered() {
    let round = |number: f32| f32::from_bits(bits(number));
    assert_floats("a * b + a", |a, b| round(a * b) + a);
    assert_floats("fma(a, b, a)", |a, b| round(a * b) + a);
    assert_floats("b - ((a + b) - a)", |a, b| b - round(round(a + b) - a));
    assert_floats("(a - a) * b", |a, b| round(a - a) * b);
    assert_floats("a / b * b", |a, b| round(a / b) * b);
    assert_floats("a * 0.5 / 0.5", |a, _| round(a * 0.5) / 0.5);
    assert_floats("0.0 - a", |a, _| 0.0 - a);
    assert_floats("1.0 / a", |a, _| 1.0 / a);
    assert_floats("mix(a, b, 0.25)", |a, b| round(a * 0.75) + round(b * 0.25));
}

#[test]
fn division_by_a_power_of_two_is_what_division_is() {
    for divisor in ["4.0", "-0.5", "0x1p126f", "0x1p-125f", "0x1p127f", "3.0"] {
        let value = match divisor {
            "0x1p126f" => 2f32.powi(126),
            "0x1p-125f" => 2f32.powi(-125),
            "0x1p127f" => 2f32.powi(127),
            other => other.parse().expect("a number"),
        };
        assert_floats(&format!("a / {divisor}"), |a, _| a / value);
    }
}

#[test]
fn comparisons_are_false_of_nan() {
    type Comparison = fn(&f32, &f32) -> bool;
    let cases: [(&str, Comparison); 6] = [
        ("a < b", f32::lt),
        ("a <= b", f32::le),
        ("a > b", f32::gt),
        ("a >= b", f32::ge),
        ("a == b", f32::eq),
        ("a != b", f32::ne),
    ];
    for (expression, expected) in cases {
        let body = format!("r = u32({expression});");
        assert_computes(&body, |x, y| u32::from(expected(&number(x), &number(y))));
        let body = format!("if !({expression}) {{ r = 1u; }}");
        assert_computes(&body, |x, y| u32::from(!expected(&number(x), &number(y))));
    }
}

#[test]
fn conversions_are_those_of_wgsl() {
    assert_computes("r = bitcast<u32>(i32(a));", |x, _| {
        (number(x) as i32).min(2_147_483_520).cast_unsigned()
    });
    assert_computes("r = u32(a);", |x, _| (number(x) as u32).min(4_294_967_040));
    assert_computes("r = bitcast<u32>(f32(bitcast<i32>(x)));", |x, _| {
        (x.cast_signed() as f32).to_bits()
    });
    assert_computes("r = bitcast<u32>(f32(x));", |x, _| (x as f32).to_bits());
    assert_computes("r = u32(bool(a));", |x, _| u32::from(number(x) != 0.0));
    assert_computes("r = bitcast<u32>(f32(a < b));", |x, y| {
        f32::from(number(x) < number(y)).to_bits()
    });
    assert_computes("r = bitcast<u32>(a);", |x, _| bits(f32::from_bits(x)));
}

#[test]
fn selections_take_one_of_the_two() {
    assert_floats("min(a, b)", |a, b| if b < a { b } else { a });
    assert_floats("max(a, b)", |a, b| if a < b { b } else { a });
    assert_floats("clamp(a, -1.5, 2.5)", |a, _| {
        if a.is_nan() { a } else { a.clamp(-1.5, 2.5) }
    });
    assert_floats("saturate(a)", |a, _| {
        if a.is_nan() { a } else { a.clamp(0.0, 1.0) }
    });
    assert_floats("sign(a)", |a, _| {
        if a > 0.0 {
            1.0
        } else if a < 0.0 {
            -1.0
        } else {
            0.0
        }
    });
    assert_floats("step(a, b)", |a, b| f32::from(a <= b));
    assert_floats("select(a, b, a < b)", |a, b| if a < b { b } else { a });
    assert_floats("degrees(a)", |a, _| a * f32::from_bits(0x4265_2ee1));
    assert_floats("radians(a)", |a, _| a * (std::f32::consts::PI / 180.0));
}

#[test]
fn integers_that_a_float_cannot_hold_go_to_the_nearest_even() {
    let numbers: Vec<u32> = (0..4_096u32)
        .flat_map(|low| [0x0100_0000 + low, 0xffff_f000 | low, 0x7fff_f000 + low])
        .collect();
    let unsigned = run("", "r = bitcast<u32>(f32(x));", &numbers, &[]);
    let signed = run("", "r = bitcast<u32>(f32(i32(x)));", &numbers, &[]);
    for ((word, unsigned), signed) in numbers.iter().zip(unsigned).zip(signed) {
        assert_eq!(unsigned, (*word as f32).to_bits());
        assert_eq!(signed, (word.cast_signed() as f32).to_bits());
    }
}

#[test]
fn floats_pass_through_variables_arrays_loops_and_structures_unharmed() {
    let functions = "
        struct Body { mass: f32, at: vec2<f32>, count: u32 }
        const TABLE = array(0.5, -0.25, 3.0, 0x1p-126f, 7.0);
        fn grow(p: ptr<function, f32>, by: f32) -> f32 { if by > 1e30 { return *p; } *p += by; return *p * 2.0; }";
    let body = "
        var bodies: array<Body, 3>;
        var sum = 0.0;
        for (var i = 0u; i < 3u; i++) {
            bodies[i].mass = a * f32(i);
            bodies[(i + y) % 3u].at.y = b;
            sum += bodies[i].mass + bodies[i].at.y + TABLE[(x + i) % 5u];
        }
        var t = 0.0;
        for (var h = 1.0; h > 0.1; h *= 0.5) { t += h; }
        let grown = grow(&sum, t);
        r = bitcast<u32>(grown + sum);";
    let (a, b) = super::pairs();
    let results = run(functions, body, &a, &b);
    let table = [0.5f32, -0.25, 3.0, 0.0, 7.0];
    let round = |number: f32| f32::from_bits(bits(number));
    for ((x, y), result) in a.iter().zip(&b).zip(results) {
        let (a, b) = (number(*x), number(*y));
        let mut at = [0.0f32; 3];
        let mut sum = 0.0f32;
        for i in 0..3u32 {
            at[(i.wrapping_add(*y) % 3) as usize] = b;
            let mass = round(a * i as f32);
            let part =
                round(round(mass + at[i as usize]) + table[(x.wrapping_add(i) % 5) as usize]);
            sum = round(sum + part);
        }
        let t = 1.875;
        sum = round(sum + t);
        let expected = bits(round(sum * 2.0) + sum);
        assert_eq!(result, expected, "{x:#x} {y:#x}");
    }
}
