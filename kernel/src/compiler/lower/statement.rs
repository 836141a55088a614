// SPDX-License-Identifier: Apache-2.0
//! Statements.

use super::{Activation, Code, Lowering, MOST_STEPS, Operand, Root, refuse_growth};
use crate::{
    compiler::{
        builder::ScopeKind,
        ir::{Instruction, Node, Slot, Value},
    },
    program::{Atomic, Binary, Unary},
};
use naga::{
    AtomicFunction, Block, Expression, Handle, ScalarKind, Span, Statement, SwitchCase, SwitchValue,
};

impl<'m> Lowering<'m, '_> {
    pub(super) fn block(&mut self, activation: &mut Activation<'m>, block: &'m Block) {
        for (statement, span) in block.span_iter() {
            self.statement(activation, statement, *span);
        }
    }

    /// Lowers a block into a structure of its own.
    fn scope(
        &mut self,
        activation: &mut Activation<'m>,
        block: &'m Block,
        kind: ScopeKind,
    ) -> Vec<Node> {
        self.builder.open(kind);
        self.block(activation, block);
        self.builder.close()
    }

    fn statement(&mut self, activation: &mut Activation<'m>, statement: &'m Statement, span: Span) {
        self.builder.count(1);
        if self.builder.steps() > MOST_STEPS {
            return refuse_growth(self.reports);
        }
        match *statement {
            Statement::Emit(ref range) => {
                for handle in range.clone() {
                    self.operand(activation, handle);
                }
            }
            Statement::Block(ref block) => self.block(activation, block),
            Statement::If {
                condition,
                ref accept,
                ref reject,
            } => {
                let condition = self.scalar(activation, condition);
                let accept = self.scope(activation, accept, ScopeKind::Arm);
                let reject = self.scope(activation, reject, ScopeKind::Arm);
                self.builder.push(Node::If(condition, accept, reject));
            }
            Statement::Switch {
                selector,
                ref cases,
            } => self.switch(activation, selector, cases),
            Statement::Loop {
                ref body,
                ref continuing,
                break_if,
            } => self.repeat(activation, body, continuing, break_if),
            Statement::Break => self.builder.push(Node::Break),
            Statement::Continue => self.builder.push(Node::Continue),
            Statement::Return { value } => self.leave(activation, value),
            Statement::ControlBarrier(_) => self.builder.push(Node::Barrier(span)),
            Statement::Store { pointer, value } => {
                let place = self.place(activation, pointer);
                let inner = self.pointee(activation, pointer);
                let words = self.words(activation, value);
                self.store(&place, &inner, &words, span);
            }
            Statement::Atomic {
                pointer,
                ref fun,
                value,
                ..
            } => self.atomic(activation, pointer, fun, value, span),
            Statement::WorkGroupUniformLoad { pointer, result } => {
                let place = self.place(activation, pointer);
                let inner = self.pointee(activation, pointer);
                self.builder.push(Node::Barrier(span));
                let words = self.load(&place, &inner, span);
                self.builder.push(Node::Barrier(span));
                activation.values.insert(result, Operand::Words(words));
            }
            Statement::Call {
                function,
                ref arguments,
                result,
            } => self.call(activation, function, arguments, result),
            _ => self.reports.refuse(
                Code::Unsupported,
                span,
                "kernels have no such statement",
                "kernels have the statements of compute shaders without textures",
            ),
        }
    }

    fn repeat(
        &mut self,
        activation: &mut Activation<'m>,
        body: &'m Block,
        continuing: &'m Block,
        break_if: Option<Handle<Expression>>,
    ) {
        activation.left.push(false);
        let body = self.scope(activation, body, ScopeKind::Loop(None));
        self.bodies.push(body);
        self.builder.open(ScopeKind::Loop(None));
        self.block(activation, continuing);
        let exit = break_if.map(|condition| self.scalar(activation, condition));
        let continuing = self.builder.close();
        let body = self.bodies.pop().unwrap_or_default();
        self.builder.push(Node::Loop(body, continuing, exit));
        self.leave_further(activation);
    }

    /// A value where its structure may be closed: what a loop's body defines and its `continuing` reads
    /// is passed through a slot.
    pub(super) fn visible(&mut self, value: Value) -> Value {
        if self.builder.is_visible(value) {
            return value;
        }
        let slot = self.builder.slot(self.builder.kind(value));
        for body in self.bodies.iter_mut().rev() {
            if keep(body, value, slot) {
                break;
            }
        }
        self.define(Instruction::Get(slot))
    }

    /// A switch is a block: each case an `If` that leaves it, the default last.
    fn switch(
        &mut self,
        activation: &mut Activation<'m>,
        selector: Handle<Expression>,
        cases: &'m [SwitchCase],
    ) {
        let selector = self.scalar(activation, selector);
        activation.left.push(false);
        self.builder.open(ScopeKind::Block);
        let mut condition = None;
        let mut is_default = false;
        let mut default = None;
        for case in cases {
            let here = match case.value {
                SwitchValue::U32(word) => Some(word),
                SwitchValue::I32(word) => Some(word.cast_unsigned()),
                SwitchValue::Default => None,
            };
            match here {
                Some(word) => {
                    let equal = self.builder.with(Binary::Equal, selector, word);
                    condition = Some(match condition {
                        Some(before) => self.builder.binary(Binary::Or, before, equal),
                        None => equal,
                    });
                }
                None => is_default = true,
            }
            if case.fall_through {
                continue;
            }
            if is_default {
                default = Some(&case.body);
            } else if let Some(condition) = condition {
                self.builder.open(ScopeKind::Arm);
                self.block(activation, &case.body);
                self.builder.push(Node::Break);
                let body = self.builder.close();
                self.builder.push(Node::If(condition, body, Vec::new()));
            }
            condition = None;
            is_default = false;
        }
        if let Some(default) = default {
            self.block(activation, default);
        }
        let body = self.builder.close();
        self.builder.push(Node::Block(body));
        self.leave_further(activation);
    }

    fn atomic(
        &mut self,
        activation: &mut Activation<'m>,
        pointer: Handle<Expression>,
        function: &AtomicFunction,
        value: Handle<Expression>,
        span: Span,
    ) {
        let place = self.place(activation, pointer);
        let signed = self.kind(activation, value) == Some(ScalarKind::Sint);
        let mut value = self.scalar(activation, value);
        let function = match (function, signed) {
            (AtomicFunction::Add, _) => Atomic::Add,
            (AtomicFunction::Subtract, _) => {
                value = self.builder.unary(Unary::Negate, value);
                Atomic::Add
            }
            (AtomicFunction::And, _) => Atomic::And,
            (AtomicFunction::InclusiveOr, _) => Atomic::Or,
            (AtomicFunction::ExclusiveOr, _) => Atomic::Xor,
            (AtomicFunction::Min, true) => Atomic::MinSigned,
            (AtomicFunction::Min, false) => Atomic::MinUnsigned,
            (AtomicFunction::Max, true) => Atomic::MaxSigned,
            (AtomicFunction::Max, false) => Atomic::MaxUnsigned,
            // Screened out.
            (AtomicFunction::Exchange { .. }, _) => return,
        };
        if let Root::Memory(memory, _) = place.root {
            let address = self.address(&place, 0);
            self.builder
                .push(Node::Atomic(function, memory, address, value, span));
        }
    }
}

/// Sets a slot to a value where these nodes define it. False when they do not.
fn keep(nodes: &mut Vec<Node>, value: Value, slot: Slot) -> bool {
    for index in 0..nodes.len() {
        let found = match &mut nodes[index] {
            Node::Define(defined) if *defined == value => {
                nodes.insert(index + 1, Node::Set(slot, value));
                true
            }
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                keep(first, value, slot) || keep(second, value, slot)
            }
            Node::Block(body) | Node::Repeat(_, _, body) => keep(body, value, slot),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}
