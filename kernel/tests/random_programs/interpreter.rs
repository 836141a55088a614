// SPDX-License-Identifier: Apache-2.0
//! Runs syntax trees, as the WGSL specification says and kernels refine it: what is past the end of an
//! array or vector reads as 0 and cannot be written.

use super::syntax::{
    BINARY, BOOLEAN, ELEMENTS, Expression, FIELDS, Head, LOCALS, Program, RECORDS, STEPS,
    Statement, TABLES, UNARY, VARIABLES,
};
use std::{cell::Cell, collections::HashMap};

/// The most statements that one invocation may run.
const MOST_STATEMENTS: u32 = 50_000;

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
    records: [[u32; FIELDS]; RECORDS],
    vector: [u32; 3],
    counters: HashMap<usize, u32>,
    kept: HashMap<usize, u32>,
    locals: HashMap<usize, [u32; LOCALS]>,
    /// The statements that may still run.
    left: &'a Cell<u32>,
}

/// What the last function yields. `None` when it runs for too long.
pub(crate) fn run(program: &Program, input: u32, lane: u32) -> Option<u32> {
    let left = Cell::new(MOST_STATEMENTS);
    let word = call(program, program.functions.len() - 1, [input, lane], &left);
    (left.get() > 0).then_some(word)
}

