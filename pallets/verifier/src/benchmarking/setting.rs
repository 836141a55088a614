// SPDX-License-Identifier: Apache-2.0
//! Cases, calls and kernels at their largest.

use crate::{
    Call, Cases, Config, CurrentWindows, Discarded, Draws, Duties, HoldReason, NextSupply, Opened,
    Pages, Pallet, Shown, Windows, frame_support, frame_system,
    types::{
        Case, Differences, MAX_DEMANDS, MAX_SHOWN, MAX_SUPPLIERS, PageBytes, Phase, Seat,
        SeatState, ShownTile, ShownTiles, Supplier, Suppliers, TileBytes,
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
    job::{MAX_PANEL, MAX_SAMPLES, PerPass},
    stake::Stakes,
    verification::JobBook,
};
use assay_verifier::{
    ChainingValue, attestation,
    opening::Opening,
    tree,
    witness::{InputRef, InputSlice, Page, Witness},
};
use codec::Encode;
use frame_support::{
    BoundedVec,
    traits::{Authorize, Get, fungible},
};
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, account},
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::transaction_validity::TransactionSource,
};

/// Stake of every provider.
pub(super) const STAKE: u128 = 1 << 50;

/// Tiles of the job: enough that no two samples share much of their way to the root.
pub(super) const TILES: u32 = 65_536;

/// Lanes of the kernel.
pub(super) const LANES: u16 = 256;

/// Fuel of a turn of the kernel's loop for one lane: a turn, two reads of a variable, a load from another page, an
/// addition, and two writes of a variable.
pub(super) const TURN_FUEL: u32 = 18;

/// The hashes of the largest opening of the most samples.
pub(super) const MOST_HASHES: u32 = 4_096;

/// Providers that can be drawn.
const CANDIDATES: u32 = 1_024;

/// Windows that end early enough for the agenda to be full there.
const SHORT: Windows = Windows {
    attest: 1,
    open: 1,
    reveal: 1,
    dispute: 1,
    challenge: 1,
    draw: 1,
    answer: 1,
};

/// The salt of every attestation.
pub(super) const SALT: [u8; 32] = [5; 32];

