// SPDX-License-Identifier: Apache-2.0
//! Random programs and how they are written in WGSL.

use std::fmt;

/// The mutable variables of a function.
pub(crate) const VARIABLES: usize = 4;

/// The elements of a function's array; a power of two is not needed.
pub(crate) const ELEMENTS: usize = 6;

pub(crate) const UNARY: [&str; 12] = [
    "~x",
    "-x",
    "abs",
    "sign",
    "countOneBits",
    "countLeadingZeros",
    "countTrailingZeros",
    "reverseBits",
    "firstLeadingBit",
    "firstLeadingBit signed",
    "firstTrailingBit",
    "!x",
];

pub(crate) const BINARY: [&str; 24] = [
    "+", "-", "*", "/", "%", "/s", "%s", "&", "|", "^", "<<", ">>", ">>s", "==", "!=", "<", "<s",
    "<=", ">=s", "min", "max s", "&&", "||", "dot",
];

/// An expression of type u32.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    /// A constant that WGSL does not evaluate, but the compiler may.
    Constant(u32),
    Argument(usize),
    Variable(usize),
    /// The counter of a loop around.
    Counter(usize),
    Element(Box<Self>),
    Component(Box<Self>),
    Unary(usize, Box<Self>),
    Binary(usize, Box<Self>, Box<Self>),
    Select(Box<Self>, Box<Self>, Box<Self>),
    /// Extracted bits: value, offset, count, and whether they are signed.
    Bits(Box<Self>, Box<Self>, Box<Self>, bool),
    /// Inserted bits: value, new bits, offset, count.
    Insert(Box<[Self; 4]>),
    Call(usize, Box<Self>, Box<Self>),
}

#[derive(Clone, Debug)]
pub(crate) enum Statement {
    Assign(usize, Expression),
    SetElement(Expression, Expression),
    SetComponent(Expression, Expression),
    If(Expression, Vec<Self>, Vec<Self>),
    /// Counter, start, comparison (0: `<`, 1: `<=`, 2: `>`, 3: `!=`), end, step, body.
    For(usize, u32, usize, Expression, u32, Vec<Self>),
    /// Counter, most turns, condition, body.
    While(usize, u32, Expression, Vec<Self>),
    /// Counter, most turns, body, what runs after each turn, and the condition that then leaves.
    Loop(usize, u32, Vec<Self>, Vec<Self>, Expression),
    Switch(Expression, Vec<Vec<Self>>, Vec<Self>),
    Break,
    Continue,
    Return(Expression),
}

/// A function of two words, with variables, an array and a vector of its own.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) body: Vec<Statement>,
    pub(crate) result: Expression,
}

/// Functions, each of which may call those before it; the last is the kernel.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) functions: Vec<Function>,
}

