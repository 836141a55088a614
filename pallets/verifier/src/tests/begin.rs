// SPDX-License-Identifier: Apache-2.0
//! What is taken from the jobs' pallet.

use crate::{
    Cases, Error, frame_support,
    mock::{
        Output, SAMPLES, System, TILES, Test, VerifierPallet, case, commit, commitment_to, one,
        provider, requester, run,
    },
    types::Phase,
};
use assay_primitives::{
    JobId,
    job::{MAX_PANEL, MAX_SAMPLES},
    verification::{Commitment, Verification},
};
use frame_support::{assert_noop, assert_ok};

fn begin(
    job: JobId,
    change: impl FnOnce(&mut Commitment<assay_primitives::AccountId, assay_primitives::Balance>),
) -> Result<u32, crate::sp_runtime::DispatchError> {
    let mut commitment = commitment_to(Output::right().root(), 2);
    change(&mut commitment);
    VerifierPallet::begin(job, commitment)
}

#[test]
fn case_waits_for_randomness_when_a_job_is_committed() {
    run(|| {
        assert_eq!(begin(7, |_| {}), Ok(13));
        let case = case(7);
        assert_eq!(case.phase, Phase::Drawing);
        assert_eq!((case.committed, case.until), (10, 13));
        assert_eq!((case.provider, case.requester), (provider(), requester()));
        assert_eq!((case.tiles, case.samples), (one(TILES), SAMPLES));
        assert!(case.panel.is_empty());
    });
}

#[test]
fn commitment_is_refused_when_it_samples_nothing_or_more_than_there_is() {
    run(|| {
        for (tiles, samples) in [
            (20, 0),
            (20, 21),
            (0, 0),
            (0, 1),
            (u32::MAX, MAX_SAMPLES + 1),
            (u32::MAX, u32::MAX),
        ] {
            assert_noop!(
                begin(7, |commitment| {
                    commitment.tiles = one(tiles);
                    commitment.samples = one(samples);
                }),
                Error::<Test>::BadCommitment
            );
        }
    });
}

#[test]
fn commitment_is_accepted_at_its_limits() {
    run(|| {
        assert_ok!(begin(7, |commitment| {
            commitment.tiles = one(u32::MAX);
            commitment.samples = one(MAX_SAMPLES);
            commitment.panel = MAX_PANEL;
        }));
        assert_ok!(begin(8, |commitment| {
            commitment.tiles = one(1);
            commitment.samples = one(1);
            commitment.panel = 1;
        }));
    });
}

#[test]
fn commitment_is_refused_when_its_panel_is_empty_or_too_large() {
    run(|| {
        assert_noop!(
            begin(7, |commitment| commitment.panel = MAX_PANEL + 1),
            Error::<Test>::BadCommitment
        );
        assert_noop!(
            begin(7, |commitment| commitment.panel = 0),
            Error::<Test>::BadCommitment
        );
    });
}

#[test]
fn commitment_is_refused_when_the_job_is_being_verified() {
    run(|| {
        commit(7, &Output::right());
        let before = case(7);
        System::set_block_number(11);
        assert_noop!(begin(7, |_| {}), Error::<Test>::CaseExists);
        assert_eq!(Cases::<Test>::get(7), Some(before));
    });
}
