// SPDX-License-Identifier: Apache-2.0
//! What the pallets, the runtime, the node and the worker have to agree on.
//!
//! Types and small traits only; no logic beyond encoding. [`job`] has the terms of a job, [`stake`],
//! [`verification`] and [`slashing`] the traits through which the pallets know each other, [`duty`] what
//! a worker key signs, [`mailbox`] how the off-chain worker and the native worker talk, [`reason`] the
//! one list of codes for why a job or a stake came to its end, and [`api`] the runtime APIs.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod api;
pub mod duty;
pub mod job;
pub mod mailbox;
pub mod provider;
pub mod reason;
pub mod reputation;
pub mod slashing;
pub mod stake;
pub mod verification;

use polkadot_sdk::{sp_core, sp_runtime};
use sp_runtime::traits::{IdentifyAccount, Verify};

/// The number of a block.
pub type BlockNumber = u32;

/// An amount of the native token, in its smallest unit: one token is [`UNIT`].
pub type Balance = u128;

/// A signature of an account.
pub type Signature = sp_runtime::MultiSignature;

/// An account.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;

/// The number of a job, counted from 0 over the whole chain.
pub type JobId = u64;

/// A hash of the chain itself.
pub type Hash = sp_core::H256;

/// One token.
pub const UNIT: Balance = 1_000_000_000_000;

/// A thousandth of a token.
pub const MILLI_UNIT: Balance = UNIT / 1_000;

/// The token's symbol, as wallets show it.
pub const TOKEN_SYMBOL: &str = "ASY";

/// The token's decimals.
pub const TOKEN_DECIMALS: u8 = 12;

/// The prefix of the chain's addresses: the generic one of Substrate.
pub const SS58_PREFIX: u16 = 42;
