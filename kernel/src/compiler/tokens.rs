// SPDX-License-Identifier: Apache-2.0
//! The words and signs of a source that the front end has read, so that it may be changed here and there.

use std::ops::Range;

/// A word (an identifier, a keyword or a number) or a sign of one character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'s> {
    pub(super) text: &'s str,
    /// Where it begins, in bytes.
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    /// Whether it is an identifier or a keyword.
    pub(super) fn is_name(&self) -> bool {
        let first = self.text.chars().next();
        first.is_some_and(|first| first == '_' || first.is_alphabetic())
    }
}

/// The tokens, comments left out.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let length = if rest.starts_with("//") {
            rest.find(is_line_break).unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if first.is_whitespace() {
            first.len_utf8()
        } else {
            let end = |rest: &str| rest.find(|next| !is_in_word(next)).unwrap_or(rest.len());
            let length = match is_in_word(first) {
                true => end(rest),
                false => first.len_utf8(),
            };
            let text = rest.get(..length).unwrap_or_default();
            tokens.push(Token { text, start: at });
            length
        };
        at += length;
    }
    tokens
}

/// The bytes of the comment that a text begins with. Comments contain comments.
fn comment(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(next) = rest.chars().next()
    {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += next.len_utf8();
        }
    }
    at
}

fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn is_in_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// The declarations of a module: from each one's first token to its `;` or to the end of its body.
pub(super) fn declarations(tokens: &[Token<'_>]) -> Vec<Range<usize>> {
    let mut declarations = Vec::new();
    let mut start = 0;
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(token.text, ";" | "}") {
            declarations.push(start..index + 1);
            start = index + 1;
        }
    }
    declarations
}

/// The index behind the last of the tokens in the brackets that the first of these opens.
pub(super) fn closing(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_tokens_when_they_contain_comments_or_code() {
        let source = "a/* b /* c */ sin(1) */+ 1.5f // d\n€ /*";
        let found: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
        assert_eq!(found, ["a", "+", "1", ".", "5f", "€"]);
    }

    #[test]
    fn declarations_end_where_their_bodies_do() {
        let source = "const a = f(1; 2); fn b() { c; { d } } struct e { f: u32 };";
        let tokens = tokens(source);
        let ends: Vec<&str> = declarations(&tokens)
            .into_iter()
            .map(|range| tokens[range.start].text)
            .collect();
        assert_eq!(ends, ["const", "fn", "struct", ";"]);
    }
}
