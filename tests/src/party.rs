// SPDX-License-Identifier: Apache-2.0
//! A party that acts by hand, with keys and without a worker: how adversaries are played.

use anyhow::{Context, Result};
use assay_cli::{
    account,
    chain::{
        Chain,
        types::{Address, Endpoint},
    },
};
use assay_primitives::{
    AccountId, Hash, JobId,
    duty::{Duty, WorkerPair, WorkerSignature, payload},
};
use assay_runtime::{RuntimeCall, transactions};
use assay_verifier::{ChainingValue, Root, opening::Opening};
use codec::Encode;
use polkadot_sdk::sp_core::Pair;
use subxt::rpcs::{RpcClient, client::RpcParams};
use subxt_signer::sr25519::Keypair;

/// A registered provider whose every step a test decides.
pub struct Party {
    stash: Keypair,
    worker: WorkerPair,
    genesis: Hash,
    rpc: RpcClient,
}

impl std::fmt::Debug for Party {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Party")
            .field("account", &self.account())
            .finish_non_exhaustive()
    }
}

impl Party {
    /// Registers a stash with a stake and a worker key of its own.
    pub async fn register(url: &str, secret: &str, stake: u128) -> Result<Self> {
        let chain = Chain::connect(url).await?;
        let rpc = RpcClient::from_insecure_url(url).await?;
        let stash = account::signer(secret)?;
        let worker = WorkerPair::from_string(&format!("{secret}//worker"), None)
            .ok()
            .context("a development name")?;
        let mut first = RpcParams::new();
        first.push(0u32)?;
        let genesis: Hash = rpc.request("chain_getBlockHash", first).await?;
        let party = Self {
            stash,
            worker,
            genesis,
            rpc,
        };
        let payload = pallet_providers::worker_proof_payload(genesis, &party.account());
        let proof = party.worker.sign(&payload).encode();
        let endpoint = Endpoint {
            key: [0; 32],
            address: Address::V4 {
                ip: [127, 0, 0, 1],
                port: 9,
            },
        };
        let worker = party.worker.public().encode();
        chain
            .submit(
                &party.stash,
                "Providers",
                "register",
                (stake, worker, endpoint, b"an adversary".to_vec(), proof),
            )
            .await?;
        Ok(party)
    }

    /// Its account.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.stash.public_key().0)
    }

    /// Its key pair.
    pub fn stash(&self) -> &Keypair {
        &self.stash
    }

    fn sign(&self, job: JobId, duty: &Duty) -> WorkerSignature {
        self.worker.sign(&payload(self.genesis, job, duty))
    }

    async fn submit(&self, call: RuntimeCall) -> Result<()> {
        let bytes = transactions::authorized(call).encode();
        let mut parameters = RpcParams::new();
        parameters.push(format!("0x{}", hex::encode(bytes)))?;
        let _hash: Hash = self
            .rpc
            .request("author_submitExtrinsic", parameters)
            .await?;
        Ok(())
    }

    /// Commits to a root.
    pub async fn commit(&self, job: JobId, root: Root) -> Result<()> {
        let signature = self.sign(job, &Duty::Commit { root });
        self.submit(
            pallet_jobs::Call::commit {
                job,
                root,
                signature,
            }
            .into(),
        )
        .await
    }

    /// Opens tiles of an output with these values.
    pub async fn open(&self, job: JobId, values: &[ChainingValue], tiles: &[u32]) -> Result<()> {
        let opening = Opening::new(values, tiles)?;
        let hash = *blake3::hash(&opening.encode()).as_bytes();
        let signature = self.sign(job, &Duty::Open { opening: hash });
        self.submit(
            pallet_verifier::Call::open {
                job,
                opening,
                signature,
            }
            .into(),
        )
        .await
    }
}
