// SPDX-License-Identifier: Apache-2.0
//! Finds loops whose number of turns is known when compiling.

use super::{
    builder::Builder,
    fold,
    forward::Forwarder,
    ir::{Instruction, Node, Slot, Value, assigned},
    range,
};
use crate::program::{Binary, Unary};
use std::collections::BTreeSet;

/// The most turns of a loop that are found by going through them.
const MOST_TRIED: u32 = 4_096;

/// The most turns of a loop that is bounded by what its end can be at most; with more, metering the turns
/// that there really are is the tighter bound.
const MOST_BOUNDED: u32 = 256;

const SIGNED_MOST: u32 = i32::MAX.cast_unsigned();

/// A loop of the form `for (var i = START; i < END; i += STEP)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// The variable that it counts with.
    pub(super) slot: Slot,
    /// What the variable is before the first turn.
    pub(super) start: Value,
    pub(super) step: Step,
    /// The turns, at most.
    pub(super) turns: u32,
    /// Whether there are exactly so many turns, unless something else leaves the loop.
    pub(super) is_exact: bool,
    /// The index in the body of the test that leaves the loop.
    pub(super) test: usize,
}

impl Counted {
    /// The variable before the turn of a number, and after the last.
    pub(super) fn value(&self, builder: &mut Builder, turn: u32) -> Value {
        if let Step(Binary::Add, step) = self.step {
            return builder.with(Binary::Add, self.start, turn.wrapping_mul(step));
        }
        let mut value = self.start;
        for _ in 0..turn {
            value = self.step.after(builder, value);
        }
        value
    }
}

/// What the end of a turn does to the variable: a function of it and a constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step(Binary, u32);

impl Step {
    fn of(self, word: u32) -> u32 {
        fold::binary(self.0, word, self.1)
    }

    /// The variable in the next turn.
    pub(super) fn after(self, builder: &mut Builder, value: Value) -> Value {
        builder.with(self.0, value, self.1)
    }

    /// The variable in a turn, from the number of the turn. `None` where there is no short formula.
    pub(super) fn value(
        self,
        builder: &mut Builder,
        start: Value,
        turn: Value,
        turns: u32,
    ) -> Option<Value> {
        let (function, shift) = match (self.0, self.1) {
            (Binary::Add, step) => {
                let steps = builder.with(Binary::Multiply, turn, step);
                return Some(builder.binary(Binary::Add, steps, start));
            }
            (Binary::Multiply, factor) if factor.is_power_of_two() => {
                (Binary::ShiftLeft, factor.ilog2())
            }
            (function @ (Binary::ShiftLeft | Binary::ShiftRightUnsigned), shift) => {
                (function, shift)
            }
            _ => return None,
        };
        // Further shifts would start again at zero.
        if turns.checked_mul(shift)? > 32 {
            return None;
        }
        let shift = builder.with(Binary::Multiply, turn, shift);
        Some(builder.binary(function, start, shift))
    }
}

/// How the variable is compared with the end, while the loop goes on.
#[derive(Clone, Copy, Debug)]
struct Test {
    function: Binary,
    /// Whether the variable is on the right.
    swapped: bool,
    end: Value,
}

impl Test {
    fn holds(self, word: u32, end: u32) -> bool {
        let (a, b) = match self.swapped {
            true => (end, word),
            false => (word, end),
        };
        fold::binary(self.function, a, b) != 0
    }
}

/// Recognises a counted loop.
pub(super) fn detect(
    forwarder: &Forwarder,
    body: &[Node],
    continuing: &[Node],
    exit: Option<Value>,
) -> Option<Counted> {
    if exit.is_some() {
        return None;
    }
    let position = (body.iter()).position(|node| !matches!(node, Node::Define(_)))?;
    let Some(Node::If(condition, accept, reject)) = body.get(position) else {
        return None;
    };
    let goes_on = match (accept.as_slice(), reject.as_slice()) {
        ([], [Node::Break]) => true,
        ([Node::Break], []) => false,
        _ => return None,
    };
    let (slot, step) = step(forwarder, continuing)?;
    let set = assigned(body);
    if set.contains(&slot) {
        return None;
    }
    let search = Search {
        forwarder,
        set: &set,
        slot,
    };
    // Only reads at the top of the turn read what the turn begins with.
    let top = body.get(..position).unwrap_or_default();
    let test = search.test(*condition, goes_on, top)?;
    let start = forwarder.known(slot)?;
    let (turns, is_exact) = match forwarder.builder.word(start) {
        Some(start) => match search.word(test.end) {
            Some(end) => (turns(start, step, test, end)?, true),
            None => (search.bound(start, step, test)?, false),
        },
        None => search.between(start, step, test)?,
    };
    Some(Counted {
        slot,
        start,
        step,
        turns,
        is_exact,
        test: position,
    })
}

