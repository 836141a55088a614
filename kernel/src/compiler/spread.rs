// SPDX-License-Identifier: Apache-2.0
//! Refuses stores with which a workgroup writes words that lie further apart than the words of a tile: some of them
//! are lost, whichever workgroup it is.

use super::{
    diagnostic::{Code, Reports},
    ir::{Instruction, Node, Program, Value, leaves},
    uniformity::Uniformity,
};
use crate::{
    machine::arithmetic,
    program::{Binary, Builtin, Memory, Unary},
};
use naga::Span;
use std::{collections::HashMap, rc::Rc};

/// The most values that are looked at: what has more in its addresses is left to a trial.
const MOST_VALUES: usize = 1 << 14;

/// Reports stores to the output that cannot all fall into one tile of so many words.
pub(super) fn check(
    program: &Program,
    uniformity: &Uniformity,
    workgroup: [u16; 3],
    tile_words: u32,
    reports: &mut Reports,
) {
    let [x, y, z] = workgroup.map(u32::from);
    let lanes = x.saturating_mul(y).saturating_mul(z);
    let mut search = Search {
        program,
        uniformity,
        workgroup: [x, y, z],
        lanes,
        tile_words,
        known: HashMap::new(),
        left: Vec::new(),
        reports,
    };
    let all = vec![true; lanes as usize];
    search.nodes(&program.nodes, all);
}

/// What a value is in each invocation of a workgroup, as far as it can be told apart.
#[derive(Clone, Debug)]
enum Part {
    /// Exactly these words.
    Exact(Rc<[u32]>),
    /// These words and something besides that is the same in all, made of the workgroup's number or not.
    Behind {
        words: Rc<[u32]>,
        of_group: bool,
    },
    /// Whether the invocation, or a loop's number, has come to a bound that many workgroups do not come to.
    Edge,
    Unknown,
}

impl Part {
    /// The words, without what is the same in all.
    fn words(&self) -> Option<&Rc<[u32]>> {
        match self {
            Self::Behind { words, .. } | Self::Exact(words) => Some(words),
            Self::Edge | Self::Unknown => None,
        }
    }

    /// Whether it is made of the workgroup's number.
    fn is_of_group(&self) -> bool {
        matches!(self, Self::Behind { of_group: true, .. })
    }

    /// Whether it is the same in all invocations.
    fn is_uniform(&self) -> bool {
        let is_same = |words: &Rc<[u32]>| words.iter().all(|word| Some(word) == words.first());
        self.words().is_some_and(is_same)
    }
}

/// The invocations that may be at a place, by their numbers.
type Lanes = Vec<bool>;

struct Search<'a> {
    program: &'a Program,
    uniformity: &'a Uniformity,
    workgroup: [u32; 3],
    lanes: u32,
    tile_words: u32,
    known: HashMap<Value, Part>,
    /// Who has left each of the structures around.
    left: Vec<Lanes>,
    reports: &'a mut Reports,
}

