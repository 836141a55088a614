// SPDX-License-Identifier: Apache-2.0
//! The program between WGSL and bytecode: structured as bytecode is, with values named once and for all.

use crate::program::{Atomic, Binary, Builtin, Memory, Unary};
use naga::Span;
use std::collections::BTreeSet;

/// The number of a value: the index of its instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Value(pub(super) usize);

/// The number of a mutable variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Slot(pub(super) usize);

/// What a slot is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotKind {
    /// Any words.
    Words,
    /// Nothing but 0 and 1.
    Booleans,
    /// Canonical floats.
    Floats,
}

/// The number of a memory.
pub(super) type MemoryNumber = usize;

/// What defines a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    Constant(u32),
    Builtin(Builtin),
    Unary(Unary, Value),
    Binary(Binary, Value, Value),
    Select(Value, Value, Value),
    Get(Slot),
    Load(MemoryNumber, Value),
    Length(MemoryNumber),
    /// The number of the turn of a `Repeat`.
    Turn,
}

impl Instruction {
    /// The values that it is computed from.
    pub(super) fn operands(self) -> impl Iterator<Item = Value> {
        let operands = match self {
            Self::Unary(_, a) | Self::Load(_, a) => [Some(a), None, None],
            Self::Binary(_, a, b) => [Some(a), Some(b), None],
            Self::Select(c, a, b) => [Some(c), Some(a), Some(b)],
            Self::Constant(_) | Self::Builtin(_) | Self::Get(_) | Self::Length(_) | Self::Turn => {
                [None; 3]
            }
        };
        operands.into_iter().flatten()
    }

    /// The same instruction of other values.
    pub(super) fn map(self, mut f: impl FnMut(Value) -> Value) -> Self {
        match self {
            Self::Unary(function, a) => Self::Unary(function, f(a)),
            Self::Binary(function, a, b) => Self::Binary(function, f(a), f(b)),
            Self::Select(c, a, b) => Self::Select(f(c), f(a), f(b)),
            Self::Load(memory, a) => Self::Load(memory, f(a)),
            Self::Constant(_) | Self::Builtin(_) | Self::Get(_) | Self::Length(_) | Self::Turn => {
                self
            }
        }
    }
}

/// A step of a program.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Define(Value),
    Set(Slot, Value),
    Store(MemoryNumber, Value, Value, Span),
    Atomic(Atomic, MemoryNumber, Value, Value, Span),
    Barrier(Span),
    If(Value, Vec<Node>, Vec<Node>),
    Block(Vec<Node>),
    /// With its number of turns and the value that is the number of the turn.
    Repeat(u32, Value, Vec<Node>),
    /// With its body, what runs after each turn, and the condition under which it is then left.
    Loop(Vec<Node>, Vec<Node>, Option<Value>),
    Break,
    Continue,
    Return,
}

/// A program.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// By value.
    pub(super) instructions: Vec<Instruction>,
    /// What each slot is set to.
    pub(super) slots: Vec<SlotKind>,
    pub(super) memories: Vec<Memory>,
    pub(super) nodes: Vec<Node>,
}

/// Which jumps a search looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jump {
    /// Out of the structure.
    Break,
    /// To the next turn of the loop.
    Continue,
}

/// Whether a jump in these nodes, the body of a structure, leaves that structure or its turn.
pub(super) fn jumps(nodes: &[Node], jump: Jump) -> bool {
    nodes.iter().any(|node| match node {
        Node::Break => jump == Jump::Break,
        Node::Continue => jump == Jump::Continue,
        Node::If(_, accept, reject) => jumps(accept, jump) || jumps(reject, jump),
        // A block catches `Break`, but `Continue` goes through it.
        Node::Block(body) => jump == Jump::Continue && jumps(body, jump),
        _ => false,
    })
}

/// The slots that these nodes set.
pub(super) fn assigned(nodes: &[Node]) -> BTreeSet<Slot> {
    let mut slots = BTreeSet::new();
    collect_assigned(nodes, &mut slots);
    slots
}

fn collect_assigned(nodes: &[Node], slots: &mut BTreeSet<Slot>) {
    for node in nodes {
        match node {
            Node::Set(slot, _) => {
                slots.insert(*slot);
            }
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                collect_assigned(first, slots);
                collect_assigned(second, slots);
            }
            Node::Block(body) | Node::Repeat(_, _, body) => collect_assigned(body, slots),
            _ => {}
        }
    }
}

/// Whether somebody may leave in these nodes for what is behind them.
pub(super) fn leaves(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Break | Node::Continue | Node::Return => true,
        Node::If(_, first, second) | Node::Loop(first, second, _) => {
            leaves(first) || leaves(second)
        }
        Node::Block(body) | Node::Repeat(_, _, body) => leaves(body),
        _ => false,
    })
}
