// SPDX-License-Identifier: Apache-2.0
//! Bytes that nobody compiled: whatever decodes and is valid must run, end, stay within its fuel, and do the
//! same each time.

use assay_kernel::{
    Kernel,
    compiler::{Code, Options, compile},
    float,
    generator::generate,
    machine::{Invocation, Machine, RunError, SliceInputs},
    program::{Binary, Builtin, LoopKind, Memory, Op, Unary, VERSION, VariableKind},
    validate::{Invalid, Limits, validate},
};
use codec::{Decode, DecodeAll, Encode};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use std::{fs, path::Path, sync::LazyLock};

/// The chain's limits, but cheap enough to run each of many kernels.
const LIMITS: Limits = Limits {
    tile_fuel: 1_000_000,
    ..Limits::DEFAULT
};

/// The catalogue's kernels, with as few turns in their loops as the limits ask for.
static CATALOGUE: LazyLock<Vec<Kernel>> = LazyLock::new(|| {
    let options = Options {
        loop_fuel: Some(256),
        ..Options::default()
    };
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernels");
    let folders = fs::read_dir(kernels).expect("the catalogue");
    let mut sources: Vec<_> = folders
        .filter_map(|folder| fs::read_dir(folder.expect("an entry").path()).ok())
        .flat_map(|files| files.map(|file| file.expect("an entry").path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "wgsl"))
        .collect();
    sources.sort();
    assert!(sources.len() >= 20, "only {} kernels", sources.len());
    let read = |path| fs::read_to_string(path).expect("a source");
    let compiled = |source: String| compile(&source, &options).expect("a kernel").kernel;
    sources
        .iter()
        .map(|path| cheap(compiled(read(path))))
        .collect()
});

fn cheap(mut kernel: Kernel) -> Kernel {
    while validate(&kernel, &LIMITS).is_err() {
        for op in &mut kernel.code {
            if let Op::Repeat(_, turns) = op {
                *turns = turns.div_ceil(2);
            }
        }
        kernel.loop_fuel = kernel.loop_fuel.div_ceil(2);
    }
    kernel
}

/// Runs every workgroup of a small grid, if the kernel is valid; the answer is the output.
fn run(kernel: &Kernel, input: &[u32]) -> Option<Vec<u32>> {
    run_with(kernel, input, &[5, u32::MAX])
}

/// The same with these parameters; all inputs are the same.
fn run_with(kernel: &Kernel, input: &[u32], parameters: &[u32]) -> Option<Vec<u32>> {
    let mut machine = Machine::new(kernel, &LIMITS).ok()?;
    let bound = machine.report().tile_fuel;
    let mut output = Vec::new();
    for group in 0..2 {
        let mut tile = vec![7; kernel.tile_words as usize];
        let invocation = Invocation {
            grid: [2, 1, 1],
            group,
            parameters,
        };
        let fuel = machine
            .run(&invocation, &mut SliceInputs(&[input; 8]), &mut tile)
            .expect("dense inputs can be read anywhere");
        assert!(fuel <= bound, "{fuel} burned of at most {bound}");
        output.extend(tile);
    }
    Some(output)
}

/// A kernel of 64 invocations without variables, whose memory 0 is an input and memory 1 the output.
fn kernel(code: Vec<Op>) -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [64, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![Memory::Input, Memory::Output],
        variables: Vec::new(),
        code,
    }
}

/// A place in some bytes and what to write there.
fn flips() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(3_000))]

    #[test]
    fn kernel_ends_within_its_fuel_when_bytes_are_flipped(
        which in any::<prop::sample::Index>(),
        flips in flips(),
        input in prop::collection::vec(any::<u32>(), 0..600),
    ) {
        let mut code = which.get(&CATALOGUE).encode();
        for (place, byte) in flips {
            *place.get_mut(&mut code) = byte;
        }
        if let Ok(kernel) = Kernel::decode_all(&mut code.as_slice()) {
            prop_assert_eq!(&kernel.encode(), &code, "an encoding has one form");
            prop_assert_eq!(run(&kernel, &input), run(&kernel, &input));
        }
    }

    #[test]
    fn decoding_refuses_when_bytes_are_missing(
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut code = which.get(&CATALOGUE).encode();
        code.truncate(cut.index(code.len()));
        prop_assert!(Kernel::decode(&mut code.as_slice()).is_err());
    }

    #[test]
    fn decoding_allocates_nothing_that_is_not_there(length in any::<u32>()) {
        // A list that claims to be longer than all bytes that follow.
        let mut code = CATALOGUE[1].encode();
        code.truncate(16);
        code.extend(codec::Compact(length | 1 << 20).encode());
        prop_assert!(Kernel::decode(&mut code.as_slice()).is_err());
    }
}

