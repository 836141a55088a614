// SPDX-License-Identifier: Apache-2.0
//! Looks through what an entry point reaches for what no kernel has, and says all of it at once.

use super::diagnostic::{Code, Reports};
use naga::{
    AddressSpace, AtomicFunction, Barrier, Block, EntryPoint, Expression, Function, GlobalVariable,
    Handle, Module, ScalarKind, Span, Statement, TypeInner,
    valid::{FunctionInfo, ModuleInfo},
};
use std::collections::BTreeSet;

/// Reports what no kernel has in an entry point and all that it calls.
pub(super) fn screen(
    module: &Module,
    info: &ModuleInfo,
    index: usize,
    entry: &EntryPoint,
    reports: &mut Reports,
) {
    let mut screen = Screen {
        module,
        reports,
        pending: Vec::new(),
        seen: BTreeSet::new(),
        globals: BTreeSet::new(),
    };
    screen.function(&entry.function, info.get_entry_point(index));
    while let Some(handle) = screen.pending.pop() {
        if screen.seen.insert(handle) {
            screen.function(&module.functions[handle], &info[handle]);
        }
    }
    for handle in screen.globals.clone() {
        screen.global(
            &module.global_variables[handle],
            module.global_variables.get_span(handle),
        );
    }
}

struct Screen<'m, 'r> {
    module: &'m Module,
    reports: &'r mut Reports,
    pending: Vec<Handle<Function>>,
    seen: BTreeSet<Handle<Function>>,
    globals: BTreeSet<Handle<GlobalVariable>>,
}

impl Screen<'_, '_> {
    fn global(&mut self, global: &GlobalVariable, span: Span) {
        let inner = &self.module.types[global.ty].inner;
        self.types(inner, span);
        if matches!(global.space, AddressSpace::Storage { .. }) && self.has_atomic(inner) {
            self.reports.refuse(
                Code::Atomic,
                span,
                "atomics in storage would let the order of workgroups show",
                "combine in `var<workgroup>` memory and write the tile's own part of the output",
            );
        }
        if global.space == AddressSpace::Immediate {
            self.reports.refuse(
                Code::Resource,
                span,
                "kernels have no immediates",
                "declare parameters as `var<uniform>`",
            );
        }
    }

    fn has_atomic(&self, inner: &TypeInner) -> bool {
        match *inner {
            TypeInner::Atomic(_) => true,
            TypeInner::Array { base, .. } => self.has_atomic(&self.module.types[base].inner),
            TypeInner::Struct { ref members, .. } => members
                .iter()
                .any(|member| self.has_atomic(&self.module.types[member.ty].inner)),
            _ => false,
        }
    }

    /// Reports a type that kernels do not have.
    fn types(&mut self, inner: &TypeInner, span: Span) {
        match *inner {
            TypeInner::Scalar(scalar)
            | TypeInner::Vector { scalar, .. }
            | TypeInner::Matrix { scalar, .. }
            | TypeInner::Atomic(scalar)
            | TypeInner::ValuePointer { scalar, .. } => match (scalar.kind, scalar.width) {
                (ScalarKind::Float, width) if width != 4 => self.reports.refuse(
                    Code::Float,
                    span,
                    format!(
                        "floating point of {} bits; kernels compute with 32, exactly alike on every machine",
                        u32::from(width) * 8
                    ),
                    "use f32; `pack2x16float` and `unpack2x16float` read and write halves",
                ),
                (ScalarKind::Sint | ScalarKind::Uint, width) if width != 4 => self.reports.refuse(
                    Code::Width,
                    span,
                    format!("integers of {} bits; kernels compute with 32", u32::from(width) * 8),
                    "use u32 or i32, two of them where 32 bits are too few",
                ),
                _ => {}
            },
            TypeInner::Pointer { base, .. } | TypeInner::Array { base, .. } => {
                self.types(&self.module.types[base].inner, span);
            }
            TypeInner::Struct { ref members, .. } => {
                for member in members {
                    self.types(&self.module.types[member.ty].inner, span);
                }
            }
            TypeInner::Image { .. } | TypeInner::Sampler { .. } => self.reports.refuse(
                Code::Resource,
                span,
                "textures and samplers have no exact meaning on all machines",
                "pass pixels as `var<storage, read> pixels: array<u32>`, one word each",
            ),
            TypeInner::AccelerationStructure { .. }
            | TypeInner::RayQuery { .. }
            | TypeInner::BindingArray { .. }
            | TypeInner::CooperativeMatrix { .. } => self.reports.refuse(
                Code::Resource,
                span,
                "kernels have no such type",
                "kernels have f32, u32, i32, bool, vectors, matrices, arrays and structures of them",
            ),
        }
    }