/// A kernel of one loop of so many turns in which each lane reads a word of the input on another page.
pub(super) fn kernel(turns: u32) -> Kernel {
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
pub(super) fn input(pages: u32) -> (InputRef, Witness) {
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
pub(super) fn values() -> Vec<ChainingValue> {
    (0..TILES)
        .map(|tile| *blake3::hash(&tile.to_le_bytes()).as_bytes())
        .collect()
}

/// The sampled tiles: as many as possible, evenly spread.
pub(super) fn sampled() -> Vec<u32> {
    let step = TILES.checked_div(MAX_SAMPLES).unwrap_or(1);
    (0..MAX_SAMPLES)
        .map(|sample| sample.saturating_mul(step))
        .collect()
}

/// Verifiers with worker keys in the keystore.
pub(super) fn verifiers<T: Config>() -> Vec<AccountId> {
    (0..MAX_PANEL)
        .map(|seed| T::Stakes::benchmark_provider(seed, STAKE))
        .collect()
}

/// Registers others whom a draw can hit.
pub(super) fn candidates<T: Config>() {
    for seed in MAX_PANEL.saturating_add(1)..CANDIDATES {
        T::Stakes::benchmark_lone_provider(seed, STAKE);
    }
}

/// The largest case, in a phase and with every seat in a state. The answer is the job and its panel.
pub(super) fn case<T: Config>(
    phase: Phase,
    state: impl Fn(JobId, &AccountId) -> SeatState,
) -> Result<(JobId, Vec<AccountId>), BenchmarkError> {
    let (reference, _) = input(1);
    judged::<T>(&kernel(1), reference, phase, state)
}

/// The same for a kernel and an input.
pub(super) fn judged<T: Config>(
    kernel: &Kernel,
    input: InputRef,
    phase: Phase,
    state: impl Fn(JobId, &AccountId) -> SeatState,
) -> Result<(JobId, Vec<AccountId>), BenchmarkError> {
    frame_system::Pallet::<T>::set_block_number(1);
    CurrentWindows::<T>::put(SHORT);
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
pub(super) fn sign<T: Config>(
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
pub(super) fn admit<T: Config>(call: &Call<T>) -> Result<(), BenchmarkError> {
    call.authorize(TransactionSource::External)
        .ok_or("the call has an authorization")?
        .map_err(|_| "the duty is due")?;
    Ok(())
}

/// The last attestation of a panel, or the last but one.
pub(super) fn attestation<T: Config>(is_last: bool) -> Result<Call<T>, BenchmarkError> {
    let (job, panel) = case::<T>(Phase::Attesting, |_, _| SeatState::Attested([0; 32]))?;
    let verifier = panel.last().ok_or("there is a panel")?.clone();
    Cases::<T>::mutate(job, |case| {
        if let Some(case) = case {
            case.set_state(&verifier, SeatState::Drawn);
            if let (Some(other), false) = (panel.first(), is_last) {
                case.set_state(other, SeatState::Drawn);
            }
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

/// An opening of at least so many hashes: tiles that are spread evenly have seven siblings each, or more.
pub(super) fn opening<T: Config>(hashes: u32) -> Result<Call<T>, BenchmarkError> {
    let (job, _) = case::<T>(Phase::Opening, |_, _| SeatState::Attested([0; 32]))?;
    let samples = hashes.checked_div(8).unwrap_or_default().max(1);
    let step = TILES.checked_div(samples).unwrap_or(1);
    let tiles: Vec<u32> = (0..samples)
        .map(|sample| sample.saturating_mul(step))
        .collect();
    Cases::<T>::mutate(job, |case| {
        if let Some(case) = case {
            case.samples = samples;
            case.shares = PerPass::truncate_from(vec![samples]);
        }
    });
    let opening = Opening::new(&values(), &tiles).map_err(|_| "the tiles are there")?;
    Draws::<T>::insert(job, BoundedVec::truncate_from(tiles));
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

/// The last reveal of a panel, or the last but one, which differs in so many samples and agrees in so many others.
pub(super) fn revelation<T: Config>(
    different: u32,
    agreeing: u32,
    is_last: bool,
) -> Result<Call<T>, BenchmarkError> {
    let samples = different.saturating_add(agreeing);
    let mut tiles = sampled();
    tiles.truncate(usize::try_from(samples).unwrap_or_default());
    let opening = Opening::new(&values(), &tiles).map_err(|_| "the tiles are there")?;
    let differing: Vec<_> = (0..different).map(|at| (at, [9; 32])).collect();
    let claimed = differing.iter().map(|(_, value)| *value);
    let kept = opening.values.iter().copied();
    let own: Vec<ChainingValue> = claimed.chain(kept.skip(differing.len())).collect();
    let (job, panel) = case::<T>(Phase::Revealing, |job, verifier| {
        let account: &[u8; 32] = verifier.as_ref();
        SeatState::Attested(attestation::commitment(
            &own, &SALT, account, job, 0, &[0; 32],
        ))
    })?;
    let (verifier, others) = panel.split_last().ok_or("there is a panel")?;
    Cases::<T>::mutate(job, |case| {
        if let Some(case) = case {
            case.samples = samples;
            case.shares = PerPass::truncate_from(vec![samples]);
            for other in others.iter().skip(usize::from(!is_last)) {
                case.set_state(other, SeatState::Agreed);
            }
        }
    });
    Draws::<T>::insert(job, BoundedVec::truncate_from(tiles));
    Opened::<T>::insert(job, BoundedVec::truncate_from(opening.values));
    let duty = Duty::Reveal {
        seed: [0; 32],
        round: 0,
        salt: SALT,
        differing: differing.clone(),
    };
    Ok(Call::reveal {
        job,
        signature: sign::<T>(verifier, job, &duty)?,
        verifier: verifier.clone(),
        round: 0,
        salt: SALT,
        differing: Differences::truncate_from(differing),
    })
}

/// A kernel that reads so many times as many pages as it has lanes.
pub(super) fn reader(turns: u32) -> Kernel {
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
pub(super) fn rich<T: Config>(name: &'static str, seed: u32) -> AccountId {
    let account: AccountId = account(name, seed, 0);
    <T::Currency as fungible::Mutate<_>>::set_balance(&account, STAKE << 40);
    account
}

/// The last report of a panel: that an earlier pass is missing, which only the last sample reads.
pub(super) fn report<T: Config>() -> Result<Call<T>, BenchmarkError> {
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
pub(super) fn having<T: Config>() -> Result<Call<T>, BenchmarkError> {
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

/// A case with so many open demands, first of its requester and then each of somebody else, and half of the tiles shown
/// that may be. The answer is the job and its requester.
pub(super) fn demanded<T: Config>(
    open: u32,
    first: u32,
) -> Result<(JobId, AccountId), BenchmarkError> {
    let (job, _) = case::<T>(Phase::Challenge, |_, _| SeatState::Agreed)?;
    let requester = rich::<T>("requester", 0);
    for number in 0..open {
        let tile = number.saturating_add(first);
        match number < MAX_DEMANDS / 2 {
            true => Pallet::<T>::do_demand(requester.clone(), job, tile, true)?,
            false => Pallet::<T>::do_demand(rich::<T>("stranger", tile), job, tile, false)?,
        }
    }
    let mut shown = ShownTiles::new();
    for tile in 0..MAX_SHOWN / 2 {
        let entry = ShownTile {
            value: [1; 32],
            bytes: true,
        };
        let _ = shown.try_insert(tile.saturating_add(1_000), entry);
    }
    Shown::<T>::insert(job, shown);
    Ok((job, requester))
}

/// The answer to two demands of a tile of at most so many bytes.
pub(super) fn answering<T: Config>(bytes: u32) -> Result<Call<T>, BenchmarkError> {
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
pub(super) fn proof<T: Config>(
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
pub(super) fn discarded<T: Config>(pages: u32) -> Result<(), BenchmarkError> {
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