fn call(program: &Program, function: usize, arguments: [u32; 2], left: &Cell<u32>) -> u32 {
    let mut frame = Frame {
        program,
        arguments,
        variables: [0, 3, 6, 9, 1],
        elements: [0; ELEMENTS],
        records: [[0; FIELDS]; RECORDS],
        vector: [arguments[0], arguments[1], 7],
        counters: HashMap::new(),
        kept: HashMap::new(),
        locals: HashMap::new(),
        left,
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
        let Some(left) = self.left.get().checked_sub(1) else {
            return Flow::Return(0);
        };
        self.left.set(left);
        match statement {
            Statement::Assign(variable, value) => {
                let value = self.value(value);
                self.assign(*variable, value);
            }
            Statement::SetField(index, field, value) => {
                let index = self.value(index) as usize;
                let value = self.value(value);
                if let Some(record) = self.records.get_mut(index) {
                    record[*field] = value;
                }
            }
            Statement::CopyRecord(to, from) => {
                let to = self.value(to) as usize;
                let from = self.value(from) as usize;
                let record = self.records.get(from).copied().unwrap_or_default();
                if let Some(place) = self.records.get_mut(to) {
                    *place = record;
                }
            }
            Statement::SetLocal(i, index, value) => {
                let index = self.value(index) as usize;
                let value = self.value(value);
                let local = self.locals.get_mut(i).expect("the loop is around");
                if let Some(element) = local.get_mut(index) {
                    *element = value;
                }
            }
            Statement::MixVector(a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                let [x, y, z] = self.vector;
                self.vector = [(x, z), (y, x), (z, y)].map(|(old, other)| match old < b {
                    true => old.wrapping_mul(3),
                    false => other.wrapping_add(a),
                });
            }
            Statement::Advance(i) => {
                let counter = self.counters.entry(*i).or_default();
                *counter = counter.wrapping_add(1);
            }
            Statement::Circuit(variable, or, condition, changed, by) => {
                let mut holds = self.value(condition) != 0;
                if holds != *or {
                    let by = self.value(by);
                    let mut word = self.variables[*changed];
                    if by <= 100 {
                        word = word.wrapping_add(by);
                        self.variables[*changed] = word;
                        word = word.wrapping_mul(3);
                    }
                    holds = word > 7;
                }
                self.assign(*variable, u32::from(holds));
            }
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
            Statement::For(head, body) => {
                self.counters.insert(head.counter, head.start);
                while self.goes_on(head) {
                    match self.turn(head.counter, body) {
                        Flow::Break => break,
                        Flow::Return(word) => return Flow::Return(word),
                        Flow::Next | Flow::Continue => {}
                    }
                    let counter = self.counters.entry(head.counter).or_default();
                    *counter = stepped(STEPS[head.step], *counter, head.by);
                }
            }
            Statement::While(i, most, condition, body) => {
                self.counters.insert(*i, 0);
                while self.counters[i] < *most && self.value(condition) != 0 {
                    *self.counters.entry(*i).or_default() += 1;
                    match self.turn(*i, body) {
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
                    self.kept.insert(*i, self.variables[0].wrapping_add(1));
                    match self.turn(*i, body) {
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
            Statement::Switch(selector, signed, cases, default) => {
                let word = self.value(selector);
                let here = |number: usize| {
                    let (first, second) = (number as u32, number as u32 + 10);
                    word == first
                        || word
                            == if *signed {
                                second.wrapping_neg()
                            } else {
                                second
                            }
                };
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

    fn assign(&mut self, variable: usize, word: u32) {
        self.variables[variable] = match variable {
            BOOLEAN => u32::from(word != 0),
            _ => word,
        };
    }

    /// Whether a `for` has another turn.
    fn goes_on(&mut self, head: &Head) -> bool {
        let end = self.value(&head.end);
        let mut sides = [self.counters[&head.counter], end];
        if head.signed {
            // The order of i32 is that of u32 from the other end.
            sides = sides.map(|side| side ^ 1 << 31);
        }
        let [now, end] = sides;
        [now < end, now <= end, now > end, now != end, now >= end][head.comparison]
    }

    /// Runs the body of a loop once.
    fn turn(&mut self, counter: usize, body: &[Statement]) -> Flow {
        self.locals.insert(counter, [0; LOCALS]);
        // A loop without statements must end too.
        self.left.set(self.left.get().saturating_sub(1));
        match self.left.get() {
            0 => Flow::Return(0),
            _ => self.block(body),
        }
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
            Expression::Kept(number) => self.kept[number],
            Expression::Field(index, field) => {
                let index = self.value(index) as usize;
                self.records.get(index).map_or(0, |record| record[*field])
            }
            Expression::Local(number, index) => {
                let index = self.value(index) as usize;
                self.locals[number].get(index).copied().unwrap_or(0)
            }
            Expression::Table(number, index) => {
                let index = self.value(index) as usize;
                TABLES[*number].get(index).copied().unwrap_or(0)
            }
            Expression::Component(index) => {
                let index = self.value(index) as usize;
                self.vector.get(index).copied().unwrap_or(0)
            }
            Expression::Unary(function, a) => unary(UNARY[*function], self.value(a)),
            Expression::Binary(function, a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                let [x, y, z] = self.vector;
                match BINARY[*function] {
                    "dot vectors" => (a.wrapping_mul(y))
                        .wrapping_add(b.wrapping_mul(x))
                        .wrapping_add(z.wrapping_mul(3)),
                    "all" => u32::from(self.vector.iter().all(|word| a >= *word || b == *word)),
                    name => binary(name, a, b),
                }
            }
            Expression::Select(condition, a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                if self.value(condition) != 0 { a } else { b }
            }
            Expression::Clamp(parts, signed) => {
                let [a, low, high] = [0, 1, 2].map(|part| self.value(&parts[part]));
                match signed {
                    true => (a as i32).max(low as i32).min(high as i32) as u32,
                    false => a.max(low).min(high),
                }
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
                call(self.program, *function, arguments, self.left)
            }
        }
    }
}

/// The counter of a `for` after a turn.
fn stepped(step: &str, counter: u32, by: u32) -> u32 {
    match step {
        "+=" => counter.wrapping_add(by),
        "-=" => counter.wrapping_sub(by),
        "*=" => counter.wrapping_mul(by),
        "<<=" => counter << by,
        ">>=" => counter >> by,
        other => panic!("no step {other}"),
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
        "widened" => weighed(a.to_le_bytes().map(u32::from), [1, 300, 70_000, 5]),
        "widened signed" => {
            let bytes = a.to_le_bytes().map(|byte| i32::from(byte as i8) as u32);
            weighed(bytes, [1, 3u32.wrapping_neg(), 700, 5])
        }
        "packed" => u32::from_le_bytes([0, 5, 9, 31].map(|shift| (a >> shift) as u8)),
        "packed signed" => {
            let quotients = [1, 7, 1 << 20, -1 << 25].map(|by| (a as i32).wrapping_div(by));
            u32::from_le_bytes(quotients.map(|word| word.clamp(-128, 127) as u8))
        }
        other => panic!("no function {other}"),
    }
}

fn weighed(words: [u32; 4], weights: [u32; 4]) -> u32 {
    (words.into_iter().zip(weights)).fold(0, |sum, (word, weight)| {
        sum.wrapping_add(word.wrapping_mul(weight))
    })
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
        ">" => u32::from(a > b),
        ">=" => u32::from(a >= b),
        "<=s" => u32::from(x <= y),
        ">s" => u32::from(x > y),
        "max" => a.max(b),
        "min s" => x.min(y) as u32,
        "dot u" => (a.to_le_bytes().into_iter().zip(b.to_le_bytes()))
            .map(|(x, y)| u32::from(x) * u32::from(y))
            .sum(),
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