    fn function(&mut self, function: &Function, info: &FunctionInfo) {
        for (handle, expression) in function.expressions.iter() {
            let span = function.expressions.get_span(handle);
            match *expression {
                Expression::GlobalVariable(global) => {
                    self.globals.insert(global);
                }
                // What they lead to is looked at itself.
                Expression::LocalVariable(_) | Expression::FunctionArgument(_) => {}
                _ if span.is_defined() => {
                    self.types(info[handle].ty.inner_with(&self.module.types), span);
                }
                _ => {}
            }
        }
        for (handle, local) in function.local_variables.iter() {
            let span = function.local_variables.get_span(handle);
            self.types(&self.module.types[local.ty].inner, span);
        }
        self.block(&function.body);
    }

    fn block(&mut self, block: &Block) {
        for (statement, span) in block.span_iter() {
            self.statement(statement, *span);
        }
    }

    fn statement(&mut self, statement: &Statement, span: Span) {
        match statement {
            Statement::Block(block) => self.block(block),
            Statement::If { accept, reject, .. } => {
                self.block(accept);
                self.block(reject);
            }
            Statement::Switch { cases, .. } => {
                for case in cases {
                    self.block(&case.body);
                }
            }
            Statement::Loop {
                body, continuing, ..
            } => {
                self.block(body);
                self.block(continuing);
            }
            Statement::Call { function, .. } => self.pending.push(*function),
            Statement::ControlBarrier(barrier) | Statement::MemoryBarrier(barrier)
                if *barrier != Barrier::WORK_GROUP =>
            {
                self.reports.refuse(
                    Code::Barrier,
                    span,
                    "only workgroup memory is shared: an invocation's output is never read by another",
                    "write `workgroupBarrier()`, and share through `var<workgroup>` memory",
                );
            }
            Statement::Atomic { fun, .. } => self.atomic(fun, span),
            Statement::SubgroupBallot { .. }
            | Statement::SubgroupGather { .. }
            | Statement::SubgroupCollectiveOperation { .. } => self.reports.refuse(
                Code::Unsupported,
                span,
                "the size of subgroups differs between machines, and so would the result",
                "share through `var<workgroup>` memory with `workgroupBarrier()`",
            ),
            Statement::ImageStore { .. } | Statement::ImageAtomic { .. } => self.reports.refuse(
                Code::Resource,
                span,
                "kernels have no textures",
                "write to the output array",
            ),
            Statement::RayQuery { .. }
            | Statement::RayPipelineFunction(_)
            | Statement::CooperativeStore { .. }
            | Statement::Kill => self.reports.refuse(
                Code::Unsupported,
                span,
                "kernels have no such statement",
                "kernels have the statements of compute shaders without textures",
            ),
            _ => {}
        }
    }

    fn atomic(&mut self, function: &AtomicFunction, span: Span) {
        if matches!(function, AtomicFunction::Exchange { .. }) {
            self.reports.refuse(
                Code::Atomic,
                span,
                "the order of invocations would show in what an exchange leaves behind",
                "use atomicAdd, atomicSub, atomicMin, atomicMax, atomicAnd, atomicOr or atomicXor",
            );
        }
    }
}
