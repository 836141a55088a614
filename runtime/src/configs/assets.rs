// SPDX-License-Identifier: Apache-2.0
//! Other assets that a job can be priced in, and what they are worth.

use super::money::EXISTENTIAL_DEPOSIT;
use crate::{AccountId, AssetsHolder, Balances, Runtime, RuntimeEvent, RuntimeHoldReason};
use assay_primitives::{Balance, MILLI_UNIT, UNIT, job::AssetId};
use frame_support::traits::{AsEnsureOriginWithArg, ConstU32, ConstU128};
use frame_system::{EnsureRoot, EnsureSigned};
use polkadot_sdk::{
    frame_support, frame_system, pallet_asset_rate, pallet_assets, pallet_assets_holder,
};

/// What it takes to create an asset.
const ASSET_DEPOSIT: Balance = 10 * UNIT;

/// What the storage of a name or an approval takes.
const RECORD_DEPOSIT: Balance = 100 * MILLI_UNIT;

impl pallet_assets::Config for Runtime {
    type ApprovalDeposit = ConstU128<RECORD_DEPOSIT>;
    type AssetAccountDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type AssetDeposit = ConstU128<ASSET_DEPOSIT>;
    type AssetId = AssetId;
    type AssetIdAllocator = ();
    type AssetIdParameter = AssetId;
    type Balance = Balance;
    type CallbackHandle = ();
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type Currency = Balances;
    type Extra = ();
    type ForceOrigin = EnsureRoot<AccountId>;
    type Freezer = ();
    type Holder = AssetsHolder;
    type MetadataDepositBase = ConstU128<RECORD_DEPOSIT>;
    type MetadataDepositPerByte = ConstU128<{ MILLI_UNIT / 10 }>;
    type RemoveItemsLimit = ConstU32<1_000>;
    type ReserveData = ();
    type RuntimeEvent = RuntimeEvent;
    type StringLimit = ConstU32<50>;
    type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
}

impl pallet_assets_holder::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
}

/// An asset is listed, and jobs can be priced in it, once it has a rate.
impl pallet_asset_rate::Config for Runtime {
    type AssetKind = AssetId;
    type CreateOrigin = EnsureRoot<AccountId>;
    type Currency = Balances;
    type RemoveOrigin = EnsureRoot<AccountId>;
    type RuntimeEvent = RuntimeEvent;
    type UpdateOrigin = EnsureRoot<AccountId>;
    type WeightInfo = pallet_asset_rate::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
}

/// Lists assets for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
#[derive(Debug)]
pub struct Listing;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_jobs::benchmarking::Endow for Listing {
    fn endow(asset: AssetId, account: &AccountId, amount: Balance) {
        use frame_support::traits::fungibles::Mutate;
        use polkadot_sdk::sp_runtime::FixedU128;
        // Both fail when the asset is there already.
        let _created = crate::Assets::force_create(
            crate::RuntimeOrigin::root(),
            asset,
            account.clone().into(),
            true,
            1,
        );
        let rate = FixedU128::from_u32(1);
        let _listed = crate::AssetRate::create(
            crate::RuntimeOrigin::root(),
            alloc::boxed::Box::new(asset),
            rate,
        );
        let _minted = crate::Assets::mint_into(asset, account, amount);
    }
}
