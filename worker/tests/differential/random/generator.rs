// SPDX-License-Identifier: Apache-2.0
//! The frame of a random kernel, and the values in scope.

use super::{OUTPUT, words::Random};
use assay_kernel::{
    Kernel, float,
    program::{Atomic, Binary, Builtin, Content, LoopKind, Memory, Op, Register, Unary, Variable},
};

/// The variable that all values end up in.
const DIGEST: Variable = 0;

/// What the validator knows of a register.
pub(super) struct Value {
    pub(super) uniform: bool,
    pub(super) float: bool,
    pub(super) used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    Kernel,
    If,
    Block,
    Repeat(LoopKind),
    Loop(LoopKind),
    Continuing(LoopKind),
}

impl Structure {
    pub(super) fn loop_kind(self) -> Option<LoopKind> {
        match self {
            Self::Repeat(kind) | Self::Loop(kind) | Self::Continuing(kind) => Some(kind),
            Self::Kernel | Self::If | Self::Block => None,
        }
    }
}

pub(super) struct Frame {
    pub(super) structure: Structure,
    /// Values in scope when it was opened.
    base: usize,
    /// Whether all invocations are here together.
    pub(super) uniform: bool,
}

/// Writes the code of a kernel.
pub(super) struct Generator {
    pub(super) random: Random,
    pub(super) kernel: Kernel,
    /// How workgroup memory is combined: all in one way, or the order would show.
    pub(super) atomic: Atomic,
    /// Whether there are floats.
    pub(super) floats: bool,
    pub(super) lanes: u32,
    pub(super) values: Vec<Value>,
    pub(super) frames: Vec<Frame>,
    /// The register of the lane.
    pub(super) lane: Register,
    /// The register of the tile's first word plus the lane.
    pub(super) own: Register,
}

impl Generator {
    /// For a kernel that is complete but for its code.
    pub(super) fn new(random: Random, kernel: Kernel, atomic: Atomic, floats: bool) -> Self {
        Self {
            random,
            lanes: kernel.lanes().expect("a workgroup of at most 256"),
            kernel,
            atomic,
            floats,
            values: Vec::new(),
            frames: Vec::new(),
            lane: 0,
            own: 0,
        }
    }

    /// Writes all of it.
    pub(super) fn finish(mut self) -> (Kernel, Random) {
        self.open(Structure::Kernel, true);
        self.lane = self.builtin(Builtin::LocalIndex);
        self.own = self.own_address();
        // Small ones mostly: a driver takes a time to compile them that grows with their size.
        let most = self.random.of(&[3, 3, 6, 12]);
        self.statements(most, 0);
        self.digest_values();
        let together = self.frame().uniform;
        self.store_digest();
        if together {
            self.store_combined();
        }
        (self.kernel, self.random)
    }

    /// The first word of the tile plus the lane. Lanes past the tile's words write outside it.
    fn own_address(&mut self) -> Register {
        let [x, y, z, width, height] = [
            Builtin::GroupX,
            Builtin::GroupY,
            Builtin::GroupZ,
            Builtin::GridX,
            Builtin::GridY,
        ]
        .map(|builtin| self.builtin(builtin));
        let plane = self.binary(Binary::Multiply, z, height);
        let row = self.binary(Binary::Add, plane, y);
        let rows = self.binary(Binary::Multiply, row, width);
        let group = self.binary(Binary::Add, rows, x);
        let words = self.constant(self.kernel.tile_words);
        let base = self.binary(Binary::Multiply, group, words);
        self.binary(Binary::Add, base, self.lane)
    }

    pub(super) fn store_digest(&mut self) {
        let digest = self.define(Op::Get(DIGEST), false);
        self.push(Op::Store(OUTPUT, self.own, digest));
        self.use_all(&[self.own, digest]);
    }

    pub(super) fn push(&mut self, op: Op) {
        self.kernel.code.push(op);
    }

