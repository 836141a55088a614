// SPDX-License-Identifier: Apache-2.0
//! Builds programs: simplifies instructions, shares equal ones and moves them out of loops.

use super::{
    fold,
    ir::{Instruction, MemoryNumber, Node, Program, Slot, SlotKind, Value},
    range,
};
use crate::{
    float,
    program::{Binary, Content, Memory, Unary},
};
use std::collections::{BTreeSet, HashMap};

/// What a structure that is being built is, as far as moving instructions out of it goes.
#[derive(Clone, Debug)]
pub(super) enum ScopeKind {
    /// Runs sometimes: only constants move out.
    Arm,
    /// Runs once.
    Block,
    /// Runs many times, and sets these slots. `None` where that is not known.
    Loop(Option<BTreeSet<Slot>>),
}

#[derive(Debug)]
struct Scope {
    serial: usize,
    kind: ScopeKind,
    nodes: Vec<Node>,
    defined: HashMap<[usize; 5], Value>,
}

/// A program that is being built.
#[derive(Debug)]
pub(super) struct Builder {
    instructions: Vec<Instruction>,
    /// Whether a value is certain to be 0 or 1.
    boolean: Vec<bool>,
    /// Whether a value is certain to be a canonical float, by the validator's rules.
    float: Vec<bool>,
    /// The turns of the `Repeat`s whose number a value is.
    turns: HashMap<Value, u32>,
    /// The serial number of the scope that a value is defined in.
    home: Vec<usize>,
    slots: Vec<SlotKind>,
    memories: Vec<Memory>,
    scopes: Vec<Scope>,
    serials: usize,
    steps: usize,
}

impl Builder {
    pub(super) fn new(slots: Vec<SlotKind>, memories: Vec<Memory>) -> Self {
        let mut builder = Self {
            instructions: Vec::new(),
            boolean: Vec::new(),
            float: Vec::new(),
            turns: HashMap::new(),
            home: Vec::new(),
            slots,
            memories,
            scopes: Vec::new(),
            serials: 0,
            steps: 0,
        };
        builder.open(ScopeKind::Block);
        builder
    }

    /// The program; all structures must have been closed.
    pub(super) fn finish(mut self) -> Program {
        Program {
            nodes: self.close(),
            instructions: self.instructions,
            slots: self.slots,
            memories: self.memories,
        }
    }

    pub(super) fn open(&mut self, kind: ScopeKind) {
        self.scopes.push(Scope {
            serial: self.serials,
            kind,
            nodes: Vec::new(),
            defined: HashMap::new(),
        });
        self.serials += 1;
    }

    pub(super) fn close(&mut self) -> Vec<Node> {
        self.scopes
            .pop()
            .map(|scope| scope.nodes)
            .unwrap_or_default()
    }

    /// How many structures are open.
    pub(super) fn depth(&self) -> usize {
        self.scopes.len()
    }

    /// How many steps building took: all that was added, and what was counted otherwise.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Counts steps that need not add anything.
    pub(super) fn count(&mut self, steps: usize) {
        self.steps += steps;
    }

    pub(super) fn push(&mut self, node: Node) {
        self.count(1);
        if let Some(scope) = self.scopes.last_mut() {
            scope.nodes.push(node);
        }
    }

    /// Pushes a node before all structures that are open.
    pub(super) fn push_outside(&mut self, node: Node) {
        if let Some(scope) = self.scopes.first_mut() {
            scope.nodes.push(node);
        }
    }

    /// Takes over the nodes of a structure that was closed: what they define is now visible here.
    pub(super) fn adopt(&mut self, nodes: Vec<Node>) {
        for node in nodes {
            match node {
                Node::Define(value) => {
                    let level = self.scopes.len() - 1;
                    self.settle(value, level);
                }
                node => self.push(node),
            }
        }
    }

    pub(super) fn slot(&mut self, kind: SlotKind) -> Slot {
        self.count(1);
        self.slots.push(kind);
        Slot(self.slots.len() - 1)
    }

