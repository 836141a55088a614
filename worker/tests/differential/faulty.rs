// SPDX-License-Identifier: Apache-2.0
//! Adapters that compute floats in some way that a GPU or a driver might, and that is wrong: the probe finds
//! each of them out.

use assay_kernel::{
    float,
    program::{Binary, Builtin, Memory, Op, Register, Unary},
};
use assay_worker::engine::{
    Engine, EngineError, Task,
    probe::{Class, check},
};
use std::io;

/// What an adapter does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A product and a sum are rounded once.
    Contraction,
    /// `(a + b) - a` is b.
    Reassociation,
    /// `x - x` is 0, of infinities too.
    Cancellation,
    /// `x * 0` is 0, of NaN too.
    Annihilation,
    /// `x / x` is 1, of 0 too.
    SelfQuotient,
    /// `a / b` is `a * (1 / b)`.
    Reciprocal,
    /// `(a / b) * b` is a.
    InverseDivision,
    /// `(a * 2) / 2` is a.
    Doubling,
    /// Sums are rounded towards zero.
    TruncatedSum,
    /// Of two floats that a sum lies halfway between, the greater one.
    TiesAway,
    /// Products are rounded towards zero.
    TruncatedProduct,
    /// One in 1,000 quotients is too great by one unit in the last place.
    QuotientOff,
    /// One in 1,000 square roots is too small by one unit in the last place.
    RootOff,
    /// A square root of what is below 0 is that of the magnitude.
    RootOfMagnitude,
    /// Subnormal numbers stay.
    Subnormals,
    /// 2^-126 stays.
    Smallest,
    /// -0 stays.
    SignedZero,
    /// NaNs keep their bits.
    Payload,
    /// What is too great is the greatest number, not infinity.
    NoInfinity,
    /// Whole numbers are rounded towards zero.
    TruncatedConversion,
    /// Numbers are rounded to the nearest whole one.
    RoundedConversion,
    /// What is too great becomes the greatest i32 or u32, not the greatest that is an f32.
    Saturation,
    /// NaN becomes the greatest whole number.
    NanConversion,
    /// `a <= b` is `!(b < a)`, of NaN too.
    NegatedComparison,
    /// NaN equals NaN.
    BitwiseEquality,
}

const FAULTS: [Fault; 25] = [
    Fault::Contraction,
    Fault::Reassociation,
    Fault::Cancellation,
    Fault::Annihilation,
    Fault::SelfQuotient,
    Fault::Reciprocal,
    Fault::InverseDivision,
    Fault::Doubling,
    Fault::TruncatedSum,
    Fault::TiesAway,
    Fault::TruncatedProduct,
    Fault::QuotientOff,
    Fault::RootOff,
    Fault::RootOfMagnitude,
    Fault::Subnormals,
    Fault::Smallest,
    Fault::SignedZero,
    Fault::Payload,
    Fault::NoInfinity,
    Fault::TruncatedConversion,
    Fault::RoundedConversion,
    Fault::Saturation,
    Fault::NanConversion,
    Fault::NegatedComparison,
    Fault::BitwiseEquality,
];

/// An adapter that runs kernels without structures, and has a fault or none.
#[derive(Debug)]
struct Adapter(Option<Fault>);

/// A workgroup under way: what is here in rows has a word for each invocation.
struct Workgroup<'a> {
    adapter: &'a Adapter,
    task: &'a Task<'a>,
    group: u32,
    lanes: u32,
    /// The operations that yielded the registers.
    made: Vec<Op>,
    registers: Vec<Vec<u32>>,
    variables: Vec<Vec<u32>>,
    /// Of memories that belong to the workgroup or, invocation by invocation, to its invocations.
    memories: Vec<Vec<u32>>,
    tile: Vec<u32>,
}

impl Engine for Adapter {
    fn name(&self) -> String {
        format!("{:?}", self.0)
    }

    fn fuel_per_second(&self) -> u64 {
        1
    }

    fn run(
        &self,
        task: &Task<'_>,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), EngineError> {
        for group in 0..task.tiles {
            let mut workgroup = Workgroup::new(self, task, group);
            for op in &task.kernel.code {
                workgroup.operation(op);
            }
            let words = workgroup.tile.into_iter();
            take(&words.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())?;
        }
        Ok(())
    }
}

