// SPDX-License-Identifier: Apache-2.0
//! Single changes of a kernel. Registers behind one are numbered anew, so that they name what they named before.

use crate::random::Random;
use assay_kernel::{
    Kernel,
    program::{Content, LoopKind, Memory, Op, Register, Unary, VariableKind},
};
use codec::Encode;
use std::ops::Range;

/// The variants of `Op` that define a register and open nothing.
const VALUES: [u8; 9] = [0, 1, 2, 3, 3, 4, 5, 7, 10];
/// Those that use a register and define none.
const USES: [u8; 5] = [6, 6, 8, 9, 12];
/// Those that stand alone or open a structure.
const STATEMENTS: [u8; 11] = [6, 8, 9, 11, 12, 14, 15, 16, 20, 21, 22];

/// Makes one change, if the place that chance picks has one.
pub(crate) fn edit(kernel: &mut Kernel, random: &mut Random) {
    let at = random.index(kernel.code.len() + 1);
    match random.below(16) {
        0 => change_head(kernel, random),
        1 => change_memories(kernel, random),
        2 => change_variables(kernel, random),
        3..=5 => insert_value(kernel, random, at),
        6 | 7 => insert_statement(kernel, random, at),
        8..=11 => alter(kernel, random, at),
        12 | 13 => remove(kernel, random, at),
        14 => repeat(kernel, random, at),
        _ => wrap(kernel, random, at),
    }
}

fn change_head(kernel: &mut Kernel, random: &mut Random) {
    match random.below(3) {
        0 => {
            kernel.workgroup = random.of(&[
                [1, 1, 1],
                [3, 5, 7],
                [63, 1, 1],
                [64, 1, 1],
                [1, 65, 1],
                [8, 8, 2],
                [16, 16, 1],
                [1, 1, 256],
            ]);
        }
        1 => kernel.tile_words = 256 << random.below(7),
        _ => kernel.loop_fuel = random.of(&[0, 1, 9, 64, 256, 4_096, u32::MAX]),
    }
}

fn change_memories(kernel: &mut Kernel, random: &mut Random) {
    let content = random.of(&[Content::Words, Content::Floats]);
    let words = random.of(&[1, 2, 63, 64, 65, 256, 1_024, 8_192]);
    let memory = random.of(&[
        Memory::Input,
        Memory::Parameters(words),
        Memory::Workgroup(words, content),
        Memory::Private(words, content),
    ]);
    let at = random.index(kernel.memories.len());
    match kernel.memories.get_mut(at) {
        Some(place) if random.one_in(2) && *place != Memory::Output => *place = memory,
        _ => kernel.memories.push(memory),
    }
}

fn change_variables(kernel: &mut Kernel, random: &mut Random) {
    let kind = VariableKind {
        uniform: random.one_in(2),
        content: random.of(&[Content::Words, Content::Floats]),
    };
    let at = random.index(kernel.variables.len());
    match kernel.variables.get_mut(at) {
        Some(place) if random.one_in(2) => *place = kind,
        _ => kernel.variables.push(kind),
    }
}

/// Inserts operations that compute something, and one that uses it.
fn insert_value(kernel: &mut Kernel, random: &mut Random, at: usize) {
    let scope = scopes(&kernel.code)[at];
    let mut code = Vec::new();
    let mut number = scope;
    if random.one_in(4) {
        // So that there are floats.
        code.push(Op::Unary(Unary::Canonical, register(random, number)));
        number += 1;
    }
    for _ in 0..=random.below(3) {
        let variant = random.of(&VALUES);
        code.push(operation(kernel, random, variant, number));
        number += 1;
    }
    for value in scope..number {
        let variant = random.of(&USES);
        let mut op = operation(kernel, random, variant, number);
        let mut named = registers(&mut op);
        let place = random.index(named.len());
        *named[place] = value;
        code.extend(closed(op, random));
    }
    let end = scope_end(&kernel.code, at);
    renumber(&mut kernel.code[at..end], |register| {
        register.saturating_add(if register >= scope { number - scope } else { 0 })
    });
    kernel.code.splice(at..at, code);
}

