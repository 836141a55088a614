// SPDX-License-Identifier: Apache-2.0
//! Keeps the front end from computing what differs between hosts.
//!
//! The front end computes constant expressions itself. Of operators, conversions and most functions IEEE 754 leaves no
//! doubt; sines, powers and the like it takes from the host's mathematical library. So before it computes them for
//! good, the source is changed: in functions, an argument of such a call is made something that is no constant
//! expression and adds nothing; what the module declares by such a call is computed by the virtual machine and put
//! there as numbers.

mod values;

use super::{
    diagnostic::{Code, Reports},
    tokens,
    tokens::Token,
};
use naga::Span;
use std::{collections::BTreeSet, ops::Range};

/// The functions whose values the front end takes from the host, or rounds otherwise than a kernel does.
const FUNCTIONS: [&str; 23] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "degrees",
    "exp",
    "exp2",
    "fma",
    "fract",
    "inverseSqrt",
    "log",
    "log2",
    "pow",
    "radians",
    "sin",
    "sinh",
    "tan",
    "tanh",
];

/// What is put before an argument: a zero that the front end does not see through, and the compiler does.
const ZERO: &str = "bitcast<f32>(0u)+";

/// A place in a source, and what is there instead.
#[derive(Debug)]
struct Edit {
    range: Range<usize>,
    text: String,
}

/// A source with changes.
#[derive(Debug, Default)]
pub(super) struct Edited {
    /// In the order of the source.
    edits: Vec<Edit>,
}

impl Edited {
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text with the changes.
    pub(super) fn text(&self, source: &str) -> String {
        let mut text = String::with_capacity(source.len());
        let mut at = 0;
        for edit in &self.edits {
            text.push_str(source.get(at..edit.range.start).unwrap_or_default());
            text.push_str(&edit.text);
            at = edit.range.end;
        }
        text.push_str(source.get(at..).unwrap_or_default());
        text
    }

    /// Where in the source that is which is here in the text with the changes.
    pub(super) fn original(&self, span: Span) -> Span {
        let Some(range) = span.to_range() else {
            return span;
        };
        let position = |place: usize| u32::try_from(self.position(place)).unwrap_or(u32::MAX);
        Span::new(position(range.start), position(range.end))
    }

    fn position(&self, place: usize) -> usize {
        // Where the text has got to, and the source.
        let (mut ours, mut theirs) = (0, 0);
        for edit in &self.edits {
            let start = ours + (edit.range.start - theirs);
            if place < start {
                break;
            }
            if place < start + edit.text.len() {
                return edit.range.start;
            }
            (ours, theirs) = (start + edit.text.len(), edit.range.end);
        }
        theirs + (place - ours)
    }
}

