// SPDX-License-Identifier: Apache-2.0
//! What every call and every step costs, at its largest.

use crate::{
    Call, Cases, Claims, Config, CurrentWindows, Demands, Discarded, Duties, Opened, Pages, Pallet,
    Seeds, Supplies, WeightInfo, Windows,
    draw::KEPT,
    frame_support, frame_system,
    types::{Differences, MAX_DEMANDS, PageBytes, Phase, SeatState, Seed, Supply},
};
use alloc::{vec, vec::Vec};
use assay_primitives::{
    AccountId, BlockNumber,
    job::{MAX_PANEL, MAX_SAMPLES, PerPass},
    verification::{JobBook, Progress, Verification},
};
use assay_verifier::{
    execution::{Task, replay, replay_with},
    tree,
    witness::{InputRef, InputSlice, Page, Witness},
};
use codec::Encode;
use frame_support::{
    traits::{EnsureOrigin, Get},
    weights::WeightMeter,
};
use frame_system::RawOrigin;
use polkadot_sdk::frame_benchmarking::v2::{
    BenchmarkError, account, benchmarks, impl_test_function,
};

mod setting;

use setting::{
    LANES, MOST_HASHES, TILES, TURN_FUEL, admit, answering, attestation, candidates, case,
    demanded, discarded, having, input, judged, kernel, opening, proof, reader, report, revelation,
    rich, values,
};

/// Half as many samples as there can be.
const HALF_OF_SAMPLES: u32 = MAX_SAMPLES / 2;

