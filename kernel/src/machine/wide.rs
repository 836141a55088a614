// SPDX-License-Identifier: Apache-2.0
//! The machine, compiled for the widest vectors that the processor has.
//!
//! What it computes does not depend on them: integers are exact, and each float operation is rounded by itself.

use super::{Inputs, Machine, Watch};

/// Where a workgroup is: the grid, and its position in it.
type Whereabouts = ([u32; 3], [u32; 3]);

/// Runs a machine's code.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[allow(
    unsafe_code,
    reason = "a function for other vectors may only be called where the processor has them"
)]
pub(super) fn execute<I: Inputs, W: Watch>(
    machine: &mut Machine,
    at: Whereabouts,
    inputs: &mut I,
    output: &mut [u32],
    watch: &mut W,
) -> Result<u64, I::Error> {
    if std::is_x86_feature_detected!("avx512f")
        && std::is_x86_feature_detected!("avx512bw")
        && std::is_x86_feature_detected!("avx512dq")
        && std::is_x86_feature_detected!("avx512vl")
    {
        // SAFETY: the processor has just been found to have all that the function is compiled for.
        unsafe { with_avx512(machine, at, inputs, output, watch) }
    } else if std::is_x86_feature_detected!("avx2") {
        // SAFETY: as above.
        unsafe { with_avx2(machine, at, inputs, output, watch) }
    } else {
        machine.execute(at, inputs, output, watch)
    }
}

#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn with_avx512<I: Inputs, W: Watch>(
    machine: &mut Machine,
    at: Whereabouts,
    inputs: &mut I,
    output: &mut [u32],
    watch: &mut W,
) -> Result<u64, I::Error> {
    machine.execute(at, inputs, output, watch)
}

#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[target_feature(enable = "avx2")]
fn with_avx2<I: Inputs, W: Watch>(
    machine: &mut Machine,
    at: Whereabouts,
    inputs: &mut I,
    output: &mut [u32],
    watch: &mut W,
) -> Result<u64, I::Error> {
    machine.execute(at, inputs, output, watch)
}

/// Runs a machine's code: in wasm, and on processors of which all have the same vectors.
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
pub(super) fn execute<I: Inputs, W: Watch>(
    machine: &mut Machine,
    at: Whereabouts,
    inputs: &mut I,
    output: &mut [u32],
    watch: &mut W,
) -> Result<u64, I::Error> {
    machine.execute(at, inputs, output, watch)
}
