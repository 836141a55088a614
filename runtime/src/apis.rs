// SPDX-License-Identifier: Apache-2.0
//! What clients and the node can ask the runtime.

use crate::{
    AccountId, AuthorityDiscovery, Babe, Balance, Block, BlockNumber, Executive, Grandpa,
    Historical, InherentDataExt, Jobs, Nonce, Providers, Runtime, RuntimeCall,
    RuntimeGenesisConfig, SessionKeys, Slashing, System, TransactionPayment, VERSION, Verifier,
    configs::{
        assay::KernelLimits,
        consensus::{BABE_EPOCH_CONFIG, EPOCH_SLOTS},
        system::RuntimeBlockWeights,
    },
    genesis_config_presets,
};
use alloc::vec::Vec;
use assay_kernel::{Kernel, machine::RunError};
use assay_primitives::{
    JobId,
    api::{
        DeferralView, DelegationView, DemandView, DrawView, Execution, ExecutionError, JobView,
        KernelView, ProviderView, Quote, QuoteError, RuleView,
    },
    duty::WorkerId,
    job::{JobSpec, Work},
};
use assay_verifier::{
    Root,
    execution::{ReplayError, replay},
    sampling::Assurance,
    witness::Witness,
};
use codec::{DecodeAll, Encode};
use frame_support::{
    dispatch::DispatchClass,
    genesis_builder_helper::{build_state, get_preset},
    traits::KeyOwnerProofSystem,
    weights::Weight,
};
#[cfg(feature = "runtime-benchmarks")]
use polkadot_sdk::frame_benchmarking;
#[cfg(feature = "try-runtime")]
use polkadot_sdk::frame_try_runtime;
use polkadot_sdk::{
    frame_support, frame_system_rpc_runtime_api, pallet_transaction_payment,
    pallet_transaction_payment_rpc_runtime_api, sp_api, sp_authority_discovery, sp_block_builder,
    sp_consensus_babe, sp_consensus_grandpa, sp_core, sp_genesis_builder, sp_inherents,
    sp_offchain, sp_runtime, sp_session, sp_transaction_pool, sp_version,
};
use sp_core::{OpaqueMetadata, crypto::KeyTypeId};
use sp_runtime::{
    ApplyExtrinsicResult, ExtrinsicInclusionMode,
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
};

