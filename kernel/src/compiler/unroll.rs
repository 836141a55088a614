// SPDX-License-Identifier: Apache-2.0
//! Which counted loops are written out, turn after turn, and what becomes of arrays that were only indexed by their
//! turns: variables.

use super::ir::{Instruction, Jump, MemoryNumber, Node, Program, Slot, SlotKind, Value, jumps};
use crate::program::{Content, Memory};
use std::collections::HashMap;

/// The most operations of a loop, all turns together, that is written out to save its own operations.
const MOST_SHORT: usize = 256;

/// The same of a loop without loops inside that indexes arrays of the invocation's own by its turns: they are words of
/// memory, unless it is written out.
const MOST_INDEXING: usize = 6_000;

/// The most operations that a program grows by.
const MOST_ADDED: usize = 8_000;

/// How many more operations a program may grow by.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(MOST_ADDED)
    }

    /// Whether so many turns of a loop's body are written out; they are paid for.
    pub(super) fn takes(&mut self, loop_: &Loop<'_>) -> bool {
        let Loop { turns, body, .. } = *loop_;
        let turns = usize::try_from(turns).unwrap_or(usize::MAX);
        let all = turns.saturating_mul(operations(body));
        let most = match !has_loop(body) && loop_.indexes(body) {
            true => MOST_INDEXING,
            false => MOST_SHORT,
        };
        let added = all.saturating_sub(operations(body));
        if all > most || added > self.0 || jumps(body, Jump::Continue) {
            return false;
        }
        self.0 -= added;
        true
    }
}

/// A loop of which the number of turns is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop<'a> {
    pub(super) turns: u32,
    pub(super) body: &'a [Node],
    pub(super) instructions: &'a [Instruction],
    pub(super) memories: &'a [Memory],
}

impl Loop<'_> {
    /// Whether private memory is used at addresses that its turns may make constants.
    fn indexes(&self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| match node {
            Node::Define(value) => match self.instructions[value.0] {
                Instruction::Load(memory, address) => self.is_indexed(memory, address),
                _ => false,
            },
            Node::Store(memory, address, ..) => self.is_indexed(*memory, *address),
            Node::If(_, first, second) => self.indexes(first) || self.indexes(second),
            Node::Block(body) => self.indexes(body),
            _ => false,
        })
    }

    fn is_indexed(&self, memory: MemoryNumber, address: Value) -> bool {
        let is_private = matches!(self.memories.get(memory), Some(Memory::Private(..)));
        let is_known = matches!(self.instructions[address.0], Instruction::Constant(_));
        is_private && !is_known && self.counts(address)
    }

    /// Whether a value is made of constants, variables and the numbers of turns only.
    fn counts(&self, value: Value) -> bool {
        let instruction = self.instructions[value.0];
        let is_other = matches!(
            instruction,
            Instruction::Load(..) | Instruction::Builtin(_) | Instruction::Length(_)
        );
        !is_other && instruction.operands().all(|operand| self.counts(operand))
    }
}

/// The operations of nodes, those of loops once.
fn operations(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match node {
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                operations(first) + operations(second) + 1
            }
            Node::Block(body) | Node::Repeat(_, _, body) => operations(body) + 1,
            _ => 1,
        })
        .sum()
}

fn has_loop(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Loop(..) | Node::Repeat(..) => true,
        Node::If(_, first, second) => has_loop(first) || has_loop(second),
        Node::Block(body) => has_loop(body),
        _ => false,
    })
}

/// Makes variables of the private memories that are used at constant addresses only. Whether there were any.
pub(super) fn promote(program: &mut Program) -> bool {
    let mut known: HashMap<MemoryNumber, bool> = HashMap::new();
    survey(&program.nodes, &program.instructions, &mut known);
    let mut words = HashMap::new();
    for (number, memory) in program.memories.iter().enumerate() {
        if let Memory::Private(length, content) = *memory
            && known.get(&number) == Some(&true)
        {
            let kind = match content {
                Content::Floats => SlotKind::Floats,
                Content::Words => SlotKind::Words,
            };
            let first = Slot(program.slots.len());
            let length = length as usize;
            program.slots.extend(std::iter::repeat_n(kind, length));
            words.insert(number, (first, length));
        }
    }
    if words.is_empty() {
        return false;
    }
    let mut promoter = Promoter {
        instructions: &mut program.instructions,
        words,
    };
    promoter.nodes(&mut program.nodes);
    true
}

/// Finds, of each memory that is used, whether all its addresses are constants.
fn survey(nodes: &[Node], instructions: &[Instruction], known: &mut HashMap<MemoryNumber, bool>) {
    let is_constant = |address: Value| matches!(instructions[address.0], Instruction::Constant(_));
    for node in nodes {
        match node {
            Node::Define(value) => match instructions[value.0] {
                Instruction::Load(memory, address) => {
                    *known.entry(memory).or_insert(true) &= is_constant(address);
                }
                // Its length says nothing of its words, but it has to be there.
                Instruction::Length(memory) => {
                    known.insert(memory, false);
                }
                _ => {}
            },
            Node::Store(memory, address, ..) | Node::Atomic(_, memory, address, ..) => {
                *known.entry(*memory).or_insert(true) &= is_constant(*address);
            }
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                survey(first, instructions, known);
                survey(second, instructions, known);
            }
            Node::Block(body) | Node::Repeat(_, _, body) => survey(body, instructions, known),
            _ => {}
        }
    }
}

struct Promoter<'a> {
    instructions: &'a mut [Instruction],
    /// The first slot of each memory that becomes slots, and their number.
    words: HashMap<MemoryNumber, (Slot, usize)>,
}

impl Promoter<'_> {
    /// The slot of a word; `None` past the end.
    fn slot(&self, (first, length): (Slot, usize), address: Value) -> Option<Slot> {
        match self.instructions[address.0] {
            Instruction::Constant(word) if (word as usize) < length => {
                Some(Slot(first.0 + word as usize))
            }
            _ => None,
        }
    }

    fn nodes(&mut self, nodes: &mut Vec<Node>) {
        nodes.retain_mut(|node| self.node(node));
    }

    /// False where nothing is left of a node.
    fn node(&mut self, node: &mut Node) -> bool {
        match node {
            Node::Define(value) => {
                if let Instruction::Load(memory, address) = self.instructions[value.0]
                    && let Some(words) = self.words.get(&memory)
                {
                    self.instructions[value.0] = match self.slot(*words, address) {
                        Some(slot) => Instruction::Get(slot),
                        None => Instruction::Constant(0),
                    };
                }
            }
            Node::Store(memory, address, value, _) => {
                if let Some(words) = self.words.get(memory) {
                    let Some(slot) = self.slot(*words, *address) else {
                        return false;
                    };
                    *node = Node::Set(slot, *value);
                }
            }
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                self.nodes(first);
                self.nodes(second);
            }
            Node::Block(body) | Node::Repeat(_, _, body) => self.nodes(body),
            _ => {}
        }
        true
    }
}