#[benchmarks]
mod benchmarks {
    #[allow(
        clippy::wildcard_imports,
        reason = "the module is the file's, split by the macro"
    )]
    use super::*;

    #[benchmark]
    fn record_seed() {
        #[block]
        {
            Pallet::<T>::record_seed(100);
        }
    }

    #[benchmark]
    fn authorize_attest() -> Result<(), BenchmarkError> {
        let call = attestation::<T>(true)?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    /// The last of a panel, if `l` is 1.
    #[benchmark]
    fn attest(l: Linear<0, 1>) -> Result<(), BenchmarkError> {
        let Call::attest {
            job,
            verifier,
            round,
            commitment,
            signature,
        } = attestation::<T>(l > 0)?
        else {
            return Err("an attestation was asked for".into());
        };

        #[extrinsic_call]
        _(
            RawOrigin::Authorized,
            job,
            verifier,
            round,
            commitment,
            signature,
        );

        let phase = Cases::<T>::get(job).map(|case| case.phase);
        let expected = if l > 0 {
            Phase::Opening
        } else {
            Phase::Attesting
        };
        assert_eq!(phase, Some(expected));
        Ok(())
    }

    #[benchmark]
    fn authorize_open(h: Linear<8, MOST_HASHES>) -> Result<(), BenchmarkError> {
        let call = opening::<T>(h)?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    #[benchmark]
    fn open(h: Linear<8, MOST_HASHES>) -> Result<(), BenchmarkError> {
        let Call::open {
            job,
            openings,
            signature,
        } = opening::<T>(h)?
        else {
            return Err("an opening was asked for".into());
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, job, openings, signature);

        let phase = Cases::<T>::get(job).map(|case| case.phase);
        assert_eq!(phase, Some(Phase::Revealing));
        Ok(())
    }

    /// `d` samples in which it differs, `s` in which it agrees.
    #[benchmark]
    fn authorize_reveal(
        d: Linear<0, HALF_OF_SAMPLES>,
        s: Linear<0, HALF_OF_SAMPLES>,
    ) -> Result<(), BenchmarkError> {
        let call = revelation::<T>(d, s, true)?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    /// The same; the last of a panel, if `l` is 1.
    #[benchmark]
    fn reveal(
        d: Linear<0, HALF_OF_SAMPLES>,
        s: Linear<0, HALF_OF_SAMPLES>,
        l: Linear<0, 1>,
    ) -> Result<(), BenchmarkError> {
        let Call::reveal {
            job,
            verifier,
            round,
            salt,
            differing,
            signature,
        } = revelation::<T>(d, s, l > 0)?
        else {
            return Err("a reveal was asked for".into());
        };

        #[extrinsic_call]
        _(
            RawOrigin::Authorized,
            job,
            verifier.clone(),
            round,
            salt,
            differing,
            signature,
        );

        assert_eq!(Claims::<T>::contains_key(job, verifier), d > 0);
        Ok(())
    }

    /// A conviction in which every verifier swore to the wrong value. `f` is fuel, `w` bytes of the witness.
    #[benchmark]
    fn adjudicate(
        f: Linear<0, 4_000_000>,
        w: Linear<1_024, 500_000>,
    ) -> Result<(), BenchmarkError> {
        let turn = TURN_FUEL.saturating_mul(LANES.into());
        let kernel = kernel(f.checked_div(turn).unwrap_or_default());
        let (reference, witness) = input(w.checked_div(1_024).unwrap_or_default().max(1));
        let (job, panel) = judged::<T>(&kernel, reference, Phase::Challenge, |_, _| {
            SeatState::Agreed
        })?;
        let hash = *blake3::hash(&kernel.encode()).as_bytes();
        let fuel = T::JobBook::judging_fuel(&hash).ok_or("the kernel is registered")?;
        let who: AccountId = account("watcher", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who), job, 0, None, witness, fuel, 0);

        assert!(!Cases::<T>::contains_key(job));
        for verifier in panel {
            assert!(!Duties::<T>::contains_key(verifier, job));
        }
        Ok(())
    }

    /// The same for a tile that is right.
    #[benchmark]
    fn uphold(f: Linear<0, 4_000_000>, w: Linear<1_024, 500_000>) -> Result<(), BenchmarkError> {
        let turn = TURN_FUEL.saturating_mul(LANES.into());
        let kernel = kernel(f.checked_div(turn).unwrap_or_default());
        let (reference, witness) = input(w.checked_div(1_024).unwrap_or_default().max(1));
        let (job, _) = judged::<T>(&kernel, reference, Phase::Challenge, |_, _| {
            SeatState::Agreed
        })?;
        let task = Task {
            grid: [TILES, 1, 1],
            parameters: &[],
            tiles: TILES,
        };
        let limits = T::KernelLimits::get();
        let right = replay(&kernel, &limits, &task, 0, &[reference], &witness)
            .map_err(|_| "the witness is good")?;
        Opened::<T>::mutate(job, |values| {
            if let Some(first) = values.as_mut().and_then(|values| values.get_mut(0)) {
                *first = right.value;
            }
        });
        let hash = *blake3::hash(&kernel.encode()).as_bytes();
        let fuel = T::JobBook::judging_fuel(&hash).ok_or("the kernel is registered")?;
        let who: AccountId = account("watcher", 0, 0);

        #[extrinsic_call]
        adjudicate(RawOrigin::Signed(who), job, 0, None, witness, fuel, 0);

        assert!(Cases::<T>::contains_key(job));
        Ok(())
    }

    #[benchmark]
    fn read_pages(p: Linear<1, 8_192>) -> Result<(), BenchmarkError> {
        let turns = p.div_ceil(LANES.into());
        let pages = turns.saturating_mul(LANES.into());
        let kernel = reader(turns);
        let reference = InputRef {
            hash: [7; 32],
            length: u64::from(pages).saturating_mul(1_024),
        };
        for page in 0..pages {
            let bytes = PageBytes::truncate_from(vec![5; 1_024]);
            Pages::<T>::insert(0, (reference.hash, page), bytes);
        }
        let task = Task {
            grid: [TILES, 1, 1],
            parameters: &[],
            tiles: TILES,
        };
        let witness = Witness {
            inputs: vec![InputSlice::default()],
        };
        let limits = T::KernelLimits::get();
        let mut read = 0u32;
        let done;

        #[block]
        {
            let supplied = |_, page| {
                read = read.saturating_add(1);
                Pallet::<T>::supplied_page(0, &reference, page)
            };
            let inputs = [reference];
            done = replay_with(&kernel, &limits, &task, 0, &inputs, &witness, supplied);
        }

        assert!(done.is_ok());
        assert_eq!(read, pages);
        Ok(())
    }

    #[benchmark]
    fn authorize_miss() -> Result<(), BenchmarkError> {
        let call = report::<T>()?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    #[benchmark]
    fn miss() -> Result<(), BenchmarkError> {
        let Call::miss {
            job,
            verifier,
            round,
            missing,
            signature,
        } = report::<T>()?
        else {
            return Err("a report was asked for".into());
        };

        #[extrinsic_call]
        _(
            RawOrigin::Authorized,
            job,
            verifier,
            round,
            missing,
            signature,
        );

        let until = Cases::<T>::get(job).map(|case| case.until);
        assert_eq!(until, Some(1));
        Ok(())
    }

    #[benchmark]
    fn authorize_have() -> Result<(), BenchmarkError> {
        let call = having::<T>()?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    #[benchmark]
    fn have() -> Result<(), BenchmarkError> {
        let Call::have {
            job,
            verifier,
            round,
            signature,
        } = having::<T>()?
        else {
            return Err("a report was asked for".into());
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, job, verifier, round, signature);

        let until = Cases::<T>::get(job).map(|case| case.until);
        assert_eq!(until, Some(1));
        Ok(())
    }

    /// The requester's last demand, with many tiles shown already.
    #[benchmark]
    fn demand() -> Result<(), BenchmarkError> {
        let most = MAX_DEMANDS.min(T::MaxDemandsPerAccount::get());
        let (job, requester) = demanded::<T>(most.saturating_sub(1), 7)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(requester), job, 1, true);

        assert_eq!(Demands::<T>::get(job).len(), most as usize);
        Ok(())
    }

    #[benchmark]
    fn authorize_answer(b: Linear<1_024, 65_536>) -> Result<(), BenchmarkError> {
        let call = answering::<T>(b)?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    #[benchmark]
    fn answer(b: Linear<1_024, 65_536>) -> Result<(), BenchmarkError> {
        let Call::answer {
            job,
            tile,
            opening,
            bytes,
            signature,
        } = answering::<T>(b)?
        else {
            return Err("an answer was asked for".into());
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, job, tile, opening, bytes, signature);

        assert!(!Demands::<T>::contains_key(job));
        Ok(())
    }

    /// By the provider, with claims of every verifier of which the last one counts. `w` is bytes of the witness.
    #[benchmark]
    fn authorize_prove(w: Linear<1_024, 500_000>) -> Result<(), BenchmarkError> {
        let (reference, witness) = input(w.checked_div(1_024).unwrap_or_default().max(1));
        let kernel = kernel(1);
        let (job, panel) = judged::<T>(&kernel, reference, Phase::Disputed, |_, _| {
            SeatState::Differed
        })?;
        let last = panel.last().ok_or("there is a panel")?;
        for verifier in &panel {
            let first = if verifier == last { 0 } else { 1 };
            let claims: Vec<_> = (first..MAX_SAMPLES).map(|at| (at, [9; 32])).collect();
            Claims::<T>::insert(job, verifier, Differences::truncate_from(claims));
        }
        let provider = Cases::<T>::get(job).ok_or("there is a case")?.provider;
        let call = proof::<T>(job, provider, &kernel, witness)?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    /// As a conviction by `adjudicate`, by a verifier after the checker has failed.
    #[benchmark]
    fn prove(f: Linear<0, 4_000_000>, w: Linear<1_024, 500_000>) -> Result<(), BenchmarkError> {
        let turn = TURN_FUEL.saturating_mul(LANES.into());
        let kernel = kernel(f.checked_div(turn).unwrap_or_default());
        let (reference, witness) = input(w.checked_div(1_024).unwrap_or_default().max(1));
        let (job, panel) = judged::<T>(&kernel, reference, Phase::Challenge, |_, _| {
            SeatState::Agreed
        })?;
        Cases::<T>::mutate(job, |case| {
            if let Some(case) = case {
                case.suspected = true;
            }
        });
        let party = panel.first().ok_or("there is a panel")?.clone();
        let Call::prove {
            job,
            party,
            tile,
            opening,
            witness,
            fuel,
            supplied,
            signature,
        } = proof::<T>(job, party, &kernel, witness)?
        else {
            return Err("a proof was asked for".into());
        };

        #[extrinsic_call]
        _(
            RawOrigin::Authorized,
            job,
            party,
            tile,
            opening,
            witness,
            fuel,
            supplied,
            signature,
        );

        assert!(!Cases::<T>::contains_key(job));
        Ok(())
    }

    /// Pages far apart in the largest tree.
    #[benchmark]
    fn supply(p: Linear<1, 256>) -> Result<(), BenchmarkError> {
        let step = TILES.checked_div(256).unwrap_or(1);
        let pages: Vec<Page> = (0..p)
            .map(|page| Page {
                index: page.saturating_mul(step),
                bytes: vec![5; 1_024],
            })
            .collect();
        let mut leaves = values();
        for page in &pages {
            let value = tree::leaf_value(page.index, TILES, &page.bytes).ok_or("a page")?;
            if let Some(leaf) = leaves.get_mut(page.index as usize) {
                *leaf = value;
            }
        }
        let wanted: Vec<u32> = pages.iter().map(|page| page.index).collect();
        let slice = InputSlice {
            siblings: tree::prove(&leaves, &wanted).map_err(|_| "the pages are there")?,
            pages,
        };
        let reference = InputRef {
            hash: tree::root_of(&leaves).ok_or("there are pages")?,
            length: u64::from(TILES).saturating_mul(1_024),
        };
        let (job, _) = judged::<T>(&kernel(1), reference, Phase::Challenge, |_, _| {
            SeatState::Agreed
        })?;
        let who = rich::<T>("supplier", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who), job, 0, 0, slice);

        assert!(Supplies::<T>::contains_key(job));
        Ok(())
    }

    #[benchmark]
    fn discard() {
        #[block]
        {
            let mut meter = WeightMeter::with_limit(T::WeightInfo::discard());
            Pallet::<T>::discard(&mut meter);
        }
    }

    #[benchmark]
    fn discard_page() -> Result<(), BenchmarkError> {
        discarded::<T>(2)?;
        let limit = T::WeightInfo::discard().saturating_add(T::WeightInfo::discard_page());
        #[block]
        {
            Pallet::<T>::discard(&mut WeightMeter::with_limit(limit));
        }
        assert_eq!(Pages::<T>::iter_keys().count(), 1);
        Ok(())
    }

    #[benchmark]
    fn return_deposits() -> Result<(), BenchmarkError> {
        discarded::<T>(0)?;
        #[block]
        {
            Pallet::<T>::discard(&mut WeightMeter::new());
        }
        assert!(!Discarded::<T>::contains_key(0));
        Ok(())
    }

    /// The draw of `v` verifiers and of `s` tiles, after a wait of `b` blocks for randomness.
    #[benchmark]
    fn draw(
        v: Linear<1, MAX_PANEL>,
        b: Linear<3, KEPT>,
        s: Linear<1, MAX_SAMPLES>,
    ) -> Result<(), BenchmarkError> {
        let (job, _) = case::<T>(Phase::Drawing, |_, _| SeatState::Drawn)?;
        Cases::<T>::mutate(job, |case| {
            if let Some(case) = case {
                case.panel = Default::default();
                case.verifiers = v;
                case.samples = s;
                case.shares = PerPass::truncate_from(vec![s]);
                case.committed = BlockNumber::from(99u8).saturating_sub(b);
            }
        });
        candidates::<T>();
        for block in 98..100 {
            let seed = Seed {
                vrf: [1; 32],
                author: Some(account("author", block, 0)),
            };
            Seeds::<T>::insert(block, seed);
        }
        let progress;

        #[block]
        {
            progress = Pallet::<T>::advance(job, 100);
        }

        assert!(matches!(progress, Progress::Wait(until) if until > 100));
        let case = Cases::<T>::get(job).ok_or("the case goes on")?;
        assert_eq!(case.panel.len(), v as usize);
        Ok(())
    }

    /// The end of a phase in which the largest panel has done its duty.
    #[benchmark]
    fn proceed() -> Result<(), BenchmarkError> {
        let (job, _) = case::<T>(Phase::Revealing, |_, _| SeatState::Agreed)?;
        Cases::<T>::mutate(job, |case| {
            if let Some(case) = case {
                case.revealed = true;
            }
        });
        let progress;

        #[block]
        {
            progress = Pallet::<T>::advance(job, 100);
        }

        assert!(matches!(progress, Progress::Wait(until) if until > 100));
        let case = Cases::<T>::get(job).ok_or("the case goes on")?;
        assert_eq!(case.phase, Phase::Challenge);
        Ok(())
    }

    /// The end of a window in which none of `v` verifiers has revealed: they are punished, `d` demands are given back, and
    /// others will be drawn.
    #[benchmark]
    fn draw_anew(v: Linear<0, MAX_PANEL>, d: Linear<0, MAX_DEMANDS>) -> Result<(), BenchmarkError> {
        let (job, _) = demanded::<T>(d, 7)?;
        Cases::<T>::mutate(job, |case| {
            if let Some(case) = case {
                case.phase = Phase::Revealing;
                case.revealed = false;
                case.panel.truncate(v as usize);
                for seat in case.panel.iter_mut() {
                    seat.state = SeatState::Attested([0; 32]);
                }
            }
        });
        Demands::<T>::mutate(job, |list| list.iter_mut().for_each(|one| one.until = 200));
        let progress;

        #[block]
        {
            progress = Pallet::<T>::advance(job, 100);
        }

        assert!(matches!(progress, Progress::Wait(until) if until > 100));
        let case = Cases::<T>::get(job).ok_or("the case goes on")?;
        assert_eq!(case.phase, Phase::Drawing);
        assert_eq!(case.former.len(), v as usize);
        assert!(!Demands::<T>::contains_key(job));
        Ok(())
    }

    /// The end of a window in which `v` verifiers of the largest panel were silent: they are punished and replaced.
    #[benchmark]
    fn replace(v: Linear<1, MAX_PANEL>) -> Result<(), BenchmarkError> {
        let (job, panel) = case::<T>(Phase::Attesting, |_, _| SeatState::Attested([0; 32]))?;
        let silent: Vec<_> = panel.iter().zip(0..v).map(|(who, _)| who).collect();
        Cases::<T>::mutate(job, |case| {
            if let Some(case) = case {
                case.verifiers = MAX_PANEL;
                for verifier in &silent {
                    case.set_state(verifier, SeatState::Drawn);
                }
            }
        });
        candidates::<T>();
        let progress;

        #[block]
        {
            progress = Pallet::<T>::advance(job, 100);
        }

        assert!(matches!(progress, Progress::Wait(until) if until > 100));
        let case = Cases::<T>::get(job).ok_or("the case goes on")?;
        assert_eq!(case.former.len(), v as usize);
        assert_eq!(case.panel.len(), MAX_PANEL as usize);
        Ok(())
    }

    /// The end of a case with `v` verifiers and `d` demands, of which one was not answered, and with pages supplied.
    #[benchmark]
    fn close(v: Linear<1, MAX_PANEL>, d: Linear<0, MAX_DEMANDS>) -> Result<(), BenchmarkError> {
        let (job, _) = demanded::<T>(d, 7)?;
        Cases::<T>::mutate(job, |case| {
            if let Some(case) = case {
                case.panel.truncate(v as usize);
            }
        });
        let entry = Supply {
            id: 0,
            suppliers: Default::default(),
        };
        Supplies::<T>::insert(job, entry);
        let progress;

        #[block]
        {
            progress = Pallet::<T>::advance(job, BlockNumber::MAX);
        }

        assert!(matches!(progress, Progress::Over(_)));
        assert!(!Cases::<T>::contains_key(job));
        Ok(())
    }

    #[benchmark]
    fn set_windows() -> Result<(), BenchmarkError> {
        let origin =
            T::WindowOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let windows = Windows {
            attest: 1,
            ..Windows::default()
        };

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, windows);

        assert_eq!(CurrentWindows::<T>::get(), windows);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
