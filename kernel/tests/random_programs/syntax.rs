// SPDX-License-Identifier: Apache-2.0
//! The syntax of random programs. All expressions are words; how each is written, and as which type, is in
//! `writing.rs`.

/// The mutable variables of a function: three u32, an i32, a bool and an f32.
pub(crate) const VARIABLES: usize = 6;

/// The variables before this one are u32.
pub(crate) const SIGNED: usize = 3;

/// This variable holds nothing but 0 and 1.
pub(crate) const BOOLEAN: usize = 4;

/// This variable holds nothing but canonical floats.
pub(crate) const FLOAT: usize = 5;

/// The elements of a function's array; a power of two is not needed.
pub(crate) const ELEMENTS: usize = 6;

/// The structures of a function's array of structures.
pub(crate) const RECORDS: usize = 3;

/// The words of a structure: a u32, two i32, two u32 and an f32.
pub(crate) const FIELDS: usize = 6;

/// The field that is an f32.
pub(crate) const WEIGHT: usize = 5;

/// The elements of a function's array of f32.
pub(crate) const WEIGHTS: usize = 5;

/// The elements of an array that each turn of a loop has for itself.
pub(crate) const LOCALS: usize = 3;

/// Constant arrays; the compiler chooses from the first and makes a memory of the second.
pub(crate) const TABLES: [&[u32]; 2] = [
    &[7, 0, u32::MAX, 1 << 31, 3],
    &[
        3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6,
    ],
];

pub(crate) const UNARY: [&str; 16] = [
    "~x",
    "-x",
    "abs",
    "sign",
    "countOneBits",
    "countLeadingZeros",
    "countTrailingZeros",
    "reverseBits",
    "firstLeadingBit",
    "firstLeadingBit signed",
    "firstTrailingBit",
    "!x",
    "widened",
    "widened signed",
    "packed",
    "packed signed",
];

pub(crate) const BINARY: [&str; 33] = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "/s",
    "%s",
    "&",
    "|",
    "^",
    "<<",
    ">>",
    ">>s",
    "==",
    "!=",
    "<",
    "<s",
    "<=",
    ">=s",
    "min",
    "max s",
    "&&",
    "||",
    "dot",
    ">",
    ">=",
    "<=s",
    ">s",
    "max",
    "min s",
    "dot u",
    "dot vectors",
    "all",
];

/// Functions of an f32, or to one, whose word they take or yield.
pub(crate) const FLOAT_UNARY: [&str; 18] = [
    "-",
    "abs",
    "sqrt",
    "floor",
    "ceil",
    "trunc",
    "round",
    "fract",
    "sign",
    "saturate",
    "kept",
    "from u32",
    "from i32",
    "from bool",
    "to u32",
    "to i32",
    "to bool",
    "unorm",
];

/// Functions of two f32.
pub(crate) const FLOAT_BINARY: [&str; 19] = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "min",
    "max",
    "step",
    "ldexp",
    "dot",
    "length",
    "determinant",
    "pack unorm",
];

/// Functions of three f32.
pub(crate) const FLOAT_TERNARY: [&str; 4] = ["fma", "mix", "clamp", "select"];

/// What the end of a turn does to the counter of a `for`.
pub(crate) const STEPS: [&str; 5] = ["+=", "-=", "*=", "<<=", ">>="];

/// How a `for` compares its counter with the end, and the same with the sides swapped.
pub(crate) const COMPARISONS: [[&str; 2]; 5] = [
    ["<", ">"],
    ["<=", ">="],
    [">", "<"],
    ["!=", "!="],
    [">=", "<="],
];

/// An expression of type u32.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    /// A constant that WGSL does not evaluate, but the compiler may.
    Constant(u32),
    Argument(usize),
    Variable(usize),
    /// The counter of a loop around.
    Counter(usize),
    /// What a variable was when a turn of a `loop` began.
    Kept(usize),
    Element(Box<Self>),
    Component(Box<Self>),
    /// Element of the array of f32.
    Weight(Box<Self>),
    /// Component of the vector of f32.
    FloatComponent(Box<Self>),
    /// Element of the matrix: column and row.
    Matrix(usize, usize),
    FloatUnary(usize, Box<Self>),
    FloatBinary(usize, Box<Self>, Box<Self>),
    FloatTernary(usize, Box<[Self; 3]>),
    /// Field of a structure of the array.
    Field(Box<Self>, usize),
    /// Element of the array that belongs to a turn of the loop.
    Local(usize, Box<Self>),
    /// Element of a constant array.
    Table(usize, Box<Self>),
    Unary(usize, Box<Self>),
    Binary(usize, Box<Self>, Box<Self>),
    Select(Box<Self>, Box<Self>, Box<Self>),
    /// Value, low, high, and whether they are signed.
    Clamp(Box<[Self; 3]>, bool),
    /// Extracted bits: value, offset, count, and whether they are signed.
    Bits(Box<Self>, Box<Self>, Box<Self>, bool),
    /// Inserted bits: value, new bits, offset, count.
    Insert(Box<[Self; 4]>),
    Call(usize, Box<Self>, Box<Self>),
}

