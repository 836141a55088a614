// SPDX-License-Identifier: Apache-2.0
//! What the terms of a job come to. Pure functions, the same for a quote and for the job itself.

use crate::{
    Config, Kernels, Pallet, frame_support, sp_runtime,
    types::{Fees, sum},
};
use alloc::vec::Vec;
use assay_primitives::{
    Balance, BlockNumber,
    api::QuoteError,
    job::{
        JobSpec, MAX_PANEL, MAX_PARAMETERS, MAX_SAMPLES, Pass, PerPass, PriceRange, SEED_WORDS,
        Source, tiles,
    },
    provider::Region,
    reputation::SCRUTINY,
};
use assay_verifier::{Root, passes, sampling};
use codec::Encode;
use frame_support::traits::Get;
use sp_runtime::{Rounding, helpers_128bit::multiply_by_rational_with_rounding};

/// The fewest verifiers of a job.
pub const MIN_PANEL: u32 = 2;

/// What a job would hold and take, were it posted now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The tiles of each pass.
    pub tiles: PerPass<u32>,
    /// How many of them the assurance samples.
    pub samples: PerPass<u32>,
    /// Who verifies them, and for how much.
    pub fees: Fees,
    /// The most fuel that all passes together can burn.
    pub fuel: u64,
    /// What the ceiling is worth in native tokens.
    pub worth: Balance,
    /// Held for all verifiers together.
    pub verification: Balance,
    /// Held for the storage.
    pub deposit: Balance,
    /// All that is held in native tokens: verification, deposit and, unless it is in an asset, the ceiling.
    pub total: Balance,
    /// What a provider must lock to accept at the ceiling.
    pub bond: Balance,
}

/// The price in a reverse Dutch auction: a straight line from the floor, `elapsed` = 0, to the
/// ceiling, `elapsed` = `length`, rounded down; the ceiling from then on.
pub fn price(range: PriceRange<Balance>, elapsed: BlockNumber, length: BlockNumber) -> Balance {
    if elapsed >= length {
        return range.ceiling;
    }
    let span = range.ceiling.saturating_sub(range.floor);
    let risen =
        multiply_by_rational_with_rounding(span, elapsed.into(), length.into(), Rounding::Down);
    // The product is below `span`, so it always fits.
    range.floor.saturating_add(risen.unwrap_or(span))
}

/// The number of verifiers: [`MIN_PANEL`], one more for each full `step` of the ceiling, at most [`MAX_PANEL`].
///
/// A `step` of 0 stands for the largest panel.
pub fn panel(ceiling: Balance, step: Balance) -> u32 {
    let steps = ceiling.checked_div(step).unwrap_or(Balance::MAX);
    u32::try_from(steps)
        .unwrap_or(u32::MAX)
        .saturating_add(MIN_PANEL)
        .min(MAX_PANEL)
}

/// How many tiles of each pass are drawn of a provider that is looked at so closely: `percent` of the assurance's
/// samples within the published bounds, rounded up, at most the pass's tiles. Those beyond the assurance's are at most
/// `room` in all, and never more than [`MAX_SAMPLES`] are drawn; what exceeds that is cut from each pass alike.
pub fn scrutinised(samples: &[u32], tiles: &[u32], percent: u32, room: u32) -> PerPass<u32> {
    let percent = u64::from(percent.clamp(*SCRUTINY.start(), *SCRUTINY.end()));
    let extra = |(samples, tiles): (&u32, &u32)| {
        let wanted = u64::from(*samples).saturating_mul(percent).div_ceil(100);
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX).min(*tiles);
        wanted.saturating_sub(*samples)
    };
    let extras: Vec<u32> = samples.iter().zip(tiles).map(extra).collect();
    let total = u64::from(sum(&extras)).max(1);
    let room = u64::from(room.min(MAX_SAMPLES.saturating_sub(sum(samples))));
    let granted = |(samples, extra): (&u32, &u32)| {
        let share = u64::from(*extra)
            .saturating_mul(room.min(total))
            .checked_div(total)
            .unwrap_or_default();
        samples.saturating_add(u32::try_from(share).unwrap_or_default())
    };
    PerPass::truncate_from(samples.iter().zip(&extras).map(granted).collect())
}