#[test]
fn kernels_are_often_valid_when_bytes_are_flipped() {
    // Or the property above would say nothing about the machine.
    let input: Vec<u32> = (0..600).collect();
    let (mut valid, mut tried) = (0, 0);
    for code in CATALOGUE.iter().map(Encode::encode) {
        for place in (0..code.len()).step_by(17) {
            let mut code = code.clone();
            code[place] ^= 1;
            tried += 1;
            let kernel = Kernel::decode_all(&mut code.as_slice()).ok();
            valid += u32::from(kernel.is_some_and(|kernel| run(&kernel, &input).is_some()));
        }
    }
    assert!(valid * 5 > tried, "{valid} of {tried} are valid");
}

/// So many structures inside each other, with operations in the innermost; register 0 is true.
fn nested(depth: usize, open: &[Op], inside: &[Op], close: &[Op]) -> Kernel {
    let mut code = vec![Op::Constant(1)];
    code.extend(open.repeat(depth));
    code.extend(inside);
    code.extend(close.repeat(depth));
    // What is used stays valid without structures too.
    code.push(Op::Store(1, 0, 0));
    let has_loop = code.iter().any(|op| matches!(op, Op::Loop(_)));
    Kernel {
        loop_fuel: if has_loop { 200 } else { 0 },
        ..kernel(code)
    }
}

#[test]
fn structures_run_when_nested_to_the_limit_and_are_refused_beyond() {
    const DEEPEST: usize = Limits::DEFAULT.depth as usize;
    let structures: [(&[Op], &[Op]); 5] = [
        (&[Op::If(0)], &[Op::End]),
        (&[Op::If(0), Op::Else, Op::If(0)], &[Op::End, Op::End]),
        (&[Op::Block], &[Op::End]),
        (
            &[Op::Loop(LoopKind::Uniform)],
            &[Op::Continuing, Op::BreakIf(0), Op::End],
        ),
        (
            &[Op::Loop(LoopKind::Varying)],
            &[Op::Continuing, Op::BreakIf(0), Op::End],
        ),
    ];
    for (open, close) in structures {
        let each = close.iter().filter(|op| **op == Op::End).count();
        let deepest = DEEPEST / each;
        let inside = [Op::Barrier];
        let inside: &[Op] = if open == [Op::Loop(LoopKind::Varying)] {
            &[]
        } else {
            &inside
        };
        let valid = nested(deepest, open, inside, close);
        assert_eq!(run(&valid, &[]).map(|output| output[1]), Some(1), "{valid}");
        generate(&valid, &LIMITS).expect("what is valid can be generated");
        let deep = nested(deepest + 1, open, inside, close);
        assert!(matches!(validate(&deep, &LIMITS), Err(Invalid::Depth(_))));
        // About as many as the chain would read: nothing recurses.
        let deep = nested(10_000, open, inside, close);
        assert!(matches!(validate(&deep, &LIMITS), Err(Invalid::Depth(_))));
    }
    // Registers are numbered on inside a `Repeat`.
    let repeat = nested(
        DEEPEST,
        &[Op::Repeat(LoopKind::Uniform, 1)],
        &[],
        &[Op::End],
    );
    assert_eq!(run(&repeat, &[]).map(|output| output[1]), Some(1));
}

/// What a kernel of these operations yields in a grid, as workgroup `group`.
fn run_in(grid: [u32; 3], group: u32) -> Result<Vec<u32>, RunError<std::convert::Infallible>> {
    // Words 0 to 3 of the tile: the position of the workgroup, and the length of the output.
    let mut code = vec![
        Op::Builtin(Builtin::GridX),
        Op::Builtin(Builtin::GroupX),
        Op::Builtin(Builtin::GroupY),
        Op::Builtin(Builtin::GroupZ),
        Op::Length(1),
        // The number of the workgroup: x + y * grid x + z * grid x * grid y, modulo 2^32; then its first word.
        Op::Builtin(Builtin::GridY),
        Op::Binary(Binary::Multiply, 5, 3),
        Op::Binary(Binary::Add, 6, 2),
        Op::Binary(Binary::Multiply, 7, 0),
        Op::Binary(Binary::Add, 8, 1),
        Op::Constant(256),
        Op::Binary(Binary::Multiply, 9, 10),
        Op::Constant(1),
    ];
    for (value, address) in (1..=4).zip(11u16..) {
        let address = if address == 11 { 11 } else { address + 1 };
        code.push(Op::Store(1, address, value));
        code.push(Op::Binary(Binary::Add, address, 12));
    }
    // The last sum is an address that nothing is stored at.
    code.pop();
    let kernel = kernel(code);
    let mut machine = Machine::new(&kernel, &LIMITS).expect("valid");
    let invocation = Invocation {
        grid,
        group,
        parameters: &[],
    };
    let mut tile = vec![7; 256];
    machine.run(&invocation, &mut SliceInputs(&[]), &mut tile)?;
    tile.truncate(4);
    Ok(tile)
}

