// SPDX-License-Identifier: Apache-2.0
//! A network whose nodes can be parted and brought together again.
//!
//! Nodes talk to nobody but the peers that a test names, so that each side of a parted network builds its own fork.
//! With two validators neither side can finalise anything alone, and the heavier fork wins.

use crate::network::{NETWORKS, Node, ROOM, free_port};
use anyhow::{Context, Result, bail};
use assay_cli::{account, chain::Chain};
use codec::Decode;
use polkadot_sdk::sp_runtime::DigestItem;
use serde_json::Value;
use std::time::Duration;
use subxt::{
    OnlineClient, PolkadotConfig,
    config::DefaultExtrinsicParamsBuilder,
    dynamic,
    ext::scale_encode::EncodeAsFields,
    rpcs::{RpcClient, client::RpcParams},
};
use subxt_signer::sr25519::Keypair;
use tokio::sync::SemaphorePermit;

/// How long nodes may take to find each other and to agree, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// For how many blocks what a test signs is valid: longer than any fork.
const LIFETIME: u64 = 256;

/// What a node is.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// A validator with the well-known session keys of a name, such as `alice`.
    Validator(&'static str),
    /// A provider that computes on the virtual machine.
    Provider,
}

/// Nodes of the chain `local`, which Alice and Bob validate. They end with their owner.
pub struct Mesh {
    nodes: Vec<Node>,
    /// A connection to each of them.
    connections: Vec<RpcClient>,
    _room: SemaphorePermit<'static>,
}

impl std::fmt::Debug for Mesh {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Mesh")
            .field("nodes", &self.nodes.len())
            .finish()
    }
}

impl Mesh {
    /// Starts the nodes, none of which knows another.
    pub async fn start(roles: &[Role]) -> Result<Self> {
        let room = ROOM.acquire_many(NETWORKS).await?;
        let starting = roles.iter().map(|role| start(*role));
        let nodes = futures::future::try_join_all(starting).await?;
        let mut connections = Vec::new();
        for node in &nodes {
            connections.push(RpcClient::from_insecure_url(&node.url).await?);
        }
        Ok(Self {
            nodes,
            connections,
            _room: room,
        })
    }

