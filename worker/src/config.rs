// SPDX-License-Identifier: Apache-2.0
//! What an operator decides, with the defaults.

use assay_primitives::{Balance, MILLI_UNIT};
use std::path::PathBuf;

/// How a worker is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where outputs and the record of what was signed are kept.
    pub folder: PathBuf,
    /// The least price for 10^9 fuel. Default: a thousandth of a token.
    pub price: Balance,
    /// Tiles of the own result that are re-executed before it is committed to. Default 4: a faulty
    /// adapter is far more likely to get many wrong than one.
    pub self_checks: u32,
    /// The most bytes of inputs that are fetched for one job. Default 1 GiB.
    pub max_input_bytes: u64,
    /// The most bytes of output of one job. Default 4 GiB.
    pub max_output_bytes: u64,
    /// The most seconds that computing somebody else's job may take, to find what its checker found. Default 60: of the
    /// time to compute a job, half is kept for surprises.
    pub max_audit_seconds: u64,
    /// The milliseconds of a block, to count deadlines in time.
    pub block_millis: u64,
}

impl Config {
    /// The defaults, with a folder.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            price: MILLI_UNIT,
            self_checks: 4,
            max_input_bytes: 1 << 30,
            max_output_bytes: 4 << 30,
            max_audit_seconds: 60,
            block_millis: 3_000,
        }
    }
}
