// SPDX-License-Identifier: Apache-2.0
//! What is known of a register when the text is written.

use crate::program::{Binary, Builtin, Unary};

/// Half the range of a word: words up to this one are not negative.
const POSITIVE: u32 = i32::MAX.cast_unsigned();

/// As what the text holds a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `u32`.
    Word,
    /// `u32`, and `f32` under another name.
    Constant,
    /// `bool`.
    Boolean,
    /// `f32`: canonical, but for NaNs.
    Float,
}

/// A register in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Its number among all values of the text: in WGSL, unlike here, a number must not come again.
    number: u32,
    form: Form,
    /// Its least and its greatest possible word, compared unsigned.
    range: (u32, u32),
    /// Whether it is certain to have, as i32, a magnitude that a float holds exactly.
    is_narrow: bool,
}

/// The most up to which a float holds every integer.
const NARROW: u32 = 1 << 24;

impl Value {
    /// A word that may be anything.
    pub(super) fn word(number: u32) -> Self {
        Self::within(number, 0, u32::MAX)
    }

    /// A word in a range.
    pub(super) fn within(number: u32, least: u32, greatest: u32) -> Self {
        Self {
            number,
            form: Form::Word,
            range: (least, greatest),
            is_narrow: greatest <= NARROW,
        }
    }

    /// The same, known to have a magnitude that a float holds exactly.
    pub(super) fn narrow(self) -> Self {
        Self {
            is_narrow: true,
            ..self
        }
    }

    /// A constant that has a name as a float too.
    pub(super) fn float_constant(number: u32, word: u32) -> Self {
        Self {
            form: Form::Constant,
            ..Self::within(number, word, word)
        }
    }

    /// A `bool`.
    pub(super) fn boolean(number: u32) -> Self {
        Self {
            number,
            form: Form::Boolean,
            range: (0, 1),
            is_narrow: true,
        }
    }

    /// An `f32`.
    pub(super) fn float(number: u32) -> Self {
        Self {
            number,
            form: Form::Float,
            range: (0, u32::MAX),
            is_narrow: false,
        }
    }

    pub(super) fn is_float(&self) -> bool {
        self.form == Form::Float
    }

    pub(super) fn is_boolean(&self) -> bool {
        self.form == Form::Boolean
    }

    pub(super) fn is_narrow(&self) -> bool {
        self.is_narrow
    }

    /// The word, where it is known.
    pub(super) fn constant(&self) -> Option<u32> {
        let (least, greatest) = self.range;
        (least == greatest).then_some(least)
    }

    /// The least word it can be.
    pub(super) fn least(&self) -> u32 {
        self.range.0
    }

    /// The greatest word it can be.
    pub(super) fn greatest(&self) -> u32 {
        self.range.1
    }

    /// Whether it cannot be this word.
    pub(super) fn is_never(&self, word: u32) -> bool {
        word < self.range.0 || word > self.range.1
    }

    /// The name as it was declared.
    pub(super) fn name(&self) -> String {
        format!("r{}", self.number)
    }

    /// An expression of type `u32`.
    pub(super) fn as_word(&self) -> String {
        match self.form {
            Form::Word | Form::Constant => self.name(),
            Form::Boolean => format!("u32({})", self.name()),
            Form::Float => format!("word_of({})", self.name()),
        }
    }

    /// An expression of type `i32`.
    pub(super) fn as_signed(&self) -> String {
        format!("bitcast<i32>({})", self.as_word())
    }

    /// An expression of type `f32`, for a register that is a float.
    pub(super) fn as_float(&self) -> String {
        match self.form {
            Form::Float => self.name(),
            Form::Constant => format!("c{}", self.number),
            Form::Word | Form::Boolean => format!("bitcast<f32>({} | opaque)", self.as_word()),
        }
    }

    /// An expression of type `bool`.
    pub(super) fn as_condition(&self) -> String {
        match self.form {
            Form::Boolean => self.name(),
            Form::Word | Form::Constant | Form::Float => format!("({} != 0u)", self.as_word()),
        }
    }
}

/// The range of a number that the machine provides.
pub(super) fn builtin_range(builtin: Builtin, workgroup: [u16; 3]) -> (u32, u32) {
    let [x, y, z] = workgroup.map(u32::from);
    let below = |size: u32| (0, size.saturating_sub(1));
    match builtin {
        Builtin::LocalX => below(x),
        Builtin::LocalY => below(y),
        Builtin::LocalZ => below(z),
        Builtin::LocalIndex => below(x.saturating_mul(y).saturating_mul(z)),
        Builtin::GroupX | Builtin::GroupY | Builtin::GroupZ => (0, u32::MAX),
        Builtin::GridX | Builtin::GridY | Builtin::GridZ => (0, u32::MAX),
    }
}

