// SPDX-License-Identifier: Apache-2.0
//! Probes of floats: whether the adapter rounds to nearest, computes infinities and NaNs, and leaves
//! operations as they are.

use super::{Class, LANES, Probe, assembler::Assembler};
use assay_kernel::program::{Binary, Content, Memory, Op, Register, Unary, VariableKind};

/// Functions of one float, or to one, all of them.
pub const FLOAT_UNARY: [Unary; 8] = [
    Unary::Canonical,
    Unary::FloatNegate,
    Unary::FloatAbs,
    Unary::FloatSqrt,
    Unary::FloatFromSigned,
    Unary::FloatFromUnsigned,
    Unary::SignedFromFloat,
    Unary::UnsignedFromFloat,
];

/// Functions of two floats, all of them.
pub const FLOAT_BINARY: [Binary; 7] = [
    Binary::FloatAdd,
    Binary::FloatSubtract,
    Binary::FloatMultiply,
    Binary::FloatDivide,
    Binary::FloatEqual,
    Binary::FloatLess,
    Binary::FloatLessEqual,
];

/// Floats on which implementations are known to differ, as bits.
pub const HARD_FLOATS: [u32; 64] = [
    // Zeros, subnormals, and the smallest normal numbers.
    0x0000_0000,
    0x8000_0000,
    0x0000_0001,
    0x8000_0001,
    0x0040_0000,
    0x007f_ffff,
    0x807f_ffff,
    0x0080_0000,
    0x8080_0000,
    0x0080_0001,
    0x8080_0001,
    0x0100_0000,
    0x0100_0001,
    // Whose products are about 2^-126.
    0x1fff_ffff,
    0x2000_0000,
    0x2000_0001,
    0x203f_ffff,
    0xa080_0001,
    // Around 1, where sums cancel.
    0x3f7f_ffff,
    0x3f80_0000,
    0x3f80_0001,
    0xbf80_0000,
    0xbf7f_ffff,
    0x3f00_0000,
    0x3f80_0002,
    0x3fff_ffff,
    0x4000_0000,
    0x4000_0001,
    // Thirds, tenths, and others that have no end.
    0x3eaa_aaab,
    0x3dcc_cccd,
    0x4049_0fdb,
    0xc02d_f854,
    0x3fb5_04f3,
    0x4123_4567,
    0xbe9a_bcde,
    // Where integers begin and end.
    0x4b00_0000,
    0x4b7f_ffff,
    0x4b80_0000,
    0x4b80_0001,
    0xcb80_0000,
    0x4eff_ffff,
    0x4f00_0000,
    0xcf00_0000,
    0xcf00_0001,
    0x4f7f_ffff,
    0x4f80_0000,
    0x3eff_ffff,
    0x3fc0_0000,
    0x4020_0000,
    0xbfc0_0000,
    // The greatest, infinities and NaNs.
    0x5f00_0000,
    0x5f7f_ffff,
    0x7e7f_ffff,
    0x7e80_0000,
    0x7f00_0000,
    0x7f7f_ffff,
    0xff7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7f80_0001,
    0x7fc0_0000,
    0xffc0_0000,
    0x7fff_ffff,
    0xffff_ffff,
];

/// Every function on every pair of hard floats.
pub(super) fn arithmetic() -> Probe {
    let mut assembler = Assembler::new();
    let own = assembler.own(8_192);
    let (a, b) = assembler.pair(HARD_FLOATS.len());
    let results = functions(&mut assembler, a, b);
    for (row, result) in (0..).zip(results) {
        assembler.store_row(0, own, row, result);
    }
    Probe {
        inputs: vec![HARD_FLOATS.to_vec()],
        grid: [16, 1, 1],
        ..assembler.probe(Class::Float, "float arithmetic", 8_192, memories())
    }
}

/// Every function of two words.
fn functions(assembler: &mut Assembler, a: Register, b: Register) -> Vec<Register> {
    let x = assembler.value(Op::Unary(Unary::Canonical, a));
    let y = assembler.value(Op::Unary(Unary::Canonical, b));
    let mut results: Vec<Register> = Vec::new();
    results.extend(FLOAT_UNARY.map(|function| {
        let operand = if function.takes_float() { x } else { a };
        assembler.value(Op::Unary(function, operand))
    }));
    results.extend(FLOAT_BINARY.map(|function| assembler.binary(function, x, y)));
    let less = assembler.binary(Binary::FloatLess, x, y);
    results.push(assembler.value(Op::Select(less, x, y)));
    results
}

fn memories() -> Vec<Memory> {
    vec![Memory::Output, Memory::Input]
}

