// SPDX-License-Identifier: Apache-2.0
//! Declarations of memories, and statements that read and write them without leaving them.

use super::{FIRST_INPUT_BINDING, OUTPUT_BINDING, layout::Layout, values::Value};
use crate::program::{Atomic, Kernel, Memory, MemoryIndex, Op};

/// How the text holds a memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    index: MemoryIndex,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// With its number among the inputs.
    Input(u32),
    Parameters(u32),
    /// With the words of a tile.
    Output(u32),
    Workgroup(u32, Element),
    Private(u32),
}

/// What workgroup memory consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Word,
    /// `atomic<u32>`.
    Atomic,
    /// `atomic<i32>`: signed minima and maxima are taken of it.
    SignedAtomic,
}

/// The shapes of all memories of a kernel.
pub(super) fn shapes(kernel: &Kernel) -> Vec<Shape> {
    let mut inputs = 0u32;
    let shape = |(index, memory): (u8, &Memory)| {
        let kind = match *memory {
            Memory::Input => {
                let input = inputs;
                inputs = inputs.saturating_add(1);
                Kind::Input(input)
            }
            Memory::Parameters(words) => Kind::Parameters(words),
            Memory::Output => Kind::Output(kernel.tile_words),
            Memory::Workgroup(words, _) => Kind::Workgroup(words, element(kernel, index)),
            Memory::Private(words, _) => Kind::Private(words),
        };
        Shape { index, kind }
    };
    (0..=u8::MAX).zip(&kernel.memories).map(shape).collect()
}

fn element(kernel: &Kernel, memory: MemoryIndex) -> Element {
    kernel
        .code
        .iter()
        .fold(Element::Word, |element, op| match op {
            Op::Atomic(Atomic::MinSigned | Atomic::MaxSigned, at, ..) if *at == memory => {
                Element::SignedAtomic
            }
            Op::Atomic(_, at, ..) if *at == memory && element == Element::Word => Element::Atomic,
            _ => element,
        })
}

impl Shape {
    /// Its declaration outside the entry point, if it has one.
    pub(super) fn module_scope(&self) -> Option<String> {
        let index = self.index;
        match self.kind {
            Kind::Input(input) => Some(format!(
                "@group(0) @binding({}) var<storage, read> memory{index}: array<u32>;",
                FIRST_INPUT_BINDING.saturating_add(input)
            )),
            Kind::Output(_) => Some(format!(
                "@group(0) @binding({OUTPUT_BINDING}) var<storage, read_write> memory{index}: array<u32>;"
            )),
            Kind::Workgroup(words, element) => {
                let element = match element {
                    Element::Word => "u32",
                    Element::Atomic => "atomic<u32>",
                    Element::SignedAtomic => "atomic<i32>",
                };
                Some(format!(
                    "var<workgroup> memory{index}: array<{element}, {words}>;"
                ))
            }
            Kind::Parameters(_) | Kind::Private(_) => None,
        }
    }

    /// Its declaration at the start of the entry point, if it has one.
    pub(super) fn function_scope(&self, layout: &Layout) -> Option<String> {
        let index = self.index;
        match self.kind {
            Kind::Input(input) => Some(format!(
                "let length{index} = {};",
                layout.input_words(input)
            )),
            Kind::Private(words) => Some(format!("var memory{index}: array<u32, {words}>;")),
            Kind::Parameters(_) | Kind::Output(_) | Kind::Workgroup(..) => None,
        }
    }

    pub(super) fn is_output(&self) -> bool {
        matches!(self.kind, Kind::Output(_))
    }

