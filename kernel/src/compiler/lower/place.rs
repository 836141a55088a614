// SPDX-License-Identifier: Apache-2.0
//! Pointers: where they lead, and what is read and written there.

use super::{Activation, Lowering, Operand, Owner};
use crate::{
    compiler::{
        ir::{Instruction, MemoryNumber, Node, Slot, Value},
        layout::{Layout, column_stride},
    },
    program::{Binary, Unary},
};
use naga::{ArraySize, Expression, Handle, ScalarKind, Span, TypeInner};

/// What a pointer leads into.
#[derive(Clone, Copy, Debug)]
pub(super) enum Root {
    /// A variable that was taken apart: its first slot.
    Slots(Slot, Owner),
    Memory(MemoryNumber, Layout),
    /// Nothing: reads yield zero, writes are lost. Past the end of a variable, or after a refusal.
    Nowhere,
}

/// Where a pointer leads.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) root: Root,
    /// Words from the start of the root.
    pub(super) offset: u32,
    /// More words, known when it runs. Only in memories.
    pub(super) dynamic: Option<Value>,
    /// Which component of the vector there, known when it runs. Only in slots.
    pub(super) component: Option<(Value, u32)>,
}

impl Place {
    pub(super) const fn of(root: Root) -> Self {
        Self {
            root,
            offset: 0,
            dynamic: None,
            component: None,
        }
    }

    fn layout(&self) -> Layout {
        match self.root {
            Root::Memory(_, layout) => layout,
            Root::Slots(..) | Root::Nowhere => Layout::Packed,
        }
    }
}

