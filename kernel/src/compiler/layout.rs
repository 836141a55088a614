// SPDX-License-Identifier: Apache-2.0
//! How types lie in memory, in words.

use naga::{ArraySize, Handle, Module, Override, StructMember, TypeInner};
use std::collections::HashMap;

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

    /// The words before each scalar of a type, in order.
    pub(super) fn scalars(&self, inner: &TypeInner, layout: Layout) -> Vec<u32> {
        let mut scalars = Vec::new();
        self.collect_scalars(inner, layout, 0, &mut scalars);
        scalars
    }

    fn collect_scalars(&self, inner: &TypeInner, layout: Layout, at: u32, into: &mut Vec<u32>) {
        match *inner {
            TypeInner::Vector { size, .. } => into.extend((0..size as u32).map(|word| at + word)),
            TypeInner::Array { base, size, stride } => {
                let stride = self.stride(base, stride, layout);
                for element in 0..self.length(size) {
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
