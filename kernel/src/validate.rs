// SPDX-License-Identifier: Apache-2.0
//! Checks in one pass that a program is a kernel, and bounds what it costs.
//!
//! Linear in the number of operations, with memory proportional to the registers in scope and the depth
//! of nesting, both bounded: bytes from anybody may be given to it.

mod checker;

use crate::{
    cost,
    program::{Kernel, MAX_LANES, Memory, VERSION},
};
use alloc::vec::Vec;

/// The most that a kernel may have of anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations.
    pub operations: u32,
    /// Registers in scope at once.
    pub registers: u16,
    /// Variables.
    pub variables: u16,
    /// Memories.
    pub memories: u8,
    /// Inputs among them.
    pub inputs: u8,
    /// Words of parameters.
    pub parameter_words: u32,
    /// Words of workgroup memory in all.
    pub workgroup_words: u32,
    /// Words of private memory of one invocation in all.
    pub private_words: u32,
    /// Structures inside each other.
    pub depth: u8,
    /// Fuel that one tile can burn.
    pub tile_fuel: u64,
}

impl Limits {
    /// What the chain and every worker enforce.
    pub const DEFAULT: Self = Self {
        operations: 65_536,
        registers: 4_096,
        variables: 1_024,
        memories: 16,
        inputs: 8,
        parameter_words: 64,
        // 32 KiB: what every GPU driver in use offers.
        workgroup_words: 8_192,
        private_words: 1_024,
        depth: 40,
        // Re-executed within half a second in the runtime's wasm.
        tile_fuel: 200_000_000,
    };
}

/// What is known of a valid kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The most registers in scope at once.
    pub registers: u16,
    /// How many inputs it reads.
    pub inputs: u8,
    /// Invocations of a workgroup.
    pub lanes: u32,
    /// The most fuel that one tile can burn, in all lanes of [`cost::lanes`] together.
    pub tile_fuel: u64,
    /// For each `Loop`, in the order of the program: the fuel of one turn, which is what it is metered by.
    pub turns: Vec<u64>,
}

/// Why a program is no kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// 0: another version of the bytecode.
    #[error("bytecode version {0}; this is version {VERSION}")]
    Version(u8),
    /// 1: a workgroup without invocations, or with too many.
    #[error("a workgroup must have 1 to {MAX_LANES} invocations")]
    Workgroup,
    /// 2: a tile of a forbidden size.
    #[error("a tile of {0} words: it must be 256 times a power of two, at most 16,384")]
    Tile(u32),
    /// 3: not exactly one output, more than one set of parameters, or too large a memory.
    #[error("memory {0} is one too many, too large, or empty; there must be exactly one output")]
    Memories(u8),
    /// 4: too many variables.
    #[error("{0} variables are too many")]
    Variables(u32),
    /// 5: too many operations.
    #[error("{0} operations are too many")]
    Operations(u32),
    /// 6: too many registers in scope.
    #[error("operation {0} defines one register too many")]
    Registers(u32),
    /// 7: nested too deep.
    #[error("operation {0} nests too deep")]
    Depth(u32),
    /// 8: a register that is not in scope.
    #[error("operation {0} names a register that is not in scope")]
    UnknownRegister(u32),
    /// 9: a variable that is not declared.
    #[error("operation {0} names a variable that is not declared")]
    UnknownVariable(u32),
    /// 10: a memory that is not declared, or not of a kind for the operation.
    #[error("operation {0} names a memory that is not declared or does not allow it")]
    BadMemory(u32),
    /// 11: structures that do not close as they should.
    #[error("operation {0} does not fit the structure it stands in")]
    Structure(u32),
    /// 12: an operation that can never run.
    #[error("operation {0} can never be reached")]
    Unreachable(u32),
    /// 13: a value that nothing uses.
    #[error("a value in the structure that ends at operation {0} is never used")]
    UnusedValue(u32),
    /// 14: something that needs all invocations of a workgroup together where they may not be.
    #[error("operation {0} needs uniform control, or a uniform value, and does not have it")]
    NotUniform(u32),
    /// 15: a loop of no turns.
    #[error("operation {0} repeats zero times")]
    NoTurns(u32),
    /// 16: fuel for metered loops in a kernel without one, or none in a kernel with one.
    #[error("the fuel for metered loops must be more than zero exactly where there is such a loop")]
    LoopFuel,
    /// 17: a tile can cost more than the chain could re-execute.
    #[error("a tile can burn {fuel} fuel, more than the limit of {limit}")]
    TooExpensive {
        /// What it can burn.
        fuel: u64,
        /// The limit.
        limit: u64,
    },
    /// 18: a word where only a canonical float may be.
    #[error("operation {0} needs a float, and has a word that may be none")]
    NotFloat(u32),
}

