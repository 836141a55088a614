// SPDX-License-Identifier: Apache-2.0
//! Re-execution of a few tiles of a job with large inputs, of which only some pages are fetched.

use super::{DutyError, blocking};
use crate::store::{Endpoint, Store};
use assay_kernel::{Kernel, machine::Machine, validate::Limits};
use assay_primitives::job::Work;
use assay_verifier::{
    ChainingValue,
    sparse::{Attempt, SparseInputs},
};

/// Inputs of no more bytes are fetched as a whole: that is one transfer instead of several.
const SMALL: u64 = 4 << 20;

/// Inputs of which more than one page in so many is read are fetched as a whole.
const DENSE: u64 = 4;

/// A kernel that leads from page to page more often than this gets its inputs as a whole.
const MAX_RUNS: u32 = 8;

/// The bytes of a page.
const PAGE_BYTES: u64 = 1_024;

/// The values of tiles. `None` when it is better to fetch the inputs as a whole, or when they are here.
pub(super) async fn values(
    store: &Store,
    kernel: &Kernel,
    work: &Work,
    tiles: &[u32],
    sources: &[Endpoint],
) -> Result<Option<Vec<ChainingValue>>, DutyError> {
    let mut bytes = 0u64;
    let mut missing = false;
    for input in &work.inputs {
        bytes = bytes.saturating_add(input.length);
        missing |= !store.has(input.hash).await;
    }
    if bytes <= SMALL || !missing {
        return Ok(None);
    }
    let refused = |error: &dyn std::fmt::Display| DutyError::Machine(error.to_string());
    let machine = Machine::new(kernel, &Limits::DEFAULT).map_err(|error| refused(&error))?;
    let mut inputs = SparseInputs::new(&work.inputs).map_err(|error| refused(&error))?;
    let mut allowance = bytes / PAGE_BYTES / DENSE;
    for _ in 0..MAX_RUNS {
        let (known, machine, own, tiles) = (
            inputs.clone(),
            machine.clone(),
            work.clone(),
            tiles.to_vec(),
        );
        let attempt = blocking(move || {
            let task = own.task();
            known
                .run(&machine, &task, &tiles)
                .map_err(|error| DutyError::Machine(error.to_string()))
        })
        .await?;
        let pages = match attempt {
            Attempt::Values(values) => return Ok(Some(values)),
            Attempt::Missing(pages) => pages,
        };
        let count = pages.iter().map(|pages| pages.len() as u64).sum();
        let Some(rest) = allowance.checked_sub(count) else {
            return Ok(None);
        };
        allowance = rest;
        for (index, (input, pages)) in work.inputs.iter().zip(&pages).enumerate() {
            let slice = store.fetch_pages(input, pages, sources).await?;
            inputs.add(index, &slice).map_err(|error| refused(&error))?;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_kernel::program::{Binary, Builtin, Memory, Op, VERSION};
    use assay_verifier::{spot, witness::InputRef};
    use codec::Encode;

    /// `output[i] = 3 * input[i]`, 256 invocations.
    fn kernel() -> Kernel {
        Kernel {
            version: VERSION,
            workgroup: [256, 1, 1],
            tile_words: 256,
            loop_fuel: 0,
            memories: vec![Memory::Input, Memory::Output],
            variables: vec![],
            code: vec![
                Op::Builtin(Builtin::GroupX),
                Op::Constant(256),
                Op::Binary(Binary::Multiply, 0, 1),
                Op::Builtin(Builtin::LocalX),
                Op::Binary(Binary::Add, 2, 3),
                Op::Load(0, 4),
                Op::Constant(3),
                Op::Binary(Binary::Multiply, 5, 6),
                Op::Store(1, 4, 7),
            ],
        }
    }

    fn work(input: &[u8]) -> Work {
        let tiles = (input.len() / 1_024) as u32;
        Work {
            kernel: *blake3::hash(&kernel().encode()).as_bytes(),
            parameters: vec![],
            inputs: vec![InputRef::of(input)],
            grid: [tiles, 1, 1],
            tiles,
        }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let store = Store::open(folder.path(), listen).await.expect("opens");
        (folder, store)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn values_are_those_of_the_whole_input_when_only_pages_are_fetched() {
        let (_keep_one, one) = store().await;
        let (_keep_two, two) = store().await;
        let input: Vec<u8> = (0..=250).cycle().take(6 << 20).collect();
        let hash = one.put_bytes(input.clone()).await.expect("kept");
        let work = work(&input);
        let tiles = [0, 77, 4_000, 6_143];
        let sources = [one.endpoint()];
        let found = values(&two, &kernel(), &work, &tiles, &sources).await;

        let machine = Machine::new(&kernel(), &Limits::DEFAULT).expect("a valid kernel");
        let task = work.task();
        let dense = spot::words(&input);
        let expected = spot::values(&machine, &task, &tiles, &[&dense], || {}).expect("runs");
        assert_eq!(found.expect("served"), Some(expected));
        assert!(!two.has(hash).await, "the rest was not fetched");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn values_are_left_to_whole_inputs_when_most_of_them_is_read() {
        let (_keep_one, one) = store().await;
        let (_keep_two, two) = store().await;
        let input: Vec<u8> = (0..=250).cycle().take(5 << 20).collect();
        one.put_bytes(input.clone()).await.expect("kept");
        let work = work(&input);
        let tiles: Vec<u32> = (0..2_000).collect();
        let found = values(&two, &kernel(), &work, &tiles, &[one.endpoint()]).await;
        assert_eq!(found.expect("no page was needed"), None);
    }
}
