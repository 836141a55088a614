// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::chain::types::Source;
use anyhow::Result;

const STEP: &str = "
    @group(0) @binding(0) var<storage, read> before: array<u32>;
    @group(0) @binding(1) var<storage, read_write> after: array<u32>;
    @compute @workgroup_size(256)
    fn step(@builtin(global_invocation_id) id: vec3<u32>) {
        after[id.x] = before[id.x] + 1u;
    }";

fn load(job: &str) -> Result<NamedJob> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("step.wgsl"), STEP).expect("a file");
    std::fs::write(folder.path().join("numbers.bin"), [1; 1_024]).expect("a file");
    std::fs::write(folder.path().join("job.json"), job).expect("a file");
    JobFile::load_named(&folder.path().join("job.json"))
}

/// A job of a kernel whose workgroups are a quarter of a tile, with this grid.
fn of_small_workgroups(grid: &str) -> Result<NamedJob> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("small.wgsl"), STEP.replace("256", "64")).expect("a file");
    std::fs::write(path("numbers.bin"), [1; 8_192]).expect("a file");
    let job = format!(
        r#"{{ "kernel": "small.wgsl", "grid": {grid}, "inputs": [{{ "bytes": "numbers.bin" }}] }}"#
    );
    std::fs::write(path("job.json"), job).expect("a file");
    JobFile::load_named(&path("job.json"))
}

