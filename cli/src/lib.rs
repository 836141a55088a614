// SPDX-License-Identifier: Apache-2.0
//! The requester's and operator's command.
//!
//! It knows the chain by its metadata alone ([`chain`]): no types are shared with the runtime, so it
//! keeps working across upgrades that leave the names it uses alone. [`commands`] has a file per verb,
//! [`job_file`] the description of a job on disk, [`trial`] what computes one here before it is posted,
//! [`terms`] what it is posted for, [`watch`] the live view of one.

pub mod account;
pub mod amount;
pub mod blobs;
pub mod chain;
pub mod commands;
pub mod job_file;
pub mod kernel_file;
pub mod limits;
pub mod picture;
pub mod table;
pub mod terms;
pub mod trial;
pub mod watch;
