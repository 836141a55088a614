// SPDX-License-Identifier: Apache-2.0
//! Re-execution of tiles with no more of the inputs than they read.
//!
//! What a tile reads shows only when it runs. So it is run with what is known, a page that is not known
//! reading as zeros, and the run says which pages it would have needed; it counts once none is missing.
//! Kernels that compute their addresses need two runs, those that read addresses from inputs a few more.

use crate::{
    ChainingValue,
    execution::{Task, compute_tile},
    paged::PagedInputs,
    witness::{InputRef, InputSlice, WitnessError},
};
use assay_kernel::machine::{Inputs, Machine, RunError};
use rayon::prelude::*;
use std::{collections::BTreeSet, convert::Infallible};

/// Inputs that become known page by page.
#[derive(Clone, Debug)]
pub struct SparseInputs {
    references: Vec<InputRef>,
    known: PagedInputs,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The chaining values of the tiles, in their order.
    Values(Vec<ChainingValue>),
    /// For each input the pages that are still missing.
    Missing(Vec<BTreeSet<u32>>),
}

impl SparseInputs {
    /// Inputs of which nothing is known yet.
    pub fn new(inputs: &[InputRef]) -> Result<Self, WitnessError> {
        Ok(Self {
            references: inputs.to_vec(),
            known: PagedInputs::of(inputs)?,
        })
    }

    /// Checks the pages of an input and makes them known. Does nothing for an input that there is not.
    pub fn add(&mut self, input: usize, slice: &InputSlice) -> Result<(), WitnessError> {
        if let Some(reference) = self.references.get(input) {
            slice.verify(input, reference)?;
            self.known.add_slice(input, slice);
        }
        Ok(())
    }

    /// Runs tiles on all cores.
    pub fn run(
        &self,
        machine: &Machine,
        task: &Task<'_>,
        tiles: &[u32],
    ) -> Result<Attempt, RunError<Infallible>> {
        let runs = tiles
            .par_iter()
            .map_init(
                || machine.clone(),
                |machine, tile| {
                    let mut reader = Reader {
                        known: &self.known,
                        missing: vec![BTreeSet::new(); self.references.len()],
                    };
                    let computed = compute_tile(machine, task, *tile, &mut reader)?;
                    Ok((computed.value, reader.missing))
                },
            )
            .collect::<Result<Vec<_>, RunError<Infallible>>>()?;
        let mut missing = vec![BTreeSet::new(); self.references.len()];
        let mut values = Vec::with_capacity(runs.len());
        for (value, pages) in runs {
            values.push(value);
            for (missing, pages) in missing.iter_mut().zip(pages) {
                missing.extend(pages);
            }
        }
        Ok(if missing.iter().all(BTreeSet::is_empty) {
            Attempt::Values(values)
        } else {
            Attempt::Missing(missing)
        })
    }
}

/// The known pages, for one tile.
struct Reader<'a> {
    known: &'a PagedInputs,
    missing: Vec<BTreeSet<u32>>,
}

impl Inputs for Reader<'_> {
    type Error = Infallible;

    fn words(&self, input: usize) -> u32 {
        self.known.words_of(input)
    }

    fn load(&mut self, input: usize, word: u32) -> Result<u32, Infallible> {
        Ok(self.known.word(input, word).unwrap_or_else(|missing| {
            if let Some(pages) = self.missing.get_mut(input) {
                pages.insert(missing.page);
            }
            0
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{spot, witness::Witness};
    use assay_kernel::{
        program::{Binary, Builtin, Kernel, Memory, Op, VERSION},
        validate::Limits,
    };

    /// `output[i] = second[first[i]]`, 256 invocations: addresses come from an input.
    fn kernel() -> Kernel {
        Kernel {
            version: VERSION,
            workgroup: [256, 1, 1],
            tile_words: 256,
            loop_fuel: 0,
            memories: vec![Memory::Input, Memory::Input, Memory::Output],
            variables: vec![],
            code: vec![
                Op::Builtin(Builtin::GroupX),
                Op::Constant(256),
                Op::Binary(Binary::Multiply, 0, 1),
                Op::Builtin(Builtin::LocalX),
                Op::Binary(Binary::Add, 2, 3),
                Op::Load(0, 4),
                Op::Load(1, 5),
                Op::Store(2, 4, 6),
            ],
        }
    }

    const TASK: Task<'_> = Task {
        grid: [64, 1, 1],
        parameters: &[],
        tiles: 64,
    };

    /// Addresses that lie far from each other, and what is there.
    fn inputs() -> [Vec<u8>; 2] {
        let addresses = (0..64 * 256u32).map(|index| index.wrapping_mul(7_919) % 100_000);
        [
            addresses.flat_map(u32::to_le_bytes).collect(),
            (0..=250).cycle().take(400_003).collect(),
        ]
    }

    #[test]
    fn run_gives_the_values_of_dense_inputs_once_nothing_is_missing() {
        let bytes = inputs();
        let bytes: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        let dense: Vec<Vec<u32>> = bytes.iter().map(|bytes| spot::words(bytes)).collect();
        let dense: Vec<&[u32]> = dense.iter().map(Vec::as_slice).collect();
        let machine = Machine::new(&kernel(), &Limits::DEFAULT).expect("a valid kernel");
        let tiles = [3, 40];
        let expected = spot::values(&machine, &TASK, &tiles, &dense, || {}).expect("runs");

        let references: Vec<InputRef> = bytes.iter().map(|bytes| InputRef::of(bytes)).collect();
        let mut sparse = SparseInputs::new(&references).expect("short inputs");
        let mut fetched = [0, 0];
        let mut runs = 1;
        loop {
            match sparse.run(&machine, &TASK, &tiles).expect("runs") {
                Attempt::Values(values) => {
                    assert_eq!(values, expected);
                    break;
                }
                Attempt::Missing(missing) => {
                    for (count, pages) in fetched.iter_mut().zip(&missing) {
                        *count += pages.len();
                    }
                    let witness = Witness::build(&bytes, &missing).expect("pages");
                    for (input, slice) in witness.inputs.iter().enumerate() {
                        sparse.add(input, slice).expect("built from the input");
                    }
                    runs += 1;
                }
            }
        }
        // The addresses, then what is there; and page 0, which addresses not known yet lead to.
        assert_eq!(runs, 3);
        assert_eq!(fetched[0], 2);
        assert!(fetched[1] < 391, "{fetched:?}");
    }

    #[test]
    fn add_refuses_when_a_page_is_forged() {
        let bytes = inputs();
        let references = [InputRef::of(&bytes[0])];
        let mut witness = Witness::build(&[&bytes[0]], &[[1].into()]).expect("a page");
        witness.inputs[0].pages[0].bytes[0] ^= 1;
        let mut sparse = SparseInputs::new(&references).expect("a short input");
        assert!(sparse.add(0, &witness.inputs[0]).is_err());
    }
}