/// The most tiles of each pass that are drawn, of whomever.
pub fn most_samples(samples: &[u32], tiles: &[u32]) -> PerPass<u32> {
    scrutinised(samples, tiles, *SCRUTINY.end(), MAX_SAMPLES)
}

/// What a verifier gets for one sample. `None` when it does not fit the currency.
pub fn fee_per_sample(tile_fuel: u64, base: Balance, fuel_price: Balance) -> Option<Balance> {
    fuel_price.checked_mul(tile_fuel.into())?.checked_add(base)
}

/// What a provider locks to accept a job at a price. `None` when it does not fit the currency.
pub fn bond(price: Balance, multiple: u32) -> Option<Balance> {
    price.checked_mul(multiple.into())
}

/// What is held for a record of so many bytes. `None` when it does not fit the currency.
pub fn deposit(bytes: usize, base: Balance, per_byte: Balance) -> Option<Balance> {
    per_byte
        .checked_mul(Balance::try_from(bytes).ok()?)?
        .checked_add(base)
}

impl<T: Config> Pallet<T> {
    /// Checks the terms of a job and says what they come to.
    pub fn assess(spec: &JobSpec<Balance, BlockNumber>) -> Result<Assessment, QuoteError> {
        if spec.passes.is_empty() {
            return Err(QuoteError::NoPasses);
        }
        let passes = (spec.passes.iter().enumerate())
            .map(|(number, pass)| Self::measure(spec, pass, number))
            .collect::<Result<Vec<_>, _>>()?;
        let checker = match &spec.checker {
            Some(checker) => {
                let room = MAX_PARAMETERS.saturating_sub(SEED_WORDS);
                if checker.parameters.len() > usize::try_from(room).unwrap_or_default() {
                    return Err(QuoteError::TooManyParameters);
                }
                Some(Self::measure(spec, checker, spec.passes.len())?)
            }
            None => None,
        };
        if spec.inputs.iter().any(|input| input.words().is_none()) {
            return Err(QuoteError::InputTooLong);
        }
        if spec.price.ceiling == 0 || spec.price.floor > spec.price.ceiling {
            return Err(QuoteError::BadPrice);
        }
        let windows = [
            (spec.auction, T::MaxAuction::get()),
            (spec.compute, T::MaxCompute::get()),
        ];
        if windows
            .iter()
            .any(|(window, most)| *window == 0 || window > most)
        {
            return Err(QuoteError::BadWindow);
        }
        if !spec.requirements.regions.iter().all(Region::is_valid) {
            return Err(QuoteError::BadRequirements);
        }
        let samples = samples(spec, &passes, checker)?;
        let worth = Self::worth(spec.asset, spec.price.ceiling).ok_or(QuoteError::UnlistedAsset)?;
        if worth == 0 {
            return Err(QuoteError::BadPrice);
        }
        Self::cost(spec, &passes, checker, samples, worth).ok_or(QuoteError::BadPrice)
    }

    /// Checks a pass, which may read those before `number`, and says how large it is.
    fn measure(
        spec: &JobSpec<Balance, BlockNumber>,
        pass: &Pass,
        number: usize,
    ) -> Result<sampling::Pass, QuoteError> {
        let kernel = Kernels::<T>::get(pass.kernel).ok_or(QuoteError::UnknownKernel)?;
        let tiles = tiles(pass.grid)
            .filter(|tiles| tiles.checked_mul(kernel.tile_words).is_some())
            .ok_or(QuoteError::BadGrid)?;
        if usize::try_from(kernel.inputs) != Ok(pass.reads.len()) {
            return Err(QuoteError::WrongNumberOfInputs);
        }
        let known = |source: &Source| match source {
            Source::Input(input) => usize::from(*input) < spec.inputs.len(),
            Source::Pass(earlier) => usize::from(*earlier) < number,
        };
        if !pass.reads.iter().all(known) {
            return Err(QuoteError::UnknownSource);
        }
        Ok(sampling::Pass {
            tiles,
            tile_fuel: kernel.tile_fuel,
        })
    }

