// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::job_file::JobFile;
use std::path::Path;

/// `after[i] = before[i] + 1`, but for what a test replaces.
const STEP: &str = "
    @group(0) @binding(0) var<storage, read> before: array<u32>;
    @group(0) @binding(1) var<storage, read_write> after: array<u32>;
    @compute @workgroup_size(256)
    fn step(@builtin(global_invocation_id) id: vec3<u32>) {
        after[id.x] = before[id.x] + 1u;
    }";

/// `wrong[i] = before[i] + 4 - after[i]`: zeros behind four steps.
const CHECKER: &str = "
    @group(0) @binding(0) var<storage, read> before: array<u32>;
    @group(0) @binding(1) var<storage, read> after: array<u32>;
    @group(0) @binding(2) var<storage, read_write> wrong: array<u32>;
    @compute @workgroup_size(256)
    fn check(@builtin(global_invocation_id) id: vec3<u32>) {
        wrong[id.x] = before[id.x] + 4u - after[id.x];
    }";

/// Four steps, three of them repetitions, and a checker.
const JOB: &str = r#"{
    "passes": [
        { "name": "first", "kernel": "step.wgsl", "reads": [0], "grid": [5, 1, 1] },
        { "name": "steps", "kernel": "step.wgsl", "times": 3, "reads": [{ "first": "first" }], "grid": [5, 1, 1] }
    ],
    "checker": { "kernel": "checker.wgsl", "reads": [0, "steps"], "grid": [5, 1, 1] },
    "inputs": [{ "bytes": "numbers.bin" }]
}"#;

fn find_in(step: &str, checker: &str) -> Findings {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("step.wgsl"), step).expect("a file");
    std::fs::write(path("checker.wgsl"), checker).expect("a file");
    std::fs::write(path("numbers.bin"), [7; 5 * 1_024]).expect("a file");
    std::fs::write(path("job.json"), JOB).expect("a file");
    let named = JobFile::load_named(&path("job.json")).expect("a job");
    let engines = Engines::machine().expect("the machine can be measured");
    find(&named, &engines, 2, 2).expect("it can be computed")
}

#[test]
fn repetitions_are_one_row_when_nothing_is_wrong() {
    let findings = find_in(STEP, CHECKER);
    assert_eq!(findings.faults, [] as [String; 0]);
    assert_eq!((findings.seeds, findings.not_zeros), (2, 0));
    let rows: Vec<_> = (findings.figures.iter())
        .map(|row| (row.numbers.as_str(), row.tiles, row.samples.tiles))
        .collect();
    assert_eq!(rows, [("1", 5, 2), ("2-4", 5, 4), ("checker", 5, 2)]);
    for row in &findings.figures {
        assert!(row.samples.burned > 0 && row.samples.burned <= row.tile_fuel);
        assert!(row.samples.witness_bytes > 1_024, "a page and its proof");
    }
    let memory: Vec<_> = (findings.figures.iter())
        .map(|row| row.device_bytes)
        .collect();
    assert_eq!(memory, [10 * 1_024, 10 * 1_024, 15 * 1_024]);
}

#[test]
fn loop_that_runs_out_of_fuel_is_noted() {
    // The default fuel is some thousands of turns; this takes hundreds of thousands.
    let long = STEP.replace(
        "after[id.x] = before[id.x] + 1u;",
        "var sum = 0u;
        for (var i = 0u; i < (before[id.x] | 0x40000u); i += 1u) { sum += i; }
        after[id.x] = before[id.x] + 1u + sum;",
    );
    let findings = find_in(&long, CHECKER);
    let noted = |note: &String| note.contains("fuel runs out");
    assert!(findings.notes.iter().any(noted), "{:?}", findings.notes);
    let findings = find_in(STEP, CHECKER);
    assert!(!findings.notes.iter().any(noted), "{:?}", findings.notes);
}

#[test]
fn race_is_found_in_a_pass_that_reads_an_earlier_one() {
    // Every invocation writes the first word of the tile as well.
    let racing = STEP.replace("}", "    after[id.x & 0xffffff00u] = before[id.x];\n}");
    let findings = find_in(&racing, CHECKER);
    let raced = |name: &str| {
        (findings.faults.iter()).any(|fault| fault.starts_with(name) && fault.contains("data race"))
    };
    assert!(raced("pass 1 (`first`)"), "{:?}", findings.faults);
    assert!(raced("pass 2 (`steps`)"), "{:?}", findings.faults);
    assert!(findings.figures[1].samples.race.is_some());
}

