// SPDX-License-Identifier: Apache-2.0
//! How many workgroups of the source make a tile. Many write less than the smallest tile has: then several of them are
//! gathered in one workgroup of the kernel.

use super::{
    ir::{Instruction, MemoryNumber, Node, Program, Value},
    range,
};
use crate::program::{Binary, Builtin, MAX_LANES, Memory};
use std::collections::HashMap;

/// How workgroups of the source become one of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gathering {
    /// The size of the source's.
    source: [u16; 3],
    groups: u16,
    /// Whether they take turns, or else each has some of the lanes.
    takes_turns: bool,
}

impl Gathering {
    /// Each workgroup by itself.
    pub(super) const fn none(source: [u16; 3]) -> Self {
        Self {
            source,
            groups: 1,
            takes_turns: false,
        }
    }

    pub(super) fn source(self) -> [u32; 3] {
        self.source.map(u32::from)
    }

    /// The workgroups of the source that are one of the kernel.
    pub(super) fn groups(self) -> u32 {
        self.groups.into()
    }

    pub(super) const fn takes_turns(self) -> bool {
        self.takes_turns
    }

    /// Whether the invocations of several are lanes.
    pub(super) const fn fills_lanes(self) -> bool {
        self.groups > 1 && !self.takes_turns
    }

    /// The size of the kernel's workgroup.
    pub(super) fn workgroup(self) -> [u16; 3] {
        let [x, y, z] = self.source;
        match self.fills_lanes() {
            true => [x.saturating_mul(self.groups), y, z],
            false => [x, y, z],
        }
    }

    /// The invocations of the kernel's workgroup.
    pub(super) fn lanes(self) -> u32 {
        self.workgroup().map(u32::from).iter().product()
    }
}

/// The words of output that each workgroup writes behind those of the one before, where that can be seen: each address
/// that is written is the workgroup's number times as many, plus less.
pub(super) fn words(program: &Program, workgroup: [u16; 3]) -> Option<u32> {
    let mut search = Search {
        program,
        workgroup: workgroup.map(u32::from),
        turns: HashMap::new(),
        words: None,
    };
    search.nodes(&program.nodes).then_some(search.words?)
}

/// How to gather workgroups that write so many words each into tiles of so many.
pub(super) fn gather(
    program: &Program,
    source: [u16; 3],
    words: u32,
    tile_words: u32,
) -> Option<Gathering> {
    let groups = u16::try_from(tile_words.checked_div(words)?).ok()?;
    if groups < 2 || !tile_words.is_multiple_of(words) {
        return None;
    }
    let [x, y, z] = source.map(u32::from);
    let lanes = x.saturating_mul(u32::from(groups));
    let is_row = y == 1 && z == 1;
    // What is shared is shared by the workgroup of the source.
    let takes_turns = !is_row || lanes > MAX_LANES || shares(program, &program.nodes);
    Some(Gathering {
        source,
        groups,
        takes_turns,
    })
}

/// Whether there are barriers or workgroup memory.
fn shares(program: &Program, nodes: &[Node]) -> bool {
    let is_shared =
        |memory: MemoryNumber| matches!(program.memories.get(memory), Some(Memory::Workgroup(..)));
    nodes.iter().any(|node| match node {
        Node::Barrier(_) => true,
        Node::Define(value) => {
            matches!(program.instructions[value.0], Instruction::Load(memory, _) if is_shared(memory))
        }
        Node::Store(memory, ..) | Node::Atomic(_, memory, ..) => is_shared(*memory),
        Node::If(_, first, second) | Node::Loop(first, second, _) => {
            shares(program, first) || shares(program, second)
        }
        Node::Block(body) | Node::Repeat(_, _, body) => shares(program, body),
        _ => false,
    })
}

struct Search<'a> {
    program: &'a Program,
    workgroup: [u32; 3],
    /// The turns of the `Repeat`s around.
    turns: HashMap<Value, u32>,
    /// What the workgroup's number is multiplied by.
    words: Option<u32>,
}

