// SPDX-License-Identifier: Apache-2.0
//! Functions of constants: what is known when compiling is what a kernel computes when it runs, to the bit.

use super::run;
use assay_kernel::compiler::{Code, Options, compile};

/// Functions of one argument that the front end would compute by the host's library, each with its arguments: some on
/// which one or another host's library yields other bits than a kernel does.
const FUNCTIONS: [(&str, [&str; 6]); 21] = [
    ("acos", ["0.1", "0.3", "-0.7", "0.9", "-1.0", "0.55"]),
    ("acosh", ["1.1", "2.3", "7.0", "90.5", "1e6", "1.7"]),
    ("asin", ["0.1", "0.3", "-0.7", "0.9", "-1.0", "0.55"]),
    ("asinh", ["0.1", "2.3", "-7.0", "90.5", "1e6", "1.7"]),
    ("atan", ["0.1", "2.3", "-7.0", "90.5", "1e6", "1.7"]),
    ("atanh", ["0.1", "0.3", "-0.7", "0.9", "-0.99", "0.55"]),
    ("cos", ["0.1", "2.3", "-7.0", "90.5", "1e6", "1.7"]),
    ("cosh", ["0.1", "2.3", "-7.0", "30.5", "1e1", "1.7"]),
    ("degrees", ["0.1", "2.3", "-7.0", "90.5", "1e6", "1.0"]),
    ("exp", ["0.1", "2.3", "-7.0", "30.5", "1e1", "1.7"]),
    ("exp2", ["0.1", "2.3", "-7.0", "30.5", "1e1", "1.7"]),
    ("fract", ["0.1", "2.3", "-7.7", "90.3", "1e6", "1.7"]),
    ("inverseSqrt", ["0.1", "2.3", "7.0", "90.5", "1e6", "1.7"]),
    ("log", ["0.1", "2.3", "7.0", "90.5", "1e6", "1.7"]),
    ("log2", ["0.1", "2.3", "7.0", "90.5", "1e6", "1.7"]),
    ("radians", ["0.1", "2.3", "-7.0", "90.5", "1e6", "1.7"]),
    ("sin", ["0.1", "2.3", "-7.0", "90.5", "1e6", "1.7"]),
    ("sinh", ["0.1", "2.3", "-7.0", "30.5", "1e1", "1.7"]),
    ("tan", ["0.1", "2.3", "-7.0", "90.5", "1e6", "1.7"]),
    ("tanh", ["0.1", "2.3", "-7.0", "0.5", "1e1", "1.7"]),
    ("sin", ["3.0", "4.0", "5.0", "6.0", "7.5", "8.25"]),
];

/// Asserts that expressions without and with variables are the same words.
fn assert_same(module: &str, body: &str, pairs: &[(String, String)]) {
    let reads = |expressions: &mut dyn Iterator<Item = &String>| {
        let cases: Vec<String> = expressions
            .enumerate()
            .map(|(case, value)| format!("case {case}: {{ r = bitcast<u32>({value}); }}"))
            .collect();
        format!("{body} switch x {{ {} default: {{}} }}", cases.join("\n"))
    };
    let count = u32::try_from(pairs.len()).expect("few");
    let x: Vec<u32> = (0..count).collect();
    let known = run(
        module,
        &reads(&mut pairs.iter().map(|(known, _)| known)),
        &x,
        &x,
    );
    let computed = run(
        module,
        &reads(&mut pairs.iter().map(|(_, computed)| computed)),
        &x,
        &x,
    );
    for ((pair, known), computed) in pairs.iter().zip(known).zip(computed) {
        assert_eq!(
            known, computed,
            "{}: {known:#x}, {}: {computed:#x}",
            pair.0, pair.1
        );
    }
}

/// An expression that is no constant, of the same value.
fn variable(number: &str) -> String {
    format!("(bitcast<f32>(y - x) + f32({number}))")
}

#[test]
fn functions_of_constants_equal_those_of_variables_when_written_in_a_function() {
    for (name, arguments) in FUNCTIONS {
        let pairs = arguments.map(|number| {
            (
                format!("{name}({number})"),
                format!("{name}({})", variable(number)),
            )
        });
        assert_same("", "", &pairs);
    }
}

#[test]
fn functions_of_constants_equal_those_of_variables_when_the_module_declares_them() {
    for (name, arguments) in FUNCTIONS {
        let module: String = (arguments.iter().enumerate())
            .map(|(index, number)| format!("const C{index} = {name}({number});\n"))
            .collect();
        let pairs: Vec<_> = (arguments.iter().enumerate())
            .map(|(index, number)| (format!("C{index}"), format!("{name}({})", variable(number))))
            .collect();
        assert_same(&module, "", &pairs);
    }
}

#[test]
fn functions_of_two_and_three_constants_equal_those_of_variables() {
    let arguments = ["1.1", "2.3", "0.7", "9.1", "1.0000001", "3.3"];
    let mut pairs = Vec::new();
    for a in arguments {
        for b in arguments {
            for name in ["pow", "atan2"] {
                let with = |a: &str| format!("{name}({a}, {b})");
                pairs.push((with(a), with(&variable(a))));
            }
            let with = |a: &str| format!("fma({a}, {a}, -{b})");
            pairs.push((with(a), with(&variable(a))));
        }
    }
    assert_same("", "", &pairs);
}

