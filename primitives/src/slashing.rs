// SPDX-License-Identifier: Apache-2.0
//! What the other pallets ask of the one that punishes.

use crate::{JobId, reason::Offence};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::DispatchError;
use scale_info::TypeInfo;

/// Whether a rule takes anything.
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
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Mode {
    /// Nothing happens.
    Off,
    /// An event says what would have been taken.
    #[default]
    Shadow,
    /// It is taken.
    Armed,
}

/// The number of a punishment that was put off, counted from 0 over the whole chain.
pub type DeferralId = u32;

/// One offence, ready to be punished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge<AccountId, Balance> {
    /// What was done.
    pub offence: Offence,
    /// In which job; none for what a validator does.
    pub job: Option<JobId>,
    /// By whom.
    pub offender: AccountId,
    /// The stake that was locked to the job; already unlocked when the charge is brought. 0 for a verifier.
    pub bond: Balance,
    /// The job's price, for offences whose penalty is counted in it.
    pub price: Balance,
    /// Who showed it to the chain, if anybody did.
    pub reporter: Option<AccountId>,
    /// Whom it harmed, if anybody.
    pub requester: Option<AccountId>,
}

/// What a punishment came to, to the last unit: `taken = reporter + requester + treasury + burned`.
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
pub struct Penalty<Balance> {
    /// Taken from the offender's stake.
    pub taken: Balance,
    /// Of it, to the reporter.
    pub reporter: Balance,
    /// Of it, to the requester.
    pub requester: Balance,
    /// Of it, to the treasury.
    pub treasury: Balance,
    /// Of it, burned.
    pub burned: Balance,
}

/// The judge of amounts. Implemented by `pallet-slashing`.
pub trait Slashing<AccountId, Balance> {
    /// Punishes by the rule for the offence, moves the money and says what it came to.
    ///
    /// A rule that is off or in shadow takes nothing. Where the chain has not itself proved the offence the rule may
    /// put the punishment off, for governance to look at; then nothing is taken yet either.
    fn punish(charge: Charge<AccountId, Balance>) -> Result<Penalty<Balance>, DispatchError>;
}
