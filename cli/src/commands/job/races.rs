// SPDX-License-Identifier: Apache-2.0
//! What is looked at before a job is posted, on the virtual machine.

use crate::{
    job_file::NamedJob,
    kernel_file,
    trial::{Engines, Trial, samples},
};
use anyhow::{Result, bail};

/// The tiles of a pass that are looked at: the first, the middle and the last.
const TILES: u32 = 3;

/// For how long a job may be computed here before it is posted.
const SECONDS: u64 = 10;

/// Refuses a job that providers would leave, or that no right result could win: one in which invocations race, or write
/// where they have no place, or whose checker does not yield zeros.
///
/// A large job is not computed here, so of what reads earlier passes nothing is known.
pub(super) fn refuse(named: &NamedJob) -> Result<()> {
    let engines = Engines::machine()?;
    let mut fuel = 0u64;
    for pass in named.all_passes() {
        let (report, _) = kernel_file::validate(&pass.kernel)?;
        fuel = fuel.saturating_add(report.tile_fuel.saturating_mul(pass.tiles()?.into()));
    }
    let whole = fuel <= engines.machine_speed().saturating_mul(SECONDS);
    let mut trial = Trial::new(named, &engines, 1)?;
    let mut left_out = 0usize;
    for (step, pass) in named.all_passes().enumerate() {
        if !whole && !trial.reads_inputs_only(step) {
            left_out = left_out.saturating_add(1);
            continue;
        }
        let name = named.pass_name(step);
        let tiles = samples::choose(pass.tiles()?, TILES);
        if let Some((tile, race)) = trial.race(step, &tiles)? {
            bail!(
                "{name} has a data race: in tile {tile}, {race}. A GPU may compute anything then: give each invocation \
                 words of its own, or put a barrier between"
            );
        }
        if let Some(fault) = trial.reaches(step, &tiles)?.fault(&name) {
            bail!("{fault}; `assay kernel check` shows more");
        }
        if whole {
            trial.compute(step)?;
            if step >= named.job.passes.len()
                && let Some(tile) = trial.first_not_zero(step)?
            {
                bail!(
                    "the checker does not yield zeros: tile {tile} is not. Verifiers would compute every right result once \
                     more, for nothing: correct the checker; `assay kernel check` shows more"
                );
            }
            trial.forget(step);
        }
    }
    trial.finish();
    if left_out > 0 {
        println!(
            "the job is large: {left_out} of its passes, which read earlier ones, were not looked at; `assay kernel \
             check` looks at all"
        );
    }
    Ok(())
}
