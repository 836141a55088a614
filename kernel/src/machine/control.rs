// SPDX-License-Identifier: Apache-2.0
//! Structured control flow of all invocations at once.

use super::{LANES, Mask};
use crate::program::{LoopKind, Op};
use alloc::{vec, vec::Vec};

/// Where structures end, and what the turns of metered loops cost; found once for a kernel.
#[derive(Clone, Debug)]
pub(super) struct Jumps {
    /// For `If`: its `Else` or `End`. For `Else` and `Loop`: the `End`. By position.
    targets: Vec<usize>,
    /// For `Loop`: the fuel of one turn. By position.
    turns: Vec<u64>,
}

impl Jumps {
    /// Of a valid kernel; `turns` are the fuels of its loops' turns in the order of the program.
    pub(super) fn new(code: &[Op], turns: &[u64]) -> Self {
        let mut jumps = Self {
            targets: vec![0; code.len()],
            turns: vec![0; code.len()],
        };
        let mut turns = turns.iter();
        let mut open = Vec::new();
        for (position, op) in code.iter().enumerate() {
            match op {
                Op::If(_) | Op::Block | Op::Repeat(..) => open.push(position),
                Op::Loop(_) => {
                    if let (Some(to), Some(turn)) = (jumps.turns.get_mut(position), turns.next()) {
                        *to = *turn;
                    }
                    open.push(position);
                }
                Op::Else => {
                    jumps.close(open.pop(), position);
                    open.push(position);
                }
                Op::End => jumps.close(open.pop(), position),
                _ => {}
            }
        }
        jumps
    }

    fn close(&mut self, opened: Option<usize>, position: usize) {
        if let Some(target) = opened.and_then(|opened| self.targets.get_mut(opened)) {
            *target = position;
        }
    }

    fn target(&self, position: usize) -> usize {
        self.targets.get(position).copied().unwrap_or(position)
    }

    fn turn(&self, position: usize) -> u64 {
        self.turns.get(position).copied().unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    If,
    Block,
    /// With the most turns.
    Repeat(u32),
    Loop(LoopKind),
}

/// A structure that the invocations are in.
#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: Kind,
    /// The position of the operation that opened it.
    opened: usize,
    /// The registers in scope when it was opened.
    depth: usize,
    /// Of an `If`: the lanes that are in the other arm, or through with it.
    aside: Mask,
    /// The lanes that have left.
    left: Mask,
    /// The lanes that wait for the next turn.
    continued: Mask,
    /// The number of the turn.
    turn: u32,
}

/// The turn that a loop starts.
pub(super) struct Turn {
    pub(super) number: u32,
    /// Whether the loop shows the number in a register.
    pub(super) counted: bool,
}

/// Where the invocations are.
pub(super) struct Flow {
    /// The next operation.
    pub(super) position: usize,
    /// The registers in scope.
    pub(super) depth: usize,
    /// The lanes that are here.
    pub(super) active: Mask,
    frames: Vec<Frame>,
    /// What loops declared uniform may still burn.
    uniform_fuel: u64,
    /// What the other loops may still burn, for each lane.
    varying_fuel: [u64; LANES],
}

impl Flow {
    pub(super) fn new(lanes: u32, loop_fuel: u32) -> Self {
        Self {
            position: 0,
            depth: 0,
            active: Mask::first(lanes),
            frames: Vec::new(),
            uniform_fuel: loop_fuel.into(),
            varying_fuel: [loop_fuel.into(); LANES],
        }
    }

    pub(super) fn advance(&mut self) {
        self.position = self.position.saturating_add(1);
    }

    /// Goes on after an operation that defined a register.
    pub(super) fn define(&mut self) {
        self.depth = self.depth.saturating_add(1);
        self.advance();
    }

    fn open(&mut self, kind: Kind) {
        self.frames.push(Frame {
            kind,
            opened: self.position,
            depth: self.depth,
            aside: Mask::NONE,
            left: Mask::NONE,
            continued: Mask::NONE,
            turn: 0,
        });
        self.advance();
    }

    pub(super) fn open_if(&mut self, condition: Mask, jumps: &Jumps) {
        let opened = self.position;
        self.open(Kind::If);
        if let Some(frame) = self.frames.last_mut() {
            frame.aside = self.active & !condition;
        }
        self.active = self.active & condition;
        if self.active.is_empty() {
            self.position = jumps.target(opened);
        }
    }

