// SPDX-License-Identifier: Apache-2.0
//! Jobs of two passes, and jobs with a checker.

use crate::{
    CurrentWindows, Draws, Error, frame_support,
    mock::{
        Output, Refusal, RuntimeOrigin, SAMPLES, System, TILES, Test, VerifierPallet, World,
        account, admit, all_opened, attest, case, commit_for, commitment_to, index, input, kernel,
        kernel_hash, miss, panel, proof, provider, reveal, right_values, run, run_past, run_to,
        sign, submit, work,
    },
    types::{Openings, Phase},
};
use assay_kernel::{
    Kernel, cost,
    machine::Machine,
    program::{Binary, Builtin, Memory, Op, VERSION},
    validate::Limits,
};
use assay_primitives::{
    AccountId, JobId,
    duty::{Duty, Missing},
    job::{SEED_WORDS, Work},
    reason::Offence,
    verification::{JobBook, Verdict, Verification},
};
use assay_verifier::{
    ChainingValue, Root, opening::Opening, passes, spot, tree::root_of, witness::InputRef,
};
use codec::Encode;
use frame_support::{
    assert_noop,
    dispatch::{DispatchResultWithPostInfo, Pays},
};

const JOB: JobId = 7;

/// The bytes that the job's first pass writes.
fn first_output() -> Vec<u8> {
    compute(&kernel(), &work(), &[input()]).0
}

/// All bytes and values of a piece of work.
fn compute(kernel: &Kernel, work: &Work, inputs: &[Vec<u8>]) -> (Vec<u8>, Vec<ChainingValue>) {
    let mut machine = Machine::new(kernel, &Limits::DEFAULT).expect("a valid kernel");
    let task = work.task();
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let tiles = (0..work.tiles).map(|tile| {
        spot::witness(&mut machine, &task, tile, &inputs)
            .expect("it runs")
            .0
    });
    let tiles: Vec<_> = tiles.collect();
    (
        tiles.iter().flat_map(|tile| tile.bytes.clone()).collect(),
        tiles.iter().map(|tile| tile.value).collect(),
    )
}

/// The same kernel again, on what the first pass writes.
fn second_work() -> Work {
    Work {
        inputs: vec![InputRef::of(&first_output())],
        ..work()
    }
}

fn second_values() -> Vec<ChainingValue> {
    compute(&kernel(), &second_work(), &[first_output()]).1
}

/// Commits a job of two passes to these values of the second.
fn commit_both(second: &[ChainingValue]) {
    World::put_job(JOB, kernel(), work());
    World::add_pass(JOB, kernel(), second_work());
    let mut commitment = commitment_to(Output::right().root(), 2);
    let push = "there is room for two";
    commitment.roots.try_push(root(second)).expect(push);
    commitment.tiles.try_push(TILES).expect(push);
    commitment.samples.try_push(SAMPLES - 3).expect(push);
    let due = VerifierPallet::begin(JOB, commitment).expect("it is sound");
    World::set_due(JOB, due);
    run_to(System::block_number() + 4);
}

fn root(values: &[ChainingValue]) -> Root {
    root_of(values).expect("there are tiles")
}

/// The sampled tiles of each pass.
fn draw() -> Vec<Vec<u32>> {
    let drawn = Draws::<Test>::get(JOB).expect("it was drawn");
    passes::split(&case(JOB).tiles, &drawn)
}

/// The openings of both passes.
fn openings(second: &[ChainingValue]) -> Openings {
    let of = |values: &[ChainingValue], tiles: &[u32]| Opening::new(values, tiles).expect("sound");
    vec![of(&right_values(), &draw()[0]), of(second, &draw()[1])]
        .try_into()
        .expect("there is room for two")
}

fn open(openings: Openings) -> crate::Call<Test> {
    let hash = *blake3::hash(&openings.encode()).as_bytes();
    let signature = sign(
        &provider(),
        JOB,
        &Duty::Open {
            seed: case(JOB).seed,
            opening: hash,
        },
    );
    crate::Call::open {
        job: JOB,
        openings,
        signature,
    }
}

/// Somebody has the chain judge a tile of some work, on these inputs.
fn judge(
    tile: u32,
    number: u32,
    (kernel, work): (&Kernel, &Work),
    inputs: &[Vec<u8>],
    opening: Option<Opening>,
) -> DispatchResultWithPostInfo {
    let mut machine = Machine::new(kernel, &Limits::DEFAULT).expect("a valid kernel");
    let fuel = machine.report().tile_fuel + cost::ready(kernel.encoded_size());
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let (_, witness) =
        spot::witness(&mut machine, &work.task(), number, &inputs).expect("the inputs are there");
    let origin = RuntimeOrigin::signed(account(77));
    VerifierPallet::adjudicate(origin, JOB, tile, opening, witness, fuel, 0)
}

