// SPDX-License-Identifier: Apache-2.0
//! What each operation costs inside the runtime's wasm: what the fuel of `assay_kernel::cost` and the weight of
//! a unit of fuel are set by.

use crate::{cases::Case, chain::Chain, median, time};
use anyhow::Result;
use assay_kernel::{
    Kernel, cost,
    machine::Machine,
    program::{
        Atomic, Binary, Builtin, Content, LoopKind, Memory, Op, Register, Unary, VERSION,
        VariableKind,
    },
    validate::Limits,
};
use assay_verifier::{execution::Task, spot};

/// Rounds of which the median counts.
const ROUNDS: usize = 5;

/// Operations of a kind in a turn of the loop.
const COPIES: u16 = 32;

/// Turns of the loop.
const TURNS: u32 = 100;

/// Words of the input: four megabytes, so that reading them here and there leaves the caches.
const INPUT_WORDS: u32 = 1 << 20;

/// Words of the memories of the workgroup and of each invocation.
const MEMORY_WORDS: u32 = 256;

const OUTPUT: u8 = 0;
const INPUT: u8 = 1;
const SHARED: u8 = 2;
const PRIVATE: u8 = 3;

/// Registers that are there before the loop.
const LANE: Register = 0;
const ONE: Register = 1;
/// Words without a pattern, and the same as floats.
const A: Register = 6;
const B: Register = 7;
const FLOAT_A: Register = 8;
const FLOAT_B: Register = 9;
/// Addresses without a pattern, of the input and of the memories.
const SCATTERED: Register = 11;
const SCATTERED_NEAR: Register = 13;

/// What is timed.
struct Subject {
    name: String,
    op: Op,
}

fn subjects() -> Vec<Subject> {
    use Binary as B2;
    use Unary as U;
    let unary = [
        U::Not,
        U::LogicalNot,
        U::Negate,
        U::Abs,
        U::CountOnes,
        U::LeadingZeros,
        U::TrailingZeros,
        U::ReverseBits,
        U::Canonical,
        U::FloatNegate,
        U::FloatAbs,
        U::FloatSqrt,
        U::FloatFromSigned,
        U::FloatFromUnsigned,
        U::SignedFromFloat,
        U::UnsignedFromFloat,
    ];
    let binary = [
        B2::Add,
        B2::Subtract,
        B2::Multiply,
        B2::DivideUnsigned,
        B2::DivideSigned,
        B2::RemainderUnsigned,
        B2::RemainderSigned,
        B2::And,
        B2::Or,
        B2::Xor,
        B2::ShiftLeft,
        B2::ShiftRightUnsigned,
        B2::ShiftRightSigned,
        B2::Equal,
        B2::NotEqual,
        B2::LessUnsigned,
        B2::LessSigned,
        B2::LessEqualUnsigned,
        B2::LessEqualSigned,
        B2::MinUnsigned,
        B2::MinSigned,
        B2::MaxUnsigned,
        B2::MaxSigned,
        B2::DotSigned,
        B2::DotUnsigned,
        B2::FloatAdd,
        B2::FloatSubtract,
        B2::FloatMultiply,
        B2::FloatDivide,
        B2::FloatEqual,
        B2::FloatLess,
        B2::FloatLessEqual,
    ];
    let named = |name: &str, op| Subject {
        name: name.into(),
        op,
    };
    let unary = unary.into_iter().map(|function| Subject {
        name: format!("{function:?}"),
        op: Op::Unary(function, if function.takes_float() { FLOAT_A } else { A }),
    });
    let binary = binary.into_iter().map(|function| {
        let (a, b) = if function.takes_floats() {
            (FLOAT_A, FLOAT_B)
        } else {
            (A, B)
        };
        Subject {
            name: format!("{function:?}"),
            op: Op::Binary(function, a, b),
        }
    });
    unary
        .chain(binary)
        .chain([
            named("Constant", Op::Constant(77)),
            named("Builtin, a division", Op::Builtin(Builtin::LocalY)),
            named("Builtin, uniform", Op::Builtin(Builtin::GroupX)),
            named("Select", Op::Select(A, B, LANE)),
            named("Get", Op::Get(0)),
            named("Set, in all lanes", Op::Set(1, A)),
            named("Length", Op::Length(INPUT)),
            named("Load of an input, in order", Op::Load(INPUT, LANE)),
            named("Load of an input, the same", Op::Load(INPUT, ONE)),
            named("Load of an input, scattered", Op::Load(INPUT, SCATTERED)),
            named("Load of the workgroup's, in order", Op::Load(SHARED, LANE)),
            named(
                "Load of the workgroup's, scattered",
                Op::Load(SHARED, SCATTERED_NEAR),
            ),
            named("Load of the own, the same", Op::Load(PRIVATE, ONE)),
            named(
                "Load of the own, scattered",
                Op::Load(PRIVATE, SCATTERED_NEAR),
            ),
            named("Load of the output", Op::Load(OUTPUT, LANE)),
            named(
                "Store to the workgroup's, in order",
                Op::Store(SHARED, LANE, A),
            ),
            named(
                "Store to the workgroup's, scattered",
                Op::Store(SHARED, SCATTERED_NEAR, A),
            ),
            named("Store to the own, the same", Op::Store(PRIVATE, ONE, A)),
            named(
                "Store to the own, scattered",
                Op::Store(PRIVATE, SCATTERED_NEAR, A),
            ),
            named("Store to the output", Op::Store(OUTPUT, LANE, A)),
            named("Atomic", Op::Atomic(Atomic::Add, SHARED, SCATTERED_NEAR, A)),
            named("Barrier", Op::Barrier),
        ])
        .collect()
}