/// Inserts something that defines no register outside itself.
fn insert_statement(kernel: &mut Kernel, random: &mut Random, at: usize) {
    let scope = scopes(&kernel.code)[at];
    let variant = random.of(&STATEMENTS);
    let op = operation(kernel, random, variant, scope);
    let mut code = closed(op, random);
    if matches!(op, Op::Break | Op::Continue | Op::Return) && random.one_in(2) {
        let condition = operation(kernel, random, 12, scope);
        code = vec![condition, op, Op::End];
    }
    kernel.code.splice(at..at, code);
}

/// Gives an operation another register, another function, or makes it another one that defines a register.
fn alter(kernel: &mut Kernel, random: &mut Random, at: usize) {
    let Some(mut op) = kernel.code.get(at).copied() else {
        return;
    };
    let scope = scopes(&kernel.code)[at];
    let mut variant = op.encode()[0];
    let mut named = registers(&mut op);
    if !named.is_empty() && random.one_in(2) {
        let place = random.index(named.len());
        *named[place] = register(random, scope);
    } else {
        if VALUES.contains(&variant) && random.one_in(2) {
            variant = random.of(&VALUES);
        }
        let mut other = operation(kernel, random, variant, scope);
        for (to, from) in registers(&mut other).into_iter().zip(named) {
            *to = *from;
        }
        op = other;
    }
    kernel.code[at] = op;
}

/// Removes a statement; what used its value uses another.
fn remove(kernel: &mut Kernel, random: &mut Random, at: usize) {
    let scope = scopes(&kernel.code)[at];
    let range = statement(&kernel.code, at);
    let defines = kernel.code.get(at).is_some_and(defines);
    let end = scope_end(&kernel.code, at);
    if defines {
        renumber(&mut kernel.code[range.end..end], |number| {
            match number.cmp(&scope) {
                std::cmp::Ordering::Less => number,
                std::cmp::Ordering::Equal => register(random, scope),
                std::cmp::Ordering::Greater => number - 1,
            }
        });
    }
    kernel.code.drain(range);
}

/// Puts some statements there a second time.
fn repeat(kernel: &mut Kernel, random: &mut Random, at: usize) {
    let range = statements(kernel, random, at);
    let all = scopes(&kernel.code);
    let (first, behind) = (all[range.start], all[range.end]);
    let mut copy = kernel.code[range.clone()].to_vec();
    let defined = behind - first;
    renumber(&mut copy, |register| {
        register.saturating_add(if register >= first { defined } else { 0 })
    });
    let end = scope_end(&kernel.code, range.end);
    renumber(&mut kernel.code[range.end..end], |register| {
        register.saturating_add(if register >= behind { defined } else { 0 })
    });
    kernel.code.splice(range.end..range.end, copy);
}

/// Puts a structure around some statements.
fn wrap(kernel: &mut Kernel, random: &mut Random, at: usize) {
    let range = statements(kernel, random, at);
    let all = scopes(&kernel.code);
    let (first, behind) = (all[range.start], all[range.end]);
    let variant = random.of(&[12, 14, 15, 16]);
    let op = operation(kernel, random, variant, first);
    let end = scope_end(&kernel.code, range.end);
    renumber(&mut kernel.code[range.end..end], |number| {
        if number >= behind {
            number - (behind - first)
        } else if number >= first {
            register(random, first)
        } else {
            number
        }
    });
    if matches!(op, Op::Repeat(..)) {
        renumber(&mut kernel.code[range.clone()], |register| {
            register.saturating_add((register >= first).into())
        });
    }
    let mut code = closed(op, random);
    let inside = kernel.code[range.clone()].to_vec();
    code.splice(1..1, inside);
    kernel.code.splice(range, code);
}

/// An operation of a variant that names what there is, with so many registers in scope.
fn operation(kernel: &mut Kernel, random: &mut Random, variant: u8, scope: Register) -> Op {
    let mut op: Op = random.decoded(variant);
    for place in registers(&mut op) {
        *place = register(random, scope);
    }
    let memory = u8::try_from(random.index(kernel.memories.len())).unwrap_or(0);
    match &mut op {
        Op::Constant(word) => *word = random.word(),
        Op::Get(variable) | Op::Set(variable, _) => {
            if kernel.variables.is_empty() {
                kernel.variables.push(VariableKind::VARYING);
            }
            *variable = u16::try_from(random.index(kernel.variables.len())).unwrap_or(0);
        }
        Op::Load(place, _)
        | Op::Store(place, ..)
        | Op::Atomic(_, place, ..)
        | Op::Length(place) => *place = memory,
        Op::Repeat(_, turns) => *turns = random.of(&[1, 2, 3, 8, 100, 4_096, u32::MAX]),
        Op::Loop(_) if kernel.loop_fuel == 0 => kernel.loop_fuel = 256,
        _ => {}
    }
    op
}

