// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod cast;
pub mod chance;
pub mod court;
pub mod estimate;
pub mod job;
pub mod ledger;
pub mod market;
pub mod outcome;
pub mod panel;
pub mod plot;
pub mod report;
pub mod strategy;
