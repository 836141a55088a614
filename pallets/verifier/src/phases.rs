// SPDX-License-Identifier: Apache-2.0
//! How a case goes on: early, when all have done their duty, or by itself when a window ends.

use crate::{
    Cases, Claims, Config, CurrentWindows, Demands, Draws, Duties, Error, Event, LOG_TARGET,
    Opened, Pallet, WeightInfo,
    case::SEEDED,
    draw::KEPT,
    frame_support, frame_system, sp_runtime,
    tally::Found,
    types::{Case, MAX_DEMANDS, Phase, SeatState},
};
use alloc::vec::Vec;
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    api::VerificationView,
    duty::Missing,
    job::{MAX_PANEL, MAX_SAMPLES},
    reason::Offence,
    slashing::{Charge, Slashing},
    verification::{Commitment, Enquiry, JobBook, Progress, Verdict, Verification},
};
use assay_verifier::passes;
use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use sp_runtime::{DispatchError, DispatchResult};

/// While nobody can be drawn, it is tried again after so many blocks.
const RETRY: BlockNumber = 5;

pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// What came of a draw.
enum Drawing {
    /// There are tiles and verifiers.
    Done,
    /// Try again at this block.
    Again(BlockNumber),
    /// It took too long.
    Failed,
}

impl<T: Config> Verification<AccountId, Balance, BlockNumber> for Pallet<T> {
    fn begin(
        job: JobId,
        commitment: Commitment<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        let samples = passes::total(&commitment.samples).ok_or(Error::<T>::BadCommitment)?;
        let each = (commitment.tiles.iter().zip(&commitment.samples))
            .all(|(tiles, samples)| (1..=*tiles).contains(samples));
        let count = commitment.roots.len();
        let sound = each
            && (1..=MAX_SAMPLES).contains(&samples)
            && commitment.tiles.len() == count
            && commitment.samples.len() == count
            && passes::total(&commitment.tiles).is_some()
            && (1..=MAX_PANEL).contains(&commitment.panel);
        ensure!(sound, Error::<T>::BadCommitment);
        Self::start(
            job,
            Case {
                roots: commitment.roots,
                tiles: commitment.tiles,
                shares: commitment.samples,
                ..Self::case_of(
                    commitment.provider,
                    commitment.requester,
                    (commitment.panel, samples),
                    commitment.price,
                )
            },
        )
    }

    fn enquire(
        job: JobId,
        enquiry: Enquiry<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        let sound = (1..=MAX_PANEL).contains(&enquiry.panel) && enquiry.samples <= MAX_SAMPLES;
        ensure!(sound, Error::<T>::BadEnquiry);
        Self::start(
            job,
            Self::case_of(
                enquiry.provider,
                enquiry.requester,
                (enquiry.panel, enquiry.samples),
                enquiry.price,
            ),
        )
    }

    fn advance(job: JobId, now: BlockNumber) -> Progress<AccountId, BlockNumber> {
        let Some(mut case) = Cases::<T>::get(job) else {
            defensive!("a job is being verified without a case");
            return Progress::Over(Verdict::Unverified);
        };
        let demand = Self::first_demand(job);
        if let Some((until, by)) = &demand
            && *until <= now
        {
            return Progress::Over(Verdict::Convicted {
                offence: Offence::Withheld,
                reporter: Self::reporter_against(&case.provider, by.clone()),
                verifiers: Self::close(job, &case),
            });
        }
        let answered = demand.map_or(BlockNumber::MAX, |(until, _)| until);
        if now < case.until {
            return Progress::Wait(case.until.min(answered));
        }
        match case.phase {
            Phase::Drawing => match Self::draw(job, &mut case, now) {
                Drawing::Done => {}
                Drawing::Again(until) => {
                    case.until = until;
                    Cases::<T>::insert(job, case);
                    return Progress::Wait(until);
                }
                Drawing::Failed => return Self::unverified(job, &case),
            },
            Phase::Attesting | Phase::Enquiring => {
                if let Some(verdict) = Self::count(job, &mut case) {
                    return Progress::Over(verdict);
                }
            }
            Phase::Revealing => {
                Self::dismiss_owing(job, &mut case);
                if !case.revealed {
                    return Self::draw_anew(job, case, now);
                }
            }
            Phase::Disputed => Self::dismiss_owing(job, &mut case),
            Phase::Opening => {
                return Progress::Over(Verdict::Convicted {
                    offence: Offence::Withheld,
                    reporter: None,
                    verifiers: Self::close(job, &case),
                });
            }
            Phase::Challenge if answered != BlockNumber::MAX => return Progress::Wait(answered),
            Phase::Challenge => {
                return Progress::Over(Verdict::Upheld {
                    verifiers: Self::close(job, &case),
                });
            }
        }
        case.proceed(now, &CurrentWindows::<T>::get());
        let until = case.until.min(answered);
        Cases::<T>::insert(job, case);
        Progress::Wait(until)
    }