/// Whether an operation defines a register.
fn yields(op: &Op) -> bool {
    !matches!(
        op,
        Op::Set(..) | Op::Store(..) | Op::Atomic(..) | Op::Barrier
    )
}

/// A kernel that repeats an operation so many times a turn, and sets a variable to what each yields.
fn kernel(op: &Op, copies: u16, lanes: u16) -> Kernel {
    let mut code = vec![
        Op::Builtin(Builtin::LocalIndex),
        Op::Constant(1),
        Op::Constant(0x9e37_79b9),
        Op::Binary(Binary::Multiply, LANE, 2),
        Op::Constant(15),
        Op::Binary(Binary::ShiftRightUnsigned, 3, 4),
        Op::Binary(Binary::Xor, 3, 5),
        Op::Unary(Unary::ReverseBits, A),
        Op::Unary(Unary::FloatFromSigned, A),
        Op::Unary(Unary::FloatFromUnsigned, B),
        Op::Constant(INPUT_WORDS - 1),
        Op::Binary(Binary::And, A, 10),
        Op::Constant(MEMORY_WORDS - 1),
        Op::Binary(Binary::And, A, 12),
    ];
    // Every register has a use.
    let all = [LANE, ONE, A, B, FLOAT_A, FLOAT_B, SCATTERED, SCATTERED_NEAR];
    code.extend(all.map(|register| Op::Set(0, register)));
    code.push(Op::Repeat(LoopKind::Uniform, TURNS));
    let turn = SCATTERED_NEAR + 1;
    code.push(Op::Set(0, turn));
    for copy in 1..=copies {
        code.push(*op);
        if yields(op) {
            code.push(Op::Set(1, turn + copy));
        }
    }
    code.push(Op::End);
    Kernel {
        version: VERSION,
        workgroup: [lanes, 1, 1],
        tile_words: 256,
        loop_fuel: 0,
        memories: vec![
            Memory::Output,
            Memory::Input,
            Memory::Workgroup(MEMORY_WORDS, Content::Words),
            Memory::Private(MEMORY_WORDS, Content::Words),
        ],
        variables: vec![VariableKind::VARYING; 2],
        code,
    }
}

/// The nanoseconds of an operation for all invocations of a workgroup, without what follows it.
struct Stopwatch<'a> {
    chain: &'a Chain,
    input: Vec<u8>,
}

impl Stopwatch<'_> {
    /// The milliseconds of a kernel's tile, of which nothing is read that the kernel does not.
    fn run(&self, kernel: Kernel) -> Result<f64> {
        let case = Case::new("", kernel, [1, 1, 1], vec![], vec![self.input.clone()])?;
        let mut machine = Machine::new(&case.kernel, &Limits::DEFAULT)?;
        let task = Task {
            grid: [1, 1, 1],
            parameters: &[],
            tiles: 1,
        };
        let (_, witness) = spot::witness(&mut machine, &task, 0, &[&self.input])?;
        let mut times = Vec::new();
        for _ in 0..=ROUNDS {
            let (taken, answer) = time(|| self.chain.execute(&case, &witness));
            answer?;
            times.push(taken);
        }
        // The first round compiles the wasm.
        times.remove(0);
        Ok(median(times))
    }

    fn operation(&self, op: &Op, lanes: u16) -> Result<f64> {
        let difference = self.run(kernel(op, COPIES, lanes))? - self.run(kernel(op, 0, lanes))?;
        Ok(difference * 1e6 / f64::from(COPIES) / f64::from(TURNS))
    }
}

/// Prints the table.
pub(crate) fn print(chain: &Chain) -> Result<()> {
    let stopwatch = Stopwatch {
        chain,
        input: vec![1; INPUT_WORDS as usize * 4],
    };
    println!("| operation | ns a lane, of 256 | of 64 | fuel | ns a fuel, of 256 lanes | of 64 |");
    println!("| --- | --: | --: | --: | --: | --: |");
    let set = Op::Set(1, A);
    let sets = [256, 64].map(|lanes| stopwatch.operation(&set, lanes));
    let [set_wide, set_narrow] = sets;
    let (set_wide, set_narrow) = (set_wide?, set_narrow?);
    for Subject { name, op } in subjects() {
        let less = |set: f64| if yields(&op) { set } else { 0.0 };
        let wide = stopwatch.operation(&op, 256)? - less(set_wide);
        let narrow = stopwatch.operation(&op, 64)? - less(set_narrow);
        let fuel = cost::of(&op, &kernel(&op, 0, 64).memories);
        let per_fuel =
            |taken: f64, lanes: u32| taken / (fuel.max(1) as f64 * f64::from(cost::lanes(lanes)));
        println!(
            "| {name} | {:.2} | {:.2} | {fuel} | {:.2} | {:.2} |",
            wide / 256.0,
            narrow / 64.0,
            per_fuel(wide, 256),
            per_fuel(narrow, 64),
        );
    }
    Ok(())
}
