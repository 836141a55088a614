// SPDX-License-Identifier: Apache-2.0
//! What the terms of a job come to. Pure functions, the same for a quote and for the job itself.

use crate::{Config, Kernels, Pallet, frame_support, sp_runtime};
use alloc::vec::Vec;
use assay_primitives::{
    Balance, BlockNumber,
    api::QuoteError,
    job::{
        JobSpec, MAX_PANEL, MAX_PARAMETERS, MAX_SAMPLES, Pass, PerPass, PriceRange, SEED_WORDS,
        Source, tiles,
    },
};
use assay_verifier::{passes, sampling};
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
    /// How many of them are sampled.
    pub samples: PerPass<u32>,
    /// How many verifiers check them.
    pub panel: u32,
    /// The most fuel that all passes together can burn.
    pub fuel: u64,
    /// What a verifier gets for one sample.
    pub fee_per_sample: Balance,
    /// Held for all verifiers together.
    pub verification: Balance,
    /// Held for the storage.
    pub deposit: Balance,
    /// All that is held: ceiling, verification and deposit.
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
        let samples = samples(spec, &passes, checker)?;
        Self::cost(spec, &passes, checker, samples).ok_or(QuoteError::BadPrice)
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
    ) -> Option<Assessment> {
        let ceiling = spec.price.ceiling;
        let panel = panel(ceiling, T::PanelStep::get());
        let all_samples = passes::total(&samples)?;
        // Every verifier runs the checker; its share is on top of each sample.
        let checking = checker
            .map_or(0, |checker| fuel(&checker))
            .checked_mul(panel.into())?
            .div_ceil(all_samples.max(1).into());
        let dearest = passes
            .iter()
            .map(|pass| pass.tile_fuel)
            .max()?
            .checked_add(checking)?;
        let fee_per_sample = fee_per_sample(dearest, T::SampleFee::get(), T::FuelPrice::get())?;
        let verification = fee_per_sample
            .checked_mul(all_samples.into())?
            .checked_mul(panel.into())?;
        let deposit = deposit(
            spec.encoded_size(),
            T::DepositBase::get(),
            T::DepositPerByte::get(),
        )?;
        let tiles = passes.iter().map(|pass| pass.tiles).collect();
        Some(Assessment {
            tiles: PerPass::truncate_from(tiles),
            samples,
            panel,
            fuel: passes
                .iter()
                .fold(0, |sum: u64, pass| sum.saturating_add(fuel(pass))),
            fee_per_sample,
            verification,
            deposit,
            total: ceiling.checked_add(verification)?.checked_add(deposit)?,
            bond: bond(ceiling, T::BondMultiple::get())?,
        })
    }
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