/// What compilers like to rewrite: each has another value when it is computed as it stands.
pub(super) fn rewrites() -> Probe {
    use Binary::{FloatAdd as Add, FloatDivide as Divide, FloatLess, FloatMultiply as Multiply};
    let subtract = Binary::FloatSubtract;
    let mut assembler = Assembler::new();
    let own = assembler.own(4_096);
    let (a, b) = assembler.pair(HARD_FLOATS.len());
    let x = assembler.value(Op::Unary(Unary::Canonical, a));
    let y = assembler.value(Op::Unary(Unary::Canonical, b));
    let [zero, one, two] = [0.0f32, 1.0, 2.0].map(|number| assembler.constant(number.to_bits()));
    let mut results = Vec::new();
    let mut of = |function, first, second| {
        let result = assembler.binary(function, first, second);
        results.push(result);
        result
    };
    // Contraction.
    let product = of(Multiply, x, y);
    let fused = of(Add, product, x);
    of(subtract, fused, product);
    // Reassociation.
    let sum = of(Add, x, y);
    let rest = of(subtract, sum, x);
    of(subtract, y, rest);
    // What is 0 or 1 only of ordinary numbers.
    of(subtract, x, x);
    of(Multiply, x, zero);
    of(Divide, x, x);
    let quotient = of(Divide, x, y);
    of(Multiply, quotient, y);
    // What changes the sign of a zero, or doubles.
    of(subtract, zero, x);
    of(Add, x, x);
    let doubled = of(Multiply, product, two);
    of(Divide, doubled, two);
    of(FloatLess, product, one);
    for (row, result) in (0..).zip(results) {
        assembler.store_row(0, own, row, result);
    }
    Probe {
        inputs: vec![HARD_FLOATS.to_vec()],
        grid: [16, 1, 1],
        ..assembler.probe(Class::Float, "rewriting", 4_096, memories())
    }
}

/// Every function on words that have no pattern, and on floats that are near each other.
pub(super) fn edges() -> Probe {
    let mut assembler = Assembler::new();
    let own = assembler.own(16_384);
    let number = assembler.own(LANES);
    let a = scatter(&mut assembler, number, 0x9e37_79b9);
    let b = scatter(&mut assembler, a, 0x85eb_ca6b);
    let mut results = functions(&mut assembler, a, b);
    // Near 1, where the last bit of a quotient and of a root is hardest.
    let fraction = assembler.constant(0x007f_ffff);
    let one = assembler.constant(1.0f32.to_bits());
    let near = [a, b].map(|word| {
        let low = assembler.binary(Binary::And, word, fraction);
        assembler.binary(Binary::Or, low, one)
    });
    results.extend(functions(&mut assembler, near[0], near[1]));
    // Whose product is about 2^-126.
    let half = assembler.constant(0x2000_0000);
    let small = [a, b].map(|word| {
        let low = assembler.binary(Binary::And, word, fraction);
        assembler.binary(Binary::Or, low, half)
    });
    results.extend(functions(&mut assembler, small[0], small[1]));
    for (row, result) in (0..).zip(results) {
        assembler.store_row(0, own, row, result);
    }
    Probe {
        grid: [64, 1, 1],
        ..assembler.probe(Class::Float, "rounding", 16_384, vec![Memory::Output])
    }
}

/// A word that has little to do with another.
fn scatter(assembler: &mut Assembler, word: Register, factor: u32) -> Register {
    let factor = assembler.constant(factor);
    let sixteen = assembler.constant(16);
    let product = assembler.binary(Binary::Multiply, word, factor);
    let high = assembler.binary(Binary::ShiftRightUnsigned, product, sixteen);
    let mixed = assembler.binary(Binary::Xor, product, high);
    assembler.binary(Binary::Multiply, mixed, factor)
}

/// Floats that pass through variables, memories and selections.
pub(super) fn memory() -> Probe {
    let mut memories = memories();
    memories.push(Memory::Workgroup(LANES, Content::Floats));
    memories.push(Memory::Private(3, Content::Floats));
    let mut assembler = Assembler::new();
    let own = assembler.own(1_024);
    let (a, b) = assembler.pair(HARD_FLOATS.len());
    let x = assembler.value(Op::Unary(Unary::Canonical, a));
    let y = assembler.value(Op::Unary(Unary::Canonical, b));
    let sum = assembler.binary(Binary::FloatAdd, x, y);
    let product = assembler.binary(Binary::FloatMultiply, x, y);
    let lane = assembler.value(Op::Builtin(assay_kernel::program::Builtin::LocalIndex));
    let [last, two] = [255, 2].map(|word| assembler.constant(word));
    let other = assembler.binary(Binary::Subtract, last, lane);
    assembler.push(Op::Store(2, lane, sum));
    assembler.push(Op::Store(3, two, product));
    assembler.push(Op::Set(0, product));
    assembler.push(Op::Barrier);
    let shared = assembler.value(Op::Load(2, other));
    let kept = assembler.value(Op::Load(3, two));
    let variable = assembler.value(Op::Get(0));
    let first = assembler.binary(Binary::FloatSubtract, shared, kept);
    let chosen = assembler.value(Op::Select(first, shared, variable));
    let second = assembler.binary(Binary::FloatAdd, chosen, variable);
    // Of the bits, which a NaN has only one kind of.
    let bits = assembler.binary(Binary::Xor, shared, variable);
    for (row, result) in (0..).zip([first, second, bits, chosen]) {
        assembler.store_row(0, own, row, result);
    }
    let mut probe = assembler.probe(Class::Float, "float memory", 1_024, memories);
    probe.inputs = vec![HARD_FLOATS.to_vec()];
    probe.grid = [16, 1, 1];
    probe.kernel.variables = vec![VariableKind {
        uniform: false,
        content: Content::Floats,
    }];
    probe
}
