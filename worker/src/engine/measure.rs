// SPDX-License-Identifier: Apache-2.0
//! How fast an engine is.

use super::{Engine, EngineError, Task};
use assay_kernel::{
    Kernel,
    program::{Binary, Builtin, LoopKind, Memory, Op, VERSION, VariableKind},
    validate::{Limits, validate},
};
use std::time::{Duration, Instant};

/// How long a measurement takes at least.
const LONG_ENOUGH: Duration = Duration::from_millis(100);

/// The most tiles that are measured: 1 GiB of output.
const MOST_TILES: u32 = 1 << 20;

/// The fuel an engine burns in a second, on more and more tiles until they take long enough.
pub(super) fn fuel_per_second(engine: &dyn Engine) -> Result<u64, EngineError> {
    let kernel = kernel();
    let fuel = validate(&kernel, &Limits::DEFAULT)?.tile_fuel;
    let mut tiles = 64;
    loop {
        let task = Task {
            kernel: &kernel,
            grid: [tiles, 1, 1],
            tiles,
            parameters: &[],
            inputs: &[],
        };
        let start = Instant::now();
        engine.run(&task, &mut |_| Ok(()))?;
        let elapsed = start.elapsed();
        if elapsed >= LONG_ENOUGH || tiles >= MOST_TILES {
            let seconds = elapsed.as_secs_f64().max(1e-6);
            return Ok((fuel as f64 * f64::from(tiles) / seconds) as u64);
        }
        tiles *= 4;
    }
}

/// A loop of mixed integer work.
pub(super) fn kernel() -> Kernel {
    Kernel {
        version: VERSION,
        workgroup: [256, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![Memory::Output],
        variables: vec![VariableKind::VARYING],
        code: vec![
            Op::Builtin(Builtin::LocalIndex),
            Op::Set(0, 0),
            Op::Repeat(LoopKind::Uniform, 500),
            Op::Get(0),
            Op::Binary(Binary::Multiply, 2, 1),
            Op::Binary(Binary::Xor, 3, 0),
            Op::Binary(Binary::Add, 4, 2),
            Op::Binary(Binary::MaxUnsigned, 5, 1),
            Op::Set(0, 6),
            Op::End,
            Op::Get(0),
            Op::Builtin(Builtin::GroupX),
            Op::Constant(256),
            Op::Binary(Binary::Multiply, 2, 3),
            Op::Binary(Binary::Add, 4, 0),
            Op::Store(0, 5, 1),
        ],
    }
}