impl<'a> Workgroup<'a> {
    fn new(adapter: &'a Adapter, task: &'a Task<'a>, group: u32) -> Self {
        let lanes = task.kernel.lanes().expect("a workgroup of at most 256");
        let memories = task.kernel.memories.iter().map(|memory| match memory {
            Memory::Workgroup(words, _) => vec![0; *words as usize],
            Memory::Private(words, _) => vec![0; (*words * lanes) as usize],
            _ => Vec::new(),
        });
        Self {
            adapter,
            task,
            group,
            lanes,
            made: Vec::new(),
            registers: Vec::new(),
            variables: vec![vec![0; lanes as usize]; task.kernel.variables.len()],
            memories: memories.collect(),
            tile: vec![0; task.kernel.tile_words as usize],
        }
    }

    fn operation(&mut self, op: &Op) {
        let lanes = 0..self.lanes as usize;
        let row: Vec<u32> = match *op {
            Op::Barrier => return,
            Op::Set(variable, register) => {
                self.variables[usize::from(variable)] = self.row(register).to_vec();
                return;
            }
            Op::Store(memory, address, value) => {
                for lane in lanes {
                    let (address, value) = (self.row(address)[lane], self.row(value)[lane]);
                    if let Some(word) = self.place(memory, address, lane) {
                        *word = value;
                    }
                }
                return;
            }
            Op::Load(memory, address) => lanes
                .map(|lane| {
                    let address = self.row(address)[lane];
                    self.load(memory, address, lane)
                })
                .collect(),
            Op::Get(variable) => self.variables[usize::from(variable)].clone(),
            Op::Constant(word) => vec![word; lanes.len()],
            Op::Builtin(builtin) => lanes.map(|lane| self.builtin(builtin, lane)).collect(),
            Op::Unary(function, a) => {
                let a = self.row(a).iter();
                a.map(|a| self.adapter.unary(function, *a)).collect()
            }
            Op::Select(condition, a, b) => lanes
                .map(|lane| match self.row(condition)[lane] {
                    0 => self.row(b)[lane],
                    _ => self.row(a)[lane],
                })
                .collect(),
            Op::Binary(function, a, b) => lanes
                .map(|lane| {
                    let rewritten = self.rewritten(function, a, b, lane);
                    let [x, y] = [a, b].map(|register| self.row(register)[lane]);
                    rewritten.unwrap_or_else(|| self.adapter.binary(function, x, y))
                })
                .collect(),
            _ => panic!("{op:?} is no operation of the probes of floats"),
        };
        self.made.push(*op);
        self.registers.push(row);
    }

    fn row(&self, register: Register) -> &[u32] {
        &self.registers[usize::from(register)]
    }

    fn builtin(&self, builtin: Builtin, lane: usize) -> u32 {
        // Probes have grids of one dimension.
        match builtin {
            Builtin::LocalIndex => lane as u32,
            Builtin::GroupX => self.group,
            Builtin::GridX => self.task.grid[0],
            Builtin::GridY => 1,
            _ => 0,
        }
    }

    fn load(&mut self, memory: u8, address: u32, lane: usize) -> u32 {
        let before = self.task.kernel.memories[..usize::from(memory)].iter();
        match self.task.kernel.memories[usize::from(memory)] {
            Memory::Input => {
                let number = before.filter(|memory| **memory == Memory::Input).count();
                let words = self.task.inputs[number];
                words.get(address as usize).copied().unwrap_or(0)
            }
            _ => self.place(memory, address, lane).copied().unwrap_or(0),
        }
    }

    fn place(&mut self, memory: u8, address: u32, lane: usize) -> Option<&mut u32> {
        let (words, address) = match self.task.kernel.memories[usize::from(memory)] {
            Memory::Output => {
                let first = self.group * self.task.kernel.tile_words;
                (&mut self.tile[..], address.wrapping_sub(first))
            }
            Memory::Private(words, _) => {
                let first = lane * words as usize;
                let own = &mut self.memories[usize::from(memory)][first..];
                (&mut own[..words as usize], address)
            }
            _ => (&mut self.memories[usize::from(memory)][..], address),
        };
        words.get_mut(address as usize)
    }

