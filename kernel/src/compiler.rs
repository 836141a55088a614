// SPDX-License-Identifier: Apache-2.0
//! Compiles WGSL to kernels: compute shaders, every function inlined, every vector, matrix and structure
//! taken apart into words.
//!
//! In one bind group, in the order of the binding numbers, `var<storage, read>` are the inputs,
//! one `var<uniform>` is the parameters, and exactly one `var<storage, read_write>` is the output.
//! What cannot be given the same result on every machine is refused, with the line, the reason and what
//! to write instead.

mod builder;
mod constants;
mod counted;
mod diagnostic;
mod emit;
mod fold;
mod forward;
mod gathering;
mod interface;
mod ir;
mod layout;
mod library;
mod liveness;
mod lower;
mod nesting;
mod phases;
mod range;
mod screen;
mod spread;
mod stride;
mod tokens;
mod uniformity;
mod unroll;
mod unwritten;

pub use diagnostic::{Code, Diagnostic, Diagnostics, Location};

use crate::{
    program::{Kernel, Op},
    validate::{Invalid, Limits, Report, validate},
};
use diagnostic::Reports;
use gathering::Gathering;
use interface::Bound;
use ir::Program;
use layout::Types;
use naga::{
    EntryPoint, Module, Span,
    valid::{Capabilities, ModuleInfo, ValidationFlags, Validator},
};
use std::{
    collections::{BTreeSet, HashMap},
    thread,
};

/// The fuel of metered loops that a kernel gets when none is asked for; less where that would cost more
/// than the chain takes.
pub const DEFAULT_LOOP_FUEL: u32 = 65_536;

/// The words of a tile when none are asked for, unless the source's workgroups write another number that a tile may
/// have: one for each invocation of the largest workgroup.
pub const DEFAULT_TILE_WORDS: u32 = 256;

/// The most words of a tile.
const MOST_TILE_WORDS: u32 = 16_384;

/// The bytes of the longest source that is read.
const MOST_SOURCE: usize = 256 << 10;

/// The stack that is compiled with. Each `-` of `-----1` and each `+` of `1+1+1` is a call inside a call to naga, and to
/// some of what follows it: the longest source that is nothing else needs a quarter of this.
const STACK_BYTES: usize = 512 << 20;

/// What the source does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The entry point; needed when there are several.
    pub entry: Option<String>,
    /// [`Kernel::tile_words`]; when not given, what a workgroup is seen to write, or [`DEFAULT_TILE_WORDS`].
    pub tile_words: Option<u32>,
    /// [`Kernel::loop_fuel`] for a kernel with metered loops; [`DEFAULT_LOOP_FUEL`] when not given, halved
    /// until the chain takes the kernel.
    pub loop_fuel: Option<u32>,
}

/// A compiled kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The kernel. It is valid within [`Limits::DEFAULT`].
    pub kernel: Kernel,
    /// What the validator says of it.
    pub report: Report,
    /// The workgroups of the source that make a tile: its grid has as many times fewer workgroups along x.
    pub groups: u32,
    /// Whether only narrow grids have a right output.
    pub narrow: Option<Narrow>,
}

/// A kernel is right only in grids that are narrow along x: an image in rows, of which a workgroup writes a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrow {
    /// The most workgroups along x. With as many or fewer, words may be lost as well.
    pub most: u32,
    /// Why it is not right in wider ones.
    pub why: Diagnostics,
}

/// A kernel, before its diagnostics have their places.
struct Translated {
    kernel: Kernel,
    report: Report,
    groups: u32,
    narrow: Option<(u32, Reports)>,
}