/// An image in rows, which a workgroup writes a block of.
const BLOCKS: &str = "
    @group(0) @binding(0) var<storage, read> before: array<u32>;
    @group(0) @binding(1) var<uniform> width: u32;
    @group(0) @binding(2) var<storage, read_write> after: array<u32>;
    @compute @workgroup_size(16, 16)
    fn step(@builtin(global_invocation_id) id: vec3<u32>) {
        if id.x < width { after[id.y * width + id.x] = before[id.y * width + id.x]; }
    }";

/// What is found in a job of one kernel.
fn find_single(kernel: &str, fields: &str) -> Findings {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("kernel.wgsl"), kernel).expect("a file");
    std::fs::write(path("numbers.bin"), [7; 5 * 1_024]).expect("a file");
    let job = format!(
        r#"{{ "kernel": "kernel.wgsl", "inputs": [{{ "bytes": "numbers.bin" }}], {fields} }}"#
    );
    std::fs::write(path("job.json"), job).expect("a file");
    let named = JobFile::load_named(&path("job.json")).expect("a job");
    let engines = Engines::machine().expect("the machine can be measured");
    find(&named, &engines, 4, 1).expect("it can be computed")
}

#[test]
fn words_that_are_lost_are_a_fault() {
    let findings = find_single(BLOCKS, r#""parameters": [32], "grid": [2, 2, 1]"#);
    let lost = "tile 0 writes word 256 of the output, which lies in tile 1";
    assert_eq!(findings.faults.len(), 1, "{:?}", findings.faults);
    assert!(findings.faults[0].contains(lost), "{:?}", findings.faults);
    // A strip as wide as a workgroup has its words in a row.
    let findings = find_single(BLOCKS, r#""parameters": [16], "grid": [1, 2, 1]"#);
    assert_eq!(findings.faults, [] as [String; 0]);
    assert_eq!(findings.notes, [] as [String; 0]);
}

#[test]
fn words_that_no_tile_writes_are_noted() {
    let findings = find_single(BLOCKS, r#""parameters": [0], "grid": [1, 2, 1]"#);
    assert_eq!(findings.faults, [] as [String; 0]);
    assert_eq!(findings.notes.len(), 1, "{:?}", findings.notes);
    assert!(findings.notes[0].contains("nothing is written by the 2 tiles"));
}

#[test]
fn reads_of_words_that_are_not_there_are_noted() {
    let neighbours = STEP.replace(
        "after[id.x] = before[id.x] + 1u;",
        "for (var i = 0u; i < 3u; i++) { after[id.x] += before[i]; }
        after[id.x] += after[id.x ^ 256u];",
    );
    let findings = find_single(&neighbours, r#""grid": [4, 1, 1]"#);
    assert_eq!(findings.faults, [] as [String; 0]);
    for part in [
        "tile 0 reads word 256 of the output, which lies in tile 1",
        "tile 0 reads word 0 of the output before it writes it",
    ] {
        let noted = |note: &String| note.contains(part);
        assert!(findings.notes.iter().any(noted), "{:?}", findings.notes);
    }
}

#[test]
fn small_workgroups_of_a_job_make_tiles_together() {
    let small = STEP.replace("256", "64");
    let findings = find_single(&small, r#""grid": [20, 1, 1]"#);
    assert_eq!(findings.faults, [] as [String; 0]);
    assert_eq!(findings.notes, [] as [String; 0]);
    assert_eq!(findings.figures[0].tiles, 5);
}

#[test]
fn checker_is_a_fault_when_it_does_not_yield_zeros() {
    let findings = find_in(STEP, &CHECKER.replace("4u", "5u"));
    assert_eq!((findings.seeds, findings.not_zeros), (2, 2));
    assert_eq!(findings.faults.len(), 2, "{:?}", findings.faults);
    assert!(findings.faults[0].contains("the checker does not yield zeros"));
}

#[test]
fn jobs_of_the_catalogue_have_no_fault() {
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernels");
    let engines = Engines::machine().expect("the machine can be measured");
    for job in ["digits", "heat", "sort"] {
        let named = JobFile::load_named(&kernels.join(job).join("job.json")).expect("a job");
        let findings = find(&named, &engines, 4, 2).expect("it can be computed");
        assert_eq!(findings.faults, [] as [String; 0], "{job}");
        assert_eq!(findings.notes, [] as [String; 0], "{job}");
    }
}
