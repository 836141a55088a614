// SPDX-License-Identifier: Apache-2.0
//! A network of real node processes on loopback.

use anyhow::{Context, Result, bail};
use assay_cli::chain::Chain;
use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use subxt::rpcs::{RpcClient, client::RpcParams};
use tempfile::TempDir;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

/// How long a node may take to answer, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How many small networks run at a time. Their nodes wait more than they work.
pub(crate) const NETWORKS: u32 = 2;

/// What is left of these: a small network takes one, a large one all.
pub(crate) static ROOM: Semaphore = Semaphore::const_new(NETWORKS as usize);

/// One validator and some providers with their own keys; ends with its owner.
pub struct Network {
    validator: Node,
    providers: Vec<Node>,
    _room: SemaphorePermit<'static>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Network")
            .field("providers", &self.providers.len())
            .finish()
    }
}

/// A process of the node, on a folder of its own.
pub(crate) struct Node {
    process: Child,
    pub(crate) url: String,
    folder: TempDir,
    arguments: Vec<String>,
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself; the folder goes either way.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Where something lies that was built for tests to use.
fn built(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.ancestors().nth(2);
    let folder = folder.context("a test lies in target/<profile>/deps")?;
    Ok(folder.join(name))
}

/// A program of this workspace, built by `cargo build`.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = built(name)?;
    if !path.exists() {
        bail!(
            "{} is not built: run `cargo build --release --workspace` first",
            path.display()
        );
    }
    Ok(path)
}

/// Starts the `assay` command on a node.
pub fn spawn_assay(url: &str, arguments: &[&str], log: &Path) -> Result<Child> {
    let log = std::fs::File::create(log)?;
    Ok(Command::new(program("assay")?)
        .args(["--url", url])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?)
}

/// The full specifications of chains, by the names or files that nodes know them by.
static SPECIFICATIONS: Mutex<BTreeMap<String, String>> = Mutex::const_new(BTreeMap::new());

/// The full specification of a chain. A node that has only its name works it out by itself, at each start, and compiles the
/// runtime for that.
async fn specification_of(chain: &str) -> Result<String> {
    let mut known = SPECIFICATIONS.lock().await;
    if let Some(specification) = known.get(chain) {
        return Ok(specification.clone());
    }
    let exported = tokio::process::Command::new(program("assay-node")?)
        .args(["export-chain-spec", "--raw", "--chain", chain])
        .output()
        .await?;
    if !exported.status.success() {
        bail!(
            "there is no specification of {chain}: {}",
            String::from_utf8_lossy(&exported.stderr)
        );
    }
    let specification = String::from_utf8(exported.stdout)?;
    known.insert(chain.into(), specification.clone());
    Ok(specification)
}

