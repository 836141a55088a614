// SPDX-License-Identifier: Apache-2.0
//! The runtime's wasm on a state whose reads and writes are counted.

use anyhow::{Result, anyhow};
use assay_runtime::RuntimeGenesisConfig;
use codec::{Decode, Encode};
use polkadot_sdk::{
    frame_benchmarking::{
        BenchmarkBatch, BenchmarkConfig, BenchmarkList, BenchmarkParameter, BenchmarkResult,
        benchmarking,
    },
    frame_support::traits::StorageInfo,
    sc_client_db::BenchmarkingState,
    sc_executor::WasmExecutor,
    sp_core::traits::{CallContext, RuntimeCode, WrappedRuntimeCode},
    sp_externalities::Extensions,
    sp_io::SubstrateHostFunctions,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
    sp_runtime::{BuildStorage, traits::BlakeTwo256},
    sp_state_machine::StateMachine,
};

type State = BenchmarkingState<BlakeTwo256>;

/// The runtime with its benchmarks, ready to be called.
pub(crate) struct Chain {
    executor: WasmExecutor<(SubstrateHostFunctions, benchmarking::HostFunctions)>,
    code: WrappedRuntimeCode<'static>,
    hash: Vec<u8>,
    /// Counts what is read and written, and records the proof of it.
    tracked: State,
    /// Does neither, and so takes no longer than a node's.
    timed: State,
}

impl Chain {
    pub(crate) fn new(wasm: Vec<u8>) -> Result<Self> {
        let genesis = RuntimeGenesisConfig::default()
            .build_storage()
            .map_err(|error| anyhow!(error))?;
        let state = |tracked: bool| {
            State::new(genesis.clone(), None, tracked, tracked).map_err(|error| anyhow!(error))
        };
        Ok(Self {
            executor: WasmExecutor::builder().build(),
            hash: blake3::hash(&wasm).as_bytes().to_vec(),
            code: WrappedRuntimeCode(wasm.into()),
            tracked: state(true)?,
            timed: state(false)?,
        })
    }

    fn call<Answer: Decode>(&self, state: &State, function: &str, input: &[u8]) -> Result<Answer> {
        let code = RuntimeCode {
            code_fetcher: &self.code,
            heap_pages: None,
            hash: self.hash.clone(),
        };
        let mut extensions = Extensions::default();
        extensions.register(KeystoreExt::new(MemoryKeystore::new()));
        let answer = StateMachine::new(
            state,
            &mut Default::default(),
            &self.executor,
            function,
            input,
            &mut extensions,
            &code,
            CallContext::Offchain,
        )
        .execute()
        .map_err(|error| anyhow!("{function}: {error}"))?;
        Ok(Decode::decode(&mut answer.as_slice())?)
    }

    /// What there is to measure.
    pub(crate) fn benchmarks(&self) -> Result<Vec<BenchmarkList>> {
        let (lists, _): (Vec<BenchmarkList>, Vec<StorageInfo>) =
            self.call(&self.timed, "Benchmark_benchmark_metadata", &false.encode())?;
        Ok(lists)
    }

    /// Runs a benchmark so many times; not timed, if that is none, but checked and with its storage accesses counted.
    pub(crate) fn run(
        &self,
        pallet: &[u8],
        instance: &[u8],
        benchmark: &[u8],
        components: &[(BenchmarkParameter, u32)],
        repeats: u32,
    ) -> Result<Vec<BenchmarkResult>> {
        let config = |verify: bool| BenchmarkConfig {
            pallet: pallet.to_vec(),
            instance: instance.to_vec(),
            benchmark: benchmark.to_vec(),
            selected_components: components.to_vec(),
            verify,
            internal_repeats: repeats.max(1),
        };
        let dispatch = |state: &State, verify: bool| -> Result<Vec<BenchmarkBatch>> {
            let input = config(verify).encode();
            let answer: Result<Vec<BenchmarkBatch>, String> =
                self.call(state, "Benchmark_dispatch_benchmark", &input)?;
            answer.map_err(|error| anyhow!(error))
        };
        let batches = match repeats {
            0 => {
                dispatch(&self.timed, true)?;
                dispatch(&self.tracked, false)?
            }
            _ => dispatch(&self.timed, false)?,
        };
        Ok(batches
            .into_iter()
            .flat_map(|batch| batch.results)
            .collect())
    }
}
