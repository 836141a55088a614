// SPDX-License-Identifier: Apache-2.0
//! What the compiler says of a program that is no kernel.

use core::fmt;
use naga::Span;

/// What kind of obstacle a diagnostic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The text is not WGSL.
    Syntax,
    /// The program breaks a rule of WGSL.
    Rule,
    /// Floating point.
    Float,
    /// Integers of another width than 32 bits.
    Width,
    /// A texture, a sampler or another resource that kernels do not have.
    Resource,
    /// The bindings do not form inputs, parameters and one output.
    Binding,
    /// What is written to the output or read from it is not what its author can mean.
    Output,
    /// There is no single compute entry point, or its workgroup is not of a legal size.
    Entry,
    /// An atomic operation whose order could show.
    Atomic,
    /// A barrier that not all invocations of the workgroup are certain to reach together.
    Barrier,
    /// Something else that kernels do not have.
    Unsupported,
    /// The kernel is larger or costs more than the chain takes.
    Limit,
}

impl Code {
    /// The name that messages show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Rule => "rule",
            Self::Float => "float",
            Self::Width => "width",
            Self::Resource => "resource",
            Self::Binding => "binding",
            Self::Output => "output",
            Self::Entry => "entry",
            Self::Atomic => "atomic",
            Self::Barrier => "barrier",
            Self::Unsupported => "unsupported",
            Self::Limit => "limit",
        }
    }
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The characters that are meant, on this line; at least 1.
    pub length: u32,
}

/// One obstacle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of obstacle it is.
    pub code: Code,
    /// Where it is. `None` when it is about the program as a whole.
    pub location: Option<Location>,
    /// What is wrong, and why.
    pub message: String,
    /// What to write instead; may be empty.
    pub advice: String,
}

/// Why a program was not compiled: at least one diagnostic, in the order of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// The obstacles.
    pub list: Vec<Diagnostic>,
    source: String,
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, diagnostic) in self.list.iter().enumerate() {
            if number > 0 {
                writeln!(formatter)?;
            }
            diagnostic.draw(&self.source, formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl Diagnostic {
    /// Draws the diagnostic with the line of the source that it is about.
    fn draw(&self, source: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "error[{}]: {}", self.code.name(), self.message)?;
        let mut margin = String::new();
        if let Some(location) = self.location {
            let number = location.line.to_string();
            margin = " ".repeat(number.len());
            let skipped = usize::try_from(location.line.saturating_sub(1)).unwrap_or(usize::MAX);
            let line = source.lines().nth(skipped).unwrap_or_default();
            let before = usize::try_from(location.column.saturating_sub(1)).unwrap_or(usize::MAX);
            // A tab stays a tab, so that the marks stand below what they mark.
            let indent: String = line
                .chars()
                .take(before)
                .map(|character| if character == '\t' { '\t' } else { ' ' })
                .collect();
            let marks = "^".repeat(usize::try_from(location.length).unwrap_or(1));
            writeln!(
                formatter,
                "{margin} --> line {number}, column {}",
                location.column
            )?;
            writeln!(formatter, "{margin} |")?;
            writeln!(formatter, "{number} | {line}")?;
            writeln!(formatter, "{margin} | {indent}{marks}")?;
        }
        for line in self.advice.lines() {
            writeln!(formatter, "{margin} = {line}")?;
        }
        Ok(())
    }
}

/// The most diagnostics that are given at once.
const MOST: usize = 20;

/// Collects diagnostics.
#[derive(Debug, Default)]
pub(super) struct Reports {
    list: Vec<(Span, Code, String, String)>,
}

impl Reports {
    pub(super) fn refuse(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.list.push((span, code, message.into(), advice.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Says of all that was reported that it is elsewhere.
    pub(super) fn relocate(&mut self, original: impl Fn(Span) -> Span) {
        for (span, ..) in &mut self.list {
            *span = original(*span);
        }
    }

    /// The diagnostics in the order of the source, one of a kind on a line.
    pub(super) fn into_diagnostics(self, source: &str) -> Diagnostics {
        let mut list: Vec<Diagnostic> = self
            .list
            .into_iter()
            .map(|(span, code, message, advice)| Diagnostic {
                code,
                location: locate(source, span),
                message,
                advice,
            })
            .collect();
        list.sort_by_key(|diagnostic| (diagnostic.location, diagnostic.code));
        list.dedup_by_key(|diagnostic| {
            let place = diagnostic.location.map(|location| location.line);
            let whole = place.is_none().then(|| diagnostic.message.clone());
            (place, diagnostic.code, whole)
        });
        list.truncate(MOST);
        Diagnostics {
            list,
            source: source.to_owned(),
        }
    }
}

/// Where a span begins, and how far it goes on that line.
fn locate(source: &str, span: Span) -> Option<Location> {
    let range = span.to_range()?;
    let before = source.get(..range.start)?;
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let marked = source.get(range)?;
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    Some(Location {
        line: count(&before.replace(|character| character != '\n', "")).saturating_add(1),
        column: count(before.get(line_start..)?).saturating_add(1),
        length: count(marked.lines().next().unwrap_or_default()).max(1),
    })
}
