// SPDX-License-Identifier: Apache-2.0
//! Who takes part, and the job that all of them post, compute and verify.

use crate::{
    keys::{Provider, Signer},
    node::{Node, Transaction},
};
use anyhow::{Context, Result, ensure};
use assay_primitives::{
    AccountId, Balance, BlockNumber, UNIT,
    job::{Address, Endpoint, JobSpec, Pass, PerPass, PriceRange, Source},
    provider::{Hardware, Requirements},
};
use assay_runtime::RuntimeCall;
use assay_tests::kernel::{TILES, input, kernel, output};
use assay_verifier::{
    ChainingValue, Root,
    sampling::Assurance,
    tree::{self, CHUNK_BYTES},
    witness::InputRef,
};
use codec::Encode;
use polkadot_sdk::{pallet_balances, pallet_utility, sp_core::Pair};

/// Enough that nobody has as many jobs alive as an account may.
const REQUESTERS: usize = 24;

/// Enough to draw from.
const PROVIDERS: usize = 8;

/// What each of them locks: more than all its jobs at once ask for.
const STAKE: Balance = 20_000 * UNIT;

/// How many blocks it may take until what the parties ask for at the start has happened.
const PATIENCE: u32 = 20;

/// The parties.
pub(crate) struct Parties {
    pub(crate) requesters: Vec<Signer>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) spec: JobSpec<Balance, BlockNumber>,
    /// What its output is committed to by, and the values of its tiles.
    pub(crate) root: Root,
    pub(crate) values: Vec<ChainingValue>,
}

fn endpoint() -> Endpoint {
    Endpoint {
        key: [1; 32],
        address: Address::V4 {
            ip: [127, 0, 0, 1],
            port: 1,
        },
    }
}

/// The smallest panel: two verifiers.
fn spec(kernel: Root) -> Result<JobSpec<Balance, BlockNumber>> {
    let pass = Pass {
        kernel,
        parameters: Default::default(),
        reads: vec![Source::Input(0)].try_into().ok().context("one")?,
        grid: [TILES, 1, 1],
    };
    Ok(JobSpec {
        passes: PerPass::truncate_from(vec![pass]),
        checker: None,
        inputs: vec![InputRef::of(&input())]
            .try_into()
            .ok()
            .context("one")?,
        assurance: Assurance::DEFAULT,
        price: PriceRange {
            floor: UNIT,
            ceiling: UNIT,
        },
        auction: 100,
        compute: 100,
        source: endpoint(),
        requirements: Requirements::default(),
        asset: None,
    })
}

impl Parties {
    /// Endows requesters and providers, registers the providers and the kernel.
    pub(crate) async fn gather(node: &Node) -> Result<Self> {
        let name = |kind: &str, number: usize| format!("//{kind}//{number}");
        let mut requesters = (0..REQUESTERS)
            .map(|number| Signer::new(&name("requester", number)))
            .collect::<Result<Vec<_>>>()?;
        let mut providers = (0..PROVIDERS)
            .map(|number| Provider::new(&name("provider", number)))
            .collect::<Result<Vec<_>>>()?;
        let mut alice = Signer::new("//Alice")?;
        let stashes = providers.iter().map(|provider| provider.stash.account());
        let accounts: Vec<_> = (requesters.iter().map(Signer::account))
            .chain(stashes)
            .collect();
        let gifts = accounts
            .iter()
            .map(|account| give(account, STAKE + 9_000 * UNIT));
        let gifts = pallet_utility::Call::batch_all {
            calls: gifts.collect(),
        };
        let code = kernel().encode();
        let hash = *blake3::hash(&code).as_bytes();
        let code = code.try_into().ok().context("a short kernel")?;
        let first = vec![
            alice.sign(node, gifts),
            alice.sign(node, pallet_jobs::Call::register_kernel { code }),
        ];
        node.submit(first).await?;
        wait(node, &[&alice]).await?;
        let registrations = providers
            .iter_mut()
            .map(|provider| provider.register(node))
            .collect();
        node.submit(registrations).await?;
        let stashes: Vec<_> = providers.iter().map(|provider| &provider.stash).collect();
        wait(node, &stashes).await?;
        for requester in &mut requesters {
            ensure!(requester.nonce() == 0, "nobody has signed yet");
        }
        let output = output();
        let values = output
            .chunks(CHUNK_BYTES)
            .zip(0..)
            .map(|(tile, index)| tree::leaf_value(index, TILES, tile).context("a tile"))
            .collect::<Result<_>>()?;
        Ok(Self {
            requesters,
            providers,
            spec: spec(hash)?,
            root: *blake3::hash(&output).as_bytes(),
            values,
        })
    }

    /// The number of the provider with an account.
    pub(crate) fn provider(&self, account: &AccountId) -> Result<usize> {
        (self.providers.iter())
            .position(|provider| provider.stash.account() == *account)
            .context("a provider that nobody registered")
    }
}

/// A transfer.
pub(crate) fn give(to: &AccountId, value: Balance) -> RuntimeCall {
    pallet_balances::Call::transfer_keep_alive {
        dest: to.clone().into(),
        value,
    }
    .into()
}

impl Provider {
    fn register(&mut self, node: &Node) -> Transaction {
        let stash = self.stash.account();
        let proof = self.worker.sign(&pallet_providers::worker_proof_payload(
            node.genesis,
            &stash,
        ));
        let call = pallet_providers::Call::register {
            stake: STAKE,
            worker: self.worker.public(),
            endpoint: endpoint(),
            hardware: Hardware {
                speed: 1,
                memory: 1_024,
                ..Hardware::default()
            },
            proof,
        };
        self.stash.sign(node, call)
    }
}

/// Waits until all that accounts have signed is in blocks.
async fn wait(node: &Node, signers: &[&Signer]) -> Result<()> {
    let first = node.best().await?;
    for number in first + 1..=first + PATIENCE {
        node.block(number).await?;
        let mut done = true;
        for signer in signers {
            done &= node.nonce(&signer.account()).await? == signer.nonce();
        }
        if done {
            return Ok(());
        }
    }
    anyhow::bail!("what was signed does not come into blocks")
}