#[test]
fn grids_without_the_workgroup_are_refused() {
    for grid in [[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0], [0, u32::MAX, 9]] {
        assert_eq!(run_in(grid, 0), Err(RunError::NoSuchGroup(0)), "{grid:?}");
    }
    assert_eq!(run_in([2, 3, 4], 24), Err(RunError::NoSuchGroup(24)));
    assert_eq!(
        run_in([1, 1, 1], u32::MAX),
        Err(RunError::NoSuchGroup(u32::MAX))
    );
}

#[test]
fn workgroups_know_where_they_are_when_the_grid_overflows() {
    const MOST: u32 = u32::MAX;
    assert_eq!(run_in([2, 3, 4], 23), Ok(vec![1, 2, 3, 24 * 256]));
    // Tiles, words and products beyond 2^32: positions are exact, lengths the greatest, addresses go round.
    assert_eq!(
        run_in([MOST, 1, 1], MOST - 1),
        Ok(vec![MOST - 1, 0, 0, MOST])
    );
    assert_eq!(run_in([MOST; 3], MOST), Ok(vec![0, 1, 0, MOST]));
    assert_eq!(
        run_in([1 << 16, 1 << 16, 1 << 16], MOST),
        Ok(vec![0xffff, 0xffff, 0, MOST])
    );
    assert_eq!(
        run_in([1, 1, MOST], MOST - 1),
        Ok(vec![0, 0, MOST - 1, MOST])
    );
}

#[test]
fn places_for_the_output_of_another_size_are_refused() {
    let mut machine = Machine::new(&CATALOGUE[0], &LIMITS).expect("valid");
    let invocation = Invocation {
        grid: [1, 1, 1],
        group: 0,
        parameters: &[],
    };
    let expected = machine.kernel().tile_words;
    for given in [0, 1, expected as usize - 1, expected as usize + 1] {
        let answer = machine.run(&invocation, &mut SliceInputs(&[]), &mut vec![0; given]);
        assert_eq!(answer, Err(RunError::OutputLength { expected, given }));
    }
}

#[test]
fn metered_loops_are_left_when_fuel_is_least_or_most() {
    // Counts its turns up to ten.
    let mut counting = kernel(vec![
        Op::Loop(LoopKind::Uniform),
        Op::Get(0),
        Op::Constant(1),
        Op::Binary(Binary::Add, 0, 1),
        Op::Set(0, 2),
        Op::Continuing,
        Op::Get(0),
        Op::Constant(10),
        Op::Binary(Binary::Equal, 0, 1),
        Op::BreakIf(2),
        Op::End,
        Op::Get(0),
        Op::Constant(0),
        Op::Store(1, 1, 0),
    ]);
    counting.variables = vec![VariableKind::UNIFORM];
    let limits = Limits {
        tile_fuel: u64::MAX,
        ..Limits::DEFAULT
    };
    let turns = |loop_fuel: u32| {
        let mut machine = Machine::new(
            &Kernel {
                loop_fuel,
                ..counting.clone()
            },
            &limits,
        )?;
        let invocation = Invocation {
            grid: [1, 1, 1],
            group: 0,
            parameters: &[],
        };
        let mut tile = vec![7; 256];
        let burned = machine.run(&invocation, &mut SliceInputs(&[]), &mut tile);
        assert!(burned.expect("no input") <= machine.report().tile_fuel);
        Ok((tile[0], machine.report().turns[0]))
    };
    assert_eq!(turns(0), Err(Invalid::LoopFuel));
    let (none, price) = turns(1).expect("valid");
    let price = u32::try_from(price).expect("a few operations");
    assert_eq!(none, 0);
    assert_eq!(turns(price - 1).map(|(turns, _)| turns), Ok(0));
    assert_eq!(turns(price).map(|(turns, _)| turns), Ok(1));
    assert_eq!(turns(10 * price - 1).map(|(turns, _)| turns), Ok(9));
    assert_eq!(turns(u32::MAX).map(|(turns, _)| turns), Ok(10));
}

