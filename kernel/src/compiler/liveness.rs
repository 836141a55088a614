// SPDX-License-Identifier: Apache-2.0
//! Removes what nothing depends on: values that are not used, and writes to variables that are not read.

use super::ir::{Instruction, Node, Program, Slot, Value};
use std::collections::BTreeSet;

/// Removes what nothing depends on.
///
/// What a turn of a loop reads may have been written in the turn before, so what is live at the start of each loop is
/// found first, on copies, until it grows no more. That is done for all loops together: with loops inside each other,
/// one after the other would take time exponential in their depth.
pub(super) fn prune(program: &mut Program) {
    let mut starts = Vec::new();
    loop {
        let mut pruner = Pruner {
            used: vec![false; program.instructions.len()],
            instructions: &program.instructions,
            breaks: Vec::new(),
            continues: Vec::new(),
            starts,
            next_loop: 0,
            grown: false,
        };
        let mut nodes = program.nodes.clone();
        pruner.nodes(&mut nodes, BTreeSet::new());
        if !pruner.grown {
            program.nodes = nodes;
            return;
        }
        starts = pruner.starts;
    }
}

/// Slots that will be read before they are written.
type Live = BTreeSet<Slot>;

/// Goes through a program from its end.
struct Pruner<'a> {
    instructions: &'a [Instruction],
    used: Vec<bool>,
    /// What is live where a `Break` leads to, for each structure that one leaves.
    breaks: Vec<Live>,
    /// What is live where a `Continue` leads to, for each loop.
    continues: Vec<Live>,
    /// What is live at the start of each loop, as far as is known, in the order in which they are met.
    starts: Vec<Live>,
    next_loop: usize,
    /// Whether more was found to be live at the start of a loop.
    grown: bool,
}

impl Pruner<'_> {
    fn touch(&mut self, value: Value) {
        self.used[value.0] = true;
    }

    /// Prunes nodes, given what is live after them; the answer is what is live before.
    fn nodes(&mut self, nodes: &mut Vec<Node>, mut live: Live) -> Live {
        let mut kept = Vec::with_capacity(nodes.len());
        while let Some(mut node) = nodes.pop() {
            let keep = self.node(&mut node, &mut live);
            if keep {
                kept.push(node);
            }
        }
        kept.reverse();
        *nodes = kept;
        live
    }

    /// Prunes a node. False when it is to be removed.
    fn node(&mut self, node: &mut Node, live: &mut Live) -> bool {
        match node {
            Node::Define(value) => {
                if !self.used[value.0] {
                    return false;
                }
                let instruction = self.instructions[value.0];
                if let Instruction::Get(slot) = instruction {
                    live.insert(slot);
                }
                for operand in instruction.operands() {
                    self.touch(operand);
                }
            }
            Node::Set(slot, value) => {
                if !live.remove(slot) {
                    return false;
                }
                self.touch(*value);
            }
            Node::Store(_, address, value, _) | Node::Atomic(_, _, address, value, _) => {
                self.touch(*address);
                self.touch(*value);
            }
            Node::Barrier(_) => {}
            Node::If(condition, accept, reject) => {
                let first = self.nodes(accept, live.clone());
                let second = self.nodes(reject, live.clone());
                live.clone_from(&first);
                live.extend(second);
                if accept.is_empty() && reject.is_empty() {
                    return false;
                }
                self.touch(*condition);
            }
            Node::Block(body) => {
                self.breaks.push(live.clone());
                *live = self.nodes(body, live.clone());
                self.breaks.pop();
                return !body.is_empty();
            }
            Node::Repeat(_, _, body) => {
                *live = self.turns(body, &mut Vec::new(), None, live);
                return !body.is_empty();
            }
            Node::Loop(body, continuing, exit) => {
                *live = self.turns(body, continuing, *exit, live);
            }
            Node::Break => live.clone_from(self.breaks.last().unwrap_or(&Live::new())),
            Node::Continue => live.clone_from(self.continues.last().unwrap_or(&Live::new())),
            Node::Return => live.clear(),
        }
        true
    }

    /// Prunes a loop.
    fn turns(
        &mut self,
        body: &mut Vec<Node>,
        continuing: &mut Vec<Node>,
        exit: Option<Value>,
        after: &Live,
    ) -> Live {
        let number = self.next_loop;
        self.next_loop += 1;
        if self.starts.len() == number {
            self.starts.push(Live::new());
        }
        let mut start: Live = self.starts[number].union(after).copied().collect();
        start.extend(self.turn(body, continuing, exit, after, &start));
        if start != self.starts[number] {
            self.starts[number].clone_from(&start);
            self.grown = true;
        }
        start
    }

    fn turn(
        &mut self,
        body: &mut Vec<Node>,
        continuing: &mut Vec<Node>,
        exit: Option<Value>,
        after: &Live,
        start: &Live,
    ) -> Live {
        self.breaks.push(after.clone());
        if let Some(condition) = exit {
            self.touch(condition);
        }
        let again = self.nodes(continuing, start.union(after).copied().collect());
        self.continues.push(again.clone());
        let before = self.nodes(body, again);
        self.continues.pop();
        self.breaks.pop();
        before
    }
}
