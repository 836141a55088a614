// SPDX-License-Identifier: Apache-2.0
//! Makes random programs.

use super::syntax::{
    BINARY, Expression, FIELDS, FLOAT, FLOAT_BINARY, FLOAT_TERNARY, FLOAT_UNARY, Function, Head,
    Program, SIGNED, Statement, UNARY, VARIABLES, WEIGHT,
};

/// Floats on which implementations are known to differ, as bits.
pub(crate) const HARD_FLOATS: [u32; 20] = [
    0x8000_0000,
    0x007f_ffff,
    0x0080_0000,
    0x8080_0001,
    0x2000_0000,
    0x3eff_ffff,
    0x3f80_0001,
    0x3fc0_0000,
    0xbf80_0000,
    0x4049_0fdb,
    0xc1bc_0000,
    0x4b00_0001,
    0x4f00_0000,
    0xcf00_0001,
    0x4f7f_ffff,
    0x7f7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffff_ffff,
];

/// The functions of a program.
const FUNCTIONS: usize = 3;

/// A loop around.
#[derive(Clone, Copy, Debug)]
struct Around {
    counter: usize,
    /// Whether it keeps what a variable was at the start of the turn.
    keeps: bool,
}

/// Makes random programs.
#[derive(Debug)]
pub(crate) struct Generator {
    state: u64,
    /// The functions that may be called.
    functions: usize,
    loops: Vec<Around>,
    next_counter: usize,
    in_loop: bool,
    in_switch: bool,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            functions: 0,
            loops: Vec::new(),
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

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn program(mut self) -> Program {
        let functions = (0..FUNCTIONS)
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
        match self.below(22) {
            18..=20 => self.float(depth),
            21 => {
                let function = self.below(FLOAT_BINARY.len());
                let (a, b) = (self.float(depth), self.float(depth));
                Expression::FloatBinary(function, Box::new(a), Box::new(b))
            }
            0..=2 => self.leaf(),
            3 | 4 => Expression::Unary(self.below(UNARY.len()), self.boxed(depth)),
            5..=10 => {
                let operator = self.below(BINARY.len());
                Expression::Binary(operator, self.boxed(depth), self.boxed(depth))
            }
            11 => Expression::Select(self.boxed(depth), self.boxed(depth), self.boxed(depth)),
            12 => Expression::Element(self.boxed(depth)),
            13 => Expression::Component(self.boxed(depth)),
            14 => match self.below(3) {
                0 => {
                    let signed = self.one_in(2);
                    let (a, b, c) = (self.boxed(depth), self.boxed(depth), self.boxed(depth));
                    Expression::Bits(a, b, c, signed)
                }
                1 => {
                    let signed = self.one_in(2);
                    Expression::Clamp(Box::new([0; 3].map(|_| self.expression(depth))), signed)
                }
                _ => Expression::Insert(Box::new([0; 4].map(|_| self.expression(depth)))),
            },
            15 => Expression::Field(self.boxed(depth), self.below(FIELDS)),
            16 => match self.loops.last() {
                Some(around) => Expression::Local(around.counter, self.boxed(depth)),
                None => Expression::Table(self.below(2), self.boxed(depth)),
            },
            _ if self.functions > 0 && self.one_in(2) => {
                let function = self.below(self.functions);
                Expression::Call(function, self.boxed(depth), self.boxed(depth))
            }
            _ => Expression::Table(self.below(2), self.boxed(depth)),
        }
    }

    /// Only the last function has the array of f32, which is a memory of each call, and those are few.
    fn has_weights(&self) -> bool {
        self.functions + 1 == FUNCTIONS
    }

    /// The word of an f32.
    fn float(&mut self, depth: usize) -> Expression {
        let Some(depth) = depth.checked_sub(1) else {
            return match self.below(4) {
                0 => Expression::Variable(FLOAT),
                1 => Expression::Matrix(self.below(2), self.below(2)),
                2 => {
                    Expression::FloatComponent(Box::new(Expression::Constant(self.below(4) as u32)))
                }
                _ => Expression::Constant(HARD_FLOATS[self.below(HARD_FLOATS.len())]),
            };
        };
        match self.below(12) {
            0..=3 => {
                let function = self.below(FLOAT_BINARY.len());
                let (a, b) = (self.float(depth), self.float(depth));
                Expression::FloatBinary(function, Box::new(a), Box::new(b))
            }
            4..=6 => {
                let function = self.below(FLOAT_UNARY.len());
                let a = match FLOAT_UNARY[function].starts_with("from") {
                    true => self.expression(depth),
                    false => self.float(depth),
                };
                Expression::FloatUnary(function, Box::new(a))
            }
            7 => {
                let function = self.below(FLOAT_TERNARY.len());
                let parts = [(); 3].map(|()| self.float(depth));
                Expression::FloatTernary(function, Box::new(parts))
            }
            8 if self.has_weights() => Expression::Weight(self.boxed(depth)),
            9 => Expression::FloatComponent(self.boxed(depth)),
            10 => Expression::Field(self.boxed(depth), WEIGHT),
            _ => self.float(0),
        }
    }