impl Search<'_> {
    /// Whether all that is written is behind what the workgroup before has written.
    fn nodes(&mut self, nodes: &[Node]) -> bool {
        nodes.iter().all(|node| match node {
            Node::Store(memory, address, ..) => self.access(*memory, *address),
            Node::Define(value) => match self.program.instructions[value.0] {
                Instruction::Load(memory, address) => self.access(memory, address),
                _ => true,
            },
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                self.nodes(first) && self.nodes(second)
            }
            Node::Block(body) => self.nodes(body),
            Node::Repeat(turns, turn, body) => {
                self.turns.insert(*turn, *turns);
                self.nodes(body)
            }
            _ => true,
        })
    }

    fn access(&mut self, memory: MemoryNumber, address: Value) -> bool {
        if self.program.memories.get(memory) != Some(&Memory::Output) {
            return true;
        }
        let Some((factor, most)) = self.line(address) else {
            return false;
        };
        factor > 0 && most < factor && *self.words.get_or_insert(factor) == factor
    }

    /// A value as a multiple of the workgroup's number and something that does not depend on it: the factor, and the
    /// most that the rest is.
    fn line(&self, value: Value) -> Option<(u32, u32)> {
        match self.program.instructions[value.0] {
            Instruction::Builtin(Builtin::GroupX) => Some((1, 0)),
            Instruction::Binary(Binary::Add, a, b) => {
                let (a, b) = (self.line(a)?, self.line(b)?);
                Some((a.0.checked_add(b.0)?, a.1.checked_add(b.1)?))
            }
            Instruction::Binary(Binary::Multiply, a, b) => self.scaled(a, self.constant(b)?),
            Instruction::Binary(Binary::ShiftLeft, a, b) => {
                self.scaled(a, 1u32.checked_shl(self.constant(b)?)?)
            }
            _ if self.is_local(value) => Some((0, self.most(value, range::DEPTH))),
            _ => None,
        }
    }

    fn scaled(&self, value: Value, factor: u32) -> Option<(u32, u32)> {
        let (words, most) = self.line(value)?;
        Some((words.checked_mul(factor)?, most.checked_mul(factor)?))
    }

    fn constant(&self, value: Value) -> Option<u32> {
        match self.program.instructions[value.0] {
            Instruction::Constant(word) => Some(word),
            _ => None,
        }
    }

    /// Whether a value is made of constants, positions in the workgroup and numbers of turns only.
    fn is_local(&self, value: Value) -> bool {
        let instruction = self.program.instructions[value.0];
        let is_leaf = match instruction {
            Instruction::Builtin(builtin) => matches!(
                builtin,
                Builtin::LocalX | Builtin::LocalY | Builtin::LocalZ | Builtin::LocalIndex
            ),
            Instruction::Load(..) | Instruction::Get(_) | Instruction::Length(_) => false,
            _ => true,
        };
        is_leaf && instruction.operands().all(|operand| self.is_local(operand))
    }

    fn most(&self, value: Value, depth: u32) -> u32 {
        let Some(depth) = depth.checked_sub(1) else {
            return u32::MAX;
        };
        let [x, y, z] = self.workgroup;
        match self.program.instructions[value.0] {
            Instruction::Turn => self.turns.get(&value).map_or(u32::MAX, |turns| turns - 1),
            Instruction::Builtin(Builtin::LocalX) => x - 1,
            Instruction::Builtin(Builtin::LocalY) => y - 1,
            Instruction::Builtin(Builtin::LocalZ) => z - 1,
            Instruction::Builtin(Builtin::LocalIndex) => x * y * z - 1,
            instruction => range::most(
                instruction,
                |operand| self.constant(operand),
                |operand| self.most(operand, depth),
                |_| u32::MAX,
            ),
        }
    }
}
