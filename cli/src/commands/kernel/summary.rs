// SPDX-License-Identifier: Apache-2.0
//! What is known of a kernel without running it.

use assay_kernel::{
    Kernel,
    program::{Memory, Op},
    validate::Report,
};

/// What the chain would say of a kernel, a line for each thing. A tile of it is so many workgroups of its source.
pub(super) fn summary(kernel: &Kernel, groups: u32, report: &Report, code: &[u8]) -> String {
    let [x, y, z] = kernel.workgroup;
    let source = match groups {
        0 | 1 => String::new(),
        groups => format!(
            ", which does the work of {groups} of the source, so grids count by {groups} along x"
        ),
    };
    let words = |of: fn(&Memory) -> u32| kernel.memories.iter().map(of).sum::<u32>();
    let parameters = words(|memory| match memory {
        Memory::Parameters(words) => *words,
        _ => 0,
    });
    let shared = words(|memory| match memory {
        Memory::Workgroup(words, _) => *words,
        _ => 0,
    });
    let private = words(|memory| match memory {
        Memory::Private(words, _) => *words,
        _ => 0,
    });
    let loops = (kernel.code.iter())
        .filter(|op| matches!(op, Op::Loop(_)))
        .count();
    let metered = match loops {
        0 => "none: there is no loop whose end is not a constant".into(),
        loops => format!(
            "{} for each invocation; metered loops: {loops}",
            kernel.loop_fuel
        ),
    };
    format!(
        "hash         {}\n\
         bytecode     {} bytes, {} operations\n\
         inputs       {}, and {parameters} parameter words\n\
         workgroup    {x} x {y} x {z}{source}\n\
         tile         {} bytes\n\
         fuel         at most {} a tile\n\
         loop fuel    {metered}\n\
         registers    {}, and {} variables\n\
         memory       {shared} words of a workgroup, {private} of an invocation\n\
         floats       {}",
        blake3::hash(code),
        code.len(),
        kernel.code.len(),
        report.inputs,
        u64::from(kernel.tile_words) * 4,
        report.tile_fuel,
        report.registers,
        kernel.variables.len(),
        if kernel.has_floats() { "yes" } else { "no" },
    )
}
