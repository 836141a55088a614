// SPDX-License-Identifier: Apache-2.0
//! Checks that what atomic operations combine is read and written only across a barrier from them,
//! so that the order of invocations cannot show.

use super::{
    diagnostic::{Code, Reports},
    ir::{Instruction, MemoryNumber, Node, Program, Value},
};
use naga::Span;
use std::collections::{BTreeSet, HashMap};

/// Reports accesses that race with atomic operations.
pub(super) fn check(program: &Program, loads: &HashMap<Value, Span>, reports: &mut Reports) {
    let mut combined = BTreeSet::new();
    collect_combined(&program.nodes, &mut combined);
    if combined.is_empty() {
        return;
    }
    let mut checker = Checker {
        program,
        loads,
        reports,
        combined,
        now: Phase::default(),
        breaks: Vec::new(),
        continues: Vec::new(),
    };
    checker.nodes(&program.nodes);
}

/// The memories that have atomic operations.
fn collect_combined(nodes: &[Node], into: &mut BTreeSet<MemoryNumber>) {
    for node in nodes {
        match node {
            Node::Atomic(_, memory, ..) => {
                into.insert(*memory);
            }
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                collect_combined(first, into);
                collect_combined(second, into);
            }
            Node::Block(body) | Node::Repeat(_, _, body) => collect_combined(body, into),
            _ => {}
        }
    }
}

/// What may have happened since the last barrier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Phase {
    /// With the number of the function that combined it.
    combined: BTreeSet<(MemoryNumber, u8)>,
    touched: BTreeSet<MemoryNumber>,
}

impl Phase {
    fn join(&mut self, other: Self) {
        self.combined.extend(other.combined);
        self.touched.extend(other.touched);
    }
}

struct Checker<'a> {
    program: &'a Program,
    loads: &'a HashMap<Value, Span>,
    reports: &'a mut Reports,
    combined: BTreeSet<MemoryNumber>,
    now: Phase,
    breaks: Vec<Phase>,
    continues: Vec<Phase>,
}

impl Checker<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Define(value) => {
                if let Instruction::Load(memory, _) = self.program.instructions[value.0] {
                    self.touch(memory, self.loads.get(value).copied().unwrap_or_default());
                }
            }
            Node::Store(memory, _, _, span) => self.touch(*memory, *span),
            Node::Atomic(function, memory, _, _, span) => {
                if self.now.touched.contains(memory) {
                    self.refuse(*span);
                }
                let function = *function as u8;
                let is_other = |(of, other): &(_, u8)| of == memory && *other != function;
                if self.now.combined.iter().any(is_other) {
                    self.refuse_mixture(*span);
                }
                self.now.combined.insert((*memory, function));
            }
            Node::Barrier(_) => self.now = Phase::default(),
            Node::Set(..) => {}
            Node::If(_, accept, reject) => {
                let before = self.now.clone();
                self.nodes(accept);
                let after = core::mem::replace(&mut self.now, before);
                self.nodes(reject);
                self.now.join(after);
            }
            Node::Block(body) => {
                self.breaks.push(Phase::default());
                self.nodes(body);
                let left = self.breaks.pop().unwrap_or_default();
                self.now.join(left);
            }
            Node::Repeat(_, _, body) => self.turns(body, &[]),
            Node::Loop(body, continuing, _) => self.turns(body, continuing),
            Node::Break => self.jump(true),
            Node::Continue => self.jump(false),
            Node::Return => self.now = Phase::default(),
        }
    }

    fn jump(&mut self, out: bool) {
        let now = core::mem::take(&mut self.now);
        let targets = if out {
            &mut self.breaks
        } else {
            &mut self.continues
        };
        if let Some(target) = targets.last_mut() {
            target.join(now);
        }
    }

    /// A loop's turn may begin with what the turn before has left.
    fn turns(&mut self, body: &[Node], continuing: &[Node]) {
        self.breaks.push(Phase::default());
        loop {
            let start = self.now.clone();
            self.continues.push(Phase::default());
            self.nodes(body);
            let continued = self.continues.pop().unwrap_or_default();
            self.now.join(continued);
            self.nodes(continuing);
            self.now.join(start.clone());
            if self.now == start {
                break;
            }
        }
        let left = self.breaks.pop().unwrap_or_default();
        self.now.join(left);
    }

    fn touch(&mut self, memory: MemoryNumber, span: Span) {
        if self.combined.contains(&memory) {
            if self.now.combined.iter().any(|(of, _)| *of == memory) {
                self.refuse(span);
            }
            self.now.touched.insert(memory);
        }
    }

    fn refuse_mixture(&mut self, span: Span) {
        self.reports.refuse(
            Code::Atomic,
            span,
            "this memory may be combined by another atomic function without a barrier between: \
             the order of invocations would show",
            "write `workgroupBarrier();` between the two, or give each function an array of its own",
        );
    }

    fn refuse(&mut self, span: Span) {
        self.reports.refuse(
            Code::Atomic,
            span,
            "this memory may be combined atomically and read or written without a barrier between: \
             the order of invocations would show",
            "write `workgroupBarrier();` between the two; memory is zero at the start",
        );
    }
}
