// SPDX-License-Identifier: Apache-2.0
//! The chain, as seen through one node's RPC.

mod assets;
mod demands;
mod judging;
pub mod types;

pub use demands::{Answers, Shown};
pub use judging::{Capacity, Proof};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use std::time::Duration;
use subxt::{
    OnlineClient, PolkadotConfig,
    client::{OnlineClientAtBlock, OnlineClientAtBlockImpl},
    config::DefaultExtrinsicParamsBuilder,
    dynamic,
    error::{DispatchError, OnlineClientAtBlockError, TransactionEventsError},
    ext::{
        frame_decode::runtime_apis::{IntoEncodableValues, decode_runtime_api_response},
        scale_decode::DecodeAsType,
        scale_encode::EncodeAsFields,
    },
    extrinsics::ExtrinsicEvents,
    rpcs::{RpcClient, client::RpcParams},
    tx::TransactionStatus,
    utils::{AccountId32, H256},
};
use subxt_signer::sr25519::Keypair;
use types::{
    AccountData, AccountInfo, AdapterClass, DelegationView, JobSettled, JobSpec, JobView,
    KernelView, ProviderView, Quote, QuoteError,
};

/// Where a node listens unless it is told otherwise.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:9944";

/// How long to wait for a node to answer at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to a node.
#[derive(Clone)]
pub struct Chain {
    client: OnlineClient<PolkadotConfig>,
    rpc: RpcClient,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Chain").finish_non_exhaustive()
    }
}

/// What a provider's node says of its worker.
#[derive(Clone, Debug, Deserialize)]
pub struct WorkerStatus {
    /// The worker key, as `0x` and hex.
    pub worker: String,
    /// The endpoint key of its blob store, as `0x` and hex.
    pub endpoint: String,
    /// The socket address that blobs are served on.
    pub address: std::net::SocketAddr,
    /// What computes.
    pub engine: String,
    /// Which kernels it computes exactly.
    pub class: AdapterClass,
    /// BLAKE3 hash of what its probes computed, as `0x` and hex.
    pub probe: String,
    /// Fuel a second.
    pub speed: u64,
    /// The largest input it takes, in MiB.
    pub memory: u32,
    /// What it is computing or has computed last, if anything.
    pub activity: Option<WorkerActivity>,
}

/// A computation, under way or over.
#[derive(Clone, Debug, Deserialize)]
pub struct WorkerActivity {
    /// For which job.
    pub job: u64,
    /// What is done now, in words; `computed` when it is over.
    pub stage: String,
    /// Tiles done.
    pub done: u32,
    /// Tiles in all.
    pub total: u32,
    /// Tiles a second.
    pub rate: f64,
}

/// For how many blocks from the best one on a transaction is valid at least: it is counted from the last final block,
/// and finality may lag.
const LIFETIME: u64 = 64;

/// How often the best block is looked for, and the pause in between.
const BEST_ATTEMPTS: u32 = 10;
const BEST_PAUSE: Duration = Duration::from_millis(100);

/// How long to wait for word of a transaction.
const TRANSACTION_PATIENCE: Duration = Duration::from_secs(120);

impl Chain {
    /// Connects to a node.
    pub async fn connect(url: &str) -> Result<Self> {
        let advice = || {
            format!(
                "no node answers at {url}: start one (`scripts/run`, or `assay-node --dev`), or name another with --url"
            )
        };
        let connection = tokio::time::timeout(PATIENCE, async {
            let rpc = RpcClient::from_insecure_url(url).await?;
            let client = OnlineClient::from_rpc_client(rpc.clone()).await?;
            anyhow::Ok(Self { client, rpc })
        });
        connection
            .await
            .map_err(|_| anyhow!("no answer within {} seconds", PATIENCE.as_secs()))
            .and_then(|result| result)
            .with_context(advice)
    }

    /// The chain at its best block, so that what was just included is seen at once. A node may name a block whose header
    /// it does not have when it is asked for it; then it is asked for its best block again.
    async fn now(&self) -> Result<OnlineClientAtBlock<PolkadotConfig>> {
        for _ in 0..BEST_ATTEMPTS {
            match self.client.at_block(self.best().await?).await {
                Err(OnlineClientAtBlockError::BlockHeaderNotFound { .. }) => {
                    tokio::time::sleep(BEST_PAUSE).await;
                }
                found => return Ok(found?),
            }
        }
        bail!("the node does not know its own best block: see its log")
    }

    async fn best(&self) -> Result<H256> {
        let best = self.rpc.request("chain_getBlockHash", RpcParams::new());
        Ok(best.await?)
    }

    /// The share of what a block has for transactions, in parts per million, that judging a tile takes at most.
    pub async fn adjudication_share(&self, fuel: u64, witness_bytes: u32) -> Result<u64> {
        self.ask("ExecutionApi", "adjudication_share", (fuel, witness_bytes))
            .await
    }