    fn advance_weight(job: JobId, now: BlockNumber) -> (Weight, Weight) {
        let Some(case) = Cases::<T>::get(job) else {
            return Default::default();
        };
        let leaving = count(case.owing().len().saturating_add(case.missing().len()));
        let demands = count(Demands::<T>::decode_len(job).unwrap_or_default());
        let close = T::WeightInfo::close(count(case.panel.len()), demands);
        let step = match (case.phase, leaving) {
            (Phase::Drawing, _) => {
                let waited = now.saturating_sub(case.committed).min(KEPT);
                T::WeightInfo::draw(case.verifiers, waited, case.samples)
            }
            (Phase::Revealing, _) if !case.revealed => T::WeightInfo::draw_anew(leaving, demands),
            // To close is the whole of a step in which nobody leaves.
            (_, 0) => return (T::WeightInfo::proceed(), close),
            _ => T::WeightInfo::replace(leaving),
        };
        (step, step.saturating_add(close))
    }

    fn most_advance_weight() -> Weight {
        T::WeightInfo::draw(MAX_PANEL, KEPT, MAX_SAMPLES)
            .max(T::WeightInfo::draw_anew(MAX_PANEL, MAX_DEMANDS))
            .max(T::WeightInfo::replace(MAX_PANEL))
            .saturating_add(T::WeightInfo::close(MAX_PANEL, MAX_DEMANDS))
    }

    fn view(job: JobId) -> Option<VerificationView> {
        Self::view_of(job)
    }
}

impl<T: Config> Pallet<T> {
    /// A case before its draw, without a result.
    fn case_of(
        provider: AccountId,
        requester: AccountId,
        (verifiers, samples): (u32, u32),
        price: Balance,
    ) -> Case {
        let mut case = Case {
            provider,
            requester,
            roots: Default::default(),
            tiles: Default::default(),
            shares: Default::default(),
            samples,
            verifiers,
            price,
            committed: 0,
            seed: [0; 32],
            source: 0,
            suspected: false,
            barred: false,
            revealed: false,
            round: 0,
            phase: Phase::Drawing,
            until: 0,
            panel: Default::default(),
            former: Default::default(),
        };
        case.await_seed(frame_system::Pallet::<T>::block_number());
        case
    }

    fn start(job: JobId, case: Case) -> Result<BlockNumber, DispatchError> {
        ensure!(!Cases::<T>::contains_key(job), Error::<T>::CaseExists);
        let until = case.until;
        Cases::<T>::insert(job, case);
        Ok(until)
    }

    /// Draws tiles and verifiers. Waits for randomness and for somebody to draw, both together for one window.
    fn draw(job: JobId, case: &mut Case, now: BlockNumber) -> Drawing {
        let wait = CurrentWindows::<T>::get().draw;
        let last = case.committed.saturating_add(SEEDED).saturating_add(wait);
        let again = |after: BlockNumber| match now >= last {
            true => Drawing::Failed,
            false => Drawing::Again(now.saturating_add(after).min(last)),
        };
        if case.source == 0 {
            let Some((source, seed)) = Self::seed(job, case, now) else {
                return again(1);
            };
            case.seed = seed;
            case.source = source;
        }
        Self::draw_verifiers(job, case);
        if case.panel.is_empty() {
            return again(RETRY);
        }
        if !case.is_enquiry() {
            Self::draw_tiles(job, case);
        }
        // Fewer candidates than places: they share the samples, so that none goes unchecked.
        case.verifiers = u32::try_from(case.panel.len()).unwrap_or(case.verifiers);
        Drawing::Done
    }

    /// Counts what verifiers have found when all have spoken or the window has ended. The verdict, if that ends the case;
    /// else it goes on, with others for those who have left as long as there are rounds.
    fn count(job: JobId, case: &mut Case) -> Option<Verdict<AccountId>> {
        Self::dismiss_owing(job, case);
        match case.found() {
            Found::Missing(missing) => return Some(Self::missed(job, case, missing)),
            Found::Available => {
                for verifier in case.missing() {
                    Self::dismiss(job, case, Offence::FalseReport, &verifier, None);
                }
                if case.is_enquiry() {
                    return Some(Verdict::Available {
                        verifiers: Self::close(job, case),
                    });
                }
            }
            Found::Nothing => {
                for verifier in case.missing() {
                    Self::excuse(job, case, &verifier);
                }
            }
        }
        Self::replace(job, case);
        let goes_on =
            case.is_waiting() || case.any(|state| matches!(state, SeatState::Attested(_)));
        (!goes_on).then(|| {
            Self::close(job, case);
            Verdict::Unverified
        })
    }