sp_api::impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> sp_version::RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block);
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            id: frame_support::view_functions::ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(
            data: sp_inherents::InherentData,
        ) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Runtime {
        fn configuration() -> sp_consensus_babe::BabeConfiguration {
            let epoch_config = Babe::epoch_config().unwrap_or(BABE_EPOCH_CONFIG);
            sp_consensus_babe::BabeConfiguration {
                slot_duration: Babe::slot_duration(),
                epoch_length: EPOCH_SLOTS,
                c: epoch_config.c,
                authorities: Babe::authorities().to_vec(),
                randomness: Babe::randomness(),
                allowed_slots: epoch_config.allowed_slots,
            }
        }

        fn current_epoch_start() -> sp_consensus_babe::Slot {
            Babe::current_epoch_start()
        }

        fn current_epoch() -> sp_consensus_babe::Epoch {
            Babe::current_epoch()
        }

        fn next_epoch() -> sp_consensus_babe::Epoch {
            Babe::next_epoch()
        }

        fn generate_key_ownership_proof(
            _slot: sp_consensus_babe::Slot,
            authority_id: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Babe::submit_unsigned_equivocation_report(
                equivocation_proof,
                key_owner_proof.decode()?,
            )
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            Grandpa::current_set_id()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<
                <Block as BlockT>::Hash,
                NumberFor<Block>,
            >,
            key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Grandpa::submit_unsigned_equivocation_report(
                equivocation_proof,
                key_owner_proof.decode()?,
            )
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority_id: sp_consensus_grandpa::AuthorityId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }
    }

    impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Runtime {
        fn authorities() -> Vec<sp_authority_discovery::AuthorityId> {
            AuthorityDiscovery::authorities()
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(
            owner: Vec<u8>,
            seed: Option<Vec<u8>>,
        ) -> sp_session::OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance>
        for Runtime
    {
        fn query_info(
            xt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(xt, len)
        }

        fn query_fee_details(
            xt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_fee_details(xt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<
        Block,
        Balance,
        RuntimeCall,
    > for Runtime {
        fn query_call_info(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis_config_presets::get_preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis_config_presets::preset_names()
        }
    }

    impl assay_primitives::api::JobsApi<Block> for Runtime {
        fn job(id: JobId) -> Option<JobView> {
            Jobs::job_view(id)
        }

        fn jobs(before: Option<JobId>, limit: u32) -> Vec<JobView> {
            Jobs::job_views(before, limit)
        }

        fn quote(spec: JobSpec<Balance, BlockNumber>) -> Result<Quote, QuoteError> {
            Jobs::quote(&spec)
        }

        fn kernel(hash: Root) -> Option<KernelView> {
            Jobs::kernel_view(&hash)
        }

        fn samples(assurance: Assurance, tiles: u32) -> u32 {
            assay_verifier::sampling::samples(assurance, tiles)
        }
    }

    impl assay_primitives::api::VerificationApi<Block> for Runtime {
        fn draw(job: JobId) -> Option<DrawView> {
            Verifier::draw_of(job)
        }

        fn demands(job: JobId) -> Vec<DemandView> {
            Verifier::demands_of(job)
        }

        fn demand_fee(bytes: bool) -> Balance {
            Verifier::demand_fee(bytes)
        }
    }

    impl assay_primitives::api::SlashingApi<Block> for Runtime {
        fn rules() -> Vec<RuleView> {
            Slashing::rules()
        }

        fn deferrals() -> Vec<DeferralView> {
            Slashing::deferrals()
        }
    }

    impl assay_primitives::api::ExecutionApi<Block> for Runtime {
        fn execute(code: Vec<u8>, work: Work, tile: u32, witness: Witness) -> Result<Execution, ExecutionError> {
            let kernel = Kernel::decode_all(&mut code.as_slice()).map_err(|_| ExecutionError::KernelMalformed)?;
            let task = work.task();
            let limits = KernelLimits::get();
            match replay(&kernel, &limits, &task, tile, &work.inputs, &witness) {
                Ok(computed) => Ok(Execution {
                    value: computed.value,
                    fuel: computed.fuel,
                }),
                Err(ReplayError::Kernel(_)) => Err(ExecutionError::KernelInvalid),
                Err(ReplayError::Witness(_)) => Err(ExecutionError::BadWitness),
                Err(ReplayError::Run(RunError::Input(_))) => Err(ExecutionError::PageMissing),
                Err(ReplayError::Run(_)) => Err(ExecutionError::UnknownTile),
            }
        }

        fn adjudication_share(fuel: u64, witness_bytes: u32) -> u64 {
            let bytes = usize::try_from(witness_bytes).unwrap_or(usize::MAX);
            let weight = Verifier::adjudication_weight(fuel, bytes, 0);
            let normal = RuntimeBlockWeights::get().get(DispatchClass::Normal).max_total.unwrap_or(Weight::MAX);
            weight.ref_time().saturating_mul(1_000_000).checked_div(normal.ref_time()).unwrap_or(u64::MAX)
        }
    }

    impl assay_primitives::api::ProvidersApi<Block> for Runtime {
        fn provider(account: AccountId) -> Option<ProviderView> {
            Providers::provider_view(&account)
        }

        fn providers() -> Vec<ProviderView> {
            Providers::provider_views()
        }

        fn provider_of(worker: WorkerId) -> Option<AccountId> {
            Providers::provider_of_worker(&worker)
        }

        fn weights() -> Vec<(AccountId, Balance)> {
            Providers::weights()
        }

        fn delegations(delegator: AccountId) -> Vec<DelegationView> {
            Providers::delegation_views(&delegator)
        }

        fn heartbeat_period() -> u32 {
            Providers::heartbeat_period()
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            crate::benchmarks::list(extra)
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::run(&config)
        }
    }

    // Of a build that no node runs: what fails here is told by giving up.
    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        #[allow(clippy::expect_used, reason = "no node runs it")]
        fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
            let weight = Executive::try_runtime_upgrade(checks).expect("the upgrade is sound");
            (weight, RuntimeBlockWeights::get().max_block)
        }

        #[allow(clippy::expect_used, reason = "no node runs it")]
        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("the block is sound")
        }
    }
}