impl Invalid {
    /// The published number of the rule that was broken.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Version(_) => 0,
            Self::Workgroup => 1,
            Self::Tile(_) => 2,
            Self::Memories(_) => 3,
            Self::Variables(_) => 4,
            Self::Operations(_) => 5,
            Self::Registers(_) => 6,
            Self::Depth(_) => 7,
            Self::UnknownRegister(_) => 8,
            Self::UnknownVariable(_) => 9,
            Self::BadMemory(_) => 10,
            Self::Structure(_) => 11,
            Self::Unreachable(_) => 12,
            Self::UnusedValue(_) => 13,
            Self::NotUniform(_) => 14,
            Self::NoTurns(_) => 15,
            Self::LoopFuel => 16,
            Self::TooExpensive { .. } => 17,
            Self::NotFloat(_) => 18,
        }
    }
}

/// Checks a program against the rules of `docs/kernel-spec.md` and the limits.
pub fn validate(kernel: &Kernel, limits: &Limits) -> Result<Report, Invalid> {
    if kernel.version != VERSION {
        return Err(Invalid::Version(kernel.version));
    }
    let lanes = kernel.lanes().ok_or(Invalid::Workgroup)?;
    let blocks = kernel.tile_words / 256;
    let whole = kernel.tile_words.is_multiple_of(256);
    if !whole || !blocks.is_power_of_two() || kernel.tile_words > 16_384 {
        return Err(Invalid::Tile(kernel.tile_words));
    }
    let inputs = check_memories(&kernel.memories, limits)?;
    let variables = u32::try_from(kernel.variables.len()).unwrap_or(u32::MAX);
    if variables > u32::from(limits.variables) {
        return Err(Invalid::Variables(variables));
    }
    let operations = u32::try_from(kernel.code.len()).unwrap_or(u32::MAX);
    if operations > limits.operations {
        return Err(Invalid::Operations(operations));
    }
    let summary = checker::check(kernel, limits)?;
    if summary.turns.is_empty() != (kernel.loop_fuel == 0) {
        return Err(Invalid::LoopFuel);
    }
    let columns = u64::from(cost::lanes(lanes));
    let budget = columns.saturating_mul(u64::from(kernel.loop_fuel));
    let uniform = if summary.uniform_loops > 0 { budget } else { 0 };
    let varying = match summary.varying_loops {
        0 => 0,
        1 if !summary.nested_varying_loop => budget,
        // Invocations may burn their fuel in different loops, one after the other, in lockstep.
        _ => budget.saturating_mul(lanes.into()),
    };
    let tile_fuel = columns
        .saturating_mul(summary.fuel)
        .saturating_add(uniform)
        .saturating_add(varying);
    if tile_fuel > limits.tile_fuel {
        return Err(Invalid::TooExpensive {
            fuel: tile_fuel,
            limit: limits.tile_fuel,
        });
    }
    Ok(Report {
        registers: summary.registers,
        inputs,
        lanes,
        tile_fuel,
        turns: summary.turns,
    })
}

/// Checks the list of memories and counts the inputs.
fn check_memories(memories: &[Memory], limits: &Limits) -> Result<u8, Invalid> {
    let (mut inputs, mut outputs, mut parameters) = (0u8, 0u8, 0u8);
    let (mut shared, mut private) = (0u32, 0u32);
    for (memory, index) in memories.iter().zip(0u8..=u8::MAX) {
        let refusal = Invalid::Memories(index);
        if index >= limits.memories {
            return Err(refusal);
        }
        match *memory {
            Memory::Input => inputs = inputs.saturating_add(1),
            Memory::Output => outputs = outputs.saturating_add(1),
            Memory::Parameters(words) => {
                parameters = parameters.saturating_add(1);
                if words == 0 || words > limits.parameter_words {
                    return Err(refusal);
                }
            }
            Memory::Workgroup(words, _) => shared = add_words(shared, words).ok_or(refusal)?,
            Memory::Private(words, _) => private = add_words(private, words).ok_or(refusal)?,
        }
        let fits = inputs <= limits.inputs
            && outputs <= 1
            && parameters <= 1
            && shared <= limits.workgroup_words
            && private <= limits.private_words;
        if !fits {
            return Err(refusal);
        }
    }
    match outputs {
        1 if memories.len() <= usize::from(limits.memories) => Ok(inputs),
        _ => Err(Invalid::Memories(limits.memories)),
    }
}

/// The words of memories of a kind in all; none may be empty.
fn add_words(sum: u32, words: u32) -> Option<u32> {
    sum.checked_add(words).filter(|_| words > 0)
}