/// The variable that is all that the end of a turn changes, and how.
fn step(forwarder: &Forwarder, continuing: &[Node]) -> Option<(Slot, Step)> {
    let (last, rest) = continuing.split_last()?;
    let Node::Set(slot, next) = *last else {
        return None;
    };
    let Instruction::Binary(function, before, word) = forwarder.instructions[next.0] else {
        return None;
    };
    let read = forwarder.instructions[before.0] == Instruction::Get(slot)
        && is_defined(rest, before)
        && rest.iter().all(|node| matches!(node, Node::Define(_)));
    let Instruction::Constant(word) = forwarder.instructions[word.0] else {
        return None;
    };
    read.then_some((slot, Step(function, word)))
}

fn is_defined(nodes: &[Node], value: Value) -> bool {
    let defines = |node: &Node| matches!(node, Node::Define(defined) if *defined == value);
    nodes.iter().any(defines)
}

struct Search<'a> {
    forwarder: &'a Forwarder,
    /// The slots that the body sets.
    set: &'a BTreeSet<Slot>,
    slot: Slot,
}

impl Search<'_> {
    /// Under which comparison the loop goes on.
    fn test(&self, condition: Value, goes_on: bool, top: &[Node]) -> Option<Test> {
        let is_count = |value: Value| {
            self.forwarder.instructions[value.0] == Instruction::Get(self.slot)
                && is_defined(top, value)
        };
        match self.forwarder.instructions[condition.0] {
            Instruction::Unary(Unary::LogicalNot, inner) => self.test(inner, !goes_on, top),
            Instruction::Binary(function, a, b) => {
                let (swapped, end) = match (is_count(a), is_count(b)) {
                    (true, false) => (false, b),
                    (false, true) => (true, a),
                    _ => return None,
                };
                let (function, swapped) = match goes_on {
                    true => (function, swapped),
                    false => inverse(function, swapped)?,
                };
                Some(Test {
                    function,
                    swapped,
                    end,
                })
            }
            _ => None,
        }
    }

    /// The word that a value is in every turn.
    fn word(&self, value: Value) -> Option<u32> {
        if let Some(outside) = self.forwarder.renamed(value) {
            return self.forwarder.builder.word(outside);
        }
        match self.forwarder.instructions[value.0] {
            Instruction::Get(slot) if slot != self.slot && !self.set.contains(&slot) => {
                let known = self.forwarder.known(slot)?;
                self.forwarder.builder.word(known)
            }
            Instruction::Unary(function, a) => Some(fold::unary(function, self.word(a)?)),
            Instruction::Binary(function, a, b) => {
                Some(fold::binary(function, self.word(a)?, self.word(b)?))
            }
            _ => None,
        }
    }

    /// How often the loop turns, by what its start and its end can be at most; and whether exactly so often.
    fn between(&self, start: Value, step: Step, test: Test) -> Option<(u32, bool)> {
        let Step(Binary::Add, by) = step else {
            return None;
        };
        let greatest = self.forwarder.builder.most(start, range::DEPTH);
        let end = self.most(test.end, range::DEPTH);
        // No start may lead past what both ways of reading a word agree about.
        let last = end.max(greatest).checked_add(by)?;
        if greatest > SIGNED_MOST || last > SIGNED_MOST {
            return None;
        }
        let known = self.word(test.end).and_then(|end| {
            let most = turns(0, step, test, end)?;
            (turns(greatest, step, test, end)? == most).then_some(most)
        });
        match known {
            Some(turns) => Some((turns, true)),
            None => Some((self.bound(0, step, test)?, false)),
        }
    }

    /// How often the loop turns at most, by what the end can be at most.
    fn bound(&self, start: u32, step: Step, test: Test) -> Option<u32> {
        let counts_up = !test.swapped
            && matches!(
                test.function,
                Binary::LessUnsigned
                    | Binary::LessSigned
                    | Binary::LessEqualUnsigned
                    | Binary::LessEqualSigned
            );
        let most = self.most(test.end, range::DEPTH);
        if !counts_up || most > SIGNED_MOST {
            return None;
        }
        // A test that the largest end fails, every other end fails too.
        let turns = turns(start, step, test, most)?;
        (turns <= MOST_BOUNDED).then_some(turns)
    }

    /// The most that a value can be, in any turn.
    fn most(&self, value: Value, depth: u32) -> u32 {
        let Some(depth) = depth.checked_sub(1) else {
            return u32::MAX;
        };
        let builder = &self.forwarder.builder;
        if let Some(outside) = self.forwarder.renamed(value) {
            return builder.most(outside, depth);
        }
        range::most(
            self.forwarder.instructions[value.0],
            |operand| self.word(operand),
            |operand| self.most(operand, depth),
            |slot| match self.forwarder.known(slot) {
                Some(known) if slot != self.slot && !self.set.contains(&slot) => {
                    builder.most(known, depth)
                }
                _ => builder.most_of_slot(slot),
            },
        )
    }
}

