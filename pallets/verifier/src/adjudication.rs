// SPDX-License-Identifier: Apache-2.0
//! The last word: the chain runs a tile itself.

use crate::{
    Cases, Claims, Config, CurrentWindows, Draws, Error, Event, Pallet, WeightInfo, frame_support,
    frame_system, sp_runtime,
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
    execution::{ComputedTile, ReplayError, replay},
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

impl<T: Config> Pallet<T> {
    /// What judging a tile costs at most, with so much fuel and a witness of so many bytes.
    pub fn adjudication_weight(fuel: u64, witness_bytes: usize) -> Weight {
        T::WeightInfo::adjudicate(
            u32::try_from(fuel).unwrap_or(u32::MAX),
            u32::try_from(witness_bytes).unwrap_or(u32::MAX),
        )
    }

    /// What has been judged: its weight, and a fee for who has not shown anything by it.
    fn judged(fuel: u64, witness: &Witness, found: bool) -> PostDispatchInfo {
        let weight = match found {
            true => T::WeightInfo::adjudicate,
            false => T::WeightInfo::uphold,
        };
        let weight = weight(
            u32::try_from(fuel).unwrap_or(u32::MAX),
            u32::try_from(witness.encoded_size()).unwrap_or(u32::MAX),
        );
        PostDispatchInfo {
            actual_weight: Some(weight),
            // Who brings a proof that counts does not pay for it.
            pays_fee: if found { Pays::No } else { Pays::Yes },
        }
    }

    pub(crate) fn do_adjudicate(
        who: AccountId,
        job: JobId,
        tile: u32,
        opening: Option<Opening>,
        witness: &Witness,
        fuel: u64,
    ) -> DispatchResultWithPostInfo {
        let witness_bytes = u32::try_from(witness.encoded_size()).unwrap_or(u32::MAX);
        ensure!(
            witness_bytes <= T::MaxWitnessBytes::get(),
            Error::<T>::WitnessTooLarge
        );
        let case = Cases::<T>::get(job).ok_or(Error::<T>::UnknownCase)?;
        ensure!(!case.is_enquiry(), Error::<T>::NoResult);
        let position = Self::position(job, tile);
        let Some((pass, number)) = passes::locate(&case.tiles, tile) else {
            return Self::do_check(job, case, tile, witness, fuel);
        };
        let work = T::JobBook::work(job, pass).ok_or(Error::<T>::UnknownCase)?;
        let committed = match Self::known_value(job, tile) {
            Some(value) => value,
            None => Self::opened_value(&case, (pass, number), opening.as_ref())?,
        };
        let (computed, spent) = Self::re_execute(&work, number, witness, fuel)?;
        let found = if computed.value == committed {
            Self::deposit_event(Event::TileUpheld {
                job,
                tile,
                fuel: computed.fuel,
            });
            Self::refute_claims(who, job, case, position, &committed)?
        } else {
            Self::deposit_event(Event::TileRefuted {
                job,
                tile,
                fuel: computed.fuel,
                committed,
                computed: computed.value,
            });
            Self::convict(who, job, case, position, &committed, &computed.value)?;
            true
        };
        Ok(Self::judged(spent, witness, found))
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

    /// Runs a tile of the checker, numbered behind those of all passes.
    ///
    /// One that is not zeros convicts nobody, for the requester wrote the checker: it makes the case wait for
    /// the proof of a wrong tile, once. See docs/decisions/0007.
    fn do_check(
        job: JobId,
        mut case: Case,
        tile: u32,
        witness: &Witness,
        fuel: u64,
    ) -> DispatchResultWithPostInfo {
        let all = passes::total(&case.tiles).ok_or(Error::<T>::UnknownTile)?;
        let number = tile.checked_sub(all).ok_or(Error::<T>::UnknownTile)?;
        ensure!(case.phase != Phase::Drawing, Error::<T>::UnknownTile);
        let work = T::JobBook::checking(job, &case.seed).ok_or(Error::<T>::UnknownTile)?;
        ensure!(number < work.tiles, Error::<T>::UnknownTile);
        let (computed, spent) = Self::re_execute(&work, number, witness, fuel)?;
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
        Ok(Self::judged(spent, witness, news))
    }

    /// Runs the tile on what the witness proves. The answer has the fuel of all that was done.
    fn re_execute(
        work: &Work,
        tile: u32,
        witness: &Witness,
        fuel: u64,
    ) -> Result<(ComputedTile, u64), Error<T>> {
        let most = T::JobBook::judging_fuel(&work.kernel).ok_or(Error::KernelUnusable)?;
        ensure!(fuel >= most, Error::FuelTooLow);
        let kernel = T::JobBook::kernel(&work.kernel).ok_or(Error::KernelUnusable)?;
        let task = work.task();
        let limits = T::KernelLimits::get();
        let computed =
            replay(&kernel, &limits, &task, tile, &work.inputs, witness).map_err(|error| {
                match error {
                    ReplayError::Witness(WitnessError::WrongNumber { .. }) => {
                        Error::WitnessIncomplete
                    }
                    ReplayError::Witness(_) => Error::BadWitnessPage,
                    ReplayError::Run(RunError::Input(_)) => Error::PageMissing,
                    ReplayError::Kernel(_) | ReplayError::Run(_) => Error::KernelUnusable,
                }
            })?;
        let spent = computed
            .fuel
            .saturating_add(cost::ready(kernel.encoded_size()));
        Ok((computed, spent))
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
            Self::dismiss(
                job,
                case,
                Offence::FalseAttestation,
                liar,
                Some(reporter.clone()),
            );
        }
        !liars.is_empty()
    }

    /// The provider's value is right: verifiers who claimed another are punished. Whether there were any.
    fn refute_claims(
        who: AccountId,
        job: JobId,
        mut case: Case,
        position: Option<u32>,
        right: &ChainingValue,
    ) -> Result<bool, sp_runtime::DispatchError> {
        let Some(position) = position else {
            return Ok(false);
        };
        let reporter = Self::reporter(who);
        let refuted = Self::punish_false(job, &mut case, position, right, right, &reporter);
        if refuted {
            if !case.is_waiting() {
                Self::proceed_early(job, &mut case)?;
            }
            Cases::<T>::insert(job, case);
        }
        Ok(refuted)
    }

    /// The provider's value is wrong: the case ends here.
    fn convict(
        who: AccountId,
        job: JobId,
        mut case: Case,
        position: Option<u32>,
        committed: &ChainingValue,
        right: &ChainingValue,
    ) -> sp_runtime::DispatchResult {
        let reporter = Self::reporter(who);
        if let Some(position) = position {
            Self::punish_false(job, &mut case, position, committed, right, &reporter);
        }
        T::JobBook::conclude(
            job,
            Verdict::Convicted {
                offence: Offence::WrongResult,
                reporter: Some(reporter).filter(|reporter| *reporter != case.provider),
                verifiers: Self::close(job, &case),
            },
        )
    }
}
