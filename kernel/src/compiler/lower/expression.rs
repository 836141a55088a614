// SPDX-License-Identifier: Apache-2.0
//! Expressions.

use super::{Activation, Code, HashMap, Layout, Lowering, Operand, Place, Root, Source};
use crate::{
    compiler::{
        ir::{Instruction, Node, Value},
        layout::MOST_PARTS,
    },
    float,
    program::{Binary, Content, Memory, Unary},
};
use naga::{
    BinaryOperator, Expression, Handle, Literal, RelationalFunction, ScalarKind, Span, TypeInner,
    UnaryOperator,
};

/// The most elements that an indexed value is chosen from; a longer one becomes a memory.
const MOST_CHOICES: usize = 16;

impl<'m> Lowering<'m, '_> {
    /// What an expression stands for.
    pub(super) fn operand(
        &mut self,
        activation: &mut Activation<'m>,
        handle: Handle<Expression>,
    ) -> Operand {
        let operand = match activation.values.get(&handle) {
            Some(operand) => operand.clone(),
            None => {
                let operand = self.expression(activation, handle);
                activation.values.insert(handle, operand.clone());
                operand
            }
        };
        match operand {
            Operand::Words(words) => {
                let visible = words.into_iter().map(|word| self.visible(word));
                Operand::Words(visible.collect())
            }
            Operand::Place(mut place) => {
                place.dynamic = place.dynamic.map(|words| self.visible(words));
                place.component =
                    (place.component).map(|(component, length)| (self.visible(component), length));
                Operand::Place(place)
            }
        }
    }

    /// The scalars of an expression that is no pointer.
    pub(super) fn words(
        &mut self,
        activation: &mut Activation<'m>,
        handle: Handle<Expression>,
    ) -> Vec<Value> {
        match self.operand(activation, handle) {
            Operand::Words(words) => words,
            Operand::Place(_) => Vec::new(),
        }
    }

    pub(super) fn scalar(
        &mut self,
        activation: &mut Activation<'m>,
        handle: Handle<Expression>,
    ) -> Value {
        match self.words(activation, handle).first() {
            Some(word) => *word,
            None => self.builder.constant(0),
        }
    }

    /// How the scalars of an expression are to be read.
    pub(super) fn kind(
        &self,
        activation: &Activation<'m>,
        handle: Handle<Expression>,
    ) -> Option<ScalarKind> {
        self.inner(activation, handle).scalar_kind()
    }

    /// The scalars of an expression of the module.
    pub(super) fn module_words(&mut self, handle: Handle<Expression>) -> Vec<Value> {
        let mut activation = Activation {
            function: None,
            expressions: &self.types.module.global_expressions,
            source: Source::Module(self.info),
            arguments: Vec::new(),
            locals: HashMap::new(),
            values: HashMap::new(),
            results: None,
            returned: None,
            left: Vec::new(),
        };
        self.words(&mut activation, handle)
    }

    fn expression(
        &mut self,
        activation: &mut Activation<'m>,
        handle: Handle<Expression>,
    ) -> Operand {
        let module = self.types.module;
        let span = activation.expressions.get_span(handle);
        Operand::Words(match activation.expressions[handle] {
            Expression::Literal(literal) => self.literal(literal, span),
            Expression::Constant(constant) => self.module_words(module.constants[constant].init),
            Expression::Override(handle) => match module.overrides[handle].init {
                Some(init) => self.module_words(init),
                None => {
                    let name = module.overrides[handle].name.clone().unwrap_or_default();
                    self.reports.refuse(
                        Code::Unsupported,
                        module.overrides.get_span(handle),
                        format!("the override `{name}` has no value"),
                        "give it a default, or pass it as a parameter in `var<uniform>`",
                    );
                    self.zeros(1)
                }
            },
            Expression::ZeroValue(ty) => {
                let words = self.types.words(self.types.inner(ty), Layout::Packed);
                self.refuse_large(words, span, "set the elements one by one");
                self.zeros(words)
            }
            Expression::Compose { ty, ref components } => {
                // Arrays of arrays of arrays are large in a few lines.
                let words = self.types.words(self.types.inner(ty), Layout::Packed);
                if words > MOST_PARTS {
                    self.refuse_large(words, span, "set the elements one by one");
                    return Operand::Words(self.zeros(words));
                }
                components
                    .iter()
                    .flat_map(|component| self.words(activation, *component))
                    .collect()
            }
            Expression::Access { base, index } => {
                let index = self.scalar(activation, index);
                match self.operand(activation, base) {
                    Operand::Place(place) => {
                        let inner = self.pointee(activation, base);
                        return Operand::Place(self.place_indexed(place, &inner, index));
                    }
                    Operand::Words(words) => {
                        let inner = self.inner(activation, base);
                        self.element(inner, &words, index, span)
                    }
                }
            }
            Expression::AccessIndex { base, index } => match self.operand(activation, base) {
                Operand::Place(place) => {
                    let inner = self.pointee(activation, base);
                    return Operand::Place(self.place_at(place, &inner, index));
                }
                Operand::Words(words) => self.part(self.inner(activation, base), &words, index),
            },
            Expression::Splat { size, value } => {
                let value = self.scalar(activation, value);
                vec![value; size as usize]
            }
            Expression::Swizzle {
                size,
                vector,
                pattern,
            } => {
                let words = self.words(activation, vector);
                (pattern.iter().take(size as usize))
                    .filter_map(|component| words.get(component.index() as usize).copied())
                    .collect()
            }
            Expression::FunctionArgument(index) => {
                return match activation.arguments.get(index as usize) {
                    Some(operand) => operand.clone(),
                    None => Operand::Words(Vec::new()),
                };
            }
            Expression::GlobalVariable(global) => {
                let root = self.globals.get(&global).copied();
                let mut place = Place::of(root.unwrap_or(Root::Nowhere));
                place.offset = self.offsets.get(&global).copied().unwrap_or(0);
                return Operand::Place(place);
            }
            Expression::LocalVariable(local) => {
                let root = activation.locals.get(&local).copied();
                return Operand::Place(Place::of(root.unwrap_or(Root::Nowhere)));
            }
            Expression::Load { pointer } => {
                let place = self.place(activation, pointer);
                let inner = self.pointee(activation, pointer);
                self.load(&place, &inner, span)
            }
            Expression::Unary { op, expr } => {
                let float = self.kind(activation, expr) == Some(ScalarKind::Float);
                let words = self.words(activation, expr);
                let function = match op {
                    UnaryOperator::Negate if float => Unary::FloatNegate,
                    UnaryOperator::Negate => Unary::Negate,
                    UnaryOperator::LogicalNot => Unary::LogicalNot,
                    UnaryOperator::BitwiseNot => Unary::Not,
                };
                self.each(&words, |builder, word| builder.unary(function, word))
            }
            Expression::Binary { op, left, right } => {
                let kind = self.kind(activation, left);
                let inners = (self.inner(activation, left), self.inner(activation, right));
                let (left, right) = (self.words(activation, left), self.words(activation, right));
                if kind == Some(ScalarKind::Float) {
                    let product = match op {
                        BinaryOperator::Multiply => self.matrix_product(inners, &left, &right),
                        _ => None,
                    };
                    return Operand::Words(match product {
                        Some(product) => product,
                        None => self.float_operator(op, &left, &right),
                    });
                }
                let (function, swapped) = operator(op, kind == Some(ScalarKind::Sint));
                match swapped {
                    false => self.both(&left, &right, |b, x, y| b.binary(function, x, y)),
                    true => self.both(&right, &left, |b, x, y| b.binary(function, x, y)),
                }
            }
            Expression::Select {
                condition,
                accept,
                reject,
            } => {
                let condition = self.words(activation, condition);
                let accept = self.words(activation, accept);
                let reject = self.words(activation, reject);
                (accept.into_iter().zip(reject).enumerate())
                    .filter_map(|(index, (accept, reject))| {
                        let condition = condition.get(index).or(condition.first())?;
                        Some(self.builder.select(*condition, accept, reject))
                    })
                    .collect()
            }
            Expression::Relational { fun, argument } => {
                let words = self.words(activation, argument);
                let function = match fun {
                    RelationalFunction::All => Binary::And,
                    _ => Binary::Or,
                };
                let all = words
                    .into_iter()
                    .reduce(|all, word| self.builder.binary(function, all, word));
                all.into_iter().collect()
            }
            Expression::Math {
                fun,
                arg,
                arg1,
                arg2,
                arg3,
            } => {
                let kind = self.kind(activation, arg);
                let inner = self.inner(activation, arg);
                let arguments: Vec<Vec<Value>> = [Some(arg), arg1, arg2, arg3]
                    .into_iter()
                    .flatten()
                    .map(|argument| self.words(activation, argument))
                    .collect();
                match self.float_math(fun, kind, inner, &arguments) {
                    Some(words) => words,
                    None => self.math(fun, kind == Some(ScalarKind::Sint), &arguments, span),
                }
            }
            Expression::As {
                expr,
                kind,
                convert,
            } => {
                let from = self.kind(activation, expr);
                let words = self.words(activation, expr);
                let function = match (from, kind, convert) {
                    (_, ScalarKind::Bool, Some(_)) => {
                        return Operand::Words(self.each(&words, |builder, word| {
                            builder.with(Binary::NotEqual, word, 0)
                        }));
                    }
                    (Some(ScalarKind::Bool), ScalarKind::Float, Some(_)) => {
                        let (one, zero) = (self.float(1.0), self.builder.constant(0));
                        return Operand::Words(
                            self.each(&words, |builder, word| builder.select(word, one, zero)),
                        );
                    }
                    (Some(ScalarKind::Sint), ScalarKind::Float, Some(_)) => Unary::FloatFromSigned,
                    (Some(ScalarKind::Uint), ScalarKind::Float, Some(_)) => {
                        Unary::FloatFromUnsigned
                    }
                    (Some(ScalarKind::Float), ScalarKind::Sint, Some(_)) => Unary::SignedFromFloat,
                    (Some(ScalarKind::Float), ScalarKind::Uint, Some(_)) => {
                        Unary::UnsignedFromFloat
                    }
                    (_, ScalarKind::Float, _) => Unary::Canonical,
                    _ => return Operand::Words(words),
                };
                self.each(&words, |builder, word| builder.unary(function, word))
            }
            Expression::ArrayLength(array) => {
                let place = self.place(activation, array);
                let inner = self.pointee(activation, array);
                vec![self.array_length(&place, &inner)]
            }
            Expression::AtomicResult { .. } => {
                self.reports.refuse(
                    Code::Atomic,
                    span,
                    "the result of an atomic operation shows the order of invocations",
                    "call it as a statement, without using its result; to give each invocation its own place,\n\
                     compute a prefix sum in workgroup memory instead of counting with atomicAdd",
                );
                self.zeros(1)
            }
            _ => {
                self.reports.refuse(
                    Code::Unsupported,
                    span,
                    "kernels have no such expression",
                    "kernels have the expressions of compute shaders without textures",
                );
                let words = self
                    .types
                    .words(self.inner(activation, handle), Layout::Packed);
                self.zeros(words)
            }
        })
    }

    fn literal(&mut self, literal: Literal, span: Span) -> Vec<Value> {
        let word = match literal {
            Literal::U32(word) => word,
            Literal::I32(word) => word.cast_unsigned(),
            Literal::Bool(word) => u32::from(word),
            // Only constants that nothing asks for stay abstract; the low word is what they convert to.
            Literal::AbstractInt(word) => u32::try_from(word & 0xffff_ffff).unwrap_or_default(),
            Literal::F32(number) => float::canonical(number.to_bits()),
            Literal::AbstractFloat(number) => float::canonical((number as f32).to_bits()),
            _ => {
                self.reports.refuse(
                    Code::Width,
                    span,
                    "a number that is not 32 bits wide",
                    "use f32, u32 or i32",
                );
                0
            }
        };
        vec![self.builder.constant(word)]
    }

    /// A part of a value that is known when compiling.
    fn part(&self, inner: &TypeInner, words: &[Value], index: u32) -> Vec<Value> {
        let (start, inner) = match *inner {
            TypeInner::Array { base, .. } => {
                let inner = self.types.inner(base);
                let words = self.types.words(inner, Layout::Packed);
                (index.saturating_mul(words), Some(inner))
            }
            TypeInner::Matrix { rows, .. } => {
                let rows = rows as u32;
                let start = index.saturating_mul(rows) as usize;
                let column = words.get(start..start.saturating_add(rows as usize));
                return column.map(<[Value]>::to_vec).unwrap_or_default();
            }
            TypeInner::Struct { ref members, .. } => {
                let member = index as usize;
                let start = self.types.member(members, member, Layout::Packed);
                let inner = members.get(member);
                (start, inner.map(|member| self.types.inner(member.ty)))
            }
            _ => (index, None),
        };
        let length = inner.map_or(1, |inner| self.types.words(inner, Layout::Packed));
        let range = start as usize..start.saturating_add(length) as usize;
        words.get(range).map(<[Value]>::to_vec).unwrap_or_default()
    }

    /// An element of a value, its index known when it runs; zeros past the end.
    fn element(
        &mut self,
        inner: &TypeInner,
        words: &[Value],
        index: Value,
        span: Span,
    ) -> Vec<Value> {
        let width = match *inner {
            TypeInner::Array { base, .. } => {
                let width = self.types.words(self.types.inner(base), Layout::Packed);
                (width as usize).max(1)
            }
            TypeInner::Matrix { rows, .. } => rows as usize,
            _ => 1,
        };
        if let Some(word) = self.builder.word(index) {
            let part = self.part(inner, words, word);
            return match part.is_empty() {
                true => self.zeros(u32::try_from(width).unwrap_or(1)),
                false => part,
            };
        }
        if words.len() / width <= MOST_CHOICES {
            return (0..width)
                .map(|part| {
                    let elements: Vec<Value> =
                        words.iter().skip(part).step_by(width).copied().collect();
                    self.choose(&elements, index)
                })
                .collect();
        }
        let memory = self.table(words, span);
        let kinds = self.types.kinds(inner);
        let stride = u32::try_from(width).unwrap_or(1);
        let first = self.builder.with(Binary::Multiply, index, stride);
        (0..stride)
            .zip(kinds)
            .map(|(part, kind)| {
                let address = self.builder.with(Binary::Add, first, part);
                self.read(memory, address, kind, span)
            })
            .collect()
    }

    /// A private memory that holds these words. That of a constant is filled once, at the start.
    fn table(&mut self, words: &[Value], span: Span) -> usize {
        if let Some(memory) = self.tables.get(words) {
            return *memory;
        }
        let length = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let content = match words.iter().all(|word| self.builder.is_float(*word)) {
            true => Content::Floats,
            false => Content::Words,
        };
        let memory = self.builder.memory(Memory::Private(length, content));
        let constant = words.iter().all(|word| self.builder.word(*word).is_some());
        for (address, word) in (0..).zip(words) {
            let address = self.builder.constant(address);
            let store = Node::Store(memory, address, *word, span);
            match constant {
                true => self.builder.push_outside(store),
                false => self.builder.push(store),
            }
        }
        if constant {
            self.tables.insert(words.to_vec(), memory);
        }
        memory
    }

    /// The elements of an array whose length is known only at run time.
    fn array_length(&mut self, place: &Place, inner: &TypeInner) -> Value {
        let (Root::Memory(memory, layout), TypeInner::Array { base, stride, .. }) =
            (place.root, inner)
        else {
            return self.builder.constant(0);
        };
        let words = self.define(Instruction::Length(memory));
        let least = self.builder.with(Binary::MaxUnsigned, words, place.offset);
        let words = self.builder.with(Binary::Subtract, least, place.offset);
        let stride = self.types.stride(*base, *stride, layout);
        self.builder.with(Binary::DivideUnsigned, words, stride)
    }
}

