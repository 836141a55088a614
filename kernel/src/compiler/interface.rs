// SPDX-License-Identifier: Apache-2.0
//! The outside of a kernel: its entry point and its bindings.

use super::{
    diagnostic::{Code, Reports},
    layout::{Layout, Types},
};
use crate::program::{MAX_LANES, Memory};
use naga::{
    AddressSpace, EntryPoint, GlobalVariable, Handle, Module, ShaderStage, Span, StorageAccess,
    valid::{FunctionInfo, GlobalUse},
};

/// A memory that a binding is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) global: Handle<GlobalVariable>,
    pub(super) memory: Memory,
    /// The words before it, for one of several uniforms.
    pub(super) offset: u32,
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

/// The memories of the bindings, in the order of their groups and numbers, as an entry point uses them.
pub(super) fn bindings(
    types: &Types<'_>,
    uses: &FunctionInfo,
    reports: &mut Reports,
) -> Vec<Bound> {
    let module = types.module;
    // What belongs to other entry points alone is no part of the kernel.
    let is_alone = module.entry_points.len() == 1;
    let is_written = (module.global_variables.iter())
        .any(|(handle, global)| is_storage(global) && uses[handle].contains(GlobalUse::WRITE));
    let mut bound: Vec<(u32, u32, Bound, Span)> = Vec::new();
    for (handle, global) in module.global_variables.iter() {
        let span = module.global_variables.get_span(handle);
        let Some(binding) = global.binding else {
            continue;
        };
        if !is_alone && uses[handle].is_empty() {
            continue;
        }
        // What is never written to is read only, whatever its declaration says, if something else is.
        let is_output = !is_written || uses[handle].contains(GlobalUse::WRITE);
        if let Some(memory) = memory(types, global, is_output, span, reports) {
            let found = Bound {
                global: handle,
                memory,
                offset: 0,
            };
            bound.push((binding.group, binding.binding, found, span));
        }
    }
    bound.sort_by_key(|(group, binding, ..)| (*group, *binding));
    let outputs = bound
        .iter()
        .filter(|(_, _, found, _)| found.memory == Memory::Output);
    match outputs.clone().nth(1) {
        Some((_, _, _, span)) => reports.refuse(
            Code::Binding,
            *span,
            "a second output; a kernel writes one, so that one hash settles its job",
            "put both into one array, or write each in a pass of its own",
        ),
        None if outputs.clone().count() == 0 => reports.refuse(
            Code::Binding,
            Span::UNDEFINED,
            "there is no output",
            "declare one `@group(0) @binding(n) var<storage, read_write> output: array<u32>;`",
        ),
        None => {}
    }
    let mut bound: Vec<Bound> = bound.into_iter().map(|(_, _, found, _)| found).collect();
    join_parameters(&mut bound);
    bound
}

fn is_storage(global: &GlobalVariable) -> bool {
    matches!(global.space, AddressSpace::Storage { .. })
}

/// Lays uniforms one behind the other: a kernel has one set of parameters.
fn join_parameters(bound: &mut [Bound]) {
    let mut words = 0u32;
    for found in bound.iter_mut() {
        if let Memory::Parameters(own) = found.memory {
            found.offset = words;
            words = words.saturating_add(own);
        }
    }
    for found in bound {
        if let Memory::Parameters(_) = found.memory {
            found.memory = Memory::Parameters(words);
        }
    }
}

/// What a binding is to a kernel.
fn memory(
    types: &Types<'_>,
    global: &GlobalVariable,
    is_output: bool,
    span: Span,
    reports: &mut Reports,
) -> Option<Memory> {
    match global.space {
        AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) && is_output => {
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