    /// Whether other invocations see what is written there.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.kind, Kind::Output(_) | Kind::Workgroup(..))
    }

    /// An expression for the number of its words, and that number where it is known.
    pub(super) fn length(&self, layout: &Layout) -> (String, Option<u32>) {
        match self.kind {
            Kind::Input(_) => (format!("length{}", self.index), None),
            Kind::Output(_) => (layout.output_words(), None),
            Kind::Parameters(words) | Kind::Workgroup(words, _) | Kind::Private(words) => {
                (format!("{words}u"), Some(words))
            }
        }
    }

    /// An expression for the word at an address.
    pub(super) fn load(&self, address: &Value, layout: &Layout) -> String {
        let (name, at) = (format!("memory{}", self.index), address.as_word());
        match self.kind {
            Kind::Input(_) => format!("{name}[min({at}, length{})]", self.index),
            Kind::Parameters(_) => match address.constant() {
                Some(address) => layout.parameter(address),
                None => layout.parameter_at(&at),
            },
            Kind::Output(words) => {
                let offset = format!("({at} - tile)");
                let last = words.saturating_sub(1);
                format!(
                    "select(0u, {name}[tile_in_batch + min({offset}, {last}u)], {offset} < {words}u)"
                )
            }
            Kind::Private(words) => bounded(address, words, |at| format!("{name}[{at}]")),
            Kind::Workgroup(words, element) => bounded(address, words, |at| match element {
                Element::Word => format!("{name}[{at}]"),
                Element::Atomic => format!("atomicLoad(&{name}[{at}])"),
                Element::SignedAtomic => format!("bitcast<u32>(atomicLoad(&{name}[{at}]))"),
            }),
        }
    }

    /// A statement that stores a word at an address.
    pub(super) fn store(&self, address: &Value, value: &Value) -> String {
        let (name, at) = (format!("memory{}", self.index), address.as_word());
        let word = value.as_word();
        match self.kind {
            // The validator lets nothing be stored here.
            Kind::Input(_) | Kind::Parameters(_) => String::new(),
            Kind::Output(words) => format!(
                "if ({at} - tile) < {words}u {{ {name}[tile_in_batch + ({at} - tile)] = {word}; }}"
            ),
            Kind::Private(words) => guarded(address, words, &format!("{name}[{at}] = {word};")),
            Kind::Workgroup(words, element) => {
                let statement = match element {
                    Element::Word => format!("{name}[{at}] = {word};"),
                    Element::Atomic => format!("atomicStore(&{name}[{at}], {word});"),
                    Element::SignedAtomic => {
                        format!("atomicStore(&{name}[{at}], {});", value.as_signed())
                    }
                };
                guarded(address, words, &statement)
            }
        }
    }

    /// A statement that combines a word into workgroup memory.
    pub(super) fn combine(&self, atomic: Atomic, address: &Value, value: &Value) -> String {
        let Kind::Workgroup(words, element) = self.kind else {
            // The validator allows it nowhere else.
            return String::new();
        };
        let place = format!("&memory{}[{}]", self.index, address.as_word());
        let function = match atomic {
            Atomic::Add => "atomicAdd",
            Atomic::MinSigned | Atomic::MinUnsigned => "atomicMin",
            Atomic::MaxSigned | Atomic::MaxUnsigned => "atomicMax",
            Atomic::And => "atomicAnd",
            Atomic::Or => "atomicOr",
            Atomic::Xor => "atomicXor",
        };
        let unsigned_order = match atomic {
            Atomic::MinUnsigned => Some("min"),
            Atomic::MaxUnsigned => Some("max"),
            _ => None,
        };
        let statement = match (element, unsigned_order) {
            (Element::SignedAtomic, Some(function)) => {
                unsigned_in_signed(function, &place, &value.as_word())
            }
            (Element::SignedAtomic, None) => format!("{function}({place}, {});", value.as_signed()),
            (Element::Word | Element::Atomic, _) => {
                format!("{function}({place}, {});", value.as_word())
            }
        };
        guarded(address, words, &statement)
    }
}

/// An unsigned minimum or maximum where signed ones are taken too: by exchange, until nobody else came
/// in between. Each failure means that another invocation succeeded.
fn unsigned_in_signed(function: &str, place: &str, word: &str) -> String {
    format!(
        "loop {{ let old = atomicLoad({place}); \
         let wanted = bitcast<i32>({function}(bitcast<u32>(old), {word})); \
         if atomicCompareExchangeWeak({place}, old, wanted).exchanged {{ break; }} }}"
    )
}

/// An expression for the word at an address, 0 past the end.
fn bounded(address: &Value, words: u32, load: impl Fn(&str) -> String) -> String {
    let at = address.as_word();
    if address.greatest() < words {
        return load(&at);
    }
    if address.least() >= words {
        return "0u".into();
    }
    let last = words.saturating_sub(1);
    format!(
        "select(0u, {}, {at} < {words}u)",
        load(&format!("min({at}, {last}u)"))
    )
}

/// A statement that only runs where the address is within the memory; none where it never is.
fn guarded(address: &Value, words: u32, statement: &str) -> String {
    if address.greatest() < words {
        statement.into()
    } else if address.least() >= words {
        String::new()
    } else {
        format!("if {} < {words}u {{ {statement} }}", address.as_word())
    }
}