    /// Opens the scope of a `Repeat`, which sets these slots, and defines the number of its turn.
    pub(super) fn open_repeat(&mut self, turns: u32, assigned: Option<BTreeSet<Slot>>) -> Value {
        self.open(ScopeKind::Loop(assigned));
        let level = self.scopes.len() - 1;
        let turn = self.append(Instruction::Turn, level);
        self.turns.insert(turn, turns);
        turn
    }

    pub(super) fn memory(&mut self, memory: Memory) -> MemoryNumber {
        self.memories.push(memory);
        self.memories.len() - 1
    }

    pub(super) fn memories(&self) -> &[Memory] {
        &self.memories
    }

    pub(super) fn instruction(&self, value: Value) -> Instruction {
        self.instructions[value.0]
    }

    pub(super) fn is_boolean(&self, value: Value) -> bool {
        self.boolean[value.0]
    }

    pub(super) fn is_float(&self, value: Value) -> bool {
        self.float[value.0]
    }

    /// The kind of a slot for a value.
    pub(super) fn kind(&self, value: Value) -> SlotKind {
        match (self.is_boolean(value), self.is_float(value)) {
            (true, _) => SlotKind::Booleans,
            (false, true) => SlotKind::Floats,
            (false, false) => SlotKind::Words,
        }
    }

    /// Whether the value's structure is still open.
    pub(super) fn is_visible(&self, value: Value) -> bool {
        self.level(value).is_some()
    }

    fn level(&self, value: Value) -> Option<usize> {
        let home = self.home[value.0];
        self.scopes
            .binary_search_by_key(&home, |scope| scope.serial)
            .ok()
    }

    /// The most that a value can be, read as u32. It follows operands `depth` times.
    pub(super) fn most(&self, value: Value, depth: u32) -> u32 {
        let Some(depth) = depth.checked_sub(1) else {
            return u32::MAX;
        };
        match self.turns.get(&value) {
            Some(turns) => turns.saturating_sub(1),
            None => range::most(
                self.instruction(value),
                |operand| self.word(operand),
                |operand| self.most(operand, depth),
                |slot| self.most_of_slot(slot),
            ),
        }
    }

    /// The most that a slot can ever hold.
    pub(super) fn most_of_slot(&self, slot: Slot) -> u32 {
        match self.slots[slot.0] {
            SlotKind::Booleans => 1,
            SlotKind::Words | SlotKind::Floats => u32::MAX,
        }
    }

