// SPDX-License-Identifier: Apache-2.0
//! Makes a kernel smaller while it still differs, so that a person can see why.

use assay_kernel::{
    machine::{Invocation, Machine, SliceInputs},
    program::{Op, Register},
    races,
    validate::Limits,
};
use assay_worker::engine::probe::Probe;
use std::collections::BTreeSet;

/// An operation that names its operands by the numbers of their lines, which stay when others are removed.
#[derive(Clone, Debug)]
struct Line {
    number: usize,
    op: Op,
    operands: Vec<usize>,
}

/// The smallest kernel found of which `differs` is true. It is only asked of kernels that are valid and free
/// of races.
pub(crate) fn shrink(mut probe: Probe, differs: impl Fn(&Probe) -> bool) -> Probe {
    let mut lines = linked(&probe.kernel.code);
    let mut shrunk = true;
    while std::mem::take(&mut shrunk) {
        // From the end, because what comes last is used the least.
        let mut place = lines.len();
        while place > 0 {
            place = (place - 1).min(lines.len().saturating_sub(1));
            let smaller = reductions(&lines, place).into_iter().find_map(|reduced| {
                let reduced = without_unused(reduced);
                let candidate = with_lines(&probe, &reduced)?;
                (is_sound(&candidate) && differs(&candidate)).then_some((candidate, reduced))
            });
            if let Some(smaller) = smaller {
                (probe, lines) = smaller;
                shrunk = true;
            }
        }
    }
    probe
}

/// The lines with something less at a place, the most first.
fn reductions(lines: &[Line], place: usize) -> Vec<Vec<Line>> {
    let Some(line) = lines.get(place) else {
        return Vec::new();
    };
    let without = |is_gone: &dyn Fn(usize) -> bool| -> Vec<Line> {
        let places = lines.iter().enumerate();
        places
            .filter(|(at, _)| !is_gone(*at))
            .map(|(_, line)| line.clone())
            .collect()
    };
    match line.op {
        Op::Constant(0) | Op::Else | Op::Continuing | Op::End => Vec::new(),
        Op::If(_) | Op::Block | Op::Repeat(..) | Op::Loop(_) => {
            let (middle, end) = extent(lines, place);
            let mut reduced = vec![
                without(&|at| (place..=end).contains(&at)),
                without(&|at| at == place || (middle..=end).contains(&at)),
            ];
            if middle < end {
                reduced.push(without(&|at| (place..=middle).contains(&at) || at == end));
                reduced.push(without(&|at| (middle..end).contains(&at)));
            }
            reduced
        }
        op if !defines(&op) => vec![without(&|at| at == place)],
        _ => {
            let mut zero = lines.to_vec();
            zero[place].op = Op::Constant(0);
            zero[place].operands.clear();
            let operands = line.operands.iter();
            let mut reduced: Vec<_> = operands
                .map(|operand| {
                    let mut lines = lines.to_vec();
                    let uses = lines.iter_mut().flat_map(|line| &mut line.operands);
                    uses.filter(|other| **other == line.number)
                        .for_each(|other| *other = *operand);
                    lines
                })
                .collect();
            reduced.insert(0, zero);
            reduced
        }
    }
}

/// Where the structure that begins at a place changes arms, if it does, and where it ends.
fn extent(lines: &[Line], place: usize) -> (usize, usize) {
    let (mut depth, mut middle) = (0, None);
    for (at, line) in lines.iter().enumerate().skip(place) {
        match line.op {
            Op::If(_) | Op::Block | Op::Repeat(..) | Op::Loop(_) => depth += 1,
            Op::Else | Op::Continuing if depth == 1 => middle = Some(at),
            Op::End if depth == 1 => return (middle.unwrap_or(at), at),
            Op::End => depth -= 1,
            _ => {}
        }
    }
    unreachable!("structures of valid kernels end")
}

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
            | Op::Repeat(..)
    )
}

/// The registers that an operation names.
fn registers(op: &mut Op) -> Vec<&mut Register> {
    match op {
        Op::Unary(_, a) | Op::Set(_, a) | Op::Load(_, a) | Op::If(a) | Op::BreakIf(a) => vec![a],
        Op::Binary(_, a, b) | Op::Store(_, a, b) | Op::Atomic(_, _, a, b) => vec![a, b],
        Op::Select(condition, a, b) => vec![condition, a, b],
        _ => Vec::new(),
    }
}

/// The numbers of the lines whose values are in scope.
#[derive(Default)]
struct Scope {
    values: Vec<usize>,
    bases: Vec<usize>,
}

impl Scope {
    /// Before the operands of an operation are looked up.
    fn enter(&mut self, op: &Op) {
        if matches!(op, Op::Else | Op::Continuing | Op::End) {
            self.values
                .truncate(self.bases.pop().expect("a structure is open"));
        }
    }

    /// After that.
    fn leave(&mut self, op: &Op, number: usize) {
        if matches!(
            op,
            Op::If(_) | Op::Else | Op::Block | Op::Repeat(..) | Op::Loop(_) | Op::Continuing
        ) {
            self.bases.push(self.values.len());
        }
        if defines(op) {
            self.values.push(number);
        }
    }
}

fn linked(code: &[Op]) -> Vec<Line> {
    let mut scope = Scope::default();
    let lines = code.iter().enumerate().map(|(number, op)| {
        let mut op = *op;
        scope.enter(&op);
        let operands = registers(&mut op)
            .into_iter()
            .map(|register| scope.values[usize::from(*register)])
            .collect();
        scope.leave(&op, number);
        Line {
            number,
            op,
            operands,
        }
    });
    lines.collect()
}

/// The lines but those whose values nothing uses.
fn without_unused(lines: Vec<Line>) -> Vec<Line> {
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut kept: Vec<Line> = Vec::new();
    for line in lines.into_iter().rev() {
        let is_turn = matches!(line.op, Op::Repeat(..));
        if is_turn || !defines(&line.op) || used.contains(&line.number) {
            used.extend(&line.operands);
            kept.push(line);
        }
    }
    kept.reverse();
    kept
}

/// The probe with other code. `None` when a value is used out of its scope.
fn with_lines(probe: &Probe, lines: &[Line]) -> Option<Probe> {
    let mut scope = Scope::default();
    let mut code = Vec::with_capacity(lines.len());
    for line in lines {
        let mut op = line.op;
        scope.enter(&op);
        for (register, operand) in registers(&mut op).into_iter().zip(&line.operands) {
            let position = scope.values.iter().position(|number| number == operand)?;
            *register = Register::try_from(position).ok()?;
        }
        scope.leave(&op, line.number);
        code.push(op);
    }
    let mut smaller = probe.clone();
    if !code.iter().any(|op| matches!(op, Op::Loop(_))) {
        smaller.kernel.loop_fuel = 0;
    }
    smaller.kernel.code = code;
    Some(smaller)
}

/// Whether it is valid and free of races, so that there is one right result.
pub(crate) fn is_sound(probe: &Probe) -> bool {
    let Ok(mut machine) = Machine::new(&probe.kernel, &Limits::DEFAULT) else {
        return false;
    };
    let inputs: Vec<&[u32]> = probe.inputs.iter().map(Vec::as_slice).collect();
    (0..probe.grid.iter().product()).all(|group| {
        let invocation = Invocation {
            grid: probe.grid,
            group,
            parameters: &probe.parameters,
        };
        let race = races::find(&mut machine, &invocation, &mut SliceInputs(&inputs));
        matches!(race, Ok(None))
    })
}
