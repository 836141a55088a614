// SPDX-License-Identifier: Apache-2.0
//! Having the chain judge a tile.

use super::{Chain, types};
use anyhow::Result;
use assay_verifier::{opening::Opening, parts::Supply, witness::Witness};
use subxt::{PolkadotConfig, extrinsics::ExtrinsicEvents};
use subxt_signer::sr25519::Keypair;

/// What makes the chain re-execute a tile.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The tile's value, unless the chain has it: of samples it does.
    pub opening: Option<Opening>,
    /// What the tile reads, but for what was supplied.
    pub witness: Witness,
    /// The most fuel that it burns.
    pub fuel: u64,
    /// How many pages it reads at most that were supplied.
    pub supplied: u32,
}

/// How much the chain reads for a judgement.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// Bytes of a witness.
    pub witness_bytes: u32,
    /// Pages that are supplied before, by one account for one job.
    pub supplied_pages: u32,
    /// What is held for each of these until the job is over.
    pub page_deposit: u128,
}

impl Chain {
    /// Makes the chain re-execute a tile. An error unless it ran it.
    pub async fn adjudicate(
        &self,
        signer: &Keypair,
        job: u64,
        tile: u32,
        proof: Proof,
    ) -> Result<ExtrinsicEvents<PolkadotConfig>> {
        let opening = proof.opening.map(types::Opening::from);
        let witness = types::Witness::from(proof.witness);
        let arguments = (job, tile, opening, witness, proof.fuel, proof.supplied);
        self.submit(signer, "Verifier", "adjudicate", arguments)
            .await
    }

    /// Has the chain keep pages of what a pass reads until the job is over. Those that it has are no error.
    pub async fn supply(
        &self,
        signer: &Keypair,
        job: u64,
        pass: u32,
        supply: Supply,
    ) -> Result<()> {
        let slice = types::InputSlice::from(supply.slice);
        let arguments = (job, pass, supply.input, slice);
        let supplied = self.submit(signer, "Verifier", "supply", arguments).await;
        match supplied {
            Err(error) if format!("{error:#}").contains("Verifier.NothingNew") => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// How much the chain reads for a judgement.
    pub async fn capacity(&self) -> Result<Capacity> {
        Ok(Capacity {
            witness_bytes: self.constant("Verifier", "MaxWitnessBytes").await?,
            supplied_pages: self.constant("Verifier", "MaxSuppliedPages").await?,
            page_deposit: self.constant("Verifier", "PageDeposit").await?,
        })
    }
}