    /// What a compiler makes of an operation from how its operands were made, if it is of the wrong kind.
    fn rewritten(&self, function: Binary, a: Register, b: Register, lane: usize) -> Option<u32> {
        let fault = self.adapter.0?;
        let number = |register: Register| f32::from_bits(self.row(register)[lane]);
        let made = |register: Register| match self.made[usize::from(register)] {
            Op::Binary(function, a, b) => Some((function, a, b)),
            _ => None,
        };
        let is = |register: Register, bits: f32| {
            self.made[usize::from(register)] == Op::Constant(bits.to_bits())
        };
        let result = match (fault, function, made(a), made(b)) {
            (Fault::Contraction, Binary::FloatAdd, Some((Binary::FloatMultiply, p, q)), _) => {
                number(p).mul_add(number(q), number(b))
            }
            (Fault::Contraction, Binary::FloatAdd, _, Some((Binary::FloatMultiply, p, q))) => {
                number(p).mul_add(number(q), number(a))
            }
            (Fault::Contraction, Binary::FloatSubtract, _, Some((Binary::FloatMultiply, p, q))) => {
                (-number(p)).mul_add(number(q), number(a))
            }
            (Fault::Reassociation, Binary::FloatSubtract, Some((Binary::FloatAdd, x, y)), _)
                if x == b =>
            {
                number(y)
            }
            (Fault::Cancellation, Binary::FloatSubtract, ..) if a == b => 0.0,
            (Fault::Annihilation, Binary::FloatMultiply, ..) if is(b, 0.0) => 0.0,
            (Fault::SelfQuotient, Binary::FloatDivide, ..) if a == b => 1.0,
            (
                Fault::InverseDivision,
                Binary::FloatMultiply,
                Some((Binary::FloatDivide, x, y)),
                _,
            ) if y == b => number(x),
            (Fault::Doubling, Binary::FloatDivide, Some((Binary::FloatMultiply, x, y)), _)
                if y == b && is(b, 2.0) =>
            {
                number(x)
            }
            _ => return None,
        };
        Some(self.adapter.settled(result))
    }
}

impl Adapter {
    fn has(&self, fault: Fault) -> bool {
        self.0 == Some(fault)
    }

    /// What becomes of a result.
    fn settled(&self, result: f32) -> u32 {
        let bits = result.to_bits();
        let size = bits & float::MAGNITUDE;
        let stays = (self.has(Fault::Subnormals) && (1..float::SMALLEST).contains(&size))
            || (self.has(Fault::Smallest) && size == float::SMALLEST)
            || (self.has(Fault::SignedZero) && size == 0)
            || (self.has(Fault::Payload) && size > float::INFINITY);
        if stays { bits } else { float::canonical(bits) }
    }

    fn unary(&self, function: Unary, a: u32) -> u32 {
        let x = f32::from_bits(a);
        let nan = x.is_nan() && self.has(Fault::NanConversion);
        let whole = match self.has(Fault::RoundedConversion) {
            true => x.round(),
            false => x.trunc(),
        };
        let saturates = self.has(Fault::Saturation);
        match function {
            Unary::Canonical => self.settled(x),
            Unary::FloatNegate => self.settled(-x),
            Unary::FloatAbs => self.settled(x.abs()),
            Unary::FloatSqrt if self.has(Fault::RootOfMagnitude) => self.settled(x.abs().sqrt()),
            Unary::FloatSqrt if self.has(Fault::RootOff) && seldom(a, 0) => {
                self.settled(x.sqrt().next_down())
            }
            Unary::FloatSqrt => self.settled(x.sqrt()),
            Unary::FloatFromSigned => self.converted(f64::from(a.cast_signed())),
            Unary::FloatFromUnsigned => self.converted(f64::from(a)),
            Unary::SignedFromFloat if nan => i32::MAX.cast_unsigned(),
            Unary::SignedFromFloat if saturates => (whole as i32).cast_unsigned(),
            Unary::SignedFromFloat => (whole as i32).min(i32::MAX - 127).cast_unsigned(),
            Unary::UnsignedFromFloat if nan => u32::MAX,
            Unary::UnsignedFromFloat if saturates => whole as u32,
            Unary::UnsignedFromFloat => (whole as u32).min(u32::MAX - 255),
            _ => panic!("{function:?} is no function of the probes of floats"),
        }
    }

