// SPDX-License-Identifier: Apache-2.0
//! The workers of all providers, who answer the orders of the real policy as each job's script says.

use assay_kernel::{machine::Machine, validate::Limits};
use assay_primitives::{
    AccountId, JobId,
    duty::Missing,
    job::Work,
    mailbox::{ORDERS, Order, Orders, Reply, Step, reply_key},
};
use assay_tests::kernel;
use assay_verifier::{
    ChainingValue, Root, attestation, commit::Commitment, opening::Opening, parts::Parts, spot,
};
use polkadot_sdk::sp_runtime::offchain::storage::StorageValueRef;
use std::collections::BTreeMap;

/// The bytes of a tile.
const TILE: usize = 1_024;

/// What workers do for a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    /// Orders that nobody answers yet.
    pub(crate) unanswered: fn(&Order) -> bool,
    /// Whether all tiles of the provider are wrong.
    pub(crate) wrong: bool,
    /// Whether the provider says that the inputs cannot be had.
    pub(crate) reports: bool,
    /// Whether who looks for the inputs finds them.
    pub(crate) finds: bool,
    /// Whether verifiers attest and reveal values that they have not computed.
    pub(crate) guesses: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            unanswered: |_| false,
            wrong: false,
            reports: false,
            finds: true,
            guesses: false,
        }
    }
}

/// Who was drawn for what: a verifier, the seed of the draw and its round.
type Draw = (AccountId, [u8; 32], u32);

/// All workers, and what they keep on disk.
pub(crate) struct Workers {
    machine: Machine,
    input: Vec<u8>,
    /// The scripts of jobs that are not played as the usual one.
    pub(crate) scripts: BTreeMap<JobId, Script>,
    /// The script of all others.
    pub(crate) usual: Script,
    outputs: BTreeMap<Root, (Vec<u8>, Vec<ChainingValue>)>,
    attested: BTreeMap<Draw, Vec<ChainingValue>>,
}

impl Workers {
    pub(crate) fn new() -> Self {
        Self {
            machine: Machine::new(&kernel::kernel(), &Limits::DEFAULT).expect("a valid kernel"),
            input: kernel::input(),
            scripts: BTreeMap::new(),
            usual: Script::default(),
            outputs: BTreeMap::new(),
            attested: BTreeMap::new(),
        }
    }

    /// Answers the orders that have no answer yet. Says whether there were any.
    pub(crate) fn answer(&mut self) -> bool {
        let orders: Orders = StorageValueRef::persistent(ORDERS)
            .get()
            .expect("the policy encodes what workers decode")
            .unwrap_or_default();
        let mut answered = false;
        for order in orders.orders {
            let key = reply_key(&order);
            let place = StorageValueRef::persistent(&key);
            if place.get::<Reply>().expect("a reply").is_some() {
                continue;
            }
            if let Some(reply) = self.reply(&order) {
                place.set(&reply);
                answered = true;
            }
        }
        answered
    }

    fn script(&self, job: JobId) -> Script {
        self.scripts.get(&job).copied().unwrap_or(self.usual)
    }

    fn reply(&mut self, order: &Order) -> Option<Reply> {
        let script = self.script(order.job);
        if (script.unanswered)(order) {
            return None;
        }
        let provider = &order.provider;
        match &order.step {
            Step::Consider { .. } => Some(Reply::Willing { at_least: 0 }),
            Step::Compute { .. } if script.reports => Some(Reply::Missing(Missing::Inputs)),
            Step::Compute { plan, .. } => {
                let work = plan.work(0, &[]).expect("a job has a pass");
                let root = self.compute(&work, script.wrong);
                Some(Reply::Computed { roots: vec![root] })
            }
            Step::Attest {
                seed, round, parts, ..
            } => {
                let mut values: Vec<ChainingValue> = parts
                    .iter()
                    .flat_map(|(work, tiles)| self.values(work, tiles))
                    .collect();
                if script.guesses {
                    values.fill([7; 32]);
                }
                let account: &[u8; 32] = provider.as_ref();
                let salt = salt(seed, provider);
                let commitment =
                    attestation::commitment(&values, &salt, account, order.job, *round, seed);
                self.attested
                    .insert((provider.clone(), *seed, *round), values);
                Some(Reply::Attested { commitment })
            }
            Step::Look { .. } if script.finds => Some(Reply::Found),
            Step::Look { .. } => Some(Reply::Missing(Missing::Inputs)),
            Step::Open { roots, tiles } => {
                let openings = (roots.iter().zip(tiles))
                    .map(|(root, tiles)| Opening::new(&self.outputs[root].1, tiles))
                    .collect::<Result<_, _>>();
                Some(Reply::Opened {
                    openings: openings.expect("tiles of the output"),
                })
            }
            Step::Show {
                root,
                number,
                bytes,
                ..
            } => {
                let (output, values) = &self.outputs[root];
                let from = *number as usize * TILE;
                Some(Reply::Shown {
                    opening: Opening::new(values, &[*number]).expect("a tile of the output"),
                    bytes: bytes.then(|| output[from..from + TILE].to_vec()),
                })
            }
            Step::Reveal {
                seed,
                round,
                positions,
                opened,
            } => {
                let own = &self.attested[&(provider.clone(), *seed, *round)];
                let differing = (positions.iter().zip(own).zip(opened))
                    .filter(|((_, own), opened)| own != opened)
                    .map(|((position, own), _)| (*position, *own))
                    .collect();
                Some(Reply::Revealed {
                    salt: salt(seed, provider),
                    differing,
                })
            }
            Step::Witness {
                work, number, room, ..
            } => {
                let mut machine = self.machine.clone();
                let (_, witness) =
                    spot::witness(&mut machine, &work.task(), *number, &[&self.input])
                        .expect("the kernel runs");
                let parts = Parts::split(&[&self.input], witness, *room).expect("proven pages");
                Some(Reply::Witnessed { parts })
            }
            // An output is released by serving it, and the jobs have no checker.
            Step::Release { .. } | Step::Check { .. } | Step::Audit { .. } => None,
        }
    }

    /// Computes a job, perhaps wrongly, and keeps the output.
    fn compute(&mut self, work: &Work, wrong: bool) -> Root {
        let mut output = kernel::output();
        output.truncate(work.tiles as usize * TILE);
        for byte in output.iter_mut().step_by(TILE) {
            *byte ^= u8::from(wrong);
        }
        let mut commitment = Commitment::new(work.tiles, TILE);
        commitment.push(&output).expect("whole tiles");
        let (values, root) = commitment.finish().expect("all tiles");
        self.outputs.insert(root, (output, values));
        root
    }

    fn values(&self, work: &Work, tiles: &[u32]) -> Vec<ChainingValue> {
        let words = spot::words(&self.input);
        spot::values(&self.machine, &work.task(), tiles, &[&words], || {}).expect("the kernel runs")
    }
}

/// A salt that a verifier finds again.
fn salt(seed: &[u8; 32], verifier: &AccountId) -> [u8; 32] {
    let verifier: &[u8; 32] = verifier.as_ref();
    *blake3::Hasher::new()
        .update(seed)
        .update(verifier)
        .finalize()
        .as_bytes()
}