#[test]
fn grid_counts_workgroups_of_the_source_when_several_make_a_tile() {
    let named = of_small_workgroups("[32, 1, 1]").expect("eight tiles");
    assert_eq!(named.job.passes[0].grid, [8, 1, 1]);
    assert_eq!(
        named.gathered(),
        [
            "pass 1 (small.wgsl): 4 workgroups of small.wgsl make a tile, so its grid of 32 x 1 x 1 workgroups is 8 x 1 x 1 \
          tiles"
        ]
    );
    let error = of_small_workgroups("[30, 1, 1]").expect_err("no multiple of 4");
    let error = format!("{error:#}");
    for part in [
        "pass 1 (small.wgsl)",
        "30 workgroups along x",
        "write 32 there",
    ] {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

/// Asserts that a job is refused, and that the message has all these parts.
fn assert_refused(job: &str, parts: &[&str]) {
    let error = format!("{:#}", load(job).expect_err(job));
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

/// A job of these passes with one input.
fn of_passes(passes: &str) -> String {
    format!(r#"{{ "passes": [{passes}], "inputs": [{{ "bytes": "numbers.bin" }}] }}"#)
}

/// A pass with these fields besides.
fn pass(fields: &str) -> String {
    format!(r#"{{ "kernel": "step.wgsl", "grid": [1, 1, 1], {fields} }}"#)
}

/// A job of one kernel with these fields besides.
fn single(fields: &str) -> String {
    format!(
        r#"{{ "kernel": "step.wgsl", "grid": [1, 1, 1], "inputs": [{{ "bytes": "numbers.bin" }}], {fields} }}"#
    )
}

#[test]
fn repeated_pass_reads_what_the_time_before_wrote() {
    let passes = [
        pass(r#""name": "steps", "times": 3, "reads": [{ "first": 0 }]"#),
        pass(r#""reads": ["steps"]"#),
    ];
    let named = load(&of_passes(&passes.join(", "))).expect("a job");
    let reads: Vec<_> = (named.job.passes.iter())
        .map(|pass| pass.reads.clone())
        .collect();
    let earlier = |number| vec![Source::Pass(number)];
    assert_eq!(
        reads,
        [vec![Source::Input(0)], earlier(0), earlier(1), earlier(2)]
    );
    let numbers: Vec<_> = named.entries.iter().map(Entry::numbers).collect();
    assert_eq!(numbers, ["1-3", "4"]);
    assert_eq!(named.pass_name(2), "pass 3 (`steps`)");
    assert_eq!(named.pass_name(3), "pass 4 (step.wgsl)");
}

#[test]
fn checker_reads_the_output_of_a_single_kernel_by_its_name() {
    let checker = pass(r#""reads": ["output"]"#);
    let named = load(&single(&format!(r#""checker": {checker}"#))).expect("a job");
    let reads = named.job.checker.map(|checker| checker.reads);
    assert_eq!(reads, Some(vec![Source::Pass(0)]));
}

#[test]
fn job_is_refused_when_it_lacks_what_every_job_has() {
    assert_refused(r#"{ "inputs": [] }"#, &["no `kernel` and no `passes`"]);
    assert_refused(r#"{ "kernel": "step.wgsl", "inputs": [] }"#, &["no `grid`"]);
    assert_refused(&of_passes(""), &["`passes` are empty"]);
}

#[test]
fn job_is_refused_when_fields_of_a_single_kernel_stand_beside_passes() {
    let passes = pass(r#""reads": [0]"#);
    for field in [
        r#""kernel": "step.wgsl""#,
        r#""grid": [1, 1, 1]"#,
        r#""parameters": [1]"#,
        r#""compile": {}"#,
    ] {
        let name = field.split('"').nth(1).expect("a name");
        let job = format!(r#"{{ "passes": [{passes}], "inputs": [], {field} }}"#);
        assert_refused(&job, &[&format!("has `{name}` beside `passes`")]);
    }
}

#[test]
fn job_is_refused_when_it_reads_what_is_not_there() {
    let reads = |reads: &str| of_passes(&pass(&format!(r#""reads": {reads}"#)));
    assert_refused(
        &reads(r#"["heat"]"#),
        &["pass 1 (step.wgsl)", "no earlier pass is named `heat`"],
    );
    assert_refused(&reads("[1]"), &["it reads input 1", "one, of number 0"]);
    assert_refused(&reads("[300]"), &["input 300"]);
    assert_refused(
        &reads("[0, 0]"),
        &["has 1 `var<storage, read>` and it is given 2"],
    );
    assert_refused(&reads("[]"), &["is given 0"]);
    assert_refused(
        &reads("[true]"),
        &["`true` is nothing that a pass can read"],
    );
}

#[test]
fn job_is_refused_when_a_pass_never_runs_or_has_the_name_of_another() {
    let first = pass(r#""name": "heat", "reads": [0]"#);
    let never = pass(r#""times": 0, "reads": [0]"#);
    assert_refused(
        &of_passes(&format!("{first}, {never}")),
        &["pass 2 (step.wgsl)", "`times` is 0"],
    );
    assert_refused(
        &of_passes(&format!("{first}, {first}")),
        &["pass 2 (`heat`)", "an earlier pass has the same name"],
    );
}

#[test]
fn job_is_refused_when_it_breaks_a_limit_of_the_chain() {
    let repeated = |times: u32| pass(&format!(r#""times": {times}, "reads": [0]"#));
    assert!(load(&of_passes(&repeated(64))).is_ok());
    for times in [65, 256, u32::MAX] {
        assert_refused(&of_passes(&repeated(times)), &["it can have 64"]);
    }
    let parameters = |count| format!(r#""parameters": {:?}"#, vec![1; count]);
    assert!(load(&single(&parameters(64))).is_ok());
    assert_refused(&single(&parameters(65)), &["65 parameters", "can be 64"]);
    let inputs = [r#"{ "bytes": "numbers.bin" }"#; 9].join(", ");
    assert_refused(
        &format!(r#"{{ "kernel": "step.wgsl", "grid": [1, 1, 1], "inputs": [{inputs}] }}"#),
        &["9 inputs", "can have 8"],
    );
}

#[test]
fn checker_is_refused_when_it_has_what_no_checker_can_have() {
    let checked = |fields: &str| single(&format!(r#""checker": {}"#, pass(fields)));
    let parameters = format!(r#""reads": [0], "parameters": {:?}"#, vec![1; 57]);
    for (fields, part) in [
        (r#""reads": [0], "times": 1"#, "remove its `times`"),
        (r#""reads": [0], "name": "check""#, "remove its `name`"),
        (parameters.as_str(), "57 parameters; there can be 56"),
        (
            r#""reads": ["sorted"]"#,
            "no earlier pass is named `sorted`",
        ),
    ] {
        assert_refused(&checked(fields), &["the checker", part]);
    }
}

#[test]
fn job_is_refused_when_a_size_cannot_be() {
    let grid = |grid: &str| {
        format!(
            r#"{{ "kernel": "step.wgsl", "grid": {grid}, "inputs": [{{ "bytes": "numbers.bin" }}] }}"#
        )
    };
    assert_refused(&grid("[0, 1, 1]"), &["is empty"]);
    assert_refused(&grid("[65536, 256, 1]"), &["more than 16 GiB"]);
    assert_refused(
        &grid("[4294967295, 4294967295, 4294967295]"),
        &["more than 16 GiB"],
    );
    assert_refused(
        &single(r#""output": { "picture": { "width": 17, "height": 16 } }"#),
        &["17 x 16", "1088 bytes", "has 1024"],
    );
}
