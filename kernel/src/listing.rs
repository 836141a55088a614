// SPDX-License-Identifier: Apache-2.0
//! Kernels for people to read: one operation a line, indented by structure.

use crate::program::{Content, Kernel, Memory, Op};
use core::fmt;

impl fmt::Display for Kernel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y, z] = self.workgroup;
        writeln!(
            formatter,
            "workgroup {x} x {y} x {z}, tile {} words, loop fuel {}",
            self.tile_words, self.loop_fuel
        )?;
        for (number, memory) in self.memories.iter().enumerate() {
            match memory {
                Memory::Input => writeln!(formatter, "m{number} input")?,
                Memory::Parameters(words) => writeln!(formatter, "m{number} parameters {words}")?,
                Memory::Output => writeln!(formatter, "m{number} output")?,
                Memory::Workgroup(words, content) => {
                    writeln!(formatter, "m{number} workgroup {words}{}", suffix(content))?;
                }
                Memory::Private(words, content) => {
                    writeln!(formatter, "m{number} private {words}{}", suffix(content))?;
                }
            }
        }
        for (number, kind) in self.variables.iter().enumerate() {
            let reach = if kind.uniform { "uniform" } else { "varying" };
            writeln!(formatter, "v{number} {reach}{}", suffix(&kind.content))?;
        }
        let mut lines = Lines {
            depth: 0,
            next: 0,
            bases: alloc::vec::Vec::new(),
        };
        self.code
            .iter()
            .try_for_each(|op| lines.write(op, formatter))
    }
}

/// What is said of a variable or a memory besides its kind.
fn suffix(content: &Content) -> &'static str {
    match content {
        Content::Words => "",
        Content::Floats => " floats",
    }
}

/// Where a listing has come to.
struct Lines {
    /// Structures that are open.
    depth: usize,
    /// The next register.
    next: usize,
    /// The next register when each structure was opened.
    bases: alloc::vec::Vec<usize>,
}

impl Lines {
    fn write(&mut self, op: &Op, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(op, Op::Else | Op::Continuing | Op::End) {
            self.depth = self.depth.saturating_sub(1);
            self.next = self.bases.pop().unwrap_or(0);
        }
        write!(formatter, "{:1$}", "", self.depth.saturating_mul(2))?;
        let result = self.next;
        match op {
            Op::Constant(word) => self.value(formatter, format_args!("{word}"))?,
            Op::Builtin(builtin) => self.value(formatter, format_args!("{builtin:?}"))?,
            Op::Unary(function, a) => self.value(formatter, format_args!("{function:?} r{a}"))?,
            Op::Binary(function, a, b) => {
                self.value(formatter, format_args!("{function:?} r{a} r{b}"))?;
            }
            Op::Select(condition, a, b) => {
                self.value(formatter, format_args!("Select r{condition} r{a} r{b}"))?;
            }
            Op::Get(variable) => self.value(formatter, format_args!("v{variable}"))?,
            Op::Load(memory, address) => {
                self.value(formatter, format_args!("m{memory}[r{address}]"))?;
            }
            Op::Length(memory) => self.value(formatter, format_args!("Length m{memory}"))?,
            Op::Set(variable, a) => writeln!(formatter, "v{variable} = r{a}")?,
            Op::Store(memory, address, a) => writeln!(formatter, "m{memory}[r{address}] = r{a}")?,
            Op::Atomic(function, memory, address, a) => {
                writeln!(formatter, "m{memory}[r{address}] {function:?}= r{a}")?;
            }
            Op::If(condition) => writeln!(formatter, "If r{condition}")?,
            Op::BreakIf(condition) => writeln!(formatter, "BreakIf r{condition}")?,
            Op::Repeat(kind, count) => {
                writeln!(formatter, "Repeat {kind:?} {count}: r{result}")?;
            }
            Op::Loop(kind) => writeln!(formatter, "Loop {kind:?}")?,
            Op::Barrier
            | Op::Else
            | Op::Block
            | Op::Continuing
            | Op::End
            | Op::Break
            | Op::Continue
            | Op::Return => writeln!(formatter, "{op:?}")?,
        }
        if matches!(
            op,
            Op::If(_) | Op::Else | Op::Block | Op::Repeat(..) | Op::Loop(_) | Op::Continuing
        ) {
            self.depth = self.depth.saturating_add(1);
            self.bases.push(self.next);
        }
        if matches!(op, Op::Repeat(..)) {
            self.next = self.next.saturating_add(1);
        }
        Ok(())
    }

    fn value(
        &mut self,
        formatter: &mut fmt::Formatter<'_>,
        what: fmt::Arguments<'_>,
    ) -> fmt::Result {
        writeln!(formatter, "r{} = {what}", self.next)?;
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}
