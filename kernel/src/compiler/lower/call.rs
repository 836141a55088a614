// SPDX-License-Identifier: Apache-2.0
//! Calls, which are inlined, and what the machine passes to the entry point.

use super::{Activation, Code, HashMap, Layout, Lowering, Operand, Source};
use crate::{
    compiler::{
        builder::ScopeKind,
        ir::{Instruction, Node, Slot, SlotKind, Value},
        library,
    },
    program::{Binary, Builtin},
};
use naga::{Binding, BuiltIn, Expression, Function, Handle, Span, TypeInner};

impl<'m> Lowering<'m, '_> {
    pub(super) fn entry_arguments(&mut self, function: &'m Function) -> Vec<Operand> {
        let arguments = function.arguments.iter();
        arguments
            .map(|argument| {
                let inner = self.types.inner(argument.ty);
                Operand::Words(match (&argument.binding, inner) {
                    (Some(binding), _) => self.builtin(binding),
                    (None, TypeInner::Struct { members, .. }) => members
                        .iter()
                        .filter_map(|member| member.binding.as_ref())
                        .flat_map(|binding| self.builtin(binding))
                        .collect(),
                    (None, _) => Vec::new(),
                })
            })
            .collect()
    }

    /// The words of a number that the machine provides.
    fn builtin(&mut self, binding: &Binding) -> Vec<Value> {
        let [x, y, z] = self.gathering.source();
        let (local, group, grid) = (
            [Builtin::LocalX, Builtin::LocalY, Builtin::LocalZ],
            [Builtin::GroupX, Builtin::GroupY, Builtin::GroupZ],
            [Builtin::GridX, Builtin::GridY, Builtin::GridZ],
        );
        match *binding {
            // Lanes are the invocations of several workgroups in a row.
            Binding::BuiltIn(BuiltIn::GlobalInvocationId) if self.gathering.fills_lanes() => {
                let group = self.define(Instruction::Builtin(Builtin::GroupX));
                let before = self
                    .builder
                    .with(Binary::Multiply, group, self.gathering.lanes());
                let lane = self.lane();
                let x = self.builder.binary(Binary::Add, before, lane);
                let y = self.define(Instruction::Builtin(Builtin::GroupY));
                let z = self.define(Instruction::Builtin(Builtin::GroupZ));
                vec![x, y, z]
            }
            Binding::BuiltIn(BuiltIn::GlobalInvocationId) => (local.into_iter().zip(group))
                .zip([x, y, z])
                .map(|((local, group), size)| {
                    let group = self.group(group);
                    let before = self.builder.with(Binary::Multiply, group, size);
                    let local = self.local(local, size);
                    self.builder.binary(Binary::Add, before, local)
                })
                .collect(),
            Binding::BuiltIn(BuiltIn::LocalInvocationId) => (local.into_iter().zip([x, y, z]))
                .map(|(local, size)| self.local(local, size))
                .collect(),
            // In a row, the lane is the position along x: one name for one number.
            Binding::BuiltIn(BuiltIn::LocalInvocationIndex) if y == 1 && z == 1 => {
                vec![self.local(Builtin::LocalX, x)]
            }
            Binding::BuiltIn(BuiltIn::LocalInvocationIndex) => vec![self.lane()],
            Binding::BuiltIn(BuiltIn::WorkGroupId) => {
                (group.into_iter()).map(|group| self.group(group)).collect()
            }
            Binding::BuiltIn(BuiltIn::NumWorkGroups) => (grid.into_iter())
                .map(|grid| {
                    let groups = self.define(Instruction::Builtin(grid));
                    match grid {
                        Builtin::GridX => {
                            let each = self.gathering.groups();
                            self.builder.with(Binary::Multiply, groups, each)
                        }
                        _ => groups,
                    }
                })
                .collect(),
            Binding::BuiltIn(BuiltIn::WorkGroupSize) => ([x, y, z].into_iter())
                .map(|size| self.builder.constant(size))
                .collect(),
            _ => {
                self.reports.refuse(
                    Code::Unsupported,
                    Span::UNDEFINED,
                    format!("the entry point asks for {binding:?}, which differs between machines"),
                    "use global_invocation_id, local_invocation_id, local_invocation_index, \
                     workgroup_id or num_workgroups",
                );
                self.zeros(1)
            }
        }
    }

    /// The number of the invocation in the kernel's workgroup.
    pub(super) fn lane(&mut self) -> Value {
        let [_, y, z] = self.gathering.workgroup();
        self.define(Instruction::Builtin(match (y, z) {
            (1, 1) => Builtin::LocalX,
            _ => Builtin::LocalIndex,
        }))
    }

    /// The position of the source's workgroup along an axis.
    fn group(&mut self, builtin: Builtin) -> Value {
        let group = self.define(Instruction::Builtin(builtin));
        let part = match builtin {
            Builtin::GroupX if self.gathering.fills_lanes() => {
                let [x, ..] = self.gathering.source();
                let lane = self.lane();
                Some(self.builder.with(Binary::DivideUnsigned, lane, x))
            }
            Builtin::GroupX => self.turn,
            _ => None,
        };
        match part {
            Some(part) => {
                let groups = self.gathering.groups();
                let before = self.builder.with(Binary::Multiply, group, groups);
                self.builder.binary(Binary::Add, before, part)
            }
            None => group,
        }
    }

    /// The position along an axis, which is 0 where the workgroup has a size of 1.
    fn local(&mut self, builtin: Builtin, size: u32) -> Value {
        match size {
            1 => self.builder.constant(0),
            _ if self.gathering.fills_lanes() => {
                let lane = self.lane();
                self.builder.with(Binary::RemainderUnsigned, lane, size)
            }
            _ => self.define(Instruction::Builtin(builtin)),
        }
    }

    /// Inlines a function.
    pub(super) fn call(
        &mut self,
        caller: &mut Activation<'m>,
        handle: Handle<Function>,
        arguments: &[Handle<Expression>],
        result: Option<Handle<Expression>>,
    ) {
        let arguments = arguments
            .iter()
            .map(|argument| self.operand(caller, *argument))
            .collect();
        let words = self.inline(handle, arguments);
        if let Some(result) = result {
            caller.values.insert(result, Operand::Words(words));
        }
    }

    /// The words that a function yields, its body put here.
    fn inline(&mut self, handle: Handle<Function>, arguments: Vec<Operand>) -> Vec<Value> {
        let function = &self.types.module.functions[handle];
        self.builder.count(function.expressions.len());
        let results: Vec<Slot> = match &function.result {
            Some(result) => {
                let inner = self.types.inner(result.ty);
                let words = self.types.words(inner, Layout::Packed);
                let span = self.types.module.functions.get_span(handle);
                match self.refuse_large(words, span, "return the elements that are needed") {
                    true => Vec::new(),
                    false => self.slots(inner),
                }
            }
            None => Vec::new(),
        };
        let returned = self.builder.slot(SlotKind::Booleans);
        let zero = self.builder.constant(0);
        self.builder.push(Node::Set(returned, zero));
        let mut callee = Activation {
            function: Some(handle),
            expressions: &function.expressions,
            source: Source::Function(&self.info[handle]),
            arguments,
            locals: HashMap::new(),
            values: HashMap::new(),
            results: Some(results.clone()),
            returned: Some(returned),
            left: Vec::new(),
        };
        self.builder.open(ScopeKind::Block);
        self.declare_locals(&mut callee, &function.local_variables);
        self.block(&mut callee, &function.body);
        let body = self.builder.close();
        self.builder.push(Node::Block(body));
        results
            .into_iter()
            .map(|slot| self.define(Instruction::Get(slot)))
            .collect()
    }

    /// What a function of the library yields.
    pub(super) fn library(&mut self, name: &str, arguments: &[Value]) -> Value {
        let name = format!("{}{name}", library::PREFIX);
        let named = |(_, function): &(_, &Function)| function.name.as_ref() == Some(&name);
        let found = self.types.module.functions.iter().find(named);
        let arguments = arguments
            .iter()
            .map(|argument| Operand::Words(vec![*argument]))
            .collect();
        let words = match found {
            Some((handle, _)) => self.inline(handle, arguments),
            None => {
                self.reports.refuse(
                    Code::Unsupported,
                    Span::UNDEFINED,
                    format!("the compiler lacks its own function `{name}`"),
                    "report this, with the kernel",
                );
                Vec::new()
            }
        };
        match words.first() {
            Some(word) => *word,
            None => self.builder.constant(0),
        }
    }

    /// Leaves the function.
    pub(super) fn leave(
        &mut self,
        activation: &mut Activation<'m>,
        value: Option<Handle<Expression>>,
    ) {
        let Some(results) = activation.results.clone() else {
            self.builder.push(Node::Return);
            return;
        };
        let words = match value {
            Some(value) => self.words(activation, value),
            None => Vec::new(),
        };
        for (slot, word) in results.into_iter().zip(words) {
            self.builder.push(Node::Set(slot, word));
        }
        if let Some(returned) = activation.returned
            && !activation.left.is_empty()
        {
            let one = self.builder.constant(1);
            self.builder.push(Node::Set(returned, one));
            activation.left.fill(true);
        }
        self.builder.push(Node::Break);
    }

    /// Goes on leaving the function behind a loop or switch that `return` has left.
    pub(super) fn leave_further(&mut self, activation: &mut Activation<'m>) {
        if activation.left.pop() == Some(true)
            && let Some(returned) = activation.returned
        {
            let condition = self.define(Instruction::Get(returned));
            let leave = Node::If(condition, vec![Node::Break], Vec::new());
            self.builder.push(leave);
        }
    }
}
