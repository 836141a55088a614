// SPDX-License-Identifier: Apache-2.0
//! Runs syntax trees, as the WGSL specification says and kernels refine it: what is past the end of an
//! array or vector reads as 0 and cannot be written.

use super::syntax::{BINARY, ELEMENTS, Expression, Program, Statement, UNARY, VARIABLES};
use std::collections::HashMap;

/// How a statement ends.
enum Flow {
    Next,
    Break,
    Continue,
    Return(u32),
}

struct Frame<'a> {
    program: &'a Program,
    arguments: [u32; 2],
    variables: [u32; VARIABLES],
    elements: [u32; ELEMENTS],
    vector: [u32; 3],
    counters: HashMap<usize, u32>,
}

/// What the last function yields.
pub(crate) fn run(program: &Program, input: u32, lane: u32) -> u32 {
    call(program, program.functions.len() - 1, [input, lane])
}

fn call(program: &Program, function: usize, arguments: [u32; 2]) -> u32 {
    let mut frame = Frame {
        program,
        arguments,
        variables: std::array::from_fn(|number| number as u32 * 3),
        elements: [0; ELEMENTS],
        vector: [arguments[0], arguments[1], 7],
        counters: HashMap::new(),
    };
    let function = &program.functions[function];
    match frame.block(&function.body) {
        Flow::Return(word) => word,
        _ => frame.value(&function.result),
    }
}

impl Frame<'_> {
    fn block(&mut self, statements: &[Statement]) -> Flow {
        for statement in statements {
            match self.statement(statement) {
                Flow::Next => {}
                flow => return flow,
            }
        }
        Flow::Next
    }

    fn statement(&mut self, statement: &Statement) -> Flow {
        match statement {
            Statement::Assign(variable, value) => self.variables[*variable] = self.value(value),
            Statement::SetElement(index, value) => {
                let index = self.value(index) as usize;
                let value = self.value(value);
                if let Some(element) = self.elements.get_mut(index) {
                    *element = value;
                }
            }
            Statement::SetComponent(index, value) => {
                let index = self.value(index) as usize;
                let value = self.value(value);
                if let Some(component) = self.vector.get_mut(index) {
                    *component = value;
                }
            }
            Statement::If(condition, accept, reject) => {
                return match self.value(condition) {
                    0 => self.block(reject),
                    _ => self.block(accept),
                };
            }
            Statement::For(i, start, comparison, end, step, body) => {
                self.counters.insert(*i, *start);
                loop {
                    let (now, end) = (self.counters[i], self.value(end));
                    if ![now < end, now <= end, now > end, now != end][*comparison] {
                        break;
                    }
                    match self.block(body) {
                        Flow::Break => break,
                        Flow::Return(word) => return Flow::Return(word),
                        Flow::Next | Flow::Continue => {}
                    }
                    let next = match comparison {
                        2 => now.wrapping_sub(*step),
                        _ => now.wrapping_add(*step),
                    };
                    self.counters.insert(*i, next);
                }
            }
            Statement::While(i, most, condition, body) => {
                self.counters.insert(*i, 0);
                while self.counters[i] < *most && self.value(condition) != 0 {
                    *self.counters.entry(*i).or_default() += 1;
                    match self.block(body) {
                        Flow::Break => break,
                        Flow::Return(word) => return Flow::Return(word),
                        Flow::Next | Flow::Continue => {}
                    }
                }
            }
            Statement::Loop(i, most, body, continuing, leave) => {
                self.counters.insert(*i, 0);
                while self.counters[i] < *most {
                    *self.counters.entry(*i).or_default() += 1;
                    match self.block(body) {
                        Flow::Break => break,
                        Flow::Return(word) => return Flow::Return(word),
                        Flow::Next | Flow::Continue => {}
                    }
                    self.block(continuing);
                    if self.value(leave) > 4_000_000_000 {
                        break;
                    }
                }
            }
            Statement::Switch(selector, cases, default) => {
                let word = self.value(selector) as usize;
                let here = |number: usize| word == number || word == number + 10;
                let case = (0..cases.len()).find(|number| here(*number));
                let body = case.map_or(default, |number| &cases[number]);
                return match self.block(body) {
                    Flow::Break => Flow::Next,
                    flow => flow,
                };
            }
            Statement::Break => return Flow::Break,
            Statement::Continue => return Flow::Continue,
            Statement::Return(value) => return Flow::Return(self.value(value)),
        }
        Flow::Next
    }

    fn value(&mut self, expression: &Expression) -> u32 {
        match expression {
            Expression::Constant(word) => *word,
            Expression::Argument(number) => self.arguments[*number],
            Expression::Variable(number) => self.variables[*number],
            Expression::Counter(number) => self.counters[number],
            Expression::Element(index) => {
                let index = self.value(index) as usize;
                self.elements.get(index).copied().unwrap_or(0)
            }
            Expression::Component(index) => {
                let index = self.value(index) as usize;
                self.vector.get(index).copied().unwrap_or(0)
            }
            Expression::Unary(function, a) => unary(UNARY[*function], self.value(a)),
            Expression::Binary(function, a, b) => {
                binary(BINARY[*function], self.value(a), self.value(b))
            }
            Expression::Select(condition, a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                if self.value(condition) != 0 { a } else { b }
            }
            Expression::Bits(a, offset, count, signed) => {
                let (a, offset, count) = (self.value(a), self.value(offset), self.value(count));
                let offset = offset.min(32);
                let count = count.min(32 - offset);
                let bits = (u64::from(a) >> offset) & ((1 << count) - 1);
                let negative = *signed && count > 0 && bits >> (count - 1) == 1;
                (if negative {
                    bits | (u64::MAX << count)
                } else {
                    bits
                }) as u32
            }
            Expression::Insert(parts) => {
                let [a, bits, offset, count] = [0, 1, 2, 3].map(|part| self.value(&parts[part]));
                let offset = offset.min(32);
                let count = count.min(32 - offset);
                let mask = ((1u64 << count) - 1) << offset;
                ((u64::from(a) & !mask) | ((u64::from(bits) << offset) & mask)) as u32
            }
            Expression::Call(function, a, b) => {
                let arguments = [self.value(a), self.value(b)];
                call(self.program, *function, arguments)
            }
        }
    }
}

