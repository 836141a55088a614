// SPDX-License-Identifier: Apache-2.0
//! Kernels that nobody would write: valid, free of races, and full of corners.
//!
//! Every value is used, so that every wrong bit reaches the output. What would make the result depend on
//! the order of invocations is left out: memory that others see is written at the lane's own place, and
//! read elsewhere only between two barriers.

use assay_kernel::{
    Kernel,
    program::{
        Atomic, Binary, Builtin, Content, LoopKind, Memory, Op, Register, Unary, VERSION, Variable,
        VariableKind,
    },
    validate::Limits,
};
use assay_worker::engine::probe::{ATOMIC, BINARY, Class, HARD, Probe, UNARY};

/// What a tile may burn: little, so that many kernels are tried.
const LIMITS: Limits = Limits {
    tile_fuel: 1_000_000,
    ..Limits::DEFAULT
};

const OUTPUT: u8 = 0;
const INPUT: u8 = 1;
const EMPTY_INPUT: u8 = 2;
const PARAMETERS: u8 = 3;
const SHARED: u8 = 4;
const PRIVATE: u8 = 5;
const COMBINED: u8 = 6;

const PARAMETER_WORDS: u32 = 5;
const PRIVATE_WORDS: u32 = 6;
const COMBINED_WORDS: u32 = 9;

/// Variables; the first ones are varying.
const VARIABLES: [VariableKind; 5] = [
    VariableKind::VARYING,
    VariableKind::VARYING,
    VariableKind::VARYING,
    VariableKind::UNIFORM,
    VariableKind::UNIFORM,
];

/// The variable that all values end up in.
const DIGEST: Variable = 0;

/// A sequence of words that a seed determines (xorshift64*, Vigna 2016).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn word(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.word() % bound
    }

    fn one_in(&mut self, chances: u32) -> bool {
        self.below(chances) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }

    /// Often a hard word.
    fn operand(&mut self) -> u32 {
        match self.below(4) {
            0 => self.word(),
            1 => self.below(64),
            _ => self.of(&HARD),
        }
    }
}

struct Value {
    uniform: bool,
    used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Structure {
    Kernel,
    If,
    Block,
    Repeat(LoopKind),
    Loop(LoopKind),
    Continuing(LoopKind),
}

impl Structure {
    fn loop_kind(self) -> Option<LoopKind> {
        match self {
            Self::Repeat(kind) | Self::Loop(kind) | Self::Continuing(kind) => Some(kind),
            Self::Kernel | Self::If | Self::Block => None,
        }
    }
}

struct Frame {
    structure: Structure,
    /// Values in scope when it was opened.
    base: usize,
    /// Whether all invocations are here together.
    uniform: bool,
}

struct Generator {
    random: Random,
    lanes: u32,
    tile_words: u32,
    atomic: Atomic,
    values: Vec<Value>,
    frames: Vec<Frame>,
    code: Vec<Op>,
    /// The register of the lane.
    lane: Register,
    /// The register of the tile's first word plus the lane.
    own: Register,
}

/// The kernel of a seed, with a job to run it in.
pub(crate) fn probe(seed: u64) -> Probe {
    // What is too expensive is drawn again, from a seed that belongs to the same one.
    (0..)
        .map(|attempt: u64| attempt_at(seed.wrapping_add(attempt << 32)))
        .find(
            |probe| match assay_kernel::validate::validate(&probe.kernel, &LIMITS) {
                Ok(_) => true,
                Err(assay_kernel::validate::Invalid::TooExpensive { .. }) => false,
                Err(error) => panic!("seed {seed}: {error}\n{:#?}", probe.kernel.code),
            },
        )
        .expect("most kernels are cheap")
}

fn attempt_at(seed: u64) -> Probe {
    let mut random = Random::new(seed);
    let workgroup = random.of(&[
        [64, 1, 1],
        [256, 1, 1],
        [8, 8, 1],
        [1, 1, 1],
        [5, 3, 7],
        [1, 1, 100],
        [3, 85, 1],
        [16, 4, 4],
    ]);
    let lanes = workgroup.iter().map(|size| u32::from(*size)).product();
    let tile_words = random.of(&[256, 256, 512, 1_024]);
    let grid = random.of(&[[5, 1, 1], [1, 1, 1], [2, 3, 1], [2, 2, 2], [1, 1, 4]]);
    let atomic = random.of(&ATOMIC);
    let parameters = (0..random.below(PARAMETER_WORDS + 3))
        .map(|_| random.operand())
        .collect();
    let input = (0..1 + random.below(300))
        .map(|_| random.operand())
        .collect();
    let mut generator = Generator {
        random,
        lanes,
        tile_words,
        atomic,
        values: Vec::new(),
        frames: Vec::new(),
        code: Vec::new(),
        lane: 0,
        own: 0,
    };
    generator.kernel();
    let metered = generator.code.iter().any(|op| matches!(op, Op::Loop(_)));
    let loop_fuel = match metered {
        true => 1 + generator.random.below(400),
        false => 0,
    };
    Probe {
        class: Class::Integer,
        name: "random",
        kernel: Kernel {
            version: VERSION,
            workgroup,
            tile_words,
            loop_fuel,
            memories: vec![
                Memory::Output,
                Memory::Input,
                Memory::Input,
                Memory::Parameters(PARAMETER_WORDS),
                Memory::Workgroup(lanes, Content::Words),
                Memory::Private(PRIVATE_WORDS, Content::Words),
                Memory::Workgroup(COMBINED_WORDS, Content::Words),
            ],
            variables: VARIABLES.to_vec(),
            code: generator.code,
        },
        grid,
        parameters,
        inputs: vec![input, Vec::new()],
    }
}

impl Generator {
    fn kernel(&mut self) {
        self.open(Structure::Kernel, true);
        self.lane = self.builtin(Builtin::LocalIndex);
        self.own = self.own_address();
        self.statements(14, 0);
        self.digest_values();
        let together = self.frame().uniform;
        self.store_digest();
        if together {
            self.code.push(Op::Barrier);
            let address = self.binary(Binary::RemainderUnsigned, self.lane, self.lane);
            let place = self.binary(Binary::Or, self.lane, address);
            let combined = self.define(Op::Load(COMBINED, place), false);
            let offset = self.constant(self.lanes);
            let address = self.binary(Binary::Add, self.own, offset);
            self.code.push(Op::Store(OUTPUT, address, combined));
            self.use_all(&[address, combined]);
        }
        self.frames.pop();
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
        let words = self.constant(self.tile_words);
        let base = self.binary(Binary::Multiply, group, words);
        self.binary(Binary::Add, base, self.lane)
    }

