// SPDX-License-Identifier: Apache-2.0
//! The pass over the operations: scopes, structure, uniformity and fuel.

use super::{Invalid, Limits};
use crate::{
    cost, float,
    program::{
        Builtin, Content, Kernel, LoopKind, Memory, MemoryIndex, Op, Register, VariableKind,
    },
};
use alloc::vec::Vec;

/// What the pass found out.
pub(super) struct Summary {
    pub(super) registers: u16,
    pub(super) fuel: u64,
    pub(super) turns: Vec<u64>,
    pub(super) uniform_loops: u32,
    pub(super) varying_loops: u32,
    pub(super) nested_varying_loop: bool,
}

/// A value in scope.
struct Value {
    known: Known,
    used: bool,
}

/// What is certain of a value.
#[derive(Clone, Copy)]
struct Known {
    /// All invocations of the workgroup hold the same.
    uniform: bool,
    /// It is a canonical float.
    float: bool,
}

impl Known {
    /// A word of which nothing is known but whether it is uniform.
    const fn word(uniform: bool) -> Self {
        Self {
            uniform,
            float: false,
        }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            uniform: self.uniform && other.uniform,
            float: self.float && other.float,
        }
    }
}

/// A structure that is open.
struct Frame {
    kind: FrameKind,
    /// How many values were in scope when it was opened.
    base: usize,
    /// Whether all invocations of the workgroup are certain to be here together.
    uniform: bool,
    /// Whether the invocation has left: only the end of the structure may follow.
    left: bool,
    /// The fuel of its operations so far.
    fuel: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    Kernel,
    /// With whether the condition is uniform.
    If(bool),
    Else,
    Block,
    Repeat(LoopKind, u32),
    /// With the position of its turn's fuel.
    Loop(LoopKind, usize),
    Continuing(LoopKind, usize),
}

impl FrameKind {
    /// How the invocations leave it, if it is a loop.
    fn loop_kind(self) -> Option<LoopKind> {
        match self {
            Self::Repeat(kind, _) | Self::Loop(kind, _) | Self::Continuing(kind, _) => Some(kind),
            Self::Kernel | Self::If(_) | Self::Else | Self::Block => None,
        }
    }
}

struct Checker<'a> {
    kernel: &'a Kernel,
    limits: &'a Limits,
    position: u32,
    values: Vec<Value>,
    frames: Vec<Frame>,
    summary: Summary,
}

/// Checks all operations.
pub(super) fn check(kernel: &Kernel, limits: &Limits) -> Result<Summary, Invalid> {
    let mut checker = Checker {
        kernel,
        limits,
        position: 0,
        values: Vec::new(),
        frames: Vec::new(),
        summary: Summary {
            registers: 0,
            fuel: 0,
            turns: Vec::new(),
            uniform_loops: 0,
            varying_loops: 0,
            nested_varying_loop: false,
        },
    };
    checker.push(FrameKind::Kernel, true);
    for op in &kernel.code {
        checker.operation(op)?;
        checker.position = checker.position.saturating_add(1);
    }
    let kernel_frame = checker.pop()?;
    if kernel_frame.kind != FrameKind::Kernel {
        return Err(Invalid::Structure(checker.position));
    }
    checker.summary.fuel = kernel_frame.fuel;
    Ok(checker.summary)
}

