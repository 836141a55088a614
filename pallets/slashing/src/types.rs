// SPDX-License-Identifier: Apache-2.0
//! What is stored.

use crate::rules::Shares;
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId, reason::Offence, slashing::Penalty,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The number of an era: the block's, divided by the blocks of an era.
pub type Era = u32;

/// So many equivocations are remembered, the newest.
pub const EQUIVOCATIONS: u32 = 256;

/// How much stake was charged with an offence in an era. Each offender counts once.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Tally {
    /// In which era.
    pub era: Era,
    /// How much.
    pub charged: Balance,
}

/// A punishment that waits for governance to look at it.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Deferral {
    /// For what.
    pub offence: Offence,
    /// In which job, if in any.
    pub job: Option<JobId>,
    /// Whose stake will be taken.
    pub offender: AccountId,
    /// Who gets the reporter's share.
    pub reporter: Option<AccountId>,
    /// Who gets the requester's share.
    pub requester: Option<AccountId>,
    /// The most that is taken, and what it then comes to.
    pub due: Penalty<Balance>,
    /// How what is taken will be shared out.
    pub shares: Shares,
    /// The block in which it is carried out.
    pub until: BlockNumber,
}
