// SPDX-License-Identifier: Apache-2.0
//! The canonical form of a kernel: what is hashed, stored on chain and re-executed.
//!
//! # Values and scopes
//! Every operation that yields a value defines the next *register*. Registers are 32 bits wide, are
//! assigned once and are numbered by position: the first value is register 0. A register is visible
//! until the end of the structure (`If`, `Else`, `Block`, `Repeat`, `Loop`, `Continuing`) that it was
//! defined in; at that end the numbering returns to where the structure began, so that numbers stay
//! small and one program has one encoding. State that outlives a structure lives in *variables*,
//! which are read with [`Op::Get`] and written with [`Op::Set`] and start as zero.
//!
//! # Floats
//! A register is a *float* when it is certain to hold a canonical f32 (see [`crate::float`]): the results of
//! float functions, constants that are canonical, and what is read from variables and memories declared to
//! hold floats. Float functions take floats only; any float may be used as the word of its bits. Whatever
//! else a program reads as a float, it makes canonical first.
//!
//! # Uniformity
//! A value is *uniform* when every invocation of the workgroup is certain to hold the same one. The
//! validator proves it in one pass from annotations: a variable declared uniform takes only uniform
//! values under uniform control, and a loop declared uniform is left only under uniform control.
//! Barriers are allowed under uniform control alone. See `docs/kernel-spec.md`, "Uniformity".

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The bytecode version that this crate reads and writes.
pub const VERSION: u8 = 2;

/// The most invocations a workgroup may have.
pub const MAX_LANES: u32 = 256;

/// The number of a register: the position of the operation that defined it among the values in scope.
pub type Register = u16;

/// The number of a variable in [`Kernel::variables`].
pub type Variable = u16;

/// The number of a memory in [`Kernel::memories`].
pub type MemoryIndex = u8;

/// A complete kernel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Kernel {
    /// [`VERSION`].
    pub version: u8,
    /// Invocations of a workgroup along x, y and z; each at least 1, their product at most [`MAX_LANES`].
    pub workgroup: [u16; 3],
    /// Words of output that one workgroup owns: 256 times a power of two, 256 (1 KiB) to 16,384 (64 KiB).
    pub tile_words: u32,
    /// Fuel that the `Loop`s of one invocation may burn: this much in loops declared uniform, and as much
    /// again in the others. 0 in a kernel without `Loop`. See `docs/kernel-spec.md`, "Fuel".
    pub loop_fuel: u32,
    /// The memories that operations address.
    pub memories: Vec<Memory>,
    /// The mutable variables of an invocation.
    pub variables: Vec<VariableKind>,
    /// Operations in order; structures are bracketed by their opening operation and [`Op::End`].
    pub code: Vec<Op>,
}

impl Kernel {
    /// Whether it computes with floats, or holds any.
    pub fn has_floats(&self) -> bool {
        let holds = |kind: &VariableKind| kind.content == Content::Floats;
        let holds_floats = |memory: &Memory| {
            matches!(
                memory,
                Memory::Workgroup(_, Content::Floats) | Memory::Private(_, Content::Floats)
            )
        };
        self.variables.iter().any(holds)
            || self.memories.iter().any(holds_floats)
            || self.code.iter().any(|op| match op {
                Op::Unary(function, _) => function.takes_float() || function.yields_float(),
                Op::Binary(function, ..) => function.takes_floats(),
                _ => false,
            })
    }

    /// The invocations of a workgroup. `None` when there are none or more than [`MAX_LANES`].
    pub fn lanes(&self) -> Option<u32> {
        let [x, y, z] = self.workgroup.map(u32::from);
        x.checked_mul(y)?
            .checked_mul(z)
            .filter(|lanes| (1..=MAX_LANES).contains(lanes))
    }
}

/// What a memory is; addresses are in 32-bit words. Reading past the end yields 0, writing past it does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Memory {
    /// A read-only input of the job. The n-th `Input` of the list is the job's n-th input; its length is the job's.
    /// An input whose length is no multiple of 4 bytes ends in a word padded with zero bytes.
    Input,
    /// The job's parameters, this many words; what the job leaves out is zero. Always at most one.
    Parameters(u32),
    /// The output, addressed as a whole: word `group * tile_words + i` is word `i` of the tile that
    /// workgroup `group` owns. Reading or writing outside the own tile is out of bounds. Exactly one.
    Output,
    /// Shared by the workgroup, this many words, zero at the start.
    Workgroup(u32, Content),
    /// Owned by each invocation, this many words, zero at the start.
    Private(u32, Content),
}

/// What a variable or a memory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Content {
    /// Any words.
    Words,
    /// Canonical floats only, so that what is read from it is one.
    Floats,
}

