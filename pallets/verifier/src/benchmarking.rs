// SPDX-License-Identifier: Apache-2.0
//! What every call and every step costs, at its largest.

use crate::{
    Call, Cases, Claims, Config, CurrentWindows, Demands, Discarded, Draws, Duties, HoldReason,
    NextSupply, Opened, Pages, Pallet, Seeds, Shown, Supplies, WeightInfo, Windows, frame_support,
    frame_system,
    types::{
        Case, Differences, MAX_DEMANDS, MAX_SHOWN, MAX_SUPPLIERS, PageBytes, Phase, Seat,
        SeatState, Seed, ShownTile, ShownTiles, Supplier, Suppliers, TileBytes,
    },
};
use alloc::{vec, vec::Vec};
use assay_kernel::{
    Kernel,
    program::{Binary, Builtin, LoopKind, Memory, Op, VERSION, VariableKind},
};
use assay_primitives::{
    AccountId, BlockNumber, JobId,
    duty::{Duty, Missing, WorkerSignature, payload},
    job::PerPass,
    job::{MAX_PANEL, MAX_SAMPLES},
    stake::Stakes,
    verification::{JobBook, Progress, Verification},
};
use assay_verifier::{
    ChainingValue, attestation,
    execution::{Task, replay, replay_with},
    opening::Opening,
    tree,
    witness::{InputRef, InputSlice, Page, Witness},
};
use codec::Encode;
use frame_support::{
    BoundedVec,
    traits::{Authorize, EnsureOrigin, Get, fungible},
    weights::WeightMeter,
};
use frame_system::RawOrigin;
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account, benchmarks, impl_test_function},
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::transaction_validity::TransactionSource,
};

/// Stake of every provider.
const STAKE: u128 = 1 << 50;

/// Tiles of the job: enough that no two samples share much of their way to the root.
const TILES: u32 = 65_536;

/// Lanes of the kernel.
const LANES: u16 = 256;

/// Fuel of a turn of the kernel's loop for one lane: a turn, two reads of a variable, a load from another page, an
/// addition, and two writes of a variable.
const TURN_FUEL: u32 = 18;

/// As many providers as a draw looks at.
const CANDIDATES: u32 = 256;

/// The salt of every attestation.
const SALT: [u8; 32] = [5; 32];

/// A kernel of one loop of so many turns in which each lane reads a word of the input on another page.
fn kernel(turns: u32) -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [LANES, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![Memory::Input, Memory::Output],
        variables: vec![VariableKind::VARYING, VariableKind::VARYING],
        code: vec![
            Op::Builtin(Builtin::LocalIndex),
            Op::Set(0, 0),
            Op::Repeat(LoopKind::Uniform, turns.max(1)),
            Op::Get(0),
            Op::Load(0, 2),
            Op::Set(0, 3),
            Op::Get(1),
            Op::Binary(Binary::Add, 3, 4),
            Op::Set(1, 5),
            Op::End,
            Op::Builtin(Builtin::GroupX),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 1, 2),
            Op::Binary(Binary::Add, 3, 0),
            Op::Get(1),
            Op::Store(1, 4, 5),
        ],
    }
}

/// An input of so many pages whose words lead from page to page, all of it in a witness.
fn input(pages: u32) -> (InputRef, Witness) {
    let words = pages.saturating_mul(256).max(1);
    let bytes: Vec<u8> = (0..words)
        .map(|word| {
            word.wrapping_mul(2_654_435_761)
                .checked_rem(words)
                .unwrap_or_default()
        })
        .flat_map(u32::to_le_bytes)
        .collect();
    let pages = bytes
        .chunks(1_024)
        .zip(0..)
        .map(|(bytes, index)| Page {
            index,
            bytes: bytes.to_vec(),
        })
        .collect();
    let slice = InputSlice {
        pages,
        siblings: vec![],
    };
    let witness = Witness {
        inputs: vec![slice],
    };
    (InputRef::of(&bytes), witness)
}

