// SPDX-License-Identifier: Apache-2.0
//! Every function of registers by itself, on hard words and on random ones.

use super::random::words::Random;
use assay_kernel::{
    Kernel,
    program::{Binary, Builtin, Memory, Op, Register, Unary, VERSION},
};
use assay_worker::engine::{
    Engine, EngineError, GpuEngine,
    probe::{BINARY, Class, FLOAT_BINARY, FLOAT_UNARY, HARD, HARD_FLOATS, Probe, UNARY},
};

/// How many operations there are in all, and a few more.
pub(crate) const OPERATIONS: u32 = 10_000_000;

/// Invocations of a workgroup, each of which does one operation.
const LANES: u32 = 256;

#[derive(Clone, Copy, Debug)]
enum Function {
    Unary(Unary),
    Binary(Binary),
    /// Of a word, a word, and 1 where the second is less than the first.
    Select,
}

fn functions() -> Vec<Function> {
    let unary = UNARY.into_iter().chain(FLOAT_UNARY).map(Function::Unary);
    let binary = BINARY.into_iter().chain(FLOAT_BINARY);
    unary
        .chain(binary.map(Function::Binary))
        .chain([Function::Select])
        .collect()
}

/// Runs all of them. The answer is how many operations were done and how those of functions that were wrong
/// differ, one of each.
pub(crate) fn run(engine: &GpuEngine) -> (u64, Vec<String>) {
    let functions = functions();
    let groups = OPERATIONS.div_ceil(functions.len() as u32 * LANES);
    let count = (groups * LANES) as usize;
    let (words, pairs) = (words(count), pairs(count));
    let (mut operations, mut differences) = (0, Vec::new());
    for function in &functions {
        let inputs = match function {
            Function::Unary(_) => vec![words.clone()],
            Function::Binary(_) | Function::Select => pairs.to_vec(),
        };
        let probe = probe(*function, groups, inputs);
        if !engine.runs(&probe.kernel) {
            continue;
        }
        operations += count as u64;
        match probe.check(engine) {
            Ok(()) => {}
            Err(error @ EngineError::Inexact { word, .. }) => {
                let operands = probe.inputs.iter().map(|input| input[word]);
                let operands: Vec<_> = operands.map(|word| format!("{word:#010x}")).collect();
                differences.push(format!("{function:?} of {}: {error}", operands.join(", ")));
            }
            Err(error) => differences.push(format!("{function:?}: {error}")),
        }
    }
    (operations, differences)
}

/// The hard words, then random ones.
fn words(count: usize) -> Vec<u32> {
    let mut random = Random::new(0);
    let hard = HARD.into_iter().chain(HARD_FLOATS);
    let more = (0..).map(|number| match number % 4 {
        0 => random.float(),
        1 => random.operand(),
        2 => random.halfway(),
        _ => random.word(),
    });
    hard.chain(more).take(count).collect()
}

/// Two words for each invocation: every pair of hard ones, then random ones.
fn pairs(count: usize) -> [Vec<u32>; 2] {
    let mut random = Random::new(1);
    let hard: Vec<u32> = HARD.into_iter().chain(HARD_FLOATS).collect();
    let crossed = hard.iter().flat_map(|a| hard.iter().map(|b| [*a, *b]));
    let pairs: Vec<_> = crossed
        .chain(std::iter::repeat_with(|| random.pair()))
        .take(count)
        .collect();
    [0, 1].map(|side| pairs.iter().map(|pair| pair[side]).collect())
}

/// A kernel that does one operation in each invocation.
fn probe(function: Function, groups: u32, inputs: Vec<Vec<u32>>) -> Probe {
    let mut code = vec![
        Op::Builtin(Builtin::GroupX),
        Op::Constant(LANES),
        Op::Binary(Binary::Multiply, 0, 1),
        Op::Builtin(Builtin::LocalIndex),
        Op::Binary(Binary::Add, 2, 3),
    ];
    const OWN: Register = 4;
    let mut next = OWN + 1;
    let mut value = |op| {
        code.push(op);
        next += 1;
        next - 1
    };
    let takes_floats = match function {
        Function::Unary(function) => function.takes_float(),
        Function::Binary(function) => function.takes_floats(),
        Function::Select => false,
    };
    let operands: Vec<Register> = (1..)
        .zip(&inputs)
        .map(|(memory, _)| {
            let word = value(Op::Load(memory, OWN));
            match takes_floats {
                true => value(Op::Unary(Unary::Canonical, word)),
                false => word,
            }
        })
        .collect();
    let result = match function {
        Function::Unary(function) => value(Op::Unary(function, operands[0])),
        Function::Binary(function) => value(Op::Binary(function, operands[0], operands[1])),
        Function::Select => {
            let [a, b] = [operands[0], operands[1]];
            let less = value(Op::Binary(Binary::LessSigned, b, a));
            value(Op::Select(a, b, less))
        }
    };
    code.push(Op::Store(0, OWN, result));
    let mut memories = vec![Memory::Output];
    memories.extend(inputs.iter().map(|_| Memory::Input));
    Probe {
        class: Class::Float,
        name: "one operation",
        kernel: Kernel {
            version: VERSION,
            workgroup: [LANES as u16, 1, 1],
            tile_words: LANES,
            loop_fuel: 0,
            memories,
            variables: Vec::new(),
            code,
        },
        grid: [groups, 1, 1],
        parameters: Vec::new(),
        inputs,
    }
}
