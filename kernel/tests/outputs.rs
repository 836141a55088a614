// SPDX-License-Identifier: Apache-2.0
//! What kernels do with an output of which they have but a tile: who comes close to what is refused compiles, and what
//! only shows when a kernel runs is found.

use assay_kernel::{
    compiler::{Code, Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    reach::{self, Reach},
    validate::Limits,
};

/// A kernel of workgroups of a size, with this body.
fn source(size: &str, body: &str) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read> input: array<u32>;
         @group(0) @binding(1) var<uniform> width: u32;
         @group(0) @binding(2) var<storage, read_write> output: array<u32>;
         @compute @workgroup_size({size})
         fn main(
             @builtin(global_invocation_id) id: vec3<u32>,
             @builtin(workgroup_id) group: vec3<u32>,
             @builtin(local_invocation_id) local: vec3<u32>,
             @builtin(local_invocation_index) lane: u32,
         ) {{
             let word = input[id.x] + local.x + lane + group.x + width;
             {body}
         }}"
    )
}

/// The codes with which a kernel is refused, each with its line in the body.
fn refused(size: &str, body: &str) -> Vec<(Code, u32)> {
    match compile(&source(size, body), &Options::default()) {
        Ok(_) => Vec::new(),
        Err(obstacles) => (obstacles.list.iter())
            .map(|obstacle| {
                (
                    obstacle.code,
                    obstacle.location.map_or(0, |at| at.line - 11),
                )
            })
            .collect(),
    }
}

#[test]
fn stores_are_refused_when_a_workgroup_reaches_further_than_a_tile() {
    for (size, body) in [
        ("16, 16", "output[id.y * 1024u + id.x] = word;"),
        (
            "16, 16",
            "if id.x < width && id.y < width { output[id.y * 1024u + id.x] = word; }",
        ),
        (
            "8, 8",
            "if id.x >= width || id.y >= 100u { return; } output[(id.y << 9u) + id.x] = word;",
        ),
        (
            "4, 4, 4",
            "output[(id.z * 100u + id.y) * 100u + id.x] = word;",
        ),
        ("256", "output[id.x * 3u] = word;"),
        (
            "64",
            "for (var i = 0u; i < width; i++) { output[id.x * 300u + i] = word; }",
        ),
        (
            "256",
            "if local.x < 129u { output[group.x * 256u + lane * 2u] = word; }",
        ),
    ] {
        let codes: Vec<Code> = refused(size, body)
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        assert_eq!(codes, [Code::Output], "{size}: {body}");
    }
}

