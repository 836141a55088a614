// SPDX-License-Identifier: Apache-2.0
//! Finds stores with which workgroups that follow each other along x write other words than those of tiles that follow
//! each other: right in a grid that is one workgroup wide, and wrong in wider ones.

use super::{
    diagnostic::{Code, Reports},
    ir::{Instruction, Node, Program, Value, leaves},
};
use crate::program::{Binary, Builtin, Memory, Unary};
use naga::Span;
use std::collections::HashMap;

/// The most values that are looked at: what has more in its addresses is left to a trial.
const MOST_VALUES: usize = 1 << 14;

/// The most workgroups that a grid can have along x, if that is limited, and why.
pub(super) fn limit(program: &Program, tile_words: u32) -> Option<(u32, Reports)> {
    let mut search = Search {
        program,
        tile_words,
        steps: HashMap::new(),
        found: None,
    };
    search.nodes(&program.nodes);
    let (span, step) = search.found?;
    // The first workgroup's word and the last one's must each lie in their tile.
    let drift = i64::from(step.cast_signed())
        .abs_diff(tile_words.into())
        .max(1);
    let most = (u64::from(tile_words).saturating_sub(1) / drift).saturating_add(1);
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let mut reports = Reports::default();
    reports.refuse(
        Code::Output,
        span,
        format!(
            "a workgroup writes words here that lie {} behind those of the one before it along x, and its tile of the \
             output lies {tile_words} behind: in a grid of more than {most} workgroups along x, words are lost",
            step.cast_signed()
        ),
        "let a workgroup write 256 elements in a row, `@workgroup_size(256)`, behind those of the one before; \
         rows\nand columns follow from the number: `let x = id.x % width; let y = id.x / width;`",
    );
    Some((most, reports))
}

struct Search<'a> {
    program: &'a Program,
    tile_words: u32,
    /// By how much values grow from a workgroup to the next along x, where that is always the same.
    steps: HashMap<Value, Option<u32>>,
    /// The first store that is found, with its step.
    found: Option<(Span, u32)>,
}

impl Search<'_> {
    /// Goes through nodes that all workgroups come to. Whether all come to their end, as far as is known.
    fn nodes(&mut self, nodes: &[Node]) -> bool {
        nodes.iter().all(|node| self.node(node))
    }

    fn node(&mut self, node: &Node) -> bool {
        match node {
            Node::Store(memory, address, _, span) => {
                let is_output = self.program.memories.get(*memory) == Some(&Memory::Output);
                let step = self.step(*address).filter(|_| is_output);
                if let Some(step) = step.filter(|step| *step != self.tile_words) {
                    self.found.get_or_insert((*span, step));
                }
                true
            }
            Node::If(condition, accept, reject) => {
                if !self.is_common(*condition) {
                    return !leaves(accept) && !leaves(reject);
                }
                let accepted = self.nodes(accept);
                self.nodes(reject) || accepted
            }
            // Who leaves a structure by anything but a `return` goes on behind it.
            Node::Block(body) | Node::Repeat(_, _, body) => self.nodes(body) || !returns(body),
            Node::Loop(body, continuing, _) => {
                let ends = self.nodes(body) && self.nodes(continuing);
                ends || !returns(body)
            }
            Node::Break | Node::Continue | Node::Return => false,
            Node::Define(_) | Node::Set(..) | Node::Atomic(..) | Node::Barrier(_) => true,
        }
    }

    /// Whether a condition is the same in workgroups that follow each other, but for an edge somewhere in the grid.
    fn is_common(&mut self, condition: Value) -> bool {
        match self.program.instructions[condition.0] {
            Instruction::Binary(
                Binary::LessUnsigned
                | Binary::LessSigned
                | Binary::LessEqualUnsigned
                | Binary::LessEqualSigned,
                a,
                b,
            ) => self.step(a).is_some() && self.step(b).is_some(),
            Instruction::Binary(Binary::And | Binary::Or, a, b) => {
                self.is_common(a) && self.is_common(b)
            }
            Instruction::Unary(Unary::LogicalNot, a) => self.is_common(a),
            Instruction::Select(condition, a, b) => [condition, a, b]
                .into_iter()
                .all(|value| self.is_common(value)),
            Instruction::Constant(_) => true,
            _ => self.is_local(condition),
        }
    }

    /// Whether a value is made of positions in the workgroup and constants alone.
    fn is_local(&self, value: Value) -> bool {
        let instruction = self.program.instructions[value.0];
        let is_leaf = match instruction {
            Instruction::Builtin(builtin) => is_position(builtin),
            Instruction::Load(..) | Instruction::Get(_) | Instruction::Length(_) => false,
            Instruction::Turn => false,
            _ => true,
        };
        is_leaf && instruction.operands().all(|operand| self.is_local(operand))
    }

    fn step(&mut self, value: Value) -> Option<u32> {
        if let Some(step) = self.steps.get(&value) {
            return *step;
        }
        if self.steps.len() >= MOST_VALUES {
            return None;
        }
        let step = self.find(value);
        self.steps.insert(value, step);
        step
    }

    fn find(&mut self, value: Value) -> Option<u32> {
        let instruction = self.program.instructions[value.0];
        let constant = |value: Value| match self.program.instructions[value.0] {
            Instruction::Constant(word) => Some(word),
            _ => None,
        };
        match instruction {
            Instruction::Builtin(Builtin::GroupX) => Some(1),
            Instruction::Binary(Binary::Add, a, b) => {
                Some(self.step(a)?.wrapping_add(self.step(b)?))
            }
            Instruction::Binary(Binary::Subtract, a, b) => {
                Some(self.step(a)?.wrapping_sub(self.step(b)?))
            }
            Instruction::Binary(Binary::Multiply, a, b) => match (constant(a), constant(b)) {
                (_, Some(factor)) => Some(self.step(a)?.wrapping_mul(factor)),
                (Some(factor), _) => Some(self.step(b)?.wrapping_mul(factor)),
                _ => self.unmoved(instruction),
            },
            Instruction::Binary(Binary::ShiftLeft, a, b) => match constant(b) {
                Some(bits) => Some(self.step(a)?.wrapping_shl(bits)),
                None => self.unmoved(instruction),
            },
            Instruction::Get(_) => None,
            Instruction::Load(memory, _) => match self.program.memories.get(memory) {
                Some(Memory::Input | Memory::Parameters(_)) => self.unmoved(instruction),
                _ => None,
            },
            _ => self.unmoved(instruction),
        }
    }

    /// No step, if there is none in any operand.
    fn unmoved(&mut self, instruction: Instruction) -> Option<u32> {
        let mut operands = instruction.operands();
        operands
            .all(|operand| self.step(operand) == Some(0))
            .then_some(0)
    }
}

/// Whether an invocation may end in these nodes.
fn returns(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Return => true,
        Node::If(_, first, second) | Node::Loop(first, second, _) => {
            returns(first) || returns(second)
        }
        Node::Block(body) | Node::Repeat(_, _, body) => returns(body),
        _ => false,
    })
}

fn is_position(builtin: Builtin) -> bool {
    matches!(
        builtin,
        Builtin::LocalX | Builtin::LocalY | Builtin::LocalZ | Builtin::LocalIndex
    )
}
