// SPDX-License-Identifier: Apache-2.0
//! A probe of workgroups that do not fill a device's vectors.

use super::{Class, Probe};
use assay_kernel::{
    Kernel,
    program::{Binary, Builtin, LoopKind, Memory, Op, VERSION},
};

/// Twenty invocations wait for each other in a metered loop whose end depends on a word of the input, and go on behind
/// it.
///
/// On lavapipe (Mesa 22.3.6) the last four would never come there, its vectors having eight lanes, if the generator did
/// not fill the workgroup up.
pub(super) fn barriers() -> Probe {
    let code = vec![
        Op::Builtin(Builtin::LocalIndex),
        Op::Constant(5),
        Op::Builtin(Builtin::GroupX),
        Op::Load(1, 2),
        Op::Loop(LoopKind::Uniform),
        Op::Barrier,
        Op::Continuing,
        Op::Store(0, 0, 1),
        Op::BreakIf(3),
        Op::End,
        Op::Builtin(Builtin::GroupX),
        Op::Constant(256),
        Op::Binary(Binary::Multiply, 4, 5),
        Op::Binary(Binary::Add, 6, 0),
        Op::Constant(9),
        Op::Store(0, 7, 8),
    ];
    Probe {
        class: Class::Integer,
        name: "ragged workgroups",
        kernel: Kernel {
            version: VERSION,
            workgroup: [20, 1, 1],
            tile_words: 256,
            loop_fuel: 300,
            memories: vec![Memory::Output, Memory::Input],
            variables: vec![],
            code,
        },
        grid: [5, 1, 1],
        parameters: vec![],
        inputs: vec![vec![255, 64, 0, 64, 1]],
    }
}