fn is_convicted() -> bool {
    matches!(
        World::verdict(JOB),
        Some(Verdict::Convicted {
            offence: Offence::WrongResult,
            ..
        })
    )
}

#[test]
fn samples_of_both_passes_are_drawn_attested_and_opened() {
    run(|| {
        let second = second_values();
        commit_both(&second);
        let samples = |pass: usize| draw()[pass].len();
        assert_eq!(
            (samples(0), samples(1)),
            (index(SAMPLES), index(SAMPLES - 3))
        );
        let both: Vec<_> = right_values().into_iter().chain(second.clone()).collect();
        for verifier in panel(JOB) {
            attest(JOB, &verifier, &both).expect("the attestation is due");
        }
        submit(open(openings(&second))).expect("the opening is due");
        for verifier in panel(JOB) {
            reveal(JOB, &verifier, &both).expect("the reveal is due");
        }
        assert_eq!(case(JOB).phase, Phase::Challenge);
        run_past(JOB);
        assert!(matches!(
            World::verdict(JOB),
            Some(Verdict::Upheld { verifiers }) if verifiers.iter().all(|(_, paid)| *paid == 2 * SAMPLES - 3)
        ));
    });
}

#[test]
fn opening_is_refused_when_a_pass_is_missing_or_exchanged() {
    run(|| {
        let second = second_values();
        commit_both(&second);
        let both: Vec<_> = right_values().into_iter().chain(second.clone()).collect();
        for verifier in panel(JOB) {
            attest(JOB, &verifier, &both).expect("the attestation is due");
        }
        let sound = openings(&second);
        let mut one = sound.clone();
        one.pop();
        let mut exchanged = sound.clone();
        exchanged.as_mut().reverse();
        for broken in [one, exchanged, Openings::default()] {
            assert!(admit(open(broken)).is_err());
        }
        submit(open(sound)).expect("the opening is due");
    });
}

#[test]
fn wrong_tile_of_the_second_pass_is_convicted_on_what_the_first_has_written() {
    run(|| {
        let right = second_values();
        let mut second = right.clone();
        second[5] = [0xbd; 32];
        commit_both(&second);
        let opening = |tile| Some(Opening::new(&second, &[tile]).expect("sound"));
        let (kernel, work) = (kernel(), second_work());
        let of = (&kernel, &work);
        // Under the root of the other pass it proves nothing.
        let of_first = Opening::new(&right_values(), &[5]).expect("sound");
        assert_noop!(
            judge(TILES + 5, 5, of, &[first_output()], Some(of_first)).map_err(|error| error.error),
            Error::<Test>::BadOpening
        );
        judge(TILES + 4, 4, of, &[first_output()], opening(4)).expect("the tile is judged");
        assert!(!is_convicted());
        judge(TILES + 5, 5, of, &[first_output()], opening(5)).expect("the tile is judged");
        assert!(is_convicted());
    });
}

/// `wrong[i] = after[i] xor 3 * before[i + parameter]`.
fn checker() -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [256, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![
            Memory::Input,
            Memory::Input,
            Memory::Parameters(SEED_WORDS + 1),
            Memory::Output,
        ],
        variables: vec![],
        code: vec![
            Op::Builtin(Builtin::GroupX),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 0, 1),
            Op::Builtin(Builtin::LocalX),
            Op::Binary(Binary::Add, 2, 3),
            Op::Constant(SEED_WORDS),
            Op::Load(2, 5),
            Op::Binary(Binary::Add, 4, 6),
            Op::Load(0, 7),
            Op::Constant(3),
            Op::Binary(Binary::Multiply, 8, 9),
            Op::Load(1, 4),
            Op::Binary(Binary::Xor, 10, 11),
            Op::Store(3, 4, 12),
        ],
    }
}

/// A job of one pass with a checker, committed to these bytes.
fn commit_checked(output: &[u8]) -> Vec<ChainingValue> {
    let values: Vec<ChainingValue> = output
        .chunks(1_024)
        .zip(0..)
        .filter_map(|(tile, number)| assay_verifier::tree::leaf_value(number, TILES, tile))
        .collect();
    commit_for(
        JOB,
        &Output {
            values: values.clone(),
        },
        2,
    );
    let check = Work {
        kernel: kernel_hash(&checker()),
        inputs: vec![InputRef::of(&input()), InputRef::of(output)],
        ..work()
    };
    World::set_checker(JOB, checker(), check);
    values
}