/// Makes random programs.
#[derive(Debug)]
pub(crate) struct Generator {
    state: u64,
    /// The functions that may be called.
    functions: usize,
    /// The counters of the loops around.
    counters: Vec<usize>,
    next_counter: usize,
    in_loop: bool,
    in_switch: bool,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            functions: 0,
            counters: Vec::new(),
            next_counter: 0,
            in_loop: false,
            in_switch: false,
        }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 33) as usize) % limit
    }

    pub(crate) fn program(mut self) -> Program {
        let functions = (0..3)
            .map(|number| {
                self.functions = number;
                self.next_counter = 0;
                let body = self.statements(3);
                let result = self.expression(3);
                Function { body, result }
            })
            .collect();
        Program { functions }
    }

    fn constant(&mut self) -> u32 {
        match self.below(6) {
            0 => 0,
            1 => u32::MAX,
            2 => 1 << self.below(32),
            3 => self.state as u32,
            _ => self.below(12) as u32,
        }
    }

    fn boxed(&mut self, depth: usize) -> Box<Expression> {
        Box::new(self.expression(depth))
    }

    fn expression(&mut self, depth: usize) -> Expression {
        let Some(depth) = depth.checked_sub(1) else {
            return self.leaf();
        };
        match self.below(16) {
            0..=2 => self.leaf(),
            3 | 4 => Expression::Unary(self.below(UNARY.len()), self.boxed(depth)),
            5..=10 => {
                let operator = self.below(BINARY.len());
                Expression::Binary(operator, self.boxed(depth), self.boxed(depth))
            }
            11 => Expression::Select(self.boxed(depth), self.boxed(depth), self.boxed(depth)),
            12 => Expression::Element(self.boxed(depth)),
            13 => Expression::Component(self.boxed(depth)),
            14 => match self.below(2) {
                0 => {
                    let signed = self.below(2) == 0;
                    let (a, b, c) = (self.boxed(depth), self.boxed(depth), self.boxed(depth));
                    Expression::Bits(a, b, c, signed)
                }
                _ => Expression::Insert(Box::new([0; 4].map(|_| self.expression(depth)))),
            },
            _ if self.functions > 0 && self.below(2) == 0 => {
                let function = self.below(self.functions);
                Expression::Call(function, self.boxed(depth), self.boxed(depth))
            }
            _ => self.leaf(),
        }
    }

    fn leaf(&mut self) -> Expression {
        match self.below(8) {
            0 | 1 => Expression::Constant(self.constant()),
            2 => Expression::Argument(self.below(2)),
            3 if !self.counters.is_empty() => {
                let counter = self.below(self.counters.len());
                Expression::Counter(self.counters[counter])
            }
            _ => Expression::Variable(self.below(VARIABLES)),
        }
    }

    fn statements(&mut self, depth: usize) -> Vec<Statement> {
        let count = 1 + self.below(4);
        (0..count).map(|_| self.statement(depth)).collect()
    }

    fn statement(&mut self, depth: usize) -> Statement {
        let kind = self.below(if depth == 0 { 7 } else { 16 });
        let depth = depth.saturating_sub(1);
        match kind {
            0..=2 => Statement::Assign(self.below(VARIABLES), self.expression(3)),
            3 => Statement::SetElement(self.expression(1), self.expression(2)),
            4 => Statement::SetComponent(self.expression(1), self.expression(2)),
            5 if self.in_loop && self.below(2) == 0 => self.jump(),
            6 if self.below(3) == 0 => Statement::Return(self.expression(2)),
            5 | 6 => Statement::Assign(self.below(VARIABLES), self.expression(1)),
            7..=10 => {
                let condition = self.expression(3);
                let accept = self.statements(depth);
                let reject = match self.below(2) {
                    0 => Vec::new(),
                    _ => self.statements(depth),
                };
                Statement::If(condition, accept, reject)
            }
            11 | 12 => self.counted(depth),
            13 => {
                let most = self.below(5) as u32;
                let condition = self.expression(2);
                let (counter, body) = self.looped(depth);
                Statement::While(counter, most, condition, body)
            }
            14 => {
                let most = self.below(5) as u32;
                let (counter, body) = self.looped(depth);
                let continuing = vec![
                    Statement::Assign(self.below(VARIABLES), self.expression(2)),
                    Statement::SetElement(self.expression(1), self.expression(1)),
                ];
                Statement::Loop(counter, most, body, continuing, self.expression(2))
            }
            _ => {
                let selector = self.expression(2);
                let before = std::mem::replace(&mut self.in_switch, true);
                let cases = (0..1 + self.below(3)).map(|_| self.statements(depth));
                let cases: Vec<Vec<Statement>> = cases.collect();
                let default = self.statements(depth);
                self.in_switch = before;
                Statement::Switch(selector, cases, default)
            }
        }
    }

    fn jump(&mut self) -> Statement {
        match self.below(2) {
            0 => Statement::Continue,
            _ => Statement::Break,
        }
    }

    /// The body of a loop, with the loop's counter.
    fn looped(&mut self, depth: usize) -> (usize, Vec<Statement>) {
        let counter = self.next_counter;
        self.next_counter += 1;
        self.counters.push(counter);
        let before = (self.in_loop, self.in_switch);
        (self.in_loop, self.in_switch) = (true, false);
        let body = self.statements(depth);
        (self.in_loop, self.in_switch) = before;
        self.counters.pop();
        (counter, body)
    }

    fn counted(&mut self, depth: usize) -> Statement {
        let comparison = self.below(4);
        let step = 1 + self.below(3) as u32;
        let turns = self.below(6) as u32;
        let start = self.below(20) as u32;
        let (start, end) = match comparison {
            2 => (start + turns * step, start),
            _ => (start, start + turns * step),
        };
        let end = match (comparison, self.below(3)) {
            // An end that is known only when it runs, but not how far off.
            (0 | 1, 0) => {
                let near = Expression::Binary(4, self.boxed(1), Box::new(Expression::Constant(7)));
                let first = Box::new(Expression::Constant(start));
                Expression::Binary(0, first, Box::new(near))
            }
            _ => Expression::Constant(end),
        };
        let (counter, body) = self.looped(depth);
        Statement::For(counter, start, comparison, end, step, body)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "@group(0) @binding(0) var<storage, read> input: array<u32>;"
        )?;
        writeln!(
            f,
            "@group(0) @binding(1) var<storage, read_write> output: array<u32>;"
        )?;
        for (number, function) in self.functions.iter().enumerate() {
            writeln!(f, "fn f{number}(a0: u32, a1: u32) -> u32 {{")?;
            for constant in 0..VARIABLES {
                writeln!(f, "  var v{constant} = {}u;", constant * 3)?;
            }
            writeln!(f, "  var elements: array<u32, {ELEMENTS}>;")?;
            writeln!(f, "  var vector = vec3<u32>(a0, a1, 7u);")?;
            block(&function.body, f)?;
            writeln!(f, "  return {};\n}}", function.result)?;
        }
        let last = self.functions.len() - 1;
        writeln!(f, "fn word(x: u32) -> u32 {{ return x; }}")?;
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

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assign(variable, value) => writeln!(f, "v{variable} = {value};"),
            Self::SetElement(index, value) => writeln!(f, "elements[{index}] = {value};"),
            Self::SetComponent(index, value) => writeln!(f, "vector[{index}] = {value};"),
            Self::If(condition, accept, reject) => {
                write!(f, "if ({condition}) != 0u {}", Braces(accept))?;
                match reject.is_empty() {
                    true => writeln!(f),
                    false => writeln!(f, " else {}", Braces(reject)),
                }
            }
            Self::For(i, start, comparison, end, step, body) => {
                let comparison_text = ["<", "<=", ">", "!="][*comparison];
                let sign = if *comparison == 2 { "-" } else { "+" };
                writeln!(
                    f,
                    "for (var c{i} = {start}u; c{i} {comparison_text} {end}; c{i} {sign}= {step}u) {}",
                    Braces(body)
                )
            }
            Self::While(i, most, condition, body) => {
                writeln!(
                    f,
                    "{{ var c{i} = 0u; while c{i} < {most}u && ({condition}) != 0u {{ c{i}++;"
                )?;
                block(body, f)?;
                writeln!(f, "}} }}")
            }
            Self::Loop(i, most, body, continuing, leave) => {
                writeln!(
                    f,
                    "{{ var c{i} = 0u; loop {{ if c{i} >= {most}u {{ break; }} c{i}++; let t{i} = v0;"
                )?;
                write!(f, "{{")?;
                block(body, f)?;
                write!(f, "}} continuing {{")?;
                block(continuing, f)?;
                writeln!(f, "break if ({leave}) > 4000000000u; }} }} }}")
            }
            Self::Switch(selector, cases, default) => {
                write!(f, "switch {selector} {{ ")?;
                for (number, case) in cases.iter().enumerate() {
                    write!(f, "case {number}u, {}u {}", number + 10, Braces(case))?;
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
            Self::Variable(number) => write!(f, "v{number}"),
            Self::Counter(number) => write!(f, "c{number}"),
            Self::Element(index) => write!(f, "elements[{index}]"),
            Self::Component(index) => write!(f, "vector[{index}]"),
            Self::Unary(function, a) => match UNARY[*function] {
                "~x" => write!(f, "(~{a})"),
                "-x" => write!(f, "u32(-i32({a}))"),
                "abs" => write!(f, "u32(abs(i32({a})))"),
                "sign" => write!(f, "u32(sign(i32({a})))"),
                "firstLeadingBit signed" => write!(f, "u32(firstLeadingBit(i32({a})))"),
                "!x" => write!(f, "u32(!bool({a}))"),
                name => write!(f, "{name}({a})"),
            },
            Self::Binary(function, a, b) => match BINARY[*function] {
                name @ ("==" | "!=" | "<" | "<=") => write!(f, "u32(({a}) {name} ({b}))"),
                name @ ("&&" | "||") => write!(f, "u32(({a}) != 0u {name} ({b}) != 0u)"),
                "<s" => write!(f, "u32(i32({a}) < i32({b}))"),
                ">=s" => write!(f, "u32(i32({a}) >= i32({b}))"),
                "min" => write!(f, "min({a}, {b})"),
                "max s" => write!(f, "u32(max(i32({a}), i32({b})))"),
                "dot" => write!(f, "u32(dot4I8Packed({a}, {b}))"),
                ">>s" => write!(f, "u32(i32({a}) >> ({b}))"),
                name @ ("/s" | "%s") => write!(f, "u32(i32({a}) {} i32({b}))", &name[..1]),
                name => write!(f, "(({a}) {name} ({b}))"),
            },
            Self::Select(condition, a, b) => write!(f, "select({b}, {a}, bool({condition}))"),
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