    fn converted(&self, whole: f64) -> u32 {
        match self.has(Fault::TruncatedConversion) {
            true => truncated(whole).to_bits(),
            false => (whole as f32).to_bits(),
        }
    }

    fn binary(&self, function: Binary, a: u32, b: u32) -> u32 {
        let (x, y) = (f32::from_bits(a), f32::from_bits(b));
        let (wide_x, wide_y) = (f64::from(x), f64::from(y));
        let result = match function {
            Binary::FloatAdd if self.has(Fault::TruncatedSum) => truncated(wide_x + wide_y),
            Binary::FloatAdd if self.has(Fault::TiesAway) => tied_away(wide_x + wide_y),
            Binary::FloatAdd => x + y,
            Binary::FloatSubtract => x - y,
            Binary::FloatMultiply if self.has(Fault::TruncatedProduct) => {
                truncated(wide_x * wide_y)
            }
            Binary::FloatMultiply => x * y,
            Binary::FloatDivide if self.has(Fault::Reciprocal) => x * (1.0 / y),
            Binary::FloatDivide if self.has(Fault::QuotientOff) && seldom(a, b) => {
                (x / y).next_up()
            }
            Binary::FloatDivide => x / y,
            Binary::FloatEqual if self.has(Fault::BitwiseEquality) => return u32::from(a == b),
            Binary::FloatEqual => return u32::from(x == y),
            Binary::FloatLess => return u32::from(x < y),
            Binary::FloatLessEqual if self.has(Fault::NegatedComparison) => {
                return u32::from(y.partial_cmp(&x) != Some(std::cmp::Ordering::Less));
            }
            Binary::FloatLessEqual => return u32::from(x <= y),
            _ => return integer(function, a, b),
        };
        let finite = x.is_finite() && y.is_finite() && y != 0.0;
        match self.has(Fault::NoInfinity) && finite && result.is_infinite() {
            true => self.settled(f32::MAX.copysign(result)),
            false => self.settled(result),
        }
    }
}

/// Functions of words, by which probes find their operands.
fn integer(function: Binary, a: u32, b: u32) -> u32 {
    match function {
        Binary::Add => a.wrapping_add(b),
        Binary::Subtract => a.wrapping_sub(b),
        Binary::Multiply => a.wrapping_mul(b),
        Binary::DivideUnsigned => a / b,
        Binary::RemainderUnsigned => a % b,
        Binary::And => a & b,
        Binary::Or => a | b,
        Binary::Xor => a ^ b,
        Binary::ShiftRightUnsigned => a >> (b % 32),
        _ => panic!("{function:?} is no function of the probes of floats"),
    }
}

/// True of one pair of operands in 1,000.
fn seldom(a: u32, b: u32) -> bool {
    let mixed = (a ^ b.rotate_left(16)).wrapping_mul(0x9e37_79b9);
    mixed >> 8 & 0xffff < 66
}

/// Rounded towards zero.
fn truncated(exact: f64) -> f32 {
    let nearest = exact as f32;
    match f64::from(nearest).abs() > exact.abs() {
        true => f32::from_bits(nearest.to_bits() - 1),
        false => nearest,
    }
}

/// Rounded to nearest, ties away from zero.
fn tied_away(exact: f64) -> f32 {
    let nearest = exact as f32;
    let away = f32::from_bits(nearest.to_bits().wrapping_add(1));
    match (f64::from(nearest) + f64::from(away)) / 2.0 == exact {
        true => away,
        false => nearest,
    }
}

#[test]
fn probe_passes_when_an_adapter_has_no_fault() {
    check(&Adapter(None), Class::Float).expect("it computes what the machine does");
}

#[test]
fn probe_refuses_an_adapter_with_any_fault() {
    for fault in FAULTS {
        let result = check(&Adapter(Some(fault)), Class::Float);
        assert!(
            matches!(result, Err(EngineError::Inexact { .. })),
            "{fault:?}: {result:?}"
        );
    }
}
