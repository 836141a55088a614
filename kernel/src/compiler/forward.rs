// SPDX-License-Identifier: Apache-2.0
//! Rebuilds a program with what is known of its variables: reads become the values that were written,
//! constant conditions disappear, small branches become selections, counted loops become `Repeat` or are written out.

use super::{
    builder::{Builder, ScopeKind},
    counted,
    ir::{Instruction, Jump, Node, Program, Slot, Value, assigned, jumps},
    nesting::{Ending, drop_last, nest},
    unroll::{Budget, Loop},
};
use crate::{cost, program::Unary};
use std::collections::BTreeMap;

/// The most fuel in the branches of an `If` that becomes selections.
const MOST_SPECULATED: u64 = 8;

/// How deep structures are nested to save jumps; the bytecode's limit is further off.
const DEEP: usize = 24;

/// Rebuilds a program.
pub(super) fn forward(program: Program) -> Program {
    let mut forwarder = Forwarder {
        map: vec![None; program.instructions.len()],
        instructions: program.instructions,
        builder: Builder::new(program.slots, program.memories),
        known: BTreeMap::new(),
        loops: Vec::new(),
        budget: Budget::new(),
    };
    let mut nodes = program.nodes;
    drop_last(&mut nodes, Ending::Return);
    forwarder.sequence(nodes);
    forwarder.builder.finish()
}

/// How a loop steps the variable that it counts with.
#[derive(Clone, Copy)]
struct Count {
    slot: Slot,
    value: Value,
    step: counted::Step,
}

pub(super) struct Forwarder {
    /// Of the old program.
    pub(super) instructions: Vec<Instruction>,
    /// From old values to new ones.
    map: Vec<Option<Value>>,
    pub(super) builder: Builder,
    known: BTreeMap<Slot, Value>,
    /// The loops around.
    loops: Vec<Option<Count>>,
    budget: Budget,
}

impl Forwarder {
    /// What a slot holds, where that is known and in scope.
    pub(super) fn known(&self, slot: Slot) -> Option<Value> {
        let value = self.known.get(&slot).copied()?;
        self.builder.is_visible(value).then_some(value)
    }

    /// The new value that an old one has become, if it has been reached.
    pub(super) fn renamed(&self, value: Value) -> Option<Value> {
        self.map[value.0]
    }

    fn rename(&mut self, value: Value) -> Value {
        match self.map[value.0] {
            Some(value) => value,
            // Every value is defined before it is used.
            None => self.builder.constant(0),
        }
    }

    fn get(&mut self, slot: Slot) -> Value {
        match self.known(slot) {
            Some(value) => value,
            None => {
                let value = self.builder.define(Instruction::Get(slot));
                self.known.insert(slot, value);
                value
            }
        }
    }

    fn set(&mut self, slot: Slot, value: Value) {
        if self.known(slot) != Some(value) {
            self.builder.push(Node::Set(slot, value));
            self.known.insert(slot, value);
        }
    }

    /// Rebuilds nodes up to the first that leaves. True when there is one.
    fn sequence(&mut self, nodes: Vec<Node>) -> bool {
        nodes.into_iter().any(|node| self.node(node))
    }

    /// Rebuilds a node. True when nothing after it can be reached.
    fn node(&mut self, node: Node) -> bool {
        match node {
            Node::Define(old) => {
                let new = match self.instructions[old.0] {
                    Instruction::Get(slot) => self.get(slot),
                    instruction => {
                        let instruction = instruction.map(|operand| self.rename(operand));
                        self.builder.define(instruction)
                    }
                };
                self.map[old.0] = Some(new);
            }
            Node::Set(slot, value) => {
                let value = self.rename(value);
                self.set(slot, value);
            }
            Node::Store(memory, address, value, span) => {
                let (address, value) = (self.rename(address), self.rename(value));
                self.builder.push(Node::Store(memory, address, value, span));
            }
            Node::Atomic(function, memory, address, value, span) => {
                let (address, value) = (self.rename(address), self.rename(value));
                self.builder
                    .push(Node::Atomic(function, memory, address, value, span));
            }
            Node::Barrier(span) => self.builder.push(Node::Barrier(span)),
            Node::If(condition, accept, reject) => {
                let condition = self.rename(condition);
                return self.branch(condition, accept, reject);
            }
            Node::Block(body) => self.block(body),
            Node::Repeat(count, turn, body) => self.repeat(count, turn, body),
            Node::Loop(body, continuing, exit) => self.unbounded(body, continuing, exit),
            Node::Break => {
                self.builder.push(Node::Break);
                return true;
            }
            Node::Continue => {
                if let Some(Some(count)) = self.loops.last().copied() {
                    self.advance(count);
                }
                self.builder.push(Node::Continue);
                return true;
            }
            Node::Return => {
                self.builder.push(Node::Return);
                return true;
            }
        }
        false
    }

