// SPDX-License-Identifier: Apache-2.0
//! What the parties of a job do.

use super::{
    Output, Refusal, RuntimeOrigin, SAMPLES, System, TILES, Test, VerifierPallet, World, case,
    draw, index, judging_fuel, kernel, pair, panel, provider, requester, run_to, submit, witness,
    work,
};
use crate::{
    Call, Opened,
    frame_support::dispatch::DispatchResultWithPostInfo,
    sp_runtime::DispatchResult,
    types::{Differences, TileBytes},
};
use assay_primitives::{
    AccountId, Balance, JobId,
    duty::{Duty, Missing, WorkerSignature, payload},
    job::PerPass,
    verification::{Commitment, Enquiry, Verification},
};
use assay_verifier::{
    ChainingValue, Root, attestation::commitment, opening::Opening, witness::Witness,
};
use codec::Encode;
use polkadot_sdk::sp_core::Pair;

/// What a job pays.
pub(crate) const PRICE: Balance = 500;

/// Something of the only pass.
pub(crate) fn one<T>(of: T) -> PerPass<T> {
    vec![of].try_into().ok().expect("one is few")
}

/// What the jobs' pallet hands over.
pub(crate) fn commitment_to(root: Root, panel: u32) -> Commitment<AccountId, Balance> {
    Commitment {
        provider: provider(),
        requester: requester(),
        roots: one(root),
        tiles: one(TILES),
        samples: one(SAMPLES),
        panel,
        price: PRICE,
    }
}

/// Commits a job to an output, to be checked by a panel of two.
pub(crate) fn commit(job: JobId, output: &Output) {
    commit_for(job, output, 2);
}

/// Commits a job to an output.
pub(crate) fn commit_for(job: JobId, output: &Output, panel: u32) {
    World::put_job(job, kernel(), work());
    let due = VerifierPallet::begin(job, commitment_to(output.root(), panel))
        .expect("the commitment is sound");
    World::set_due(job, due);
}

/// A worker key's signature of a duty on this chain.
pub(crate) fn sign(signer: &AccountId, job: JobId, duty: &Duty) -> WorkerSignature {
    pair(signer).sign(&payload(System::block_hash(0), job, duty))
}

/// The salt of an account.
pub(crate) fn salt(verifier: &AccountId) -> [u8; 32] {
    *blake3::hash(verifier.as_ref()).as_bytes()
}

/// What a verifier commits to that computed these values of all tiles.
pub(crate) fn attested(job: JobId, verifier: &AccountId, values: &[ChainingValue]) -> [u8; 32] {
    let case = case(job);
    let seat = case.seat(verifier).expect("the verifier was drawn");
    let draw = draw(job);
    let own: Vec<_> = case
        .assigned(seat.place, 2)
        .into_iter()
        .map(|position| values[index(draw[index(position)])])
        .collect();
    let bytes: &[u8; 32] = verifier.as_ref();
    commitment(&own, &salt(verifier), bytes, job, seat.round, &case.seed)
}

/// The round in which a verifier was drawn; the first for who was not.
pub(crate) fn round_of(job: JobId, verifier: &AccountId) -> u32 {
    case(job).seat(verifier).map_or(0, |seat| seat.round)
}

/// The attestation of a commitment.
pub(crate) fn attestation(job: JobId, verifier: &AccountId, commitment: [u8; 32]) -> Call<Test> {
    let round = round_of(job, verifier);
    let duty = Duty::Attest {
        seed: case(job).seed,
        round,
        commitment,
    };
    Call::attest {
        job,
        verifier: verifier.clone(),
        round,
        commitment,
        signature: sign(verifier, job, &duty),
    }
}

/// A verifier attests these values.
pub(crate) fn attest(
    job: JobId,
    verifier: &AccountId,
    values: &[ChainingValue],
) -> Result<(), Refusal> {
    submit(attestation(job, verifier, attested(job, verifier, values)))
}

/// A verifier's report that it cannot fetch something.
pub(crate) fn missed(job: JobId, verifier: &AccountId, missing: Missing) -> Call<Test> {
    let round = round_of(job, verifier);
    let duty = Duty::Miss {
        seed: case(job).seed,
        round,
        missing,
    };
    Call::miss {
        job,
        verifier: verifier.clone(),
        round,
        missing,
        signature: sign(verifier, job, &duty),
    }
}

/// A verifier says that it cannot fetch something.
pub(crate) fn miss(job: JobId, verifier: &AccountId, missing: Missing) -> Result<(), Refusal> {
    submit(missed(job, verifier, missing))
}

/// A verifier's report that it has the inputs.
pub(crate) fn had(job: JobId, verifier: &AccountId) -> Call<Test> {
    let round = round_of(job, verifier);
    let duty = Duty::Have {
        seed: case(job).seed,
        round,
    };
    Call::have {
        job,
        verifier: verifier.clone(),
        round,
        signature: sign(verifier, job, &duty),
    }
}

/// A verifier says that it has the inputs.
pub(crate) fn have(job: JobId, verifier: &AccountId) -> Result<(), Refusal> {
    submit(had(job, verifier))
}

/// The provider of a job reports that its inputs cannot be fetched.
pub(crate) fn enquire(job: JobId, panel: u32) {
    World::put_job(job, kernel(), work());
    let enquiry = Enquiry {
        provider: provider(),
        requester: requester(),
        panel,
        samples: SAMPLES,
        price: PRICE,
    };
    let due = VerifierPallet::enquire(job, enquiry).expect("the enquiry is sound");
    World::set_due(job, due);
}

