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
    builder::Builder,
    diagnostic::{Code, Reports},
    interface::Bound,
    ir::{Instruction, MemoryNumber, Node, Program, Slot, SlotKind, Value},
    layout::{Layout, Types},
};
use crate::program::Memory;
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
    workgroup: [u16; 3],
    bound: &[Bound],
    indexed: &mut BTreeSet<Owner>,
    reports: &mut Reports,
) -> Lowered {
    let memories = bound.iter().map(|bound| bound.memory).collect();
    let mut lowering = Lowering {
        types,
        info,
        builder: Builder::new(Vec::new(), memories),
        globals: bound
            .iter()
            .enumerate()
            .map(|(number, bound)| (bound.global, Root::Memory(number, Layout::Shared)))
            .collect(),
        arrays: HashMap::new(),
        tables: HashMap::new(),
        indexed,
        reports,
        loads: HashMap::new(),
        bodies: Vec::new(),
        workgroup,
    };
    lowering.entry(entry, info.get_entry_point(index));
    Lowered {
        steps: lowering.builder.steps(),
        program: lowering.builder.finish(),
        loads: lowering.loads,
    }
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
        arrays: HashMap::new(),
        tables: HashMap::new(),
        indexed: &mut BTreeSet::new(),
        reports,
        loads: HashMap::new(),
        bodies: Vec::new(),
        workgroup: [1; 3],
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
    /// The memories that variables have become.
    arrays: HashMap<Owner, MemoryNumber>,
    /// The memories that constant arrays have become, by their words.
    tables: HashMap<Vec<Value>, MemoryNumber>,
    indexed: &'r mut BTreeSet<Owner>,
    reports: &'r mut Reports,
    loads: HashMap<Value, Span>,
    /// The bodies of the loops whose `continuing` is being lowered.
    bodies: Vec<Vec<Node>>,
    workgroup: [u16; 3],
}

impl<'m> Lowering<'m, '_> {
    fn entry(&mut self, entry: &'m EntryPoint, info: &'m FunctionInfo) {
        for (handle, global) in self.types.module.global_variables.iter() {
            self.declare_global(handle, global);
        }
        let arguments = self.entry_arguments(&entry.function);
        let mut activation = Activation {
            function: None,
            expressions: &entry.function.expressions,
            source: Source::Function(info),
            arguments,
            locals: HashMap::new(),
            values: HashMap::new(),
            results: None,
            returned: None,
            left: Vec::new(),
        };
        self.declare_locals(&mut activation, &entry.function.local_variables);
        self.block(&mut activation, &entry.function.body);
    }

    /// Gives a variable of the module that is no binding its memory or slots.
    fn declare_global(&mut self, handle: Handle<GlobalVariable>, global: &GlobalVariable) {
        let inner = self.types.inner(global.ty);
        let span = self.types.module.global_variables.get_span(handle);
        match global.space {
            AddressSpace::WorkGroup => {
                let words = self.types.words(inner, Layout::Packed);
                let memory = Memory::Workgroup(words, self.types.content(inner));
                let number = self.builder.memory(memory);
                self.globals
                    .insert(handle, Root::Memory(number, Layout::Packed));
            }
            AddressSpace::Private => {
                let root = self.declare(Owner::Module(handle), inner, span);
                self.globals.insert(handle, root);
                if let Some(init) = global.init {
                    let words = self.module_words(init);
                    self.store(&Place::of(root), inner, &words, span);
                }
            }
            _ => {}
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
            // Memory is zero at the start, and only an inlined function starts more than once.
            let fresh = !self.arrays.contains_key(&owner) && activation.function.is_none();
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
