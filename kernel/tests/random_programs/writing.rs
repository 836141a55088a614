// SPDX-License-Identifier: Apache-2.0
//! How random programs are written in WGSL.

use super::syntax::{
    BINARY, BOOLEAN, COMPARISONS, ELEMENTS, Expression, FLOAT, FLOAT_BINARY, FLOAT_TERNARY,
    FLOAT_UNARY, LOCALS, Program, RECORDS, SIGNED, STEPS, Statement, TABLES, UNARY, VARIABLES,
    WEIGHT, WEIGHTS,
};
use std::fmt;

const FIELD_NAMES: [&str; 6] = ["first", "pair.x", "pair.y", "rest[0]", "rest[1]", "weight"];

/// What every program has.
const OPENING: &str = "\
@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
struct Record { first: u32, pair: vec2<i32>, rest: array<u32, 2>, weight: f32 }
fn word(x: u32) -> u32 { return x; }
fn bump(p: ptr<function, u32>, by: u32) -> u32 { if by > 100u { return *p; } *p += by; return *p * 3u; }
";

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{OPENING}")?;
        for (number, table) in TABLES.iter().enumerate() {
            let words: Vec<String> = table.iter().map(|word| format!("{word}u")).collect();
            writeln!(f, "const TABLE{number} = array({});", words.join(", "))?;
        }
        for (number, function) in self.functions.iter().enumerate() {
            writeln!(f, "fn f{number}(a0: u32, a1: u32) -> u32 {{")?;
            for variable in 0..VARIABLES {
                let value = match variable {
                    BOOLEAN => "true".to_owned(),
                    SIGNED => format!("{}i", variable * 3),
                    FLOAT => "1.5".to_owned(),
                    _ => format!("{}u", variable * 3),
                };
                writeln!(f, "  var v{variable} = {value};")?;
            }
            writeln!(f, "  var elements: array<u32, {ELEMENTS}>;")?;
            writeln!(f, "  var records: array<Record, {RECORDS}>;")?;
            writeln!(f, "  var vector = vec3<u32>(a0, a1, 7u);")?;
            writeln!(f, "  var weights: array<f32, {WEIGHTS}>;")?;
            writeln!(
                f,
                "  var floats = vec4<f32>(bitcast<f32>(a0), bitcast<f32>(a1), f32(a0), -0.25);"
            )?;
            writeln!(f, "  var matrix = mat2x2<f32>(1.0, 0.5, floats.x, -3.0);")?;
            block(&function.body, f)?;
            writeln!(f, "  return {};\n}}", function.result)?;
        }
        let last = self.functions.len() - 1;
        writeln!(f, "@compute @workgroup_size(64)")?;
        writeln!(
            f,
            "fn main(@builtin(global_invocation_id) id: vec3<u32>) {{"
        )?;
        writeln!(f, "  output[id.x] = f{last}(input[id.x], id.x);\n}}")
    }
}

fn block(statements: &[Statement], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for statement in statements {
        write!(f, "{statement}")?;
        if matches!(
            statement,
            Statement::Break | Statement::Continue | Statement::Return(_)
        ) {
            break;
        }
    }
    Ok(())
}

struct Braces<'a>(&'a [Statement]);

impl fmt::Display for Braces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{{")?;
        block(self.0, f)?;
        write!(f, "}}")
    }
}