    fn branch(&mut self, condition: Value, accept: Vec<Node>, reject: Vec<Node>) -> bool {
        if let Some(word) = self.builder.word(condition) {
            return self.sequence(if word != 0 { accept } else { reject });
        }
        let before = self.known.clone();
        let (first, first_left) = self.arm(accept);
        let after_first = core::mem::replace(&mut self.known, before.clone());
        let (second, second_left) = self.arm(reject);
        let after_second = core::mem::replace(&mut self.known, before);
        if !first_left && !second_left && self.is_cheap(&first, &second) {
            self.choose(condition, first, second);
            return false;
        }
        self.known = match (first_left, second_left) {
            (true, _) => after_second,
            (false, true) => after_first,
            (false, false) => (after_first.into_iter())
                .filter(|(slot, value)| after_second.get(slot) == Some(value))
                .collect(),
        };
        let (known, builder) = (&mut self.known, &self.builder);
        known.retain(|_, value| builder.is_visible(*value));
        self.push_if(condition, first, second);
        first_left && second_left
    }

    /// How much deeper `nest` may go.
    fn room(&self) -> usize {
        DEEP.saturating_sub(self.builder.depth())
    }

    fn arm(&mut self, nodes: Vec<Node>) -> (Vec<Node>, bool) {
        self.builder.open(ScopeKind::Arm);
        let left = self.sequence(nodes);
        (self.builder.close(), left)
    }

    fn push_if(&mut self, condition: Value, first: Vec<Node>, second: Vec<Node>) {
        match (self.builder.instruction(condition), first.is_empty()) {
            (_, true) if second.is_empty() => {}
            (Instruction::Unary(Unary::LogicalNot, inner), _) => {
                let swapped = match second.is_empty() {
                    false => Node::If(inner, second, first),
                    true => Node::If(condition, first, second),
                };
                self.builder.push(swapped);
            }
            (_, true) => {
                let inverse = self.builder.unary(Unary::LogicalNot, condition);
                self.builder.push(Node::If(inverse, second, first));
            }
            (_, false) => self.builder.push(Node::If(condition, first, second)),
        }
    }

    /// Whether both arms only compute a little and set slots.
    fn is_cheap(&self, first: &[Node], second: &[Node]) -> bool {
        let mut fuel = 0u64;
        for node in first.iter().chain(second) {
            match node {
                Node::Set(..) => {}
                Node::Define(value) => match self.builder.instruction(*value) {
                    Instruction::Load(..) => return false,
                    Instruction::Binary(function, ..) => {
                        fuel += cost::binary(function);
                    }
                    Instruction::Unary(function, _) => fuel += cost::unary(function),
                    _ => fuel += 1,
                },
                _ => return false,
            }
        }
        fuel <= MOST_SPECULATED
    }

    /// Computes both arms and selects what they set.
    fn choose(&mut self, condition: Value, first: Vec<Node>, second: Vec<Node>) {
        let mut slots: Vec<Slot> = Vec::new();
        let mut sides = [BTreeMap::new(), BTreeMap::new()];
        for (side, nodes) in sides.iter_mut().zip([first, second]) {
            let mut defines = Vec::new();
            for node in nodes {
                match node {
                    Node::Set(slot, value) => {
                        if !slots.contains(&slot) {
                            slots.push(slot);
                        }
                        side.insert(slot, value);
                    }
                    node => defines.push(node),
                }
            }
            self.builder.adopt(defines);
        }
        for slot in slots {
            let [accept, reject] = &sides;
            let (accept, reject) = (accept.get(&slot).copied(), reject.get(&slot).copied());
            let accept = accept.unwrap_or_else(|| self.get(slot));
            let reject = reject.unwrap_or_else(|| self.get(slot));
            let value = self.builder.select(condition, accept, reject);
            self.set(slot, value);
        }
    }

    fn block(&mut self, mut body: Vec<Node>) {
        drop_last(&mut body, Ending::Break);
        nest(&mut body, Ending::Break, self.room());
        if !jumps(&body, Jump::Break) {
            self.sequence(body);
            return;
        }
        let mut after = self.known.clone();
        self.builder.open(ScopeKind::Block);
        self.sequence(body);
        let nodes = self.builder.close();
        if jumps(&nodes, Jump::Break) {
            for slot in assigned(&nodes) {
                after.remove(&slot);
            }
            self.known = after;
            self.builder.push(Node::Block(nodes));
        } else {
            self.builder.adopt(nodes);
        }
    }

    fn repeat(&mut self, count: u32, turn: Value, mut body: Vec<Node>) {
        drop_last(&mut body, Ending::Continue);
        if self.is_written_out(count, &body) {
            let turns = |forwarder: &mut Self, number| {
                forwarder.map[turn.0] = Some(forwarder.builder.constant(number));
            };
            return self.write_out(count, &body, turns);
        }
        let set = assigned(&body);
        self.known.retain(|slot, _| !set.contains(slot));
        let after = self.known.clone();
        let number = self.builder.open_repeat(count, Some(set));
        self.map[turn.0] = Some(number);
        self.loops.push(None);
        self.sequence(body);
        self.loops.pop();
        let body = self.builder.close();
        self.known = after;
        if !body.is_empty() {
            self.builder.push(Node::Repeat(count, number, body));
        }
    }

