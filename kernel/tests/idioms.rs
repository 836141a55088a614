// SPDX-License-Identifier: Apache-2.0
//! What compute shaders that were not written for this chain look like: they compile as they are.

use assay_kernel::{
    compiler::{Compiled, Options, compile},
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};

fn compiled(source: &str, entry: Option<&str>) -> Compiled {
    let options = Options {
        entry: entry.map(str::to_owned),
        ..Options::default()
    };
    match compile(source, &options) {
        Ok(compiled) => compiled,
        Err(obstacles) => panic!("{obstacles}"),
    }
}

/// The output of so many workgroups of the source.
fn output(compiled: &Compiled, groups: u32, inputs: &[&[u32]], parameters: &[u32]) -> Vec<u32> {
    let mut machine = Machine::new(&compiled.kernel, &Limits::DEFAULT).expect("a valid kernel");
    let tiles = groups.div_ceil(compiled.groups);
    let mut output = Vec::new();
    for group in 0..tiles {
        let mut tile = vec![0; compiled.kernel.tile_words as usize];
        let invocation = Invocation {
            grid: [tiles, 1, 1],
            group,
            parameters,
        };
        machine
            .run(&invocation, &mut SliceInputs(inputs), &mut tile)
            .expect("the inputs are there");
        output.extend(tile);
    }
    output
}

/// Squares of words, in workgroups of a size.
fn squares(size: u32) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read> numbers: array<u32>;
         @group(0) @binding(1) var<storage, read_write> squares: array<u32>;
         @compute @workgroup_size({size})
         fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
             let i = id.x;
             if i >= arrayLength(&numbers) {{ return; }}
             squares[i] = numbers[i] * numbers[i];
         }}"
    )
}

#[test]
fn small_workgroups_share_a_tile_when_each_invocation_writes_a_word() {
    for size in [1, 2, 32, 64, 128, 256] {
        let compiled = compiled(&squares(size), None);
        assert_eq!((compiled.groups, compiled.report.lanes), (256 / size, 256));
        let numbers: Vec<u32> = (0..1_000).collect();
        let output = output(&compiled, 1_000u32.div_ceil(size), &[&numbers], &[]);
        assert_eq!(output.len(), 1_024);
        let expected: Vec<u32> = (0..1_024)
            .map(|i| if i < 1_000 { i * i } else { 0 })
            .collect();
        assert_eq!(output, expected, "workgroups of {size}");
    }
}

#[test]
fn positions_are_those_of_the_source_when_workgroups_share_a_tile() {
    let source = "
        @group(0) @binding(0) var<storage, read_write> positions: array<vec4<u32>>;
        @compute @workgroup_size(16)
        fn main(
            @builtin(global_invocation_id) id: vec3<u32>,
            @builtin(local_invocation_index) lane: u32,
            @builtin(workgroup_id) group: vec3<u32>,
            @builtin(num_workgroups) groups: vec3<u32>,
        ) {
            positions[id.x] = vec4(id.x, lane, group.x, groups.x);
        }";
    let compiled = compiled(source, None);
    assert_eq!(compiled.groups, 4);
    let expected: Vec<u32> = (0..192).flat_map(|i| [i, i % 16, i / 16, 12]).collect();
    assert_eq!(output(&compiled, 12, &[], &[]), expected);
}

