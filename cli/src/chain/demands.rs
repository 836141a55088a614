// SPDX-License-Identifier: Apache-2.0
//! Demands that a provider shows tiles, and what it showed.

use super::{
    Chain,
    types::{Answer, Answered, DemandSettled, DemandView},
};
use anyhow::Result;
use std::ops::RangeInclusive;
use subxt::utils::AccountId32;

/// What became of somebody's demands.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The tiles that were shown, to whoever demanded them.
    pub shown: Vec<Shown>,
    /// What the demands have cost, in native tokens.
    pub spent: u128,
}

/// A tile that a provider has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The tile, numbered through all passes.
    pub tile: u32,
    /// Its chaining value.
    pub value: [u8; 32],
    /// Its bytes, if they were demanded.
    pub bytes: Option<Vec<u8>>,
}

impl Chain {
    /// What is held for the demand of a tile, with its bytes or without; what is not needed of it comes back.
    pub async fn demand_fee(&self, bytes: bool) -> Result<u128> {
        self.ask("VerificationApi", "demand_fee", (bytes,)).await
    }

    /// The demands of a job that are open.
    pub async fn demands(&self, job: u64) -> Result<Vec<DemandView>> {
        self.ask("VerificationApi", "demands", (job,)).await
    }

    /// What became in these blocks of demands that an account made of a job.
    pub async fn answers(
        &self,
        job: u64,
        account: &AccountId32,
        blocks: RangeInclusive<u64>,
    ) -> Result<Answers> {
        let mut answers = Answers::default();
        for number in blocks {
            let at = self.client.at_block(number).await?;
            let mut answered: Vec<Answered> = Vec::new();
            for event in at.events().fetch().await?.iter() {
                let event = event?;
                match (event.pallet_name(), event.event_name()) {
                    ("Verifier", "Answered") => answered.push(event.decode_fields_unchecked_as()?),
                    ("Verifier", "DemandSettled") => {
                        let settled: DemandSettled = event.decode_fields_unchecked_as()?;
                        if settled.job == job && settled.by == *account {
                            let spent = settled.paid.saturating_add(settled.burned);
                            answers.spent = answers.spent.saturating_add(spent);
                        }
                    }
                    _ => {}
                }
            }
            answered.retain(|answered| answered.job == job);
            if answered.is_empty() {
                continue;
            }
            let mut calls: Vec<Answer> = Vec::new();
            for extrinsic in at.extrinsics().fetch().await?.iter() {
                let extrinsic = extrinsic?;
                if (extrinsic.pallet_name(), extrinsic.call_name()) == ("Verifier", "answer") {
                    calls.push(extrinsic.decode_call_data_fields_unchecked_as()?);
                }
            }
            for Answered {
                tile, value, bytes, ..
            } in answered
            {
                // The event has the hash of what the call has.
                let bytes = bytes.and_then(|hash| {
                    (calls.iter())
                        .filter(|call| call.job == job && call.tile == tile)
                        .filter_map(|call| call.bytes.clone())
                        .find(|bytes| *blake3::hash(bytes).as_bytes() == hash)
                });
                answers.shown.push(Shown { tile, value, bytes });
            }
        }
        Ok(answers)
    }
}