/// The changes that a source needs. `None` when something was refused.
pub(super) fn settle(source: &str, reports: &mut Reports) -> Option<Edited> {
    let tokens = tokens::tokens(source);
    let module = Module::of(&tokens);
    if !module.calls(&tokens) {
        return Some(Edited::default());
    }
    let mut edits = Vec::new();
    let mut tainted: Vec<Declared> = Vec::new();
    for range in tokens::declarations(&tokens) {
        let declaration = tokens.get(range.clone()).unwrap_or_default();
        let (keyword, rest) = keyword(declaration);
        match keyword {
            "const_assert" => {}
            "fn" => {
                let body = rest.iter().position(|token| token.is("{"));
                let (head, body) = rest.split_at(body.unwrap_or(rest.len()));
                let before = declaration.len() - rest.len();
                module.refuse(declaration.get(..before).unwrap_or_default(), reports);
                module.refuse(head, reports);
                module.function(body, &mut edits);
            }
            "const" | "override" | "var" => tainted.extend(Declared::of(rest, range)),
            _ => module.refuse(declaration, reports),
        }
    }
    if !reports.is_empty() {
        return None;
    }
    let tainted = module.tainted(tainted);
    if !tainted.is_empty() {
        let values = values::values(source, &tokens, &tainted);
        for (index, declared) in tainted.iter().enumerate() {
            match values.as_ref().and_then(|values| values.get(index)) {
                Some(Some(text)) => edits.push(Edit {
                    range: declared.places(),
                    text: text.clone(),
                }),
                _ => refuse(reports, declared.value),
            }
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    reports.is_empty().then_some(Edited { edits })
}

fn refuse(reports: &mut Reports, tokens: &[Token<'_>]) {
    let place = |place: Option<usize>| u32::try_from(place.unwrap_or_default()).unwrap_or(u32::MAX);
    let span = Span::new(
        place(tokens.first().map(|token| token.start)),
        place(tokens.last().map(Token::end)),
    );
    reports.refuse(
        Code::Unsupported,
        span,
        "a function here that hosts round differently, where the compiler cannot compute it for all of them",
        "write its value as a number",
    );
}

/// What a declaration begins with, attributes aside, and what follows.
fn keyword<'t, 's>(declaration: &'t [Token<'s>]) -> (&'s str, &'t [Token<'s>]) {
    let mut rest = declaration;
    while let [at, name, after @ ..] = rest
        && at.is("@")
        && name.is_name()
    {
        rest = match after.first() {
            Some(open) if open.is("(") => {
                let end = tokens::closing(after) + 1;
                after.get(end..).unwrap_or_default()
            }
            _ => after,
        };
    }
    match rest {
        [keyword, rest @ ..] => (keyword.text, rest),
        [] => ("", rest),
    }
}

/// A constant, an override or a variable of the module that has a value.
#[derive(Clone, Debug)]
struct Declared<'t, 's> {
    name: &'s str,
    /// The tokens of the whole declaration.
    range: Range<usize>,
    /// From the name to the value: the type, if it is given.
    typed: &'t [Token<'s>],
    value: &'t [Token<'s>],
}

impl<'t, 's> Declared<'t, 's> {
    /// What is declared behind the keyword.
    fn of(rest: &'t [Token<'s>], range: Range<usize>) -> Option<Self> {
        let (rest, _) = rest.split_at(rest.len().checked_sub(1)?);
        // The address space of a variable comes before its name.
        let name = match rest {
            [open, ..] if open.is("<") => rest.iter().position(|token| token.is(">"))? + 1,
            _ => 0,
        };
        let sign = rest.iter().position(|token| token.is("="))?;
        Some(Self {
            name: rest.get(name)?.text,
            range,
            typed: rest.get(name + 1..sign)?,
            value: rest.get(sign + 1..)?,
        })
    }

    /// The bytes of the value.
    fn places(&self) -> Range<usize> {
        let start = self.value.first().map_or(0, |token| token.start);
        start..self.value.last().map_or(start, Token::end)
    }
}

/// The names of a module, as far as they matter here.
struct Module<'s> {
    /// The functions of [`FUNCTIONS`] that it does not declare itself.
    functions: BTreeSet<&'s str>,
    /// Everything that is declared anywhere as something that no constant expression has in it, and nowhere as a
    /// constant.
    running: BTreeSet<&'s str>,
}

impl<'s> Module<'s> {
    fn of(tokens: &[Token<'s>]) -> Self {
        let mut functions: BTreeSet<&str> = FUNCTIONS.into();
        let (mut running, mut constant) = (BTreeSet::new(), BTreeSet::new());
        for (index, token) in tokens.iter().enumerate() {
            let after = tokens.get(index + 1..).unwrap_or_default();
            let next = after.first().map_or("", |next| next.text);
            match token.text {
                "fn" | "struct" | "alias" => {
                    functions.remove(next);
                    running.insert(next);
                }
                "let" => {
                    running.insert(next);
                }
                "var" if next == "<" => {
                    let end = after.iter().position(|token| token.is(">"));
                    let name = end.and_then(|end| after.get(end + 1));
                    running.extend(name.map(|name| name.text));
                }
                "var" => {
                    running.insert(next);
                }
                "const" => {
                    constant.insert(next);
                }
                // Parameters and members.
                _ if next == ":" && token.is_name() => {
                    running.insert(token.text);
                }
                _ => {}
            }
        }
        // Types stand in constant expressions too.
        let types = tokens.windows(2).filter_map(|pair| match pair {
            [keyword, name] if matches!(keyword.text, "struct" | "alias") => Some(name.text),
            _ => None,
        });
        constant.extend(types);
        running.retain(|name| !constant.contains(name));
        Self { functions, running }
    }

    /// Whether there is a call of one of the functions.
    fn calls(&self, tokens: &[Token<'_>]) -> bool {
        (0..tokens.len()).any(|index| self.call(tokens, index).is_some())
    }

    /// The arguments, if a call of one of the functions begins here.
    fn call<'t, 'u>(&self, tokens: &'t [Token<'u>], index: usize) -> Option<&'t [Token<'u>]> {
        let name = tokens.get(index)?;
        let is_member = index
            .checked_sub(1)
            .and_then(|before| tokens.get(before))
            .is_some_and(|before| before.is("."));
        let from = tokens.get(index + 1..)?;
        let is_call = from.first().is_some_and(|next| next.is("("));
        if !is_call || is_member || !self.functions.contains(name.text) {
            return None;
        }
        from.get(1..tokens::closing(from))
    }