/// A port that is free now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Node {
    pub(crate) async fn start(chain: &str, arguments: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let specification = folder.path().join("chain.json");
        tokio::fs::write(&specification, specification_of(chain).await?).await?;
        let port = free_port()?;
        // Of all nodes of all networks only the first has to compile the runtime.
        let compiled_path = built("compiled")?;
        let own = [
            "--chain",
            specification.to_str().context("a path in UTF-8")?,
            "--rpc-port",
            &port.to_string(),
            "--no-prometheus",
            "--no-telemetry",
            "--base-path",
            folder.path().to_str().context("a path in UTF-8")?,
            "--compiled-path",
            compiled_path.to_str().context("a path in UTF-8")?,
        ];
        let arguments: Vec<String> = own
            .iter()
            .chain(arguments)
            .map(|argument| (*argument).into())
            .collect();
        let mut node = Self {
            process: Self::spawn(&arguments, folder.path())?,
            url: format!("ws://127.0.0.1:{port}"),
            folder,
            arguments,
        };
        node.wait_until_ready().await?;
        Ok(node)
    }

    fn spawn(arguments: &[String], folder: &Path) -> Result<Child> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("log"))?;
        Ok(Command::new(program("assay-node")?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?)
    }

    /// Kills the process without warning.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Kills the process, if it still runs, and starts it again on the same folder.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.process = Self::spawn(&self.arguments, self.folder.path())?;
        self.wait_until_ready().await
    }

    /// A provider that computes on the GPU, or what acts as one.
    async fn start_provider(chain: &str, validator: &str) -> Result<Self> {
        let arguments = [
            "--provider",
            "--bootnodes",
            validator,
            "--listen-addr",
            "/ip4/127.0.0.1/tcp/0",
            "--no-mdns",
            "--allow-private-ip",
        ];
        Self::start(chain, &arguments).await
    }

    /// Where it listens, with its peer id.
    pub(crate) async fn address(&self) -> Result<String> {
        let rpc = RpcClient::from_insecure_url(&self.url).await?;
        let addresses: Vec<String> = rpc
            .request("system_localListenAddresses", RpcParams::new())
            .await?;
        let mut addresses = addresses.into_iter();
        let local = addresses.find(|address| address.starts_with("/ip4/127.0.0.1/"));
        local.context("a node listens on loopback")
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if Chain::connect(&self.url).await.is_ok() {
                return Ok(());
            }
            let ended = self.process.try_wait()?;
            if ended.is_some() || tokio::time::Instant::now() > deadline {
                bail!("a node does not answer ({ended:?}):\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.log();
        let tail: Vec<_> = log.lines().rev().take(40).collect();
        format!(
            "--- {}\n{}\n",
            self.url,
            tail.into_iter().rev().collect::<Vec<_>>().join("\n")
        )
    }

    /// Registers its worker for a stash, with a stake of 1,000 tokens.
    pub(crate) async fn register(&self, stash: &str) -> Result<()> {
        let output = tokio::process::Command::new(program("assay")?)
            .args(["--url", &self.url, "provider", "register"])
            .args(["--stash", stash, "--stake", "1000"])
            .stdin(Stdio::null())
            .output()
            .await?;
        if !output.status.success() {
            bail!(
                "the provider could not be registered: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }
}

impl Network {
    /// Starts a validator and registers a provider for each stash.
    pub async fn start(stashes: &[&str]) -> Result<Self> {
        Self::start_on("dev", stashes).await
    }

    /// The same on a chain of a name or of a specification in a file.
    pub async fn start_on(chain: &str, stashes: &[&str]) -> Result<Self> {
        let room = ROOM.acquire().await?;
        let arguments = [
            "--alice",
            "--validator",
            "--force-authoring",
            "--unsafe-force-node-key-generation",
            "--listen-addr",
            "/ip4/127.0.0.1/tcp/0",
            // Its nodes know it by its address, and those of other networks do not.
            "--no-mdns",
        ];
        let validator = Node::start(chain, &arguments).await?;
        let address = validator.address().await?;
        let mut network = Self {
            validator,
            providers: Vec::new(),
            _room: room,
        };
        let starting = stashes
            .iter()
            .map(|_| Node::start_provider(chain, &address));
        network.providers = futures::future::try_join_all(starting).await?;
        let registering = network
            .providers
            .iter()
            .zip(stashes)
            .map(|(node, stash)| network.register(node, stash));
        futures::future::try_join_all(registering).await?;
        Ok(network)
    }

    /// Registers the worker of a provider's node.
    async fn register(&self, node: &Node, stash: &str) -> Result<()> {
        // A transaction is only valid on a chain that the node has already caught up with.
        self.wait_for_block(&node.url, 2).await?;
        node.register(stash).await.with_context(|| self.logs())
    }

    /// Waits until a node has come to a block.
    pub async fn wait_for_block(&self, url: &str, number: u64) -> Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while Chain::connect(url).await?.block_number().await? < number {
            if tokio::time::Instant::now() > deadline {
                bail!("{url} does not reach block {number}:\n{}", self.logs());
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    }

    /// Kills a provider's node, by the place of its stash at the start, and starts it again.
    pub async fn restart_provider(&mut self, place: usize) -> Result<()> {
        let node = self.providers.get_mut(place).context("no such provider")?;
        node.restart().await
    }

    /// A connection to a provider's node, by the place of its stash at the start.
    pub async fn provider(&self, place: usize) -> Result<Chain> {
        let node = self.providers.get(place).context("no such provider")?;
        Chain::connect(&node.url).await
    }

    /// The validator's address.
    pub fn url(&self) -> &str {
        &self.validator.url
    }

    /// The providers' addresses.
    pub fn provider_urls(&self) -> impl Iterator<Item = &str> {
        self.providers.iter().map(|node| node.url.as_str())
    }

    /// A connection to the validator.
    pub async fn chain(&self) -> Result<Chain> {
        Chain::connect(self.url()).await
    }

    /// Starts the `assay` command on the validator's node.
    pub fn spawn_assay(&self, arguments: &[&str], log: &Path) -> Result<Child> {
        spawn_assay(self.url(), arguments, log)
    }

    /// Runs the `assay` command on the validator's node to its end: whether it succeeded, and what it said.
    pub async fn assay(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let output = tokio::process::Command::new(program("assay")?)
            .args(["--url", self.url()])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .await?;
        let said = [output.stdout, output.stderr].concat();
        Ok((
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        ))
    }

    /// The ends of all nodes' logs.
    pub fn logs(&self) -> String {
        let nodes = std::iter::once(&self.validator).chain(&self.providers);
        nodes.map(Node::log_tail).collect()
    }
}
