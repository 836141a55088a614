// SPDX-License-Identifier: Apache-2.0
//! Turns the native worker's replies into extrinsics.

use super::{LOG_TARGET, Party};
use crate::{AccountId, Balances, Runtime, RuntimeCall, System, Verifier, transactions};
use alloc::vec::Vec;
use assay_primitives::{
    Balance, BlockNumber, JobId,
    duty::{Duty, payload},
    job::{PerPass, Plan},
    mailbox::{Finding, Order, Reply, Step, reply_key},
};
use assay_verifier::{
    Root,
    opening::Opening,
    parts::{Parts, Supply},
    passes,
};
use codec::Encode;
use pallet_verifier::types::{Differences, Openings, TileBytes};
use polkadot_sdk::{
    frame_support::traits::{
        Get,
        fungible::Inspect,
        tokens::{Fortitude, Preservation},
    },
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::offchain::storage::StorageValueRef,
};

/// After so many blocks a signed extrinsic that had no effect is sent again.
const PATIENCE: BlockNumber = 8;

/// Submits what one party has to say.
pub(super) struct Sender<'a> {
    party: &'a Party,
    now: BlockNumber,
    /// How many signed extrinsics this run has sent: each takes the next nonce.
    signed: u32,
}

impl<'a> Sender<'a> {
    pub(super) fn new(party: &'a Party, now: BlockNumber) -> Self {
        Self {
            party,
            now,
            signed: 0,
        }
    }

    /// Submits the answer to an order, if the worker has given one and it is time for it.
    pub(super) fn answer(&mut self, order: &Order) {
        let Some(reply) = given(order) else { return };
        let provider = order.provider.clone();
        match (reply, &order.step) {
            (Reply::Willing { at_least }, Step::Consider { .. }) => {
                self.accept(order.job, at_least)
            }
            (Reply::Computed { roots }, Step::Compute { .. }) => {
                let Ok(bounded) = PerPass::try_from(roots.clone()) else {
                    return;
                };
                let Some(terms) = terms(order.job) else {
                    return;
                };
                self.duty(order.job, Duty::Commit { terms, roots }, |signature| {
                    pallet_jobs::Call::commit {
                        job: order.job,
                        roots: bounded,
                        signature,
                    }
                    .into()
                });
            }
            (Reply::Missing(_), Step::Compute { .. }) => {
                let Some(terms) = terms(order.job) else {
                    return;
                };
                self.duty(order.job, Duty::Report { terms }, |signature| {
                    pallet_jobs::Call::report {
                        job: order.job,
                        signature: Some(signature),
                    }
                    .into()
                });
            }
            (
                Reply::Missing(missing),
                Step::Attest { seed, round, .. } | Step::Look { seed, round, .. },
            ) => {
                let (seed, round) = (*seed, *round);
                let duty = Duty::Miss {
                    seed,
                    round,
                    missing,
                };
                self.duty(order.job, duty, |signature| {
                    pallet_verifier::Call::miss {
                        job: order.job,
                        verifier: provider,
                        round,
                        missing,
                        signature,
                    }
                    .into()
                });
            }
            (Reply::Found, Step::Look { seed, round, .. }) => {
                let (seed, round) = (*seed, *round);
                self.duty(order.job, Duty::Have { seed, round }, |signature| {
                    pallet_verifier::Call::have {
                        job: order.job,
                        verifier: provider,
                        round,
                        signature,
                    }
                    .into()
                });
            }
            (Reply::Attested { commitment }, Step::Attest { seed, round, .. }) => {
                let (seed, round) = (*seed, *round);
                let duty = Duty::Attest {
                    seed,
                    round,
                    commitment,
                };
                self.duty(order.job, duty, |signature| {
                    pallet_verifier::Call::attest {
                        job: order.job,
                        verifier: provider,
                        round,
                        commitment,
                        signature,
                    }
                    .into()
                });
            }
            (Reply::Shown { opening, bytes }, Step::Show { tile, .. }) => {
                self.show(order.job, *tile, opening, bytes);
            }
            (Reply::Opened { openings }, Step::Open { .. }) => {
                let Ok(openings) = Openings::try_from(openings) else {
                    return;
                };
                let hash = *blake3::hash(&openings.encode()).as_bytes();
                let Some(seed) = seed(order.job) else { return };
                self.duty(
                    order.job,
                    Duty::Open {
                        seed,
                        opening: hash,
                    },
                    |signature| {
                        pallet_verifier::Call::open {
                            job: order.job,
                            openings,
                            signature,
                        }
                        .into()
                    },
                );
            }
            (Reply::Revealed { salt, differing }, Step::Reveal { seed, round, .. }) => {
                let Ok(bounded) = Differences::try_from(differing.clone()) else {
                    return;
                };
                let (seed, round) = (*seed, *round);
                self.duty(
                    order.job,
                    Duty::Reveal {
                        seed,
                        round,
                        salt,
                        differing,
                    },
                    |signature| {
                        pallet_verifier::Call::reveal {
                            job: order.job,
                            verifier: provider,
                            round,
                            salt,
                            differing: bounded,
                            signature,
                        }
                        .into()
                    },
                );
            }
            (
                Reply::Witnessed { parts },
                Step::Witness {
                    tile, pass, work, ..
                },
            ) => {
                let Some(fuel) = judging_fuel(&work.kernel) else {
                    return;
                };
                self.prove(order.job, (*pass, *tile), None, parts, fuel);
            }
            (Reply::Audited { wrong: Some(found) }, Step::Audit { plan, .. }) => {
                self.convict(order.job, plan, found);
            }
            _ => {}
        }
    }