    pub(super) fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the kernel is a frame")
    }

    pub(super) fn open(&mut self, structure: Structure, uniform: bool) {
        self.frames.push(Frame {
            structure,
            base: self.values.len(),
            uniform,
        });
    }

    pub(super) fn close(&mut self) {
        let frame = self.frames.pop().expect("a structure is open");
        self.values.truncate(frame.base);
    }

    /// Appends an operation that yields a value.
    pub(super) fn define(&mut self, op: Op, uniform: bool) -> Register {
        let value = Value {
            uniform,
            float: self.is_float(&op),
            used: false,
        };
        self.push(op);
        self.values.push(value);
        (self.values.len() - 1) as Register
    }

    /// Whether what an operation yields is certain to be a canonical f32.
    fn is_float(&self, op: &Op) -> bool {
        match *op {
            Op::Constant(word) => float::is_canonical(word),
            Op::Unary(function, _) => function.yields_float(),
            Op::Binary(function, ..) => function.yields_float(),
            Op::Select(_, a, b) => [a, b].iter().all(|of| self.values[usize::from(*of)].float),
            Op::Get(variable) => {
                self.kernel.variables[usize::from(variable)].content == Content::Floats
            }
            Op::Load(memory, _) => matches!(
                self.kernel.memories[usize::from(memory)],
                Memory::Workgroup(_, Content::Floats) | Memory::Private(_, Content::Floats)
            ),
            _ => false,
        }
    }

    /// Marks registers as used; the answer is whether all of them are uniform.
    pub(super) fn use_all(&mut self, registers: &[Register]) -> bool {
        registers.iter().fold(true, |uniform, register| {
            let value = &mut self.values[usize::from(*register)];
            value.used = true;
            uniform && value.uniform
        })
    }

    pub(super) fn constant(&mut self, word: u32) -> Register {
        self.define(Op::Constant(word), true)
    }

    pub(super) fn builtin(&mut self, builtin: Builtin) -> Register {
        let varying = matches!(
            builtin,
            Builtin::LocalX | Builtin::LocalY | Builtin::LocalZ | Builtin::LocalIndex
        );
        self.define(Op::Builtin(builtin), !varying)
    }

    pub(super) fn unary(&mut self, function: Unary, a: Register) -> Register {
        let uniform = self.use_all(&[a]);
        self.define(Op::Unary(function, a), uniform)
    }

    pub(super) fn binary(&mut self, function: Binary, a: Register, b: Register) -> Register {
        let uniform = self.use_all(&[a, b]);
        self.define(Op::Binary(function, a, b), uniform)
    }

    pub(super) fn select(&mut self, condition: Register, a: Register, b: Register) -> Register {
        let uniform = self.use_all(&[condition, a, b]);
        self.define(Op::Select(condition, a, b), uniform)
    }

    pub(super) fn get(&mut self, variable: Variable) -> Register {
        let uniform = self.kernel.variables[usize::from(variable)].uniform;
        self.define(Op::Get(variable), uniform)
    }

    pub(super) fn set(&mut self, variable: Variable, register: Register) {
        self.push(Op::Set(variable, register));
        self.use_all(&[register]);
    }

    /// Any register in scope, a recent one rather than an old one; or a new constant.
    pub(super) fn any(&mut self) -> Register {
        let count = self.values.len() as u32;
        if self.random.one_in(5) {
            let word = self.random.operand();
            return self.constant(word);
        }
        let back = match self.random.one_in(3) {
            true => self.random.below(count),
            false => self.random.below(count.min(6)),
        };
        (count - 1 - back) as Register
    }

    /// A register that is uniform.
    pub(super) fn any_uniform(&mut self) -> Register {
        for _ in 0..4 {
            let register = self.any();
            if self.values[usize::from(register)].uniform {
                return register;
            }
        }
        let builtin = self.random.of(&[
            Builtin::GroupX,
            Builtin::GridX,
            Builtin::GroupY,
            Builtin::GridZ,
        ]);
        self.builtin(builtin)
    }

    /// A register that is a float: one of the last, or a new one.
    pub(super) fn any_float(&mut self) -> Register {
        let recent: Vec<Register> = (0..self.values.len())
            .rev()
            .filter(|register| self.values[*register].float)
            .map(|register| register as Register)
            .take(6)
            .collect();
        if !recent.is_empty() && !self.random.one_in(4) {
            return self.random.of(&recent);
        }
        match self.random.one_in(2) {
            true => self.float_constant(),
            false => {
                let any = self.any();
                self.unary(Unary::Canonical, any)
            }
        }
    }

    pub(super) fn float_constant(&mut self) -> Register {
        let word = float::canonical(self.random.float());
        self.constant(word)
    }

    /// Sums the unused values of the innermost scope up in a variable.
    pub(super) fn digest_values(&mut self) {
        let base = self.frame().base;
        let unused: Vec<Register> = (base..self.values.len())
            .filter(|register| !self.values[*register].used)
            .map(|register| register as Register)
            .collect();
        if unused.is_empty() {
            return;
        }
        let mut digest = self.define(Op::Get(DIGEST), false);
        let factor = self.constant(31);
        for register in unused {
            let multiplied = self.binary(Binary::Multiply, digest, factor);
            digest = self.binary(Binary::Xor, multiplied, register);
        }
        let digest = self.binary(Binary::Add, digest, factor);
        self.set(DIGEST, digest);
    }
}
