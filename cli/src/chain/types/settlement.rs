// SPDX-License-Identifier: Apache-2.0
//! How a job ended, and who got what.

use subxt::{ext::scale_decode::DecodeAsType, utils::AccountId32};

/// Why a job ended; the codes are published in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Reason {
    /// 0
    Settled,
    /// 1
    Cancelled,
    /// 2
    NoBid,
    /// 3
    MissedDeadline,
    /// 4
    WrongResult,
    /// 5
    Withheld,
    /// 6
    Unavailable,
    /// 7
    Unverified,
    /// 8
    FalseReport,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Settled => "the result stood and everybody was paid (code 0)",
            Self::Cancelled => "the requester cancelled it (code 1)",
            Self::NoBid => "nobody took it for the ceiling price (code 2)",
            Self::MissedDeadline => "the provider missed its deadline (code 3)",
            Self::WrongResult => "the chain re-executed a tile and found it wrong (code 4)",
            Self::Withheld => "the provider did not show what it committed to (code 5)",
            Self::Unavailable => "most who looked could not fetch the inputs (code 6)",
            Self::Unverified => "nobody could be found to check the result (code 7)",
            Self::FalseReport => {
                "the provider said that the inputs cannot be had, and most who looked had them (code 8)"
            }
        })
    }
}

/// The event that says who got what.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct JobSettled {
    /// The job.
    pub job: u64,
    /// Why it ended.
    pub reason: Reason,
    /// Who computed it.
    pub provider: Option<AccountId32>,
    /// BLAKE3 hash of the output.
    pub root: Option<[u8; 32]>,
    /// The asset that the price is in.
    pub asset: Option<u32>,
    /// Paid out of the escrow.
    pub paid: Vec<Payment>,
    /// Paid to the protocol.
    pub fee: u128,
    /// Returned to the requester, in native tokens.
    pub refunded: u128,
    /// Returned to the requester in the asset.
    pub returned: u128,
    /// Left on hold in the asset for those who could not receive it.
    pub unclaimed: u128,
    /// The deposit, returned besides.
    pub deposit: u128,
    /// What the provider lost.
    pub penalty: Penalty,
}

/// One payment out of the escrow.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Payment {
    /// To whom.
    pub account: AccountId32,
    /// How much.
    pub amount: u128,
    /// For what.
    pub role: Role,
}

/// What somebody did for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Role {
    /// Computed it.
    Provider,
    /// Checked it.
    Verifier,
    /// Computed it after somebody else had failed: the bounty.
    Rescuer,
}

/// What a punishment came to.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Penalty {
    /// Taken from the stake.
    pub taken: u128,
    /// To who showed it.
    pub reporter: u128,
    /// To the requester.
    pub requester: u128,
    /// To the treasury.
    pub treasury: u128,
    /// Burned.
    pub burned: u128,
}