/// The values of all tiles of the job.
fn values() -> Vec<ChainingValue> {
    (0..TILES)
        .map(|tile| *blake3::hash(&tile.to_le_bytes()).as_bytes())
        .collect()
}

/// The sampled tiles: as many as possible, evenly spread.
fn sampled() -> Vec<u32> {
    let step = TILES.checked_div(MAX_SAMPLES).unwrap_or(1);
    (0..MAX_SAMPLES)
        .map(|sample| sample.saturating_mul(step))
        .collect()
}

/// Verifiers with worker keys in the keystore.
fn verifiers<T: Config>() -> Vec<AccountId> {
    (0..MAX_PANEL)
        .map(|seed| T::Stakes::benchmark_provider(seed, STAKE))
        .collect()
}

/// The largest case, in a phase and with every seat in a state. The answer is the job and its panel.
fn case<T: Config>(
    phase: Phase,
    state: impl Fn(JobId, &AccountId) -> SeatState,
) -> Result<(JobId, Vec<AccountId>), BenchmarkError> {
    let (reference, _) = input(1);
    judged::<T>(&kernel(1), reference, phase, state)
}

/// The same for a kernel and an input.
fn judged<T: Config>(
    kernel: &Kernel,
    input: InputRef,
    phase: Phase,
    state: impl Fn(JobId, &AccountId) -> SeatState,
) -> Result<(JobId, Vec<AccountId>), BenchmarkError> {
    frame_system::Pallet::<T>::set_block_number(1);
    CurrentWindows::<T>::put(Windows::default());
    let provider = T::Stakes::benchmark_provider(MAX_PANEL, STAKE);
    let job = T::JobBook::benchmark_job(&provider, kernel, vec![input], [TILES, 1, 1])?;
    let panel = verifiers::<T>();
    let values = values();
    let seats: Vec<_> = panel
        .iter()
        .zip(0..)
        .map(|(verifier, place)| Seat {
            verifier: verifier.clone(),
            place,
            round: 0,
            state: state(job, verifier),
        })
        .collect();
    for verifier in &panel {
        Duties::<T>::insert(verifier, job, ());
    }
    let case = Case {
        provider,
        requester: account("requester", 0, 0),
        roots: PerPass::truncate_from(vec![tree::root_of(&values).ok_or("there are tiles")?]),
        tiles: PerPass::truncate_from(vec![TILES]),
        shares: PerPass::truncate_from(vec![MAX_SAMPLES]),
        samples: MAX_SAMPLES,
        // Two verifiers for each sample: each seat of a panel of two has all of them.
        verifiers: T::VerifiersPerSample::get(),
        price: 1 << 40,
        committed: 0,
        seed: [0; 32],
        source: 0,
        suspected: false,
        barred: false,
        revealed: matches!(phase, Phase::Disputed | Phase::Challenge),
        round: 0,
        phase,
        until: 100,
        panel: BoundedVec::truncate_from(seats),
        former: BoundedVec::default(),
    };
    Cases::<T>::insert(job, case);
    Draws::<T>::insert(job, BoundedVec::truncate_from(sampled()));
    if matches!(phase, Phase::Revealing | Phase::Disputed | Phase::Challenge) {
        let opening = Opening::new(&values, &sampled()).map_err(|_| "the tiles are there")?;
        Opened::<T>::insert(job, BoundedVec::truncate_from(opening.values));
    }
    Ok((job, panel))
}

/// A worker's signature of a duty.
fn sign<T: Config>(
    party: &AccountId,
    job: JobId,
    duty: &Duty,
) -> Result<WorkerSignature, BenchmarkError> {
    let genesis = frame_system::Pallet::<T>::block_hash(BlockNumber::from(0u8));
    let worker = T::Stakes::worker(party).ok_or("the provider has a worker key")?;
    Ok(worker
        .sign(&payload(genesis, job, duty))
        .ok_or("the worker key is in the keystore")?)
}

/// Admits a call, as the pool does.
fn admit<T: Config>(call: &Call<T>) -> Result<(), BenchmarkError> {
    call.authorize(TransactionSource::External)
        .ok_or("the call has an authorization")?
        .map_err(|_| "the duty is due")?;
    Ok(())
}

