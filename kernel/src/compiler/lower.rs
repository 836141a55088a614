// SPDX-License-Identifier: Apache-2.0
//! From naga's representation of WGSL to a [`Program`]: functions inlined, composites taken apart.
//!
//! Variables become slots, one for each scalar. Those that are indexed with what is no constant become
//! private memory instead; that is found out on the way, so lowering is repeated until it finds no more.

mod call;
mod expression;
mod float;
mod math;
mod matrix;
mod place;
mod statement;

use super::{
    builder::{Builder, ScopeKind},
    diagnostic::{Code, Reports},
    gathering::Gathering,
    interface::Bound,
    ir::{Instruction, MemoryNumber, Node, Program, Slot, SlotKind, Value},
    layout::{Layout, Types},
};
use crate::program::{Binary, Memory};
use naga::{
    AddressSpace, Arena, EntryPoint, Expression, Function, GlobalVariable, Handle, LocalVariable,
    ScalarKind, Span, TypeInner,
    valid::{FunctionInfo, ModuleInfo},
};
use place::{Place, Root};
use std::collections::{BTreeSet, HashMap};

/// Whose variable it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Owner {
    /// Of a function; `None` is the entry point.
    Function(Option<Handle<Function>>, Handle<LocalVariable>),
    /// Of the module.
    Module(Handle<GlobalVariable>),
}

/// What lowering yields.
#[derive(Debug)]
pub(super) struct Lowered {
    pub(super) program: Program,
    /// Where the loads of memories are, for diagnostics.
    pub(super) loads: HashMap<Value, Span>,
    /// How many steps it took.
    pub(super) steps: usize,
}

/// The words or the place that an expression stands for.
#[derive(Clone, Debug)]
enum Operand {
    /// The scalars, in order.
    Words(Vec<Value>),
    /// A pointer.
    Place(Place),
}

/// Where the types of expressions are found.
#[derive(Clone, Copy, Debug)]
enum Source<'m> {
    Function(&'m FunctionInfo),
    Module(&'m ModuleInfo),
}

/// A function that is being inlined.
#[derive(Debug)]
struct Activation<'m> {
    function: Option<Handle<Function>>,
    expressions: &'m Arena<Expression>,
    source: Source<'m>,
    arguments: Vec<Operand>,
    locals: HashMap<Handle<LocalVariable>, Root>,
    values: HashMap<Handle<Expression>, Operand>,
    /// Where the result goes. `None` in the entry point.
    results: Option<Vec<Slot>>,
    /// Whether the function has returned; only read behind loops and switches that `return` leaves.
    returned: Option<Slot>,
    /// For each loop and switch around: whether a `return` leaves it.
    left: Vec<bool>,
}

/// The most scalars that a value or a variable may be taken apart into.
const MOST_SCALARS: u32 = 1_024;

/// The most steps that lowering may take, repetitions included: a few functions that call each other twice would
/// otherwise be inlined without end.
pub(super) const MOST_STEPS: usize = 1 << 20;

/// Reports a program that takes too many steps.
pub(super) fn refuse_growth(reports: &mut Reports) {
    reports.refuse(
        Code::Limit,
        Span::UNDEFINED,
        "the program grows too large when the functions that it calls are put in place of the calls",
        "call fewer functions, or call them in loops",
    );
}

/// Lowers an entry point. `indexed` gathers the variables that must be memories.
pub(super) fn lower<'m>(
    types: &'m Types<'m>,
    info: &'m ModuleInfo,
    (index, entry): (usize, &'m EntryPoint),
    gathering: Gathering,
    bound: &[Bound],
    indexed: &mut BTreeSet<Owner>,
    reports: &mut Reports,
) -> Lowered {
    let (memories, numbers) = memories(bound);
    let mut lowering = Lowering {
        types,
        info,
        builder: Builder::new(Vec::new(), memories),
        globals: bound
            .iter()
            .zip(numbers)
            .map(|(bound, number)| (bound.global, Root::Memory(number, Layout::Shared)))
            .collect(),
        offsets: bound
            .iter()
            .map(|bound| (bound.global, bound.offset))
            .collect(),
        arrays: HashMap::new(),
        tables: HashMap::new(),
        indexed,
        reports,
        loads: HashMap::new(),
        bodies: Vec::new(),
        gathering,
        turn: None,
    };
    lowering.entry(entry, info.get_entry_point(index));
    Lowered {
        steps: lowering.builder.steps(),
        program: lowering.builder.finish(),
        loads: lowering.loads,
    }
}

/// The memories that are bound, and the number that each binding has there: uniforms are one memory.
fn memories(bound: &[Bound]) -> (Vec<Memory>, Vec<MemoryNumber>) {
    let mut memories: Vec<Memory> = Vec::new();
    let mut numbers = Vec::new();
    for bound in bound {
        let is_it = |memory: &Memory| matches!(memory, Memory::Parameters(_));
        let known = memories.iter().position(is_it);
        match known.filter(|_| is_it(&bound.memory)) {
            Some(number) => numbers.push(number),
            None => {
                numbers.push(memories.len());
                memories.push(bound.memory);
            }
        }
    }
    (memories, numbers)
}

