// SPDX-License-Identifier: Apache-2.0
//! Accounts that sign, and providers that do their duties.

use crate::node::{Node, Transaction};
use anyhow::{Context, Result};
use assay_primitives::{
    AccountId, JobId,
    duty::{Duty, WorkerPair, WorkerSignature, payload},
};
use assay_runtime::{
    Address, RuntimeCall, SignedPayload, UncheckedExtrinsic, VERSION, transactions::authorized,
};
use codec::Encode;
use polkadot_sdk::{
    frame_metadata_hash_extension::CheckMetadataHash,
    frame_system,
    pallet_transaction_payment::ChargeTransactionPayment,
    sp_core::{Pair, sr25519},
    sp_runtime::generic::Era,
};

/// An account and how often it has signed.
pub(crate) struct Signer {
    pair: sr25519::Pair,
    nonce: u32,
}

impl Signer {
    pub(crate) fn new(secret: &str) -> Result<Self> {
        let pair = sr25519::Pair::from_string(secret, None)
            .ok()
            .context("a development name")?;
        Ok(Self { pair, nonce: 0 })
    }

    pub(crate) fn account(&self) -> AccountId {
        AccountId::new(self.pair.public().0)
    }

    /// How often it will have signed when all that it signed is in blocks.
    pub(crate) fn nonce(&self) -> u32 {
        self.nonce
    }

    pub(crate) fn sign(&mut self, node: &Node, call: impl Into<RuntimeCall>) -> Transaction {
        let extension = (
            frame_system::AuthorizeCall::new(),
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckMortality::from(Era::Immortal),
            frame_system::CheckNonce::from(self.nonce),
            frame_system::CheckWeight::new(),
            ChargeTransactionPayment::from(0),
            CheckMetadataHash::new(false),
            frame_system::WeightReclaim::new(),
        );
        let (spec, transaction) = (VERSION.spec_version, VERSION.transaction_version);
        let genesis = node.genesis;
        let implied = (
            (),
            (),
            spec,
            transaction,
            genesis,
            genesis,
            (),
            (),
            (),
            None,
            (),
        );
        let payload = SignedPayload::from_raw(call.into(), extension, implied);
        let signature = payload.using_encoded(|bytes| self.pair.sign(bytes));
        let (call, extension, _) = payload.deconstruct();
        self.nonce += 1;
        let address = Address::Id(self.account());
        let signed = UncheckedExtrinsic::new_signed(call, address, signature.into(), extension);
        Box::new(move || signed.clone())
    }
}

/// A provider: the account of its stake, and its worker key.
pub(crate) struct Provider {
    pub(crate) stash: Signer,
    pub(crate) worker: WorkerPair,
}

impl Provider {
    pub(crate) fn new(secret: &str) -> Result<Self> {
        let worker = WorkerPair::from_string(&format!("{secret}//worker"), None)
            .ok()
            .context("a development name")?;
        Ok(Self {
            stash: Signer::new(secret)?,
            worker,
        })
    }

    /// What does a duty, given the call that takes its signature.
    pub(crate) fn fulfil<Call: Into<RuntimeCall>>(
        &self,
        node: &Node,
        job: JobId,
        duty: &Duty,
        call: impl Fn(WorkerSignature) -> Call + 'static,
    ) -> Transaction {
        let (worker, payload) = (self.worker.clone(), payload(node.genesis, job, duty));
        Box::new(move || authorized(call(worker.sign(&payload)).into()))
    }
}