/// The function that an operator is, and whether its operands are swapped.
fn operator(operator: BinaryOperator, signed: bool) -> (Binary, bool) {
    let either = |ours, others| if signed { ours } else { others };
    match operator {
        BinaryOperator::Add => (Binary::Add, false),
        BinaryOperator::Subtract => (Binary::Subtract, false),
        BinaryOperator::Multiply => (Binary::Multiply, false),
        BinaryOperator::Divide => (either(Binary::DivideSigned, Binary::DivideUnsigned), false),
        BinaryOperator::Modulo => (
            either(Binary::RemainderSigned, Binary::RemainderUnsigned),
            false,
        ),
        BinaryOperator::Equal => (Binary::Equal, false),
        BinaryOperator::NotEqual => (Binary::NotEqual, false),
        BinaryOperator::Less => (either(Binary::LessSigned, Binary::LessUnsigned), false),
        BinaryOperator::LessEqual => (
            either(Binary::LessEqualSigned, Binary::LessEqualUnsigned),
            false,
        ),
        BinaryOperator::Greater => (either(Binary::LessSigned, Binary::LessUnsigned), true),
        BinaryOperator::GreaterEqual => (
            either(Binary::LessEqualSigned, Binary::LessEqualUnsigned),
            true,
        ),
        BinaryOperator::And | BinaryOperator::LogicalAnd => (Binary::And, false),
        BinaryOperator::ExclusiveOr => (Binary::Xor, false),
        BinaryOperator::InclusiveOr | BinaryOperator::LogicalOr => (Binary::Or, false),
        BinaryOperator::ShiftLeft => (Binary::ShiftLeft, false),
        BinaryOperator::ShiftRight => (
            either(Binary::ShiftRightSigned, Binary::ShiftRightUnsigned),
            false,
        ),
    }
}
