// SPDX-License-Identifier: Apache-2.0
//! The published list of codes for every expiry, close and slash.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why a job ended, or went back to auction. The numbers are published and never reused.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Reason {
    /// 0: the result was delivered and stood; everybody was paid.
    #[codec(index = 0)]
    Settled,
    /// 1: the requester cancelled before anybody accepted.
    #[codec(index = 1)]
    Cancelled,
    /// 2: nobody accepted in the auction.
    #[codec(index = 2)]
    NoBid,
    /// 3: the provider committed to nothing before its deadline; if the job ended, nobody rescued it in time.
    #[codec(index = 3)]
    MissedDeadline,
    /// 4: the chain re-executed a tile and found the provider's result wrong.
    #[codec(index = 4)]
    WrongResult,
    /// 5: the provider did not show what it committed to.
    #[codec(index = 5)]
    Withheld,
    /// 6: most of those who looked could not fetch the inputs; nobody is known to be at fault.
    #[codec(index = 6)]
    Unavailable,
    /// 7: nobody could be found to check the result, so nobody is paid for it, or to look for missing inputs.
    #[codec(index = 7)]
    Unverified,
    /// 8: the provider said that the inputs cannot be had, and most of those who looked had them; if the job ended,
    /// nobody rescued it in time.
    #[codec(index = 8)]
    FalseReport,
}

/// What a stake was slashed for. The numbers are published and never reused.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Offence {
    /// 0: a provider committed to a tile that the chain's re-execution contradicts.
    #[codec(index = 0)]
    WrongResult,
    /// 1: a provider committed to nothing before its deadline.
    #[codec(index = 1)]
    MissedDeadline,
    /// 2: a provider did not show in time what it committed to: sampled tiles, or what was demanded.
    #[codec(index = 2)]
    Withheld,
    /// 3: a verifier swore to a value that the chain's re-execution contradicts.
    #[codec(index = 3)]
    FalseAttestation,
    /// 4: a verifier claimed a difference and nobody proved it in time.
    #[codec(index = 4)]
    UnprovenAccusation,
    /// 5: a drawn verifier did not attest in time.
    #[codec(index = 5)]
    NoAttestation,
    /// 6: a verifier that attested did not reveal in time.
    #[codec(index = 6)]
    NoReveal,
    /// 7: a validator signed two things of which it may sign one.
    #[codec(index = 7)]
    Equivocation,
    /// 8: a party said that data cannot be had, and most others had it.
    #[codec(index = 8)]
    FalseReport,
    /// 9: most verifiers say that a provider did not serve the outputs of earlier passes that their tiles read.
    #[codec(index = 9)]
    Unserved,
}

impl Offence {
    /// Every offence, in the order of the codes.
    pub const ALL: [Self; 10] = [
        Self::WrongResult,
        Self::MissedDeadline,
        Self::Withheld,
        Self::FalseAttestation,
        Self::UnprovenAccusation,
        Self::NoAttestation,
        Self::NoReveal,
        Self::Equivocation,
        Self::FalseReport,
        Self::Unserved,
    ];

    /// Its published number.
    pub const fn code(self) -> u8 {
        match self {
            Self::WrongResult => 0,
            Self::MissedDeadline => 1,
            Self::Withheld => 2,
            Self::FalseAttestation => 3,
            Self::UnprovenAccusation => 4,
            Self::NoAttestation => 5,
            Self::NoReveal => 6,
            Self::Equivocation => 7,
            Self::FalseReport => 8,
            Self::Unserved => 9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_an_offence_is_the_one_that_is_encoded() {
        for (offence, position) in Offence::ALL.into_iter().zip(0..) {
            assert_eq!(offence.encode(), [offence.code()]);
            assert_eq!(offence.code(), position);
        }
    }
}