fn unary(function: &str, a: u32) -> u32 {
    match function {
        "~x" => !a,
        "-x" => a.wrapping_neg(),
        "abs" => (a as i32).wrapping_abs() as u32,
        "sign" => (a as i32).signum() as u32,
        "countOneBits" => a.count_ones(),
        "countLeadingZeros" => a.leading_zeros(),
        "countTrailingZeros" => a.trailing_zeros(),
        "reverseBits" => a.reverse_bits(),
        "firstLeadingBit" => a.checked_ilog2().unwrap_or(u32::MAX),
        "firstLeadingBit signed" => {
            let differing = if (a as i32) < 0 { !a } else { a };
            differing.checked_ilog2().unwrap_or(u32::MAX)
        }
        "firstTrailingBit" if a == 0 => u32::MAX,
        "firstTrailingBit" => a.trailing_zeros(),
        "!x" => u32::from(a == 0),
        other => panic!("no function {other}"),
    }
}

fn binary(function: &str, a: u32, b: u32) -> u32 {
    let (x, y) = (a as i32, b as i32);
    match function {
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        "/" => a.checked_div(b).unwrap_or(a),
        "%" => a.checked_rem(b).unwrap_or(0),
        "/s" if b == 0 => a,
        "/s" => x.wrapping_div(y) as u32,
        "%s" if b == 0 => 0,
        "%s" => x.wrapping_rem(y) as u32,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        "<<" => a << (b % 32),
        ">>" => a >> (b % 32),
        ">>s" => (x >> (b % 32)) as u32,
        "==" => u32::from(a == b),
        "!=" => u32::from(a != b),
        "<" => u32::from(a < b),
        "<s" => u32::from(x < y),
        "<=" => u32::from(a <= b),
        ">=s" => u32::from(x >= y),
        "min" => a.min(b),
        "max s" => x.max(y) as u32,
        "&&" => u32::from(a != 0 && b != 0),
        "||" => u32::from(a != 0 || b != 0),
        "dot" => a
            .to_le_bytes()
            .into_iter()
            .zip(b.to_le_bytes())
            .map(|(x, y)| i32::from(x as i8) * i32::from(y as i8))
            .sum::<i32>() as u32,
        other => panic!("no function {other}"),
    }
}
