// SPDX-License-Identifier: Apache-2.0
//! A pass, run by the engine.

use super::DutyError;
use crate::{
    activity::ActivityMonitor,
    engine::{Engine, Task},
};
use assay_verifier::{ChainingValue, Root, commit::Commitment};
use std::io;

/// Computes all tiles. The answer is their values and the root; `take` gets the bytes, in order.
pub(super) fn run(
    engine: &dyn Engine,
    task: &Task<'_>,
    activity: &ActivityMonitor,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<(Vec<ChainingValue>, Root), DutyError> {
    let tile_bytes = usize::try_from(task.kernel.tile_words).unwrap_or_default() * 4;
    let mut commitment = Commitment::new(task.tiles, tile_bytes);
    let mut done = 0;
    engine.run(task, &mut |bytes| {
        commitment.push(bytes).map_err(io::Error::other)?;
        take(bytes)?;
        done += bytes.len() / tile_bytes;
        activity.done(u32::try_from(done).unwrap_or(u32::MAX));
        Ok(())
    })?;
    commitment
        .finish()
        .ok_or_else(|| DutyError::Machine("the engine did not compute every tile".into()))
}
