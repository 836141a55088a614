// SPDX-License-Identifier: Apache-2.0
//! The virtual machine: one workgroup of a kernel, in lockstep.
//!
//! An operation runs for all invocations of the workgroup before the next one does. Registers are columns
//! of 256 words; an execution mask says which invocations are here. Registers are assigned once and no
//! operation on them can fail, so they are computed for every lane, here or not, in loops that vectorise;
//! only what outlives a structure (variables, memory) looks at the mask. Everything is total: nothing
//! makes the machine stop early or panic, except an input that cannot be read.

pub(crate) mod arithmetic;
mod control;
mod inputs;
mod mask;
mod memory;
mod pattern;
mod watch;
mod wide;

pub use inputs::{Inputs, SliceInputs};
pub use mask::Mask;
pub use watch::Watch;

use crate::{
    cost,
    program::{Builtin, Kernel, MAX_LANES, Op},
    validate::{Invalid, Limits, Report, validate},
};
use alloc::{vec, vec::Vec};
use control::{Flow, Jumps};
use memory::Memories;

/// The lanes of a column.
pub const LANES: usize = MAX_LANES as usize;

/// One register of all invocations of a workgroup.
pub type Column = [u32; LANES];

/// A kernel, ready to run.
#[derive(Clone, Debug)]
pub struct Machine {
    kernel: Kernel,
    report: Report,
    jumps: Jumps,
    /// The positions of the invocations in the workgroup along x, y and z.
    places: [Column; 3],
    registers: Vec<Column>,
    variables: Vec<Column>,
    memories: Memories,
}

/// Which workgroup to run, and with which parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation<'a> {
    /// Workgroups along x, y and z.
    pub grid: [u32; 3],
    /// Which of them: `x + y * grid_x + z * grid_x * grid_y`.
    pub group: u32,
    /// The job's parameters; those that the kernel has and the job has not are 0.
    pub parameters: &'a [u32],
}

impl Invocation<'_> {
    /// The workgroups of the grid.
    fn groups(&self) -> u64 {
        self.grid
            .map(u64::from)
            .iter()
            .fold(1, |groups, size| groups.saturating_mul(*size))
    }

    /// The workgroup's position in the grid. `None` when the grid has no such workgroup.
    fn place(&self) -> Option<[u32; 3]> {
        let [x, y, _] = self.grid;
        let row = self.group.checked_div(x)?;
        let place = [
            self.group.checked_rem(x)?,
            row.checked_rem(y)?,
            row.checked_div(y)?,
        ];
        (u64::from(self.group) < self.groups()).then_some(place)
    }
}

/// Why a workgroup could not be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError<E> {
    /// The grid has no such workgroup.
    #[error("the grid has no workgroup {0}")]
    NoSuchGroup(u32),
    /// The place for the output is not as large as a tile.
    #[error("a tile has {expected} words, not {given}")]
    OutputLength {
        /// The tile's words.
        expected: u32,
        /// The words there are.
        given: usize,
    },
    /// An input could not be read.
    #[error("an input cannot be read: {0}")]
    Input(E),
}

impl Machine {
    /// Validates a kernel and makes it ready.
    pub fn new(kernel: &Kernel, limits: &Limits) -> Result<Self, Invalid> {
        let report = validate(kernel, limits)?;
        Ok(Self {
            jumps: Jumps::new(&kernel.code, &report.turns),
            places: places(kernel.workgroup),
            registers: vec![[0; LANES]; usize::from(report.registers)],
            variables: vec![[0; LANES]; kernel.variables.len()],
            memories: Memories::new(kernel),
            kernel: kernel.clone(),
            report,
        })
    }

