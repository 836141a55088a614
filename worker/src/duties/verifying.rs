// SPDX-License-Identifier: Apache-2.0
//! A verifier's side: attest, reveal, and the witness for the chain.

use super::{DutyError, Worker, blocking, endpoint, sparse, words};
use crate::signing_guard::write_durably;
use assay_kernel::{machine::Machine, validate::Limits};
use assay_primitives::{
    AccountId, JobId,
    job::{Endpoint, Work},
};
use assay_verifier::{ChainingValue, attestation, parts::Parts, spot, tree, witness::InputRef};
use codec::{Decode, Encode};
use std::path::PathBuf;

/// The salt of an attestation, and the positions where its values are not the opened ones, with them.
pub(super) type Revelation = ([u8; 32], Vec<(u32, ChainingValue)>);

/// What a verifier keeps until it reveals.
#[derive(Encode, Decode)]
struct Attestation {
    salt: [u8; 32],
    values: Vec<ChainingValue>,
}

impl Worker {
    /// Where an attestation is kept: under the draw, which another job of the same number does not share.
    fn attestation_path(&self, provider: &AccountId, seed: &[u8; 32], round: u32) -> PathBuf {
        let provider: &[u8; 32] = provider.as_ref();
        let (provider, seed) = (hex::encode(&provider[..8]), hex::encode(seed));
        let name = format!("{provider}-{seed}-{round}.attestation");
        self.config.folder.join("outputs").join(name)
    }

    /// What was attested in an earlier run of the process.
    fn attestation(
        &self,
        provider: &AccountId,
        seed: &[u8; 32],
        round: u32,
    ) -> Option<Attestation> {
        let bytes = std::fs::read(self.attestation_path(provider, seed, round)).ok()?;
        Attestation::decode(&mut bytes.as_slice()).ok()
    }

    /// Re-executes tiles and commits to their values.
    pub(super) async fn attest(
        &self,
        job: JobId,
        provider: &AccountId,
        seed: &[u8; 32],
        round: u32,
        parts: &[(Work, Vec<u32>)],
        sources: &[Endpoint],
    ) -> Result<[u8; 32], DutyError> {
        let attestation = match self.attestation(provider, seed, round) {
            Some(attestation) => attestation,
            None => {
                let mut values = Vec::new();
                for (work, tiles) in parts {
                    values.extend(self.values(work, tiles, sources).await?);
                }
                let mut salt = [0; 32];
                getrandom::fill(&mut salt).map_err(std::io::Error::other)?;
                let attestation = Attestation { salt, values };
                let path = self.attestation_path(provider, seed, round);
                write_durably(&path, &attestation.encode())?;
                attestation
            }
        };
        let account: &[u8; 32] = provider.as_ref();
        let commitment = attestation::commitment(
            &attestation.values,
            &attestation.salt,
            account,
            job,
            round,
            seed,
        );
        let (seed, account) = (hex::encode(&seed[..8]), hex::encode(account));
        let duty = format!("attest-{job}-{seed}-{round}-{account}");
        self.guard.admit(&duty, &commitment)?;
        Ok(commitment)
    }

    /// The values of tiles, computed here; of large inputs only what the tiles read is fetched.
    async fn values(
        &self,
        work: &Work,
        tiles: &[u32],
        sources: &[Endpoint],
    ) -> Result<Vec<ChainingValue>, DutyError> {
        let kernel = self.kernel(&work.kernel)?;
        let endpoints: Vec<_> = sources.iter().map(endpoint).collect();
        if let Some(values) = sparse::values(&self.store, &kernel, work, tiles, &endpoints).await? {
            return Ok(values);
        }
        let inputs = self.inputs(work, sources).await?;
        let (work, tiles) = (work.clone(), tiles.to_vec());
        blocking(move || {
            let machine = Machine::new(&kernel, &Limits::DEFAULT)
                .map_err(|error| DutyError::Machine(error.to_string()))?;
            let dense = words(&inputs);
            let dense: Vec<&[u32]> = dense.iter().map(Vec::as_slice).collect();
            let task = work.task();
            spot::values(&machine, &task, &tiles, &dense, || {})
                .map_err(|error| DutyError::Machine(error.to_string()))
        })
        .await
    }

    /// Fetches all inputs.
    pub(super) async fn look_for(
        &self,
        inputs: &[InputRef],
        sources: &[Endpoint],
    ) -> Result<(), DutyError> {
        for input in inputs {
            self.input(input, sources).await?;
        }
        Ok(())
    }

    /// The salt of an attestation, and where its values are not the opened ones.
    pub(super) fn reveal(
        &self,
        job: JobId,
        provider: &AccountId,
        seed: &[u8; 32],
        round: u32,
        positions: &[u32],
        opened: &[ChainingValue],
    ) -> Result<Revelation, DutyError> {
        let Attestation { salt, values } = self
            .attestation(provider, seed, round)
            .ok_or(DutyError::AttestationMissing(job))?;
        let differing = positions
            .iter()
            .zip(values)
            .zip(opened)
            .filter(|((_, own), opened)| own != *opened)
            .map(|((position, own), _)| (*position, own))
            .collect();
        Ok((salt, differing))
    }

    /// Runs a checker. The answer is its first tile that is not zeros.
    pub(super) async fn check(
        &self,
        work: &Work,
        sources: &[Endpoint],
    ) -> Result<Option<u32>, DutyError> {
        let tiles: Vec<u32> = (0..work.tiles).collect();
        let values = self.values(work, &tiles, sources).await?;
        let tile_words = self.kernel(&work.kernel)?.tile_words;
        let zeros = vec![0; usize::try_from(tile_words).unwrap_or_default() * 4];
        let wrong = tiles.into_iter().zip(values).find(|(tile, value)| {
            tree::leaf_value(*tile, work.tiles, &zeros).as_ref() != Some(value)
        });
        Ok(wrong.map(|(tile, _)| tile))
    }

    /// The witness with which the chain re-executes a tile, of no more than so many bytes, and what does not fit it.
    pub(super) async fn witness(
        &self,
        work: &Work,
        tile: u32,
        room: u32,
        sources: &[Endpoint],
    ) -> Result<Parts, DutyError> {
        let kernel = self.kernel(&work.kernel)?;
        let inputs = self.inputs(work, sources).await?;
        let work = work.clone();
        blocking(move || {
            let mut machine = Machine::new(&kernel, &Limits::DEFAULT)
                .map_err(|error| DutyError::Machine(error.to_string()))?;
            let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
            let task = work.task();
            let (_, witness) = spot::witness(&mut machine, &task, tile, &inputs)
                .map_err(|error| DutyError::Machine(error.to_string()))?;
            Parts::split(&inputs, witness, room)
                .map_err(|error| DutyError::Machine(error.to_string()))
        })
        .await
    }
}
