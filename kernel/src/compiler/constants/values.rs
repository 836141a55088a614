// SPDX-License-Identifier: Apache-2.0
//! What a module declares by functions of constants, computed by the virtual machine and written as numbers.

use super::{Declared, keyword, text_of};
use crate::{
    compiler::{
        DEFAULT_TILE_WORDS, MOST_TILE_WORDS, Options,
        diagnostic::Reports,
        layout::{Layout, Types},
        read,
        tokens::{self, Token},
        translate,
    },
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};
use naga::{Function, ScalarKind, TypeInner};
use std::collections::HashMap;

/// The entry point that computes them.
const ENTRY: &str = "assay_constants";

/// What the module declares, as text of numbers: `None` for what is no finite number. `None` in all where something
/// keeps them from being computed.
pub(super) fn values(
    source: &str,
    tokens: &[Token<'_>],
    tainted: &[Declared<'_, '_>],
) -> Option<Vec<Option<String>>> {
    let mut outside = String::new();
    for range in tokens::declarations(tokens) {
        let declaration = tokens.get(range.clone()).unwrap_or_default();
        let needed = matches!(
            keyword(declaration).0,
            "const" | "override" | "struct" | "alias" | "enable" | "requires" | "diagnostic"
        );
        if needed && !tainted.iter().any(|declared| declared.range == range) {
            outside.push_str(text_of(source, declaration));
            outside.push('\n');
        }
    }
    let mut inside = String::new();
    for declared in tainted {
        inside.push_str(&format!(
            "let {} {} = {};\n",
            declared.name,
            text_of(source, declared.typed),
            text_of(source, declared.value)
        ));
    }
    let head = format!("{outside}@compute @workgroup_size(1) fn {ENTRY}() {{\n{inside}");
    let (module, info) = read(&format!("{head}}}"), &mut Reports::default())?;
    let types = Types {
        module: &module,
        overrides: HashMap::new(),
    };
    let function = &module.entry_points.first()?.function;
    let inner = |name: &str| {
        let expression = expression(function, name)?;
        Some(
            info.get_entry_point(0)[expression]
                .ty
                .inner_with(&module.types),
        )
    };
    let inners: Vec<&TypeInner> = (tainted.iter())
        .map(|declared| inner(declared.name))
        .collect::<Option<_>>()?;
    let total: u32 = (inners.iter())
        .map(|inner| types.words(inner, Layout::Packed))
        .fold(0, u32::saturating_add);
    let tile_words = total.next_power_of_two().max(DEFAULT_TILE_WORDS);
    if tile_words > MOST_TILE_WORDS {
        return None;
    }
    let mut text = head;
    let mut next = 0u32;
    for (declared, inner) in tainted.iter().zip(&inners) {
        store(&types, inner, declared.name, &mut next, &mut text);
    }
    text.push_str("}\n@group(0) @binding(0) var<storage, read_write> assay_output: array<u32>;");
    let words = run(&text, tile_words)?;
    let mut words = words.into_iter();
    Some(
        (inners.iter())
            .map(|inner| literal(&types, inner, &mut words))
            .collect(),
    )
}

/// What a function calls by a name.
fn expression(function: &Function, name: &str) -> Option<naga::Handle<naga::Expression>> {
    let mut named = function.named_expressions.iter();
    let (expression, _) = named.find(|(_, other)| other.as_str() == name)?;
    Some(*expression)
}

/// Appends statements that store the scalars of a value.
fn store(types: &Types<'_>, inner: &TypeInner, value: &str, next: &mut u32, text: &mut String) {
    match *inner {
        TypeInner::Array { base, size, .. } => {
            for index in 0..types.length(size).min(MOST_TILE_WORDS) {
                store(
                    types,
                    types.inner(base),
                    &format!("{value}[{index}]"),
                    next,
                    text,
                );
            }
        }
        TypeInner::Struct { ref members, .. } => {
            for member in members {
                let name = member.name.as_deref().unwrap_or_default();
                store(
                    types,
                    types.inner(member.ty),
                    &format!("{value}.{name}"),
                    next,
                    text,
                );
            }
        }
        TypeInner::Matrix {
            columns,
            rows,
            scalar,
        } => {
            let column = TypeInner::Vector { size: rows, scalar };
            for index in 0..columns as u32 {
                store(types, &column, &format!("{value}[{index}]"), next, text);
            }
        }
        TypeInner::Vector { size, scalar } => {
            for index in 0..size as u32 {
                let component = format!("{value}[{index}]");
                store(types, &TypeInner::Scalar(scalar), &component, next, text);
            }
        }
        _ => {
            let word = match inner.scalar_kind() {
                Some(ScalarKind::Bool) => format!("select(0u, 1u, {value})"),
                _ => format!("bitcast<u32>({value})"),
            };
            text.push_str(&format!("assay_output[{next}] = {word};\n"));
            *next = next.saturating_add(1);
        }
    }
}

/// What the constants' kernel writes.
fn run(text: &str, tile_words: u32) -> Option<Vec<u32>> {
    let options = Options {
        tile_words: Some(tile_words),
        ..Options::default()
    };
    let compiled = translate(text, &options, &mut Reports::default())?;
    let mut machine = Machine::new(&compiled.kernel, &Limits::DEFAULT).ok()?;
    let mut words = vec![0; usize::try_from(tile_words).ok()?];
    let invocation = Invocation {
        grid: [1; 3],
        group: 0,
        parameters: &[],
    };
    let run = machine.run(&invocation, &mut SliceInputs(&[]), &mut words);
    run.is_ok().then_some(words)
}

/// A value of a type as text. `None` where a number in it is not finite.
fn literal(
    types: &Types<'_>,
    inner: &TypeInner,
    words: &mut impl Iterator<Item = u32>,
) -> Option<String> {
    let of_each = |inners: &mut dyn Iterator<Item = &TypeInner>, words: &mut _| {
        // All are read, finite or not: others follow.
        let parts: Vec<Option<String>> = inners.map(|inner| literal(types, inner, words)).collect();
        let parts: Option<Vec<String>> = parts.into_iter().collect();
        parts.map(|parts| parts.join(", "))
    };
    match *inner {
        TypeInner::Array { base, size, .. } => {
            let length = types.length(size) as usize;
            let parts = of_each(&mut std::iter::repeat_n(types.inner(base), length), words)?;
            Some(format!("array({parts})"))
        }
        TypeInner::Struct { ref members, .. } => {
            let mut inners = members.iter().map(|member| types.inner(member.ty));
            let parts = of_each(&mut inners, words)?;
            let is_it = |(_, ty): &(_, &naga::Type)| ty.inner == *inner;
            let (_, ty) = types.module.types.iter().find(is_it)?;
            Some(format!("{}({parts})", ty.name.as_deref()?))
        }
        TypeInner::Matrix {
            columns,
            rows,
            scalar,
        } => {
            let (columns, rows) = (columns as usize, rows as usize);
            let scalars = &TypeInner::Scalar(scalar);
            let parts = of_each(&mut std::iter::repeat_n(scalars, columns * rows), words)?;
            Some(format!("mat{columns}x{rows}({parts})"))
        }
        TypeInner::Vector { size, scalar } => {
            let scalars = &TypeInner::Scalar(scalar);
            let parts = of_each(&mut std::iter::repeat_n(scalars, size as usize), words)?;
            Some(format!("vec{}({parts})", size as u32))
        }
        _ => scalar(inner.scalar_kind()?, words.next()?),
    }
}

fn scalar(kind: ScalarKind, word: u32) -> Option<String> {
    Some(match kind {
        ScalarKind::Bool => (word != 0).to_string(),
        ScalarKind::Uint => format!("{word}u"),
        // The least number has no positive counterpart of its type.
        ScalarKind::Sint => format!("i32({})", word.cast_signed()),
        ScalarKind::Float => {
            let number = f32::from_bits(word);
            number.is_finite().then(|| format!("({number:e}f)"))?
        }
        ScalarKind::AbstractInt | ScalarKind::AbstractFloat => return None,
    })
}