fn judge_checker(tile: u32, output: &[u8]) -> DispatchResultWithPostInfo {
    let work = World::checking(JOB, &case(JOB).seed).expect("there is a checker");
    let inputs = [input(), output.to_vec()];
    judge(TILES + tile, tile, (&checker(), &work), &inputs, None)
}

#[test]
fn failing_checker_convicts_nobody_but_gives_time_to_find_the_wrong_tile() {
    run(|| {
        let mut output = first_output();
        output[9 * 1_024 + 77] ^= 4;
        commit_checked(&output);
        // There is no seed yet.
        assert_noop!(
            judge_checker(9, &output).map_err(|error| error.error),
            Error::<Test>::UnknownTile
        );
        run_to(System::block_number() + 4);
        let clean = judge_checker(8, &output).expect("the tile is judged");
        assert_eq!(clean.pays_fee, Pays::Yes);
        assert!(!case(JOB).suspected);
        let failed = judge_checker(9, &output).expect("the tile is judged");
        assert_eq!(failed.pays_fee, Pays::No);
        assert!(case(JOB).suspected);
        // What is known already is not free a second time.
        let again = judge_checker(9, &output).expect("the tile is judged");
        assert_eq!(again.pays_fee, Pays::Yes);
        assert!(!is_convicted());
    });
}

#[test]
fn challenge_lasts_as_long_as_a_dispute_when_the_checker_failed() {
    // Shown before the challenge begins, or in it.
    for early in [true, false] {
        run(|| {
            let mut output = first_output();
            output[9 * 1_024 + 77] ^= 4;
            let values = commit_checked(&output);
            run_to(System::block_number() + 4);
            for verifier in panel(JOB) {
                attest(JOB, &verifier, &values).expect("the attestation is due");
            }
            let committed = Output {
                values: values.clone(),
            };
            crate::mock::open(JOB, &committed).expect("the opening is due");
            if early {
                judge_checker(9, &output).expect("the tile is judged");
            }
            for verifier in panel(JOB) {
                reveal(JOB, &verifier, &values).expect("the reveal is due");
            }
            assert_eq!(case(JOB).phase, Phase::Challenge);
            if !early {
                judge_checker(9, &output).expect("the tile is judged");
            }
            let left = case(JOB).until - System::block_number();
            assert_eq!(left, CurrentWindows::<Test>::get().dispute);
            // Once: more of the same does not hold the verdict up.
            run_to(System::block_number() + 2);
            judge_checker(9, &output).expect("the tile is judged");
            assert_eq!(case(JOB).until - System::block_number(), left - 2);
            // What convicts is the tile.
            let opening = Opening::new(&values, &[9]).expect("the tile is there");
            judge(9, 9, (&kernel(), &work()), &[input()], Some(opening)).expect("it is judged");
            assert!(is_convicted());
        });
    }
}

#[test]
fn checker_convicts_nobody_when_the_output_is_right() {
    run(|| {
        let output = first_output();
        let values = commit_checked(&output);
        assert_eq!(values, right_values());
        run_to(System::block_number() + 4);
        for tile in 0..TILES {
            judge_checker(tile, &output).expect("the tile is judged");
        }
        assert_noop!(
            judge(3 * TILES, 0, (&kernel(), &work()), &[input()], None)
                .map_err(|error| error.error),
            Error::<Test>::UnknownTile
        );
        assert_eq!(World::verdict(JOB), None);
    });
    run(|| {
        all_opened(JOB, &Output::right(), &right_values());
        // A job without a checker.
        assert_noop!(
            judge(TILES, 0, (&kernel(), &work()), &[input()], None).map_err(|error| error.error),
            Error::<Test>::UnknownTile
        );
    });
}

#[test]
fn provider_is_convicted_when_most_miss_the_output_of_an_earlier_pass() {
    run(|| {
        commit_both(&second_values());
        for verifier in panel(JOB) {
            miss(JOB, &verifier, Missing::Outputs).expect("the report is due");
        }
        run_to(System::block_number() + 1);
        assert!(matches!(
            World::verdict(JOB),
            Some(Verdict::Convicted {
                offence: Offence::Unserved,
                reporter: None,
                verifiers,
            }) if verifiers.len() == 2
        ));
        assert_eq!(World::charges(), []);
    });
}

