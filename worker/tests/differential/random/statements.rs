// SPDX-License-Identifier: Apache-2.0
//! Arithmetic, variables and memories.

use super::{
    COMBINED, COMBINED_WORDS, EMPTY_INPUT, FLOAT_VARIABLES, INPUT, OUTPUT, PARAMETER_WORDS,
    PARAMETERS, PRIVATE, PRIVATE_FLOATS, PRIVATE_WORDS, SHARED, SHARED_FLOATS, VARIABLES,
    generator::Generator,
};
use assay_kernel::program::{Binary, Builtin, MemoryIndex, Op, Register, Unary, Variable};
use assay_worker::engine::probe::{BINARY, FLOAT_BINARY, FLOAT_UNARY, UNARY};

impl Generator {
    pub(super) fn statements(&mut self, count: u32, depth: u32) {
        let count = 1 + self.random.below(count);
        for _ in 0..count {
            match self.floats && self.random.one_in(3) {
                true => self.float_statement(),
                false => self.statement(depth),
            }
        }
    }

    fn statement(&mut self, depth: u32) {
        let nested = depth < 4;
        match self.random.below(24) {
            0..=6 => {
                let (a, b) = (self.any(), self.any());
                let function = self.random.of(&BINARY);
                self.binary(function, a, b);
            }
            7 => {
                let a = self.any();
                let function = self.random.of(&UNARY);
                self.unary(function, a);
            }
            8 => {
                let (condition, a, b) = (self.any(), self.any(), self.any());
                self.select(condition, a, b);
            }
            9 => {
                let builtin = self.random.of(&[
                    Builtin::LocalX,
                    Builtin::LocalY,
                    Builtin::LocalZ,
                    Builtin::GroupX,
                    Builtin::GroupY,
                    Builtin::GroupZ,
                    Builtin::GridX,
                    Builtin::GridY,
                    Builtin::GridZ,
                ]);
                self.builtin(builtin);
            }
            10 | 11 => {
                let variable = self.random.below(self.kernel.variables.len() as u32);
                self.get(variable as Variable);
            }
            12 => self.assign(),
            13 | 14 => self.read(),
            15 => self.write(),
            16 => self.combine(),
            17 if self.frame().uniform => {
                let value = self.any();
                self.exchange(SHARED, value);
            }
            18 | 19 if nested => self.condition(depth),
            20 if nested => self.block(depth),
            21 | 22 if nested => self.repeat(depth),
            23 if nested => self.metered(depth),
            _ => {
                let memory = self.random.below(self.kernel.memories.len() as u32);
                self.define(Op::Length(memory as MemoryIndex), true);
            }
        }
    }

    fn float_statement(&mut self) {
        match self.random.below(16) {
            0..=5 => {
                let (a, b) = (self.any_float(), self.any_float());
                let function = self.cheap(&FLOAT_BINARY, Binary::FloatDivide);
                self.binary(function, a, b);
            }
            6 | 7 => {
                let function = self.cheap(&FLOAT_UNARY, Unary::FloatSqrt);
                let a = match function.takes_float() {
                    true => self.any_float(),
                    false => self.any(),
                };
                self.unary(function, a);
            }
            8 => {
                let condition = self.any();
                let (a, b) = (self.any_float(), self.any_float());
                self.select(condition, a, b);
            }
            9 => self.rewritable(),
            10 | 11 => self.assign_float(),
            12 | 13 => {
                let value = self.any_float();
                let address = self.address(PRIVATE_WORDS);
                self.store(PRIVATE_FLOATS, address, value);
                let address = self.address(PRIVATE_WORDS);
                self.load(PRIVATE_FLOATS, address);
            }
            14 if self.frame().uniform => {
                let value = self.any_float();
                self.exchange(SHARED_FLOATS, value);
            }
            _ => {
                let value = self.any_float();
                self.store(SHARED_FLOATS, self.lane, value);
                self.load(SHARED_FLOATS, self.lane);
            }
        }
    }

    /// Any of some functions, but seldom one that takes a driver long to compile.
    fn cheap<T: Copy + PartialEq>(&mut self, functions: &[T], dear: T) -> T {
        match self.random.of(functions) {
            function if function == dear && !self.random.one_in(3) => functions[0],
            function => function,
        }
    }