/// The range of a function of one word.
pub(super) fn unary_range(function: Unary, a: &Value) -> (u32, u32) {
    match function {
        Unary::LogicalNot => (0, 1),
        Unary::CountOnes | Unary::LeadingZeros | Unary::TrailingZeros => (0, u32::BITS),
        Unary::Abs if a.range.1 <= POSITIVE => a.range,
        Unary::UnsignedFromFloat => (0, 0xffff_ff00),
        Unary::Not
        | Unary::Negate
        | Unary::Abs
        | Unary::ReverseBits
        | Unary::Canonical
        | Unary::FloatNegate
        | Unary::FloatAbs
        | Unary::FloatSqrt
        | Unary::FloatFromSigned
        | Unary::FloatFromUnsigned
        | Unary::SignedFromFloat => (0, u32::MAX),
    }
}

/// The range of a function of two words.
pub(super) fn binary_range(function: Binary, a: &Value, b: &Value) -> (u32, u32) {
    const ANY: (u32, u32) = (0, u32::MAX);
    let ((a_least, a_greatest), (b_least, b_greatest)) = (a.range, b.range);
    let checked = |least: Option<u32>, greatest: Option<u32>| least.zip(greatest).unwrap_or(ANY);
    let positive = a_greatest <= POSITIVE && b_greatest <= POSITIVE;
    match function {
        Binary::Add => checked(
            a_least.checked_add(b_least),
            a_greatest.checked_add(b_greatest),
        ),
        Binary::Subtract => checked(
            a_least.checked_sub(b_greatest),
            a_greatest.checked_sub(b_least),
        ),
        Binary::Multiply => checked(
            a_least.checked_mul(b_least),
            a_greatest.checked_mul(b_greatest),
        ),
        Binary::DivideUnsigned => divided(a.range, b.range),
        Binary::DivideSigned if positive => divided(a.range, b.range),
        Binary::RemainderUnsigned => remainder(a.range, b.range),
        Binary::RemainderSigned if positive => remainder(a.range, b.range),
        Binary::And => (0, a_greatest.min(b_greatest)),
        Binary::Or | Binary::Xor => {
            let bits = u32::BITS.saturating_sub((a_greatest | b_greatest).leading_zeros());
            (
                0,
                u32::MAX
                    .checked_shr(u32::BITS.saturating_sub(bits))
                    .unwrap_or(0),
            )
        }
        Binary::ShiftRightUnsigned => shifted_right(a.range, b),
        Binary::ShiftRightSigned if positive => shifted_right(a.range, b),
        Binary::ShiftLeft => {
            let factor = b.constant().and_then(|count| 1u32.checked_shl(count % 32));
            match factor {
                Some(factor) => {
                    checked(a_least.checked_mul(factor), a_greatest.checked_mul(factor))
                }
                None => ANY,
            }
        }
        Binary::MinUnsigned => (a_least.min(b_least), a_greatest.min(b_greatest)),
        Binary::MaxUnsigned => (a_least.max(b_least), a_greatest.max(b_greatest)),
        Binary::MinSigned if positive => (a_least.min(b_least), a_greatest.min(b_greatest)),
        Binary::MaxSigned if positive => (a_least.max(b_least), a_greatest.max(b_greatest)),
        // The other operand may be negative, but then it is not the greater one.
        Binary::MaxSigned if a_greatest <= POSITIVE => (a_least, POSITIVE),
        Binary::MaxSigned if b_greatest <= POSITIVE => (b_least, POSITIVE),
        Binary::Equal
        | Binary::NotEqual
        | Binary::LessUnsigned
        | Binary::LessSigned
        | Binary::LessEqualUnsigned
        | Binary::LessEqualSigned
        | Binary::FloatEqual
        | Binary::FloatLess
        | Binary::FloatLessEqual => (0, 1),
        Binary::DotUnsigned => (0, 4 * 255 * 255),
        Binary::DivideSigned
        | Binary::RemainderSigned
        | Binary::ShiftRightSigned
        | Binary::MinSigned
        | Binary::MaxSigned
        | Binary::DotSigned
        | Binary::FloatAdd
        | Binary::FloatSubtract
        | Binary::FloatMultiply
        | Binary::FloatDivide => ANY,
    }
}

/// The range of one of two words.
pub(super) fn either_range(a: &Value, b: &Value) -> (u32, u32) {
    (a.range.0.min(b.range.0), a.range.1.max(b.range.1))
}

/// By 0 it is the dividend.
fn divided(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    (a.0 / b.1.max(1), a.1 / b.0.max(1))
}

/// By 0 it is 0.
fn remainder(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    (0, a.1.min(b.1.saturating_sub(1)))
}

fn shifted_right(a: (u32, u32), count: &Value) -> (u32, u32) {
    match count.constant() {
        Some(count) => (a.0 >> (count % 32), a.1 >> (count % 32)),
        None => (0, a.1),
    }
}