/// A verifier has the chain judge a tile of some work without paying.
fn prove(
    party: &AccountId,
    tile: u32,
    number: u32,
    (kernel, work): (&Kernel, &Work),
    inputs: &[Vec<u8>],
    opening: Option<Opening>,
) -> Result<(), Refusal> {
    let mut machine = Machine::new(kernel, &Limits::DEFAULT).expect("a valid kernel");
    let fuel = machine.report().tile_fuel + cost::ready(kernel.encoded_size());
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let (_, witness) =
        spot::witness(&mut machine, &work.task(), number, &inputs).expect("the inputs are there");
    submit(proof(JOB, party, tile, opening, witness, (fuel, 0)))
}

/// A tile that the job will not sample, and an output in which it is wrong.
fn unseen() -> (u32, Vec<u8>) {
    let mut unsampled = TILES;
    run(|| {
        commit_checked(&first_output());
        run_to(System::block_number() + 4);
        let drawn = draw().remove(0);
        unsampled = (0..TILES).find(|tile| !drawn.contains(tile)).expect("some");
    });
    let mut output = first_output();
    output[index(unsampled) * 1_024 + 77] ^= 4;
    (unsampled, output)
}

/// Runs the job until all have agreed.
fn agreed(output: &[u8]) -> (Vec<ChainingValue>, Vec<AccountId>) {
    let values = commit_checked(output);
    run_to(System::block_number() + 4);
    for verifier in panel(JOB) {
        attest(JOB, &verifier, &values).expect("the attestation is due");
    }
    let committed = Output {
        values: values.clone(),
    };
    crate::mock::open(JOB, &committed).expect("the opening is due");
    for verifier in panel(JOB) {
        reveal(JOB, &verifier, &values).expect("the reveal is due");
    }
    assert_eq!(case(JOB).phase, Phase::Challenge);
    (values, panel(JOB))
}

#[test]
fn wrong_tile_that_a_checker_sees_is_convicted_by_a_verifier_without_money() {
    let (tile, output) = unseen();
    run(|| {
        let (values, verifiers) = agreed(&output);
        let party = &verifiers[0];
        let opening = || Some(Opening::new(&values, &[tile]).expect("the tile is there"));
        // Nothing is suspected yet.
        assert!(!VerifierPallet::may_prove(JOB, party, tile));
        assert!(VerifierPallet::may_prove(JOB, party, TILES + tile));
        let checking = World::checking(JOB, &case(JOB).seed).expect("there is a checker");
        let inputs = [input(), output.clone()];
        prove(
            party,
            TILES + tile,
            tile,
            (&checker(), &checking),
            &inputs,
            None,
        )
        .expect("due");
        assert!(case(JOB).suspected);
        assert!(case(JOB).seat(party).is_some());
        // What is known already needs no proof.
        assert!(!VerifierPallet::may_prove(JOB, party, TILES + tile));
        assert!(!VerifierPallet::may_prove(JOB, &provider(), tile));
        prove(
            party,
            tile,
            tile,
            (&kernel(), &work()),
            &[input()],
            opening(),
        )
        .expect("due");
        assert!(is_convicted());
        assert_eq!(World::charges(), []);
    });
}

#[test]
fn proof_of_a_clean_checker_or_of_a_right_tile_costs_the_seat() {
    let (tile, output) = unseen();
    run(|| {
        let (values, verifiers) = agreed(&output);
        let checking = World::checking(JOB, &case(JOB).seed).expect("there is a checker");
        let inputs = [input(), output.clone()];
        let clean = (tile + 1) % TILES;
        let of_checker = (&checker(), &checking);
        prove(
            &verifiers[0],
            TILES + clean,
            clean,
            of_checker,
            &inputs,
            None,
        )
        .expect("due");
        assert!(case(JOB).seat(&verifiers[0]).is_none());
        judge_checker(tile, &output).expect("the tile is judged");
        let until = case(JOB).until;
        let opening = Opening::new(&values, &[clean]).expect("the tile is there");
        let of_work = (&kernel(), &work());
        prove(
            &verifiers[1],
            clean,
            clean,
            of_work,
            &[input()],
            Some(opening),
        )
        .expect("due");
        let charged: Vec<_> = World::charges()
            .into_iter()
            .map(|charge| (charge.offender, charge.offence))
            .collect();
        let expected: Vec<_> = verifiers
            .into_iter()
            .map(|verifier| (verifier, Offence::UnprovenAccusation))
            .collect();
        assert_eq!(charged, expected);
        // They had agreed before, so the result stands all the same.
        assert_eq!(
            (case(JOB).phase, case(JOB).until),
            (Phase::Challenge, until)
        );
        run_past(JOB);
        assert_eq!(
            World::verdict(JOB),
            Some(Verdict::Upheld { verifiers: vec![] })
        );
    });
}
