// SPDX-License-Identifier: Apache-2.0
//! What a provider's past says of it.

use crate::{BlockNumber, reason::Offence};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Something that a provider has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Computed a job that settled.
    Settled,
    /// Checked samples of a job, and was paid for it.
    Verified,
    /// An offence, whether or not its rule takes anything.
    Fault(Offence),
}

/// A provider's past. Each number is halved with each [`HALF_LIFE`]; they are counted in thousandths of deeds,
/// so that a halved one is still something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Standing {
    /// Jobs computed that settled.
    pub settled: u32,
    /// Jobs checked for pay.
    pub verified: u32,
    /// Deadlines missed.
    pub late: u32,
    /// Results and attestations that the chain found wrong, and reports that were not true.
    pub wrong: u32,
    /// Openings, attestations and reveals that did not come.
    pub silent: u32,
    /// Up to which block it has been halved.
    pub as_of: BlockNumber,
}

/// The blocks in which the weight of a deed halves: 30 days of blocks of three seconds.
pub const HALF_LIFE: BlockNumber = 30 * 24 * 60 * 20;

/// The least and the most samples that are drawn, in percent of those that the job's assurance asks for.
pub const SCRUTINY: core::ops::RangeInclusive<u32> = 100..=200;

/// Settled jobs, in thousandths, after which a provider without faults is looked at no closer than the assurance
/// asks for; with fewer, in proportion.
pub const TRUSTED: u32 = 10_000;

/// By how many percent a missed deadline raises the scrutiny.
pub const SCRUTINY_OF_LATE: u32 = 20;

/// By how many percent a wrong result, attestation or report raises it.
pub const SCRUTINY_OF_WRONG: u32 = 100;

/// By how many percent something that did not come raises it.
pub const SCRUTINY_OF_SILENT: u32 = 5;

/// A standing whose numbers are all at most this, a thirty-second of a deed, is as good as none.
pub const FORGOTTEN: u32 = 31;

/// The past of providers. Implemented by `pallet-providers`.
pub trait Reputation<AccountId> {
    /// Notes a deed. Of who is no provider nothing is noted.
    fn note(provider: &AccountId, deed: Deed);

    /// A provider's standing as of now.
    fn standing(provider: &AccountId) -> Standing;

    /// How many samples of its work are drawn, in percent of what the assurance asks for: within [`SCRUTINY`].
    /// Newcomers and who has erred lately are looked at closer; the assurance always holds.
    fn scrutiny(provider: &AccountId) -> u32;
}