/// Words that are floats of every unusual kind, and some that are usual.
const FLOATS: [u32; 16] = [
    0x7f80_0000, // infinities
    0xff80_0000,
    0x7fc0_0000, // NaNs: the canonical one, others, one that signals
    0xffc0_0000,
    0x7fff_ffff,
    0x7f80_0001,
    0x8000_0000, // -0
    0x0000_0001, // subnormals
    0x807f_ffff,
    0x0080_0000, // 2^-126, and what follows it
    0x8080_0001,
    0x7f7f_ffff, // the greatest
    0x3f80_0000, // 1, -2, 0.1, 100
    0xc000_0000,
    0x3dcc_cccd,
    0x42c8_0000,
];

#[test]
fn float_kernels_see_canonical_floats_whatever_they_are_given() {
    let words: Vec<u32> = (0..2_000)
        .map(|index| FLOATS[(index * 7 + index / 16) % 16])
        .collect();
    let canonical: Vec<u32> = words.iter().map(|word| float::canonical(*word)).collect();
    let parameters = FLOATS.map(float::canonical);
    let mut kernels = 0;
    for kernel in CATALOGUE.iter().filter(|kernel| kernel.has_floats()) {
        let output = run_with(kernel, &words, &FLOATS);
        assert!(output.is_some());
        // One that reads integers too may do something else.
        kernels += usize::from(run_with(kernel, &canonical, &parameters) == output);
    }
    assert!(kernels >= 6, "only {kernels} kernels");
}

#[test]
fn what_is_missing_of_an_input_is_zero() {
    for kernel in CATALOGUE.iter() {
        let asks = |op: &Op| match *op {
            Op::Length(memory) => kernel.memories[usize::from(memory)] == Memory::Input,
            _ => false,
        };
        let asks = kernel.code.iter().any(asks);
        for words in [0, 1, 3, 100] {
            let mut input: Vec<u32> = (0..words).map(|word| word * 0x0101_0101).collect();
            let output = run(kernel, &input);
            assert!(output.is_some());
            input.resize(100_000, 0);
            // A kernel that knows how long its input is may do something else.
            assert!(asks || run(kernel, &input) == output);
        }
    }
}

/// A kernel in WGSL: declarations, and what the entry point does.
fn source(declarations: &str, body: &str) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read> input: array<u32>;\n\
         @group(0) @binding(1) var<storage, read_write> output: array<u32>;\n\
         {declarations}\n\
         @compute @workgroup_size(64)\n\
         fn main(@builtin(global_invocation_id) id: vec3<u32>) {{ {body} }}"
    )
}

/// One line for each number.
fn lines(numbers: std::ops::Range<u32>, line: impl Fn(u32) -> String) -> String {
    numbers.map(|number| line(number) + "\n").collect()
}

#[test]
fn sources_are_refused_when_they_are_large_in_a_few_lines() {
    let huge = "array<u32, 400000000>";

    let calls = lines(1..40, |n| {
        format!(
            "fn f{n}(x: u32) -> u32 {{ return f{0}(x) + f{0}(x + 1u); }}",
            n - 1
        )
    });
    let empty_calls = lines(1..40, |n| format!("fn f{n}() {{ f{0}(); f{0}(); }}", n - 1));
    let arrays = lines(1..28, |n| format!("alias A{n} = array<A{}, 2>;", n - 1));
    let structures = lines(1..20, |n| {
        format!("struct S{n} {{ a: S{0}, b: S{0} }}", n - 1)
    });
    let sources = [
        source(
            &format!("fn f0(x: u32) -> u32 {{ return input[x]; }}\n{calls}"),
            "output[id.x] = f39(id.x);",
        ),
        source(&format!("fn f0() {{}}\n{empty_calls}"), "f39();"),
        source(
            &format!("alias A0 = u32;\n{arrays}"),
            "var a: A27; output[0] = 1u;",
        ),
        source(
            &format!("struct S0 {{ a: u32 }}\n{structures}"),
            "var s: S19; output[0] = 1u;",
        ),
        source("", &format!("let a = {huge}(); output[id.x] = a[id.x];")),
        source("", &format!("var a: {huge}; output[id.x] = a[id.x];")),
        source(
            &format!("fn f() -> {huge} {{ return {huge}(); }}"),
            "let a = f(); output[id.x] = 1u;",
        ),
        source(
            &format!("var<workgroup> a: {huge}; var<workgroup> b: {huge};"),
            "a = b; output[id.x] = a[id.x];",
        ),
        source(
            &format!("var<workgroup> a: {huge};"),
            "a[id.x] = 1u; output[id.x] = a[id.x + 1u];",
        ),
        source(
            "var<workgroup> a: array<array<u32, 16384>, 16385>;",
            "a[id.x][0] = 1u; output[id.x] = a[id.x][1];",
        ),
        // Not even zeros are set in part.
        source(
            "var<workgroup> a: array<u32, 2048>;",
            "a = array<u32, 2048>(); output[id.x] = a[id.x];",
        ),
        source(&" ".repeat(300_000), "output[id.x] = 1u;"),
    ];
    for source in sources {
        let refused = compile(&source, &Options::default()).expect_err("too large");
        let codes: Vec<Code> = refused
            .list
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect();
        assert!(codes.contains(&Code::Limit), "{refused}");
    }
}

