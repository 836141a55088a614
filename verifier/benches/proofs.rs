// SPDX-License-Identifier: Apache-2.0
//! What hashing, proving and checking cost: `cargo bench -p assay-verifier`.

use assay_kernel::machine::Inputs;
use assay_verifier::{
    ChainingValue,
    commit::Commitment,
    opening::Opening,
    sampling::{self, Assurance},
    tree::{self, CHUNK_BYTES},
    witness::{InputRef, Witness},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::{collections::BTreeSet, hint::black_box};

const MIB: usize = 1024 * 1024;

fn bytes(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

fn values(bytes: &[u8]) -> Vec<ChainingValue> {
    let leaves = (bytes.len() / CHUNK_BYTES) as u32;
    let leaf = |(index, leaf): (usize, &[u8])| tree::leaf_value(index as u32, leaves, leaf);
    bytes
        .chunks(CHUNK_BYTES)
        .enumerate()
        .map(|chunk| leaf(chunk).expect("a leaf"))
        .collect()
}

/// An output of 64 MiB, by the size of its tiles, against one hash of all of it on one core.
fn hashing(criterion: &mut Criterion) {
    let output = bytes(64 * MIB);
    let mut group = criterion.benchmark_group("hashing");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(output.len() as u64));
    for tile_bytes in [1_024, 4_096, 16_384, 65_536] {
        let tiles = (output.len() / tile_bytes) as u32;
        group.bench_function(
            format!("tiles of {tile_bytes} bytes, all cores"),
            |bencher| {
                bencher.iter(|| {
                    let mut commitment = Commitment::new(tiles, tile_bytes);
                    commitment.push(&output).expect("whole tiles");
                    commitment.finish().expect("complete")
                });
            },
        );
    }
    group.bench_function("one hash, one core", |bencher| {
        bencher.iter(|| blake3::hash(&output));
    });
    group.finish();
}

/// The opening of the samples of a job of 65,536 tiles at the default assurance.
fn openings(criterion: &mut Criterion) {
    let tiles = 65_536;
    let values = values(&bytes(tiles as usize * CHUNK_BYTES));
    let root = tree::root_of(&values).expect("leaves");
    let samples = sampling::samples(Assurance::DEFAULT, tiles);
    let drawn = sampling::draw(&[7; 32], tiles, samples);
    let opening = Opening::new(&values, &drawn).expect("ascending");
    let mut group = criterion.benchmark_group("opening");
    group.bench_function("samples", |bencher| {
        bencher.iter(|| sampling::samples(black_box(Assurance::DEFAULT), tiles));
    });
    group.bench_function("draw", |bencher| {
        bencher.iter(|| sampling::draw(black_box(&[7; 32]), tiles, samples));
    });
    group.bench_function("make", |bencher| {
        bencher.iter(|| Opening::new(&values, &drawn));
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| opening.verify(&root, tiles, &drawn).expect("holds"));
    });
    group.finish();
}

/// A witness of 1 MiB from an input of 64 MiB.
fn witnesses(criterion: &mut Criterion) {
    let input = bytes(64 * MIB);
    let inputs = [InputRef::of(&input)];
    let pages: BTreeSet<u32> = (0..1_024).map(|page| page * 64).collect();
    let witness = Witness::build(&[&input], std::slice::from_ref(&pages)).expect("pages");
    let mut group = criterion.benchmark_group("witness");
    group.throughput(Throughput::Bytes(MIB as u64));
    group.bench_function("build from 64 MiB", |bencher| {
        bencher.iter(|| Witness::build(&[&input], std::slice::from_ref(&pages)).expect("pages"));
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| witness.verify(&inputs).expect("holds"));
    });
    let mut paged = witness.verify(&inputs).expect("holds");
    group.bench_function("read every word", |bencher| {
        bencher.iter(|| {
            pages
                .iter()
                .flat_map(|page| page * 256..(page + 1) * 256)
                .fold(0u32, |sum, word| {
                    sum.wrapping_add(paged.load(0, word).expect("there"))
                })
        });
    });
    group.finish();
}

criterion_group!(benches, hashing, openings, witnesses);
criterion_main!(benches);