    /// Asks the runtime.
    async fn ask<Answer: DecodeAsType>(
        &self,
        api: &str,
        method: &str,
        arguments: impl IntoEncodableValues,
    ) -> Result<Answer> {
        let call = dynamic::runtime_api_call::<_, Answer>(api, method, arguments);
        let now = self.now().await?;
        let foreign = || {
            format!(
                "the chain does not answer {api}.{method}: is it an Assay chain, and this command as new as it?"
            )
        };
        let arguments = now
            .runtime_apis()
            .encode_args(&call)
            .with_context(foreign)?;
        // Not through the client: where the runtime cannot read the arguments, that waits for ever.
        let mut parameters = RpcParams::new();
        parameters.push(format!("{api}_{method}"))?;
        parameters.push(format!("0x{}", hex::encode(arguments)))?;
        parameters.push(now.block_hash())?;
        let answer: String =
            (self.rpc.request("state_call", parameters).await).map_err(|error| {
                let reason = legible(&error.to_string());
                anyhow!("the chain does not answer {api}.{method}: {reason}")
            })?;
        let answer = hex::decode(answer.trim_start_matches("0x")).with_context(foreign)?;
        let metadata = now.metadata_ref();
        decode_runtime_api_response(
            api,
            method,
            &mut answer.as_slice(),
            metadata,
            metadata.types(),
            Answer::into_visitor(),
        )
        .map_err(|error| anyhow!("{error}"))
        .with_context(foreign)
    }

    /// A constant of a pallet.
    async fn constant<Value: DecodeAsType>(&self, pallet: &str, name: &str) -> Result<Value> {
        let address = dynamic::constant::<Value>(pallet, name);
        self.now().await?.constants().entry(address).with_context(|| {
            format!("the chain has no constant {pallet}.{name}: is it an Assay chain, and this command as new as it?")
        })
    }

    /// The number of the best block.
    pub async fn block_number(&self) -> Result<u64> {
        Ok(self.now().await?.block_number())
    }

    /// The number of the last final block.
    pub async fn final_number(&self) -> Result<u64> {
        Ok(self.client.at_current_block().await?.block_number())
    }

    /// Waits for the next best block.
    pub async fn blocks(&self) -> Result<subxt::client::Blocks<PolkadotConfig>> {
        Ok(self.client.stream_best_blocks().await?)
    }

    /// A job.
    pub async fn job(&self, id: u64) -> Result<Option<JobView>> {
        self.ask("JobsApi", "job", (id,)).await
    }

    /// Jobs below a number, the newest first.
    pub async fn jobs(&self, before: Option<u64>, limit: u32) -> Result<Vec<JobView>> {
        self.ask("JobsApi", "jobs", (before, limit)).await
    }

    /// What a job would cost.
    pub async fn quote(&self, spec: &JobSpec) -> Result<Result<Quote, QuoteError>> {
        self.ask("JobsApi", "quote", (spec,)).await
    }

    /// A registered kernel.
    pub async fn kernel(&self, hash: [u8; 32]) -> Result<Option<KernelView>> {
        self.ask("JobsApi", "kernel", (hash,)).await
    }

    /// What is held for the storage of a kernel of so many bytes, as long as it is registered.
    pub async fn kernel_deposit(&self, bytes: usize) -> Result<u128> {
        let base: u128 = self.constant("Jobs", "DepositBase").await?;
        let per_byte: u128 = self.constant("Jobs", "DepositPerByte").await?;
        Ok(base.saturating_add(per_byte.saturating_mul(u128::try_from(bytes)?)))
    }

    /// Registers a kernel; its deposit is held until it is removed.
    pub async fn register_kernel(&self, signer: &Keypair, code: &[u8]) -> Result<()> {
        self.submit(signer, "Jobs", "register_kernel", (code.to_vec(),))
            .await?;
        Ok(())
    }

    /// All providers.
    pub async fn providers(&self) -> Result<Vec<ProviderView>> {
        self.ask("ProvidersApi", "providers", ()).await
    }

    /// One provider.
    pub async fn provider(&self, account: &AccountId32) -> Result<Option<ProviderView>> {
        self.ask("ProvidersApi", "provider", (account.0,)).await
    }

    /// The money of an account; nothing for one that does not exist.
    pub async fn balance(&self, account: &AccountId32) -> Result<AccountData> {
        let address = dynamic::storage::<([u8; 32],), AccountInfo>("System", "Account");
        let now = self.now().await?;
        let value = now.storage().try_fetch(address, (account.0,)).await?;
        Ok(match value {
            Some(value) => value.decode()?.data,
            None => AccountData {
                free: 0,
                reserved: 0,
            },
        })
    }

    /// All the money there is.
    pub async fn issuance(&self) -> Result<u128> {
        let address = dynamic::storage::<(), u128>("Balances", "TotalIssuance");
        let now = self.now().await?;
        Ok(now.storage().fetch(address, ()).await?.decode()?)
    }

