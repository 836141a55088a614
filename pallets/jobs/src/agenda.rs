// SPDX-License-Identifier: Apache-2.0
//! What the chain does by itself: which job falls due when, and the bounded work per block on it.
//!
//! A job under block *n* falls due once the extrinsics of *n* are done. That is in `on_idle` of *n*,
//! or, when the block was full, in `on_poll` of a later one. The cursor passes a block only when
//! nothing is left under it, so no job is ever skipped.

use crate::{
    Agenda, Config, Cursor, Expiries, ExpiryRange, Jobs, LOG_TARGET, Pallet, Receipts, WeightInfo,
    frame_support, frame_system,
    types::{Job, Stage},
};
use assay_primitives::{
    BlockNumber, JobId,
    job::{MAX_PANEL, MAX_PASSES},
    verification::{Progress, Verdict, Verification},
};
use frame_support::{
    BoundedVec, defensive,
    traits::{Get, fungible::Inspect},
    weights::{Weight, WeightMeter},
};

/// The jobs that fall due in one block.
pub(crate) type Slot<T> = BoundedVec<JobId, <T as Config>::MaxPerBlock>;

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Its verification goes on.
    GoesOn,
    /// Its result was upheld.
    Settles {
        /// How many payments were shared with delegators.
        shared: u32,
    },
    /// What the job waited for is over in another way.
    Ends,
}

/// What a step weighs at most, by what comes of it.
struct StepWeights {
    /// The verification goes on.
    going_on: Weight,
    /// The verification is over, without what follows.
    over: Weight,
    /// Of a job that is being verified: its verifiers, its passes, and 1 if its price is in an asset.
    settling: Option<(u32, u32, u32)>,
    /// What follows if the job does not settle.
    ending: Weight,
}

impl StepWeights {
    fn of<T: Config>(&self, step: Step) -> Weight {
        match (step, self.settling) {
            (Step::GoesOn, _) => self.going_on,
            (Step::Settles { shared }, Some((panel, passes, in_asset))) => {
                let unshared = panel.saturating_sub(shared);
                let settled = T::WeightInfo::settled(unshared, shared, passes, in_asset);
                self.over.saturating_add(settled)
            }
            _ => self.over.saturating_add(self.ending),
        }
    }

    fn most<T: Config>(&self) -> Weight {
        let shared = self.settling.map_or(0, |(panel, ..)| most_shared(panel));
        self.of::<T>(Step::GoesOn)
            .max(self.of::<T>(Step::Settles { shared }))
            .max(self.of::<T>(Step::Ends))
    }
}

/// The most payments of a settlement that can be shared: the provider's price and bounty, and the verifiers' fees.
fn most_shared(panel: u32) -> u32 {
    panel.saturating_add(2)
}

impl<T: Config> Pallet<T> {
    /// Puts a job on the agenda, at the block or at the first one after it that has room and is not
    /// done, and notes in the job which one it is. The caller stores the job.
    ///
    /// There is room within `MaxJobs / MaxPerBlock` blocks, because no more jobs are alive.
    pub(crate) fn schedule(id: JobId, job: &mut Job, at: BlockNumber) {
        let done_before =
            Cursor::<T>::get().unwrap_or_else(frame_system::Pallet::<T>::block_number);
        let first = at.max(done_before);
        let spread = Self::spread();
        for slot in first..=first.saturating_add(spread) {
            if Agenda::<T>::try_append(slot, id).is_ok() {
                job.due = slot;
                return;
            }
        }
        defensive!("more entries on the agenda than jobs alive");
    }

    /// Takes a job off the agenda, if it is on it.
    pub(crate) fn unschedule(id: JobId, due: BlockNumber) {
        let mut slot = Agenda::<T>::get(due);
        let Some(place) = slot.iter().position(|job| *job == id) else {
            return;
        };
        slot.remove(place);
        match slot.is_empty() {
            true => Agenda::<T>::remove(due),
            false => Agenda::<T>::insert(due, slot),
        }
    }

    /// The most blocks that a full agenda can put off a job.
    pub(crate) fn spread() -> BlockNumber {
        T::MaxJobs::get()
            .checked_div(T::MaxPerBlock::get())
            .unwrap_or(T::MaxJobs::get())
    }