impl Checker<'_> {
    fn operation(&mut self, op: &Op) -> Result<(), Invalid> {
        let at = self.position;
        let kernel = self.kernel;
        let frame = self.frame()?;
        let closes = matches!(op, Op::Else | Op::Continuing | Op::End);
        if frame.left && !closes {
            return Err(Invalid::Unreachable(at));
        }
        frame.fuel = frame.fuel.saturating_add(cost::of(op, &kernel.memories));
        match *op {
            Op::Constant(word) => self.define(Known {
                uniform: true,
                float: float::is_canonical(word),
            }),
            Op::Builtin(builtin) => self.define(Known::word(is_uniform(builtin))),
            Op::Unary(function, a) => {
                let a = self.use_register(a)?;
                self.require_float(!function.takes_float() || a.float)?;
                self.define(Known {
                    uniform: a.uniform,
                    float: function.yields_float(),
                })
            }
            Op::Binary(function, a, b) => {
                let both = self.use_both(a, b)?;
                self.require_float(!function.takes_floats() || both.float)?;
                self.define(Known {
                    uniform: both.uniform,
                    float: function.yields_float(),
                })
            }
            Op::Select(condition, a, b) => {
                let condition = self.use_register(condition)?;
                let either = self.use_both(a, b)?;
                self.define(Known {
                    uniform: condition.uniform && either.uniform,
                    float: either.float,
                })
            }
            Op::Get(variable) => {
                let VariableKind { uniform, content } = self.variable(variable)?;
                self.define(Known {
                    uniform,
                    float: content == Content::Floats,
                })
            }
            Op::Set(variable, a) => {
                let value = self.use_register(a)?;
                let kind = self.variable(variable)?;
                self.require_content(kind.content, value)?;
                let together = value.uniform && self.frame()?.uniform;
                self.require(!kind.uniform || together)
            }
            Op::Load(memory, address) => {
                let address = self.use_register(address)?;
                let (shared, content) = match self.memory(memory)? {
                    Memory::Input | Memory::Parameters(_) => (true, Content::Words),
                    Memory::Output => (false, Content::Words),
                    Memory::Workgroup(_, content) | Memory::Private(_, content) => (false, content),
                };
                self.define(Known {
                    uniform: address.uniform && shared,
                    float: content == Content::Floats,
                })
            }
            Op::Store(memory, address, value) => {
                self.use_register(address)?;
                let value = self.use_register(value)?;
                match self.memory(memory)? {
                    Memory::Output => Ok(()),
                    Memory::Workgroup(_, content) | Memory::Private(_, content) => {
                        self.require_content(content, value)
                    }
                    Memory::Input | Memory::Parameters(_) => Err(Invalid::BadMemory(at)),
                }
            }
            Op::Atomic(_, memory, address, value) => {
                self.use_both(address, value)?;
                match self.memory(memory)? {
                    Memory::Workgroup(_, Content::Words) => Ok(()),
                    _ => Err(Invalid::BadMemory(at)),
                }
            }
            Op::Length(memory) => {
                self.memory(memory)?;
                self.define(Known::word(true))
            }
            Op::Barrier => {
                let uniform = self.frame()?.uniform;
                self.require(uniform)
            }
            Op::If(condition) => {
                let uniform = self.use_register(condition)?.uniform;
                let together = self.frame()?.uniform && uniform;
                self.open(FrameKind::If(uniform), together)
            }
            Op::Else => self.close_arm(),
            Op::Block => {
                let together = self.frame()?.uniform;
                self.open(FrameKind::Block, together)
            }
            Op::Repeat(kind, count) => {
                if count == 0 {
                    return Err(Invalid::NoTurns(at));
                }
                let together = self.enter_loop(kind)?;
                self.open(FrameKind::Repeat(kind, count), together)?;
                self.define(Known::word(kind == LoopKind::Uniform))?;
                // The number of the turn comes with the loop, wanted or not.
                if let Some(turn) = self.values.last_mut() {
                    turn.used = true;
                }
                Ok(())
            }
            Op::Loop(kind) => {
                let together = self.enter_loop(kind)?;
                match kind {
                    LoopKind::Uniform => {
                        self.summary.uniform_loops = self.summary.uniform_loops.saturating_add(1);
                    }
                    LoopKind::Varying => {
                        let nested = self
                            .frames
                            .iter()
                            .any(|frame| frame.kind.loop_kind().is_some());
                        self.summary.nested_varying_loop |= nested;
                        self.summary.varying_loops = self.summary.varying_loops.saturating_add(1);
                    }
                }
                let turn = self.summary.turns.len();
                self.summary.turns.push(0);
                self.open(FrameKind::Loop(kind, turn), together)
            }
            Op::Continuing => self.close_body(),
            Op::BreakIf(condition) => {
                let uniform = self.use_register(condition)?.uniform;
                let frame = self.frame()?;
                let FrameKind::Continuing(kind, _) = frame.kind else {
                    return Err(Invalid::Structure(at));
                };
                let together = uniform && frame.uniform;
                // Nothing may follow but the end.
                frame.left = true;
                self.require(kind == LoopKind::Varying || together)
            }
            Op::End => self.close(),
            Op::Break => self.leave(|kind| {
                matches!(
                    kind,
                    FrameKind::Block
                        | FrameKind::Repeat(..)
                        | FrameKind::Loop(..)
                        | FrameKind::Continuing(..)
                )
            }),
            Op::Continue => self.leave(|kind| kind.loop_kind().is_some()),
            Op::Return => self.end_invocation(),
        }
    }

    fn frame(&mut self) -> Result<&mut Frame, Invalid> {
        self.frames
            .last_mut()
            .ok_or(Invalid::Structure(self.position))
    }

    fn require(&self, condition: bool) -> Result<(), Invalid> {
        condition
            .then_some(())
            .ok_or(Invalid::NotUniform(self.position))
    }

    fn require_float(&self, condition: bool) -> Result<(), Invalid> {
        condition
            .then_some(())
            .ok_or(Invalid::NotFloat(self.position))
    }

    fn require_content(&self, content: Content, value: Known) -> Result<(), Invalid> {
        self.require_float(content == Content::Words || value.float)
    }

    fn push(&mut self, kind: FrameKind, uniform: bool) {
        self.frames.push(Frame {
            kind,
            base: self.values.len(),
            uniform,
            left: false,
            fuel: 0,
        });
    }

    fn open(&mut self, kind: FrameKind, uniform: bool) -> Result<(), Invalid> {
        if self.frames.len() > usize::from(self.limits.depth) {
            return Err(Invalid::Depth(self.position));
        }
        self.push(kind, uniform);
        Ok(())
    }

    /// Closes the innermost structure: its values go out of scope, and each must have been used.
    fn pop(&mut self) -> Result<Frame, Invalid> {
        let frame = self.frames.pop().ok_or(Invalid::Structure(self.position))?;
        if self.values.drain(frame.base..).any(|value| !value.used) {
            return Err(Invalid::UnusedValue(self.position));
        }
        Ok(frame)
    }

    fn define(&mut self, known: Known) -> Result<(), Invalid> {
        self.values.push(Value { known, used: false });
        let registers = u16::try_from(self.values.len()).unwrap_or(u16::MAX);
        if registers > self.limits.registers {
            return Err(Invalid::Registers(self.position));
        }
        self.summary.registers = self.summary.registers.max(registers);
        Ok(())
    }

    /// Marks a register as used and says what is known of it.
    fn use_register(&mut self, register: Register) -> Result<Known, Invalid> {
        let value = self
            .values
            .get_mut(usize::from(register))
            .ok_or(Invalid::UnknownRegister(self.position))?;
        value.used = true;
        Ok(value.known)
    }

    fn use_both(&mut self, a: Register, b: Register) -> Result<Known, Invalid> {
        Ok(self.use_register(a)?.and(self.use_register(b)?))
    }

    fn variable(&self, variable: u16) -> Result<VariableKind, Invalid> {
        self.kernel
            .variables
            .get(usize::from(variable))
            .copied()
            .ok_or(Invalid::UnknownVariable(self.position))
    }

    fn memory(&self, memory: MemoryIndex) -> Result<Memory, Invalid> {
        self.kernel
            .memories
            .get(usize::from(memory))
            .copied()
            .ok_or(Invalid::BadMemory(self.position))
    }

    /// Whether control is uniform inside a loop; one declared uniform must be entered so.
    fn enter_loop(&mut self, kind: LoopKind) -> Result<bool, Invalid> {
        let together = self.frame()?.uniform;
        match kind {
            LoopKind::Uniform => {
                self.require(together)?;
                Ok(true)
            }
            LoopKind::Varying => Ok(false),
        }
    }

    fn close_arm(&mut self) -> Result<(), Invalid> {
        let arm = self.pop()?;
        let FrameKind::If(condition_is_uniform) = arm.kind else {
            return Err(Invalid::Structure(self.position));
        };
        let parent = self.frame()?;
        parent.fuel = parent.fuel.saturating_add(arm.fuel);
        let together = parent.uniform && condition_is_uniform;
        self.push(FrameKind::Else, together);
        Ok(())
    }

    fn close_body(&mut self) -> Result<(), Invalid> {
        let body = self.pop()?;
        let FrameKind::Loop(kind, turn) = body.kind else {
            return Err(Invalid::Structure(self.position));
        };
        let together = kind == LoopKind::Uniform;
        self.push(FrameKind::Continuing(kind, turn), together);
        self.frame()?.fuel = body.fuel;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Invalid> {
        let frame = self.pop()?;
        let fuel = match frame.kind {
            FrameKind::Kernel | FrameKind::Loop(..) => {
                return Err(Invalid::Structure(self.position));
            }
            FrameKind::If(_) | FrameKind::Else | FrameKind::Block => frame.fuel,
            FrameKind::Repeat(_, count) => frame
                .fuel
                .saturating_add(cost::TURN)
                .saturating_mul(u64::from(count)),
            FrameKind::Continuing(_, turn) => {
                if let Some(entry) = self.summary.turns.get_mut(turn) {
                    *entry = frame.fuel.saturating_add(cost::TURN);
                }
                0
            }
        };
        let parent = self.frame()?;
        parent.fuel = parent.fuel.saturating_add(fuel);
        Ok(())
    }

    /// `Break` or `Continue`: leaves the innermost structure of a kind.
    fn leave(&mut self, targets: impl Fn(FrameKind) -> bool) -> Result<(), Invalid> {
        let at = self.position;
        let target = self
            .frames
            .iter()
            .rposition(|frame| targets(frame.kind))
            .ok_or(Invalid::Structure(at))?;
        let together = self.frame()?.uniform;
        self.frame()?.left = true;
        let left = self.frames.get_mut(target..).unwrap_or_default();
        match left.first().map(|frame| frame.kind) {
            Some(FrameKind::Continuing(..)) => return Err(Invalid::Structure(at)),
            Some(
                FrameKind::Repeat(LoopKind::Uniform, _) | FrameKind::Loop(LoopKind::Uniform, _),
            ) => {
                self.require(together)?;
            }
            // Who does not break goes on alone, to the end of the block.
            _ if !together => left.iter_mut().for_each(|frame| frame.uniform = false),
            _ => {}
        }
        Ok(())
    }

    fn end_invocation(&mut self) -> Result<(), Invalid> {
        let continuing = |frame: &Frame| matches!(frame.kind, FrameKind::Continuing(..));
        if self.frames.iter().any(continuing) {
            return Err(Invalid::Structure(self.position));
        }
        let together = self.frame()?.uniform;
        self.frame()?.left = true;
        if !together {
            let uniform_loop = self
                .frames
                .iter()
                .any(|frame| frame.kind.loop_kind() == Some(LoopKind::Uniform));
            self.require(!uniform_loop)?;
            self.frames
                .iter_mut()
                .for_each(|frame| frame.uniform = false);
        }
        Ok(())
    }
}

/// Whether all invocations of a workgroup are given the same number.
fn is_uniform(builtin: Builtin) -> bool {
    match builtin {
        Builtin::LocalX | Builtin::LocalY | Builtin::LocalZ | Builtin::LocalIndex => false,
        Builtin::GroupX
        | Builtin::GroupY
        | Builtin::GroupZ
        | Builtin::GridX
        | Builtin::GridY
        | Builtin::GridZ => true,
    }
}
