// SPDX-License-Identifier: Apache-2.0
//! What a worker key signs.
//!
//! A duty is an act that the protocol obliges a bonded party to do. It is no signed extrinsic but an
//! authorized call that carries this signature, so it needs no nonce and no money on the hot key.

use crate::{AccountId, Hash, JobId};
use alloc::vec::Vec;
use assay_verifier::{ChainingValue, Root};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_application_crypto::{app_crypto, sr25519},
    sp_core::crypto::KeyTypeId,
    sp_runtime::transaction_validity::TransactionPriority,
};
use scale_info::TypeInfo;

/// The keystore's name for worker keys.
pub const WORKER_KEY_TYPE: KeyTypeId = KeyTypeId(*b"asay");

mod app {
    use super::{WORKER_KEY_TYPE, app_crypto, sr25519};
    app_crypto!(sr25519, WORKER_KEY_TYPE);
}

/// The public half of a worker key.
pub type WorkerId = app::Public;

/// A signature by a worker key.
pub type WorkerSignature = app::Signature;

/// The secret half of a worker key.
#[cfg(feature = "std")]
pub type WorkerPair = app::Pair;

/// The content of a duty.
///
/// Where it answers a draw it names the draw's seed: a number of a job, or of a round, may stand for something else on
/// another branch of the chain, and what was signed there must not count here.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Duty {
    /// The provider commits to the output.
    Commit {
        /// See `JobSpec::hash`: on another branch of the chain the number may be another job's.
        terms: [u8; 32],
        /// BLAKE3 hash of the output of each pass.
        roots: Vec<Root>,
    },
    /// A verifier commits to the values it computed.
    Attest {
        /// The seed of the case.
        seed: [u8; 32],
        /// Which draw it was chosen in.
        round: u32,
        /// See `assay_verifier::attestation`.
        commitment: [u8; 32],
    },
    /// The provider opens the sampled tiles.
    Open {
        /// The seed of the case.
        seed: [u8; 32],
        /// BLAKE3 hash of the encoded opening.
        opening: [u8; 32],
    },
    /// A verifier shows what it committed to.
    Reveal {
        /// The seed of the case.
        seed: [u8; 32],
        /// Which draw it was chosen in.
        round: u32,
        /// The salt of the commitment.
        salt: [u8; 32],
        /// Positions in the draw where its value is not the provider's, with its values.
        differing: Vec<(u32, ChainingValue)>,
    },
    /// The provider cannot fetch the inputs and asks that others look.
    Report {
        /// See `JobSpec::hash`.
        terms: [u8; 32],
    },
    /// A verifier could not fetch what its tiles read.
    Miss {
        /// The seed of the case.
        seed: [u8; 32],
        /// Which draw it was chosen in.
        round: u32,
        /// What it could not fetch.
        missing: Missing,
    },
    /// A verifier, asked whether the inputs can be had, says so.
    Have {
        /// The seed of the case.
        seed: [u8; 32],
        /// Which draw it was chosen in.
        round: u32,
    },
    /// The provider shows a tile that somebody demanded.
    Answer {
        /// The seed of the case.
        seed: [u8; 32],
        /// The tile.
        tile: u32,
        /// BLAKE3 hash of the encoded pair of opening and bytes, each of them optional.
        answer: [u8; 32],
    },
    /// A party to a dispute has the chain re-execute a tile.
    Prove {
        /// The seed of the case.
        seed: [u8; 32],
        /// The tile.
        tile: u32,
        /// BLAKE3 hash of the encoded tuple of opening (optional), witness, fuel and supplied pages.
        proof: [u8; 32],
    },
}

/// What a verifier could not fetch.
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
pub enum Missing {
    /// Inputs of the job, which the requester serves, and after the acceptance the provider too.
    Inputs,
    /// Outputs of earlier passes, which only the provider has.
    Outputs,
}

/// The priority of duties in the transaction pool: before all that is paid for, or whoever fills blocks
/// could have others punished for what they were kept from doing.
pub const PRIORITY: TransactionPriority = TransactionPriority::MAX;

/// The bytes that are signed for a duty: bound to the chain, the job and the kind of duty, so that no
/// signature counts for anything else.
pub fn payload(genesis: Hash, job: JobId, duty: &Duty) -> Vec<u8> {
    (b"assay duty v1", genesis, job, duty).encode()
}

/// The bytes that are signed to show that a worker is alive in a period: bound to the chain and the provider.
pub fn heartbeat_payload(genesis: Hash, provider: &AccountId, period: u32) -> Vec<u8> {
    (b"assay heartbeat v1", genesis, provider, period).encode()
}