/// Compiles a kernel.
pub fn compile(source: &str, options: &Options) -> Result<Compiled, Diagnostics> {
    let mut reports = Reports::default();
    let compiled = thread::scope(|scope| {
        let reports = &mut reports;
        let compiler = thread::Builder::new()
            .name("compiler".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || translate(source, options, reports));
        compiler.map(|thread| match thread.join() {
            Ok(compiled) => compiled,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    });
    match compiled {
        Ok(Some(compiled)) if reports.is_empty() => {
            let Translated {
                kernel,
                report,
                groups,
                narrow,
            } = compiled;
            let narrow = narrow.map(|(most, why)| Narrow {
                most,
                why: why.into_diagnostics(source),
            });
            return Ok(Compiled {
                kernel,
                report,
                groups,
                narrow,
            });
        }
        Ok(_) => {}
        Err(error) => reports.refuse(
            Code::Limit,
            Span::UNDEFINED,
            format!("the system gives the compiler no stack of {STACK_BYTES} bytes: {error}"),
            "raise the limit on memory, or free some",
        ),
    }
    Err(reports.into_diagnostics(source))
}

fn translate(source: &str, options: &Options, reports: &mut Reports) -> Option<Translated> {
    if source.len() > MOST_SOURCE {
        reports.refuse(
            Code::Limit,
            Span::UNDEFINED,
            format!(
                "a source of {} bytes; the most is {MOST_SOURCE}",
                source.len()
            ),
            "pass large tables as inputs",
        );
        return None;
    }
    // What the author has written must be WGSL; what is made of it is read again.
    let read = read(source, reports)?;
    let edited = constants::settle(source, reports)?;
    if edited.is_empty() {
        return translate_module(source, read, options, reports);
    }
    let source = edited.text(source);
    let read = self::read(&source, reports);
    let mut translated = read.and_then(|read| translate_module(&source, read, options, reports));
    reports.relocate(|span| edited.original(span));
    if let Some((_, why)) = translated
        .as_mut()
        .and_then(|translated| translated.narrow.as_mut())
    {
        why.relocate(|span| edited.original(span));
    }
    translated
}

fn translate_module(
    source: &str,
    (mut module, mut info): (Module, ModuleInfo),
    options: &Options,
    reports: &mut Reports,
) -> Option<Translated> {
    if let Some(source) = library::append(source, &module, &info) {
        (module, info) = read(&source, reports)?;
    }
    let (index, entry) = interface::entry(&module, options.entry.as_deref(), reports)?;
    screen::screen(&module, &info, index, entry, reports);
    let mut types = Types {
        module: &module,
        overrides: HashMap::new(),
    };
    if !reports.is_empty() {
        return None;
    }
    types.overrides = overrides(&types, &info, reports);
    let size = workgroup_size(&types, &info, index, reports);
    let workgroup = interface::workgroup(size, reports);
    let bound = interface::bindings(&types, info.get_entry_point(index), reports);
    let workgroup = workgroup.filter(|_| reports.is_empty())?;

    let lower = |gathering: Gathering, reports: &mut Reports| {
        program(&types, &info, (index, entry), gathering, &bound, reports)
    };
    let mut gathering = Gathering::none(workgroup);
    let mut program = lower(gathering, reports)?;
    let mut tile_words = options.tile_words.unwrap_or(DEFAULT_TILE_WORDS);
    let words = gathering::words(&program, workgroup);
    if options.tile_words.is_none()
        && let Some(words) = words.filter(|words| is_tile(*words))
    {
        tile_words = words;
    }
    let mut uniformity = uniformity::infer(&program);
    spread::check(&program, &uniformity, workgroup, tile_words, reports);
    let several = words.and_then(|words| gathering::gather(&program, workgroup, words, tile_words));
    let narrow = match several {
        Some(_) => None,
        None => stride::limit(&program, tile_words),
    };
    if let Some(several) = several {
        gathering = several;
        program = lower(gathering, reports)?;
        uniformity = uniformity::infer(&program);
    }
    for span in &uniformity.divided_barriers {
        reports.refuse(
            Code::Barrier,
            *span,
            "not all invocations of the workgroup are certain to reach this barrier together",
            "move it out of branches and loops that depend on the invocation, and out from behind `return`;\n\
             conditions on parameters, constants, workgroup_id and inputs read at such places are fine",
        );
    }
    if !reports.is_empty() {
        return None;
    }
    let loop_fuel = options.loop_fuel.unwrap_or(match gathering.takes_turns() {
        true => DEFAULT_LOOP_FUEL.saturating_mul(gathering.groups()),
        false => DEFAULT_LOOP_FUEL,
    });
    let workgroup = gathering.workgroup();
    let kernel = match emit::emit(&program, &uniformity, workgroup, tile_words, loop_fuel) {
        Ok(kernel) => kernel,
        Err(emit::TooLarge) => {
            reports.refuse(
                Code::Limit,
                Span::UNDEFINED,
                "the kernel has more registers, variables or memories than bytecode can name",
                "use loops and memory instead of long unrolled code",
            );
            return None;
        }
    };
    let (kernel, report) = check(kernel, options, reports)?;
    Some(Translated {
        kernel,
        report,
        groups: gathering.groups(),
        narrow,
    })
}

/// Whether a tile may have so many words.
fn is_tile(words: u32) -> bool {
    (DEFAULT_TILE_WORDS..=MOST_TILE_WORDS).contains(&words) && words.is_power_of_two()
}

/// Lowers an entry point, and makes the best of it.
fn program(
    types: &Types<'_>,
    info: &ModuleInfo,
    entry: (usize, &EntryPoint),
    gathering: Gathering,
    bound: &[Bound],
    reports: &mut Reports,
) -> Option<Program> {
    let mut indexed = BTreeSet::new();
    let mut steps = 0;
    let lowered = loop {
        let known = indexed.len();
        let mut tried = Reports::default();
        let lowered = lower::lower(
            types,
            info,
            entry,
            gathering,
            bound,
            &mut indexed,
            &mut tried,
        );
        steps += lowered.steps;
        if indexed.len() == known {
            *reports = tried;
            break lowered;
        }
        if steps > lower::MOST_STEPS {
            lower::refuse_growth(reports);
            return None;
        }
    };
    phases::check(&lowered.program, &lowered.loads, reports);
    unwritten::check(&lowered.program, &lowered.loads, reports);
    // The second time, what the first has removed is no longer in the way; behind it, what was an array.
    let mut program = lowered.program;
    let mut again = 2;
    while again > 0 {
        again -= 1;
        program = forward::forward(program);
        liveness::prune(&mut program);
        if unroll::promote(&mut program) {
            again = again.max(1);
        }
    }
    Some(program)
}

/// Parses and validates.
fn read(source: &str, reports: &mut Reports) -> Option<(Module, ModuleInfo)> {
    let module = match naga::front::wgsl::parse_str(source) {
        Ok(module) => module,
        Err(error) => {
            let mut labels = error.labels();
            let (span, label) = labels.next().unwrap_or((Span::UNDEFINED, ""));
            let message = match error.message() {
                message if message.contains(label) => message.to_owned(),
                message => format!("{message}: {label}"),
            };
            // Some ask to write to the front end's authors; a kernel would be refused all the same.
            let notes = error.notes().filter(|note| !note.contains("maintainers"));
            let notes: Vec<&str> = notes.collect();
            reports.refuse(Code::Syntax, span, message, notes.join("\n"));
            return None;
        }
    };
    // Uniformity is proven below, by the bytecode's own rules.
    let flags = ValidationFlags::all() - ValidationFlags::CONTROL_FLOW_UNIFORMITY;
    match Validator::new(flags, Capabilities::all()).validate(&module) {
        Ok(info) => Some((module, info)),
        Err(error) => {
            let mut message = String::new();
            let mut cause: Option<&dyn std::error::Error> = Some(error.as_inner());
            while let Some(error) = cause {
                if !message.is_empty() {
                    message.push_str(": ");
                }
                message.push_str(&error.to_string());
                cause = error.source();
            }
            let span = error.spans().next().map(|(span, _)| *span);
            reports.refuse(Code::Rule, span.unwrap_or_default(), message, "");
            None
        }
    }
}

/// The values of the overrides that have one, which is all that may be lengths of arrays.
fn overrides(
    types: &Types<'_>,
    info: &ModuleInfo,
    reports: &mut Reports,
) -> HashMap<naga::Handle<naga::Override>, u32> {
    let mut values = HashMap::new();
    for (handle, value) in types.module.overrides.iter() {
        let words = value
            .init
            .and_then(|init| lower::constant_words(types, info, init, reports));
        if let Some([word]) = words.as_deref() {
            values.insert(handle, *word);
        }
    }
    values
}

/// The size of the workgroup, with overrides in it evaluated.
fn workgroup_size(
    types: &Types<'_>,
    info: &ModuleInfo,
    index: usize,
    reports: &mut Reports,
) -> [u32; 3] {
    let Some(entry) = types.module.entry_points.get(index) else {
        return [0; 3];
    };
    let mut size = entry.workgroup_size;
    if let Some(overrides) = entry.workgroup_size_overrides {
        for (size, expression) in size.iter_mut().zip(overrides) {
            let words = expression
                .and_then(|expression| lower::constant_words(types, info, expression, reports));
            if let Some([word]) = words.as_deref() {
                *size = *word;
            }
        }
    }
    size
}

/// Asks the validator whether the chain takes the kernel.
fn check(mut kernel: Kernel, options: &Options, reports: &mut Reports) -> Option<(Kernel, Report)> {
    loop {
        let refused = match validate(&kernel, &Limits::DEFAULT) {
            Ok(report) => return Some((kernel, report)),
            Err(refused) => refused,
        };
        let too_expensive = matches!(refused, Invalid::TooExpensive { .. });
        let has_loop = kernel.code.iter().any(|op| matches!(op, Op::Loop(_)));
        if too_expensive && has_loop && options.loop_fuel.is_none() && kernel.loop_fuel > 1 {
            kernel.loop_fuel /= 2;
            continue;
        }
        let advice = match refused {
            Invalid::TooExpensive { .. } if has_loop => {
                "give it less fuel for its metered loops, smaller workgroups, or loops with constant ends"
            }
            Invalid::TooExpensive { .. } => {
                "let an invocation compute less, and dispatch more workgroups or more passes"
            }
            Invalid::Tile(_) => "choose a tile of 256, 512, 1024, ... or 16384 words",
            Invalid::Registers(_) | Invalid::Operations(_) => {
                "use loops and memory instead of long unrolled code"
            }
            Invalid::Memories(_) => "use fewer or smaller arrays and bindings",
            _ => "",
        };
        let message = format!("the chain would refuse the kernel: {refused}");
        reports.refuse(Code::Limit, Span::UNDEFINED, message, advice);
        return None;
    }
}
