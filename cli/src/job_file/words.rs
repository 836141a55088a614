// SPDX-License-Identifier: Apache-2.0
//! What stands in a job file for a word of the parameters, and for what a pass reads.

use serde::Deserialize;
use serde_json::{Number, Value};

/// A parameter word: a whole number is a u32 or, if it is negative, an i32; one with a point is an f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Number")]
pub struct Parameter(pub u32);

impl TryFrom<Number> for Parameter {
    type Error = String;

    fn try_from(number: Number) -> Result<Self, String> {
        let refusal = || format!("the parameter {number} does not fit 32 bits");
        let word = match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(word), ..) => u32::try_from(word).map_err(|_| refusal())?,
            (_, Some(word), _) => i32::try_from(word).map_err(|_| refusal())?.cast_unsigned(),
            // The reader of JSON takes `-0` for a float. Neither integers nor kernels' floats have a -0.
            (.., Some(0.0)) => 0,
            (.., Some(word)) if (word as f32).is_finite() => (word as f32).to_bits(),
            _ => return Err(refusal()),
        };
        Ok(Self(word))
    }
}

/// What a pass reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Read {
    /// The job's input of this number, from 0.
    Input(u64),
    /// The output of the pass of this name.
    Pass(String),
    /// In a pass that is repeated: this the first time, and then what the time before it wrote.
    Before {
        /// The first time.
        first: Box<Read>,
    },
}

impl TryFrom<Value> for Read {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match &value {
            Value::Number(number) => number.as_u64().map(Self::Input),
            Value::String(name) => Some(Self::Pass(name.clone())),
            Value::Object(fields) if fields.len() == 1 => match fields.get("first").cloned() {
                Some(first) if !first.is_object() => Some(Self::Before {
                    first: Box::new(Self::try_from(first)?),
                }),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| {
            format!(
                "`{value}` is nothing that a pass can read: write the number of an input, from 0, the name of an \
                 earlier pass in quotes or, in a repeated pass, {{\"first\": ...}} with one of them"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_words_of_their_types() {
        let parse = |text: &str| {
            serde_json::from_str::<Parameter>(text)
                .map(|word| word.0)
                .ok()
        };
        assert_eq!(parse("4294967295"), Some(u32::MAX));
        assert_eq!(parse("-1"), Some(u32::MAX));
        assert_eq!(parse("0.25"), Some(0.25f32.to_bits()));
        assert_eq!(parse("-0"), Some(0));
        assert_eq!(parse("-0.0"), Some(0));
        assert_eq!(parse("4294967296"), None);
        assert_eq!(parse("-2147483649"), None);
        assert_eq!(parse("1e39"), None);
    }

    #[test]
    fn reads_are_numbers_names_and_what_comes_first() {
        let parse = |text: &str| serde_json::from_str::<Read>(text).ok();
        let first = |read| {
            Some(Read::Before {
                first: Box::new(read),
            })
        };
        assert_eq!(parse("3"), Some(Read::Input(3)));
        assert_eq!(parse("\"heat\""), Some(Read::Pass("heat".into())));
        assert_eq!(parse("{ \"first\": 0 }"), first(Read::Input(0)));
        assert_eq!(
            parse("{ \"first\": \"heat\" }"),
            first(Read::Pass("heat".into()))
        );
    }

    #[test]
    fn read_says_what_it_can_be_when_it_is_something_else() {
        for text in [
            "-1",
            "1.5",
            "null",
            "[0]",
            "{}",
            "{ \"frist\": 0 }",
            "{ \"first\": 0, \"then\": 1 }",
            "{ \"first\": { \"first\": 0 } }",
            "{ \"first\": true }",
        ] {
            let error = serde_json::from_str::<Read>(text).expect_err(text);
            assert!(
                error.to_string().contains("name of an earlier pass"),
                "{error}"
            );
        }
    }
}