/// The words that an expression of the module is. `None` when it has no value of 32-bit words.
pub(super) fn constant_words(
    types: &Types<'_>,
    info: &ModuleInfo,
    expression: Handle<Expression>,
    reports: &mut Reports,
) -> Option<Vec<u32>> {
    let mut lowering = Lowering {
        types,
        info,
        builder: Builder::new(Vec::new(), Vec::new()),
        globals: HashMap::new(),
        offsets: HashMap::new(),
        arrays: HashMap::new(),
        tables: HashMap::new(),
        indexed: &mut BTreeSet::new(),
        reports,
        loads: HashMap::new(),
        bodies: Vec::new(),
        gathering: Gathering::none([1; 3]),
        turn: None,
    };
    let values = lowering.module_words(expression);
    let words = values.into_iter().map(|value| lowering.builder.word(value));
    words.collect()
}

struct Lowering<'m, 'r> {
    types: &'m Types<'m>,
    info: &'m ModuleInfo,
    builder: Builder,
    globals: HashMap<Handle<GlobalVariable>, Root>,
    /// The words before what is bound, in its memory.
    offsets: HashMap<Handle<GlobalVariable>, u32>,
    /// The memories that variables have become.
    arrays: HashMap<Owner, MemoryNumber>,
    /// The memories that constant arrays have become, by their words.
    tables: HashMap<Vec<Value>, MemoryNumber>,
    indexed: &'r mut BTreeSet<Owner>,
    reports: &'r mut Reports,
    loads: HashMap<Value, Span>,
    /// The bodies of the loops whose `continuing` is being lowered.
    bodies: Vec<Vec<Node>>,
    gathering: Gathering,
    /// The number of the source's workgroup among those that make a tile one after the other.
    turn: Option<Value>,
}

