// SPDX-License-Identifier: Apache-2.0
//! One file per call, one for what the chain does by itself, one for the invariants under random use.

mod kernels;
