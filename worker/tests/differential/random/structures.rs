// SPDX-License-Identifier: Apache-2.0
//! Conditions, blocks and loops.

use super::generator::{Generator, Structure, Value};
use assay_kernel::program::{LoopKind, Op};

impl Generator {
    pub(super) fn condition(&mut self, depth: u32) {
        let condition = self.any();
        let uniform = self.use_all(&[condition]);
        let together = uniform && self.frame().uniform;
        self.push(Op::If(condition));
        self.open(Structure::If, together);
        self.arm(depth);
        if self.random.one_in(2) {
            self.push(Op::Else);
            let together = uniform && self.frame().uniform;
            self.open(Structure::If, together);
            self.arm(depth);
        }
        self.push(Op::End);
    }

    /// What an `If` or `Else` holds, which may leave a structure around it at the end.
    fn arm(&mut self, depth: u32) {
        self.statements(4, depth + 1);
        self.digest_values();
        if self.random.one_in(3) {
            self.leave();
        }
        self.close();
    }

    fn leave(&mut self) {
        let together = self.frame().uniform;
        let op = self
            .random
            .of(&[Op::Break, Op::Break, Op::Continue, Op::Return]);
        if op == Op::Return {
            let in_uniform_loop = self
                .frames
                .iter()
                .any(|frame| frame.structure.loop_kind() == Some(LoopKind::Uniform));
            let in_continuing = self
                .frames
                .iter()
                .any(|frame| matches!(frame.structure, Structure::Continuing(_)));
            if in_continuing || (!together && in_uniform_loop) || !self.random.one_in(3) {
                return;
            }
            self.store_digest();
            self.push(op);
            if !together {
                self.frames
                    .iter_mut()
                    .for_each(|frame| frame.uniform = false);
            }
            return;
        }
        let target = self.frames.iter().rposition(|frame| match op {
            Op::Break => !matches!(frame.structure, Structure::If | Structure::Kernel),
            _ => frame.structure.loop_kind().is_some(),
        });
        let Some(target) = target else {
            return;
        };
        match self.frames[target].structure {
            Structure::Continuing(_) => return,
            Structure::Repeat(LoopKind::Uniform) | Structure::Loop(LoopKind::Uniform)
                if !together =>
            {
                return;
            }
            _ => {}
        }
        self.push(op);
        if !together {
            self.frames[target..]
                .iter_mut()
                .for_each(|frame| frame.uniform = false);
        }
    }

    pub(super) fn block(&mut self, depth: u32) {
        self.push(Op::Block);
        let uniform = self.frame().uniform;
        self.open(Structure::Block, uniform);
        self.statements(5, depth + 1);
        self.digest_values();
        self.close();
        self.push(Op::End);
    }

    fn loop_kind(&mut self) -> LoopKind {
        if self.frame().uniform && self.random.one_in(2) {
            LoopKind::Uniform
        } else {
            LoopKind::Varying
        }
    }

    pub(super) fn repeat(&mut self, depth: u32) {
        let kind = self.loop_kind();
        let turns = 1 + self.random.below(7);
        let uniform = kind == LoopKind::Uniform;
        self.push(Op::Repeat(kind, turns));
        self.open(Structure::Repeat(kind), uniform);
        self.values.push(Value {
            uniform,
            float: false,
            used: true,
        });
        self.statements(5, depth + 1);
        self.digest_values();
        self.close();
        self.push(Op::End);
    }

    pub(super) fn metered(&mut self, depth: u32) {
        let kind = self.loop_kind();
        let uniform = kind == LoopKind::Uniform;
        self.push(Op::Loop(kind));
        self.open(Structure::Loop(kind), uniform);
        self.statements(5, depth + 1);
        self.digest_values();
        self.close();
        self.push(Op::Continuing);
        self.open(Structure::Continuing(kind), uniform);
        self.statements(2, depth + 1);
        self.digest_values();
        if self.random.one_in(2) {
            let condition = match kind {
                LoopKind::Uniform if !self.frame().uniform => None,
                LoopKind::Uniform => Some(self.any_uniform()),
                LoopKind::Varying => Some(self.any()),
            };
            if let Some(condition) = condition {
                self.use_all(&[condition]);
                self.digest_values();
                self.push(Op::BreakIf(condition));
            }
        }
        self.close();
        self.push(Op::End);
    }
}