impl Search<'_> {
    /// Goes through nodes with these invocations. The answer is who comes to their end.
    fn nodes(&mut self, nodes: &[Node], here: Lanes) -> Lanes {
        (nodes.iter()).fold(here, |here, node| self.node(node, here))
    }

    fn node(&mut self, node: &Node, here: Lanes) -> Lanes {
        match node {
            Node::Store(memory, address, _, span) => {
                if self.program.memories.get(*memory) == Some(&Memory::Output) {
                    self.store(*address, &here, *span);
                }
                here
            }
            Node::If(condition, accept, reject) => match self.part(*condition) {
                Part::Exact(words) => {
                    let chosen = |wanted: bool| {
                        let lanes = here.iter().zip(words.iter());
                        lanes
                            .map(|(here, word)| *here && (*word != 0) == wanted)
                            .collect()
                    };
                    let accepted = self.nodes(accept, chosen(true));
                    union(accepted, &self.nodes(reject, chosen(false)))
                }
                // An edge goes through few of many workgroups: in the others all are on one side.
                Part::Edge => {
                    let accepted = self.nodes(accept, here.clone());
                    union(accepted, &self.nodes(reject, here))
                }
                // Nobody knows who goes on, so nothing is said of what they do.
                _ => {
                    let nobody = vec![false; here.len()];
                    self.nodes(accept, nobody.clone());
                    self.nodes(reject, nobody.clone());
                    if leaves(accept) || leaves(reject) {
                        return nobody;
                    }
                    here
                }
            },
            Node::Block(body) | Node::Repeat(_, _, body) => self.structure(&[body], here),
            Node::Loop(body, continuing, _) => self.structure(&[body, continuing], here),
            Node::Break => {
                if let Some(left) = self.left.last_mut() {
                    *left = union(std::mem::take(left), &here);
                }
                vec![false; here.len()]
            }
            // Who goes on with another turn may come to the end of all; nothing is said of it.
            Node::Continue | Node::Return => vec![false; here.len()],
            Node::Define(_) | Node::Set(..) | Node::Atomic(..) | Node::Barrier(_) => here,
        }
    }

    fn structure(&mut self, parts: &[&Vec<Node>], here: Lanes) -> Lanes {
        self.left.push(vec![false; here.len()]);
        let end = (parts.iter()).fold(here, |here, nodes| self.nodes(nodes, here));
        union(end, &self.left.pop().unwrap_or_default())
    }

    /// Reports a store if the addresses of these invocations are further apart than a tile's.
    fn store(&mut self, address: Value, here: &[bool], span: Span) {
        let part = self.part(address);
        let Some(words) = part.words() else {
            return;
        };
        let words: Vec<u32> = (words.iter().zip(here))
            .filter_map(|(word, here)| here.then_some(*word))
            .collect();
        let Some(first) = words.first() else {
            return;
        };
        // Addresses are modulo 2^32: what is behind the first invocation's and what is before it.
        let offsets =
            || (words.iter()).map(|word| i64::from(word.wrapping_sub(*first).cast_signed()));
        let apart = offsets().max().unwrap_or(0) - offsets().min().unwrap_or(0);
        let tile = i64::from(self.tile_words);
        if apart < tile || apart > (1 << u32::BITS) - tile {
            return;
        }
        let [x, y, z] = self.workgroup;
        let advice = match (y, z) {
            (1, 1) => {
                "let all invocations of a workgroup together write 256, 512, 1024, ... or 16384 words in a row: pad what \
                 each\nwrites to 1, 2, 4, ... words, or make a workgroup smaller; one that is alone may ask for a larger tile \
                 (tile_words)"
            }
            _ => {
                "let a workgroup be 256 elements in a row, `@workgroup_size(256)`, and compute row and column from \
                 the\nnumber: `let x = id.x % width; let y = id.x / width;`; or write the output block after block, each \
                 behind the one before"
            }
        };
        self.reports.refuse(
            Code::Output,
            span,
            format!(
                "a workgroup of {x} x {y} x {z} writes words here that lie up to {apart} apart, and its tile of the output \
                 is {} words in a row: what is written elsewhere is lost",
                self.tile_words
            ),
            advice,
        );
    }

    fn part(&mut self, value: Value) -> Part {
        if let Some(part) = self.known.get(&value) {
            return part.clone();
        }
        if self.known.len() >= MOST_VALUES {
            return Part::Unknown;
        }
        let part = self.find(value);
        self.known.insert(value, part.clone());
        part
    }

    fn find(&mut self, value: Value) -> Part {
        let instruction = self.program.instructions[value.0];
        let operands: Vec<Part> = (instruction.operands())
            .map(|operand| self.part(operand))
            .collect();
        let exact = |part: &Part| match part {
            Part::Exact(words) => Some(Rc::clone(words)),
            _ => None,
        };
        let known: Option<Vec<Rc<[u32]>>> = operands.iter().map(exact).collect();
        match (instruction, known.as_deref(), operands.as_slice()) {
            (Instruction::Constant(word), ..) => self.exact(|_| word),
            (Instruction::Builtin(builtin), ..) => self.builtin(builtin),
            (Instruction::Turn | Instruction::Length(_), ..) => self.same(false),
            (Instruction::Get(slot), ..) if self.uniformity.slots[slot.0] => self.same(false),
            (Instruction::Load(memory, _), _, [address]) => {
                let is_constant = matches!(
                    self.program.memories.get(memory),
                    Some(Memory::Input | Memory::Parameters(_))
                );
                match is_constant && address.is_uniform() {
                    true => self.same(false),
                    false => Part::Unknown,
                }
            }
            (Instruction::Unary(function, _), Some([a]), _) => {
                let mut words = vec![0; a.len()];
                arithmetic::unary(function, a, &mut words);
                Part::Exact(words.into())
            }
            (Instruction::Binary(function, ..), Some([a, b]), _) => {
                Part::Exact(computed(function, a, b))
            }
            (Instruction::Select(..), Some([condition, a, b]), _) => self.exact(|lane| {
                let chosen = if condition[lane] == 0 { b } else { a };
                chosen[lane]
            }),
            (Instruction::Binary(function, ..), None, [a, b]) if is_bound(function, a, b) => {
                Part::Edge
            }
            (_, None, operands) if operands.iter().all(Part::is_uniform) => {
                self.same(operands.iter().any(Part::is_of_group))
            }
            (Instruction::Binary(function, ..), None, [a, b]) => inexact(function, a, b),
            (Instruction::Unary(Unary::LogicalNot, _), None, [Part::Edge]) => Part::Edge,
            (Instruction::Select(..), None, operands) if operands.iter().all(is_side) => Part::Edge,
            _ => Part::Unknown,
        }
    }

    fn builtin(&self, builtin: Builtin) -> Part {
        let [x, y, _] = self.workgroup;
        let place = |at: fn(u32, u32, u32) -> u32| {
            self.exact(|lane| at(u32::try_from(lane).unwrap_or_default(), x, y))
        };
        match builtin {
            Builtin::LocalX => place(|lane, x, _| lane % x),
            Builtin::LocalY => place(|lane, x, y| lane / x % y),
            Builtin::LocalZ => place(|lane, x, y| lane / x / y),
            Builtin::LocalIndex => place(|lane, _, _| lane),
            Builtin::GroupX | Builtin::GroupY | Builtin::GroupZ => self.same(true),
            Builtin::GridX | Builtin::GridY | Builtin::GridZ => self.same(false),
        }
    }

    fn exact(&self, word: impl Fn(usize) -> u32) -> Part {
        Part::Exact((0..self.lanes as usize).map(word).collect())
    }

    /// Something that is the same in all invocations.
    fn same(&self, of_group: bool) -> Part {
        Part::Behind {
            words: vec![0; self.lanes as usize].into(),
            of_group,
        }
    }
}