    /// Signs and submits a call and waits until it is in a block. A refusal by the chain is an error that says why.
    pub async fn submit(
        &self,
        signer: &Keypair,
        pallet: &str,
        call: &str,
        arguments: impl EncodeAsFields,
    ) -> Result<ExtrinsicEvents<PolkadotConfig>> {
        let payload = dynamic::transaction(pallet, call, arguments);
        // Signed for a finalized block, which every view of the pool knows, with the nonce that follows
        // what is in the pool already.
        let mut account = RpcParams::new();
        account.push(AccountId32(signer.public_key().0).to_string())?;
        let nonce: u64 = self.rpc.request("system_accountNextIndex", account).await?;
        let signed_at = self.client.at_current_block().await?;
        let behind = self
            .block_number()
            .await?
            .saturating_sub(signed_at.block_number());
        let parameters = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new()
            .nonce(nonce)
            .mortal(behind.saturating_add(LIFETIME))
            .build();
        let mut progress = signed_at
            .transactions()
            .sign_and_submit_then_watch(&payload, signer, parameters)
            .await
            .with_context(|| format!("the node refused {pallet}.{call}"))?;
        let silence = || {
            format!(
                "the node has said nothing of {pallet}.{call} for {} s: it may still come to pass; look before you repeat it",
                TRANSACTION_PATIENCE.as_secs()
            )
        };
        while let Some(status) = tokio::time::timeout(TRANSACTION_PATIENCE, progress.next())
            .await
            .with_context(silence)?
        {
            match status? {
                TransactionStatus::InBestBlock(block)
                | TransactionStatus::InFinalizedBlock(block) => {
                    return block
                        .wait_for_success()
                        .await
                        .map_err(|error| anyhow!(reason(error)))
                        .with_context(|| format!("the chain refused {pallet}.{call}"));
                }
                TransactionStatus::Error { message }
                | TransactionStatus::Invalid { message }
                | TransactionStatus::Dropped { message } => {
                    bail!("the node dropped {pallet}.{call}: {}", legible(&message))
                }
                _ => {}
            }
        }
        bail!("the node closed the connection before {pallet}.{call} was in a block")
    }

    /// The event of a job's end, looked for in the block in which the job was closed.
    pub async fn settlement(&self, job: u64, closed_at: u32) -> Result<Option<JobSettled>> {
        let at = self.client.at_block(closed_at).await?;
        self.settlement_at(job, &at).await
    }

    async fn settlement_at(
        &self,
        job: u64,
        at: &subxt::client::ClientAtBlock<PolkadotConfig, OnlineClientAtBlockImpl<PolkadotConfig>>,
    ) -> Result<Option<JobSettled>> {
        for event in at.events().fetch().await?.iter() {
            let event = event?;
            if event.pallet_name() == "Jobs" && event.event_name() == "JobSettled" {
                let settled: JobSettled = event.decode_fields_unchecked_as()?;
                if settled.job == job {
                    return Ok(Some(settled));
                }
            }
        }
        Ok(None)
    }

    /// What an account has delegated to providers.
    pub async fn delegations(&self, account: &AccountId32) -> Result<Vec<DelegationView>> {
        self.ask("ProvidersApi", "delegations", (account.0,)).await
    }

    /// What the node's worker does. An error if the node is no provider.
    pub async fn worker_status(&self) -> Result<WorkerStatus> {
        self.rpc
            .request("assay_workerStatus", RpcParams::new())
            .await
            .context("the node runs no worker: start it with --provider")
    }

    /// The worker key's proof that it belongs to a stash, as `0x` and hex.
    pub async fn prove_worker(&self, stash: &AccountId32) -> Result<String> {
        let mut parameters = RpcParams::new();
        parameters.push(stash.to_string())?;
        self.rpc
            .request("assay_proveWorker", parameters)
            .await
            .context("the node gives no proof for its worker key")
    }
}

/// What a node says of a runtime that gave up, without its backtrace.
fn legible(message: &str) -> String {
    // The runtime does so when it cannot read what it is given.
    if message.contains("wasm trap") {
        return "the runtime cannot read it: something in it is longer than the chain allows, or of another version \
                of the chain; docs/requester.md has the limits"
            .into();
    }
    message.lines().next().unwrap_or_default().into()
}

/// Why a transaction failed: for a pallet's error its name and, from its documentation, what to do.
fn reason(error: TransactionEventsError) -> String {
    if let TransactionEventsError::ExtrinsicFailed(DispatchError::Module(module)) = &error
        && let Ok(details) = module.details()
    {
        let (name, text) = (&details.variant.name, details.variant.docs.join(" "));
        return format!("{text} ({}.{name})", details.pallet.name());
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legible_leaves_out_the_backtrace_of_the_runtime() {
        let trap = "Execution aborted due to trap: wasm trap: wasm `unreachable`\nWASM backtrace:\n 0: 0x1c";
        assert!(legible(trap).contains("longer than the chain allows"));
        assert_eq!(legible("Inability to pay\nmore"), "Inability to pay");
    }
}