    /// What the validator found out about the kernel.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The kernel.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// Runs one workgroup, writes its tile and says how much fuel it burned, all invocations together.
    ///
    /// `output` has as many words as a tile; what is in it before does not matter. The fuel never
    /// exceeds [`Report::tile_fuel`].
    pub fn run<I: Inputs>(
        &mut self,
        invocation: &Invocation<'_>,
        inputs: &mut I,
        output: &mut [u32],
    ) -> Result<u64, RunError<I::Error>> {
        self.run_watched(invocation, inputs, output, &mut ())
    }

    /// The same, and `watch` sees each use of a memory.
    pub fn run_watched<I: Inputs, W: Watch>(
        &mut self,
        invocation: &Invocation<'_>,
        inputs: &mut I,
        output: &mut [u32],
        watch: &mut W,
    ) -> Result<u64, RunError<I::Error>> {
        let place = invocation
            .place()
            .ok_or(RunError::NoSuchGroup(invocation.group))?;
        if u32::try_from(output.len()) != Ok(self.kernel.tile_words) {
            return Err(RunError::OutputLength {
                expected: self.kernel.tile_words,
                given: output.len(),
            });
        }
        output.fill(0);
        self.variables.fill([0; LANES]);
        self.memories.reset(invocation);
        wide::execute(self, (invocation.grid, place), inputs, output, watch)
            .map_err(RunError::Input)
    }

    /// Runs the code. Inlined, so that it is compiled for the vectors of whoever calls it.
    #[inline(always)]
    fn execute<I: Inputs, W: Watch>(
        &mut self,
        (grid, place): ([u32; 3], [u32; 3]),
        inputs: &mut I,
        output: &mut [u32],
        watch: &mut W,
    ) -> Result<u64, I::Error> {
        let Self {
            kernel,
            report,
            jumps,
            places,
            registers,
            variables,
            memories,
        } = self;
        let columns = cost::lanes(report.lanes);
        let lanes = u64::from(columns);
        let width = usize::try_from(columns).unwrap_or(LANES).min(LANES);
        let mut flow = Flow::new(report.lanes, kernel.loop_fuel);
        let mut fuel = 0u64;
        while let Some(op) = kernel.code.get(flow.position) {
            fuel = fuel.saturating_add(cost::of(op, &kernel.memories).saturating_mul(lanes));
            let scope = flow.depth.min(registers.len());
            let (defined, free) = registers.split_at_mut(scope);
            let register = |number: u16| used(defined.get(usize::from(number)), width);
            match *op {
                Op::Set(variable, a) => {
                    if let Some(column) = variables.get_mut(usize::from(variable)) {
                        flow.active.copy(register(a), column);
                    }
                    flow.advance();
                }
                Op::Store(memory, address, value) => {
                    watch.write(memory, register(address), flow.active);
                    memories.store(
                        memory,
                        register(address),
                        register(value),
                        flow.active,
                        output,
                    );
                    flow.advance();
                }
                Op::Atomic(atomic, memory, address, value) => {
                    watch.combine(atomic, memory, register(address), flow.active);
                    memories.combine(
                        atomic,
                        memory,
                        register(address),
                        register(value),
                        flow.active,
                    );
                    flow.advance();
                }
                Op::Barrier => {
                    watch.barrier();
                    flow.advance();
                }
                Op::If(condition) => flow.open_if(Mask::of(register(condition)), jumps),
                Op::Else => flow.switch_arm(jumps),
                Op::Block => flow.open_block(),
                Op::Repeat(_, count) => {
                    flow.open_repeat(count);
                    fuel = fuel.saturating_add(cost::TURN.saturating_mul(lanes));
                    if let Some(turn) = free.first_mut() {
                        turn.fill(0);
                    }
                }
                Op::Loop(kind) => {
                    if flow.open_loop(kind, jumps) {
                        fuel = fuel.saturating_add(cost::TURN.saturating_mul(lanes));
                    }
                }
                Op::Continuing => flow.continuing(),
                Op::BreakIf(condition) => flow.break_if(Mask::of(register(condition))),
                Op::End => {
                    if let Some(turn) = flow.end(jumps) {
                        fuel = fuel.saturating_add(cost::TURN.saturating_mul(lanes));
                        let number = flow.depth.checked_sub(1).filter(|_| turn.counted);
                        if let Some(column) = number.and_then(|number| registers.get_mut(number)) {
                            column.fill(turn.number);
                        }
                    }
                }
                Op::Break => flow.leave(),
                Op::Continue => flow.next_turn(),
                Op::Return => flow.end_invocations(),
                _ => {
                    if let Some(result) = free.first_mut().and_then(|free| free.get_mut(..width)) {
                        match *op {
                            Op::Constant(word) => result.fill(word),
                            Op::Builtin(builtin) => {
                                fill_builtin(builtin, places, grid, place, result);
                            }
                            Op::Unary(function, a) => {
                                arithmetic::unary(function, register(a), result)
                            }
                            Op::Binary(function, a, b) => {
                                arithmetic::binary(function, register(a), register(b), result);
                            }
                            Op::Select(condition, a, b) => {
                                arithmetic::select(
                                    register(condition),
                                    register(a),
                                    register(b),
                                    result,
                                );
                            }
                            Op::Get(variable) => {
                                let variable = variables.get(usize::from(variable));
                                result.copy_from_slice(used(variable, width));
                            }
                            Op::Load(memory, address) => {
                                watch.read(memory, register(address), flow.active);
                                memories.load(
                                    memory,
                                    register(address),
                                    flow.active,
                                    inputs,
                                    output,
                                    result,
                                )?;
                                let spared =
                                    memories.spared(memory, register(address), flow.active);
                                fuel = fuel.saturating_sub(spared.saturating_mul(cost::PAGE));
                            }
                            Op::Length(memory) => result.fill(memories.length(memory, inputs)),
                            _ => {}
                        }
                    }
                    flow.define();
                }
            }
        }
        Ok(fuel)
    }
}