    fn unbounded(&mut self, body: Vec<Node>, continuing: Vec<Node>, exit: Option<Value>) {
        if let Some(counted) = counted::detect(self, &body, &continuing, exit) {
            self.counted(counted, body);
            return;
        }
        let mut body = body;
        drop_last(&mut body, Ending::Continue);
        nest(&mut body, Ending::Continue, self.room());
        let mut set = assigned(&body);
        set.extend(assigned(&continuing));
        self.known.retain(|slot, _| !set.contains(slot));
        let after = self.known.clone();
        self.loops.push(None);
        self.builder.open(ScopeKind::Loop(Some(set.clone())));
        self.sequence(body);
        let body = self.builder.close();
        self.known = after.clone();
        self.builder.open(ScopeKind::Loop(Some(set)));
        self.sequence(continuing);
        let exit = exit.map(|condition| self.rename(condition));
        let continuing = self.builder.close();
        self.loops.pop();
        self.known = after;
        self.builder.push(Node::Loop(body, continuing, exit));
    }

    /// Rebuilds a loop whose number of turns is known, or bounded.
    fn counted(&mut self, counted: counted::Counted, mut body: Vec<Node>) {
        if counted.turns == 0 {
            return;
        }
        if counted.is_exact {
            body.remove(counted.test);
        }
        drop_last(&mut body, Ending::Continue);
        nest(&mut body, Ending::Continue, self.room());
        if counted.is_exact && self.is_written_out(counted.turns, &body) {
            let before = |forwarder: &mut Self, number| {
                let value = counted.value(&mut forwarder.builder, number);
                forwarder.set(counted.slot, value);
            };
            let ends_early = jumps(&body, Jump::Break);
            self.write_out(counted.turns, &body, before);
            if !ends_early {
                before(self, counted.turns);
            }
            return;
        }
        let mut set = assigned(&body);
        set.insert(counted.slot);
        self.known.retain(|slot, _| !set.contains(slot));
        let mut after = self.known.clone();
        let ends_early = jumps(&body, Jump::Break);
        let turn = self.builder.open_repeat(counted.turns, Some(set));
        let value = counted
            .step
            .value(&mut self.builder, counted.start, turn, counted.turns);
        let value = value.unwrap_or_else(|| self.get(counted.slot));
        self.known.insert(counted.slot, value);
        let count = Count {
            slot: counted.slot,
            value,
            step: counted.step,
        };
        self.loops.push(Some(count));
        if !self.sequence(body) {
            self.advance(count);
        }
        self.loops.pop();
        let body = self.builder.close();
        self.builder.push(Node::Repeat(counted.turns, turn, body));
        if !ends_early {
            let end = counted.value(&mut self.builder, counted.turns);
            after.insert(counted.slot, end);
        }
        self.known = after;
    }

    /// Whether a loop is written out, turn after turn.
    fn is_written_out(&mut self, turns: u32, body: &[Node]) -> bool {
        self.budget.takes(&Loop {
            turns,
            body,
            instructions: &self.instructions,
            memories: self.builder.memories(),
        })
    }

    /// Writes a loop out. `before` is told the number of each turn before it.
    fn write_out(&mut self, turns: u32, body: &[Node], before: impl Fn(&mut Self, u32)) {
        let ends_early = jumps(body, Jump::Break);
        let known = self.known.clone();
        if ends_early {
            self.builder.open(ScopeKind::Block);
        }
        // The turns of the loop around are its own, not this one's.
        self.loops.push(None);
        for turn in 0..turns {
            self.forget(body);
            before(self, turn);
            if self.sequence(body.to_vec()) {
                break;
            }
        }
        self.loops.pop();
        if ends_early {
            let nodes = self.builder.close();
            self.known = known;
            for slot in assigned(&nodes) {
                self.known.remove(&slot);
            }
            self.builder.push(Node::Block(nodes));
        }
    }

    /// Forgets what the values that these nodes define have become: they are defined anew.
    fn forget(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Define(value) => self.map[value.0] = None,
                Node::If(_, first, second) | Node::Loop(first, second, _) => {
                    self.forget(first);
                    self.forget(second);
                }
                Node::Block(body) => self.forget(body),
                Node::Repeat(_, turn, body) => {
                    self.map[turn.0] = None;
                    self.forget(body);
                }
                _ => {}
            }
        }
    }

    /// Sets the variable that a counted loop counts with, for whoever reads it after the loop.
    fn advance(&mut self, count: Count) {
        let next = count.step.after(&mut self.builder, count.value);
        self.builder.push(Node::Set(count.slot, next));
    }
}