    fn store_digest(&mut self) {
        let digest = self.define(Op::Get(DIGEST), false);
        self.code.push(Op::Store(OUTPUT, self.own, digest));
        self.use_all(&[self.own, digest]);
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the kernel is a frame")
    }

    fn open(&mut self, structure: Structure, uniform: bool) {
        self.frames.push(Frame {
            structure,
            base: self.values.len(),
            uniform,
        });
    }

    fn close(&mut self) {
        let frame = self.frames.pop().expect("a structure is open");
        self.values.truncate(frame.base);
    }

    fn define(&mut self, op: Op, uniform: bool) -> Register {
        self.code.push(op);
        self.values.push(Value {
            uniform,
            used: false,
        });
        (self.values.len() - 1) as Register
    }

    fn use_all(&mut self, registers: &[Register]) -> bool {
        registers.iter().fold(true, |uniform, register| {
            let value = &mut self.values[usize::from(*register)];
            value.used = true;
            uniform && value.uniform
        })
    }

    fn constant(&mut self, word: u32) -> Register {
        self.define(Op::Constant(word), true)
    }

    fn builtin(&mut self, builtin: Builtin) -> Register {
        let varying = matches!(
            builtin,
            Builtin::LocalX | Builtin::LocalY | Builtin::LocalZ | Builtin::LocalIndex
        );
        self.define(Op::Builtin(builtin), !varying)
    }

    fn binary(&mut self, function: Binary, a: Register, b: Register) -> Register {
        let uniform = self.use_all(&[a, b]);
        self.define(Op::Binary(function, a, b), uniform)
    }