/// What a function makes of two parts that are not both exact.
fn inexact(function: Binary, a: &Part, b: &Part) -> Part {
    let is_constant = |part: &Part| matches!(part, Part::Exact(_)) && part.is_uniform();
    let of_group = a.is_of_group() || b.is_of_group();
    match (function, a.words(), b.words()) {
        // A sum of what is the same in all is the same in all, and so is its product with a constant.
        (Binary::Add | Binary::Subtract, Some(first), Some(second)) => Part::Behind {
            words: computed(function, first, second),
            of_group,
        },
        (Binary::Multiply, Some(first), Some(second)) if is_constant(a) || is_constant(b) => {
            Part::Behind {
                words: computed(function, first, second),
                of_group,
            }
        }
        (Binary::ShiftLeft, Some(first), Some(second)) if is_constant(b) => Part::Behind {
            words: computed(function, first, second),
            of_group,
        },
        (Binary::And | Binary::Or, ..) if is_side(a) && is_side(b) => Part::Edge,
        _ => Part::Unknown,
    }
}

/// Whether a function compares something that is the same in all invocations, or goes on from a workgroup to the next,
/// with a bound.
fn is_bound(function: Binary, a: &Part, b: &Part) -> bool {
    let compares = matches!(
        function,
        Binary::LessUnsigned
            | Binary::LessSigned
            | Binary::LessEqualUnsigned
            | Binary::LessEqualSigned
    );
    let is_known = a.words().is_some() && b.words().is_some();
    let goes_on = a.is_of_group() || b.is_of_group() || (a.is_uniform() && b.is_uniform());
    compares && is_known && goes_on
}

/// Whether it is the same in all invocations that have not come to a bound.
fn is_side(part: &Part) -> bool {
    matches!(part, Part::Edge) || part.is_uniform()
}

fn computed(function: Binary, a: &[u32], b: &[u32]) -> Rc<[u32]> {
    let mut words = vec![0; a.len()];
    arithmetic::binary(function, a, b, &mut words);
    words.into()
}

fn union(lanes: Lanes, others: &[bool]) -> Lanes {
    let both = lanes.iter().zip(others);
    both.map(|(lane, other)| *lane || *other).collect()
}