impl<'m> Lowering<'m, '_> {
    fn entry(&mut self, entry: &'m EntryPoint, info: &'m FunctionInfo) {
        for (handle, global) in self.types.module.global_variables.iter() {
            self.declare_shared(handle, global);
        }
        if !self.gathering.takes_turns() {
            return self.entry_body(entry, info, None);
        }
        let groups = self.gathering.groups();
        let turn = self.builder.open_repeat(groups, None);
        self.turn = Some(turn);
        self.builder.open(ScopeKind::Block);
        self.entry_body(entry, info, Some(Vec::new()));
        let body = self.builder.close();
        self.builder.push(Node::Block(body));
        self.clear_shared();
        let body = self.builder.close();
        self.builder.push(Node::Repeat(groups, turn, body));
    }

    /// Lowers what an invocation does. With a place for its results, a `return` leaves the block around.
    fn entry_body(
        &mut self,
        entry: &'m EntryPoint,
        info: &'m FunctionInfo,
        results: Option<Vec<Slot>>,
    ) {
        for (handle, global) in self.types.module.global_variables.iter() {
            self.declare_private(handle, global);
        }
        let arguments = self.entry_arguments(&entry.function);
        let returned = results.is_some().then(|| {
            let returned = self.builder.slot(SlotKind::Booleans);
            let zero = self.builder.constant(0);
            self.builder.push(Node::Set(returned, zero));
            returned
        });
        let mut activation = Activation {
            function: None,
            expressions: &entry.function.expressions,
            source: Source::Function(info),
            arguments,
            locals: HashMap::new(),
            values: HashMap::new(),
            results,
            returned,
            left: Vec::new(),
        };
        self.declare_locals(&mut activation, &entry.function.local_variables);
        self.block(&mut activation, &entry.function.body);
    }

    /// Makes workgroup memory zero, as the next workgroup finds it.
    fn clear_shared(&mut self) {
        let memories = self.builder.memories().iter().enumerate();
        let shared: Vec<(MemoryNumber, u32)> = memories
            .filter_map(|(number, memory)| match memory {
                Memory::Workgroup(words, _) => Some((number, *words)),
                _ => None,
            })
            .collect();
        if shared.is_empty() {
            return;
        }
        let lanes = self.gathering.lanes();
        self.builder.push(Node::Barrier(Span::UNDEFINED));
        for (memory, words) in shared {
            let rounds = words.div_ceil(lanes).max(1);
            let round = self.builder.open_repeat(rounds, None);
            let lane = self.lane();
            let before = self.builder.with(Binary::Multiply, round, lanes);
            let address = self.builder.binary(Binary::Add, before, lane);
            let zero = self.builder.constant(0);
            self.builder
                .push(Node::Store(memory, address, zero, Span::UNDEFINED));
            let body = self.builder.close();
            self.builder.push(Node::Repeat(rounds, round, body));
        }
        self.builder.push(Node::Barrier(Span::UNDEFINED));
    }

    /// Gives a variable of the workgroup its memory.
    fn declare_shared(&mut self, handle: Handle<GlobalVariable>, global: &GlobalVariable) {
        if global.space == AddressSpace::WorkGroup {
            let inner = self.types.inner(global.ty);
            let words = self.types.words(inner, Layout::Packed);
            let memory = Memory::Workgroup(words, self.types.content(inner));
            let number = self.builder.memory(memory);
            self.globals
                .insert(handle, Root::Memory(number, Layout::Packed));
        }
    }

    /// Gives a variable of the module that is each invocation's own its memory or slots, and its first value.
    fn declare_private(&mut self, handle: Handle<GlobalVariable>, global: &GlobalVariable) {
        if global.space != AddressSpace::Private {
            return;
        }
        let inner = self.types.inner(global.ty);
        let span = self.types.module.global_variables.get_span(handle);
        let root = self.declare(Owner::Module(handle), inner, span);
        self.globals.insert(handle, root);
        match global.init {
            Some(init) => {
                let words = self.module_words(init);
                self.store(&Place::of(root), inner, &words, span);
            }
            None if self.gathering.takes_turns() => self.clear(&Place::of(root), inner, span),
            None => {}
        }
    }

    /// Gives the variables of a function their memories or slots, and their first values.
    fn declare_locals(
        &mut self,
        activation: &mut Activation<'m>,
        locals: &'m Arena<LocalVariable>,
    ) {
        for (handle, local) in locals.iter() {
            let span = locals.get_span(handle);
            let inner = self.types.inner(local.ty);
            let owner = Owner::Function(activation.function, handle);
            // Memory is zero at the start, and only an inlined function starts more than once, or a workgroup that takes
            // turns with others.
            let once = activation.function.is_none() && !self.gathering.takes_turns();
            let fresh = once && !self.arrays.contains_key(&owner);
            let root = self.declare(owner, inner, span);
            activation.locals.insert(handle, root);
            let place = Place::of(root);
            match local.init {
                Some(init) => {
                    let words = self.words(activation, init);
                    self.store(&place, inner, &words, span);
                }
                None if fresh && matches!(root, Root::Memory(..)) => {}
                None => self.clear(&place, inner, span),
            }
        }
    }

    fn declare(&mut self, owner: Owner, inner: &TypeInner, span: Span) -> Root {
        let words = self.types.words(inner, Layout::Packed);
        if words > MOST_SCALARS {
            self.reports.refuse(
                Code::Limit,
                span,
                format!("a variable of {words} words; the most is {MOST_SCALARS}"),
                "use `var<workgroup>` memory, or compute less in one invocation",
            );
            return Root::Nowhere;
        }
        if self.indexed.contains(&owner) {
            let known = self.arrays.get(&owner).copied();
            let memory = Memory::Private(words, self.types.content(inner));
            let number = known.unwrap_or_else(|| self.builder.memory(memory));
            self.arrays.insert(owner, number);
            return Root::Memory(number, Layout::Packed);
        }
        let slots = self.slots(inner);
        match slots.first() {
            Some(first) => Root::Slots(*first, owner),
            None => Root::Nowhere,
        }
    }

    /// A slot for each scalar of a type.
    fn slots(&mut self, inner: &TypeInner) -> Vec<Slot> {
        let kinds = self.types.kinds(inner).into_iter();
        kinds
            .map(|kind| {
                self.builder.slot(match kind {
                    ScalarKind::Bool => SlotKind::Booleans,
                    ScalarKind::Float => SlotKind::Floats,
                    _ => SlotKind::Words,
                })
            })
            .collect()
    }

    /// The type of an expression.
    fn inner(&self, activation: &Activation<'m>, handle: Handle<Expression>) -> &'m TypeInner {
        let types = &self.types.module.types;
        match activation.source {
            Source::Function(info) => info[handle].ty.inner_with(types),
            Source::Module(info) => info[handle].inner_with(types),
        }
    }

    /// Reports a value that would be taken apart into too many scalars. Whether it would.
    fn refuse_large(&mut self, words: u32, span: Span, advice: &str) -> bool {
        let is_large = words > MOST_SCALARS;
        if is_large {
            let message = format!("a value of {words} words; the most is {MOST_SCALARS}");
            self.reports.refuse(Code::Limit, span, message, advice);
        }
        is_large
    }

    fn zeros(&mut self, words: u32) -> Vec<Value> {
        let zero = self.builder.constant(0);
        (0..words.min(MOST_SCALARS)).map(|_| zero).collect()
    }

    fn define(&mut self, instruction: Instruction) -> Value {
        self.builder.define(instruction)
    }
}
