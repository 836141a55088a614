// SPDX-License-Identifier: Apache-2.0
//! Registering a node's worker, and publishing anew what changed of it.

use super::{Stash, chain_address};
use crate::{
    account, amount,
    chain::{
        Chain, WorkerStatus,
        types::{Endpoint, Energy, Hardware, Region},
    },
};
use anyhow::{Context, Result, ensure};
use std::process::ExitCode;
use subxt::utils::{AccountId32, MultiAddress};

/// The bytes of a device's name that the chain has room for.
const MAX_DEVICE: usize = 128;

/// What only the operator knows of the machine. Requesters may ask for it.
#[derive(Debug, clap::Args)]
pub(super) struct Declaration {
    /// The country it stands in: two letters, as in ISO 3166-1.
    #[arg(long, value_name = "COUNTRY")]
    region: Option<Region>,
    /// What it runs on.
    #[arg(long, value_enum, default_value = "undeclared")]
    energy: Energy,
}

/// How to publish anew.
#[derive(Debug, clap::Args)]
pub struct Update {
    #[clap(flatten)]
    stash: Stash,
    #[clap(flatten)]
    declaration: Declaration,
}

/// How to register.
#[derive(Debug, clap::Args)]
pub struct Register {
    #[clap(flatten)]
    stash: Stash,
    /// The stake, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse)]
    stake: u128,
    /// What to send to the worker key for the fees of accepting jobs, in tokens.
    #[arg(long, value_name = "TOKENS", value_parser = amount::parse, default_value = "10")]
    allowance: u128,
    #[clap(flatten)]
    declaration: Declaration,
}

impl Update {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = account::signer(&self.stash.stash)?;
        let status = chain.worker_status().await?;
        let hardware = self.declaration.hardware(&status)?;
        chain
            .submit(&signer, "Providers", "set_endpoint", (endpoint(&status)?,))
            .await?;
        chain
            .submit(&signer, "Providers", "set_hardware", (hardware,))
            .await?;
        println!(
            "blobs are served on {} by {}",
            status.address, status.engine
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Where a node serves blobs, as the chain's.
fn endpoint(status: &WorkerStatus) -> Result<Endpoint> {
    Ok(Endpoint {
        key: bytes(&status.endpoint)?,
        address: chain_address(status.address),
    })
}

impl Declaration {
    /// What the chain is told of a node's machine.
    fn hardware(&self, status: &WorkerStatus) -> Result<Hardware> {
        let device = status.engine.as_bytes();
        Ok(Hardware {
            device: device
                .get(..device.len().min(MAX_DEVICE))
                .unwrap_or_default()
                .into(),
            class: status.class,
            probe: bytes(&status.probe)?,
            speed: status.speed,
            memory: status.memory,
            region: self.region.unwrap_or_default(),
            energy: self.energy,
        })
    }
}

impl Register {
    pub(super) async fn run(self, chain: &Chain) -> Result<ExitCode> {
        let signer = account::signer(&self.stash.stash)?;
        let stash = account::of(&signer);
        let status = chain.worker_status().await?;
        let worker: [u8; 32] = bytes(&status.worker)?;
        let balance = chain.balance(&stash).await?;
        let needed = self.stake.saturating_add(self.allowance);
        ensure!(
            balance.free > needed,
            "{stash} has {} free, less than stake and allowance of {} and the fees: send it more, or stake less",
            amount::format(balance.free),
            amount::format(needed),
        );
        let proof: [u8; 64] = bytes(&chain.prove_worker(&stash).await?)?;
        let (endpoint, hardware) = (endpoint(&status)?, self.declaration.hardware(&status)?);
        let registration = (self.stake, worker, endpoint, hardware, proof);
        chain
            .submit(&signer, "Providers", "register", registration)
            .await?;
        let to = MultiAddress::<_, ()>::Id(AccountId32(worker));
        chain
            .submit(&signer, "Balances", "transfer_keep_alive", (to, self.allowance))
            .await
            .with_context(|| {
                format!(
                    "{stash} is registered, but its worker key {} has no money to accept jobs with: send it some",
                    AccountId32(worker),
                )
            })?;
        println!(
            "{stash} is a provider with a stake of {}; its worker key is {} and runs on {}",
            amount::format(self.stake),
            status.worker,
            status.engine
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Bytes written as `0x` and hex.
fn bytes<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes).with_context(|| {
        format!("the node answered `{text}` where {LENGTH} bytes in hex are due")
    })?;
    Ok(bytes)
}