/// The call that opens an output, signed by an account.
pub(crate) fn opening(job: JobId, signer: &AccountId, opening: Opening) -> Call<Test> {
    let openings = one(opening);
    let hash = *blake3::hash(&openings.encode()).as_bytes();
    let duty = Duty::Open {
        seed: case(job).seed,
        opening: hash,
    };
    let signature = sign(signer, job, &duty);
    Call::open {
        job,
        openings,
        signature,
    }
}

/// The provider opens its output.
pub(crate) fn open(job: JobId, output: &Output) -> Result<(), Refusal> {
    submit(opening(job, &provider(), output.opening(&draw(job))))
}

/// Where the values that a verifier computed differ from the opened ones, among its samples.
pub(crate) fn differing(job: JobId, verifier: &AccountId, values: &[ChainingValue]) -> Differences {
    let case = case(job);
    let seat = case.seat(verifier).expect("the verifier was drawn");
    let draw = draw(job);
    let opened = Opened::<Test>::get(job).expect("the provider has opened");
    let list: Vec<_> = case
        .assigned(seat.place, 2)
        .into_iter()
        .map(|position| (position, values[index(draw[index(position)])]))
        .filter(|(position, value)| opened[index(*position)] != *value)
        .collect();
    list.try_into().expect("few samples")
}

/// The call that reveals.
pub(crate) fn revelation(
    job: JobId,
    verifier: &AccountId,
    salt: [u8; 32],
    differing: Differences,
) -> Call<Test> {
    let round = round_of(job, verifier);
    let duty = Duty::Reveal {
        seed: case(job).seed,
        round,
        salt,
        differing: differing.to_vec(),
    };
    Call::reveal {
        job,
        verifier: verifier.clone(),
        round,
        salt,
        differing,
        signature: sign(verifier, job, &duty),
    }
}

/// A verifier reveals that it computed these values.
pub(crate) fn reveal(
    job: JobId,
    verifier: &AccountId,
    values: &[ChainingValue],
) -> Result<(), Refusal> {
    let differing = differing(job, verifier, values);
    submit(revelation(job, verifier, salt(verifier), differing))
}

/// Somebody has the chain judge a tile, with a right witness and the fuel it takes.
pub(crate) fn adjudicate(
    who: AccountId,
    job: JobId,
    tile: u32,
    opening: Option<Opening>,
) -> DispatchResultWithPostInfo {
    VerifierPallet::adjudicate(
        RuntimeOrigin::signed(who),
        job,
        tile,
        opening,
        witness(tile),
        judging_fuel(),
        0,
    )
}

/// The call by which a party proves a tile.
pub(crate) fn proof(
    job: JobId,
    party: &AccountId,
    tile: u32,
    opening: Option<Opening>,
    witness: Witness,
    (fuel, supplied): (u64, u32),
) -> Call<Test> {
    let content = (&opening, &witness, fuel, supplied).encode();
    let duty = Duty::Prove {
        seed: case(job).seed,
        tile,
        proof: *blake3::hash(&content).as_bytes(),
    };
    Call::prove {
        job,
        party: party.clone(),
        tile,
        opening,
        witness,
        fuel,
        supplied,
        signature: sign(party, job, &duty),
    }
}

/// A party proves a tile of the first pass.
pub(crate) fn prove(job: JobId, party: &AccountId, tile: u32) -> Result<(), Refusal> {
    let call = proof(job, party, tile, None, witness(tile), (judging_fuel(), 0));
    submit(call)
}

/// Somebody demands a tile.
pub(crate) fn demand(who: AccountId, job: JobId, tile: u32, bytes: bool) -> DispatchResult {
    VerifierPallet::demand(RuntimeOrigin::signed(who), job, tile, bytes)
}

/// The call that answers a demand, signed by an account.
pub(crate) fn answering(
    job: JobId,
    signer: &AccountId,
    tile: u32,
    opening: Option<Opening>,
    bytes: Option<Vec<u8>>,
) -> Call<Test> {
    let bytes = bytes.map(TileBytes::truncate_from);
    let duty = Duty::Answer {
        seed: case(job).seed,
        tile,
        answer: *blake3::hash(&(&opening, &bytes).encode()).as_bytes(),
    };
    Call::answer {
        job,
        tile,
        opening,
        bytes,
        signature: sign(signer, job, &duty),
    }
}

/// The provider answers a demand with the value of a tile of its output.
pub(crate) fn answer(job: JobId, output: &Output, tile: u32) -> Result<(), Refusal> {
    let opening = Some(output.opening(&[tile]));
    submit(answering(job, &provider(), tile, opening, None))
}

/// Runs a job of two verifiers to the phase in which they attest.
pub(crate) fn drawn(job: JobId, output: &Output) {
    commit(job, output);
    run_to(System::block_number() + 4);
}

/// Runs a job on until the provider has to open, everybody having attested the given values.
pub(crate) fn all_attested(job: JobId, output: &Output, values: &[ChainingValue]) {
    drawn(job, output);
    for verifier in panel(job) {
        attest(job, &verifier, values).expect("the attestation is due");
    }
}

/// Runs a job on until verifiers have to reveal, everybody having attested the given values.
pub(crate) fn all_opened(job: JobId, output: &Output, values: &[ChainingValue]) {
    all_attested(job, output, values);
    open(job, output).expect("the opening is due");
}

/// Runs a job on until all have revealed the given values.
pub(crate) fn all_revealed(job: JobId, output: &Output, values: &[ChainingValue]) {
    all_opened(job, output, values);
    for verifier in panel(job) {
        reveal(job, &verifier, values).expect("the reveal is due");
    }
}