impl<'m> Lowering<'m, '_> {
    /// The type of what a pointer leads to.
    pub(super) fn pointee(
        &self,
        activation: &Activation<'m>,
        pointer: Handle<Expression>,
    ) -> TypeInner {
        match *self.inner(activation, pointer) {
            TypeInner::Pointer { base, .. } => self.types.inner(base).clone(),
            TypeInner::ValuePointer {
                size: Some(size),
                scalar,
                ..
            } => TypeInner::Vector { size, scalar },
            TypeInner::ValuePointer { scalar, .. } => TypeInner::Scalar(scalar),
            ref other => other.clone(),
        }
    }

    pub(super) fn place(
        &mut self,
        activation: &mut Activation<'m>,
        pointer: Handle<Expression>,
    ) -> Place {
        match self.operand(activation, pointer) {
            Operand::Place(place) => place,
            Operand::Words(_) => Place::of(Root::Nowhere),
        }
    }

    /// The place of an element, a member or a component that is known when compiling.
    pub(super) fn place_at(&self, mut place: Place, inner: &TypeInner, index: u32) -> Place {
        let layout = place.layout();
        let (length, offset) = match *inner {
            TypeInner::Vector { size, .. } => (size as u32, Some(index)),
            TypeInner::Matrix { columns, rows, .. } => (
                columns as u32,
                index.checked_mul(column_stride(rows, layout)),
            ),
            TypeInner::Array { base, size, stride } => {
                let length = match size {
                    ArraySize::Dynamic => u32::MAX,
                    size => self.types.length(size),
                };
                let stride = self.types.stride(base, stride, layout);
                (length, index.checked_mul(stride))
            }
            TypeInner::Struct { ref members, .. } => {
                let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
                let member = usize::try_from(index).unwrap_or(usize::MAX);
                (count, Some(self.types.member(members, member, layout)))
            }
            _ => (0, None),
        };
        let offset = offset.and_then(|offset| place.offset.checked_add(offset));
        match offset {
            Some(offset) if index < length => place.offset = offset,
            _ => place.root = Root::Nowhere,
        }
        place
    }

    /// The place of an element or a component that is known when it runs.
    pub(super) fn place_indexed(
        &mut self,
        mut place: Place,
        inner: &TypeInner,
        index: Value,
    ) -> Place {
        if let Some(word) = self.builder.word(index) {
            return self.place_at(place, inner, word);
        }
        match (place.root, inner) {
            (Root::Slots(..), TypeInner::Vector { size, .. }) => {
                place.component = Some((index, *size as u32));
            }
            (Root::Slots(_, owner), _) => {
                self.indexed.insert(owner);
                place.root = Root::Nowhere;
            }
            (Root::Memory(_, layout), _) => {
                let stride = match *inner {
                    TypeInner::Array { base, stride, .. } => {
                        self.types.stride(base, stride, layout)
                    }
                    TypeInner::Matrix { rows, .. } => column_stride(rows, layout),
                    _ => 1,
                };
                let words = self.builder.with(Binary::Multiply, index, stride);
                place.dynamic = Some(match place.dynamic {
                    Some(before) => self.builder.binary(Binary::Add, before, words),
                    None => words,
                });
            }
            (Root::Nowhere, _) => {}
        }
        place
    }

    /// The address in its memory of the word that lies `offset` words into a place.
    pub(super) fn address(&mut self, place: &Place, offset: u32) -> Value {
        let offset = place.offset.wrapping_add(offset);
        match place.dynamic {
            Some(dynamic) => self.builder.with(Binary::Add, dynamic, offset),
            None => self.builder.constant(offset),
        }
    }

    /// Reads what is at a place.
    pub(super) fn load(&mut self, place: &Place, inner: &TypeInner, span: Span) -> Vec<Value> {
        let layout = place.layout();
        let words = self.types.words(inner, Layout::Packed);
        if self.refuse_large(words, span, "read the elements one by one") {
            return self.zeros(words);
        }
        match (place.root, place.component) {
            (Root::Nowhere, _) => self.zeros(words),
            (Root::Slots(first, _), None) => (0..words)
                .map(|word| self.get(first, place.offset + word))
                .collect(),
            (Root::Slots(first, _), Some((index, length))) => {
                let components: Vec<Value> = (0..length)
                    .map(|component| self.get(first, place.offset + component))
                    .collect();
                vec![self.choose(&components, index)]
            }
            (Root::Memory(memory, _), _) => {
                let kinds = self.types.kinds(inner);
                (self.types.scalars(inner, layout).into_iter().zip(kinds))
                    .map(|(offset, kind)| {
                        let address = self.address(place, offset);
                        self.read(memory, address, kind, span)
                    })
                    .collect()
            }
        }
    }

    /// Reads a scalar from a memory.
    pub(super) fn read(
        &mut self,
        memory: MemoryNumber,
        address: Value,
        kind: ScalarKind,
        span: Span,
    ) -> Value {
        let value = self.define(Instruction::Load(memory, address));
        self.loads.insert(value, span);
        match kind {
            ScalarKind::Float => self.builder.unary(Unary::Canonical, value),
            _ => value,
        }
    }

    /// Writes to a place.
    pub(super) fn store(&mut self, place: &Place, inner: &TypeInner, words: &[Value], span: Span) {
        match (place.root, place.component) {
            (Root::Nowhere, _) => {}
            (Root::Slots(first, _), None) => {
                for (word, value) in (place.offset..).zip(words) {
                    self.set(first, word, *value);
                }
            }
            (Root::Slots(first, _), Some((index, length))) => {
                let Some(value) = words.first() else {
                    return;
                };
                for component in 0..length {
                    let before = self.get(first, place.offset + component);
                    let here = self.builder.with(Binary::Equal, index, component);
                    let after = self.builder.select(here, *value, before);
                    self.set(first, place.offset + component, after);
                }
            }
            (Root::Memory(memory, layout), _) => {
                let offsets = self.types.scalars(inner, layout);
                for (offset, value) in offsets.into_iter().zip(words) {
                    let address = self.address(place, offset);
                    self.builder
                        .push(Node::Store(memory, address, *value, span));
                }
            }
        }
    }

    /// Writes zeros to a place.
    pub(super) fn clear(&mut self, place: &Place, inner: &TypeInner, span: Span) {
        let words = self.types.words(inner, Layout::Packed);
        let zeros = self.zeros(words);
        self.store(place, inner, &zeros, span);
    }

    /// The element at an index that is known when it runs; 0 past the end.
    pub(super) fn choose(&mut self, elements: &[Value], index: Value) -> Value {
        let zero = self.builder.constant(0);
        let numbered: Vec<(u32, &Value)> = (0..).zip(elements).collect();
        numbered
            .into_iter()
            .rev()
            .fold(zero, |other, (number, element)| {
                let here = self.builder.with(Binary::Equal, index, number);
                self.builder.select(here, *element, other)
            })
    }

    fn get(&mut self, first: Slot, word: u32) -> Value {
        self.define(Instruction::Get(nth(first, word)))
    }

    fn set(&mut self, first: Slot, word: u32, value: Value) {
        self.builder.push(Node::Set(nth(first, word), value));
    }
}

/// The slot of a word of a variable.
fn nth(first: Slot, word: u32) -> Slot {
    Slot(first.0 + word as usize)
}
