// SPDX-License-Identifier: Apache-2.0
//! Refuses reads of the output before anything can have been written to it. An output starts as zeros, whatever a buffer
//! held before, so a kernel that changes data in place would change nothing but zeros.

use super::{
    diagnostic::{Code, Reports},
    ir::{Instruction, MemoryNumber, Node, Program, Value},
    liveness,
};
use crate::program::Memory;
use naga::Span;
use std::collections::HashMap;

/// Reports reads of the output that no write can come before.
pub(super) fn check(program: &Program, loads: &HashMap<Value, Span>, reports: &mut Reports) {
    let reads_output = loads.keys().any(|value| {
        matches!(program.instructions[value.0], Instruction::Load(memory, _) if is_output(program, memory))
    });
    if !reads_output {
        return;
    }
    // What is read for nothing does no harm.
    let mut used = program.clone();
    liveness::prune(&mut used);
    let mut search = Search {
        program: &used,
        loads,
        reports,
    };
    search.nodes(&used.nodes, false);
}

fn is_output(program: &Program, memory: MemoryNumber) -> bool {
    program.memories.get(memory) == Some(&Memory::Output)
}

struct Search<'a> {
    program: &'a Program,
    loads: &'a HashMap<Value, Span>,
    reports: &'a mut Reports,
}

impl Search<'_> {
    /// Goes through nodes, given whether something may have been written before them. The answer is whether it may
    /// behind them.
    fn nodes(&mut self, nodes: &[Node], written: bool) -> bool {
        (nodes.iter()).fold(written, |written, node| self.node(node, written))
    }

    fn node(&mut self, node: &Node, written: bool) -> bool {
        match node {
            Node::Define(value) => {
                if let Instruction::Load(memory, _) = self.program.instructions[value.0]
                    && is_output(self.program, memory)
                    && !written
                {
                    self.refuse(*value);
                }
                written
            }
            Node::Store(memory, ..) => written || is_output(self.program, *memory),
            Node::If(_, accept, reject) => {
                let accepted = self.nodes(accept, written);
                self.nodes(reject, written) || accepted
            }
            Node::Block(body) => self.nodes(body, written),
            // What a turn writes, the next one may read.
            Node::Repeat(_, _, body) => {
                let written = written || self.writes(body);
                self.nodes(body, written)
            }
            Node::Loop(body, continuing, _) => {
                let written = written || self.writes(body) || self.writes(continuing);
                self.nodes(body, written);
                self.nodes(continuing, written)
            }
            _ => written,
        }
    }

    /// Whether nodes write to the output.
    fn writes(&self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| match node {
            Node::Store(memory, ..) => is_output(self.program, *memory),
            Node::If(_, first, second) | Node::Loop(first, second, _) => {
                self.writes(first) || self.writes(second)
            }
            Node::Block(body) | Node::Repeat(_, _, body) => self.writes(body),
            _ => false,
        })
    }

    fn refuse(&mut self, value: Value) {
        let span = self.loads.get(&value).copied().unwrap_or_default();
        self.reports.refuse(
            Code::Output,
            span,
            "this reads the output before anything is written to it; every output starts as zeros, \
             whatever a buffer held before, so there is nothing to read",
            "give the kernel what it changes as an input: declare a `var<storage, read>` for it beside the output, \
             read\nthat and write the output; a job can run it again on what it wrote, as its next pass",
        );
    }
}