/// What a register holds that the validator would not have let pass.
const ZERO: Column = [0; LANES];

/// The lanes of a column that the machine computes.
fn used(column: Option<&Column>, width: usize) -> &[u32] {
    column.unwrap_or(&ZERO).get(..width).unwrap_or_default()
}

/// The positions of the lanes in a workgroup of this size.
fn places([size_x, size_y, _]: [u16; 3]) -> [Column; 3] {
    let [size_x, size_y] = [size_x, size_y].map(u32::from);
    let mut places = [ZERO; 3];
    let [xs, ys, zs] = &mut places;
    for (((x, y), z), lane) in xs.iter_mut().zip(ys).zip(zs).zip(0u32..) {
        let row = lane.checked_div(size_x).unwrap_or_default();
        *x = lane.checked_rem(size_x).unwrap_or_default();
        *y = row.checked_rem(size_y).unwrap_or_default();
        *z = row.checked_div(size_y).unwrap_or_default();
    }
    places
}

/// Fills a column with a number that the machine provides.
fn fill_builtin(
    builtin: Builtin,
    [xs, ys, zs]: &[Column; 3],
    [grid_x, grid_y, grid_z]: [u32; 3],
    [group_x, group_y, group_z]: [u32; 3],
    result: &mut [u32],
) {
    let mut copy = |column: &Column| {
        for (word, place) in result.iter_mut().zip(column) {
            *word = *place;
        }
    };
    match builtin {
        Builtin::LocalX => copy(xs),
        Builtin::LocalY => copy(ys),
        Builtin::LocalZ => copy(zs),
        Builtin::LocalIndex => {
            for (word, lane) in result.iter_mut().zip(0..) {
                *word = lane;
            }
        }
        Builtin::GroupX => result.fill(group_x),
        Builtin::GroupY => result.fill(group_y),
        Builtin::GroupZ => result.fill(group_z),
        Builtin::GridX => result.fill(grid_x),
        Builtin::GridY => result.fill(grid_y),
        Builtin::GridZ => result.fill(grid_z),
    }
}