fn attestation<T: Config>() -> Result<Call<T>, BenchmarkError> {
    let (job, panel) = case::<T>(Phase::Attesting, |_, _| SeatState::Attested([0; 32]))?;
    let verifier = panel.last().ok_or("there is a panel")?.clone();
    Cases::<T>::mutate(job, |case| {
        if let Some(case) = case {
            case.set_state(&verifier, SeatState::Drawn);
        }
    });
    let (round, commitment) = (0, [3; 32]);
    let duty = Duty::Attest {
        seed: [0; 32],
        round,
        commitment,
    };
    Ok(Call::attest {
        job,
        signature: sign::<T>(&verifier, job, &duty)?,
        verifier,
        round,
        commitment,
    })
}

fn opening<T: Config>() -> Result<Call<T>, BenchmarkError> {
    let (job, _) = case::<T>(Phase::Opening, |_, _| SeatState::Attested([0; 32]))?;
    let opening = Opening::new(&values(), &sampled()).map_err(|_| "the tiles are there")?;
    let openings = PerPass::truncate_from(vec![opening]);
    let provider = Cases::<T>::get(job).ok_or("there is a case")?.provider;
    let duty = Duty::Open {
        seed: [0; 32],
        opening: *blake3::hash(&openings.encode()).as_bytes(),
    };
    Ok(Call::open {
        job,
        openings,
        signature: sign::<T>(&provider, job, &duty)?,
    })
}

/// A reveal that differs in every sample.
fn revelation<T: Config>() -> Result<Call<T>, BenchmarkError> {
    let own: Vec<ChainingValue> = (0..MAX_SAMPLES).map(|_| [9; 32]).collect();
    let (job, panel) = case::<T>(Phase::Revealing, |job, verifier| {
        let account: &[u8; 32] = verifier.as_ref();
        SeatState::Attested(attestation::commitment(
            &own, &SALT, account, job, 0, &[0; 32],
        ))
    })?;
    let verifier = panel.last().ok_or("there is a panel")?.clone();
    let differing: Vec<_> = (0..).zip(own).collect();
    let duty = Duty::Reveal {
        seed: [0; 32],
        round: 0,
        salt: SALT,
        differing: differing.clone(),
    };
    Ok(Call::reveal {
        job,
        signature: sign::<T>(&verifier, job, &duty)?,
        verifier,
        round: 0,
        salt: SALT,
        differing: Differences::truncate_from(differing),
    })
}

/// A kernel that reads so many times as many pages as it has lanes.
fn reader(turns: u32) -> Kernel {
    Kernel {
        code: vec![
            Op::Builtin(Builtin::LocalIndex),
            Op::Set(0, 0),
            Op::Repeat(LoopKind::Uniform, turns.max(1)),
            Op::Get(0),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 2, 3),
            Op::Load(0, 4),
            Op::Set(1, 5),
            Op::Binary(Binary::Add, 2, 3),
            Op::Set(0, 6),
            Op::End,
            Op::Builtin(Builtin::GroupX),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 1, 2),
            Op::Binary(Binary::Add, 3, 0),
            Op::Get(1),
            Op::Store(1, 4, 5),
        ],
        ..kernel(turns)
    }
}

/// An account with money.
fn rich<T: Config>(name: &'static str, seed: u32) -> AccountId {
    let account: AccountId = account(name, seed, 0);
    <T::Currency as fungible::Mutate<_>>::set_balance(&account, STAKE << 40);
    account
}

/// The last report of a panel: that an earlier pass is missing, which only the last sample reads.
fn report<T: Config>() -> Result<Call<T>, BenchmarkError> {
    let (job, panel) = case::<T>(Phase::Attesting, |_, _| SeatState::Attested([0; 32]))?;
    let verifier = panel.last().ok_or("there is a panel")?.clone();
    let last = sampled().last().copied().unwrap_or_default();
    Cases::<T>::mutate(job, |case| {
        if let Some(case) = case {
            case.set_state(&verifier, SeatState::Drawn);
            case.tiles = PerPass::truncate_from(vec![last, TILES.saturating_sub(last)]);
        }
    });
    let (round, missing) = (0, Missing::Outputs);
    let duty = Duty::Miss {
        seed: [0; 32],
        round,
        missing,
    };
    Ok(Call::miss {
        job,
        signature: sign::<T>(&verifier, job, &duty)?,
        verifier,
        round,
        missing,
    })
}