/// A register in scope, more often one of the last.
fn register(random: &mut Random, scope: Register) -> Register {
    let among = if random.one_in(2) {
        scope.min(6)
    } else {
        scope
    };
    let back = u16::try_from(random.below(among.into())).unwrap_or(0);
    scope.saturating_sub(1).saturating_sub(back)
}

/// The operation with what closes it, if it opens a structure.
fn closed(op: Op, random: &mut Random) -> Vec<Op> {
    match op {
        Op::If(_) if random.one_in(2) => vec![op, Op::Else, Op::End],
        Op::If(condition) if random.one_in(3) => vec![
            Op::Loop(random.of(&[LoopKind::Varying, LoopKind::Uniform])),
            Op::Continuing,
            Op::BreakIf(condition),
            Op::End,
        ],
        Op::If(_) | Op::Block | Op::Repeat(..) => vec![op, Op::End],
        Op::Loop(_) => vec![op, Op::Continuing, Op::End],
        op => vec![op],
    }
}

/// Whether it defines a register and opens nothing.
fn defines(op: &Op) -> bool {
    matches!(
        op,
        Op::Constant(_)
            | Op::Builtin(_)
            | Op::Unary(..)
            | Op::Binary(..)
            | Op::Select(..)
            | Op::Get(_)
            | Op::Load(..)
            | Op::Length(_)
    )
}

fn opens(op: &Op) -> bool {
    matches!(op, Op::If(_) | Op::Block | Op::Repeat(..) | Op::Loop(_))
}

/// The registers that an operation names.
fn registers(op: &mut Op) -> Vec<&mut Register> {
    match op {
        Op::Unary(_, a) | Op::Set(_, a) | Op::Load(_, a) | Op::If(a) | Op::BreakIf(a) => vec![a],
        Op::Binary(_, a, b) | Op::Store(_, a, b) | Op::Atomic(_, _, a, b) => vec![a, b],
        Op::Select(condition, a, b) => vec![condition, a, b],
        _ => vec![],
    }
}

fn renumber(code: &mut [Op], mut number: impl FnMut(Register) -> Register) {
    for op in code {
        for register in registers(op) {
            *register = number(*register);
        }
    }
}

/// The registers in scope before each operation, and behind the last.
fn scopes(code: &[Op]) -> Vec<Register> {
    let mut bases = Vec::new();
    let mut scope = 0;
    let mut scopes = vec![0];
    for op in code {
        match op {
            Op::Else | Op::Continuing => scope = bases.last().copied().unwrap_or(0),
            Op::End => scope = bases.pop().unwrap_or(0),
            op if opens(op) => bases.push(scope),
            _ => {}
        }
        if defines(op) || matches!(op, Op::Repeat(..)) {
            scope += 1;
        }
        scopes.push(scope);
    }
    scopes
}

/// The operation that ends the scope of what stands at a place.
fn scope_end(code: &[Op], at: usize) -> usize {
    let mut depth = 0u32;
    for (place, op) in code.iter().enumerate().skip(at) {
        match op {
            Op::End | Op::Else | Op::Continuing if depth == 0 => return place,
            Op::End => depth -= 1,
            op if opens(op) => depth += 1,
            _ => {}
        }
    }
    code.len()
}

/// The operation at a place, with all of the structure that it opens. Empty where one is closed.
fn statement(code: &[Op], at: usize) -> Range<usize> {
    let Some(op) = code.get(at) else {
        return at..at;
    };
    if matches!(op, Op::Else | Op::Continuing | Op::End) {
        return at..at;
    }
    let mut end = at + 1;
    if opens(op) {
        end = scope_end(code, end);
        while matches!(code.get(end), Some(Op::Else | Op::Continuing)) {
            end = scope_end(code, end + 1);
        }
        end = (end + 1).min(code.len());
    }
    at..end
}

/// Some statements in a row.
fn statements(kernel: &Kernel, random: &mut Random, at: usize) -> Range<usize> {
    let mut end = at;
    for _ in 0..=random.below(6) {
        end = statement(&kernel.code, end).end;
    }
    at..end
}