    /// Shows a tile that somebody demanded.
    fn show(&self, job: JobId, tile: u32, opening: Opening, bytes: Option<Vec<u8>>) {
        let (Some(seed), Ok(bytes)) = (seed(job), bytes.map(TileBytes::try_from).transpose())
        else {
            return;
        };
        let opening = Some(opening);
        let answer = *blake3::hash(&(&opening, &bytes).encode()).as_bytes();
        let duty = Duty::Answer { seed, tile, answer };
        self.duty(job, duty, |signature| {
            pallet_verifier::Call::answer {
                job,
                tile,
                opening,
                bytes,
                signature,
            }
            .into()
        });
    }

    /// Has the chain run a tile that was found wrong.
    fn convict(&mut self, job: JobId, plan: &Plan, found: Finding) {
        let Finding {
            pass,
            tile,
            opening,
            parts,
        } = found;
        let tiles = plan.tiles();
        let first = tiles.get(..usize::from(pass)).and_then(passes::total);
        let work = plan.passes.get(usize::from(pass));
        let (Some(tile), Some(fuel)) = (
            first.and_then(|first| first.checked_add(tile)),
            work.and_then(|pass| judging_fuel(&pass.kernel)),
        ) else {
            return;
        };
        self.prove(job, (pass.into(), tile), Some(opening), parts, fuel);
    }

    /// Has the chain re-execute a tile of a pass, as a party to the case, once it has what does not fit the witness.
    fn prove(
        &mut self,
        job: JobId,
        (pass, tile): (u32, u32),
        opening: Option<Opening>,
        parts: Parts,
        fuel: u64,
    ) {
        let Some(seed) = seed(job) else { return };
        let supplied = parts.supplied_pages();
        let Parts { supplies, witness } = parts;
        let missing: Vec<Supply> = (supplies.into_iter())
            .filter(|supply| !Verifier::has_pages(job, pass, supply))
            .collect();
        if supplied > <Runtime as pallet_verifier::Config>::MaxSuppliedPages::get() {
            log::error!(
                target: LOG_TARGET,
                "job {job}: tile {tile} reads {supplied} KiB more than fit a witness: the chain cannot judge it"
            );
            return;
        }
        if !missing.is_empty() {
            return self.supply(job, pass, missing);
        }
        let proof = (&opening, &witness, fuel, supplied).encode();
        let proof = *blake3::hash(&proof).as_bytes();
        let party = self.party.provider.clone();
        self.duty(job, Duty::Prove { seed, tile, proof }, |signature| {
            pallet_verifier::Call::prove {
                job,
                party,
                tile,
                opening,
                witness,
                fuel,
                supplied,
                signature,
            }
            .into()
        });
    }

