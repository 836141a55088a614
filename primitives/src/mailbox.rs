// SPDX-License-Identifier: Apache-2.0
//! How the runtime's off-chain worker and the native worker talk.
//!
//! Both read and write the node's persistent off-chain storage. After each block the off-chain worker
//! writes the complete list of [`Order`]s under [`ORDERS`]; the native worker carries them out in
//! its own time and writes each [`Reply`] under [`reply_key`]. The off-chain worker turns replies into
//! extrinsics until the chain shows their effect. Either side may restart at any time: orders follow
//! from the chain's state, replies stay.

use crate::{
    AccountId, Balance, BlockNumber, JobId,
    duty::Missing,
    job::{Endpoint, Plan, Work},
};
use alloc::vec::Vec;
use assay_verifier::{ChainingValue, Root, opening::Opening, parts::Parts, witness::InputRef};
use codec::{Decode, Encode};

/// The key of the list of orders: an encoded `Orders`.
pub const ORDERS: &[u8] = b"assay/orders";

/// All that the node's worker has to do, as of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Orders {
    /// The block that the list was made after.
    pub at: BlockNumber,
    /// The orders, those that matter most first.
    pub orders: Vec<Order>,
}

/// One thing to do for a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Order {
    /// The job.
    pub job: JobId,
    /// The provider, one of this node's, that has to do it.
    pub provider: AccountId,
    /// What to do.
    pub step: Step,
}

/// What an order asks for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Step {
    /// A job is up for auction: fetch its inputs and say from which price on to take it.
    Consider {
        /// What it computes.
        plan: Plan,
        /// Fuel of all its tiles, at most.
        fuel: u64,
        /// Blocks from acceptance to the deadline.
        compute: BlockNumber,
        /// The most it will pay, in native tokens or what is worth as much.
        ceiling: Balance,
        /// Where the inputs are.
        sources: Vec<Endpoint>,
    },
    /// The job is this provider's: compute it.
    Compute {
        /// What it computes.
        plan: Plan,
        /// The block by which the commitment must be on chain.
        deadline: BlockNumber,
        /// The block from which on inputs that cannot be fetched are reported.
        give_up: BlockNumber,
        /// Where the inputs are.
        sources: Vec<Endpoint>,
    },
    /// This provider was drawn as a verifier: re-execute these tiles.
    Attest {
        /// The seed of the draw.
        seed: [u8; 32],
        /// Which draw.
        round: u32,
        /// The passes that tiles were drawn of, each with its tiles, ascending.
        parts: Vec<(Work, Vec<u32>)>,
        /// The inputs of the job; all else that is read comes from the provider.
        inputs: Vec<InputRef>,
        /// The block from which on it is said what cannot be fetched.
        give_up: BlockNumber,
        /// Where the inputs are.
        sources: Vec<Endpoint>,
    },
    /// The provider says that the inputs cannot be fetched: look.
    Look {
        /// The seed of the draw.
        seed: [u8; 32],
        /// Which draw.
        round: u32,
        /// The inputs.
        inputs: Vec<InputRef>,
        /// The block from which on it is said that they cannot be fetched.
        give_up: BlockNumber,
        /// Where they should be.
        sources: Vec<Endpoint>,
    },
    /// Somebody demands a tile of this provider's output: show it.
    Show {
        /// The root of the tile's pass.
        root: Root,
        /// The tile, numbered through all passes.
        tile: u32,
        /// Its number in its pass.
        number: u32,
        /// Whether its bytes are demanded too.
        bytes: bool,
    },
    /// Open these tiles of this provider's output.
    Open {
        /// The committed roots.
        roots: Vec<Root>,
        /// The tiles of each pass, ascending.
        tiles: Vec<Vec<u32>>,
    },
    /// Show what was attested.
    Reveal {
        /// The seed of the draw.
        seed: [u8; 32],
        /// Which draw.
        round: u32,
        /// The positions of the tiles in the draw, ascending.
        positions: Vec<u32>,
        /// The values the provider opened, in the order of the tiles.
        opened: Vec<ChainingValue>,
    },
    /// Make the witness with which the chain can re-execute a tile.
    Witness {
        /// The work of the tile's pass, or of the checker.
        work: Work,
        /// The tile, numbered through all passes; the checker's come last.
        tile: u32,
        /// Its pass; the checker is behind the last.
        pass: u32,
        /// Its number in its pass.
        number: u32,
        /// How many bytes the witness may have; what does not fit is supplied before.
        room: u32,
        /// Where the inputs are.
        sources: Vec<Endpoint>,
    },
    /// The output may be served to anybody from now on.
    Release {
        /// The committed roots.
        roots: Vec<Root>,
    },
    /// Run the job's checker, which must yield zeros.
    Check {
        /// The checker's work.
        work: Work,
        /// Where the inputs and the outputs are.
        sources: Vec<Endpoint>,
    },
    /// The checker found something: find the tile that is wrong.
    Audit {
        /// What was to be computed.
        plan: Plan,
        /// The committed roots.
        roots: Vec<Root>,
        /// How many bytes a witness may have.
        room: u32,
        /// Where the inputs and the outputs are.
        sources: Vec<Endpoint>,
    },
}

