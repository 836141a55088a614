// SPDX-License-Identifier: Apache-2.0
//! The parameters of every pallet, one file per concern.

pub mod assay;
pub mod assets;
pub mod consensus;
pub mod money;
pub mod system;