    /// Any register in scope, a recent one rather than an old one; or a new constant.
    fn any(&mut self) -> Register {
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
    fn any_uniform(&mut self) -> Register {
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

    /// Sums the unused values of the innermost scope up in a variable.
    fn digest_values(&mut self) {
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

    fn set(&mut self, variable: Variable, register: Register) {
        self.code.push(Op::Set(variable, register));
        self.use_all(&[register]);
    }

    fn statements(&mut self, count: u32, depth: u32) {
        let count = 1 + self.random.below(count);
        for _ in 0..count {
            self.statement(depth);
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
                let uniform = self.use_all(&[a]);
                let function: Unary = self.random.of(&UNARY);
                self.define(Op::Unary(function, a), uniform);
            }
            8 => {
                let (condition, a, b) = (self.any(), self.any(), self.any());
                let uniform = self.use_all(&[condition, a, b]);
                self.define(Op::Select(condition, a, b), uniform);
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
                let variable = self.random.below(VARIABLES.len() as u32);
                let uniform = VARIABLES[variable as usize] == VariableKind::UNIFORM;
                self.define(Op::Get(variable as Variable), uniform);
            }
            12 => self.assign(),
            13 | 14 => self.read(),
            15 => self.write(),
            16 => self.combine(),
            17 if self.frame().uniform => self.exchange(),
            18 | 19 if nested => self.condition(depth),
            20 if nested => self.block(depth),
            21 | 22 if nested => self.repeat(depth),
            23 if nested => self.metered(depth),
            _ => {
                let memory = self.random.below(7) as u8;
                self.define(Op::Length(memory), true);
            }
        }
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
        let (address, shared) = match memory {
            INPUT => (self.address(300), true),
            EMPTY_INPUT => (self.address(1), true),
            PARAMETERS => (self.address(PARAMETER_WORDS), true),
            PRIVATE => (self.address(PRIVATE_WORDS), false),
            SHARED => (self.lane, false),
            _ => (self.own, false),
        };
        let uniform = self.use_all(&[address]);
        self.define(Op::Load(memory, address), uniform && shared);
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
                let away = self.constant(factor.wrapping_mul(self.tile_words));
                self.binary(Binary::Add, self.own, away)
            }
            _ => self.own,
        };
        self.code.push(Op::Store(memory, address, value));
        self.use_all(&[address, value]);
    }

    fn combine(&mut self) {
        let (address, value) = (self.address(COMBINED_WORDS), self.any());
        self.code
            .push(Op::Atomic(self.atomic, COMBINED, address, value));
        self.use_all(&[address, value]);
    }

    /// Reads what others wrote.
    fn exchange(&mut self) {
        let value = self.any();
        self.code.push(Op::Store(SHARED, self.lane, value));
        self.use_all(&[self.lane, value]);
        let address = self.address(self.lanes);
        self.code.push(Op::Barrier);
        self.use_all(&[address]);
        self.define(Op::Load(SHARED, address), false);
        self.code.push(Op::Barrier);
    }

    fn condition(&mut self, depth: u32) {
        let condition = self.any();
        let uniform = self.use_all(&[condition]);
        let together = uniform && self.frame().uniform;
        self.code.push(Op::If(condition));
        self.open(Structure::If, together);
        self.arm(depth);
        if self.random.one_in(2) {
            self.code.push(Op::Else);
            let together = uniform && self.frame().uniform;
            self.open(Structure::If, together);
            self.arm(depth);
        }
        self.code.push(Op::End);
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
            self.code.push(op);
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
        self.code.push(op);
        if !together {
            self.frames[target..]
                .iter_mut()
                .for_each(|frame| frame.uniform = false);
        }
    }

    fn block(&mut self, depth: u32) {
        self.code.push(Op::Block);
        let uniform = self.frame().uniform;
        self.open(Structure::Block, uniform);
        self.statements(5, depth + 1);
        self.digest_values();
        self.close();
        self.code.push(Op::End);
    }

    fn loop_kind(&mut self) -> LoopKind {
        if self.frame().uniform && self.random.one_in(2) {
            LoopKind::Uniform
        } else {
            LoopKind::Varying
        }
    }

    fn repeat(&mut self, depth: u32) {
        let kind = self.loop_kind();
        let turns = 1 + self.random.below(7);
        let uniform = kind == LoopKind::Uniform;
        self.code.push(Op::Repeat(kind, turns));
        self.open(Structure::Repeat(kind), uniform);
        self.values.push(Value {
            uniform,
            used: true,
        });
        self.statements(5, depth + 1);
        self.digest_values();
        self.close();
        self.code.push(Op::End);
    }

    fn metered(&mut self, depth: u32) {
        let kind = self.loop_kind();
        let uniform = kind == LoopKind::Uniform;
        self.code.push(Op::Loop(kind));
        self.open(Structure::Loop(kind), uniform);
        self.statements(5, depth + 1);
        self.digest_values();
        self.close();
        self.code.push(Op::Continuing);
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
                self.code.push(Op::BreakIf(condition));
            }
        }
        self.close();
        self.code.push(Op::End);
    }
}
