// SPDX-License-Identifier: Apache-2.0
//! The last word: the chain runs a tile itself.

use crate::{
    Cases, Claims, Config, CurrentWindows, Draws, Error, Event, Pallet, Supplies, WeightInfo,
    duties::DEEPEST,
    frame_support, frame_system, sp_runtime,
    types::{Case, Phase},
};
use alloc::vec::Vec;
use assay_kernel::{cost, machine::RunError};
use assay_primitives::{
    AccountId, JobId,
    duty::WorkerId,
    job::Work,
    reason::Offence,
    stake::Stakes,
    verification::{JobBook, Verdict},
};
use assay_verifier::{
    ChainingValue,
    execution::{ComputedTile, ReplayError, replay_with},
    opening::Opening,
    passes,
    witness::{Witness, WitnessError},
};
use codec::Encode;
use frame_support::{
    dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
    ensure,
    traits::Get,
    weights::Weight,
};

/// What a unit of fuel is charged, because the benchmarks of this pallet know but one kernel: half of what a sum of floats,
/// two units, takes on the machine that the weights are of; see `docs/decisions/0017-floats-are-computed-in-binary64.md`.
pub(crate) const FUEL: Weight = Weight::from_parts(1_100, 0);

/// A tile to be judged, and what its bearer brings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    /// The tile, numbered through all passes; those of the checker come last.
    pub(crate) tile: u32,
    /// What proves its value, where that is not known.
    pub(crate) opening: Option<&'a Opening>,
    /// What it reads.
    pub(crate) witness: &'a Witness,
    /// The most fuel that judging it can burn.
    pub(crate) fuel: u64,
    /// How many pages that were supplied before it reads at most.
    pub(crate) supplied: u32,
}

/// What re-execution has shown.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    computed: ComputedTile,
    /// The value that the provider is bound to; none of a checker's tile.
    committed: Option<ChainingValue>,
    /// The fuel of all that was done.
    pub(crate) fuel: u64,
    /// How many supplied pages were read.
    pub(crate) pages: u32,
}

impl Evidence<'_> {
    fn witness_bytes(&self) -> u32 {
        u32::try_from(self.witness.encoded_size()).unwrap_or(u32::MAX)
    }
}

impl<T: Config> Pallet<T> {
    /// What judging a tile costs at most, with so much fuel, a witness of so many bytes and so many supplied pages.
    pub fn adjudication_weight(fuel: u64, witness_bytes: usize, supplied: u32) -> Weight {
        Self::weight_of(T::WeightInfo::adjudicate, fuel, witness_bytes, supplied)
    }

    /// What a call costs that judges a tile: as measured, but with the fixed price of fuel unless it was measured dearer.
    pub fn weight_of(
        measured: impl Fn(u32, u32) -> Weight,
        fuel: u64,
        witness_bytes: usize,
        supplied: u32,
    ) -> Weight {
        let bytes = u32::try_from(witness_bytes).unwrap_or(u32::MAX);
        let priced = measured(0, bytes).saturating_add(FUEL.saturating_mul(fuel));
        let judging = measured(u32::try_from(fuel).unwrap_or(u32::MAX), bytes).max(priced);
        match supplied {
            // What the benchmark measures starts with a page for each lane.
            0 => judging,
            _ => judging.saturating_add(T::WeightInfo::read_pages(supplied)),
        }
    }

    /// What has been judged: its weight, and a fee for who has not shown anything by it.
    pub(crate) fn judged(
        evidence: &Evidence<'_>,
        finding: &Finding,
        found: bool,
    ) -> PostDispatchInfo {
        let weight = match found {
            true => T::WeightInfo::adjudicate,
            false => T::WeightInfo::uphold,
        };
        let bytes = evidence.witness.encoded_size();
        let weight = Self::weight_of(weight, finding.fuel, bytes, finding.pages);
        PostDispatchInfo {
            actual_weight: Some(weight),
            // Who brings a proof that counts does not pay for it.
            pays_fee: if found { Pays::No } else { Pays::Yes },
        }
    }

    pub(crate) fn do_adjudicate(
        who: AccountId,
        job: JobId,
        evidence: &Evidence<'_>,
    ) -> DispatchResultWithPostInfo {
        Self::ensure_bounded(evidence)?;
        let case = Cases::<T>::get(job).ok_or(Error::<T>::UnknownCase)?;
        let finding = Self::examine(job, &case, evidence)?;
        let reporter = Self::reporter(who);
        let found = Self::judge(&reporter, job, case, evidence.tile, &finding)?;
        Ok(Self::judged(evidence, &finding, found))
    }