#[test]
fn workgroups_take_turns_when_each_leaves_one_word() {
    let source = "
        struct Params { len: u32 }
        @group(0) @binding(0) var<storage, read> input: array<f32>;
        @group(0) @binding(1) var<storage, read_write> result: array<f32>;
        @group(0) @binding(2) var<uniform> params: Params;
        var<workgroup> sums: array<f32, 64>;
        var<private> turns: u32;
        @compute @workgroup_size(64)
        fn reduce(
            @builtin(local_invocation_id) lid: vec3<u32>,
            @builtin(global_invocation_id) gid: vec3<u32>,
            @builtin(workgroup_id) wid: vec3<u32>,
        ) {
            turns += 1u;
            sums[lid.x] += f32(turns) - 1.0;
            if gid.x < params.len { sums[lid.x] += input[gid.x]; }
            workgroupBarrier();
            for (var stride = 32u; stride > 0u; stride >>= 1u) {
                if lid.x < stride { sums[lid.x] += sums[lid.x + stride]; }
                workgroupBarrier();
            }
            if lid.x != 0u { return; }
            result[wid.x] = sums[0];
        }";
    let compiled = compiled(source, None);
    assert_eq!(compiled.groups, 256);
    let numbers: Vec<u32> = (0..20_000).map(|i| (i as f32).to_bits()).collect();
    let output = output(&compiled, 300, &[&numbers], &[19_900]);
    let expected = |group: u32| {
        let first = group * 64;
        let sum: u32 = (first..first + 64).filter(|i| *i < 19_900).sum();
        (sum as f32).to_bits()
    };
    assert_eq!(output, (0..512).map(expected).collect::<Vec<u32>>());
}

#[test]
fn tile_is_as_large_as_what_a_workgroup_writes_when_nobody_says_how_large() {
    let source = "
        struct Pair { sum: vec2<f32>, difference: vec2<f32> }
        @group(0) @binding(2) var<storage, read> a: array<vec2<f32>>;
        @group(0) @binding(5) var<storage, read> b: array<vec2<f32>>;
        @group(0) @binding(7) var<storage, read_write> pairs: array<Pair>;
        @compute @workgroup_size(256)
        fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            pairs[id.x] = Pair(a[id.x] + b[id.x], a[id.x] - b[id.x]);
        }";
    let compiled = compiled(source, None);
    assert_eq!((compiled.groups, compiled.kernel.tile_words), (1, 1_024));
    let floats: Vec<u32> = (0..1_024).map(|i| (i as f32).to_bits()).collect();
    let output = output(&compiled, 2, &[&floats, &floats], &[]);
    let expected = (0..512u32).flat_map(|i| [(4 * i) as f32, (4 * i + 2) as f32, 0.0, 0.0]);
    let expected: Vec<u32> = expected.map(f32::to_bits).collect();
    assert_eq!(output, expected);
}

/// Two entry points, each with bindings of its own; buffers that may be written to and are not; two groups.
const SEVERAL: &str = "
    @group(0) @binding(0) var<storage, read_write> left: array<i32>;
    @group(0) @binding(1) var<storage, read_write> right: array<i32>;
    @group(1) @binding(0) var<storage, read_write> sums: array<i32>;
    @group(1) @binding(1) var<storage, read_write> products: array<i32>;
    @group(2) @binding(0) var<uniform> scale: i32;
    @group(2) @binding(1) var<uniform> shift: vec2<i32>;
    @compute @workgroup_size(256)
    fn add(@builtin(global_invocation_id) id: vec3<u32>) {
        sums[id.x] = left[id.x] + right[id.x] * scale + shift.y;
    }
    @compute @workgroup_size(256)
    fn multiply(@builtin(global_invocation_id) id: vec3<u32>) {
        products[id.x] = left[id.x] * right[id.x];
    }";

#[test]
fn bindings_are_those_of_the_entry_point_when_there_are_several() {
    let words: Vec<u32> = (0..256).collect();
    let others: Vec<u32> = (0..256).map(|i| i + 7).collect();
    let add = compiled(SEVERAL, Some("add"));
    let sums = output(&add, 1, &[&words, &others], &[3, 100, 1_000]);
    assert_eq!(
        sums,
        (0..256)
            .map(|i| i + (i + 7) * 3 + 1_000)
            .collect::<Vec<u32>>()
    );
    let multiply = compiled(SEVERAL, Some("multiply"));
    let products = output(&multiply, 1, &[&words, &others], &[]);
    assert_eq!(
        products,
        (0..256).map(|i| i * (i + 7)).collect::<Vec<u32>>()
    );
}
