// SPDX-License-Identifier: Apache-2.0
//! The shape of an extrinsic, and how the off-chain worker makes one.

use crate::{
    AccountId, AllPalletsWithSystem, BlockNumber, Runtime, RuntimeCall, Signature, System,
};
use assay_primitives::duty::WorkerId;
use codec::Encode;
use polkadot_sdk::{
    frame_executive, frame_metadata_hash_extension, frame_system, pallet_transaction_payment,
    sp_application_crypto::RuntimeAppPublic, sp_core, sp_io, sp_runtime,
};
use sp_runtime::{
    MultiAddress, OpaqueExtrinsic,
    generic::{self, Era},
    traits::{BlakeTwo256, SaturatedConversion},
};

/// How often an account has signed.
pub type Nonce = u32;

/// How an extrinsic names an account.
pub type Address = MultiAddress<AccountId, ()>;

/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;

/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// A block whose extrinsics are mere bytes, as the client handles it.
pub type OpaqueBlock = generic::Block<Header, OpaqueExtrinsic>;

/// What is checked and charged around a call, in this order.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckMortality<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// An extrinsic.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What an account signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Applies blocks to the state.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

/// For how many blocks a transaction of the off-chain worker is valid.
const LIFETIME: u64 = 32;

/// The extensions of a transaction, neither tipped nor bound to a metadata hash.
pub fn extension(era: Era, nonce: Nonce) -> TxExtension {
    (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckMortality::from(era),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    )
}

impl<Call> frame_system::offchain::CreateTransactionBase<Call> for Runtime
where
    RuntimeCall: From<Call>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

/// Reports of equivocations carry their proof, and are neither signed nor extended.
impl<Call> frame_system::offchain::CreateBare<Call> for Runtime
where
    RuntimeCall: From<Call>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}

/// The transaction of a call that carries its own authorization: no account signs it, none pays.
pub fn authorized(call: RuntimeCall) -> UncheckedExtrinsic {
    UncheckedExtrinsic::new_transaction(call, extension(Era::Immortal, 0))
}

/// The transaction of a call signed by the account of a worker key in this node's keystore.
///
/// `ahead` is how many of its transactions are on their way already. `None` when the keystore does not
/// hold the key. Off chain only.
pub fn signed_by_worker(
    call: RuntimeCall,
    worker: &WorkerId,
    ahead: Nonce,
) -> Option<UncheckedExtrinsic> {
    let account = account_of(worker);
    let now = System::block_number()
        .saturating_sub(1)
        .saturated_into::<u64>();
    let extension = extension(
        Era::mortal(LIFETIME, now),
        System::account(&account).nonce.saturating_add(ahead),
    );
    let payload = SignedPayload::new(call, extension).ok()?;
    let signature = payload.using_encoded(|bytes| worker.sign(&bytes))?;
    let (call, extension, _) = payload.deconstruct();
    let signature = sp_core::sr25519::Signature::from(signature);
    Some(UncheckedExtrinsic::new_signed(
        call,
        Address::Id(account),
        signature.into(),
        extension,
    ))
}

/// The account that a worker key controls as a signer.
pub fn account_of(worker: &WorkerId) -> AccountId {
    AccountId::new(sp_core::sr25519::Public::from(worker.clone()).0)
}

/// Hands a transaction to this node's pool. Off chain only.
///
/// A refusal is logged and left: the next block's run tries again for as long as the chain asks.
pub fn submit(transaction: &UncheckedExtrinsic) {
    if sp_io::offchain::submit_transaction(transaction.encode()).is_err() {
        log::debug!(target: "assay::policy", "the pool did not take a transaction, or has it already");
    }
}