    /// Checks the sizes of what is brought.
    pub(crate) fn ensure_bounded(evidence: &Evidence<'_>) -> Result<(), Error<T>> {
        ensure!(
            evidence.witness_bytes() <= T::MaxWitnessBytes::get(),
            Error::WitnessTooLarge
        );
        ensure!(
            evidence.supplied <= T::MaxSuppliedPages::get(),
            Error::TooManyPages
        );
        let fits = evidence
            .opening
            .is_none_or(|opening| opening.values.len() == 1 && opening.siblings.len() <= DEEPEST);
        ensure!(fits, Error::BadOpening);
        Ok(())
    }

    /// Re-executes a tile. Changes nothing.
    pub(crate) fn examine(
        job: JobId,
        case: &Case,
        evidence: &Evidence<'_>,
    ) -> Result<Finding, Error<T>> {
        ensure!(!case.is_enquiry(), Error::NoResult);
        let (work, number, committed) = match passes::locate(&case.tiles, evidence.tile) {
            Some((pass, number)) => {
                let work = T::JobBook::work(job, pass).ok_or(Error::UnknownCase)?;
                let committed = match Self::known_value(job, evidence.tile) {
                    Some(value) => value,
                    None => Self::opened_value(case, (pass, number), evidence.opening)?,
                };
                (work, number, Some(committed))
            }
            None => {
                let (work, number) = Self::checking(job, case, evidence.tile)?;
                (work, number, None)
            }
        };
        Self::re_execute(job, &work, number, committed, evidence)
    }

    /// The work of the checker, and the number of a tile there. There is no seed for it before the draw.
    fn checking(job: JobId, case: &Case, tile: u32) -> Result<(Work, u32), Error<T>> {
        let all = passes::total(&case.tiles).ok_or(Error::UnknownTile)?;
        let number = tile.checked_sub(all).ok_or(Error::UnknownTile)?;
        ensure!(case.phase != Phase::Drawing, Error::UnknownTile);
        let work = T::JobBook::checking(job, &case.seed).ok_or(Error::UnknownTile)?;
        ensure!(number < work.tiles, Error::UnknownTile);
        Ok((work, number))
    }

    /// Does what follows from a finding. Whether anything does: a conviction, a refuted claim, a suspicion.
    pub(crate) fn judge(
        reporter: &AccountId,
        job: JobId,
        case: Case,
        tile: u32,
        finding: &Finding,
    ) -> Result<bool, sp_runtime::DispatchError> {
        let computed = &finding.computed;
        let Some(committed) = finding.committed else {
            return Ok(Self::note_check(job, case, tile, computed));
        };
        let position = Self::position(job, tile);
        if computed.value == committed {
            Self::deposit_event(Event::TileUpheld {
                job,
                tile,
                fuel: computed.fuel,
            });
            return Self::refute_claims(reporter, job, case, position, &committed);
        }
        Self::deposit_event(Event::TileRefuted {
            job,
            tile,
            fuel: computed.fuel,
            committed,
            computed: computed.value,
        });
        Self::convict(reporter, job, case, position, &committed, &computed.value)?;
        Ok(true)
    }

    /// The position of a tile in the draw, if it was sampled.
    pub(crate) fn position(job: JobId, tile: u32) -> Option<u32> {
        let position = Draws::<T>::get(job)?.binary_search(&tile).ok()?;
        u32::try_from(position).ok()
    }

    /// The value of a tile that an opening proves.
    pub(crate) fn opened_value(
        case: &Case,
        (pass, number): (usize, u32),
        opening: Option<&Opening>,
    ) -> Result<ChainingValue, Error<T>> {
        let opening = opening.ok_or(Error::OpeningMissing)?;
        let (root, tiles) = (case.roots.get(pass), case.tiles.get(pass));
        let (root, tiles) = root.zip(tiles).ok_or(Error::UnknownTile)?;
        opening
            .verify(root, *tiles, &[number])
            .map_err(|_| Error::BadOpening)?;
        opening.values.first().copied().ok_or(Error::BadOpening)
    }

    /// Notes what a tile of the checker has come to. Whether that is news.
    ///
    /// One that is not zeros convicts nobody, for the requester wrote the checker: it makes the case wait for
    /// the proof of a wrong tile, once. See docs/decisions/0007.
    fn note_check(job: JobId, mut case: Case, tile: u32, computed: &ComputedTile) -> bool {
        let clean = computed.bytes.iter().all(|byte| *byte == 0);
        let news = !clean && !case.suspected;
        Self::deposit_event(match clean {
            true => Event::TileUpheld {
                job,
                tile,
                fuel: computed.fuel,
            },
            false => Event::CheckFailed {
                job,
                tile,
                fuel: computed.fuel,
            },
        });
        if news {
            case.suspected = true;
            if case.phase == Phase::Challenge {
                let now = frame_system::Pallet::<T>::block_number();
                case.until = now.saturating_add(CurrentWindows::<T>::get().dispute);
            }
            Cases::<T>::insert(job, case);
        }
        news
    }