    fn leaf(&mut self) -> Expression {
        match self.below(8) {
            0 | 1 => Expression::Constant(self.constant()),
            2 => Expression::Argument(self.below(2)),
            3 if !self.loops.is_empty() => {
                let around = self.below(self.loops.len());
                let around = self.loops[around];
                match around.keeps && self.one_in(2) {
                    true => Expression::Kept(around.counter),
                    false => Expression::Counter(around.counter),
                }
            }
            _ => Expression::Variable(self.below(VARIABLES)),
        }
    }

    fn statements(&mut self, depth: usize) -> Vec<Statement> {
        let count = 1 + self.below(4);
        (0..count).map(|_| self.statement(depth)).collect()
    }

    fn statement(&mut self, depth: usize) -> Statement {
        let kind = self.below(if depth == 0 { 8 } else { 18 });
        let depth = depth.saturating_sub(1);
        match kind {
            0 | 1 => Statement::Assign(self.below(VARIABLES), self.expression(3)),
            2 => self.change_floats(),
            3 => Statement::SetElement(self.expression(1), self.expression(2)),
            4 => self.change(),
            5 if (self.in_loop || self.in_switch) && self.one_in(2) => self.jump(),
            6 if self.one_in(3) => Statement::Return(self.expression(2)),
            5 | 6 => Statement::Assign(self.below(VARIABLES), self.expression(1)),
            7 => {
                let (to, or) = (self.below(VARIABLES), self.one_in(2));
                let (condition, changed) = (self.expression(2), self.below(SIGNED));
                Statement::Circuit(to, or, condition, changed, self.expression(1))
            }
            8..=11 => {
                let condition = self.expression(3);
                let accept = self.statements(depth);
                let reject = match self.below(2) {
                    0 => Vec::new(),
                    _ => self.statements(depth),
                };
                Statement::If(condition, accept, reject)
            }
            12..=14 => self.counted(depth),
            15 => {
                let most = self.below(5) as u32;
                let condition = self.expression(2);
                let counter = self.open(false);
                Statement::While(counter, most, condition, self.body(depth))
            }
            16 => {
                let most = self.below(5) as u32;
                let counter = self.open(true);
                let inside = (self.in_loop, self.in_switch);
                (self.in_loop, self.in_switch) = (true, false);
                let body = self.statements(depth);
                (self.in_loop, self.in_switch) = (false, false);
                let continuing = vec![
                    Statement::Assign(self.below(VARIABLES), self.expression(2)),
                    Statement::SetElement(self.expression(1), self.expression(1)),
                ];
                let leave = self.expression(2);
                (self.in_loop, self.in_switch) = inside;
                self.loops.pop();
                Statement::Loop(counter, most, body, continuing, leave)
            }
            _ => {
                let (selector, signed) = (self.expression(2), self.one_in(2));
                let before = std::mem::replace(&mut self.in_switch, true);
                let cases = (0..1 + self.below(3)).map(|_| self.statements(depth));
                let cases: Vec<Vec<Statement>> = cases.collect();
                let default = self.statements(depth);
                self.in_switch = before;
                Statement::Switch(selector, signed, cases, default)
            }
        }
    }

    /// Changes something that holds f32.
    fn change_floats(&mut self) -> Statement {
        match self.below(6) {
            0 if self.has_weights() => Statement::SetWeight(self.expression(1), self.float(2)),
            1 => Statement::SetFloatComponent(self.expression(1), self.float(2)),
            2 => Statement::MixFloats(self.float(1), self.float(1)),
            3 => Statement::MixMatrix(self.float(1), self.float(1)),
            4 => Statement::SetField(self.expression(1), WEIGHT, self.float(2)),
            _ => Statement::Assign(FLOAT, self.float(3)),
        }
    }