    /// Most could not fetch something.
    fn missed(job: JobId, case: &mut Case, missing: Missing) -> Verdict<AccountId> {
        if case.is_enquiry() {
            // To say that one has the inputs costs nothing, so it earns nothing either when most have not.
            for verifier in case.seated(|state| *state == SeatState::Had) {
                Self::excuse(job, case, &verifier);
            }
        }
        let verifiers = Self::close(job, case);
        match missing {
            Missing::Inputs => Verdict::Unavailable { verifiers },
            Missing::Outputs => Verdict::Convicted {
                offence: Offence::Unserved,
                reporter: None,
                verifiers,
            },
        }
    }

    /// Nobody has shown what it attested, though the result is served by now: who owns a whole panel must not have it
    /// unpaid. Back to the draw, for other verifiers and other tiles, as long as there are panels.
    fn draw_anew(job: JobId, mut case: Case, now: BlockNumber) -> Progress<AccountId, BlockNumber> {
        let Some(round) = case.round_of_next_panel(T::MaxRounds::get(), T::MaxPanels::get()) else {
            return Self::unverified(job, &case);
        };
        case.round = round;
        case.await_seed(now);
        let until = case.until;
        Draws::<T>::remove(job);
        Opened::<T>::remove(job);
        // What is shown from now on could be copied. It can be demanded again.
        Self::return_demands(job);
        Cases::<T>::insert(job, case);
        Self::deposit_event(Event::PanelFailed { job });
        Progress::Wait(until)
    }

    fn unverified(job: JobId, case: &Case) -> Progress<AccountId, BlockNumber> {
        Self::close(job, case);
        Progress::Over(Verdict::Unverified)
    }

    /// Draws verifiers for the vacant places, as long as there are rounds.
    fn replace(job: JobId, case: &mut Case) {
        let next = case.next_round(T::MaxRounds::get());
        if let Some(round) = next.filter(|_| !case.vacant().is_empty()) {
            case.round = round;
            Self::draw_verifiers(job, case);
        }
    }

    /// All that were drawn have spoken: counts it after the extrinsics of this block, or goes on at once where there
    /// is nothing to count.
    pub(crate) fn all_have_spoken(job: JobId, case: &mut Case) -> DispatchResult {
        if case.phase == Phase::Attesting && case.is_unanimous() {
            return Self::proceed_early(job, case);
        }
        case.until = frame_system::Pallet::<T>::block_number();
        T::JobBook::hasten(job, case.until)
    }

    /// Goes on to the next phase before the window of this one has ended.
    pub(crate) fn proceed_early(job: JobId, case: &mut Case) -> DispatchResult {
        let now = frame_system::Pallet::<T>::block_number();
        case.proceed(now, &CurrentWindows::<T>::get());
        T::JobBook::hasten(job, case.until)
    }

    /// Punishes the verifiers that still owe something and takes their seats.
    fn dismiss_owing(job: JobId, case: &mut Case) {
        if let Some(offence) = case.phase.offence() {
            for verifier in case.owing() {
                Self::dismiss(job, case, offence, &verifier, None);
            }
        }
    }

    /// Punishes a verifier and takes its seat.
    pub(crate) fn dismiss(
        job: JobId,
        case: &mut Case,
        offence: Offence,
        verifier: &AccountId,
        reporter: Option<AccountId>,
    ) {
        let charge = Charge {
            offence,
            job: Some(job),
            offender: verifier.clone(),
            bond: 0,
            price: case.price,
            reporter,
            requester: None,
        };
        if let Err(error) = with_storage_layer(|| T::Slashing::punish(charge)) {
            // Who left in between has nothing to lose here; the case goes on.
            log::warn!(target: LOG_TARGET, "job {job}: a verifier could not be punished: {error:?}");
        }
        Self::vacate(job, case, verifier, false);
        Self::deposit_event(Event::SeatLost {
            job,
            verifier: verifier.clone(),
            offence,
        });
    }

    /// Takes a verifier's seat without punishment.
    fn excuse(job: JobId, case: &mut Case, verifier: &AccountId) {
        Self::vacate(job, case, verifier, true);
        Self::deposit_event(Event::SeatLeft {
            job,
            verifier: verifier.clone(),
        });
    }

    fn vacate(job: JobId, case: &mut Case, verifier: &AccountId, counts: bool) {
        if !case.vacate(verifier, counts) {
            defensive!("more verifiers have left a case than can be drawn");
        }
        Claims::<T>::remove(job, verifier);
        Duties::<T>::remove(verifier, job);
    }

    /// Removes all that is stored of a case. The answer is the verifiers to pay.
    pub(crate) fn close(job: JobId, case: &Case) -> Vec<(AccountId, u32)> {
        for seat in &case.panel {
            Duties::<T>::remove(&seat.verifier, job);
            Claims::<T>::remove(job, &seat.verifier);
        }
        Self::close_demands(job);
        Self::close_supply(job);
        Draws::<T>::remove(job);
        Opened::<T>::remove(job);
        Cases::<T>::remove(job);
        case.earned(T::VerifiersPerSample::get())
    }
}