/// Sets a variable to a word.
fn assign(variable: usize, word: impl fmt::Display, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match variable {
        BOOLEAN => writeln!(f, "v{variable} = bool({word});"),
        SIGNED => writeln!(f, "v{variable} = i32({word});"),
        FLOAT => writeln!(f, "v{variable} = bitcast<f32>({word});"),
        _ => writeln!(f, "v{variable} = {word};"),
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assign(variable, value) => assign(*variable, value, f),
            Self::SetElement(index, value) => writeln!(f, "elements[{index}] = {value};"),
            Self::SetComponent(index, value) => writeln!(f, "vector[{index}] = {value};"),
            Self::SetWeight(index, value) => {
                writeln!(f, "weights[{index}] = bitcast<f32>({value});")
            }
            Self::SetFloatComponent(index, value) => {
                writeln!(f, "floats[{index}] = bitcast<f32>({value});")
            }
            Self::MixFloats(a, b) => writeln!(
                f,
                "floats = select(floats.wzyx * bitcast<f32>({a}) + floats, \
                 vec4<f32>(matrix * floats.xy, floats.zw * matrix), floats < vec4<f32>(bitcast<f32>({b})));"
            ),
            Self::MixMatrix(a, b) => writeln!(
                f,
                "matrix = matrix * mat2x2<f32>(bitcast<f32>({a}), floats.x, floats.y, bitcast<f32>({b}));"
            ),
            Self::SetField(index, field, value) => {
                let name = FIELD_NAMES[*field];
                match (name.starts_with("pair"), *field) {
                    (true, _) => writeln!(f, "records[{index}].{name} = i32({value});"),
                    (_, WEIGHT) => writeln!(f, "records[{index}].{name} = bitcast<f32>({value});"),
                    _ => writeln!(f, "records[{index}].{name} = {value};"),
                }
            }
            Self::CopyRecord(to, from) => writeln!(f, "records[{to}] = records[{from}];"),
            Self::SetLocal(i, index, value) => writeln!(f, "r{i}[{index}] = {value};"),
            Self::MixVector(a, b) => writeln!(
                f,
                "vector = select(vector.zxy + vec3<u32>({a}), vector * 3u, vector < vec3<u32>({b}));"
            ),
            Self::Advance(i) => writeln!(f, "c{i}++;"),
            Self::Circuit(variable, or, condition, changed, by) => {
                let operator = if *or { "||" } else { "&&" };
                let word =
                    format!("u32(({condition}) != 0u {operator} bump(&v{changed}, {by}) > 7u)");
                assign(*variable, word, f)
            }
            Self::If(condition, accept, reject) => {
                write!(f, "if ({condition}) != 0u {}", Braces(accept))?;
                match reject.is_empty() {
                    true => writeln!(f),
                    false => writeln!(f, " else {}", Braces(reject)),
                }
            }
            Self::For(head, body) => {
                let i = head.counter;
                let [plain, swapped] = COMPARISONS[head.comparison];
                let (start, end) = match head.signed {
                    true => (
                        format!("{}i", head.start as i32),
                        format!("i32({})", head.end),
                    ),
                    false => (format!("{}u", head.start), head.end.to_string()),
                };
                let test = match head.swapped {
                    true => format!("{end} {swapped} c{i}"),
                    false => format!("c{i} {plain} {end}"),
                };
                let suffix = if head.signed && head.step < 3 {
                    "i"
                } else {
                    "u"
                };
                let (step, by) = (STEPS[head.step], head.by);
                writeln!(
                    f,
                    "for (var c{i} = {start}; {test}; c{i} {step} {by}{suffix}) {{"
                )?;
                writeln!(f, "var r{i}: array<u32, {LOCALS}>;")?;
                block(body, f)?;
                writeln!(f, "}}")
            }
            Self::While(i, most, condition, body) => {
                writeln!(
                    f,
                    "{{ var c{i} = 0u; while c{i} < {most}u && ({condition}) != 0u {{ c{i}++;"
                )?;
                writeln!(f, "var r{i}: array<u32, {LOCALS}>;")?;
                block(body, f)?;
                writeln!(f, "}} }}")
            }
            Self::Loop(i, most, body, continuing, leave) => {
                writeln!(
                    f,
                    "{{ var c{i} = 0u; loop {{ if c{i} >= {most}u {{ break; }} c{i}++; let t{i} = v0 + 1u;"
                )?;
                writeln!(f, "var r{i}: array<u32, {LOCALS}>;\n{{")?;
                block(body, f)?;
                write!(f, "}} continuing {{")?;
                block(continuing, f)?;
                writeln!(f, "break if ({leave}) > 4000000000u; }} }} }}")
            }
            Self::Switch(selector, signed, cases, default) => {
                match signed {
                    true => write!(f, "switch i32({selector}) {{ ")?,
                    false => write!(f, "switch {selector} {{ ")?,
                }
                for (number, case) in cases.iter().enumerate() {
                    let other = number + 10;
                    match signed {
                        true => write!(f, "case {number}i, -{other}i {}", Braces(case))?,
                        false => write!(f, "case {number}u, {other}u {}", Braces(case))?,
                    }
                }
                writeln!(f, "default {} }}", Braces(default))
            }
            Self::Break => writeln!(f, "break;"),
            Self::Continue => writeln!(f, "continue;"),
            Self::Return(value) => writeln!(f, "return {value};"),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(word) => write!(f, "word({word}u)"),
            Self::Argument(number) => write!(f, "a{number}"),
            Self::Variable(number @ (SIGNED | BOOLEAN)) => write!(f, "u32(v{number})"),
            Self::Variable(FLOAT) => write!(f, "bitcast<u32>(v{FLOAT})"),
            Self::Variable(number) => write!(f, "v{number}"),
            Self::Weight(index) => write!(f, "bitcast<u32>(weights[{index}])"),
            Self::FloatComponent(index) => write!(f, "bitcast<u32>(floats[{index}])"),
            Self::Matrix(column, row) => write!(f, "bitcast<u32>(matrix[{column}][{row}])"),
            Self::FloatUnary(function, a) => match FLOAT_UNARY[*function] {
                "-" => write!(f, "bitcast<u32>(-bitcast<f32>({a}))"),
                "kept" => write!(f, "bitcast<u32>(bitcast<f32>({a}))"),
                "from u32" => write!(f, "bitcast<u32>(f32({a}))"),
                "from i32" => write!(f, "bitcast<u32>(f32(i32({a})))"),
                "from bool" => write!(f, "bitcast<u32>(f32(bool({a})))"),
                "to u32" => write!(f, "u32(bitcast<f32>({a}))"),
                "to i32" => write!(f, "u32(i32(bitcast<f32>({a})))"),
                "to bool" => write!(f, "u32(bool(bitcast<f32>({a})))"),
                "unorm" => write!(f, "bitcast<u32>(dot(unpack4x8unorm({a}), floats))"),
                name => write!(f, "bitcast<u32>({name}(bitcast<f32>({a})))"),
            },
            Self::FloatBinary(function, a, b) => {
                let (x, y) = (format!("bitcast<f32>({a})"), format!("bitcast<f32>({b})"));
                match FLOAT_BINARY[*function] {
                    name @ ("+" | "-" | "*" | "/" | "%") => {
                        write!(f, "bitcast<u32>({x} {name} {y})")
                    }
                    name @ ("min" | "max" | "step") => write!(f, "bitcast<u32>({name}({x}, {y}))"),
                    "ldexp" => write!(f, "bitcast<u32>(ldexp({x}, i32({b})))"),
                    "dot" => {
                        write!(
                            f,
                            "bitcast<u32>(dot(vec3<f32>({x}, {y}, v{FLOAT}), floats.yxw))"
                        )
                    }
                    "length" => write!(f, "bitcast<u32>(length(vec2<f32>({x}, {y})))"),
                    "determinant" => {
                        write!(
                            f,
                            "bitcast<u32>(determinant(mat2x2<f32>({x}, floats.z, floats.w, {y})))"
                        )
                    }
                    "pack unorm" => write!(f, "pack4x8unorm(vec4<f32>({x}, {y}, floats.xy))"),
                    name => write!(f, "u32({x} {name} {y})"),
                }
            }
            Self::FloatTernary(function, parts) => {
                let [a, b, c] = &**parts;
                let floats = [a, b, c].map(|part| format!("bitcast<f32>({part})"));
                let [x, y, z] = floats;
                match FLOAT_TERNARY[*function] {
                    "select" => write!(f, "bitcast<u32>(select({y}, {x}, {z} > 0.0))"),
                    name => write!(f, "bitcast<u32>({name}({x}, {y}, {z}))"),
                }
            }
            // Some counters are signed.
            Self::Counter(number) => write!(f, "u32(c{number})"),
            Self::Kept(number) => write!(f, "t{number}"),
            Self::Element(index) => write!(f, "elements[{index}]"),
            Self::Component(index) => write!(f, "vector[{index}]"),
            Self::Field(index, WEIGHT) => write!(f, "bitcast<u32>(records[{index}].weight)"),
            Self::Field(index, field) => write!(f, "u32(records[{index}].{})", FIELD_NAMES[*field]),
            Self::Local(number, index) => write!(f, "r{number}[{index}]"),
            Self::Table(number, index) => write!(f, "TABLE{number}[{index}]"),
            Self::Unary(function, a) => match UNARY[*function] {
                "~x" => write!(f, "(~{a})"),
                "-x" => write!(f, "u32(-i32({a}))"),
                "abs" => write!(f, "u32(abs(i32({a})))"),
                "sign" => write!(f, "u32(sign(i32({a})))"),
                "firstLeadingBit signed" => write!(f, "u32(firstLeadingBit(i32({a})))"),
                "!x" => write!(f, "u32(!bool({a}))"),
                "widened" => write!(f, "dot(unpack4xU8({a}), vec4<u32>(1u, 300u, 70000u, 5u))"),
                "widened signed" => {
                    write!(f, "u32(dot(unpack4xI8({a}), vec4<i32>(1, -3, 700, 5)))")
                }
                "packed" => write!(
                    f,
                    "pack4xU8(vec4<u32>(({a})) >> vec4<u32>(0u, 5u, 9u, 31u))"
                ),
                "packed signed" => {
                    write!(
                        f,
                        "pack4xI8Clamp(vec4<i32>(i32({a})) / vec4<i32>(1, 7, 1 << 20, -1 << 25))"
                    )
                }
                name => write!(f, "{name}({a})"),
            },
            Self::Binary(function, a, b) => match BINARY[*function] {
                name @ ("==" | "!=" | "<" | "<=" | ">" | ">=") => {
                    write!(f, "u32(({a}) {name} ({b}))")
                }
                name @ ("&&" | "||") => write!(f, "u32(({a}) != 0u {name} ({b}) != 0u)"),
                "<s" => write!(f, "u32(i32({a}) < i32({b}))"),
                ">s" => write!(f, "u32(i32({a}) > i32({b}))"),
                "<=s" => write!(f, "u32(i32({a}) <= i32({b}))"),
                ">=s" => write!(f, "u32(i32({a}) >= i32({b}))"),
                name @ ("min" | "max") => write!(f, "{name}({a}, {b})"),
                name @ ("min s" | "max s") => write!(f, "u32({}(i32({a}), i32({b})))", &name[..3]),
                "dot" => write!(f, "u32(dot4I8Packed({a}, {b}))"),
                "dot u" => write!(f, "dot4U8Packed({a}, {b})"),
                "dot vectors" => write!(f, "dot(vec3<u32>({a}, {b}, 3u), vector.yxz)"),
                "all" => write!(
                    f,
                    "u32(all((vec3<u32>({a}) >= vector) | (vec3<u32>({b}) == vector)))"
                ),
                ">>s" => write!(f, "u32(i32({a}) >> ({b}))"),
                name @ ("/s" | "%s") => write!(f, "u32(i32({a}) {} i32({b}))", &name[..1]),
                name => write!(f, "(({a}) {name} ({b}))"),
            },
            Self::Select(condition, a, b) => write!(f, "select({b}, {a}, bool({condition}))"),
            Self::Clamp(parts, signed) => {
                let [a, low, high] = &**parts;
                match signed {
                    true => write!(f, "u32(clamp(i32({a}), i32({low}), i32({high})))"),
                    false => write!(f, "clamp({a}, {low}, {high})"),
                }
            }
            Self::Bits(a, offset, count, false) => write!(f, "extractBits({a}, {offset}, {count})"),
            Self::Bits(a, offset, count, true) => {
                write!(f, "u32(extractBits(i32({a}), {offset}, {count}))")
            }
            Self::Insert(parts) => {
                let [a, bits, offset, count] = &**parts;
                write!(f, "insertBits({a}, {bits}, {offset}, {count})")
            }
            Self::Call(function, a, b) => write!(f, "f{function}({a}, {b})"),
        }
    }
}