    pub(super) fn switch_arm(&mut self, jumps: &Jumps) {
        let at = self.position;
        self.advance();
        if let Some(frame) = self.frames.last_mut() {
            self.depth = frame.depth;
            core::mem::swap(&mut self.active, &mut frame.aside);
        }
        if self.active.is_empty() {
            self.position = jumps.target(at);
        }
    }

    pub(super) fn open_block(&mut self) {
        self.open(Kind::Block);
    }

    pub(super) fn open_repeat(&mut self, count: u32) {
        self.open(Kind::Repeat(count));
        self.depth = self.depth.saturating_add(1);
    }

    /// Opens a metered loop; whether it has a turn at all.
    pub(super) fn open_loop(&mut self, kind: LoopKind, jumps: &Jumps) -> bool {
        self.open(Kind::Loop(kind));
        self.pay(jumps)
    }

    /// Takes the fuel of a turn of the innermost loop; who cannot pay leaves. Whether anybody stays.
    fn pay(&mut self, jumps: &Jumps) -> bool {
        let Some(frame) = self.frames.last_mut() else {
            return false;
        };
        let turn = jumps.turn(frame.opened);
        match frame.kind {
            // A GPU does not come here either.
            _ if self.active.is_empty() => {}
            Kind::Loop(LoopKind::Uniform) => match self.uniform_fuel.checked_sub(turn) {
                Some(left) => self.uniform_fuel = left,
                None => {
                    frame.left |= self.active;
                    self.active = Mask::NONE;
                }
            },
            _ => {
                let fuel = &mut self.varying_fuel;
                let paid = self.active.filter(|lane| {
                    fuel.get_mut(*lane).is_some_and(|fuel| {
                        let left = fuel.checked_sub(turn);
                        *fuel = left.unwrap_or(*fuel);
                        left.is_some()
                    })
                });
                frame.left |= self.active & !paid;
                self.active = paid;
            }
        }
        let stays = !self.active.is_empty();
        if !stays {
            self.position = jumps.target(frame.opened);
        }
        stays
    }

    pub(super) fn continuing(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            self.depth = frame.depth;
            self.active |= frame.continued;
            frame.continued = Mask::NONE;
        }
        self.advance();
    }

    pub(super) fn break_if(&mut self, condition: Mask) {
        if let Some(frame) = self.frames.last_mut() {
            frame.left |= self.active & condition;
            self.active = self.active & !condition;
        }
        self.advance();
    }

    /// Ends the innermost structure, or starts the next turn of it.
    pub(super) fn end(&mut self, jumps: &Jumps) -> Option<Turn> {
        let at = self.position;
        let frame = self.frames.last_mut()?;
        self.depth = frame.depth;
        match frame.kind {
            Kind::If => self.active |= frame.aside,
            Kind::Block => {}
            Kind::Repeat(count) => {
                self.active |= frame.continued;
                frame.continued = Mask::NONE;
                frame.turn = frame.turn.saturating_add(1);
                if frame.turn < count && !self.active.is_empty() {
                    self.position = frame.opened.saturating_add(1);
                    self.depth = frame.depth.saturating_add(1);
                    return Some(Turn {
                        number: frame.turn,
                        counted: true,
                    });
                }
            }
            Kind::Loop(_) if !self.active.is_empty() => {
                let number = frame.turn;
                self.position = frame.opened.saturating_add(1);
                if self.pay(jumps) {
                    return Some(Turn {
                        number,
                        counted: false,
                    });
                }
            }
            Kind::Loop(_) => {}
        }
        if let Some(frame) = self.frames.pop() {
            self.active |= frame.left;
        }
        self.position = at.saturating_add(1);
        None
    }

    /// `Break`.
    pub(super) fn leave(&mut self) {
        let target = self
            .frames
            .iter_mut()
            .rev()
            .find(|frame| frame.kind != Kind::If);
        if let Some(frame) = target {
            frame.left |= self.active;
        }
        self.active = Mask::NONE;
        self.advance();
    }

    /// `Continue`.
    pub(super) fn next_turn(&mut self) {
        let target = self
            .frames
            .iter_mut()
            .rev()
            .find(|frame| matches!(frame.kind, Kind::Repeat(_) | Kind::Loop(_)));
        if let Some(frame) = target {
            frame.continued |= self.active;
        }
        self.active = Mask::NONE;
        self.advance();
    }

    /// `Return`.
    pub(super) fn end_invocations(&mut self) {
        self.active = Mask::NONE;
        self.advance();
    }
}