#[test]
fn sources_compile_when_they_are_long_chains() {
    // Each link is a call inside a call, for naga at least.
    let sums = "+ 1".repeat(10_000);
    let signs = "~".repeat(20_001);
    let calls = lines(1..2_000, |n| {
        format!("fn f{n}(x: u32) -> u32 {{ return f{}(x); }}", n - 1)
    });
    let calls = format!("fn f0(x: u32) -> u32 {{ return x; }}\n{calls}");
    let arrays = lines(1..3_000, |n| format!("alias A{n} = array<A{}, 1>;", n - 1));
    let sources = [
        source("", &format!("output[id.x] = id.x + (1 {sums});")),
        source("", &format!("output[id.x] = {signs}id.x;")),
        source(&calls, "output[id.x] = f1999(id.x);"),
        source(
            &format!("alias A0 = u32;\n{arrays}"),
            "var a: A2999; output[id.x] = 1u;",
        ),
    ];
    for source in sources {
        let compiled = compile(&source, &Options::default());
        compiled.unwrap_or_else(|refused| panic!("{refused}"));
    }
}

#[test]
fn loops_inside_each_other_compile_in_time_linear_in_their_depth() {
    let open = lines(0..30, |n| {
        format!("for (var i{n} = 0u; i{n} < 2u; i{n}++) {{")
    });
    let body = format!("{open} output[id.x] += 1u; {}", "}".repeat(30));
    let refused = compile(&source("", &body), &Options::default()).expect_err("2^30 turns");
    assert_eq!(
        refused
            .list
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect::<Vec<_>>(),
        [Code::Limit]
    );
}

/// The text of a kernel of these operations, which must be WGSL.
fn generated(code: Vec<Op>) -> String {
    let shader = generate(&kernel(code), &LIMITS).expect("valid");
    let text = shader.source().to_owned();
    if let Err(error) = naga::front::wgsl::parse_str(&text) {
        panic!("{}", error.emit_to_string(&text));
    }
    text
}

#[test]
fn generated_text_computes_with_constants_of_every_kind() {
    // With a float and a constant: what is chosen of two equal constants is known, but no constant.
    let with = |word: u32, function: Binary| {
        generated(vec![
            Op::Constant(word),
            Op::Builtin(Builtin::LocalIndex),
            Op::Select(1, 0, 0),
            Op::Unary(Unary::Canonical, 1),
            Op::Binary(function, 2, 0),
            Op::Binary(function, 3, 0),
            Op::Store(1, 1, 4),
            Op::Store(1, 1, 5),
        ])
    };
    let minus_one = with(0xbf80_0000, Binary::FloatSubtract);
    assert!(minus_one.contains("settle(r3 - c0, opaque)"), "{minus_one}");
    // A compiler that knows both to be the same infinity must not make 0 of the difference.
    let minus_infinity = with(float::INFINITY, Binary::FloatSubtract);
    assert!(
        minus_infinity.contains("settle(r3 - hide(c0, opaque_too), opaque)"),
        "{minus_infinity}"
    );
    // Nor may it be asked how a number compares with what is none.
    let less_than_nan = with(float::NAN, Binary::FloatLess);
    assert!(
        less_than_nan.contains("(r3 < c0) & is_number(r3) & is_number(c0)"),
        "{less_than_nan}"
    );
}