    /// The amounts of a job whose terms are sound. `None` when one does not fit the currency.
    fn cost(
        spec: &JobSpec<Balance, BlockNumber>,
        passes: &[sampling::Pass],
        checker: Option<sampling::Pass>,
        samples: PerPass<u32>,
        worth: Balance,
    ) -> Option<Assessment> {
        let panel = panel(worth, T::PanelStep::get());
        let dearest = passes.iter().map(|pass| pass.tile_fuel).max()?;
        let fees = Fees {
            panel,
            per_sample: T::VerifiersPerSample::get().min(panel),
            sample: fee_per_sample(dearest, T::SampleFee::get(), T::FuelPrice::get())?,
            checker: match &checker {
                Some(checker) => fee_per_sample(fuel(checker), 0, T::FuelPrice::get())?,
                None => 0,
            },
        };
        let tiles: Vec<u32> = passes.iter().map(|pass| pass.tiles).collect();
        let (ceiling, drawn) = match spec.asset {
            None => (spec.price.ceiling, sum(&samples)),
            // Verifiers are paid in native tokens, of which the price of such a job has none to give.
            Some(_) => (0, sum(&most_samples(&samples, &tiles))),
        };
        let verification = fees.of_samples(drawn)?;
        let enquiry = fees.of_enquiry(T::EnquiryPanel::get(), T::EnquirySamples::get())?;
        // Each round ends with an enquiry or a verification at most, and only the last one with a verification.
        let verification = enquiry
            .checked_mul(T::MaxRounds::get().saturating_sub(1).into())?
            .checked_add(verification.max(enquiry))?;
        let deposit = deposit(
            record_bytes(spec),
            T::DepositBase::get(),
            T::DepositPerByte::get(),
        )?;
        Some(Assessment {
            tiles: PerPass::truncate_from(tiles),
            samples,
            fees,
            fuel: passes
                .iter()
                .fold(0, |sum: u64, pass| sum.saturating_add(fuel(pass))),
            worth,
            verification,
            deposit,
            total: ceiling.checked_add(verification)?.checked_add(deposit)?,
            bond: bond(worth, T::BondMultiple::get())?,
        })
    }
}

/// The bytes of a job's record that grow with its terms: the terms, and for each pass its root and three counts.
pub fn record_bytes(spec: &JobSpec<Balance, BlockNumber>) -> usize {
    let of_pass = Root::default().encoded_size().saturating_add(12);
    spec.encoded_size()
        .saturating_add(spec.passes.len().saturating_mul(of_pass))
}

/// The most fuel that all tiles of a pass can burn.
fn fuel(pass: &sampling::Pass) -> u64 {
    pass.tile_fuel.saturating_mul(pass.tiles.into())
}

/// The samples of each pass of a job, if its assurance is within the limits.
fn samples(
    spec: &JobSpec<Balance, BlockNumber>,
    passes: &[sampling::Pass],
    checker: Option<sampling::Pass>,
) -> Result<PerPass<u32>, QuoteError> {
    if !spec.assurance.is_valid() {
        return Err(QuoteError::BadAssurance);
    }
    let tiles: Vec<u32> = passes.iter().map(|pass| pass.tiles).collect();
    // The checker's tiles are numbered behind all others.
    let all = passes::total(&tiles).ok_or(QuoteError::BadGrid)?;
    all.checked_add(checker.map_or(0, |checker| checker.tiles))
        .ok_or(QuoteError::BadGrid)?;
    let shares = sampling::shares(sampling::samples(spec.assurance, all), passes);
    if passes::total(&shares).is_none_or(|samples| samples == 0 || samples > MAX_SAMPLES) {
        return Err(QuoteError::BadAssurance);
    }
    PerPass::try_from(shares).map_err(|_| QuoteError::NoPasses)
}