#[test]
fn constants_that_depend_on_functions_are_followed_through_every_kind_of_declaration() {
    let module = "
        const LATE = FIRST * 2.0; // sin(1.0)
        const FIRST: f32 = exp(/* log( */ 0.3) + pow(1.5, LOW.x);
        const LOW = vec2(tan(0.4), LOG);
        const LOG = log(3.0);
        override SCALE: f32 = atan2(LOG, 2.0);
        struct Pair { number: f32, flags: vec2<bool>, whole: i32, table: array<u32, 2> }
        const PAIR = Pair(cos(2.0), vec2(LOG > 1.0, false), i32(-exp2(31.0)), array(u32(exp(3.0)), 7u));
        const TURN = mat2x2(cos(0.5), -sin(0.5), sin(0.5), cos(0.5));
        var<private> state: array<f32, 2> = array(acos(-1.0), radians(90.0));
        fn own(x: f32) -> f32 { const HALF = exp(-0.5); const TWICE = 2.0 * HALF; return x * TWICE; }
        const_assert log(3.0) > 1.0;
    ";
    let body = "
        let zero = bitcast<f32>(y - x);
        let log_ = log(zero + 3.0);
        let low = tan(zero + 0.4);
        let first = exp(zero + 0.3) + pow(zero + 1.5, low);
        let pi = acos(zero - 1.0);
        const_assert exp(1.0) > 2.0;
    ";
    let pairs = [
        ("FIRST", "first"),
        ("LATE", "first * 2.0"),
        ("LOW.y", "log_"),
        ("SCALE", "atan2(log_, 2.0)"),
        ("PAIR.number", "cos(zero + 2.0)"),
        ("f32(PAIR.flags.x)", "1.0"),
        ("f32(PAIR.whole)", "f32(i32(-exp2(zero + 31.0)))"),
        ("f32(PAIR.table[0] + PAIR.table[1])", "27.0"),
        ("TURN[0].y", "-sin(zero + 0.5)"),
        ("state[0]", "pi"),
        ("state[1]", "radians(zero + 90.0)"),
        ("own(3.0)", "3.0 * (2.0 * exp(zero - 0.5))"),
        ("sin(cos(1.0))", "sin(cos(zero + 1.0))"),
        ("sin(vec3(LOG)).z", "sin(zero + log_)"),
        ("pow(vec2(2.0, 3.1), vec2(0.5)).y", "pow(zero + 3.1, 0.5)"),
    ];
    let pairs = pairs.map(|(known, computed)| (known.to_owned(), computed.to_owned()));
    assert_same(module, body, &pairs);
}

#[test]
fn degrees_are_scaled_by_the_nearest_float() {
    let bits = run("", "r = bitcast<u32>(degrees(a));", &[0x3f80_0000], &[0]);
    assert_eq!(bits, [0x4265_2ee1]);
}

#[test]
fn a_function_of_the_module_is_called_when_it_has_the_name_of_a_built_in_one() {
    let module = "fn exp(x: f32) -> f32 { return x + 1.0; }";
    let bits = run(module, "r = bitcast<u32>(exp(1.0));", &[0], &[0]);
    assert_eq!(bits, [0x4000_0000]);
}

#[test]
fn diagnostics_point_at_the_source_when_constants_are_replaced() {
    let source = "
const A = exp(1.0); const B = vec2(log(3.0), A);
@group(0) @binding(0) var<storage, read_write> output: array<f32>;
@compute @workgroup_size(64)
fn main() { output[0] = sin(1.0) + cos(2.0) + subgroupAdd(B.x); }
";
    let refused = compile(source, &Options::default()).expect_err("a subgroup");
    let place = refused.list.first().and_then(|found| found.location);
    let place = place.expect("a place");
    assert_eq!((place.line, place.column), (5, 47));
}

#[test]
fn functions_are_refused_where_their_values_cannot_be_replaced() {
    for (source, line) in [
        (
            "@group(0) @binding(0) var<storage, read_write> o: array<f32>;
          @compute @workgroup_size(u32(exp(3.0))) fn main() { o[0] = 1.0; }",
            2,
        ),
        (
            "@group(0) @binding(0) var<storage, read_write> o: array<f32>;
          struct S { @size(u32(exp(3.0))) x: f32 }
          @compute @workgroup_size(1) fn main() { var s: S; o[0] = s.x; }",
            2,
        ),
        (
            "@group(0) @binding(0) var<storage, read_write> o: array<f32>;
          const N = u32(exp(3.0));
          const M = array<f32, N>();
          @compute @workgroup_size(1) fn main() { o[0] = M[N - 1] + f32(N); }",
            2,
        ),
    ] {
        let refused = compile(source, &Options::default()).expect_err("a function of constants");
        let first = refused.list.first().expect("an obstacle");
        assert_eq!(first.code, Code::Unsupported, "{refused}");
        assert_eq!(
            first.location.map(|place| place.line),
            Some(line),
            "{refused}"
        );
    }
}