/// What is certain of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct VariableKind {
    /// Whether it holds the same value in every invocation of the workgroup: it is set only to uniform
    /// values under uniform control.
    pub uniform: bool,
    /// What it is set to.
    pub content: Content,
}

impl VariableKind {
    /// Any words, which may differ between invocations.
    pub const VARYING: Self = Self {
        uniform: false,
        content: Content::Words,
    };
    /// Any words, the same in every invocation.
    pub const UNIFORM: Self = Self {
        uniform: true,
        content: Content::Words,
    };
}

/// Whether the invocations of a workgroup are certain to leave a loop together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum LoopKind {
    /// They may leave at different times; no barrier inside.
    Varying,
    /// `Break`, `Continue`, `BreakIf` and `Return` happen only under uniform control.
    Uniform,
}

/// One operation. Those marked "value" define the next register.
///
/// Booleans are the words 0 and 1; where a boolean is asked for, any word but 0 counts as true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Op {
    /// Value: a constant.
    #[codec(index = 0)]
    Constant(u32),
    /// Value: a number the machine provides.
    #[codec(index = 1)]
    Builtin(Builtin),
    /// Value: a function of one register.
    #[codec(index = 2)]
    Unary(Unary, Register),
    /// Value: a function of two registers.
    #[codec(index = 3)]
    Binary(Binary, Register, Register),
    /// Value: the second register where the first is true, else the third.
    #[codec(index = 4)]
    Select(Register, Register, Register),
    /// Value: the variable's present value.
    #[codec(index = 5)]
    Get(Variable),
    /// Sets the variable.
    #[codec(index = 6)]
    Set(Variable, Register),
    /// Value: the word of the memory at the address in the register.
    #[codec(index = 7)]
    Load(MemoryIndex, Register),
    /// Stores at the address in the first register the word in the second.
    #[codec(index = 8)]
    Store(MemoryIndex, Register, Register),
    /// Combines the word in the second register into workgroup memory at the address in the first.
    /// The result is not readable, so the order of invocations cannot show.
    #[codec(index = 9)]
    Atomic(Atomic, MemoryIndex, Register, Register),
    /// Value: the number of words of the memory ([`Memory::Input`]: of the job's input).
    #[codec(index = 10)]
    Length(MemoryIndex),
    /// All invocations reach this point before any goes on.
    #[codec(index = 11)]
    Barrier,
    /// Opens a structure that runs where the register is true.
    #[codec(index = 12)]
    If(Register),
    /// Closes the first arm of an `If` and opens the other.
    #[codec(index = 13)]
    Else,
    /// Opens a structure that runs once and that `Break` leaves.
    #[codec(index = 14)]
    Block,
    /// Opens a loop of at most this many turns; inside it, the next register (a value) is the number of
    /// the turn, from 0. The count is at least 1.
    #[codec(index = 15)]
    Repeat(LoopKind, u32),
    /// Opens a loop without a bound, metered by fuel.
    #[codec(index = 16)]
    Loop(LoopKind),
    /// Closes the body of a `Loop` and opens what runs after every turn, `Continue` included.
    #[codec(index = 17)]
    Continuing,
    /// Leaves the `Loop` where the register is true. Only as the last operation of a `Continuing`.
    #[codec(index = 18)]
    BreakIf(Register),
    /// Closes the innermost structure.
    #[codec(index = 19)]
    End,
    /// Leaves the innermost `Block`, `Repeat` or `Loop`. Not allowed where that one is a `Loop` in its `Continuing`.
    #[codec(index = 20)]
    Break,
    /// Goes on with the next turn of the innermost `Repeat` or `Loop`. Not allowed inside a `Continuing` of that loop.
    #[codec(index = 21)]
    Continue,
    /// Ends the invocation.
    #[codec(index = 22)]
    Return,
}

/// Numbers that an invocation can ask the machine for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Builtin {
    /// Position in the workgroup along x. Varying.
    LocalX,
    /// Position in the workgroup along y. Varying.
    LocalY,
    /// Position in the workgroup along z. Varying.
    LocalZ,
    /// `x + y * size_x + z * size_x * size_y`: the lane. Varying.
    LocalIndex,
    /// Position of the workgroup in the grid along x. Uniform.
    GroupX,
    /// Position of the workgroup in the grid along y. Uniform.
    GroupY,
    /// Position of the workgroup in the grid along z. Uniform.
    GroupZ,
    /// Workgroups of the grid along x. Uniform.
    GridX,
    /// Workgroups of the grid along y. Uniform.
    GridY,
    /// Workgroups of the grid along z. Uniform.
    GridZ,
}

