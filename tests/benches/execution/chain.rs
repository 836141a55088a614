// SPDX-License-Identifier: Apache-2.0
//! The runtime's wasm, called as a node calls it.

use crate::cases::Case;
use anyhow::{Context, Result};
use assay_kernel::{Kernel, cost};
use assay_primitives::api::{Execution, ExecutionError};
use assay_runtime::{Runtime, WASM_BINARY};
use assay_verifier::witness::Witness;
use codec::{Decode, Encode};
use pallet_verifier::WeightInfo;
use polkadot_sdk::{
    frame_support::weights::constants::WEIGHT_REF_TIME_PER_MILLIS,
    sc_executor::WasmExecutor,
    sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
    sp_io::{SubstrateHostFunctions, TestExternalities},
};

/// The runtime, ready to be called.
pub(crate) struct Chain {
    executor: WasmExecutor<SubstrateHostFunctions>,
    code: WrappedRuntimeCode<'static>,
    hash: Vec<u8>,
}

impl Chain {
    pub(crate) fn new() -> Result<Self> {
        let wasm = WASM_BINARY.context("the runtime was built without its wasm")?;
        Ok(Self {
            executor: WasmExecutor::builder().build(),
            code: WrappedRuntimeCode(wasm.into()),
            hash: blake3::hash(wasm).as_bytes().to_vec(),
        })
    }

    /// Re-executes a tile as an adjudication does.
    pub(crate) fn execute(&self, case: &Case, witness: &Witness) -> Result<Execution> {
        let arguments = (case.kernel.encode(), &case.work, case.tile, witness).encode();
        let code = RuntimeCode {
            code_fetcher: &self.code,
            heap_pages: None,
            hash: self.hash.clone(),
        };
        let mut state = TestExternalities::default();
        let (answer, _) = self.executor.call(
            &mut state.ext(),
            &code,
            "ExecutionApi_execute",
            &arguments,
            CallContext::Offchain,
        );
        let answer: Result<Execution, ExecutionError> = Decode::decode(&mut answer?.as_slice())?;
        answer.map_err(|error| anyhow::anyhow!("{error:?}"))
    }
}

/// The weight of judging a tile that is right, in milliseconds.
pub(crate) fn charged(fuel: u64, kernel: &Kernel, witness_bytes: usize) -> f64 {
    let fuel = fuel + cost::ready(kernel.encoded_size());
    let uphold = <Runtime as pallet_verifier::Config>::WeightInfo::uphold;
    let weight = pallet_verifier::Pallet::<Runtime>::weight_of(uphold, fuel, witness_bytes, 0);
    weight.ref_time() as f64 / WEIGHT_REF_TIME_PER_MILLIS as f64
}
