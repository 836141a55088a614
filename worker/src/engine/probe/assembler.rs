// SPDX-License-Identifier: Apache-2.0
//! Puts together the kernels of probes.

use super::{Class, LANES, Probe};
use assay_kernel::{
    Kernel,
    program::{Binary, Builtin, Memory, Op, Register, VERSION},
};

/// Writes straight-line code and numbers its registers.
pub(super) struct Assembler {
    pub(super) code: Vec<Op>,
    /// The number of the next register.
    next: Register,
}

impl Assembler {
    pub(super) fn new() -> Self {
        Self {
            code: Vec::new(),
            next: 0,
        }
    }

    /// Appends an operation that yields a value.
    pub(super) fn value(&mut self, op: Op) -> Register {
        self.code.push(op);
        self.next += 1;
        self.next - 1
    }

    pub(super) fn constant(&mut self, word: u32) -> Register {
        self.value(Op::Constant(word))
    }

    pub(super) fn binary(&mut self, function: Binary, a: Register, b: Register) -> Register {
        self.value(Op::Binary(function, a, b))
    }

    /// Appends one that yields none.
    pub(super) fn push(&mut self, op: Op) {
        self.code.push(op);
    }

    /// The workgroup's number times `factor`, plus the lane.
    pub(super) fn own(&mut self, factor: u32) -> Register {
        let group = self.group();
        let factor = self.constant(factor);
        let base = self.binary(Binary::Multiply, group, factor);
        let lane = self.value(Op::Builtin(Builtin::LocalIndex));
        self.binary(Binary::Add, base, lane)
    }

    /// The workgroup's number, from its position.
    pub(super) fn group(&mut self) -> Register {
        let [x, y, z, width, height] = [
            Builtin::GroupX,
            Builtin::GroupY,
            Builtin::GroupZ,
            Builtin::GridX,
            Builtin::GridY,
        ]
        .map(|builtin| self.value(Op::Builtin(builtin)));
        let plane = self.binary(Binary::Multiply, z, height);
        let row = self.binary(Binary::Add, plane, y);
        let rows = self.binary(Binary::Multiply, row, width);
        self.binary(Binary::Add, rows, x)
    }

    /// Stores into the `row`-th run of 256 words of the tile, one word for each lane.
    pub(super) fn store_row(&mut self, output: u8, own: Register, row: u32, value: Register) {
        let offset = self.constant(row * LANES);
        let address = self.binary(Binary::Add, own, offset);
        self.push(Op::Store(output, address, value));
    }

    pub(super) fn probe(
        self,
        class: Class,
        name: &'static str,
        tile_words: u32,
        memories: Vec<Memory>,
    ) -> Probe {
        Probe {
            class,
            name,
            kernel: Kernel {
                version: VERSION,
                workgroup: [LANES as u16, 1, 1],
                tile_words,
                loop_fuel: 0,
                memories,
                variables: Vec::new(),
                code: self.code,
            },
            grid: [4, 1, 1],
            parameters: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// Two hard words of the input for each invocation: over all workgroups, every pair of so many.
    pub(super) fn pair(&mut self, count: usize) -> (Register, Register) {
        let pair = self.own(LANES);
        let length = self.constant(count as u32);
        let first = self.binary(Binary::DivideUnsigned, pair, length);
        let second = self.binary(Binary::RemainderUnsigned, pair, length);
        (
            self.value(Op::Load(1, first)),
            self.value(Op::Load(1, second)),
        )
    }
}