    /// Advances what is due as of a block whose extrinsics are done, as far as the weight reaches.
    pub(crate) fn progress(as_of: BlockNumber, meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::progress()).is_err() {
            return;
        }
        let mut slot = Cursor::<T>::get().unwrap_or(as_of);
        // Nothing is put under the blocks that are being worked off.
        Cursor::<T>::put(as_of.saturating_add(1));
        while slot <= as_of && meter.try_consume(T::WeightInfo::take_slot()).is_ok() {
            let left = Self::work_off(Agenda::<T>::take(slot), as_of, meter);
            if !left.is_empty() {
                Agenda::<T>::insert(slot, left);
                break;
            }
            slot = slot.saturating_add(1);
        }
        Cursor::<T>::put(slot);
        Self::expire(as_of, meter);
    }

    /// Advances jobs that are off the agenda, as far as the weight reaches, and returns those that it did not reach.
    pub(crate) fn work_off(due: Slot<T>, as_of: BlockNumber, meter: &mut WeightMeter) -> Slot<T> {
        let mut due = due.into_iter().peekable();
        while let Some(id) = due.peek().copied() {
            if meter.try_consume(T::WeightInfo::next_due()).is_err() {
                break;
            }
            let Some(job) = Jobs::<T>::get(id) else {
                defensive!("a job on the agenda that is not alive");
                due.next();
                continue;
            };
            let weights = Self::step_weights(id, &job, as_of);
            if !meter.can_consume(weights.most::<T>()) {
                break;
            }
            due.next();
            meter.consume(weights.of::<T>(Self::step(id, job, as_of)));
        }
        BoundedVec::truncate_from(due.collect())
    }

    fn step_weights(id: JobId, job: &Job, as_of: BlockNumber) -> StepWeights {
        let ending = match &job.stage {
            Stage::Auction { .. } => T::WeightInfo::auction_over(),
            Stage::Rescue { .. } => T::WeightInfo::rescue_over(),
            Stage::Computing { .. } => T::WeightInfo::deadline_missed(),
            Stage::Enquiring { .. } => T::WeightInfo::enquiry_over(),
            Stage::Verifying { .. } => {
                T::WeightInfo::verification_over(job.fees.panel, job.passes())
            }
        };
        let in_asset = u32::from(job.spec.asset.is_some());
        let settling = matches!(job.stage, Stage::Verifying { .. })
            .then(|| (job.fees.panel, job.passes(), in_asset));
        let (going_on, over) = match &job.stage {
            Stage::Enquiring { .. } | Stage::Verifying { .. } => {
                let (advance, over) = T::Verification::advance_weight(id, as_of);
                let put_off = T::WeightInfo::put_off(job.passes());
                (advance.saturating_add(put_off), over)
            }
            _ => Default::default(),
        };
        StepWeights {
            going_on,
            over,
            settling,
            ending,
        }
    }

    /// The most weight that one turn of [`Pallet::progress`] takes.
    pub(crate) fn most_step_weight() -> Weight {
        T::WeightInfo::auction_over()
            .max(T::WeightInfo::rescue_over())
            .max(T::WeightInfo::deadline_missed())
            .max(
                T::Verification::most_advance_weight().saturating_add(
                    T::WeightInfo::verification_over(MAX_PANEL, MAX_PASSES)
                        .max(T::WeightInfo::settled(
                            0,
                            most_shared(MAX_PANEL),
                            MAX_PASSES,
                            1,
                        ))
                        .max(T::WeightInfo::enquiry_over())
                        .max(T::WeightInfo::put_off(MAX_PASSES)),
                ),
            )
            .saturating_add(T::WeightInfo::progress())
            .saturating_add(T::WeightInfo::take_slot())
            .saturating_add(T::WeightInfo::next_due())
    }

    /// One step of a job that is due and off the agenda.
    pub(crate) fn step(id: JobId, job: Job, as_of: BlockNumber) -> Step {
        match job.stage.clone() {
            Stage::Auction { .. } => Self::auction_over(id, job, as_of),
            Stage::Rescue { reason, .. } => Self::rescue_over(id, job, reason),
            Stage::Computing { contract, .. } => Self::deadline_missed(id, job, contract, as_of),
            Stage::Enquiring { contract } => match T::Verification::advance(id, as_of) {
                Progress::Wait(due) => {
                    Self::put_off(id, job, due, as_of);
                    return Step::GoesOn;
                }
                Progress::Over(verdict) => Self::enquiry_over(id, job, contract, verdict, as_of),
            },
            Stage::Verifying {
                contract, roots, ..
            } => match T::Verification::advance(id, as_of) {
                Progress::Wait(due) => {
                    Self::put_off(id, job, due, as_of);
                    return Step::GoesOn;
                }
                Progress::Over(verdict) => {
                    let upheld = matches!(verdict, Verdict::Upheld { .. });
                    let shared = Self::verification_over(id, job, contract, roots, verdict);
                    if upheld {
                        return Step::Settles { shared };
                    }
                }
            },
        }
        Step::Ends
    }

    /// Puts a job back on the agenda, later than the block that is being worked off.
    pub(crate) fn put_off(id: JobId, mut job: Job, due: BlockNumber, as_of: BlockNumber) {
        Self::schedule(id, &mut job, due.max(as_of.saturating_add(1)));
        Jobs::<T>::insert(id, job);
    }

    /// Keeps the receipt of a closed job.
    pub(crate) fn remember(id: JobId, receipt: crate::types::Receipt) {
        Receipts::<T>::insert(id, receipt);
        ExpiryRange::<T>::mutate(|(_, next)| {
            Expiries::<T>::insert(*next, id);
            *next = next.saturating_add(1);
        });
    }

    /// Removes the receipts that are older than `ReceiptPeriod`, as far as the weight reaches.
    fn expire(as_of: BlockNumber, meter: &mut WeightMeter) {
        let (mut oldest, next) = ExpiryRange::<T>::get();
        let before = oldest;
        while oldest < next && meter.try_consume(T::WeightInfo::expire_receipt()).is_ok() {
            let Some(id) = Expiries::<T>::get(oldest) else {
                log::error!(target: LOG_TARGET, "no receipt at position {oldest}");
                oldest = oldest.saturating_add(1);
                continue;
            };
            let kept_until = Receipts::<T>::get(id)
                .map(|receipt| receipt.closed_at.saturating_add(T::ReceiptPeriod::get()));
            if kept_until.is_some_and(|until| until > as_of) {
                break;
            }
            Receipts::<T>::remove(id);
            Expiries::<T>::remove(oldest);
            oldest = oldest.saturating_add(1);
        }
        if oldest != before {
            ExpiryRange::<T>::put((oldest, next));
        }
    }

    /// Refuses a runtime whose constants contradict each other.
    pub(crate) fn check_constants() {
        assert!(
            T::MaxPerBlock::get() > 0 && T::MaxJobs::get() > 0 && T::MaxJobsPerAccount::get() > 0,
            "with any of MaxPerBlock, MaxJobs, MaxJobsPerAccount at 0 no job can be posted"
        );
        assert!(T::MaxRounds::get() > 0, "a job needs at least one auction");
        assert!(
            T::DepositBase::get() >= T::Currency::minimum_balance(),
            "a deposit must be enough for an account that has nothing else, or it could not be returned"
        );
        assert!(
            T::VerifiersPerSample::get() > 0,
            "samples that nobody checks are paid for by nobody"
        );
        assert!(
            (1..=MAX_PANEL).contains(&T::EnquiryPanel::get()) && T::EnquirySamples::get() > 0,
            "an enquiry needs somebody who looks and is paid, and no more than a panel"
        );
        assert!(
            T::MaxAuction::get() > 0 && T::MaxCompute::get() > 0,
            "windows of a job are at least one block"
        );
        assert!(
            T::ReceiptPeriod::get() > 0,
            "clients need time to see how a job ended"
        );
        assert!(
            Self::most_step_weight().all_lte(T::PollWeight::get()),
            "PollWeight is too small for one step: overdue jobs would wait for ever"
        );
    }
}
