// SPDX-License-Identifier: Apache-2.0
//! Amounts of the native token as people write them.

/// The token's decimals.
const DECIMALS: usize = 12;

/// One token, in its smallest unit.
const UNIT: u128 = 1_000_000_000_000;

/// Why a text is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Something else than digits and one point.
    #[error("`{0}` is no amount: write tokens with at most 12 decimals, for example 2.5")]
    Malformed(String),
    /// More than the chain can count.
    #[error("`{0}` is more than there can ever be")]
    TooLarge(String),
}

/// Reads an amount in tokens, for example `2.5`.
pub fn parse(text: &str) -> Result<u128, AmountError> {
    let malformed = || AmountError::Malformed(text.into());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > DECIMALS {
        return Err(malformed());
    }
    let too_large = |_| AmountError::TooLarge(text.into());
    let whole: u128 = whole.parse().map_err(too_large)?;
    let fraction: u128 = format!("{fraction:0<DECIMALS$}")
        .parse()
        .map_err(too_large)?;
    whole
        .checked_mul(UNIT)
        .and_then(|units| units.checked_add(fraction))
        .ok_or_else(|| AmountError::TooLarge(text.into()))
}

/// Writes an amount in tokens, exactly.
pub fn format(amount: u128) -> String {
    let fraction = format!("{:0DECIMALS$}", amount % UNIT);
    let fraction = fraction.trim_end_matches('0');
    match fraction {
        "" => format!("{}", amount / UNIT),
        fraction => format!("{}.{fraction}", amount / UNIT),
    }
}

/// Writes an amount of the native token, or in the smallest units of an asset.
pub fn format_in(asset: Option<u32>, amount: u128) -> String {
    match asset {
        None => format(amount),
        Some(asset) => format!("{amount} units of asset {asset}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn parse_undoes_format(amount in any::<u128>()) {
            prop_assert_eq!(parse(&format(amount)), Ok(amount));
        }
    }

    #[test]
    fn parse_refuses_when_the_text_is_no_amount() {
        for text in [
            "",
            ".",
            ".5",
            "1.2.3",
            "-1",
            "1e3",
            "0.1234567890123",
            "ten",
        ] {
            assert_eq!(
                parse(text),
                Err(AmountError::Malformed(text.into())),
                "{text}"
            );
        }
    }

    #[test]
    fn parse_refuses_when_the_amount_overflows() {
        let text = "999999999999999999999999999999";
        assert_eq!(parse(text), Err(AmountError::TooLarge(text.into())));
    }

    #[test]
    fn format_is_short_when_there_is_no_fraction() {
        assert_eq!(format(3 * UNIT), "3");
        assert_eq!(format(UNIT / 4), "0.25");
    }
}
