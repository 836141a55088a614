// SPDX-License-Identifier: Apache-2.0
//! From a program to bytecode: registers by position, variables and memories by first use.

use super::{
    ir::{Instruction, MemoryNumber, Node, Program, Slot, SlotKind, Value},
    uniformity::Uniformity,
};
use crate::program::{Content, Kernel, Memory, Op, VERSION, VariableKind};
use std::collections::HashMap;

/// Something that the bytecode's numbers cannot name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Emits a kernel.
pub(super) fn emit(
    program: &Program,
    uniformity: &Uniformity,
    workgroup: [u16; 3],
    tile_words: u32,
    loop_fuel: u32,
) -> Result<Kernel, TooLarge> {
    let mut emitter = Emitter {
        program,
        uniformity,
        registers: HashMap::new(),
        depth: 0,
        slots: HashMap::new(),
        variables: Vec::new(),
        places: HashMap::new(),
        memories: Vec::new(),
        code: Vec::new(),
        next_loop: 0,
    };
    // What is bound is part of the kernel, used or not.
    for (number, memory) in program.memories.iter().enumerate() {
        if !matches!(memory, Memory::Workgroup(..) | Memory::Private(..)) {
            emitter.memory(number)?;
        }
    }
    emitter.nodes(&program.nodes)?;
    let has_loop = (emitter.code.iter()).any(|op| matches!(op, Op::Loop(_)));
    Ok(Kernel {
        version: VERSION,
        workgroup,
        tile_words,
        loop_fuel: if has_loop { loop_fuel } else { 0 },
        memories: emitter.memories,
        variables: emitter.variables,
        code: emitter.code,
    })
}

struct Emitter<'a> {
    program: &'a Program,
    uniformity: &'a Uniformity,
    registers: HashMap<Value, u16>,
    /// The registers in scope.
    depth: usize,
    slots: HashMap<Slot, u16>,
    variables: Vec<VariableKind>,
    places: HashMap<MemoryNumber, u8>,
    memories: Vec<Memory>,
    code: Vec<Op>,
    next_loop: usize,
}

impl Emitter<'_> {
    fn nodes(&mut self, nodes: &[Node]) -> Result<(), TooLarge> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    /// Emits what is inside a structure; its registers go out of scope at the end.
    fn inside(&mut self, nodes: &[Node]) -> Result<(), TooLarge> {
        let depth = self.depth;
        self.nodes(nodes)?;
        self.depth = depth;
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), TooLarge> {
        match node {
            Node::Define(value) => {
                let op = self.definition(self.program.instructions[value.0])?;
                self.code.push(op);
                self.define(*value)?;
            }
            Node::Set(slot, value) => {
                let op = Op::Set(self.variable(*slot)?, self.register(*value));
                self.code.push(op);
            }
            Node::Store(memory, address, value, _) => {
                let memory = self.memory(*memory)?;
                let op = Op::Store(memory, self.register(*address), self.register(*value));
                self.code.push(op);
            }
            Node::Atomic(function, memory, address, value, _) => {
                let memory = self.memory(*memory)?;
                let (address, value) = (self.register(*address), self.register(*value));
                self.code
                    .push(Op::Atomic(*function, memory, address, value));
            }
            Node::Barrier(_) => self.code.push(Op::Barrier),
            Node::If(condition, accept, reject) => {
                self.code.push(Op::If(self.register(*condition)));
                self.inside(accept)?;
                if !reject.is_empty() {
                    self.code.push(Op::Else);
                    self.inside(reject)?;
                }
                self.code.push(Op::End);
            }
            Node::Block(body) => {
                self.code.push(Op::Block);
                self.inside(body)?;
                self.code.push(Op::End);
            }
            Node::Repeat(count, turn, body) => {
                let kind = self.loop_kind();
                self.code.push(Op::Repeat(kind, *count));
                let depth = self.depth;
                self.define(*turn)?;
                self.nodes(body)?;
                self.depth = depth;
                self.code.push(Op::End);
            }
            Node::Loop(body, continuing, exit) => {
                let kind = self.loop_kind();
                self.code.push(Op::Loop(kind));
                self.inside(body)?;
                self.code.push(Op::Continuing);
                let depth = self.depth;
                self.nodes(continuing)?;
                if let Some(condition) = exit {
                    self.code.push(Op::BreakIf(self.register(*condition)));
                }
                self.depth = depth;
                self.code.push(Op::End);
            }
            Node::Break => self.code.push(Op::Break),
            Node::Continue => self.code.push(Op::Continue),
            Node::Return => self.code.push(Op::Return),
        }
        Ok(())
    }

    fn definition(&mut self, instruction: Instruction) -> Result<Op, TooLarge> {
        Ok(match instruction {
            Instruction::Constant(word) => Op::Constant(word),
            Instruction::Builtin(builtin) => Op::Builtin(builtin),
            Instruction::Unary(function, a) => Op::Unary(function, self.register(a)),
            Instruction::Binary(function, a, b) => {
                Op::Binary(function, self.register(a), self.register(b))
            }
            Instruction::Select(c, a, b) => {
                Op::Select(self.register(c), self.register(a), self.register(b))
            }
            Instruction::Get(slot) => Op::Get(self.variable(slot)?),
            Instruction::Load(memory, address) => {
                Op::Load(self.memory(memory)?, self.register(address))
            }
            Instruction::Length(memory) => Op::Length(self.memory(memory)?),
            // Defined by its `Repeat`, never by itself.
            Instruction::Turn => Op::Constant(0),
        })
    }

    fn define(&mut self, value: Value) -> Result<(), TooLarge> {
        let register = u16::try_from(self.depth).map_err(|_| TooLarge)?;
        self.registers.insert(value, register);
        self.depth += 1;
        Ok(())
    }

    fn register(&self, value: Value) -> u16 {
        self.registers.get(&value).copied().unwrap_or_default()
    }

    fn variable(&mut self, slot: Slot) -> Result<u16, TooLarge> {
        if let Some(number) = self.slots.get(&slot) {
            return Ok(*number);
        }
        let number = u16::try_from(self.variables.len()).map_err(|_| TooLarge)?;
        self.variables.push(VariableKind {
            uniform: self.uniformity.slots[slot.0],
            content: match self.program.slots[slot.0] {
                SlotKind::Floats => Content::Floats,
                SlotKind::Words | SlotKind::Booleans => Content::Words,
            },
        });
        self.slots.insert(slot, number);
        Ok(number)
    }

    fn memory(&mut self, memory: MemoryNumber) -> Result<u8, TooLarge> {
        if let Some(number) = self.places.get(&memory) {
            return Ok(*number);
        }
        let number = u8::try_from(self.memories.len()).map_err(|_| TooLarge)?;
        self.memories.push(self.program.memories[memory]);
        self.places.insert(memory, number);
        Ok(number)
    }

    fn loop_kind(&mut self) -> crate::program::LoopKind {
        let kind = self.uniformity.loops[self.next_loop];
        self.next_loop += 1;
        kind
    }
}