    /// What compilers like to rewrite, and what then has another value.
    fn rewritable(&mut self) {
        let operators = [
            Binary::FloatAdd,
            Binary::FloatSubtract,
            Binary::FloatMultiply,
            Binary::FloatDivide,
        ];
        let [first, second] = [(); 2].map(|()| self.cheap(&operators, Binary::FloatDivide));
        let (x, y) = (self.any_float(), self.any_float());
        let inner = self.binary(first, x, y);
        let other = match self.random.below(3) {
            0 => x,
            1 => y,
            _ => self.any_float(),
        };
        match self.random.one_in(3) {
            true => self.binary(second, other, inner),
            false => self.binary(second, inner, other),
        };
    }

    fn assign(&mut self) {
        if self.frame().uniform && self.random.one_in(2) {
            let register = self.any_uniform();
            let variable = 3 + self.random.below(2);
            self.set(variable as Variable, register);
        } else {
            let register = self.any();
            let variable = self.random.below(3);
            self.set(variable as Variable, register);
        }
    }

    /// Sets a variable of floats, and reads one.
    fn assign_float(&mut self) {
        let first = VARIABLES.len() as Variable;
        let count = FLOAT_VARIABLES.len() as u32;
        let register = self.any_float();
        let together = self.frame().uniform && self.values[usize::from(register)].uniform;
        // The last one is uniform.
        let choices = if together { count } else { count - 1 };
        let written = self.random.below(choices) as Variable;
        self.set(first + written, register);
        let read = self.random.below(count) as Variable;
        self.get(first + read);
    }

    /// An address that is often within a memory of so many words.
    fn address(&mut self, words: u32) -> Register {
        let any = self.any();
        if self.random.one_in(4) {
            return any;
        }
        let margin = self.random.below(3);
        let bound = self.constant(words + margin);
        self.binary(Binary::RemainderUnsigned, any, bound)
    }

    pub(super) fn load(&mut self, memory: MemoryIndex, address: Register) -> Register {
        let uniform = self.use_all(&[address]);
        let shared = matches!(memory, INPUT | EMPTY_INPUT | PARAMETERS);
        self.define(Op::Load(memory, address), uniform && shared)
    }

    pub(super) fn store(&mut self, memory: MemoryIndex, address: Register, value: Register) {
        self.push(Op::Store(memory, address, value));
        self.use_all(&[address, value]);
    }

    fn read(&mut self) {
        let memory = self.random.of(&[
            INPUT,
            INPUT,
            EMPTY_INPUT,
            PARAMETERS,
            PRIVATE,
            SHARED,
            OUTPUT,
        ]);
        let address = match memory {
            INPUT => self.address(300),
            EMPTY_INPUT => self.address(1),
            PARAMETERS => self.address(PARAMETER_WORDS),
            PRIVATE => self.address(PRIVATE_WORDS),
            SHARED => self.lane,
            _ => self.own,
        };
        self.load(memory, address);
    }

    fn write(&mut self) {
        let value = self.any();
        let memory = self.random.of(&[PRIVATE, PRIVATE, SHARED, OUTPUT]);
        let address = match memory {
            PRIVATE => self.address(PRIVATE_WORDS),
            SHARED if self.random.one_in(4) => {
                let any = self.any();
                let past = self.constant(self.lanes);
                self.binary(Binary::MaxUnsigned, any, past)
            }
            SHARED => self.lane,
            // Another workgroup's tile, or none.
            OUTPUT if self.random.one_in(4) => {
                let factor = 1 + self.random.below(0xffff);
                let away = self.constant(factor.wrapping_mul(self.kernel.tile_words));
                self.binary(Binary::Add, self.own, away)
            }
            _ => self.own,
        };
        self.store(memory, address, value);
    }

    fn combine(&mut self) {
        let (address, value) = (self.address(COMBINED_WORDS), self.any());
        self.push(Op::Atomic(self.atomic, COMBINED, address, value));
        self.use_all(&[address, value]);
    }

    /// Stores what was combined behind the digests.
    pub(super) fn store_combined(&mut self) {
        self.push(Op::Barrier);
        let combined = self.load(COMBINED, self.lane);
        let offset = self.constant(self.lanes);
        let address = self.binary(Binary::Add, self.own, offset);
        self.store(OUTPUT, address, combined);
    }

    /// Reads what others wrote.
    fn exchange(&mut self, memory: MemoryIndex, value: Register) {
        self.store(memory, self.lane, value);
        let address = self.address(self.lanes);
        self.push(Op::Barrier);
        self.load(memory, address);
        self.push(Op::Barrier);
    }
}
