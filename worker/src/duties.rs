// SPDX-License-Identifier: Apache-2.0
//! Carries out the orders of the runtime's off-chain worker.
//!
//! Each order is worked on once at a time; what it needs afterwards is on disk before its reply is written, so
//! the process may be stopped anywhere and goes on where it was. Verifying runs on the virtual machine
//! beside a computation, never behind it.

mod auditing;
mod computing;
mod running;
mod sparse;
mod verifying;

use crate::{
    Config,
    activity::ActivityMonitor,
    engine::{Engine, EngineError},
    mailbox::Mailbox,
    outputs::Outputs,
    signing_guard::{GuardError, SigningGuard},
    store::{Endpoint, Store, StoreError},
};
use assay_kernel::{Kernel, validate::Limits};
use assay_primitives::{
    BlockNumber, JobId,
    duty::Missing,
    job::{self, Address, Work},
    mailbox::{Order, Reply, Step, reply_key},
};
use assay_verifier::{Root, spot, witness::InputRef};
use codec::DecodeAll;
use std::{
    collections::HashSet,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How often orders are looked at besides when a block comes.
const TICK: Duration = Duration::from_millis(500);

/// What the worker asks the node.
pub trait Chain: Send + Sync {
    /// The encoded bytecode of a registered kernel.
    fn kernel(&self, hash: Root) -> Option<Vec<u8>>;
}

/// Why an order could not be carried out. It is tried again as long as it stands.
#[derive(Debug, thiserror::Error)]
pub enum DutyError {
    /// The chain does not have the kernel, or not a valid one.
    #[error("the kernel {0} is not registered, or not valid")]
    Kernel(String),
    /// An input is not to be had.
    #[error("an input is not to be had: {0}")]
    Store(#[from] StoreError),
    /// The job could not be computed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine computed something else than the virtual machine.
    #[error("{engine} computed tile {tile} wrong: the result is thrown away; test the adapter")]
    Faulty {
        /// Its name.
        engine: String,
        /// Which.
        tile: u32,
    },
    /// A tile could not be re-executed.
    #[error("a tile cannot be re-executed: {0}")]
    Machine(String),
    /// The own output is not there any more.
    #[error("the output of job {0} is not there; it is computed again")]
    OutputMissing(JobId),
    /// What was attested is not there.
    #[error("what was attested for job {0} is not there")]
    AttestationMissing(JobId),
    /// The answer would contradict an earlier one.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A file failed.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// A provider's worker.
pub struct Worker {
    config: Config,
    chain: Arc<dyn Chain>,
    mailbox: Mailbox,
    store: Store,
    engine: Arc<dyn Engine>,
    outputs: Outputs,
    guard: SigningGuard,
    activity: ActivityMonitor,
    /// Computations wait for each other: the engine is one.
    computing: tokio::sync::Mutex<()>,
    /// The orders that are being worked on, by the keys of their replies.
    busy: Mutex<HashSet<Vec<u8>>>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Worker")
            .field("config", &self.config)
            .field("engine", &self.engine.name())
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// Over a node's mailbox, a store and an engine.
    pub fn new(
        config: Config,
        chain: Arc<dyn Chain>,
        mailbox: Mailbox,
        store: Store,
        engine: Arc<dyn Engine>,
    ) -> io::Result<Self> {
        Ok(Self {
            outputs: Outputs::open(&config.folder.join("outputs"))?,
            guard: SigningGuard::open(&config.folder.join("signed"))?,
            config,
            chain,
            mailbox,
            store,
            engine,
            activity: ActivityMonitor::default(),
            computing: tokio::sync::Mutex::new(()),
            busy: Mutex::default(),
        })
    }

    /// What the worker is doing.
    pub fn activity(&self) -> ActivityMonitor {
        self.activity.clone()
    }

    /// Works until the task is dropped.
    pub async fn run(self: Arc<Self>) {
        loop {
            self.look();
            tokio::time::sleep(TICK).await;
        }
    }

    /// Starts on every order that has no reply and that nobody works on.
    pub fn look(self: &Arc<Self>) {
        for order in self.mailbox.orders().orders {
            let key = reply_key(&order);
            if self.mailbox.reply(&order).is_some() || !self.start(&key) {
                continue;
            }
            let worker = self.clone();
            tokio::spawn(async move {
                let job = order.job;
                match worker.carry_out(&order).await {
                    Ok(Some(reply)) => worker.mailbox.put_reply(&order, &reply),
                    // A release has no reply; once done it stays done until the node restarts.
                    Ok(None) => return,
                    Err(error) => {
                        log::warn!(target: "assay::worker", "job {job}: {error}; trying again");
                        tokio::time::sleep(TICK * 4).await;
                    }
                }
                worker.finish(&key);
            });
        }
    }

    fn start(&self, key: &[u8]) -> bool {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(key.to_vec())
    }

    fn finish(&self, key: &[u8]) {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(key);
    }

    async fn carry_out(&self, order: &Order) -> Result<Option<Reply>, DutyError> {
        let Order {
            job,
            provider,
            step,
        } = order;
        match step {
            Step::Consider {
                plan,
                fuel,
                compute,
                ceiling,
                sources,
            } => {
                let reply = self
                    .consider(plan, *fuel, *compute, *ceiling, sources)
                    .await?;
                Ok(Some(reply))
            }
            Step::Compute {
                plan,
                give_up,
                sources,
                ..
            } => {
                let computed = self.compute(*job, provider, plan, sources).await;
                let reply = computed.map(|roots| Reply::Computed { roots });
                self.or_missing(reply, &plan.inputs, *give_up).map(Some)
            }
            Step::Attest {
                seed,
                round,
                parts,
                inputs,
                give_up,
                sources,
            } => {
                let attested = self
                    .attest(*job, provider, seed, *round, parts, sources)
                    .await;
                let reply = attested.map(|commitment| Reply::Attested { commitment });
                self.or_missing(reply, inputs, *give_up).map(Some)
            }
            Step::Look {
                inputs,
                give_up,
                sources,
                ..
            } => {
                let found = self.look_for(inputs, sources).await;
                let reply = found.map(|()| Reply::Found);
                self.or_missing(reply, inputs, *give_up).map(Some)
            }
            Step::Show {
                root,
                number,
                bytes,
                ..
            } => {
                let (opening, bytes) = self.show(*job, root, *number, *bytes)?;
                Ok(Some(Reply::Shown { opening, bytes }))
            }
            Step::Open { roots, tiles } => {
                let openings = self.open(*job, roots, tiles)?;
                Ok(Some(Reply::Opened { openings }))
            }
            Step::Reveal {
                seed,
                round,
                positions,
                opened,
            } => {
                let (salt, differing) =
                    self.reveal(*job, provider, seed, *round, positions, opened)?;
                Ok(Some(Reply::Revealed { salt, differing }))
            }
            Step::Witness {
                work,
                number,
                room,
                sources,
                ..
            } => {
                let parts = self.witness(work, *number, *room, sources).await?;
                Ok(Some(Reply::Witnessed { parts }))
            }
            Step::Release { roots } => {
                self.release(*job, roots).await?;
                Ok(None)
            }
            Step::Check { work, sources } => {
                let wrong = self.check(work, sources).await?;
                Ok(Some(Reply::Checked { wrong }))
            }
            Step::Audit {
                plan,
                roots,
                room,
                sources,
            } => {
                let wrong = self.audit(*job, plan, roots, *room, sources).await?;
                Ok(Some(Reply::Audited { wrong }))
            }
        }
    }

    /// Says that something cannot be fetched, once it is time to.
    fn or_missing(
        &self,
        reply: Result<Reply, DutyError>,
        inputs: &[InputRef],
        give_up: BlockNumber,
    ) -> Result<Reply, DutyError> {
        match reply {
            Err(DutyError::Store(StoreError::Unavailable { hash, reasons }))
                if self.mailbox.orders().at >= give_up =>
            {
                let is_input = inputs.iter().any(|input| hex::encode(input.hash) == hash);
                let missing = match is_input {
                    true => Missing::Inputs,
                    false => Missing::Outputs,
                };
                log::warn!(target: "assay::worker", "saying that {hash} cannot be fetched: {reasons}");
                Ok(Reply::Missing(missing))
            }
            reply => reply,
        }
    }

    /// A registered kernel, checked.
    fn kernel(&self, hash: &Root) -> Result<Kernel, DutyError> {
        let unusable = || DutyError::Kernel(hex::encode(hash));
        let code = self.chain.kernel(*hash).ok_or_else(unusable)?;
        let kernel = Kernel::decode_all(&mut code.as_slice()).map_err(|_| unusable())?;
        assay_kernel::validate::validate(&kernel, &Limits::DEFAULT).map_err(|_| unusable())?;
        Ok(kernel)
    }

    /// The inputs of some work, fetched if they are not here.
    async fn inputs(
        &self,
        work: &Work,
        sources: &[job::Endpoint],
    ) -> Result<Vec<Vec<u8>>, DutyError> {
        let mut inputs = Vec::new();
        for input in &work.inputs {
            inputs.push(self.input(input, sources).await?);
        }
        Ok(inputs)
    }

    async fn input(
        &self,
        input: &InputRef,
        sources: &[job::Endpoint],
    ) -> Result<Vec<u8>, DutyError> {
        let sources: Vec<Endpoint> = sources.iter().map(endpoint).collect();
        Ok(self.store.fetch(input.hash, input.length, &sources).await?)
    }
}

/// Runs something long on a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DutyError> + Send + 'static,
) -> Result<T, DutyError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(DutyError::Machine(error.to_string())),
    }
}

/// The words of inputs.
fn words(inputs: &[Vec<u8>]) -> Vec<Vec<u32>> {
    inputs.iter().map(|bytes| spot::words(bytes)).collect()
}

/// An endpoint of the chain as the store's.
fn endpoint(endpoint: &job::Endpoint) -> Endpoint {
    let address = match endpoint.address {
        Address::V4 { ip, port } => SocketAddr::from((ip, port)),
        Address::V6 { ip, port } => SocketAddr::from((ip, port)),
    };
    Endpoint {
        key: endpoint.key,
        address,
    }
}