/// The head of a `for`.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) counter: usize,
    /// Whether the counter is an i32.
    pub(crate) signed: bool,
    pub(crate) start: u32,
    /// Of [`COMPARISONS`].
    pub(crate) comparison: usize,
    /// Whether the counter stands on the right.
    pub(crate) swapped: bool,
    pub(crate) end: Expression,
    /// Of [`STEPS`].
    pub(crate) step: usize,
    pub(crate) by: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Statement {
    Assign(usize, Expression),
    SetElement(Expression, Expression),
    SetComponent(Expression, Expression),
    SetWeight(Expression, Expression),
    SetFloatComponent(Expression, Expression),
    /// Turns the vector of f32 round, scaled by the first and added to itself; where it is less than the
    /// second it is multiplied by the matrix.
    MixFloats(Expression, Expression),
    /// Multiplies the matrix by one of these two and of the vector's first two.
    MixMatrix(Expression, Expression),
    /// Structure, field, value.
    SetField(Expression, usize, Expression),
    /// Copies a structure; to, from.
    CopyRecord(Expression, Expression),
    SetLocal(usize, Expression, Expression),
    /// Adds the first to the components and triples those that are less than the second.
    MixVector(Expression, Expression),
    /// Adds one to the counter of a loop around.
    Advance(usize),
    /// To a variable: whether a condition holds and (false) or or (true) a function that changes another
    /// variable, given a word, yields more than 7. The function is only called where it must be.
    Circuit(usize, bool, Expression, usize, Expression),
    If(Expression, Vec<Self>, Vec<Self>),
    For(Head, Vec<Self>),
    /// Counter, most turns, condition, body.
    While(usize, u32, Expression, Vec<Self>),
    /// Counter, most turns, body, what runs after each turn, and the condition that then leaves.
    Loop(usize, u32, Vec<Self>, Vec<Self>, Expression),
    /// Selector, whether it is an i32, cases, default.
    Switch(Expression, bool, Vec<Vec<Self>>, Vec<Self>),
    Break,
    Continue,
    Return(Expression),
}

/// A function of two words, with variables, arrays, vectors and a matrix of its own.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) body: Vec<Statement>,
    pub(crate) result: Expression,
}

/// Functions, each of which may call those before it; the last is the kernel.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) functions: Vec<Function>,
}

impl Expression {
    /// The expressions that it is made of.
    pub(crate) fn parts(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Constant(_)
            | Self::Argument(_)
            | Self::Variable(_)
            | Self::Counter(_)
            | Self::Matrix(..)
            | Self::Kept(_) => Vec::new(),
            Self::Element(a)
            | Self::Weight(a)
            | Self::FloatComponent(a)
            | Self::FloatUnary(_, a)
            | Self::Component(a)
            | Self::Field(a, _)
            | Self::Local(_, a)
            | Self::Table(_, a)
            | Self::Unary(_, a) => vec![a],
            Self::Binary(_, a, b) | Self::FloatBinary(_, a, b) | Self::Call(_, a, b) => vec![a, b],
            Self::Select(a, b, c) | Self::Bits(a, b, c, _) => vec![a, b, c],
            Self::Clamp(parts, _) | Self::FloatTernary(_, parts) => parts.iter_mut().collect(),
            Self::Insert(parts) => parts.iter_mut().collect(),
        }
    }
}

impl Statement {
    /// The expressions and the blocks that it is made of.
    pub(crate) fn parts(&mut self) -> (Vec<&mut Expression>, Vec<&mut Vec<Self>>) {
        match self {
            Self::Advance(_) | Self::Break | Self::Continue => (vec![], vec![]),
            Self::Assign(_, a) | Self::Return(a) => (vec![a], vec![]),
            Self::SetElement(a, b)
            | Self::SetComponent(a, b)
            | Self::SetWeight(a, b)
            | Self::SetFloatComponent(a, b)
            | Self::MixFloats(a, b)
            | Self::MixMatrix(a, b)
            | Self::SetField(a, _, b)
            | Self::CopyRecord(a, b)
            | Self::SetLocal(_, a, b)
            | Self::MixVector(a, b)
            | Self::Circuit(_, _, a, _, b) => (vec![a, b], vec![]),
            Self::If(condition, first, second) => (vec![condition], vec![first, second]),
            Self::For(head, body) => (vec![&mut head.end], vec![body]),
            Self::While(_, _, condition, body) => (vec![condition], vec![body]),
            Self::Loop(_, _, body, continuing, leave) => (vec![leave], vec![body, continuing]),
            Self::Switch(selector, _, cases, default) => {
                let mut blocks: Vec<_> = cases.iter_mut().collect();
                blocks.push(default);
                (vec![selector], blocks)
            }
        }
    }
}