    /// Starts one node more and returns its place; it knows no other.
    pub async fn add(&mut self, role: Role) -> Result<usize> {
        let node = start(role).await?;
        self.connections
            .push(RpcClient::from_insecure_url(&node.url).await?);
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    fn node(&self, place: usize) -> Result<&Node> {
        self.nodes.get(place).context("no such node")
    }

    /// The address of a node.
    pub fn url(&self, place: usize) -> Result<&str> {
        Ok(&self.node(place)?.url)
    }

    /// A connection to a node.
    pub async fn chain(&self, place: usize) -> Result<Chain> {
        Chain::connect(self.url(place)?).await
    }

    /// Asks a node something.
    pub async fn ask(&self, place: usize, method: &str, parameters: &[Value]) -> Result<Value> {
        let rpc = self.connections.get(place).context("no such node")?;
        let mut list = RpcParams::new();
        for parameter in parameters {
            list.push(parameter)?;
        }
        Ok(rpc.request(method, list).await?)
    }

    /// Brings nodes together, each with each, and waits until they see each other.
    pub async fn join(&self, places: &[usize]) -> Result<()> {
        for (one, other) in pairs(places, places) {
            let address = self.node(other)?.address().await?;
            self.ask(one, "system_addReservedPeer", &[address.into()])
                .await?;
        }
        for (one, other) in pairs(places, places) {
            self.wait_for_peer(one, other, true).await?;
        }
        Ok(())
    }

    /// Keeps the nodes of one side from those of the other, and waits until none sees one of the other side.
    pub async fn part(&self, side: &[usize], others: &[usize]) -> Result<()> {
        for (one, other) in pairs(side, others).chain(pairs(others, side)) {
            let peer = self.peer_id(other).await?;
            self.ask(one, "system_removeReservedPeer", &[peer.into()])
                .await?;
        }
        for (one, other) in pairs(side, others) {
            self.wait_for_peer(one, other, false).await?;
        }
        Ok(())
    }

    async fn peer_id(&self, place: usize) -> Result<String> {
        let id = self.ask(place, "system_localPeerId", &[]).await?;
        Ok(id.as_str().context("a peer id")?.into())
    }

    /// Waits until a node sees another, or no more.
    async fn wait_for_peer(&self, one: usize, other: usize, wanted: bool) -> Result<()> {
        let peer = self.peer_id(other).await?;
        self.wait("two nodes to find or to lose each other", async || {
            let peers = self.ask(one, "system_peers", &[]).await?;
            let mut peers = peers.as_array().into_iter().flatten();
            let sees = peers.any(|seen| seen["peerId"] == peer.as_str());
            Ok((sees == wanted).then_some(()))
        })
        .await
    }

    /// Looks, once a second, until there is an answer.
    pub async fn wait<T>(
        &self,
        what: &str,
        look: impl AsyncFn() -> Result<Option<T>>,
    ) -> Result<T> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if tokio::time::Instant::now() > deadline {
                bail!("waited too long for {what}:\n{}", self.logs());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Waits until a node has come to a block.
    pub async fn wait_for_block(&self, place: usize, number: u64) -> Result<()> {
        let chain = self.chain(place).await?;
        self.wait("a block", async || {
            Ok((chain.block_number().await? >= number).then_some(()))
        })
        .await
    }

    /// Kills a node without warning.
    pub fn kill(&mut self, place: usize) -> Result<()> {
        self.nodes.get_mut(place).context("no such node")?.kill()
    }

    /// Starts a node that was killed; it knows no other again.
    pub async fn revive(&mut self, place: usize) -> Result<()> {
        let node = self.nodes.get_mut(place).context("no such node")?;
        node.restart().await?;
        let connection = RpcClient::from_insecure_url(&node.url).await?;
        if let Some(lost) = self.connections.get_mut(place) {
            *lost = connection;
        }
        Ok(())
    }

    /// Registers the worker of a provider's node for a stash.
    pub async fn register(&self, place: usize, stash: &str) -> Result<()> {
        let node = self.node(place)?;
        node.register(stash).await.with_context(|| self.logs())
    }

    /// The weight of a node's best chain, by which BABE chooses between forks, and its length: how many of its blocks
    /// won their slot, and how many there are.
    pub async fn weight(&self, place: usize) -> Result<(u32, u64)> {
        let (mut primary, mut length) = (0, 0);
        let mut header = self.ask(place, "chain_getHeader", &[]).await?;
        while header["number"] != "0x0" {
            length += 1;
            primary += u32::from(is_primary(&header)?);
            let parent = header["parentHash"].clone();
            header = self.ask(place, "chain_getHeader", &[parent]).await?;
        }
        Ok((primary, length))
    }

    /// Waits until a node has finalised a block.
    pub async fn wait_for_finality(&self, place: usize, number: u64) -> Result<()> {
        self.wait("finality", async || {
            let finalised = self.ask(place, "chain_getFinalizedHead", &[]).await?;
            let header = self.ask(place, "chain_getHeader", &[finalised]).await?;
            let hex = header["number"].as_str().context("a number")?;
            let reached = u64::from_str_radix(hex.trim_start_matches("0x"), 16)?;
            Ok((reached >= number).then_some(()))
        })
        .await
    }

    /// Signs a call for longer than any fork lasts and submits it through a node.
    pub async fn submit(
        &self,
        place: usize,
        signer: &Keypair,
        pallet: &str,
        call: &str,
        arguments: impl EncodeAsFields,
    ) -> Result<()> {
        let client = OnlineClient::<PolkadotConfig>::from_insecure_url(self.url(place)?).await?;
        // The nonce that follows what is in the pool already: the client would take that of the last final block.
        let account = account::of(signer).to_string();
        let nonce = self
            .ask(place, "system_accountNextIndex", &[account.into()])
            .await?;
        let parameters = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new()
            .nonce(nonce.as_u64().context("a nonce")?)
            .mortal(LIFETIME)
            .build();
        client
            .at_current_block()
            .await?
            .transactions()
            .sign_and_submit(
                &dynamic::transaction(pallet, call, arguments),
                signer,
                parameters,
            )
            .await
            .with_context(|| format!("the node refused {pallet}.{call}"))?;
        Ok(())
    }

    /// The ends of all nodes' logs.
    pub fn logs(&self) -> String {
        self.nodes.iter().map(Node::log_tail).collect()
    }
}

/// Starts a node of the chain `local`.
async fn start(role: Role) -> Result<Node> {
    let listen = format!("/ip4/127.0.0.1/tcp/{}", free_port()?);
    let mut arguments = vec![
        "--reserved-only",
        // The other backend keeps a peer that is reserved no more, as long as it has room.
        "--network-backend",
        "libp2p",
        "--no-mdns",
        "--allow-private-ip",
        "--listen-addr",
        &listen,
    ];
    let name;
    match role {
        Role::Validator(account) => {
            name = format!("--{account}");
            arguments.extend([
                name.as_str(),
                "--validator",
                // Each side of a parted network goes on, even when it is a single node.
                "--force-authoring",
                "--unsafe-force-node-key-generation",
            ]);
        }
        Role::Provider => arguments.extend(["--provider", "--provider-engine", "machine"]),
    }
    Node::start("local", &arguments).await
}

/// All ordered pairs of two different nodes, one of each side.
fn pairs(side: &[usize], others: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    side.iter()
        .flat_map(move |one| others.iter().map(move |other| (*one, *other)))
        .filter(|(one, other)| one != other)
}

/// Whether the author of a block won its slot in the lottery; others are made by who stands in.
fn is_primary(header: &Value) -> Result<bool> {
    for log in header["digest"]["logs"].as_array().into_iter().flatten() {
        let hex = log.as_str().context("a digest in hex")?;
        let bytes = hex::decode(hex.trim_start_matches("0x"))?;
        if let DigestItem::PreRuntime(_, slot) = DigestItem::decode(&mut bytes.as_slice())? {
            return Ok(slot.first() == Some(&1));
        }
    }
    bail!("every block tells its slot: {header}")
}