/// The comparison that holds where another does not.
fn inverse(function: Binary, swapped: bool) -> Option<(Binary, bool)> {
    Some(match function {
        Binary::Equal => (Binary::NotEqual, swapped),
        Binary::LessUnsigned => (Binary::LessEqualUnsigned, !swapped),
        Binary::LessEqualUnsigned => (Binary::LessUnsigned, !swapped),
        Binary::LessSigned => (Binary::LessEqualSigned, !swapped),
        Binary::LessEqualSigned => (Binary::LessSigned, !swapped),
        _ => return None,
    })
}

/// How often the loop turns. `None` where it takes too long to find out, or the variable would wrap.
fn turns(start: u32, step: Step, test: Test, end: u32) -> Option<u32> {
    let Step(Binary::Add, step) = step else {
        let mut word = start;
        for turn in 0..=MOST_TRIED {
            if !test.holds(word, end) {
                return Some(turn);
            }
            word = step.of(word);
        }
        return None;
    };
    let signed = matches!(test.function, Binary::LessSigned | Binary::LessEqualSigned);
    let wide = |word: u32| match signed {
        true => i64::from(word.cast_signed()),
        false => i64::from(word),
    };
    let (start, end, step) = (wide(start), wide(end), i64::from(step.cast_signed()));
    if test.function == Binary::NotEqual {
        return turns_until_equal(start, end, step);
    }
    // Counting down is counting up on the other side of zero.
    let sign = if test.swapped { -1 } else { 1 };
    let (start, end, step) = (start * sign, end * sign, step * sign);
    let distance = match test.function {
        Binary::LessUnsigned | Binary::LessSigned => end - start,
        Binary::LessEqualUnsigned | Binary::LessEqualSigned => end - start + 1,
        _ => return None,
    };
    if distance <= 0 {
        return Some(0);
    }
    if step <= 0 {
        return None;
    }
    let turns = (distance + step - 1) / step;
    let last = (start + turns * step) * sign;
    let in_range = match signed {
        true => i32::try_from(last).is_ok(),
        false => u32::try_from(last).is_ok(),
    };
    u32::try_from(turns).ok().filter(|_| in_range)
}

/// How often a variable is stepped until it is exactly the end.
fn turns_until_equal(start: i64, end: i64, step: i64) -> Option<u32> {
    let wrapped = (end - start).rem_euclid(1 << 32);
    let (distance, step) = match step < 0 {
        true => ((-wrapped).rem_euclid(1 << 32), -step),
        false => (wrapped, step),
    };
    let exact = distance.checked_rem(step)? == 0;
    u32::try_from(distance / step).ok().filter(|_| exact)
}