/// The last report of a panel that looks for inputs.
fn having<T: Config>() -> Result<Call<T>, BenchmarkError> {
    let (job, panel) = case::<T>(Phase::Enquiring, |_, _| SeatState::Had)?;
    let verifier = panel.last().ok_or("there is a panel")?.clone();
    Cases::<T>::mutate(job, |case| {
        if let Some(case) = case {
            case.set_state(&verifier, SeatState::Drawn);
            case.roots = PerPass::default();
        }
    });
    let round = 0;
    let duty = Duty::Have {
        seed: [0; 32],
        round,
    };
    Ok(Call::have {
        job,
        signature: sign::<T>(&verifier, job, &duty)?,
        verifier,
        round,
    })
}

/// A case with so many open demands of its requester, and half of the tiles shown that may be. The answer is the job
/// and its requester.
fn demanded<T: Config>(open: u32, first: u32) -> Result<(JobId, AccountId), BenchmarkError> {
    let (job, _) = case::<T>(Phase::Challenge, |_, _| SeatState::Agreed)?;
    let requester = rich::<T>("requester", 0);
    let mut shown = ShownTiles::new();
    for tile in 0..MAX_SHOWN / 2 {
        let entry = ShownTile {
            value: [1; 32],
            bytes: true,
        };
        let _ = shown.try_insert(tile.saturating_add(1_000), entry);
    }
    Shown::<T>::insert(job, shown);
    for tile in 0..open {
        let tile = tile.saturating_add(first);
        Pallet::<T>::do_demand(requester.clone(), job, tile, true)?;
    }
    Ok((job, requester))
}

/// The answer to two demands of a tile of at most so many bytes.
fn answering<T: Config>(bytes: u32) -> Result<Call<T>, BenchmarkError> {
    let (job, requester) = demanded::<T>(1, 1)?;
    Pallet::<T>::do_demand(requester, job, 1, false)?;
    let chunks = bytes.checked_div(1_024).unwrap_or(1).max(1);
    let chunks = 1usize << chunks.ilog2();
    let bytes = vec![3; chunks.saturating_mul(1_024)];
    let mut values = values();
    if let Some(value) = values.get_mut(1) {
        *value = tree::leaf_value(1, TILES, &bytes).ok_or("a tile")?;
    }
    let root = tree::root_of(&values).ok_or("there are tiles")?;
    Cases::<T>::mutate(job, |case| {
        if let Some(case) = case {
            case.roots = PerPass::truncate_from(vec![root]);
        }
    });
    let provider = Cases::<T>::get(job).ok_or("there is a case")?.provider;
    let opening = Some(Opening::new(&values, &[1]).map_err(|_| "the tile is there")?);
    let bytes = Some(TileBytes::truncate_from(bytes));
    let duty = Duty::Answer {
        seed: [0; 32],
        tile: 1,
        answer: *blake3::hash(&(&opening, &bytes).encode()).as_bytes(),
    };
    Ok(Call::answer {
        job,
        tile: 1,
        opening,
        bytes,
        signature: sign::<T>(&provider, job, &duty)?,
    })
}

/// A party's proof of the first tile.
fn proof<T: Config>(
    job: JobId,
    party: AccountId,
    kernel: &Kernel,
    witness: Witness,
) -> Result<Call<T>, BenchmarkError> {
    let hash = *blake3::hash(&kernel.encode()).as_bytes();
    let fuel = T::JobBook::judging_fuel(&hash).ok_or("the kernel is registered")?;
    let opening: Option<Opening> = None;
    let duty = Duty::Prove {
        seed: [0; 32],
        tile: 0,
        proof: *blake3::hash(&(&opening, &witness, fuel, 0u32).encode()).as_bytes(),
    };
    Ok(Call::prove {
        job,
        signature: sign::<T>(&party, job, &duty)?,
        party,
        tile: 0,
        opening,
        witness,
        fuel,
        supplied: 0,
    })
}

