// SPDX-License-Identifier: Apache-2.0
//! A party that acts by hand, with keys and without a worker: how adversaries are played.

use anyhow::{Context, Result};
use assay_cli::{
    account,
    chain::{
        Chain,
        types::{AdapterClass, Endpoint, Energy, Hardware, Region},
    },
    commands::provider::chain_address,
};
use assay_primitives::{
    AccountId, Hash, JobId,
    api::{DrawView, JobView},
    duty::{Duty, WorkerPair, WorkerSignature, payload},
};
use assay_runtime::{RuntimeCall, transactions};
use assay_verifier::{ChainingValue, Root, attestation, opening::Opening};
use assay_worker::store::Store;
use codec::{Decode, Encode};
use polkadot_sdk::sp_core::Pair;
use subxt::rpcs::{RpcClient, client::RpcParams};
use subxt_signer::sr25519::Keypair;
use tempfile::TempDir;

/// A registered provider whose every step a test decides.
pub struct Party {
    stash: Keypair,
    worker: WorkerPair,
    genesis: Hash,
    chain: Chain,
    rpc: RpcClient,
    store: Store,
    _folder: TempDir,
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
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path(), ([127, 0, 0, 1], 0).into()).await?;
        let endpoint = Endpoint {
            key: store.endpoint().key,
            address: chain_address(store.endpoint().address),
        };
        let party = Self {
            stash,
            worker,
            genesis,
            chain,
            rpc,
            store,
            _folder: folder,
        };
        let payload = pallet_providers::worker_proof_payload(genesis, &party.account());
        let proof = party.worker.sign(&payload).encode();
        let worker = party.worker.public().encode();
        party
            .chain
            .submit(
                &party.stash,
                "Providers",
                "register",
                (stake, worker, endpoint, hardware(), proof),
            )
            .await?;
        Ok(party)
    }

    /// Its account.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.stash.public_key().0)
    }

    /// Takes a job for whatever its price is.
    pub async fn accept(&self, job: JobId) -> Result<()> {
        let arguments = (job, 0u128);
        self.chain
            .submit(&self.stash, "Jobs", "accept", arguments)
            .await?;
        Ok(())
    }

    /// Serves an output to whoever asks.
    pub async fn serve(&self, output: Vec<u8>) -> Result<()> {
        self.store.put_bytes(output).await?;
        Ok(())
    }

    /// Asks the runtime about a job.
    async fn ask<View: Decode>(&self, function: &str, job: JobId) -> Result<View> {
        let mut parameters = RpcParams::new();
        parameters.push(function)?;
        parameters.push(format!("0x{}", hex::encode(job.encode())))?;
        let answer: String = self.rpc.request("state_call", parameters).await?;
        let answer = hex::decode(answer.trim_start_matches("0x"))?;
        let view: Option<View> = Option::decode(&mut answer.as_slice())?;
        view.with_context(|| format!("{function} knows nothing of job {job}"))
    }

    /// The hash of a job's terms, which a commitment is bound to.
    async fn terms(&self, job: JobId) -> Result<[u8; 32]> {
        let view: JobView = self.ask("JobsApi_job", job).await?;
        Ok(view.spec.hash())
    }

    /// The seed of a job's verification, which all other duties are bound to.
    async fn seed(&self, job: JobId) -> Result<[u8; 32]> {
        let view: DrawView = self.ask("VerificationApi_draw", job).await?;
        view.seed.context("nothing is drawn yet")
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
        let duty = Duty::Commit {
            terms: self.terms(job).await?,
            roots: vec![root],
        };
        let signature = self.sign(job, &duty);
        self.submit(
            pallet_jobs::Call::commit {
                job,
                roots: vec![root]
                    .try_into()
                    .map_err(|_| anyhow::anyhow!("one pass"))?,
                signature,
            }
            .into(),
        )
        .await
    }

    /// Says that it cannot fetch the inputs.
    pub async fn report(&self, job: JobId) -> Result<()> {
        let duty = Duty::Report {
            terms: self.terms(job).await?,
        };
        let signature = Some(self.sign(job, &duty));
        self.submit(pallet_jobs::Call::report { job, signature }.into())
            .await
    }

    /// Opens tiles of an output with these values.
    pub async fn open(&self, job: JobId, values: &[ChainingValue], tiles: &[u32]) -> Result<()> {
        let openings = vec![Opening::new(values, tiles)?];
        let hash = *blake3::hash(&openings.encode()).as_bytes();
        let duty = Duty::Open {
            seed: self.seed(job).await?,
            opening: hash,
        };
        let signature = self.sign(job, &duty);
        self.submit(
            pallet_verifier::Call::open {
                job,
                openings: openings
                    .try_into()
                    .map_err(|_| anyhow::anyhow!("one pass"))?,
                signature,
            }
            .into(),
        )
        .await
    }

    /// Attests these values for the sampled tiles.
    pub async fn attest(
        &self,
        job: JobId,
        round: u32,
        values: &[ChainingValue],
        salt: [u8; 32],
    ) -> Result<()> {
        let account: [u8; 32] = self.account().into();
        let seed = self.seed(job).await?;
        let commitment = attestation::commitment(values, &salt, &account, job, round, &seed);
        let duty = Duty::Attest {
            seed,
            round,
            commitment,
        };
        let signature = self.sign(job, &duty);
        self.submit(
            pallet_verifier::Call::attest {
                job,
                verifier: self.account(),
                round,
                commitment,
                signature,
            }
            .into(),
        )
        .await
    }

    /// Reveals what it attested, with the positions where it claims another value than the provider.
    pub async fn reveal(
        &self,
        job: JobId,
        round: u32,
        salt: [u8; 32],
        differing: Vec<(u32, ChainingValue)>,
    ) -> Result<()> {
        let duty = Duty::Reveal {
            seed: self.seed(job).await?,
            round,
            salt,
            differing: differing.clone(),
        };
        let signature = self.sign(job, &duty);
        let differing = differing
            .try_into()
            .ok()
            .context("no more than there can be samples")?;
        self.submit(
            pallet_verifier::Call::reveal {
                job,
                verifier: self.account(),
                round,
                salt,
                differing,
                signature,
            }
            .into(),
        )
        .await
    }
}

/// The machine of somebody who computes by hand.
fn hardware() -> Hardware {
    Hardware {
        device: b"an adversary".to_vec(),
        class: AdapterClass::Float,
        probe: [0; 32],
        speed: 1,
        memory: 16,
        region: Region::default(),
        energy: Energy::Undeclared,
    }
}
