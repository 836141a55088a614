// SPDX-License-Identifier: Apache-2.0
//! The outside of a kernel: its entry point and its bindings.

use super::{
    diagnostic::{Code, Reports},
    layout::{Layout, Types},
};
use crate::program::{MAX_LANES, Memory};
use naga::{
    AddressSpace, EntryPoint, GlobalVariable, Handle, Module, ShaderStage, Span, StorageAccess,
};

/// A memory that a binding is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) global: Handle<GlobalVariable>,
    pub(super) memory: Memory,
}

/// The entry point: the one named, or the only one.
pub(super) fn entry<'m>(
    module: &'m Module,
    name: Option<&str>,
    reports: &mut Reports,
) -> Option<(usize, &'m EntryPoint)> {
    let mut candidates = module.entry_points.iter().enumerate().filter(|(_, entry)| {
        entry.stage == ShaderStage::Compute && name.is_none_or(|name| name == entry.name)
    });
    match (candidates.next(), candidates.next(), name) {
        (Some(entry), None, _) => Some(entry),
        (Some(_), Some(_), _) => {
            reports.refuse(
                Code::Entry,
                Span::UNDEFINED,
                "there is more than one compute entry point",
                "name the one to compile, or keep one `@compute` function",
            );
            None
        }
        (None, _, Some(name)) => {
            reports.refuse(
                Code::Entry,
                Span::UNDEFINED,
                format!("there is no compute entry point `{name}`"),
                "name a function with `@compute @workgroup_size(...)`",
            );
            None
        }
        (None, _, None) => {
            reports.refuse(
                Code::Entry,
                Span::UNDEFINED,
                "there is no compute entry point",
                "write `@compute @workgroup_size(256) fn main(...) { ... }`",
            );
            None
        }
    }
}

/// The workgroup's size as the bytecode has it.
pub(super) fn workgroup(size: [u32; 3], reports: &mut Reports) -> Option<[u16; 3]> {
    let lanes = size
        .iter()
        .try_fold(1u32, |lanes, size| lanes.checked_mul(*size));
    if !lanes.is_some_and(|lanes| (1..=MAX_LANES).contains(&lanes)) {
        let [x, y, z] = size;
        reports.refuse(
            Code::Entry,
            Span::UNDEFINED,
            format!("a workgroup of {x} x {y} x {z} invocations; the most is {MAX_LANES} in all"),
            "write `@workgroup_size(256)`, and dispatch more workgroups",
        );
        return None;
    }
    let [x, y, z] = size.map(|size| u16::try_from(size).ok());
    Some([x?, y?, z?])
}

/// The memories of the bindings, in the order of their numbers.
pub(super) fn bindings(types: &Types<'_>, reports: &mut Reports) -> Vec<Bound> {
    let module = types.module;
    let mut bound: Vec<(u32, u32, Bound, Span)> = Vec::new();
    for (handle, global) in module.global_variables.iter() {
        let span = module.global_variables.get_span(handle);
        let Some(binding) = global.binding else {
            continue;
        };
        if let Some(memory) = memory(types, global, span, reports) {
            let found = Bound {
                global: handle,
                memory,
            };
            bound.push((binding.group, binding.binding, found, span));
        }
    }
    bound.sort_by_key(|(group, binding, ..)| (*group, *binding));
    let first_group = bound.first().map(|(group, ..)| *group);
    let mut outputs = 0;
    let mut parameters = 0;
    for (group, _, found, span) in &bound {
        if Some(*group) != first_group {
            reports.refuse(
                Code::Binding,
                *span,
                "bindings in more than one group; a kernel has one",
                "give all bindings the same `@group`",
            );
        }
        match found.memory {
            Memory::Output => outputs += 1,
            Memory::Parameters(_) => parameters += 1,
            _ => {}
        }
        if found.memory == Memory::Output && outputs == 2 {
            reports.refuse(
                Code::Binding,
                *span,
                "a second output; a kernel writes one, so that one hash settles its job",
                "put both into one array, or declare what is only read `var<storage, read>`",
            );
        }
        if matches!(found.memory, Memory::Parameters(_)) && parameters == 2 {
            reports.refuse(
                Code::Binding,
                *span,
                "a second uniform; a kernel has one set of parameters",
                "put all parameters into one `struct`",
            );
        }
    }
    if outputs == 0 {
        reports.refuse(
            Code::Binding,
            Span::UNDEFINED,
            "there is no output",
            "declare one `@group(0) @binding(n) var<storage, read_write> output: array<u32>;`",
        );
    }
    bound.into_iter().map(|(_, _, found, _)| found).collect()
}

/// What a binding is to a kernel.
fn memory(
    types: &Types<'_>,
    global: &GlobalVariable,
    span: Span,
    reports: &mut Reports,
) -> Option<Memory> {
    match global.space {
        AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => {
            Some(Memory::Output)
        }
        AddressSpace::Storage { .. } => Some(Memory::Input),
        AddressSpace::Uniform => Some(Memory::Parameters(
            types.words(types.inner(global.ty), Layout::Shared),
        )),
        _ => {
            reports.refuse(
                Code::Resource,
                span,
                "textures, samplers and other opaque resources have no exact meaning on all machines",
                "pass pixels as `var<storage, read> pixels: array<u32>`",
            );
            None
        }
    }
}
