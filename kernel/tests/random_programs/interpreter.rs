// SPDX-License-Identifier: Apache-2.0
//! Runs syntax trees, as the WGSL specification says and kernels refine it: what is past the end of an
//! array or vector reads as 0 and cannot be written.

use super::{
    arithmetic::{binary, stepped, unary},
    floats,
    syntax::{
        BINARY, BOOLEAN, ELEMENTS, Expression, FIELDS, FLOAT, FLOAT_BINARY, FLOAT_TERNARY,
        FLOAT_UNARY, Head, LOCALS, Program, RECORDS, STEPS, Statement, TABLES, UNARY, VARIABLES,
        WEIGHT, WEIGHTS,
    },
};
use assay_kernel::float::canonical;
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
    weights: [u32; WEIGHTS],
    floats: [u32; 4],
    /// By columns.
    matrix: [[u32; 2]; 2],
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
        variables: [0, 3, 6, 9, 1, 1.5f32.to_bits()],
        elements: [0; ELEMENTS],
        records: [[0; FIELDS]; RECORDS],
        vector: [arguments[0], arguments[1], 7],
        weights: [0; WEIGHTS],
        floats: [
            canonical(arguments[0]),
            canonical(arguments[1]),
            (arguments[0] as f32).to_bits(),
            (-0.25f32).to_bits(),
        ],
        matrix: [
            [1.0f32.to_bits(), 0.5f32.to_bits()],
            [canonical(arguments[0]), (-3.0f32).to_bits()],
        ],
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
                    record[*field] = match *field {
                        WEIGHT => canonical(value),
                        _ => value,
                    };
                }
            }
            Statement::SetWeight(index, value) => {
                let index = self.value(index) as usize;
                let value = canonical(self.value(value));
                if let Some(weight) = self.weights.get_mut(index) {
                    *weight = value;
                }
            }
            Statement::SetFloatComponent(index, value) => {
                let index = self.value(index) as usize;
                let value = canonical(self.value(value));
                if let Some(component) = self.floats.get_mut(index) {
                    *component = value;
                }
            }
            Statement::MixFloats(a, b) => {
                let (a, b) = (canonical(self.value(a)), canonical(self.value(b)));
                self.floats = floats::mixed(self.floats, self.matrix, a, b);
            }
            Statement::MixMatrix(a, b) => {
                let [x, y, ..] = self.floats;
                let columns = [[canonical(self.value(a)), x], [y, canonical(self.value(b))]];
                self.matrix = columns.map(|column| floats::times(self.matrix, column));
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
            FLOAT => canonical(word),
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
            Expression::Weight(index) => {
                let index = self.value(index) as usize;
                self.weights.get(index).copied().unwrap_or(0)
            }
            Expression::FloatComponent(index) => {
                let index = self.value(index) as usize;
                self.floats.get(index).copied().unwrap_or(0)
            }
            Expression::Matrix(column, row) => self.matrix[*column][*row],
            Expression::FloatUnary(function, a) => {
                let a = self.value(a);
                floats::unary(FLOAT_UNARY[*function], a, self.floats)
            }
            Expression::FloatBinary(function, a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                let variable = self.variables[FLOAT];
                floats::binary(FLOAT_BINARY[*function], a, b, variable, self.floats)
            }
            Expression::FloatTernary(function, parts) => {
                let parts = [0, 1, 2].map(|part| self.value(&parts[part]));
                floats::ternary(FLOAT_TERNARY[*function], parts)
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