    /// Changes something that is not a variable.
    fn change(&mut self) -> Statement {
        match (self.below(6), self.loops.last().copied()) {
            (0, _) => {
                let (record, field) = (self.expression(1), self.below(FIELDS));
                Statement::SetField(record, field, self.expression(2))
            }
            (1, _) => Statement::CopyRecord(self.expression(1), self.expression(1)),
            (2, _) => Statement::MixVector(self.expression(1), self.expression(1)),
            (3 | 4, Some(around)) if self.one_in(6) => Statement::Advance(around.counter),
            (3 | 4, Some(around)) => {
                Statement::SetLocal(around.counter, self.expression(1), self.expression(2))
            }
            _ => Statement::SetComponent(self.expression(1), self.expression(2)),
        }
    }

    fn jump(&mut self) -> Statement {
        match self.in_loop && self.one_in(2) {
            true => Statement::Continue,
            false => Statement::Break,
        }
    }

    /// Opens a loop.
    fn open(&mut self, keeps: bool) -> usize {
        let counter = self.next_counter;
        self.next_counter += 1;
        self.loops.push(Around { counter, keeps });
        counter
    }

    /// The body of the loop just opened, which it closes.
    fn body(&mut self, depth: usize) -> Vec<Statement> {
        let before = (self.in_loop, self.in_switch);
        (self.in_loop, self.in_switch) = (true, false);
        let body = self.statements(depth);
        (self.in_loop, self.in_switch) = before;
        self.loops.pop();
        body
    }

    fn counted(&mut self, depth: usize) -> Statement {
        let mut head = match self.below(5) {
            0 => self.scaled(),
            _ => self.stepped(),
        };
        head.counter = self.open(false);
        Statement::For(head, self.body(depth))
    }

    /// A `for` that multiplies or shifts.
    fn scaled(&mut self) -> Head {
        let by = 1 + self.below(4) as u32;
        let (step, start, comparison, end) = match self.below(4) {
            0 => (2, 1 + self.below(4) as u32, self.below(2), self.below(300)),
            1 => (3, 1 + self.below(4) as u32, self.below(2), self.below(300)),
            2 => (3, 1, 3, 0),
            _ => (4, self.below(500) as u32, 2 + self.below(2), 0),
        };
        Head {
            counter: 0,
            signed: self.one_in(3),
            start,
            comparison,
            swapped: self.one_in(2),
            end: Expression::Constant(end as u32),
            step,
            by: if step == 2 { by + 1 } else { by },
        }
    }

    /// A `for` that adds or subtracts.
    fn stepped(&mut self) -> Head {
        let comparison = self.below(5);
        let signed = self.one_in(3);
        let by = 1 + self.below(3) as u32;
        let turns = self.below(6) as u32;
        let near = self.below(20) as u32;
        // Counting down to zero must not wrap, nor must it below.
        let low = match signed {
            true => near.wrapping_sub(10),
            false => near + 3,
        };
        let down = matches!(comparison, 2 | 4) || comparison == 3 && self.one_in(2);
        let high = low.wrapping_add(turns * by);
        let (start, end) = if down { (high, low) } else { (low, high) };
        let end = match (comparison, self.below(2)) {
            // An end that is known only when it runs, but not how far off.
            (0 | 1, 0) => {
                let near = self.near();
                let first = Box::new(Expression::Constant(start));
                Expression::Binary(0, first, Box::new(near))
            }
            _ => Expression::Constant(end),
        };
        Head {
            counter: 0,
            signed,
            start,
            comparison,
            swapped: self.one_in(2),
            end,
            step: usize::from(down),
            by,
        }
    }

    /// A small word that is known only when it runs.
    fn near(&mut self) -> Expression {
        let few = Box::new(Expression::Constant(1 + self.below(8) as u32));
        let any = self.boxed(1);
        let operator = |name| BINARY.iter().position(|other| *other == name).unwrap_or(0);
        match self.below(6) {
            0 => Expression::Binary(operator("min"), any, few),
            1 => Expression::Binary(operator("&"), few, any),
            2 => {
                let shift = Box::new(Expression::Constant(29));
                Expression::Binary(operator(">>"), any, shift)
            }
            3 => {
                let mask = Box::new(Expression::Constant(5));
                let any = Box::new(Expression::Binary(operator("&"), any, mask));
                Expression::Binary(operator("^"), any, few)
            }
            _ => Expression::Binary(operator("%"), any, few),
        }
    }
}
