// SPDX-License-Identifier: Apache-2.0
//! How types lie in memory, in words.

use crate::program::Content;
use naga::{ArraySize, Handle, Module, Override, ScalarKind, StructMember, TypeInner, VectorSize};
use std::collections::HashMap;

/// The most scalars that a type is taken apart into; no kernel has operations for more.
pub(super) const MOST_PARTS: u32 = 65_536;

/// A way to lay out types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Scalars one after the other: values, variables, workgroup and private memory.
    Packed,
    /// As WGSL lays out what is shared with the host: inputs, parameters and the output.
    Shared,
}

/// The types of a module.
#[derive(Debug)]
pub(super) struct Types<'m> {
    pub(super) module: &'m Module,
    /// The overrides that are lengths of arrays.
    pub(super) overrides: HashMap<Handle<Override>, u32>,
}

impl<'m> Types<'m> {
    pub(super) fn inner(&self, handle: Handle<naga::Type>) -> &'m TypeInner {
        &self.module.types[handle].inner
    }

    /// The elements of an array; 0 when that is known only at run time.
    pub(super) fn length(&self, size: ArraySize) -> u32 {
        match size {
            ArraySize::Constant(length) => length.get(),
            ArraySize::Pending(handle) => self.overrides.get(&handle).copied().unwrap_or(0),
            ArraySize::Dynamic => 0,
        }
    }

    /// The words of a type.
    pub(super) fn words(&self, inner: &TypeInner, layout: Layout) -> u32 {
        match *inner {
            TypeInner::Vector { size, .. } => size as u32,
            TypeInner::Matrix { columns, rows, .. } => {
                (columns as u32).saturating_mul(column_stride(rows, layout))
            }
            TypeInner::Array { base, size, stride } => self
                .stride(base, stride, layout)
                .saturating_mul(self.length(size)),
            TypeInner::Struct { ref members, span } => match layout {
                Layout::Packed => members
                    .iter()
                    .map(|member| self.words(self.inner(member.ty), layout))
                    .fold(0, u32::saturating_add),
                Layout::Shared => span / 4,
            },
            _ => 1,
        }
    }

    /// The words from an element of an array to the next.
    pub(super) fn stride(&self, base: Handle<naga::Type>, stride: u32, layout: Layout) -> u32 {
        match layout {
            Layout::Packed => self.words(self.inner(base), layout),
            Layout::Shared => stride / 4,
        }
    }

    /// The words before a member of a structure.
    pub(super) fn member(&self, members: &[StructMember], index: usize, layout: Layout) -> u32 {
        match layout {
            Layout::Packed => members
                .iter()
                .take(index)
                .map(|member| self.words(self.inner(member.ty), layout))
                .fold(0, u32::saturating_add),
            Layout::Shared => members.get(index).map_or(0, |member| member.offset / 4),
        }
    }

    /// The words before each scalar of a type, in order; of a type that is too large, of some.
    pub(super) fn scalars(&self, inner: &TypeInner, layout: Layout) -> Vec<u32> {
        let mut scalars = Vec::new();
        self.collect_scalars(inner, layout, 0, &mut scalars);
        scalars
    }

    /// How each scalar of a type is to be read, in order; of a type that is too large, some.
    pub(super) fn kinds(&self, inner: &TypeInner) -> Vec<ScalarKind> {
        let mut kinds = Vec::new();
        self.collect_kinds(inner, &mut kinds);
        kinds
    }

    fn collect_kinds(&self, inner: &TypeInner, into: &mut Vec<ScalarKind>) {
        match *inner {
            _ if is_full(into) => {}
            TypeInner::Array { base, size, .. } => {
                let mut element = Vec::new();
                self.collect_kinds(self.inner(base), &mut element);
                for _ in 0..self.length(size) {
                    if is_full(into) {
                        break;
                    }
                    into.extend(&element);
                }
            }
            TypeInner::Struct { ref members, .. } => {
                for member in members {
                    self.collect_kinds(self.inner(member.ty), into);
                }
            }
            _ => {
                let kind = inner.scalar_kind().unwrap_or(ScalarKind::Uint);
                let words = self.words(inner, Layout::Packed) as usize;
                into.extend(std::iter::repeat_n(kind, words));
            }
        }
    }

    /// What a memory of this type holds.
    pub(super) fn content(&self, inner: &TypeInner) -> Content {
        let floats = match *inner {
            TypeInner::Array { base, .. } => self.content(self.inner(base)) == Content::Floats,
            TypeInner::Struct { ref members, .. } => members
                .iter()
                .all(|member| self.content(self.inner(member.ty)) == Content::Floats),
            _ => inner.scalar_kind() == Some(ScalarKind::Float),
        };
        if floats {
            Content::Floats
        } else {
            Content::Words
        }
    }

    fn collect_scalars(&self, inner: &TypeInner, layout: Layout, at: u32, into: &mut Vec<u32>) {
        match *inner {
            _ if is_full(into) => {}
            TypeInner::Vector { size, .. } => into.extend((0..size as u32).map(|word| at + word)),
            TypeInner::Matrix { columns, rows, .. } => {
                for column in 0..columns as u32 {
                    let start = at + column * column_stride(rows, layout);
                    into.extend((0..rows as u32).map(|word| start + word));
                }
            }
            TypeInner::Array { base, size, stride } => {
                let stride = self.stride(base, stride, layout);
                for element in 0..self.length(size) {
                    if is_full(into) {
                        break;
                    }
                    self.collect_scalars(self.inner(base), layout, at + element * stride, into);
                }
            }
            TypeInner::Struct { ref members, .. } => {
                for (index, member) in members.iter().enumerate() {
                    let offset = self.member(members, index, layout);
                    self.collect_scalars(self.inner(member.ty), layout, at + offset, into);
                }
            }
            _ => into.push(at),
        }
    }
}

/// Whether there are as many parts as may be.
fn is_full<T>(parts: &[T]) -> bool {
    parts.len() >= MOST_PARTS as usize
}

/// The words from a column of a matrix to the next.
pub(super) fn column_stride(rows: VectorSize, layout: Layout) -> u32 {
    match (rows, layout) {
        (VectorSize::Tri, Layout::Shared) => 4,
        _ => rows as u32,
    }
}
