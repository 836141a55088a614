// SPDX-License-Identifier: Apache-2.0
//! Kernels that drivers took for something simpler, or not at all, until the generator hid more from them.

use assay_kernel::{
    Kernel,
    program::{
        Binary, Builtin, Content, Memory, Op, Register, Unary, VERSION, Variable, VariableKind,
    },
};
use assay_worker::engine::{
    GpuEngine,
    probe::{Class, Probe},
};

const INFINITY: u32 = 0x7f80_0000;
const OUTPUT: u8 = 0;
const SHARED: u8 = 1;
const UNSET: Variable = 0;

/// The lane, whose word of the output the result goes to.
const LANE: Register = 0;

/// Code that follows the lane, and the register of its result.
fn cases() -> [(&'static str, Vec<Op>, Register); 4] {
    [
        (
            "a variable that is never set is 0, but NaN times it is not",
            vec![
                Op::Get(UNSET),
                Op::Constant(0),
                Op::Binary(Binary::FloatDivide, 1, 2),
                Op::Binary(Binary::FloatMultiply, 3, 1),
            ],
            4,
        ),
        (
            "what was stored is what is loaded, but their difference is not 0",
            vec![
                Op::Constant(INFINITY),
                Op::Store(SHARED, LANE, 1),
                Op::Load(SHARED, LANE),
                Op::Binary(Binary::FloatSubtract, 1, 2),
            ],
            3,
        ),
        (
            "a constant less itself need not be 0",
            vec![
                Op::Constant(INFINITY),
                Op::Constant(INFINITY),
                Op::Binary(Binary::FloatSubtract, 1, 2),
            ],
            3,
        ),
        (
            "a choice between a constant and itself is no constant of the text",
            vec![
                Op::Constant(2.0f32.to_bits()),
                Op::Constant(2.0f32.to_bits()),
                Op::Select(LANE, 1, 2),
                Op::Unary(Unary::FloatSqrt, 3),
            ],
            4,
        ),
    ]
}

/// Runs all of them.
pub(crate) fn every_case_agrees(engine: &GpuEngine) {
    for (case, rest, result) in cases() {
        let mut code = vec![Op::Builtin(Builtin::LocalIndex)];
        code.extend(rest);
        code.push(Op::Store(OUTPUT, LANE, result));
        let probe = Probe {
            class: Class::Float,
            name: case,
            kernel: Kernel {
                version: VERSION,
                workgroup: [64, 1, 1],
                tile_words: 256,
                loop_fuel: 0,
                memories: vec![Memory::Output, Memory::Workgroup(64, Content::Floats)],
                variables: vec![VariableKind {
                    uniform: false,
                    content: Content::Floats,
                }],
                code,
            },
            grid: [1; 3],
            parameters: Vec::new(),
            inputs: Vec::new(),
        };
        if let Err(error) = probe.check(engine) {
            panic!("{error}");
        }
    }
}