    /// Gives the chain pages of what a pass reads, if the worker key's account has the deposits.
    fn supply(&mut self, job: JobId, pass: u32, supplies: Vec<Supply>) {
        let account = transactions::account_of(&self.party.worker);
        let pages = (supplies.iter().map(Supply::pages)).fold(0, u32::saturating_add);
        let page: Balance = <Runtime as pallet_verifier::Config>::PageDeposit::get();
        let deposit = page.saturating_mul(pages.into());
        let free = Balances::reducible_balance(&account, Preservation::Preserve, Fortitude::Polite);
        if free <= deposit {
            log::error!(
                target: LOG_TARGET,
                "job {job}: to have a tile judged that reads {pages} KiB more than fit a witness, the worker key's \
                 account needs {deposit} to be held, and has {free}"
            );
            return;
        }
        for Supply { input, slice } in supplies {
            let first = slice.pages.first().map(|page| page.index);
            let call = pallet_verifier::Call::supply {
                job,
                pass,
                input,
                slice,
            };
            self.signed(job, &(b"supply", pass, input, first).encode(), call);
        }
    }

    /// Takes a job once its price has risen to what the worker wants.
    fn accept(&mut self, job: JobId, at_least: Balance) {
        let Some(record) = pallet_jobs::Jobs::<Runtime>::get(job) else {
            return;
        };
        let Some(price) = record.price_at(self.now) else {
            return;
        };
        if crate::Jobs::worth(record.spec.asset, price).is_some_and(|worth| worth >= at_least) {
            let call = pallet_jobs::Call::accept {
                job,
                at_least: price,
            };
            self.signed(job, b"accept", call);
        }
    }

    /// Submits a duty. The pool keeps one of each, so repeating it costs nothing.
    fn duty(
        &self,
        job: JobId,
        duty: Duty,
        call: impl FnOnce(assay_primitives::duty::WorkerSignature) -> RuntimeCall,
    ) {
        let payload = payload(System::block_hash(0), job, &duty);
        let Some(signature) = self.party.worker.sign(&payload) else {
            log::error!(target: LOG_TARGET, "the keystore does not sign with the worker key");
            return;
        };
        transactions::submit(&transactions::authorized(call(signature)));
    }

    /// Submits a signed extrinsic, unless the same was sent a moment ago.
    fn signed(&mut self, job: JobId, kind: &[u8], call: impl Into<RuntimeCall>) {
        let key = (b"assay/policy/sent", &self.party.provider, job, kind).encode();
        let sent = StorageValueRef::persistent(&key);
        let last = sent.get::<BlockNumber>().ok().flatten();
        if last.is_some_and(|last| self.now < last.saturating_add(PATIENCE) && self.now >= last) {
            return;
        }
        match transactions::signed_by_worker(call.into(), &self.party.worker, self.signed) {
            Some(transaction) => {
                transactions::submit(&transaction);
                self.signed = self.signed.saturating_add(1);
                sent.set(&self.now);
            }
            None => {
                log::error!(target: LOG_TARGET, "the keystore does not sign with the worker key")
            }
        }
    }
}

/// What the worker has answered to an order.
pub(super) fn given(order: &Order) -> Option<Reply> {
    StorageValueRef::persistent(&reply_key(order))
        .get()
        .ok()
        .flatten()
}

/// The seed of a case.
fn seed(job: JobId) -> Option<[u8; 32]> {
    Some(pallet_verifier::Cases::<Runtime>::get(job)?.seed)
}

/// The hash of a job's terms.
fn terms(job: JobId) -> Option<[u8; 32]> {
    Some(pallet_jobs::Jobs::<Runtime>::get(job)?.spec.hash())
}

/// The most fuel that judging a tile of a kernel can burn.
fn judging_fuel(kernel: &Root) -> Option<u64> {
    <crate::Jobs as assay_primitives::verification::JobBook<AccountId, BlockNumber>>::judging_fuel(
        kernel,
    )
}
