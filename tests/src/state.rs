// SPDX-License-Identifier: Apache-2.0
//! The whole state of a node's chain, on which another runtime can be tried.

use anyhow::{Context, Result, anyhow};
use polkadot_sdk::{
    sc_executor::WasmExecutor,
    sp_core::{
        storage::{StateVersion, Storage},
        traits::{CallContext, RuntimeCode, WrappedRuntimeCode},
    },
    sp_externalities::Extensions,
    sp_io::SubstrateHostFunctions,
    sp_runtime::traits::BlakeTwo256,
    sp_state_machine::{InMemoryBackend, StateMachine},
};
use serde_json::{Value, json};
use subxt::rpcs::{RpcClient, client::RpcParams};

/// Keys that are asked for at once.
const PAGE: usize = 1_000;

/// All that a chain has stored, as of a block.
#[derive(Debug)]
pub struct State(Storage);

impl State {
    /// The state of a node's best block.
    pub async fn of(url: &str) -> Result<Self> {
        let rpc = RpcClient::from_insecure_url(url).await?;
        let ask = async |method: &str, arguments: &[Value]| -> Result<Value> {
            let mut parameters = RpcParams::new();
            for argument in arguments {
                parameters.push(argument)?;
            }
            Ok(rpc.request(method, parameters).await?)
        };
        let at = ask("chain_getBlockHash", &[]).await?;
        let mut storage = Storage::default();
        let mut last = Value::Null;
        loop {
            let arguments = [json!("0x"), json!(PAGE), last, at.clone()];
            let keys = ask("state_getKeysPaged", &arguments).await?;
            let Some(end) = keys.as_array().context("keys")?.last().cloned() else {
                return Ok(Self(storage));
            };
            let found = ask("state_queryStorageAt", &[keys, at.clone()]).await?;
            for entry in found[0]["changes"].as_array().context("values")? {
                storage.top.insert(bytes(&entry[0])?, bytes(&entry[1])?);
            }
            last = end;
        }
    }

    /// Calls a function of a runtime's wasm on the state, which stays as it was.
    pub fn call(&self, wasm: Vec<u8>, function: &str, input: &[u8]) -> Result<Vec<u8>> {
        let backend: InMemoryBackend<BlakeTwo256> = (self.0.clone(), StateVersion::V1).into();
        let executor = WasmExecutor::<SubstrateHostFunctions>::builder().build();
        let hash = blake3::hash(&wasm).as_bytes().to_vec();
        let code = WrappedRuntimeCode(wasm.into());
        let code = RuntimeCode {
            code_fetcher: &code,
            heap_pages: None,
            hash,
        };
        StateMachine::new(
            &backend,
            &mut Default::default(),
            &executor,
            function,
            input,
            &mut Extensions::default(),
            &code,
            CallContext::Offchain,
        )
        .execute()
        .map_err(|error| anyhow!("{function}: {error}"))
    }
}

fn bytes(text: &Value) -> Result<Vec<u8>> {
    let text = text.as_str().context("bytes in hex")?;
    Ok(hex::decode(text.trim_start_matches("0x"))?)
}