/// A supply of the most accounts and so many pages whose case is over.
fn discarded<T: Config>(pages: u32) -> Result<(), BenchmarkError> {
    let mut suppliers = Suppliers::default();
    for seed in 0..MAX_SUPPLIERS {
        let who = rich::<T>("supplier", seed);
        let deposit = T::PageDeposit::get();
        <T::Currency as fungible::MutateHold<_>>::hold(&HoldReason::Supply.into(), &who, deposit)?;
        let supplier = Supplier {
            who,
            is_stranger: false,
            pages: 1,
            deposit,
        };
        suppliers.try_push(supplier).map_err(|_| "there is room")?;
    }
    Discarded::<T>::insert(0, suppliers);
    NextSupply::<T>::put(1);
    for page in 0..pages {
        let bytes = PageBytes::truncate_from(vec![5; 1_024]);
        Pages::<T>::insert(0, ([7; 32], page), bytes);
    }
    Ok(())
}

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
        let call = attestation::<T>()?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    #[benchmark]
    fn attest() -> Result<(), BenchmarkError> {
        let Call::attest {
            job,
            verifier,
            round,
            commitment,
            signature,
        } = attestation::<T>()?
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
        assert_eq!(phase, Some(Phase::Opening));
        Ok(())
    }

    #[benchmark]
    fn authorize_open() -> Result<(), BenchmarkError> {
        let call = opening::<T>()?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    #[benchmark]
    fn open() -> Result<(), BenchmarkError> {
        let Call::open {
            job,
            openings,
            signature,
        } = opening::<T>()?
        else {
            return Err("an opening was asked for".into());
        };

        #[extrinsic_call]
        _(RawOrigin::Authorized, job, openings, signature);

        let phase = Cases::<T>::get(job).map(|case| case.phase);
        assert_eq!(phase, Some(Phase::Revealing));
        Ok(())
    }

    #[benchmark]
    fn authorize_reveal() -> Result<(), BenchmarkError> {
        let call = revelation::<T>()?;
        #[block]
        {
            admit(&call)?;
        }
        Ok(())
    }

    #[benchmark]
    fn reveal() -> Result<(), BenchmarkError> {
        let Call::reveal {
            job,
            verifier,
            round,
            salt,
            differing,
            signature,
        } = revelation::<T>()?
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

        assert!(Claims::<T>::contains_key(job, verifier));
        Ok(())
    }

    /// A conviction in which every verifier swore to the wrong value. `f` is fuel, `w` bytes of the witness.
    #[benchmark]
    fn adjudicate(
        f: Linear<0, 20_000_000>,
        w: Linear<1_024, 2_000_000>,
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
    fn uphold(f: Linear<0, 20_000_000>, w: Linear<1_024, 2_000_000>) -> Result<(), BenchmarkError> {
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
    fn authorize_prove(w: Linear<1_024, 2_000_000>) -> Result<(), BenchmarkError> {
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
    fn prove(f: Linear<0, 20_000_000>, w: Linear<1_024, 2_000_000>) -> Result<(), BenchmarkError> {
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

    /// The end of a window in which a whole panel was silent and is replaced.
    #[benchmark]
    fn advance() -> Result<(), BenchmarkError> {
        let (job, panel) = case::<T>(Phase::Attesting, |_, _| SeatState::Drawn)?;
        Cases::<T>::mutate(job, |case| {
            if let Some(case) = case {
                case.verifiers = MAX_PANEL;
            }
        });
        let first = MAX_PANEL.saturating_add(1);
        for seed in first..CANDIDATES {
            T::Stakes::benchmark_provider(seed, STAKE);
        }
        for block in 36..100 {
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
        assert_eq!(case.round, 1);
        assert!(
            case.seat(panel.first().ok_or("there was a panel")?)
                .is_none()
        );
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
