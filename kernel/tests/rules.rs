// SPDX-License-Identifier: Apache-2.0
//! Every rule of the bytecode, each broken by a kernel that breaks no other.

use assay_kernel::{
    Kernel,
    program::{
        Atomic, Binary, Builtin, Content, LoopKind, MAX_LANES, Memory, Op, Unary, VERSION,
        VariableKind,
    },
    validate::{Invalid, Limits, validate},
};

/// Stores the lane's number, which is valid, with more operations before.
fn kernel(before: Vec<Op>) -> Kernel {
    let mut code = before;
    let registers = code.iter().filter(|op| defines(op)).count() as u16;
    code.extend([
        Op::Builtin(Builtin::LocalIndex),
        Op::Store(1, registers, registers),
    ]);
    Kernel {
        version: VERSION,
        workgroup: [64, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![
            Memory::Input,
            Memory::Output,
            Memory::Workgroup(64, Content::Words),
        ],
        variables: vec![VariableKind::VARYING, VariableKind::UNIFORM],
        code,
    }
}

/// Whether a value is left behind in the scope of the kernel; those inside structures are not.
fn defines(op: &Op) -> bool {
    matches!(
        op,
        Op::Constant(_) | Op::Builtin(_) | Op::Unary(..) | Op::Load(..)
    )
}

fn refusal(kernel: &Kernel) -> Invalid {
    validate(kernel, &Limits::DEFAULT).expect_err("a rule is broken")
}

/// The refusal of the valid kernel with one thing changed.
fn changed(change: impl FnOnce(&mut Kernel)) -> Invalid {
    let mut kernel = kernel(vec![]);
    change(&mut kernel);
    refusal(&kernel)
}

/// The refusal of these operations alone.
fn alone(code: Vec<Op>) -> Invalid {
    changed(|kernel| kernel.code = code)
}

#[test]
fn kernel_is_valid_when_no_rule_is_broken() {
    let report = validate(&kernel(vec![]), &Limits::DEFAULT).expect("valid");
    assert_eq!((report.inputs, report.lanes, report.registers), (1, 64, 1));
}

#[test]
fn version_must_be_known() {
    assert_eq!(
        changed(|kernel| kernel.version += 1),
        Invalid::Version(VERSION + 1)
    );
}

#[test]
fn workgroup_must_have_invocations_but_not_too_many() {
    for workgroup in [
        [0, 1, 1],
        [MAX_LANES as u16 + 1, 1, 1],
        [16, 16, 2],
        [u16::MAX; 3],
    ] {
        assert_eq!(
            changed(|kernel| kernel.workgroup = workgroup),
            Invalid::Workgroup
        );
    }
}

#[test]
fn tile_must_be_a_power_of_two_of_chunks() {
    for words in [0, 64, 255, 768, 32_768, u32::MAX] {
        assert_eq!(
            changed(|kernel| kernel.tile_words = words),
            Invalid::Tile(words)
        );
    }
}

#[test]
fn memories_must_have_one_output_and_fit() {
    let broken = |memory: Memory| changed(|kernel| kernel.memories.push(memory));
    assert_eq!(broken(Memory::Output), Invalid::Memories(3));
    assert_eq!(
        broken(Memory::Workgroup(0, Content::Words)),
        Invalid::Memories(3)
    );
    assert_eq!(
        broken(Memory::Workgroup(8_192, Content::Words)),
        Invalid::Memories(3)
    );
    assert_eq!(
        broken(Memory::Workgroup(u32::MAX, Content::Words)),
        Invalid::Memories(3)
    );
    assert_eq!(
        broken(Memory::Private(1_025, Content::Words)),
        Invalid::Memories(3)
    );
    assert_eq!(broken(Memory::Parameters(65)), Invalid::Memories(3));
    assert_eq!(broken(Memory::Parameters(0)), Invalid::Memories(3));
    let inputs = changed(|kernel| kernel.memories.extend([Memory::Input; 8]));
    assert_eq!(inputs, Invalid::Memories(10));
    let none = changed(|kernel| kernel.memories = vec![Memory::Input]);
    assert_eq!(none, Invalid::Memories(16));
}

#[test]
fn counts_must_be_within_their_limits() {
    let variables = changed(|kernel| kernel.variables = vec![VariableKind::VARYING; 1_025]);
    assert_eq!(variables, Invalid::Variables(1_025));
    assert_eq!(
        alone(vec![Op::Barrier; 65_537]),
        Invalid::Operations(65_537)
    );
    assert_eq!(
        alone(vec![Op::Constant(1); 4_097]),
        Invalid::Registers(4_096)
    );
    assert_eq!(alone(vec![Op::Block; 41]), Invalid::Depth(40));
}

#[test]
fn names_must_be_declared_and_in_scope() {
    assert_eq!(
        alone(vec![Op::Unary(Unary::Not, 0)]),
        Invalid::UnknownRegister(0)
    );
    assert_eq!(alone(vec![Op::Get(2)]), Invalid::UnknownVariable(0));
    let load = alone(vec![Op::Constant(0), Op::Load(3, 0)]);
    assert_eq!(load, Invalid::BadMemory(1));
    // What a structure defines is gone behind its end.
    let gone = alone(vec![
        Op::Block,
        Op::Constant(1),
        Op::Set(0, 0),
        Op::End,
        Op::Set(0, 0),
    ]);
    assert_eq!(gone, Invalid::UnknownRegister(4));
}

#[test]
fn memories_must_allow_what_is_done_with_them() {
    let store = alone(vec![Op::Constant(0), Op::Store(0, 0, 0)]);
    assert_eq!(store, Invalid::BadMemory(1));
    let atomic = alone(vec![Op::Constant(0), Op::Atomic(Atomic::Add, 1, 0, 0)]);
    assert_eq!(atomic, Invalid::BadMemory(1));
}

#[test]
fn structures_must_close_as_they_were_opened() {
    assert_eq!(alone(vec![Op::End]), Invalid::Structure(0));
    assert_eq!(alone(vec![Op::Else]), Invalid::Structure(0));
    assert_eq!(alone(vec![Op::Block]), Invalid::Structure(1));
    assert_eq!(alone(vec![Op::Block, Op::Else]), Invalid::Structure(1));
    assert_eq!(
        alone(vec![Op::Block, Op::Continuing]),
        Invalid::Structure(1)
    );
    let unclosed = alone(vec![Op::Loop(LoopKind::Varying), Op::End]);
    assert_eq!(unclosed, Invalid::Structure(1));
    assert_eq!(alone(vec![Op::Break]), Invalid::Structure(0));
    assert_eq!(alone(vec![Op::Block, Op::Continue]), Invalid::Structure(1));
    let outside = alone(vec![Op::Constant(1), Op::BreakIf(0)]);
    assert_eq!(outside, Invalid::Structure(1));
    let late = alone(vec![Op::Loop(LoopKind::Varying), Op::Continuing, Op::Break]);
    assert_eq!(late, Invalid::Structure(2));
}

#[test]
fn nothing_may_be_unreachable_or_unused() {
    assert_eq!(
        alone(vec![Op::Return, Op::Barrier]),
        Invalid::Unreachable(1)
    );
    assert_eq!(alone(vec![Op::Constant(1)]), Invalid::UnusedValue(1));
    let inside = alone(vec![Op::Block, Op::Constant(1), Op::End]);
    assert_eq!(inside, Invalid::UnusedValue(2));
}

#[test]
fn invocations_must_be_together_where_the_rules_ask_for_it() {
    let lane = Op::Builtin(Builtin::LocalIndex);
    let divided = |then: Vec<Op>| {
        let mut code = vec![lane, Op::If(0)];
        code.extend(then);
        alone(code)
    };
    assert_eq!(divided(vec![Op::Barrier]), Invalid::NotUniform(2));
    assert_eq!(
        divided(vec![Op::Loop(LoopKind::Uniform)]),
        Invalid::NotUniform(2)
    );
    assert_eq!(
        divided(vec![Op::Return, Op::End, Op::Barrier]),
        Invalid::NotUniform(4)
    );
    assert_eq!(alone(vec![lane, Op::Set(1, 0)]), Invalid::NotUniform(1));
    let constant = divided(vec![Op::Constant(1), Op::Set(1, 1)]);
    assert_eq!(constant, Invalid::NotUniform(3));
    // One of them leaves a loop that all must leave together.
    let alone_out = alone(vec![
        Op::Repeat(LoopKind::Uniform, 4),
        lane,
        Op::If(1),
        Op::Break,
    ]);
    assert_eq!(alone_out, Invalid::NotUniform(3));
    let in_varying = alone(vec![Op::Repeat(LoopKind::Varying, 4), Op::Barrier]);
    assert_eq!(in_varying, Invalid::NotUniform(1));
    let after_break = alone(vec![
        Op::Block,
        lane,
        Op::If(0),
        Op::Break,
        Op::End,
        Op::Barrier,
    ]);
    assert_eq!(after_break, Invalid::NotUniform(5));
}

#[test]
fn barrier_is_valid_when_all_come_together_again() {
    let code = vec![
        Op::Builtin(Builtin::LocalIndex),
        Op::Block,
        Op::If(0),
        Op::Break,
        Op::End,
        Op::End,
        Op::Barrier,
    ];
    validate(&kernel(code), &Limits::DEFAULT).expect("behind the block all are together");
}

#[test]
fn loops_must_turn_and_have_fuel_where_they_are_metered() {
    assert_eq!(
        alone(vec![Op::Repeat(LoopKind::Varying, 0)]),
        Invalid::NoTurns(0)
    );
    let endless = vec![Op::Loop(LoopKind::Varying), Op::Continuing, Op::End];
    assert_eq!(refusal(&kernel(endless.clone())), Invalid::LoopFuel);
    assert_eq!(changed(|kernel| kernel.loop_fuel = 1), Invalid::LoopFuel);
    let mut fuelled = kernel(endless);
    fuelled.loop_fuel = 100;
    validate(&fuelled, &Limits::DEFAULT).expect("an endless loop with fuel ends");
}

#[test]
fn cost_must_be_within_the_limit_however_loops_are_nested() {
    let body = |turns: u32| {
        vec![
            Op::Repeat(LoopKind::Varying, turns),
            Op::Repeat(LoopKind::Varying, turns),
            Op::Binary(Binary::Add, 0, 1),
            Op::Set(0, 2),
            Op::End,
            Op::End,
        ]
    };
    validate(&kernel(body(100)), &Limits::DEFAULT).expect("a million turns are affordable");
    for turns in [100_000, u32::MAX] {
        assert!(matches!(
            refusal(&kernel(body(turns))),
            Invalid::TooExpensive { .. }
        ));
    }
    let mut metered = kernel(vec![Op::Loop(LoopKind::Varying), Op::Continuing, Op::End]);
    metered.loop_fuel = u32::MAX;
    assert!(matches!(refusal(&metered), Invalid::TooExpensive { .. }));
}