#[test]
fn reads_are_refused_when_nothing_can_have_been_written_before() {
    for body in [
        "output[id.x] = output[id.x] * 2u;",
        "output[id.x] += word;",
        "if word > 3u { output[id.x] = max(word, output[id.x + 1u]); }",
        "if word > 3u { output[id.x] = 1u; } else { output[id.x] = output[lane]; }",
        "for (var i = 0u; i < width; i++) { if output[i] == 7u { return; } } output[id.x] = word;",
    ] {
        let codes: Vec<Code> = refused("64", body)
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        assert_eq!(codes, [Code::Output], "{body}");
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let body = "let before = output[id.x];
        output[id.x * 3u] = word;
        output[id.x * 5u] = before;
        if word > 3u { workgroupBarrier(); }";
    let found = refused("256", body);
    let expected = [
        (Code::Output, 1),
        (Code::Output, 2),
        (Code::Output, 3),
        (Code::Barrier, 4),
    ];
    assert_eq!(found, expected);
}

#[test]
fn kernels_compile_when_they_may_be_right() {
    for (size, body) in [
        // Blocks of an image, one behind the other; rows of workgroups; a strip that is as wide as a workgroup.
        (
            "16, 16",
            "output[(group.y * width + group.x) * 256u + lane] = word;",
        ),
        ("256", "output[id.y * width + id.x] = word;"),
        ("16, 16", "output[id.y * 16u + id.x] = word;"),
        ("16, 16", "output[id.y * width + id.x] = word;"),
        // Nobody is far away among those who write.
        (
            "16, 16",
            "if local.y == 3u { output[id.y * 1024u + id.x] = word; }",
        ),
        (
            "16, 16",
            "if lane != 0u { return; } output[id.y * 1024u + id.x] = word;",
        ),
        (
            "256",
            "if lane < width { output[group.x * 256u + lane * 4u] = word; }",
        ),
        ("256", "if input[lane] == 1u { output[lane * 4u] = word; }"),
        (
            "256",
            "if width == 3u { output[lane * 4u] = word; } else { output[id.x] = word; }",
        ),
        (
            "256",
            "if id.x % 8u == 0u { output[group.x * 256u + lane * 4u] = word; }",
        ),
        ("256", "output[input[id.x] * 1000u] = word;"),
        (
            "1",
            "for (var i = 0u; i < 1024u; i++) { output[id.x * 1024u + i] = word; }",
        ),
        // Reads of what the invocation has written, or may have.
        ("64", "output[id.x] = word; output[id.x] += 1u;"),
        (
            "64",
            "if word > 3u { output[id.x] = word; } output[id.x] += 1u;",
        ),
        (
            "64",
            "for (var i = 0u; i < width; i++) { output[id.x] += input[i]; }",
        ),
        (
            "64",
            "for (var i = 0u; i < 3u; i++) { output[id.x] += input[i]; }",
        ),
        // What is read for nothing.
        ("64", "let before = output[id.x]; output[id.x] = word;"),
    ] {
        assert_eq!(refused(size, body), [], "{size}: {body}");
    }
}

/// The most workgroups that a grid of a kernel can have along x, if that is limited, and the line that limits it.
fn narrow(size: &str, body: &str) -> Option<(u32, u32)> {
    match compile(&source(size, body), &Options::default()) {
        Ok(compiled) => compiled.narrow.map(|narrow| {
            let place = narrow.why.list[0].location.expect("a store");
            (narrow.most, place.line - 11)
        }),
        Err(obstacles) => panic!("{obstacles}"),
    }
}

#[test]
fn grids_are_narrow_when_workgroups_along_x_do_not_write_tile_after_tile() {
    let guarded = "if id.x >= width || id.y >= 100u { return; }
        output[id.y * width + id.x] = word;";
    assert_eq!(narrow("16, 16", guarded), Some((2, 2)));
    for (size, body, most) in [
        ("8, 8", "output[(id.y * width + id.x) * 4u] = word;", 2),
        ("192", "output[id.x] = word;", 4),
        ("256", "output[lane] = word;", 1),
        (
            "16",
            "if lane == 0u { output[group.y * width + group.x] = word; }",
            2,
        ),
    ] {
        assert_eq!(narrow(size, body), Some((most, 1)), "{size}: {body}");
    }
}

#[test]
fn grids_are_as_wide_as_one_likes_when_tiles_follow_or_only_some_workgroups_write() {
    for (size, body) in [
        ("64", "output[id.x] = word;"),
        ("256", "output[id.y * width + id.x] = word;"),
        (
            "16, 16",
            "output[(group.y * width + group.x) * 256u + lane] = word;",
        ),
        ("256", "if group.x == 0u { output[lane] = word; }"),
        ("256", "if input[id.x] == 7u { output[0] = 1u; }"),
        (
            "256",
            "if width == 0u { output[lane] = word; } else { output[id.x] = word; }",
        ),
        (
            "256",
            "if width == 7u { output[lane] = word; return; } output[id.x] = word;",
        ),
        (
            "256",
            "for (var i = 0u; i < 9u; i++) { if input[i] == width { return; } } output[lane] = word;",
        ),
    ] {
        assert_eq!(narrow(size, body), None, "{size}: {body}");
    }
}

/// What a workgroup of a grid does, with an input of its numbers and a width.
fn reach(size: &str, body: &str, grid: [u32; 3], group: u32, width: u32) -> Reach {
    let kernel = match compile(&source(size, body), &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(obstacles) => panic!("{obstacles}"),
    };
    let mut machine = Machine::new(&kernel, &Limits::DEFAULT).expect("valid");
    let input: Vec<u32> = (0..4_096).collect();
    let invocation = Invocation {
        grid,
        group,
        parameters: &[width],
    };
    reach::find(&mut machine, &invocation, &mut SliceInputs(&[&input])).expect("it runs")
}

#[test]
fn rows_of_an_image_are_lost_when_a_workgroup_is_a_block_of_it() {
    let rows = "if id.x < width { output[id.y * width + id.x] = word; }";
    // A tile is four rows of the image; of the 16 rows of a workgroup's block, the others are lost.
    let first = reach("16, 16", rows, [4, 4, 1], 0, 64);
    assert_eq!((first.written, first.lost), (64, Some(256)));
    let second = reach("16, 16", rows, [4, 4, 1], 1, 64);
    assert_eq!((second.written, second.lost), (64, Some(16)));
    // A strip as wide as a workgroup is all there.
    for group in 0..4 {
        let strip = reach("16, 16", rows, [1, 4, 1], group, 16);
        assert_eq!((strip.written, strip.lost), (256, None));
    }
}

#[test]
fn nothing_is_lost_when_rows_are_as_long_as_those_of_the_grid() {
    let rows = "output[id.y * width + id.x] = word;";
    let right = reach("256", rows, [2, 3, 1], 5, 512);
    assert_eq!((right.written, right.lost), (256, None));
    let wrong = reach("256", rows, [2, 3, 1], 5, 500);
    assert_eq!((wrong.written, wrong.lost), (232, Some(1_256)));
}

#[test]
fn writes_past_the_end_are_lost_everywhere() {
    let over = "output[id.x] = word; output[id.x + 256u] = word;";
    let reaches = |group| reach("256", over, [2, 1, 1], group, 0).lost;
    assert_eq!((reaches(0), reaches(1)), (Some(256), None));
}

#[test]
fn reads_are_told_apart_when_the_words_are_others_or_not_written_yet() {
    let sums = "for (var i = 0u; i < width; i++) { output[id.x] += input[i]; }";
    let found = reach("256", sums, [2, 1, 1], 1, 3);
    let expected = Reach {
        written: 256,
        unwritten: Some(256),
        ..Reach::default()
    };
    assert_eq!(found, expected);
    let shifted = "output[id.x] = word; output[id.x] += output[id.x ^ 256u];";
    let found = reach("256", shifted, [2, 1, 1], 1, 3);
    let expected = Reach {
        written: 256,
        foreign: Some(0),
        ..Reach::default()
    };
    assert_eq!(found, expected);
}