/// What the native worker answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reply {
    /// To `Consider`: inputs are here and the job is worth it from this price on.
    Willing {
        /// The least price, in native tokens.
        at_least: Balance,
    },
    /// To `Consider`: not for this node.
    Unwilling,
    /// To `Compute`.
    Computed {
        /// BLAKE3 hash of the output of each pass.
        roots: Vec<Root>,
    },
    /// To `Compute`, `Attest` and `Look`: something cannot be fetched.
    Missing(Missing),
    /// To `Look`: the inputs can be fetched.
    Found,
    /// To `Show`.
    Shown {
        /// The tile's value, proven.
        opening: Opening,
        /// Its bytes, if they were demanded.
        bytes: Option<Vec<u8>>,
    },
    /// To `Attest`.
    Attested {
        /// See `assay_verifier::attestation`.
        commitment: [u8; 32],
    },
    /// To `Open`.
    Opened {
        /// One for each pass.
        openings: Vec<Opening>,
    },
    /// To `Reveal`.
    Revealed {
        /// The salt of the commitment.
        salt: [u8; 32],
        /// Positions in the draw where the own value differs from the opened one, with the own values.
        differing: Vec<(u32, ChainingValue)>,
    },
    /// To `Witness`.
    Witnessed {
        /// The pages the tile reads, proven.
        parts: Parts,
    },
    /// To `Check`.
    Checked {
        /// The checker's first tile that is not zeros, if there is one.
        wrong: Option<u32>,
    },
    /// To `Audit`.
    Audited {
        /// A tile that is wrong, if there is one.
        wrong: Option<Finding>,
    },
}

/// A tile that is not what the provider committed to, with all that the chain needs to find so too.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Finding {
    /// The number of its pass.
    pub pass: u8,
    /// Its number in its pass.
    pub tile: u32,
    /// Its value under the committed root.
    pub opening: Opening,
    /// The pages it reads, proven.
    pub parts: Parts,
}

/// The key under which the reply to an order is written.
///
/// It follows from what the reply depends on, not from the job's number alone: after a reorganisation another job, or
/// another draw, may have the number, and must not be answered with what was found for the old one.
pub fn reply_key(order: &Order) -> Vec<u8> {
    let (kind, subject) = match &order.step {
        Step::Consider {
            plan,
            compute,
            ceiling,
            ..
        } => (0u8, (plan, compute, ceiling).encode()),
        Step::Compute { plan, deadline, .. } => (1, (plan, deadline).encode()),
        Step::Attest { seed, round, .. } => (2, (seed, round).encode()),
        Step::Open { roots, tiles } => (3, (roots, tiles).encode()),
        Step::Reveal {
            seed,
            round,
            opened,
            ..
        } => (4, (seed, round, opened).encode()),
        Step::Witness { work, number, .. } => (5, (work, number).encode()),
        Step::Release { roots } => (6, roots.encode()),
        Step::Check { work, .. } => (7, work.encode()),
        Step::Audit { plan, roots, .. } => (8, (plan, roots).encode()),
        Step::Look { seed, round, .. } => (9, (seed, round).encode()),
        Step::Show {
            root, tile, bytes, ..
        } => (10, (root, tile, bytes).encode()),
    };
    let subject = *blake3::hash(&subject).as_bytes();
    (b"assay/reply", order.job, &order.provider, kind, subject).encode()
}

/// What the runtime's off-chain worker does after a block. Implemented by the runtime, run by `pallet-jobs`.
pub trait OffchainPolicy<BlockNumber> {
    /// Writes the orders as of this block and submits the replies to earlier ones.
    ///
    /// Runs may overlap and may be repeated.
    fn run(now: BlockNumber);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reply_is_not_found_when_another_fork_has_other_terms_under_the_number() {
        let considered = |compute, ceiling| Order {
            job: 0,
            provider: AccountId::new([1; 32]),
            step: Step::Consider {
                plan: Plan {
                    passes: Vec::new(),
                    checker: None,
                    inputs: Vec::new(),
                },
                fuel: 0,
                compute,
                ceiling,
                sources: Vec::new(),
            },
        };
        let key = reply_key(&considered(100, 7));
        assert_eq!(key, reply_key(&considered(100, 7)));
        // Who could compute it in a hundred blocks may not in ten.
        assert_ne!(key, reply_key(&considered(10, 7)));
        assert_ne!(key, reply_key(&considered(100, 8)));
    }
}