    /// Runs the tile on what the witness proves and what was supplied before.
    fn re_execute(
        job: JobId,
        work: &Work,
        tile: u32,
        committed: Option<ChainingValue>,
        evidence: &Evidence<'_>,
    ) -> Result<Finding, Error<T>> {
        let most = T::JobBook::judging_fuel(&work.kernel).ok_or(Error::KernelUnusable)?;
        ensure!(evidence.fuel >= most, Error::FuelTooLow);
        let kernel = T::JobBook::kernel(&work.kernel).ok_or(Error::KernelUnusable)?;
        let supply = Supplies::<T>::get(job).map(|supply| supply.id);
        let mut pages = 0u32;
        let supplied = |input: usize, page: u32| {
            pages = pages
                .checked_add(1)
                .filter(|pages| *pages <= evidence.supplied)?;
            Self::supplied_page(supply?, work.inputs.get(input)?, page)
        };
        let computed = replay_with(
            &kernel,
            &T::KernelLimits::get(),
            &work.task(),
            tile,
            &work.inputs,
            evidence.witness,
            supplied,
        )
        .map_err(|error| match error {
            ReplayError::Witness(WitnessError::WrongNumber { .. }) => Error::WitnessIncomplete,
            ReplayError::Witness(_) => Error::BadWitnessPage,
            ReplayError::Run(RunError::Input(_)) => Error::PageMissing,
            ReplayError::Kernel(_) | ReplayError::Run(_) => Error::KernelUnusable,
        })?;
        let fuel = computed
            .fuel
            .saturating_add(cost::ready(kernel.encoded_size()));
        Ok(Finding {
            computed,
            committed,
            fuel,
            pages,
        })
    }

    /// Who is rewarded for what shows a provider's fault: nobody if it did so itself.
    pub(crate) fn reporter_against(provider: &AccountId, who: AccountId) -> Option<AccountId> {
        Some(Self::reporter(who)).filter(|reporter| reporter != provider)
    }

    /// Who is rewarded for a proof: the provider whose worker signed, else the signer.
    pub(crate) fn reporter(who: AccountId) -> AccountId {
        let bytes: [u8; 32] = who.clone().into();
        let worker = WorkerId::from(polkadot_sdk::sp_core::sr25519::Public::from_raw(bytes));
        T::Stakes::provider_of(&worker).unwrap_or(who)
    }

    /// Punishes the verifiers who swore to another value of a sample than the right one. Whether there
    /// were any.
    fn punish_false(
        job: JobId,
        case: &mut Case,
        position: u32,
        committed: &ChainingValue,
        right: &ChainingValue,
        reporter: &AccountId,
    ) -> bool {
        let per_sample = T::VerifiersPerSample::get();
        let liars: Vec<_> = case
            .panel
            .iter()
            .filter(|seat| case.is_assigned(seat.place, position, per_sample))
            .filter(|seat| {
                let claims = Claims::<T>::get(job, &seat.verifier).unwrap_or_default();
                seat.sworn(position, committed, &claims)
                    .is_some_and(|value| value != *right)
            })
            .map(|seat| seat.verifier.clone())
            .collect();
        for liar in &liars {
            let reporter = Some(reporter.clone()).filter(|reporter| reporter != liar);
            Self::dismiss(job, case, Offence::FalseAttestation, liar, reporter);
        }
        !liars.is_empty()
    }

    /// The provider's value is right: verifiers who claimed another are punished. Whether there were any.
    fn refute_claims(
        reporter: &AccountId,
        job: JobId,
        mut case: Case,
        position: Option<u32>,
        right: &ChainingValue,
    ) -> Result<bool, sp_runtime::DispatchError> {
        let Some(position) = position else {
            return Ok(false);
        };
        let refuted = Self::punish_false(job, &mut case, position, right, right, reporter);
        if refuted {
            Self::go_on(job, case)?;
        }
        Ok(refuted)
    }

    /// Stores a case in which somebody has lost its seat, and goes on if that was the last one waited for.
    pub(crate) fn go_on(job: JobId, mut case: Case) -> sp_runtime::DispatchResult {
        let waits = matches!(case.phase, Phase::Revealing | Phase::Disputed);
        if waits && !case.is_waiting() {
            Self::proceed_early(job, &mut case)?;
        }
        Cases::<T>::insert(job, case);
        Ok(())
    }

    /// The provider's value is wrong: the case ends here.
    fn convict(
        reporter: &AccountId,
        job: JobId,
        mut case: Case,
        position: Option<u32>,
        committed: &ChainingValue,
        right: &ChainingValue,
    ) -> sp_runtime::DispatchResult {
        if let Some(position) = position {
            Self::punish_false(job, &mut case, position, committed, right, reporter);
        }
        T::JobBook::conclude(
            job,
            Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(reporter.clone()).filter(|reporter| *reporter != case.provider),
                verifiers: Self::close(job, &case),
            },
        )
    }
}