    /// Whether these may be constant expressions.
    fn may_be_constant(&self, arguments: &[Token<'_>]) -> bool {
        let names = (0..arguments.len()).filter_map(|index| named(arguments, index));
        !names.into_iter().any(|name| self.running.contains(name))
    }

    /// Refuses the functions where their values cannot be replaced.
    fn refuse(&self, tokens: &[Token<'_>], reports: &mut Reports) {
        for index in 0..tokens.len() {
            if self.call(tokens, index).is_some() {
                refuse(reports, tokens.get(index..=index).unwrap_or_default());
            }
        }
    }

    /// The changes that a function's body needs.
    fn function(&self, body: &[Token<'_>], edits: &mut Vec<Edit>) {
        // Constants of functions that are none any more.
        let mut tainted = BTreeSet::new();
        let mut asserted = false;
        for (index, token) in body.iter().enumerate() {
            match token.text {
                "const_assert" => asserted = true,
                ";" => asserted = false,
                "const" => {
                    let rest = body.get(index + 1..).unwrap_or_default();
                    let end = rest.iter().position(|token| token.is(";"));
                    let (value, _) = rest.split_at(end.unwrap_or(rest.len()));
                    let is_tainted = self.calls(value)
                        || (0..value.len())
                            .any(|index| named(value, index).is_some_and(|n| tainted.contains(n)));
                    if is_tainted {
                        tainted.extend(value.first().map(|name| name.text));
                        edits.push(Edit {
                            range: token.start..token.end(),
                            text: "let".into(),
                        });
                    }
                }
                _ => {}
            }
            if let Some([first, ..]) = self.call(body, index)
                && !asserted
                && (self.call(body, index)).is_some_and(|arguments| self.may_be_constant(arguments))
            {
                edits.push(Edit {
                    range: first.start..first.start,
                    text: ZERO.into(),
                });
            }
        }
    }

    /// Of what is declared with a value, what depends on the functions: each after what it depends on.
    fn tainted<'t, 'u>(&self, declared: Vec<Declared<'t, 'u>>) -> Vec<Declared<'t, 'u>> {
        let mut tainted: Vec<Declared<'_, '_>> = Vec::new();
        let mut names = BTreeSet::new();
        let mut rest = declared;
        // Whatever depends on what was found in one turn is found in a later one.
        loop {
            let depends = |declared: &Declared<'_, '_>| {
                let value = declared.value;
                self.calls(value)
                    || (0..value.len())
                        .any(|index| named(value, index).is_some_and(|name| names.contains(name)))
            };
            let (found, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(depends);
            rest = others;
            if found.is_empty() {
                break;
            }
            names.extend(found.iter().map(|declared| declared.name));
            tainted.extend(found);
        }
        in_order(tainted)
    }
}

/// The name that is used here, if one is and it is no member's.
fn named<'s>(tokens: &[Token<'s>], index: usize) -> Option<&'s str> {
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    let token = tokens.get(index)?;
    let is_member = before.is_some_and(|before| before.is("."));
    (token.is_name() && !is_member).then_some(token.text)
}

/// Each behind those whose names its value has in it.
fn in_order<'t, 's>(mut rest: Vec<Declared<'t, 's>>) -> Vec<Declared<'t, 's>> {
    let mut ordered = Vec::new();
    while !rest.is_empty() {
        let names: BTreeSet<&str> = rest.iter().map(|declared| declared.name).collect();
        let waits = |declared: &Declared<'_, '_>| {
            let value = declared.value;
            (0..value.len())
                .any(|index| named(value, index).is_some_and(|name| names.contains(name)))
        };
        let (waiting, ready): (Vec<_>, Vec<_>) = rest.into_iter().partition(waits);
        // The front end lets nothing depend on itself.
        if ready.is_empty() {
            break;
        }
        ordered.extend(ready);
        rest = waiting;
    }
    ordered
}

/// The text from the first of these tokens to the last.
fn text_of<'s>(source: &'s str, tokens: &[Token<'_>]) -> &'s str {
    let start = tokens.first().map_or(0, |token| token.start);
    let end = tokens.last().map_or(start, Token::end);
    source.get(start..end).unwrap_or_default()
}