    /// The word that a value is, if it is a constant.
    pub(super) fn word(&self, value: Value) -> Option<u32> {
        match self.instruction(value) {
            Instruction::Constant(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn constant(&mut self, word: u32) -> Value {
        self.share(Instruction::Constant(word))
    }

    pub(super) fn unary(&mut self, function: Unary, a: Value) -> Value {
        self.define(Instruction::Unary(function, a))
    }

    pub(super) fn binary(&mut self, function: Binary, a: Value, b: Value) -> Value {
        self.define(Instruction::Binary(function, a, b))
    }

    /// A function of a value and a constant.
    pub(super) fn with(&mut self, function: Binary, a: Value, b: u32) -> Value {
        let b = self.constant(b);
        self.binary(function, a, b)
    }

    pub(super) fn select(&mut self, condition: Value, a: Value, b: Value) -> Value {
        self.define(Instruction::Select(condition, a, b))
    }

    /// The value of an instruction, simplified and shared where possible.
    pub(super) fn define(&mut self, instruction: Instruction) -> Value {
        match fold::simplify(self, instruction) {
            fold::Simple::Value(value) => value,
            fold::Simple::Instruction(Instruction::Get(slot)) => self.get(slot),
            fold::Simple::Instruction(instruction) if self.is_pure(instruction) => {
                self.share(instruction)
            }
            fold::Simple::Instruction(instruction) => {
                let level = self.scopes.len() - 1;
                self.append(instruction, level)
            }
        }
    }

    /// Whether it always yields the same in one invocation, and may be computed where it is not needed.
    pub(super) fn is_pure(&self, instruction: Instruction) -> bool {
        match instruction {
            Instruction::Load(memory, _) => matches!(
                self.memories.get(memory),
                Some(Memory::Input | Memory::Parameters(_))
            ),
            Instruction::Get(_) | Instruction::Turn => false,
            _ => true,
        }
    }

    /// Reads a slot, before the loops around that do not set it.
    fn get(&mut self, slot: Slot) -> Value {
        let mut level = self.scopes.len() - 1;
        while level > 0
            && matches!(&self.scopes[level].kind, ScopeKind::Loop(Some(assigned)) if !assigned.contains(&slot))
        {
            level -= 1;
        }
        self.append(Instruction::Get(slot), level)
    }

    /// The value of a pure instruction, in the outermost structure where it costs no more.
    fn share(&mut self, instruction: Instruction) -> Value {
        let key = key(instruction);
        let known = |scope: &Scope| scope.defined.get(&key).copied();
        if let Some(value) = self.scopes.iter().find_map(known) {
            return value;
        }
        let needed = instruction
            .operands()
            .filter_map(|operand| self.level(operand))
            .max()
            .unwrap_or(0);
        let mut level = self.scopes.len() - 1;
        if matches!(instruction, Instruction::Constant(_)) {
            level = 0;
        }
        while level > needed && !matches!(self.scopes[level].kind, ScopeKind::Arm) {
            level -= 1;
        }
        self.append(instruction, level)
    }

    fn append(&mut self, instruction: Instruction, level: usize) -> Value {
        self.count(1);
        let value = Value(self.instructions.len());
        self.boolean.push(fold::is_boolean(
            instruction,
            |operand| self.boolean[operand.0],
            |slot| self.slots[slot.0] == SlotKind::Booleans,
        ));
        self.float.push(self.yields_float(instruction));
        self.instructions.push(instruction);
        self.home.push(0);
        self.settle(value, level);
        value
    }

    fn yields_float(&self, instruction: Instruction) -> bool {
        match instruction {
            Instruction::Constant(word) => float::is_canonical(word),
            Instruction::Unary(function, _) => function.yields_float(),
            Instruction::Binary(function, ..) => function.yields_float(),
            Instruction::Select(_, a, b) => self.is_float(a) && self.is_float(b),
            Instruction::Get(slot) => self.slots[slot.0] == SlotKind::Floats,
            Instruction::Load(memory, _) => matches!(
                self.memories.get(memory),
                Some(Memory::Workgroup(_, Content::Floats) | Memory::Private(_, Content::Floats))
            ),
            Instruction::Builtin(_) | Instruction::Length(_) | Instruction::Turn => false,
        }
    }

    fn settle(&mut self, value: Value, level: usize) {
        let instruction = self.instruction(value);
        let pure = self.is_pure(instruction);
        let scope = &mut self.scopes[level];
        self.home[value.0] = scope.serial;
        if instruction != Instruction::Turn {
            scope.nodes.push(Node::Define(value));
        }
        if pure {
            scope.defined.insert(key(instruction), value);
        }
    }
}

/// What tells instructions apart.
fn key(instruction: Instruction) -> [usize; 5] {
    match instruction {
        Instruction::Constant(word) => [0, word as usize, 0, 0, 0],
        Instruction::Builtin(builtin) => [1, builtin as usize, 0, 0, 0],
        Instruction::Unary(function, a) => [2, function as usize, a.0, 0, 0],
        Instruction::Binary(function, a, b) => [3, function as usize, a.0, b.0, 0],
        Instruction::Select(c, a, b) => [4, 0, c.0, a.0, b.0],
        Instruction::Get(slot) => [5, slot.0, 0, 0, 0],
        Instruction::Load(memory, a) => [6, memory, a.0, 0, 0],
        Instruction::Length(memory) => [7, memory, 0, 0, 0],
        Instruction::Turn => [8, 0, 0, 0, 0],
    }
}