/// Functions of one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Unary {
    /// All bits inverted.
    Not,
    /// 1 for 0, 0 for any other word.
    LogicalNot,
    /// Two's complement.
    Negate,
    /// Magnitude as i32; the most negative one stays.
    Abs,
    /// Bits set.
    CountOnes,
    /// Zeros above the highest bit set; 32 for 0.
    LeadingZeros,
    /// Zeros below the lowest bit set; 32 for 0.
    TrailingZeros,
    /// Bits in the opposite order.
    ReverseBits,
    /// Float: the word as a canonical f32.
    Canonical,
    /// Float of a float: the other sign; 0 and NaN stay.
    FloatNegate,
    /// Float of a float: its magnitude.
    FloatAbs,
    /// Float of a float: the square root; NaN of what is below 0.
    FloatSqrt,
    /// Float: the nearest to the word as i32.
    FloatFromSigned,
    /// Float: the nearest to the word as u32.
    FloatFromUnsigned,
    /// Of a float: towards zero to an i32, at least -2^31 and at most 2,147,483,520; 0 of NaN.
    SignedFromFloat,
    /// Of a float: towards zero to a u32, at least 0 and at most 4,294,967,040; 0 of NaN.
    UnsignedFromFloat,
}

/// Functions of two words. "Signed" reads both as two's complement; comparisons yield 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Binary {
    /// Sum modulo 2^32.
    Add,
    /// Difference modulo 2^32.
    Subtract,
    /// Product modulo 2^32.
    Multiply,
    /// Unsigned quotient; by 0, the dividend.
    DivideUnsigned,
    /// Signed quotient, towards zero; by 0, the dividend; -2^31 / -1 = -2^31.
    DivideSigned,
    /// Unsigned remainder; by 0, 0.
    RemainderUnsigned,
    /// Signed remainder with the sign of the dividend; by 0, 0; -2^31 % -1 = 0.
    RemainderSigned,
    /// Bitwise and.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
    /// Left shift by the second word modulo 32.
    ShiftLeft,
    /// Right shift by the second word modulo 32, zeros coming in.
    ShiftRightUnsigned,
    /// Right shift by the second word modulo 32, copies of the sign coming in.
    ShiftRightSigned,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Unsigned less than.
    LessUnsigned,
    /// Signed less than.
    LessSigned,
    /// Unsigned less than or equal.
    LessEqualUnsigned,
    /// Signed less than or equal.
    LessEqualSigned,
    /// Unsigned minimum.
    MinUnsigned,
    /// Signed minimum.
    MinSigned,
    /// Unsigned maximum.
    MaxUnsigned,
    /// Signed maximum.
    MaxSigned,
    /// Sum modulo 2^32 of the products of the four signed bytes of each.
    DotSigned,
    /// Sum modulo 2^32 of the products of the four unsigned bytes of each.
    DotUnsigned,
    /// Float of floats: sum.
    FloatAdd,
    /// Float of floats: difference.
    FloatSubtract,
    /// Float of floats: product.
    FloatMultiply,
    /// Float of floats: quotient.
    FloatDivide,
    /// Of floats: equal; 0 where one is NaN.
    FloatEqual,
    /// Of floats: less than; 0 where one is NaN.
    FloatLess,
    /// Of floats: less than or equal; 0 where one is NaN.
    FloatLessEqual,
}

impl Unary {
    /// Whether it takes a float.
    pub const fn takes_float(self) -> bool {
        matches!(
            self,
            Self::FloatNegate
                | Self::FloatAbs
                | Self::FloatSqrt
                | Self::SignedFromFloat
                | Self::UnsignedFromFloat
        )
    }

    /// Whether it yields a float.
    pub const fn yields_float(self) -> bool {
        matches!(
            self,
            Self::Canonical
                | Self::FloatNegate
                | Self::FloatAbs
                | Self::FloatSqrt
                | Self::FloatFromSigned
                | Self::FloatFromUnsigned
        )
    }
}

impl Binary {
    /// Whether it takes floats.
    pub const fn takes_floats(self) -> bool {
        self.yields_float()
            || matches!(
                self,
                Self::FloatEqual | Self::FloatLess | Self::FloatLessEqual
            )
    }

    /// Whether it yields a float.
    pub const fn yields_float(self) -> bool {
        matches!(
            self,
            Self::FloatAdd | Self::FloatSubtract | Self::FloatMultiply | Self::FloatDivide
        )
    }
}

/// How a word is combined into workgroup memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Atomic {
    /// Sum modulo 2^32.
    Add,
    /// Signed minimum.
    MinSigned,
    /// Unsigned minimum.
    MinUnsigned,
    /// Signed maximum.
    MaxSigned,
    /// Unsigned maximum.
    MaxUnsigned,
    /// Bitwise and.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
}
