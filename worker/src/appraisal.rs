// SPDX-License-Identifier: Apache-2.0
//! Whether a job is worth taking, and from which price on.

use crate::Config;
use assay_primitives::{Balance, BlockNumber};

/// The share of the time to compute that may be planned with: the rest is for transfers and surprises.
const MARGIN_PERCENT: u64 = 50;

/// What is known of a job before it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Fuel of all its tiles, at most.
    pub fuel: u64,
    /// Bytes of its inputs.
    pub input_bytes: u64,
    /// Bytes of its output.
    pub output_bytes: u64,
    /// Blocks from acceptance to the deadline.
    pub compute: BlockNumber,
    /// The most it will pay.
    pub ceiling: Balance,
}

/// The judgement on an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appraisal {
    /// Worth it from this price on.
    From(Balance),
    /// The inputs are larger than the operator allows.
    InputsTooLarge,
    /// The output is larger than the operator allows.
    OutputTooLarge,
    /// It cannot be done in time.
    TooSlow,
    /// It will never pay enough.
    PaysTooLittle,
}

/// Judges an offer, for an engine that burns so much fuel a second.
pub fn appraise(offer: &Offer, config: &Config, fuel_per_second: u64) -> Appraisal {
    if offer.input_bytes > config.max_input_bytes {
        return Appraisal::InputsTooLarge;
    }
    if offer.output_bytes > config.max_output_bytes {
        return Appraisal::OutputTooLarge;
    }
    let seconds = offer.fuel / fuel_per_second.max(1);
    let window = u64::from(offer.compute).saturating_mul(config.block_millis) / 1_000;
    if seconds > window.saturating_mul(MARGIN_PERCENT) / 100 {
        return Appraisal::TooSlow;
    }
    let price = config
        .price
        .saturating_mul(offer.fuel.into())
        .div_ceil(1_000_000_000);
    if price > offer.ceiling {
        return Appraisal::PaysTooLittle;
    }
    Appraisal::From(price)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: Offer = Offer {
        fuel: 10_000_000_000,
        input_bytes: 1_000,
        output_bytes: 1_000,
        compute: 100,
        ceiling: 1 << 80,
    };

    fn judge(offer: Offer) -> Appraisal {
        let mut config = Config::new("unused".into());
        config.price = 7;
        appraise(&offer, &config, 1_000_000_000)
    }

    #[test]
    fn price_is_in_proportion_to_the_fuel() {
        assert_eq!(judge(OFFER), Appraisal::From(70));
        assert_eq!(judge(Offer { fuel: 1, ..OFFER }), Appraisal::From(1));
    }

    #[test]
    fn offer_is_refused_when_it_is_too_large_too_slow_or_too_cheap() {
        assert_eq!(
            judge(Offer {
                input_bytes: u64::MAX,
                ..OFFER
            }),
            Appraisal::InputsTooLarge
        );
        assert_eq!(
            judge(Offer {
                output_bytes: u64::MAX,
                ..OFFER
            }),
            Appraisal::OutputTooLarge
        );
        assert_eq!(
            judge(Offer {
                compute: 1,
                ..OFFER
            }),
            Appraisal::TooSlow
        );
        assert_eq!(
            judge(Offer {
                ceiling: 69,
                ..OFFER
            }),
            Appraisal::PaysTooLittle
        );
    }
}
