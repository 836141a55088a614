// SPDX-License-Identifier: Apache-2.0
//! Finds which values, variables and loops are uniform, by the validator's rules.
//!
//! Everything is taken for uniform at first; what breaks a rule is declared varying, until nothing does.

use super::ir::{Instruction, Node, Program, Slot};
use crate::program::{Builtin, LoopKind, Memory};
use naga::Span;

/// What is known of a program's uniformity.
#[derive(Debug)]
pub(super) struct Uniformity {
    /// Whether a slot is uniform.
    pub(super) slots: Vec<bool>,
    /// Of the `Repeat`s and `Loop`s in the order of the program.
    pub(super) loops: Vec<LoopKind>,
    /// The barriers that not all invocations are certain to reach together.
    pub(super) divided_barriers: Vec<Span>,
}

/// Infers the most that can be proven.
pub(super) fn infer(program: &Program) -> Uniformity {
    let mut found = Uniformity {
        slots: vec![true; program.slots.len()],
        loops: Vec::new(),
        divided_barriers: Vec::new(),
    };
    loop {
        let mut pass = Pass {
            program,
            values: vec![false; program.instructions.len()],
            found,
            next_loop: 0,
            frames: vec![Frame {
                kind: Kind::Kernel,
                uniform: true,
            }],
            changed: false,
        };
        pass.found.divided_barriers.clear();
        pass.nodes(&program.nodes);
        found = pass.found;
        if !pass.changed {
            return found;
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Kernel,
    Arm,
    Block,
    /// With its number.
    Loop(usize),
}

struct Frame {
    kind: Kind,
    uniform: bool,
}

struct Pass<'a> {
    program: &'a Program,
    /// Whether a value is uniform.
    values: Vec<bool>,
    found: Uniformity,
    next_loop: usize,
    frames: Vec<Frame>,
    changed: bool,
}

impl Pass<'_> {
    fn together(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.uniform)
    }

    fn inside(&mut self, kind: Kind, uniform: bool, nodes: &[Node]) {
        self.frames.push(Frame { kind, uniform });
        self.nodes(nodes);
        self.frames.pop();
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Define(value) => {
                self.values[value.0] = self.is_uniform(self.program.instructions[value.0]);
            }
            Node::Set(slot, value) => {
                if !self.values[value.0] || !self.together() {
                    self.divide_slot(*slot);
                }
            }
            Node::Store(..) | Node::Atomic(..) => {}
            Node::Barrier(span) => {
                if !self.together() {
                    self.found.divided_barriers.push(*span);
                }
            }
            Node::If(condition, accept, reject) => {
                let condition = self.values[condition.0];
                self.inside(Kind::Arm, self.together() && condition, accept);
                self.inside(Kind::Arm, self.together() && condition, reject);
            }
            Node::Block(body) => self.inside(Kind::Block, self.together(), body),
            Node::Repeat(_, turn, body) => {
                let number = self.enter_loop();
                self.values[turn.0] = self.is_uniform_loop(number);
                self.inside(Kind::Loop(number), self.is_uniform_loop(number), body);
            }
            Node::Loop(body, continuing, exit) => {
                let number = self.enter_loop();
                self.inside(Kind::Loop(number), self.is_uniform_loop(number), body);
                let uniform = self.is_uniform_loop(number);
                self.frames.push(Frame {
                    kind: Kind::Loop(number),
                    uniform,
                });
                self.nodes(continuing);
                if let Some(condition) = exit
                    && !(self.together() && self.values[condition.0])
                {
                    self.divide_loop(number);
                }
                self.frames.pop();
            }
            Node::Break => self.leave(|kind| matches!(kind, Kind::Block | Kind::Loop(_))),
            Node::Continue => self.leave(|kind| matches!(kind, Kind::Loop(_))),
            Node::Return => {
                if !self.together() {
                    for index in 0..self.frames.len() {
                        self.frames[index].uniform = false;
                        if let Kind::Loop(number) = self.frames[index].kind {
                            self.divide_loop(number);
                        }
                    }
                }
            }
        }
    }

    fn is_uniform(&self, instruction: Instruction) -> bool {
        match instruction {
            Instruction::Builtin(builtin) => !matches!(
                builtin,
                Builtin::LocalX | Builtin::LocalY | Builtin::LocalZ | Builtin::LocalIndex
            ),
            Instruction::Get(slot) => self.found.slots[slot.0],
            Instruction::Load(memory, address) => {
                self.values[address.0]
                    && matches!(
                        self.program.memories[memory],
                        Memory::Input | Memory::Parameters(_)
                    )
            }
            other => other.operands().all(|operand| self.values[operand.0]),
        }
    }

    /// Numbers the loop, which must be entered together to stay uniform.
    fn enter_loop(&mut self) -> usize {
        let number = self.next_loop;
        self.next_loop += 1;
        if self.found.loops.len() == number {
            self.found.loops.push(LoopKind::Uniform);
        }
        if !self.together() {
            self.divide_loop(number);
        }
        number
    }

    fn is_uniform_loop(&self, number: usize) -> bool {
        self.found.loops[number] == LoopKind::Uniform
    }

    fn divide_slot(&mut self, slot: Slot) {
        self.changed |= self.found.slots[slot.0];
        self.found.slots[slot.0] = false;
    }

    fn divide_loop(&mut self, number: usize) {
        self.changed |= self.found.loops[number] == LoopKind::Uniform;
        self.found.loops[number] = LoopKind::Varying;
    }

    /// Leaves the innermost structure of a kind; who does not, goes on alone to its end.
    fn leave(&mut self, targets: impl Fn(Kind) -> bool) {
        if self.together() {
            return;
        }
        let target = (self.frames.iter()).rposition(|frame| targets(frame.kind));
        for index in target.unwrap_or(0)..self.frames.len() {
            self.frames[index].uniform = false;
        }
        if let Some(Kind::Loop(number)) = target.map(|target| self.frames[target].kind) {
            self.divide_loop(number);
        }
    }
}
